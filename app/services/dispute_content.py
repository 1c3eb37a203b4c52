"""What a complaint record says of a dispute between neighbours (D5), as plain JSON.

Each side reads and signs the record, so it holds neither side's words, names or numbers: that each was heard, when, by whom and
with which result, the list of evidence, how the talks went. A mark of each statement's words stands beside it, so that whoever
signs the record signs those words as well; an agreement stands there once every side has signed it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.models import DisputeEvidence, DisputeFile, DisputeStatement, DisputeTalk, Ticket
from app.services.dispute_facts import parties

Rows = dict[str, Any]


def content(session: Session, ticket: Ticket) -> Rows:
    """`{"dispute": …}` of a dispute, nothing of any other complaint: their records stay what they were."""
    if ticket.complaint is None or ticket.complaint.dispute is None:
        return {}
    sides = parties(session, ticket)
    return {
        "dispute": {
            "matter": ticket.complaint.dispute,
            "since": _iso(ticket.complaint.dispute_at),
            "sides": [one.place for one in sides],
            "statements": [_statement(one) for one in statements(session, ticket)],
            "evidence": [_evidence(one) for one in evidence(session, ticket)],
            "talks": [_talk(one, len(sides)) for one in talks(session, ticket)],
        }
    }


def statements(session: Session, ticket: Ticket) -> list[DisputeStatement]:
    """All statements in their order, with their sides. The caller has checked the row."""
    found = select(DisputeStatement).where(DisputeStatement.ticket_id == ticket.id)
    sides = (joinedload(DisputeStatement.party), joinedload(DisputeStatement.sheet))
    return list(session.scalars(found.options(*sides).order_by(DisputeStatement.number)))


def evidence(session: Session, ticket: Ticket) -> list[DisputeEvidence]:
    """The list with its files; what was struck stays on it."""
    found = select(DisputeEvidence).where(DisputeEvidence.ticket_id == ticket.id)
    parts = (joinedload(DisputeEvidence.party), joinedload(DisputeEvidence.files).joinedload(DisputeFile.attachment))
    return list(session.scalars(found.options(*parts).order_by(DisputeEvidence.number)).unique())


def talks(session: Session, ticket: Ticket) -> list[DisputeTalk]:
    """The talks and neutral notes in their order."""
    found = select(DisputeTalk).where(DisputeTalk.ticket_id == ticket.id)
    return list(session.scalars(found.order_by(DisputeTalk.number)))


def mark(words: str) -> str:
    """What stands for words that are not repeated: nobody can read them from it, and others would have another one."""
    return hashlib.sha256(words.encode()).hexdigest()


def _statement(one: DisputeStatement) -> Rows:
    return {
        "number": one.number,
        "side": one.party.place,
        "heard_at": _iso(one.heard_at),
        "way": one.way,
        "by": one.taken_by,
        "state": one.state,
        "settled_at": _iso(one.settled_at),
        "mark": mark(f"{one.words}\n{one.answer}"),
    }


def _evidence(one: DisputeEvidence) -> Rows:
    return {
        "number": one.number,
        "side": one.party.place if one.party else None,
        "kind": one.kind,
        "made_at": _iso(one.made_at),
        "by": one.taken_by,
        "files": [file.attachment.sha256 for file in one.files],
        "struck": one.struck_at is not None,
        "mark": mark(one.what),
    }


def _talk(one: DisputeTalk, sides: int) -> Rows:
    everybody = len(one.signed) >= sides
    return {
        "number": one.number,
        "way": one.way,
        "held_at": _iso(one.held_at),
        "present": one.present,
        "by": one.noted_by,
        "outcome": one.outcome,
        "agreement": one.agreement if everybody else "",
        "signed": one.signed,
        "mark": mark(f"{one.notes}\n{one.agreement}"),
    }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
