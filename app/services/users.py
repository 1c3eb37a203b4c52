"""Logins: made by the administrator's command and by the demo data, on FAB's tables."""

import re
from collections.abc import Iterable
from datetime import datetime

from flask import current_app, has_app_context
from flask_appbuilder.security.sqla.models import Role as RoleRow
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from app.errors import N_, Invalid, NotFound, Refused
from app.models import Community, Department, Person, Staff, StaffCommunity
from app.rules.codes import Role
from app.rules.passwords import complaint
from app.services.login_state import require_change
from app.services.ticket_input import clean_text, phone_number

HOUSEHOLD_ROLES = (Role.OWNER, Role.RESIDENT)
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{1,63}")
_MAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,180}\.[^\s@<>]{2,}")


def create_user(
    session: Session,
    *,
    username: str,
    password: str,
    role: str,
    name: str,
    email: str,
    now: datetime,
    communities: Iterable[str] = (),
    department: str | None = None,
    number: str | None = None,
    person_id: int | None = None,
) -> User:
    """A login with one role, whose first password must be changed at the first log-in.

    Staff get their record with communities (codes), a department and the number they answer; an owner or resident is tied
    to the person `person_id`. Raises Invalid, NotFound or Refused; writes nothing then.
    """
    if role not in set(Role):
        raise Invalid(N_("There is no role %(role)s: choose one of %(roles)s."), role=role, roles=", ".join(Role))
    check_new_login(session, username, password, name, email)
    person = _person(session, role, person_id)
    user = add_login(session, username, name, email, role, hash_password(password), now)
    require_change(session, user.id)
    if person is not None:
        person.user_id = user.id
        return user
    staff = Staff(
        name=clean_text(name, 80, lines=False),
        user_id=user.id,
        role=role,
        department_id=_department_id(session, department),
        number=phone_number(number),
        email=email,
    )
    session.add(staff)
    session.flush()
    for code in dict.fromkeys(communities):
        session.add(StaffCommunity(staff_id=staff.id, community_id=community_by_code(session, code).id))
    session.flush()
    return user


def add_login(
    session: Session, username: str, name: str, email: str, role: str, password_hash: str, now: datetime
) -> User:
    """The bare login row with its role; a Chinese name is split into family name and given name."""
    last, first = split_name(name)
    user = User(
        username=username,
        first_name=first,
        last_name=last,
        email=email,
        active=True,
        password=password_hash,
        created_on=now.replace(tzinfo=None),
        changed_on=now.replace(tzinfo=None),
        roles=[role_row(session, role)],
    )
    session.add(user)
    session.flush()
    return user


def split_name(name: str) -> tuple[str, str]:
    """(family name, given name): 张伟 → 张, 伟; Wei Zhang → Zhang, Wei; of a single word the given name is empty."""
    text = clean_text(name, 60, lines=False)
    if not text:
        raise Invalid(N_("A login needs the person's name."))
    if not text.isascii():
        return (text[:1], text[1:])
    first, _, last = text.rpartition(" ")
    return (last, first)


def role_row(session: Session, name: str) -> RoleRow:
    """FAB's row of a role, made when the permissions have not been written yet."""
    row = session.scalars(select(RoleRow).where(RoleRow.name == name)).first()
    if row is None:
        row = RoleRow(name=name)
        session.add(row)
        session.flush()
    return row


def check_password(password: str, names: Iterable[str] = ()) -> None:
    """Raises Invalid with the rule a password breaks, whoever sets it and through whichever door.

    `names` is what belongs to the person: login name, name, e-mail address, telephone number (see `names_of`).
    """
    found = complaint(password, names)
    if found is not None:
        raise Invalid(found[0], **found[1])


def names_of(user: User) -> tuple[str, ...]:
    """What a password of this login must not be made of."""
    first, last = user.first_name or "", user.last_name or ""
    return (user.username, f"{last}{first}", f"{first}{last}", first, last, user.email or "")


def hash_password(password: str) -> str:
    """The hash FAB would make, with the configured method."""
    method = current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt") if has_app_context() else "scrypt"
    return generate_password_hash(password, method=method)


def community_by_code(session: Session, code: str) -> Community:
    """The community with this code. Raises NotFound, naming those there are."""
    row = session.scalars(select(Community).where(Community.code == code)).first()
    if row is None:
        known = ", ".join(session.scalars(select(Community.code).order_by(Community.id).limit(20))) or "-"
        raise NotFound(N_("There is no community %(code)s (there are: %(known)s)."), code=code[:60], known=known)
    return row


def check_username(session: Session, username: str) -> None:
    """Raises Invalid for a name that cannot be one, Refused for one that is taken, in whatever capitals."""
    if not _USERNAME.fullmatch(username):
        raise Invalid(N_("A login name has 2 to 64 letters, digits, dots or hyphens."))
    if session.scalar(select(func.count()).select_from(User).where(func.lower(User.username) == username.lower())):
        raise Refused(N_("This login name is taken already."))


def check_new_login(session: Session, username: str, password: str, name: str, email: str) -> None:
    """Raises Invalid for a name, password or address that cannot be, Refused for one that is taken."""
    if not _USERNAME.fullmatch(username):
        raise Invalid(N_("A login name has 2 to 64 letters, digits, dots or hyphens."))
    if not _MAIL.fullmatch(email):
        raise Invalid(N_("%(email)s is no e-mail address."), email=email[:120])
    check_password(password, (username, name, email))
    taken = or_(func.lower(User.username) == username.lower(), func.lower(User.email) == email.lower())
    if session.scalar(select(func.count()).select_from(User).where(taken)):
        raise Refused(N_("This login name or e-mail address is taken already."))


def _person(session: Session, role: str, person_id: int | None) -> Person | None:
    if role not in HOUSEHOLD_ROLES:
        return None
    person = session.get(Person, person_id) if person_id is not None else None
    if person is None:
        raise Invalid(N_("An owner or resident logs in as a person of the estate: give the person's id."))
    if person.user_id is not None:
        raise Refused(N_("This person has a login already."))
    return person


def _department_id(session: Session, code: str | None) -> int | None:
    if not code:
        return None
    found = session.scalar(select(Department.id).where(Department.code == code))
    if found is None:
        raise NotFound(N_("There is no department %(code)s."), code=code[:60])
    return found
