"""The queues of the simulated exchange: who waits, what they hear meanwhile, and how they are fetched."""

from __future__ import annotations

import time
from urllib.parse import urljoin

from app.adapters.carrier.simulator.interpreter import Interpreter
from app.adapters.carrier.simulator.markup import Verb
from app.adapters.carrier.simulator.store import Leg


class Queues(Interpreter):
    """`Exchange` adds what two legs do with each other."""

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
            self.load(leg, leg.state["wait_url"], "wait", **self.queue_params(leg))
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
            self.load(leg, url, "dequeue")
        self.run(leg)

    def _out_of_queue(self, leg: Leg) -> None:
        leg.queue = None
        leg.state.pop("from_queue", None)
        leg.state["enqueue"] = None

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

    # ---- what Exchange adds
    def _dialled(self, leg: Leg, params: dict[str, str]) -> None:
        raise NotImplementedError
