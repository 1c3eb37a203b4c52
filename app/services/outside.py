"""Complaints that lie with an outside body, too (D5): its number and deadline beside ours, letters to it, the warning before a
deadline runs out. One function for the button, REST and the job; nothing here commits."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Invalid, Refused
from app.models import ExternalReference, OutsideBody, Ticket
from app.rules.clocks import span_until
from app.rules.codes import Direction, LetterWay, MessageChannel, OutsideKind, TicketState
from app.services.actors import Actor
from app.services.outbox import enqueue
from app.services.policies import figure
from app.services.ticket_messages import tell_responsible, tell_supervisors
from app.services.tickets import add_entry

log = logging.getLogger(__name__)

BATCH = 200
SWEEPER = Actor.system("clocks")
_MOMENT = timedelta(seconds=1)
RUNS_OUT = N_("The deadline of an outside body runs out.")
RAN_OUT = N_("The deadline of an outside body was missed.")


def refer(session: Session, ticket: Ticket, actor: Actor, now: datetime, data: Mapping[str, Any]) -> ExternalReference:
    """Note that an outside body put this matter to us: its number, what it asks, until when. The same number of the same body
    again is corrected, not doubled."""
    body = _body(session, ticket, data)
    number = data["number"]
    if not number:
        raise Invalid(N_("Write down the number it has there."))
    known = next((one for one in ticket.references if (one.kind, one.number) == (body.kind, number)), None)
    found = known or _new(ticket, body, Direction.IN, actor, now)
    if found.answered_at is not None:
        raise Refused(N_("This number has been answered already."))
    found.number, found.words = number, data["note"] or found.words
    if data["due_at"] is not None or known is None:
        _set_deadline(found, now, data["due_at"])
    session.add(found)
    session.flush()
    return found


def forward(
    session: Session, ticket: Ticket, actor: Actor, now: datetime, data: Mapping[str, Any]
) -> ExternalReference:
    """Write to an outside body by letter or mail, with a day by which it is asked again. A mail leaves by the outbox."""
    body, way = _body(session, ticket, data), data["way"] or LetterWay.LETTER
    if way == LetterWay.EMAIL and not (body.row and body.row.email):
        raise Invalid(
            N_("No mail address of this body is known: write a letter, or add the address to the outside bodies.")
        )
    until = data["due_at"] or now + timedelta(days=figure(session, "complaint.outside_days"))
    made = _new(ticket, body, Direction.OUT, actor, now)
    made.words, made.number, made.way = data["note"], data["number"], way
    _set_deadline(made, now, until)
    session.add(made)
    session.flush()
    if made.way == LetterWay.EMAIL and body.row is not None:
        sent = enqueue(
            session,
            channel=MessageChannel.EMAIL,
            to=body.row.email,
            purpose="outside_letter",
            subject=f"{ticket.number} {ticket.title}",
            body=made.words,
            ticket_id=ticket.id,
            key=f"outside:{made.id}",
            now=now,
        )
        if sent is None:
            raise Invalid(N_("The mail address of this body cannot be written to."))
    return made


def answer(session: Session, ticket: Ticket, actor: Actor, now: datetime, data: Mapping[str, Any]) -> ExternalReference:
    """We have answered the body that put it to us, or the one we wrote to has answered."""
    found = _chosen(ticket, data)
    if found.answered_at is not None:
        raise Refused(N_("This number has been answered already."))
    found.answered_at, found.answered_by, found.answer = now, actor.display_name[:80], data["note"]
    found.next_at = None
    session.flush()
    return found


def open_references(ticket: Ticket) -> list[ExternalReference]:
    """What an outside body still waits for, or owes us; the nearest deadline first."""
    still = [one for one in ticket.references if one.answered_at is None]
    return sorted(still, key=lambda one: (one.due_at is None, one.due_at, one.id))


def presses(now: datetime) -> ColumnElement[bool]:
    """The condition on tickets with an outside deadline that runs out or has run out."""
    reference = ExternalReference
    return exists().where(reference.ticket_id == Ticket.id, reference.answered_at.is_(None), reference.warn_at <= now)


@dataclass
class Swept:
    """What a sweep has done so far; rows that failed are left for the next one."""

    warned: int = 0
    late: int = 0
    failed: set[int] = field(default_factory=set)
    seen: int = 0


def sweep(session: Session, now: datetime, swept: Swept | None = None, limit: int = BATCH) -> Swept:
    """Warn of deadlines near and missed, once each, at most `limit` rows; call again while `seen` is not 0."""
    swept = swept or Swept()
    due = session.scalars(
        select(ExternalReference)
        .join(Ticket)
        .where(
            ExternalReference.next_at <= now,
            ExternalReference.id.not_in(swept.failed),
            Ticket.state.not_in((TicketState.CLOSED, TicketState.CANCELLED)),
        )
        .options(joinedload(ExternalReference.ticket), joinedload(ExternalReference.body))
        .order_by(ExternalReference.next_at, ExternalReference.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=ExternalReference)
    ).all()
    swept.seen = len(due)
    for reference in due:
        reference_id = reference.id
        try:
            with session.begin_nested():
                _look_at(session, reference, now, swept)
        except Exception:
            log.exception("outside reference %s could not be swept", reference_id)
            swept.failed.add(reference_id)
    return swept


def _look_at(session: Session, reference: ExternalReference, now: datetime, swept: Swept) -> None:
    assert reference.due_at is not None
    late = reference.due_at < now
    ticket = reference.ticket
    reference.warned_at = reference.warned_at or now
    if late:
        reference.late_at, reference.next_at = now, None
    else:
        # On the very second it is still in time.
        reference.next_at = reference.due_at + _MOMENT
    verb, why = ("outside_late", RAN_OUT) if late else ("outside_warn", RUNS_OUT)
    add_entry(session, ticket, verb, SWEEPER, now, before=ticket.state, data=told(reference))
    key = f"{verb}:{reference.id}"
    tell_responsible(session, ticket, why, "outside", key, now)
    tell_supervisors(session, ticket, why, "outside", key, now)
    session.flush()
    swept.late += late
    swept.warned += not late


def told(reference: ExternalReference) -> dict[str, Any]:
    """What the timeline keeps of a reference."""
    return {
        "reference_id": reference.id,
        "outside": reference.kind,
        "outside_name": reference.body.name if reference.body else None,
        "number": reference.number or None,
        "due_at": reference.due_at.isoformat() if reference.due_at else None,
        "letter_way": reference.way,
    }


@dataclass(frozen=True)
class _Body:
    kind: str
    row: OutsideBody | None


def _body(session: Session, ticket: Ticket, data: Mapping[str, Any]) -> _Body:
    """The body named by id or kind: of a kind the community's own, where it keeps one. Raises Invalid."""
    usable = (OutsideBody.community_id == ticket.community_id, OutsideBody.active)
    if data["body_id"] is not None:
        row = session.scalars(select(OutsideBody).where(OutsideBody.id == data["body_id"], *usable)).one_or_none()
        if row is None:
            raise Invalid(N_("There is no such outside body in this community."))
        return _Body(row.kind, row)
    kind: OutsideKind | None = data["kind"]
    if kind is None:
        raise Invalid(N_("Say which outside body it is."))
    found = session.scalars(select(OutsideBody).where(OutsideBody.kind == kind, *usable).order_by(OutsideBody.id))
    return _Body(kind, found.first())


def _new(ticket: Ticket, body: _Body, direction: Direction, actor: Actor, now: datetime) -> ExternalReference:
    return ExternalReference(
        ticket=ticket,
        body=body.row,
        kind=body.kind,
        direction=direction,
        number="",
        words="",
        answer="",
        noted_at=now,
        noted_by=actor.display_name[:80],
    )


def _set_deadline(reference: ExternalReference, now: datetime, due_at: datetime | None) -> None:
    """Warned of like every clock, after three quarters of the time (I8)."""
    reference.due_at = due_at
    reference.warn_at = span_until(now, due_at).warn_at if due_at else None
    reference.next_at, reference.warned_at, reference.late_at = reference.warn_at, None, None


def _chosen(ticket: Ticket, data: Mapping[str, Any]) -> ExternalReference:
    """The reference named by id or number; without either the only open one. Raises Invalid."""
    if data["reference_id"] is not None or data["number"]:
        wanted = data["reference_id"], data["number"]
        found = [
            one for one in ticket.references if wanted[0] == one.id or (wanted[0] is None and one.number == wanted[1])
        ]
    else:
        found = open_references(ticket)
    if len(found) != 1:
        raise Invalid(N_("Say which outside number has been answered."))
    return found[0]
