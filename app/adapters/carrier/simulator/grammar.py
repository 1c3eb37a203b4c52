"""What a TwiML document may contain, as Twilio publishes it: verbs, where each may stand, its attributes, sizes.

The test carrier is stricter than Twilio, which only warns of some of these and leaves the verb out: here every one is an
error, because a caller who does not hear a sentence is no better off. Codes are those of Twilio's error dictionary
(https://www.twilio.com/docs/api/errors); rules are those of each verb's page below https://www.twilio.com/docs/voice/twiml.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlsplit

Verb = dict[str, Any]
Check = Callable[[str], bool]

LARGEST_DOCUMENT: Final = 64 * 1024
LONGEST_SAY: Final = 4096
LONGEST_SAY_ENCODED: Final = 4500
LONGEST_QUEUE_NAME: Final = 64
MOST_NUMBERS: Final = 10

PARSE, TOO_LARGE, SCHEMA, CONTENT_TYPE, RETRIEVAL = "12100", "11750", "12200", "12300", "11200"
SAY_TEXT, SAY_LENGTH, DIAL_NESTED, GATHER_NESTED, DIAL_NUMBER = "13520", "13521", "13215", "13320", "13223"


class NotTwiml(Exception):
    """The answer of the application is no TwiML that Twilio would carry out. `code`: Twilio's number of the error."""

    def __init__(self, message: str, code: str = PARSE) -> None:
        super().__init__(message)
        self.code = code


def _words(*allowed: str) -> Check:
    return lambda value: value in allowed


def _each(*allowed: str) -> Check:
    return lambda value: bool(value.split()) and set(value.split()) <= set(allowed)


def _whole(low: int, high: int) -> Check:
    return lambda value: value.isascii() and value.isdigit() and low <= int(value) <= high


def _like(pattern: str) -> Check:
    return lambda value: re.fullmatch(pattern, value) is not None


def _url(value: str) -> bool:
    parts = urlsplit(value)
    return (
        bool(value) and len(value) <= 4000 and parts.scheme in ("", "http", "https") and not set(value) & set(' <>"\n')
    )


def _any(value: str) -> bool:
    return True


_BOOL = _words("true", "false")
_METHOD = _words("GET", "POST")
_LANGUAGE = _like(r"[a-z]{2,3}(-[A-Za-z]{2,4}){0,2}(-[A-Z]{2})?")
_KEYS = _like(r"[0-9*#]*")
_RECORDED = _words(
    "do-not-record",
    "record-from-answer",
    "record-from-ringing",
    "record-from-answer-dual",
    "record-from-ringing-dual",
    "true",
    "false",
)
_RECORDING = {
    "recordingStatusCallback": _url,
    "recordingStatusCallbackMethod": _METHOD,
    "recordingStatusCallbackEvent": _each("in-progress", "completed", "absent"),
    "recordingTrack": _words("inbound", "outbound", "both"),
}
_PROGRESS = {
    "statusCallback": _url,
    "statusCallbackMethod": _METHOD,
    "statusCallbackEvent": _each("initiated", "ringing", "answered", "completed"),
}
SSML: Final = frozenset("break emphasis lang p phoneme prosody s say-as sub w".split())


@dataclass(frozen=True)
class Rule:
    """One verb or noun: its attributes, what may stand in it, and whether it has text (None: it may)."""

    attributes: Mapping[str, Check] = field(default_factory=dict)
    children: frozenset[str] = frozenset()
    text: bool | None = False


RULES: Final[Mapping[str, Rule]] = {
    "Say": Rule({"voice": _any, "loop": _whole(0, 1000), "language": _LANGUAGE}, SSML, None),
    "Play": Rule({"loop": _whole(0, 1000), "digits": _like(r"[0-9*#wW]+")}, text=None),
    "Pause": Rule({"length": _whole(0, 86_400)}),
    "Gather": Rule(
        {
            "action": _url,
            "method": _METHOD,
            "input": _each("dtmf", "speech"),
            "timeout": _like(r"auto|[0-9]{1,5}"),
            "speechTimeout": _like(r"auto|[1-9][0-9]{0,4}"),
            "maxSpeechTime": _whole(1, 60),
            "finishOnKey": _like(r"[0-9*#]?"),
            "numDigits": _whole(1, 1000),
            "language": _LANGUAGE,
            "hints": lambda value: len(value) <= 10_000 and all(len(word) <= 100 for word in value.split(",")),
            "speechModel": _like(r"[a-z0-9_-]+"),
            "enhanced": _BOOL,
            "profanityFilter": _BOOL,
            "bargeIn": _BOOL,
            "actionOnEmptyResult": _BOOL,
            "partialResultCallback": _url,
            "partialResultCallbackMethod": _METHOD,
            "debug": _BOOL,
        },
        frozenset(("Say", "Play", "Pause")),
    ),
    "Record": Rule(
        {
            "action": _url,
            "method": _METHOD,
            "timeout": _whole(0, 3600),
            "finishOnKey": _KEYS,
            "maxLength": _whole(1, 14_400),
            "playBeep": _BOOL,
            "trim": _words("trim-silence", "do-not-trim"),
            "transcribe": _BOOL,
            "transcribeCallback": _url,
            **_RECORDING,
        }
    ),
    "Dial": Rule(
        {
            "action": _url,
            "method": _METHOD,
            "timeout": _whole(1, 600),
            "timeLimit": _whole(1, 86_400),
            "hangupOnStar": _BOOL,
            "callerId": _like(r"\+?[0-9]{3,15}|client:.+|sip:.+"),
            "callReason": lambda value: len(value) <= 50,
            "record": _RECORDED,
            "trim": _words("trim-silence", "do-not-trim"),
            "answerOnBridge": _BOOL,
            "ringTone": _like(r"[a-z]{2}(-old)?|automatic"),
            "sequential": _BOOL,
            "referUrl": _url,
            "referMethod": _METHOD,
            **_RECORDING,
        },
        frozenset(("Number", "Queue")),
        None,
    ),
    "Number": Rule(
        {
            "url": _url,
            "method": _METHOD,
            "sendDigits": _like(r"[0-9*#wW]+"),
            "byoc": _any,
            "machineDetection": _words("Enable", "DetectMessageEnd"),
            "machineDetectionTimeout": _whole(3, 59),
            "amdStatusCallback": _url,
            "amdStatusCallbackMethod": _METHOD,
            **_PROGRESS,
        },
        text=True,
    ),
    "Queue": Rule({"url": _url, "method": _METHOD, "reservationSid": _any, "postWorkActivitySid": _any}, text=True),
    "Enqueue": Rule(
        {"action": _url, "method": _METHOD, "waitUrl": _url, "waitUrlMethod": _METHOD, "maxQueueSize": _whole(1, 5000)},
        text=True,
    ),
    "Redirect": Rule({"method": _METHOD}, text=True),
    "Reject": Rule({"reason": _words("rejected", "busy")}),
    "Hangup": Rule(),
    "Leave": Rule(),
    "Message": Rule({"to": _any, "from": _any, "action": _url, "method": _METHOD}, text=True),
}
"""What the test carrier plays. Twilio has more verbs (Connect, Start, Pay …); a document with one is refused here."""

VERBS: Final = frozenset(RULES) - {"Number", "Queue"}
PLACES: Final[Mapping[str, frozenset[str]]] = {
    "call": VERBS - {"Message", "Leave"},
    "wait": frozenset(("Say", "Play", "Pause", "Gather", "Redirect", "Leave", "Hangup")),
    "screen": frozenset(("Say", "Play", "Pause", "Gather", "Record", "Redirect", "Hangup")),
    "dequeue": frozenset(("Say", "Play", "Pause", "Redirect")),
    "message": frozenset(("Message", "Redirect")),
}
"""Which verbs a document may hold: of a call, of a queue's waitUrl, of a Number's url, of a Queue's url, of a text message."""


def check(verbs: list[Verb], place: str) -> None:
    """Raise NotTwiml for the first thing that Twilio does not carry out."""
    for verb in verbs:
        if verb["verb"] not in RULES or verb["verb"] not in VERBS:
            raise NotTwiml(f"<{verb['verb']}> is no verb the test carrier knows", SCHEMA)
        if verb["verb"] not in PLACES[place]:
            raise NotTwiml(f"<{verb['verb']}> is not allowed in the document of a {place}", SCHEMA)
        _element(verb)


def _element(verb: Verb) -> None:
    name, rule = verb["verb"], RULES[verb["verb"]]
    for attribute, value in verb["attrs"].items():
        allowed = rule.attributes.get(attribute)
        if allowed is None:
            raise NotTwiml(f"<{name}> has no attribute {attribute}", SCHEMA)
        if not allowed(value):
            raise NotTwiml(f'<{name} {attribute}="{value[:60]}"> is not a value of it', SCHEMA)
    for child in verb["children"]:
        if child["verb"] not in rule.children:
            code = {"Dial": DIAL_NESTED, "Gather": GATHER_NESTED}.get(name, SCHEMA)
            raise NotTwiml(f"<{child['verb']}> may not stand in <{name}>", code)
        if child["verb"] in RULES:
            _element(child)
    if rule.text is True and not verb["text"]:
        raise NotTwiml(f"<{name}> is empty", SCHEMA)
    if rule.text is False and verb["text"]:
        raise NotTwiml(f"<{name}> has a text", SCHEMA)
    own = _OWN.get(name)
    if own is not None:
        own(verb)


def _say(verb: Verb) -> None:
    text = verb["text"]
    if not text and not verb["children"]:
        raise NotTwiml("<Say> has nothing to say", SAY_TEXT)
    if len(text) > LONGEST_SAY or len(quote(text)) > LONGEST_SAY_ENCODED:
        raise NotTwiml(f"<Say> of {len(text)} characters is too long", SAY_LENGTH)


def _play(verb: Verb) -> None:
    if not verb["text"] and not verb["attrs"].get("digits"):
        raise NotTwiml("<Play> has neither an address nor digits", SCHEMA)


def _dial(verb: Verb) -> None:
    nouns = [child["verb"] for child in verb["children"]]
    if bool(verb["text"]) == bool(nouns):
        raise NotTwiml("<Dial> needs a number or nouns, and not both", SCHEMA)
    if "Queue" in nouns and len(nouns) > 1:
        raise NotTwiml("<Queue> stands alone in <Dial>", DIAL_NESTED)
    if len(nouns) > MOST_NUMBERS:
        raise NotTwiml("<Dial> rings ten numbers at most", DIAL_NESTED)
    if verb["text"]:
        _number(verb)


def _number(verb: Verb) -> None:
    if not re.fullmatch(r"\+?[0-9][0-9 ().-]{2,20}", verb["text"]):
        raise NotTwiml(f"{verb['text'][:40]!r} is no telephone number", DIAL_NUMBER)


def _enqueue(verb: Verb) -> None:
    if len(verb["text"]) > LONGEST_QUEUE_NAME:
        raise NotTwiml("the name of a queue has 64 characters at most", SCHEMA)


_OWN: Final[Mapping[str, Callable[[Verb], None]]] = {
    "Say": _say,
    "Play": _play,
    "Dial": _dial,
    "Number": _number,
    "Enqueue": _enqueue,
}
