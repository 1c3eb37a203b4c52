"""Work offered to another person or department (D3): whoever has it keeps it until it is accepted, declined it stays with the
reason, and what nobody answers is told to the head of the department.

What the receiver is shown is what one needs to decide (what, where, until when, why): the ticket opens once it is theirs (D15).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select, update
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.exc import StaleDataError

from app.errors import N_, Forbidden, Invalid, NotFound, Refused
from app.models import Department, Staff, StaffCommunity, Ticket, TicketOffer
from app.models.base import BIGGEST_ID
from app.rules import dispatch as dispatch_rules
from app.rules.codes import MessagePurpose, OfferState, Role, TicketState
from app.rules.ticket_states import Transition
from app.rules.work_verbs import WORKERS
from app.services import acceptances
from app.services import ticket_messages as messages
from app.services.actors import Actor
from app.services.dispatch import able, find_department, hand_over, person_at_work
from app.services.policies import figure
from app.services.roster import staff_of
from app.services.ticket_input import NOTE_LIMIT, SHORT_LIMIT, clean_text
from app.services.ticket_step import CHANGED, Step, move_clocks
from app.services.tickets import add_entry

S = OfferState
HANDS = (Role.TECHNICIAN, Role.STEWARD)
"""Whose work is handed on from one to the other."""
_TAKES_WORK = or_(Staff.role.in_(HANDS), and_(Staff.leads_department, Staff.role.in_(WORKERS)))
"""Who answers an offer: those, and the heads whose role takes such steps at all."""

_SOURCES = (TicketState.DISPATCHED, TicketState.IN_PROGRESS)
MOST = 50
GONE = N_("This offer is not there any more: the work went another way.")
WHOM = N_("Say to whom: a person, or a department.")
ONE_OF_BOTH = N_("Choose a person or a department, not both.")
NOT_TO = N_("Work is offered to somebody else who does such work here.")
WHY_NOT = N_("Say why not: the work stays with whoever offered it.")


def make(step: Step) -> None:
    """Offer the work. Raises Invalid for who cannot take it; the rule has been asked."""
    session, ticket, actor = step.session, step.ticket, step.actor
    person, department = _receiver(step)
    settle(session, ticket)
    offer = TicketOffer(
        ticket_id=ticket.id,
        state=S.OPEN,
        giver_id=actor.staff_id,
        to=person,
        department=department,
        reason=step.note,
        offered_at=step.now,
    )
    session.add(offer)
    session.flush()
    session.expire(ticket, ["offer"])
    ticket.sent_back = None
    acceptances.note(step, "offer", step.note, {"offered_to": name_of(offer)})
    people = [person] if person is not None else heads(session, ticket, department)
    _tell(session, ticket, people, N_("Work is offered to you: take it, or say why not."), "offer", step.now)


def _receiver(step: Step) -> tuple[Staff | None, Department | None]:
    session, ticket, data = step.session, step.ticket, step.data
    if data["to_id"] is not None and data["department_id"] is not None:
        raise Invalid(ONE_OF_BOTH)
    if data["to_id"] is not None:
        person = person_at_work(session, ticket, data["to_id"])
        if person.id == step.actor.staff_id or not _takes_work(person):
            raise Invalid(NOT_TO)
        return person, None
    department = find_department(session, data["department_id"], "")
    if department is None:
        raise Invalid(WHOM)
    if not session.scalar(_team(ticket.community_id, department.id, step.actor.staff_id)):
        raise Invalid(N_("Nobody of this department works in this community."))
    return None, department


def _takes_work(person: Staff) -> bool:
    return person.role in HANDS or (person.leads_department and person.role in WORKERS)


def _team(community_id: int, department_id: int, but_id: int | None) -> Any:
    """How many others of a department take work in a community."""
    return (
        select(func.count(Staff.id))
        .join(StaffCommunity, StaffCommunity.staff_id == Staff.id)
        .where(StaffCommunity.community_id == community_id, Staff.department_id == department_id, Staff.active)
        .where(_TAKES_WORK, Staff.id.is_distinct_from(but_id))
    )


def take_back(step: Step) -> None:
    """The giver keeps it after all."""
    offer = step.ticket.offer
    if offer is None:
        raise Refused(GONE)
    name = name_of(offer)
    _close(step.session, step.ticket, S.WITHDRAWN, step.now, step.actor.display_name)
    acceptances.note(step, "recall", step.note, {"offered_to": name})


def change_hands(session: Session, ticket: Ticket, person: Staff, reason: str) -> None:
    """The work goes to somebody else by another way than a dispatch: what the former one offered, handed in, or was on the way
    to, is over. Who has it already keeps all that."""
    if ticket.assignee_id != person.id:
        settle(session, ticket)
        acceptances.withdraw(session, ticket)
        ticket.left_at = ticket.arrived_at = None
    hand_over(ticket, person, reason)


def settle(session: Session, ticket: Ticket) -> None:
    """The work goes another way: what was offered and not answered is over."""
    _close(session, ticket, S.OVER, None, "")


def _close(session: Session, ticket: Ticket, state: OfferState, at: datetime | None, by: str) -> None:
    opened = (TicketOffer.ticket_id == ticket.id, TicketOffer.state == S.OPEN)
    if session.scalar(select(TicketOffer.id).where(*opened)) is None:
        return
    # The ticket before the offer, as whoever answers it does: two must not wait for each other.
    session.execute(select(Ticket.id).where(Ticket.id == ticket.id).with_for_update(key_share=True))
    values = {"state": state, "answered_at": at, "answered_by": by[:80]}
    session.execute(update(TicketOffer).where(*opened).values(**values))
    session.expire(ticket, ["offer"])


def name_of(offer: TicketOffer) -> str:
    """To whom it was offered, as the timeline keeps it."""
    receiver = offer.to or offer.department
    return receiver.name if receiver is not None else ""


# ---- the receiver's side ---------------------------------------------------------------------------------------------


def _for(actor: Actor) -> ColumnElement[bool]:
    """Open offers to the actor or, where they take work, to their department; of work the giver still has."""
    if actor.staff_id is None:
        return false()
    team = select(Staff.department_id).where(Staff.id == actor.staff_id, Staff.active, _TAKES_WORK)
    mine = or_(TicketOffer.to_id == actor.staff_id, TicketOffer.department_id == team.scalar_subquery())
    here = Ticket.community_id.in_(sorted(actor.community_ids))
    return and_(mine, here, TicketOffer.giver_id != actor.staff_id, _counts())


def _counts() -> ColumnElement[bool]:
    return and_(TicketOffer.state == S.OPEN, TicketOffer.giver_id == Ticket.assignee_id, Ticket.state.in_(_SOURCES))


def waiting(session: Session, actor: Actor, most: int = MOST) -> list[TicketOffer]:
    """What waits for the actor's answer, the longest waiting first: one statement."""
    statement = (
        select(TicketOffer)
        .join(Ticket, Ticket.id == TicketOffer.ticket_id)
        .where(_for(actor))
        .options(
            joinedload(TicketOffer.ticket).options(
                joinedload(Ticket.building), joinedload(Ticket.category), joinedload(Ticket.community)
            ),
            joinedload(TicketOffer.giver),
            joinedload(TicketOffer.department),
        )
        .order_by(TicketOffer.offered_at, TicketOffer.id)
        .limit(most)
    )
    return list(session.scalars(statement))


def waiting_count(actor: Actor) -> Any:
    """How many of them, as a part of another statement."""
    if not actor.has(*WORKERS):
        return literal(0)
    counted = select(func.count(TicketOffer.id)).join(Ticket, Ticket.id == TicketOffer.ticket_id)
    return counted.where(_for(actor)).correlate(None).scalar_subquery()


def find(session: Session, actor: Actor, offer_id: int) -> TicketOffer:
    """The offer, if it waits for this actor. Raises NotFound."""
    found = None
    if 0 < offer_id <= BIGGEST_ID:
        wanted = select(TicketOffer).join(Ticket, Ticket.id == TicketOffer.ticket_id)
        found = session.scalars(wanted.where(TicketOffer.id == offer_id, _for(actor))).one_or_none()
    if found is None:
        raise NotFound(GONE)
    return found


def accept(session: Session, actor: Actor, offer_id: int, now: datetime) -> Ticket:
    """Take the work over: from this moment it is the actor's, and nobody else's. Raises NotFound where it is not theirs to
    answer, Refused where somebody was faster or a skill is lacking."""
    offer, ticket, person = _locked(session, actor, offer_id)
    skilled = ticket.category_id is None or person.leads_department or person.id in able(session, ticket, [person.id])
    if not skilled:
        raise Refused(N_("You lack the skill this work needs."))
    giver, before = offer.giver, ticket.state
    offer.state, offer.answered_at, offer.answered_by = S.ACCEPTED, now, actor.display_name[:80]
    try:
        ticket.department = offer.department or person.department or ticket.department
        hand_over(ticket, person, dispatch_rules.TAKEN_OVER)
        ticket.left_at = ticket.arrived_at = None
        acceptances.withdraw(session, ticket)
        ticket.state, ticket.dispatched_at = TicketState.DISPATCHED, now
        step = Step(session, ticket, actor, now, {}, Transition("dispatch", before, TicketState.DISPATCHED))
        kept = {"responsible": ticket.responsible, "reason": dispatch_rules.TAKEN_OVER, "giver": giver.name}
        add_entry(session, ticket, "dispatch", actor, now, before=before, data={**kept, **move_clocks(step)})
        session.flush()
        session.expire(ticket, ["offer"])
    except StaleDataError as error:
        raise Refused(CHANGED) from error
    _tell(session, ticket, [giver], N_("Your offer was accepted: the work is not yours any more."), "accepted", now)
    return ticket


def decline(session: Session, actor: Actor, offer_id: int, why: object, now: datetime) -> None:
    """Leave it with the giver, who is told why. An offer to a department is declined by its head."""
    offer, ticket, person = _locked(session, actor, offer_id)
    if offer.to_id is None and not person.leads_department:
        raise Forbidden(N_("What was offered to the department is declined by its head."))
    words = clean_text(why, NOTE_LIMIT)
    if not words:
        raise Invalid(WHY_NOT)
    offer.state, offer.answered_at, offer.answered_by, offer.answer = S.DECLINED, now, actor.display_name[:80], words
    ticket.sent_back = words[:SHORT_LIMIT]
    data = {"offered_to": name_of(offer)}
    add_entry(session, ticket, "decline", actor, now, before=ticket.state, note=words, data=data)
    try:
        session.flush()
    except StaleDataError as error:
        raise Refused(CHANGED) from error
    session.expire(ticket, ["offer"])
    _tell(session, ticket, [offer.giver], N_("Your offer was declined: the work stays with you."), "declined", now)


def _locked(session: Session, actor: Actor, offer_id: int) -> tuple[TicketOffer, Ticket, Staff]:
    """The offer with its ticket, both held: of two that answer at once the second is told."""
    offer = find(session, actor, offer_id)
    wanted = select(Ticket).where(Ticket.id == offer.ticket_id)
    held = wanted.with_for_update(of=Ticket, key_share=True).execution_options(populate_existing=True)
    ticket = session.scalars(held).one()
    session.refresh(offer, with_for_update={"of": TicketOffer})
    if offer.state != S.OPEN or ticket.assignee_id != offer.giver_id or ticket.state not in _SOURCES:
        raise Refused(GONE)
    person = session.get_one(Staff, actor.staff_id)
    if not actor.has(*WORKERS):
        raise Forbidden(N_("Your role does not allow this step."))
    return offer, ticket, person


# ---- what nobody answers ---------------------------------------------------------------------------------------------


def heads(session: Session, ticket: Ticket, department: Department | None) -> list[Staff]:
    """The head of a department where the ticket is; without one the supervisors, the deputy, the manager: never nobody told."""
    if department is not None:
        wanted = (
            select(Staff)
            .join(StaffCommunity, StaffCommunity.staff_id == Staff.id)
            .where(StaffCommunity.community_id == ticket.community_id, Staff.department_id == department.id)
            .where(Staff.leads_department, Staff.active)
            .order_by(Staff.id)
        )
        found = list(session.scalars(wanted))
        if found:
            return found
    return staff_of(session, ticket.community_id, (Role.SUPERVISOR,)) or staff_of(
        session, ticket.community_id, (Role.DEPUTY, Role.MANAGER)
    )


def tell_unanswered(session: Session, now: datetime) -> int:
    """Tell the heads of what nobody has answered for so long; each offer once. Returns how many."""
    since = now - timedelta(minutes=figure(session, "offer.answer_minutes"))
    statement = (
        select(TicketOffer)
        .join(Ticket, Ticket.id == TicketOffer.ticket_id)
        .where(_counts(), TicketOffer.offered_at <= since, TicketOffer.told_at.is_(None))
        .order_by(TicketOffer.offered_at, TicketOffer.id)
        .limit(_BATCH)
        .with_for_update(of=TicketOffer, skip_locked=True)
    )
    found = list(session.scalars(statement))
    for offer in found:
        offer.told_at = now
        department = offer.department or (offer.to.department if offer.to is not None else None)
        people = heads(session, offer.ticket, department)
        if [person.id for person in people] == [offer.to_id]:
            # The head is the one who does not answer.
            people = heads(session, offer.ticket, None)
        _tell(session, offer.ticket, people, N_("Nobody has answered an offer of work."), f"late:{offer.id}", now)
    session.flush()
    return len(found)


_BATCH = 100


def _tell(session: Session, ticket: Ticket, people: list[Staff], why: str, what: str, now: datetime) -> None:
    key = f"offer:{what}:{ticket.number}:{now:%Y%m%d%H%M%S%f}"
    messages.tell_people(session, ticket, people, why, MessagePurpose.OFFER, key, now)
