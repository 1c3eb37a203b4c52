"""What is known of a dispute between neighbours: its sides, and what the closing of its complaint asks (D5)."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.models import DisputeEvidence, DisputeParty, DisputeStatement, DisputeTalk, Ticket, TicketEntry
from app.rules import disputes as rules
from app.rules.codes import TicketState
from app.rules.disputes import DisputeFacts
from app.services.access import rows
from app.services.actors import Actor


def parties(session: Session, ticket: Ticket) -> list[DisputeParty]:
    """The sides in their order."""
    statement = select(DisputeParty).where(DisputeParty.ticket_id == ticket.id).options(joinedload(DisputeParty.house))
    return list(session.scalars(statement.order_by(DisputeParty.place)))


def facts_of(session: Session, ticket: Ticket) -> DisputeFacts | None:
    """What the closing of a dispute asks, in one statement; None where it is none."""
    if ticket.complaint is None or ticket.complaint.dispute is None:
        return None
    listed = select(func.count()).where(DisputeEvidence.ticket_id == ticket.id, DisputeEvidence.struck_at.is_(None))
    reopened = select(func.max(TicketEntry.at)).where(
        TicketEntry.ticket_id == ticket.id, TicketEntry.to_state == TicketState.REOPENED
    )
    ended = select(func.count()).where(
        DisputeTalk.ticket_id == ticket.id,
        DisputeTalk.outcome.in_(rules.ENDS),
        DisputeTalk.noted_at >= func.coalesce(reopened.scalar_subquery(), ticket.created_at),
    )
    found = session.execute(
        select(DisputeParty.id, DisputeStatement.state, listed.scalar_subquery(), ended.scalar_subquery())
        .select_from(Ticket)
        .outerjoin(DisputeParty, DisputeParty.ticket_id == Ticket.id)
        .outerjoin(DisputeStatement, DisputeStatement.party_id == DisputeParty.id)
        .where(Ticket.id == ticket.id)
    ).all()
    own = {party for party, *_rest in found if party is not None}
    said = [(party, state) for party, state, *_counts in found if state is not None]
    _party, _state, evidence, ends = found[0]
    return DisputeFacts(parties=len(own), unheard=len(rules.unheard(own, said)), listed=evidence, ended=bool(ends))


def seen(session: Session, actor: Actor, ticket: Ticket) -> list[DisputeParty]:
    """The sides that the actor may see, in their order."""
    own = (DisputeParty.ticket_id == ticket.id, rows(actor, DisputeParty))
    statement = select(DisputeParty).where(*own).options(joinedload(DisputeParty.house))
    return list(session.scalars(statement.order_by(DisputeParty.place)))
