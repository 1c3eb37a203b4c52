"""What the rules ask about a ticket and the one who acts, gathered from the records."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Ticket, TicketEntry
from app.rules.codes import Role, TicketState
from app.rules.ticket_states import TicketFacts, allowed_verbs
from app.services.actors import Actor
from app.services.return_visits import due_visit

_SUPERVISING = (Role.SUPERVISOR, Role.DEPUTY, Role.MANAGER)


def facts_of(session: Session, ticket: Ticket, actor: Actor) -> TicketFacts:
    """The facts of a ticket for an actor. Replies count since the matter was last reopened."""
    reply_ways, worker_id = _from_timeline(session, ticket)
    assignee = ticket.assignee
    return TicketFacts(
        state=ticket.state,
        kind=ticket.kind,
        channel=ticket.channel,
        validity=ticket.validity,
        grade=ticket.grade,
        reply_ways=frozenset(reply_ways),
        visit_due=due_visit(ticket) is not None,
        worker_id=worker_id,
        actor_staff_id=actor.staff_id,
        actor_roles=actor.roles,
        actor_is_system=actor.is_system,
        handled_by_supervisor=assignee is not None and assignee.role in _SUPERVISING,
    )


def verbs_for(session: Session, ticket: Ticket, actor: Actor) -> list[str]:
    """The steps whose buttons the ticket page shows to this actor now."""
    return allowed_verbs(facts_of(session, ticket, actor))


def _from_timeline(session: Session, ticket: Ticket) -> tuple[set[str], int | None]:
    """How the household was replied to since the last reopening, and who did the work last."""
    steps = session.execute(
        select(TicketEntry.verb, TicketEntry.to_state, TicketEntry.data)
        .where(TicketEntry.ticket_id == ticket.id, TicketEntry.verb.in_(("reply", "finish", "reopen", "visit")))
        .order_by(TicketEntry.at, TicketEntry.id)
    )
    ways: set[str] = set()
    worker_id: int | None = None
    for step in steps:
        if step.to_state == TicketState.REOPENED and step.verb in ("reopen", "visit"):
            ways.clear()
        elif step.verb == "reply":
            ways.add(step.data.get("way", "phone"))
        elif step.verb == "finish":
            worker_id = step.data.get("worker_id")
    return ways, worker_id
