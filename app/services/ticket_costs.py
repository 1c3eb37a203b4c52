"""What the work on a ticket cost: lines written, struck, put right, agreed to by the household, charged. Never commits.

Every step stands on the ticket's timeline. Who sees which line: `services.access`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, NotFound, Refused
from app.models import Material, Ticket, TicketCost
from app.models.base import BIGGEST_ID
from app.rules import ticket_costs as rules
from app.rules.codes import Bearer, CostAcceptance, CostKind
from app.services.access import rows
from app.services.actors import Actor
from app.services.policies import figure
from app.services.ticket_input import SHORT_LIMIT, choice, clean_text, row_id, whole_number
from app.services.tickets import add_entry

HOUR_PRICE = "costs.hour_yuan"
NAME_LIMIT, UNIT_LIMIT, PERSON_LIMIT = 120, 40, 80
GONE = N_("There is no such line on this ticket.")
CHANGED = N_("Somebody else has just changed this line: look at it again.")


@dataclass(frozen=True)
class Costs:
    """The lines of a ticket with what each bears, and which of the household's are still to be agreed or charged."""

    lines: list[TicketCost]
    sums: dict[str, Decimal]
    total: Decimal
    unagreed: int
    to_charge: Decimal


def facts_of(line: TicketCost) -> rules.Cost:
    """A line as the rules see it."""
    return rules.Cost(
        line.bearer,
        line.amount_yuan,
        line.accepted_at is not None,
        line.charged_at is not None,
        line.struck_at is not None,
    )


def costs_of(session: Session, actor: Actor, ticket_id: int) -> Costs:
    """The lines of a ticket that the actor may see, as they were written: one statement."""
    wanted = select(TicketCost).where(TicketCost.ticket_id == ticket_id, rows(actor, TicketCost))
    return summed(session.scalars(wanted.order_by(TicketCost.id)))


def summed(lines: Iterable[TicketCost]) -> Costs:
    """Lines with their sums."""
    found = list(lines)
    facts = [facts_of(line) for line in found]
    sums, open_ones = rules.sums(facts), rules.chargeable(facts)
    return Costs(
        found,
        sums,
        sum(sums.values(), Decimal("0.00")),
        sum(not cost.accepted for cost in open_ones),
        sum((cost.amount_yuan for cost in open_ones), Decimal("0.00")),
    )


def find_line(session: Session, actor: Actor, ticket: Ticket, line_id: int) -> TicketCost:
    """A line of this ticket. Raises NotFound."""
    if not 0 < line_id <= BIGGEST_ID:
        raise NotFound(GONE)
    wanted = select(TicketCost).where(TicketCost.id == line_id, TicketCost.ticket_id == ticket.id)
    found = session.scalars(wanted.where(rows(actor, TicketCost))).one_or_none()
    if found is None:
        raise NotFound(GONE)
    return found


def catalogue(session: Session, department_id: int | None = None) -> list[Material]:
    """The materials in use, those of a department before the others."""
    found = session.scalars(select(Material).where(Material.active).order_by(Material.position, Material.id))
    return sorted(found, key=lambda one: one.department_id not in (department_id, None))


def add(session: Session, ticket: Ticket, sent: Mapping[str, Any], actor: Actor, now: datetime) -> TicketCost:
    """Write a line as the form brings it: `kind`, `material_id` or `what`, `unit` and `price`, `quantity` or `minutes`, `bearer`.

    Raises Forbidden or Refused by the rules, Invalid for the input.
    """
    rules.check_write(ticket.state, actor.roles)
    line = _written(session, ticket, sent, actor, now)
    session.flush()
    _note(session, ticket, "cost", line, actor, now)
    return line


def strike(session: Session, ticket: Ticket, line: TicketCost, why: Any, actor: Actor, now: datetime) -> None:
    """Take a line out of the sums; it stays with who, when and why. Raises Refused a second time."""
    reason = clean_text(why, SHORT_LIMIT, lines=False)
    rules.check_strike(facts_of(line), ticket.state, actor.roles, reason)
    _strike(session, line, reason, actor, now)
    _note(session, ticket, "cost_struck", line, actor, now, reason)


def correct(
    session: Session, ticket: Ticket, line: TicketCost, sent: Mapping[str, Any], actor: Actor, now: datetime
) -> TicketCost:
    """Strike a line with its reason and write the right one in its place, which the household agrees to anew."""
    reason = clean_text(sent.get("why"), SHORT_LIMIT, lines=False)
    rules.check_strike(facts_of(line), ticket.state, actor.roles, reason)
    right = _written(session, ticket, sent, actor, now)
    right.replaces_id = line.id
    _strike(session, line, reason, actor, now)
    session.flush()
    _note(session, ticket, "cost_corrected", right, actor, now, reason)
    return right


def accept(
    session: Session, ticket: Ticket, line: TicketCost, sent: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """Note who of the household agreed to bear it (`by`), and how (`way`)."""
    by = clean_text(sent.get("by"), PERSON_LIMIT, lines=False)
    way = choice(sent.get("way"), CostAcceptance, default=CostAcceptance.IN_PERSON)
    if way == CostAcceptance.PORTAL:
        raise Invalid(N_("The household itself agrees on its own pages; note here how it told you."))
    rules.check_accept(facts_of(line), actor.roles, by)
    _accept(session, ticket, line, by, CostAcceptance(way or CostAcceptance.IN_PERSON), actor, now)


def accept_own(session: Session, ticket: Ticket, line: TicketCost, amount: Any, actor: Actor, now: datetime) -> None:
    """The household agrees on its own pages to the sum it was shown. The caller has checked that the matter is its own."""
    rules.check_acceptable(facts_of(line))
    if clean_text(amount, 20) != f"{line.amount_yuan:.2f}":
        raise Refused(CHANGED)
    _accept(session, ticket, line, actor.display_name[:PERSON_LIMIT], CostAcceptance.PORTAL, actor, now)


def charge(session: Session, ticket: Ticket, actor: Actor, now: datetime) -> Decimal:
    """Charge the household for every line it agreed to bear. Returns the sum. Refused while one is not agreed to."""
    wanted = select(TicketCost).where(TicketCost.ticket_id == ticket.id, rows(actor, TicketCost))
    lines = list(session.scalars(wanted.order_by(TicketCost.id).with_for_update(of=TicketCost)))
    rules.check_charge([facts_of(line) for line in lines], ticket.state, actor.roles)
    charged = [line for line in lines if rules.chargeable([facts_of(line)])]
    for line in charged:
        line.charged_at, line.charged_by = now, actor.display_name[:PERSON_LIMIT]
    total = sum((line.amount_yuan for line in charged), Decimal("0.00"))
    data = {"amount_yuan": f"{total:.2f}", "bearer": Bearer.OWNER}
    add_entry(session, ticket, "cost_charged", actor, now, before=ticket.state, data=data)
    session.flush()
    return total


def _accept(
    session: Session,
    ticket: Ticket,
    line: TicketCost,
    by: str,
    way: CostAcceptance,
    actor: Actor,
    now: datetime,
) -> None:
    free = (TicketCost.id == line.id, TicketCost.accepted_at.is_(None), TicketCost.struck_at.is_(None))
    agreed = update(TicketCost).where(*free).values(accepted_at=now, accepted_by=by, accepted_way=way)
    _one(session, agreed, line)
    _note(session, ticket, "cost_agreed", line, actor, now, by)


def _strike(session: Session, line: TicketCost, reason: str, actor: Actor, now: datetime) -> None:
    struck = {"struck_at": now, "struck_by": actor.display_name[:PERSON_LIMIT], "struck_why": reason}
    # As it was when the rules looked at it: charged meanwhile, it is another matter.
    same = (TicketCost.struck_at.is_(None), TicketCost.charged_at.is_not_distinct_from(line.charged_at))
    _one(session, update(TicketCost).where(TicketCost.id == line.id, *same).values(**struck), line)


def _one(session: Session, statement: Any, line: TicketCost) -> None:
    if session.execute(statement.execution_options(synchronize_session=False)).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(CHANGED)
    session.refresh(line)


def _written(session: Session, ticket: Ticket, sent: Mapping[str, Any], actor: Actor, now: datetime) -> TicketCost:
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


def _note(
    session: Session, ticket: Ticket, verb: str, line: TicketCost, actor: Actor, now: datetime, words: str = ""
) -> None:
    data = {
        "what": line.what or None,
        "minutes": line.minutes,
        "amount_yuan": f"{line.amount_yuan:.2f}",
        "bearer": line.bearer,
        "accepted_way": line.accepted_way if verb == "cost_agreed" else None,
    }
    add_entry(session, ticket, verb, actor, now, before=ticket.state, note=words, data=data)
    session.flush()


def lines_that_count(lines: Sequence[TicketCost]) -> list[TicketCost]:
    """What counts: the lines that are not struck."""
    return [line for line in lines if line.struck_at is None]
