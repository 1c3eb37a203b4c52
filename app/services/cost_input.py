"""A line of a ticket's costs, read from what a form brings: material of the catalogue or by its name, or working time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import Material, Ticket, TicketCost
from app.rules import ticket_costs as rules
from app.rules.codes import Bearer, CostKind
from app.services.actors import Actor
from app.services.policies import figure
from app.services.ticket_input import choice, clean_text, row_id, whole_number

HOUR_PRICE = "costs.hour_yuan"
NAME_LIMIT, UNIT_LIMIT, PERSON_LIMIT = 120, 40, 80


def written(session: Session, ticket: Ticket, sent: Mapping[str, Any], actor: Actor, now: datetime) -> TicketCost:
    """A line as the form brings it (`ticket_costs.add`), put into the session. Raises Invalid."""
    kind = choice(sent.get("kind"), CostKind, default=CostKind.MATERIAL)
    bearer = choice(sent.get("bearer"), Bearer)
    if bearer is None:
        raise Invalid(N_("Say who bears it."))
    values = _labour(session, sent) if kind == CostKind.LABOUR else _material(session, sent)
    line = TicketCost(
        ticket_id=ticket.id,
        kind=kind,
        bearer=bearer,
        at=now,
        entered_by=actor.display_name[:PERSON_LIMIT],
        **values,
    )
    session.add(line)
    return line


def _material(session: Session, sent: Mapping[str, Any]) -> dict[str, Any]:
    quantity = _decimal(sent.get("quantity"), rules.MOST_QUANTITY)
    if not quantity:
        raise Invalid(N_("Say how much was used: more than nothing, with at most two places."))
    material_id = row_id(sent.get("material_id"))
    if material_id is not None:
        found = session.get(Material, material_id)
        if found is None or not found.active:
            raise Invalid(N_("This material is no longer in the list: choose another one."))
        own = {"material_id": found.id, "what": found.name, "what_en": found.name_en, "unit": found.unit}
        price = found.price_yuan
        own["unit_en"] = found.unit_en
    else:
        what = clean_text(sent.get("what"), NAME_LIMIT, lines=False)
        if not what:
            raise Invalid(N_("Choose a material, or write down what was used."))
        typed = _decimal(sent.get("price"), rules.MOST_PRICE)
        if typed is None:
            raise Invalid(N_("Say what one of it costs, in yuan with at most two places."))
        own, price = {"what": what, "unit": clean_text(sent.get("unit"), UNIT_LIMIT, lines=False)}, typed
    amount = rules.material_yuan(quantity, price)
    return {**own, "quantity": quantity, "price_yuan": price, "amount_yuan": amount}


def _labour(session: Session, sent: Mapping[str, Any]) -> dict[str, Any]:
    minutes = whole_number(sent.get("minutes"), 1, rules.MOST_MINUTES)
    if minutes is None:
        raise Invalid(N_("Say how many minutes the work took."))
    typed = _decimal(sent.get("price"), rules.MOST_PRICE)
    price = Decimal(figure(session, HOUR_PRICE)) if typed is None else typed
    what = clean_text(sent.get("what"), NAME_LIMIT, lines=False)
    amount = rules.labour_yuan(minutes, price)
    return {"what": what, "minutes": minutes, "price_yuan": price, "amount_yuan": amount}


def _decimal(value: Any, most: Decimal) -> Decimal | None:
    """A number with at most two places from nothing to `most`; None where nothing was given. Raises Invalid."""
    text = str(value if value is not None else "").strip().replace("，", "").replace(",", "")
    if not text:
        return None
    try:
        number = Decimal(text) if len(text) <= 16 and text.isascii() else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or not 0 <= number <= most or number != number.quantize(rules.FEN):
        raise Invalid(N_("Enter a number from 0 to %(most)s with at most two places."), most=f"{most:f}")
    return number.quantize(rules.FEN)
