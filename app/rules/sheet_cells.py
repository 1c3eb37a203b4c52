"""What one cell of a sheet says: a text, a day, a sum, or what is wrong with it. Shared by everything that is read from sheets. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.errors import N_

EARLIEST = date(1950, 1, 1)
MOST_YUAN = Decimal("9999999.99")

_DAY = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})(?=(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?(?!\d))"
)
_AROUND_MONEY = re.compile(r"[¥￥元,，\s]|CNY|RMB", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """What is wrong: `row` as the spreadsheet counts, `column` a key of the sheet's headers, a msgid with its parameters."""

    row: int
    column: str
    msgid: str
    params: Mapping[str, Any]


class Wrong(Exception):
    """A cell that cannot be read; becomes a `Problem` with its row and column."""

    def __init__(self, msgid: str, **params: Any) -> None:
        self.msgid, self.params = msgid, params
        super().__init__(msgid)


def text_of(value: Any, limit: int) -> str | None:
    """The text of a cell, None for an empty one. Raises Wrong for a date, a formula, what is too long or cannot be shown."""
    if value is None:
        return None
    if isinstance(value, date):
        raise Wrong(N_("A text was expected here."))
    # A room 1201 typed as a number is the room 1201, not 1201.0.
    is_whole = isinstance(value, Decimal) and value == value.to_integral()
    text = str(int(value) if is_whole else value)
    # Banks widen short names with a full-width blank (张　三).
    text = "".join(" " if unicodedata.category(char) == "Zs" else char for char in text).strip()
    if text.startswith("="):
        raise Wrong(N_("This cell holds a formula: paste its value instead."))
    if len(text) > limit:
        raise Wrong(N_("This text is too long: at most %(limit)s characters."), limit=limit)
    if any(not char.isprintable() for char in text.replace("\n", " ")):
        raise Wrong(N_("This text has characters that cannot be shown."))
    return text or None


def day_of(value: Any) -> date | None:
    """A day: a date cell, 2026-03-31, 2026/3/31, 2026年3月31日 or 20260331, with or without the hour behind it
    (20260331093015, too). Raises Wrong."""
    if value is None or isinstance(value, date):
        day = value
    else:
        text = text_of(value, 30) or ""
        found = _DAY.match(text)
        try:
            day = date(*(int(part) for part in found.groups() if part is not None)) if found else None
        except ValueError:
            day = None
        if day is None and text:
            raise Wrong(N_("%(value)s is no date: write it like 2026-03-31."), value=text)
    if day is not None and not EARLIEST <= day < date(2200, 1, 1):
        raise Wrong(N_("%(value)s is no date: write it like 2026-03-31."), value=day.isoformat())
    return day


def sum_of(value: Any) -> Decimal | None:
    """Yuan with two places, of either sign; None for an empty cell or a dash. Raises Wrong."""
    text = text_of(value, 40)
    plain = _AROUND_MONEY.sub("", text or "")
    if plain in ("", "-", "--", "—"):
        return None
    try:
        yuan = Decimal(plain)
    except InvalidOperation:
        yuan = Decimal("NaN")
    if not yuan.is_finite() or abs(yuan) > MOST_YUAN or yuan != round(yuan, 2):
        raise Wrong(N_("%(value)s is no sum in yuan, such as 120.00."), value=text)
    return round(yuan, 2)
