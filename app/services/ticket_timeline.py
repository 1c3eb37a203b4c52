"""All that happened to a ticket in one list, in one statement: steps, calls and what was said in them, messages, rings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Text, case, cast, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from app.models import Call, CallTicket, EscalationAttempt, HotlineEvent, Message, Recording, Staff, Ticket, TicketEntry
from app.models.base import JsonData
from app.rules.complaint_verbs import COMPLAINT_VERBS
from app.rules.ticket_states import VERB_TABLE
from app.rules.work_verbs import WORK_VERBS
from app.services.access import rows
from app.services.actors import Actor
from app.services.call_recording import WHOLE

PAGE = 60
"""Lines a page shows before "load more"."""

CLOCK_VERBS = ("warn", "breach", "wait", "resume", "wait_over", "promise", "passed_on", "accept_late")
CONTACT_VERBS = ("contact", "reply", "further_contact", "visit", "promise", "told", "answer", "callback_due")
COST_VERBS = ("cost", "cost_struck", "cost_corrected", "cost_agreed", "cost_charged", "cost_uncharged")
STEP_VERBS = (
    "register",
    "amend",
    "note",
    "order",
    "escalate",
    "accept",
    "accepted",
    "special_event",
    "plan_open",
    "plan_step",
    "dispute_party",
    "dispute_statement",
    "dispute_read",
    "dispute_evidence",
    "dispute_strike",
    "dispute_talk",
    *COST_VERBS,
    *VERB_TABLE,
    *COMPLAINT_VERBS,
    *WORK_VERBS,
    "decline",
    "passed_on",
    "accept_late",
)
CALL_VERBS = ("connect", "ladder", "ladder_started", "alarm", "unanswered", "accept", "accepted", "further_contact")

SHOWS: dict[str, tuple[tuple[str, ...], Sequence[str] | None]] = {
    "all": (("entry", "message", "call", "recording", "heard", "ring"), None),
    "steps": (("entry",), STEP_VERBS),
    "contacts": (("entry", "message", "call"), CONTACT_VERBS),
    "calls": (("entry", "call", "recording", "heard", "ring"), CALL_VERBS),
    "photos": (("entry",), ("photo",)),
    "clocks": (("entry",), CLOCK_VERBS),
}
"""What a reader may limit the timeline to: the sources, and the verbs of entries (None: all)."""


@dataclass(frozen=True)
class Happening:
    """One line of the timeline. `source`: entry, message, call, recording, heard, ring. `code` is the verb, purpose, outcome,
    step or state; `who` the person or number; `before`/`after` states; `data` what the step noted. A recording and what was
    heard carry their call's id in `after`."""

    source: str
    id: int
    at: datetime
    code: str
    who: str
    before: str | None
    after: str | None
    text: str
    data: dict[str, Any] = field(default_factory=dict)


def timeline(
    session: Session,
    actor: Actor,
    ticket: Ticket,
    *,
    show: str = "all",
    skip: int = 0,
    until: datetime | None = None,
    most: int = 400,
) -> list[Happening]:
    """What happened, the newest first, each under the actor's own row limits: one statement.

    `until` holds the list still while somebody pages through it.
    """
    sources, verbs = SHOWS[show]
    parts = union_all(*(_PARTS[source](actor, ticket.id, verbs) for source in sources)).subquery()
    statement = select(parts).order_by(parts.c.at.desc(), parts.c.source, parts.c.id.desc()).offset(skip).limit(most)
    if until is not None:
        statement = statement.where(parts.c.at <= until)
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


def entries_since(session: Session, ticket: Ticket, entry_id: int) -> list[Happening]:
    """The steps noted after this entry, the oldest first: what somebody missed who has had the page open."""
    statement = (
        _entries(Actor.system("page"), ticket.id, None).where(TicketEntry.id > entry_id).order_by(TicketEntry.id)
    )
    return [
        Happening("entry", row.id, row.at, row.code, row.who, row.before, row.after, row.text or "", row.data or {})
        for row in session.execute(statement.limit(20))
    ]


def newest_entry_id(session: Session, ticket: Ticket) -> int:
    """The last step noted; 0 where there is none."""
    statement = select(TicketEntry.id).where(TicketEntry.ticket_id == ticket.id).order_by(TicketEntry.id.desc())
    return session.scalar(statement.limit(1)) or 0


def _line(source: str, **columns: ColumnElement[Any] | Any) -> Select[Any]:
    empty = {name: cast(null(), String(20)) for name in ("code", "who", "before", "after")}
    shown = {**empty, "text": cast(null(), Text), "data": cast(null(), JsonData), **columns}
    order = ("id", "at", "code", "who", "before", "after", "text", "data")
    return select(literal(source).label("source"), *(shown[name].label(name) for name in order))


def _entries(actor: Actor, ticket_id: int, verbs: Sequence[str] | None) -> Select[Any]:
    entry = TicketEntry
    found = _line(
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
    return found if verbs is None else found.where(entry.verb.in_(verbs))


def _messages(actor: Actor, ticket_id: int, verbs: Sequence[str] | None) -> Select[Any]:
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


def _calls(actor: Actor, ticket_id: int, verbs: Sequence[str] | None) -> Select[Any]:
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
            data=Call.facts,
        )
        .join(CallTicket, CallTicket.call_id == Call.id)
        .where(CallTicket.ticket_id == ticket_id, rows(actor, Call))
    )


def _recordings(actor: Actor, ticket_id: int, verbs: Sequence[str] | None) -> Select[Any]:
    return (
        _line(
            "recording",
            id=Recording.id,
            at=Recording.created_at,
            code=Recording.status,
            who=Recording.step,
            before=case((Recording.file_path.is_not(None), "kept")),
            after=cast(Recording.call_id, String(20)),
            text=cast(Recording.duration_seconds, Text),
        )
        .join(CallTicket, CallTicket.call_id == Recording.call_id)
        .where(CallTicket.ticket_id == ticket_id, rows(actor, Recording))
        # A whole call that the carrier would not record left a row, and no sound.
        .where(or_(Recording.step != WHOLE, Recording.status.in_(("in-progress", "completed"))))
    )


def _heard(actor: Actor, ticket_id: int, verbs: Sequence[str] | None) -> Select[Any]:
    """The answers a caller gave, as they came: keys and words."""
    event = HotlineEvent
    return (
        _line(
            "heard",
            id=event.id,
            at=event.received_at,
            code=event.kind,
            after=cast(Call.id, String(20)),
            data=event.params,
        )
        .join(Call, Call.provider_sid == event.call_sid)
        .join(CallTicket, CallTicket.call_id == Call.id)
        .where(CallTicket.ticket_id == ticket_id, event.key.startswith("step:"), rows(actor, Call))
    )


def _rings(actor: Actor, ticket_id: int, verbs: Sequence[str] | None) -> Select[Any]:
    ring = EscalationAttempt
    return (
        _line(
            "ring", id=ring.id, at=ring.started_at, code=ring.tier, who=Staff.name, after=ring.state, text=ring.number
        )
        .outerjoin(Staff, Staff.id == ring.staff_id)
        .where(ring.ticket_id == ticket_id)
    )


_PARTS = {
    "entry": _entries,
    "message": _messages,
    "call": _calls,
    "recording": _recordings,
    "heard": _heard,
    "ring": _rings,
}
