"""A ticket with all it hangs on, in one statement, and the recordings of its calls; what happened: `ticket_timeline`."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from app.models import CallTicket, ExternalReference, Recording, Ticket, TicketAcceptance, TicketOffer
from app.models.base import BIGGEST_ID
from app.rules.codes import AccessAction
from app.services import audit
from app.services.access import rows
from app.services.actors import Actor

COMPLAINT: tuple[ORMOption, ...] = (
    joinedload(Ticket.complaint),
    joinedload(Ticket.findings),
    joinedload(Ticket.references).joinedload(ExternalReference.body),
)
"""What a complaint hangs on besides, for its page."""

ONE_LISTENING = timedelta(minutes=10)


def find_ticket(session: Session, actor: Actor, number: str, *more: ORMOption) -> Ticket | None:
    """The ticket of this number, if it is the actor's to see: one statement with clocks, visits, all it hangs on, and `more`."""
    if len(number) != 8 or not number.isascii() or not number.isdecimal():
        return None
    statement = (
        select(Ticket)
        .where(Ticket.number == number, rows(actor, Ticket))
        .options(
            joinedload(Ticket.community),
            joinedload(Ticket.house),
            joinedload(Ticket.building),
            joinedload(Ticket.category),
            joinedload(Ticket.department),
            joinedload(Ticket.assignee),
            joinedload(Ticket.acceptance).joinedload(TicketAcceptance.acceptor),
            joinedload(Ticket.offer).options(joinedload(TicketOffer.to), joinedload(TicketOffer.department)),
            joinedload(Ticket.reporter),
            joinedload(Ticket.clocks),
            joinedload(Ticket.visits),
            *more,
        )
    )
    return session.scalars(statement).unique().one_or_none()


def find_recording(session: Session, actor: Actor, number: str, recording_id: int) -> Recording | None:
    """A recording of a call of this ticket, if the actor may hear it (D15) and it has been fetched."""
    if not 0 < recording_id <= BIGGEST_ID:
        return None
    statement = (
        select(Recording)
        .join(CallTicket, CallTicket.call_id == Recording.call_id)
        .join(Ticket, Ticket.id == CallTicket.ticket_id)
        .where(Recording.id == recording_id, Ticket.number == number, Recording.file_path.is_not(None))
        .where(rows(actor, Recording), rows(actor, Ticket))
    )
    return session.scalars(statement).first()


def note_listening(session: Session, actor: Actor, recording: Recording, number: str, now: datetime) -> None:
    """Who heard what is kept: a recording is confidential (D15). Players ask for it in pieces, and whoever begins in the
    middle has heard it, too: what counts is that nothing of it was noted in the last minutes."""
    heard = AccessAction.RECORDING_HEARD
    if audit.recorded_since(session, actor, heard, "recording", recording.id, now - ONE_LISTENING):
        return
    audit.record(session, actor, heard, number, now, kind="recording", row_id=recording.id)
