"""Who acts: a person with a login, or a part of the house itself. Services and row limits take an `Actor`, never a web user."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.models import House, Person, Staff, StaffCommunity, StewardBuilding, Tenure
from app.rules.codes import Role, TenureRole


@dataclass(frozen=True)
class Actor:
    """Somebody who does something, with all that row limits (D15) ask about them.

    `house_ids` are the houses of today's tenures; `owned_since` gives for each owned one the instant the ownership began.
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
    staff = session.execute(select(Staff.id, Staff.department_id).where(Staff.user_id == user.id)).first()
    common = (user.id, user.username, display_name(user), frozenset(role.name for role in user.roles))
    if staff:
        return Actor(
            *common,
            staff_id=staff.id,
            department_id=staff.department_id,
            community_ids=_communities(session, staff.id),
            building_ids=_buildings(session, staff.id, today),
        )
    person_id = session.scalar(select(Person.id).where(Person.user_id == user.id))
    if person_id is None:
        return Actor(*common)
    tenures = session.execute(
        select(Tenure.house_id, Tenure.role, Tenure.starts_on, House.community_id)
        .join(House)
        .where(Tenure.person_id == person_id, *_valid_on(Tenure, today))
    ).all()
    return Actor(
        *common,
        person_id=person_id,
        community_ids=frozenset(row.community_id for row in tenures),
        house_ids=frozenset(row.house_id for row in tenures),
        owned_since=frozenset(
            (row.house_id, datetime.combine(row.starts_on, time(), zone))
            for row in tenures
            if row.role == TenureRole.OWNER
        ),
    )


def display_name(user: User) -> str:
    """A name as its language writes it: 张伟, but Wei Zhang."""
    names = (user.last_name or "", user.first_name or "")
    if any(part and not part.isascii() for part in names):
        return "".join(names)
    return " ".join(part for part in reversed(names) if part)


def _communities(session: Session, staff_id: int) -> frozenset[int]:
    return frozenset(session.scalars(select(StaffCommunity.community_id).where(StaffCommunity.staff_id == staff_id)))


def _buildings(session: Session, staff_id: int, today: date) -> frozenset[int]:
    return frozenset(
        session.scalars(
            select(StewardBuilding.building_id).where(
                StewardBuilding.staff_id == staff_id, *_valid_on(StewardBuilding, today)
            )
        )
    )


def _valid_on(table: type[Tenure] | type[StewardBuilding], day: date) -> tuple[ColumnElement[bool], ...]:
    return (table.starts_on <= day, or_(table.ends_on.is_(None), table.ends_on >= day))
