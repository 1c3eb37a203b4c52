"""Runs TwiML on a leg, verb by verb, until it has to wait for somebody or something.

A leg's `state`: `url` and `verbs`/`at` (the document and where in it), `then` (what its end means: hang_up, loop in a queue,
bridge), `wait` (what is waited for, with a `token` that makes late timers harmless), `typed`, `partner`.
Documentation: https://www.twilio.com/docs/voice/twiml and the page of each verb.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urljoin

from app.adapters.carrier.simulator import sound
from app.adapters.carrier.simulator.faults import Faults
from app.adapters.carrier.simulator.grammar import CONTENT_TYPE, RETRIEVAL
from app.adapters.carrier.simulator.markup import NotTwiml, Verb, is_true, parse, seconds
from app.adapters.carrier.simulator.store import Leg, Store, new_sid
from app.adapters.carrier.simulator.web import Post

ACCOUNT = "ACsimulator"
PATIENCE_SECONDS = 240.0
"""How long a person at the page may think before silence is silence: typing takes longer than speaking."""
BETWEEN_KEYS_SECONDS = 5.0
LOOP_SECONDS = 8.0
"""Saying takes no time here: a queue's music would otherwise be asked for without a pause."""
STEPS = 120
APPLICATION_ERROR = "We're sorry, an application error has occurred. Goodbye."


class Interpreter:
    """Documents and the verbs that concern one leg alone; `Exchange` adds what connects legs."""

    def __init__(self, store: Store, post: Post, base_url: str, faults: Faults | None = None) -> None:
        self.store, self.post, self.base_url = store, post, base_url
        self.faults = faults or Faults()

    # ---- documents
    def load(self, leg: Leg, url: str, place: str = "call", **params: str) -> None:
        """Ask the application what to do and take its answer as the leg's document. Failing that, the fallback, then goodbye.

        `place`: what the document is for, which says what may stand in it (`grammar.PLACES`).
        """
        address = urljoin(leg.state.get("url") or self.base_url + "/", url)
        fields = self.params(leg) | params
        answer = self.post(address, fields)
        if self.faults.happens(self.faults.repeat):
            answer = self.post(address, fields)
        try:
            if not answer.good:
                raise NotTwiml(f"HTTP {answer.status}", RETRIEVAL)
            if answer.text.strip() and not answer.is_xml:
                raise NotTwiml("the document is not sent as XML", CONTENT_TYPE)
            verbs = parse(answer.text, place) if answer.text.strip() else []
        except NotTwiml as error:
            self.store.note(leg.sid, "error", f"{error.code} {address}: {error}")
            self._fall_back(leg, address, error.code)
            return
        leg.state |= {"url": address, "verbs": verbs, "at": 0, "place": place}

    def _fall_back(self, leg: Leg, address: str, code: str) -> None:
        verbs: list[Verb] = [_say(APPLICATION_ERROR), {"verb": "Hangup", "attrs": {}, "text": "", "children": []}]
        fallback = leg.state.get("fallback")
        if fallback and not leg.state.get("fell_back"):
            leg.state["fell_back"] = True
            answer = self.post(fallback, self.params(leg) | {"ErrorCode": code, "ErrorUrl": address})
            if answer.good:
                try:
                    verbs = parse(answer.text)
                except NotTwiml as error:
                    self.store.note(leg.sid, "error", f"{fallback}: {error}")
        leg.state |= {"url": self.base_url + "/", "verbs": verbs, "at": 0, "place": "call"}

    def params(self, leg: Leg) -> dict[str, str]:
        """What every webhook of a leg carries."""
        parent = {"ParentCallSid": leg.parent} if leg.parent else {}
        return parent | {
            "CallSid": leg.sid,
            "AccountSid": ACCOUNT,
            "From": leg.from_number,
            "To": leg.to_number,
            "Caller": leg.from_number,
            "Called": leg.to_number,
            "CallStatus": leg.status,
            "Direction": leg.direction,
            "ApiVersion": "2010-04-01",
        }

    def run(self, leg: Leg) -> None:
        """Go on until the leg waits or has ended."""
        for _ in range(STEPS):
            if leg.ended_at is not None or leg.state.get("wait"):
                return
            verbs, at = leg.state.get("verbs", []), leg.state.get("at", 0)
            if at >= len(verbs):
                self.end_of_document(leg)
                continue
            leg.state["at"] = at + 1
            verb = verbs[at]
            handler = getattr(self, f"verb_{verb['verb'].lower()}", None)
            if handler is None:
                self.store.note(leg.sid, "error", f"<{verb['verb']}> is not known to the simulator")
                continue
            handler(leg, verb)
        if not leg.state.get("wait") and leg.ended_at is None:
            self.store.note(leg.sid, "error", "the documents go in a circle")
            self.finish(leg, "failed")

    def end_of_document(self, leg: Leg) -> None:
        """What follows the last verb."""
        if leg.state.get("then") == "loop":
            self.pause(leg, LOOP_SECONDS, "loop")
        elif leg.state.get("then") == "bridge":
            self.bridge(leg)
        else:
            self.finish(leg, "completed")

    def wait(self, leg: Leg, kind: str, after: float | None = None, task: str = "silence", **what: Any) -> None:
        """Wait for `kind`; `after` seconds later `task` is given to the leg, unless it has gone on by then."""
        token = new_sid("")
        leg.state["wait"] = {"kind": kind, "token": token, **what}
        leg.waiting = kind
        if after is not None:
            self.store.add_task(leg.sid, task, after, token=token)

    def go_on(self, leg: Leg) -> dict[str, Any]:
        """Stop waiting; what was waited for."""
        waited: dict[str, Any] = leg.state.pop("wait", None) or {}
        leg.waiting = None
        leg.state["typed"] = ""
        return waited

    def pause(self, leg: Leg, length: float, kind: str = "pause") -> None:
        self.wait(leg, kind, length, "resume")

    # ---- verbs that concern one leg
    def verb_say(self, leg: Leg, verb: Verb) -> None:
        """<Say>: shown, and spoken by the page where the browser can."""
        self.store.note(leg.sid, "say", verb["text"], verb["attrs"].get("language", ""))

    def verb_play(self, leg: Leg, verb: Verb) -> None:
        """<Play>: the address or the tones."""
        self.store.note(leg.sid, "play", verb["text"] or verb["attrs"].get("digits", ""))

    def verb_pause(self, leg: Leg, verb: Verb) -> None:
        """<Pause>, shortened: nobody wants to wait for a simulator."""
        self.pause(leg, min(seconds(verb, "length", 1), 3.0))

    def verb_redirect(self, leg: Leg, verb: Verb) -> None:
        """<Redirect>; in a queue not faster than music would be."""
        if leg.state.get("then") == "loop":
            leg.state["wait_url"] = urljoin(leg.state["url"], verb["text"])
            leg.state["verbs"] = []
            return
        self.load(leg, verb["text"], leg.state.get("place", "call"))

    def verb_hangup(self, leg: Leg, verb: Verb) -> None:
        """<Hangup>."""
        self.finish(leg, "completed")

    def verb_reject(self, leg: Leg, verb: Verb) -> None:
        """<Reject reason>."""
        self.finish(leg, "busy" if verb["attrs"].get("reason") == "busy" else "no-answer")

    def verb_gather(self, leg: Leg, verb: Verb) -> None:
        """<Gather>: its prompts, then keys or words or silence."""
        for child in verb["children"]:
            if child["verb"] in ("Say", "Play"):
                getattr(self, f"verb_{child['verb'].lower()}")(leg, child)
        leg.state["typed"] = ""
        self.wait(leg, "gather", PATIENCE_SECONDS, verb=verb, listens="speech" in verb["attrs"].get("input", "dtmf"))

    def verb_record(self, leg: Leg, verb: Verb) -> None:
        """<Record>: the tone, then words, # or silence."""
        self.store.note(leg.sid, "beep")
        self.wait(leg, "record", PATIENCE_SECONDS, verb=verb)

    # ---- what a person does
    def on_keys(self, leg: Leg, digits: str) -> None:
        """Keys were pressed."""
        self.store.note(leg.sid, "keys", digits)
        waited = leg.state.get("wait") or {}
        if waited.get("kind") == "bridged":
            self.overheard(leg, digits)
        elif waited.get("kind") == "record":
            if set(digits) & set(waited["verb"]["attrs"].get("finishOnKey", "1234567890*#")):
                self._recorded(leg, "", digits[0])
        elif waited.get("kind") == "gather":
            self._keys_gathered(leg, waited, digits)

    def on_words(self, leg: Leg, words: str) -> None:
        """Somebody spoke."""
        self.store.note(leg.sid, "words", words)
        waited = leg.state.get("wait") or {}
        if waited.get("kind") == "bridged":
            self.overheard(leg, words)
        elif waited.get("kind") == "record":
            self._recorded(leg, words, None)
        elif waited.get("kind") == "gather" and waited["listens"]:
            self._gathered(leg, {"SpeechResult": words, "Confidence": "0.93"})
        elif waited.get("kind") == "gather":
            self.store.note(leg.sid, "deaf")

    def on_silence(self, leg: Leg, token: str | None = None) -> None:
        """Nothing was said or keyed: `token` for a timer, None for a person who chose to stay silent."""
        waited = leg.state.get("wait") or {}
        if token is not None and token != waited.get("token"):
            return
        if token is None:
            self.store.note(leg.sid, "silence")
        if waited.get("kind") == "record":
            self.go_on(leg)
            self.run(leg)
        elif waited.get("kind") == "gather":
            verb = waited["verb"]
            if leg.state.get("typed"):
                self._gathered(leg, {"Digits": leg.state["typed"]})
            elif is_true(verb, "actionOnEmptyResult"):
                self._gathered(leg, {"SpeechResult": "", "Digits": ""} if waited["listens"] else {"Digits": ""})
            else:
                self.go_on(leg)
                self.run(leg)

    def on_between_keys(self, leg: Leg, token: str, typed: str) -> None:
        """No further key came."""
        waited = leg.state.get("wait") or {}
        if waited.get("token") == token and leg.state.get("typed") == typed:
            self._gathered(leg, {"Digits": typed})

    def on_resume(self, leg: Leg, token: str) -> None:
        """A pause is over."""
        waited = leg.state.get("wait") or {}
        if waited.get("token") != token:
            return
        self.go_on(leg)
        if waited["kind"] == "loop":
            self.load(leg, leg.state["wait_url"], "wait", **self.queue_params(leg))
        self.run(leg)

    def _keys_gathered(self, leg: Leg, waited: dict[str, Any], digits: str) -> None:
        attrs = waited["verb"]["attrs"]
        if "dtmf" not in attrs.get("input", "dtmf"):
            return
        finish, wanted = attrs.get("finishOnKey", "#"), int(attrs.get("numDigits") or 0)
        typed = leg.state.get("typed", "")
        for digit in digits:
            if finish and digit in finish:
                self._gathered(leg, {"Digits": typed, "FinishedOnKey": digit})
                return
            typed += digit
            if wanted and len(typed) >= wanted:
                self._gathered(leg, {"Digits": typed})
                return
        leg.state["typed"] = typed
        pause = seconds(waited["verb"], "timeout", BETWEEN_KEYS_SECONDS) or BETWEEN_KEYS_SECONDS
        self.store.add_task(leg.sid, "between_keys", pause, token=waited["token"], typed=typed)

    def _gathered(self, leg: Leg, params: dict[str, str]) -> None:
        verb = self.go_on(leg)["verb"]
        if leg.queue:
            params = params | self.queue_params(leg)
        self.load(leg, verb["attrs"].get("action") or leg.state["url"], leg.state.get("place", "call"), **params)
        self.run(leg)

    def _recorded(self, leg: Leg, words: str, key: str | None) -> None:
        """A recording is finished by words (and the silence after them), a key, or by hanging up (key "hangup")."""
        verb = self.go_on(leg)["verb"]
        sid = self.store.add_recording(leg.sid, sound.duration_seconds(words), words, sound.wav(words))
        length = str(sound.duration_seconds(words))
        params = {
            "RecordingSid": sid,
            "RecordingUrl": f"{self.base_url}/simulator/recordings/{sid}",
            "RecordingDuration": length,
        }
        callback = verb["attrs"].get("recordingStatusCallback")
        action = verb["attrs"].get("action") or leg.state["url"]
        digits = {"Digits": key} if key else {}
        if key == "hangup":
            self.tell(leg, urljoin(leg.state["url"], action), params | digits)
        else:
            self.load(leg, action, **params, **digits)
        if callback:
            report = {"RecordingStatus": "completed", "RecordingChannels": "1", "RecordingSource": "RecordVerb"}
            self.tell(leg, callback, params | report)
        if key != "hangup":
            self.run(leg)

    def tell(self, leg: Leg, url: str, params: dict[str, str]) -> None:
        """A callback: sent after the others of this leg, again if the application does not answer."""
        fields = self.params(leg) | params
        for late, out_of_order in self.faults.deliveries():
            actor = f"callback:{new_sid('')}" if out_of_order else f"callbacks:{leg.sid}"
            self.store.add_task(actor, "callback", late, url=url, params=fields, left=5)

    def queue_params(self, leg: Leg) -> dict[str, str]:
        """What a queue's wait document is told."""
        if not leg.queue:
            return {}
        return {
            "QueueSid": f"QU{leg.queue}",
            "QueueTime": str(round(time.time() - (leg.queued_at or time.time()))),
            "QueuePosition": "1",
            "CurrentQueueSize": str(len(self.store.queued(leg.queue))),
        }

    # ---- what Exchange adds
    def finish(self, leg: Leg, status: str) -> None:
        raise NotImplementedError

    def bridge(self, leg: Leg) -> None:
        raise NotImplementedError

    def overheard(self, leg: Leg, text: str) -> None:
        raise NotImplementedError


def _say(text: str) -> Verb:
    return {"verb": "Say", "attrs": {"language": "en-US"}, "text": text, "children": []}
