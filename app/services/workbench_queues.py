"""Named queues of tickets: each is one condition, for the number and for the list behind it alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select

from app.errors import N_
from app.models import Category, Clock, ReturnVisit, Ticket
from app.rules.codes import OPEN_STATES, ClockName, ClockState, Kind, TicketState, VisitState
from app.services.actors import Actor

Condition = ColumnElement[bool]

PROMISES_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Queue:
    """Tickets that wait for the same thing. `tone` when there are any; `hint` says what to do with them."""

    code: str
    label: str
    hint: str
    nothing: str
    tone: str
    condition: Callable[[Actor, datetime], Condition]


def _clock(*conditions: Condition) -> Condition:
    return exists().where(Clock.ticket_id == Ticket.id, *conditions)


def _open(actor: Actor, now: datetime) -> Condition:
    return Ticket.state.in_(OPEN_STATES)


def _new(actor: Actor, now: datetime) -> Condition:
    return Ticket.state.in_((TicketState.REGISTERED, TicketState.REOPENED))


def _emergency(actor: Actor, now: datetime) -> Condition:
    return and_(Ticket.kind == Kind.EMERGENCY, _open(actor, now))


def _callback(actor: Actor, now: datetime) -> Condition:
    return and_(Ticket.callback_due, Ticket.state.not_in((TicketState.CLOSED, TicketState.CANCELLED)))


def _soon(actor: Actor, now: datetime) -> Condition:
    running = _clock(Clock.state == ClockState.RUNNING, Clock.warn_at <= now, Clock.due_at > now)
    return and_(_open(actor, now), running)


def _late(actor: Actor, now: datetime) -> Condition:
    """A clock of an open matter has run out, whether or not the sweep has been by."""
    run_out = or_(Clock.state == ClockState.BREACHED, and_(Clock.state == ClockState.RUNNING, Clock.due_at <= now))
    return and_(_open(actor, now), _clock(run_out))


def _visits(actor: Actor, now: datetime) -> Condition:
    due = exists().where(ReturnVisit.ticket_id == Ticket.id, ReturnVisit.state == VisitState.DUE)
    return and_(Ticket.state == TicketState.DONE, due)


def _my_visits(actor: Actor, now: datetime) -> Condition:
    """What the supervisor handled is visited by the supervisor, the rest by the desk; complaints are the supervisor's eye."""
    return and_(_visits(actor, now), or_(Ticket.kind == Kind.COMPLAINT, Ticket.is_repeat))


def _to_close(actor: Actor, now: datetime) -> Condition:
    return Ticket.state == TicketState.VISITED


def _no_finding(actor: Actor, now: datetime) -> Condition:
    live = Ticket.state.not_in((TicketState.CLOSED, TicketState.CANCELLED))
    return and_(Ticket.kind == Kind.COMPLAINT, Ticket.validity.is_(None), live)


def _repeat(actor: Actor, now: datetime) -> Condition:
    return and_(Ticket.is_repeat, _open(actor, now))


def _waited_out(actor: Actor, now: datetime) -> Condition:
    return and_(Ticket.state == TicketState.WAITING, Ticket.waiting_until <= now)


def _promises(actor: Actor, now: datetime) -> Condition:
    due = _clock(
        Clock.name == ClockName.PROMISE, Clock.state == ClockState.RUNNING, Clock.due_at <= now + PROMISES_WITHIN
    )
    return and_(_open(actor, now), due)


def _mine(actor: Actor, now: datetime) -> Condition:
    return and_(Ticket.assignee_id == actor.staff_id, _open(actor, now))


def _mine_new(actor: Actor, now: datetime) -> Condition:
    states = (TicketState.DISPATCHED, TicketState.REOPENED)
    return and_(Ticket.assignee_id == actor.staff_id, Ticket.state.in_(states))


def _fees(actor: Actor, now: datetime) -> Condition:
    return and_(Ticket.category_id.in_(select(Category.id).where(Category.code == "fee")), _open(actor, now))


def _complaints(actor: Actor, now: datetime) -> Condition:
    return and_(Ticket.kind == Kind.COMPLAINT, _open(actor, now))


QUEUES: dict[str, Queue] = {
    queue.code: queue
    for queue in (
        Queue(
            "emergency",
            N_("Emergencies running"),
            N_("See that somebody has accepted, then stay with it."),
            N_("No emergency is running."),
            "bad",
            _emergency,
        ),
        Queue(
            "late",
            N_("Time has run out"),
            N_("Speak to the household first, then to the one responsible."),
            N_("Nothing is late."),
            "bad",
            _late,
        ),
        Queue(
            "soon",
            N_("Running out of time"),
            N_("Three quarters of the time are gone."),
            N_("No clock is about to run out."),
            "warn",
            _soon,
        ),
        Queue(
            "new",
            N_("To be dispatched"),
            N_("Give each to a person or a department."),
            N_("Everything has been dispatched."),
            "info",
            _new,
        ),
        Queue(
            "callback",
            N_("To be called back"),
            N_("The call broke off: ring back and complete the ticket."),
            N_("Nobody waits for a call."),
            "warn",
            _callback,
        ),
        Queue(
            "promises",
            N_("Promises of the next 24 hours"),
            N_("The household was given a time."),
            N_("No promise falls due."),
            "warn",
            _promises,
        ),
        Queue(
            "visits",
            N_("To be asked after"),
            N_("The work is done: ask the household how satisfied it is."),
            N_("Nobody is to be asked."),
            "info",
            _visits,
        ),
        Queue(
            "my_visits",
            N_("Complaints to be asked after"),
            N_("The supervisor asks after what was complained about."),
            N_("Nobody is to be asked."),
            "info",
            _my_visits,
        ),
        Queue(
            "to_close",
            N_("To be closed"),
            N_("The household has been asked; nothing is owed any more."),
            N_("Nothing is to be closed."),
            "info",
            _to_close,
        ),
        Queue(
            "no_finding",
            N_("Complaints without a finding"),
            N_("Find out: valid, assistance or invalid."),
            N_("Every complaint has its finding."),
            "warn",
            _no_finding,
        ),
        Queue(
            "repeat",
            N_("Repeats"),
            N_("The household rejected the outcome: read what was done, then take over."),
            N_("No outcome was rejected."),
            "bad",
            _repeat,
        ),
        Queue(
            "waited_out",
            N_("Waiting is over"),
            N_("The date has passed: go on, or set a new one."),
            N_("Nothing waits past its date."),
            "warn",
            _waited_out,
        ),
        Queue(
            "mine", N_("My jobs"), N_("The nearest deadline comes first."), N_("You have no job now."), "info", _mine
        ),
        Queue(
            "mine_new",
            N_("Given to me, not begun"),
            N_("Begin, so that the household sees it."),
            N_("You have begun everything."),
            "warn",
            _mine_new,
        ),
        Queue(
            "complaints",
            N_("Complaints open"),
            N_("Complaints are handled in time, all of them."),
            N_("No complaint is open."),
            "odd",
            _complaints,
        ),
        Queue(
            "fees",
            N_("Questions about fees"),
            N_("Answer, or say by when."),
            N_("Nobody asks about fees."),
            "info",
            _fees,
        ),
        Queue("open", N_("All open"), N_("Everything that is not done."), N_("Nothing is open."), "calm", _open),
    )
}
"""Code → queue. The order is that of the tiles."""
