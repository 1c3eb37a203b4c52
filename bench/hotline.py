"""The hotline's figures on PostgreSQL with two workers: 2,000 disturbed calls, none lost and none doubled; how long a webhook takes at
worst, while lists are read, beside bare ones under the same load and bare ones in the same workers; how soon an emergency rings; what a
call costs among a million others.
"""

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from uuid import uuid4

from sqlalchemy import Engine, create_engine, text

from bench import emergencies, stored_calls
from bench.bare_webhook import events
from bench.beside import MOUNT
from bench.callers import HOTLINE, THINK, Disturbance, at_the_same_time, place, post
from bench.house import environment, fill, pages_being_read, serving
from bench.measure import Ratio
from tests.support.postgres import Cluster

CALLS, AT_ONCE = 2000, 50
REPEAT, REORDER = 0.05, 0.05
WARM_UP = 40
BARE_AT_ONCE = 6
LIST = "/ticketview/list/?view=0"
LIMIT = 3.0


def run(folder: Path) -> Iterator[Ratio]:
    """Everything in one cluster that syncs its log."""
    cluster = Cluster(durable=True).start()
    try:
        environ = environment(cluster.url("postgres"), folder)
        fill(environ)
        engine = create_engine(cluster.url("postgres"))
        yield from _mixed_calls(environ, engine)
        yield from emergencies.run(environ, engine)
        engine.dispose()
        yield from stored_calls.run(cluster, folder)
    finally:
        cluster.stop()


def _mixed_calls(environ: dict[str, str], engine: Engine) -> Iterator[Ratio]:
    numbers = _numbers(engine)
    before = _count(engine, "call")
    # Both workers would make it at once.
    events.create(engine, checkfirst=True)
    with serving(environ, beside=True) as port, pages_being_read(port, LIST, login=True) as lists:
        place(port, WARM_UP, 10, numbers, 1, Disturbance())
        started = time.perf_counter()
        with _bare_beside(port) as bare:
            load = place(port, CALLS, AT_ONCE, numbers, 1_000_000, Disturbance(REPEAT, REORDER))
        lasted = time.perf_counter() - started
    wrong = _books(engine, load.placed, load.emergencies)
    note = (
        f"{len(load.seconds)} webhooks in {lasted:.0f} s, {load.repeated} twice, {load.reordered} out of order,"
        f" {load.refused} refused, {load.differing} repeats answered differently; {len(lists)} list pages read"
    )
    lost = wrong["lost"] + load.refused
    doubled = wrong["doubled"] + load.differing + (_count(engine, "call") - before - WARM_UP - CALLS)
    yield Ratio(f"calls lost of {CALLS:,}", lost, CALLS, "calls", 0.0, at_least=False, notes=[note])
    yield Ratio(f"calls doubled of {CALLS:,}", doubled, CALLS, "calls", 0.0, at_least=False)
    alone = _bare_alone(environ, len(load.seconds) // CALLS + 1)
    ours, plain, beside = _percentile(load.seconds), _percentile(alone), _percentile(bare)
    medians = ", ".join(f"{statistics.median(seconds) * 1000:.0f}" for seconds in (load.seconds, bare, alone))
    notes = [
        f"{len(bare)} bare ones in the product's own workers meanwhile: {beside * 1000:.0f} ms, ratio {ours / beside:.1f}",
        f"medians of ours, bare beside, bare alone: {medians} ms",
    ]
    yield Ratio(
        "99th percentile of a webhook ÷ bare, lists being read", ours * 1000, plain * 1000, "ms", LIMIT, False, notes
    )


@contextmanager
def _bare_beside(port: int) -> Iterator[list[float]]:
    """A few bare webhooks at a time under the load of everything else; the seconds each took."""
    seconds: list[float] = []
    stopped = threading.Event()
    failed: list[Exception] = []

    def call(serial: int) -> None:
        chance = Random(serial)
        try:
            while not stopped.is_set():
                _one_bare(port, f"{MOUNT}/hotline/voice", chance, seconds)
        except (OSError, RuntimeError) as error:
            failed.append(error)

    callers = [threading.Thread(target=call, args=(serial,)) for serial in range(BARE_AT_ONCE)]
    for caller in callers:
        caller.start()
    try:
        yield seconds
    finally:
        stopped.set()
        for caller in callers:
            caller.join()
    if failed:
        raise failed[0]


def _bare_alone(environ: dict[str, str], webhooks: int) -> list[float]:
    """As many webhooks a call, at the same pace, each one insert, on a server of its own; the bare list being read."""
    seconds: list[float] = []
    with serving(environ, bare=True) as port, pages_being_read(port, "/list/", login=False):

        def call(serial: int) -> None:
            chance = Random(serial)
            for _ in range(webhooks):
                _one_bare(port, "/hotline/voice", chance, seconds)

        at_the_same_time(call, CALLS // 4, AT_ONCE)
    return seconds


def _one_bare(port: int, path: str, chance: Random, seconds: list[float]) -> None:
    """One bare webhook and the pause after it. Raises RuntimeError when it is refused."""
    fields = {"CallSid": f"CA{uuid4().hex}", "From": "+8613800138001", "To": HOTLINE}
    started = time.perf_counter()
    status, _ = post(port, path, fields)
    seconds.append(time.perf_counter() - started)
    if status != 200:
        raise RuntimeError(f"the bare webhook answered {status}")
    time.sleep(chance.uniform(*THINK))


def _books(engine: Engine, placed: list[str], emergencies_: list[str]) -> dict[str, int]:
    """Calls placed = calls recorded and ended = tickets or linked contacts, each once."""
    known = "SELECT provider_sid FROM call WHERE provider_sid = ANY(:sids)"
    whole = f"{known} AND ended_at IS NOT NULL AND id IN (SELECT call_id FROM call_ticket)"
    ladders = "SELECT count(*) FROM ladder l JOIN call c ON c.id = l.call_id WHERE c.provider_sid = ANY(:sids)"
    twice = "SELECT count(*) FROM (SELECT ticket_number FROM call GROUP BY 1 HAVING count(ticket_number) > 1) d"
    events = "SELECT count(*) FROM (SELECT key FROM hotline_event GROUP BY 1 HAVING count(*) > 1) d"
    with engine.connect() as connection:
        found = len(connection.execute(text(whole), {"sids": placed}).all())
        rung = connection.scalar(text(ladders), {"sids": emergencies_}) or 0
        doubled = (connection.scalar(text(twice)) or 0) + (connection.scalar(text(events)) or 0)
    return {
        "lost": len(placed) - found + max(0, len(emergencies_) - rung),
        "doubled": doubled + max(0, rung - len(emergencies_)),
    }


def _numbers(engine: Engine) -> list[str]:
    """Half of the callers are known, half are not."""
    with engine.connect() as connection:
        known = (
            connection.execute(text("SELECT number FROM phone WHERE is_mobile ORDER BY id LIMIT 300")).scalars().all()
        )
    strangers = [f"+8615{number:09d}" for number in range(300)]
    return [number for pair in zip(known, strangers, strict=False) for number in pair]


def _count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def _percentile(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]
