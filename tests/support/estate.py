"""A small estate for tests of pages and REST: two communities, a login of every role, one ticket each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask_appbuilder.security.sqla.models import Role as RoleRow
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from app.models import (
    Bill,
    Building,
    Call,
    CallTicket,
    Community,
    Department,
    FeeItem,
    House,
    Message,
    Person,
    PersonPhone,
    Phone,
    Report,
    ReturnVisit,
    Staff,
    StaffCommunity,
    StewardBuilding,
    Tenure,
    Ticket,
    Unit,
)
from app.rules.codes import Role
from app.services.actors import Actor
from app.services.tickets import open_ticket
from tests.support.client import DEMO_PASSWORD

CHEAP_HASH = generate_password_hash(DEMO_PASSWORD, method="pbkdf2:sha256:1")


@dataclass
class Estate:
    """What was made, by id: ids stay true after the session is gone."""

    home: int = 0
    other: int = 0
    houses: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    tickets: dict[str, int] = field(default_factory=dict)
    staff: dict[str, int] = field(default_factory=dict)
    bills: dict[str, int] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)


def build_estate(session: Session, now: datetime) -> Estate:
    """`home` is 阳光花园 with buildings 1 (the steward's) and 2; `other` is 月亮湾, nobody's here.

    Houses: own (owner 张三), next (same building, 李四), far (building 2, 王五), foreign (other community, 赵六).
    A ticket, a call and a bill of each house; logins are named like their role, with the tests' password.
    """
    made = Estate()
    home = _community(session, "sunshine", "阳光花园")
    other = _community(session, "moon", "月亮湾")
    made.home, made.other = home.id, other.id
    first, second = _building(session, home, "1"), _building(session, home, "2")
    away = _building(session, other, "1")
    for key, building, number in (("own", first, "101"), ("next", first, "102"), ("far", second, "101")):
        made.houses[key] = _house(session, building, number)
    made.houses["foreign"] = _house(session, away, "101")
    names = {"own": "张三", "next": "李四", "far": "王五", "foreign": "赵六"}
    for order, (key, name) in enumerate(names.items()):
        made.people[key] = _person(session, name, f"+861390000000{order}", made.houses[key], now)
    _staff_logins(session, made, home, first)
    _household_logins(session, made)
    session.flush()
    for key, house_id in made.houses.items():
        _records(session, made, key, house_id, now)
    session.flush()
    return made


def _community(session: Session, code: str, name: str) -> Community:
    community = Community(code=code, name=name, name_en=code.title(), address=f"{name}路1号")
    session.add(community)
    session.flush()
    return community


def _building(session: Session, community: Community, number: str) -> Building:
    building = Building(community_id=community.id, number=number, name=f"{number}幢", position=int(number))
    session.add(building)
    session.flush()
    session.add(Unit(building_id=building.id, number="1", name="1单元"))
    session.flush()
    return building


def _house(session: Session, building: Building, number: str) -> int:
    unit = session.scalars(select(Unit).where(Unit.building_id == building.id)).one()
    house = House(
        community_id=building.community_id,
        building_id=building.id,
        unit_id=unit.id,
        number=number,
        name=f"{building.name}1单元{number}",
        floor=1,
        area_m2=Decimal("89.50"),
        state="occupied",
    )
    session.add(house)
    session.flush()
    return house.id


def _person(session: Session, name: str, number: str, house_id: int, now: datetime) -> int:
    person = Person(name=name, email=None)
    phone = Phone(number=number)
    session.add_all([person, phone])
    session.flush()
    session.add(PersonPhone(person_id=person.id, phone_id=phone.id))
    since = now.date() - timedelta(days=400)
    session.add(Tenure(person_id=person.id, house_id=house_id, role="owner", starts_on=since))
    session.flush()
    return person.id


def login(session: Session, username: str, role: str) -> User:
    """A login with one role; cheap to hash."""
    row = session.scalars(select(RoleRow).where(RoleRow.name == role)).one()
    user = User(
        username=username,
        first_name=username,
        last_name="",
        email=f"{username}@example.org",
        password=CHEAP_HASH,
        active=True,
        roles=[row],
    )
    session.add(user)
    session.flush()
    return user


def _staff_logins(session: Session, made: Estate, home: Community, first: Building) -> None:
    department = session.scalars(select(Department).order_by(Department.id).limit(1)).one()
    for role in Role:
        if role in (Role.OWNER, Role.RESIDENT):
            continue
        user = login(session, role.value, role.value)
        staff = Staff(name=f"员工{role.value}", user_id=user.id, role=role.value, department_id=department.id)
        session.add(staff)
        session.flush()
        made.staff[role.value] = staff.id
        if role not in (Role.ADMIN, Role.QUALITY):
            session.add(StaffCommunity(staff_id=staff.id, community_id=home.id))
    session.add(
        StewardBuilding(
            staff_id=made.staff["steward"],
            building_id=first.id,
            community_id=home.id,
            starts_on=date(2020, 1, 1),
        )
    )


def _household_logins(session: Session, made: Estate) -> None:
    session.get_one(Person, made.people["own"]).user_id = login(session, "owner", "owner").id
    session.get_one(Person, made.people["foreign"]).user_id = login(session, "stranger", "owner").id
    tenant = _person(session, "租客", "+8613900000009", made.houses["own"], datetime(2026, 1, 1))  # noqa: DTZ001
    session.scalars(select(Tenure).where(Tenure.person_id == tenant)).one().role = "tenant"
    session.get_one(Person, tenant).user_id = login(session, "resident", "resident").id
    made.people["tenant"] = tenant


def _records(session: Session, made: Estate, key: str, house_id: int, now: datetime) -> None:
    house = session.get_one(House, house_id)
    person = session.get_one(Person, made.people[key])
    ticket = open_ticket(
        session,
        community=session.get_one(Community, house.community_id),
        kind="repair",
        channel="desk",
        category_code="water",
        title=f"{key} 水管漏水",
        description="厨房水管漏水",
        house=house,
        reporter_person=person,
        reporter_phone=f"+8613900000{made.people[key]:03d}",
        actor=Actor.system("tests"),
        now=now,
    )
    made.tickets[key] = ticket.id
    call = Call(
        provider_sid=f"CA{key}",
        from_number="+8613900000000",
        to_number="+862160000000",
        community_id=house.community_id,
        status="completed",
        outcome="ticket",
        started_at=now,
        house_id=house_id,
    )
    session.add(call)
    session.flush()
    made.calls[key] = call.id
    session.add(CallTicket(call_id=call.id, ticket_id=ticket.id))
    session.add_all(_papers(session, house, person, ticket, key, now))
    session.flush()
    made.bills[key] = session.scalars(select(Bill.id).where(Bill.house_id == house_id)).one()


def _papers(session: Session, house: House, person: Person, ticket: Ticket, key: str, now: datetime) -> list[Any]:
    item = session.scalars(select(FeeItem).where(FeeItem.community_id == house.community_id)).first()
    rows: list[Any] = []
    if item is None:
        item = FeeItem(
            community_id=house.community_id,
            code="property",
            name="物业费",
            name_en="Property fee",
            basis="per_m2_month",
            rate=Decimal("2.80"),
            valid_from=date(2020, 1, 1),
        )
        session.add(item)
        session.flush()
        rows.append(Report(community_id=house.community_id, month="2026-02", drafted_at=now))
    bill = Bill(
        community_id=house.community_id,
        house_id=house.id,
        fee_item_id=item.id,
        payer_id=person.id,
        period="2026-02",
        quantity=house.area_m2,
        rate=item.rate,
        amount=Decimal("250.60"),
        issued_on=date(2026, 2, 1),
        due_on=date(2026, 2, 28),
    )
    message = Message(
        key=f"test:{key}",
        channel="sms",
        to="+8613900000000",
        purpose="receipt",
        body="工单已受理",
        community_id=house.community_id,
        ticket_id=ticket.id,
        created_at=now,
    )
    visit = ReturnVisit(ticket_id=ticket.id, due_on=now.date())
    return [*rows, bill, message, visit]
