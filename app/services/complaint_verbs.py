"""The steps that only complaints have (D5): one function for the button and REST. `perform` never commits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from app.errors import N_, Invalid, Refused
from app.models import ExternalReference, Staff, Ticket
from app.rules import dispatch as dispatch_rules
from app.rules.codes import Channel, TicketState
from app.rules.complaint_verbs import COMPLAINT_VERBS, decide_complaint
from app.rules.ticket_states import Transition
from app.rules.work_verbs import WORK_VERBS
from app.services import complaint_effects, complaint_forms, disputes, outside, ticket_verbs, work_verbs
from app.services import complaint_findings as findings
from app.services import complaint_path as path
from app.services.actors import Actor
from app.services.complaints import complaint_of
from app.services.dispatch import hand_over, person_at_work
from app.services.local_time import local_zone
from app.services.ticket_facts import facts_of
from app.services.ticket_step import CHANGED, Step
from app.services.tickets import add_entry


def take(
    session: Session, ticket: Ticket, verb: str, actor: Actor, now: datetime, data: Mapping[str, Any] | None = None
) -> Ticket:
    """A step of any ticket, of a complaint or of work handed on, by its name. Raises as `ticket_verbs.perform`."""
    if verb in WORK_VERBS:
        return work_verbs.perform(session, ticket, verb, actor, now, data)
    step = perform if verb in COMPLAINT_VERBS else ticket_verbs.perform
    return step(session, ticket, verb, actor, now, data)


def perform(
    session: Session, ticket: Ticket, verb: str, actor: Actor, now: datetime, data: Mapping[str, Any] | None = None
) -> Ticket:
    """Take a step of a complaint. Raises Forbidden, Invalid, Refused as `ticket_verbs.perform`; the caller owns the
    transaction and has checked the row."""
    clean = complaint_forms.read(verb, data or {}, now, local_zone())
    if clean["revision"] is not None and clean["revision"] != ticket.revision:
        raise Refused(CHANGED)
    decide_complaint(verb, facts_of(session, ticket, actor), clean)
    step = Step(session, ticket, actor, now, clean, Transition(verb, ticket.state, ticket.state))
    try:
        _DO[verb](step)
        # Pages that show the ticket learn that it has moved, and of two at once the second is told.
        flag_modified(ticket, "responsible")
        session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise Refused(CHANGED) from error
    return ticket


def _note(step: Step, note: str = "", data: Mapping[str, Any] | None = None) -> None:
    ticket, verb = step.ticket, step.transition.verb
    add_entry(step.session, ticket, verb, step.actor, step.now, before=step.transition.before, note=note, data=data)


def _confirm(step: Step) -> None:
    findings.second(step.session, step.ticket, step.actor, step.now, agrees=True, words=step.note)
    _note(step, step.note)


def _object(step: Step) -> None:
    findings.second(step.session, step.ticket, step.actor, step.now, agrees=False, words=step.note)
    _note(step, step.note)


def _settle(step: Step) -> None:
    """On the spot: what the household says to it goes into the duty record, the reply and the end of the work are noted."""
    session, ticket, actor, now, data = step.session, step.ticket, step.actor, step.now, step.data
    complaint = complaint_of(session, ticket)
    complaint.opinion, complaint.settled_at = data["opinion"], now
    if ticket.assignee_id is None and actor.staff_id is not None:
        hand_over(ticket, session.get(Staff, actor.staff_id), dispatch_rules.TAKEN)
    ticket.started_at = ticket.started_at or now
    ticket.state = TicketState.IN_PROGRESS
    _note(step, data["opinion"])
    way = data["way"] or ("phone" if ticket.channel == Channel.HOTLINE else "word")
    told = data["done"] or data["opinion"]
    ticket_verbs.perform(session, ticket, "reply", actor, now, {"way": way, "note": told})
    ticket_verbs.perform(session, ticket, "finish", actor, now, {"note": data["done"]})


def _escalate(step: Step) -> None:
    path.rise(step.session, step.ticket, step.actor, step.now, why=step.note)


def _decide(step: Step) -> None:
    """The decision, and who carries it out: the one named, else whoever had it before it came up."""
    session, ticket, chosen = step.session, step.ticket, step.data["assignee_id"]
    person = person_at_work(session, ticket, chosen) if chosen is not None else path.giver_of(session, ticket)
    if person is not None:
        path.hand_down(session, ticket, person, step.now)
    _note(step, step.note, {"responsible": ticket.responsible, "to": person.name if person else None})


def _causes(step: Step) -> None:
    brought = complaint_effects.note_measures(step)
    if not any(brought.values()):
        raise Invalid(N_("Write down the cause, the correction or the prevention."))
    _note(step, step.note, brought)


def _mark(step: Step) -> None:
    written = step.data["written"]
    if written is None:
        raise Invalid(N_("Say what is to be marked."))
    step.ticket.is_written = written
    _note(step, step.note, {"written": written})


def _refer(step: Step) -> None:
    _note_outside(step, outside.refer(step.session, step.ticket, step.actor, step.now, step.data))


def _forward(step: Step) -> None:
    _note_outside(step, outside.forward(step.session, step.ticket, step.actor, step.now, step.data))


def _answered(step: Step) -> None:
    _note_outside(step, outside.answer(step.session, step.ticket, step.actor, step.now, step.data))


def _dispute(step: Step) -> None:
    disputes.open_on(step.session, step.ticket, step.actor, step.now, step.data)
    _note(step, step.note, {"matter": step.data["matter"]})


def _note_outside(step: Step, reference: ExternalReference) -> None:
    _note(step, step.note, outside.told(reference))


_DO: dict[str, Callable[[Step], None]] = {
    "confirm": _confirm,
    "object": _object,
    "settle": _settle,
    "escalate": _escalate,
    "decide": _decide,
    "causes": _causes,
    "mark": _mark,
    "refer": _refer,
    "forward": _forward,
    "answered": _answered,
    "dispute": _dispute,
}
