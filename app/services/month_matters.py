"""What the figures of a month count (D16): of which records, at which instant. A number and its list are made of the same.

The codes are the fields of `rules.month_figures.Tally`. A request belongs to the month it was registered in, an answer to the
month it was given in, a bill to its period. Everything is cut to the actor's own rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.models import (
    Bill,
    Call,
    Clock,
    EscalationAttempt,
    House,
    Ladder,
    ReturnVisit,
    StewardBuilding,
    Ticket,
)
from app.rules.codes import (
    OCCUPIED_STATES,
    AttemptState,
    BillState,
    ClockState,
    Kind,
    Priority,
    VisitState,
)
from app.rules.figures import SATISFIED_FROM
from app.services.access import rows
from app.services.actors import Actor
from app.services.reporting.period import Month

Condition = ColumnElement[bool]

JUDGED: Condition = and_(Ticket.clocks_ended > 0, Ticket.clocks_live == 0)
"""Every clock of the request has ended (I8)."""
IN_TIME: Condition = and_(JUDGED, Ticket.clocks_met == Ticket.clocks_ended)
"""… and each was met."""
LATE: Condition = Ticket.clocks_met < Ticket.clocks_ended

COMPLAINT: Condition = Ticket.kind == Kind.COMPLAINT
DONE: Condition = Ticket.done_at.is_not(None)
ANSWERED: Condition = Ticket.responded_seconds.is_not(None)
URGENT = (Priority.URGENT, Priority.EMERGENCY)
URGENT_REPAIR: Condition = and_(Ticket.kind == Kind.REPAIR, Ticket.priority.in_(URGENT), DONE)
ASKED: Condition = exists().where(
    ReturnVisit.ticket_id == Ticket.id, ReturnVisit.state.in_((VisitState.MADE, VisitState.UNREACHABLE))
)
"""The household was asked, or could not be reached after several tries (D8)."""
CLOCK_ENDED: Condition = Clock.state.in_((ClockState.MET, ClockState.BREACHED))
SCORED: Condition = ReturnVisit.score.is_not(None)
ACCEPTED: Condition = EscalationAttempt.state == AttemptState.ACCEPTED


@dataclass(frozen=True)
class Matter:
    """Records behind a number: tickets, or what hangs on them (`beside`), by the instant they are counted at."""

    at: InstrumentedAttribute[Any]
    conditions: tuple[Condition, ...] = ()
    beside: str = ""


_REGISTERED = Ticket.created_at
MATTERS: dict[str, Matter] = {
    "requests": Matter(_REGISTERED),
    "complaints": Matter(_REGISTERED, (COMPLAINT,)),
    "emergencies": Matter(_REGISTERED, (Ticket.kind == Kind.EMERGENCY,)),
    "done": Matter(_REGISTERED, (DONE,)),
    "judged": Matter(_REGISTERED, (JUDGED,)),
    "in_time": Matter(_REGISTERED, (IN_TIME,)),
    "answered": Matter(_REGISTERED, (ANSWERED,)),
    "complaints_judged": Matter(_REGISTERED, (COMPLAINT, JUDGED)),
    "complaints_in_time": Matter(_REGISTERED, (COMPLAINT, IN_TIME)),
    "complaints_done": Matter(_REGISTERED, (COMPLAINT, DONE)),
    "complaints_asked": Matter(_REGISTERED, (COMPLAINT, DONE, ASKED)),
    "urgent_repairs": Matter(_REGISTERED, (URGENT_REPAIR,)),
    "clocks_ended": Matter(_REGISTERED, (CLOCK_ENDED,), "clock"),
    "clocks_met": Matter(_REGISTERED, (Clock.state == ClockState.MET,), "clock"),
    "answers": Matter(ReturnVisit.visited_at, (SCORED,), "visit"),
    "satisfied": Matter(ReturnVisit.visited_at, (ReturnVisit.score >= SATISFIED_FROM,), "visit"),
    "accepted": Matter(_REGISTERED, (ACCEPTED,), "alarm"),
}
"""Code → the tickets, clocks, answers or alarms that are counted."""

OTHERS = ("calls", "bills", "occupied")
"""Codes whose records are no tickets."""


@dataclass(frozen=True)
class Cut:
    """What a figure is narrowed to; None: not by this. A person is whoever has the ticket in hand; of bills, the steward of
    the house's building on the month's last day."""

    community_id: int | None = None
    building_id: int | None = None
    category_id: int | None = None
    department_id: int | None = None
    person_id: int | None = None

    @property
    def of_work(self) -> bool:
        """Narrowed to a kind of work or to somebody's: calls and households know nothing of these."""
        return (self.category_id, self.department_id, self.person_id) != (None, None, None)

    def tickets(self) -> list[Condition]:
        """On tickets."""
        columns: Mapping[str, Any] = {
            "community_id": Ticket.community_id,
            "building_id": Ticket.building_id,
            "category_id": Ticket.category_id,
            "department_id": Ticket.department_id,
            "person_id": Ticket.assignee_id,
        }
        return [column == value for name, column in columns.items() if (value := getattr(self, name)) is not None]

    def houses(self) -> list[Condition]:
        """On houses."""
        columns: Mapping[str, Any] = {"community_id": House.community_id, "building_id": House.building_id}
        return [column == value for name, column in columns.items() if (value := getattr(self, name)) is not None]


WHOLE = Cut()
"""Everything."""


def in_span(column: Any, month: Month) -> Condition:
    """Counted in this month."""
    return and_(column >= month.starts_at, column < month.ends_at)


def of_tickets(actor: Actor, cut: Cut, *, answers: bool = False) -> list[Condition]:
    """Tickets that count in figures (I8) and are the actor's; an answer counts whatever became of its ticket since."""
    counts = [] if answers else [Ticket.counts_in_figures.is_(True)]
    return [*counts, rows(actor, Ticket), *cut.tickets()]


def of_calls(actor: Actor, cut: Cut) -> list[Condition]:
    """Calls that came in."""
    here = [] if cut.community_id is None else [Call.community_id == cut.community_id]
    if cut.building_id is not None:
        here.append(Call.house_id.in_(select(House.id).where(House.building_id == cut.building_id)))
    return [Call.direction == "inbound", rows(actor, Call), *here]


def of_bills(actor: Actor, cut: Cut, month: Month) -> list[Condition]:
    """Bills of the period that were not cancelled."""
    here: list[Condition] = [] if cut.community_id is None else [Bill.community_id == cut.community_id]
    if cut.building_id is not None:
        here.append(Bill.house_id.in_(select(House.id).where(House.building_id == cut.building_id)))
    if cut.person_id is not None:
        here.append(Bill.house_id.in_(_looked_after(cut.person_id, month.last_day)))
    return [Bill.period == month.key, Bill.state != BillState.CANCELLED, rows(actor, Bill), *here]


def _looked_after(staff_id: int, day: date) -> Any:
    return (
        select(House.id)
        .join(StewardBuilding, StewardBuilding.building_id == House.building_id)
        .where(
            StewardBuilding.staff_id == staff_id,
            StewardBuilding.starts_on <= day,
            or_(StewardBuilding.ends_on.is_(None), StewardBuilding.ends_on >= day),
        )
    )


def of_households(actor: Actor, cut: Cut) -> list[Condition]:
    """Occupied households (I8): occupied, renovating, let."""
    return [House.state.in_(OCCUPIED_STATES), rows(actor, House), *cut.houses()]


def joined(statement: Any, matter: Matter) -> Any:
    """A statement on tickets with what hangs on them beside."""
    if matter.beside == "clock":
        return statement.join(Clock, Clock.ticket_id == Ticket.id)
    if matter.beside == "visit":
        return statement.join(ReturnVisit, ReturnVisit.ticket_id == Ticket.id)
    if matter.beside == "alarm":
        ladder = statement.join(Ladder, Ladder.ticket_id == Ticket.id)
        return ladder.join(EscalationAttempt, and_(EscalationAttempt.ladder_id == Ladder.id, ACCEPTED))
    return statement


def whole_units(session: Session, start: Any, end: Any, unit: int) -> ColumnElement[Any]:
    """Whole units of so many seconds between two instants, begun ones left out, as the database at hand says it."""
    if session.get_bind().dialect.name == "sqlite":
        seconds = func.round((func.julianday(end) - func.julianday(start)) * 86400.0, 2)
        return cast(seconds / float(unit), Integer)
    return func.floor(func.date_part("epoch", end - start) / unit)
