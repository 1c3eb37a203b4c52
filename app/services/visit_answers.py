"""A household's answer by whatever way it comes (D8): the first one counts, later ones are kept as further.

Two answers in the same instant (a key on the phone and a text, two taps) wait for each other at the ticket's row, so that a
low score reopens the matter once and gives it to the supervisor once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, LinliError, Refused
from app.models import ReturnVisit, Ticket, VisitAnswer
from app.rules.codes import TicketState, VisitReason, VisitResult, VisitState
from app.rules.ticket_states import LOW_SCORE, visit_hindrance
from app.services import ticket_messages as messages
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.return_visits import note_answer, note_try, worker_of
from app.services.ticket_facts import facts_of
from app.services.ticket_verbs import perform
from app.services.tickets import add_entry

log = logging.getLogger(__name__)


class Standing(StrEnum):
    """What became of an answer."""

    COUNTS = "counts"
    FURTHER = "further"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True)
class Answer:
    """A score from 1 to 5, by which way, and the household's words."""

    score: int
    way: str
    words: str = ""


def take(session: Session, ticket_id: int, answer: Answer, actor: Actor, now: datetime) -> Standing:
    """Write an answer down. `NOT_ASKED`: the matter is being worked on and nobody was asked, so it is a word like any other.

    An answer that comes after the matter settled by itself counts, too: a low score opens it again. Of the staff only who may
    make this visit takes answers: raises Refused.
    """
    ticket = locked(session, ticket_id)
    hindrance = None if actor.is_system else visit_hindrance(facts_of(session, ticket, actor))
    if hindrance:
        raise Refused(hindrance)
    if ticket.state == TicketState.DONE:
        return _first(session, ticket, answer, actor, now)
    visit = _latest(session, ticket)
    if visit is not None and _has_answer(session, visit):
        _further(session, ticket, visit, answer, actor, now)
        return Standing.FURTHER
    if ticket.state in (TicketState.VISITED, TicketState.CLOSED):
        _late(session, ticket, visit, answer, actor, now)
        return Standing.COUNTS
    return Standing.NOT_ASKED


def locked(session: Session, ticket_id: int) -> Ticket:
    """The ticket as it stands now; whoever else has an answer for it waits until this one is written."""
    session.flush()
    held = select(Ticket).where(Ticket.id == ticket_id).with_for_update(of=Ticket)
    ticket = session.scalars(held.execution_options(populate_existing=True)).unique().one()
    session.expire(ticket, ["visits"])
    return ticket


def _first(session: Session, ticket: Ticket, answer: Answer, actor: Actor, now: datetime) -> Standing:
    data: dict[str, Any] = {"score": answer.score, "way": answer.way, "note": answer.words}
    try:
        with session.begin_nested():
            perform(session, ticket, "visit", actor, now, data)
    except LinliError as error:
        if not actor.is_system:
            raise
        log.warning("ticket %s: the answer was no visit: %s", ticket.number, error)
        session.refresh(ticket)
        return Standing.NOT_ASKED
    return Standing.COUNTS


def _late(
    session: Session, ticket: Ticket, visit: ReturnVisit | None, answer: Answer, actor: Actor, now: datetime
) -> None:
    """The first answer of a matter that nobody waits for any more: asked in vain, or closed by itself."""
    if visit is None or visit.state != VisitState.MADE:
        today = now.astimezone(local_zone()).date()
        visit = ReturnVisit(
            state=VisitState.MADE,
            reason=VisitReason.ASKED,
            due_on=today,
            tries=0,
            worker_id=worker_of(session, ticket),
        )
        ticket.visits.append(visit)
        visit.way, visit.visitor_id, visit.visited_at = answer.way, actor.user_id, now
    visit.tries += 1
    visit.note = "\n".join(filter(None, (visit.note or "", answer.words)))
    note_try(session, visit, actor, now, answer.way, VisitResult.ANSWERED, answer.words)
    note_answer(session, visit, actor, now, answer.way, answer.score, answer.words, counts=True)
    session.flush()
    if answer.score <= LOW_SCORE:
        perform(session, ticket, "reopen", actor, now, {"note": answer.words, "score": answer.score, "way": answer.way})
        return
    _entry(session, ticket, answer, actor, now)


def _further(session: Session, ticket: Ticket, visit: ReturnVisit, answer: Answer, actor: Actor, now: datetime) -> None:
    """One more answer to the same question: kept and shown, it moves nothing. A low one is told to the supervisor."""
    note_answer(session, visit, actor, now, answer.way, answer.score, answer.words, counts=False)
    _entry(session, ticket, answer, actor, now, further=True)
    if answer.score <= LOW_SCORE and ticket.state in (TicketState.VISITED, TicketState.CLOSED):
        why = N_("A household has thought better of it and now gives a low score.")
        messages.tell_supervisors(session, ticket, why, "contact", f"further:{visit.id}", now)
    session.flush()


def _entry(
    session: Session, ticket: Ticket, answer: Answer, actor: Actor, now: datetime, *, further: bool = False
) -> None:
    data = {"score": answer.score, "way": answer.way, "further": further or None}
    add_entry(session, ticket, "answer", actor, now, before=ticket.state, note=answer.words, data=data)


def _latest(session: Session, ticket: Ticket) -> ReturnVisit | None:
    """The visit of the present turn: one from before the work was done anew is over."""
    found = [visit for visit in ticket.visits if visit.state != VisitState.CANCELLED]
    newest = max(found, key=lambda visit: visit.id, default=None)
    if newest is None or (ticket.done_at and newest.visited_at and newest.visited_at < ticket.done_at):
        return None
    return newest


def _has_answer(session: Session, visit: ReturnVisit) -> bool:
    known = select(VisitAnswer.id).where(VisitAnswer.visit_id == visit.id, VisitAnswer.counts)
    return session.scalar(known) is not None
