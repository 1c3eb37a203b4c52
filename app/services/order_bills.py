"""What a charged service order owes (D9, D10): a bill of its own in the books; its order is paid when the bill is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from flask_babel import force_locale, gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import N_, Refused
from app.models import Bill, FeeItem, House, ServiceOrder, Tenure, Ticket
from app.rules.codes import Account, BillState, EntryKind, FeeBasis, OrderState, TenureRole
from app.rules.postings import NOTHING, Move
from app.rules.service_orders import ORDER_LABELS
from app.services import ledger
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.policies import figure
from app.services.spoken_lines import house_locale
from app.services.tickets import add_entry

FEE_CODE = "service"
"""The fee item of every community that orders are charged under."""


def charge(session: Session, order: ServiceOrder, ticket: Ticket, yuan: Decimal, actor: Actor, now: datetime) -> Bill:
    """The bill of an order, with its charge in the books. The caller waits for nobody but the payer's account.

    Raises Refused where nobody can be charged."""
    house = session.get(House, order.house_id or ticket.house_id or 0)
    if house is None:
        raise Refused(N_("Nobody can be charged: name the house on the ticket of this order first."))
    today = now.astimezone(local_zone()).date()
    whose = ledger.whose_of(house, _payer(session, house, ticket, today))
    ledger.account(session, whose)
    item, period = _item(session, house.community_id, today), f"{today:%Y-%m}"
    each = order.amount_yuan is not None and order.amount_yuan * order.count == yuan
    bill = Bill(
        **vars(whose), fee_item_id=item, period=period, segment=_segment(session, whose, item, period),
        quantity=order.count if each else 1, rate=order.amount_yuan if each else yuan, amount=yuan, paid_yuan=NOTHING,
        state=BillState.OPEN, issued_on=today, due_on=today + timedelta(days=figure(session, "billing.least_days")),
    )  # fmt: skip
    session.add(bill)
    session.flush()
    moves = [Move(Account.RECEIVABLE, Account.INCOME, yuan, bill.id)]
    ledger.post(session, house.community_id, EntryKind.CHARGE, moves, actor, now, whose, note=ticket.number)
    order.house_id, order.bill_id = house.id, bill.id
    return bill


def follow(session: Session, bills: Iterable[Bill], actor: Actor, now: datetime) -> None:
    """The orders of these bills, as the bills are now: paid, charged again after a reversal, done again when the bill is cancelled."""
    states = {bill.id: bill.state for bill in bills}
    if not states:
        return
    session.flush()
    found = select(ServiceOrder).where(ServiceOrder.bill_id.in_(states)).order_by(ServiceOrder.id)
    found = found.with_for_update(of=ServiceOrder).execution_options(populate_existing=True)
    for order in session.scalars(found).all():
        state = states[order.bill_id or 0]
        after = OrderState.PAID if state == BillState.PAID else OrderState.CHARGED
        if state == BillState.CANCELLED:
            after, order.bill_id, order.charged_yuan, order.charged_at = OrderState.DONE, None, None, None
        if after != order.state:
            order.state = after
            note(session, order, session.get_one(Ticket, order.ticket_id), str(after), actor, now, [])
    session.flush()


def of_bill(session: Session, bill_id: int) -> ServiceOrder | None:
    """The order a bill was made for."""
    return session.scalars(select(ServiceOrder).where(ServiceOrder.bill_id == bill_id)).one_or_none()


def note(
    session: Session, order: ServiceOrder, ticket: Ticket, verb: str, actor: Actor, now: datetime, words: list[str]
) -> None:
    """A line on the ticket's timeline: where the order stands now, in the house's language."""
    with force_locale(house_locale()):
        state = gettext("Order: %(state)s", state=gettext(ORDER_LABELS[OrderState(order.state)]))
    line = " · ".join([state, *words])
    add_entry(session, ticket, "order", actor, now, before=ticket.state, note=line, data={"order": verb})


def _payer(session: Session, house: House, ticket: Ticket, today: date) -> int:
    """Who ordered, where they live or own there today; else the owner, else the tenant, who has been there longest."""
    there = select(Tenure).where(
        Tenure.house_id == house.id, Tenure.starts_on <= today, (Tenure.ends_on.is_(None)) | (Tenure.ends_on >= today)
    )
    known = session.scalars(there.order_by(Tenure.starts_on, Tenure.id)).all()
    if any(one.person_id == ticket.reporter_id for one in known):
        return ticket.reporter_id or 0
    for role in (TenureRole.OWNER, TenureRole.TENANT):
        for one in known:
            if one.role == role:
                return one.person_id
    raise Refused(N_("Nobody can be charged: enter the owner of this house first."))


def _item(session: Session, community_id: int, today: date) -> int:
    """The community's fee item for services, made with its first charge."""
    values = {
        "community_id": community_id, "code": FEE_CODE, "name": "有偿服务", "name_en": "Paid services", "position": 90,
        "basis": FeeBasis.ONCE, "rate": Decimal(0), "valid_from": today,
    }  # fmt: skip
    made = ledger.insert_of(session)(FeeItem).values(**values)
    session.execute(made.on_conflict_do_nothing(index_elements=["community_id", "code"]))
    wanted = select(FeeItem.id).where(FeeItem.community_id == community_id, FeeItem.code == FEE_CODE)
    return session.scalars(wanted).one()


def _segment(session: Session, whose: ledger.Whose, item: int, period: str) -> int:
    """The next number among the payer's bills for services of the month; the account is held meanwhile."""
    taken = select(func.max(Bill.segment)).where(
        Bill.house_id == whose.house_id,
        Bill.payer_id == whose.payer_id,
        Bill.fee_item_id == item,
        Bill.period == period,
    )
    return (session.scalar(taken) or 0) + 1
