"""抢单: work of one's department that nobody has in hand, and taking it. Of two at once one wins, the other is told by name.

What is shown here is no more than one needs to decide (what, where, until when): no household, no number. The ticket itself
opens when it is one's own (D15).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.exc import StaleDataError

from app.errors import N_, Forbidden, NotFound, Refused
from app.models import Category, Staff, StaffSkill, Ticket
from app.rules import dispatch as rules
from app.rules.codes import Kind, Role, TicketState
from app.rules.ticket_states import Transition
from app.services.actors import Actor
from app.services.dispatch import able
from app.services.offers import change_hands
from app.services.ticket_step import CHANGED, Step, move_clocks
from app.services.tickets import add_entry

NUMBER_LENGTH = 8
TAKERS = (Role.TECHNICIAN,)
TAKEN_BY = N_("%(name)s has taken it already.")
GONE = N_("This work is no longer there to be taken.")
_FREE_STATES = (TicketState.DISPATCHED, TicketState.REOPENED)


def _department(actor: Actor) -> ColumnElement[bool]:
    """Tickets of the actor's department where they work: repairs and services. An emergency is taken by its alarm."""
    mine = select(Staff.department_id).where(Staff.id == actor.staff_id).scalar_subquery()
    here = Ticket.community_id.in_(sorted(actor.community_ids))
    return and_(Ticket.department_id == mine, here, Ticket.kind.in_((Kind.REPAIR, Kind.SERVICE)))


def _free() -> ColumnElement[bool]:
    """In nobody's hands, or kept by the head because nobody fitted."""
    kept = and_(Ticket.dispatch_reason.in_(rules.KEPT_BY_HEAD), Ticket.state == TicketState.DISPATCHED)
    return and_(Ticket.state.in_(_FREE_STATES), or_(Ticket.assignee_id.is_(None), kept))


def open_work(session: Session, actor: Actor, most: int) -> list[Ticket]:
    """What the actor may take now, the nearest deadline first: one statement. Work that needs a skill only for who has it."""
    if actor.staff_id is None or not actor.has(*TAKERS):
        return []
    having = select(StaffSkill.skill_id).where(StaffSkill.staff_id == actor.staff_id)
    statement = (
        select(Ticket)
        .outerjoin(Category, Category.id == Ticket.category_id)
        .where(_department(actor), _free(), Ticket.assignee_id.is_distinct_from(actor.staff_id))
        .where(or_(Category.skill_id.is_(None), Category.skill_id.in_(having)))
        .options(joinedload(Ticket.building), joinedload(Ticket.category), joinedload(Ticket.community))
        .order_by(Ticket.due_at.is_(None), Ticket.due_at, Ticket.id)
        .limit(most)
    )
    return list(session.scalars(statement))


def take(session: Session, actor: Actor, number: str, now: datetime) -> Ticket:
    """Make the actor responsible for a ticket of their department that nobody has in hand.

    Raises Forbidden for who takes no work, NotFound for what is not their department's, Refused when somebody was faster.
    """
    person = session.get(Staff, actor.staff_id) if actor.staff_id is not None else None
    if person is None or not person.active or not actor.has(*TAKERS):
        raise Forbidden(N_("Only a technician takes work of the department."))
    if len(number) != NUMBER_LENGTH or not number.isascii() or not number.isdecimal():
        raise NotFound(GONE)
    wanted = select(Ticket).where(Ticket.number == number, _department(actor))
    found = session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(GONE)
    _check(session, found, person)
    before = found.state
    try:
        change_hands(session, found, person, rules.GRABBED)
        found.state, found.dispatched_at = TicketState.DISPATCHED, now
        step = Step(session, found, actor, now, {}, Transition("dispatch", before, TicketState.DISPATCHED))
        data = {"responsible": found.responsible, "reason": rules.GRABBED, **move_clocks(step)}
        add_entry(session, found, "dispatch", actor, now, before=before, data=data)
        session.flush()
    except StaleDataError as error:
        raise Refused(CHANGED) from error
    return found


def _check(session: Session, ticket: Ticket, person: Staff) -> None:
    free = session.scalar(select(Ticket.id).where(Ticket.id == ticket.id, _free()))
    if free is None:
        if ticket.assignee is not None and ticket.assignee_id != person.id:
            raise Refused(TAKEN_BY, name=ticket.assignee.name)
        raise Refused(N_("This work is yours already.") if ticket.assignee_id == person.id else GONE)
    if ticket.category_id is not None and person.id not in able(session, ticket, [person.id]):
        raise Refused(N_("You lack the skill this work needs."))
