"""Simulated callers: they follow the TwiML they get, think, and are disturbed: webhooks come twice and out of order."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlencode, urljoin, urlsplit
from xml.etree import ElementTree

from twilio.request_validator import RequestValidator

TOKEN = "bench-token"
HOTLINE = "+862160000000"
THINK = (1.0, 3.0)
"""Seconds between two webhooks of a call; people take longer, a benchmark has no such time."""

KINDS = (
    ("repair",) * 8
    + ("complaint",) * 3
    + ("question", "progress", "progress", "emergency", "person", "silent", "gone", "gone", "fees")
)
MENU = {"repair": "1", "complaint": "2", "question": "3", "progress": "5", "fees": "6", "emergency": "9", "person": "0"}
WORDS = ("厨房漏水", "楼道灯不亮", "电梯有异响", "隔壁装修噪音", "下水道堵塞", "门锁打不开", "垃圾没有清理", "水压太低")
KEYS = {
    "house": "1",
    "which-house": "0",
    "house-check": "1",
    "same-matter": "2",
    "place": "1",
    "confirm": "1",
    "emergency": "3",
}


@dataclass
class Load:
    """What a run of calls came to. `seconds`: of each webhook's first sending; `differing`: repeats with another answer."""

    seconds: list[float] = field(default_factory=list)
    placed: list[str] = field(default_factory=list)
    emergencies: list[str] = field(default_factory=list)
    differing: int = 0
    refused: int = 0
    repeated: int = 0
    reordered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Disturbance:
    """Shares of the webhooks that come twice, and out of order."""

    repeat: float = 0.0
    reorder: float = 0.0


def post(port: int, path: str, fields: dict[str, str]) -> tuple[int, str]:
    """One signed webhook on a connection of its own, as the carrier makes them."""
    signature = RequestValidator(TOKEN).compute_signature(f"http://127.0.0.1:{port}{path}", fields)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", path, urlencode(fields), headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


class Caller:
    """One call from the first ring to its end."""

    def __init__(self, port: int, number: str, kind: str, serial: int, load: Load, disturbance: Disturbance) -> None:
        self.port, self.kind, self.load, self.disturbance = port, kind, load, disturbance
        self.chance = random.Random(serial)
        self.think = THINK
        self.sid = f"CA{serial:032x}"
        self.common = {
            "CallSid": self.sid,
            "From": number,
            "To": HOTLINE,
            "Direction": "inbound",
            "AccountSid": "ACbench",
        }

    def run(self) -> None:
        """Dial, answer what is asked, hang up. Some menus are answered before the first webhook has come."""
        with self.load.lock:
            self.load.placed.append(self.sid)
            if self.kind == "emergency":
                self.load.emergencies.append(self.sid)
        early = self.kind in MENU and self._happens(self.disturbance.reorder)
        if early:
            self._count_reordered()
            body = self._send("/hotline/voice/1/menu", {"Digits": MENU[self.kind]})
            self._send("/hotline/voice", {"CallStatus": "ringing"})
        else:
            body = self._send("/hotline/voice", {"CallStatus": "ringing"})
        self._talk(body)

    def _talk(self, body: str) -> None:
        for turn in range(0 if self.kind == "gone" else 9):
            found = _next(body)
            if found is None:
                break
            fields = self._answer(found[0], found[1])
            self._think()
            if turn and self._happens(self.disturbance.reorder):
                # The end of the call overtakes its last answer.
                self._count_reordered()
                self._end()
                self._send(found[1], fields)
                return
            body = self._send(found[1], fields)
        self._think()
        self._end()

    def _answer(self, verb: str, action: str) -> dict[str, str]:
        step = urlsplit(action).path.rsplit("/", 1)[-1]
        if verb == "Record":
            sid = f"RE{self.sid[2:]}"
            return {"RecordingSid": sid, "RecordingUrl": "https://c.invalid/r", "RecordingDuration": "4", "Digits": "#"}
        if verb == "Dial":
            return {"DialCallStatus": "no-answer"}
        if verb == "Enqueue":
            return {"QueueResult": "leave"}
        if self.kind == "silent":
            return {"Digits": ""}
        if step == "menu":
            return {"Digits": MENU[self.kind]}
        if step in ("describe", "where"):
            return {"SpeechResult": self.chance.choice(WORDS), "Confidence": "0.9"}
        return {"Digits": KEYS.get(step, "2")}

    def _end(self) -> None:
        self._send("/hotline/status", {"CallStatus": "completed", "CallDuration": "30"})

    def _send(self, path: str, fields: dict[str, str]) -> str:
        data = {**self.common, "CallStatus": "in-progress", **fields}
        twice = self._happens(self.disturbance.repeat)
        started = time.perf_counter()
        status, body = post(self.port, path, data)
        spent = time.perf_counter() - started
        again = post(self.port, path, data) if twice else (status, body)
        with self.load.lock:
            self.load.seconds.append(spent)
            self.load.refused += status >= 400
            self.load.repeated += twice
            self.load.differing += again != (status, body)
        return body

    def _happens(self, share: float) -> bool:
        return self.chance.random() < share

    def _count_reordered(self) -> None:
        with self.load.lock:
            self.load.reordered += 1

    def _think(self) -> None:
        time.sleep(self.chance.uniform(*self.think))


def place(port: int, calls: int, at_once: int, numbers: Sequence[str], first: int, disturbance: Disturbance) -> Load:
    """So many calls of mixed kinds, so many at a time. `first`: the serial number of the first."""
    load = Load()

    def call(place: int) -> None:
        kind = KINDS[place % len(KINDS)]
        Caller(port, numbers[place % len(numbers)], kind, first + place, load, disturbance).run()

    at_the_same_time(call, calls, at_once)
    return load


def at_the_same_time(work: Callable[[int], None], count: int, at_once: int) -> None:
    """Do it `count` times, so many at a time; raises what one of them raised."""
    with ThreadPoolExecutor(at_once) as pool:
        for done in [pool.submit(work, place) for place in range(count)]:
            done.result()


def _next(body: str) -> tuple[str, str] | None:
    """The verb that waits for the caller, and where it goes on."""
    if not body.startswith("<?xml"):
        return None
    root = ElementTree.fromstring(body)
    for verb in ("Gather", "Record", "Dial", "Enqueue"):
        found = root.find(verb)
        if found is not None and found.get("action"):
            return verb, urlsplit(urljoin("http://x/", str(found.get("action")))).path
    return None
