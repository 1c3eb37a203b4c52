"""What every open page of the staff asks for every few seconds: has anything changed, does an emergency ring, does somebody call?

One statement as long as nothing rings. What is shown then (the alarm bar, a caller's card, the list) is read only when it
has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, ScalarSelect, func, literal, or_, select
from sqlalchemy.orm import Session

from app.models import Call, CallerConfirmation, CheckIn, CheckInStep, Ladder, Ticket, TicketEntry
from app.rules.call_flow import FINAL
from app.rules.codes import Role
from app.services import alarms, check_in_lists, offers, workbench
from app.services.access import rows
from app.services.actors import Actor
from app.services.workbench_queues import LIVE_STATES, QUEUES

HEARS_CALLS = (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT)
"""Who sees a caller's card while the telephone rings: the desk."""

LONGEST_CALL = timedelta(hours=3)
"""An older call without an end lost its last report; it is no longer shown as ringing."""

LATEST_ENTRIES = 200
"""So many of the latest steps are looked through for one of the actor's own rows."""

MOST_CALLS = 5


@dataclass(frozen=True)
class Ringing:
    """A call that goes on; `version` changes with every step of it."""

    id: int
    version: str


@dataclass(frozen=True)
class Pulse:
    """The state of the house for one actor. `work` grows with every step on one of the actor's tickets, and about one of the
    people living alone they look after."""

    work: int
    badge: int
    alarms: list[alarms.Alarm]
    calls: list[Ringing]

    def etag(self, *further: str) -> str:
        """The same text as long as nothing that is shown has changed."""
        return sha256(repr((self, further)).encode()).hexdigest()[:24]


def pulse(session: Session, actor: Actor, now: datetime) -> Pulse:
    """One statement; one more while an alarm rings, one more while somebody calls."""
    counted = (_badge(actor, now), _unheard(actor), offers.waiting_count(actor))
    work, care, badge, unheard, offered, ladders, calls = session.execute(
        select(_work(actor), _care(actor), *counted, _ladders(now), _calls_now(actor, now))
    ).one()
    return Pulse(
        (work or 0) + (care or 0),
        (badge or 0) + (unheard or 0) + (offered or 0),
        alarms.ringing(session, actor, now) if ladders else [],
        calls_now(session, actor, now) if calls else [],
    )


def calls_now(session: Session, actor: Actor, now: datetime) -> list[Ringing]:
    """The calls that go on, the newest first."""
    statement = (
        select(Call.id, Call.status, Call.step, Call.house_id, Call.facts, Call.ended_at, _confirmed())
        .where(*_going_on(actor, now))
        .order_by(Call.started_at.desc(), Call.id.desc())
        .limit(MOST_CALLS)
    )
    return [Ringing(row.id, sha256(repr(tuple(row)).encode()).hexdigest()[:12]) for row in session.execute(statement)]


def _confirmed() -> ScalarSelect[int]:
    """Changes when the desk confirms who calls."""
    return (
        select(func.max(CallerConfirmation.id)).where(CallerConfirmation.call_id == Call.id).correlate(Call)
    ).scalar_subquery()


def _going_on(actor: Actor, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Call.ended_at.is_(None),
        Call.status.not_in(FINAL),
        Call.started_at >= now - LONGEST_CALL,
        Call.direction == "inbound",
        rows(actor, Call),
    )


def _calls_now(actor: Actor, now: datetime) -> ColumnElement[int]:
    if not actor.has(*HEARS_CALLS):
        return literal(0)
    return select(func.count()).select_from(Call).where(*_going_on(actor, now)).scalar_subquery()


def _ladders(now: datetime) -> ScalarSelect[int]:
    return select(func.count()).select_from(Ladder).where(alarms.going_on(now)).scalar_subquery()


def _work(actor: Actor) -> ScalarSelect[int]:
    """The latest step on a ticket of the actor's, among the latest of all: a few rows from the end of the primary key."""
    last = select(func.max(TicketEntry.id)).scalar_subquery()
    return (
        select(func.max(TicketEntry.id))
        .join(Ticket, Ticket.id == TicketEntry.ticket_id)
        .where(TicketEntry.id > last - LATEST_ENTRIES, rows(actor, Ticket))
        .scalar_subquery()
    )


def _care(actor: Actor) -> ColumnElement[int | None]:
    """The latest step about somebody living alone, in the same way."""
    if not actor.has(*check_in_lists.SENT):
        return literal(0)
    last = select(func.max(CheckInStep.id)).scalar_subquery()
    return (
        select(func.max(CheckInStep.id))
        .where(CheckInStep.id > last - LATEST_ENTRIES, rows(actor, CheckInStep))
        .scalar_subquery()
    )


def _unheard(actor: Actor) -> ColumnElement[int]:
    """How many check-in calls nobody has answered for yet."""
    if not actor.has(*check_in_lists.SENT):
        return literal(0)
    return (
        select(func.count())
        .select_from(CheckIn)
        .where(check_in_lists.waiting(), rows(actor, CheckIn))
        .scalar_subquery()
    )


def _badge(actor: Actor, now: datetime) -> ColumnElement[int]:
    """How many tickets want something now: most of what the browser's tab shows."""
    codes = workbench.PRESSING.get(workbench.main_role(actor), ())
    if not codes:
        return literal(0)
    wanted = or_(*(QUEUES[code].condition(actor, now) for code in codes))
    return (
        select(func.count())
        .select_from(Ticket)
        .where(Ticket.state.in_(LIVE_STATES), rows(actor, Ticket), wanted)
        .scalar_subquery()
    )
