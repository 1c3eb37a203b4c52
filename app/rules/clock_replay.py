"""A ticket's life told again under any clock rules (D4): which of its clocks would have been met, and which missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.rules.calendars import CalendarBook
from app.rules.clock_policies import REGISTERED, REOPENED, Matter, Policy, PolicyRow, missing, starting
from app.rules.clock_set import ClockSet, KeptClock
from app.rules.clock_steps import Happened, take
from app.rules.codes import OPEN_STATES, Grade, TicketState


@dataclass(frozen=True)
class Rule(Policy):
    """A clock rule of a set: one that is kept, with its id, or one that is only thought of."""

    id: int | None = None


@dataclass(frozen=True)
class Told:
    """A line of the timeline: `answers` are the clocks the step answered, whether they ran or not."""

    verb: str
    at: datetime
    after: str
    answers: frozenset[str] = frozenset()
    promise_at: datetime | None = None
    validity: str | None = None
    grade: str | None = None
    priority: str | None = None
    """The urgency from here on, where the step raised it."""


@dataclass(frozen=True)
class History:
    """What happened to a ticket, in its order. `matter` is how it was registered: without a finding."""

    community_id: int
    matter: Matter
    created_at: datetime
    steps: Sequence[Told]


@dataclass
class RuleSet:
    """Rules that are in force, or would be: which of them start clocks at a moment of a matter; asked often, worked out once."""

    rules: Sequence[PolicyRow]
    defaults: Sequence[PolicyRow]
    _known: dict[tuple[Sequence[str], Matter], tuple[PolicyRow, ...]] = field(default_factory=dict)

    def choose(self, moments: Sequence[str], matter: Matter) -> Sequence[PolicyRow]:
        """The rules whose clocks start, the default among them."""
        found = self._known.get((moments, matter))
        if found is None:
            chosen = starting(self.rules, moments, matter)
            gaps = missing(chosen, moments)
            chosen += [one for one in self.defaults if (one.name, one.starts_when) in gaps]
            found = self._known[moments, matter] = tuple(chosen)
        return found


def replay(history: History, rules: RuleSet, book: CalendarBook, now: datetime) -> list[KeptClock]:
    """The clocks the ticket would have had under these rules, as they would stand now."""
    clocks = ClockSet(rules.choose, book, history.matter, history.community_id)
    clocks.start((REGISTERED,), history.created_at, frozenset())
    for happened, matter in happenings(history):
        clocks.matter = matter
        take(clocks, happened)
    clocks.miss(now)
    return clocks.clocks


def happenings(history: History) -> Iterable[tuple[Happened, Matter]]:
    """The steps as the clocks' rules want them, each with what the matter is at that time."""
    matter, replied, opened = history.matter, False, REGISTERED
    for step in history.steps:
        grade, new, major = step.grade or matter.grade, False, False
        if step.verb == "find":
            new = (step.validity, grade) != (matter.validity, matter.grade)
            major = grade == Grade.MAJOR != matter.grade
            matter = replace(matter, validity=step.validity, grade=grade)
        if step.priority is not None:
            matter = replace(matter, priority=step.priority)
        if step.verb == "reply":
            replied = True
        if step.after == TicketState.REOPENED and step.verb in ("reopen", "visit"):
            replied, opened = False, REOPENED
        happened = Happened(
            step.verb,
            step.at,
            step.after,
            answers=step.answers,
            promise_at=step.promise_at,
            new_finding=new,
            major=major,
            replied=replied,
            reclassed=opened if step.priority is not None and step.after in OPEN_STATES else None,
        )
        yield happened, matter
