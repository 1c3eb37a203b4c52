"""What waits for whom: which queues stand on a role's first page, how many tickets are in them, and which are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import Building, Clock, Ticket, TicketAcceptance, TicketOffer
from app.rules import route
from app.rules.codes import OPEN_STATES, ClockState, Kind, Role, TicketState
from app.services import appraisals, day_closings, drill_lists, knowledge, offers, papers_due, plans
from app.services.access import rows
from app.services.actors import Actor
from app.services.day_figures import ages
from app.services.workbench_queues import LIVE_STATES, QUEUES, has_run_out

_LEADING = (
    "emergency",
    "late",
    "mine",
    "urged",
    "outside",
    "to_confirm",
    "to_accept",
    "team_accept",
    "no_reply",
    "repeat",
    "no_finding",
    "untaken",
    "soon",
    "open",
)
BY_ROLE: dict[str, tuple[str, ...]] = {
    Role.ASSISTANT: (
        "emergency",
        "late",
        "urged",
        "new",
        "callback",
        "no_reply",
        "promises",
        "outside",
        "soon",
        "untaken",
        "to_accept",
        "visits",
        "to_close",
        "waited_out",
        "open",
    ),
    Role.SUPERVISOR: (
        "emergency",
        "late",
        "urged",
        "mine",
        "no_reply",
        "no_finding",
        "outside",
        "to_confirm",
        "to_accept",
        "team_accept",
        "repeat",
        "my_visits",
        "promises",
        "untaken",
        "open",
    ),
    Role.MANAGER: _LEADING,
    Role.DEPUTY: _LEADING,
    Role.STEWARD: (
        "emergency",
        "mine",
        "late",
        "urged",
        "no_reply",
        "promises",
        "to_accept",
        "visits",
        "waited_out",
        "open",
    ),
    Role.TECHNICIAN: ("mine_new", "mine", "urged", "soon", "late", "waited_out"),
    Role.FINANCE: ("fees", "late", "complaints", "open"),
    Role.QUALITY: ("emergency", "mine", "to_confirm", "complaints", "no_reply", "no_finding", "repeat", "late"),
    Role.ADMIN: ("emergency", "late", "new", "open"),
}
"""Role → the queues on its first page."""

PRESSING: dict[str, tuple[str, ...]] = {
    Role.ASSISTANT: ("emergency", "late", "new", "callback", "promises"),
    Role.SUPERVISOR: ("emergency", "late", "repeat", "no_reply", "no_finding"),
    Role.MANAGER: ("emergency", "late", "repeat"),
    Role.DEPUTY: ("emergency", "late", "repeat"),
    Role.STEWARD: ("emergency", "late", "promises", "visits"),
    Role.TECHNICIAN: ("mine_new", "late", "waited_out"),
    Role.FINANCE: ("fees",),
    Role.QUALITY: ("emergency", "repeat"),
    Role.ADMIN: ("emergency", "late"),
}
"""Role → the queues whose tickets are counted on the browser's tab: what must not wait."""

_LEADING_FIRST = (
    "emergency",
    "to_accept",
    "mine",
    "repeat",
    "late",
    "urged",
    "outside",
    "to_confirm",
    "team_accept",
    "no_reply",
    "untaken",
)
SHOWN_FIRST: dict[str, tuple[str, ...]] = {
    Role.ASSISTANT: (
        "emergency",
        "to_accept",
        "callback",
        "late",
        "urged",
        "new",
        "no_reply",
        "promises",
        "outside",
        "soon",
        "untaken",
        "visits",
    ),
    Role.SUPERVISOR: (
        "emergency",
        "to_accept",
        "repeat",
        "late",
        "urged",
        "no_reply",
        "no_finding",
        "promises",
        "mine",
        "outside",
        "to_confirm",
        "team_accept",
        "my_visits",
    ),
    Role.MANAGER: _LEADING_FIRST,
    Role.DEPUTY: _LEADING_FIRST,
    Role.STEWARD: ("emergency", "to_accept", "late", "urged", "no_reply", "promises", "waited_out", "mine", "visits"),
    Role.TECHNICIAN: ("mine",),
    Role.FINANCE: ("fees",),
    Role.QUALITY: ("emergency", "mine", "to_confirm", "repeat", "no_reply", "complaints"),
    Role.ADMIN: ("emergency", "late", "new"),
}
"""Role → the queues whose tickets are listed on the page in order of urgency; the first that fits says why."""

BESIDE: dict[str, Callable[[Actor], ColumnElement[int]]] = {
    "records": papers_due.waiting_count,
    "appraisals": appraisals.waiting_count,
    "cash": day_closings.waiting_count,
    "answers": knowledge.waiting_count,
    "plans": plans.waiting_count,
    "offers": offers.waiting_count,
}
"""What waits for a name or a hand besides tickets → how many of it."""

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


def counts(
    session: Session, actor: Actor, codes: tuple[str, ...], now: datetime, drill_days: int = 0
) -> dict[str, int]:
    """How many tickets stand in each queue, how many are open and how old (`age_…`), and how much beside tickets waits for the
    actor (`BESIDE`, drills and plans not drilled for so many days): one statement, one pass."""
    sums = [func.count(case((QUEUES[code].condition(actor, now), Ticket.id))).label(code) for code in codes]
    old = [count.label(f"age_{code}") for code, count in ages(actor, now).items()]
    beside = [count(actor).label(name) for name, count in BESIDE.items()]
    beside.append(drill_lists.overdue_count(actor, now).label("drills_overdue"))
    beside.append(drill_lists.undrilled_count(actor, now, drill_days).label("plans_undrilled"))
    row = session.execute(select(*sums, *old, *beside).where(Ticket.state.in_(LIVE_STATES), rows(actor, Ticket))).one()
    return {name: int(number) for name, number in row._mapping.items()}


@dataclass(frozen=True)
class Waiting:
    """A ticket that waits for the actor: in which queue, which of its clocks runs out next and when that warns, and which
    ran out first."""

    ticket: Ticket
    why: str
    clock: str | None
    warn_at: datetime | None
    late_clock: str | None
    late_at: datetime | None


def waiting(
    session: Session, actor: Actor, codes: tuple[str, ...], now: datetime, most: int, *, in_hand: bool = False
) -> list[Waiting]:
    """The tickets of the queues in the order of `_urgency`, each with its reason; `in_hand`: also whom their work was handed in
    or offered to. One statement."""
    conditions = [(code, QUEUES[code].condition(actor, now)) for code in codes]
    why = case(*((condition, code) for code, condition in conditions))
    next_clock = (
        select(Clock)
        .where(Clock.ticket_id == Ticket.id, Clock.state == ClockState.RUNNING)
        .order_by(Clock.due_at)
        .limit(1)
    )
    run_out = select(Clock).where(Clock.ticket_id == Ticket.id, has_run_out(now)).order_by(Clock.due_at).limit(1)
    columns = ((next_clock, Clock.name), (next_clock, Clock.warn_at), (run_out, Clock.name), (run_out, Clock.due_at))
    clocks = (found.with_only_columns(column).scalar_subquery() for found, column in columns)
    statement = (
        select(Ticket, why, *clocks)
        .where(Ticket.state.in_(LIVE_STATES), rows(actor, Ticket), or_(*(condition for _code, condition in conditions)))
        .options(*_SHOWN, *(_IN_HAND if in_hand else ()))
        .order_by(*_urgency(now), Ticket.id)
        .limit(most)
    )
    return [Waiting(*row) for row in session.execute(statement)]


def on_foot(found: list[Waiting], now: datetime) -> list[Waiting]:
    """The same in the order in which one walks (`rules.route`): by urgency, and then the nearest next."""
    by_id = {item.ticket.id: item for item in found}
    return [by_id[ticket_id] for ticket_id in route.walk(_stop(item, now) for item in found)]


def _stop(item: Waiting, now: datetime) -> route.Stop:
    ticket = item.ticket
    emergency = Kind.EMERGENCY in (ticket.kind, ticket.priority)
    pressing = bool(item.late_at or ticket.urged_count)
    return route.Stop(
        id=ticket.id,
        urgency=route.urgency(now, ticket.due_at, emergency=emergency, pressing=pressing),
        position=ticket.building.position if ticket.building else None,
        floor=(ticket.house.floor or 0) if ticket.house else 0,
        here=ticket.state == TicketState.IN_PROGRESS,
    )


def listed(
    session: Session,
    actor: Actor,
    wanted: ColumnElement[bool],
    now: datetime,
    *,
    skip: int = 0,
    most: int = 25,
) -> tuple[int, list[Ticket]]:
    """How many tickets there are and a page of them in the order of `_urgency`."""
    conditions = (Ticket.state.in_(LIVE_STATES), rows(actor, Ticket), wanted)
    total = session.scalar(select(func.count()).select_from(Ticket).where(*conditions))
    page = (
        select(Ticket).where(*conditions).options(*_SHOWN).order_by(*_urgency(now), Ticket.id).offset(skip).limit(most)
    )
    return total or 0, list(session.scalars(page))


@dataclass(frozen=True)
class BuildingWork:
    """One of the steward's buildings: how many tickets stand in each of a few queues."""

    building: Building
    numbers: dict[str, int]


OF_BUILDINGS = ("open", "late", "visits")


def buildings(session: Session, actor: Actor, now: datetime) -> list[BuildingWork]:
    """The buildings somebody is responsible for, with what is open there. One statement."""
    sums = [func.count(case((QUEUES[code].condition(actor, now), Ticket.id))).label(code) for code in OF_BUILDINGS]
    live = and_(Ticket.building_id == Building.id, Ticket.state.in_(LIVE_STATES), rows(actor, Ticket))
    statement = (
        select(Building, *sums)
        .outerjoin(Ticket, live)
        .where(Building.id.in_(actor.building_ids), rows(actor, Building))
        .group_by(Building.id)
        .order_by(Building.position, Building.id)
    )
    return [BuildingWork(row[0], dict(zip(OF_BUILDINGS, row[1:], strict=True))) for row in session.execute(statement)]


_SHOWN = (
    joinedload(Ticket.house),
    joinedload(Ticket.category),
    joinedload(Ticket.assignee),
    joinedload(Ticket.department),
    joinedload(Ticket.building),
)
_IN_HAND = (
    joinedload(Ticket.acceptance).joinedload(TicketAcceptance.acceptor),
    joinedload(Ticket.offer).options(joinedload(TicketOffer.to), joinedload(TicketOffer.department)),
)


def _urgency(now: datetime) -> tuple[Any, ...]:
    """Emergencies; then what is late or was asked about again, the longest late first; then the nearest deadline.

    `Ticket.due_at` is the earliest clock that still runs, so it says nothing of one that has run out already.
    """
    late_since = select(func.min(Clock.due_at)).where(Clock.ticket_id == Ticket.id, has_run_out(now)).scalar_subquery()
    since = case((Ticket.state.in_(OPEN_STATES), func.coalesce(late_since, Ticket.due_at)), else_=Ticket.due_at)
    emergency = and_(Ticket.kind == Kind.EMERGENCY, not_(Ticket.state == TicketState.DONE))
    pressing = or_(since <= now, and_(Ticket.urged_count > 0, Ticket.state.in_(OPEN_STATES)))
    rank = case((emergency, 0), (pressing, 1), else_=2)
    return (rank, since.is_(None), since, Ticket.created_at)
