"""Promises to households (D4): each is a clock of its own; here they stand in one list, with who gave them and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import Clock, ClockEvent, Ticket
from app.rules.codes import OPEN_STATES, ClockEventKind, ClockName, ClockState
from app.rules.figures import share
from app.services.access import rows
from app.services.actors import Actor
from app.services.workbench_queues import PROMISES_WITHIN

Condition = ColumnElement[bool]
Way = Callable[[datetime], Condition]

_BROKEN = Clock.state == ClockState.BREACHED
_OPEN = Clock.state == ClockState.RUNNING

STANDING: Mapping[str, Way] = {
    # The very promises that the number on a first page counts.
    "soon": lambda now: and_(_OPEN, Clock.due_at <= now + PROMISES_WITHIN, Ticket.state.in_(OPEN_STATES)),
    "open": lambda now: _OPEN,
    "overdue": lambda now: or_(and_(_BROKEN, Clock.met_at.is_(None)), and_(_OPEN, Clock.due_at < now)),
}
"""What is still to be kept, whenever it was given. Overdue stays what nobody has done since."""

ENDED: Mapping[str, Way] = {
    "kept": lambda now: Clock.state == ClockState.MET,
    "broken": lambda now: _BROKEN,
    "dropped": lambda now: Clock.state == ClockState.CANCELLED,
}
"""What has come to an end, by the month for which it was promised."""


@dataclass(frozen=True)
class Promise:
    """A promise with the one who gave it."""

    clock: Clock
    ticket: Ticket
    by: str


@dataclass(frozen=True)
class Counts:
    """How many promises stand under each heading."""

    numbers: Mapping[str, int]

    @property
    def kept_rate(self) -> str | None:
        """Kept of the month's that were kept or broken, as a rate of four places."""
        found = share(self.numbers["kept"], self.numbers["kept"] + self.numbers["broken"])
        return None if found is None else str(found)


def _mine(actor: Actor) -> list[Condition]:
    return [Clock.name == ClockName.PROMISE, rows(actor, Ticket)]


def _within(code: str, now: datetime, start: datetime, end: datetime) -> Condition:
    if code in STANDING:
        return STANDING[code](now)
    return and_(ENDED[code](now), Clock.due_at >= start, Clock.due_at < end)


def counts(session: Session, actor: Actor, now: datetime, start: datetime, end: datetime) -> Counts:
    """The number behind each heading; ended ones of the month from `start` to `end`. One statement."""
    sums = [func.count(case((_within(code, now, start, end), Clock.id))).label(code) for code in (*STANDING, *ENDED)]
    reached = or_(Clock.state.in_((ClockState.RUNNING, ClockState.BREACHED)), Clock.due_at >= start)
    row = session.execute(select(*sums).join(Ticket, Ticket.id == Clock.ticket_id).where(*_mine(actor), reached)).one()
    return Counts({name: int(number) for name, number in row._mapping.items()})


def listed(
    session: Session,
    actor: Actor,
    code: str,
    now: datetime,
    start: datetime,
    end: datetime,
    *,
    skip: int = 0,
    most: int = 25,
) -> list[Promise]:
    """A page of the promises under a heading: what is owed by its deadline, what has ended by the newest. One statement."""
    by = (
        select(ClockEvent.actor_name)
        .where(ClockEvent.clock_id == Clock.id, ClockEvent.kind == ClockEventKind.STARTED)
        .limit(1)
        .scalar_subquery()
    )
    order = (Clock.due_at, Clock.id) if code in STANDING else (Clock.due_at.desc(), Clock.id.desc())
    statement = (
        select(Clock, Ticket, by)
        .join(Ticket, Ticket.id == Clock.ticket_id)
        .where(*_mine(actor), _within(code, now, start, end))
        .options(joinedload(Ticket.house), joinedload(Ticket.assignee), joinedload(Ticket.department))
        .order_by(*order)
        .offset(skip)
        .limit(most)
    )
    return [Promise(clock, ticket, name or "") for clock, ticket, name in session.execute(statement)]
