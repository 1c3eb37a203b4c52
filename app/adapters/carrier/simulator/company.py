"""The simulator as a carrier (the seam of `carrier.base`), and what a person may do at its telephones."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

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
from app.adapters.carrier.simulator.exchange import Exchange
from app.adapters.carrier.simulator.faults import Faults
from app.adapters.carrier.simulator.interpreter import ACCOUNT
from app.adapters.carrier.simulator.markup import NotTwiml, parse
from app.adapters.carrier.simulator.requests import check_call, check_sms
from app.adapters.carrier.simulator.store import Leg, Store, new_sid
from app.adapters.carrier.simulator.web import Post

log = logging.getLogger(__name__)

WORKERS = 3
IDLE_SECONDS = 0.2
REACHABLE = frozenset(("queued", "ringing"))


class SimulatorCarrier:
    """Twilio's part played in this house: same webhooks, same signatures, same markup."""

    name = "simulator"

    def __init__(
        self,
        store: Store,
        post: Post,
        base_url: str,
        without: frozenset[Capability] = frozenset(),
        faults: Faults | None = None,
    ) -> None:
        self.capabilities = ALL - without
        self.store, self.post, self.base_url = store, post, base_url
        self.faults = faults or Faults()
        self.exchange = Exchange(store, post, base_url, self.faults)
        self._wake = threading.Event()
        self._start = threading.Lock()
        self._threads: list[threading.Thread] = []

    # ---- the seam
    def create_call(self, order: CallOrder) -> str:
        """Ring somebody's telephone."""
        self._may_fail(order.to)
        check_call(order)
        state = {"answer_url": order.url, "status_callback": order.status_callback, "timeout": order.timeout_seconds}
        if order.detect_machine:
            state["amd"] = order.status_callback
        leg = Leg(new_sid("CA"), "outbound-api", order.from_, order.to, "queued", time.time(), state=state)
        self.store.add_leg(leg)
        self._do(leg.sid, "ring")
        if order.to in self.faults.lost_answers:
            raise CarrierError("the request timed out after it was accepted", unknown=True)
        return leg.sid

    def look_up_call(self, sid: str) -> CallRecord | None:
        """One call."""
        leg = self.store.leg(sid)
        return _record(leg) if leg else None

    def find_calls(self, *, to: str, since: datetime) -> list[CallRecord]:
        """Outgoing calls to a number, newest first."""
        legs = self.store.legs_between(since.timestamp(), time.time() + 1)
        return [_record(leg) for leg in reversed(legs) if leg.to_number == to and leg.direction == "outbound-api"]

    def list_calls(self, since: datetime, until: datetime) -> list[CallRecord]:
        """Inbound calls of a span."""
        legs = self.store.legs_between(since.timestamp(), until.timestamp())
        return [_record(leg) for leg in legs if leg.direction == "inbound"]

    def redirect_call(self, sid: str, url: str) -> None:
        """Take a live call elsewhere."""
        self._do(self._live(sid).sid, "redirect", url=url)

    def hang_up(self, sid: str) -> None:
        """End a call; one that is over stays over."""
        leg = self.store.leg(sid)
        if leg and leg.ended_at is None:
            self._do(sid, "end")

    def start_recording(self, sid: str, status_callback: str) -> str:
        """Record a live call until it ends."""
        leg = self._live(sid)
        if leg.status != "in-progress":
            raise CarrierError("21220: this call is not in progress yet")
        recording = new_sid("RE")
        self._do(leg.sid, "record_call", sid=recording, callback=status_callback)
        return recording

    def list_recordings(self, call_sid: str) -> list[RecordingRecord]:
        """What was recorded of a call."""
        leg = self.store.leg(call_sid)
        whole = leg.state.get("whole") if leg else None
        found = self.store.recordings_of(call_sid)
        return [RecordingRecord(sid, "completed", seconds, sid == whole) for sid, seconds in found]

    def pause_recording(self, call_sid: str, recording_sid: str) -> None:
        """Silence in the recording of a whole call, from what happens next on its line."""
        self._update_recording(call_sid, recording_sid, paused=True)

    def resume_recording(self, call_sid: str, recording_sid: str) -> None:
        """Sound again."""
        self._update_recording(call_sid, recording_sid, paused=False)

    def _update_recording(self, call_sid: str, recording_sid: str, *, paused: bool) -> None:
        leg = self.store.leg(call_sid)
        if leg is None:
            raise CarrierError("20404: there is no such call", permanent=True)
        if leg.ended_at is not None:
            raise CarrierError("21220: this recording is not in progress", permanent=True)
        known = (leg.state.get("recording") or {}).get("sid")
        if known is not None and known != recording_sid:
            raise CarrierError("20404: there is no such recording of this call", permanent=True)
        self._do(leg.sid, "update_recording", sid=recording_sid, paused=paused)

    def send_sms(self, order: SmsOrder) -> str:
        """A text message, delivered at once."""
        self._may_fail(order.to)
        check_sms(order)
        sms = self.store.add_sms("outbound-api", order.from_, order.to, order.body, "queued")
        params = {"MessageSid": sms.sid, "SmsSid": sms.sid, "AccountSid": ACCOUNT, "From": order.from_, "To": order.to}
        self._do(f"sms:{sms.sid}", "deliver", sid=sms.sid, url=order.status_callback, params=params)
        return sms.sid

    def find_sms(self, *, to: str, since: datetime) -> list[SmsRecord]:
        """Text messages to a number."""
        return [
            SmsRecord(sms.sid, sms.status, sms.body, _instant(sms.at))
            for sms in self.store.sms(500)
            if sms.to_number == to and sms.direction == "outbound-api" and sms.at >= since.timestamp()
        ]

    def fetch_recording(self, sid: str) -> bytes:
        """The WAV file."""
        sound = self.store.recording(sid)
        if sound is None:
            raise CarrierError("there is no such recording", permanent=True)
        return sound

    def delete_recording(self, sid: str) -> None:
        """Gone, also when it was."""
        self.store.drop_recording(sid)

    def fetch_picture(self, message_sid: str, media_sid: str, most_bytes: int) -> bytes:
        """What came with a text message."""
        picture = self.store.picture(media_sid)
        if picture is None:
            raise CarrierError("20404: there is no such picture", permanent=True)
        return picture[:most_bytes]

    def delete_picture(self, message_sid: str, media_sid: str) -> None:
        """Gone, also when it was."""
        self.store.drop_picture(media_sid)

    # ---- the telephones
    def dial(self, from_number: str, to_number: str) -> str:
        """Somebody calls the hotline; the new call's sid."""
        state = {"status_callback": f"{self.base_url}/hotline/status"}
        leg = Leg(new_sid("CA"), "inbound", from_number, to_number, "ringing", time.time(), state=state)
        self.store.add_leg(leg)
        self.store.note(leg.sid, "dialled", to_number)
        self._do(leg.sid, "start")
        return leg.sid

    def keys(self, sid: str, digits: str) -> None:
        """Press keys (0-9, *, #)."""
        self._do(self._live(sid).sid, "keys", digits=digits)

    def words(self, sid: str, words: str) -> None:
        """Say something."""
        self._do(self._live(sid).sid, "words", words=words)

    def silence(self, sid: str) -> None:
        """Say nothing until the line gives up waiting."""
        self._do(self._live(sid).sid, "silence")

    def put_down(self, sid: str) -> None:
        """Hang up."""
        self._do(self._live(sid).sid, "hang_up")

    def answer(self, sid: str, *, machine: bool = False) -> None:
        """Take a ringing telephone, or let its voicemail take it."""
        self._do(self._live(sid).sid, "answer", machine=machine)

    def decline(self, sid: str) -> None:
        """Push a ringing telephone's call away."""
        self._do(self._live(sid).sid, "decline")

    def text(self, from_number: str, to_number: str, body: str, pictures: Sequence[bytes] = ()) -> bool:
        """Send a text message to the hotline, with pictures. Whether the application took it; its reply, if any, arrives."""
        sms = self.store.add_sms("inbound", from_number, to_number, body, "received")
        params = {"MessageSid": sms.sid, "SmsSid": sms.sid, "AccountSid": ACCOUNT, "From": from_number, "To": to_number}
        params |= {"Body": body, "NumMedia": str(len(pictures)), **self._media(sms.sid, pictures)}
        answer = self.post(f"{self.base_url}/hotline/sms", params)
        if not answer.good:
            self.store.set_sms_status(sms.sid, "failed")
            return False
        try:
            replies = [verb["text"] for verb in parse(answer.text, "message") if verb["verb"] == "Message"]
        except NotTwiml:
            replies = []
        for reply in replies:
            self.store.add_sms("outbound-reply", to_number, from_number, reply, "delivered")
        return True

    def _media(self, message_sid: str, pictures: Sequence[bytes]) -> dict[str, str]:
        """The fields that name the pictures (https://www.twilio.com/docs/messaging/guides/webhook-request)."""
        named = {}
        for place, content in enumerate(pictures):
            address = f"{self.base_url}/2010-04-01/Accounts/{ACCOUNT}/Messages/{message_sid}/Media/"
            named[f"MediaUrl{place}"] = address + self.store.add_picture(content)
            named[f"MediaContentType{place}"] = "image/jpeg"
        return named

    def _may_fail(self, number: str) -> None:
        if self.faults.busy > 0:
            self.faults.busy -= 1
            raise CarrierError("20429: Too many requests")
        if number in self.faults.refused:
            raise CarrierError("21215: calls to this number are not allowed", permanent=True)

    def _live(self, sid: str) -> Leg:
        leg = self.store.leg(sid)
        if leg is None or leg.ended_at is not None:
            raise CarrierError("this call is over", permanent=True)
        return leg

    # ---- its workers
    def _do(self, actor: str, kind: str, **args: Any) -> None:
        self.store.add_task(actor, kind, **args)
        self.work()

    def work(self) -> None:
        """Make sure that this process does the company's work, and wake it."""
        with self._start:
            while len(self._threads) < WORKERS:
                thread = threading.Thread(target=self._worker, name=f"simulator-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
        self._wake.set()

    def _worker(self) -> None:
        while True:
            try:
                if not self.work_off(limit=50):
                    self._wake.wait(IDLE_SECONDS)
                    self._wake.clear()
            except Exception:
                log.exception("the simulator stumbled")
                time.sleep(1)

    def work_off(self, limit: int = 1000) -> int:
        """Do what is due, at most `limit` things; how many were done."""
        for done in range(limit):
            task = self.store.claim_task()
            if task is None:
                return done
            try:
                self.exchange.handle(task)
            except Exception:
                log.exception("the simulator could not do %s for %s", task.kind, task.actor)
            finally:
                self.store.finish_task(task)
        return limit


def _record(leg: Leg) -> CallRecord:
    return CallRecord(
        sid=leg.sid,
        from_number=leg.from_number,
        to_number=leg.to_number,
        direction=leg.direction,
        status=leg.status,
        created_at=_instant(leg.created_at),
        started_at=_instant(leg.answered_at or leg.created_at),
        ended_at=_instant(leg.ended_at) if leg.ended_at else None,
        duration_seconds=leg.seconds,
    )


def _instant(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
