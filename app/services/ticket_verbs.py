"""The steps of a ticket (D3, I5): one function for the button, REST, a key on the phone and a job.

`perform` reads the input, asks the rules, writes the new state, clocks, timeline and messages. It never commits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.errors import N_, NotFound, Refused
from app.models import Staff, Ticket
from app.rules import dispatch as dispatch_rules
from app.rules.codes import Kind, Priority, Role, TicketState, VisitState
from app.rules.ticket_states import VERB_TABLE, decide
from app.services import acceptances, complaint_effects, offers, special_detection
from app.services import ticket_messages as messages
from app.services.actors import Actor
from app.services.dispatch import assign, find_department, hand_over
from app.services.local_time import local_zone
from app.services.return_visits import cancel_visits, note_visit, plan_visit
from app.services.roster import supervisor_of
from app.services.ticket_facts import facts_of
from app.services.ticket_forms import read
from app.services.ticket_step import CHANGED, Step, iso, move_clocks
from app.services.tickets import add_entry
from app.services.urges import note_urge


def perform(
    session: Session, ticket: Ticket, verb: str, actor: Actor, now: datetime, data: Mapping[str, Any] | None = None
) -> Ticket:
    """Take one step. `data` is what the form or the JSON body brought, or nothing.

    Raises NotFound for an unknown verb, Forbidden for the role, Invalid for the input, Refused for what the rules forbid
    or when somebody else was faster. The caller owns the transaction, and has checked that the actor may see the row.
    """
    if verb not in VERB_TABLE:
        raise NotFound(N_("There is no such step."))
    clean = read(verb, data or {}, now, local_zone())
    if clean["revision"] is not None and clean["revision"] != ticket.revision:
        raise Refused(CHANGED)
    transition = decide(verb, facts_of(session, ticket, actor), clean)
    step = Step(session, ticket, actor, now, clean, transition)
    rings = ticket.priority == Priority.EMERGENCY and not actor.is_system and _rings(session, ticket)
    try:
        _take(step)
        session.flush()
        if rings:
            _stop_ringing(step)
        if transition.after == TicketState.CANCELLED:
            special_detection.changed(session, ticket, now)
    except (StaleDataError, IntegrityError) as error:
        raise Refused(CHANGED) from error
    return ticket


def _take(step: Step) -> None:
    """Write the step: state, what the verb adds, who is responsible, clocks, timeline, messages."""
    ticket, transition = step.ticket, step.transition
    extra = _EFFECTS[transition.verb](step) or {}
    ticket.state = transition.after
    if transition.verb in _ANOTHER_WAY:
        offers.settle(step.session, ticket)
        ticket.left_at = ticket.arrived_at = None
    if transition.repeat:
        ticket.is_repeat = True
    if transition.to_supervisor:
        hand_over(
            ticket, supervisor_of(step.session, ticket.community_id) or ticket.assignee, dispatch_rules.SUPERVISOR
        )
    if ticket.kind == Kind.COMPLAINT:
        complaint_effects.follow(step)
    add_entry(
        step.session,
        ticket,
        transition.verb,
        step.actor,
        step.now,
        before=transition.before,
        note=step.note,
        data={"responsible": ticket.responsible, **extra},
    )
    _tell_upwards(step)


_ANOTHER_WAY = ("dispatch", "wait", "finish", "cancel", "reopen")
"""Steps after which what was offered to somebody else and not answered is over, and nobody is on the way any more."""


def _rings(session: Session, ticket: Ticket) -> bool:
    from app.services import escalation_hand

    return escalation_hand.running_ladder(session, ticket) is not None


def _stop_ringing(step: Step) -> None:
    # The ladder takes steps of tickets itself, so it cannot be known when this module is read.
    from app.services import escalation_hand

    escalation_hand.after_step(step.session, step.ticket, step.transition.verb, step.actor, step.now, step.data)


def _tell_upwards(step: Step) -> None:
    key = f"{step.transition.verb}:{step.ticket.number}:{step.now:%Y%m%d%H%M%S%f}"
    tell = partial(messages.tell_supervisors, step.session, step.ticket, key=key, now=step.now)
    if step.transition.to_supervisor:
        tell(N_("A household rejects the outcome: the matter is yours now."), "repeat")
    if step.transition.tell_supervisor:
        tell(N_("A complaint was found valid."), "complaint")
    if step.transition.tell_management:
        why = N_("A major complaint was registered.")
        messages.tell_management(step.session, step.ticket, why, "major_complaint", key, step.now)


def _dispatch(step: Step) -> dict[str, Any]:
    ticket, data = step.ticket, step.data
    department = find_department(step.session, data["department_id"], data["department"])
    named = data["assignee_id"] is not None or department is not None
    if step.transition.before == TicketState.DISPATCHED and not named:
        raise Refused(N_("This ticket is dispatched already: to hand it on, name the person or the department."))
    acceptances.withdraw(step.session, ticket)
    ranking = assign(step.session, ticket, step.now, assignee_id=data["assignee_id"], department=department)
    ticket.dispatched_at = step.now
    messages.tell_assignee(step.session, ticket, step.now)
    return {"reason": ticket.dispatch_reason, "ranking": ranking or None, **move_clocks(step)}


def _start(step: Step) -> dict[str, Any]:
    ticket = step.ticket
    if ticket.assignee_id is None and step.actor.staff_id is not None:
        hand_over(ticket, step.session.get(Staff, step.actor.staff_id), dispatch_rules.TAKEN)
    ticket.started_at = ticket.started_at or step.now
    # Whose work it is, as it begins: work that crosses departments is accepted before it is done (D3). Whoever answers the
    # alarm of an emergency sees that it is worked on: no department has begun by that, but for who does it with the own hands.
    by_hand = ticket.assignee is None or ticket.assignee.role == Role.TECHNICIAN
    rung = ticket.dispatch_reason == dispatch_rules.ACCEPTED and not by_hand
    department_id = ticket.assignee.department_id if ticket.assignee else ticket.department_id
    whose = {"department_id": None if rung else department_id, "worker_id": None if rung else ticket.assignee_id}
    return {"plan": step.data.get("plan"), **whose, **move_clocks(step)}


def _contact(step: Step) -> dict[str, Any]:
    step.ticket.callback_due = False
    promise_at = step.data["promise_at"]
    moved = move_clocks(step, promise_at=promise_at)
    return {"way": step.data["way"], "plan": step.data["plan"], "promise_at": iso(promise_at), **moved}


def _reply(step: Step) -> dict[str, Any]:
    ticket = step.ticket
    way = step.data["way"] or ("written" if ticket.is_written else "phone")
    ticket.replied_at, ticket.reply_way, ticket.callback_due = step.now, way, False
    return {"way": way, "signed": step.data["signed"] or None, **move_clocks(step)}


def _wait(step: Step) -> dict[str, Any]:
    acceptances.withdraw(step.session, step.ticket)
    step.ticket.waiting_reason, step.ticket.waiting_until = step.data["reason"], step.data["until"]
    return {"until": iso(step.data["until"]), **move_clocks(step)}


def _resume(step: Step) -> dict[str, Any]:
    step.ticket.waiting_reason = step.ticket.waiting_until = None
    return move_clocks(step)


def _finish(step: Step) -> dict[str, Any]:
    ticket = step.ticket
    acceptances.by_finishing(step)
    ticket.done_at, ticket.sent_back = step.now, None
    told = messages.tell_reporter_done(step.session, ticket, step.note, step.now)
    moved = move_clocks(step, told=told and not step.actor.is_system)
    worker_id = ticket.assignee_id or step.actor.staff_id
    plan_visit(step.session, ticket, step.now, worker_id)
    return {"worker_id": worker_id, **moved}


def _visit(step: Step) -> dict[str, Any]:
    ticket, data = step.ticket, step.data
    visit = note_visit(step.session, ticket, step.actor, step.now, data)
    if visit.state == VisitState.MADE:
        ticket.visited_at = step.now
    if step.transition.after == TicketState.REOPENED:
        _begin_again(step)
    moved, unreachable = move_clocks(step), data["unreachable"] or None
    return {"score": data["score"], "way": data["way"], "unreachable": unreachable, "result": data["result"], **moved}


def _close(step: Step) -> dict[str, Any]:
    is_complaint = step.ticket.kind == Kind.COMPLAINT
    facts = complaint_effects.close(step) if is_complaint else complaint_effects.note_texts(step)
    step.ticket.closed_at = step.now
    return {**facts, "owed_reason": step.data["owed_reason"] or None, **move_clocks(step)}


def _cancel(step: Step) -> dict[str, Any]:
    acceptances.withdraw(step.session, step.ticket)
    step.ticket.callback_due = False
    cancel_visits(step.ticket)
    return move_clocks(step)


def _reopen(step: Step) -> dict[str, Any]:
    _begin_again(step)
    return {"score": step.data["score"], "way": step.data["way"], **move_clocks(step)}


def _begin_again(step: Step) -> None:
    """The matter is owed anew: what ended is open again; the timeline keeps what was."""
    ticket = step.ticket
    ticket.reopened_count += 1
    acceptances.withdraw(step.session, ticket)
    ticket.done_at = ticket.visited_at = ticket.closed_at = ticket.replied_at = ticket.reply_way = None
    ticket.filed_at = None
    cancel_visits(ticket)
    if ticket.kind == Kind.COMPLAINT:
        complaint_effects.begin_again(step)


def _promise(step: Step) -> dict[str, Any]:
    return {"promise_at": iso(step.data["due_at"]), **move_clocks(step, promise_at=step.data["due_at"])}


def _urge(step: Step) -> dict[str, Any]:
    counted = note_urge(step.session, step.ticket, step.now)
    return {"urged_count": step.ticket.urged_count if counted else None}


_EFFECTS: dict[str, Callable[[Step], dict[str, Any] | None]] = {
    "dispatch": _dispatch,
    "start": _start,
    "contact": _contact,
    "reply": _reply,
    "wait": _wait,
    "resume": _resume,
    "finish": _finish,
    "visit": _visit,
    "close": _close,
    "cancel": _cancel,
    "reopen": _reopen,
    "find": complaint_effects.find,
    "promise": _promise,
    "urge": _urge,
}


def _bound(verb: str) -> Callable[..., Ticket]:
    def step(
        session: Session, ticket: Ticket, actor: Actor, now: datetime, data: Mapping[str, Any] | None = None
    ) -> Ticket:
        return perform(session, ticket, verb, actor, now, data)

    return step


VERBS: dict[str, Callable[..., Ticket]] = {verb: _bound(verb) for verb in VERB_TABLE}
"""Each verb of I5 as a function of its own: `VERBS["dispatch"](session, ticket, actor, now, data)`."""
