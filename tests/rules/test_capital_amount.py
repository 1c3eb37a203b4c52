"""Sums in capital numerals, by examples of the rule book and read back by another reckoning."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.rules.capital_amount import capitals

DIGITS = {sign: value for value, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "人民币零元整"),
        ("0.05", "人民币伍分"),
        ("0.50", "人民币伍角整"),
        ("1.05", "人民币壹元零伍分"),
        ("10", "人民币壹拾元整"),
        ("105", "人民币壹佰零伍元整"),
        ("250.60", "人民币贰佰伍拾元陆角整"),
        ("1234.56", "人民币壹仟贰佰叁拾肆元伍角陆分"),
        ("10001", "人民币壹万零壹元整"),
        ("100000", "人民币壹拾万元整"),
        ("1000500", "人民币壹佰万零伍佰元整"),
        ("100000001", "人民币壹亿零壹元整"),
        ("120005000.07", "人民币壹亿贰仟万伍仟元零柒分"),
    ],
)
def test_by_the_rule_book(amount: str, words: str) -> None:
    assert capitals(Decimal(amount)) == words


@pytest.mark.parametrize("amount", ["-1", "0.005", "1e12"])
def test_what_is_no_sum_is_refused(amount: str) -> None:
    with pytest.raises(Invalid):
        capitals(Decimal(amount))


def read_back(words: str) -> int:
    """Fen. Adds up digit × place, group by group."""
    total = group = digit = 0
    for sign in words.removeprefix("人民币").removesuffix("整"):
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign in "拾佰仟":
            group, digit = group + digit * {"拾": 10, "佰": 100, "仟": 1000}[sign], 0
        elif sign == "万":
            group, digit = (group + digit) * 10_000, 0
            total, group = total + group, 0
        elif sign == "亿":
            total, group, digit = (total + group + digit) * 100_000_000, 0, 0
        elif sign == "元":
            total, group, digit = (total + group + digit) * 100, 0, 0
        else:
            total, digit = total + digit * {"角": 10, "分": 1}[sign], 0
    return total


@given(st.integers(0, 10**13))
def test_read_back_it_is_the_same_sum(fen: int) -> None:
    words = capitals(Decimal(fen) / 100)
    assert read_back(words) == fen
    assert "零零" not in words
    assert not words.endswith("零")
