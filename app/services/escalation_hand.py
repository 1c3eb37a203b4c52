"""An emergency that somebody takes or ends on its ticket (D7): its telephones stop ringing at once.

The first one wins, whichever way it came: this is the conditional update of key 1, without the steps of the ticket that
key 1 takes, because such a step is what brought us here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Ladder, Ticket
from app.rules import dispatch as dispatch_rules
from app.rules.codes import LadderState, Priority
from app.services import alarms, escalation
from app.services.actors import Actor
from app.services.offers import change_hands

TAKES = frozenset({"start", "wait", "finish"})
"""Steps by which a person has the emergency in hand. To dispatch it to oneself is one, to somebody else is not."""

ENDS = frozenset({"cancel", "close"})


def running_ladder(session: Session, ticket: Ticket) -> Ladder | None:
    """The ladder that rings for a ticket, its row locked. Taken before the ticket's own row, as key 1 does it: two who take
    the same emergency in two ways must not wait for each other."""
    running = select(Ladder).where(Ladder.ticket_id == ticket.id, Ladder.state == LadderState.RUNNING)
    return session.scalars(running.with_for_update().execution_options(populate_existing=True)).first()


def after_step(
    session: Session, ticket: Ticket, verb: str, actor: Actor, now: datetime, data: Mapping[str, Any]
) -> None:
    """Stop the ladder of a ticket when this step of a person took or ended it; any other step leaves it ringing."""
    if actor.is_system or ticket.priority != Priority.EMERGENCY:
        return
    own = verb == "dispatch" and actor.staff_id is not None and data.get("assignee_id") == actor.staff_id
    if not (own or verb in TAKES or verb in ENDS):
        return
    ladder = running_ladder(session, ticket)
    if ladder is None:
        return
    if verb in ENDS or actor.staff_id is None:
        escalation.stop(session, ladder, now)
        return
    attempt = alarms.own_attempt(session, ladder, actor, now)
    if escalation.win(session, ladder, attempt, now):
        if verb != "finish" and attempt.staff is not None:
            change_hands(session, ticket, attempt.staff, dispatch_rules.ACCEPTED)
        alarms.to_the_caller(session, ladder, attempt, now)
