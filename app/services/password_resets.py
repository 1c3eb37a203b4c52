"""A forgotten password: a one-time link to what the house has on file, and nothing told to whoever asked, not even by the time
an answer takes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.models import Invitation, Person, PersonPhone, Phone, Staff
from app.rules.codes import AccessAction
from app.services.invitations import NO_MAIL, issue, mobile_of, revoke_open, send_code, use_up
from app.services.login_audit import note
from app.services.login_limits import unlock_name
from app.services.login_state import store_password
from app.services.outbox import mail_address, sms_number
from app.services.policies import minutes
from app.services.preferences import preferences_of
from app.services.spoken_lines import house_locale
from app.services.users import check_password, hash_password, names_of

_MOST_LOGINS = 3
"""So many logins of one shared telephone are told about a forgotten password."""

_MOST_RESETS = 5
"""So many links for a new password go to one login in 24 hours: nobody's telephone is flooded through us."""

_NOBODY = "+8613000000000"
"""Where a link would go that is never sent."""


def accept_reset(session: Session, made: Invitation, password: str, now: datetime) -> User:
    """Set the new password of somebody who showed the code; ends all sessions and opens a locked name."""
    user = session.get_one(User, made.user_id)
    check_password(password, names_of(user))
    use_up(session, made, now)
    store_password(session, user, hash_password(password), given=False)
    unlock_name(session, user.username)
    note(session, user, AccessAction.PASSWORD_CHANGED, now)
    return user


def request_reset(session: Session, typed: str, now: datetime) -> int:
    """Send a one-time link to whoever this login name, mobile number or e-mail address belongs to. How many were sent;
    the person who asked is told nothing of it: a name that nobody has costs the same work as one that somebody has."""
    found = _logins_of(session, typed.strip()[:120])
    stand_in = session.scalar(select(func.min(User.id)))
    if stand_in is None:
        return 0
    idle = [stand_in] * (_MOST_LOGINS - len(found))
    sent = [_send_one(session, user_id, now, meant=True) for user_id in found]
    return sum(sent) + sum(_send_one(session, user_id, now, meant=False) for user_id in idle)


class _TakenBackError(Exception):
    """Ends a savepoint whose work is not to be kept."""


def _send_one(session: Session, user_id: int, now: datetime, *, meant: bool) -> bool:
    """The whole work for one login; where no link is to go, all of it is taken back."""
    try:
        with session.begin_nested():
            if not _write(session, user_id, now, meant=meant):
                raise _TakenBackError
    except _TakenBackError:
        return False
    return True


def _write(session: Session, user_id: int, now: datetime, *, meant: bool) -> bool:
    """Write the code and its message; says whether they are to be kept."""
    user = session.scalars(select(User).where(User.id == user_id).execution_options(populate_existing=True)).one()
    username = user.username
    number, mail, locale = _reached_at(session, user)
    asked_enough, reached = _asked_enough(session, user_id, now), bool(number or mail)
    revoke_open(session, now, user_id=user_id)
    span = minutes(session, "invitation.reset_minutes")
    if not meant or not reached:
        number = _NOBODY
    if not number:
        # A text message looks at its number's wishes; a mail takes as long.
        session.scalar(select(Phone.sms_stopped_at).where(Phone.number == _NOBODY))
    made = issue(session, "reset", "sms" if number else "email", now, span, user_id=user_id)
    send_code(session, made, number or mail, locale, username=username)
    session.flush()
    return meant and reached and not asked_enough


def _asked_enough(session: Session, user_id: int, now: datetime) -> bool:
    lately = (Invitation.user_id == user_id, Invitation.created_at > now - timedelta(days=1))
    return int(session.scalar(select(func.count()).select_from(Invitation).where(*lately)) or 0) >= _MOST_RESETS


def _logins_of(session: Session, typed: str) -> list[int]:
    """Active logins with this name, e-mail address or telephone number, theirs, their person's or their staff record's."""
    if len(typed) < 2 or "\x00" in typed:
        return []
    low, number = typed.lower(), sms_number(typed)
    mine = [func.lower(User.username) == low, func.lower(User.email) == low]
    mine.append(User.id.in_(select(Person.user_id).where(func.lower(Person.email) == low)))
    mine.append(User.id.in_(select(Staff.user_id).where(func.lower(Staff.email) == low)))
    if number:
        holders = select(PersonPhone.person_id).join(Phone).where(Phone.number == number)
        mine.append(User.id.in_(select(Person.user_id).where(Person.id.in_(holders))))
        mine.append(User.id.in_(select(Staff.user_id).where(Staff.number == number)))
    chosen = select(User.id).where(User.active.is_(True), or_(*mine)).order_by(User.id).limit(_MOST_LOGINS)
    return list(session.scalars(chosen))


def _reached_at(session: Session, user: User) -> tuple[str | None, str | None, str]:
    """(mobile, mail, language) of a login: what the house has on file, never what was typed."""
    staff = session.scalars(select(Staff).where(Staff.user_id == user.id)).first()
    person = session.scalars(select(Person).where(Person.user_id == user.id)).first()
    mobile = mobile_of(session, person.id if person else 0)
    number = sms_number(staff.number) if staff else mobile
    own = user.email if user.email and not user.email.endswith(NO_MAIL) else None
    mail = mail_address(own) or mail_address(person.email if person else None)
    chosen = preferences_of(session, user.id).locale or (person.locale if person else None)
    return number, mail, chosen or house_locale()
