"""Asking the household afterwards (D8): which visits are due, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session, joinedload

from app.models import ReturnVisit, Ticket
from app.rules import return_visits as rules
from app.rules.codes import Kind, TicketState, VisitState
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.policies import figure
from app.services.ticket_clocks import has_breached


def plan_visit(session: Session, ticket: Ticket, now: datetime) -> ReturnVisit | None:
    """Note that a finished ticket is to be visited, if D8 says so; a visit that is due already stays the only one."""
    due = due_visit(ticket)
    if due is not None:
        return due
    zone = local_zone()
    done_at = ticket.done_at or now
    reason = rules.reason_to_visit(
        ticket.kind,
        ticket.number,
        done_at.astimezone(zone).date(),
        breached=has_breached(ticket),
        percent=figure(session, "visits.sample_percent"),
    )
    if reason is None or not ticket.counts_in_figures:
        return None
    visit = ReturnVisit(state=VisitState.DUE, reason=reason, due_on=rules.due_on(done_at, zone), tries=0)
    ticket.visits.append(visit)
    return visit


def due_visit(ticket: Ticket) -> ReturnVisit | None:
    """The visit this ticket still owes."""
    return next((visit for visit in ticket.visits if visit.state == VisitState.DUE), None)


def note_visit(session: Session, ticket: Ticket, actor: Actor, now: datetime, data: Mapping[str, Any]) -> ReturnVisit:
    """Write what came of a visit: the score and the household's words, or one more try in vain.

    After `visits.max_tries` in vain the visit counts as unreachable; a complaint's stays due (D5: until told).
    """
    visit = due_visit(ticket)
    if visit is None:
        visit = ReturnVisit(state=VisitState.DUE, reason="asked", due_on=now.astimezone(local_zone()).date(), tries=0)
        ticket.visits.append(visit)
    visit.tries += 1
    visit.way, visit.visitor_id = data["way"], actor.user_id
    visit.note = "\n".join(filter(None, (visit.note, data.get("note") or "")))
    if not data.get("unreachable"):
        visit.state, visit.score, visit.visited_at = VisitState.MADE, data.get("score"), now
    elif visit.tries >= figure(session, "visits.max_tries") and ticket.kind != Kind.COMPLAINT:
        visit.state = VisitState.UNREACHABLE
    return visit


def cancel_visits(ticket: Ticket) -> None:
    """The ticket is worked on again, or given up: what was due is not asked any more."""
    for visit in ticket.visits:
        if visit.state == VisitState.DUE:
            visit.state = VisitState.CANCELLED


def due_list(session: Session, now: datetime, condition: ColumnElement[bool] | None = None) -> list[ReturnVisit]:
    """The visits that are due, the oldest first. `condition` is the actor's row limit on tickets."""
    statement = (
        select(ReturnVisit)
        .join(Ticket)
        .where(ReturnVisit.state == VisitState.DUE, Ticket.state == TicketState.DONE)
        .where(true() if condition is None else condition)
        .options(joinedload(ReturnVisit.ticket))
        .order_by(ReturnVisit.due_on, ReturnVisit.id)
    )
    return list(session.scalars(statement))
