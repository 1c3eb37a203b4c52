"""Two at once: one dispatch, one breach, one run of a period, however many ask (D3, G5)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.errors import Refused
from app.jobs.runs import claim, run_job
from app.models import JobRun, Message, Ticket, TicketEntry
from app.services.ticket_verbs import perform
from app.services.transaction import transaction
from tests.support.tickets import small_estate

HOUR = timedelta(hours=1)


@pytest.fixture
def ticket_id(session, now):
    with transaction() as writing:
        estate = small_estate(writing)
        ticket = estate.open(writing, now)
        assistant = estate.actor("assistant")
        number = ticket.id
    return number, assistant


def together(app, count: int, work: Callable[[threading.Barrier], Any]) -> list[Any]:
    """Run `work` in that many threads, each in its own application context; the barrier makes them meet."""
    barrier = threading.Barrier(count, timeout=30)

    def run() -> Any:
        with app.app_context():
            return work(barrier)

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]


def test_two_workers_dispatch_one_ticket_and_one_of_them_is_told(app, session, ticket_id, now):
    number, assistant = ticket_id

    def dispatch(barrier):
        try:
            with transaction() as writing:
                ticket = writing.get(Ticket, number)
                assert ticket.state == "registered"
                barrier.wait()
                perform(writing, ticket, "dispatch", assistant, now, {})
        except Refused as refusal:
            return str(refusal)
        return "done"

    results = sorted(together(app, 2, dispatch))
    assert results[1] == "done"
    assert "just changed" in results[0]
    session.expire_all()
    verbs = session.scalars(select(TicketEntry.verb).where(TicketEntry.ticket_id == number)).all()
    assert verbs.count("dispatch") == 1
    assert len(session.scalars(select(Message).where(Message.purpose == "dispatch")).all()) == 1


def test_four_sweeps_at_once_breach_a_clock_once(app, session, ticket_id, now):
    def sweep(barrier):
        barrier.wait()
        return run_job("clocks", now + HOUR)["breached"]

    assert sum(together(app, 4, sweep)) == 1
    assert len(session.scalars(select(Message).where(Message.purpose == "breach")).all()) == 1


def test_of_eight_processes_one_gets_the_period(app, session, now):
    def ask(barrier):
        barrier.wait()
        return claim("test", "2026-03", now)

    assert sum(together(app, 8, ask)) == 1
    assert session.scalars(select(JobRun.period)).all() == ["2026-03"]
