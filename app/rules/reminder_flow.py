"""What a fee reminder says on the telephone (D10, D15), as a pure machine over the same words as `outbound_flow`.

Whoever takes the telephone hears that a bill is open and whom to ask: no name, no house, no sum. Key 1 asks for the owner's
telephone PIN, as key 6 of the hotline does, and tells the sum to its owner alone; key 2 asks the finance department to call back.
"""

from __future__ import annotations

from dataclasses import replace

from app.errors import N_
from app.rules.call_flow.fees import LOCKED, NO_SUMS
from app.rules.call_flow.words import Line, Quote, line
from app.rules.outbound_flow import (
    AGAIN,
    BYE,
    GONE,
    HELLO,
    IN_THE_OTHER,
    LEAVE,
    MOST_MISSES,
    MOST_TURNS,
    NO_MORE,
    OTHER_LANGUAGE,
    SILENT,
    WRONG,
    Facts,
    Flow,
    Outcome,
    Reply,
)
from app.rules.voice_pin import LENGTH, PinState

PIN, TOLD = "pin", "told"
"""The questions after the first: the PIN, and what comes after the sum."""

SUM, CALL_BACK = "1", "2"

KEYS = N_("To hear the sum with your telephone PIN, press 1. To be called back by the finance department, press 2.")
ASK_PIN = N_("Please key in your six-digit telephone PIN, and the hash key at the end.")
SIX = N_("A PIN has six digits.")
NOT_RIGHT = N_("That was not right. Tries left: %(left)s.")
SUMS = N_("Open bills: %(count)s, together %(sum)s yuan.")
LATE = N_("Of these %(sum)s yuan are overdue.")
ALL_PAID = N_("All your bills are paid. Thank you.")
AFTER = N_("To be called back by the finance department, press 2. Or simply hang up.")
CALLED_BACK = N_("The finance department will call you back. Goodbye.")
SETTLED = N_("This has been settled meanwhile. Goodbye.")


def begin(flow: Flow, facts: Facts) -> Reply:
    """The telephone was taken: what is open is told, to whomever it is."""
    return Reply(replace(flow, turn=1), _question(flow, facts), True, Outcome.HEARD)


def key(flow: Flow, digits: str, facts: Facts) -> Reply:
    """A key, a PIN, or silence."""
    if flow.over:
        return _end(flow, BYE, None)
    if flow.turn >= MOST_TURNS:
        return _end(flow, BYE, Outcome.UNCLEAR)
    flow = replace(flow, turn=flow.turn + 1)
    if digits == AGAIN:
        return _ask(flow, *_question(flow, facts))
    if flow.step == PIN:
        return _pin(flow, digits, facts)
    if digits == OTHER_LANGUAGE:
        flow = replace(flow, locale="zh" if flow.locale == "en" else "en")
        return _ask(flow, *_question(flow, facts))
    if digits == NO_MORE:
        return _end(flow, GONE, Outcome.OPTED_OUT)
    if digits == CALL_BACK:
        return _end(flow, CALLED_BACK, Outcome.CALL_BACK)
    if digits == SUM and not flow.step:
        return _sum(flow, facts)
    return _missed(flow, WRONG if digits else SILENT, facts)


def settled_before(flow: Flow) -> Reply:
    """It was paid, or is being talked about, since the call was planned."""
    return _end(flow, SETTLED, None)


def awaits_pin(step: str) -> bool:
    """Whether the digits of the next answer are a secret that nobody keeps."""
    return step == PIN


def _sum(flow: Flow, facts: Facts) -> Reply:
    if facts.pin == PinState.SET:
        return _ask(replace(flow, step=PIN, misses=0), line(ASK_PIN))
    return _ask(replace(flow, step=TOLD), line(LOCKED if facts.pin == PinState.LOCKED else NO_SUMS), line(AFTER))


def _pin(flow: Flow, digits: str, facts: Facts) -> Reply:
    """What cannot be a PIN is no try; a wrong one is, over all calls together (the service counts it)."""
    if facts.check is None:
        return _missed(flow, SIX if digits else SILENT, facts)
    if facts.check.person is not None:
        return _ask(replace(flow, step=TOLD, misses=0), *_sums(facts), line(AFTER), outcome=Outcome.AMOUNT)
    if facts.check.left <= 0:
        return _ask(replace(flow, step=TOLD, misses=0), line(LOCKED), line(AFTER))
    return _ask(flow, line(NOT_RIGHT, left=str(facts.check.left)), line(ASK_PIN))


def _sums(facts: Facts) -> tuple[Line, ...]:
    owed = facts.owed
    if owed is None or owed.count == 0:
        return (line(ALL_PAID),)
    late = (line(LATE, sum=f"{owed.late:.2f}"),) if owed.late else ()
    return (line(SUMS, count=str(owed.count), sum=f"{owed.sum:.2f}"), *late)


def _missed(flow: Flow, msgid: str, facts: Facts) -> Reply:
    flow = replace(flow, misses=flow.misses + 1)
    if flow.misses >= MOST_MISSES:
        return _end(flow, BYE, Outcome.UNCLEAR)
    return _ask(flow, line(msgid), *_asked(flow, facts))


def _question(flow: Flow, facts: Facts) -> tuple[Line, ...]:
    hello = () if flow.step else (line(HELLO, community=Quote(facts.community)),)
    return (*hello, *_asked(flow, facts))


def _asked(flow: Flow, facts: Facts) -> tuple[Line, ...]:
    if flow.step == PIN:
        return (line(ASK_PIN),)
    if flow.step == TOLD:
        return (line(AFTER),)
    said = Line("%(text)s", {"text": Quote(facts.text)})
    return (said, line(KEYS), line(LEAVE), IN_THE_OTHER["en" if flow.locale == "en" else "zh"])


def _ask(flow: Flow, *lines: Line, outcome: Outcome | None = None) -> Reply:
    return Reply(flow, lines, True, outcome, digits=LENGTH if flow.step == PIN else 1)


def _end(flow: Flow, msgid: str, outcome: Outcome | None) -> Reply:
    return Reply(replace(flow, over=True), (line(msgid),), False, outcome)
