"""Excel workbooks: reading one sheet that a stranger uploaded, and writing a template to fill in."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from app.errors import N_, Invalid

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED_BYTES = 150 * 1024 * 1024
MAX_PARTS = 2000
MAX_ROWS = 20_000
MAX_COLUMNS = 60

Cell = str | Decimal | date | None
"""A cell as it is read: text (formulas as their text), an exact number, a day, or nothing."""

OTHER_SHEETS = 10
"""Of the sheets behind the first so many are looked at, and of each the rows in which titles may stand."""
OTHER_ROWS = 30

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]+[0-9]+(?::[A-Z]+[0-9]+)?)"')
_ERRORS = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)")


@dataclass(frozen=True)
class Page:
    """A sheet: its name, its rows, and its merged cells (`A1:C1`). Of a sheet behind the first only the top is read."""

    title: str
    rows: list[tuple[Cell, ...]]
    merged: list[str]


def read_sheet(content: bytes) -> list[tuple[Cell, ...]]:
    """The rows of the first sheet. Raises Invalid with a sentence for what is no workbook, broken, or far too big.

    Formulas come as their text: what they computed is the sender's word, not a value that can be checked.
    """
    return read_pages(content, MAX_ROWS, others=0)[0].rows


def read_pages(content: bytes, most_rows: int, others: int = OTHER_SHEETS) -> list[Page]:
    """The first sheet whole and the top of some behind it; raises Invalid as `read_sheet` does."""
    _check_package(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            pages = []
            for number, sheet in enumerate(book.worksheets[: 1 + others]):
                # What the file says of its own size may be a lie, and an enormous one.
                sheet.reset_dimensions()
                cells = sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS)
                rows = _rows(islice(cells, OTHER_ROWS) if number else cells, most_rows)
                pages.append(Page(sheet.title, rows, [] if number or not others else _merged(content, sheet)))
            if not pages:
                raise Invalid(N_("This Excel file is damaged and cannot be read."))
            return pages
        finally:
            book.close()
    except Invalid:
        raise
    except (InvalidFileException, zipfile.BadZipFile, KeyError, IndexError, ValueError, TypeError, OSError) as error:
        raise Invalid(N_("This Excel file is damaged and cannot be read.")) from error
    except Exception as error:
        # The reader's XML parser and its helpers raise whatever they like on a crafted file.
        raise Invalid(N_("This Excel file is damaged and cannot be read.")) from error


def _check_package(content: bytes) -> None:
    if len(content) > MAX_BYTES:
        raise Invalid(N_("The file is too big: at most %(limit)s MB."), limit=MAX_BYTES // 1024 // 1024)
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise Invalid(N_("This is an old or a protected Excel file: save it as .xlsx without a password."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
        raise Invalid(N_("This is not an Excel file (.xlsx).")) from error
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise Invalid(N_("This is not an Excel file (.xlsx)."))
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise Invalid(N_("Unpacked, this file would be far too big."))


def _merged(content: bytes, sheet: Any) -> list[str]:
    """The merged cells of a sheet: the reader that goes row by row passes over them."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        found = _MERGED.findall(package.read(sheet._worksheet_path))
    return [one.decode() for one in found]


def _rows(found: Iterable[Sequence[Any]], most: int) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    for row in found:
        rows.append(tuple(_cell(value) for value in row))
        if len(rows) > most:
            raise Invalid(N_("The sheet has too many rows: at most %(limit)s."), limit=most)
    while rows and not any(value is not None for value in rows[-1]):
        rows.pop()
    return rows


def _cell(value: Any) -> Cell:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        # A spreadsheet's 89.32 is a binary fraction; its shortest notation is what was typed.
        return Decimal(repr(value)) if value == value and abs(value) < 1e15 else str(value)
    # Array formulas come as objects that carry their text.
    text = str(getattr(value, "text", value)).strip()
    return None if not text or _ERRORS.fullmatch(text) else text


def write_template(
    columns: Sequence[tuple[str, str]], examples: Sequence[Sequence[Any]], notes: Sequence[str]
) -> bytes:
    """A workbook with a header row (title, explanation), example rows, and a second sheet of notes."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Import"
    for number, (title, explanation) in enumerate(columns, start=1):
        cell = sheet.cell(row=1, column=number, value=title)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DCE9E4")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = max(12, min(30, len(explanation) + 4))
        # Telephone numbers must not be taken for numbers and shortened.
        for row in range(2, 2 + max(len(examples), 200)):
            sheet.cell(row=row, column=number).number_format = "@" if "@" in explanation else "General"
    for number, example in enumerate(examples, start=2):
        for column, value in enumerate(example, start=1):
            sheet.cell(row=number, column=column, value=value)
    sheet.freeze_panes = "A2"
    help_sheet = book.create_sheet("Help")
    help_sheet.column_dimensions["A"].width = 110
    for number, note in enumerate(notes, start=1):
        help_sheet.cell(row=number, column=1, value=note)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()
