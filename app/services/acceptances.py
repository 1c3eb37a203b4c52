"""Acceptance of work 验收 (D3): what crosses departments, or whose category asks for it, is accepted by a named person before it
is done; what is refused goes back to whoever did it, with the reason."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import Staff, Ticket, TicketAcceptance, TicketEntry
from app.rules import work_verbs as rules
from app.rules.acceptance_clock import moments
from app.rules.codes import AcceptanceState, Kind, MessagePurpose, Role, TicketState
from app.services import ticket_messages as messages
from app.services.actors import Actor
from app.services.dispatch import steward_of
from app.services.policies import figures
from app.services.roster import staff_of
from app.services.ticket_input import SHORT_LIMIT
from app.services.ticket_step import CHANGED, Step
from app.services.tickets import add_entry

S = AcceptanceState
_IN_HAND = (TicketState.DISPATCHED, TicketState.IN_PROGRESS)
HANDS_ON = (Kind.REPAIR, Kind.EMERGENCY, Kind.SERVICE)
_IN_ORDER = (Role.SUPERVISOR, Role.ASSISTANT, Role.DEPUTY, Role.MANAGER)


def facts_of(ticket: Ticket, actor: Actor, departments: Set[int], workers: Set[int]) -> rules.WorkFacts:
    """What the rules ask. `departments` and `workers` (staff) have begun work since the matter was last opened. Only work
    in hand is looked up."""
    offer = ticket.offer if ticket.state in _IN_HAND else None
    offered_to = str(offer.to or offer.department) if offer is not None else ""
    facts = rules.WorkFacts(
        ticket.state,
        actor.roles,
        actor.staff_id,
        offered_to=offered_to,
        on_the_way=ticket.on_the_way,
        filed=ticket.filed_at is not None,
        assignee_id=ticket.assignee_id,
    )
    if ticket.state != TicketState.IN_PROGRESS:
        return facts
    found = ticket.acceptance
    asked = found is not None and found.state == S.ASKED
    asks = ticket.category is not None and ticket.category.needs_acceptance and ticket.kind in HANDS_ON
    return replace(
        facts,
        needs_acceptance=asks or len(departments) > 1,
        asked_of=found.acceptor_id if found is not None and asked else None,
        asked_name=found.acceptor.name if found is not None and asked else "",
        accepted=found is not None and not asked,
        actor_worked=actor.staff_id is not None and actor.staff_id in workers,
    )


def acceptors(session: Session, ticket: Ticket, now: datetime) -> list[Staff]:
    """Who may be asked, the usual one first: the steward of the building, the supervisor, the desk, those above. Nobody who has
    begun work on it or has it in hand."""
    steward = steward_of(session, ticket, now)
    people = [*([steward] if steward else []), *staff_of(session, ticket.community_id, _IN_ORDER)]
    workers = _workers(session, ticket)
    able = {person.id: person for person in people if person.id != ticket.assignee_id and person.id not in workers}
    return list(able.values())


def _workers(session: Session, ticket: Ticket) -> set[int]:
    """Who of the staff has begun work since the matter was last opened."""
    opened = select(func.max(TicketEntry.id)).where(
        TicketEntry.ticket_id == ticket.id,
        TicketEntry.to_state == TicketState.REOPENED,
        TicketEntry.verb.in_(("reopen", "visit")),
    )
    begun = select(TicketEntry.data).where(
        TicketEntry.ticket_id == ticket.id,
        TicketEntry.verb == "start",
        TicketEntry.id > func.coalesce(opened.scalar_subquery(), 0),
    )
    return {data["worker_id"] for data in session.scalars(begun) if data.get("worker_id")}


def submit(step: Step) -> None:
    """Hand the work in: to the person named, else to the usual one. Raises Invalid for somebody who cannot accept it."""
    session, ticket = step.session, step.ticket
    people = acceptors(session, ticket, step.now)
    wanted = step.data["acceptor_id"]
    person = next((one for one in people if wanted is None or one.id == wanted), None)
    if person is None:
        raise Invalid(NOBODY if wanted is None else NOT_FIT)
    asked = TicketAcceptance(
        ticket_id=ticket.id,
        state=S.ASKED,
        asked_at=step.now,
        asked_by=step.actor.display_name[:80],
        work=step.note,
    )
    ask(session, asked, person, step.now)
    session.add(asked)
    ticket.sent_back = None
    session.flush()
    session.expire(ticket, ["acceptance"])
    note(step, "submit", step.note, {"acceptor": person.name})
    _tell(step, [person], N_("Work waits to be accepted by you."))


def ask(session: Session, acceptance: TicketAcceptance, person: Staff, now: datetime) -> None:
    """Ask this person from now on: the clock of the acceptance begins anew, by the figures of this hour."""
    known = figures(session, "acceptance.answer_minutes", "acceptance.warn_percent")
    found = moments(now, known["acceptance.answer_minutes"], known["acceptance.warn_percent"])
    acceptance.acceptor = person
    acceptance.warn_at, acceptance.due_at = found.warn_at, found.due_at
    acceptance.warned_at = acceptance.breached_at = None


NOBODY = N_("There is nobody here who could accept this work: ask the manager to put somebody on the staff.")
NOT_FIT = N_("This person cannot accept the work: choose one of those in the list.")


def approve(step: Step) -> str:
    """Accept it: from now on nothing stands against finishing. Returns what was done, in the words of whoever handed it in."""
    asked = _asked(step)
    _answer(step, asked, S.ACCEPTED)
    note(step, "approve", step.note, {"acceptor": asked.acceptor.name})
    return asked.work


def send_back(step: Step) -> None:
    """Refuse it with the reason: the work goes on, and whoever has it in hand is told."""
    asked = _asked(step)
    _answer(step, asked, S.REFUSED)
    step.ticket.sent_back = step.note[:SHORT_LIMIT]
    note(step, "return", step.note, {"acceptor": asked.acceptor.name})
    people = [step.ticket.assignee] if step.ticket.assignee is not None else []
    _tell(step, people, N_("The work was not accepted: read why, and put it right."))


def by_finishing(step: Step) -> None:
    """Whoever may accept the work and finishes it accepts it thereby: the record says so by name. The rule has been asked."""
    session, ticket = step.session, step.ticket
    if not step.transition.accepts or step.actor.staff_id is None:
        _count_no_more(session, ticket, S.ASKED, S.WITHDRAWN)
        return
    person = session.get_one(Staff, step.actor.staff_id)
    moment = {"asked_at": step.now, "answered_at": step.now}
    who = {"asked_by": step.actor.display_name[:80], "answered_by": step.actor.display_name[:80]}
    session.add(
        TicketAcceptance(ticket_id=ticket.id, state=S.ACCEPTED, acceptor=person, work=step.note, **moment, **who)
    )
    session.flush()
    session.expire(ticket, ["acceptance"])
    note(step, "approve", "", {"acceptor": person.name})


def withdraw(session: Session, ticket: Ticket) -> None:
    """The work goes another way (handed on, waits, is given up) or is taken up again: what was asked or accepted counts no more."""
    ticket.sent_back = None
    _count_no_more(session, ticket, S.ASKED, S.WITHDRAWN)
    _count_no_more(session, ticket, S.ACCEPTED, S.OVER)


def _count_no_more(session: Session, ticket: Ticket, before: AcceptanceState, after: AcceptanceState) -> None:
    found = update(TicketAcceptance).where(TicketAcceptance.ticket_id == ticket.id, TicketAcceptance.state == before)
    session.execute(found.values(state=after))
    session.expire(ticket, ["acceptance"])


def asked_of(staff_id: int | None) -> ColumnElement[bool]:
    """Tickets whose work waits to be accepted by this person."""
    return exists().where(
        TicketAcceptance.ticket_id == Ticket.id,
        TicketAcceptance.state == S.ASKED,
        TicketAcceptance.acceptor_id == staff_id,
    )


def _asked(step: Step) -> TicketAcceptance:
    """The one that waits, held so that of two answers one is told. The rule has found it; since then it may have been answered,
    or passed on to somebody else."""
    seen = step.ticket.acceptance.acceptor_id if step.ticket.acceptance is not None else None
    statement = (
        select(TicketAcceptance)
        .where(TicketAcceptance.ticket_id == step.ticket.id, TicketAcceptance.state == S.ASKED)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = step.session.scalars(statement).one_or_none()
    if found is None or found.acceptor_id != seen:
        raise Refused(CHANGED)
    return found


def _answer(step: Step, asked: TicketAcceptance, state: AcceptanceState) -> None:
    asked.state, asked.answered_at = state, step.now
    asked.answered_by, asked.remark = step.actor.display_name[:80], step.note
    step.session.flush()
    step.session.expire(step.ticket, ["acceptance"])


def note(step: Step, verb: str, words: str, data: dict[str, Any]) -> None:
    """The step on the timeline; the ticket's state stays what it is."""
    add_entry(step.session, step.ticket, verb, step.actor, step.now, before=step.ticket.state, note=words, data=data)


def _tell(step: Step, people: list[Staff], why: str) -> None:
    key = f"{step.transition.verb}:{step.ticket.number}:{step.now:%Y%m%d%H%M%S%f}"
    messages.tell_people(step.session, step.ticket, people, why, MessagePurpose.ACCEPTANCE, key, step.now)
