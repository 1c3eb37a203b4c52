"""Payments, receipts, credit, refunds, reversals and day closings on a real database: the books are right after every step."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Invalid, LinliError, Refused
from app.models import Bill, FeeItem, House, JournalEntry, PayerAccount, Payment, Posting, Receipt
from app.services import books, day_closings, house_account, payments
from app.services.actors import Actor
from tests.support.estate import Estate, build_estate
from tests.support.ledger import carry_over

_POSTING = "INSERT INTO posting (entry_id, community_id, debit, credit, amount) SELECT id, community_id, "

FINANCE = Actor(user_id=None, username="finance", display_name="财务", is_system=True)


class Desk:
    """A house with three bills of 250.60, the oldest first, and a desk that takes money."""

    def __init__(self, session: Session, estate: Estate, now: datetime) -> None:
        self.session, self.estate, self.now = session, estate, now
        self.house = session.get_one(House, estate.houses["own"])
        session.query(Bill).delete()
        item = session.scalars(select(FeeItem).where(FeeItem.community_id == estate.home)).first()
        for month in (1, 2, 3):
            bill = Bill(
                community_id=estate.home, house_id=self.house.id, fee_item_id=item.id, payer_id=estate.people["own"],
                period=f"2026-0{month}", quantity=Decimal("89.50"), rate=Decimal("2.80"), amount=Decimal("250.60"),
                issued_on=date(2026, month, 1), due_on=date(2026, month, 25),
            )  # fmt: skip
            session.add(bill)
            carry_over(session, bill)
        self.bills = list(session.scalars(select(Bill.id).order_by(Bill.period)))

    def pay(self, amount: str, **sent: Any) -> Payment:
        sent = {"payer_id": self.estate.people["own"], "amount": amount, "way": "cash", **sent}
        return payments.take(self.session, self.house, sent, sent.pop("actor", FINANCE), self.now)

    @property
    def paid(self) -> list[str]:
        rows = self.session.scalars(select(Bill).order_by(Bill.period).execution_options(populate_existing=True))
        return [f"{bill.paid_yuan:.2f} {bill.state}" for bill in rows]

    @property
    def credit(self) -> Decimal:
        return self.session.scalar(select(PayerAccount.credit_yuan)) or Decimal(0)

    def right(self) -> None:
        assert books.faults(self.session) == []
        assert sum(books.trial_balance(self.session, self.estate.home).values()) == 0


@pytest.fixture
def desk(session: Session, now: datetime) -> Desk:
    return Desk(session, build_estate(session, now), now)


def test_a_payment_pays_the_oldest_first_and_has_a_receipt(desk: Desk) -> None:
    payment = desk.pay("300.00")
    assert desk.paid == ["250.60 paid", "49.40 part_paid", "0.00 open"]
    assert [str(row) for row in desk.session.scalars(select(Receipt))] == ["00000001"]
    assert [(bill.period, part) for bill, part in payments.parts_of(desk.session, payment) if bill] == [
        ("2026-01", Decimal("250.60")),
        ("2026-02", Decimal("49.40")),
    ]
    desk.right()


def test_chosen_bills_are_paid_and_more_than_is_owed_must_be_said_to_be_credit(desk: Desk) -> None:
    desk.pay("250.60", bills=[str(desk.bills[2])], way="wechat")
    assert desk.paid == ["0.00 open", "0.00 open", "250.60 paid"]
    with pytest.raises(Refused, match="more than is owed"):
        desk.pay("600.00")
    desk.session.expire_all()
    desk.pay("600.00", credit="1")
    assert desk.paid == ["250.60 paid"] * 3
    assert desk.credit == Decimal("98.80")
    desk.right()


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "0"}, {"amount": "-5"}, {"amount": "1.005"}, {"amount": "NaN"}, {"amount": ""}, {"amount": "99999999"},
        {"way": ""}, {"way": "gold"}, {"way": "transfer"}, {"payer_id": ""}, {"payer_id": "9999"}, {"bills": ["x"]},
        {"bills": ["99999"]}, {"note": "x" * 300},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_the_books_stay_as_they_are(desk: Desk, wrong: dict[str, Any]) -> None:
    desk.session.commit()
    before = len(desk.session.scalars(select(Posting.id)).all())
    with pytest.raises(LinliError):
        desk.pay(**{"amount": "10.00", **wrong})
    desk.session.rollback()
    assert desk.paid == ["0.00 open"] * 3
    assert len(desk.session.scalars(select(Posting.id)).all()) == before
    assert desk.session.scalars(select(Payment)).all() == []


def test_a_reversal_puts_everything_back_and_keeps_the_number(desk: Desk) -> None:
    first, second = desk.pay("300.00"), desk.pay("500.00", credit="1")
    assert desk.credit == Decimal("48.20")
    payments.reverse(desk.session, first, {"note": "刷错了"}, FINANCE, desk.now)
    # The second one's surplus is still there; nothing of it was needed.
    assert desk.paid == ["0.00 open", "201.20 part_paid", "250.60 paid"]
    assert desk.credit == Decimal("48.20")
    desk.right()
    with pytest.raises(Refused, match="reversed already"):
        payments.reverse(desk.session, first, {"note": "再来"}, FINANCE, desk.now)
    payments.reverse(desk.session, second, {"note": "也错"}, FINANCE, desk.now)
    assert desk.paid == ["0.00 open"] * 3
    assert desk.credit == 0
    assert list(desk.session.scalars(select(Receipt.number).order_by(Receipt.number))) == [1, 2]
    desk.pay("1.00")
    assert list(desk.session.scalars(select(Receipt.number).order_by(Receipt.number))) == [1, 2, 3]
    desk.right()


def test_credit_that_paid_a_later_bill_is_taken_back_with_its_payment(desk: Desk) -> None:
    payment = desk.pay("800.00", credit="1")
    bill = Bill(
        community_id=desk.estate.home, house_id=desk.house.id, fee_item_id=desk.session.scalars(select(FeeItem.id)).first(),
        payer_id=desk.estate.people["own"], period="2026-04", quantity=1, rate=1, amount=Decimal("40.00"),
        issued_on=date(2026, 4, 1), due_on=date(2026, 4, 25),
    )  # fmt: skip
    desk.session.add(bill)
    carry_over(desk.session, bill)
    whose = payments.ledger.whose_of(desk.house, desk.estate.people["own"])
    assert payments.use_credit(desk.session, whose, FINANCE, desk.now) == Decimal("40.00")
    assert desk.credit == Decimal("8.20")
    desk.right()
    payments.reverse(desk.session, payment, {"note": "退票"}, FINANCE, desk.now)
    assert desk.paid == ["0.00 open"] * 4
    assert desk.credit == 0
    desk.right()


def test_credit_is_paid_back_as_far_as_there_is_any(desk: Desk) -> None:
    payment = desk.pay("800.00", credit="1")
    sent = {"payer_id": desk.estate.people["own"], "amount": "48.20", "way": "transfer", "note": "业主要求"}
    for wrong in ({"amount": "48.21"}, {"note": ""}):
        with pytest.raises(LinliError):
            payments.refund(desk.session, desk.house, sent | wrong, FINANCE, desk.now)
    back = payments.refund(desk.session, desk.house, sent, FINANCE, desk.now)
    assert (desk.credit, back.receipt) == (0, None)
    desk.right()
    with pytest.raises(Refused, match="paid out again"):
        payments.reverse(desk.session, payment, {"note": "x"}, FINANCE, desk.now)
    payments.reverse(desk.session, back, {"note": "退错人"}, FINANCE, desk.now)
    assert desk.credit == Decimal("48.20")
    payments.reverse(desk.session, payment, {"note": "x"}, FINANCE, desk.now)
    assert desk.credit == 0
    desk.right()


def test_the_house_account_tells_every_entry_with_the_balance_after_it(desk: Desk) -> None:
    payment = desk.pay("800.00", credit="1")
    payments.reverse(desk.session, payment, {"note": "x"}, FINANCE, desk.now + timedelta(minutes=1))
    (statement,) = house_account.statements(desk.session, desk.house)
    assert [f"{line.entry.kind} {line.balance:.2f}" for line in reversed(statement.lines)] == [
        "charge 250.60", "charge 501.20", "charge 751.80", "payment -48.20", "reversal 751.80",
    ]  # fmt: skip
    assert statement.balance == Decimal("751.80")
    # What is booked for an earlier day stands where it belongs, whenever it was written.
    early = Bill(
        community_id=desk.estate.home, house_id=desk.house.id, fee_item_id=desk.session.scalars(select(FeeItem.id)).first(),
        payer_id=desk.estate.people["own"], period="2025-12", quantity=1, rate=1, amount=Decimal("10.00"),
        issued_on=date(2025, 12, 1), due_on=date(2025, 12, 25),
    )  # fmt: skip
    desk.session.add(early)
    carry_over(desk.session, early)
    (statement,) = house_account.statements(desk.session, desk.house)
    assert (statement.lines[-1].yuan, statement.balance) == (Decimal("10.00"), Decimal("761.80"))


def test_the_database_itself_keeps_the_books(desk: Desk) -> None:
    desk.pay("10.00")
    desk.session.commit()
    for wrong in (
        "UPDATE posting SET amount = 1",
        "DELETE FROM posting",
        "UPDATE journal_entry SET note = 'x'",
        "DELETE FROM receipt",
        _POSTING + "'cash', 'cash', 5 FROM journal_entry",
        _POSTING + "'cash', 'bank', 0 FROM journal_entry",
        _POSTING + "'cash', 'receivable', 5 FROM journal_entry",
        "UPDATE payer_account SET credit_yuan = -1",
    ):
        with pytest.raises(IntegrityError):
            desk.session.execute(text(wrong))
        desk.session.rollback()


def test_the_check_finds_what_differs(desk: Desk) -> None:
    payment = desk.pay("800.00", credit="1")
    desk.session.flush()
    for statement in (
        "UPDATE bill SET paid_yuan = 1, state = 'part_paid' WHERE period = '2026-02'",
        "UPDATE payer_account SET credit_yuan = credit_yuan + 1",
        f"UPDATE payment SET amount = amount + 1 WHERE id = {payment.id}",
        "UPDATE receipt_counter SET last = 7",
    ):
        desk.session.execute(text(statement))
    assert [fault.what for fault in books.faults(desk.session)] == ["bill", "credit", "payment", "receipts"]
    assert books.tell(desk.session, desk.now) == 4


# ---- the day closing -------------------------------------------------------------------------------------------------
@pytest.fixture
def taker(desk: Desk) -> Actor:
    from app.models import Staff

    staff = desk.session.get_one(Staff, desk.estate.staff["assistant"])
    return Actor(
        staff.user_id, "assistant", "助理", roles=frozenset({"assistant"}), staff_id=staff.id,
        community_ids=frozenset({desk.estate.home}),
    )  # fmt: skip


def test_the_taker_closes_with_the_cash_counted_and_finance_receives_it(desk: Desk, taker: Actor) -> None:
    desk.pay("100.00", actor=taker)
    desk.pay("50.00", actor=taker, way="alipay")
    wrong = desk.pay("30.00", actor=taker)
    payments.reverse(desk.session, wrong, {"note": "x"}, FINANCE, desk.now)
    desk.pay("5.00")  # finance's own
    found = day_closings.till(desk.session, taker, desk.estate.home)
    assert (found.sums, found.cash) == ({"cash": Decimal("100.00"), "alipay": Decimal("50.00")}, Decimal("100.00"))
    for sent in ({"counted": "100", "seen": "2"}, {"counted": "99", "seen": "3"}, {"counted": "x", "seen": "3"}):
        with pytest.raises(LinliError):
            day_closings.close(desk.session, desk.estate.home, sent, taker, desk.now)
    closing = day_closings.close(
        desk.session, desk.estate.home, {"counted": "99", "seen": "3", "note": "少一元"}, taker, desk.now
    )
    assert (closing.expected_yuan, closing.difference) == (Decimal("100.00"), Decimal("-1.00"))
    with pytest.raises(Refused, match="nothing to close"):
        day_closings.close(desk.session, desk.estate.home, {"counted": "0", "seen": "0"}, taker, desk.now)
    with pytest.raises(Refused, match="yourself"):
        day_closings.receive(desk.session, closing, taker, desk.now)
    day_closings.receive(desk.session, closing, replace(FINANCE, user_id=None), desk.now)
    with pytest.raises(Refused):
        day_closings.receive(desk.session, closing, FINANCE, desk.now)
    balance = books.trial_balance(desk.session, desk.estate.home)
    assert (balance["cash_difference"], balance["cash"]) == (Decimal("1.00"), Decimal("104.00"))
    desk.right()


def test_entries_say_who_and_when(desk: Desk, taker: Actor) -> None:
    desk.pay("10.00", actor=taker)
    entry = desk.session.scalars(select(JournalEntry).where(JournalEntry.kind == "payment")).one()
    assert (entry.actor_name, entry.at, entry.booked_on) == ("助理", desk.now, date(2026, 3, 10))
    assert desk.now - entry.at < timedelta(1)
    with pytest.raises(Invalid):
        desk.pay("10.00", actor=taker, way="transfer")
