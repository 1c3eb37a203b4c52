"""Key 4 (D9): the catalogue as a call hears it, and the orders it leads to."""

from __future__ import annotations

from datetime import datetime

import phonenumbers
from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.errors import Refused
from app.models import Call, ServiceItem, ServiceOrder, ServicePrice, Ticket
from app.rules.call_flow.effects import Order, Wake
from app.rules.call_flow.world import Choice, Service
from app.rules.codes import PriceKind
from app.services import service_orders, wake_ups
from app.services.actors import Actor
from app.services.call_store import caller_number
from app.services.local_time import local_zone
from app.services.owner_services import prices_on
from app.services.price_words import tag_of
from app.services.spoken_lines import house_locale
from app.services.tickets import add_entry


def catalogue(session: Session, call: Call, now: datetime) -> tuple[Service, ...]:
    """The items in use with today's prices, free ones first as the catalogue has them. Two statements."""
    today = now.astimezone(local_zone()).date()
    items = session.scalars(
        select(ServiceItem)
        .where(ServiceItem.active)
        .options(selectinload(ServiceItem.prices))
        .order_by(ServiceItem.position, ServiceItem.id)
    )
    return tuple(_service(item, prices_on(item, today)) for item in items)


def dialled_number(digits: str) -> str | None:
    """A whole telephone number keyed in, in E.164."""
    number = caller_number(digits) if len(digits) >= 7 else None
    return number if number and phonenumbers.is_valid_number(phonenumbers.parse(number)) else None


def book_order(session: Session, ticket: Ticket, effect: Order, actor: Actor, now: datetime) -> None:
    """The order itself; what the administrators took out of the catalogue meanwhile stays a wish on the ticket."""
    item = session.get(ServiceItem, effect.item_id)
    price = session.get(ServicePrice, effect.price_id) if effect.price_id is not None else None
    if item is not None:
        service_orders.request(session, ticket, item, price, price_accepted=True, actor=actor, now=now)


def book_wake_up(session: Session, ticket: Ticket, effect: Wake, locale: str, actor: Actor, now: datetime) -> None:
    """The one call of the order just made. One booked already for this minute is not booked twice, and the ticket says so."""
    order = session.scalars(select(ServiceOrder).where(ServiceOrder.ticket_id == ticket.id)).first()
    if order is None:
        return
    try:
        with session.begin_nested():
            wake_ups.book(session, order, effect.number, datetime.fromisoformat(effect.at), locale, actor, now)
    except Refused as refusal:
        with force_locale(house_locale()):
            note = gettext(refusal.msgid, **refusal.params)
        add_entry(session, ticket, "note", actor, now, before=ticket.state, note=note)


def _service(item: ServiceItem, prices: list[ServicePrice]) -> Service:
    priced = tuple(Choice(price.id, price.variant, price.variant_en, price=tag_of(price)) for price in prices)
    paid = any(price.kind in (PriceKind.FIXED, PriceKind.PERCENT, PriceKind.QUOTATION) for price in prices)
    return Service(Choice(item.id, item.name, item.name_en, item.code, paid), priced)
