"""Text files of tables (CSV): read as what their bytes say they are, whoever wrote them."""

from __future__ import annotations

import codecs
import csv
import io
import re

from app.adapters.workbook import MAX_COLUMNS, Cell, Page, read_pages
from app.errors import N_, Invalid

MOST_LINES = 20_030
"""Lines of data, and what stands above them."""

_AS_TEXT = re.compile(r'="([^"]*)"')
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_table(content: bytes) -> list[Page]:
    """The sheets of a workbook, or the one of a text file. Raises Invalid with a sentence for what is neither."""
    if content[:2] == b"PK" or content[:4] == b"\xd0\xcf\x11\xe0":
        return read_pages(content, MOST_LINES)
    return [Page("CSV", read_csv(content), [])]


def read_csv(content: bytes) -> list[tuple[Cell, ...]]:
    """Rows of texts in UTF-8 (with or without mark), UTF-16 with mark or GB18030; commas, semicolons, tabs or bars between.

    Raises Invalid for what is no text, has an unreadable line, or too many.
    """
    text = _decoded(content)
    rows: list[tuple[Cell, ...]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)):
            rows.append(tuple(_cell(value) for value in row[:MAX_COLUMNS]))
            if len(rows) > MOST_LINES:
                raise Invalid(N_("The sheet has too many rows: at most %(limit)s."), limit=MOST_LINES)
    except csv.Error as error:
        raise Invalid(N_("This file is no table that can be read: a line of it is broken.")) from error
    while rows and not any(value is not None for value in rows[-1]):
        rows.pop()
    return rows


def _decoded(content: bytes) -> str:
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    for name in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Invalid(N_("This is neither an Excel file (.xlsx) nor a text in UTF-8 or GB18030: save it as one of them."))


def _delimiter(text: str) -> str:
    """What stands most often in the lines that have most of it: what a bank writes above the titles has none."""
    lines = text[:20_000].splitlines()[:40]
    return max(",;\t|", key=lambda mark: max((line.count(mark) for line in lines), default=0))


def _cell(value: str) -> Cell:
    """Without what banks put around numbers, so that no spreadsheet shortens them: a tab, an apostrophe, `="…"`."""
    plain = value.strip()
    as_text = _AS_TEXT.fullmatch(plain)
    plain = (as_text[1] if as_text else plain.lstrip("'")).strip()
    return plain or None
