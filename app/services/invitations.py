"""One-time codes (D1): the first log-in of a household; `password_resets` sends them for a forgotten password.

A code is twelve characters, typed in at `/welcome` or followed as a link. Only its keyed digest is stored; the outbox holds a
placeholder that is filled in as the message leaves, so neither the database nor a backup of it lets anybody in.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from flask_appbuilder.security.sqla.models import User
from flask_babel import force_locale, gettext
from sqlalchemy import CursorResult, func, or_, select, update
from sqlalchemy.orm import Session

from app.errors import N_, Forbidden, Invalid, NotFound, Refused
from app.models import House, Invitation, Person, PersonPhone, Phone, Tenure
from app.rules.codes import AccessAction, MessageChannel, Role, TenureRole
from app.services.access import rows
from app.services.actors import Actor
from app.services.audit import record
from app.services.keyed import code_of, digest, fresh_nonce, grouped, tidy_code
from app.services.login_audit import note
from app.services.outbox import enqueue, mail_address, sms_number
from app.services.policies import figure
from app.services.users import add_login, check_password, check_username, hash_password

INVITERS = (Role.ADMIN, Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT)
ONE_TIME = ("invitation", "password_reset")
"""Purposes of messages whose code is filled in as they leave."""

NO_MAIL = "linli.invalid"
"""The host of the address FAB demands of a login that has none."""

_PLACEHOLDER = re.compile(r"\{code:(\d{1,12})\}")


def invite(session: Session, actor: Actor, person_id: int, now: datetime, *, letter: bool = False) -> Invitation:
    """Invite a person of one's own rows: by SMS, by e-mail where there is no mobile, or by a letter that is printed.

    An earlier open invitation is taken back. Raises Refused when there is nobody to invite or no way to reach them.
    """
    if not (actor.is_system or actor.has(*INVITERS)):
        raise Forbidden(N_("Your role does not allow this."))
    person = session.scalars(select(Person).where(Person.id == person_id, rows(actor, Person))).first()
    if person is None:
        raise NotFound(N_("There is nothing here, or it is not yours to see."))
    if person.user_id is not None:
        raise Refused(N_("This person has a login already."))
    role_of(session, person.id, now)
    number, mail = mobile_of(session, person.id), mail_address(person.email)
    way = "letter" if letter else "sms" if number else "email" if mail else ""
    if not way:
        raise Refused(N_("There is neither a mobile number nor an e-mail address on file: print a letter instead."))
    revoke_open(session, now, person_id=person.id)
    span = timedelta(days=figure(session, "invitation.days"))
    made = issue(session, "invitation", way, now, span, person_id=person.id, created_by_id=actor.user_id)
    if way != "letter":
        send_code(session, made, number if way == "sms" else mail, person.locale, person_id=person.id)
    record(session, actor, AccessAction.INVITED, person.name, now, kind="person", row_id=person.id)
    return made


def people_to_invite(session: Session, actor: Actor, building_id: int, now: datetime) -> list[tuple[Person, str, str]]:
    """(person, house, way) of a building's households without a login: `sms`, `email`, or `letter` where only that is left."""
    today = _today(now)
    found = session.execute(
        select(Person, func.min(House.name))
        .join(Tenure, Tenure.person_id == Person.id)
        .join(House, House.id == Tenure.house_id)
        .where(House.building_id == building_id, Person.user_id.is_(None), rows(actor, Person))
        .where(Tenure.role != TenureRole.AGENT, Tenure.starts_on <= today)
        .where(or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today))
        .group_by(Person.id)
        .order_by(func.min(House.id), Person.id)
    ).all()
    mobiles = _mobiles(session, [row[0].id for row in found])
    return [
        (person, house, "sms" if person.id in mobiles else "email" if mail_address(person.email) else "letter")
        for person, house in found
    ]


def latest_of(session: Session, person_id: int) -> Invitation | None:
    """The newest invitation of a person."""
    newest = select(Invitation).where(Invitation.person_id == person_id, Invitation.purpose == "invitation")
    return session.scalars(newest.order_by(Invitation.id.desc()).limit(1)).first()


def state_of_invitation(made: Invitation, now: datetime) -> str:
    """`used`, `revoked`, `expired` or `open`."""
    if made.used_at:
        return "used"
    if made.revoked_at:
        return "revoked"
    return "expired" if made.expires_at <= now else "open"


def code_for(made: Invitation) -> str:
    """The code in clear, as it is printed."""
    return grouped(code_of("invitation", made.nonce))


def find(session: Session, typed: str, now: datetime) -> Invitation | None:
    """The open invitation or reset with this code; None for every other."""
    code = tidy_code(typed[:64])
    made = session.scalars(select(Invitation).where(Invitation.digest == digest("code", code))).first()
    return made if made is not None and state_of_invitation(made, now) == "open" else None


def revoke_open(session: Session, now: datetime, *, person_id: int | None = None, user_id: int | None = None) -> int:
    """Take back whatever is still open for a person or a login."""
    whom = Invitation.person_id == person_id if person_id is not None else Invitation.user_id == user_id
    still = (whom, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
    return _rowcount(session, update(Invitation).where(*still).values(revoked_at=now))


def accept_invitation(session: Session, made: Invitation, username: str, password: str, now: datetime) -> User:
    """Make the login of an invited person. Raises Invalid or Refused with a sentence; used up only when it succeeds."""
    person = session.get_one(Person, made.person_id)
    if person.user_id is not None:
        raise Refused(N_("This person has a login already."))
    role = role_of(session, person.id, now)
    check_username(session, username)
    numbers = session.scalars(select(Phone.number).join(PersonPhone).where(PersonPhone.person_id == person.id)).all()
    check_password(password, (username, person.name, person.email or "", *numbers))
    use_up(session, made, now)
    mail = f"person-{person.id}@{NO_MAIL}"
    if person.email and not session.scalar(select(User.id).where(func.lower(User.email) == person.email.lower())):
        mail = person.email
    user = add_login(session, username, person.name, mail, role, hash_password(password), now)
    person.user_id = user.id
    note(session, user, AccessAction.INVITATION_USED, now)
    session.flush()
    return user


def role_of(session: Session, person_id: int, now: datetime) -> Role:
    """What a person logs in as: an owner who owns today, else a resident. Raises Refused for somebody who lives nowhere here."""
    today = _today(now)
    open_ended = or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today)
    roles = set(
        session.scalars(select(Tenure.role).where(Tenure.person_id == person_id, Tenure.starts_on <= today, open_ended))
    )
    if TenureRole.OWNER in roles:
        return Role.OWNER
    if roles & {TenureRole.TENANT, TenureRole.FAMILY}:
        return Role.RESIDENT
    raise Refused(N_("This person has no home here at present: nobody to invite."))


def mobile_of(session: Session, person_id: int) -> str | None:
    """The mobile number a person is reached on by SMS, the main one first."""
    return _mobiles(session, [person_id]).get(person_id)


def filled(session: Session, text: str) -> str:
    """A message's text with its code, at the moment it leaves the house."""

    def code(found: re.Match[str]) -> str:
        nonce = session.scalar(select(Invitation.nonce).where(Invitation.id == int(found[1])))
        return grouped(code_of("invitation", nonce)) if nonce else ""

    return _PLACEHOLDER.sub(code, text)


def issue(
    session: Session,
    purpose: str,
    way: str,
    now: datetime,
    span: timedelta,
    *,
    person_id: int | None = None,
    user_id: int | None = None,
    created_by_id: int | None = None,
) -> Invitation:
    """A new code for a person or a login."""
    nonce = fresh_nonce()
    made = Invitation(
        purpose=purpose,
        way=way,
        person_id=person_id,
        user_id=user_id,
        nonce=nonce,
        digest=digest("code", code_of("invitation", nonce)),
        created_at=now,
        created_by_id=created_by_id,
        expires_at=now + span,
    )
    session.add(made)
    session.flush()
    return made


def send_code(
    session: Session,
    made: Invitation,
    to: str | None,
    locale: str,
    *,
    person_id: int | None = None,
    username: str = "",
) -> None:
    """Write the message with the code's place; the code itself comes in as it leaves."""
    base = current_app.extensions["settings"].public_base_url
    place = f"{{code:{made.id}}}"
    with force_locale("en" if locale == "en" else "zh"):
        if made.purpose == "invitation":
            subject = gettext("Your access to the service centre")
            body = gettext(
                "The service centre invites you to its owners' pages: open %(link)s or enter the code %(code)s at %(page)s. "
                "Valid until %(day)s, once. Never pass it on.",
                link=f"{base}/welcome/{place}",
                code=place,
                page=f"{base}/welcome",
                day=f"{made.expires_at.astimezone(_zone()):%Y-%m-%d}",
            )
        else:
            subject = gettext("New password")
            body = gettext(
                "New password for %(name)s: open %(link)s or enter the code %(code)s at %(page)s. "
                "Valid for %(minutes)d minutes, once. If you did not ask for it, do nothing.",
                name=username,
                link=f"{base}/welcome/{place}",
                code=place,
                page=f"{base}/welcome",
                minutes=round((made.expires_at - made.created_at).total_seconds() / 60),
            )
    # No community: such a message is nobody's to read but the house's own.
    enqueue(
        session,
        channel=MessageChannel.SMS if made.way == "sms" else MessageChannel.EMAIL,
        to=to,
        purpose="invitation" if made.purpose == "invitation" else "password_reset",
        subject=subject,
        body=body,
        person_id=person_id,
        key=f"code:{made.id}",
        now=made.created_at,
    )


def use_up(session: Session, made: Invitation, now: datetime) -> None:
    """Use a code up: of two at once, one is in."""
    still = (Invitation.id == made.id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
    if _rowcount(session, update(Invitation).where(*still, Invitation.expires_at > now).values(used_at=now)) != 1:
        raise Invalid(N_("This code is used, taken back or too old. Ask for a new one."))


def _mobiles(session: Session, person_ids: list[int]) -> dict[int, str]:
    """The number for text messages of each person; of several the main one. Landlines and stopped ones are left out."""
    found = session.execute(
        select(PersonPhone.person_id, Phone.number)
        .join(Phone, Phone.id == PersonPhone.phone_id)
        .where(PersonPhone.person_id.in_(person_ids), Phone.sms_stopped_at.is_(None))
        .order_by(PersonPhone.is_primary, PersonPhone.id.desc())
    )
    return {person_id: number for person_id, number in found if sms_number(number)}


def _zone() -> ZoneInfo:
    zone: ZoneInfo = current_app.extensions["settings"].timezone
    return zone


def _today(now: datetime) -> date:
    return now.astimezone(_zone()).date()


def _rowcount(session: Session, statement: object) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))  # type: ignore[attr-defined]
    count: int = result.rowcount if isinstance(result, CursorResult) else 0
    session.expire_all()
    return count
