"""A step of a ticket being taken: what its effect is handed, and the clocks it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.errors import N_
from app.models import Ticket
from app.rules import clock_steps
from app.rules import clocks as clock_rules
from app.rules.codes import ClockName
from app.rules.ticket_states import Transition
from app.services import ticket_clocks as clocks
from app.services.actors import Actor

CHANGED = N_("Somebody else has just changed this ticket: look at it again.")


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
        """The words of the step."""
        return self.data.get("note") or self.data.get("reason") or ""


def answers_of(step: Step, *, told: bool = False) -> frozenset[str]:
    """The clocks this step answers, whether they run or not; they stand on the timeline, too."""
    if step.data.get("unreachable"):
        return frozenset()
    names = clock_rules.names_met(
        step.transition.verb,
        kind=step.ticket.kind,
        by_person=not step.actor.is_system,
        reporter_told=told,
        after_done=step.transition.verb == "reply" and step.ticket.done_at is not None,
    )
    return names | {ClockName.PLAN} if step.data.get("plan") else names


def move_clocks(
    step: Step, *, told: bool = False, promise_at: datetime | None = None, new_finding: bool = False
) -> dict[str, Any]:
    """Move the ticket's clocks by the rules of the step. Returns what the timeline keeps of it."""
    ticket, transition = step.ticket, step.transition
    answers = answers_of(step, told=told)
    happened = clock_steps.Happened(
        transition.verb,
        step.now,
        transition.after,
        answers=answers,
        promise_at=promise_at,
        new_finding=new_finding,
        major=transition.tell_management,
        replied=ticket.replied_at is not None,
    )
    reason = step.data.get("owed_reason") or step.data.get("reason") or ""
    clock_steps.take(clocks.TicketClocks(step.session, ticket, step.actor, reason), happened)
    clocks.refresh_due(ticket)
    return {"answers": sorted(answers)}


def iso(instant: datetime | None) -> str | None:
    """An instant as an entry of the timeline keeps it."""
    return instant.isoformat() if instant else None
