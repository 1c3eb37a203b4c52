"""A small community for tests of the ticket's life: two buildings, an engineering department, one person per role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import (
    Building,
    Category,
    ClockPolicy,
    Community,
    ComplaintRung,
    Department,
    House,
    Staff,
    StaffCommunity,
    StewardBuilding,
    Ticket,
    Unit,
)
from app.rules.clock_defaults import CLOCK_POLICIES
from app.rules.complaint_path import DEFAULT_RUNGS
from app.services.actors import Actor
from app.services.ticket_verbs import perform
from app.services.tickets import open_ticket
from tests.support.databases import Databases

SYSTEM = Actor.system("hotline")


@dataclass
class SmallEstate:
    """What the tests speak of by name. `staff` and `actors` are keyed by name, `houses` by building."""

    community: Community
    engineering: Department
    service: Department
    houses: dict[int, House]
    staff: dict[str, Staff] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """The actor of a member of staff, as a login would have it."""
        person = self.staff[name]
        return Actor(
            user_id=None,
            username=name,
            display_name=person.name,
            roles=frozenset({person.role}),
            staff_id=person.id,
            community_ids=frozenset({self.community.id}),
        )

    def open(self, session: Session, now: datetime, **given: Any) -> Ticket:
        """A ticket: by default a repair of the water in building 3, called in."""
        facts: dict[str, Any] = {
            "kind": "repair",
            "channel": "hotline",
            "category_code": "water_test",
            "title": "厨房漏水",
            "house": self.houses[3],
            "reporter_phone": "+8613800138001",
        }
        facts.update(given)
        return open_ticket(session, community=self.community, actor=SYSTEM, now=now, **facts)

    def walk(self, session: Session, ticket: Ticket, now: datetime, *verbs: str, by: str = "assistant") -> Ticket:
        """Take plain steps one after the other as one person."""
        for verb in verbs:
            perform(session, ticket, verb, self.actor(by), now, {})
        return ticket


def small_estate(session: Session) -> SmallEstate:
    """Write the community, its clock rules and its staff; nothing here depends on the seeded data."""
    if not session.scalar(select(func.count()).select_from(ClockPolicy)):
        session.add_all(ClockPolicy(**asdict(policy)) for policy in CLOCK_POLICIES)
    if not session.scalar(select(func.count()).select_from(ComplaintRung)):
        rungs = enumerate(DEFAULT_RUNGS, 1)
        session.add_all(ComplaintRung(role=role, position=place, active=active) for place, (role, active) in rungs)
    community = Community(code="testhof", name="测试小区")
    engineering = Department(code="engineering_test", name="工程部")
    service = Department(code="service_test", name="客服部")
    session.add_all([community, engineering, service])
    session.add(Category(code="water_test", name="给水", department=engineering))
    session.add(Category(code="attitude_test", name="服务态度", department=service))
    session.flush()
    houses = {position: _house(session, community, position) for position in (1, 2, 3, 4, 9)}
    estate = SmallEstate(community, engineering, service, houses)
    for name, role, department in (
        ("assistant", "assistant", service),
        ("supervisor", "supervisor", service),
        ("manager", "manager", service),
        ("steward", "steward", service),
        ("tech_a", "technician", engineering),
        ("tech_b", "technician", engineering),
        ("quality", "quality", None),
    ):
        place = len(estate.staff) + 1
        person = Staff(name=f"{name}员", role=role, department=department, number=f"+86139001390{place:02d}")
        person.community_links.append(StaffCommunity(community_id=community.id))
        session.add(person)
        estate.staff[name] = person
    session.flush()
    session.add(
        StewardBuilding(
            staff_id=estate.staff["steward"].id,
            building_id=houses[3].building_id,
            community_id=community.id,
            starts_on=date(2020, 1, 1),
        )
    )
    session.flush()
    return estate


def unsaved_estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    """A small estate for a test that never commits: the database is left as it was, so the next test needs no copy."""
    was_clean = not databases.dirty
    yield small_estate(session)
    session.rollback()
    if was_clean:
        databases.dirty = False


def _house(session: Session, community: Community, position: int) -> House:
    building = Building(community=community, number=str(position), name=f"{position}幢", position=position)
    session.add(building)
    session.flush()
    unit = Unit(building=building, number="1", name="1单元")
    session.add(unit)
    session.flush()
    house = House(
        community_id=community.id,
        building_id=building.id,
        unit_id=unit.id,
        number="101",
        name=f"{position}幢1单元101",
        area_m2=Decimal("90.00"),
        state="occupied",
    )
    session.add(house)
    session.flush()
    return house
