"""Double entry (D10): money moves between two accounts, never out of nothing. Pure.

A move takes an amount from one account (credit) to another (debit): whatever is put together from moves balances to 0.00 by
its form. Corrections are the same moves the other way round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from app.errors import N_, Invalid, Refused
from app.rules.codes import Account, BillState, PaymentWay

NOTHING: Final = Decimal("0.00")

PAID_INTO: Final = {
    PaymentWay.CASH: Account.CASH,
    PaymentWay.TRANSFER: Account.BANK,
    PaymentWay.CARD: Account.CARD,
    PaymentWay.WECHAT: Account.WECHAT,
    PaymentWay.ALIPAY: Account.ALIPAY,
}
"""Where the money of a way of payment lies."""

MONEY: Final = tuple(PAID_INTO.values())
CAME_FROM: Final = (*MONEY, Account.CARRIED_OVER)
"""What a debit of says that money came in; what was paid before the books began counts likewise."""


@dataclass(frozen=True)
class Move:
    """So much from one account to another; of which bill, where it is about one."""

    debit: str
    credit: str
    yuan: Decimal
    bill_id: int | None = None

    def back(self) -> Move:
        """The move that undoes this one."""
        return replace(self, debit=self.credit, credit=self.debit)


@dataclass(frozen=True)
class Due:
    """What is still to be paid of one bill."""

    bill_id: int
    rest: Decimal
    due_on: date
    period: str


def balances(moves: Iterable[Move]) -> dict[str, Decimal]:
    """Account → debits less credits. Their sum is 0.00, always."""
    found: dict[str, Decimal] = {}
    for move in moves:
        found[move.debit] = found.get(move.debit, NOTHING) + move.yuan
        found[move.credit] = found.get(move.credit, NOTHING) - move.yuan
    return found


def oldest_first(dues: Iterable[Due]) -> list[Due]:
    """In the order in which they are paid unless somebody says otherwise (D10)."""
    return sorted(dues, key=lambda due: (due.due_on, due.period, due.bill_id))


def allocate(
    yuan: Decimal, dues: Sequence[Due], chosen: Collection[int] = ()
) -> tuple[list[tuple[int, Decimal]], Decimal]:
    """(bill, part) pairs, the oldest first, and what is left over. With `chosen` only these bills are paid.

    Raises Refused when a chosen bill is not among those still to be paid.
    """
    if yuan <= 0:
        raise Invalid(N_("A payment is more than 0.00 yuan."))
    if not set(chosen) <= {due.bill_id for due in dues}:
        raise Refused(N_("One of the chosen bills is paid or cancelled by now: look at the list again."))
    parts, left = [], yuan
    for due in oldest_first(due for due in dues if not chosen or due.bill_id in chosen):
        part = min(left, due.rest)
        if part > 0:
            parts.append((due.bill_id, part))
            left -= part
    return parts, left


def payment(way: str, parts: Iterable[tuple[int, Decimal]], left: Decimal) -> list[Move]:
    """Money that came in: for bills, the rest as credit."""
    money = PAID_INTO[PaymentWay(way)]
    moves = [Move(money, Account.RECEIVABLE, part, bill_id) for bill_id, part in parts]
    return [*moves, Move(money, Account.CREDIT, left)] if left else moves


def credit_used(parts: Iterable[tuple[int, Decimal]]) -> list[Move]:
    """Credit that pays bills: no money moves."""
    return [Move(Account.CREDIT, Account.RECEIVABLE, part, bill_id) for bill_id, part in parts]


def take_back(
    way: str, moves: Iterable[Move], paid: dict[int, Decimal], credit: Decimal, used: Sequence[tuple[int, Decimal]]
) -> list[Move]:
    """A payment the other way round: `moves` are its own, `paid` what its bills have been paid by now (of a cancelled one
    nothing: that went to the credit), `credit` the payer's, `used` the bills that credit was used for, the newest first.

    What is no longer where the payment put it is taken from the credit, and what the credit lacks from bills it paid. Raises
    Refused when that money has been paid out.
    """
    money = PAID_INTO[PaymentWay(way)]
    made, wanted, left = [], NOTHING, dict(paid)
    for move in moves:
        there = min(move.yuan, left.get(move.bill_id or 0, NOTHING))
        if there > 0:
            made.append(Move(Account.RECEIVABLE, money, there, move.bill_id))
            left[move.bill_id or 0] -= there
        wanted += move.yuan - there
    lacking = wanted - credit
    for bill_id, part in used:
        there = min(part, left.get(bill_id, NOTHING), lacking)
        if there > 0:
            made.append(Move(Account.RECEIVABLE, Account.CREDIT, there, bill_id))
            left[bill_id] -= there
            lacking -= there
    if lacking > 0:
        raise Refused(N_("Money of this payment has been paid out again: reverse the refund first."))
    return [*made, Move(Account.CREDIT, money, wanted)] if wanted else made


def state_of(amount: Decimal, paid: Decimal) -> BillState:
    """Where a bill stands by what has been paid of it."""
    if paid >= amount:
        return BillState.PAID
    return BillState.PART_PAID if paid else BillState.OPEN
