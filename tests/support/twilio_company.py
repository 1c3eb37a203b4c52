"""A telephone company on this machine that speaks Twilio's REST interface."""

import itertools
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ACCOUNT = "AC00000000000000000000000000000001"
CREATED = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Turn:
    """How one order of a call is answered: with an error `status` or, where it is 0, as it should be; `cut`: the line breaks
    instead of an answer; `held`: not before this is set. `keeps`: whether the call is made all the same."""

    status: int = 0
    keeps: bool = True
    cut: bool = False
    held: threading.Event | None = None


class Cut(Exception):
    """The line breaks before the answer."""


class Company:
    """What the server was asked, and how it answers. `turns` are for the next orders of calls, one each; `down` and `up` close
    and open its door. `created`: when whatever is ordered is said to be made; None: when it is made."""

    def __init__(self) -> None:
        self.url = ""
        self.created: datetime | None = CREATED
        self.asked: list[tuple[str, str, dict[str, list[str]]]] = []
        self.calls: list[dict[str, object]] = []
        self.messages: list[dict[str, object]] = []
        self.recordings: list[dict[str, object]] = []
        self.urls: dict[str, str] = {}
        self.turns: deque[Turn] = deque()
        self.down: Callable[[], None] = lambda: None
        self.up: Callable[[], object] = lambda: None
        self.status = 0
        self.keeps = True
        self.numbered = itertools.count(1 << 32)
        self.silent = threading.Event()
        self.let_go = threading.Event()

    def answer(self, method: str, path: str, fields: dict[str, list[str]]) -> tuple[int, object]:
        self.asked.append((method, path, fields))
        kind = "calls" if "/Calls" in path else "messages"
        rows = self.calls if kind == "calls" else self.messages
        if method == "POST" and path.endswith(f"/{kind.capitalize()}.json"):
            return self.order(kind, fields)
        if method == "GET" and path.endswith(f"/{kind.capitalize()}.json"):
            rows = [row for row in rows if "To" not in fields or row["to"] == fields["To"][0]]
            return 200, {kind: rows, "page": 0, "page_size": 50, "uri": path, "next_page_uri": None}
        if method == "GET" and path.endswith("/Recordings.json"):
            return 200, {"recordings": self.recordings, "page": 0, "page_size": 50, "uri": path, "next_page_uri": None}
        if "/Media/" in path:
            return (200, b"picture") if method == "GET" else (204, b"")
        if method == "POST" and "/Recordings/" in path:
            if self.status:
                return self.status, {"code": 21220, "message": "no", "status": self.status}
            return 200, {"sid": path[-39:-5], "status": fields["Status"][0], "account_sid": ACCOUNT}
        if "/Recordings/" in path:
            return (200, b"RIFF") if method == "GET" else (204, b"")
        if method == "POST" and path.endswith("/Recordings.json"):
            return (
                (self.status, {"code": 21220, "message": "no", "status": self.status})
                if self.status
                else (
                    201,
                    {"sid": f"RE{len(self.asked):032x}", "status": "in-progress", "account_sid": ACCOUNT},
                )
            )
        found = [row for row in rows if str(row["sid"]) in path]
        return (200, found[0]) if found else (404, {"code": 20404, "message": "not found", "status": 404})

    def order(self, kind: str, fields: dict[str, list[str]]) -> tuple[int, object]:
        """A call or a message is to be made."""
        turn = self.turns.popleft() if kind == "calls" and self.turns else Turn(self.status, self.keeps)
        row = self.row(kind, fields)
        if kind == "calls":
            self.urls[str(row["sid"])] = fields["Url"][0]
        if turn.keeps:
            (self.calls if kind == "calls" else self.messages).append(row)
        if self.silent.is_set():
            self.let_go.wait(5)
        if turn.held is not None:
            turn.held.wait(30)
        if turn.cut:
            raise Cut
        if turn.status:
            return turn.status, {"code": 21211, "message": "no", "status": turn.status}
        return 201, row

    def row(self, kind: str, fields: dict[str, list[str]]) -> dict[str, object]:
        prefix = "CA" if kind == "calls" else "SM"
        stamp = (self.created or datetime.now(UTC)).strftime("%a, %d %b %Y %H:%M:%S +0000")
        common: dict[str, object] = {
            "sid": f"{prefix}{next(self.numbered):032x}",
            "to": fields["To"][0],
            "from": fields["From"][0],
        }
        common |= {"status": "queued", "date_created": stamp, "account_sid": ACCOUNT}
        if kind == "calls":
            return common | {"direction": "outbound-api", "start_time": None, "end_time": None, "duration": None}
        return common | {"body": fields["Body"][0], "direction": "outbound-api"}


@contextmanager
def running(given: Company | None = None) -> Iterator[Company]:
    """A company that listens; its address is `url`."""
    state: Company = given or Company()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            parts = urlsplit(self.path)
            fields = parse_qs(body) | parse_qs(parts.query)
            try:
                status, answer = state.answer(self.command, parts.path, fields)
            except Cut:
                return
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                pass

        do_GET = do_POST = do_DELETE = _serve

        def log_message(self, *_: object) -> None:
            pass

    open_: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def up(port: int) -> int:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        open_.append((server, thread))
        return server.server_port

    def down() -> None:
        while open_:
            server, thread = open_.pop()
            server.shutdown()
            server.server_close()
            thread.join(5)

    port = up(0)
    state.url, state.down, state.up = f"http://127.0.0.1:{port}", down, lambda: up(port)
    yield state
    state.let_go.set()
    down()
