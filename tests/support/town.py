"""A community with the product's processes on a database of their own, and a telephone company beside them.

For faults that need the real parts: web and scheduler are processes, PostgreSQL is a server, the carrier is reached over HTTP. One
town serves the tests of a file: each brings calls of its own, and the books of all of them together must be right.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import Request, urlopen
from xml.etree import ElementTree

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker
from twilio.request_validator import RequestValidator

from app.adapters.clock import now as present
from app.models import DutyShift, Setting, Staff, StaffCommunity
from tests.support.books import balanced
from tests.support.hotline import HOTLINE, ZHANG, Line, build_estate, obeys
from tests.support.postgres import free_port
from tests.support.server import ROOT, Server
from tests.support.twilio_company import ACCOUNT, Company

TOKEN = "town-token"
BACKUP = "+8613900139002"
PATIENCE = 180.0  # seconds until something is held never to come: a busy machine is not a failure


def until(what: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Ask again and again until the answer is true; the last answer."""
    end = time.monotonic() + seconds
    while not (answer := what()) and time.monotonic() < end:
        time.sleep(0.1)
    return answer


class Town:
    """`start("web")`, `start("scheduler")`; `dial()` is a caller, `staff(call)` the telephone of one who is rung."""

    def __init__(self, url: str, environ: Mapping[str, str], folder: Path, company: Company | None = None) -> None:
        self.company, self.folder, self.servers = company, folder, list[Server]()
        self.port, self.clock_file = free_port(), folder / "clock"
        self.base = f"http://127.0.0.1:{self.port}"
        (folder / "data").mkdir(parents=True, exist_ok=True)
        self.data_dir = folder / "data"
        self.environ = {
            **environ,
            "DATABASE_URL": url,
            "DATA_DIR": str(self.data_dir),
            "PUBLIC_BASE_URL": self.base,
            "LINLI_TEST_CLOCK": str(self.clock_file),
            "LINLI_TESTING": "1",
        }
        if company is not None:
            account = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_API_BASE_URL": company.url}
            self.environ |= {"CARRIER": "twilio", **account}
        self.engine = create_engine(url, pool_pre_ping=True)
        self.session: Session = sessionmaker(self.engine)()
        self.placed: list[str] = []

    def settle(self, *, accept_seconds: int = 60) -> Town:
        """Six houses, somebody on duty and a backup."""
        community = build_estate(self.session, present())
        staff = Staff(name="备班", role="steward", number=BACKUP)
        staff.community_links.append(StaffCommunity(community_id=community.id))
        self.session.add_all([staff, Setting(key="ladder.accept_seconds", value=str(accept_seconds))])
        self.session.flush()
        span = {"starts_at": present() - timedelta(days=1), "ends_at": present() + timedelta(days=1)}
        shift = {"community_id": community.id, "tier": "backup", "staff_id": staff.id, "number": BACKUP}
        self.session.add(DutyShift(**shift, **span))
        self.session.commit()
        return self

    # ---- processes
    def start(self, part: str, **environ: str) -> Server:
        port = {"PORT": str(self.port)} if part == "web" else {}
        log = self.folder / f"{part}-{len(self.servers)}.log"
        server = Server(part, {**self.environ, "WEB_CONCURRENCY": "1", **port, **environ}, log)
        self.servers.append(server)
        return server.start()

    def flask(self, *words: str) -> str:
        """A command as a process of its own; its output."""
        known = self.servers[0].environ if self.servers else {**os.environ, **self.environ}
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "run", *words],
            cwd=ROOT, env=known, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def set_back(self, seconds: float) -> None:
        """The clock of every process of the town shows so many seconds less than ours from now on."""
        new = self.clock_file.with_suffix(".new")
        new.write_text(str(-seconds))
        new.replace(self.clock_file)

    def leave(self) -> None:
        for server in self.servers:
            server.stop()
        self.session.close()
        self.engine.dispose()

    # ---- callers and staff
    def send(self, path: str, fields: Mapping[str, str]) -> tuple[int, str, float]:
        """One signed webhook: status, body, seconds; status 0: no answer."""
        url = urljoin(self.base + "/", path)
        signature = RequestValidator(TOKEN).compute_signature(url, dict(fields))
        web = Request(url, urlencode(fields).encode(), {"X-Twilio-Signature": signature})
        started = time.monotonic()
        try:
            with urlopen(web, timeout=30) as answer:
                return answer.status, answer.read().decode(), time.monotonic() - started
        except HTTPError as error:
            return error.code, "", time.monotonic() - started
        except OSError:
            return 0, "", time.monotonic() - started

    def dial(self, number: str = ZHANG) -> TownLine:
        line = TownLine(self, number)
        self.placed.append(line.sid)
        line.dial()
        return line

    def staff(self, call: Mapping[str, Any], url: str) -> TownLeg:
        return TownLeg(self, str(call["sid"]), str(call["to"]), url)

    @property
    def rung(self) -> list[tuple[str, str]]:
        """(path of its address, number) of every call the company was asked to make, in order."""
        assert self.company is not None
        orders = [
            fields for method, path, fields in self.company.asked if method == "POST" and path.endswith("Calls.json")
        ]
        return [(urlsplit(fields["Url"][0]).path, fields["To"][0]) for fields in orders]

    # ---- the books
    def look(self) -> Session:
        """The session, seeing what the processes have written."""
        self.session.expire_all()
        self.session.rollback()
        return self.session

    def balanced(self) -> None:
        balanced(self.look(), self.placed, self.rung if self.company is not None else ())


class TownLine(Line):
    """A caller whose carrier speaks with the web process."""

    def __init__(self, town: Town, number: str) -> None:
        super().__init__(None, number)  # type: ignore[arg-type]
        self.town = town

    def post(self, path: str, **fields: str) -> Any:
        data = {"CallSid": self.sid, "From": self.from_number, "To": self.to_number, "Direction": "inbound"}
        self.status_code, body, self.seconds = self.town.send(path, {**data, "CallStatus": "in-progress", **fields})
        if body.startswith("<?xml"):
            self.answer = body
            obeys(path, body)
            self.twiml = ElementTree.fromstring(body)
        return SimpleNamespace(status_code=self.status_code)


class TownLeg:
    """The telephone of one of the staff, rung by the company."""

    def __init__(self, town: Town, sid: str, to: str, url: str) -> None:
        self.town, self.sid, self.to, self.url = town, sid, to, url
        self.answer = ""

    def progress(self, status: str) -> int:
        return self._post(self.url.replace("/say", "/status"), CallStatus=status)

    def press(self, digit: str) -> None:
        """Answer, and press a key."""
        assert self.progress("in-progress") == 204
        assert self._post(self.url, CallStatus="in-progress") == 200
        gather = ElementTree.fromstring(self.answer).find("Gather")
        assert gather is not None, self.answer
        assert self._post(str(gather.get("action")), CallStatus="in-progress", Digits=digit) == 200

    def _post(self, path: str, **fields: str) -> int:
        data = {"CallSid": self.sid, "From": HOTLINE, "To": self.to, "Direction": "outbound-api", **fields}
        status, body, _ = self.town.send(urlsplit(path).path, data)
        self.answer = body or self.answer
        return status
