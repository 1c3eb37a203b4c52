"""The figures of a month with 100,000 tickets beside one sequential scan of the same tickets by SQL (issue 5).

Ours: `month_tallies.tallies` as the page, the report and REST ask it for a manager, every part of it (requests with the percentiles
of the first response, clocks, complaints and who was asked, answers, calls, alarms, bills, households), and the figures made of it.
Bare: the shortest statement that reads these tickets one after the other and counts them by kind, no index allowed. Each ticket
has two clocks, every third a return visit with its answer. By turns, timed by the wall.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session

from bench.measure import Ratio, median
from bench.tickets import make_estate, without_indexes
from tests.support.postgres import Cluster

TICKETS, ROUNDS, WARM_UP = 100_000, 25, 3
LIMIT = 3.0
COMMUNITY = 1001

_TICKETS = """
INSERT INTO ticket (number, community_id, kind, channel, priority, state, category_id, title, description, house_id, building_id,
    reporter_name, reporter_phone, reporter_locale, assignee_id, is_written, is_repeat, callback_due, counts_in_figures, created_at,
    done_at, closed_at, reopened_count, revision)
SELECT lpad((30000000 + n)::text, 8, '0'), h.community_id,
    (ARRAY['repair','repair','repair','consultation','complaint','service','suggestion'])[1 + n % 7], 'hotline',
    (ARRAY['normal','normal','low','urgent'])[1 + n % 4], CASE WHEN n % 20 = 0 THEN 'dispatched' ELSE 'closed' END,
    (ARRAY(SELECT id FROM category ORDER BY id))[1 + n % 14], '厨房漏水，请派人看看',
    '业户来电说明情况，希望尽快处理。', h.id, h.building_id,
    '赵敏', '+86138' || lpad((n % 40000)::text, 8, '0'), 'zh', 100101 + n % 12, false, false, false, true, at,
    CASE WHEN n % 20 > 0 THEN at + (600 + n * 37 % 90000) * interval '1 second' END, NULL, 0, 1
FROM (SELECT n, timestamptz '2026-09-30 16:00+00' + n * (interval '31 days' / :rows) AS at FROM generate_series(0, :rows - 1) n) t
JOIN (SELECT id, community_id, building_id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS houses
      FROM house WHERE community_id = :community) h ON h.place = (n::bigint * 7919) % h.houses
"""
_CLOCKS = """
INSERT INTO clock (ticket_id, name, state, calendar, minutes, warn_percent, started_at, warn_at, due_at, changed_at, met_at,
    paused_seconds)
SELECT t.id, c.name, CASE WHEN t.done_at IS NULL AND c.place = 2 THEN 'running'
        WHEN (t.id * 7 + c.place) % 13 = 0 THEN 'breached' ELSE 'met' END,
    'always', 30, 75, t.created_at, t.created_at + interval '22 minutes', t.created_at + interval '30 minutes', t.created_at,
    t.created_at + (t.id::bigint * 31 % 7200) * interval '1 second', 0
FROM ticket t, (VALUES ('first_response', 1), ('done', 2)) c (name, place)
"""
_VISITS = """
INSERT INTO return_visit (ticket_id, state, reason, due_on, visited_at, tries, score, note, unsigned_why)
SELECT id, 'made', 'policy', date '2026-10-20', created_at + interval '2 days', 1, 1 + id % 5, '', '' FROM ticket WHERE id % 3 = 0
"""
_BARE = """
SELECT kind, count(*), count(done_at) FROM ticket
WHERE community_id = :community AND created_at >= :start AND created_at < :end AND counts_in_figures GROUP BY kind
"""


def run(folder: Path) -> Iterator[Ratio]:
    """Fill a database of its own, then measure by turns in this process."""
    cluster = Cluster()
    cluster.start()
    try:
        url = _database(cluster, folder)
        engine = create_engine(url)
        with Session(engine) as session:
            ours, bare, count = _rounds(session)
        engine.dispose()
    finally:
        cluster.stop()
    yield Ratio(
        f"figures of a month with {TICKETS:,} tickets ÷ one sequential scan of them",
        1000 * median(ours),
        1000 * median(bare),
        "ms",
        LIMIT,
        at_least=False,
        notes=[f"bare counts by kind; a scan that counts nothing but rows takes {1000 * median(count):.1f} ms"],
    )


def _rounds(session: Session) -> tuple[list[float], list[float], list[float]]:
    from zoneinfo import ZoneInfo

    from app.rules.codes import Role
    from app.services.actors import Actor
    from app.services.month_matters import Cut
    from app.services.month_tallies import NOBODY, tallies, values
    from app.services.reporting.period import month_of

    month = month_of("2026-10", ZoneInfo("Asia/Shanghai"))
    who = Actor(None, "bench", "bench", frozenset({Role.MANAGER}), community_ids=frozenset({COMMUNITY}))
    given = {"community": COMMUNITY, "start": month.starts_at, "end": month.ends_at}
    count = _BARE.replace("kind, count(*), count(done_at)", "count(*)").replace("GROUP BY kind", "")
    _assert_sequential(session.connection(), given)
    spent: list[tuple[float, float, float]] = []
    for _round in range(ROUNDS + WARM_UP):
        started = time.perf_counter()
        counted = tallies(session, who, [month], Cut(COMMUNITY))[NOBODY][0]
        values(counted)
        ours = time.perf_counter() - started
        if counted.requests != TICKETS:
            raise RuntimeError(f"{counted.requests} requests instead of {TICKETS}")
        spent.append((ours, _scan(session, _BARE, given), _scan(session, count, given)))
    ours_all, bare, only_count = zip(*spent[WARM_UP:], strict=True)
    return list(ours_all), list(bare), list(only_count)


def _scan(session: Session, statement: str, given: dict[str, object]) -> float:
    with _without_index(session.connection()):
        started = time.perf_counter()
        session.execute(text(statement), given).all()
        return time.perf_counter() - started


class _without_index:
    """No index for a while: what is bare reads the table from its beginning to its end."""

    ways = ("enable_indexscan", "enable_bitmapscan", "enable_indexonlyscan")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def __enter__(self) -> None:
        for way in self.ways:
            self.connection.execute(text(f"SET LOCAL {way} = off"))

    def __exit__(self, *_: object) -> None:
        for way in self.ways:
            self.connection.execute(text(f"SET LOCAL {way} = on"))


def _assert_sequential(connection: Connection, given: dict[str, object]) -> None:
    with _without_index(connection):
        plan = "\n".join(connection.execute(text(f"EXPLAIN {_BARE}"), given).scalars())
    if "Seq Scan on ticket" not in plan:
        raise RuntimeError(f"no sequential scan:\n{plan}")


def _database(cluster: Cluster, folder: Path) -> str:
    url = cluster.url("figures")
    admin = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE figures"))
    admin.dispose()
    environ = {**os.environ, "DATABASE_URL": url, "DATA_DIR": str(folder), "SECRET_KEY": "bench" * 8}
    for step in (("db", "upgrade"), ("seed",)):
        command = [sys.executable, "-m", "flask", "--app", "run", *step]
        subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
    engine = create_engine(url)
    with engine.begin() as connection:
        make_estate(connection)
        with without_indexes(connection, "ticket"):
            connection.execute(text(_TICKETS), {"rows": TICKETS, "community": COMMUNITY})
        connection.execute(text(_CLOCKS))
        connection.execute(text(_VISITS))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # The triggers have written every ticket anew: without the old versions, as the table is after the month.
        connection.execute(text("VACUUM FULL ANALYZE"))
    engine.dispose()
    return url
