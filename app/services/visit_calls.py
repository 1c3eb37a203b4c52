"""Return visits by automatic call (D8): one try a day, the keys 1 to 5 are the score, and the ticket's own step writes it.

What a person at the desk would note is noted by the same service: 1 or 2 reopens, three tries in vain are unreachable.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from app.errors import LinliError
from app.models import CampaignTarget, Person, ReturnVisit, Staff, Ticket, VisitTry
from app.rules.classify import OTHER
from app.rules.codes import Outreach, Role, TargetState, TicketState, VisitReason, VisitResult, VisitState, VisitWay
from app.services.actors import Actor
from app.services.call_store import caller_number
from app.services.campaigns import plan, refused, standing
from app.services.local_time import local_zone
from app.services.policies import figure, hours
from app.services.ticket_verbs import perform
from app.services.visit_answers import Answer, Standing, locked, take

log = logging.getLogger(__name__)

CALLER = Actor.system("return_visits")
_SUPERVISING = (Role.SUPERVISOR, Role.DEPUTY, Role.MANAGER)
IN_VAIN = {
    TargetState.NO_ANSWER: VisitResult.NO_ANSWER,
    TargetState.BUSY: VisitResult.BUSY,
    TargetState.MACHINE: VisitResult.MACHINE,
    TargetState.UNCLEAR: VisitResult.UNCLEAR,
}
"""How a call ended → what the try came to."""


def plan_calls(session: Session, now: datetime) -> int:
    """Plan this day's calls for the visits that are due: once a day each, until the tries are used up. Returns how many.

    What a supervisor handled is visited by the supervisor (D8), what was given to somebody by that person, and so is an
    unreachable household that complained, and a number that wants no such calls.
    """
    if not figure(session, "visits.by_call"):
        return 0
    most = figure(session, "visits.max_tries")
    asked_from = now - hours(session, "visits.call_after_hours")
    due = (
        select(ReturnVisit)
        .join(Ticket)
        .outerjoin(Staff, Staff.id == Ticket.assignee_id)
        .where(
            ReturnVisit.state == VisitState.DUE,
            ReturnVisit.tries < most,
            ReturnVisit.assigned_id.is_(None),
            ReturnVisit.reason != VisitReason.AGAIN,
            ~_waits_for_an_answer(session, now),
            Ticket.state == TicketState.DONE,
            Ticket.done_at <= asked_from,
            Ticket.reporter_phone.is_not(None),
            Staff.id.is_(None) | Staff.role.not_in(_SUPERVISING),
        )
        .order_by(ReturnVisit.due_on, ReturnVisit.id)
    )
    return sum(_plan_one(session, visit, now) for visit in session.scalars(due).unique())


def still_wanted(session: Session, target: CampaignTarget, now: datetime) -> bool:
    """Whether the household still owes an answer by no other way."""
    ticket, visit = target.ticket, target.visit
    return ticket is not None and visit is not None and _owed(ticket, visit)


def score(session: Session, target: CampaignTarget, number: int | None, now: datetime) -> bool:
    """Key 1 to 5. False when the household had answered by another way meanwhile: then this one is kept as further."""
    if target.ticket_id is None or target.visit_id is None or number is None:
        return False
    return take(session, target.ticket_id, Answer(number, VisitWay.CALL), CALLER, now) == Standing.COUNTS


def ended(session: Session, target: CampaignTarget, now: datetime) -> None:
    """A call that brought no answer is one try in vain; one that the carrier refused, or that was put off, is none."""
    if target.state in IN_VAIN:
        _in_vain(session, target, IN_VAIN[TargetState(target.state)], now)


def matter(ticket: Ticket, english: bool) -> str:
    """What may be said of a ticket to whoever takes the telephone: its category, never its words."""
    category = ticket.category
    if category is None or category.code == OTHER:
        return ""
    return (category.name_en or category.name) if english else category.name


def locale_of(session: Session, ticket: Ticket) -> str:
    """The household's language."""
    person = session.get(Person, ticket.reporter_id) if ticket.reporter_id else None
    return person.locale if person else ticket.reporter_locale


def _plan_one(session: Session, visit: ReturnVisit, now: datetime) -> bool:
    ticket = visit.ticket
    number = caller_number(ticket.reporter_phone)
    if number is None or refused(session, number, Outreach.RETURN_VISIT):
        return False
    day = now.astimezone(local_zone()).date()
    campaign = standing(session, ticket.community_id, Outreach.RETURN_VISIT, day, now)
    return plan(
        session,
        campaign,
        f"visit:{visit.id}:{day.isoformat()}",
        number=number,
        not_before=now,
        locale=locale_of(session, ticket),
        person_id=ticket.reporter_id,
        house_id=ticket.house_id,
        ticket_id=ticket.id,
        visit_id=visit.id,
    )


def _waits_for_an_answer(session: Session, now: datetime) -> ColumnElement[bool]:
    """A text or a link is on its way, and its time is not up."""
    since = now - hours(session, "visits.answer_hours")
    asked = (VisitTry.visit_id == ReturnVisit.id, VisitTry.result == VisitResult.SENT, VisitTry.at > since)
    return exists().where(*asked)


def _owed(ticket: Ticket, visit: ReturnVisit) -> bool:
    return ticket.state == TicketState.DONE and visit.state == VisitState.DUE


def _in_vain(session: Session, target: CampaignTarget, result: VisitResult, now: datetime) -> None:
    """The desk's own step. What the rules refuse at this moment does not undo the call."""
    if target.ticket_id is None or target.visit is None:
        return
    ticket = locked(session, target.ticket_id)
    session.refresh(target.visit)
    if not _owed(ticket, target.visit):
        return
    data = {"unreachable": True, "way": VisitWay.CALL, "result": result}
    try:
        with session.begin_nested():
            perform(session, ticket, "visit", CALLER, now, data)
    except LinliError as error:
        log.warning("ticket %s: the call was no visit: %s", ticket.number, error)
        session.refresh(ticket)
