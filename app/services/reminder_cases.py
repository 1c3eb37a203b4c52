"""What speaks against reminding somebody who is in arrears (D10): a complaint about fees, a rest, a payer who is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.models import Bill, Category, CollectionHold, FeeReminder, Ticket
from app.rules import reminders as rules
from app.rules.codes import Kind, TicketState
from app.services import debts
from app.services.debts import Debt

FEE_CATEGORY = "fee"
_SETTLED = (TicketState.CLOSED, TicketState.CANCELLED)


def cases_of(session: Session, found: Iterable[Debt], today: date) -> dict[tuple[int, int], rules.Case]:
    """(house, payer) → the case: who is gone, who complains about fees, which houses rest. Two statements."""
    owing = list(found)
    houses = {debt.house_id for debt in owing}
    complaints = complaints_of(session, houses, {debt.payer_id for debt in owing})
    return cases(owing, holds(session, houses, today), complaints)


def cases(
    owing: Iterable[Debt], resting: Mapping[int, CollectionHold], complaints: Collection[Ticket]
) -> dict[tuple[int, int], rules.Case]:
    """(house, payer) → the case, of what is known already: the houses' holds of today, the complaints about fees."""
    of_house = {one.house_id for one in complaints if one.house_id}
    of_person = {one.reporter_id for one in complaints if one.house_id is None and one.reporter_id}
    return {
        (debt.house_id, debt.payer_id): rules.Case(
            debt.total,
            debt.oldest,
            tied=debt.tied,
            complaint=debt.house_id in of_house or debt.payer_id in of_person,
            hold=resting[debt.house_id].kind if debt.house_id in resting else None,
        )
        for debt in owing
    }


def holds(session: Session, house_ids: Iterable[int], today: date) -> dict[int, CollectionHold]:
    """House → what lets it rest today; of several the one set last."""
    found = select(CollectionHold).where(
        CollectionHold.house_id.in_(list(house_ids)),
        CollectionHold.lifted_at.is_(None),
        CollectionHold.starts_on <= today,
        or_(CollectionHold.ends_on.is_(None), CollectionHold.ends_on >= today),
    )
    return {one.house_id: one for one in session.scalars(found.order_by(CollectionHold.id))}


def in_force(holds: Iterable[CollectionHold], today: date) -> CollectionHold | None:
    """What lets a house rest today, of all the holds it ever had; of several the one set last."""
    return max(
        (
            one
            for one in holds
            if one.lifted_at is None and one.starts_on <= today and (one.ends_on is None or one.ends_on >= today)
        ),
        key=lambda one: one.id,
        default=None,
    )


def fee_complaint() -> ColumnElement[bool]:
    """Complaints about fees that are not settled: closed, or cancelled."""
    fees = select(Category.id).where(Category.code == FEE_CATEGORY)
    return and_(Ticket.kind == Kind.COMPLAINT, Ticket.category_id.in_(fees), Ticket.state.not_in(_SETTLED))


def complaints_of(session: Session, houses: Iterable[int], payers: Iterable[int]) -> list[Ticket]:
    """The complaints about fees of these houses that are not settled, and those of these people that name no house; the newest first."""
    whose = or_(
        Ticket.house_id.in_(list(houses)), and_(Ticket.house_id.is_(None), Ticket.reporter_id.in_(list(payers)))
    )
    found = select(Ticket).where(fee_complaint(), whose).order_by(Ticket.created_at.desc(), Ticket.id.desc())
    return list(session.scalars(found))


def not_now(session: Session, waiting: Iterable[FeeReminder], today: date) -> tuple[dict[int, rules.Why], set[int]]:
    """Of letters that wait: id → what lets it rest meanwhile, and the ids of those that have been paid."""
    waiting = list(waiting)
    houses = Bill.house_id.in_({one.house_id for one in waiting})
    cases = cases_of(session, debts.in_arrears(session, houses, today=today) if waiting else [], today)
    resting, paid = {}, set()
    for one in waiting:
        case = cases.get((one.house_id, one.payer_id))
        if case is None:
            paid.add(one.id)
        elif (why := rules.paused(case)) is not None:
            resting[one.id] = why
    return resting, paid
