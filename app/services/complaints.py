"""What a complaint has besides its ticket (D5): its row, its record, and what the rules ask about it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import Attachment, Complaint, Ticket, TicketEntry
from app.rules.codes import AttachmentStage, FindingState, TicketState
from app.rules.complaints import MEASURES, ComplaintFacts
from app.services import complaint_findings as findings
from app.services import dispute_facts
from app.services.actors import Actor
from app.services.policies import figure
from app.services.ticket_messages import tell_supervisors

RECORD_OPENED = N_("A complaint has come in that was not settled on the spot: its record is open.")


def begin(session: Session, ticket: Ticket, now: datetime, *, on_the_spot: bool) -> None:
    """The complaint's own row. One that is not settled on the spot gets its record 客户投诉记录表 at once, and the supervisor
    is told (D5). The ticket has its id."""
    opened = None if on_the_spot else now
    session.add(Complaint(ticket=ticket, record_opened_at=opened, read_round=0, opinion=""))
    if opened is not None:
        key = f"record:{ticket.number}"
        tell_supervisors(session, ticket, RECORD_OPENED, "complaint_record", key, now)
    session.flush()


def complaint_of(session: Session, ticket: Ticket) -> Complaint:
    """The complaint's own row; made where there is none yet."""
    if ticket.complaint is None:
        known = {"record_opened_at": ticket.created_at, "read_round": ticket.reopened_count, "opinion": ""}
        session.add(Complaint(ticket=ticket, **known))
        session.flush()
    assert ticket.complaint is not None
    return ticket.complaint


def is_unread(ticket: Ticket) -> bool:
    """Whether the household rejected the outcome, and the supervisor has not read yet what was done before."""
    complaint = ticket.complaint
    return ticket.is_repeat and complaint is not None and complaint.read_round < ticket.reopened_count


def facts_of(session: Session, ticket: Ticket, actor: Actor, worded: set[str], signed: bool) -> ComplaintFacts:
    """The facts of a complaint for an actor; `worded` and `signed` are out of its timeline."""
    found = findings.in_force(ticket)
    waiting = found is not None and found.state == FindingState.WAITING
    return ComplaintFacts(
        measures=_measures(ticket),
        worded=frozenset(worded),
        signed=signed,
        waiting=waiting,
        objected=found is not None and found.state == FindingState.OBJECTED,
        own_finding=findings.is_own(found, actor),
        second_first=waiting and bool(figure(session, "complaint.second_first")),
        unread=is_unread(ticket),
        outside_open=sum(one.answered_at is None for one in ticket.references),
        dispute=dispute_facts.facts_of(session, ticket),
    )


def written_answer(session: Session, ticket: Ticket) -> bool:
    """Whether a written answer is attached since the matter was last reopened."""
    reopened = (
        select(func.max(TicketEntry.at))
        .where(TicketEntry.ticket_id == ticket.id, TicketEntry.to_state == TicketState.REOPENED)
        .scalar_subquery()
    )
    attached = exists().where(
        Attachment.ticket_id == ticket.id,
        Attachment.stage == AttachmentStage.REPLY,
        Attachment.at >= func.coalesce(reopened, ticket.created_at),
    )
    return bool(session.scalar(select(attached)))


def _measures(ticket: Ticket) -> frozenset[str]:
    known = {name for name in MEASURES if getattr(ticket, name)}
    if ticket.complaint is not None and ticket.complaint.cause:
        known.add("root_cause")
    return frozenset(known)
