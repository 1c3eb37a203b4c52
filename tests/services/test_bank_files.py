"""A bank's file from the upload to the last receipt: encodings, columns remembered, duplicates, doubts, all or nothing."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import Invalid, LinliError, Refused
from app.models import (
    BankFile,
    BankLine,
    Bill,
    Community,
    House,
    JournalEntry,
    PayerAccount,
    Payment,
    Receipt,
    Tenure,
)
from app.services import bank_files, bank_lines, bank_taking, books, day_closings, payments
from app.services.actors import Actor
from tests.support.bank import COLUMNS, TITLES, csv_file, line, read_file, workbook
from tests.support.estate import Estate, build_estate
from tests.support.ledger import carry_over

FINANCE = Actor(user_id=None, username="finance", display_name="财务", is_system=True)
OWN, NEXT, FAR = "1幢1单元101", "1幢1单元102", "2幢1单元101"


class Bank:
    """Three houses with a bill of 250.60 each, in the books."""

    def __init__(self, session: Session, estate: Estate, now: datetime) -> None:
        self.session, self.estate, self.now = session, estate, now
        for bill in session.scalars(select(Bill)).all():
            carry_over(session, bill)
        session.commit()

    def read(self, *lines: Any, **how: Any) -> BankFile:
        return read_file(self.session, self.estate.home, csv_file(*lines, **how), FINANCE, self.now)

    def take(self, file: BankFile, batch: int = 100) -> None:
        bank_taking.start(self.session, file, bank_lines.overview(self.session, file).seen, FINANCE, self.now)
        while bank_taking.step(self.session, file.id, self.now, batch):
            pass

    def states(self, file: BankFile) -> list[str]:
        found = select(BankLine.state).where(BankLine.file_id == file.id).order_by(BankLine.number)
        return list(self.session.scalars(found))

    def line(self, file: BankFile, number: int) -> BankLine:
        found = bank_lines.own(self.session, file, FINANCE, number)
        assert found
        return found

    @property
    def booked(self) -> int:
        return self.session.scalar(select(func.count()).select_from(Payment)) or 0


@pytest.fixture
def bank(session: Session, now: datetime) -> Bank:
    return Bank(session, build_estate(session, now), now)


def test_a_file_is_looked_at_then_booked_each_line_with_its_receipt(bank: Bank) -> None:
    owed = bank.session.get_one(Bill, bank.estate.bills["own"]).amount
    file = bank.read(
        line("A1", "100.00", OWN, "张三"), line("A2", f"{owed}", NEXT, "李四"), line("A3", "9.00", "代发工资", "某公司"),
        ("2026-03-05", "A4", "30.00", "", "供电局", "", "电费"),
    )  # fmt: skip
    assert bank.states(file) == ["found", "found", "unclear", "outgoing"]
    assert bank.booked == 0
    found = bank_lines.overview(bank.session, file)
    assert (found.to_bills, found.to_credit) == (100 + owed, 0)
    with pytest.raises(Refused, match="unclear"):
        bank.take(file)
    bank_lines.set_aside(bank.session, file, bank.line(file, 4), {"note": "不是业主"}, FINANCE)
    bank.take(file)
    assert bank.states(file) == ["taken", "taken", "aside", "outgoing"]
    assert (file.state, file.lines_done, file.lines_all, file.started_by) == ("taken", 2, 2, "财务")
    assert list(bank.session.scalars(select(Receipt.number).order_by(Receipt.number))) == [1, 2]
    first = bank.session.scalars(select(Payment).order_by(Payment.id)).first()
    assert first
    assert (first.reference, first.way, first.note, first.taken_by) == ("A1", "transfer", f"张三 {OWN}", "财务")
    assert first.received_at.date() == date(2026, 3, 5)
    assert books.faults(bank.session) == []


def test_lines_of_one_payer_pay_the_oldest_first_one_after_the_other_and_what_is_left_is_credit(bank: Bank) -> None:
    owed = bank.session.get_one(Bill, bank.estate.bills["own"]).amount
    file = bank.read(line("B1", f"{owed - 50}", OWN), line("B2", "80.00", OWN), line("B3", "5.00", OWN))
    shown = bank_lines.lines(bank.session, file, "", 0)
    assert [([part for _item, _month, part in one.bills], one.credit) for one in shown] == [
        ([owed - 50], 0), ([Decimal("50.00")], Decimal("30.00")), ([], Decimal("5.00")),
    ]  # fmt: skip
    assert bank_lines.overview(bank.session, file).to_credit == 35
    bank.take(file, batch=1)
    assert bank.session.scalar(select(PayerAccount.credit_yuan)) == 35
    assert books.faults(bank.session) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_any_encoding_of_chinese_is_read(bank: Bank, encoding: str) -> None:
    file = bank.read(line("C1", "5.00", OWN, "张三"), encoding=encoding, above=["账户：物业,,,", "期间：2026年3月"])
    assert bank.states(file) == ["found"]
    assert bank.line(file, 4).payer == "张三"


def test_columns_are_named_once_for_all_files_with_these_titles(bank: Bank) -> None:
    home = bank.session.get_one(Community, bank.estate.home)
    first = bank_files.upload(bank.session, home, csv_file(line("D1", "5.00", OWN)), "a.csv", FINANCE, bank.now)
    assert first.state == "columns"
    shown = bank_files.columns_of(bank.session, first)
    assert shown.titles == list(TITLES)
    assert shown.guessed == {name[7:]: int(place) for name, place in COLUMNS.items() if name != "name"}
    with pytest.raises(Refused, match="name them first"):
        bank_files.read_again(bank.session, first, bank.now)
    for wrong in ({**COLUMNS, "name": ""}, {**COLUMNS, "column_amount": ""}, {**COLUMNS, "column_amount": "x"},
                  {**COLUMNS, "column_amount": "99"}, {**COLUMNS, "column_amount": "0"}):  # fmt: skip
        with pytest.raises(Invalid):
            bank_files.remember(bank.session, first, wrong, FINANCE, bank.now)
    bank_files.remember(bank.session, first, COLUMNS, FINANCE, bank.now)
    bank_files.read_again(bank.session, first, bank.now)
    second = bank_files.upload(bank.session, home, csv_file(line("D2", "5.00", OWN)), "b.csv", FINANCE, bank.now)
    assert (first.state, second.state) == ("looked", "looked")
    away = bank.session.get_one(Community, bank.estate.other)
    other = bank_files.upload(bank.session, away, csv_file(line("D2", "5.00", OWN)), "b.csv", FINANCE, bank.now)
    assert other.state == "columns"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (workbook(TITLES, line("E1", "5", OWN), line("E2", "5", OWN), merged="E2:E3"), "E2:E3 are merged"),
        (workbook(TITLES, line("E1", "5", OWN), first="封面"), "the sheet “明细” does"),
        (workbook(("一",), ("二",)), "No row of titles"),
        (b"PK\x03\x04nonsense", "not an Excel file"),
        (b"\xff\xfe\xfa\x00\x01", "neither"),
        (b"\x81\x00\xff\xff\x80", "neither"),
        (b"", "empty"),
        ("一,二\n三,四\n".encode(), "No row of titles"),
    ],
)
def test_a_file_that_is_none_gets_a_sentence(bank: Bank, content: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        read_file(bank.session, bank.estate.home, content, FINANCE, bank.now)
    bank.session.rollback()
    assert bank.session.scalars(select(BankFile)).all() == []


def test_a_workbook_is_read_like_the_text(bank: Bank) -> None:
    rows = (("账户", "物业"), TITLES, (datetime(2026, 3, 5), "F1", None, 12.5, "张三", "6222", OWN))  # noqa: DTZ001
    file = read_file(bank.session, bank.estate.home, workbook(*rows), FINANCE, bank.now)
    assert [(one.amount, one.paid_on.day, one.state) for one in bank.session.scalars(select(BankLine))] == [
        (Decimal("12.50"), 5, "found")
    ]
    assert file.state == "looked"


def test_with_one_line_wrong_nothing_is_taken_and_all_that_is_wrong_is_told(bank: Bank) -> None:
    bank.read(line("G0", "1.00", OWN))
    with pytest.raises(bank_files.BankSheetRefused) as refused:
        bank.read(line("G1", "5.00", OWN), line("G2", "fünf", OWN), line("", "5.00", OWN, day="2026-13-01"))
    assert [(one.row, one.column) for one in refused.value.problems] == [
        (3, "amount"),
        (4, "paid_on"),
        (4, "reference"),
    ]


def test_the_same_file_and_the_same_payments_are_found(bank: Bank) -> None:
    first = bank.read(line("H1", "5.00", OWN), line("H2", "6.00", OWN))
    with pytest.raises(Refused, match="here already"):
        bank.read(line("H1", "5.00", OWN), line("H2", "6.00", OWN))
    house = bank.session.get_one(House, bank.estate.houses["far"])
    sent = {"payer_id": bank.estate.people["far"], "amount": "8.00", "way": "transfer", "reference": "H4"}
    by_hand = payments.take(bank.session, house, sent, FINANCE, bank.now)
    second = bank.read(
        line("H2", "6.00", OWN), line("H2", "7.00", OWN), line("H3", "5.00", OWN), line("H3", "5.00", OWN),
        line("H4", "8.00", FAR), line("H4", "9.00", FAR),
    )  # fmt: skip
    assert bank.states(second) == ["duplicate", "found", "found", "duplicate", "duplicate", "found"]
    twins = [bank.line(second, number).twin for number in (2, 5, 6)]
    assert twins == [f"file:{first.id}:3", "row:4", f"payment:{by_hand.id}"]
    with pytest.raises(Refused, match="known already"):
        bank_lines.set_aside(bank.session, second, bank.line(second, 2), {"note": "x"}, FINANCE)
    # The first one is put away: its lines count no more.
    bank_files.drop(bank.session, first)
    bank_files.match_again(bank.session, second)
    assert bank.states(second)[0] == "found"
    bank.read(line("H1", "5.00", OWN), line("H2", "6.00", OWN))


def test_what_was_reversed_may_come_again(bank: Bank) -> None:
    first = bank.read(line("I1", "5.00", NEXT))
    bank.take(first)
    payments.reverse(bank.session, bank.session.scalars(select(Payment)).one(), {"note": "户错"}, FINANCE, bank.now)
    second = bank.read(line("I1", "5.00", OWN), line("I2", "1.00", OWN))
    assert bank.states(second) == ["found", "found"]
    bank.take(second)
    assert books.faults(bank.session) == []


def test_an_account_is_known_again_once_somebody_said_whose_it_is(bank: Bank) -> None:
    first = bank.read(line("J1", "5.00", "转账", "某公司", "6222001"))
    (number,) = bank.session.scalars(select(BankLine.number)).all()
    own = bank.session.get_one(House, bank.estate.houses["own"])
    away = bank.session.get_one(House, bank.estate.houses["foreign"])
    for house, payer in ((away, "foreign"), (own, "far")):
        sent = {"payer_id": bank.estate.people[payer]}
        with pytest.raises(Invalid):
            bank_lines.assign(bank.session, first, bank.line(first, number), sent, house, FINANCE)
    sent = {"payer_id": bank.estate.people["own"]}
    bank_lines.assign(bank.session, first, bank.line(first, number), sent, own, FINANCE)
    bank.take(first)
    second = bank.read(line("J2", "5.00", "转账", "某公司", "6222001"))
    assert (bank.states(second), bank.line(second, number).found) == (["found"], "account")
    assert bank.line(second, number).payer_id == bank.estate.people["own"]


def test_what_has_changed_since_the_reader_looked_is_told(bank: Bank) -> None:
    file = bank.read(line("K1", "100.00", OWN))
    seen = bank_lines.overview(bank.session, file).seen
    house = bank.session.get_one(House, bank.estate.houses["own"])
    owed = bank.session.get_one(Bill, bank.estate.bills["own"]).amount
    payments.take(bank.session, house, {"payer_id": bank.estate.people["own"], "amount": f"{owed}", "way": "cash"},
                  FINANCE, bank.now)  # fmt: skip
    with pytest.raises(Refused, match="changed since you looked"):
        bank_taking.start(bank.session, file, seen, FINANCE, bank.now)
    sent = {
        "payer_id": bank.estate.people["own"],
        "amount": "100.00",
        "way": "transfer",
        "reference": "K1",
        "credit": "1",
    }
    payments.take(bank.session, house, sent, FINANCE, bank.now)
    with pytest.raises(Refused, match="entered meanwhile"):
        bank.take(file)
    bank_files.match_again(bank.session, file)
    assert bank.states(file) == ["duplicate"]
    with pytest.raises(Refused, match="no line to be booked"):
        bank.take(file)


def test_a_crash_in_the_middle_goes_on_where_it_stood(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    file = bank.read(*(line(f"L{number}", "1.00", OWN) for number in range(5)))
    bank_taking.start(bank.session, file, bank_lines.overview(bank.session, file).seen, FINANCE, bank.now)
    bank.session.commit()
    assert bank_taking.step(bank.session, file.id, bank.now, 2)
    bank.session.commit()
    real, times = payments.take, []

    def dies(*given: Any, **more: Any) -> Any:
        times.append(1)
        if len(times) == 2:
            raise RuntimeError("gone")
        return real(*given, **more)

    monkeypatch.setattr(payments, "take", dies)
    with pytest.raises(RuntimeError):
        bank_taking.step(bank.session, file.id, bank.now, 2)
    bank.session.rollback()
    assert bank.booked == 2
    assert bank_taking.under_way(bank.session) == [file.id]
    with pytest.raises(Refused):
        bank_files.drop(bank.session, file)
    while bank_taking.step(bank.session, file.id, bank.now, 2):
        pass
    assert (bank.booked, file.state, file.lines_done) == (5, "taken", 5)
    assert not bank_taking.step(bank.session, file.id, bank.now)
    bank_taking.start(bank.session, file, "whatever", FINANCE, bank.now)
    assert bank.booked == 5
    assert books.faults(bank.session) == []


def test_nobody_counts_in_the_till_what_came_to_the_bank(bank: Bank) -> None:
    bank.take(bank.read(line("M1", "1.00", OWN)))
    assert day_closings.till(bank.session, FINANCE, bank.estate.home).payments == []


def test_names_and_sums_that_cannot_be_written_are_refused_before_anything(bank: Bank) -> None:
    before = len(bank.session.scalars(select(JournalEntry)).all())
    for wrong in ("1e400", "-", "0", "1.005"):
        with pytest.raises(LinliError):
            bank.read(line("N1", wrong, OWN))
        bank.session.rollback()
    assert len(bank.session.scalars(select(JournalEntry)).all()) == before


def test_a_reference_broken_into_lines_is_booked_as_one_line(bank: Bank) -> None:
    rows = (TITLES, ("2026-03-05", "Q1\nQ2", "", "5.00", "张三\n代缴", "", OWN))
    file = read_file(bank.session, bank.estate.home, workbook(*rows), FINANCE, bank.now)
    # Read before line breaks were taken out.
    bank.line(file, 2).reference = "Q1\nQ2"
    bank.take(file)
    payment = bank.session.scalars(select(Payment)).one()
    assert (file.state, payment.reference, payment.note) == ("taken", "Q1 Q2", f"张三 代缴 {OWN}")


def test_an_account_that_has_paid_for_two_decides_nothing(bank: Bank) -> None:
    bank.take(bank.read(line("R1", "5.00", OWN, account="A1"), line("R2", "5.00", FAR, account="A1")))
    second = bank.read(line("R3", "5.00", "转账", account="A1"))
    assert bank.states(second) == ["unclear"]
    assert bank.line(second, 2).doubt == "shared_account"


def test_the_sellers_account_is_not_the_buyers_money(bank: Bank) -> None:
    owed = bank.session.get_one(Bill, bank.estate.bills["far"]).amount
    bank.take(bank.read(line("S1", f"{owed}", FAR, account="A2")))
    seller, buyer = bank.estate.people["far"], bank.estate.people["tenant"]
    held = select(Tenure).where(Tenure.house_id == bank.estate.houses["far"], Tenure.person_id == seller)
    for tenure in bank.session.scalars(held).all():
        tenure.ends_on = date(2026, 3, 1)
    bank.session.add(
        Tenure(house_id=bank.estate.houses["far"], person_id=buyer, role="owner", starts_on=date(2026, 3, 1))
    )
    bank.session.flush()
    second = bank.read(line("S2", "5.00", "转账", account="A2"), line("S3", "5.00", FAR))
    assert bank.states(second) == ["unclear", "found"]
    assert (bank.line(second, 2).doubt, bank.line(second, 2).house_id) == ("payer_left", bank.estate.houses["far"])
    assert bank.line(second, 3).payer_id == buyer


def test_matching_again_knows_what_was_decided_by_hand(bank: Bank) -> None:
    file = bank.read(line("T1", "5.00", OWN), line("T1", "5.00", OWN))
    assert bank.states(file) == ["found", "duplicate"]
    sent = {"payer_id": bank.estate.people["own"]}
    house = bank.session.get_one(House, bank.estate.houses["own"])
    bank_lines.assign(bank.session, file, bank.line(file, 2), sent, house, FINANCE)
    bank_files.match_again(bank.session, file)
    assert bank.states(file) == ["found", "duplicate"]
    # The first one is left out: whether the second is the same money a person says.
    bank_lines.set_aside(bank.session, file, bank.line(file, 2), {"note": "柜台现金"}, FINANCE)
    bank_files.match_again(bank.session, file)
    assert bank.states(file) == ["aside", "unclear"]
    assert (bank.line(file, 3).doubt, bank.line(file, 3).twin) == ("perhaps_twice", "row:2")


@pytest.mark.parametrize("how", ["dropped", "set aside"])
def test_what_is_left_out_because_of_another_line_is_asked_for_again_once_that_is_gone(bank: Bank, how: str) -> None:
    first = bank.read(line("U1", "5.00", OWN))
    second = bank.read(line("U1", "5.00", OWN), line("U2", "6.00", OWN))
    assert bank.states(second) == ["duplicate", "found"]
    if how == "dropped":
        bank_files.drop(bank.session, first)
    else:
        bank_lines.set_aside(bank.session, first, bank.line(first, 2), {"note": "柜台现金"}, FINANCE)
    with pytest.raises(Refused, match="match the lines again"):
        bank.take(second)
    assert bank.booked == 0
    bank_files.match_again(bank.session, second)
    assert bank.states(second) == ["found" if how == "dropped" else "unclear", "found"]


def test_what_was_set_aside_does_not_come_back_with_the_next_file(bank: Bank) -> None:
    first = bank.read(line("V1", "5.00", OWN), line("V2", "6.00", OWN))
    bank_lines.set_aside(bank.session, first, bank.line(first, 2), {"note": "柜台现金"}, FINANCE)
    bank.take(first)
    second = bank.read(line("V1", "5.00", OWN), line("V3", "1.00", OWN))
    assert bank.states(second) == ["unclear", "found"]
    assert bank.line(second, 2).twin == f"file:{first.id}:2"
    house = bank.session.get_one(House, bank.estate.houses["own"])
    bank_lines.assign(
        bank.session, second, bank.line(second, 2), {"payer_id": bank.estate.people["own"]}, house, FINANCE
    )
    bank.take(second)
    assert bank.booked == 3


def test_two_who_share_a_voucher_number_have_both_paid(bank: Bank) -> None:
    file = bank.read(line("0", "5.00", OWN, "张三", "A1"), line("0", "5.00", FAR, "王五", "A2"))
    assert bank.states(file) == ["found", "found"]
    bank.take(file)
    second = bank.read(line("0", "5.00", NEXT, "李四", "A3"), line("0", "5.00", OWN, "张三", "A1"))
    assert bank.states(second) == ["unclear", "duplicate"]
    assert books.faults(bank.session) == []
