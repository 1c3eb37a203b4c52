"""A worker carries things out of the house without a scheduler beside it, and both together send nothing twice (G4, G5)."""

import time

from sqlalchemy import select

from app.adapters import clock
from app.models import Message
from app.services.outbox import enqueue
from app.services.transaction import transaction
from tests.support.books import balanced


def put(count: int) -> None:
    at = clock.now()
    with transaction() as writing:
        for number in range(count):
            enqueue(
                writing,
                channel="email",
                to=f"owner{number}@example.org",
                purpose="done",
                subject="x",
                body="y",
                key=f"test:{at.isoformat()}:{number}",
                now=at,
            )


def sent(session, count: int, seconds: float = 180) -> list[Message]:
    """The `count` messages, as soon as none waits any more."""
    end = time.monotonic() + seconds
    while True:
        session.rollback()
        messages = list(session.scalars(select(Message).where(Message.purpose == "done")))
        gone = [m for m in messages if m.state in ("sent", "delivered")]
        if len(gone) == count or time.monotonic() > end:
            return messages
        time.sleep(0.1)


def test_a_worker_alone_empties_the_outbox(session, start_server, data_dir):
    put(3)
    worker = start_server("worker")
    messages = sent(session, 3)
    assert [m.state for m in messages if m.state not in ("sent", "delivered")] == [], worker.output()
    assert len(messages) == 3
    assert worker.stop() == 0
    balanced(session, [])


def test_a_worker_beside_the_scheduler_sends_nothing_twice(session, start_server, data_dir):
    parts = [start_server("scheduler"), start_server("worker"), start_server("worker")]
    for _ in range(5):
        put(8)
    messages = sent(session, 40)
    assert len(messages) == 40
    assert {(m.state in ("sent", "delivered"), m.tries) for m in messages} == {(True, 1)}, parts[0].output()
    assert len(list((data_dir / "mail").rglob("*.eml"))) == 40
    balanced(session, [])
