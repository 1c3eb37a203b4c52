"""Two keys in the same instant, two jobs at once: one taker, one telephone rung (D7, G3)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.models import DutyShift, EscalationAttempt, Ladder, Staff, Ticket, TicketEntry
from app.services import escalation
from app.services.escalation_dial import tick
from app.services.transaction import transaction
from tests.support.carrier import FakeCarrier
from tests.support.tickets import small_estate

NUMBERS = ("+8613900139001", "+8613900139002", "+8613900139003")
ROUNDS = 6


@pytest.fixture
def emergency(session, now) -> int:
    """A ladder about to begin; three people on the roster."""
    with transaction() as writing:
        estate = small_estate(writing)
        ticket = estate.open(writing, now, kind="emergency")
        for number, tier in zip(NUMBERS, ("on_duty", "backup", "manager"), strict=True):
            staff = Staff(name=tier, role="steward", number=number)
            writing.add(staff)
            writing.flush()
            span = {"starts_at": now - timedelta(days=1), "ends_at": now + timedelta(days=1)}
            writing.add(
                DutyShift(community_id=ticket.community_id, tier=tier, staff_id=staff.id, number=number, **span)
            )
        return escalation.start(writing, ticket, None, now).id


def together(app, jobs: list[Callable[[], Any]]) -> list[Any]:
    barrier = threading.Barrier(len(jobs), timeout=30)

    def run(job: Callable[[], Any]) -> Any:
        with app.app_context():
            barrier.wait()
            return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(60) for future in [pool.submit(run, job) for job in jobs]]


@pytest.mark.parametrize("_", range(ROUNDS))
def test_two_who_press_in_the_same_instant(app, session, emergency, now, _) -> None:
    carrier = FakeCarrier()
    for second in (0, 60):
        tick(transaction, carrier, "http://h.example.org", now + timedelta(seconds=second))
    session.rollback()
    ids = session.scalars(select(EscalationAttempt.id).order_by(EscalationAttempt.id)).all()

    def press(attempt_id: int) -> Callable[[], bool]:
        def accept() -> bool:
            with transaction() as writing:
                return escalation.accept(writing, attempt_id, now + timedelta(seconds=61)).yours

        return accept

    assert sorted(together(app, [press(ids[0]), press(ids[1])])) == [False, True]
    session.expire_all()
    session.rollback()
    ladder = session.scalars(select(Ladder)).one()
    taken = session.scalars(select(EscalationAttempt).where(EscalationAttempt.state == "accepted")).one()
    ticket = session.scalars(select(Ticket)).one()
    assert (ladder.state, ladder.accepted_attempt_id, ticket.assignee_id) == ("accepted", taken.id, taken.staff_id)
    assert len(session.scalars(select(TicketEntry).where(TicketEntry.verb == "accept")).all()) == 1


def test_two_jobs_at_once_ring_one_telephone(app, session, emergency, now) -> None:
    carrier = FakeCarrier()

    def ring() -> None:
        tick(transaction, carrier, "http://h.example.org", now)

    together(app, [ring] * 4)
    assert carrier.rung == [NUMBERS[0]]
