"""The clocks of a ticket (D4, I8): which start at which moment, when they warn and are due, what a step does to them.

Pure: policies come in as rows, calendars as objects, `now` as an argument. All instants are aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from app.rules.calendars import AlwaysOpen, Calendar, calendar_for, end_of_day
from app.rules.codes import CalendarName, ClockName, ClockState, Kind

WARN_PERCENT = 75

REGISTERED, FOUND, DONE, REOPENED = "registered", "found", "done", "reopened"
STARTS = (REGISTERED, FOUND, DONE, REOPENED)
"""The moments at which a policy may start its clock."""

NEVER_PAUSED = frozenset({ClockName.FIRST_RESPONSE, ClockName.CONTACT, ClockName.MANAGEMENT_REPORT, ClockName.PROMISE})
"""Waiting for a part is no reason to leave the household without a word, or to break one's word."""

P = TypeVar("P", bound="PolicyRow")


class PolicyRow(Protocol):
    """What the rules read of a policy row, be it of the seed table or of the database."""

    @property
    def name(self) -> str: ...
    @property
    def starts_when(self) -> str: ...
    @property
    def minutes(self) -> int | None: ...
    @property
    def ends_same_day(self) -> bool: ...
    @property
    def calendar(self) -> str: ...
    @property
    def warn_percent(self) -> int: ...


@dataclass(frozen=True)
class Policy:
    """One row of D4; the fields are those of the table `clock_policy`. None in a condition means "any".

    `minutes` is the time allowed in the calendar's open time; with `ends_same_day` it is 24:00 of the day instead.
    """

    name: str
    starts_when: str
    minutes: int | None
    kind: str | None = None
    priority: str | None = None
    grade: str | None = None
    validity: str | None = None
    channel: str | None = None
    category_code: str | None = None
    calendar: str = CalendarName.ALWAYS
    warn_percent: int = WARN_PERCENT
    ends_same_day: bool = False
    source: str = ""


CONDITIONS = ("kind", "priority", "grade", "validity", "channel", "category_code")
"""The columns of a policy that say which tickets it speaks of."""


@dataclass(frozen=True)
class Matter:
    """What a policy asks of a ticket."""

    kind: str
    channel: str
    priority: str
    validity: str | None = None
    grade: str | None = None
    category_code: str | None = None


@dataclass(frozen=True)
class Span:
    """A clock's moments."""

    started_at: datetime
    warn_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class ClockFacts:
    """One clock of a ticket as the rules see it."""

    name: str
    state: str
    span: Span
    paused_at: datetime | None = None
    met_at: datetime | None = None


def fits(policy: PolicyRow, matter: Matter) -> bool:
    """Whether a row speaks of such a ticket."""
    return all(getattr(policy, name) in (None, getattr(matter, name)) for name in CONDITIONS)


def weight(policy: PolicyRow) -> int:
    """How particular a row is: of two rows for one clock the more particular wins."""
    return sum(getattr(policy, name) is not None for name in CONDITIONS)


def starting(policies: Iterable[P], moment: str, matter: Matter) -> list[P]:
    """The policies whose clock starts at `moment`: for each clock name the most particular row that fits."""
    best: dict[str, P] = {}
    for policy in policies:
        if policy.starts_when != moment or not fits(policy, matter):
            continue
        other = best.get(policy.name)
        if other is None or weight(policy) > weight(other):
            best[policy.name] = policy
    return list(best.values())


def span(policy: PolicyRow, now: datetime, zone: ZoneInfo, own_days: Mapping[date, bool] | None = None) -> Span:
    """Warning and due moment of a clock that starts `now`: the warning after `warn_percent` of the time (I8: 75 %)."""
    calendar: Calendar = calendar_for(policy.calendar, zone, own_days)
    if policy.ends_same_day:
        calendar, allowed = AlwaysOpen(), end_of_day(now, zone) - now
    else:
        allowed = timedelta(minutes=policy.minutes or 0)
    due_at = calendar.add(now, allowed)
    return Span(now, calendar.add(now, allowed * policy.warn_percent / 100), due_at)


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
    return replace(clock, state=ClockState.RUNNING, paused_at=None, span=moved)


def met(clock: ClockFacts, now: datetime) -> ClockFacts:
    """What the clock waited for has happened: met in time, else breached with the moment it happened late."""
    if clock.state == ClockState.BREACHED:
        return clock if clock.met_at else replace(clock, met_at=now)
    if clock.state not in (ClockState.RUNNING, ClockState.PAUSED):
        return clock
    late = clock.state == ClockState.RUNNING and now > clock.span.due_at
    return replace(clock, state=ClockState.BREACHED if late else ClockState.MET, met_at=now, paused_at=None)


def cancelled(clock: ClockFacts) -> ClockFacts:
    """The clock has lost its object; one that has ended stays as it ended."""
    if clock.state not in (ClockState.RUNNING, ClockState.PAUSED):
        return clock
    return replace(clock, state=ClockState.CANCELLED, paused_at=None)


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
    if not by_person:
        names -= _REPLIED
    return frozenset(names)


def names_cancelled(verb: str) -> frozenset[str] | None:
    """The clocks a step makes pointless; None stands for all of them."""
    if verb in ("cancel", "close"):
        return None
    if verb == "finish":
        return _MOOT_WHEN_DONE
    if verb == "promise":
        return REPLACED_BY_PROMISE | {ClockName.PROMISE}
    return frozenset()
