"""How an emergency climbs (D7, G3): one separate call after the other, accepted only by a key. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.rules.codes import AttemptState

LIVE: Final = (
    AttemptState.PENDING,
    AttemptState.DIALLING,
    AttemptState.RINGING,
    AttemptState.ANSWERED,
    AttemptState.UNKNOWN,
)
"""An attempt that may still be accepted in time."""

LOOK_AGAIN: Final = timedelta(seconds=5)
"""How long after an unanswered request the carrier is asked again what became of it."""

DIAL_LASTS: Final = timedelta(seconds=15)
"""A dial that was written but never reported for so long: whoever placed it has stopped."""

ROUND_LASTS: Final = timedelta(seconds=5)
"""When every number is busy at once the ladder starts again, but not in the same second."""

SKEW: Final = timedelta(seconds=30)
"""How far the carrier's clock may be from ours."""

REPORT_LASTS: Final = timedelta(seconds=10)
"""How long reports of one moment may come after one another."""

MACHINE: Final = "answering machine"
KEY_TOO_LATE: Final = "key 1 after the end of the line"
NOT_STOPPED: Final = "could not be hung up"

DIALLED: Final = "being dialled"
UNANSWERED: Final = "no answer to the dial"
"""In `error` of an attempt that was accepted on a page before anybody knew what became of its dial: it is looked up, not dialled."""

PAGE_RUNG: Final = 1000
"""Rungs from here on are no numbers of the roster: somebody took the emergency on a page."""

CONNECT_LASTS: Final = timedelta(seconds=90)
"""How long the taker's own telephone has to bring taker and caller together before the ladder goes on."""

FOLLOW_EVERY: Final = timedelta(seconds=30)
"""How often the carrier is asked about the taker's line until caller and taker speak."""

_STATE_OF: Final = {
    "queued": AttemptState.DIALLING,
    "initiated": AttemptState.DIALLING,
    "ringing": AttemptState.RINGING,
    "in-progress": AttemptState.ANSWERED,
    "answered": AttemptState.ANSWERED,
    "busy": AttemptState.BUSY,
    "no-answer": AttemptState.NO_ANSWER,
    "failed": AttemptState.FAILED,
    "canceled": AttemptState.NO_ANSWER,
    "completed": AttemptState.NO_ANSWER,
}
"""Twilio's CallStatus words; a call that was completed without a key was not accepted by anybody."""

_RANK: Final = {
    AttemptState.PENDING: 0,
    AttemptState.UNKNOWN: 0,
    AttemptState.DIALLING: 1,
    AttemptState.RINGING: 2,
    AttemptState.ANSWERED: 3,
}
_OVER: Final = 4
ENDED: Final = ("completed", "busy", "no-answer", "failed", "canceled")


@dataclass(frozen=True)
class Place:
    """Where a ladder stands: the round from 1, the rung from 0. `again`: a new round began."""

    round: int
    rung: int
    again: bool = False


def place(round_: int, rung: int, rungs: int) -> Place:
    """The rung to be rung next, given the one wanted and how many there are: past the end it starts again (D7)."""
    return Place(round_, rung) if rung < rungs else Place(round_ + 1, 0, again=True)


def may_tell(last: datetime | None, now: datetime, seconds: int) -> bool:
    """Whether everybody is told again: not before one person's time to answer has passed since, or a carrier that refuses every
    call would fill the staff's telephones; a message from the future was written before a clock was set back."""
    return last is None or not -SKEW <= now - last < timedelta(seconds=seconds)


def again_not_before(round_started: datetime | None, now: datetime) -> datetime:
    """The earliest instant of a new round. A round that began in the future began before the clock was set back."""
    if round_started is None or round_started > now:
        return now
    return max(now, round_started + ROUND_LASTS)


def latest(now: datetime, accept_seconds: int) -> datetime:
    """The farthest instant that anything of a ladder can wait for. What lies beyond it was written before the clock was
    set back, and is due now."""
    return now + max(timedelta(seconds=accept_seconds), CONNECT_LASTS) + REPORT_LASTS


def deadline(written: datetime, now: datetime, accept_seconds: int) -> datetime:
    """Until when one may accept: as written, but never longer than from now, whatever the clock said when it was written."""
    return min(written, now + timedelta(seconds=accept_seconds))


def open_dial(state: str, rung: int) -> str | None:
    """What is written about the dial of an attempt without a sid as it is accepted on a page. One made there was not dialled yet."""
    if rung >= PAGE_RUNG:
        return None
    return {AttemptState.PENDING: DIALLED, AttemptState.UNKNOWN: UNANSWERED}.get(AttemptState(state))


def ring_seconds(accept_seconds: int) -> int:
    """How long one telephone rings: as long as there is to accept. Twilio allows 5 to 600 seconds."""
    return max(5, min(accept_seconds, 600))


def state_after(state: str, status: str) -> AttemptState | None:
    """The attempt's new state after a progress report; None when it says nothing new. States only move forward (G3)."""
    new = _STATE_OF.get(status)
    if new is None or AttemptState(state) not in LIVE:
        return None
    return new if _RANK.get(new, _OVER) > _RANK[AttemptState(state)] else None


def is_machine(answered_by: str | None) -> bool:
    """Twilio's AnsweredBy: machine_start, machine_end_beep …, fax. A machine that answers has not accepted."""
    return (answered_by or "").startswith(("machine", "fax"))
