"""What an administrator does with logins: add one, change its roles, communities and buildings, switch it off (D1, D15)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_appbuilder.security.sqla.models import Role as RoleRow
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import N_, Forbidden, Invalid, NotFound, Refused
from app.models import Building, Community, Department, Person, Staff, StaffCommunity, StewardBuilding
from app.rules.codes import AccessAction, Role
from app.services import audit
from app.services.actors import Actor, display_name
from app.services.login_state import end_all_sessions, require_change
from app.services.ticket_input import clean_text, phone_number
from app.services.users import HOUSEHOLD_ROLES, add_login, check_new_login, hash_password, split_name


@dataclass(frozen=True)
class Wanted:
    """A login as the form says it should be. `password` only of a new one; `person_id` only of a household's."""

    name: str
    email: str
    role_ids: frozenset[int]
    username: str = ""
    password: str = ""
    active: bool = True
    community_ids: frozenset[int] = frozenset()
    building_ids: frozenset[int] = frozenset()
    department_id: int | None = None
    number: str = ""
    person_id: int | None = None


def add_user(session: Session, actor: Actor, wanted: Wanted, now: datetime, today: date) -> User:
    """A new login. Raises Invalid, NotFound or Refused with a sentence; writes nothing then."""
    _only_administrators(actor)
    roles = _roles(session, wanted)
    check_new_login(session, wanted.username, wanted.password, wanted.name, wanted.email)
    person = _free_person(session, wanted.person_id, None) if _is_household(roles) else None
    user = add_login(
        session, wanted.username, wanted.name, wanted.email, roles[0].name, hash_password(wanted.password), now
    )
    user.roles = roles
    require_change(session, user.id)
    if person is not None:
        person.user_id = user.id
    else:
        _keep_staff(session, user, roles, wanted, today)
    subject = f"{user.username}: {_names(roles)}"
    audit.record(session, actor, AccessAction.USER_ADDED, subject, now, kind="user", row_id=user.id)
    return user


def change_user(session: Session, actor: Actor, user_id: int, wanted: Wanted, now: datetime, today: date) -> User:
    """Change a login. Nobody locks himself out, and one administrator always remains."""
    _only_administrators(actor)
    user = session.get(User, user_id)
    if user is None:
        raise NotFound(N_("There is nothing here, or it is not yours to see."))
    roles, before, called = _roles(session, wanted), _names(user.roles), display_name(user)
    if user.id == actor.user_id and (not wanted.active or Role.ADMIN not in {role.name for role in roles}):
        raise Refused(N_("You cannot take your own administrator's role or login away."))
    _check_mail(session, wanted.email, user)
    if user.active and not wanted.active:
        # Switched on again, no old session or token comes back to life.
        end_all_sessions(session, user.id)
    user.last_name, user.first_name = split_name(wanted.name)
    user.email, user.active, user.roles = wanted.email, wanted.active, roles
    staff = session.scalars(select(Staff).where(Staff.user_id == user.id)).first()
    if _is_household(roles):
        if staff is not None:
            raise Refused(N_("This login is a member of staff: give the household a login of its own."))
        _move_person(session, user, wanted.person_id)
    else:
        _move_person(session, user, None)
        _keep_staff(session, user, roles, wanted, today)
    session.flush()
    _one_administrator(session)
    words = before if before == _names(roles) else f"{before} > {_names(roles)}"
    subject = f"{user.username}: {words}{'' if user.active else ' (off)'}"
    renamed = [["name", called, display_name(user)]] if display_name(user) != called else None
    audit.record(session, actor, AccessAction.USER_CHANGED, subject, now, kind="user", row_id=user.id, changes=renamed)
    return user


def switch_off(session: Session, actor: Actor, user_id: int, now: datetime) -> None:
    """End a login that somebody no longer needs; one that is off already stays as it is. Refused for one's own and for the
    last administrator's."""
    _only_administrators(actor)
    user = session.get_one(User, user_id)
    if not user.active:
        return
    if user.id == actor.user_id:
        raise Refused(N_("You cannot take your own administrator's role or login away."))
    user.active = False
    end_all_sessions(session, user.id)
    session.flush()
    _one_administrator(session)
    audit.record(session, actor, AccessAction.USER_CHANGED, f"{user.username} (off)", now, kind="user", row_id=user.id)


def _only_administrators(actor: Actor) -> None:
    if not actor.has(Role.ADMIN):
        raise Forbidden(N_("Your role does not allow this."))


def _names(roles: Iterable[RoleRow]) -> str:
    return ", ".join(sorted(role.name for role in roles))


def _roles(session: Session, wanted: Wanted) -> list[RoleRow]:
    rows = select(RoleRow).where(RoleRow.id.in_(wanted.role_ids), RoleRow.name != "public").order_by(RoleRow.id)
    roles = list(session.scalars(rows))
    if not roles:
        raise Invalid(N_("Choose at least one role."))
    if _is_household(roles) and any(role.name not in HOUSEHOLD_ROLES for role in roles):
        raise Invalid(N_("A login is either a member of staff or a household, not both."))
    return roles


def _is_household(roles: Iterable[RoleRow]) -> bool:
    return any(role.name in HOUSEHOLD_ROLES for role in roles)


def _free_person(session: Session, person_id: int | None, user: User | None) -> Person:
    person = session.get(Person, person_id) if person_id is not None else None
    if person is None:
        raise Invalid(N_("Choose the person of the estate who logs in."))
    if person.user_id is not None and (user is None or person.user_id != user.id):
        raise Refused(N_("This person has a login already."))
    return person


def _move_person(session: Session, user: User, person_id: int | None) -> None:
    """Tie the login to this person of a household, or to none."""
    held = session.scalars(select(Person).where(Person.user_id == user.id)).first()
    person = _free_person(session, person_id, user) if _is_household(user.roles) else None
    if held is not None and held is not person:
        held.user_id = None
        session.flush()
    if person is not None:
        person.user_id = user.id


def _check_mail(session: Session, email: str, user: User) -> None:
    taken = select(func.count()).select_from(User).where(func.lower(User.email) == email.lower(), User.id != user.id)
    if "@" not in email or len(email) > 254 or any(c.isspace() for c in email):
        raise Invalid(N_("%(email)s is no e-mail address."), email=email[:120])
    if session.scalar(taken):
        raise Refused(N_("This login name or e-mail address is taken already."))


def _one_administrator(session: Session) -> None:
    left = select(func.count()).select_from(User).where(User.active, User.roles.any(RoleRow.name == Role.ADMIN))
    if not session.scalar(left):
        raise Refused(N_("One administrator must remain who can log in."))


# ---- the member of staff behind the login ----------------------------------------------------------------------------


def _keep_staff(session: Session, user: User, roles: list[RoleRow], wanted: Wanted, today: date) -> None:
    staff = session.scalars(select(Staff).where(Staff.user_id == user.id)).first()
    if staff is None:
        staff = Staff(user_id=user.id, role="", name="")
        session.add(staff)
    staff.name = clean_text(wanted.name, 80, lines=False)
    staff.role = _main_role(roles)
    staff.email, staff.number = wanted.email, phone_number(wanted.number)
    staff.department_id = _known(session, Department, wanted.department_id)
    session.flush()
    _keep_communities(session, staff, wanted)
    _keep_buildings(session, staff, wanted, today)


def _main_role(roles: list[RoleRow]) -> str:
    """The post's role: the first of D1's; of an own role its name."""
    names = {role.name for role in roles}
    return next((role.value for role in Role if role in names), roles[0].name[:20])


def _known(session: Session, model: type[Department], row_id: int | None) -> int | None:
    return row_id if row_id is not None and session.get(model, row_id) is not None else None


def _keep_communities(session: Session, staff: Staff, wanted: Wanted) -> None:
    known = set(session.scalars(select(Community.id).where(Community.id.in_(wanted.community_ids))))
    held = {link.community_id: link for link in staff.community_links}
    for community_id in sorted(known - held.keys()):
        staff.community_links.append(StaffCommunity(community_id=community_id))
    for community_id in held.keys() - known:
        staff.community_links.remove(held[community_id])
    session.flush()


def _keep_buildings(session: Session, staff: Staff, wanted: Wanted, today: date) -> None:
    """From today on; who was responsible before stays on record."""
    inside = select(Building).where(
        Building.id.in_(wanted.building_ids), Building.community_id.in_(wanted.community_ids)
    )
    known = {building.id: building for building in session.scalars(inside)}
    held = {
        link.building_id: link
        for link in session.scalars(select(StewardBuilding).where(StewardBuilding.staff_id == staff.id))
        if link.ends_on is None or link.ends_on >= today
    }
    for building_id in sorted(known.keys() - held.keys()):
        community_id = known[building_id].community_id
        link = StewardBuilding(staff_id=staff.id, building_id=building_id, community_id=community_id, starts_on=today)
        session.add(link)
    for building_id in held.keys() - known.keys():
        link = held[building_id]
        if link.starts_on >= today:
            session.delete(link)
        else:
            link.ends_on = today - timedelta(days=1)
    session.flush()
