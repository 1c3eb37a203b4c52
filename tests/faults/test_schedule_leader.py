"""The schedule runs in exactly one process, and a standby takes over when that one is killed (G2, G5)."""

from datetime import UTC, datetime

from sqlalchemy import create_engine, text

from app.jobs.leader import FileLock, PostgresLock
from tests.faults.conftest import until
from tests.support.books import balanced

LOCKS = (
    "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database AND d.datname = current_database()"
    " WHERE locktype = 'advisory' AND granted"
)
"""Of this database: another process of the run has schedulers of its own."""


def test_of_two_schedulers_one_leads_and_the_other_takes_over_after_kill_9(start_server, postgres_url, session):
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")

    def holder() -> int | None:
        with engine.connect() as connection:
            row = connection.execute(text("SELECT holder, beat_at FROM heartbeat WHERE name = 'scheduler'")).first()
        return int(row.holder.rsplit(":", 1)[1]) if row else None

    one, other = start_server("scheduler"), start_server("scheduler")
    pids = {one.process.pid: one, other.process.pid: other}
    first = until(holder)
    assert first in pids, one.output() + other.output()
    with engine.connect() as connection:
        assert connection.scalar(text(LOCKS)) == 1
    killed_at = datetime.now(UTC)
    pids.pop(first).kill()
    (second,) = pids
    assert until(lambda: holder() == second), pids[second].output()
    with engine.connect() as connection:
        beat = connection.scalar(text("SELECT beat_at FROM heartbeat WHERE name = 'scheduler'"))
    assert (beat - killed_at).total_seconds() < 20
    engine.dispose()
    balanced(session, [])


def test_a_lock_whose_connection_the_server_ends_is_noticed_and_free_again(postgres_url):
    one, other = PostgresLock(postgres_url), PostgresLock(postgres_url)
    assert one.acquire()
    assert one.held()
    assert not other.acquire()
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        )
    admin.dispose()
    assert not one.held()
    assert until(other.acquire)
    other.release()


def test_a_file_lock_is_held_by_one(tmp_path):
    one, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert one.acquire()
    assert not other.acquire()
    one.release()
    assert other.acquire()
    other.release()
