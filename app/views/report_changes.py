"""Differences of reports in the reader's words: for the pages of a report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import get_locale

from app.reports.html import Formats
from app.rules.report_changes import FigureChange
from app.services.reporting.labels import LABELS, TITLES
from app.services.reporting.words import translator


@dataclass(frozen=True)
class ShownChange:
    """A figure's name with both values as people read them."""

    name: str
    before: str
    after: str


def figure_rows(changes: Iterable[FigureChange]) -> list[ShownChange]:
    """The changes in the page's language. Two values that read alike once rounded are told with all their digits."""
    locale = _locale()
    translate = translator(locale)
    formats = Formats(locale, translate)
    rows = []
    for change in changes:
        before, after = formats.value(change.unit, change.before), formats.value(change.unit, change.after)
        if before == after:
            before, after = str(change.before), str(change.after)
        rows.append(ShownChange(translate(LABELS[change.code]), before, after))
    return rows


def section_names(codes: Iterable[str]) -> list[str]:
    """The titles of sections in the page's language."""
    translate = translator(_locale())
    return [translate(TITLES[code]) for code in codes]


def _locale() -> str:
    return "en" if str(get_locale()).startswith("en") else "zh"
