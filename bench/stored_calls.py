"""Whether a call costs more among a million stored ones than among ten thousand: two databases, two servers, by turns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from bench.callers import Caller, Disturbance, Load
from bench.house import environment, fill, serving
from bench.measure import Ratio, median
from bench.tickets import without_indexes
from tests.support.postgres import Cluster

LARGE, SMALL = 1_000_000, 10_000
ROUNDS, CALLS = 24, 8
LIMIT = 1.2
NUMBERS = 40_000

_CALLS = f"""
INSERT INTO call (provider_sid, direction, from_number, to_number, community_id, status, outcome, started_at, ended_at,
    duration_seconds, locale, step, facts, ticket_number)
SELECT 'CAs' || n, 'inbound', '+86138' || lpad((n % {NUMBERS})::text, 8, '0'), '+862160000000', (SELECT min(id) FROM community),
    'completed', 'ticket', at, at + interval '2 minutes', 120, 'zh', 'end', '{{"turn": 7, "ended": true}}',
    lpad((50000000 + n)::text, 8, '0')
FROM (SELECT n, now() - (:rows - n) * (interval '1095 days' / :rows) AS at FROM generate_series(1, :rows) n) s
"""
_EVENTS = """
INSERT INTO hotline_event (key, kind, call_sid, received_at, params, answer)
SELECT k.kind || ':' || c.provider_sid || k.turn, k.kind, c.provider_sid, c.started_at, '{"From": "+8613800138001"}', '<Response/>'
FROM call c, (VALUES ('voice', ''), ('step', '-1-menu'), ('step', '-2-house'), ('status', '-completed')) k(kind, turn)
WHERE c.provider_sid LIKE 'CAs%'
"""
_TICKETS = """
INSERT INTO ticket (number, community_id, kind, channel, priority, state, title, description, house_id, building_id, reporter_phone,
    reporter_locale, is_written, is_repeat, callback_due, counts_in_figures, created_at, closed_at, reopened_count, revision)
SELECT c.ticket_number, c.community_id, 'repair', 'hotline', 'normal', 'closed', '厨房漏水', '厨房漏水', h.id, h.building_id,
    c.from_number, 'zh', false, false, false, true, c.started_at, c.started_at + interval '1 day', 0, 1
FROM call c JOIN (SELECT id, building_id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS houses
                  FROM house WHERE community_id = (SELECT min(id) FROM community)) h ON h.place = c.id % h.houses
WHERE c.provider_sid LIKE 'CAs%'
"""
_LINKS = "INSERT INTO call_ticket (call_id, ticket_id) SELECT c.id, t.id FROM call c JOIN ticket t ON t.number = c.ticket_number"
_LINKS += " WHERE c.provider_sid LIKE 'CAs%'"


def run(cluster: Cluster, folder: Path) -> Iterator[Ratio]:
    """Fill both, then let the same callers call both."""
    engines = _databases(cluster, folder)
    spent: dict[int, list[float]] = {LARGE: [], SMALL: []}
    with serving(_environ(cluster, folder, LARGE)) as large, serving(_environ(cluster, folder, SMALL)) as small:
        for number in range(ROUNDS + 2):
            for rows, port in ((LARGE, large), (SMALL, small)):
                seconds = _calls(port, number)
                if number >= 2:  # the first rounds load code and pages
                    spent[rows].append(seconds)
    for engine in engines:
        engine.dispose()
    notes = [f"whole calls of six webhooks, one after the other; {ROUNDS} rounds of {CALLS} by turns"]
    name = f"a call among {LARGE:,} stored ÷ among {SMALL:,}"
    yield Ratio(
        name, median(spent[LARGE]) * 1000, median(spent[SMALL]) * 1000, "ms", LIMIT, at_least=False, notes=notes
    )


def _calls(port: int, number: int) -> float:
    """Seconds of webhooks per call, the caller's thinking left out."""
    load = Load()
    for place in range(CALLS):
        kind = ("repair", "progress", "complaint", "question")[place % 4]
        serial = 5_000_000 + number * 100 + place
        caller = Caller(port, f"+86138{serial % NUMBERS:08d}", kind, serial, load, Disturbance())
        caller.think = (0.0, 0.0)
        caller.run()
    if load.refused:
        raise RuntimeError("a call was refused")
    return sum(load.seconds) / CALLS


def _environ(cluster: Cluster, folder: Path, rows: int) -> dict[str, str]:
    return environment(cluster.url(f"calls{rows}"), folder, WEB_CONCURRENCY="1")


def _databases(cluster: Cluster, folder: Path) -> list[Engine]:
    admin = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE calls{SMALL}"))
    fill(_environ(cluster, folder, SMALL))
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE calls{LARGE} TEMPLATE calls{SMALL}"))
    engines = []
    started = time.perf_counter()
    for rows in (SMALL, LARGE):
        engine = create_engine(cluster.url(f"calls{rows}"))
        _fill(engine, rows)
        engines.append(engine)
    print(f"  filled in {time.perf_counter() - started:.0f} s", flush=True)
    admin.dispose()
    return engines


def _fill(engine: Engine, rows: int) -> None:
    """Calls with four events, a ticket and its link each. The indexes of tickets are made afterwards."""
    with engine.begin() as connection:
        for setting in (
            "session_replication_role = replica",
            "synchronous_commit = off",
            "maintenance_work_mem = '512MB'",
        ):
            connection.execute(text(f"SET LOCAL {setting}"))
        connection.execute(text(_CALLS), {"rows": rows})
        connection.execute(text(_EVENTS))
        with without_indexes(connection, "ticket"):
            connection.execute(text(_TICKETS))
        connection.execute(text("ANALYZE ticket"))
        connection.execute(text(_LINKS))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
