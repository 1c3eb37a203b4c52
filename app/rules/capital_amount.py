"""Sums in the capital numerals that Chinese bills and receipts carry beside the figures: they cannot be altered by a stroke. Pure.

After the Ministry of Finance's rules for accounting basics (会计基础工作规范, article 52): 元 and 角 without 分 end with 整.
"""

from decimal import Decimal
from typing import Final

from app.errors import N_, Invalid

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿")
MOST: Final = Decimal(10) ** 12


def capitals(amount: Decimal) -> str:
    """`123.40` yuan as 人民币壹佰贰拾叁元肆角整. Raises Invalid for a negative sum, more than two places, or 10¹² and more."""
    if not 0 <= amount < MOST or amount != amount.quantize(Decimal("0.01")):
        raise Invalid(N_("This sum cannot be written in capital numerals."))
    fen = int(amount * 100)
    whole, jiao, rest = fen // 100, fen // 10 % 10, fen % 10
    words = f"{_whole(whole)}元" if whole or not fen else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif rest and whole:
        words += "零"
    words += f"{_DIGITS[rest]}分" if rest else "整"
    return f"人民币{words}"


def _whole(number: int) -> str:
    if number == 0:
        return "零"
    words, gap = "", False
    for group in reversed(range(len(_GROUPS))):
        part = number // 10 ** (4 * group) % 10_000
        if part == 0:
            gap = bool(words)
            continue
        if words and (gap or part < 1000):
            words += "零"
        words += _below_ten_thousand(part) + _GROUPS[group]
        gap = False
    return words


def _below_ten_thousand(number: int) -> str:
    words, gap = "", False
    for place in reversed(range(4)):
        digit = number // 10**place % 10
        if digit == 0:
            gap = bool(words)
            continue
        words += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return words
