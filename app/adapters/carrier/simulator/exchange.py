"""The simulated exchange: how legs come about, ring, are connected with each other, wait in queues, and end.

Every leg is an actor: whatever happens to it is a task, done one after the other, in whichever process picks it up.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urljoin

from app.adapters.carrier.simulator.interpreter import Interpreter
from app.adapters.carrier.simulator.markup import Verb, seconds
from app.adapters.carrier.simulator.store import Leg, Task, new_sid

ENDED = ("completed", "busy", "no-answer", "failed", "canceled")
CALLBACK_AGAIN_SECONDS = 1.0


class Exchange(Interpreter):
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
            self.load(leg, url)
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
        for child in waited.get("children", ()):
            self.store.add_task(child, "end", status="canceled")
        if leg.parent:
            self.store.add_task(leg.parent, "child_ended", child=leg.sid, status=status, seconds=leg.seconds)
        self.store.note(leg.sid, "end", status)
        self.report(leg, status)

    def report(self, leg: Leg, status: str) -> None:
        """A progress callback, where one was asked for."""
        url = leg.state.get("status_callback")
        if url:
            extra = {"CallStatus": status, "SequenceNumber": str(leg.state.get("reports", 0))}
            leg.state["reports"] = leg.state.get("reports", 0) + 1
            if status in ENDED:
                extra |= {"CallDuration": str(leg.seconds), "Duration": str(-(-leg.seconds // 60))}
            self.tell(leg, url, extra)

    # ---- queues
    def verb_enqueue(self, leg: Leg, verb: Verb) -> None:
        """<Enqueue>: wait, with the wait document, until somebody dials the queue."""
        attrs, here = verb["attrs"], leg.state["url"]
        leg.queue, leg.queued_at = verb["text"] or "queue", time.time()
        action = urljoin(here, attrs["action"]) if attrs.get("action") else None
        leg.state |= {"then": "loop", "enqueue": {"action": action} if action else None}
        leg.state |= {"rest": [leg.state["verbs"], leg.state["at"], here]}
        self.store.note(leg.sid, "queue", leg.queue)
        # Seen by others before the wait document is asked for, which takes its time.
        self.store.save_leg(leg)
        for other in self.store.live_legs():
            wait = other.state.get("wait") or {}
            if wait.get("kind") == "dial_queue" and wait.get("queue") == leg.queue:
                self.store.add_task(other.sid, "try_queue")
        if attrs.get("waitUrl"):
            leg.state["wait_url"] = urljoin(here, attrs["waitUrl"])
            self.load(leg, leg.state["wait_url"], **self.queue_params(leg))
        else:
            leg.state["wait_url"] = here
            self.wait(leg, "queue")

    def verb_leave(self, leg: Leg, verb: Verb) -> None:
        """<Leave>: out of the queue, on with the Enqueue's action."""
        if leg.queue:
            self.after_queue(leg, "leave")

    def after_queue(self, leg: Leg, result: str) -> None:
        """The waiting is over: the action's document, or what followed the Enqueue."""
        params = {"QueueResult": result, **self.queue_params(leg)}
        enqueue = leg.state.get("enqueue")
        verbs, at, here = leg.state.pop("rest", [[], 0, self.base_url + "/"])
        self._out_of_queue(leg)
        leg.state["then"] = "hang_up"
        if enqueue:
            self.load(leg, enqueue["action"], **params)
        else:
            leg.state |= {"verbs": verbs, "at": at, "url": here}

    def on_dequeue(self, leg: Leg, by: str, url: str | None) -> None:
        """Somebody dialled the queue and it is this leg's turn."""
        if not leg.queue:
            self.store.add_task(by, "try_queue")
            return
        self.go_on(leg)
        leg.queue = None
        leg.state |= {"from_queue": True, "partner": by, "then": "bridge", "verbs": [], "at": 0}
        if url:
            self.load(leg, url)
        self.run(leg)

    def _out_of_queue(self, leg: Leg) -> None:
        leg.queue = None
        leg.state.pop("from_queue", None)
        leg.state["enqueue"] = None

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

    def on_try_queue(self, leg: Leg) -> None:
        """Take the longest waiting out of the queue, if there is anybody."""
        waited = leg.state.get("wait") or {}
        if waited.get("kind") != "dial_queue":
            return
        waiting = self.store.queued(waited["queue"])
        if waiting:
            self.store.add_task(waiting[0].sid, "dequeue", by=leg.sid, url=waited["url"])

    def on_no_queue(self, leg: Leg, token: str) -> None:
        """Nobody was in the queue."""
        waited = leg.state.get("wait") or {}
        if waited.get("token") == token and waited.get("kind") == "dial_queue":
            self._dialled(leg, {"DialCallStatus": "no-answer", "DequeueResult": "queue-not-found"})

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
