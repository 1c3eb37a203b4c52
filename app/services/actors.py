"""Who acts: a person with a login, or a part of the house itself. Services and row limits take an `Actor`, never a web user."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_appbuilder.security.sqla.models import Role as RoleRow
from flask_appbuilder.security.sqla.models import User, assoc_user_role
from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    ScalarSelect,
    String,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session

from app.models import House, ListView, Person, RoleScope, Staff, StaffCommunity, StewardBuilding, Tenure
from app.rules.codes import Role, TenureRole


@dataclass(frozen=True)
class Actor:
    """Somebody who does something, with all that row limits (D15) ask about them.

    `house_ids` are the houses of today's tenures; `owned_since` gives for each owned one the instant the ownership began;
    `own_scopes` are the row scopes of roles that are an administrator's own; `kept_lists` the lists of which they keep something
    or others share a view with them (None: nobody asked); `today` is the local day it was made for.
    """

    user_id: int | None
    username: str
    display_name: str
    roles: frozenset[str] = frozenset()
    staff_id: int | None = None
    person_id: int | None = None
    department_id: int | None = None
    community_ids: frozenset[int] = frozenset()
    building_ids: frozenset[int] = frozenset()
    house_ids: frozenset[int] = frozenset()
    owned_since: frozenset[tuple[int, datetime]] = frozenset()
    own_scopes: frozenset[str] = frozenset()
    kept_lists: frozenset[str] | None = None
    today: date | None = None
    is_system: bool = field(default=False)

    @classmethod
    def system(cls, name: str) -> "Actor":
        """The house itself: the hotline, a job, a command in the shell. Sees every row."""
        return cls(user_id=None, username=name, display_name=name, is_system=True)

    def has(self, *roles: str) -> bool:
        """Whether the actor has one of these roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def sees_everything(self) -> bool:
        """The house, an administrator or the company's quality department (D15)."""
        return self.is_system or self.has(Role.ADMIN, Role.QUALITY)


def actor_of(session: Session, user: User, now: datetime, zone: ZoneInfo) -> Actor:
    """The actor behind a login: staff with communities and buildings, or a person with the tenures of this day."""
    today = now.astimezone(zone).date()
    row = session.execute(_REACH, {"user_id": user.id, "today": today}).one()
    return actor_from(session, row, today, zone)


def actor_from(session: Session, row: Any, today: date, zone: ZoneInfo) -> Actor:
    """The actor out of a row with `REACH`; one more statement for somebody of a household."""
    common = (row.id, row.username, display_name(row), frozenset(parts(row.roles)))
    further: dict[str, Any] = {
        "own_scopes": frozenset(parts(row.own_scopes)),
        "kept_lists": frozenset(parts(row.kept_lists)),
        "today": today,
    }
    if row.staff_id is not None:
        return Actor(
            *common,
            **further,
            staff_id=row.staff_id,
            department_id=row.department_id,
            community_ids=frozenset(map(int, parts(row.communities))),
            building_ids=frozenset(map(int, parts(row.buildings))),
        )
    if row.person_id is None:
        return Actor(*common, **further)
    further |= _home(session, row.person_id, today, zone)
    return Actor(*common, person_id=row.person_id, **further)


def household_actor(session: Session, person_id: int, now: datetime, zone: ZoneInfo) -> Actor:
    """Somebody of a household with the rows of today's tenures, where no log-in is at hand: a caller whose number is theirs."""
    today = now.astimezone(zone).date()
    roles = frozenset({Role.OWNER.value})
    home = _home(session, person_id, today, zone)
    return Actor(None, "", "", roles=roles, person_id=person_id, today=today, **home)


def _home(session: Session, person_id: int, today: date, zone: ZoneInfo) -> dict[str, Any]:
    tenures = session.execute(_TENURES_OF, {"person_id": person_id, "today": today}).all()
    return {
        "community_ids": frozenset(row.community_id for row in tenures),
        "house_ids": frozenset(row.house_id for row in tenures),
        "owned_since": frozenset(
            (row.house_id, datetime.combine(row.starts_on, time(), zone))
            for row in tenures
            if row.role == TenureRole.OWNER
        ),
    }


def display_name(user: Any) -> str:
    """A name as its language writes it: 张伟, but Wei Zhang."""
    names = (user.last_name or "", user.first_name or "")
    if any(part and not part.isascii() for part in names):
        return "".join(names)
    return " ".join(part for part in reversed(names) if part)


# ---- the statements, put together once -------------------------------------------------------------------------------

_BETWEEN = "\x1f"
"""Stands between the parts of a joined text: no name holds it, forms refuse what cannot be printed."""
_BETWEEN_SQL: Any = literal_column(f"'{_BETWEEN}'")


def joined(value: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ScalarSelect[str]:
    """The values of all rows under the conditions as one text; `parts` takes it apart."""
    return select(func.aggregate_strings(cast(value, String), _BETWEEN_SQL)).where(*conditions).scalar_subquery()


def parts(text: str | None) -> list[str]:
    """The values that `joined` put together."""
    return text.split(_BETWEEN) if text else []


def _valid_on(table: Any, day: ColumnElement[date]) -> tuple[ColumnElement[bool], ...]:
    return (table.starts_on <= day, or_(table.ends_on.is_(None), table.ends_on >= day))


USER_ID = bindparam("user_id", type_=Integer)
_TODAY = bindparam("today", type_=Date)
_USER, _ROLE, _PERSON, _SCOPE = User.__table__, RoleRow.__table__, Person.__table__, RoleScope.__table__
_STAFF, _WORKS_IN, _LOOKS_AFTER = Staff.__table__, StaffCommunity.__table__.c, StewardBuilding.__table__.c
_TENURE, _HOUSE, _LIST = Tenure.__table__, House.__table__, ListView.__table__.c
ROLE_IDS = select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == USER_ID)
ROLE_NAMES = select(_ROLE.c.name).where(_ROLE.c.id.in_(ROLE_IDS))
_OWN_ROLES = select(_ROLE.c.id).where(
    _ROLE.c.id.in_(ROLE_IDS), _ROLE.c.name.not_in([literal_column(f"'{role.value}'") for role in Role])
)

REACH: tuple[ColumnElement[Any], ...] = (
    _USER.c.id,
    _USER.c.username,
    _USER.c.first_name,
    _USER.c.last_name,
    joined(_ROLE.c.name, _ROLE.c.id.in_(ROLE_IDS)).label("roles"),
    joined(_SCOPE.c.scope, _SCOPE.c.role_id.in_(_OWN_ROLES)).label("own_scopes"),
    joined(_LIST.page, or_(_LIST.user_id == USER_ID, _LIST.shared_role.is_not(None))).label("kept_lists"),
    _STAFF.c.id.label("staff_id"),
    _STAFF.c.department_id,
    joined(_WORKS_IN.community_id, _WORKS_IN.staff_id == _STAFF.c.id).label("communities"),
    joined(_LOOKS_AFTER.building_id, _LOOKS_AFTER.staff_id == _STAFF.c.id, *_valid_on(_LOOKS_AFTER, _TODAY)).label(
        "buildings"
    ),
    _PERSON.c.id.label("person_id"),
)
"""What `actor_from` asks about a login, as columns of one row: sets are joined to a text, so that finding out who asks is a
single statement however many roles and buildings somebody has. Parameters: `user_id`, `today`."""

REACH_FROM = _USER.outerjoin(_STAFF, _STAFF.c.user_id == _USER.c.id).outerjoin(_PERSON, _PERSON.c.user_id == _USER.c.id)
_REACH = select(*REACH).select_from(REACH_FROM).where(_USER.c.id == USER_ID)
_TENURES_OF = (
    select(_TENURE.c.house_id, _TENURE.c.role, _TENURE.c.starts_on, _HOUSE.c.community_id)
    .join_from(_TENURE, _HOUSE, _HOUSE.c.id == _TENURE.c.house_id)
    .where(_TENURE.c.person_id == bindparam("person_id", type_=Integer), *_valid_on(_TENURE.c, _TODAY))
)
