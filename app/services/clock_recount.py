"""Deadlines that run when a calendar changes (D4): a longer holiday gives them time, a work day more takes none away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from app.models import Clock, ClockEvent, Ticket
from app.rules import clock_events as events
from app.rules.calendars import CalendarBook
from app.rules.codes import CalendarName, ClockEventKind, ClockState
from app.services.actors import Actor
from app.services.calendars import read_book
from app.services.local_time import local_zone
from app.services.ticket_clocks import LIVE, event_of, facts_of, terms_of, write

_BATCH = 500


def recount_since(session: Session, day: date, actor: Actor, now: datetime, reason: str) -> int:
    """A day was declared off, or to be worked: count the deadlines that reach it. Returns how many moved."""
    begins = datetime.combine(day, time(0), local_zone())
    return _recount(session, or_(Clock.due_at >= begins, Clock.state == ClockState.PAUSED), actor, now, reason)


def recount_on(session: Session, codes: Iterable[str], actor: Actor, now: datetime, reason: str) -> int:
    """The hours of calendars were changed: count what runs on them anew. Returns how many deadlines moved."""
    return _recount(session, Clock.calendar.in_(list(codes)), actor, now, reason)


def recount_desk(session: Session, community_id: int, actor: Actor, now: datetime, reason: str) -> int:
    """A community's desk keeps another calendar now: count its deadlines anew. Returns how many moved."""
    here = Clock.ticket_id.in_(select(Ticket.id).where(Ticket.community_id == community_id))
    return _recount(session, (Clock.calendar == CalendarName.DESK) & here, actor, now, reason)


def _recount(session: Session, which: ColumnElement[bool], actor: Actor, now: datetime, reason: str) -> int:
    session.flush()
    book, moved, last = read_book(session), 0, 0
    while True:
        statement = (
            select(Clock, Ticket.community_id)
            .join(Ticket)
            .where(Clock.state.in_(LIVE), Clock.calendar != CalendarName.ALWAYS, which, Clock.id > last)
            .order_by(Clock.id)
            .limit(_BATCH)
            .with_for_update(of=Clock)
        )
        found = session.execute(statement).tuples().all()
        if not found:
            return moved
        last = found[-1][0].id
        moved += _batch(session, book, found, actor, now, reason)


def _batch(
    session: Session,
    book: CalendarBook,
    found: Iterable[tuple[Clock, int]],
    actor: Actor,
    now: datetime,
    reason: str,
) -> int:
    clocks = {clock.id: (clock, community_id) for clock, community_id in found}
    kept: dict[int, list[events.Event]] = defaultdict(list)
    for row in session.scalars(select(ClockEvent).where(ClockEvent.clock_id.in_(clocks))):
        kept[row.clock_id].append(event_of(row))
    touched: set[int] = set()
    for clock_id, (clock, community_id) in clocks.items():
        before = facts_of(clock)
        anew = events.fold(terms_of(clock), kept[clock_id], book.of(clock.calendar, community_id))
        span = events.recounted(before, anew)
        if span is None:
            continue
        session.add(
            ClockEvent(
                clock_id=clock_id,
                at=max(now, clock.changed_at),
                kind=ClockEventKind.RECOUNTED,
                due_at=span.due_at,
                warn_at=span.warn_at,
                reason=reason[:255],
                actor_id=actor.user_id,
                actor_name=actor.display_name[:80],
            )
        )
        clock.changed_at = max(now, clock.changed_at)
        if span != before.span:
            write(clock, replace(before, span=span))
            touched.add(clock.ticket_id)
    session.flush()
    _refresh_due(session, touched)
    return len(touched)


def _refresh_due(session: Session, ticket_ids: set[int]) -> None:
    """Not through the objects: a change of the calendar must not make somebody's open page stale."""
    earliest = (
        select(func.min(Clock.due_at))
        .where(Clock.ticket_id == Ticket.id, Clock.state == ClockState.RUNNING)
        .scalar_subquery()
    )
    if ticket_ids:
        session.execute(update(Ticket).where(Ticket.id.in_(ticket_ids)).values(due_at=earliest))
