"""What a charged service order owes (D9, D10): a bill of its own in the books; its order is paid when the bill is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Bill, ServiceOrder, Ticket
from app.rules.codes import BillState, OrderState
from app.rules.service_orders import ORDER_LABELS
from app.services import ledger, single_bills
from app.services.actors import Actor
from app.services.spoken_lines import house_locale
from app.services.tickets import add_entry

FEE = single_bills.Fee("service", "有偿服务", "Paid services", 90)


def charge(session: Session, order: ServiceOrder, ticket: Ticket, yuan: Decimal, actor: Actor, now: datetime) -> Bill:
    """The bill of an order, with its charge in the books. The caller waits for nobody but the payer's account.

    Raises Refused where nobody can be charged."""
    whose = single_bills.whose(session, ticket, order.house_id, now)
    ledger.account(session, whose)
    each = order.amount_yuan is not None and order.amount_yuan * order.count == yuan
    quantity, rate = (order.count, order.amount_yuan or yuan) if each else (1, yuan)
    bill = single_bills.make(session, FEE, whose, quantity, rate, yuan, ticket, actor, now)
    order.house_id, order.bill_id = whose.house_id, bill.id
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
