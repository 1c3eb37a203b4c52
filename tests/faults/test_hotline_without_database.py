"""The database goes away under a running server (G4): callers are recorded, nothing is lost, the times stay true."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit, urlunsplit
from urllib.request import Request, urlopen

import pytest
from twilio.request_validator import RequestValidator

from app.adapters.clock import now as present
from app.jobs.runs import run_job
from app.models import Call
from tests.support.hotline import HOTLINE, ZHANG, build_estate

TOKEN = "faults-token"


class Wire:
    """A wire to the database that can be cut and mended."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.pairs: list[tuple[socket.socket, socket.socket]] = []
        self.cut_off = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if self.cut_off:
                near.close()
                continue
            far = socket.create_connection(self.target)
            self.pairs.append((near, far))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            end.close()

    def cut(self) -> None:
        self.cut_off = True
        for pair in self.pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self.pairs.clear()

    def mend(self) -> None:
        self.cut_off = False

    def close(self) -> None:
        self.cut()
        self.listener.close()


@pytest.fixture
def wire(postgres_url: str) -> Iterator[Wire]:
    parts = urlsplit(postgres_url)
    wire = Wire(parts.hostname or "127.0.0.1", parts.port or 5432)
    yield wire
    wire.close()


@pytest.fixture
def server(start_server, postgres_url, wire, session):
    build_estate(session, present())
    parts = urlsplit(postgres_url)
    through = urlunsplit(parts._replace(netloc=f"{parts.username}@127.0.0.1:{wire.port}"))
    return start_server(
        "web", DATABASE_URL=through, CARRIER="twilio", TWILIO_ACCOUNT_SID="ACfaults", TWILIO_AUTH_TOKEN=TOKEN
    )


def post(server, path: str, sid: str, **more: str) -> tuple[int, str, float]:
    """Status, body and seconds of one signed webhook."""
    fields = {"CallSid": sid, "From": ZHANG, "To": HOTLINE, "CallStatus": "in-progress", **more}
    signature = RequestValidator(TOKEN).compute_signature(server.url + path, fields)
    web = Request(server.url + path, urlencode(fields).encode(), {"X-Twilio-Signature": signature})
    started = time.monotonic()
    try:
        with urlopen(web, timeout=30) as answer:
            return answer.status, answer.read().decode(), time.monotonic() - started
    except HTTPError as error:
        return error.code, "", time.monotonic() - started


def test_a_call_without_the_database_is_recorded_and_replayed(server, wire, session):
    status, body, _ = post(server, "/hotline/voice", "CAbefore", CallStatus="ringing")
    assert (status, "Gather" in body) == (200, True)
    wire.cut()
    lost_at = datetime.now(UTC)
    status, body, seconds = post(server, "/hotline/voice/1/menu", "CAbefore", Digits="1")
    assert (status, "<Record" in body) == (200, True)
    assert seconds < 12
    status, body, seconds = post(server, "/hotline/voice", "CAwithout", CallStatus="ringing")
    assert (status, "<Record" in body, "119" in body) == (200, True, True)
    assert seconds < 12
    assert post(server, "/hotline/status", "CAwithout", CallStatus="completed")[0] == 204
    back_at = datetime.now(UTC)
    wire.mend()
    assert run_job("journal", present())["replayed"] == 3
    session.expire_all()
    call = session.query(Call).filter_by(provider_sid="CAwithout").one()
    assert lost_at <= call.started_at <= call.ended_at <= back_at
    assert len(call.tickets) == 1
    assert session.query(Call).filter_by(provider_sid="CAbefore").one().step == "house"
    assert "Gather" in post(server, "/hotline/voice", "CAafter", CallStatus="ringing")[1]


def test_a_killed_worker_loses_nothing_it_has_answered(server, session):
    assert post(server, "/hotline/voice", "CAkilled", CallStatus="ringing")[0] == 200
    server.kill()
    session.expire_all()
    assert session.query(Call).filter_by(provider_sid="CAkilled").one().ticket_number
