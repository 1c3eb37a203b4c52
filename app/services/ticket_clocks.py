"""The clocks of one ticket (D4): started, paused, met and cancelled as the ticket takes its steps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Clock, ClockPolicy, Ticket
from app.rules import clocks as rules
from app.rules.calendars import calendar_for
from app.rules.codes import ClockName, ClockState
from app.services.local_time import local_zone, own_days

LIVE = (ClockState.RUNNING, ClockState.PAUSED)


def facts_of(clock: Clock) -> rules.ClockFacts:
    """The clock as the rules see it."""
    span = rules.Span(clock.started_at, clock.warn_at or clock.due_at, clock.due_at)
    return rules.ClockFacts(clock.name, clock.state, span, clock.paused_at, clock.met_at)


def start_clocks(
    session: Session, ticket: Ticket, moment: str, now: datetime, skip: frozenset[str] = frozenset()
) -> list[Clock]:
    """Start what D4 starts at this moment of the ticket, but for the names in `skip`.

    A clock of the same name that still runs gives way.
    """
    matter = rules.Matter(
        ticket.kind,
        ticket.channel,
        ticket.priority,
        ticket.validity,
        ticket.grade,
        ticket.category.code if ticket.category else None,
    )
    policies = session.scalars(select(ClockPolicy).where(ClockPolicy.active, ClockPolicy.starts_when == moment))
    zone, days = local_zone(), own_days(session)
    started = [
        _start(session, ticket, policy, rules.span(policy, now, zone, days))
        for policy in rules.starting(policies.all(), moment, matter)
        if policy.name not in skip
    ]
    refresh_due(ticket)
    return started


def start_promise(session: Session, ticket: Ticket, now: datetime, due_at: datetime) -> Clock:
    """A promise to the household is itself a clock (D4)."""
    clock = _add(session, ticket, ClockName.PROMISE, rules.span_until(now, due_at))
    refresh_due(ticket)
    return clock


def meet(ticket: Ticket, names: Iterable[str], now: datetime) -> None:
    """What these clocks waited for has happened."""
    wanted = frozenset(names)
    for clock in ticket.clocks:
        if clock.name in wanted:
            _write(clock, rules.met(facts_of(clock), now))
    refresh_due(ticket)


def drop(ticket: Ticket, names: Iterable[str] | None) -> None:
    """These clocks have lost their object; None for all of them."""
    wanted = None if names is None else frozenset(names)
    for clock in ticket.clocks:
        if wanted is None or clock.name in wanted:
            _write(clock, rules.cancelled(facts_of(clock)))
    refresh_due(ticket)


def pause(ticket: Ticket, now: datetime) -> None:
    """The ticket waits: its running clocks stop, except those that waiting is no reason to stop."""
    for clock in ticket.clocks:
        _write(clock, rules.paused(facts_of(clock), now))
    refresh_due(ticket)


def resume(session: Session, ticket: Ticket, now: datetime) -> None:
    """Work goes on: each paused clock has left what it had left, in its own calendar."""
    zone, days = local_zone(), own_days(session)
    for clock in ticket.clocks:
        if clock.state == ClockState.PAUSED:
            _resume_one(clock, now, zone, days)
    refresh_due(ticket)


def refresh_due(ticket: Ticket) -> None:
    """`due_at` is the earliest running clock (I8)."""
    ticket.due_at = rules.earliest_due(facts_of(clock) for clock in ticket.clocks)


def has_breached(ticket: Ticket) -> bool:
    """Whether any clock of the ticket was missed."""
    return any(clock.state == ClockState.BREACHED for clock in ticket.clocks)


def _resume_one(clock: Clock, now: datetime, zone: ZoneInfo, days: dict[date, bool]) -> None:
    calendar = calendar_for(clock.calendar, zone, days)
    if clock.paused_at is not None:
        clock.paused_seconds += round(calendar.between(clock.paused_at, now) / timedelta(seconds=1))
    _write(clock, rules.resumed(facts_of(clock), now, calendar))


def _start(session: Session, ticket: Ticket, policy: ClockPolicy, span: rules.Span) -> Clock:
    clock = _add(session, ticket, policy.name, span)
    clock.policy_id, clock.minutes, clock.calendar = policy.id, policy.minutes, policy.calendar
    return clock


def _add(session: Session, ticket: Ticket, name: str, span: rules.Span) -> Clock:
    for other in ticket.clocks:
        if other.name == name and other.state in LIVE:
            _write(other, rules.cancelled(facts_of(other)))
            # The database allows one live clock of a name: the old one must be gone before the new one comes.
            session.flush()
    clock = Clock(
        name=name,
        state=ClockState.RUNNING,
        started_at=span.started_at,
        warn_at=span.warn_at,
        due_at=span.due_at,
        paused_seconds=0,
    )
    ticket.clocks.append(clock)
    return clock


def _write(clock: Clock, facts: rules.ClockFacts) -> None:
    """Put back what the rules decided, touching only what changed."""
    before = facts_of(clock)
    if facts == before:
        return
    if facts.state == ClockState.BREACHED and before.state != ClockState.BREACHED:
        clock.breached_at = facts.span.due_at
    clock.state, clock.paused_at, clock.met_at = facts.state, facts.paused_at, facts.met_at
    if facts.span != before.span:
        clock.warn_at, clock.due_at = facts.span.warn_at, facts.span.due_at
