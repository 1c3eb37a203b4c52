"""The steps of a ticket (D3, I5): one function for the button, REST, a key on the phone and a job.

`perform` reads the input, asks the rules, writes the new state, clocks, timeline and messages. It never commits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.errors import N_, NotFound, Refused
from app.models import Staff, Ticket
from app.rules import clocks as clock_rules
from app.rules import dispatch as dispatch_rules
from app.rules.codes import ClockName, TicketState
from app.rules.ticket_states import VERB_TABLE, Transition, decide
from app.services import ticket_clocks as clocks
from app.services import ticket_messages as messages
from app.services.actors import Actor
from app.services.dispatch import assign, find_department, hand_over
from app.services.local_time import local_zone
from app.services.return_visits import cancel_visits, note_visit, plan_visit
from app.services.roster import supervisor_of
from app.services.ticket_facts import facts_of
from app.services.ticket_forms import read
from app.services.tickets import add_entry

_ONCE = frozenset({ClockName.MANAGEMENT_REPORT, ClockName.PLAN})
"""Clocks of a finding that a second finding does not start again."""

_CHANGED = N_("Somebody else has just changed this ticket: look at it again.")


@dataclass(frozen=True)
class Step:
    """One step being taken: `data` is checked input, `transition` the rules' answer."""

    session: Session
    ticket: Ticket
    actor: Actor
    now: datetime
    data: dict[str, Any]
    transition: Transition

    @property
    def note(self) -> str:
        return self.data.get("note") or self.data.get("reason") or ""


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
        raise Refused(_CHANGED)
    transition = decide(verb, facts_of(session, ticket, actor), clean)
    step = Step(session, ticket, actor, now, clean, transition)
    try:
        _take(step)
        session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise Refused(_CHANGED) from error
    return ticket


def _take(step: Step) -> None:
    """Write the step: state, what the verb adds, who is responsible, clocks, timeline, messages."""
    ticket, transition = step.ticket, step.transition
    extra = _EFFECTS[transition.verb](step) or {}
    ticket.state = transition.after
    if transition.repeat:
        ticket.is_repeat = True
    if transition.to_supervisor:
        hand_over(
            ticket, supervisor_of(step.session, ticket.community_id) or ticket.assignee, dispatch_rules.SUPERVISOR
        )
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
        clocks.meet(step.ticket, {ClockName.MANAGEMENT_REPORT}, step.now)


def _answer_clocks(step: Step, *, reporter_told: bool = False, after_done: bool = False) -> None:
    verb = step.transition.verb
    names = clock_rules.names_met(
        verb,
        kind=step.ticket.kind,
        by_person=not step.actor.is_system,
        reporter_told=reporter_told,
        after_done=after_done,
    )
    if step.data.get("plan"):
        names |= {ClockName.PLAN}
    clocks.meet(step.ticket, names, step.now)
    clocks.drop(step.ticket, clock_rules.names_cancelled(verb))


def _dispatch(step: Step) -> dict[str, Any]:
    ticket, data = step.ticket, step.data
    department = find_department(step.session, data["department_id"], data["department"])
    named = data["assignee_id"] is not None or department is not None
    if step.transition.before == TicketState.DISPATCHED and not named:
        raise Refused(N_("This ticket is dispatched already: to hand it on, name the person or the department."))
    assign(step.session, ticket, step.now, assignee_id=data["assignee_id"], department=department)
    ticket.dispatched_at = step.now
    messages.tell_assignee(step.session, ticket, step.now)
    _answer_clocks(step)
    return {"reason": ticket.dispatch_reason}


def _start(step: Step) -> dict[str, Any]:
    ticket = step.ticket
    if ticket.assignee_id is None and step.actor.staff_id is not None:
        hand_over(ticket, step.session.get(Staff, step.actor.staff_id), dispatch_rules.TAKEN)
    ticket.started_at = ticket.started_at or step.now
    _answer_clocks(step)
    return {"plan": step.data.get("plan")}


def _contact(step: Step) -> dict[str, Any]:
    _answer_clocks(step)
    step.ticket.callback_due = False
    if step.data["promise_at"] is not None:
        _make_promise(step, step.data["promise_at"])
    return {"way": step.data["way"], "plan": step.data["plan"], "promise_at": _iso(step.data["promise_at"])}


def _reply(step: Step) -> dict[str, Any]:
    ticket = step.ticket
    way = step.data["way"] or ("written" if ticket.is_written else "phone")
    ticket.replied_at, ticket.reply_way, ticket.callback_due = step.now, way, False
    _answer_clocks(step, after_done=ticket.done_at is not None)
    return {"way": way}


def _wait(step: Step) -> dict[str, Any]:
    step.ticket.waiting_reason, step.ticket.waiting_until = step.data["reason"], step.data["until"]
    clocks.pause(step.ticket, step.now)
    return {"until": _iso(step.data["until"])}


def _resume(step: Step) -> None:
    step.ticket.waiting_reason = step.ticket.waiting_until = None
    clocks.resume(step.session, step.ticket, step.now)


def _finish(step: Step) -> dict[str, Any]:
    ticket = step.ticket
    ticket.done_at = step.now
    told = messages.tell_reporter_done(step.session, ticket, step.note, step.now)
    _answer_clocks(step, reporter_told=told and not step.actor.is_system)
    owes_reply = ticket.replied_at is None and not _is_live(ticket, ClockName.REPLY)
    skip = frozenset() if owes_reply else frozenset({ClockName.REPLY})
    clocks.start_clocks(step.session, ticket, clock_rules.DONE, step.now, skip)
    plan_visit(step.session, ticket, step.now)
    return {"worker_id": ticket.assignee_id or step.actor.staff_id}


def _visit(step: Step) -> dict[str, Any]:
    ticket, data = step.ticket, step.data
    visit = note_visit(step.session, ticket, step.actor, step.now, data)
    if visit.visited_at == step.now:
        ticket.visited_at = step.now
    if step.transition.after == TicketState.REOPENED:
        _begin_again(step)
    return {"score": data["score"], "way": data["way"], "unreachable": data["unreachable"] or None}


def _close(step: Step) -> dict[str, Any]:
    ticket = step.ticket
    ticket.closed_at = step.now
    facts = {name: step.data[name] for name in ("root_cause", "correction", "prevention") if step.data[name]}
    for name, value in facts.items():
        setattr(ticket, name, value)
    _answer_clocks(step)
    return facts


def _cancel(step: Step) -> None:
    step.ticket.callback_due = False
    _answer_clocks(step)
    cancel_visits(step.ticket)


def _reopen(step: Step) -> None:
    _begin_again(step)


def _begin_again(step: Step) -> None:
    """The matter is owed anew: what ended is open again, with fresh clocks; the timeline keeps what was."""
    ticket = step.ticket
    ticket.reopened_count += 1
    ticket.done_at = ticket.visited_at = ticket.closed_at = ticket.replied_at = ticket.reply_way = None
    cancel_visits(ticket)
    clocks.drop(ticket, None)
    clocks.start_clocks(step.session, ticket, clock_rules.REOPENED, step.now)


def _find(step: Step) -> dict[str, Any]:
    ticket, data = step.ticket, step.data
    changed = data["validity"] != ticket.validity or (data["grade"] or ticket.grade) != ticket.grade
    ticket.validity = data["validity"]
    ticket.grade = data["grade"] or ticket.grade
    if changed:
        clocks.drop(ticket, {ClockName.REPLY, ClockName.PROGRESS})
        _start_found(step)
    _answer_clocks(step)
    return {"validity": ticket.validity, "grade": ticket.grade, "plan": data["plan"]}


def _start_found(step: Step) -> None:
    """The clocks of the finding; a reply that was given already, or promised for a time, is not owed again."""
    ticket = step.ticket
    skip = {clock.name for clock in ticket.clocks if clock.name in _ONCE}
    if ticket.replied_at is not None or _is_live(ticket, ClockName.PROMISE):
        skip.add(ClockName.REPLY)
    clocks.start_clocks(step.session, ticket, clock_rules.FOUND, step.now, frozenset(skip))


def _is_live(ticket: Ticket, name: str) -> bool:
    return any(clock.name == name and clock.state in clocks.LIVE for clock in ticket.clocks)


def _promise(step: Step) -> dict[str, Any]:
    _answer_clocks(step)
    _make_promise(step, step.data["due_at"])
    return {"promise_at": _iso(step.data["due_at"])}


def _make_promise(step: Step, due_at: datetime) -> None:
    """I8: an accepted promise replaces `reply` and `done` only."""
    clocks.drop(step.ticket, clock_rules.names_cancelled("promise"))
    clocks.start_promise(step.session, step.ticket, step.now, due_at)


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


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
    "find": _find,
    "promise": _promise,
}


def _bound(verb: str) -> Callable[..., Ticket]:
    def step(
        session: Session, ticket: Ticket, actor: Actor, now: datetime, data: Mapping[str, Any] | None = None
    ) -> Ticket:
        return perform(session, ticket, verb, actor, now, data)

    return step


VERBS: dict[str, Callable[..., Ticket]] = {verb: _bound(verb) for verb in VERB_TABLE}
"""Each verb of I5 as a function of its own: `VERBS["dispatch"](session, ticket, actor, now, data)`."""
