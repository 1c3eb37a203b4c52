"""What speaks against reminding somebody who is in arrears (D10): a complaint about fees, a rest, a payer who is gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.models import Bill, Category, CollectionHold, FeeReminder, Tenure, Ticket
from app.rules import reminders as rules
from app.rules.codes import Kind, TicketState
from app.services import arrears
from app.services.arrears import Debt

FEE_CATEGORY = "fee"
_SETTLED = (TicketState.CLOSED, TicketState.CANCELLED)


def cases_of(session: Session, debts: Iterable[Debt], today: date) -> dict[tuple[int, int], rules.Case]:
    """(house, payer) → the case: who is gone, who complains about fees, which houses rest. Three statements."""
    debts = list(debts)
    houses, payers = {debt.house_id for debt in debts}, {debt.payer_id for debt in debts}
    tied = set(
        session.execute(
            select(Tenure.house_id, Tenure.person_id).where(
                Tenure.house_id.in_(houses),
                Tenure.starts_on <= today,
                or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today),
            )
        ).tuples()
    )
    of_house, of_person = _complaints(session, houses, payers)
    resting = holds(session, houses, today)
    return {
        (debt.house_id, debt.payer_id): rules.Case(
            debt.total,
            debt.oldest,
            tied=(debt.house_id, debt.payer_id) in tied,
            complaint=debt.house_id in of_house or debt.payer_id in of_person,
            hold=resting[debt.house_id].kind if debt.house_id in resting else None,
        )
        for debt in debts
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


def fee_complaint() -> ColumnElement[bool]:
    """Complaints about fees that are not settled: closed, or cancelled."""
    fees = select(Category.id).where(Category.code == FEE_CATEGORY)
    return and_(Ticket.kind == Kind.COMPLAINT, Ticket.category_id.in_(fees), Ticket.state.not_in(_SETTLED))


def _complaints(session: Session, houses: Iterable[int], payers: Iterable[int]) -> tuple[set[int], set[int]]:
    """The houses and the people with a complaint about fees that is not settled."""
    whose = or_(
        Ticket.house_id.in_(list(houses)), and_(Ticket.house_id.is_(None), Ticket.reporter_id.in_(list(payers)))
    )
    found = session.execute(select(Ticket.house_id, Ticket.reporter_id).where(fee_complaint(), whose)).all()
    return {row[0] for row in found if row[0]}, {row[1] for row in found if row[0] is None and row[1]}


def not_now(session: Session, waiting: Iterable[FeeReminder], today: date) -> tuple[dict[int, rules.Why], set[int]]:
    """Of letters that wait: id → what lets it rest meanwhile, and the ids of those that have been paid."""
    waiting = list(waiting)
    debts = arrears.debts(session, Bill.house_id.in_({one.house_id for one in waiting}), today=today) if waiting else []
    cases = cases_of(session, debts, today)
    resting, paid = {}, set()
    for one in waiting:
        case = cases.get((one.house_id, one.payer_id))
        if case is None:
            paid.add(one.id)
        elif (why := rules.paused(case)) is not None:
            resting[one.id] = why
    return resting, paid
