"""What the work on a ticket cost (D3): sums in yuan to 0.01, half up; who may write, agree, charge and correct. Pure.

What a household bears is charged only after it agreed to it; a mistake is struck with its reason and never disappears.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.errors import N_, Forbidden, LinliError, Refused
from app.rules.codes import OPEN_STATES, Bearer, BillState, CostStanding, Role, TicketState
from app.rules.ticket_states import FINISHED, FRONT_ROLES, SUPERVISING_ROLES, WORK_ROLES

FEN = Decimal("0.01")
MOST_QUANTITY, MOST_MINUTES, MOST_PRICE = Decimal(100_000), 24 * 60, Decimal(1_000_000)

ADD, STRIKE, ACCEPT, CHARGE = "add", "strike", "accept", "charge"

_RUNNING = frozenset({*OPEN_STATES, TicketState.DONE, TicketState.VISITED})
_CHARGERS = FRONT_ROLES | {Role.FINANCE}
_CORRECTORS = SUPERVISING_ROLES | {Role.FINANCE}
_REVERSERS = frozenset({Role.FINANCE})
"""Who takes back what stands in the books (I8)."""


@dataclass(frozen=True)
class Cost:
    """A line as the rules see it."""

    bearer: str
    amount_yuan: Decimal
    accepted: bool = False
    charged: bool = False
    struck: bool = False
    bill: str | None = None
    """The state of the bill it stands on; None where it stands on none."""


def standing(cost: Cost) -> CostStanding | None:
    """How far a line that the household bears has come; None for what it does not bear and what is struck.

    Charged and on no bill is what was charged before households' costs stood in the books, or comes to nothing.
    """
    if cost.struck or cost.bearer != Bearer.OWNER:
        return None
    if cost.bill is not None:
        return CostStanding.PAID if cost.bill == BillState.PAID else CostStanding.BILLED
    if cost.charged:
        return CostStanding.CHARGED
    return CostStanding.AGREED if cost.accepted else CostStanding.TO_AGREE


def material_yuan(quantity: Decimal, price: Decimal) -> Decimal:
    """So much at this price."""
    return (quantity * price).quantize(FEN, ROUND_HALF_UP)


def labour_yuan(minutes: int, hour_price: Decimal) -> Decimal:
    """So many minutes at the price of an hour."""
    return (Decimal(minutes) * hour_price / 60).quantize(FEN, ROUND_HALF_UP)


def sums(costs: Iterable[Cost]) -> dict[str, Decimal]:
    """Who bears how much, of what is not struck; everybody who bears something, in the order of `Bearer`."""
    found = dict.fromkeys((bearer.value for bearer in Bearer), Decimal("0.00"))
    present = [cost for cost in costs if not cost.struck]
    for cost in present:
        found[cost.bearer] += cost.amount_yuan
    borne = {cost.bearer for cost in present}
    return {bearer: amount for bearer, amount in found.items() if bearer in borne}


def check_write(state: str, roles: frozenset[str]) -> None:
    """Whether a line may be written on a ticket in this state: by who works on it; settled, only by who answers for it."""
    if not roles & (WORK_ROLES | _CORRECTORS):
        raise Forbidden(N_("Your role does not allow this step."))
    if state in _RUNNING:
        if not roles & WORK_ROLES:
            raise Forbidden(N_("While the work runs its costs are written by those who do it and by the desk."))
    elif not roles & _CORRECTORS:
        raise Refused(N_("This matter is settled: its costs are corrected by the supervisor, the manager or finance."))


def may_write(state: str, roles: frozenset[str]) -> bool:
    """Whether the forms make sense for somebody with these roles."""
    try:
        check_write(state, roles)
    except LinliError:
        return False
    return True


def check_strike(cost: Cost, state: str, roles: frozenset[str], reason: str) -> None:
    """Whether a line may be struck or put right. What is charged only by who answers for money."""
    if not (roles & _CORRECTORS and cost.charged):
        check_write(state, roles)
    if cost.struck:
        raise Refused(N_("This line is struck already."))
    if cost.charged and not roles & _CORRECTORS:
        raise Refused(N_("This line is charged: the supervisor, the manager or finance takes it back."))
    if cost.bill is not None and not roles & _REVERSERS:
        raise Refused(
            N_("This line stands on a bill: finance takes it back, and what else is on the bill is billed anew.")
        )
    if not reason:
        raise Refused(N_("Say why: the line stays in the record with the reason."))


def may_strike(cost: Cost, state: str, roles: frozenset[str]) -> bool:
    """Whether the form to strike a line or to put it right makes sense for somebody with these roles."""
    try:
        check_strike(cost, state, roles, "-")
    except LinliError:
        return False
    return True


def check_accept(cost: Cost, roles: frozenset[str], by: str) -> None:
    """Whether somebody may note that the household agreed to bear this."""
    if not roles & (WORK_ROLES | {Role.FINANCE}):
        raise Forbidden(N_("Your role does not allow this step."))
    check_acceptable(cost)
    if not by:
        raise Refused(N_("Say who of the household agreed."))


def check_acceptable(cost: Cost) -> None:
    """Whether there is something to agree to."""
    if cost.struck:
        raise Refused(N_("This line is struck already."))
    if cost.bearer != Bearer.OWNER:
        raise Refused(N_("Only what the household bears needs its agreement."))
    if cost.accepted:
        raise Refused(N_("The household has agreed already."))


def chargeable(costs: Iterable[Cost]) -> list[Cost]:
    """What the household bears and was not charged yet."""
    return [cost for cost in costs if cost.bearer == Bearer.OWNER and not (cost.struck or cost.charged)]


def check_charge(costs: Iterable[Cost], state: str, roles: frozenset[str]) -> None:
    """Whether what the household bears may be charged: the work is done, and it agreed to every line of it."""
    if not roles & _CHARGERS:
        raise Forbidden(N_("Your role does not allow this step."))
    if state not in FINISHED:
        raise Refused(N_("The household is charged when the work is done."))
    open_ones = chargeable(costs)
    if not open_ones:
        raise Refused(N_("There is nothing to charge the household for."))
    if not all(cost.accepted for cost in open_ones):
        raise Refused(
            N_("The household has not agreed to every line it is to bear: it is charged only for what it agreed to.")
        )
