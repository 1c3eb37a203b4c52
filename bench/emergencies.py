"""How soon an emergency rings somebody, and how soon who takes it speaks with the caller: web, scheduler and a carrier on this machine."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy import Engine, text

from bench.callers import HOTLINE, at_the_same_time, post
from bench.house import part, serving
from bench.measure import Ratio
from tests.support.twilio_company import Company, running

COUNT, AT_ONCE = 60, 3
RING_LIMIT = CONNECT_LIMIT = 5.0
"""Our own aims, in seconds: a caller in need does not wait longer than a webhook may take at worst (G3)."""


class Timed(Company):
    """Notes when each telephone was made to ring."""

    def __init__(self) -> None:
        super().__init__()
        self.rang: dict[str, float] = {}

    def answer(self, method: str, path: str, fields: dict[str, list[str]]) -> tuple[int, object]:
        if method == "POST" and path.endswith("/Calls.json"):
            self.rang[urlsplit(fields["Url"][0]).path] = time.perf_counter()
        return super().answer(method, path, fields)


def run(environ: dict[str, str], engine: Engine) -> Iterator[Ratio]:
    """Emergencies, a few at a time; each is taken by the first telephone that rings."""
    with running(Timed()) as company:
        assert isinstance(company, Timed)
        company.created = datetime.now(UTC)
        inside = {**environ, "TWILIO_API_BASE_URL": company.url}
        with serving(inside) as port:
            base = {"PORT": str(port), "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}"}
            with part([sys.executable, "run.py", "scheduler"], {**inside, **base}):
                rings, joins = _measure(port, company, engine)
    for name, values, limit in (
        ("emergency key → first telephone rings, 99th percentile", rings, RING_LIMIT),
        ("acceptance → caller connected, 99th percentile", joins, CONNECT_LIMIT),
    ):
        notes = [
            f"median {statistics.median(values):.2f} s, worst {max(values):.2f} s of {len(values)}; against {limit:g} s"
        ]
        yield Ratio(name, statistics.quantiles(values, n=100)[98], limit, "s", 1.0, at_least=False, notes=notes)


def _measure(port: int, company: Timed, engine: Engine) -> tuple[list[float], list[float]]:
    rings: list[float] = []
    joins: list[float] = []
    _wait_for_leader(engine)

    def emergency(serial: int) -> None:
        caller = {"CallSid": f"CAe{serial:031x}", "From": f"+8617{serial:09d}", "To": HOTLINE, "Direction": "inbound"}
        post(port, "/hotline/voice", {**caller, "CallStatus": "ringing"})
        pressed = time.perf_counter()
        post(port, "/hotline/voice/1/menu", {**caller, "CallStatus": "in-progress", "Digits": "9"})
        path = _rung_for(engine, caller["CallSid"], company)
        rings.append(company.rang[path] - pressed)
        attempt = path.rsplit("/", 1)[0]
        leg = {"CallSid": f"CAl{serial:031x}", "From": HOTLINE, "To": "+8613900139001", "Direction": "outbound-api"}
        post(port, path, {**leg, "CallStatus": "in-progress"})
        accepted = time.perf_counter()
        _, answer = post(port, f"{attempt}/key", {**leg, "CallStatus": "in-progress", "Digits": "1"})
        if "<Queue" not in answer:
            raise RuntimeError(f"the taker is not connected: {answer}")
        post(port, f"{attempt}/bridge", {**caller, "CallStatus": "in-progress"})
        joins.append(time.perf_counter() - accepted)
        post(port, "/hotline/status", {**caller, "CallStatus": "completed", "CallDuration": "60"})

    at_the_same_time(emergency, COUNT, AT_ONCE)
    return rings, joins


def _rung_for(engine: Engine, sid: str, company: Timed) -> str:
    """The address that the carrier was given for this call's first ring."""
    first = (
        "SELECT min(a.id) FROM escalation_attempt a JOIN ladder l ON l.id = a.ladder_id JOIN call c ON c.id = l.call_id"
        " WHERE c.provider_sid = :sid"
    )
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with engine.connect() as connection:
            attempt = connection.scalar(text(first), {"sid": sid})
        if attempt is not None and f"/hotline/ladder/{attempt}/say" in company.rang:
            return f"/hotline/ladder/{attempt}/say"
        time.sleep(0.05)
    raise RuntimeError(f"nobody was rung for {sid}")


def _wait_for_leader(engine: Engine) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with engine.connect() as connection:
            beat = connection.scalar(text("SELECT beat_at FROM heartbeat WHERE name = 'scheduler'"))
        if beat is not None:
            return
        time.sleep(0.2)
    raise RuntimeError("no scheduler came up")
