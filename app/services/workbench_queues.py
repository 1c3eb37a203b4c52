"""Named queues of tickets: each is one condition, for the number and for the list behind it alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select

from app.errors import N_
from app.models import Category, Clock, Ticket
from app.rules.codes import OPEN_STATES, ClockName, ClockState, Kind, TicketState
from app.services.acceptance_clock import asked_of_others
from app.services.acceptances import asked_of
from app.services.actors import Actor
from app.services.complaint_findings import waits_for
from app.services.outside import presses
from app.services.visit_rows import due_for_me

Condition = ColumnElement[bool]

PROMISES_WITHIN = timedelta(hours=24)

LIVE_STATES = (*OPEN_STATES, TicketState.DONE, TicketState.VISITED)
"""What is not settled: every queue lies within these, and an index finds them."""


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


def has_run_out(now: datetime) -> Condition:
    """A clock's time is over, whether or not the sweep has been by."""
    return or_(Clock.state == ClockState.BREACHED, and_(Clock.state == ClockState.RUNNING, Clock.due_at <= now))


def _late(actor: Actor, now: datetime) -> Condition:
    return and_(_open(actor, now), _clock(has_run_out(now)))


def _visits(actor: Actor, now: datetime) -> Condition:
    """The due visits that are this actor's to make: never after their own work."""
    return due_for_me(actor)


def _to_close(actor: Actor, now: datetime) -> Condition:
    return Ticket.state == TicketState.VISITED


def _no_finding(actor: Actor, now: datetime) -> Condition:
    live = Ticket.state.not_in((TicketState.CLOSED, TicketState.CANCELLED))
    return and_(Ticket.kind == Kind.COMPLAINT, Ticket.validity.is_(None), live)


def _no_reply(actor: Actor, now: datetime) -> Condition:
    """The household that complained has not been answered since (D4, D5)."""
    return and_(Ticket.kind == Kind.COMPLAINT, Ticket.replied_at.is_(None), Ticket.state.in_(LIVE_STATES))


def _untaken(actor: Actor, now: datetime) -> Condition:
    """Given to a department, and nobody of it has begun."""
    return and_(Ticket.state == TicketState.DISPATCHED, Ticket.assignee_id.is_(None))


def _not_begun(actor: Actor, now: datetime) -> Condition:
    """Dispatched to a person who has not begun, and its time runs."""
    return and_(Ticket.state == TicketState.DISPATCHED, Ticket.assignee_id.is_not(None))


def _repeat(actor: Actor, now: datetime) -> Condition:
    return and_(Ticket.is_repeat, _open(actor, now))


def _waited_out(actor: Actor, now: datetime) -> Condition:
    return and_(Ticket.state == TicketState.WAITING, Ticket.waiting_until <= now)


def _promises(actor: Actor, now: datetime) -> Condition:
    due = _clock(
        Clock.name == ClockName.PROMISE, Clock.state == ClockState.RUNNING, Clock.due_at <= now + PROMISES_WITHIN
    )
    return and_(_open(actor, now), due)


def _urged(actor: Actor, now: datetime) -> Condition:
    return and_(Ticket.urged_count > 0, _open(actor, now))


def _mine(actor: Actor, now: datetime) -> Condition:
    return and_(Ticket.assignee_id == actor.staff_id, _open(actor, now))


def _mine_new(actor: Actor, now: datetime) -> Condition:
    states = (TicketState.DISPATCHED, TicketState.REOPENED)
    return and_(Ticket.assignee_id == actor.staff_id, Ticket.state.in_(states))


def _fees(actor: Actor, now: datetime) -> Condition:
    return and_(Ticket.category_id.in_(select(Category.id).where(Category.code == "fee")), _open(actor, now))


def _complaints(actor: Actor, now: datetime) -> Condition:
    return and_(Ticket.kind == Kind.COMPLAINT, _open(actor, now))


def _to_confirm(actor: Actor, now: datetime) -> Condition:
    """Findings of others that wait for a second person (D5)."""
    return and_(Ticket.kind == Kind.COMPLAINT, Ticket.state.in_(LIVE_STATES), waits_for(actor))


def _to_accept(actor: Actor, now: datetime) -> Condition:
    """Work that was handed in to this actor to be accepted (D3)."""
    return and_(Ticket.state == TicketState.IN_PROGRESS, asked_of(actor.staff_id))


def _team_accept(actor: Actor, now: datetime) -> Condition:
    """Work that waits to be accepted by somebody for whom this actor answers (D3)."""
    return and_(Ticket.state == TicketState.IN_PROGRESS, asked_of_others(actor))


def _outside(actor: Actor, now: datetime) -> Condition:
    """Complaints whose deadline at an outside body is near or missed (D5)."""
    return and_(Ticket.kind == Kind.COMPLAINT, Ticket.state.in_(LIVE_STATES), presses(now))


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
            "urged",
            N_("Asked about again"),
            N_("The household waits for word: call first, then press on."),
            N_("Nobody has asked again."),
            "odd",
            _urged,
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
            N_("To be asked after by the supervisor"),
            N_("What the supervisor handled, complaints and repeats: ask the household how satisfied it is."),
            N_("Nobody is to be asked."),
            "info",
            _visits,
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
            "outside",
            N_("Outside deadlines"),
            N_("The developer, 12345 or the street office wait for an answer, or owe one: answer, or ask again."),
            N_("No outside deadline is near."),
            "warn",
            _outside,
        ),
        Queue(
            "to_confirm",
            N_("Findings to be confirmed"),
            N_("A colleague's finding: look at it yourself, then confirm it or object."),
            N_("No finding waits for a second person."),
            "info",
            _to_confirm,
        ),
        Queue(
            "to_accept",
            N_("Work to be accepted"),
            N_("Look at the work: accept it, or send it back with what is lacking."),
            N_("No work waits to be accepted by you."),
            "warn",
            _to_accept,
        ),
        Queue(
            "team_accept",
            N_("Work your people are to accept"),
            N_("Remind whoever was asked, or accept it in their place: out of time it is passed on."),
            N_("No work waits to be accepted by your people."),
            "info",
            _team_accept,
        ),
        Queue(
            "no_reply",
            N_("Complaints not answered"),
            N_("Tell the household what is being done, or when it will hear."),
            N_("Every complaint has been answered."),
            "bad",
            _no_reply,
        ),
        Queue(
            "untaken",
            N_("Taken by nobody"),
            N_("The department has it, but no person: name one."),
            N_("Everything has its person."),
            "warn",
            _untaken,
        ),
        Queue(
            "not_begun",
            N_("Dispatched, not begun"),
            N_("Ask the one responsible when work starts."),
            N_("Everything dispatched has begun."),
            "info",
            _not_begun,
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
