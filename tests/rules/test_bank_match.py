"""Whose money a line is: nothing is guessed, every doubt has its reason."""

from datetime import date
from decimal import Decimal

import pytest

from app.rules.bank_match import Candidate, Doubt, Found, Twin, Whose, bill_ids, house_finder, payer_of, twin_of, whose
from app.rules.bank_sheet import BankRow
from app.rules.place import HouseKey

HOUSES = [
    HouseKey(1, "3", "2", "1201", "3幢2单元1201"), HouseKey(2, "3", "2", "1202", "3幢2单元1202"),
    HouseKey(3, "12", "1", "101", "12幢1单元101"),
]  # fmt: skip
PAID = {"6222": {(2, 12)}, "6333": {(1, 11), (2, 12)}}
BILLS = {("2026-03", 7): (1, 11), ("2026-03", 8): (2, 12), ("2026-02", 6): (1, 11)}


def row(**said: str) -> BankRow:
    given = {"reference": "1", "payer": "", "account": "", "house": "", "bill": "", "memo": "", **said}
    return BankRow(row=2, paid_on=date(2026, 3, 5), yuan=Decimal(5), incoming=True, **given)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"house": "3幢2单元1201"}, Whose(1, None, Found.HOUSE)),
        ({"house": "3-2-1202"}, Whose(2, None, Found.HOUSE)),
        ({"memo": "物业费 三栋二单元1201室"}, Whose(1, None, Found.HOUSE)),
        ({"memo": "12幢1单元101 3月"}, Whose(3, None, Found.HOUSE)),
        ({"house": "1201"}, Doubt.NO_HOUSE),
        ({"house": "9幢9单元901"}, Doubt.NO_HOUSE),
        ({"bill": "202603-0000007"}, Whose(1, 11, Found.BILL)),
        ({"memo": "缴202603-0000007、202602-0000006"}, Whose(1, 11, Found.BILL)),
        ({"memo": "202603-0000007 202603-0000008"}, Doubt.TWO_HOUSES),
        ({"bill": "202603-0000007", "house": "3-2-1202"}, Doubt.TWO_HOUSES),
        ({"bill": "202603-0000099"}, Doubt.NO_SUCH_BILL),
        ({"bill": "202602-0000007"}, Doubt.NO_SUCH_BILL),
        ({"account": "6222"}, Whose(2, 12, Found.ACCOUNT)),
        ({"account": "6222", "house": "3-2-1201"}, Whose(1, None, Found.HOUSE)),
        ({"account": "6333"}, Doubt.SHARED_ACCOUNT),
        ({"account": "6333", "house": "3-2-1201"}, Whose(1, None, Found.HOUSE)),
        ({"memo": "3-2-1201 3-2-1202 物业费"}, Doubt.TWO_HOUSES),
        ({"memo": "3-2-1201、3-2-1202"}, Doubt.TWO_HOUSES),
        ({"memo": "3幢2单元1201室3幢2单元1202室"}, Doubt.TWO_HOUSES),
        ({"memo": "3幢2单元1201、1202物业费"}, Whose(1, None, Found.HOUSE)),
        ({"memo": "3幢2单元1201和1202室"}, Doubt.TWO_HOUSES),
        ({"memo": "3-2-1201 2026 100.00"}, Whose(1, None, Found.HOUSE)),
        ({"memo": "3,2,1201"}, Whose(1, None, Found.HOUSE)),
        ({"house": "3-2-1201", "memo": "代缴 3-2-1202"}, Doubt.TWO_HOUSES),
        ({"house": "3-2-1201", "memo": "三栋二单元1201室"}, Whose(1, None, Found.HOUSE)),
        ({}, Doubt.NO_HOUSE),
    ],
)
def test_the_house_is_found_by_bill_house_or_the_account_that_paid_before(said: dict[str, str], found: object) -> None:
    assert whose(row(**said), BILLS, house_finder(HOUSES), PAID) == found


def test_a_text_that_could_mean_two_houses_is_a_doubt() -> None:
    finder = house_finder([*HOUSES, HouseKey(9, "03", "2", "1201", "三幢")])
    assert finder("3-2-1201") == {1, 9}
    assert whose(row(memo="3-2-1201"), BILLS, finder, PAID) == Doubt.TWO_HOUSES


@pytest.mark.parametrize(
    ("twin", "found"),
    [
        (Twin("row:2"), ("row:2", True)),
        (Twin("row:2", "6222", "张三"), ("row:2", True)),
        (Twin("row:2", "6333", "张三"), None),
        (Twin("row:2", "", "李四"), None),
        (Twin("row:2", aside=True), ("row:2", False)),
        (Twin("file:1:2", "6222", "李四"), ("file:1:2", False)),
        (Twin("file:1:2", "6222", "张三", aside=True), ("file:1:2", False)),
        (Twin("payment:5"), ("payment:5", True)),
    ],
)
def test_a_second_one_is_certain_only_where_nothing_speaks_against_it(twin: Twin, found: object) -> None:
    assert twin_of(row(account="6222", payer="张三"), [twin]) == found
    assert twin_of(row(account="6222", payer="张三"), [twin, Twin("file:7:7")]) in (found, ("file:7:7", True))


def test_bill_numbers_are_month_and_key() -> None:
    assert bill_ids(row(memo="x202603-0000007y")) == [("2026-03", 7)]
    assert bill_ids(row(memo="202603-99999999999")) == []


OWNER, TENANT = Candidate(11, "张三", Decimal(0)), Candidate(12, "李四", Decimal("5.00"))


@pytest.mark.parametrize(
    ("said", "there", "found"),
    [
        ({"payer": "张三"}, [OWNER, TENANT], 11),
        ({"payer": "张 三"}, [OWNER, TENANT], 11),
        ({"memo": "代张三缴费", "payer": "王五"}, [OWNER, TENANT], 11),
        ({"payer": "王五"}, [OWNER, TENANT], 12),
        ({"payer": "王五"}, [OWNER], 11),
        ({"payer": "张三、李四"}, [OWNER, TENANT], Doubt.SEVERAL_PAYERS),
        ({}, [OWNER, Candidate(13, "王五", Decimal(0))], Doubt.SEVERAL_PAYERS),
        ({}, [], Doubt.NO_PAYER),
    ],
)
def test_the_payer_is_who_is_named_else_the_only_one_who_owes(
    said: dict[str, str], there: list[Candidate], found: object
) -> None:
    assert payer_of(row(**said), there) == found
