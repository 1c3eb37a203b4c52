"""The costs of a month: every line that counts, and its sums by who bears it, by department and by category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, func, literal, null, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.models import Bill, Category, Department, Ticket, TicketCost
from app.rules.codes import Bearer, BillState, CostStanding
from app.rules.ticket_states import FINISHED
from app.services.access import rows
from app.services.actors import Actor
from app.services.month_matters import Cut, in_span
from app.services.reporting.period import Month

NOTHING = Decimal("0.00")
MOST = 50_000  # †
"""So many lines go into one file; what is over is said in its last line."""

# The sum of whole fen: as money it would be read as a product of SQLite's own.
_FEN = func.sum(cast(TicketCost.amount_yuan, BigInteger))


def _word(code: str) -> ColumnElement[str]:
    """Written out in the statement: PostgreSQL takes a grouped expression for the selected one only where both say the same."""
    return literal(str(code), literal_execute=True)


_STANDING: ColumnElement[Any] = case(
    (TicketCost.bearer != _word(Bearer.OWNER), null()),
    (Bill.state == _word(BillState.PAID), _word(CostStanding.PAID)),
    (TicketCost.bill_id.is_not(None), _word(CostStanding.BILLED)),
    (TicketCost.charged_at.is_not(None), _word(CostStanding.CHARGED)),
    (TicketCost.accepted_at.is_not(None), _word(CostStanding.AGREED)),
    else_=_word(CostStanding.TO_AGREE),
)
"""How far a line of the household has come, as `rules.ticket_costs.standing` says it; of lines that are not struck."""


@dataclass(frozen=True)
class Uncharged:
    """A finished ticket with what its household has not been charged yet: so many lines, so many of them not agreed to."""

    ticket: Ticket
    lines: int
    unagreed: int
    yuan: Decimal


@dataclass
class Sums:
    """What one department or category cost: by who bears it. `row` is None where a ticket has none."""

    row: Department | Category | None = None
    by_bearer: dict[str, Decimal] = field(default_factory=lambda: {one.value: NOTHING for one in Bearer})

    @property
    def total(self) -> Decimal:
        """All of it."""
        return sum(self.by_bearer.values(), NOTHING)


@dataclass
class Part:
    """So many lines of so many yuan."""

    count: int = 0
    yuan: Decimal = NOTHING


@dataclass(frozen=True)
class CostMonth:
    """A month's costs."""

    count: int
    whole: Sums
    household: dict[str, Part]
    """What the household bears, by how far it has come (`CostStanding`); every one of them."""
    departments: list[Sums]
    categories: list[Sums]


def month(session: Session, actor: Actor, span: Month, cut: Cut) -> CostMonth:
    """The sums of the lines that the actor may see: three statements."""
    statement = _limited(
        select(Ticket.department_id, Ticket.category_id, TicketCost.bearer, _STANDING, _FEN, func.count()),
        actor,
        span,
        cut,
    ).group_by(Ticket.department_id, Ticket.category_id, TicketCost.bearer, _STANDING)
    household = {one.value: Part() for one in CostStanding}
    whole, count = Sums(), 0
    departments: dict[int | None, Sums] = {}
    categories: dict[int | None, Sums] = {}
    for department_id, category_id, bearer, standing, found, lines in session.execute(statement):
        amount = Decimal(int(found)).scaleb(-2)
        count += lines
        if standing:
            part = household[standing]
            part.count, part.yuan = part.count + lines, part.yuan + amount
        for sums in (
            whole,
            departments.setdefault(department_id, Sums()),
            categories.setdefault(category_id, Sums()),
        ):
            sums.by_bearer[bearer] += amount
    by_department, by_category = _named(session, Department, departments), _named(session, Category, categories)
    return CostMonth(count, whole, household, by_department, by_category)


def lines(
    session: Session, actor: Actor, span: Month, cut: Cut, standing: str = "", *, skip: int = 0, most: int
) -> Sequence[TicketCost]:
    """The lines of a month, the newest first, with their tickets and bills; with `standing` those that have come so far."""
    eager = joinedload(TicketCost.ticket)
    statement = _limited(select(TicketCost), actor, span, cut).options(
        eager.joinedload(Ticket.category), eager.joinedload(Ticket.department), eager.joinedload(Ticket.house),
        contains_eager(TicketCost.bill),
    )  # fmt: skip
    if standing:
        statement = statement.where(_STANDING.in_((standing,)))
    page = statement.order_by(TicketCost.at.desc(), TicketCost.id.desc()).offset(skip).limit(most)
    return session.scalars(page).unique().all()


def uncharged_sum(session: Session, actor: Actor) -> tuple[int, Decimal]:
    """How many finished tickets of the actor's rows have costs of the household that are not charged, and how much. One statement."""
    tickets, fen = session.execute(_uncharged(actor, func.count(TicketCost.ticket_id.distinct()), _FEN)).one()
    return tickets, Decimal(int(fen or 0)).scaleb(-2)


def uncharged(session: Session, actor: Actor, *, skip: int = 0, most: int) -> list[Uncharged]:
    """These tickets of all months, those that can be charged at once first, then the oldest. Two statements."""
    unagreed = func.sum(case((TicketCost.accepted_at.is_(None), 1), else_=0))
    grouped = _uncharged(actor, TicketCost.ticket_id, func.count(), unagreed, _FEN).group_by(TicketCost.ticket_id)
    order = (case((unagreed > 0, 1), else_=0), func.min(TicketCost.at), TicketCost.ticket_id)
    found = session.execute(grouped.order_by(*order).offset(skip).limit(most)).all()
    eager = (joinedload(Ticket.house), joinedload(Ticket.category))
    wanted = select(Ticket).where(Ticket.id.in_([row[0] for row in found])).options(*eager)
    known = {ticket.id: ticket for ticket in session.scalars(wanted)}
    return [
        Uncharged(known[key], lines, int(open_ones), Decimal(int(fen)).scaleb(-2))
        for key, lines, open_ones, fen in found
    ]


def _uncharged(actor: Actor, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(TicketCost)
        .join(Ticket, Ticket.id == TicketCost.ticket_id)
        .where(
            TicketCost.bearer == Bearer.OWNER,
            TicketCost.charged_at.is_(None),
            TicketCost.struck_at.is_(None),
            Ticket.state.in_(FINISHED),
            rows(actor, TicketCost),
        )
    )


def _limited(statement: Select[Any], actor: Actor, span: Month, cut: Cut) -> Select[Any]:
    """What counts is what is not struck, in the month it was written."""
    own: list[ColumnElement[bool]] = [rows(actor, TicketCost), in_span(TicketCost.at, span), *cut.tickets()]
    return (
        statement.select_from(TicketCost)
        .join(Ticket, Ticket.id == TicketCost.ticket_id)
        .outerjoin(TicketCost.bill)
        .where(TicketCost.struck_at.is_(None), *own)
    )


def _named(session: Session, model: Any, found: dict[int | None, Sums]) -> list[Sums]:
    """With their rows, the dearest first."""
    known = {row.id: row for row in session.scalars(select(model).where(model.id.in_([one for one in found if one])))}
    for key, sums in found.items():
        sums.row = known.get(key)
    return [found[key] for key in sorted(found, key=lambda key: (-found[key].total, key or 0))]
