"""What stands on a complaint record 客户投诉记录表 (D5) as plain JSON: what the supervisor reviews and the manager signs.

Codes, times and words as they were, so that an old version reads as it was signed. Who reads it is asked by the ticket's rows.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.models import ComplaintFinding, ExternalReference, Ticket
from app.services import dispute_content
from app.services.actors import Actor
from app.services.ticket_timeline import Happening, timeline

SCHEMA = 1
MOST_STEPS = 400
_HOUSE = Actor.system("records")
Rows = dict[str, Any]


def content(session: Session, ticket: Ticket) -> Rows:
    """Everything the record says. What one side of a dispute said is not in it: the household reads and signs it."""
    happened = list(reversed(timeline(session, _HOUSE, ticket, show="steps", most=MOST_STEPS)))
    return {
        "schema": SCHEMA,
        "head": _head(ticket),
        "words": {"title": ticket.title, "description": ticket.description or "", "demand": ticket.demand or ""},
        "findings": [_finding(one) for one in ticket.findings],
        "steps": [_step(one) for one in happened],
        "outside": [_outside(one) for one in ticket.references],
        "measures": {
            "cause": ticket.complaint.cause if ticket.complaint else None,
            "root_cause": ticket.root_cause or "",
            "correction": ticket.correction or "",
            "prevention": ticket.prevention or "",
        },
        "opinion": ticket.complaint.opinion if ticket.complaint else "",
        "visits": [
            {"at": iso(one.visited_at), "way": one.way, "score": one.score, "note": one.note or ""}
            for one in ticket.visits
            if one.visited_at is not None
        ],
        **dispute_content.content(session, ticket),
    }


def names(thing: Any) -> Rows | None:
    """A name in both languages."""
    if thing is None:
        return None
    return {"name": str(thing), "name_en": getattr(thing, "name_en", "") or ""}


def iso(instant: datetime | None) -> str | None:
    """An instant as it is kept."""
    return instant.isoformat() if instant else None


def happening(kept: Rows) -> Happening:
    """A kept step as the timeline gives it."""
    return Happening(**{**kept, "at": datetime.fromisoformat(kept["at"])})


def _head(ticket: Ticket) -> Rows:
    complaint = ticket.complaint
    return {
        "number": ticket.number,
        "community": names(ticket.community),
        "created_at": iso(ticket.created_at),
        "opened_at": iso(complaint.record_opened_at) if complaint else None,
        "place": ticket.house.name if ticket.house else ticket.place or "",
        "reporter_name": ticket.reporter_name or "",
        "reporter_phone": ticket.reporter_phone or "",
        "channel": ticket.channel,
        "is_written": bool(ticket.is_written),
        "category": names(ticket.category),
        "state": ticket.state,
        "assignee": names(ticket.assignee),
        "department": names(ticket.department),
        "responsible": ticket.responsible or "",
        "validity": ticket.validity,
        "grade": ticket.grade,
        "party": complaint.party if complaint else None,
        "is_repeat": bool(ticket.is_repeat),
    }


def _finding(one: ComplaintFinding) -> Rows:
    return {
        "at": iso(one.found_at),
        "validity": one.validity,
        "grade": one.grade,
        "party": one.party,
        "reasons": one.reasons,
        "by": one.finder_name,
        "state": one.state,
        "second_by": one.second_name or "",
        "second_at": iso(one.second_at),
        "second_words": one.second_words,
    }


def _step(one: Happening) -> Rows:
    return {
        "source": one.source,
        "id": one.id,
        "at": iso(one.at),
        "code": one.code,
        "who": one.who,
        "before": one.before,
        "after": one.after,
        "text": one.text,
        "data": one.data,
    }


def _outside(one: ExternalReference) -> Rows:
    return {
        "at": iso(one.noted_at),
        "body": names(one.body),
        "kind": one.kind,
        "direction": one.direction,
        "number": one.number,
        "due_at": iso(one.due_at),
        "answered_at": iso(one.answered_at),
        "answer": one.answer,
    }
