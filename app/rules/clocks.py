"""The clocks of a ticket (D4, I8): when they warn and are due, what happens to them, and what each step of a ticket answers.

Pure: policies come in as rows, calendars as objects, `now` as an argument. All instants are aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.rules.calendars import Calendar, CalendarBook, end_of_day
from app.rules.clock_policies import WARN_PERCENT, PolicyRow
from app.rules.codes import CalendarName, ClockEnd, ClockName, ClockState, Kind

NEVER_PAUSED = frozenset({ClockName.FIRST_RESPONSE, ClockName.CONTACT, ClockName.MANAGEMENT_REPORT, ClockName.PROMISE})
"""Waiting for a part is no reason to leave the household without a word, or to break one's word."""

LIVE = (ClockState.RUNNING, ClockState.PAUSED)


@dataclass(frozen=True)
class Span:
    """A clock's moments."""

    started_at: datetime
    warn_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class ClockFacts:
    """One clock of a ticket as the rules see it. `paused_seconds` count in the clock's own calendar."""

    name: str
    state: str
    span: Span
    paused_at: datetime | None = None
    met_at: datetime | None = None
    paused_seconds: int = 0
    end: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether it may still be answered in time."""
        return self.state in LIVE


def counted_in(policy: PolicyRow) -> str:
    """The calendar a policy's clock is counted in: one that ends with the day ends at midnight, whoever is at the desk."""
    return CalendarName.ALWAYS if policy.ends_same_day else policy.calendar


def span(policy: PolicyRow, now: datetime, book: CalendarBook, community_id: int | None = None) -> Span:
    """Warning and due moment of a clock that starts `now`: the warning after `warn_percent` of the time (I8: 75 %)."""
    calendar = book.of(counted_in(policy), community_id)
    if policy.ends_same_day:
        allowed = end_of_day(now, book.zone) - now
    else:
        allowed = timedelta(minutes=policy.minutes or 0)
    return counted(now, allowed, policy.warn_percent, calendar)


def counted(now: datetime, allowed: timedelta, warn_percent: int, calendar: Calendar) -> Span:
    """The span of so much open time."""
    return Span(now, calendar.add(now, allowed * warn_percent / 100), calendar.add(now, allowed))


def sooner(clock: ClockFacts, other: Span, now: datetime, calendar: Calendar) -> bool:
    """Whether a clock that started anew would be due before this live one; what waits is taken as if it went on `now`."""
    return other.due_at < resumed(clock, now, calendar).span.due_at


def span_until(now: datetime, due_at: datetime, warn_percent: int = WARN_PERCENT) -> Span:
    """The span of a promise: it is due at the promised instant, on every calendar."""
    return Span(now, now + (due_at - now) * warn_percent / 100, due_at)


def paused(clock: ClockFacts, now: datetime) -> ClockFacts:
    """The clock stops: only a running one that may be paused does, and only *waiting* asks for it (D4)."""
    if clock.state != ClockState.RUNNING or clock.name in NEVER_PAUSED or now >= clock.span.due_at:
        return clock
    return replace(clock, state=ClockState.PAUSED, paused_at=now)


def resumed(clock: ClockFacts, now: datetime, calendar: Calendar) -> ClockFacts:
    """The clock goes on: what was left at the pause, counted in the clock's own calendar, is left now."""
    if clock.state != ClockState.PAUSED or clock.paused_at is None:
        return clock
    due_at = calendar.add(now, calendar.between(clock.paused_at, clock.span.due_at))
    warn_at = clock.span.warn_at
    if warn_at > clock.paused_at:
        warn_at = calendar.add(now, calendar.between(clock.paused_at, warn_at))
    moved = Span(clock.span.started_at, warn_at, due_at)
    seconds = clock.paused_seconds + round(calendar.between(clock.paused_at, now) / timedelta(seconds=1))
    return replace(clock, state=ClockState.RUNNING, paused_at=None, span=moved, paused_seconds=seconds)


def met(clock: ClockFacts, now: datetime) -> ClockFacts:
    """What the clock waited for has happened: met in time, else breached with the moment it happened late."""
    if clock.state == ClockState.BREACHED:
        return clock if clock.met_at else replace(clock, met_at=now)
    if not clock.is_live:
        return clock
    late = clock.state == ClockState.RUNNING and now > clock.span.due_at
    return replace(clock, state=ClockState.BREACHED if late else ClockState.MET, met_at=now, paused_at=None)


def cancelled(clock: ClockFacts, now: datetime, end: str) -> ClockFacts:
    """The clock has lost its object. One that has ended stays as it ended, and one whose time was over was missed."""
    if not clock.is_live:
        return clock
    if clock.state == ClockState.RUNNING and now > clock.span.due_at:
        return replace(clock, state=ClockState.BREACHED)
    return replace(clock, state=ClockState.CANCELLED, paused_at=None, end=end)


def earliest_due(clocks: Iterable[ClockFacts]) -> datetime | None:
    """`ticket.due_at`: the earliest due moment of the running clocks (I8)."""
    return min((c.span.due_at for c in clocks if c.state == ClockState.RUNNING), default=None)


_TOLD = frozenset({ClockName.FIRST_RESPONSE})
_SPOKEN = _TOLD | {ClockName.CONTACT}
_REPLIED = _SPOKEN | {ClockName.FIRST_REPLY, ClockName.REPLY}

MET_BY: dict[str, frozenset[str]] = {
    "contact": _SPOKEN,
    "promise": _SPOKEN,
    "reply": _REPLIED,
    "start": frozenset({ClockName.INVESTIGATE}),
    "finish": frozenset({ClockName.INVESTIGATE, ClockName.DONE}),
}
"""What each verb answers, when a person does it. The automatic number and its SMS answer nothing (I8)."""

REPLACED_BY_PROMISE = frozenset({ClockName.REPLY, ClockName.DONE})
"""I8: an accepted promise replaces these two only."""

_MOOT_WHEN_DONE = frozenset({ClockName.PLAN})


def names_met(verb: str, *, kind: str, by_person: bool, reporter_told: bool, after_done: bool) -> frozenset[str]:
    """The clocks a step answers.

    `reporter_told`: the step sent the reporter a message. `after_done`: the work was finished before this step.
    A promise is kept by finishing; of a complaint or a question by the reply too.
    """
    names = set(MET_BY.get(verb, frozenset()))
    if verb == "finish":
        names.add(ClockName.PROMISE)
    if verb == "reply":
        names.add(ClockName.PROGRESS)
        if kind in (Kind.COMPLAINT, Kind.CONSULTATION, Kind.SUGGESTION):
            names.add(ClockName.PROMISE)
        if after_done:
            names.add(ClockName.REPORT_BACK)
    if reporter_told:
        names |= _TOLD
    if by_person and verb in ("contact", "visit"):
        # Whoever speaks with the household tells it how things stand.
        names.add(ClockName.PROGRESS)
    if not by_person:
        names -= _REPLIED
    return frozenset(names)


def names_cancelled(verb: str) -> dict[str, frozenset[str] | None]:
    """The clocks a step makes pointless, by the reason; None stands for all of them."""
    match verb:
        case "cancel":
            return {ClockEnd.GIVEN_UP: None}
        case "close":
            return {ClockEnd.CLOSED: None}
        case "finish":
            return {ClockEnd.WORK_DONE: _MOOT_WHEN_DONE}
        case "promise":
            return {ClockEnd.PROMISED: REPLACED_BY_PROMISE, ClockEnd.NEW_PROMISE: frozenset({ClockName.PROMISE})}
    return {}


OWED_AT_CLOSE = frozenset(
    {
        ClockName.CONTACT,
        ClockName.FIRST_REPLY,
        ClockName.REPLY,
        ClockName.PROGRESS,
        ClockName.REPORT_BACK,
        ClockName.PROMISE,
        ClockName.PLAN,
    }
)
"""What is owed to somebody: a matter is not closed over it, unless a person says why it is owed no more. The others lose their
object with the matter."""


def owed_at_close(clocks: Iterable[ClockFacts]) -> list[str]:
    """The names of the clocks that stand against closing."""
    return [clock.name for clock in clocks if clock.is_live and clock.name in OWED_AT_CLOSE]
