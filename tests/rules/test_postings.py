"""Double entry and allocation as pure rules (D10): what is allocated adds up, what is reversed is as if it had not been."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid, Refused
from app.rules.codes import Account, PaymentWay
from app.rules.postings import Due, Move, allocate, balances, credit_used, payment, state_of, take_back

YUAN = st.integers(1, 1_000_000).map(lambda fen: Decimal(fen).scaleb(-2))
DUES = st.lists(st.tuples(YUAN, st.dates(date(2020, 1, 1), date(2026, 12, 31))), max_size=8).map(
    lambda rows: [Due(key, yuan, day, f"{day:%Y-%m}") for key, (yuan, day) in enumerate(rows, 1)]
)
JANUARY, FEBRUARY = (
    Due(1, Decimal("250.60"), date(2026, 1, 25), "2026-01"),
    Due(2, Decimal("250.60"), date(2026, 2, 25), "2026-02"),
)


@pytest.mark.parametrize(
    ("yuan", "chosen", "parts", "left"),
    [
        ("250.60", (), [(1, "250.60")], "0.00"),
        ("300.00", (), [(1, "250.60"), (2, "49.40")], "0.00"),
        ("501.20", (), [(1, "250.60"), (2, "250.60")], "0.00"),
        ("600.00", (), [(1, "250.60"), (2, "250.60")], "98.80"),
        ("100.00", (2,), [(2, "100.00")], "0.00"),
        ("300.00", (2,), [(2, "250.60")], "49.40"),
    ],
)
def test_the_oldest_bill_is_paid_first_unless_said_otherwise(
    yuan: str, chosen: tuple[int, ...], parts: list[tuple[int, str]], left: str
) -> None:
    found = allocate(Decimal(yuan), [FEBRUARY, JANUARY], chosen)
    assert found == ([(key, Decimal(part)) for key, part in parts], Decimal(left))


def test_what_cannot_be_allocated_is_refused() -> None:
    with pytest.raises(Refused):
        allocate(Decimal(5), [JANUARY], (9,))
    for nothing in ("0.00", "-5.00"):
        with pytest.raises(Invalid):
            allocate(Decimal(nothing), [JANUARY])


@given(yuan=YUAN, dues=DUES, way=st.sampled_from(PaymentWay))
def test_every_payment_is_allocated_to_the_fen_and_balances(yuan: Decimal, dues: list[Due], way: PaymentWay) -> None:
    parts, left = allocate(yuan, dues)
    rests = {due.bill_id: due.rest for due in dues}
    assert sum((part for _bill, part in parts), left) == yuan
    assert all(0 < part <= rests[key] for key, part in parts)
    assert not left or all(rests[key] == part for key, part in parts)
    moves = payment(way, parts, left)
    assert sum(balances(moves).values()) == 0
    assert sum(move.yuan for move in moves) == yuan


@given(
    owed=st.lists(YUAN, min_size=1, max_size=5),
    sums=st.lists(YUAN, min_size=1, max_size=6),
    undone=st.integers(0, 5),
    cancelled=st.integers(0, 5),
)
def test_balances_never_change_unless_money_moved(
    owed: list[Decimal], sums: list[Decimal], undone: int, cancelled: int
) -> None:
    """Payments, credit used, a bill cancelled, one payment reversed: debt less credit is what was charged less the money in."""
    amounts = dict(enumerate(owed, 1))
    paid, credit, money, books = dict.fromkeys(amounts, Decimal(0)), Decimal(0), Decimal(0), []
    made: list[list[Move]] = []

    def keep(moves: list[Move]) -> None:
        nonlocal credit
        books.extend(moves)
        for move in moves:
            credit += move.yuan * ((move.credit == Account.CREDIT) - (move.debit == Account.CREDIT))
            if move.bill_id and Account.RECEIVABLE in (move.debit, move.credit):
                paid[move.bill_id] += move.yuan if move.credit == Account.RECEIVABLE else -move.yuan

    def dues() -> list[Due]:
        rests = {key: amount - paid[key] for key, amount in amounts.items()}
        return [Due(key, rest, date(2026, 1, key), "2026-01") for key, rest in rests.items() if rest]

    for yuan in sums:
        made.append(payment(PaymentWay.CASH, *allocate(yuan, dues())))
        keep(made[-1])
        money += yuan
    gone = cancelled % (len(owed) + 2)
    if gone in amounts:
        # Cancelled: what was paid of it becomes credit, which pays what else is open.
        if paid[gone]:
            keep([Move(Account.RECEIVABLE, Account.CREDIT, paid[gone], gone)])
        del amounts[gone]
        if credit and dues():
            keep(credit_used(allocate(credit, dues())[0]))
    which = undone % len(made)
    used: dict[int, Decimal] = {}
    for move in books:
        if {move.debit, move.credit} == {Account.CREDIT, Account.RECEIVABLE} and move.bill_id:
            used[move.bill_id] = used.get(move.bill_id, Decimal(0)) + (
                move.yuan if move.debit == Account.CREDIT else -move.yuan
            )
    left = [(key, yuan) for key, yuan in used.items() if yuan > 0]
    keep(take_back(PaymentWay.CASH, made[which], dict(paid), credit, left))
    money -= sums[which]
    assert credit >= 0
    assert all(0 <= paid[key] <= amount for key, amount in amounts.items())
    assert sum(amounts[key] - paid[key] for key in amounts) - credit == sum(amounts.values()) - money
    total = balances(books)
    assert sum(total.values()) == 0
    assert total.get(Account.CASH, Decimal(0)) == money


def test_money_that_was_paid_out_again_is_not_taken_back_twice() -> None:
    moves = payment(PaymentWay.CASH, [(1, Decimal("10.00"))], Decimal("5.00"))
    with pytest.raises(Refused):
        take_back(PaymentWay.CASH, moves, {1: Decimal("10.00")}, Decimal(0), [])


def test_the_state_follows_what_is_paid() -> None:
    found = [state_of(Decimal(10), Decimal(paid)).value for paid in ("0", "0.01", "9.99", "10")]
    assert found == ["open", "part_paid", "part_paid", "paid"]
