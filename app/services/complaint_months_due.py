"""Whose turn it is with last month's complaints, for first pages (D5). One statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session, joinedload

from app.models import Community, ComplaintMonth, SignedRecord, Ticket
from app.rules.codes import Kind, RecordKind, RecordState, Role, TicketState
from app.services.access import rows
from app.services.actors import Actor
from app.services.complaint_months import Month
from app.services.local_time import local_zone

SHOWN_FOR = timedelta(days=31)


@dataclass(frozen=True)
class Due:
    """A month that waits: how many complaints it has, how many of them nobody has reviewed yet."""

    month: Month
    complaints: int
    unreviewed: int


def last_month(now: datetime) -> str:
    """The month before this one, as the estate counts days."""
    first = now.astimezone(local_zone()).date().replace(day=1)
    return f"{first - timedelta(days=1):%Y-%m}"


def waiting(session: Session, actor: Actor, role: str, now: datetime) -> list[Due]:
    """For the assistant the months that nobody has summed up, for the supervisor those not reviewed."""
    name = last_month(now)
    span = Month(Community(code="", name=""), name)
    came = and_(
        Ticket.community_id == Community.id,
        Ticket.kind == Kind.COMPLAINT,
        Ticket.created_at >= span.starts_at,
        Ticket.created_at < span.ends_at,
        Ticket.state != TicketState.CANCELLED,
    )
    record = exists().where(
        SignedRecord.kind == RecordKind.COMPLAINT,
        SignedRecord.community_id == Ticket.community_id,
        SignedRecord.subject == Ticket.number,
        SignedRecord.state != RecordState.DRAFT,
    )
    count = select(func.count(Ticket.id)).where(came).correlate(Community).scalar_subquery()
    open_ones = select(func.count(Ticket.id)).where(came, ~record).correlate(Community).scalar_subquery()
    written = exists().where(
        ComplaintMonth.community_id == Community.id, ComplaintMonth.month == name, ComplaintMonth.summary != ""
    )
    done = exists().where(
        SignedRecord.kind == RecordKind.COMPLAINT_MONTH,
        SignedRecord.community_id == Community.id,
        SignedRecord.subject == Community.code + f"-{name}",
        SignedRecord.state != RecordState.DRAFT,
    )
    statement = select(Community, count, open_ones).where(rows(actor, Community), count > 0, ~done)
    if role == Role.ASSISTANT:
        statement = statement.where(~written)
    found = session.execute(statement.order_by(Community.id)).tuples()
    return [Due(Month(community, name), complaints, unreviewed) for community, complaints, unreviewed in found]


def received(session: Session, actor: Actor, now: datetime) -> list[SignedRecord]:
    """The summaries that were signed of late: what the quality department has received."""
    statement = select(SignedRecord).where(
        SignedRecord.kind == RecordKind.COMPLAINT_MONTH,
        SignedRecord.state == RecordState.SIGNED,
        SignedRecord.signed_at >= now - SHOWN_FOR,
        rows(actor, SignedRecord),
    )
    return list(
        session.scalars(statement.options(joinedload(SignedRecord.community)).order_by(SignedRecord.signed_at.desc()))
    )
