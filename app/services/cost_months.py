"""The costs of a month: every line that counts, and its sums by who bears it, by department and by category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, select
from sqlalchemy.orm import Session, joinedload

from app.models import Category, Department, Ticket, TicketCost
from app.rules.codes import Bearer
from app.services.access import rows
from app.services.actors import Actor
from app.services.month_matters import Cut, in_span
from app.services.reporting.period import Month

MOST = 50_000  # †
"""So many lines go into one file; what is over is said in its last line."""


@dataclass
class Sums:
    """What one department or category cost: by who bears it. `row` is None where a ticket has none."""

    row: Department | Category | None = None
    by_bearer: dict[str, Decimal] = field(default_factory=lambda: {one.value: Decimal("0.00") for one in Bearer})

    @property
    def total(self) -> Decimal:
        """All of it."""
        return sum(self.by_bearer.values(), Decimal("0.00"))


@dataclass(frozen=True)
class CostMonth:
    """A month's costs."""

    count: int
    whole: Sums
    departments: list[Sums]
    categories: list[Sums]


def month(session: Session, actor: Actor, span: Month, cut: Cut) -> CostMonth:
    """The sums of the lines that the actor may see: three statements."""
    # The sum of whole fen: as money it would be read as a product of SQLite's own.
    fen = func.sum(cast(TicketCost.amount_yuan, BigInteger))
    statement = _limited(
        select(Ticket.department_id, Ticket.category_id, TicketCost.bearer, fen, func.count()), actor, span, cut
    ).group_by(Ticket.department_id, Ticket.category_id, TicketCost.bearer)
    whole, count = Sums(), 0
    departments: dict[int | None, Sums] = {}
    categories: dict[int | None, Sums] = {}
    for department_id, category_id, bearer, found, lines in session.execute(statement):
        amount = Decimal(int(found)).scaleb(-2)
        count += lines
        for sums in (
            whole,
            departments.setdefault(department_id, Sums()),
            categories.setdefault(category_id, Sums()),
        ):
            sums.by_bearer[bearer] += amount
    return CostMonth(count, whole, _named(session, Department, departments), _named(session, Category, categories))


def lines(session: Session, actor: Actor, span: Month, cut: Cut, *, skip: int = 0, most: int) -> Sequence[TicketCost]:
    """The lines of a month, the newest first, with their tickets."""
    eager = joinedload(TicketCost.ticket)
    statement = _limited(select(TicketCost), actor, span, cut).options(
        eager.joinedload(Ticket.category), eager.joinedload(Ticket.department), eager.joinedload(Ticket.house)
    )
    page = statement.order_by(TicketCost.at.desc(), TicketCost.id.desc()).offset(skip).limit(most)
    return session.scalars(page).unique().all()


def _limited(statement: Select[Any], actor: Actor, span: Month, cut: Cut) -> Select[Any]:
    """What counts is what is not struck, in the month it was written."""
    own: list[ColumnElement[bool]] = [rows(actor, TicketCost), in_span(TicketCost.at, span), *cut.tickets()]
    return (
        statement.select_from(TicketCost)
        .join(Ticket, Ticket.id == TicketCost.ticket_id)
        .where(TicketCost.struck_at.is_(None), *own)
    )


def _named(session: Session, model: Any, found: dict[int | None, Sums]) -> list[Sums]:
    """With their rows, the dearest first."""
    known = {row.id: row for row in session.scalars(select(model).where(model.id.in_([one for one in found if one])))}
    for key, sums in found.items():
        sums.row = known.get(key)
    return [found[key] for key in sorted(found, key=lambda key: (-found[key].total, key or 0))]
