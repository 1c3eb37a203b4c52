"""Automatic calls and texts to households (D7 … D10, D13): who goes first, when one may ring, how fast. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.rules.codes import Outreach, TargetState


@dataclass(frozen=True)
class Purpose:
    """What holds for one purpose. `rank`: smaller goes first. `quiet`: kept out of the quiet hours. `capped`: counts
    towards, and is held by, the calls a person gets in a day. `may_refuse`: a number may be taken out of it."""

    rank: int
    quiet: bool
    capped: bool
    may_refuse: bool


PURPOSES: Final[dict[str, Purpose]] = {
    Outreach.ALERT: Purpose(0, quiet=False, capped=False, may_refuse=False),
    Outreach.WAKE_UP: Purpose(1, quiet=False, capped=False, may_refuse=False),
    Outreach.CHECK_IN: Purpose(2, quiet=False, capped=False, may_refuse=False),
    Outreach.CHECK_IN_CONTACT: Purpose(1, quiet=False, capped=False, may_refuse=False),
    Outreach.RETURN_VISIT: Purpose(3, quiet=True, capped=True, may_refuse=True),
    Outreach.NOTICE: Purpose(4, quiet=True, capped=True, may_refuse=True),
    Outreach.REMINDER: Purpose(5, quiet=True, capped=True, may_refuse=True),
    Outreach.SURVEY: Purpose(6, quiet=True, capped=True, may_refuse=True),
}
"""An alert is for life and limb (D7: no quiet hours, no cap). Wake-up and check-in calls come at the time their own
household asked for, and end when it takes its booking or its consent back. Whoever somebody living alone named for an
emergency is called at any hour: nobody has heard from them, and our own people did not find out either."""

LEASE: Final = timedelta(seconds=60)
"""How long a dial may be in hand: longer than any timeout of a carrier's interface."""

LOOK_AGAIN: Final = timedelta(seconds=10)
"""How long a carrier has to list a dial whose answer never came; a carrier that does not know it then never made it."""

SKEW: Final = timedelta(seconds=30)
SLOW_DOWN: Final = timedelta(minutes=1)
"""After a temporary refusal the number is left alone for so long."""

MAX_REFUSALS: Final = 8
"""With the waits doubled each time this is a good four hours: a carrier may be down for an evening."""

LOST: Final = timedelta(minutes=5)
"""A call whose reports stay away for so long is looked up."""

RING_SECONDS: Final = 40

LIVE: Final = (TargetState.DIALLING, TargetState.RINGING, TargetState.ANSWERED, TargetState.UNKNOWN)
OPEN: Final = (TargetState.PLANNED, *LIVE)
ON_THE_LINE: Final = (TargetState.DIALLING, TargetState.RINGING, TargetState.ANSWERED)

_STATE_OF: Final = {
    "queued": TargetState.DIALLING,
    "initiated": TargetState.DIALLING,
    "ringing": TargetState.RINGING,
    "in-progress": TargetState.ANSWERED,
    "answered": TargetState.ANSWERED,
    "busy": TargetState.BUSY,
    "no-answer": TargetState.NO_ANSWER,
    "failed": TargetState.FAILED,
    "canceled": TargetState.NO_ANSWER,
    "completed": TargetState.UNCLEAR,
}
"""Twilio's CallStatus words. A call that was completed without anything being settled in it came to nothing clear."""

_RANK: Final = {
    TargetState.PLANNED: 0,
    TargetState.UNKNOWN: 1,
    TargetState.DIALLING: 1,
    TargetState.RINGING: 2,
    TargetState.ANSWERED: 3,
}
_OVER: Final = 4


def state_after(state: str, status: str) -> TargetState | None:
    """The new state after a progress report; None when it says nothing new. States only move forward (G3).

    A call that was never taken and is `completed` was hung up by us while it rang.
    """
    new = _STATE_OF.get(status)
    if new is None or TargetState(state) not in _RANK:
        return None
    if status == "completed" and state != TargetState.ANSWERED:
        new = TargetState.NO_ANSWER
    return new if _RANK.get(new, _OVER) > _RANK[TargetState(state)] else None


def wait_after(refusals: int) -> timedelta:
    """How long a number is left alone after its n-th temporary refusal: a minute, doubled each time, an hour at most."""
    return min(SLOW_DOWN * 2 ** min(max(refusals - 1, 0), 10), timedelta(hours=1))


def campaign_share(carrier_rate: int, reserve: int) -> int:
    """Calls a minute that campaigns may place: the carrier's rate without what is kept for emergencies, at least one."""
    return max(1, carrier_rate - reserve)


def room(per_minute: int, dialled: Iterable[datetime], now: datetime) -> int:
    """How many calls may be placed at `now`, given when the last minute's were: never a burst, because what a carrier
    queues stands before the next emergency."""
    instants = [at for at in dialled if at <= now]
    left = per_minute
    for span, most in _windows(per_minute):
        left = min(left, most - sum(at > now - span for at in instants))
    return max(0, left)


def texts_room(free: int, soon: int, later: int, *, takes: bool, still: bool) -> int:
    """How many texts may be handed over: `free` by the rate, less those that wait here. `soon` are due within a minute; `later`
    have failed for a while: where the carrier `takes` others it is their numbers, which hold nobody up; where it takes none it may be
    the carrier, and one text a minute (none was handed over: `still`) finds out."""
    left = free - soon
    if takes or left <= 0:
        return max(0, left)
    return max(left - later, 1 if still else 0)


def _windows(per_minute: int) -> tuple[tuple[timedelta, int], ...]:
    return (
        (timedelta(seconds=1), -(-per_minute // 60)),
        (timedelta(seconds=10), max(1, per_minute // 6)),
        (timedelta(minutes=1), per_minute),
    )


def earliest(purpose: str, now: datetime, zone: ZoneInfo, from_hour: int, until_hour: int) -> datetime:
    """The first instant from `now` on at which a household may be rung for this purpose (local hours, the end excluded)."""
    if not PURPOSES[purpose].quiet:
        return now
    local = now.astimezone(zone)
    if from_hour <= local.hour < until_hour:
        return now
    day = local.date() if local.hour < from_hour else local.date() + timedelta(days=1)
    return datetime.combine(day, time(from_hour), zone).astimezone(now.tzinfo)


def tomorrow(now: datetime, zone: ZoneInfo, from_hour: int) -> datetime:
    """When the next day's calls begin: for a number that has had its share of this day."""
    day = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(from_hour), zone).astimezone(now.tzinfo)


def day_start(now: datetime, zone: ZoneInfo) -> datetime:
    """Local midnight."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(now.tzinfo)
