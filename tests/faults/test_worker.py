"""A worker carries things out of the house without a scheduler beside it, and both together send nothing twice (G4, G5)."""

import time

from sqlalchemy import select

from app.adapters import clock
from app.models import Message
from app.services.outbox import enqueue
from app.services.transaction import transaction


def put(count: int) -> None:
    at = clock.now()
    with transaction() as writing:
        for number in range(count):
            enqueue(
                writing,
                channel="email",
                to=f"owner{number}@example.org",
                purpose="test",
                subject="x",
                body="y",
                key=f"test:{at.isoformat()}:{number}",
                now=at,
            )


def sent(session, seconds: float = 40) -> list[Message]:
    """Every message, as soon as none waits any more."""
    end = time.monotonic() + seconds
    while True:
        session.rollback()
        messages = list(session.scalars(select(Message).where(Message.purpose == "test")))
        if all(m.state in ("sent", "delivered") for m in messages) or time.monotonic() > end:
            return messages
        time.sleep(0.1)


def test_a_worker_alone_empties_the_outbox(session, start_server, data_dir):
    put(3)
    worker = start_server("worker")
    assert {m.state for m in sent(session)} <= {"sent", "delivered"}, worker.output()
    assert worker.stop() == 0


def test_a_worker_beside_the_scheduler_sends_nothing_twice(session, start_server, data_dir):
    parts = [start_server("scheduler"), start_server("worker"), start_server("worker")]
    for _ in range(5):
        put(8)
    messages = sent(session)
    assert len(messages) == 40
    assert {(m.state in ("sent", "delivered"), m.tries) for m in messages} == {(True, 1)}, parts[0].output()
    assert len(list((data_dir / "mail").rglob("*.eml"))) == 40
