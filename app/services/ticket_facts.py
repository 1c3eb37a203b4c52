"""What the rules ask about a ticket and the one who acts, gathered from the records."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.errors import LinliError
from app.models import Attachment, Ticket, TicketEntry
from app.rules.codes import AttachmentStage, Kind, Role, TicketState
from app.rules.complaints import needed_reply_ways
from app.rules.ticket_states import CLOSING_FORM, STATE_LABELS, TicketFacts, allowed_verbs, decide
from app.rules.work_verbs import WORK_VERBS, decide_work
from app.services import acceptances, complaints
from app.services.actors import Actor
from app.services.collective import collective_of
from app.services.return_visits import due_visit
from app.services.ticket_clocks import owed_at_close

_SUPERVISING = (Role.SUPERVISOR, Role.DEPUTY, Role.MANAGER)


def facts_of(session: Session, ticket: Ticket, actor: Actor) -> TicketFacts:
    """The facts of a ticket for an actor. Replies count since the matter was last reopened."""
    told = _from_timeline(session, ticket)
    assignee = ticket.assignee
    facts = TicketFacts(
        state=ticket.state,
        kind=ticket.kind,
        channel=ticket.channel,
        validity=ticket.validity,
        grade=ticket.grade,
        reply_ways=frozenset(told.ways),
        visit_due=due_visit(ticket) is not None,
        worker_id=told.worker_id,
        actor_staff_id=actor.staff_id,
        actor_roles=actor.roles,
        actor_is_system=actor.is_system,
        handled_by_supervisor=assignee is not None and assignee.role in _SUPERVISING,
        written=ticket.is_written,
        photo_owed=_photo_owed(session, ticket),
        work=acceptances.facts_of(ticket, actor, told.departments, told.workers),
        owed=tuple(owed_at_close(ticket)),
    )
    return _of_complaint(session, ticket, actor, facts, told) if ticket.kind == Kind.COMPLAINT else facts


def _photo_owed(session: Session, ticket: Ticket) -> bool:
    """Asked only of work in progress in a category that wants the photo: of a matter reopened, a new one."""
    if ticket.state != TicketState.IN_PROGRESS or ticket.category is None or not ticket.category.photo_after:
        return False
    reopened = (
        select(func.max(TicketEntry.at))
        .where(TicketEntry.ticket_id == ticket.id, TicketEntry.to_state == TicketState.REOPENED)
        .where(TicketEntry.from_state != TicketState.REOPENED)
        .scalar_subquery()
    )
    shown = select(Attachment.id).where(
        Attachment.ticket_id == ticket.id,
        Attachment.stage == AttachmentStage.AFTER,
        or_(reopened.is_(None), Attachment.at >= reopened),
    )
    return session.scalars(shown.limit(1)).first() is None


def _of_complaint(session: Session, ticket: Ticket, actor: Actor, facts: TicketFacts, told: Told) -> TicketFacts:
    """What the rules ask about a complaint besides. An attached written answer is one, too."""
    own = complaints.facts_of(session, ticket, actor, told.worded, told.signed)
    group = collective_of(session, ticket)
    found = replace(
        facts, collective=group is not None, complaint=replace(own, unvisited=group.unvisited if group else 0)
    )
    if "written" in needed_reply_ways(found) - found.reply_ways and complaints.written_answer(session, ticket):
        return replace(found, reply_ways=found.reply_ways | {"written"})
    return found


def verbs_for(session: Session, ticket: Ticket, actor: Actor) -> list[str]:
    """The steps whose buttons the ticket page shows to this actor now."""
    return allowed_verbs(facts_of(session, ticket, actor))


def hindrance(verb: str, facts: TicketFacts) -> LinliError | None:
    """Why a step may not be taken now, whatever its form would bring; None when it may."""
    try:
        if verb in WORK_VERBS:
            decide_work(verb, facts.work, _FULL_FORM, STATE_LABELS[TicketState(facts.state)])
        else:
            decide(verb, facts, _FULL_FORM)
    except LinliError as error:
        return error
    return None


_FULL_FORM = {
    "reason": "-", "owed_reason": "-", "until": "-", "validity": "valid", "due_at": "-", "score": 5, "note": "-", **CLOSING_FORM,
}  # fmt: skip
"""What any form could bring at best."""


_TELLING = ("start", "reply", "finish", "reopen", "visit")


@dataclass
class Told:
    """What the timeline tells: the ways of reply since the last reopening, those whose words were noted, whether one was
    signed; who did the work last; which departments and who of the staff have begun work since."""

    ways: set[str] = field(default_factory=set)
    worded: set[str] = field(default_factory=set)
    signed: bool = False
    worker_id: int | None = None
    departments: set[int] = field(default_factory=set)
    workers: set[int] = field(default_factory=set)


def _from_timeline(session: Session, ticket: Ticket) -> Told:
    steps = session.execute(
        select(TicketEntry.verb, TicketEntry.to_state, TicketEntry.data, TicketEntry.note != "")
        .where(TicketEntry.ticket_id == ticket.id, TicketEntry.verb.in_(_TELLING))
        .order_by(TicketEntry.at, TicketEntry.id)
    )
    told = Told()
    for verb, to_state, data, has_words in steps:
        if to_state == TicketState.REOPENED and verb in ("reopen", "visit"):
            told = Told(worker_id=told.worker_id)
        elif verb == "reply":
            way = data.get("way", "phone")
            told.ways.add(way)
            told.worded |= {way} if has_words else set()
            told.signed = told.signed or bool(data.get("signed"))
        elif verb == "finish":
            told.worker_id = data.get("worker_id")
        elif verb == "start":
            told.departments |= {data["department_id"]} if data.get("department_id") else set()
            told.workers |= {data["worker_id"]} if data.get("worker_id") else set()
    return told
