"""A telephone company on this machine that speaks Twilio's REST interface."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ACCOUNT = "AC00000000000000000000000000000001"
CREATED = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)


class Company:
    """What the server was asked, and how it answers."""

    def __init__(self) -> None:
        self.url = ""
        self.created = CREATED
        self.asked: list[tuple[str, str, dict[str, list[str]]]] = []
        self.calls: list[dict[str, object]] = []
        self.messages: list[dict[str, object]] = []
        self.status = 0
        self.silent = threading.Event()
        self.let_go = threading.Event()

    def answer(self, method: str, path: str, fields: dict[str, list[str]]) -> tuple[int, object]:
        self.asked.append((method, path, fields))
        kind = "calls" if "/Calls" in path else "messages"
        rows = self.calls if kind == "calls" else self.messages
        if method == "POST" and path.endswith(f"/{kind.capitalize()}.json"):
            row = self.row(kind, fields)
            rows.append(row)
            if self.silent.is_set():
                self.let_go.wait(5)
            if self.status:
                return self.status, {"code": 21211, "message": "no", "status": self.status}
            return 201, row
        if method == "GET" and path.endswith(f"/{kind.capitalize()}.json"):
            return 200, {kind: rows, "page": 0, "page_size": 50, "uri": path, "next_page_uri": None}
        if "/Recordings/" in path:
            return (200, b"RIFF") if method == "GET" else (204, b"")
        found = [row for row in rows if str(row["sid"]) in path]
        return (200, found[0]) if found else (404, {"code": 20404, "message": "not found", "status": 404})

    def row(self, kind: str, fields: dict[str, list[str]]) -> dict[str, object]:
        prefix = "CA" if kind == "calls" else "SM"
        stamp = self.created.strftime("%a, %d %b %Y %H:%M:%S +0000")
        common = {"sid": f"{prefix}{len(self.asked):032x}", "to": fields["To"][0], "from": fields["From"][0]}
        common |= {"status": "queued", "date_created": stamp, "account_sid": ACCOUNT}
        if kind == "calls":
            return common | {"direction": "outbound-api", "start_time": None, "end_time": None, "duration": None}
        return common | {"body": fields["Body"][0], "direction": "outbound-api"}


@contextmanager
def running() -> Iterator[Company]:
    """A company that listens; its address is `url`."""
    state = Company()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            parts = urlsplit(self.path)
            fields = parse_qs(body) | parse_qs(parts.query)
            status, answer = state.answer(self.command, parts.path, fields)
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

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    state.let_go.set()
    server.shutdown()
    server.server_close()
    thread.join(5)
