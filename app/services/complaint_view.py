"""A complaint at a glance: who decides now and who would next, what is missing before it may close, what the reader may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app.errors import LinliError
from app.models import Complaint, ComplaintFinding, ExternalReference, Staff, Ticket
from app.rules import complaint_path as path_rules
from app.rules.codes import Role, TicketState
from app.rules.complaint_path import Rung
from app.rules.complaint_verbs import COMPLAINT_VERBS, decide_complaint
from app.rules.complaints import Item, checklist
from app.rules.ticket_states import TicketFacts
from app.services import complaint_findings as findings
from app.services.complaint_path import ladder, level_in

_FULL_FORM = {"note": "-", "opinion": "-"}
"""What any form of a complaint's step could bring at best."""


@dataclass(frozen=True)
class Glance:
    """`level` is the step that decides, `decider` the person on it, `since` when it came there; `next_level` and `next_person`
    who would be asked next, None at the top. `items` is the list before closing; `verbs` what the reader may do now."""

    complaint: Complaint | None
    finding: ComplaintFinding | None
    level: str | None
    decider: Staff | None
    since: datetime | None
    next_level: str | None
    next_person: Staff | None
    references: list[ExternalReference]
    items: list[Item]
    verbs: frozenset[str]

    @property
    def missing(self) -> list[Item]:
        """What the closing still waits for."""
        return [item for item in self.items if item.blocks and not item.met]

    @property
    def owed(self) -> list[Item]:
        """What is owed besides, without the closing waiting for it."""
        return [item for item in self.items if not item.blocks and not item.met]

    @property
    def there(self) -> list[Item]:
        """What is there."""
        return [item for item in self.items if item.met]


def glance(session: Session, ticket: Ticket, facts: TicketFacts) -> Glance:
    """The complaint as its page shows it, by the facts for the reader."""
    complaint = ticket.complaint
    steps, people = ladder(session, ticket.community_id)
    level = level_in(steps, ticket)
    raises = Role.ADMIN in facts.actor_roles or path_rules.may_raise(steps, level, facts.actor_roles)
    settled = ticket.state in (TicketState.CLOSED, TicketState.CANCELLED)
    above = None if settled else _above(steps, level, people)
    # Who stands higher than the one who decides sends it further up than to the next.
    own = path_rules.level_of(steps, level.role if level else None, *facts.actor_roles)
    raises = raises and bool(above) and bool(path_rules.above(steps, own))
    return Glance(
        complaint=complaint,
        finding=findings.in_force(ticket),
        level=level.role if level else None,
        decider=None if settled else _decider(ticket, level, people),
        since=complaint.level_since if complaint else None,
        next_level=above[0] if above else None,
        next_person=above[1] if above else None,
        references=_in_order(ticket.references),
        items=checklist(facts),
        verbs=frozenset(
            verb
            for verb in COMPLAINT_VERBS
            if may_take(verb, facts) and (verb != "escalate" or raises) and (verb != "answered" or _waits(ticket))
        ),
    )


def _above(steps: list[Rung], level: Rung | None, people: dict[str, Staff]) -> tuple[str, Staff] | None:
    """The next step with somebody on it, and who that is."""
    return next(
        ((rung.role, people[rung.role]) for rung in path_rules.above(steps, level) if rung.role in people), None
    )


def _decider(ticket: Ticket, level: Rung | None, people: dict[str, Staff]) -> Staff | None:
    if level is None or (ticket.assignee is not None and ticket.assignee.role == level.role):
        return ticket.assignee
    return people.get(level.role)


def _waits(ticket: Ticket) -> bool:
    return any(one.answered_at is None for one in ticket.references)


def _in_order(references: list[ExternalReference]) -> list[ExternalReference]:
    """What is open first, by its deadline; then what is answered."""
    far = datetime.max.replace(tzinfo=UTC)
    return sorted(references, key=lambda one: (one.answered_at is not None, one.due_at or far, one.id))


def may_take(verb: str, facts: TicketFacts) -> bool:
    """Whether the rules let the actor take this step now, whatever its form brings."""
    try:
        decide_complaint(verb, facts, _FULL_FORM)
    except LinliError:
        return False
    return True
