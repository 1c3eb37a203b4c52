"""What a household may do with its own matters (D3, D8), and how far a matter is in five stations. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.rules import urges
from app.rules.codes import OPEN_STATES, Priority, TicketState

S = TicketState

STATIONS = (S.REGISTERED, S.DISPATCHED, S.IN_PROGRESS, S.DONE, S.CLOSED)
"""Received → somebody has it → being done → done → settled."""

_AT = {S.REOPENED: S.REGISTERED, S.WAITING: S.IN_PROGRESS, S.VISITED: S.CLOSED}
_FINISHED = (S.DONE, S.VISITED, S.CLOSED)

SAY, URGE, RATE, OBJECT, WITHDRAW, AGREE = "say", "urge", "rate", "object", "withdraw", "agree"


@dataclass(frozen=True)
class Own:
    """A household's matter: `lives_here` is false for a house one has left, `ended_at` is when it was done."""

    state: str
    priority: str
    is_reporter: bool
    lives_here: bool
    ended_at: datetime | None = None
    urged_at: datetime | None = None


def station(state: str) -> int:
    """How many of the five stations are reached, 1 to 5; 0 for a cancelled matter."""
    if state == S.CANCELLED:
        return 0
    known = S(state)
    return STATIONS.index(_AT.get(known, known)) + 1


def may(own: Own, now: datetime, object_days: int, again_minutes: int) -> frozenset[str]:
    """Add a word, or press us by one tap, while it is open (the tap again after `again_minutes`); rate what is done; say
    within `object_days` that it is not solved; withdraw one's own while nobody has begun (an emergency is never withdrawn
    by a tap: people are on their way); agree to what one is to bear."""
    if not own.lives_here:
        return frozenset()
    steps = set()
    if own.state != S.CANCELLED:
        steps.add(AGREE)
    if own.state in OPEN_STATES:
        steps.add(SAY)
    if urges.counts(own.state, own.urged_at, now, again_minutes):
        steps.add(URGE)
    if own.state == S.DONE:
        steps.add(RATE)
    if own.state in _FINISHED and (own.ended_at is None or now - own.ended_at <= timedelta(days=object_days)):
        steps.add(OBJECT)
    begun = own.state not in (S.REGISTERED, S.DISPATCHED)
    if own.is_reporter and not begun and own.priority != Priority.EMERGENCY:
        steps.add(WITHDRAW)
    return frozenset(steps)
