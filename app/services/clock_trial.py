"""What a change of the clock rules would have done to a past month (D4): its tickets told again under both. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.models import ClockDraft, Ticket
from app.rules.calendars import CalendarBook
from app.rules.clock_policies import STARTS, PolicyRow
from app.rules.clock_replay import RuleSet, happenings, replay
from app.rules.clock_set import KeptClock
from app.rules.codes import ClockName, ClockState
from app.rules.figures import ENDED, InTime, share
from app.services.access import rows
from app.services.actors import Actor
from app.services.calendars import read_book
from app.services.clock_drafts import rule_sets
from app.services.clock_histories import Lived, lives

MOST_LISTED = 5000
"""More tickets that change are counted and not listed."""


@dataclass
class Tally:
    """How the clocks of a name stand: met, missed, still under way, given up."""

    met: int = 0
    breached: int = 0
    open: int = 0
    cancelled: int = 0

    def add(self, state: str) -> None:
        """One more clock."""
        match state:
            case ClockState.MET:
                self.met += 1
            case ClockState.BREACHED:
                self.breached += 1
            case ClockState.CANCELLED:
                self.cancelled += 1
            case _:
                self.open += 1

    @property
    def rate(self) -> Decimal | None:
        """Met of those that have ended."""
        return share(self.met, self.met + self.breached)


@dataclass
class Line:
    """One clock's name under the rules in force and under the draft's."""

    name: str
    now: Tally = field(default_factory=Tally)
    then: Tally = field(default_factory=Tally)

    @property
    def moves(self) -> bool:
        """Whether the draft would have judged any of these otherwise."""
        return self.now != self.then


@dataclass(frozen=True)
class Stands:
    """A clock as it stands: when it was due, when it was answered."""

    state: str
    due_at: datetime
    met_at: datetime | None


@dataclass(frozen=True)
class Change:
    """A clock of a ticket that the draft would have judged otherwise; None where there would be no such clock."""

    ticket: Lived
    name: str
    now: Stands | None
    then: Stands | None


@dataclass
class Judged:
    """Requests by I8: in time when every ended clock was met, judged when all have ended."""

    judged: int = 0
    in_time: int = 0
    ended: int = 0
    met: int = 0

    def add(self, clocks: Iterable[KeptClock]) -> None:
        """One more request."""
        states = [clock.facts.state for clock in clocks]
        over = [state for state in states if state in ENDED]
        self.ended += len(over)
        self.met += sum(state == ClockState.MET for state in over)
        if over and not any(state in (ClockState.RUNNING, ClockState.PAUSED) for state in states):
            self.judged += 1
            self.in_time += ClockState.BREACHED not in over

    @property
    def figures(self) -> InTime:
        """With their rates."""
        return InTime(self.judged, self.in_time, self.ended, self.met)


@dataclass
class Trial:
    """A month under both: how many tickets, each clock's line, the requests, and what changes."""

    tickets: int = 0
    lines: dict[str, Line] = field(default_factory=dict)
    now: Judged = field(default_factory=Judged)
    then: Judged = field(default_factory=Judged)
    changes: list[Change] = field(default_factory=list)
    changed: int = 0
    """Tickets of which at least one clock would have been judged otherwise."""

    def line(self, name: str) -> Line:
        """The line of a clock's name."""
        return self.lines.setdefault(name, Line(name))

    @property
    def ordered(self) -> list[Line]:
        """What the draft moves first, then in the order of D4."""
        return sorted(
            self.lines.values(), key=lambda line: (not line.moves, list(ClockName).index(ClockName(line.name)))
        )


def try_draft(
    session: Session,
    actor: Actor,
    draft: ClockDraft,
    start: datetime,
    end: datetime,
    now: datetime,
    community_id: int | None = None,
) -> Trial:
    """The actor's tickets registered from `start` until `end`, told again under the rules in force and the draft's.

    Some statements and two for every two thousand tickets, whatever these are.
    """
    present, changed = rule_sets(session, draft)
    book = read_book(session)
    conditions: list[ColumnElement[bool]] = [rows(actor, Ticket), Ticket.created_at >= start, Ticket.created_at < end]
    if community_id is not None:
        conditions.append(Ticket.community_id == community_id)
    trial = Trial()
    for lived in lives(session, *conditions):
        _one(trial, lived, present, changed, book, now)
    return trial


def _one(trial: Trial, lived: Lived, present: RuleSet, changed: RuleSet, book: CalendarBook, now: datetime) -> None:
    before = replay(lived.history, present, book, now)
    after = replay(lived.history, changed, book, now) if _differs(lived, present, changed) else before
    trial.tickets += 1
    trial.now.add(before)
    trial.then.add(after)
    for clock in before:
        trial.line(clock.facts.name).now.add(clock.facts.state)
    for clock in after:
        trial.line(clock.facts.name).then.add(clock.facts.state)
    if after is not before:
        found = _changes(lived, before, after)
        trial.changed += bool(found)
        trial.changes += found[: max(0, MOST_LISTED - len(trial.changes))]


def _differs(lived: Lived, present: RuleSet, changed: RuleSet) -> bool:
    """Whether the two sets choose otherwise at any moment of this matter: else there is nothing to tell again."""
    matters = {lived.history.matter, *(matter for _step, matter in happenings(lived.history))}
    return any(
        _same(present.choose((moment,), matter)) != _same(changed.choose((moment,), matter))
        for matter in matters
        for moment in STARTS
    )


def _same(chosen: Iterable[PolicyRow]) -> list[tuple[object, ...]]:
    return sorted((rule.name, rule.minutes or 0, rule.ends_same_day, rule.calendar) for rule in chosen)


def _changes(lived: Lived, before: list[KeptClock], after: list[KeptClock]) -> list[Change]:
    """The clocks that would have been judged otherwise, paired by name in their order."""
    names = dict.fromkeys(clock.facts.name for clock in (*before, *after))
    found = []
    for name in names:
        mine = [_stands(clock) for clock in before if clock.facts.name == name]
        theirs = [_stands(clock) for clock in after if clock.facts.name == name]
        for place in range(max(len(mine), len(theirs))):
            now = mine[place] if place < len(mine) else None
            then = theirs[place] if place < len(theirs) else None
            if _judgement(now) != _judgement(then):
                found.append(Change(lived, name, now, then))
    return found


def _judgement(clock: Stands | None) -> str:
    """A clock that was given up is judged no more than one that never was."""
    if clock is None or clock.state == ClockState.CANCELLED:
        return ""
    return clock.state if clock.state in ENDED else "open"


def _stands(clock: KeptClock) -> Stands:
    return Stands(clock.facts.state, clock.facts.span.due_at, clock.facts.met_at)
