"""The clocks of one ticket in memory: what `services.ticket_clocks` does to rows, done to plain facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.rules import clock_events as events
from app.rules import clocks as rules
from app.rules.calendars import AlwaysOpen, Calendar, CalendarBook
from app.rules.clock_policies import Matter, PolicyRow
from app.rules.clock_steps import Latest
from app.rules.codes import ClockEnd, ClockEventKind, ClockName, ClockState

Chooser = Callable[[Sequence[str], Matter], Sequence[PolicyRow]]
"""Moments and a matter → the policies whose clocks start, the default among them."""


@dataclass
class KeptClock:
    """A clock with what started it and what has happened to it. `policy` is None for a promise."""

    facts: rules.ClockFacts
    calendar: Calendar
    policy: PolicyRow | None = None
    happened: list[events.Event] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    """Who did each of these."""
    warned: bool = False


@dataclass
class ClockSet:
    """The clocks of a ticket of this community; `matter` is what the policies ask, and changes with the finding."""

    choose: Chooser
    book: CalendarBook
    matter: Matter
    community_id: int | None = None
    clocks: list[KeptClock] = field(default_factory=list)
    actor: str = ""

    def start(self, moments: Sequence[str], at: datetime, skip: frozenset[str]) -> None:
        """Start what the policies start at these moments; one of the same name that still runs gives way."""
        for policy in self.choose(moments, self.matter):
            if policy.name not in skip:
                self.begin(policy, at, waiting=False)

    def begin(self, policy: PolicyRow, at: datetime, *, waiting: bool) -> None:
        """Start one clock; while the matter waits it waits, too."""
        span = rules.span(policy, at, self.book, self.community_id)
        calendar = self.book.of(rules.counted_in(policy), self.community_id)
        self._begin(policy.name, span, calendar, policy, is_fixed=policy.ends_same_day)
        if waiting:
            self._note(self.clocks[-1], events.Event(ClockEventKind.PAUSED, at))

    def promise(self, at: datetime, due_at: datetime) -> None:
        """A promise is itself a clock."""
        self._begin(ClockName.PROMISE, rules.span_until(at, due_at), AlwaysOpen(), None, is_fixed=True)

    def meet(self, names: Iterable[str], at: datetime) -> None:
        """What these clocks waited for has happened."""
        for clock in self.clocks:
            if clock.facts.name in names:
                self._note(clock, events.Event(ClockEventKind.MET, at))

    def drop(self, names: Iterable[str] | None, at: datetime, end: str) -> None:
        """These clocks have lost their object; None for all of them."""
        for clock in self.clocks:
            if names is None or clock.facts.name in names:
                self._note(clock, events.Event(ClockEventKind.CANCELLED, at, end=end))

    def pause(self, at: datetime) -> None:
        """The ticket waits."""
        for clock in self.clocks:
            self._note(clock, events.Event(ClockEventKind.PAUSED, at))

    def resume(self, at: datetime) -> None:
        """Work goes on."""
        for clock in self.clocks:
            self._note(clock, events.Event(ClockEventKind.RESUMED, at))

    def live(self) -> frozenset[str]:
        """The names of the clocks that run or are paused."""
        return frozenset(clock.facts.name for clock in self.clocks if clock.facts.is_live)

    def ever(self) -> frozenset[str]:
        """The names of all clocks there have been."""
        return frozenset(clock.facts.name for clock in self.clocks)

    def latest(self, moment: str) -> Mapping[str, Latest]:
        """The newest clock of each name."""
        return {
            clock.facts.name: Latest(
                clock.facts,
                clock.calendar,
                getattr(clock.policy, "id", None),
                # The default has no number, and stays whatever is learned.
                clock.policy.starts_when if clock.policy is not None and hasattr(clock.policy, "id") else None,
            )
            for clock in self.clocks
        }

    def would_start(self, moment: str, at: datetime) -> Mapping[str, tuple[PolicyRow, rules.Span]]:
        """The rules that speak of the matter as it is now, each with the span of its clock."""
        chosen = self.choose((moment,), self.matter)
        return {policy.name: (policy, rules.span(policy, at, self.book, self.community_id)) for policy in chosen}

    def miss(self, now: datetime) -> list[KeptClock]:
        """What has run out by now is missed; the clocks of which this is news."""
        news = []
        for clock in self.clocks:
            facts = events.missed(clock.facts, now)
            if facts.state != clock.facts.state:
                clock.facts = facts
                news.append(clock)
        return news

    def earliest_due(self) -> datetime | None:
        """What `ticket.due_at` holds."""
        return rules.earliest_due(clock.facts for clock in self.clocks)

    def _begin(
        self, name: str, span: rules.Span, calendar: Calendar, policy: PolicyRow | None, *, is_fixed: bool
    ) -> None:
        self.drop({name}, span.started_at, ClockEnd.RESTARTED)
        fixed = (span.due_at, span.warn_at) if is_fixed else (None, None)
        begun = events.Event(ClockEventKind.STARTED, span.started_at, 0, *fixed)
        facts = rules.ClockFacts(name, ClockState.RUNNING, span)
        self.clocks.append(KeptClock(facts, calendar, policy, [begun], [self.actor]))

    def _note(self, clock: KeptClock, event: events.Event) -> None:
        facts = events.after(clock.facts, event, clock.calendar)
        if facts != clock.facts:
            clock.facts = facts
            clock.happened.append(event)
            clock.by.append(self.actor)
