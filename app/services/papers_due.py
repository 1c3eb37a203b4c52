"""Which records to sign wait for whom, and how those that have come to their end are laid before the supervisor (D5, D7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask_babel import force_locale, gettext
from sqlalchemy import ColumnElement, String, cast, exists, func, literal, select
from sqlalchemy.orm import Session

from app.models import Community, Handover, SignedRecord, Ticket
from app.rules.codes import HandoverState, Kind, RecordKind, RecordState, TicketState
from app.services import duty_paper, papers, signed_records
from app.services.access import rows
from app.services.actors import Actor
from app.services.papers import Paper
from app.services.spoken_lines import house_locale

LOOK_BACK = timedelta(days=3)
MOST_AT_ONCE = 200

TURN: Mapping[str, RecordState] = {"review": RecordState.DRAFT, "sign": RecordState.REVIEWED}


def waiting(actor: Actor, turn: str) -> tuple[ColumnElement[bool], ...]:
    """The records that wait for the supervisor (`review`) or for the manager (`sign`), of the actor's rows."""
    return (SignedRecord.state == TURN[turn], rows(actor, SignedRecord))


def turn_of(actor: Actor) -> str | None:
    """Whose turn the actor's is: the manager signs, the supervisor reviews."""
    if actor.has(*signed_records.SIGNS):
        return "sign"
    return "review" if actor.has(*signed_records.REVIEWS) else None


def waiting_count(actor: Actor) -> ColumnElement[int]:
    """How many records wait for the actor's own name, as a column of somebody else's statement."""
    turn = turn_of(actor)
    if turn is None:
        return literal(0)
    return select(func.count()).select_from(SignedRecord).where(*waiting(actor, turn)).scalar_subquery()


def prepare(session: Session, community: Community, now: datetime) -> int:
    """Lay before the supervisor what has come to its end: shifts, handovers signed by both, complaints that were closed."""
    since = now - LOOK_BACK
    made = 0
    for paper in (*_shifts(session, community, since, now), *_handovers(session, community, since)):
        made += _lay(session, paper, now)
    for paper in _closed(session, community, since):
        made += _lay(session, paper, now)
    return made


def _lay(session: Session, paper: Paper, now: datetime) -> int:
    last = papers.newest(session, paper)
    reason = None
    if last is not None:
        if last.state != RecordState.SIGNED or paper.kind != RecordKind.COMPLAINT:
            return 0
        with force_locale(house_locale()):
            reason = gettext("The complaint went on after this version was signed.")
    signed_records.draft(
        session,
        papers.HOUSE,
        paper.kind,
        paper.community.id,
        paper.subject,
        papers.content(session, paper, last),
        now,
        reason,
    )
    return 1


def _shifts(session: Session, community: Community, since: datetime, now: datetime) -> list[Paper]:
    """The shifts that ended in the period; a first one that the period cut off is looked up whole."""
    found = duty_paper.between(session, community, since - timedelta(days=8), now + timedelta(days=8))
    over = [papers.of_shift(one) for one in found if since < one.ends_at <= now]
    known = set(
        session.scalars(
            select(SignedRecord.subject).where(
                SignedRecord.kind == RecordKind.DUTY,
                SignedRecord.community_id == community.id,
                SignedRecord.subject.in_([one.subject for one in over]),
            )
        )
    )
    return [one for one in over if one.subject not in known]


def _handovers(session: Session, community: Community, since: datetime) -> list[Paper]:
    known = exists().where(
        SignedRecord.kind == RecordKind.HANDOVER,
        SignedRecord.community_id == Handover.community_id,
        SignedRecord.subject == cast(Handover.id, String),
    )
    statement = select(Handover).where(
        Handover.community_id == community.id,
        Handover.state == HandoverState.SIGNED,
        Handover.changes_at >= since,
        ~known,
    )
    return [papers.of_handover(one) for one in session.scalars(statement.order_by(Handover.id).limit(MOST_AT_ONCE))]


def _closed(session: Session, community: Community, since: datetime) -> list[Paper]:
    """Complaints closed in the period whose record is not on its way, or was signed while they went on."""
    on_way = exists().where(
        SignedRecord.kind == RecordKind.COMPLAINT,
        SignedRecord.community_id == Ticket.community_id,
        SignedRecord.subject == Ticket.number,
        (SignedRecord.state != RecordState.SIGNED) | (SignedRecord.drafted_at >= Ticket.closed_at),
    )
    statement = select(Ticket).where(
        Ticket.community_id == community.id,
        Ticket.kind == Kind.COMPLAINT,
        Ticket.state == TicketState.CLOSED,
        Ticket.closed_at >= since,
        ~on_way,
    )
    return [papers.of_ticket(one) for one in session.scalars(statement.order_by(Ticket.id).limit(MOST_AT_ONCE))]
