"""Service orders (D9): requested on the telephone, the owner's page or at the desk, moved by the same steps everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.errors import N_, Invalid, NotFound, Refused
from app.models import Bill, ServiceItem, ServiceOrder, ServicePrice, Ticket, WakeUp
from app.rules.codes import OrderState, PriceKind, WakeUpState
from app.rules.prices import PriceTag
from app.rules.service_orders import VERBS, decide
from app.services import ledger, order_bills, payments
from app.services.access import rows
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.spoken_lines import house_locale
from app.services.ticket_input import NOTE_LIMIT, clean_text, future_instant

MOST_YUAN = Decimal("9999999.99")


def request(
    session: Session,
    ticket: Ticket,
    item: ServiceItem,
    price: ServicePrice | None,
    *,
    count: int = 1,
    price_accepted: bool,
    actor: Actor,
    now: datetime,
) -> ServiceOrder:
    """Order a service with the price of this day. A price that is known must have been accepted by who orders (D9)."""
    kind = price.kind if price is not None else PriceKind.FREE
    if kind in (PriceKind.FIXED, PriceKind.PERCENT) and not price_accepted:
        raise Refused(N_("A paid service is ordered only once its price is accepted."))
    order = ServiceOrder(
        ticket_id=ticket.id,
        item_id=item.id,
        community_id=ticket.community_id,
        house_id=ticket.house_id,
        variant=price.variant if price else "",
        count=count,
        price_kind=kind,
        amount_yuan=price.amount_yuan if price else None,
        unit=price.unit if price else "",
        percent=price.percent if price else None,
        base=price.base if price else None,
        state=OrderState.REQUESTED,
        created_at=now,
        price_accepted_at=now if price_accepted and kind != PriceKind.QUOTATION else None,
    )
    session.add(order)
    session.flush()
    _note(session, order, ticket, "requested", actor, now, "")
    return order


def own(session: Session, actor: Actor, order_id: int) -> ServiceOrder | None:
    """One order, if it is the actor's to see."""
    wanted = (ServiceOrder.id == order_id, rows(actor, ServiceOrder))
    return session.scalars(select(ServiceOrder).where(*wanted)).one_or_none()


def tag_of(order: ServiceOrder) -> PriceTag:
    """The price the order keeps, as plain data."""
    amount = "" if order.amount_yuan is None else f"{order.amount_yuan:,.2f}"
    percent = "" if order.percent is None else f"{order.percent.normalize():f}"
    unit_en, base_en = next(
        ((one.unit_en, one.base_en) for one in order.item.prices if (one.unit, one.base) == (order.unit, order.base)),
        (order.unit, order.base),
    )
    base = order.base or ""
    return PriceTag(order.price_kind, amount, order.unit, unit_en or order.unit, percent, base, base_en or base)


def perform(
    session: Session, order: ServiceOrder, verb: str, actor: Actor, now: datetime, data: Mapping[str, Any] | None = None
) -> ServiceOrder:
    """Take one step: quote, accept, schedule, finish, charge, cancel. `data`: amount_yuan, at, note.

    Raises NotFound for an unknown verb, Forbidden for the role, Invalid for the input, Refused for the state.
    """
    if verb not in VERBS:
        raise NotFound(N_("There is no such step."))
    sent = data or {}
    if verb == "charge":
        # Of two that charge it at once, the second sees that it is charged.
        session.refresh(order, with_for_update={"of": ServiceOrder})
    target = decide(verb, order.state, order.price_kind, actor.roles, actor.is_system)
    note = clean_text(sent.get("note"), NOTE_LIMIT)
    if verb == "quote":
        order.quoted_yuan = _yuan(sent.get("amount_yuan"))
    elif verb == "accept":
        order.price_accepted_at = now
    elif verb == "schedule":
        order.scheduled_at = _instant(sent.get("at"), now)
    elif verb == "finish":
        order.done_at = now
    elif verb == "charge":
        target = _charge(session, order, sent.get("amount_yuan"), actor, now)
    elif not note:
        raise Invalid(N_("Write why it is cancelled."))
    order.state = target
    ticket = session.get_one(Ticket, order.ticket_id)
    _note(session, order, ticket, verb, actor, now, note)
    if verb == "cancel":
        waking = update(WakeUp).where(WakeUp.order_id == order.id, WakeUp.state == WakeUpState.BOOKED)
        session.execute(waking.values(state=WakeUpState.CANCELLED))
    try:
        session.flush()
    except StaleDataError as error:
        raise Refused(N_("Somebody else has just changed this order: look at it again.")) from error
    if order.state == OrderState.CHARGED and order.bill_id is not None:
        bill = session.get_one(Bill, order.bill_id)
        payments.use_credit(session, ledger.Whose(bill.community_id, bill.house_id, bill.payer_id), actor, now)
    return order


def _charge(session: Session, order: ServiceOrder, given: Any, actor: Actor, now: datetime) -> OrderState:
    """Charge what was accepted, or less; nothing is paid at once. Raises Refused for more than was accepted (D9)."""
    if order.price_accepted_at is None:
        raise Refused(N_("Nothing is charged that was not accepted: ask the household first."))
    yuan = _yuan(given) if given not in (None, "") else _due(order)
    known = _due(order) if order.quoted_yuan is not None or order.amount_yuan is not None else yuan
    if yuan > known:
        raise Refused(
            N_("The household accepted %(accepted)s yuan: more is not charged for this order."),
            accepted=f"{known:,.2f}",
        )
    if yuan:
        order_bills.charge(session, order, session.get_one(Ticket, order.ticket_id), yuan, actor, now)
    order.charged_yuan, order.charged_at = yuan, now
    return OrderState.CHARGED if yuan else OrderState.PAID


def _due(order: ServiceOrder) -> Decimal:
    """What the accepted price comes to; a percentage is reckoned by a person, who knows its base."""
    if order.quoted_yuan is not None:
        return order.quoted_yuan
    if order.amount_yuan is None:
        raise Invalid(N_("Write the amount in yuan."))
    return order.amount_yuan * order.count


def _yuan(text: Any) -> Decimal:
    try:
        amount = Decimal(str(text).strip())
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount <= MOST_YUAN or amount != round(amount, 2):
        raise Invalid(N_("Write the amount in yuan, such as 120.00."))
    return amount


def _instant(given: Any, now: datetime) -> datetime:
    at = given if isinstance(given, datetime) else future_instant(given, now, local_zone())
    if at is None:
        raise Invalid(N_("Write day and time, later than now."))
    return at


def _note(
    session: Session, order: ServiceOrder, ticket: Ticket, verb: str, actor: Actor, now: datetime, words: str
) -> None:
    with force_locale(house_locale()):
        amount = {"quote": order.quoted_yuan, "charge": order.charged_yuan}.get(verb)
        parts = [] if amount is None else [gettext("%(amount)s yuan", amount=f"{amount:,.2f}")]
    order_bills.note(session, order, ticket, verb, actor, now, [*parts, words] if words else parts)
