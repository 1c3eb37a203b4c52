"""The duty record (D5, D6): every row of every source of the period stands on it once, and nothing else."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.models import (
    Call,
    CallTicket,
    CheckInPlan,
    CheckInStep,
    DutyEntry,
    DutyShift,
    EscalationAttempt,
    Message,
    Outage,
    OutageEntry,
    Person,
    SpecialEvent,
    SpecialEventEntry,
    Tenure,
    Ticket,
    TicketEntry,
    WishEntry,
)
from app.services import check_in_steps, duty_log, duty_record, escalation, outages, special_members, wishes
from app.services.actors import Actor
from app.services.duty_record import record
from app.services.duty_sources import SOURCES
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SYSTEM = Actor.system("tests")


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def call(session, estate, at, number: str = "1", ticket: Ticket | None = None, **given) -> Call:
    values = {"community_id": estate.community.id, "outcome": "ticket", **given}
    made = Call(
        provider_sid=f"CA{number}", from_number="+8613800138001", status="completed", started_at=at, facts={}, **values
    )
    session.add(made)
    session.flush()
    if ticket is not None:
        session.add(CallTicket(call_id=made.id, ticket_id=ticket.id))
        session.flush()
    return made


def busy_shift(session, estate, now) -> Ticket:
    for place, house in enumerate((3, 9)):
        ticket = estate.open(session, now + HOUR, house=estate.houses[house])
        call(session, estate, now + HOUR, f"{place}", ticket, house_id=estate.houses[house].id)
    estate.walk(session, ticket, now + 2 * HOUR, "dispatch", "start", "finish")
    urgent = estate.open(session, now + 3 * HOUR, kind="emergency", priority="emergency", house=estate.houses[3])
    session.add(
        DutyShift(community_id=estate.community.id, tier="on_duty", staff_id=estate.staff["steward"].id,
                  number="+8613900139001", starts_at=now, ends_at=now + 12 * HOUR)
    )  # fmt: skip
    session.flush()
    ladder = escalation.start(session, urgent, None, now + 3 * HOUR)
    session.add(
        EscalationAttempt(
            ladder_id=ladder.id, ticket_id=urgent.id, round=7, rung=7, tier="on_duty", number="+8613900139001",
            started_at=now + 3 * HOUR, deadline_at=now + 4 * HOUR,
        )
    )  # fmt: skip
    event = SpecialEvent(
        community_id=estate.community.id, opened_at=now, first_at=now, last_at=now + 4 * HOUR, texts={}
    )
    session.add(event)
    session.flush()
    special_members.note(session, event, "propose", SYSTEM, now + 4 * HOUR)
    duty_log.note(session, "handover_signed", SYSTEM, now + 4 * HOUR, community_id=estate.community.id)
    lives_alone(session, estate, now + 5 * HOUR)
    session.flush()
    told_beforehand(session, estate, now + 6 * HOUR)
    return ticket


def told_beforehand(session, estate, at) -> None:
    """An outage announced, changed and over; STOP from a stranger, key 9 of a household; what belongs to no community."""
    outage = Outage(
        community_id=estate.community.id, kind="water", text_zh="停水抢修。", text_en="No water.", starts_at=at,
        announced_at=at, announced_by="x",
    )  # fmt: skip
    session.add(outage)
    session.flush()
    outages.announce(session, outage, [estate.houses[3].building_id], SYSTEM, at)
    outage.text_zh = "停水延长。"
    outages.announce(session, outage, [estate.houses[3].building_id], SYSTEM, at + HOUR)
    outages.announce(session, outage, [estate.houses[3].building_id], SYSTEM, at + HOUR)
    outages.end(session, outage, SYSTEM, at + 2 * HOUR)
    wishes.set_texts(session, "+8613700137000", False, "sms", at)
    wishes.set_calls(session, "+8613700137001", "notice", False, "call", at, community_id=estate.community.id)
    call(session, estate, at, "nowhere", community_id=None, to_number="+862199999999", outcome="abandoned")
    call(session, estate, at, "ours", community_id=None, direction="test", outcome=None)
    for purpose in ("watch", "invitation"):
        session.add(
            Message(
                key=purpose, channel="alert", to="staff", purpose=purpose, body="x", community_id=None, created_at=at
            )
        )
    session.flush()


def lives_alone(session, estate, at) -> None:
    """Somebody of building 3 is in the register and was not heard from; somebody of building 9 is in it, too."""
    for place, house in enumerate((estate.houses[3], estate.houses[9])):
        person = Person(name=f"独居{place}")
        session.add(person)
        session.flush()
        session.add(Tenure(person_id=person.id, house_id=house.id, role="owner", starts_on=date(2020, 1, 1)))
        entry = CheckInPlan(
            person_id=person.id, house_id=house.id, community_id=house.community_id, number="+8613900000000", weekdays="1",
            times="08:30", consent_by="x", consented_on=at.date(), consent_noted_by="x", created_at=at,
        )  # fmt: skip
        session.add(entry)
        session.flush()
        check_in_steps.note(session, entry, "added", SYSTEM, at)
        check_in_steps.note(
            session, entry, "paused", SYSTEM, at + HOUR, "Away from %(first)s until %(last)s.", first="1", last="2"
        )


def sources(session, estate, start, end) -> dict[str, set[int]]:
    """What the tables themselves hold of this community between two instants."""
    home = estate.community.id
    of_none = Call.community_id.is_(None) & (Call.direction != "test")
    alarms = Message.community_id.is_(None) & (Message.purpose == "watch")
    of_outage = select(Outage.id).where(Outage.community_id == home)
    of_ticket = select(Ticket.id).where(Ticket.community_id == home)
    of_register = select(CheckInPlan.id).where(CheckInPlan.community_id == home)
    of_event = select(SpecialEvent.id).where(SpecialEvent.community_id == home)
    return {
        name: set(session.scalars(select(model.id).where(where, at >= start, at < end)))
        for name, model, where, at in (
            ("call", Call, (Call.community_id == home) | of_none, Call.started_at),
            ("entry", TicketEntry, TicketEntry.ticket_id.in_(of_ticket), TicketEntry.at),
            ("ring", EscalationAttempt, EscalationAttempt.ticket_id.in_(of_ticket), EscalationAttempt.started_at),
            ("message", Message, (Message.community_id == home) | alarms, Message.created_at),
            ("care", CheckInStep, CheckInStep.plan_id.in_(of_register), CheckInStep.at),
            ("duty", DutyEntry, DutyEntry.community_id == home, DutyEntry.at),
            ("outage", OutageEntry, OutageEntry.outage_id.in_(of_outage), OutageEntry.at),
            ("wish", WishEntry, (WishEntry.community_id == home) | WishEntry.community_id.is_(None), WishEntry.at),
            ("special", SpecialEventEntry, SpecialEventEntry.event_id.in_(of_event), SpecialEventEntry.at),
        )
    }


def held(found: duty_record.DutyRecord) -> dict[str, set[int]]:
    made: dict[str, set[int]] = {name: set() for name in SOURCES if name != "outreach"}
    for one in found.lines:
        assert one.what.id not in made[one.what.source], "nothing stands twice"
        made[one.what.source].add(one.what.id)
    return made


def test_every_call_step_ring_message_and_signature_stands_on_it_once(session, estate, now):
    busy_shift(session, estate, now)
    found = record(session, SYSTEM, estate.community.id, now, now + 12 * HOUR)
    assert held(found) == sources(session, estate, now, now + 12 * HOUR)
    assert all(held(found).values()), "something of each"
    assert found.counts == {name: len(ids) for name, ids in held(found).items()}
    assert [one.what.at for one in found.lines] == sorted(one.what.at for one in found.lines)
    assert [shift.staff.name for part in found.serving["on_duty"] for shift in part.shifts] == ["steward员"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 6), st.integers(1, 8))
def test_neighbouring_periods_share_nothing_and_miss_nothing(session, estate, now, first, length):
    if not session.scalar(select(func.count()).select_from(Call).where(Call.community_id == estate.community.id)):
        busy_shift(session, estate, now)
    middle = now + (first + 1) * HOUR
    end = middle + length * HOUR
    both = [held(record(session, SYSTEM, estate.community.id, *span)) for span in ((now, middle), (middle, end))]
    whole = sources(session, estate, now, end)
    for name, ids in whole.items():
        assert both[0][name] | both[1][name] == ids
        assert not both[0][name] & both[1][name]


def test_a_call_names_its_tickets_and_an_empty_call_stands_there_too(session, estate, now):
    ticket = estate.open(session, now)
    call(session, estate, now, "with", ticket)
    call(session, estate, now, "without")
    lines = record(session, SYSTEM, estate.community.id, now, now + HOUR, "calls").lines
    assert sorted(one.tickets for one in lines) == [[], [(ticket.number, ticket.title)]]


@pytest.mark.parametrize(
    ("show", "wanted"),
    [("calls", {"call"}), ("steps", {"entry"}), ("emergencies", {"ring"}), ("messages", {"message"}), ("roster", {"duty"}),
     ("care", {"care"}), ("special", {"special"}), ("visits", set()),
     ("outages", {"outage"}), ("wishes", {"wish"}),
     ("nonsense", {"call", "entry", "ring", "message", "care", "duty", "special", "outage", "wish"})],
)  # fmt: skip
def test_what_is_shown_may_be_limited_but_the_counts_are_of_everything(session, estate, now, show, wanted):
    busy_shift(session, estate, now)
    found = record(session, SYSTEM, estate.community.id, now, now + 12 * HOUR, show)
    assert {one.what.source for one in found.lines} == wanted
    assert found.counts["call"] == 3


def test_an_outage_stands_there_as_it_was_said_each_time_and_nothing_where_nothing_changed(session, estate, now):
    told_beforehand(session, estate, now)
    lines = [one.what for one in record(session, SYSTEM, estate.community.id, now, now + DAY, "outages").lines]
    assert [(one.code, one.data["said"]["text_zh"]) for one in lines] == [
        ("announced", "停水抢修。"), ("changed", "停水延长。"), ("ended", "停水延长。"),
    ]  # fmt: skip
    assert lines[1].data["changed"] == ["text_zh"]


def test_stop_start_and_stop_again_are_three_lines_though_the_number_keeps_the_last(session, estate, now):
    number = "+8613700137009"
    for hour, wanted in enumerate((False, True, False)):
        wishes.set_texts(session, number, wanted, "sms", now + hour * HOUR, community_id=estate.community.id)
    lines = record(session, SYSTEM, estate.community.id, now, now + DAY, "wishes").lines
    assert [(one.what.who, one.what.code, one.what.after) for one in lines] == [
        (number, "texts", after) for after in ("unwanted", "wanted", "unwanted")
    ]


def test_what_belongs_to_no_community_stands_on_every_record_but_no_invitation_and_no_test_call(session, estate, now):
    told_beforehand(session, estate, now)
    for who in (SYSTEM, estate.actor("supervisor")):
        lines = record(session, who, estate.community.id, now, now + HOUR).lines
        assert [one.called for one in lines if one.what.source == "call"] == ["+862199999999"]
        assert [one.what.code for one in lines if one.what.source == "message"] == ["watch"]
        assert {one.what.who for one in lines if one.what.source == "wish"} == {"+8613700137000", "+8613700137001"}


def test_a_reader_sees_their_rows_and_no_others(session, estate, now):
    busy_shift(session, estate, now)
    steward = estate.actor("steward")
    mine = Actor(**{**steward.__dict__, "building_ids": frozenset({estate.houses[3].building_id})})
    span = (now, now + 12 * HOUR)
    whole = record(session, estate.actor("supervisor"), estate.community.id, *span)
    part = record(session, mine, estate.community.id, *span)
    assert held(whole)["entry"] == sources(session, estate, *span)["entry"]
    assert part.counts["call"] == 1
    assert {(one.what.after, one.house) for one in part.lines if one.what.source == "care"} == {
        ("独居0", "3幢1单元101")
    }
    assert whole.counts["care"] == 4
    company = record(session, estate.actor("quality"), estate.community.id, *span)
    assert company.counts["entry"] == whole.counts["entry"]
    assert "care" not in company.counts, "who lives alone is in no company-wide record"
    assert {one.house for one in part.lines if one.what.source == "entry"} == {"3幢1单元101"}
    assert "message" not in part.counts, "messages are the desk's"
    assert ("wish" in whole.counts, "wish" in part.counts) == (True, False), "and so is which calls a number wants"
    stranger = Actor(user_id=None, username="x", display_name="x", roles=frozenset({"supervisor"}))
    assert record(session, stranger, estate.community.id, *span).lines == []


def test_a_record_that_would_be_cut_says_so(session, estate, now, monkeypatch):
    busy_shift(session, estate, now)
    total = len(record(session, SYSTEM, estate.community.id, now, now + 12 * HOUR).lines)
    monkeypatch.setattr(duty_record, "MOST", 5)
    found = record(session, SYSTEM, estate.community.id, now, now + 12 * HOUR)
    assert (len(found.lines), found.left_out) == (5, total - 5)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (5, 1), (0, 24 * 32)])
def test_a_period_that_makes_no_sense_is_refused(session, estate, now, start, end):
    with pytest.raises(Invalid):
        record(session, SYSTEM, estate.community.id, now + start * HOUR, now + end * HOUR)


def test_the_latest_shifts_come_first(session, estate, now):
    session.execute(delete(DutyShift))
    for place, name in enumerate(("steward", "tech_a", "tech_b")):
        start = now + (place - 2) * 12 * HOUR
        session.add(
            DutyShift(community_id=estate.community.id, tier="on_duty", staff_id=estate.staff[name].id, number="+861",
                      starts_at=start, ends_at=start + 12 * HOUR)
        )  # fmt: skip
    session.flush()
    names = [one.shifts[0].staff.name for one in duty_record.shifts_around(session, estate.community.id, now + HOUR)]
    assert names == ["tech_b员", "tech_a员", "steward员"]
