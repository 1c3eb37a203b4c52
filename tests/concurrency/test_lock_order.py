"""A call, its emergency's ladder and its ticket are locked in one order (call, ladder, ticket): neither of two webhooks has to be taken
twice, or to wait for PostgreSQL to end one of them."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from app.adapters.clock import now as present
from app.models import EscalationAttempt, Ladder, Setting, Ticket
from app.services import escalation
from app.services.escalation_dial import tick
from app.services.transaction import transaction
from tests.support.carrier import FakeCarrier
from tests.support.check_ins import Register
from tests.support.hotline import Line, build_estate
from tests.support.ladder import fill_roster
from tests.support.town import until

pytestmark = pytest.mark.postgres_only
BLOCKED = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")


@pytest.fixture
def community(session):
    made = build_estate(session, present())
    fill_roster(session, made)
    return made


def accept_while(app, meanwhile: Callable[[], Any]) -> None:
    """Key 1 has locked its ladder, and goes on once the other webhook waits for it."""
    held = threading.Event()

    def press() -> None:
        with app.app_context():
            with transaction() as reading:
                attempt_id = reading.scalars(select(EscalationAttempt.id).order_by(EscalationAttempt.id)).first()
            with transaction() as writing:
                escalation.locked(writing, attempt_id)
                held.set()
                assert until(lambda: writing.scalar(BLOCKED), 20)
                assert escalation.accept(writing, attempt_id, present()).yours

    def other() -> None:
        held.wait(20)
        meanwhile()

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(press), pool.submit(other)]:
            future.result(60)


def ring(at) -> None:
    tick(transaction, FakeCarrier(), "http://h.example.org", at)


def test_a_caller_who_hangs_up_as_the_emergency_is_taken(app, session, community, caplog) -> None:
    line = Line(app).dial().press("9").say("厨房水管爆了")
    ring(present() + timedelta(seconds=1))
    with caplog.at_level(logging.WARNING):
        accept_while(app, line.hang_up)
    assert "once more" not in caplog.text
    session.rollback()
    ladder, ticket = session.scalars(select(Ladder)).one(), session.scalars(select(Ticket)).one()
    assert (ladder.state, ladder.caller_wants_callback, ticket.callback_due) == ("accepted", True, True)


def test_whoever_waits_after_a_check_in_call_and_hangs_up_as_it_is_taken(
    app, session, community, monkeypatch, caplog
) -> None:
    for key, value in (("outbound.from_hour", "0"), ("outbound.until_hour", "24")):
        session.add(Setting(key=key, value=value))
    session.commit()
    scene = Register(app, session, community)
    monkeypatch.setattr("app.hotline.outbound.now", lambda: scene.present)
    line = scene.minute(0).take().press("9")
    ring(scene.present)
    with caplog.at_level(logging.WARNING):
        accept_while(app, lambda: line.progress("completed"))
    assert "once more" not in caplog.text
    session.rollback()
    ladder, ticket = session.scalars(select(Ladder)).one(), session.scalars(select(Ticket)).one()
    assert (ladder.state, ladder.caller_wants_callback, ticket.callback_due) == ("accepted", True, True)
