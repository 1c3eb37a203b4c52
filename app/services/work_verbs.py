"""The steps by which work is handed on (D3), beside those of every ticket. `perform` never commits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from app.errors import Refused
from app.models import Ticket
from app.rules.codes import TicketState
from app.rules.ticket_states import PHOTO_OWED, STATE_LABELS, Transition
from app.rules.work_verbs import WORK_VERBS, decide_work
from app.services import acceptances, filing, offers, ticket_verbs
from app.services.actors import Actor
from app.services.ticket_facts import facts_of
from app.services.ticket_input import NOTE_LIMIT, clean_text, first, row_id
from app.services.ticket_step import CHANGED, Step


def perform(
    session: Session, ticket: Ticket, verb: str, actor: Actor, now: datetime, data: Mapping[str, Any] | None = None
) -> Ticket:
    """Take one of these steps. Raises Forbidden, Invalid, Refused as `ticket_verbs.perform`; the caller owns the transaction
    and has checked the row."""
    clean = _read(data or {})
    if clean["revision"] is not None and clean["revision"] != ticket.revision:
        raise Refused(CHANGED)
    facts = facts_of(session, ticket, actor)
    decide_work(verb, facts.work, clean, STATE_LABELS[TicketState(ticket.state)])
    if verb == "submit" and facts.photo_owed:
        raise Refused(PHOTO_OWED)
    step = Step(session, ticket, actor, now, clean, Transition(verb, ticket.state, ticket.state))
    try:
        _DO[verb](step)
        # Pages that show the ticket learn that it has moved, and of two at once the second is told.
        flag_modified(ticket, "responsible")
        session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise Refused(CHANGED) from error
    return ticket


def _read(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "note": clean_text(first(raw, "note", "reason", "text", "comment"), NOTE_LIMIT),
        "acceptor_id": row_id(raw.get("acceptor_id")),
        "to_id": row_id(raw.get("to_id")),
        "department_id": row_id(raw.get("department_id")),
        "revision": row_id(raw.get("revision")),
    }


def _submit(step: Step) -> None:
    """Handed in: what was offered to somebody else is done after all."""
    offers.settle(step.session, step.ticket)
    acceptances.submit(step)


def _approve(step: Step) -> None:
    """Accepted work is done: the household is told what was done in the words of whoever did it."""
    work = acceptances.approve(step)
    ticket_verbs.perform(step.session, step.ticket, "finish", step.actor, step.now, {"note": work})


def _depart(step: Step) -> None:
    """On the way: the household sees it on its page and hears it when it asks."""
    step.ticket.left_at, step.ticket.arrived_at = step.now, None
    acceptances.note(step, "depart", step.note, {"responsible": step.ticket.responsible})


def _arrive(step: Step) -> None:
    """There: work that has not begun begins, which answers the clock of the first investigation on site (D4)."""
    ticket = step.ticket
    ticket.left_at, ticket.arrived_at = ticket.left_at or step.now, step.now
    acceptances.note(step, "arrive", step.note, {"responsible": ticket.responsible})
    if ticket.state != TicketState.IN_PROGRESS:
        ticket_verbs.perform(step.session, ticket, "start", step.actor, step.now)


_DO: dict[str, Callable[[Step], None]] = {
    "submit": _submit,
    "approve": _approve,
    "return": acceptances.send_back,
    "offer": offers.make,
    "recall": offers.take_back,
    "depart": _depart,
    "arrive": _arrive,
    "file": filing.file,
}
assert set(_DO) == set(WORK_VERBS)
