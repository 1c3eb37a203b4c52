"""A server whose way to the database can be disturbed, the carrier's end of its webhooks, and a town for a whole file."""

import subprocess
import time
from collections.abc import Callable, Iterator
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit, urlunsplit
from urllib.request import Request, urlopen

import pytest
from twilio.request_validator import RequestValidator

from app.adapters.clock import now as present
from tests.support.hotline import HOTLINE, ZHANG, build_estate
from tests.support.postgres import Cluster, find_programs
from tests.support.server import Server
from tests.support.town import Town, until
from tests.support.twilio_company import Company, running
from tests.support.wire import Wire

TOKEN = "faults-token"


@pytest.fixture
def wire(postgres_url: str) -> Iterator[Wire]:
    parts = urlsplit(postgres_url)
    made = Wire(parts.hostname or "127.0.0.1", parts.port or 5432)
    yield made
    made.close()


@pytest.fixture
def server(start_server: Callable[..., Server], postgres_url: str, wire: Wire, session) -> Server:
    """The web part with one worker, its database at the end of the wire."""
    build_estate(session, present())
    parts = urlsplit(postgres_url)
    through = urlunsplit(parts._replace(netloc=f"{parts.username}@127.0.0.1:{wire.port}"))
    account = {"CARRIER": "twilio", "TWILIO_ACCOUNT_SID": "ACfaults", "TWILIO_AUTH_TOKEN": TOKEN}
    return start_server("web", DATABASE_URL=through, WEB_CONCURRENCY="1", **account)


@pytest.fixture
def post(server: Server) -> Callable[..., tuple[int, str, float]]:
    """post("/hotline/voice", "CA1", Digits="9"): status, body and seconds of one signed webhook; status 0: no answer."""

    def send(path: str, sid: str, **more: str) -> tuple[int, str, float]:
        fields = {"CallSid": sid, "From": ZHANG, "To": HOTLINE, "CallStatus": "in-progress", **more}
        signature = RequestValidator(TOKEN).compute_signature(server.url + path, fields)
        web = Request(server.url + path, urlencode(fields).encode(), {"X-Twilio-Signature": signature})
        started = time.monotonic()
        try:
            with urlopen(web, timeout=30) as answer:
                return answer.status, answer.read().decode(), time.monotonic() - started
        except HTTPError as error:
            return error.code, "", time.monotonic() - started
        except OSError:
            return 0, "", time.monotonic() - started

    return send


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    """The telephone company of a file's town."""
    with running() as state:
        state.created = None
        yield state


@pytest.fixture(scope="module")
def new_town(
    seeded_copy: Callable[[], str], test_environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Town]]:
    """new_town(company) on a database of its own; its processes end with the file."""
    towns: list[Town] = []

    def make(company: Company | None = None, url: str = "", **environ: str) -> Town:
        folder = tmp_path_factory.mktemp("town")
        towns.append(Town(url or seeded_copy(), {**test_environ, **environ}, folder, company))
        return towns[-1]

    yield make
    for town in towns:
        town.leave()


@pytest.fixture(scope="module")
def cluster(seeded_copy: Callable[[], str]) -> Iterator[tuple[Cluster, str]]:
    """A PostgreSQL of the file's own, that may be stopped, with a seeded database in it: (cluster, url)."""
    programs, made = find_programs(), Cluster().start()
    assert programs is not None
    admin = made.url("postgres").replace("+psycopg", "")
    subprocess.run([programs / "psql", "-q", admin, "-c", "CREATE DATABASE town"], check=True)
    seeded, own = seeded_copy().replace("+psycopg", ""), made.url("town").replace("+psycopg", "")
    dump = subprocess.run([programs / "pg_dump", "-O", seeded], check=True, capture_output=True).stdout
    subprocess.run([programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", own], input=dump, check=True, capture_output=True)
    yield made, made.url("town")
    made.stop()


__all__ = ["until"]
