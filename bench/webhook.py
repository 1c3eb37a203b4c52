"""The voice webhook, fully persisted, against the bare view of `bare_webhook`: ≥ 0.30 of its requests per second."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from bench.house import fill
from bench.measure import Ratio, Request, median, requests_per_second
from tests.support.postgres import Cluster, free_port

ROUNDS = 5
CLIENTS = 2
CALLS_PER_CLIENT = 150
LIMIT = 0.30
TOKEN = "bench-token"
APPS = {"ours": "run:app", "bare": "bench.bare_webhook:create_app()"}
_serial = count()


def run(folder: Path) -> Iterator[Ratio]:
    """On SQLite (synchronous=FULL) and on a PostgreSQL that syncs its log."""
    yield _measure("SQLite", f"sqlite:///{folder / 'linli.db'}", folder)
    cluster = Cluster(durable=True).start()
    try:
        yield _measure("PostgreSQL", cluster.url("postgres"), folder)
    finally:
        cluster.stop()


def _measure(name: str, database_url: str, folder: Path) -> Ratio:
    ports = {which: free_port() for which in APPS}
    environ = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder),
        "CARRIER": "twilio",
        "TWILIO_ACCOUNT_SID": "ACbench",
        "TWILIO_AUTH_TOKEN": TOKEN,
        "LOG_LEVEL": "WARNING",
    }
    fill(environ)
    rates: dict[str, list[float]] = {which: [] for which in APPS}
    with _served("ours", ports["ours"], environ), _served("bare", ports["bare"], environ):
        for port in ports.values():
            requests_per_second(port, _batches(port, 20))
        for _ in range(ROUNDS):
            for which, port in ports.items():
                rates[which].append(requests_per_second(port, _batches(port, CALLS_PER_CLIENT)))
    return Ratio(
        f"voice webhook on {name}", median(rates["ours"]), median(rates["bare"]), "requests/s", LIMIT, at_least=True
    )


@contextmanager
def _served(which: str, port: int, environ: dict[str, str]) -> Iterator[None]:
    """The same gunicorn for both: one sync worker."""
    base = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--log-level", "error", APPS[which]],
        env={**environ, "PORT": str(port), "PUBLIC_BASE_URL": base},
    )
    try:
        _wait(port)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answered on port {port}")


def _batches(port: int, size: int) -> list[list[Request]]:
    return [[_call(port) for _ in range(size)] for _ in range(CLIENTS)]


def _call(port: int) -> Request:
    """A first webhook of a new call from a known owner, signed as Twilio signs it."""
    params = {
        "CallSid": f"CA{next(_serial):032x}",
        "AccountSid": "ACbench",
        "From": "+8613800138001",
        "To": "+862160000000",
        "CallStatus": "ringing",
        "Direction": "inbound",
        "ApiVersion": "2010-04-01",
    }
    signature = RequestValidator(TOKEN).compute_signature(f"http://127.0.0.1:{port}/hotline/voice", params)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
    return "/hotline/voice", urlencode(params).encode(), headers
