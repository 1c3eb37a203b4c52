"""The clocks of one ticket of the demo: moved by the rules alone (D4) and written in bulk."""

from collections.abc import Callable, Sequence
from datetime import datetime

from app.models import Clock, ClockEvent, ClockPolicy
from app.rules.clock_policies import Matter, PolicyRow, starting
from app.rules.clock_set import ClockSet, KeptClock
from app.rules.clocks import counted_in
from app.rules.codes import CalendarName, ClockState
from app.services.demo.world import World


class Clocks(ClockSet):
    """What `services.ticket_clocks` does to rows, done to plain facts. `note(verb, clock name, instant)` tells the timeline."""

    def __init__(self, world: World, matter: Matter, note: Callable[[str, str, datetime], None]) -> None:
        super().__init__(self._chosen, world.book, matter, world.estate.community_id)
        self.world, self.tell = world, note

    def _chosen(self, moments: Sequence[str], matter: Matter) -> Sequence[PolicyRow]:
        return starting(self.world.policies, moments, matter)

    @property
    def breached(self) -> bool:
        """Whether any clock was missed so far."""
        return any(clock.facts.state == ClockState.BREACHED for clock in self.clocks)

    def sweep(self, at: datetime) -> None:
        """What the job would have noted by now: a clock near its end warns, one past its due moment is missed."""
        for clock in self.clocks:
            running = clock.facts.state == ClockState.RUNNING
            if running and not clock.warned and clock.facts.span.warn_at <= at:
                clock.warned = True
                self.tell("warn", clock.facts.name, clock.facts.span.warn_at)
        for clock in self.miss(at):
            self.tell("breach", clock.facts.name, clock.facts.span.due_at)

    def save(self, ticket_id: int) -> None:
        """Collect the rows."""
        for clock in self.clocks:
            clock_id = self._save_clock(ticket_id, clock)
            for event, by in zip(clock.happened, clock.by, strict=True):
                self.world.writer.add(
                    ClockEvent,
                    clock_id=clock_id,
                    at=event.at,
                    kind=event.kind,
                    due_at=event.due_at,
                    warn_at=event.warn_at,
                    reason="",
                    end=event.end,
                    actor_name=by,
                )

    def _save_clock(self, ticket_id: int, clock: KeptClock) -> int:
        facts, span = clock.facts, clock.facts.span
        policy = clock.policy if isinstance(clock.policy, ClockPolicy) else None
        runs = facts.state == ClockState.RUNNING
        return self.world.writer.add(
            Clock,
            ticket_id=ticket_id,
            policy_id=policy.id if policy else None,
            name=facts.name,
            state=facts.state,
            calendar=counted_in(policy) if policy else CalendarName.ALWAYS,
            minutes=policy.minutes if policy and not policy.ends_same_day else None,
            warn_percent=policy.warn_percent if policy else 75,
            started_at=span.started_at,
            warn_at=span.warn_at,
            due_at=span.due_at,
            check_at=(span.due_at if clock.warned else span.warn_at) if runs else None,
            changed_at=clock.happened[-1].at,
            warned_at=span.warn_at if clock.warned else None,
            breached_at=span.due_at if facts.state == ClockState.BREACHED else None,
            met_at=facts.met_at,
            paused_at=facts.paused_at,
            paused_seconds=facts.paused_seconds,
            end_reason=facts.end,
        )
