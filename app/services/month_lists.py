"""The records behind a figure of a month, page by page: exactly as many as the figure counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, Select, String, cast, func, null, select
from sqlalchemy.orm import Session, joinedload

from app.models import Bill, Call, Clock, House, ReturnVisit, Ticket
from app.rules.codes import ClockState
from app.services import month_matters as matters
from app.services.actors import Actor
from app.services.month_matters import MATTERS, Cut, in_span
from app.services.reporting.period import Month


@dataclass(frozen=True)
class Listed:
    """A ticket in a list, with what the figure says of it: its score, whether it was in time, its clock."""

    ticket: Ticket
    score: int | None = None
    late: bool | None = None
    responded_seconds: int | None = None
    clock: str | None = None


_PUNCTUAL = ("judged", "in_time", "complaints_judged", "complaints_in_time")


def tickets(
    session: Session, actor: Actor, what: str, month: Month, cut: Cut, *, skip: int = 0, most: int = 25
) -> tuple[int, list[Listed]]:
    """How many there are and a page of them, the newest first. A ticket with several clocks or answers stands several times."""
    matter = MATTERS[what]
    late: ColumnElement[Any] = cast(null(), Boolean)
    if matter.beside == "clock":
        late = Clock.state == ClockState.BREACHED
    elif what in _PUNCTUAL:
        late = matters.LATE
    statement = select(
        Ticket,
        (ReturnVisit.score if matter.beside == "visit" else cast(null(), Integer)).label("score"),
        late.label("late"),
        (Ticket.responded_seconds if what == "answered" else cast(null(), Integer)).label("responded"),
        (Clock.name if matter.beside == "clock" else cast(null(), String)).label("clock"),
    ).select_from(Ticket)
    statement = matters.joined(statement, matter).where(*_conditions(actor, what, month, cut))
    total = session.scalar(select(func.count()).select_from(statement.with_only_columns(Ticket.id).subquery()))
    page = (
        statement.options(joinedload(Ticket.house), joinedload(Ticket.category), joinedload(Ticket.assignee))
        .order_by(matter.at.desc(), Ticket.id.desc(), *([Clock.id] if matter.beside == "clock" else []))
        .offset(skip)
        .limit(most)
    )
    return total or 0, [Listed(*row) for row in session.execute(page)]


def numbers(session: Session, actor: Actor, what: str, month: Month, cut: Cut) -> list[int]:
    """The ids of the tickets behind a figure, each as often as it was counted, in order."""
    statement = matters.joined(select(Ticket.id).select_from(Ticket), MATTERS[what])
    return list(session.scalars(statement.where(*_conditions(actor, what, month, cut)).order_by(Ticket.id)))


def _conditions(actor: Actor, what: str, month: Month, cut: Cut) -> list[ColumnElement[bool]]:
    matter = MATTERS[what]
    own = matters.of_tickets(actor, cut, answers=matter.beside == "visit")
    return [in_span(matter.at, month), *matter.conditions, *own]


def calls(
    session: Session, actor: Actor, month: Month, cut: Cut, *, skip: int = 0, most: int = 25
) -> tuple[int, list[Call]]:
    """How many calls came in, and a page of them, the newest first."""
    page = select(Call).where(in_span(Call.started_at, month), *matters.of_calls(actor, cut))
    return _page(
        session,
        page.options(joinedload(Call.house), joinedload(Call.tickets)).order_by(Call.started_at.desc(), Call.id.desc()),
        Call.id,
        skip,
        most,
    )


def bills(
    session: Session, actor: Actor, month: Month, cut: Cut, *, skip: int = 0, most: int = 25
) -> tuple[int, list[Bill]]:
    """How many bills the period has, and a page of them."""
    page = select(Bill).where(*matters.of_bills(actor, cut, month))
    page = page.options(joinedload(Bill.house), joinedload(Bill.payer), joinedload(Bill.fee_item))
    return _page(session, page.order_by(Bill.due_on, Bill.id), Bill.id, skip, most)


def households(session: Session, actor: Actor, cut: Cut, *, skip: int = 0, most: int = 25) -> tuple[int, list[House]]:
    """How many households are occupied, and a page of them."""
    page = select(House).where(*matters.of_households(actor, cut)).order_by(House.building_id, House.name, House.id)
    return _page(session, page, House.id, skip, most)


def _page(session: Session, statement: Select[Any], key: Any, skip: int, most: int) -> tuple[int, list[Any]]:
    counted = statement.with_only_columns(key).order_by(None)
    total = session.scalar(select(func.count()).select_from(counted.subquery()))
    return total or 0, list(session.scalars(statement.offset(skip).limit(most)).unique())
