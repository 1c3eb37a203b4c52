"""What the work on a ticket cost: lines written, struck, put right, agreed to by the household, charged. Never commits.

Every step stands on the ticket's timeline. Who sees which line: `services.access`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Invalid, NotFound, Refused
from app.models import Bill, Material, Ticket, TicketCost
from app.models.base import BIGGEST_ID
from app.rules import ticket_costs as rules
from app.rules.codes import CostAcceptance
from app.services import cost_bills, ledger, payments, single_bills, voided_bills
from app.services.access import rows
from app.services.actors import Actor
from app.services.cost_input import written
from app.services.ticket_input import SHORT_LIMIT, choice, clean_text
from app.services.tickets import add_entry

PERSON_LIMIT = 80
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
        line.bill.state if line.bill else None,
    )


def costs_of(session: Session, actor: Actor, ticket_id: int) -> Costs:
    """The lines of a ticket that the actor may see, as they were written: one statement."""
    wanted = select(TicketCost).where(TicketCost.ticket_id == ticket_id, rows(actor, TicketCost))
    wanted = wanted.options(joinedload(TicketCost.bill))
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
    line = written(session, ticket, sent, actor, now)
    session.flush()
    _note(session, ticket, "cost", line, actor, now)
    return line


def strike(session: Session, ticket: Ticket, line: TicketCost, why: Any, actor: Actor, now: datetime) -> None:
    """Take a line out of the sums; it stays with who, when and why. Raises Refused a second time.

    Of a line on a bill the bill is cancelled, and what else stood on it is billed anew to the same payer.
    """
    reason = clean_text(why, SHORT_LIMIT, lines=False)
    rules.check_strike(facts_of(line), ticket.state, actor.roles, reason)
    _strike(session, ticket, line, reason, actor, now)
    _note(session, ticket, "cost_struck", line, actor, now, reason)


def correct(
    session: Session, ticket: Ticket, line: TicketCost, sent: Mapping[str, Any], actor: Actor, now: datetime
) -> TicketCost:
    """Strike a line with its reason and write the right one in its place, which the household agrees to anew."""
    reason = clean_text(sent.get("why"), SHORT_LIMIT, lines=False)
    rules.check_strike(facts_of(line), ticket.state, actor.roles, reason)
    right = written(session, ticket, sent, actor, now)
    right.replaces_id = line.id
    _strike(session, ticket, line, reason, actor, now)
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
    """Bill the household for every line it agreed to bear: one bill, whoever charges at once. Returns the sum.

    Refused while one line is not agreed to, and where nobody can be charged."""
    seen = list(session.scalars(select(TicketCost).where(TicketCost.ticket_id == ticket.id, rows(actor, TicketCost))))
    due = _due(seen, ticket, actor)
    whose = single_bills.whose(session, ticket, None, now) if cost_bills.total(due) else None
    if whose is not None:
        ledger.account(session, whose)
    # Of two that charge at once, the second sees here that it is charged.
    own = {line.id for line in seen}
    due = _due([line for line in cost_bills.lock(session, ticket.id) if line.id in own], ticket, actor)
    if whose is None and cost_bills.total(due):
        raise Refused(CHANGED)
    cost_bills.make(session, ticket, due, whose, actor, now)
    if whose is not None:
        payments.use_credit(session, whose, actor, now)
    return cost_bills.total(due)


def _due(lines: list[TicketCost], ticket: Ticket, actor: Actor) -> list[TicketCost]:
    """Those that may be charged now. Raises Refused."""
    rules.check_charge([facts_of(line) for line in lines], ticket.state, actor.roles)
    return [line for line in lines if rules.chargeable([facts_of(line)])]


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


def _strike(session: Session, ticket: Ticket, line: TicketCost, reason: str, actor: Actor, now: datetime) -> None:
    bill = session.get_one(Bill, line.bill_id) if line.bill_id else None
    if bill is not None:
        ledger.account(session, ledger.Whose(bill.community_id, bill.house_id, bill.payer_id))
    struck = {"struck_at": now, "struck_by": actor.display_name[:PERSON_LIMIT], "struck_why": reason}
    # As it was when the rules looked at it: charged meanwhile, or its bill cancelled, it is another matter.
    same = (
        TicketCost.struck_at.is_(None),
        TicketCost.charged_at.is_not_distinct_from(line.charged_at),
        TicketCost.bill_id.is_not_distinct_from(line.bill_id),
    )
    _one(session, update(TicketCost).where(TicketCost.id == line.id, *same).values(**struck), line)
    if bill is not None:
        _bill_anew(session, ticket, bill, reason, actor, now)


def _bill_anew(session: Session, ticket: Ticket, bill: Bill, reason: str, actor: Actor, now: datetime) -> None:
    """Cancel a bill of which a line was struck; the others are billed at once, and what was paid pays them first."""
    whose = ledger.Whose(bill.community_id, bill.house_id, bill.payer_id)
    others = voided_bills.void(session, bill, reason, actor, now)
    made = cost_bills.make(session, ticket, others, whose, actor, now) if others else None
    if made is not None:
        payments.use_credit(session, whose, actor, now, first=made.id)
    payments.use_credit(session, whose, actor, now)


def _one(session: Session, statement: Any, line: TicketCost) -> None:
    if session.execute(statement.execution_options(synchronize_session=False)).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(CHANGED)
    session.refresh(line)


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
