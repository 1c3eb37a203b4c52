"""Alerts reach the staff's own channels; one that took it is enough."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from app.adapters.alerts import AppriseAlerts
from app.rules.outbox import Envelope

# Apprise's mail plugin looks for a module that Python 3.13 will drop.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def channel() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A channel that takes JSON, and what it took."""
    taken: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"json://127.0.0.1:{server.server_port}/", taken
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def envelope(now: datetime) -> Envelope:
    return Envelope(1, "k", "alert", "staff", "紧急事件 20000001", "无人接单", None, 1, now)


def test_every_channel_hears_it_and_one_that_is_away_does_not_repeat_it(channel, envelope) -> None:
    url, taken = channel
    assert AppriseAlerts((url, "json://127.0.0.1:9/")).send(envelope).ok
    assert [(alert["title"], alert["message"]) for alert in taken] == [("紧急事件 20000001", "无人接单")]


@pytest.mark.parametrize(("urls", "permanent"), [(("json://127.0.0.1:9/",), False), (("nonsense",), True), ((), True)])
def test_nobody_took_it(envelope, urls: tuple[str, ...], permanent: bool) -> None:
    outcome = AppriseAlerts(urls).send(envelope)
    assert (outcome.ok, outcome.permanent) == (False, permanent)
