"""A bank's file: which row holds the titles, which column is what, what each line says or what is wrong with it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.errors import Invalid
from app.rules.bank_sheet import check_columns, find_header, guess, merged_below, read_rows, signature

TODAY = date(2026, 3, 10)
TITLES = ("交易日期", "流水号", "支出金额(元)", "收入金额（元）", "对方户名", "摘要")
COLUMNS = {"paid_on": 0, "reference": 1, "out": 2, "amount": 3, "payer": 4, "memo": 5}


def read(*cells: Any, columns: dict[str, int] = COLUMNS) -> Any:
    return read_rows([TITLES, *cells], 0, columns, TODAY)


def test_titles_are_guessed_and_known_again_whatever_stands_in_brackets() -> None:
    assert guess(TITLES) == COLUMNS
    assert signature(TITLES) == signature(
        ["交易日期 ", "流水号", "支出金额", "收入金额", "对方户名", "摘要", None, None]
    )
    assert signature(TITLES) != signature(TITLES[::-1])


@pytest.mark.parametrize(
    ("above", "place"),
    [([], 0), ([("账号：0012",), (), ("期间", "2026-03")], 3), ([("开户行", "收入笔数", "日期")], 1)],
)
def test_the_row_of_titles_is_found_below_what_banks_write_above(above: list[Any], place: int) -> None:
    assert find_header([*above, TITLES, ("2026-03-01", "1", "", "5", "", "")]) == place


def test_unknown_titles_are_found_by_the_numbers_below_and_nothing_is_found_where_there_is_no_table() -> None:
    assert find_header([("说明",), ("甲", "乙", "丙"), ("x", Decimal(5), date(2026, 3, 1))]) == 1
    assert find_header([("甲", "乙", "丙"), ("x", "y", "z")]) is None
    assert find_header([]) is None
    odd = ("一", "二")
    assert find_header([("x",), odd], [signature(odd)]) == 1


def test_lines_are_read_and_sums_below_passed_over() -> None:
    rows, problems = read(
        ("2026/3/5 10:11:12", "0001", "", "1,250.30", "张三", "3幢2单元1201"),
        (Decimal(20260306), Decimal(2), Decimal("30.00"), None, "供电局", None),
        (None, None, None, None, None, None),
        ("合计", None, "30.00", "1250.30", None, None),
    )
    assert problems == []
    assert [(row.row, row.paid_on.day, row.yuan, row.incoming, row.reference) for row in rows] == [
        (2, 5, Decimal("1250.30"), True, "0001"),
        (3, 6, Decimal("30.00"), False, "2"),
    ]


def test_a_line_that_only_talks_of_balances_is_no_sum_of_the_others() -> None:
    rows, problems = read(
        ("2026-03-05", None, "", "100", "张三", "补交上月余额"), ("2026-03-31 合计", None, "", "100", None, None),
        ("期末余额", None, None, "5", None, None), (None, None, None, "100", None, "Total"),
    )  # fmt: skip
    assert rows == []
    assert [(one.row, one.column) for one in problems] == [(2, "reference")]


def test_cells_as_banks_write_them_are_read() -> None:
    """Broken into lines, short names widened, the hour right behind the day."""
    rows, problems = read(
        ("20260301093015", "A1\nB2", "", "5", "张\u3000三", "一\r\n二\u00a0三"),
        (Decimal(202603010930), "A3", "", "5", "", ""),
    )
    assert problems == []
    assert [(one.paid_on, one.reference, one.payer, one.memo) for one in rows] == [
        (date(2026, 3, 1), "A1 B2", "张 三", "一 二 三"), (date(2026, 3, 1), "A3", "", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        (("2026-02-30", "1", "", "5", "", ""), "paid_on", "no date"),
        (("2026-03-11", "1", "", "5", "", ""), "paid_on", "not come yet"),
        (("", "1", "", "5", "", ""), "paid_on", "must not be empty"),
        (("202603011", "1", "", "5", "", ""), "paid_on", "no date"),
        (("20260301997799", "1", "", "5", "", ""), "paid_on", "no date"),
        (("2026-03-05", "", "", "5", "", ""), "reference", "must not be empty"),
        (("2026-03-05", "1.23457E+18", "", "5", "", ""), "reference", "shortened"),
        (("2026-03-05", "=A1", "", "5", "", ""), "reference", "formula"),
        (("2026-03-05", "1", "", "五元", "", ""), "amount", "no sum"),
        (("2026-03-05", "1", "", "5.001", "", ""), "amount", "no sum"),
        (("2026-03-05", "1", "", "NaN", "", ""), "amount", "no sum"),
        (("2026-03-05", "1", "", "99999999", "", ""), "amount", "no sum"),
        (("2026-03-05", "1", "4", "5", "", ""), "amount", "came in and went out"),
        (("2026-03-05", "1", "", "", "", ""), "amount", "has no sum"),
        (("2026-03-05", "1", "", "5", "", "x" * 300), "memo", "too long"),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column(cells: Any, column: str, says: str) -> None:
    rows, problems = read(cells)
    assert rows == []
    ((row, told, msgid),) = [(one.row, one.column, one.msgid) for one in problems]
    assert (row, told) == (2, column)
    assert says in msgid


@pytest.mark.parametrize(
    ("yuan", "said", "incoming"),
    [("5", "贷", True), ("5", "借", False), ("-5", "", False), ("5", "", True), ("5", "CR", True)],
)
def test_one_column_of_sums_says_its_direction_by_a_word_or_a_sign(yuan: str, said: str, incoming: bool) -> None:
    rows, problems = read(("2026-03-05", "1", said, yuan, "", ""), columns={**COLUMNS, "direction": 2, "out": 9})
    assert problems == []
    assert (rows[0].yuan, rows[0].incoming) == (5, incoming)
    assert read(("2026-03-05", "1", "也许", yuan, "", ""), columns={**COLUMNS, "direction": 2, "out": 9})[1]


@pytest.mark.parametrize(
    "columns",
    [
        {"paid_on": 0, "amount": 1},
        {"paid_on": 0, "amount": 1, "reference": 1},
        {"paid_on": 0, "amount": 1, "reference": 9},
    ],
)
def test_columns_that_cannot_be_are_refused(columns: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        check_columns(columns, 4)


def test_merged_cells_above_the_titles_do_no_harm() -> None:
    assert merged_below(["A1:F1", "A4:B4", "A7:A9"], 3) == ["A4:B4", "A7:A9"]
    assert merged_below(["A1:F1", "A2:C3"], 3) == []
