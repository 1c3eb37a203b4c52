"""What a ticket's page shows, in few statements: the ticket with what it hangs on, and all that happened to it in one list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Text, case, cast, literal, null, select, union_all
from sqlalchemy.orm import Session, joinedload

from app.models import AccessEntry, Call, CallTicket, EscalationAttempt, Message, Recording, Staff, Ticket, TicketEntry
from app.models.base import JsonData
from app.services.access import rows
from app.services.actors import Actor

LONGEST_TIMELINE = 400


@dataclass(frozen=True)
class Happening:
    """One line of the timeline. `source`: entry, message, call, recording, ring. `code` is the verb, purpose, outcome or state;
    `who` the person or number; `before`/`after` states; `data` what the step noted."""

    source: str
    id: int
    at: datetime
    code: str
    who: str
    before: str | None
    after: str | None
    text: str
    data: dict[str, Any] = field(default_factory=dict)


def find_ticket(session: Session, actor: Actor, number: str) -> Ticket | None:
    """The ticket of this number, if it is the actor's to see: one statement with clocks, visits and all it hangs on."""
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
            joinedload(Ticket.reporter),
            joinedload(Ticket.clocks),
            joinedload(Ticket.visits),
        )
    )
    return session.scalars(statement).unique().one_or_none()


def timeline(session: Session, actor: Actor, ticket: Ticket) -> list[Happening]:
    """Steps, calls, messages and rings of the ladder, the newest first, each under the actor's own row limits."""
    parts = union_all(
        _entries(actor, ticket.id),
        _messages(actor, ticket.id),
        _calls(actor, ticket.id),
        _recordings(actor, ticket.id),
        _rings(actor, ticket.id),
    ).subquery()
    statement = select(parts).order_by(parts.c.at.desc(), parts.c.id.desc()).limit(LONGEST_TIMELINE)
    return [
        Happening(
            row.source,
            row.id,
            row.at,
            row.code or "",
            row.who or "",
            row.before,
            row.after,
            row.text or "",
            row.data or {},
        )
        for row in session.execute(statement)
    ]


def _line(source: str, **columns: ColumnElement[Any] | Any) -> Select[Any]:
    empty = {name: cast(null(), String(20)) for name in ("code", "who", "before", "after")}
    shown = {**empty, "text": cast(null(), Text), "data": cast(null(), JsonData), **columns}
    order = ("id", "at", "code", "who", "before", "after", "text", "data")
    return select(literal(source).label("source"), *(shown[name].label(name) for name in order))


def _entries(actor: Actor, ticket_id: int) -> Select[Any]:
    entry = TicketEntry
    return _line(
        "entry",
        id=entry.id,
        at=entry.at,
        code=entry.verb,
        who=entry.actor_name,
        before=entry.from_state,
        after=entry.to_state,
        text=entry.note,
        data=entry.data,
    ).where(entry.ticket_id == ticket_id)


def _messages(actor: Actor, ticket_id: int) -> Select[Any]:
    return _line(
        "message",
        id=Message.id,
        at=Message.created_at,
        code=Message.purpose,
        who=Message.to,
        before=Message.channel,
        after=Message.state,
        text=Message.body,
    ).where(Message.ticket_id == ticket_id, rows(actor, Message))


def _calls(actor: Actor, ticket_id: int) -> Select[Any]:
    return (
        _line(
            "call",
            id=Call.id,
            at=Call.started_at,
            code=Call.outcome,
            who=Call.from_number,
            before=Call.direction,
            after=Call.status,
            text=cast(Call.duration_seconds, Text),
        )
        .join(CallTicket, CallTicket.call_id == Call.id)
        .where(CallTicket.ticket_id == ticket_id, rows(actor, Call))
    )


def _recordings(actor: Actor, ticket_id: int) -> Select[Any]:
    return (
        _line(
            "recording",
            id=Recording.id,
            at=Recording.created_at,
            code=Recording.status,
            before=case((Recording.file_path.is_not(None), "kept")),
            text=cast(Recording.duration_seconds, Text),
        )
        .join(CallTicket, CallTicket.call_id == Recording.call_id)
        .where(CallTicket.ticket_id == ticket_id, rows(actor, Recording))
    )


def find_recording(session: Session, actor: Actor, number: str, recording_id: int) -> Recording | None:
    """A recording of a call of this ticket, if the actor may hear it (D15) and it has been fetched."""
    if not 0 < recording_id < 2**31:
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
    """Who heard what is kept: a recording is confidential (D15)."""
    entry = AccessEntry(at=now, user_id=actor.user_id, actor_name=actor.display_name[:80], action="listen")
    entry.subject = f"recording {recording.id} of ticket {number}"
    session.add(entry)


def _rings(actor: Actor, ticket_id: int) -> Select[Any]:
    ring = EscalationAttempt
    return (
        _line(
            "ring", id=ring.id, at=ring.started_at, code=ring.tier, who=Staff.name, after=ring.state, text=ring.number
        )
        .outerjoin(Staff, Staff.id == ring.staff_id)
        .where(ring.ticket_id == ticket_id)
    )
