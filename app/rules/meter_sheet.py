"""What a sheet of readings says (D10): meter, day and value of each line, or what is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from app.errors import N_, LinliError
from app.rules.bank_sheet import title_of
from app.rules.meters import value_of
from app.rules.sheet_cells import Problem, Wrong, day_of, text_of

TITLES: Final = {
    "number": ("表号", "水表号", "电表号", "meter", "meter number"),
    "read_on": ("抄表日期", "日期", "date", "read on"),
    "value": ("读数", "本次读数", "表底", "reading", "value"),
    "note": ("备注", "note"),
}
"""Column → the titles it may carry."""

REQUIRED: Final = ("number", "read_on", "value")
_WITHIN: Final = 10


@dataclass(frozen=True)
class ReadRow:
    """One good line."""

    row: int
    number: str
    read_on: date
    value: Decimal
    note: str


def read_rows(cells: Sequence[Sequence[Any]]) -> tuple[list[ReadRow], list[Problem]]:
    """Good lines and problems. With any problem nothing of the sheet is to be written."""
    place = _header(cells)
    if place is None:
        titles = "、".join(TITLES[name][0] for name in REQUIRED)
        return [], [
            Problem(
                1, "", N_("The header row was not found: the sheet needs the columns %(titles)s."), {"titles": titles}
            )
        ]
    header, columns = place
    rows: list[ReadRow] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, date], int] = {}
    for number, row in enumerate(cells[header + 1 :], start=header + 2):
        values = {name: row[at] if at < len(row) else None for name, at in columns.items()}
        if all(value is None or str(value).strip() == "" for value in values.values()):
            continue
        made = _read(number, values, problems)
        if made is None:
            continue
        other = seen.setdefault((made.number, made.read_on), number)
        if other != number:
            problems.append(
                Problem(
                    number, "number", N_("The same meter and day stand in row %(other)s already."), {"other": other}
                )
            )
        rows.append(made)
    if not rows and not problems:
        problems.append(Problem(header + 2, "", N_("The sheet has no rows."), {}))
    return rows, problems


def _header(cells: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int]] | None:
    for at, row in enumerate(cells[:_WITHIN]):
        titles = [re.split(r"\s", title_of(cell))[0] if title_of(cell) else "" for cell in row]
        full = [title_of(cell) for cell in row]
        found = {
            name: next(
                place
                for place, (short, long) in enumerate(zip(titles, full, strict=True))
                if {short, long} & set(names)
            )
            for name, names in TITLES.items()
            if (set(titles) | set(full)) & set(names)
        }
        if all(name in found for name in REQUIRED):
            return at, found
    return None


def _read(number: int, values: dict[str, Any], problems: list[Problem]) -> ReadRow | None:
    before = len(problems)
    read: dict[str, Any] = {}
    for name, reader in (("number", _number), ("read_on", _day), ("value", _value), ("note", _note)):
        try:
            read[name] = reader(values.get(name))
        except Wrong as wrong:
            problems.append(Problem(number, name, wrong.msgid, wrong.params))
        except LinliError as wrong:
            problems.append(Problem(number, name, wrong.msgid, wrong.params))
    return ReadRow(row=number, **read) if len(problems) == before else None


def _number(value: Any) -> str:
    text = text_of(value, 40)
    if text is None:
        raise Wrong(N_("This cell must not be empty."))
    return text


def _day(value: Any) -> date:
    day = day_of(value)
    if day is None:
        raise Wrong(N_("This cell must not be empty."))
    return day


def _value(value: Any) -> Decimal:
    return value_of(text_of(value, 30))


def _note(value: Any) -> str:
    return text_of(value, 255) or ""
