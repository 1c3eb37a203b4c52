"""What an automatic call says and what its keys mean, as a pure machine: (where it stands, a key) → (said, asked, what follows).

The renderer makes it TwiML, the service does what follows. Nothing here knows a clock, a database or a language. What a fee
reminder says stands in `reminder_flow`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from app.errors import N_
from app.rules.arrears import Owed
from app.rules.call_flow.words import Digits, Line, Quote, Word, line
from app.rules.call_flow.world import PinCheck
from app.rules.codes import Outreach
from app.rules.voice_pin import PinState

MOST_MISSES = 2
MOST_TURNS = 8
OTHER_LANGUAGE, NO_MORE, AGAIN = "8", "9", "*"


LOW_SCORE = 2
"""D8: 1 or 2 reopens the ticket."""


class Outcome(StrEnum):
    """What a turn settled."""

    HEARD = "heard"
    CONFIRMED = "confirmed"
    SCORE = "score"
    HELP = "help"
    OPTED_OUT = "opted_out"
    AMOUNT = "amount"
    CALL_BACK = "call_back"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Flow:
    """Where a call stands: the turn counts its answers, `misses` the wrong keys and silences; `step` is the question, where a
    purpose asks more than one."""

    purpose: str
    turn: int = 0
    misses: int = 0
    locale: str = "zh"
    over: bool = False
    step: str = ""


@dataclass(frozen=True)
class Facts:
    """What the call is about. `community` and `text` come in the call's language; `hour` and `minute` are local. `pin`, what a
    keyed one came to (`check`) and what its owner owes are a reminder's."""

    community: str
    text: str = ""
    matter: str = ""
    number: str = ""
    hour: int = 0
    minute: int = 0
    pin: PinState = PinState.NONE
    check: PinCheck | None = None
    owed: Owed | None = None


@dataclass(frozen=True)
class Reply:
    """What is said; asked for a key when `asks` (or for as many as `digits`, ended with #), else the line ends. `outcome` is
    what this turn settled."""

    flow: Flow
    lines: tuple[Line, ...]
    asks: bool
    outcome: Outcome | None = None
    score: int | None = None
    digits: int = 1


HELLO = N_("Hello, this is an automatic call of the service centre of %(community)s.")
URGENT = N_("Attention please. This is an urgent alert of the service centre of %(community)s.")
VISIT = N_("Your matter %(matter)s, ticket %(number)s, is reported done.")
MATTER = N_("that you reported")
SCALE = N_("How satisfied are you? Please press a key from 1, not at all, to 5, very.")
LEAVE = N_("For no more calls like this, press 9.")
IN_THE_OTHER = {
    "zh": Line(N_("For English, press 8."), locale="en"),
    "en": Line(N_("For Chinese, press 8."), locale="zh"),
}
THANKS = N_("Thank you. Goodbye.")
SORRY = N_("We are sorry to hear that. Your ticket is opened again, and the supervisor takes it over. Goodbye.")
SETTLED = N_("Thank you, your answer is with us already. Goodbye.")
WRONG = N_("This key means nothing here.")
SILENT = N_("We have not heard a key.")
NO_ANSWER = N_("We have not got an answer and will not keep you. Goodbye.")
GONE = N_("You will get no more calls like this. Goodbye.")
MORNING = N_("Good day, this is the wake-up call you asked %(community)s for.")
TIME = N_("It is %(hour)s:%(minute)s.")
TIME_SHARP = N_("It is %(hour)s o'clock.")
CONFIRM = N_("If you have understood, press 1. To hear it again, press star.")
ALL_WELL = N_("If all is well, press 1. If you need help, press 9.")
GLAD = N_("We are glad to hear it. Goodbye.")
COMING = N_(
    "We are ringing the person on duty for you now. Please stay on the line: you will be connected. If you cannot, hang up: "
    "you are called back. In danger of life dial 120, 119 or 110."
)
BYE = N_("Goodbye.")

VISIT_KEYS = frozenset("12345")
HELP_KEYS = frozenset("029")
"""I4: 9 is an emergency in every question, 0 a person, and 2 "no" to whether all is well. Only the first is said."""
HEARD_KEYS = HELP_KEYS | {"1"}
"""The keys of a check-in call that settle it."""


def begin(flow: Flow, facts: Facts) -> Reply:
    """The telephone was taken by a person, as far as anybody knows."""
    if flow.purpose == Outreach.WAKE_UP:
        return Reply(replace(flow, over=True), (*_wake(facts), *_wake(facts), line(BYE)), False, Outcome.HEARD)
    heard = Outcome.HEARD if flow.purpose in _TOLD else None
    return Reply(replace(flow, turn=1), _question(flow, facts), True, heard)


def key(flow: Flow, digits: str, facts: Facts) -> Reply:
    """A key, or silence (no digit) after the question was said."""
    if flow.over:
        return _end(flow, BYE, None)
    if flow.turn >= MOST_TURNS:
        return _end(flow, BYE if flow.purpose in _TOLD else NO_ANSWER, Outcome.UNCLEAR)
    flow = replace(flow, turn=flow.turn + 1)
    if digits == AGAIN:
        return Reply(flow, _question(flow, facts), True)
    if digits == OTHER_LANGUAGE:
        flow = replace(flow, locale="zh" if flow.locale == "en" else "en")
        return Reply(flow, _question(flow, facts), True)
    if digits == NO_MORE and flow.purpose in _REFUSABLE:
        return _end(flow, GONE, Outcome.OPTED_OUT)
    settled = _settle(flow, digits)
    return settled or _missed(flow, digits, facts)


def settled_before(flow: Flow) -> Reply:
    """The matter was answered by another way meanwhile."""
    return _end(flow, SETTLED, None)


_TOLD = (Outreach.NOTICE, Outreach.ALERT, Outreach.CHECK_IN_CONTACT)
_REFUSABLE = (Outreach.RETURN_VISIT, Outreach.NOTICE)


def _settle(flow: Flow, digits: str) -> Reply | None:
    if flow.purpose == Outreach.RETURN_VISIT and digits in VISIT_KEYS:
        score = int(digits)
        ended = _end(flow, SORRY if score <= LOW_SCORE else THANKS, Outcome.SCORE)
        return replace(ended, score=score)
    if flow.purpose == Outreach.CHECK_IN and digits == "1":
        return _end(flow, GLAD, Outcome.CONFIRMED)
    if flow.purpose == Outreach.CHECK_IN and digits in HELP_KEYS:
        return _end(flow, COMING, Outcome.HELP)
    if flow.purpose in _TOLD and digits == "1":
        return _end(flow, THANKS, Outcome.CONFIRMED)
    return None


def _missed(flow: Flow, digits: str, facts: Facts) -> Reply:
    flow = replace(flow, misses=flow.misses + 1)
    if flow.misses >= MOST_MISSES:
        return _end(flow, BYE if flow.purpose in _TOLD else NO_ANSWER, Outcome.UNCLEAR)
    return Reply(flow, (line(WRONG if digits else SILENT), *_asked(flow, facts)), True)


def _end(flow: Flow, msgid: str, outcome: Outcome | None) -> Reply:
    return Reply(replace(flow, over=True), (line(msgid),), False, outcome)


def _question(flow: Flow, facts: Facts) -> tuple[Line, ...]:
    hello = URGENT if flow.purpose == Outreach.ALERT else HELLO
    return (line(hello, community=Quote(facts.community)), *_asked(flow, facts))


def _asked(flow: Flow, facts: Facts) -> tuple[Line, ...]:
    other = IN_THE_OTHER["en" if flow.locale == "en" else "zh"]
    if flow.purpose == Outreach.RETURN_VISIT:
        matter = Quote(facts.matter) if facts.matter else Word(MATTER)
        return (line(VISIT, matter=matter, number=Digits(facts.number)), line(SCALE), line(LEAVE), other)
    if flow.purpose == Outreach.CHECK_IN:
        return (line(ALL_WELL), other)
    said = Line("%(text)s", {"text": Quote(facts.text)})
    if flow.purpose in (Outreach.ALERT, Outreach.CHECK_IN_CONTACT):
        return (said, said, line(CONFIRM), other)
    return (said, line(CONFIRM), line(LEAVE), other)


def _wake(facts: Facts) -> tuple[Line, ...]:
    if facts.minute == 0:
        said = line(TIME_SHARP, hour=str(facts.hour))
    else:
        said = line(TIME, hour=str(facts.hour), minute=f"{facts.minute:02d}")
    return (line(MORNING, community=Quote(facts.community)), said)
