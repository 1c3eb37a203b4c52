"""The service catalogue as a household reads it (D9): items in groups with today's prices; asking for one makes a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.errors import N_, Invalid
from app.models import ServiceItem, ServicePrice, Ticket
from app.rules.codes import Channel, Kind, PriceKind
from app.services import household
from app.services.access import rows
from app.services.actors import Actor
from app.services.names import is_english
from app.services.owner_new import own_house
from app.services.price_words import tag_of, tag_words
from app.services.service_orders import request
from app.services.spoken_lines import house_locale
from app.services.ticket_input import SHORT_LIMIT, clean_text, flag, row_id, whole_number
from app.services.tickets import open_ticket

FREE, PRICED, QUOTED = "free", "priced", "quoted"
MOST_ASKED = 99


@dataclass(frozen=True)
class Offer:
    """An item with its prices of the day, one a variant."""

    item: ServiceItem
    prices: list[ServicePrice]

    @property
    def group(self) -> str:
        """Free, with a price, or by quotation."""
        kinds = {price.kind for price in self.prices}
        if kinds & {PriceKind.FIXED, PriceKind.PERCENT}:
            return PRICED
        return QUOTED if PriceKind.QUOTATION in kinds else FREE


def catalogue(session: Session, actor: Actor, today: date, words: str = "") -> dict[str, list[Offer]]:
    """Group → offers whose names or descriptions hold the words. Two statements."""
    items = session.scalars(
        select(ServiceItem)
        .where(ServiceItem.active, rows(actor, ServiceItem))
        .options(selectinload(ServiceItem.prices))
        .order_by(ServiceItem.position, ServiceItem.id)
    )
    wanted = words.casefold().split()
    groups: dict[str, list[Offer]] = {FREE: [], PRICED: [], QUOTED: []}
    for item in items:
        if all(word in _text(item) for word in wanted):
            offer = Offer(item, prices_on(item, today))
            groups[offer.group].append(offer)
    return {group: offers for group, offers in groups.items() if offers}


def find(session: Session, actor: Actor, code: str, today: date) -> Offer | None:
    """One offer by its code."""
    if len(code) > 40 or "\x00" in code:
        return None
    item = session.scalars(
        select(ServiceItem)
        .where(ServiceItem.code == code, ServiceItem.active, rows(actor, ServiceItem))
        .options(selectinload(ServiceItem.prices))
    ).one_or_none()
    return Offer(item, prices_on(item, today)) if item is not None else None


def prices_on(item: ServiceItem, today: date) -> list[ServicePrice]:
    """The price of each variant that is valid on the day: the newest that has begun."""
    newest: dict[str, ServicePrice] = {}
    for price in item.prices:
        if price.valid_from <= today:
            newest[price.variant] = price
    return sorted(newest.values(), key=lambda price: price.id)


def ask(session: Session, actor: Actor, offer: Offer, sent: Mapping[str, str], now: datetime) -> Ticket:
    """A ticket of kind service that names the item and the price of the day the household accepted.

    Raises Invalid for the input, or when the price was not accepted.
    """
    house, community = own_house(session, actor, sent.get("house_id"))
    price = chosen_price(offer, sent.get("price_id"))
    count = whole_number(sent.get("count") or "1", 1, MOST_ASKED) or 1
    if not flag(sent.get("accepted")):
        raise Invalid(N_("Tick that you accept the price, or that a quotation comes first."))
    name = " ".join(part for part in (offer.item.name, price.variant if price else "") if part)
    title, lines = _words(name, count, price)
    note = clean_text(sent.get("note"), 2000)
    ticket = open_ticket(
        session,
        community=community,
        kind=Kind.SERVICE,
        channel=Channel.WEB,
        title=title[:120],
        description="\n".join([*lines, note] if note else lines),
        demand=clean_text(sent.get("wish"), SHORT_LIMIT, lines=False) or None,
        house=house,
        reporter_person=household.person(session, actor),
        reporter_phone=household.reporting_number(session, actor, sent.get("phone")),
        actor=actor,
        now=now,
    )
    request(session, ticket, offer.item, price, count=count, price_accepted=True, actor=actor, now=now)
    return ticket


def _words(name: str, count: int, price: ServicePrice | None) -> tuple[str, list[str]]:
    """Title and first lines of the ticket, in the house's language: who works on it reads them, whoever asked for it."""
    with force_locale(house_locale()):
        price_text = tag_words(tag_of(price), english=is_english())
        lines = [gettext("%(item)s × %(count)s", item=name, count=count), gettext("Price: %(price)s", price=price_text)]
        return gettext("Service: %(item)s", item=name), lines


def chosen_price(offer: Offer, key: Any) -> ServicePrice | None:
    """The variant that was chosen, or the only one."""
    if len(offer.prices) <= 1:
        return offer.prices[0] if offer.prices else None
    wanted = row_id(key)
    found = next((price for price in offer.prices if price.id == wanted), None)
    if found is None:
        raise Invalid(N_("Choose which one you would like."))
    return found


def _text(item: ServiceItem) -> str:
    return " ".join((item.name, item.name_en, item.description, item.description_en)).casefold()
