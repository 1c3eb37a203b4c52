"""Arrears on a real database: the statements say what the rule says, parts add up, every number has its houses; the week's list."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from app.models import ArrearsNote, Bill, Building, Community, FeeItem, House, Message, Staff, StewardBuilding, Unit
from app.rules.arrears import NOTHING, Rest, ageing
from app.services import arrears, collection_week, debts, workbench_figures
from app.services.actors import Actor
from app.services.arrears import NONE, Wanted
from tests.support.estate import Estate, build_estate
from tests.support.ledger import carry_over

TODAY = date(2026, 3, 10)
MONDAY = date(2026, 3, 2)


@pytest.fixture
def estate(session: Session, now: datetime) -> Estate:
    """Two buildings with a steward and one without; a hundred houses that owe, or do not, by a fixed seed."""
    made = build_estate(session, now)
    item = session.scalars(select(FeeItem).where(FeeItem.community_id == made.home)).one()
    dice = random.Random(7)
    buildings = session.scalars(select(Building).where(Building.community_id == made.home)).all()
    payer = made.people["own"]
    for building in buildings:
        unit = session.scalars(select(Unit).where(Unit.building_id == building.id)).one()
        for number in range(300, 340):
            house = House(
                community_id=made.home, building_id=building.id, unit_id=unit.id, number=str(number),
                name=f"{building.name}{number}", area_m2=Decimal("80"), state="occupied",
            )  # fmt: skip
            session.add(house)
            session.flush()
            for months in range(dice.randint(0, 5)):
                _bill(session, item, house.id, payer, dice, months)
    other = session.get_one(House, made.houses["far"]).building_id
    newer = Staff(name="新管家", role="steward")
    session.add(newer)
    session.flush()
    for staff, since in ((made.staff["steward"], date(2020, 1, 1)), (newer.id, date(2026, 1, 1))):
        session.add(StewardBuilding(staff_id=staff, building_id=other, community_id=made.home, starts_on=since))
    session.commit()
    return made


def _bill(session: Session, item: FeeItem, house_id: int, payer: int, dice: random.Random, months: int) -> None:
    amount = Decimal(dice.randint(1, 99999)).scaleb(-2)
    state = dice.choice(["open", "open", "part_paid", "paid", "cancelled"])
    paid = {"paid": amount, "part_paid": (amount / 2).quantize(Decimal("0.01"))}.get(state, NOTHING)
    paid_at = datetime.fromisoformat("2026-03-01T12:00+08:00") + timedelta(days=dice.randint(-3, 9)) if paid else None
    due = TODAY - timedelta(days=dice.choice([-5, 0, 1, 29, 30, 31, 90, 91, 180, 181, 365, 366, 900]))
    bill = Bill(
        community_id=item.community_id, house_id=house_id, fee_item_id=item.id, payer_id=payer,
        period=f"{2020 + months}-01", quantity=1, rate=1, amount=amount, paid_yuan=paid, state=state, paid_at=paid_at,
        issued_on=due, due_on=due,
    )  # fmt: skip
    session.add(bill)
    carry_over(session, bill)


def owed(session: Session, community_id: int) -> list[Bill]:
    """By hand: what is open or paid in part, and its due day has passed."""
    found = session.scalars(select(Bill).where(Bill.community_id == community_id)).all()
    return [bill for bill in found if bill.state in ("open", "part_paid") and bill.due_on < TODAY]


def test_the_statement_ages_as_the_rule_does_and_the_parts_are_the_whole(session: Session, estate: Estate) -> None:
    found = arrears.overview(session, true(), estate.home, TODAY)
    bills = owed(session, estate.home)
    rests = [Rest(bill.amount - bill.paid_yuan, bill.due_on) for bill in bills]
    assert tuple(found.all.parts) == ageing(rests, TODAY, found.ages)
    assert found.all.total == sum(found.all.parts, NOTHING) == sum((rest.yuan for rest in rests), NOTHING)
    assert (found.all.bills, found.all.houses) == (len(bills), len({bill.house_id for bill in bills}))
    assert all(part > 0 for part in found.all.parts), "every age is there to be told apart"
    for parts in (found.stewards, found.reasons):
        assert sum((one.total for _who, one in parts), NOTHING) == found.all.total
        assert sum(one.houses for _who, one in parts) == found.all.houses
        for place in range(len(found.ages)):
            assert sum((one.parts[place] for _who, one in parts), NOTHING) == found.all.parts[place]
            assert sum(one.counts[place] for _who, one in parts) == found.all.counts[place]


def test_of_two_stewards_the_newer_has_the_building_so_that_nothing_counts_twice(
    session: Session, estate: Estate
) -> None:
    names = {who.name if who else None for who, _sum in arrears.overview(session, true(), estate.home, TODAY).stewards}
    assert names == {"员工steward", "新管家"}


def test_every_number_is_as_many_houses_as_its_list_has(session: Session, estate: Estate) -> None:
    some = session.scalars(select(House.id).where(House.number.in_(["301", "302", "303", "304"]))).all()
    for house_id in some:
        note = {"community_id": estate.home, "house_id": house_id, "actor_name": "x", "at": datetime.now().astimezone()}
        session.add(ArrearsNote(reason="refuses", noted_on=date(2020, 1, 1), **note))
        session.flush()
        session.add(ArrearsNote(reason="away", noted_on=TODAY, **note))
    session.flush()
    found = arrears.overview(session, true(), estate.home, TODAY)

    def listed(**wanted: str) -> tuple[int, Decimal, list[arrears.Owing]]:
        total, rows = arrears.listed(session, true(), Wanted(estate.home, **wanted), TODAY, skip=0, most=500)
        assert total == len(rows)
        return total, sum((row.total for row in rows), NOTHING), rows

    assert listed()[:2] == (found.all.houses, found.all.total)
    for place, age in enumerate(found.ages):
        count, _sum, rows = listed(age=age.code)
        assert count == found.all.counts[place]
        assert sum((row.parts[place] for row in rows), NOTHING) == found.all.parts[place]
    for who, one in found.stewards:
        assert listed(steward=str(who.id) if who else NONE)[:2] == (one.houses, one.total)
    for reason, one in found.reasons:
        assert listed(reason=reason or NONE)[:2] == (one.houses, one.total)
    assert {reason for reason, _sum in found.reasons} == {"away", None}
    both = listed(age=found.ages[0].code, steward=str(estate.staff["steward"]))[2]
    assert all(row.steward.name == "员工steward" and row.parts[0] > 0 for row in both)
    assert listed(age="7")[0] == listed(steward="999999")[0] == listed(reason="nonsense")[0] == 0


def test_a_reason_of_older_arrears_is_no_reason_of_these(session: Session, estate: Estate) -> None:
    bill = session.get_one(Bill, estate.bills["own"])
    bill.due_on = TODAY - timedelta(days=10)
    note = {
        "community_id": estate.home,
        "house_id": bill.house_id,
        "actor_name": "x",
        "at": datetime.now().astimezone(),
    }
    session.add(ArrearsNote(reason="away", noted_on=TODAY - timedelta(days=11), **note))
    session.flush()

    def reason() -> str | None:
        rows = arrears.listed(session, House.id == bill.house_id, Wanted(estate.home), TODAY, skip=0, most=9)[1]
        return rows[0].reason

    assert reason() is None
    session.add(ArrearsNote(reason="promised", noted_on=TODAY, **note))
    session.flush()
    assert reason() == "promised"


def test_everybody_who_asks_for_arrears_gets_the_same_sum(session: Session, estate: Estate) -> None:
    """The first page, the telephone, the reminders and the overview ask one place."""
    robot = Actor.system("tests")
    total = arrears.overview(session, true(), estate.home, TODAY).all.total
    everywhere = workbench_figures.owed(session, robot, TODAY)["overdue"].total
    elsewhere = arrears.overview(session, true(), estate.other, TODAY).all.total
    assert total + elsewhere == everywhere
    found = debts.in_arrears(session, Bill.community_id == estate.home, today=TODAY)
    assert sum((debt.total for debt in found), NOTHING) == total
    by_payer = [debts.owed_by(session, estate.home, pk, TODAY).late for pk in {debt.payer_id for debt in found}]
    assert sum(by_payer, NOTHING) == total


# ---- the week --------------------------------------------------------------------------------------------------------
def test_the_week_adds_up_steward_by_steward(session: Session, estate: Estate) -> None:
    found = collection_week.week(session, estate.home, MONDAY, TODAY)
    bills = session.scalars(select(Bill).where(Bill.community_id == estate.home, Bill.paid_at.is_not(None))).all()
    start = datetime.fromisoformat("2026-03-02T00:00+08:00")
    paid = [bill for bill in bills if bill.state != "cancelled" and start <= bill.paid_at < start + timedelta(days=7)]
    assert paid
    assert (found.all.bills, found.all.came_in) == (len(paid), sum((bill.paid_yuan for bill in paid), NOTHING))
    assert found.all.owed == arrears.overview(session, true(), estate.home, TODAY).all.total
    for name in ("bills", "came_in", "houses", "owed", "due", "paid"):
        assert sum(getattr(line, name) for _who, line in found.stewards) == getattr(found.all, name), name
    assert found.period == "2026-02"


@pytest.mark.parametrize(
    ("day", "monday"),
    [(date(2026, 3, 9), MONDAY), (date(2026, 3, 15), MONDAY), (date(2026, 3, 8), date(2026, 2, 23))],
)
def test_the_past_week_is_the_one_before_this_monday(day: date, monday: date) -> None:
    assert collection_week.past_week(day) == monday


def test_the_manager_is_told_each_monday_once_and_a_monday_slept_through_is_made_good(
    session: Session, estate: Estate
) -> None:
    manager = session.get_one(Staff, estate.staff["manager"])
    manager.number = "+8613900139003"
    session.flush()

    def told(day: str) -> int:
        return collection_week.tell_managers(session, datetime.fromisoformat(f"{day}T09:00+08:00"))

    assert told("2026-03-09") == 1
    for day in ("2026-03-09", "2026-03-10", "2026-03-15"):
        told(day)
    bodies = session.scalars(select(Message.body).where(Message.purpose == "arrears_week")).all()
    assert len(bodies) == 1
    assert "2026-03-02" in bodies[0]
    assert "员工steward" in bodies[0]
    assert not any(name in bodies[0] for name in ("张三", "李四", "王五", "1幢"))
    told("2026-03-17")
    assert len(session.scalars(select(Message.id).where(Message.purpose == "arrears_week")).all()) == 2


def test_a_community_without_bills_is_told_nothing(session: Session, estate: Estate) -> None:
    empty = Community(code="empty", name="空园")
    session.add(empty)
    session.flush()
    assert collection_week.week(session, empty.id, MONDAY, TODAY).period == ""
    assert arrears.overview(session, true(), empty.id, TODAY).all.houses == 0
