"""Clocks on real tickets: started, met, paused, replaced, swept (D4, I8)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Refused
from app.models import (
    Clock,
    ClockEvent,
    ClockPolicy,
    Holiday,
    Message,
    ReturnVisit,
    Setting,
    Ticket,
    TicketEntry,
    WorkCalendar,
)
from app.services import clocks as sweeping
from app.services.clock_recount import recount_desk, recount_since
from app.services.policies import change_figure
from app.services.return_visits import SHARES
from app.services.settled import settled_ids
from app.services.ticket_clocks import TicketClocks, owed_at_close, raise_urgency
from app.services.ticket_verbs import perform
from app.services.waits import end_waits
from tests.support.clocks import assert_as_their_events_say
from tests.support.databases import Databases
from tests.support.tickets import SYSTEM, SmallEstate, unsaved_estate

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    """After each test every clock is held against its events."""
    for made in unsaved_estate(session, databases):
        yield made
        assert_as_their_events_say(session)


def states(ticket: Ticket) -> dict[str, str]:
    return {clock.name: clock.state for clock in ticket.clocks}


def clock_of(ticket: Ticket, name: str) -> Clock:
    return [clock for clock in ticket.clocks if clock.name == name][-1]


def last_event(session: Session, clock: Clock) -> ClockEvent:
    statement = select(ClockEvent).where(ClockEvent.clock_id == clock.id).order_by(ClockEvent.id.desc())
    return session.scalars(statement).first()


def test_a_repair_starts_with_first_response_and_done_and_is_due_at_the_earlier(session, estate, now):
    ticket = estate.open(session, now)
    assert states(ticket) == {"first_response": "running", "done": "running"}
    assert ticket.due_at == now + 30 * MINUTE
    assert clock_of(ticket, "done").due_at == now + 24 * HOUR
    assert clock_of(ticket, "first_response").warn_at == now + timedelta(minutes=22.5)


def test_only_a_person_meets_the_first_response(session, estate, now):
    ticket = estate.open(session, now)
    estate.walk(session, ticket, now, "dispatch")
    assert states(ticket)["first_response"] == "running"
    perform(session, ticket, "contact", SYSTEM, now + MINUTE, {})
    assert states(ticket)["first_response"] == "running"
    perform(session, ticket, "contact", estate.actor("assistant"), now + 10 * MINUTE, {"note": "已告知"})
    assert clock_of(ticket, "first_response").met_at == now + 10 * MINUTE
    assert states(ticket) == {"first_response": "met", "done": "running"}
    assert ticket.due_at == now + 24 * HOUR


def test_what_is_done_late_is_breached_with_the_moment_it_was_done(session, estate, now):
    ticket = estate.open(session, now)
    perform(session, ticket, "contact", estate.actor("assistant"), now + 31 * MINUTE, {})
    clock = clock_of(ticket, "first_response")
    assert (clock.state, clock.met_at, clock.breached_at) == ("breached", now + 31 * MINUTE, now + 30 * MINUTE)


def test_waiting_stops_done_and_resuming_gives_back_the_paused_time(session, estate, now):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch", "start")
    technician = estate.actor("tech_a")
    perform(session, ticket, "wait", technician, now + HOUR, {"reason": "等配件", "until": "2026-03-12"})
    assert states(ticket) == {"first_response": "running", "done": "paused"}
    assert ticket.due_at == now + 30 * MINUTE
    perform(session, ticket, "resume", technician, now + 6 * HOUR, {})
    clock = clock_of(ticket, "done")
    assert (clock.state, clock.due_at) == ("running", now + 29 * HOUR)
    assert clock.paused_seconds == 5 * 3600


def test_a_promise_replaces_reply_and_done_and_is_a_clock_itself(session, estate, now):
    ticket = estate.open(session, now, kind="complaint")
    assistant = estate.actor("assistant")
    perform(session, ticket, "find", assistant, now, {"validity": "valid"})
    assert states(ticket)["reply"] == "running"
    perform(session, ticket, "promise", assistant, now, {"due_at": (now + 5 * HOUR).isoformat()})
    assert states(ticket) == {
        "first_response": "met", "contact": "met", "first_reply": "running",
        "done": "cancelled", "reply": "cancelled", "promise": "running",
    }  # fmt: skip
    assert clock_of(ticket, "promise").due_at == now + 5 * HOUR
    perform(session, ticket, "reply", assistant, now + HOUR, {"way": "phone"})
    assert states(ticket)["promise"] == "met"


def test_a_second_promise_replaces_the_first(session, estate, now):
    ticket = estate.open(session, now)
    for hours in (5, 9):
        perform(
            session, ticket, "promise", estate.actor("assistant"), now, {"due_at": (now + hours * HOUR).isoformat()}
        )
    assert [c.state for c in ticket.clocks if c.name == "promise"] == ["cancelled", "running"]
    assert ticket.due_at == now + 9 * HOUR


def test_a_major_complaint_is_reported_to_the_management_at_once(session, estate, now):
    ticket = estate.open(session, now, kind="complaint")
    perform(session, ticket, "find", estate.actor("supervisor"), now, {"validity": "valid", "grade": "major"})
    assert states(ticket)["management_report"] == "met"
    assert clock_of(ticket, "plan").due_at == now + 24 * HOUR
    message = session.scalars(select(Message).where(Message.purpose == "major_complaint")).one()
    assert message.to == estate.staff["manager"].number
    perform(session, ticket, "contact", estate.actor("supervisor"), now + HOUR, {"plan": "更换水泵"})
    assert states(ticket)["plan"] == "met"


def test_a_complaint_finished_without_a_reply_owes_it_within_2_hours(session, estate, now):
    ticket = estate.open(session, now, kind="complaint")
    estate.walk(session, ticket, now, "dispatch", "start")
    perform(session, ticket, "finish", estate.actor("steward"), now + HOUR, {"note": "当场解决"})
    assert clock_of(ticket, "reply").due_at == now + 3 * HOUR
    assert ticket.due_at == now + 2 * HOUR


def test_reopening_starts_the_work_anew(session, estate, now):
    ticket = estate.walk(session, estate.open(session, now, priority="urgent"), now, "dispatch", "start", "finish")
    perform(session, ticket, "reopen", estate.actor("assistant"), now + HOUR, {})
    assert [c.state for c in ticket.clocks if c.name == "done"] == ["met", "running"]
    assert clock_of(ticket, "done").due_at == now + 5 * HOUR


def test_reopening_ends_what_was_owed_before(session, estate, now):
    ticket = estate.open(session, now, kind="complaint")
    estate.walk(session, ticket, now, "dispatch", "start", "finish")
    assert states(ticket)["reply"] == "running"
    perform(session, ticket, "reopen", estate.actor("assistant"), now + HOUR, {})
    live = {clock.name for clock in ticket.clocks if clock.state == "running"}
    assert live == {"done", "contact"}
    assert clock_of(ticket, "contact").due_at == now + 3 * HOUR


def test_closing_and_cancelling_leave_no_clock_running(session, estate, now):
    ticket = estate.open(session, now)
    perform(session, ticket, "cancel", estate.actor("assistant"), now, {"reason": "误报"})
    assert states(ticket) == {"first_response": "cancelled", "done": "cancelled"}
    assert ticket.due_at is None


def test_what_was_missed_is_not_cancelled_away(session, estate, now):
    ticket = estate.open(session, now)
    perform(session, ticket, "cancel", estate.actor("assistant"), now + 40 * MINUTE, {"reason": "误报"})
    assert states(ticket) == {"first_response": "breached", "done": "cancelled"}


def test_a_clock_says_why_it_was_given_up(session, estate, now):
    ticket = estate.open(session, now, kind="complaint")
    assistant = estate.actor("assistant")
    perform(session, ticket, "find", assistant, now, {"validity": "invalid"})
    perform(session, ticket, "find", assistant, now + MINUTE, {"validity": "valid"})
    perform(session, ticket, "promise", assistant, now + HOUR, {"due_at": (now + 5 * HOUR).isoformat()})
    perform(session, ticket, "promise", assistant, now + HOUR, {"due_at": (now + 6 * HOUR).isoformat()})
    perform(session, ticket, "cancel", assistant, now + HOUR, {"reason": "业户撤诉"})
    reasons = [(clock.name, clock.end_reason) for clock in ticket.clocks if clock.state == "cancelled"]
    assert reasons == [
        ("first_reply", "given_up"), ("done", "promised"), ("reply", "new_finding"), ("reply", "promised"),
        ("promise", "new_promise"), ("promise", "given_up"),
    ]  # fmt: skip
    last = last_event(session, clock_of(ticket, "promise"))
    assert (last.kind, last.end, last.reason, last.actor_name) == (
        "cancelled",
        "given_up",
        "业户撤诉",
        assistant.display_name,
    )


def test_events_are_never_changed(session, estate, now):
    estate.open(session, now)
    session.flush()
    for statement in (update(ClockEvent).values(at=now + HOUR), delete(ClockEvent)):
        savepoint = session.begin_nested()
        with pytest.raises(IntegrityError, match="append-only"):
            session.execute(statement)
        savepoint.rollback()


def test_a_contact_that_is_heard_of_late_counts_when_it_was_made(session, estate, now):
    """The database was away; the sweep has noted the breach; then the journal brings what was done in time."""
    ticket = estate.open(session, now)
    sweep(session, now + 31 * MINUTE)
    assert states(ticket)["first_response"] == "breached"
    perform(session, ticket, "contact", estate.actor("assistant"), now + 10 * MINUTE, {})
    clock = clock_of(ticket, "first_response")
    assert (clock.state, clock.met_at, clock.breached_at) == ("met", now + 10 * MINUTE, None)


def test_a_wait_that_is_heard_of_after_the_end_of_the_work_still_counts(session, estate, now):
    ticket = estate.walk(session, estate.open(session, now, priority="emergency"), now, "dispatch", "start")
    clocks = TicketClocks(session, ticket, estate.actor("tech_a"))
    clocks.meet({"done"}, now + 5 * HOUR)
    assert clock_of(ticket, "done").state == "breached"
    clocks._note(clock_of(ticket, "done"), "paused", now + HOUR)
    clocks._note(clock_of(ticket, "done"), "resumed", now + 4 * HOUR)
    clock = clock_of(ticket, "done")
    assert (clock.state, clock.due_at, clock.paused_seconds) == ("met", now + 5 * HOUR, 3 * 3600)


# ---- assistance: told at each change (D4) ----------------------------------------------------------------------------
def test_an_assistance_complaint_is_told_at_each_change_and_what_is_owed_is_not_put_off(session, estate, now):
    ticket = estate.open(session, now, kind="complaint")
    assistant = estate.actor("assistant")
    perform(session, ticket, "find", assistant, now, {"validity": "assistance"})
    assert clock_of(ticket, "progress").due_at == now + 24 * HOUR
    perform(session, ticket, "dispatch", assistant, now + HOUR, {})
    assert clock_of(ticket, "progress").due_at == now + 24 * HOUR, "a further change puts nothing off"
    perform(session, ticket, "contact", assistant, now + 2 * HOUR, {"note": "已转开发商"})
    assert states(ticket)["progress"] == "met"
    perform(session, ticket, "start", assistant, now + 3 * HOUR, {})
    assert clock_of(ticket, "progress").due_at == now + 27 * HOUR
    perform(session, ticket, "wait", assistant, now + 4 * HOUR, {"reason": "等开发商", "until": "2026-06-01"})
    assert [clock.state for clock in ticket.clocks if clock.name == "progress"] == ["met", "paused"]
    perform(session, ticket, "reply", assistant, now + 5 * HOUR, {"way": "phone"})
    assert [clock.state for clock in ticket.clocks if clock.name == "progress"] == ["met", "met"]


def test_other_complaints_are_not_told_at_each_change(session, estate, now):
    ticket = estate.open(session, now, kind="complaint")
    perform(session, ticket, "find", estate.actor("assistant"), now, {"validity": "valid"})
    estate.walk(session, ticket, now, "dispatch", "start")
    assert "progress" not in states(ticket)


# ---- closing with a clock that runs ----------------------------------------------------------------------------------
@pytest.fixture
def unasked(session: Session, estate: SmallEstate) -> None:
    """No finished ticket is drawn for a visit."""
    session.add_all([Setting(key=key, value="0") for key in SHARES])


def transferred(session: Session, estate: SmallEstate, now: datetime) -> Ticket:
    ticket = estate.open(session, now, channel="transfer", kind="consultation")
    return estate.walk(session, ticket, now, "dispatch", "start", "finish")


def test_what_is_owed_to_somebody_stands_against_closing(session, estate, unasked, now):
    ticket = transferred(session, estate, now)
    assert clock_of(ticket, "report_back").due_at == now + 12 * HOUR
    before = [(clock.name, clock.state) for clock in ticket.clocks]
    with pytest.raises(Refused, match="not been reported back to the developer's centre"):
        perform(session, ticket, "close", estate.actor("assistant"), now + HOUR, {})
    assert (ticket.state, [(clock.name, clock.state) for clock in ticket.clocks]) == ("done", before)
    perform(session, ticket, "reply", estate.actor("assistant"), now + HOUR, {"way": "written"})
    perform(session, ticket, "close", estate.actor("assistant"), now + 2 * HOUR, {})
    assert states(ticket)["report_back"] == "met"


def test_a_person_may_say_why_it_is_owed_no_more(session, estate, unasked, now):
    ticket = transferred(session, estate, now)
    perform(session, ticket, "close", estate.actor("assistant"), now + HOUR, {"owed_reason": "开发商已另行结案"})
    clock = clock_of(ticket, "report_back")
    assert (ticket.state, clock.state, clock.end_reason) == ("closed", "cancelled", "closed")
    assert last_event(session, clock).reason == "开发商已另行结案"
    last = session.scalars(select(TicketEntry).where(TicketEntry.verb == "close")).one()
    assert last.data["owed_reason"] == "开发商已另行结案"


def test_a_promise_made_after_the_work_stands_against_closing(session, estate, unasked, now):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch", "start", "finish")
    when = (now + 30 * HOUR).isoformat()
    perform(session, ticket, "contact", estate.actor("assistant"), now + HOUR, {"promise_at": when})
    with pytest.raises(Refused, match="promise to the household is still open"):
        perform(session, ticket, "close", estate.actor("assistant"), now + 2 * HOUR, {})


def test_what_loses_its_object_ends_with_the_matter(session, estate, unasked, now):
    ticket = estate.open(session, now, reporter_phone=None)
    estate.walk(session, ticket, now, "dispatch", "start", "finish")
    assert states(ticket) == {"first_response": "running", "done": "met"}
    perform(session, ticket, "close", estate.actor("assistant"), now + MINUTE, {})
    clock = clock_of(ticket, "first_response")
    assert (clock.state, clock.end_reason) == ("cancelled", "closed")


def test_nothing_closes_by_itself_over_what_is_promised(session, estate, unasked, now):
    ticket = transferred(session, estate, now)
    when = (now + 100 * HOUR).isoformat()
    perform(session, ticket, "contact", estate.actor("assistant"), now + HOUR, {"promise_at": when})
    assert ticket.id not in settled_ids(session, now + 80 * HOUR), "the report back was not swept yet"
    sweeping.sweep(session, now + 80 * HOUR)
    assert ticket.id not in settled_ids(session, now + 80 * HOUR)
    perform(session, ticket, "reply", estate.actor("assistant"), now + 90 * HOUR, {"way": "phone"})
    assert owed_at_close(ticket) == []


# ---- rules of an administrator's own ---------------------------------------------------------------------------------
def without_rules(session: Session) -> None:
    session.execute(update(ClockPolicy).values(active=False))


def test_where_no_rule_speaks_the_default_does_and_is_known_as_such(session, estate, now):
    without_rules(session)
    ticket = estate.open(session, now)
    assert states(ticket) == {"first_response": "running", "done": "running"}
    assert clock_of(ticket, "first_response").due_at == now + 30 * MINUTE
    assert clock_of(ticket, "done").due_at == now + 24 * HOUR
    assert {clock.policy_id for clock in ticket.clocks} == {None}
    change_figure(session, "clocks.done_hours", "48", estate.actor("manager"), now)
    assert clock_of(estate.open(session, now), "done").due_at == now + 48 * HOUR


def test_the_most_particular_rule_wins_and_one_out_of_use_never(session, estate, now):
    session.add_all(
        [
            ClockPolicy(name="done", starts_when="registered", minutes=15, kind="repair", category_code="water_test"),
            ClockPolicy(name="done", starts_when="registered", minutes=5, kind="repair", category_code="water_test",
                        channel="hotline", active=False),
        ]
    )  # fmt: skip
    assert clock_of(estate.open(session, now), "done").due_at == now + 15 * MINUTE


def test_a_clock_in_desk_hours_waits_for_the_desk_of_its_community(session, estate, now):
    """Tuesday 10:30. The desk rests from 12:00 to 14:00."""
    split = "08:30-12:00, 14:00-17:30"
    days = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), split)
    session.add(ClockPolicy(name="done", starts_when="registered", minutes=120, kind="repair", calendar="desk"))
    session.execute(
        update(ClockPolicy).where(ClockPolicy.name == "done", ClockPolicy.kind.is_(None)).values(active=False)
    )
    earlier = estate.open(session, now)
    assert clock_of(earlier, "done").due_at == now + 2 * HOUR
    estate.community.calendar = WorkCalendar(code="split", name="午休", **days)
    assert recount_desk(session, estate.community.id, estate.actor("manager"), now, "午休") == 1
    assert clock_of(earlier, "done").due_at == now + 4 * HOUR, "the rest at noon gives what runs already its time"
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch", "start")
    assert clock_of(ticket, "done").due_at == now + 4 * HOUR  # 14:30
    technician = estate.actor("tech_a")
    perform(session, ticket, "wait", technician, now + HOUR, {"reason": "等配件", "until": "2026-03-20"})
    perform(session, ticket, "resume", technician, now + 6 * HOUR, {})  # 16:30
    clock = clock_of(ticket, "done")
    assert (clock.due_at, clock.paused_seconds) == (now + 7 * HOUR, 3 * 3600)  # 17:30; 30 min and 2:30 h were open


def in_desk_hours(session: Session) -> None:
    session.execute(update(ClockPolicy).where(ClockPolicy.name == "done").values(calendar="desk", minutes=8 * 60))


def declare(session: Session, estate: SmallEstate, now: datetime, day: str, *, worked: bool) -> int:
    session.add(Holiday(day=day, is_workday=worked, name="园区检修"))
    return recount_since(session, date.fromisoformat(day), estate.actor("manager"), now, "园区检修")


def test_a_day_off_that_is_declared_gives_running_and_waiting_work_its_time(session, estate, now):
    """Eight hours from Tuesday 10:30 end on Wednesday at 09:30."""
    in_desk_hours(session)
    running, waiting = (
        estate.open(session, now),
        estate.walk(session, estate.open(session, now), now, "dispatch", "start"),
    )
    technician = estate.actor("tech_a")
    perform(session, waiting, "wait", technician, now + HOUR, {"reason": "等配件", "until": "2026-03-20"})
    revision = running.revision
    assert clock_of(running, "done").due_at == now + 23 * HOUR
    assert declare(session, estate, now + HOUR, "2026-03-11", worked=False) == 2
    session.expire_all()
    assert clock_of(running, "done").due_at == now + 47 * HOUR
    assert clock_of(running, "done").warn_at < clock_of(running, "done").due_at
    assert running.revision == revision, "nobody's open page is stale by it"
    event = last_event(session, clock_of(running, "done"))
    assert (event.kind, event.due_at, event.reason) == ("recounted", now + 47 * HOUR, "园区检修")
    perform(session, waiting, "resume", technician, now + 2 * HOUR, {})
    assert clock_of(waiting, "done").due_at == now + 48 * HOUR


def test_a_work_day_that_is_declared_takes_no_time_away_but_counts_from_then_on(session, estate, now):
    in_desk_hours(session)
    friday = now + timedelta(days=3)
    ticket = estate.open(session, friday)
    assert declare(session, estate, friday, "2026-03-14", worked=True) == 0
    session.expire_all()
    assert clock_of(ticket, "done").due_at == friday + 71 * HOUR  # Monday 09:30
    assert clock_of(estate.open(session, friday), "done").due_at == friday + 23 * HOUR  # Saturday 09:30


def test_a_day_off_after_every_deadline_is_not_even_looked_at(session, estate, now):
    in_desk_hours(session)
    estate.open(session, now)
    assert declare(session, estate, now, "2026-05-11", worked=False) == 0
    assert not session.scalars(select(ClockEvent).where(ClockEvent.kind == "recounted")).all()


# ---- the sweep -------------------------------------------------------------------------------------------------------
def sweep(session: Session, now: datetime) -> tuple[int, int]:
    swept = sweeping.sweep(session, now)
    session.flush()
    session.expire_all()
    return swept.warned, swept.breached


def test_the_sweep_warns_at_75_percent_and_breaches_after_the_due_moment_once_each(session, estate, now):
    ticket = estate.open(session, now)
    estate.walk(session, ticket, now, "dispatch")
    assert sweep(session, now + 22 * MINUTE) == (0, 0)
    assert sweep(session, now + 23 * MINUTE) == (1, 0)
    assert sweep(session, now + 23 * MINUTE) == (0, 0)
    assert sweep(session, now + 30 * MINUTE) == (0, 0)  # on the minute it is in time
    assert sweep(session, now + 31 * MINUTE) == (0, 1)
    assert sweep(session, now + 31 * MINUTE) == (0, 0)
    clock = clock_of(ticket, "first_response")
    assert (clock.state, clock.breached_at, clock.met_at) == ("breached", now + 30 * MINUTE, None)
    assert ticket.due_at == now + 24 * HOUR
    told = session.scalars(select(Message.to).where(Message.purpose == "breach")).all()
    assert told == [estate.staff["supervisor"].number]
    verbs = session.scalars(select(TicketEntry.verb).where(TicketEntry.ticket_id == ticket.id)).all()
    assert verbs.count("warn") == 1
    assert verbs.count("breach") == 1


def test_a_sweep_does_not_make_an_open_page_stale(session, estate, now):
    ticket = estate.open(session, now)
    seen = ticket.revision
    sweep(session, now + 31 * MINUTE)
    perform(session, ticket, "dispatch", estate.actor("assistant"), now + HOUR, {"revision": seen})


def test_a_paused_clock_is_left_alone(session, estate, now):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch", "start", "contact")
    perform(session, ticket, "wait", estate.actor("tech_a"), now, {"reason": "等配件", "until": "2026-05-01"})
    assert sweep(session, now + timedelta(days=40)) == (0, 0)


def test_one_bad_row_never_blocks_the_rest(session, estate, now, monkeypatch, caplog):
    tickets = [estate.open(session, now) for _ in range(3)]
    real = sweeping._breach

    def fragile(session, clock, now):
        real(session, clock, now)
        if clock.ticket_id == tickets[0].id:
            session.flush()
            raise RuntimeError("bad row")

    monkeypatch.setattr(sweeping, "_breach", fragile)
    swept = sweeping.sweep(session, now + HOUR)
    assert (swept.breached, len(swept.failed)) == (2, 1)
    session.expire_all()
    assert states(tickets[0])["first_response"] == "running"  # nothing half-written
    assert sweeping.sweep(session, now + HOUR, swept).seen == 0
    monkeypatch.undo()
    assert sweep(session, now + HOUR) == (0, 1)


def test_more_clocks_than_a_batch_are_all_swept(session, estate, now):
    for _ in range(5):
        estate.open(session, now)
    swept = sweeping.sweep(session, now + HOUR, limit=2)
    while swept.seen:
        swept = sweeping.sweep(session, now + HOUR, swept, limit=2)
    assert swept.breached == 5


def test_what_was_breached_is_visited(session, estate, now):
    ticket = estate.open(session, now)
    sweep(session, now + 40 * MINUTE)
    estate.walk(session, ticket, now + HOUR, "dispatch", "start", "finish")
    visit = session.scalars(select(ReturnVisit)).one()
    assert (visit.state, visit.reason) == ("due", "breached")


def test_instants_come_back_in_utc(session, estate, now):
    ticket = estate.open(session, now)
    session.flush()
    session.expire_all()
    assert ticket.due_at.tzinfo == UTC


def test_a_ticket_whose_waiting_date_has_come_is_told_of_once(session, estate, now):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch", "start")
    until = now + 48 * HOUR
    perform(session, ticket, "wait", estate.actor("tech_a"), now, {"reason": "等配件", "until": until.isoformat()})
    assert end_waits(session, until - MINUTE) == 0
    assert end_waits(session, until) == 1
    assert end_waits(session, until + HOUR) == 0
    message = session.scalars(select(Message).where(Message.purpose == "wait_over")).one()
    assert message.to == estate.staff["tech_a"].number
    perform(session, ticket, "resume", estate.actor("tech_a"), until + HOUR, {})
    again = until + 48 * HOUR
    perform(
        session, ticket, "wait", estate.actor("tech_a"), until + HOUR, {"reason": "等厂家", "until": again.isoformat()}
    )
    assert end_waits(session, again) == 1


def rest(ticket: Ticket, at: datetime) -> dict[str, timedelta]:
    """What is left of each live clock."""
    return {clock.name: clock.due_at - at for clock in ticket.clocks if clock.state in ("running", "paused")}


@pytest.mark.parametrize(
    ("before", "after", "clocks"),
    [
        ("normal", "urgent", {"done": 4 * HOUR, "investigate": 2 * HOUR}),
        ("normal", "emergency", {"done": 2 * HOUR}),
        ("low", "normal", {"done": 24 * HOUR}),
        ("urgent", "emergency", {"done": 2 * HOUR}),
    ],
)
def test_a_higher_urgency_moves_the_clocks_as_if_told_now(session, estate, now, before, after, clocks):
    ticket, later = estate.open(session, now, priority=before), now + 10 * MINUTE
    assert raise_urgency(session, ticket, after, later)
    assert ticket.priority == after
    assert rest(ticket, later) == {"first_response": 20 * MINUTE, **clocks}
    assert ticket.due_at == min(clock.due_at for clock in ticket.clocks if clock.state == "running")
    session.flush()


@pytest.mark.parametrize("lower", ["urgent", "normal", "low", None, "nonsense"])
def test_no_urgency_is_ever_lowered_by_words(session, estate, now, lower):
    ticket = estate.open(session, now, priority="urgent")
    before = rest(ticket, now)
    assert not raise_urgency(session, ticket, lower, now + MINUTE)
    assert (ticket.priority, rest(ticket, now)) == ("urgent", before)


def test_a_clock_that_is_due_sooner_already_stays(session, estate, now):
    ticket = estate.open(session, now)
    later = now + 23 * HOUR
    raise_urgency(session, ticket, "urgent", later)
    assert rest(ticket, later)["done"] == HOUR


def test_what_was_promised_missed_or_finished_is_left_as_it_is(session, estate, now):
    ticket = estate.open(session, now)
    perform(session, ticket, "promise", estate.actor("assistant"), now, {"due_at": (now + 5 * HOUR).isoformat()})
    raise_urgency(session, ticket, "emergency", now + MINUTE)
    assert states(ticket) == {"first_response": "met", "done": "cancelled", "promise": "running"}
    done = estate.walk(session, estate.open(session, now), now, "dispatch", "start", "finish")
    raise_urgency(session, done, "emergency", now + MINUTE)
    assert states(done)["done"] == "met"


def test_a_waiting_ticket_that_becomes_urgent_has_its_shorter_time_left_when_work_goes_on(session, estate, now):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch", "start")
    technician = estate.actor("tech_a")
    perform(session, ticket, "wait", technician, now + HOUR, {"reason": "等配件", "until": "2026-03-12"})
    raise_urgency(session, ticket, "urgent", now + 2 * HOUR)
    assert clock_of(ticket, "done").state == "paused"
    perform(session, ticket, "resume", technician, now + 6 * HOUR, {})
    assert rest(ticket, now + 6 * HOUR)["done"] == 4 * HOUR


def test_a_reopened_ticket_follows_the_rules_of_reopening(session, estate, now):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch", "start", "finish")
    perform(session, ticket, "reopen", estate.actor("supervisor"), now + HOUR, {"reason": "又漏了"})
    raise_urgency(session, ticket, "urgent", now + 2 * HOUR)
    assert rest(ticket, now + 2 * HOUR) == {"done": 4 * HOUR}
