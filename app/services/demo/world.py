"""What the makers of records share: where rows go, chance, the estate with its people, and the trade's rows by code."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Category, ClockPolicy, Department, TicketNumber
from app.rules.calendars import CalendarBook
from app.services.demo.estate import DemoEstate
from app.services.demo.people import Households
from app.services.demo.staff import Team
from app.services.demo.visiting import Draws
from app.services.demo.writer import Writer

FIRST_NUMBER = 20_000_000
"""Where ticket numbers begin, see `services.numbers`."""


@dataclass(frozen=True)
class CategoryRow:
    """A category as the records need it."""

    id: int
    code: str
    department_id: int | None
    department: str
    department_name: str


@dataclass(frozen=True)
class Opened:
    """A version of an emergency plan, and since when it was in force."""

    id: int
    since: datetime
    content: dict[str, Any]


@dataclass
class World:
    """One community while its records are made. `cutoff` is the instant up to which things have happened."""

    writer: Writer
    random: Random
    zone: ZoneInfo
    today: date
    cutoff: datetime
    estate: DemoEstate
    households: Households
    team: Team
    categories: dict[str, CategoryRow]
    policies: list[ClockPolicy]
    book: CalendarBook
    hotline_number: str
    draws: Draws
    plans: dict[str, list[Opened]] = field(default_factory=dict)

    def chance(self, percent: float) -> bool:
        """True in so many of a hundred cases."""
        return self.random.random() * 100 < percent

    def minutes(self, low: float, high: float) -> timedelta:
        """A span between two numbers of minutes, to the second; short ones are more frequent."""
        share = min(self.random.random(), self.random.random())
        return timedelta(seconds=round((low + (high - low) * share) * 60))

    def department_id(self, code: str) -> int | None:
        """The department of that code, where some category's matters go to it."""
        return next((one.department_id for one in self.categories.values() if one.department == code), None)

    def local(self, instant: datetime) -> datetime:
        """The instant on the community's clock."""
        return instant.astimezone(self.zone)

    def at(self, day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
        """An instant of a local day, in UTC."""
        return datetime.combine(day, time(hour, minute, second), self.zone).astimezone(UTC)

    def in_daytime(self, instant: datetime, opens: int = 9, closes: int = 19) -> datetime:
        """The instant itself when it lies between these local hours, else a moment of the next such morning."""
        local = self.local(instant)
        if opens <= local.hour < closes:
            return instant
        day = local.date() + timedelta(days=local.hour >= closes)
        return self.at(day, opens) + self.minutes(1, 70)

    def reserve_number(self, at: datetime) -> str:
        """The next ticket number."""
        return str(FIRST_NUMBER + self.writer.add(TicketNumber, reserved_at=at))


def read_categories(session: Session) -> dict[str, CategoryRow]:
    """The categories by code."""
    departments = {row.id: row for row in session.execute(select(Department.id, Department.code, Department.name))}
    rows = {}
    for row in session.execute(select(Category.id, Category.code, Category.department_id)):
        department = departments.get(row.department_id)
        rows[row.code] = CategoryRow(
            row.id,
            row.code,
            row.department_id,
            department.code if department else "service",
            department.name if department else "",
        )
    return rows


def read_policies(session: Session) -> list[ClockPolicy]:
    """The clock rules."""
    found = list(session.scalars(select(ClockPolicy).where(ClockPolicy.active).order_by(ClockPolicy.id)))
    for policy in found:
        session.expunge(policy)
    return found
