"""A small community with three months of records, written straight into the tables: for reports without the demo data."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import (
    Bill,
    Building,
    Call,
    Category,
    Clock,
    Community,
    EscalationAttempt,
    FeeItem,
    HotlineNumber,
    House,
    Ladder,
    Person,
    PersonPhone,
    Phone,
    ReturnVisit,
    Staff,
    StaffCommunity,
    StewardBuilding,
    Tenure,
    Ticket,
    Unit,
)
from app.services.actors import Actor

NOW = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)
MONTHS = ("2026-08", "2026-09", "2026-10")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏"
GIVEN = ("伟", "娜", "志强", "秀英", "建国", "晓明", "丽华", "高明", "文静", "永康", "海燕", "国庆")


@dataclass
class World:
    """What tests speak of."""

    community: Community
    people: list[Person] = field(default_factory=list)
    houses: list[House] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)

    def actor(self, role: str, name: str = "") -> Actor:
        """Somebody of this community's staff."""
        names = {"supervisor": "周晓岚", "manager": "吴国栋"}
        return Actor(
            user_id=None,
            username=role,
            display_name=name or names.get(role, role),
            roles=frozenset({role}),
            community_ids=frozenset({self.community.id}),
        )


def make_world(session: Session, seed: int = 7) -> World:
    """Write it all. Flushes, does not commit."""
    dice = random.Random(seed)
    community = Community(code="testhof", name="测试花园", name_en="Test Garden", desk_phone="+862160000009")
    session.add(community)
    session.flush()
    session.add(HotlineNumber(number="+862169990000", community_id=community.id))
    world = World(community)
    buildings = [_building(session, world, number, dice) for number in (1, 2, 3)]
    _stewards(session, community, buildings)
    categories = _categories(session)
    fee = FeeItem(
        community_id=community.id, code="property", name="物业服务费", name_en="Property fee", basis="per_m2_month",
        rate=Decimal("2.80"), valid_from=date(2020, 1, 1),
    )  # fmt: skip
    session.add(fee)
    session.flush()
    number = 70_000_000
    for month in MONTHS:
        for _ in range(60):
            number += 1
            _ticket(session, world, dice, month, str(number), categories)
        for count in range(40):
            _call(session, world, dice, month, count)
        _bills(session, world, dice, month, fee)
    session.flush()
    return world


def _building(session: Session, world: World, number: int, dice: random.Random) -> Building:
    community = world.community
    building = Building(community_id=community.id, number=str(number), name=f"{number}幢", position=number)
    session.add(building)
    session.flush()
    unit = Unit(building_id=building.id, number="1", name="1单元")
    session.add(unit)
    session.flush()
    for place in range(12):
        room = f"{place // 4 + 1}0{place % 4 + 1}"
        house = House(
            community_id=community.id, building_id=building.id, unit_id=unit.id, number=room,
            name=f"{number}幢1单元{room}", area_m2=Decimal("89.50"), state=dice.choice(("occupied", "let", "vacant")),
        )  # fmt: skip
        session.add(house)
        session.flush()
        world.houses.append(house)
        _household(session, world, house, dice)
    return building


def _household(session: Session, world: World, house: House, dice: random.Random) -> None:
    place = len(world.people)
    person = Person(
        name=dice.choice(SURNAMES) + dice.choice(GIVEN),
        email=f"owner{place}@example.org" if place % 3 else None,
        locale="en" if place % 10 == 1 else "zh",
        wants_report_by_email=place % 7 != 6,
    )
    phone = Phone(number=f"+86139777{place:05d}")
    session.add_all([person, phone])
    session.flush()
    session.add(PersonPhone(person_id=person.id, phone_id=phone.id, is_primary=True))
    session.add(Tenure(person_id=person.id, house_id=house.id, role="owner", starts_on=date(2020, 1, 1)))
    world.people.append(person)
    world.phones.append(phone.number)


def _stewards(session: Session, community: Community, buildings: list[Building]) -> None:
    for name, number, mine in (("钱喆", "+8613666000001", buildings[:2]), ("孙𬱖", "+8613666000002", buildings[2:])):
        staff = Staff(name=name, role="steward", number=number, promise="有事请找我。")
        staff.community_links.append(StaffCommunity(community_id=community.id))
        session.add(staff)
        session.flush()
        for building in mine:
            session.add(
                StewardBuilding(
                    staff_id=staff.id, building_id=building.id, community_id=community.id, starts_on=date(2020, 1, 1)
                )
            )
    for name, role in (("周晓岚", "supervisor"), ("吴国栋", "manager")):
        staff = Staff(name=name, role=role, email=f"{role}@example.org")
        staff.community_links.append(StaffCommunity(community_id=community.id))
        session.add(staff)


def _categories(session: Session) -> list[Category]:
    found = list(session.scalars(select(Category).order_by(Category.id).limit(5)))
    if not found:
        found = [Category(code=code, name=name, name_en=code) for code, name in (("water", "给水"), ("noise", "噪音"))]
        session.add_all(found)
        session.flush()
    return found


def _moment(dice: random.Random, month: str) -> datetime:
    """An instant inside the local month, its first and last hour included."""
    start = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC) - timedelta(hours=8)
    return start + timedelta(minutes=dice.randrange(30 * 24 * 60))


def _ticket(
    session: Session, world: World, dice: random.Random, month: str, number: str, categories: list[Category]
) -> None:
    kind = dice.choices(
        ("repair", "complaint", "consultation", "service", "emergency", "praise"), (50, 14, 20, 8, 5, 3)
    )[0]
    house = dice.choice(world.houses)
    created = _moment(dice, month)
    done = created + timedelta(minutes=dice.randrange(20, 3000)) if dice.random() < 0.9 else None
    ticket = Ticket(
        number=number, community_id=world.community.id, kind=kind, channel=dice.choice(("hotline", "desk", "web")),
        priority="emergency" if kind == "emergency" else dice.choice(("urgent", "normal", "low")),
        state="closed" if done else "in_progress", category_id=dice.choice(categories).id,
        title=f"{world.people[0].name}家漏水 秘密{number}", description=f"请联系{world.phones[0]}，{house.name} 机密文字",
        house_id=house.id, building_id=house.building_id, created_at=created, done_at=done,
        validity=dice.choice(("valid", "assistance", "invalid", None)) if kind == "complaint" else None,
        counts_in_figures=dice.random() < 0.95, replied_at=created + timedelta(minutes=40) if kind == "complaint" else None,
    )  # fmt: skip
    session.add(ticket)
    session.flush()
    _clocks(session, dice, ticket)
    if done and dice.random() < 0.5:
        made = dice.random() < 0.9
        session.add(
            ReturnVisit(
                ticket_id=ticket.id, state="made" if made else "unreachable", due_on=done.date(), way="phone",
                visited_at=done + timedelta(hours=20), score=dice.randint(2, 5) if made else None, note="业户说的话 机密文字",
            )
        )  # fmt: skip
    if kind == "emergency":
        _alarm(session, dice, ticket)


def _clocks(session: Session, dice: random.Random, ticket: Ticket) -> None:
    created = ticket.created_at
    answered = created + timedelta(minutes=dice.randrange(2, 45))
    in_time = answered <= created + timedelta(minutes=30)
    session.add(
        Clock(
            ticket_id=ticket.id, name="first_response", state="met" if in_time else "breached", started_at=created,
            due_at=created + timedelta(minutes=30), met_at=answered,
        )
    )  # fmt: skip
    due = created + timedelta(hours=24)
    state = "running" if ticket.done_at is None else "met" if ticket.done_at <= due else "breached"
    if ticket.kind == "praise":
        state = "cancelled"
    session.add(
        Clock(
            ticket_id=ticket.id, name="done", state=state, started_at=created, due_at=due,
            met_at=ticket.done_at if state == "met" else None,
        )
    )  # fmt: skip


def _alarm(session: Session, dice: random.Random, ticket: Ticket) -> None:
    ladder = Ladder(ticket_id=ticket.id, state="accepted", started_at=ticket.created_at)
    session.add(ladder)
    session.flush()
    seconds = dice.randrange(10, 140)
    late = seconds > 60
    for rung, tier in enumerate(("on_duty", "backup")[: 2 if late else 1]):
        taken = rung == late
        session.add(
            EscalationAttempt(
                ladder_id=ladder.id, ticket_id=ticket.id, round=1, rung=rung, tier=tier, number="+8613666000001",
                state="accepted" if taken else "no_answer", started_at=ticket.created_at,
                deadline_at=ticket.created_at + timedelta(seconds=60),
                accepted_at=ticket.created_at + timedelta(seconds=seconds) if taken else None,
            )
        )  # fmt: skip


def _call(session: Session, world: World, dice: random.Random, month: str, count: int) -> None:
    session.add(
        Call(
            provider_sid=f"CA{month}{count:04d}", from_number=dice.choice(world.phones), community_id=world.community.id,
            to_number="+862169990000", status="completed", outcome=dice.choice(("ticket", "no_matter", "abandoned")),
            started_at=_moment(dice, month), duration_seconds=dice.randrange(20, 200),
        )
    )  # fmt: skip


def _bills(session: Session, world: World, dice: random.Random, month: str, fee: FeeItem) -> None:
    for house, person in zip(world.houses, world.people, strict=True):
        amount = Decimal("250.60")
        paid = amount if dice.random() < 0.85 else Decimal(0)
        session.add(
            Bill(
                community_id=world.community.id, house_id=house.id, fee_item_id=fee.id, payer_id=person.id, period=month,
                quantity=Decimal("89.50"), rate=Decimal("2.80"), amount=amount, paid_yuan=paid,
                state="paid" if paid else "open", issued_on=date(2026, 10, 1), due_on=date(2026, 10, 31),
            )
        )  # fmt: skip
