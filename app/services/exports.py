"""A table as a file that a spreadsheet opens: CSV in UTF-8 with a byte order mark, or a workbook; rows as they come.

A text that a spreadsheet would run as a formula (it begins with = + - @, a tab or a line break) gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

MOST_ROWS = 50_000  # †
PIECE = 64 * 1024
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_WIDE, _NARROW = 28, 12

Row = Sequence[Any]
"""Texts, numbers, days, local times without a zone, or None."""


def defused(text: str) -> str:
    """The text, so that no spreadsheet takes it for a formula."""
    cleaned = str(ILLEGAL_CHARACTERS_RE.sub("", text))
    return f"'{cleaned}" if cleaned.startswith(_FORMULA) or cleaned.lstrip().startswith(("=", "+", "@")) else cleaned


def csv_pieces(head: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """The file in pieces, the first with the mark by which spreadsheets know UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([defused(text) for text in head])
    for row in rows:
        writer.writerow([_written(value) for value in row])
        if buffer.tell() >= PIECE:
            yield _taken(buffer)
    yield _taken(buffer)


def workbook_pieces(title: str, head: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """The file in pieces; written to a temporary file row by row, so that memory does not grow with it."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("".join(c for c in title if c not in "[]:*?/\\")[:31] or "1")
    sheet.freeze_panes = "A2"
    for number, text in enumerate(head):
        sheet.column_dimensions[_letter(number)].width = _WIDE if len(text) > 4 or not number else _NARROW + 6
    sheet.append([_heading(sheet, text) for text in head])
    for row in rows:
        sheet.append([_cell(value) for value in row])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        yield from _pieces(file)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, str):
        return defused(value)
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _cell(value: Any) -> Any:
    return defused(value) if isinstance(value, str) else value


def _heading(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=defused(text))
    cell.font = Font(bold=True)
    return cell


def _letter(number: int) -> str:
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
