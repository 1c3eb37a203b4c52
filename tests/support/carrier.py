"""A carrier for tests of the ladder: keeps what it was asked to dial, fails as told, and reports by signed webhooks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

from flask import Flask

from app.adapters.carrier.base import (
    ALL,
    CallOrder,
    CallRecord,
    Capability,
    CarrierError,
    RecordingRecord,
    SmsOrder,
    SmsRecord,
)
from tests.support.hotline import obeys, post_signed


@dataclass
class FakeCarrier:
    """`orders` are the calls made, in order; `fail` maps a number to the error its next call ends in; `took` keeps calls
    that were made although the answer was lost, `statuses` what the list says of a call; `blind`: it answers no look-up."""

    orders: list[CallOrder] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)
    fail: dict[str, CarrierError] = field(default_factory=dict)
    took: list[str] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)
    paused: list[tuple[str, str, str]] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    blind: bool = False
    name: str = "fake"
    capabilities: frozenset[Capability] = ALL

    def create_call(self, order: CallOrder) -> str:
        self.orders.append(order)
        error = self.fail.get(order.to)
        if error is not None:
            raise error
        return self.sid(len(self.orders))

    @staticmethod
    def sid(number: int) -> str:
        return f"CAf{number:031x}"

    @property
    def rung(self) -> list[str]:
        return [order.to for order in self.orders]

    def look_up_call(self, sid: str) -> CallRecord | None:
        if self.blind:
            raise CarrierError("no answer", unknown=True)
        return CallRecord(sid, "", "", "outbound-api", self.statuses[sid]) if sid in self.statuses else None

    def find_calls(self, *, to: str, since: datetime) -> list[CallRecord]:
        self.looked_up.append(to)
        if self.blind:
            raise CarrierError("no answer", unknown=True)
        now = datetime.now(UTC)
        return [CallRecord(self.sid(99), "", to, "outbound-api", "ringing", now)] if to in self.took else []

    def list_calls(self, since: datetime, until: datetime) -> list[CallRecord]:
        return []

    def redirect_call(self, sid: str, url: str) -> None:
        raise NotImplementedError

    def hang_up(self, sid: str) -> None:
        self.hung_up.append(sid)
        if sid in self.fail:
            raise self.fail[sid]

    def start_recording(self, sid: str, status_callback: str) -> str:
        self.recorded.append(sid)
        error = self.fail.get(sid)
        if error is not None:
            raise error
        return f"RE{sid[2:]}"

    def list_recordings(self, call_sid: str) -> list[RecordingRecord]:
        return []

    def pause_recording(self, call_sid: str, recording_sid: str) -> None:
        self._update("paused", call_sid, recording_sid)

    def resume_recording(self, call_sid: str, recording_sid: str) -> None:
        self._update("in-progress", call_sid, recording_sid)

    def _update(self, status: str, call_sid: str, recording_sid: str) -> None:
        self.paused.append((status, call_sid, recording_sid))
        if recording_sid in self.fail:
            raise self.fail[recording_sid]

    def send_sms(self, order: SmsOrder) -> str:
        return "SM1"

    def find_sms(self, *, to: str, since: datetime) -> list[SmsRecord]:
        return []

    def fetch_recording(self, sid: str) -> bytes:
        return b""

    def delete_recording(self, sid: str) -> None:
        return


@dataclass
class Leg:
    """The carrier's end of one staff telephone: its progress and its keys, signed."""

    app: Flask
    order: CallOrder
    sid: str
    answer: str = ""

    def progress(self, status: str, **fields: str) -> int:
        return self.post(self.order.status_callback, CallStatus=status, **fields)

    def take(self, **fields: str) -> Leg:
        """Somebody (or with AnsweredBy something) answers."""
        assert self.progress("in-progress") == 204
        assert self.post(self.order.url, CallStatus="in-progress", **fields) == 200
        return self

    def press(self, digit: str) -> Leg:
        gather = ElementTree.fromstring(self.answer).find("Gather")
        assert gather is not None, self.answer
        assert self.post(str(gather.get("action")), CallStatus="in-progress", Digits=digit) == 200
        return self

    def post(self, url: str, **fields: str) -> int:
        data = {
            "CallSid": self.sid,
            "From": self.order.from_,
            "To": self.order.to,
            "Direction": "outbound-api",
            **fields,
        }
        response = post_signed(self.app, urlsplit(url).path, data)
        if response.mimetype == "text/xml":
            self.answer = response.get_data(as_text=True)
            obeys(urlsplit(url).path, self.answer)
        return response.status_code

    @property
    def xml(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.answer)

    @property
    def said(self) -> str:
        return " ".join(say.text or "" for say in self.xml.iter("Say"))
