"""The sweep: clocks that come near their end warn, those that pass it are breached, once each (D4, I8)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import Clock, Ticket
from app.rules.clocks import earliest_due
from app.rules.codes import ClockState, Kind, TicketState
from app.services.actors import Actor
from app.services.complaint_path import rise_on_breach
from app.services.return_visits import plan_visit
from app.services.ticket_clocks import facts_of
from app.services.ticket_messages import tell_responsible, tell_supervisors
from app.services.tickets import add_entry

log = logging.getLogger(__name__)

BATCH = 200
SWEEPER = Actor.system("clocks")


@dataclass
class Swept:
    """What a sweep has done so far; rows that failed are left for the next one."""

    warned: int = 0
    breached: int = 0
    failed: set[int] = field(default_factory=set)
    seen: int = 0


def sweep(session: Session, now: datetime, swept: Swept | None = None, limit: int = BATCH) -> Swept:
    """Work off at most `limit` clocks whose warning or due moment has come; call again while `seen` is not 0.

    Each clock has a savepoint of its own: one bad row is logged and passed over. On PostgreSQL a clock whose ticket
    somebody else has in hand is skipped, so a sweep never waits for a person's step; it comes again with the next one.
    """
    swept = swept or Swept()
    due = session.scalars(
        select(Clock)
        .join(Ticket)
        .where(_is_due(now), Clock.id.not_in(swept.failed))
        .order_by(Clock.check_at, Clock.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=(Clock, Ticket))
    ).all()
    swept.seen = len(due)
    for clock in due:
        clock_id = clock.id
        try:
            with session.begin_nested():
                _take(session, clock, now, swept)
        except Exception:
            log.exception("clock %s could not be swept", clock_id)
            swept.failed.add(clock_id)
    return swept


def _is_due(now: datetime) -> ColumnElement[bool]:
    """What an index on `check_at` finds: its cost is that of what is due, however much else is open."""
    # On the very minute it is still in time.
    return and_(Clock.check_at <= now, or_(Clock.warned_at.is_(None), Clock.due_at < now))


def _take(session: Session, clock: Clock, now: datetime, swept: Swept) -> None:
    step: Callable[[Session, Clock, datetime], None] = _breach if clock.due_at < now else _warn
    step(session, clock, now)
    session.flush()
    if step is _breach:
        swept.breached += 1
    else:
        swept.warned += 1


def _warn(session: Session, clock: Clock, now: datetime) -> None:
    clock.warned_at, clock.check_at = now, clock.due_at
    ticket = clock.ticket
    add_entry(session, ticket, "warn", SWEEPER, now, before=ticket.state, data={"clock": clock.name})
    why = N_("Time is running out.")
    tell_responsible(session, ticket, why, "warning", f"warn:{clock.id}", now)


def _breach(session: Session, clock: Clock, now: datetime) -> None:
    """The clock ran out at its due moment, whenever we notice; the supervisor hears of it."""
    ticket = clock.ticket
    clock.state, clock.breached_at, clock.check_at = ClockState.BREACHED, clock.due_at, None
    clock.warned_at = clock.warned_at or now
    add_entry(session, ticket, "breach", SWEEPER, now, before=ticket.state, data={"clock": clock.name})
    tell_supervisors(session, ticket, N_("A time limit was missed."), "breach", f"breach:{clock.id}", now)
    if ticket.state == TicketState.DONE:
        plan_visit(session, ticket, now)
    if ticket.kind == Kind.COMPLAINT:
        rise_on_breach(session, clock, SWEEPER, now)
    # Not through the object: a sweep must not make somebody's open page stale.
    due_at = earliest_due(facts_of(other) for other in ticket.clocks)
    session.execute(update(Ticket).where(Ticket.id == ticket.id).values(due_at=due_at))
