"""The list of tickets at 1,000,000 on PostgreSQL, against bare pages, indexed lookups and the same list at 10,000.

Every ratio compares two whole pages of the running application (or the bare one), taken by turns through its WSGI
door and timed by the wall: the database's part is in both. What is compared stands in each name; beside it stands the
same by the processor's time of the process, which other programs of the machine disturb less.
"""

import gzip
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from bench.bare_list import create_app as bare_app
from bench.bare_search import add_lookups
from bench.house import answering, asked, tables
from bench.measure import Ratio, median
from bench.searching import in_header, in_list
from bench.special import detection
from bench.tickets import fill, make_estate
from tests.support.postgres import Cluster

LARGE, SMALL = 1_000_000, 10_000
ROUNDS, WARM_UP = 40, 5
SIZE = 25
COMMUNITY = 1001
FAMILIES = ("kind", "priority", "ticket_state")
LIST = "/ticketview/list/?view=0"
BARE, COMPRESSED = "bare", "compressed"
QUICK_FILL = {"wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "8GB"}

Page = Callable[[], tuple[float, float]]
"""Asks for a page once: seconds by the wall and of the processor."""


def run(folder: Path) -> Iterator[Ratio]:
    """Fill both databases, then measure."""
    cluster = Cluster()
    cluster.settings |= QUICK_FILL
    cluster.start()
    try:
        started = time.perf_counter()
        urls = _databases(cluster, folder)
        print(f"  filled in {time.perf_counter() - started:.0f} s", flush=True)
        yield from _measure(urls, folder)
        large, small = (asked(urls[name], folder) for name in ("large", "small"))
        yield from detection(large, small, (f"{LARGE:,}", f"{SMALL:,}"))
    finally:
        cluster.stop()


def _databases(cluster: Cluster, folder: Path) -> dict[str, str]:
    urls = {name: cluster.url(name) for name in ("small", "large")}
    admin = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE small"))
    tables(asked(urls["small"], folder))
    engine = create_engine(urls["small"])
    with engine.begin() as connection:
        make_estate(connection)
    _manager(urls["small"])
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE large TEMPLATE small"))
    for name, rows in (("small", SMALL), ("large", LARGE)):
        engine = create_engine(urls[name])
        fill(engine, rows)
        engine.dispose()
    admin.dispose()
    return urls


def _manager(url: str) -> None:
    """A manager of one community, whom every page of ours is for."""
    from sqlalchemy.orm import Session

    from app.models import Staff, StaffCommunity
    from tests.support.estate import login

    engine = create_engine(url)
    with Session(engine) as session:
        user = login(session, "manager", "manager")
        staff = Staff(name="周经理", user_id=user.id, role="manager")
        session.add(staff)
        session.flush()
        session.add(StaffCommunity(staff_id=staff.id, community_id=COMMUNITY))
        session.commit()
    engine.dispose()


def _measure(urls: dict[str, str], folder: Path) -> Iterator[Ratio]:
    environs = [asked(urls[name], folder) for name in ("large", "small")]
    with answering(_serve, environs[0]) as large, answering(_serve, environs[1]) as small:
        first = _page(large, LIST)
        yield from (
            _ratio("list page ÷ bare page of the same rows", first, _page(large, BARE), 2.5),
            _ratio("last page ÷ first page", _page(large, f"{LIST}&end_TicketView=1"), first, 1.5),
            _ratio(f"list at {LARGE:,} ÷ list at {SMALL:,}", first, _page(small, LIST), 1.3),
        )
        compared = partial(_compared, large)
        yield from in_list(large, _house(urls["large"]), compared)
        yield from in_header(large, compared)
        large.send(COMPRESSED)
        sent, plain = large.recv()
        name = "bytes of a list page, compressed ÷ 40 kB"
        yield Ratio(name, sent / 1000, 40.0, "kB", 1.0, at_least=False, notes=[f"{plain / 1000:.0f} kB plain"])
    yield from _interactive(urls["large"], folder)


def _serve(questions: Connection) -> None:
    """Answer paths with (seconds, processor's seconds, status), a pair with the text of its path; the bare pages and the
    compressed size by names of their own. The bare pages go through the same engine: its connections are what ours are."""
    from app import create_app
    from app.extensions import db
    from app.views.labels import CODES
    from config import load_settings
    from tests.support.client import Client

    app = create_app(load_settings())
    client = Client(app, app.response_class)
    client.login("manager")
    with app.test_request_context(LIST):
        words = {code: str(label) for family in FAMILIES for code, label in CODES[family].items()}
        beside = bare_app(db.engine, COMMUNITY, SIZE, words)
        add_lookups(beside, db.engine)
        bare = beside.test_client()
    while True:
        asked = questions.recv()
        if isinstance(asked, tuple):
            questions.send(client.get(asked[1]).get_data(as_text=True))
        elif asked == COMPRESSED:
            data = client.get(LIST, headers={"Accept-Encoding": "gzip"}).get_data()
            questions.send((len(data), len(gzip.decompress(data))))
        else:
            questions.send(_timed(client, bare, asked))


def _timed(ours: Any, bare: Any, path: str) -> tuple[float, float, int]:
    started, worked = time.perf_counter(), time.process_time()
    answer = bare.get(path.removeprefix(BARE) or "/") if path.startswith(BARE) else ours.get(path)
    spent = time.perf_counter() - started, time.process_time() - worked
    return (*spent, answer.status_code if answer.get_data() else 0)


def _house(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(text(f"SELECT house_id FROM ticket WHERE community_id = {COMMUNITY} LIMIT 1"))
    engine.dispose()
    return int(found)


def _page(served: Connection, path: str) -> Page:
    def ask() -> tuple[float, float]:
        served.send(path)
        seconds, worked, status = served.recv()
        if status != 200:
            raise RuntimeError(f"{path}: {status}")
        return float(seconds), float(worked)

    return ask


def _compared(served: Connection, name: str, ours: str, bare: str, limit: float) -> Ratio:
    return _ratio(name, _page(served, ours), _page(served, bare), limit)


def _ratio(name: str, ours: Page, bare: Page, limit: float) -> Ratio:
    """Both by turns, the first rounds thrown away."""
    rounds = [(ours(), bare()) for _ in range(ROUNDS + WARM_UP)][WARM_UP:]
    wall, work = ([[1000 * page[clock] for page in both] for both in zip(*rounds, strict=True)] for clock in (0, 1))
    here, there = median(work[0]), median(work[1])
    notes = [f"by the processor's time: {here:.1f} ÷ {there:.1f} ms = {here / there:.2f}"]
    return Ratio(name, median(wall[0]), median(wall[1]), "ms", limit, at_least=False, notes=notes)


def _interactive(url: str, folder: Path) -> Iterator[Ratio]:
    """The list in Chromium from the click to the end of its scripts: shown, not limited."""
    from bench.browser import first_page

    yield first_page(asked(url, folder), LIST)
