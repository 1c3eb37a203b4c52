"""The demo data: exactly what I7 says, the same from the same day, and consistent as if the house itself had written it."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash

from app.adapters.clock import now
from app.models import (
    Bill,
    Building,
    Call,
    Clock,
    ClockDraft,
    Community,
    Complaint,
    DutyShift,
    EscalationAttempt,
    FeeItem,
    HotlineNumber,
    House,
    Model,
    Person,
    Phone,
    Report,
    SpecialEvent,
    Staff,
    StewardBuilding,
    Tenure,
    Ticket,
    TicketCost,
    TicketEntry,
    Unit,
)
from app.rules.clock_replay import replay
from app.rules.codes import OPEN_STATES, ReportState, TicketState
from app.rules.figures import collection_rate, in_time, satisfaction
from app.rules.special_events import hindrances
from app.rules.ticket_costs import standing
from app.services import books, dispute_facts, signed_records, special_report, ticket_costs
from app.services.calendars import read_book
from app.services.clock_drafts import rule_sets
from app.services.clock_histories import lives
from app.services.demo import first_day_of, full_months, load
from app.services.demo.names import STAFF_NAMES
from app.services.demo.people import OWNER_HOUSES
from app.services.demo.year import QUIET_DAYS
from app.services.demo_logins import DEMO_LOGINS, demo_day, put_demo_password
from app.services.reporting.dataset import build_dataset
from app.services.reporting.period import month_of
from app.services.reporting.records import read_month
from app.services.roster import coming_gaps
from app.services.rotations import fill_all
from app.services.special_standing import standing_of
from tests.support.client import DEMO_PASSWORD
from tests.support.clocks import assert_as_their_events_say

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)
NUMBER = "+862160000000"
_BY_MONTH = Bill.fee_item.has(FeeItem.basis != "once")


def load_now(session: Session, at: datetime = NOW, communities: int = 1, tickets: int | None = None) -> None:
    load(session, at, ZONE, NUMBER, communities, tickets, "a password of this test")


@pytest.fixture
def demo(demo_database: None, session: Session) -> Session:
    """The records as `prepare` makes them, of today."""
    return session


def today_of(session: Session) -> date:
    return date.fromisoformat(demo_day(session) or "")


# -- I7, word by word --------------------------------------------------------------------------------------------------


def test_the_estate_is_the_one_of_the_interfaces(demo: Session) -> None:
    community = demo.scalars(select(Community)).one()
    assert (community.code, community.name) == ("sunshine", "阳光花园")
    assert demo.scalars(select(HotlineNumber.number)).all() == [NUMBER]
    assert demo.scalars(select(Building.name).order_by(Building.position)).all() == [f"{n}幢" for n in range(1, 7)]
    assert demo.scalar(select(func.count()).select_from(Unit)) == 12
    names = set(demo.scalars(select(House.name)))
    wanted = {
        f"{b}幢{u}单元{floor}{room:02d}"
        for b in range(1, 7)
        for u in (1, 2)
        for floor in range(1, 19)
        for room in range(1, 5)
    }
    assert names == wanted
    assert len(names) == 864
    fee = demo.scalars(select(FeeItem).where(FeeItem.basis != "once")).one()
    assert (fee.code, fee.basis, fee.rate) == ("property", "per_m2_month", Decimal("2.80"))


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        ("+8613800138001", {("张伟", "3幢2单元1201")}),
        ("+8613800138002", {("李娜", "1幢1单元101"), ("李娜", "5幢1单元302")}),
        ("+8613800138003", {("王芳", "2幢1单元601"), ("王强", "2幢1单元602")}),
    ],
)
def test_the_callers_of_the_interfaces(demo: Session, number: str, wanted: set[tuple[str, str]]) -> None:
    phone = demo.scalars(select(Phone).where(Phone.number == number)).one()
    found = {
        (person.name, tenure.house.name)
        for person in phone.people
        for tenure in person.tenures
        if tenure.role == "owner" and tenure.ends_on is None
    }
    assert found == wanted


def test_one_login_a_role_and_the_owner_is_zhang_wei(demo: Session) -> None:
    users = {user.username: user for user in demo.scalars(select(User)) if user.username in DEMO_LOGINS}
    assert set(users) == set(DEMO_LOGINS)
    assert len(users) == 10
    assert all([role.name for role in user.roles] == [name] for name, user in users.items())
    assert users["owner"].person.name == "张伟"
    assert users["resident"].person.tenures[0].role == "tenant"
    assert check_password_hash(users["steward"].password, DEMO_PASSWORD)


def test_the_demo_password_is_put_on_all_logins_and_hashed_only_when_it_differs(demo: Session) -> None:
    assert not put_demo_password(demo, DEMO_PASSWORD)
    assert put_demo_password(demo, "Another-Password-1")
    users = demo.scalars(select(User).where(User.username.in_(DEMO_LOGINS)))
    assert all(check_password_hash(user.password, "Another-Password-1") for user in users)


def test_who_is_on_duty_now_and_for_weeks(demo: Session) -> None:
    at = now()
    query = select(DutyShift.tier, DutyShift.number).where(DutyShift.starts_at <= at, DutyShift.ends_at > at)
    assert dict(demo.execute(query).tuples().all()) == {
        "on_duty": "+8613900139001",
        "backup": "+8613900139002",
        "manager": "+8613900139003",
    }
    for weeks in (0, 3, 6):
        assert coming_gaps(demo, at + timedelta(weeks=weeks)) == []
    before = demo.execute(select(DutyShift.starts_at, DutyShift.tier, DutyShift.staff_id)).tuples().all()
    filled = fill_all(demo, at)
    assert filled["removed"] == 0, "the rotations want what the demo has"
    after = set(demo.execute(select(DutyShift.starts_at, DutyShift.tier, DutyShift.staff_id)).tuples().all())
    assert set(before) < after
    assert coming_gaps(demo, at + timedelta(weeks=7)) == []
    demo.rollback()


def test_every_building_has_one_steward_and_the_demo_steward_has_building_three(demo: Session) -> None:
    rows = demo.execute(
        select(Building.number, Staff.user_id)
        .join(StewardBuilding, StewardBuilding.building_id == Building.id)
        .join(Staff)
    ).all()
    assert sorted(row[0] for row in rows) == ["1", "2", "3", "4", "5", "6"]
    steward = demo.scalars(select(User.id).where(User.username == "steward")).one()
    assert ("3", steward) in [tuple(row) for row in rows]


# -- the same from the same day ----------------------------------------------------------------------------------------


# Their ids are given by the database, which goes on counting where PostgreSQL rolled back.
COUNTED = {"ab_user", "appraisal", "clock_policy", "setting"}


def names_of_this_database(column: Any) -> bool:
    """Whether the column is, or points at, an id that this database counted."""
    own = column.primary_key and column.table.name in COUNTED
    return own or any(key.column.table.name in COUNTED for key in column.foreign_keys)


def digest(session: Session) -> str:
    """Everything but the logins, whose hashes are this database's own, and the ids it counted."""
    made = hashlib.sha256()
    for table in Model.metadata.sorted_tables:
        if table.name.startswith("ab_") or "id" not in table.c:
            continue
        columns = [column for column in table.c if not names_of_this_database(column)]
        for row in session.execute(select(*columns).order_by(table.c.id)):
            made.update(repr(tuple(row)).encode())
    return made.hexdigest()


@pytest.mark.any_database
def test_the_same_day_gives_the_same_data_at_any_hour(session: Session) -> None:
    digests = []
    for at in (NOW, NOW + timedelta(hours=5)):
        load_now(session, at, tickets=700)
        digests.append(digest(session))
        session.rollback()
    load_now(session, NOW + timedelta(days=1), tickets=700)
    assert digests[0] == digests[1] != digest(session)


def test_the_year_is_the_twelve_full_months_before_this_one() -> None:
    for today in (date(2026, 3, 10), date(2026, 1, 1), date(2024, 2, 29), date(2026, 12, 31)):
        months = full_months(first_day_of(today), today)
        assert len(months) == 12
        assert months[-1] == (today.replace(day=1) - timedelta(days=1)).replace(day=1)
        assert months[0] == date(today.year - 1, today.month, 1)


@pytest.mark.any_database
@pytest.mark.parametrize("at", [datetime(2026, 1, 1, 3, tzinfo=UTC), datetime(2024, 2, 29, 3, tzinfo=UTC)])
def test_awkward_days_load_too(session: Session, at: datetime) -> None:
    load_now(session, at, tickets=400)
    assert session.scalar(select(func.count()).select_from(Bill).where(_BY_MONTH)) == 864 * 12


@pytest.mark.any_database
def test_more_communities_and_so_many_tickets_for_load_tests(session: Session) -> None:
    load_now(session, communities=2, tickets=401)
    made = dict(session.execute(select(Ticket.community_id, func.count()).group_by(Ticket.community_id)).tuples().all())
    assert sum(made.values()) == 401 + 2 * 19
    assert session.scalar(select(func.count()).select_from(House)) == 2 * 864
    assert len(set(session.scalars(select(HotlineNumber.number)))) == 2


# -- believable --------------------------------------------------------------------------------------------------------


def test_every_month_has_its_figures(demo: Session) -> None:
    community_id = demo.scalars(select(Community.id)).one()
    emergencies = 0
    for month in full_months(first_day_of(today_of(demo)), today_of(demo)):
        records = read_month(demo, community_id, month_of(f"{month:%Y-%m}", ZONE))
        assert 100 < len(records.requests) < 300
        assert len(records.calls) > 50
        assert len(records.of_kind("complaint")) >= 4
        rate = in_time(request.clocks for request in records.requests).rate
        assert rate is not None
        assert Decimal("0.88") < rate < 1
        scores = [visit.score for visit in records.visits if visit.score is not None]
        assert Decimal("0.75") < (satisfaction(scores) or 0) <= 1
        paid, due = sum(fee.paid_yuan for fee in records.fees), sum(fee.due_yuan for fee in records.fees)
        assert Decimal("0.90") < (collection_rate(Decimal(paid), Decimal(due)) or 0) < Decimal("0.995")
        emergencies += len(records.alarms)
    assert emergencies >= 10


def test_bills_are_the_area_times_the_rate_and_the_present_month_has_none(demo: Session) -> None:
    rows = demo.execute(
        select(House.area_m2, Bill.amount, Bill.paid_yuan, Bill.state)
        .join(Bill, Bill.house_id == House.id)
        .where(_BY_MONTH)
    ).all()
    assert len(rows) == 864 * 12
    for area, amount, paid, state in rows:
        assert amount == (area * Decimal("2.80")).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert {"paid": paid == amount, "open": paid == 0, "part_paid": 0 < paid < amount}[state]
    months = full_months(first_day_of(today_of(demo)), today_of(demo))
    assert set(demo.scalars(select(Bill.period).where(_BY_MONTH))) == {f"{month:%Y-%m}" for month in months}
    owed = dict(
        demo.execute(
            select(Person.name, func.count()).join(Bill, Bill.payer_id == Person.id)
            .where(Person.name.in_(OWNER_HOUSES.values()), Bill.state != "paid").group_by(Person.name)
        ).tuples().all()
    )  # fmt: skip
    assert owed == {"张伟": 1, "王强": 2}


def test_households_are_charged_for_repairs_by_bills_some_are_paid_and_the_books_are_right(demo: Session) -> None:
    lines = demo.scalars(select(TicketCost).where(TicketCost.bearer == "owner", TicketCost.struck_at.is_(None))).all()
    standings = {standing(ticket_costs.facts_of(line)) for line in lines}
    assert {"agreed", "billed", "paid"} <= standings
    charged = demo.scalars(select(Bill).where(~_BY_MONTH)).all()
    assert sum(bill.amount for bill in charged) == sum(line.amount_yuan for line in lines if line.bill_id)
    assert books.faults(demo) == []


def test_what_a_visitor_tries_out_stands_alone(demo: Session) -> None:
    since = datetime.combine(today_of(demo) - timedelta(days=QUIET_DAYS), datetime.min.time(), ZONE)
    kinds = set(demo.scalars(select(Ticket.kind).where(Ticket.created_at >= since)))
    assert not kinds & {"repair", "complaint", "emergency"}
    waiting = select(Ticket.kind).where(Ticket.state.in_(OPEN_STATES))
    assert len(demo.scalars(waiting).all()) >= 8
    assert "emergency" not in demo.scalars(waiting).all()
    fixed = waiting.join(House, House.id == Ticket.house_id).where(House.name.in_(OWNER_HOUSES))
    assert not demo.scalars(fixed).all()
    own = (
        select(func.count())
        .select_from(Ticket)
        .join(House, House.id == Ticket.house_id)
        .where(House.name == "3幢2单元1201")
    )
    assert (demo.scalar(own) or 0) >= 4


def test_no_household_bears_the_name_of_staff(demo: Session) -> None:
    names = demo.scalars(select(Person.name)).all()
    assert not set(names) & set(STAFF_NAMES)
    assert all(len(name) == 3 for name in names if name not in OWNER_HOUSES.values())


# -- consistent --------------------------------------------------------------------------------------------------------


def timelines(session: Session) -> Iterator[tuple[int, list[TicketEntry]]]:
    query = select(TicketEntry).order_by(TicketEntry.ticket_id, TicketEntry.at, TicketEntry.id)
    for ticket_id, entries in groupby(session.scalars(query), key=lambda entry: entry.ticket_id):
        yield ticket_id, list(entries)


def test_every_timeline_leads_step_by_step_to_the_tickets_state(demo: Session) -> None:
    states = dict(demo.execute(select(Ticket.id, Ticket.state)).tuples().all())
    seen = 0
    for ticket_id, entries in timelines(demo):
        seen += 1
        assert entries[0].verb == "register"
        for before, after in pairwise(entries):
            assert after.from_state == before.to_state, (ticket_id, before.verb, after.verb)
        assert entries[-1].to_state == states[ticket_id]
    assert seen == len(states)


def test_one_complaint_is_a_dispute_with_both_sides_heard(demo: Session) -> None:
    """Only the talks have not ended: a newcomer sees how such a file looks, and may end it."""
    ticket = demo.scalars(select(Ticket).join(Complaint).where(Complaint.dispute.is_not(None))).one()
    facts = dispute_facts.facts_of(demo, ticket)
    assert facts is not None
    assert (facts.parties, facts.unheard, facts.listed, facts.ended) == (2, 0, 2, False)
    first, second = dispute_facts.parties(demo, ticket)
    assert first.house_id != second.house_id
    assert ticket.state in OPEN_STATES


def test_clocks_stand_as_their_events_say(demo: Session) -> None:
    assert assert_as_their_events_say(demo) > 3000


def test_told_anew_under_the_rules_in_force_every_clock_is_as_it_was_written(demo: Session) -> None:
    """What a change of the rules is tried with tells the present ones exactly."""
    present, _draft = rule_sets(demo, ClockDraft(rows=[]))
    end = datetime.combine(today_of(demo), datetime.min.time(), ZONE)
    kept = dict[int, list[tuple[str, str, datetime, datetime | None]]]()
    for clock in demo.scalars(select(Clock).order_by(Clock.id)):
        kept.setdefault(clock.ticket_id, []).append((clock.name, clock.state, clock.due_at, clock.met_at))
    told, book = 0, read_book(demo)
    for life in lives(demo):
        anew = [clock.facts for clock in replay(life.history, present, book, end)]
        assert [(one.name, one.state, one.span.due_at, one.met_at) for one in anew] == kept[life.id], life.number
        told += 1
    assert told > 1000


def test_clocks_ended_as_their_moments_say(demo: Session) -> None:
    for clock in demo.scalars(select(Clock)):
        assert clock.warn_at is None or clock.started_at <= clock.warn_at <= clock.due_at
        if clock.state == "met":
            assert clock.met_at is not None
            assert clock.met_at <= clock.due_at
        if clock.state == "breached":
            assert clock.breached_at == clock.due_at
            assert clock.met_at is None or clock.met_at > clock.due_at
        if clock.state == "running":
            assert clock.due_at >= datetime.combine(today_of(demo), datetime.min.time(), ZONE)


def test_states_and_moments_of_tickets_agree(demo: Session) -> None:
    last = datetime.combine(today_of(demo), datetime.min.time(), ZONE)
    for ticket in demo.scalars(select(Ticket)):
        moments = [ticket.created_at, ticket.dispatched_at, ticket.started_at, ticket.done_at, ticket.closed_at]
        known = [moment for moment in moments if moment is not None]
        assert max(known) <= last
        assert (ticket.closed_at is not None) == (ticket.state == TicketState.CLOSED)
        assert (ticket.done_at is not None) == (ticket.state in ("done", "visited", "closed"))
        if ticket.kind == "complaint" and ticket.state == TicketState.CLOSED:
            assert ticket.validity
            assert ticket.visited_at
            assert ticket.root_cause
    numbers = demo.scalars(select(Ticket.number)).all()
    assert len(set(numbers)) == len(numbers)


def test_every_call_has_its_ticket_and_outcome(demo: Session) -> None:
    outcomes = set()
    for call in demo.scalars(select(Call)):
        outcomes.add(call.outcome)
        assert len(call.tickets) == 1
        assert call.ended_at is not None
        assert call.ended_at > call.started_at
        if call.outcome != "contact_on_ticket":
            assert call.tickets[0].number == call.ticket_number
    assert outcomes == {"ticket", "contact_on_ticket", "no_matter", "abandoned", "silent", "connected"}


def test_ladders_ring_in_order_and_end_with_somebody(demo: Session) -> None:
    query = select(EscalationAttempt).order_by(EscalationAttempt.ladder_id, EscalationAttempt.id)
    for _, group in groupby(demo.scalars(query), key=lambda attempt: attempt.ladder_id):
        attempts = list(group)
        assert [attempt.rung for attempt in attempts] == list(range(len(attempts)))
        assert [attempt.state for attempt in attempts] == ["no_answer"] * (len(attempts) - 1) + ["accepted"]
        assert attempts[-1].accepted_at is not None
        assert attempts[-1].accepted_at <= attempts[-1].deadline_at


def test_tenures_never_overlap_for_owners(demo: Session) -> None:
    query = select(Tenure).where(Tenure.role == "owner").order_by(Tenure.house_id, Tenure.starts_on)
    owned = 0
    for _, group in groupby(demo.scalars(query), key=lambda tenure: tenure.house_id):
        tenures = list(group)
        owned += 1
        assert tenures[-1].ends_on is None
        for one, following in pairwise(tenures):
            assert one.ends_on == following.starts_on - timedelta(days=1)
    assert owned == 864


# -- the whole, as `prepare` leaves it ---------------------------------------------------------------------------------


def test_prepare_publishes_the_reports_in_a_chain(demo: Session) -> None:
    reports = demo.scalars(select(Report).order_by(Report.month)).all()
    assert reports
    assert all(report.state == ReportState.PUBLISHED for report in reports)
    for before, after in pairwise(reports):
        assert after.previous_sha256 == before.sha256


# -- special events ----------------------------------------------------------------------------------------------------


def test_one_special_event_is_closed_and_one_waits_for_a_decision(demo: Session) -> None:
    """The closed one as its own steps would have left it; the other too old for what a visitor tries out to join."""
    closed, proposed = demo.scalars(select(SpecialEvent).order_by(SpecialEvent.state)).all()
    assert (closed.state, closed.kind, closed.households, closed.ticket_count) == ("closed", "collective", 6, 6)
    assert closed.closed_at is not None
    assert closed.closed_at > now() - timedelta(days=366)
    assert all(ticket.is_collective and ticket.state == TicketState.CLOSED for ticket in closed.tickets)
    complaints = [ticket for ticket in closed.tickets if ticket.kind == "complaint"]
    assert {ticket.reply_way for ticket in complaints} == {"in_person"}
    record = special_report.records(demo, closed)[0]
    assert (record.state, signed_records.is_whole(record)) == ("signed", True)
    assert special_report.standing(demo, closed, record) == "signed", "the records still say what was signed"
    assert hindrances(standing_of(demo, closed, record)) == []
    assert (proposed.state, proposed.households, proposed.ticket_count) == ("proposed", 5, 5)
    assert proposed.last_at < now() - timedelta(hours=72)
    for event in (closed, proposed):
        assert len({ticket.house_id for ticket in event.tickets}) == event.households
        assert {(ticket.building_id, ticket.category_id) for ticket in event.tickets} == {
            (event.building_id, event.category_id)
        }
        assert event.last_at - event.first_at <= timedelta(hours=72)


def test_the_report_of_its_month_tells_of_the_closed_one_and_of_nobody(demo: Session) -> None:
    closed = demo.scalars(select(SpecialEvent).where(SpecialEvent.state == "closed")).one()
    assert closed.confirmed_at is not None
    month = f"{closed.confirmed_at.astimezone(ZONE):%Y-%m}"
    dataset = build_dataset(demo, closed.community, month, now(), ZONE)
    told = dataset["sections"]["special_events"]
    assert (told["total"], told["events"][0]["households"]) == (1, 6)
    assert told["events"][0]["building"]["number"] == "3"
    assert told["events"][0]["words"]["zh"]
    assert "special_events" not in dataset["left_out"]
    numbers = {ticket.number for ticket in closed.tickets}
    assert not [number for number in numbers if number in str(told)]
