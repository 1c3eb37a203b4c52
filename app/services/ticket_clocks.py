"""The clocks of one ticket (D4): each thing that happens to one is an event that stays; how it stands is computed from these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Clock, ClockEvent, ClockPolicy, Ticket
from app.rules import clock_events as events
from app.rules import clock_steps
from app.rules import clocks as rules
from app.rules.calendars import CalendarBook
from app.rules.classify import more_urgent
from app.rules.clock_policies import REGISTERED, REOPENED, Matter, Policy, PolicyRow, missing, starting
from app.rules.clock_steps import Latest
from app.rules.codes import (
    OPEN_STATES,
    CalendarName,
    ClockEnd,
    ClockEventKind,
    ClockName,
    ClockState,
    Priority,
    TicketState,
)
from app.services.actors import Actor
from app.services.calendars import book_for
from app.services.clock_defaults import default_policy

LIVE = rules.LIVE


def facts_of(clock: Clock) -> rules.ClockFacts:
    """The clock as the rules see it."""
    span = rules.Span(clock.started_at, clock.warn_at or clock.due_at, clock.due_at)
    return rules.ClockFacts(
        clock.name, clock.state, span, clock.paused_at, clock.met_at, clock.paused_seconds, clock.end_reason
    )


def matter_of(ticket: Ticket) -> Matter:
    """What the policies ask of a ticket."""
    code = ticket.category.code if ticket.category else None
    return Matter(ticket.kind, ticket.channel, ticket.priority, ticket.validity, ticket.grade, code)


def start_clocks(session: Session, ticket: Ticket, moment: str, now: datetime, actor: Actor) -> None:
    """Start what D4 starts at this moment of the ticket."""
    clocks = TicketClocks(session, ticket, actor)
    clocks.start((moment,), now, frozenset())
    refresh_due(ticket)


def raise_urgency(session: Session, ticket: Ticket, priority: str | None, now: datetime) -> bool:
    """Take a higher urgency, never a lower one, and let the clocks follow. Says whether it was higher."""
    if priority is None or not more_urgent(priority, ticket.priority):
        return False
    ticket.priority = Priority(priority)
    replan(session, ticket, now)
    return True


def replan(session: Session, ticket: Ticket, now: datetime) -> None:
    """The clocks of the opening follow what is known of the ticket since: see `clock_steps.replan`."""
    if ticket.state not in OPEN_STATES or not ticket.counts_in_figures:
        return
    moment = REOPENED if ticket.reopened_count else REGISTERED
    waiting = ticket.state == TicketState.WAITING
    clock_steps.replan(TicketClocks(session, ticket, Actor.system("clocks")), moment, now, waiting=waiting)
    refresh_due(ticket)


def refresh_due(ticket: Ticket) -> None:
    """`due_at` is the earliest running clock (I8)."""
    ticket.due_at = rules.earliest_due(facts_of(clock) for clock in ticket.clocks)


def has_breached(ticket: Ticket) -> bool:
    """Whether any clock of the ticket was missed."""
    return any(clock.state == ClockState.BREACHED for clock in ticket.clocks)


def owed_at_close(ticket: Ticket) -> list[str]:
    """The names of the clocks that stand against closing."""
    return rules.owed_at_close(map(facts_of, ticket.clocks))


@dataclass
class TicketClocks:
    """The clocks of a ticket as `rules.clock_steps` moves them: rows, with an event for each thing that happens.

    `actor` and `reason` are noted on the events. Whoever is done calls `refresh_due`.
    """

    session: Session
    ticket: Ticket
    actor: Actor
    reason: str = ""
    book: CalendarBook | None = field(default=None)

    def start(self, moments: Sequence[str], at: datetime, skip: frozenset[str]) -> None:
        """A clock of the same name that still runs gives way."""
        for policy in self._chosen(moments):
            if policy.name not in skip:
                self.begin(policy, at, waiting=False)

    def promise(self, at: datetime, due_at: datetime) -> None:
        """A promise to the household is itself a clock (D4)."""
        self._begin(Clock(name=ClockName.PROMISE), rules.span_until(at, due_at), is_fixed=True)

    def meet(self, names: Iterable[str], at: datetime) -> None:
        """What these clocks waited for has happened."""
        for clock in self._named(names):
            self._note(clock, ClockEventKind.MET, at)

    def drop(self, names: Iterable[str] | None, at: datetime, end: str) -> None:
        """These clocks have lost their object; None for all of them."""
        for clock in self._named(names):
            if clock.state in LIVE:
                self._note(clock, ClockEventKind.CANCELLED, at, end)

    def pause(self, at: datetime) -> None:
        """The ticket waits: its running clocks stop, except those that waiting is no reason to stop."""
        for clock in self.ticket.clocks:
            if clock.state == ClockState.RUNNING:
                self._note(clock, ClockEventKind.PAUSED, at)

    def resume(self, at: datetime) -> None:
        """Work goes on: each paused clock has left what it had left, in its own calendar."""
        for clock in self.ticket.clocks:
            if clock.state == ClockState.PAUSED:
                self._note(clock, ClockEventKind.RESUMED, at)

    def live(self) -> frozenset[str]:
        """The names of the clocks that run or are paused."""
        return frozenset(clock.name for clock in self.ticket.clocks if clock.state in LIVE)

    def ever(self) -> frozenset[str]:
        """The names of all clocks there have been."""
        return frozenset(clock.name for clock in self.ticket.clocks)

    def begin(self, policy: PolicyRow, at: datetime, *, waiting: bool) -> None:
        """Start one clock; while the matter waits it waits, too."""
        code = rules.counted_in(policy)
        clock = Clock(
            name=policy.name,
            policy_id=getattr(policy, "id", None),
            calendar=code,
            minutes=None if policy.ends_same_day else policy.minutes,
            warn_percent=policy.warn_percent,
        )
        self._begin(clock, self._span(policy, at), is_fixed=policy.ends_same_day)
        if waiting:
            self._note(clock, ClockEventKind.PAUSED, at)

    def latest(self, moment: str) -> Mapping[str, Latest]:
        """The newest clock of each name. One statement, for which of them this moment started."""
        of_moment = set(self.session.scalars(select(ClockPolicy.id).where(ClockPolicy.starts_when == moment)))
        return {
            clock.name: Latest(
                facts_of(clock),
                self._calendar(clock),
                clock.policy_id,
                moment if clock.policy_id in of_moment else None,
            )
            for clock in self.ticket.clocks
        }

    def would_start(self, moment: str, at: datetime) -> Mapping[str, tuple[PolicyRow, rules.Span]]:
        """The rules that speak of the ticket as it is now, each with the span of its clock."""
        return {policy.name: (policy, self._span(policy, at)) for policy in self._chosen((moment,))}

    def _chosen(self, moments: Sequence[str]) -> list[ClockPolicy | Policy]:
        """The rules in force that start a clock at these moments, the default among them."""
        statement = select(ClockPolicy).where(ClockPolicy.active, ClockPolicy.starts_when.in_(moments))
        rows = self.session.scalars(statement.order_by(ClockPolicy.id)).all()
        chosen: list[ClockPolicy | Policy] = list(starting(rows, moments, matter_of(self.ticket)))
        return chosen + [default_policy(self.session, name, moment) for name, moment in missing(chosen, moments)]

    def _span(self, policy: PolicyRow, at: datetime) -> rules.Span:
        return rules.span(policy, at, self._book(rules.counted_in(policy)), self._community_id)

    @property
    def _community_id(self) -> int:
        # A ticket that is being registered knows its community, but not yet by number.
        return self.ticket.community_id or self.ticket.community.id

    def _named(self, names: Iterable[str] | None) -> list[Clock]:
        wanted = None if names is None else frozenset(names)
        return [clock for clock in self.ticket.clocks if wanted is None or clock.name in wanted]

    def _begin(self, clock: Clock, span: rules.Span, *, is_fixed: bool) -> None:
        for other in self.ticket.clocks:
            if other.name == clock.name and other.state in LIVE:
                self._note(other, ClockEventKind.CANCELLED, span.started_at, ClockEnd.RESTARTED)
                # The database allows one live clock of a name: the old one must be gone before the new one comes.
                self.session.flush()
        clock.started_at = clock.changed_at = span.started_at
        clock.state, clock.paused_seconds = ClockState.RUNNING, 0
        clock.calendar = clock.calendar or CalendarName.ALWAYS
        self._moments(clock, span)
        clock.events.append(
            self._event(
                ClockEventKind.STARTED,
                span.started_at,
                due_at=span.due_at if is_fixed else None,
                warn_at=span.warn_at if is_fixed else None,
            )
        )
        self.ticket.clocks.append(clock)

    def _note(self, clock: Clock, kind: str, at: datetime, end: str | None = None) -> None:
        """Keep an event and what follows from it. One that comes late is put in its place among the others."""
        if clock.id is None:
            self.session.flush()
        event = events.Event(kind, at, end=end)
        before = _before_it_ran_out(facts_of(clock))
        if at >= clock.changed_at:
            now_stands = events.after(before, event, self._calendar(clock))
            if now_stands == before:
                return
        else:
            now_stands = self._put_in_place(clock, event)
        self.session.add(self._event(kind, at, clock_id=clock.id, end=end))
        clock.changed_at = max(clock.changed_at, at)
        write(clock, now_stands)

    def _put_in_place(self, clock: Clock, event: events.Event) -> rules.ClockFacts:
        known = self.session.scalars(select(ClockEvent).where(ClockEvent.clock_id == clock.id)).all()
        facts = events.fold(terms_of(clock), [*map(event_of, known), event], self._calendar(clock))
        ran_out = clock.state == ClockState.BREACHED and facts.span.due_at <= clock.due_at
        return replace(facts, state=ClockState.BREACHED) if ran_out and facts.state == ClockState.RUNNING else facts

    def _event(self, kind: str, at: datetime, **more: Any) -> ClockEvent:
        name = self.actor.display_name[:80]
        return ClockEvent(
            kind=kind, at=at, reason=self.reason[:255], actor_id=self.actor.user_id, actor_name=name, **more
        )

    def _moments(self, clock: Clock, span: rules.Span) -> None:
        clock.warn_at, clock.due_at = span.warn_at, span.due_at
        clock.check_at = next_check(clock)

    def _calendar(self, clock: Clock) -> Any:
        return self._book(clock.calendar).of(clock.calendar, self._community_id)

    def _book(self, code: str) -> CalendarBook:
        if self.book is None:
            found = book_for(self.session, [code])
            if code == CalendarName.ALWAYS:
                return found
            self.book = found
        return self.book


def _before_it_ran_out(clock: rules.ClockFacts) -> rules.ClockFacts:
    """That a clock ran out is what the sweep saw, no event: what was done in time and is heard of later still counts."""
    if clock.state == ClockState.BREACHED and clock.met_at is None:
        return replace(clock, state=ClockState.RUNNING)
    return clock


def terms_of(clock: Clock) -> events.Terms:
    """What was settled when the clock started."""
    return events.Terms(clock.name, timedelta(minutes=clock.minutes or 0), clock.warn_percent)


def event_of(row: ClockEvent) -> events.Event:
    """A kept event as the rules see it."""
    return events.Event(row.kind, row.at, row.id, row.due_at, row.warn_at, row.end)


def next_check(clock: Clock) -> datetime | None:
    """When the sweep must look at a clock next."""
    if clock.state != ClockState.RUNNING:
        return None
    return clock.due_at if clock.warned_at else clock.warn_at


def write(clock: Clock, facts: rules.ClockFacts) -> None:
    """Put back what the rules decided, touching only what changed."""
    before = facts_of(clock)
    if facts == before:
        return
    clock.state, clock.paused_at, clock.met_at = facts.state, facts.paused_at, facts.met_at
    clock.end_reason, clock.paused_seconds = facts.end, facts.paused_seconds
    if facts.span != before.span:
        clock.warn_at, clock.due_at = facts.span.warn_at, facts.span.due_at
    clock.breached_at = facts.span.due_at if facts.state == ClockState.BREACHED else None
    clock.check_at = next_check(clock)
