"""What a bank's file of incoming money says (D10): which column is what, and line by line day, sum, reference and payer. Pure.

Every bank names its columns otherwise. Which is which is guessed by their titles, asked once, and remembered by the row of
titles (`signature`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from app.errors import N_, Invalid
from app.rules.sheet_cells import Problem, Wrong, day_of, sum_of, text_of

HEADER_WITHIN_ROWS: Final = 30
"""Above the titles banks put the account, the period and sums."""

TITLES: Final[dict[str, tuple[str, ...]]] = {
    "paid_on": ("交易日期", "交易时间", "记账日期", "入账日期", "到账日期", "日期", "date", "transaction date", "value date"),
    "amount": (
        "贷方发生额", "贷方金额", "收入金额", "收入", "存入金额", "存入", "贷方", "入账金额", "到账金额", "交易金额", "发生额", "金额",
        "credit", "credit amount", "amount",
    ),
    "out": ("借方发生额", "借方金额", "支出金额", "支出", "支取金额", "借方", "debit", "debit amount"),
    "direction": ("借贷标志", "借贷方向", "借贷", "借/贷", "收支标志", "收支", "收/支", "direction"),
    "reference": (
        "交易流水号", "银行流水号", "流水号", "交易序号", "交易参考号", "凭证号", "凭证号码", "reference", "bank reference",
    ),
    "payer": ("对方户名", "付款人名称", "付款人户名", "付款人", "付款方", "对方名称", "payer", "payer name"),
    "account": ("对方账号", "对方帐号", "付款人账号", "付款账号", "付款方账号", "payer account", "account"),
    "house": ("房号", "房屋", "门牌号", "house", "room"),
    "bill": ("账单号", "账单编号", "bill", "bill number"),
    "memo": ("摘要", "附言", "用途", "备注", "交易摘要", "交易附言", "memo", "purpose", "note"),
}  # fmt: skip
"""Field → the titles it is known by; the first one that stands in the file is taken."""

FIELDS: Final = tuple(TITLES)
REQUIRED: Final = ("paid_on", "amount", "reference")
MOST_TEXT: Final = {"reference": 80, "payer": 120, "account": 60, "house": 80, "bill": 40, "memo": 200}

_IN = frozenset({"贷", "贷方", "收", "收入", "c", "cr", "credit", "in", "+", "转入"})
_OUT = frozenset({"借", "借方", "支", "支出", "付", "d", "dr", "debit", "out", "-", "转出"})
_SUM_UP = re.compile(r"合计|总计|小计|本页|累计|期初|期末|余额|总笔数|total|balance", re.IGNORECASE)
_SHORTENED = re.compile(r"\d(\.\d+)?[Ee]\+\d+")
_BRACKETS = re.compile(r"[(（\[【*].*")


@dataclass(frozen=True)
class BankRow:
    """A line of the file. `yuan` is above zero; `incoming`: whether it came in or went out."""

    row: int
    paid_on: date
    yuan: Decimal
    incoming: bool
    reference: str
    payer: str
    account: str
    house: str
    bill: str
    memo: str


def title_of(cell: Any) -> str:
    """A title as titles are compared: in small letters, without blanks and what stands in brackets."""
    return (
        re.sub(r"\s+", " ", _BRACKETS.sub("", str(cell if cell is not None else "").replace("\n", " "))).strip().lower()
    )


def signature(row: Sequence[Any]) -> str:
    """By what a row of titles is known again: the same titles in the same order (SHA-256, hexadecimal)."""
    titles = [title_of(cell) for cell in row]
    while titles and not titles[-1]:
        titles.pop()
    return hashlib.sha256(json.dumps(titles, ensure_ascii=False).encode()).hexdigest()


def guess(row: Sequence[Any]) -> dict[str, int]:
    """Field → column by the titles that are known."""
    titles = [title_of(cell) for cell in row]
    found: dict[str, int] = {}
    for field, names in TITLES.items():
        place = next((titles.index(name) for name in names if name in titles), None)
        if place is not None and place not in found.values():
            found[field] = place
    return found


def find_header(cells: Sequence[Sequence[Any]], known: Iterable[str] = ()) -> int | None:
    """The place of the row of titles: one that is remembered, else the one with most known titles, else the first row of words
    over a row with a number or a day. None: there is none."""
    remembered, rows = frozenset(known), cells[:HEADER_WITHIN_ROWS]
    for place, row in enumerate(rows):
        if signature(row) in remembered:
            return place
    best = max(range(len(rows)), key=lambda place: (len(guess(rows[place])), -place), default=None)
    if best is not None and len(guess(rows[best])) >= 2:
        return best
    below = (cells[place + 1] if place + 1 < len(cells) else () for place in range(len(rows)))
    for place, (row, following) in enumerate(zip(rows, below, strict=True)):
        words = [cell for cell in row if isinstance(cell, str) and not re.fullmatch(r"[\d.,:/\-\s]+", cell)]
        told = any(
            isinstance(cell, Decimal | date) or re.fullmatch(r"[\d.,/\-]+", str(cell or "")) for cell in following
        )
        if len(words) >= 3 and told:
            return place
    return None


def merged_below(ranges: Iterable[str], header: int) -> list[str]:
    """The merged cells (`B5:B7`) that reach into the titles or the lines below them; `header` counts from 0."""
    return [one for one in ranges if int(re.sub(r"\D", "", one.rpartition(":")[2]) or 0) > header]


def check_columns(columns: Mapping[str, int], width: int) -> dict[str, int]:
    """Which column is what, as somebody chose it. Raises Invalid when something needed is missing or one stands for two."""
    chosen = {field: place for field, place in columns.items() if field in TITLES}
    if any(field not in chosen for field in REQUIRED):
        raise Invalid(N_("Say which columns hold the day, the sum and the bank's reference."))
    if len(set(chosen.values())) != len(chosen):
        raise Invalid(N_("Each column stands for one thing only: choose another for one of them."))
    if any(not 0 <= place < width for place in chosen.values()):
        raise Invalid(N_("The file has no such column."))
    return chosen


def read_rows(
    cells: Sequence[Sequence[Any]], header: int, columns: Mapping[str, int], today: date
) -> tuple[list[BankRow], list[Problem]]:
    """The lines and the problems. With any problem nothing of the file is to be taken."""
    rows: list[BankRow] = []
    problems: list[Problem] = []
    for number, row in enumerate(cells[header + 1 :], start=header + 2):
        values = {field: row[place] if place < len(row) else None for field, place in columns.items()}
        if all(value is None or str(value).strip() == "" for value in values.values()) or _sums_up(row, values):
            continue
        made = _read(number, values, today, problems)
        if made is not None:
            rows.append(made)
    if not rows and not problems:
        problems.append(Problem(header + 2, "", N_("The sheet has no rows."), {}))
    return rows, problems


def _sums_up(row: Sequence[Any], values: Mapping[str, Any]) -> bool:
    """Whether a line only sums up the others, as banks put it at the end: it bears no reference and no day."""
    if values.get("reference") is not None or _has_day(values.get("paid_on")):
        return False
    return any(isinstance(cell, str) and _SUM_UP.search(cell) for cell in row)


def _has_day(value: Any) -> bool:
    try:
        return day_of(value) is not None and not _SUM_UP.search(str(value))
    except Wrong:
        return False


def _read(number: int, values: Mapping[str, Any], today: date, problems: list[Problem]) -> BankRow | None:
    read: dict[str, Any] = {}
    before = len(problems)
    for field, reader in (
        ("paid_on", lambda value: _paid_on(value, today)),
        ("reference", _reference),
        *((field, _words(field)) for field in ("payer", "account", "house", "bill", "memo")),
    ):
        try:
            read[field] = reader(values.get(field))
        except Wrong as wrong:
            problems.append(Problem(number, field, wrong.msgid, wrong.params))
    try:
        yuan, incoming = _sum(values)
    except Wrong as wrong:
        problems.append(Problem(number, "amount", wrong.msgid, wrong.params))
        return None
    if len(problems) > before:
        return None
    return BankRow(row=number, yuan=yuan, incoming=incoming, **read)


def _paid_on(value: Any, today: date) -> date:
    day = day_of(value)
    if day is None:
        raise Wrong(N_("This cell must not be empty."))
    if day > today:
        raise Wrong(N_("%(value)s has not come yet."), value=day.isoformat())
    return day


def _reference(value: Any) -> str:
    text = text_of(_one_line(value), MOST_TEXT["reference"])
    if text is None:
        raise Wrong(N_("This cell must not be empty."))
    if _SHORTENED.fullmatch(text):
        raise Wrong(N_("The spreadsheet has shortened this number: format the column as text and fetch the file anew."))
    return text


def _words(field: str) -> Any:
    def read(value: Any) -> str:
        if isinstance(value, date):
            return value.isoformat()
        return text_of(_one_line(value), MOST_TEXT[field]) or ""

    return read


def _one_line(value: Any) -> Any:
    """A cell that was broken into lines says one text: what is booked takes no line breaks."""
    return " ".join(value.split()) if isinstance(value, str) else value


def _sum(values: Mapping[str, Any]) -> tuple[Decimal, bool]:
    """(yuan above zero, whether it came in)."""
    came, went = sum_of(values.get("amount")), sum_of(values.get("out"))
    if came and went:
        raise Wrong(N_("The line says that money came in and went out: one of the two must be empty."))
    yuan = came or went
    if not yuan:
        raise Wrong(N_("The line has no sum."))
    incoming = (yuan > 0) == bool(came)
    said = text_of(values.get("direction"), 20)
    if said is not None:
        if said.lower() not in _IN | _OUT:
            raise Wrong(N_("%(value)s is not known: money in is 贷 or in, money out is 借 or out."), value=said)
        incoming = said.lower() in _IN and yuan > 0
    return abs(yuan), incoming
