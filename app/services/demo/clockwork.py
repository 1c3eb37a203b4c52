"""The clocks of one ticket in memory, moved by the rules alone (D4) and written in bulk."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from app.models import Clock, ClockPolicy
from app.rules import clocks as rules
from app.rules.calendars import AlwaysOpen
from app.rules.codes import CalendarName, ClockState
from app.services.demo.world import World

LIVE = (ClockState.RUNNING, ClockState.PAUSED)


@dataclass
class LiveClock:
    """A clock with its policy and the seconds it was paused; `warned`: its warning moment has passed."""

    facts: rules.ClockFacts
    policy: ClockPolicy | None = None
    paused_seconds: int = 0
    warned: bool = False


class Clocks:
    """What `services.ticket_clocks` does to rows, done to plain facts. `note(verb, clock name, instant)` tells the timeline."""

    def __init__(self, world: World, note: Callable[[str, str, datetime], None]) -> None:
        self.world, self.note = world, note
        self.clocks: list[LiveClock] = []

    @property
    def breached(self) -> bool:
        """Whether any clock was missed so far."""
        return any(clock.facts.state == ClockState.BREACHED for clock in self.clocks)

    @property
    def names(self) -> frozenset[str]:
        """Every clock there has been."""
        return frozenset(clock.facts.name for clock in self.clocks)

    def is_live(self, name: str) -> bool:
        """Whether a clock of this name runs or is paused."""
        return any(clock.facts.name == name and clock.facts.state in LIVE for clock in self.clocks)

    def earliest_due(self) -> datetime | None:
        """What `ticket.due_at` holds."""
        return rules.earliest_due(clock.facts for clock in self.clocks)

    def start(self, moment: str, matter: rules.Matter, at: datetime, skip: Iterable[str] = ()) -> None:
        """Start what the policies start at this moment."""
        for policy in rules.starting(self.world.policies.get(moment, ()), moment, matter):
            if policy.name not in skip:
                self.add(policy.name, rules.span(policy, at, self.world.zone), policy)

    def add(self, name: str, span: rules.Span, policy: ClockPolicy | None = None) -> None:
        """A new clock; one of the same name that still runs gives way."""
        self.drop({name})
        self.clocks.append(LiveClock(rules.ClockFacts(name, ClockState.RUNNING, span), policy))

    def meet(self, names: Iterable[str], at: datetime) -> None:
        """What these clocks waited for has happened."""
        for clock in self.clocks:
            if clock.facts.name in names:
                clock.facts = rules.met(clock.facts, at)

    def drop(self, names: Iterable[str] | None) -> None:
        """These clocks have lost their object; None for all."""
        for clock in self.clocks:
            if (names is None or clock.facts.name in names) and clock.facts.state in LIVE:
                clock.facts = rules.cancelled(clock.facts)

    def pause(self, at: datetime) -> None:
        """The ticket waits."""
        for clock in self.clocks:
            clock.facts = rules.paused(clock.facts, at)

    def resume(self, at: datetime) -> None:
        """Work goes on."""
        for clock in self.clocks:
            if clock.facts.paused_at is not None:
                clock.paused_seconds += round((at - clock.facts.paused_at).total_seconds())
                clock.facts = rules.resumed(clock.facts, at, AlwaysOpen())

    def sweep(self, at: datetime) -> None:
        """What the job would have noted by now: a clock past its due moment is missed."""
        for clock in self.clocks:
            if clock.facts.state != ClockState.RUNNING:
                continue
            span = clock.facts.span
            if not clock.warned and span.warn_at <= at:
                clock.warned = True
                self.note("warn", clock.facts.name, span.warn_at)
            if span.due_at < at:
                clock.facts = replace(clock.facts, state=ClockState.BREACHED)
                self.note("breach", clock.facts.name, span.due_at)

    def save(self, ticket_id: int) -> None:
        """Collect the rows."""
        for clock in self.clocks:
            facts, span, policy = clock.facts, clock.facts.span, clock.policy
            breached = facts.state == ClockState.BREACHED
            self.world.writer.add(
                Clock,
                ticket_id=ticket_id,
                policy_id=policy.id if policy else None,
                name=facts.name,
                state=facts.state,
                calendar=policy.calendar if policy else CalendarName.ALWAYS,
                minutes=policy.minutes if policy else None,
                started_at=span.started_at,
                warn_at=span.warn_at,
                due_at=span.due_at,
                warned_at=span.warn_at if clock.warned else None,
                breached_at=span.due_at if breached else None,
                met_at=facts.met_at,
                paused_at=facts.paused_at,
                paused_seconds=clock.paused_seconds,
            )
