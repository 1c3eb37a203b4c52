"""Whether a sweep of the clocks costs what is due or what is open: 100 due among 1,000,000 open ones, and among 10,000.

The job's own function, committed batch by batch, in a process for each database, by turns and timed by the wall. Every ticket is
open with a clock that runs; half of them have warned, a fifth of the tickets wait. What is due breaches: timeline, messages to the
supervisors, the ticket's next deadline.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import create_engine, text

from bench.house import answering, asked, tables
from bench.measure import Ratio, median
from bench.tickets import fill, make_estate, without_indexes
from tests.support.postgres import Cluster

LARGE, SMALL = 1_000_000, 10_000
DUE, ROUNDS, WARM_UP = 100, 20, 3
LIMIT = 1.3
QUICK_FILL = {"wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "8GB"}
BEGINS = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)

_CLOCKS = f"""
INSERT INTO clock (ticket_id, name, state, calendar, minutes, warn_percent, started_at, warn_at, due_at, check_at, changed_at,
    warned_at, paused_seconds)
SELECT id, 'done', 'running', 'always', 1440, 75, due - interval '1 day', due - interval '6 hours', due,
    CASE WHEN warned THEN due ELSE due - interval '6 hours' END, due - interval '1 day',
    CASE WHEN warned THEN due - interval '6 hours' END, 0
FROM (SELECT id, place <= {DUE * (ROUNDS + WARM_UP)} OR place % 2 = 0 AS warned,
        CASE WHEN place <= {DUE * (ROUNDS + WARM_UP)} THEN CAST(:begins AS timestamptz) + ((place - 1) / {DUE}) * interval '1 minute'
             ELSE CAST(:begins AS timestamptz) + interval '1 day' + (place % 5000) * interval '1 minute' END AS due
      FROM (SELECT id, row_number() OVER (ORDER BY (id::bigint * 7919) % 1000003) AS place FROM ticket) t) c
"""
_EVENTS = """
INSERT INTO clock_event (clock_id, at, kind, reason, actor_name) SELECT id, started_at, 'started', '', 'bench' FROM clock
"""
_WAITS = "UPDATE ticket SET waiting_reason = '等配件', waiting_until = :until WHERE state = 'waiting'"


def run(folder: Path) -> Iterator[Ratio]:
    """Fill both, then sweep both by turns."""
    cluster = Cluster()
    cluster.settings |= QUICK_FILL
    cluster.start()
    try:
        started = time.perf_counter()
        urls = _databases(cluster, folder)
        print(f"  filled in {time.perf_counter() - started:.0f} s", flush=True)
        spent: dict[str, list[float]] = {name: [] for name in urls}
        environs = [asked(urls[name], folder) for name in ("large", "small")]
        with answering(_serve, environs[0]) as large, answering(_serve, environs[1]) as small:
            for number in range(ROUNDS + WARM_UP):
                for name, process in (("large", large), ("small", small)):
                    seconds = _sweep(process, number)
                    if number >= WARM_UP:
                        spent[name].append(seconds)
    finally:
        cluster.stop()
    name = f"sweep with {DUE} due among {LARGE:,} open ÷ among {SMALL:,} open"
    notes = [f"{ROUNDS} rounds by turns, each with its breaches written and told"]
    yield Ratio(name, median(spent["large"]) * 1000, median(spent["small"]) * 1000, "ms", LIMIT, False, notes)


def _sweep(process: Connection, number: int) -> float:
    process.send(BEGINS + timedelta(minutes=number, seconds=1))
    seconds, breached = process.recv()
    if breached != DUE:
        raise RuntimeError(f"{breached} clocks were breached instead of {DUE}")
    return float(seconds)


def _databases(cluster: Cluster, folder: Path) -> dict[str, str]:
    urls = {name: cluster.url(name) for name in ("small", "large")}
    admin = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE small"))
    tables(asked(urls["small"], folder))
    engine = create_engine(urls["small"])
    with engine.begin() as connection:
        make_estate(connection)
        connection.execute(text("UPDATE staff SET role = 'supervisor', number = '+8613900139001' WHERE id % 100 = 1"))
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE large TEMPLATE small"))
    admin.dispose()
    for name, rows in (("small", SMALL), ("large", LARGE)):
        _fill(urls[name], rows)
    return urls


def _fill(url: str, rows: int) -> None:
    engine = create_engine(url)
    fill(engine, rows, closed=0)
    with engine.begin() as connection:
        for setting in ("session_replication_role = replica", "maintenance_work_mem = '512MB'"):
            connection.execute(text(f"SET LOCAL {setting}"))
        with without_indexes(connection, "clock"):
            connection.execute(text(_CLOCKS), {"begins": BEGINS})
        connection.execute(text(_EVENTS))
        connection.execute(text(_WAITS), {"until": BEGINS + timedelta(days=2)})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _serve(instants: Connection) -> None:
    """Handed an instant, sweep; answer with the seconds and the clocks that were breached."""
    from app import create_app
    from app.jobs import tasks
    from config import load_settings

    with create_app(load_settings()).app_context():
        while True:
            at = instants.recv()
            started = time.perf_counter()
            counted = tasks.clocks(at)
            instants.send((time.perf_counter() - started, counted["breached"]))
