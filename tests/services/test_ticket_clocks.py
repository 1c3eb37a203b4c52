"""Clocks on real tickets: started, met, paused, replaced, swept (D4, I8)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Clock, Message, ReturnVisit, Ticket, TicketEntry
from app.services import clocks as sweeping
from app.services.ticket_verbs import perform
from app.services.waits import end_waits
from tests.support.databases import Databases
from tests.support.tickets import SYSTEM, SmallEstate, unsaved_estate

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def states(ticket: Ticket) -> dict[str, str]:
    return {clock.name: clock.state for clock in ticket.clocks}


def clock_of(ticket: Ticket, name: str) -> Clock:
    return [clock for clock in ticket.clocks if clock.name == name][-1]


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
