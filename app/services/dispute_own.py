"""What a household reads of a dispute it is a side of (D5): its own statements and items, and an agreement it has signed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.models import Complaint, DisputeEvidence, DisputeParty, DisputeStatement, DisputeTalk
from app.models.base import BIGGEST_ID
from app.rules.codes import TalkOutcome
from app.services.access import rows
from app.services.actors import Actor

MOST = 50


@dataclass(frozen=True)
class Own:
    """One's own side. Neither the ticket's words nor anybody else's are in it."""

    party: DisputeParty
    matter: str
    statements: list[DisputeStatement]
    evidence: list[DisputeEvidence]
    agreements: list[DisputeTalk]


def sides(session: Session, actor: Actor) -> list[tuple[DisputeParty, str]]:
    """The disputes in which the household is a side, with what each is about; the newest first."""
    statement = (
        select(DisputeParty, Complaint.dispute)
        .join(Complaint, Complaint.ticket_id == DisputeParty.ticket_id)
        .where(rows(actor, DisputeParty), Complaint.dispute.is_not(None))
        .order_by(DisputeParty.added_at.desc(), DisputeParty.id.desc())
        .limit(MOST)
    )
    return [(party, matter or "") for party, matter in session.execute(statement).tuples()]


def own(session: Session, actor: Actor, party_id: int) -> Own | None:
    """One side, if it is the household's own."""
    if not 0 < party_id <= BIGGEST_ID:
        return None
    found = session.execute(
        select(DisputeParty, Complaint.dispute)
        .join(Complaint, Complaint.ticket_id == DisputeParty.ticket_id)
        .where(DisputeParty.id == party_id, rows(actor, DisputeParty), Complaint.dispute.is_not(None))
        .options(joinedload(DisputeParty.house))
    ).one_or_none()
    if found is None:
        return None
    party, matter = found
    said = select(DisputeStatement).where(DisputeStatement.party_id == party.id, rows(actor, DisputeStatement))
    shown = select(DisputeEvidence).where(DisputeEvidence.party_id == party.id, rows(actor, DisputeEvidence))
    agreed = select(DisputeTalk).where(
        DisputeTalk.ticket_id == party.ticket_id, DisputeTalk.outcome == TalkOutcome.AGREEMENT
    )
    return Own(
        party,
        matter or "",
        list(session.scalars(said.order_by(DisputeStatement.number))),
        list(session.scalars(shown.order_by(DisputeEvidence.number))),
        [one for one in session.scalars(agreed.order_by(DisputeTalk.number)) if party.place in one.signed],
    )
