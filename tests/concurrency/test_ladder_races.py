"""Two keys in the same instant, two jobs at once: one taker, one telephone rung (D7, G3)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.errors import Refused
from app.models import Call, DutyShift, EscalationAttempt, Ladder, Staff, StaffCommunity, Ticket, TicketEntry
from app.services import alarms, escalation
from app.services.actors import Actor
from app.services.escalation_dial import tick
from app.services.ticket_verbs import perform
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


def somebody_waits(ladder_id: int, now: datetime) -> None:
    """The emergency's caller is in the queue."""
    with transaction() as writing:
        ladder = writing.get_one(Ladder, ladder_id)
        call = Call(provider_sid="CArace", direction="inbound", status="in-progress", started_at=now, locale="zh")
        call.community_id, call.step, call.facts = ladder.ticket.community_id, "queue", {"turn": 1}
        writing.add(call)
        writing.flush()
        ladder.call_id = call.id


def at_the_portal(session, name: str) -> Actor:
    """One of the roster, logged in."""
    session.rollback()
    community_id = session.scalars(select(Ticket.community_id)).one()
    person = session.scalars(select(Staff).where(Staff.name == name)).one()
    with transaction() as writing:
        writing.add(StaffCommunity(staff_id=person.id, community_id=community_id))
    return Actor(
        user_id=None,
        username=name,
        display_name=person.name,
        roles=frozenset({"manager"}),
        staff_id=person.id,
        community_ids=frozenset({community_id}),
    )


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


@pytest.mark.parametrize("way", ["page", "step"])
@pytest.mark.parametrize("_", range(3))
def test_key_one_and_the_portal_in_the_same_instant(app, session, emergency, now, way, _) -> None:
    """The alarm on a page, or a step on the ticket, against the telephone: one takes it, nobody waits for the other."""
    carrier = FakeCarrier()
    tick(transaction, carrier, "http://h.example.org", now)
    session.rollback()
    attempt_id = session.scalars(select(EscalationAttempt.id)).one()
    ticket = session.scalars(select(Ticket)).one()
    ticket_id = ticket.id
    actor = at_the_portal(session, "manager")

    def press() -> bool:
        with transaction() as writing:
            return escalation.accept(writing, attempt_id, now).yours

    def portal() -> bool:
        try:
            with transaction() as writing:
                if way == "page":
                    return alarms.take(writing, emergency, actor, now)[0].yours
                data = {"assignee_id": actor.staff_id}
                perform(writing, writing.get_one(Ticket, ticket_id), "dispatch", actor, now, data)
                return True
        except Refused:
            return False

    won = together(app, [press, portal])
    session.expire_all()
    session.rollback()
    ladder = session.scalars(select(Ladder)).one()
    taken = session.scalars(select(EscalationAttempt).where(EscalationAttempt.state == "accepted")).one()
    assert (ladder.state, ladder.accepted_attempt_id) == ("accepted", taken.id)
    assert len(session.scalars(select(TicketEntry).where(TicketEntry.verb == "accept")).all()) == 1
    if way == "page":
        assert sorted(won) == [False, True]


@pytest.mark.parametrize("_", range(ROUNDS))
def test_key_one_and_the_end_of_its_line_in_the_same_instant(app, session, emergency, now, _) -> None:
    """Whichever comes first, the caller who waits is not left with a line that is gone: the next telephone rings."""
    carrier = FakeCarrier()
    somebody_waits(emergency, now)
    tick(transaction, carrier, "http://h.example.org", now)
    session.rollback()
    attempt_id = session.scalars(select(EscalationAttempt.id)).one()
    report = {"sid": carrier.sid(1), "answered_by": None, "now": now}
    with transaction() as writing:
        escalation.progress(writing, attempt_id, status="in-progress", **report)

    def press() -> bool:
        with transaction() as writing:
            return escalation.accept(writing, attempt_id, now).yours

    def end() -> None:
        with transaction() as writing:
            escalation.progress(writing, attempt_id, status="completed", **report)

    together(app, [press, end])
    for second in (1, 12):
        tick(transaction, carrier, "http://h.example.org", now + timedelta(seconds=second))
    session.expire_all()
    session.rollback()
    assert carrier.rung == list(NUMBERS[:2])
    assert session.scalars(select(Ladder.state)).one() == "running"


@pytest.mark.parametrize("_", range(ROUNDS))
def test_the_page_and_the_jobs_in_the_same_instant(app, session, emergency, now, _) -> None:
    """Taken on a page as its own telephone is about to be rung, or is being rung: it rings once, and nobody else's does."""
    carrier, actor = FakeCarrier(), at_the_portal(session, "on_duty")
    somebody_waits(emergency, now)

    def take() -> None:
        with transaction() as writing:
            assert alarms.take(writing, emergency, actor, now)[0].yours

    def ring() -> None:
        tick(transaction, carrier, "http://h.example.org", now)

    together(app, [ring, take, ring])
    for second in (1, 2):
        tick(transaction, carrier, "http://h.example.org", now + timedelta(seconds=second))
    assert carrier.rung == [NUMBERS[0]]
