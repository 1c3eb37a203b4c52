"""What happens to a clock, as events that never change; state and deadline are computed from them (D4).

Events may arrive in any order (a call that was kept while the database was away is replayed with its own times): they count in
the order in which they happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.rules.calendars import Calendar
from app.rules.clocks import ClockFacts, Span, cancelled, counted, met, paused, resumed
from app.rules.codes import ClockEnd, ClockEventKind, ClockState


@dataclass(frozen=True)
class Event:
    """One thing that happened. `place` orders those of the same instant.

    `due_at` and `warn_at` are given where they do not follow from the time allowed: of a promise, of a clock that ends with the
    day, and after the calendar was changed.
    """

    kind: str
    at: datetime
    place: int = 0
    due_at: datetime | None = None
    warn_at: datetime | None = None
    end: str | None = None


@dataclass(frozen=True)
class Terms:
    """What was settled when a clock started: how much open time it allows, after which part of it it warns."""

    name: str
    allowed: timedelta
    warn_percent: int


def begun(terms: Terms, event: Event, calendar: Calendar) -> ClockFacts:
    """The clock after its first event."""
    if event.due_at is not None:
        span = Span(event.at, event.warn_at or event.due_at, event.due_at)
    else:
        span = counted(event.at, terms.allowed, terms.warn_percent, calendar)
    return ClockFacts(terms.name, ClockState.RUNNING, span)


def after(clock: ClockFacts, event: Event, calendar: Calendar) -> ClockFacts:
    """The clock after one more event."""
    match event.kind:
        case ClockEventKind.PAUSED:
            return paused(clock, event.at)
        case ClockEventKind.RESUMED:
            return resumed(clock, event.at, calendar)
        case ClockEventKind.MET:
            return met(clock, event.at)
        case ClockEventKind.CANCELLED:
            return cancelled(clock, event.at, event.end or ClockEnd.CLOSED)
        case ClockEventKind.RECOUNTED if event.due_at is not None and clock.is_live:
            return replace(clock, span=replace(clock.span, due_at=event.due_at, warn_at=event.warn_at or event.due_at))
    return clock


def fold(terms: Terms, events: Iterable[Event], calendar: Calendar) -> ClockFacts:
    """The clock after all of its events, in whichever order they are handed in.

    Raises ValueError when none of them started it. That its time ran out is no event: `missed` says so of an instant.
    """
    ordered = sorted(events, key=lambda event: (event.at, event.place))
    start = next((event for event in ordered if event.kind == ClockEventKind.STARTED), None)
    if start is None:
        raise ValueError("a clock without a start")
    clock = begun(terms, start, calendar)
    for event in ordered:
        if event is not start:
            clock = after(clock, event, calendar)
    return clock


def missed(clock: ClockFacts, now: datetime) -> ClockFacts:
    """The clock as it stands at an instant: on the very minute it is still in time."""
    if clock.state == ClockState.RUNNING and clock.span.due_at < now:
        return replace(clock, state=ClockState.BREACHED)
    return clock


def recounted(clock: ClockFacts, anew: ClockFacts) -> Span | None:
    """The span after the calendar was changed, `anew` being the clock counted in the new one; None when nothing differs.

    A longer holiday gives time; a work day more takes none away from what runs already.
    """
    if clock.span == anew.span:
        return None
    return replace(
        clock.span,
        due_at=max(clock.span.due_at, anew.span.due_at),
        warn_at=max(clock.span.warn_at, anew.span.warn_at),
    )
