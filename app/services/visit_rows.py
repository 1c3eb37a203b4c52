"""Which due visits are whose to make (D8), as a condition: the same answer as the rule's `visit_hindrance`, for lists and counts."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, false, or_

from app.models import ReturnVisit, Staff, Ticket
from app.rules.codes import Kind, Role, TicketState, VisitState
from app.rules.ticket_states import FRONT_ROLES, SUPERVISING_ROLES
from app.services.actors import Actor

Condition = ColumnElement[bool]

SUPERVISING = (Role.SUPERVISOR, Role.DEPUTY, Role.MANAGER)


def is_due() -> Condition:
    """The visit is owed: on the visit and its ticket."""
    return and_(ReturnVisit.state == VisitState.DUE, Ticket.state == TicketState.DONE)


def handled_by_supervisor() -> Condition:
    """The matter ended with somebody who supervises."""
    return exists().where(Staff.id == Ticket.assignee_id, Staff.role.in_(SUPERVISING))


def may_make(actor: Actor) -> Condition:
    """The visits this actor is permitted to make, whoever was asked to."""
    if not actor.roles & FRONT_ROLES:
        return false()
    handled = handled_by_supervisor()
    if actor.staff_id is None:
        return handled if actor.roles & SUPERVISING_ROLES else ~handled
    others_work = or_(ReturnVisit.worker_id.is_(None), ReturnVisit.worker_id != actor.staff_id)
    return or_(handled, others_work) if actor.roles & SUPERVISING_ROLES else and_(~handled, others_work)


def for_me(actor: Actor) -> Condition:
    """The due visits that are this actor's to make: given to them, or free and theirs by the rule.

    The desk and the steward ask; the supervisor what the supervisor handled, and after complaints and repeats.
    """
    mine = and_(ReturnVisit.assigned_id.is_not(None), ReturnVisit.assigned_id == actor.staff_id)
    free: Condition = ReturnVisit.assigned_id.is_(None)
    if actor.roles & SUPERVISING_ROLES:
        free = and_(free, or_(handled_by_supervisor(), Ticket.kind == Kind.COMPLAINT, Ticket.is_repeat))
    return and_(is_due(), may_make(actor), or_(mine, free))


def due_for_me(actor: Actor) -> Condition:
    """The same on tickets alone."""
    return exists().where(ReturnVisit.ticket_id == Ticket.id, for_me(actor))
