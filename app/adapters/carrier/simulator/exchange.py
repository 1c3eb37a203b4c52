"""The simulated exchange: how legs come about, ring, are connected with each other, wait in queues, and end.

Every leg is an actor: whatever happens to it is a task, done one after the other, in whichever process picks it up.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urljoin

from app.adapters.carrier.simulator import sound
from app.adapters.carrier.simulator.markup import Verb, seconds
from app.adapters.carrier.simulator.queues import Queues
from app.adapters.carrier.simulator.store import Leg, Task, new_sid

ENDED = ("completed", "busy", "no-answer", "failed", "canceled")
CALLBACK_AGAIN_SECONDS = 1.0
WHOLE_CHARACTERS = 60
"""As much of a whole call as its recording lets hear: making sound takes time."""


class Exchange(Queues):
    """Does tasks. `handle` is all a worker calls."""

    def handle(self, task: Task) -> None:
        """Do one task and store the leg. A leg that has ended hears nothing more."""
        if task.kind in ("callback", "deliver"):
            getattr(self, f"do_{task.kind}")(**task.args)
            return
        leg = self.store.leg(task.actor)
        if leg is None:
            return
        if leg.ended_at is not None:
            self._too_late(leg, task)
            return
        try:
            getattr(self, f"on_{task.kind}")(leg, **task.args)
        finally:
            self.store.save_leg(leg)

    def _too_late(self, leg: Leg, task: Task) -> None:
        """The leg has ended meanwhile: whoever counted on it goes on without it."""
        if task.kind == "dequeue":
            self.store.add_task(task.args["by"], "try_queue")
        elif task.kind == "joined":
            self.store.add_task(task.args["other"], "partner_left", partner=leg.sid)
        elif task.kind == "child_answered":
            self.store.add_task(task.args["child"], "end")

    # ---- a call begins
    def on_start(self, leg: Leg) -> None:
        """An inbound call reaches the application."""
        leg.state["fallback"] = f"{self.base_url}/hotline/fallback"
        self.load(leg, f"{self.base_url}/hotline/voice")
        leg.status, leg.answered_at = "in-progress", time.time()
        self.run(leg)

    def on_ring(self, leg: Leg) -> None:
        """An outgoing call rings somebody's telephone."""
        leg.status = "ringing"
        self.store.note(leg.sid, "ring")
        self.report(leg, "initiated")
        self.report(leg, "ringing")
        self.wait(leg, "ring", float(leg.state.get("timeout", 60)), "unanswered")
        if leg.to_number in self.faults.machines:
            self.store.add_task(leg.sid, "answer", machine=True)

    def on_unanswered(self, leg: Leg, token: str) -> None:
        """It rang in vain."""
        if (leg.state.get("wait") or {}).get("token") == token:
            self.finish(leg, "no-answer")

    def on_decline(self, leg: Leg) -> None:
        """The person pushed the call away."""
        if leg.status in ("queued", "ringing"):
            self.finish(leg, "busy")

    def on_answer(self, leg: Leg, machine: bool = False) -> None:
        """Somebody, or their voicemail, takes the call."""
        if leg.status not in ("queued", "ringing"):
            return
        self.go_on(leg)
        leg.status, leg.answered_at = "in-progress", time.time()
        self.store.note(leg.sid, "answer", "machine" if machine else "")
        self.report(leg, "in-progress")
        if leg.state.get("amd"):
            self.tell(leg, leg.state["amd"], {"AnsweredBy": "machine_start" if machine else "human"})
        url = leg.state.get("answer_url")
        leg.state["then"] = "bridge" if leg.parent else "hang_up"
        if url:
            self.load(leg, url, "screen" if leg.parent else "call")
        self.run(leg)

    def on_redirect(self, leg: Leg, url: str) -> None:
        """The application takes a live call elsewhere (REST)."""
        self.go_on(leg)
        self._out_of_queue(leg)
        self._leave_partner(leg)
        leg.state["then"] = "hang_up"
        self.load(leg, url)
        self.run(leg)

    def on_end(self, leg: Leg, status: str = "completed") -> None:
        """Ended from the other side, or by the application (REST)."""
        self.finish(leg, "canceled" if leg.status in ("queued", "ringing") and status == "completed" else status)

    def on_hang_up(self, leg: Leg) -> None:
        """The person put the receiver down."""
        self.store.note(leg.sid, "hang_up")
        waited = leg.state.get("wait") or {}
        if waited.get("kind") == "record":
            self._recorded(leg, "", "hangup")
        self.finish(leg, "no-answer" if leg.status in ("queued", "ringing") else "completed")

    def finish(self, leg: Leg, status: str) -> None:
        """The leg is over: everybody concerned hears of it, in the order of Twilio's own callbacks."""
        if leg.ended_at is not None:
            return
        queue_result = "hangup" if leg.queue else "bridged" if leg.state.get("from_queue") else ""
        enqueue = leg.state.get("enqueue")
        waited = self.go_on(leg)
        leg.status, leg.ended_at = status, time.time()
        if enqueue and queue_result:
            self.tell(leg, enqueue["action"], {"QueueResult": queue_result, **self.queue_params(leg)})
        leg.queue = None
        self._leave_partner(leg)
        self._recorded_whole(leg)
        for child in waited.get("children", ()):
            self.store.add_task(child, "end", status="canceled")
        if leg.parent:
            self.store.add_task(leg.parent, "child_ended", child=leg.sid, status=status, seconds=leg.seconds)
        self.store.note(leg.sid, "end", status)
        self.report(leg, status)

    def on_record_call(self, leg: Leg, sid: str, callback: str) -> None:
        """The application wants the whole call (REST)."""
        leg.state["recording"], leg.state["whole"] = {"sid": sid, "callback": callback}, sid

    def on_update_recording(self, leg: Leg, sid: str, paused: bool) -> None:
        """The application wants silence in it, or sound again (REST)."""
        recording = leg.state.get("recording") or {}
        if recording.get("sid") == sid:
            self.store.note(leg.sid, "recording", "paused" if paused else "in-progress")

    def _recorded_whole(self, leg: Leg) -> None:
        recording = leg.state.pop("recording", None)
        if recording is None:
            return
        heard, paused = [], False
        for event in self.store.events(leg.sid):
            if event.kind == "recording":
                paused = event.text == "paused"
            elif event.kind in ("say", "words", "keys"):
                heard.append(" " if paused else event.text)
        words = "\n".join(heard)
        audible = words[:WHOLE_CHARACTERS]
        self.store.add_recording(leg.sid, sound.duration_seconds(audible), words, sound.wav(audible), recording["sid"])
        report = {"RecordingStatus": "completed", "RecordingChannels": "2", "RecordingSource": "StartCallRecordingAPI"}
        self.tell(
            leg,
            recording["callback"],
            report
            | {
                "RecordingSid": recording["sid"],
                "RecordingUrl": f"{self.base_url}/simulator/recordings/{recording['sid']}",
                "RecordingDuration": str(max(1, leg.seconds)),
            },
        )

    def report(self, leg: Leg, status: str) -> None:
        """A progress callback, where one was asked for."""
        url = leg.state.get("status_callback")
        if url:
            extra = {"CallStatus": status, "SequenceNumber": str(leg.state.get("reports", 0))}
            leg.state["reports"] = leg.state.get("reports", 0) + 1
            if status in ENDED:
                extra |= {"CallDuration": str(leg.seconds), "Duration": str(-(-leg.seconds // 60))}
            self.tell(leg, url, extra)

    # ---- dialling
    def verb_dial(self, leg: Leg, verb: Verb) -> None:
        """<Dial> a number, several, a client or a queue."""
        here, nouns = leg.state["url"], verb["children"]
        action = urljoin(here, verb["attrs"]["action"]) if verb["attrs"].get("action") else None
        queue = next((noun for noun in nouns if noun["verb"] == "Queue"), None)
        if queue is not None:
            url = urljoin(here, queue["attrs"]["url"]) if queue["attrs"].get("url") else None
            patience = seconds(verb, "timeout", 30)
            self.wait(leg, "dial_queue", patience, "no_queue", queue=queue["text"], url=url, action=action)
            self.on_try_queue(leg)
            return
        if verb["text"]:
            nouns = [{"verb": "Number", "attrs": {}, "text": verb["text"], "children": []}]
        children = [self._ring_noun(leg, verb, noun) for noun in nouns if noun["text"]]
        self.wait(leg, "dial", children=children, action=action)
        self.store.note(leg.sid, "dial", ", ".join(noun["text"] for noun in nouns))
        if not children:
            self._dialled(leg, {"DialCallStatus": "failed"})

    def _ring_noun(self, leg: Leg, dial: Verb, noun: Verb) -> str:
        here, attrs = leg.state["url"], noun["attrs"]
        to = noun["text"] if noun["verb"] == "Number" else f"{noun['verb'].lower()}:{noun['text']}"
        state: dict[str, Any] = {"timeout": seconds(dial, "timeout", 30)}
        for name, attribute in (("answer_url", "url"), ("status_callback", "statusCallback")):
            if attrs.get(attribute):
                state[name] = urljoin(here, attrs[attribute])
        caller = dial["attrs"].get("callerId") or (leg.from_number if leg.direction == "inbound" else leg.to_number)
        child = Leg(new_sid("CA"), "outbound-dial", caller, to, "queued", time.time(), parent=leg.sid, state=state)
        self.store.add_leg(child)
        self.store.add_task(child.sid, "ring")
        return child.sid

    def on_child_answered(self, leg: Leg, child: str) -> None:
        """One of the telephones was taken: the others stop ringing."""
        waited = leg.state.get("wait") or {}
        if waited.get("kind") != "dial" or child not in waited["children"]:
            self.store.add_task(child, "end")
            return
        for other in waited["children"]:
            if other != child:
                self.store.add_task(other, "end", status="canceled")
        leg.state["partner"] = child
        self.wait(leg, "bridged", action=waited["action"], child=child)
        self.store.note(leg.sid, "connect", child)

    def on_child_ended(self, leg: Leg, child: str, status: str, seconds: int) -> None:
        """One of the telephones stopped ringing, or the talk is over."""
        waited = leg.state.get("wait") or {}
        if waited.get("kind") == "bridged" and waited.get("child") == child:
            leg.state["partner"] = None
            self._dialled(leg, {"DialCallStatus": "completed", "DialCallSid": child, "DialCallDuration": str(seconds)})
        elif waited.get("kind") == "dial" and child in waited["children"]:
            waited["children"].remove(child)
            if not waited["children"]:
                self._dialled(leg, {"DialCallStatus": status, "DialCallSid": child})

    def _dialled(self, leg: Leg, params: dict[str, str]) -> None:
        """The Dial is over: its action's document, or the next verb."""
        action = self.go_on(leg).get("action")
        if action:
            bridged = str(params["DialCallStatus"] == "completed").lower()
            self.load(leg, action, DialBridged=bridged, **params)
        self.run(leg)

    # ---- two legs
    def bridge(self, leg: Leg) -> None:
        """This leg is ready to talk: tell the other one."""
        partner = leg.parent or leg.state.get("partner")
        leg.state["partner"] = partner
        self.wait(leg, "bridged")
        self.store.note(leg.sid, "connect", partner or "")
        if leg.parent:
            self.store.add_task(leg.parent, "child_answered", child=leg.sid)
        elif partner:
            self.store.add_task(partner, "joined", other=leg.sid)

    def on_joined(self, leg: Leg, other: str) -> None:
        """The caller taken out of the queue is on the line."""
        waited = leg.state.get("wait") or {}
        if waited.get("kind") != "dial_queue":
            self.store.add_task(other, "partner_left", partner=leg.sid)
            return
        leg.state["partner"] = other
        self.wait(leg, "bridged", action=waited["action"], since=time.time())
        self.store.note(leg.sid, "connect", other)

    def on_partner_left(self, leg: Leg, partner: str) -> None:
        """The other one is gone."""
        waited = leg.state.get("wait") or {}
        if leg.state.get("partner") != partner or waited.get("kind") != "bridged":
            return
        leg.state["partner"] = None
        if leg.parent:
            self.finish(leg, "completed")
        elif leg.state.get("from_queue"):
            self.go_on(leg)
            self.after_queue(leg, "bridged")
            self.run(leg)
        elif "since" in waited:
            length = str(round(time.time() - waited["since"]))
            params = {"DialCallStatus": "completed", "DialCallDuration": length, "DequeueResult": "bridged"}
            self._dialled(leg, params | {"DequeuedCallSid": partner})

    def _leave_partner(self, leg: Leg) -> None:
        partner = leg.state.pop("partner", None)
        if partner:
            self.store.add_task(partner, "partner_left", partner=leg.sid)

    def overheard(self, leg: Leg, text: str) -> None:
        """Two people talk: what one says the other hears."""
        if leg.state.get("partner"):
            self.store.note(leg.state["partner"], "heard", text)

    # ---- outside any leg
    def do_callback(self, url: str, params: dict[str, str], left: int) -> None:
        """One callback; repeated while the application does not take it."""
        answer = self.post(url, params)
        if not answer.good and left > 1 and (answer.status == 0 or answer.status >= 500):
            actor = f"callbacks:{params.get('CallSid') or params.get('MessageSid', '')}"
            self.store.add_task(actor, "callback", CALLBACK_AGAIN_SECONDS, url=url, params=params, left=left - 1)

    def do_deliver(self, sid: str, url: str, params: dict[str, str]) -> None:
        """A text message reaches its telephone."""
        for status in ("sent", "delivered"):
            self.store.set_sms_status(sid, status)
            if url:
                self.store.add_task(
                    f"callbacks:{sid}", "callback", url=url, params=params | {"MessageStatus": status}, left=5
                )
