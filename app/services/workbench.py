"""What waits for whom: which queues stand on a role's first page, how many tickets are in them, and which are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, not_, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import Ticket
from app.rules.codes import Kind, Role, TicketState
from app.services.access import rows
from app.services.actors import Actor
from app.services.workbench_queues import QUEUES

BY_ROLE: dict[str, tuple[str, ...]] = {
    Role.ASSISTANT: (
        "emergency",
        "new",
        "late",
        "soon",
        "callback",
        "promises",
        "visits",
        "to_close",
        "waited_out",
        "open",
    ),
    Role.SUPERVISOR: ("emergency", "late", "mine", "no_finding", "repeat", "my_visits", "promises", "open"),
    Role.MANAGER: ("emergency", "late", "complaints", "no_finding", "repeat", "soon", "new", "open"),
    Role.DEPUTY: ("emergency", "late", "complaints", "no_finding", "repeat", "soon", "new", "open"),
    Role.STEWARD: ("emergency", "mine", "late", "soon", "promises", "visits", "waited_out", "open"),
    Role.TECHNICIAN: ("mine_new", "mine", "late", "soon", "waited_out"),
    Role.FINANCE: ("fees", "late", "complaints", "open"),
    Role.QUALITY: ("complaints", "no_finding", "repeat", "late", "emergency", "open"),
    Role.ADMIN: ("emergency", "late", "new", "open"),
}
"""Role → the queues on its first page."""

SHOWN_FIRST: dict[str, tuple[str, ...]] = {
    Role.ASSISTANT: ("emergency", "late", "new", "callback", "soon", "visits"),
    Role.SUPERVISOR: ("emergency", "late", "repeat", "no_finding", "mine", "my_visits"),
    Role.MANAGER: ("emergency", "late", "complaints"),
    Role.DEPUTY: ("emergency", "late", "complaints"),
    Role.STEWARD: ("mine", "late", "visits", "open"),
    Role.TECHNICIAN: ("mine",),
    Role.FINANCE: ("fees",),
    Role.QUALITY: ("complaints",),
    Role.ADMIN: ("late", "new"),
}
"""Role → the queues whose tickets are listed on the page, one list in order of urgency."""

ORDER = (
    Role.ADMIN,
    Role.MANAGER,
    Role.DEPUTY,
    Role.SUPERVISOR,
    Role.ASSISTANT,
    Role.STEWARD,
    Role.TECHNICIAN,
    Role.FINANCE,
    Role.QUALITY,
)


def main_role(actor: Actor) -> str:
    """The role whose first page an actor sees: the most responsible one."""
    return next((role for role in ORDER if actor.has(role)), "")


def counts(session: Session, actor: Actor, codes: tuple[str, ...], now: datetime) -> dict[str, int]:
    """How many tickets stand in each queue: one statement, one pass over what is not settled."""
    sums = [func.count(case((QUEUES[code].condition(actor, now), Ticket.id))).label(code) for code in codes]
    live = Ticket.state.not_in((TicketState.CLOSED, TicketState.CANCELLED))
    row = session.execute(select(*sums).where(live, rows(actor, Ticket))).one()
    return {code: int(getattr(row, code)) for code in codes}


def listed(
    session: Session, actor: Actor, codes: tuple[str, ...], now: datetime, *, skip: int = 0, most: int = 25
) -> list[Ticket]:
    """The tickets of the queues, emergencies first, then the nearest deadline."""
    wanted = or_(*(QUEUES[code].condition(actor, now) for code in codes))
    statement = (
        select(Ticket)
        .where(rows(actor, Ticket), wanted)
        .options(
            joinedload(Ticket.house),
            joinedload(Ticket.category),
            joinedload(Ticket.assignee),
            joinedload(Ticket.building),
        )
        .order_by(*_urgency(), Ticket.id)
        .offset(skip)
        .limit(most)
    )
    return list(session.scalars(statement))


def _urgency() -> tuple[Any, ...]:
    emergency = and_(Ticket.kind == Kind.EMERGENCY, not_(Ticket.state == TicketState.DONE))
    return (case((emergency, 0), else_=1), Ticket.due_at.is_(None), Ticket.due_at, Ticket.created_at)
