"""The month's aggregated figures as CSV, attached to the report: whoever wants to count on finds the numbers, not pictures of them.

Two files, in the report's language: every figure of the month beside last month, last year and target; and the rows of the
sections' tables. Only what the report shows stands in them, from the same frozen data, so they hold no household either.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from app.errors import N_
from app.reports.html import name_of
from app.services.reporting.labels import DEFINITIONS, LABELS, TITLES
from app.services.reporting.words import Translate, translator

TABLES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("requests", "kinds", ("count", "last_month", "in_time")),
    ("requests", "channels", ("count",)),
    ("requests", "trend", ("requests", "in_time")),
    ("hotline", "outcomes", ("count",)),
    ("complaints", "categories", ("valid", "assistance", "invalid", "open")),
    ("repairs", "categories", ("count", "done", "mean_minutes")),
    ("repairs", "buildings", ("count", "done", "mean_minutes")),
    ("services", "categories", ("count",)),
    ("visits", "ways", ("count",)),
    ("fees", "items", ("due", "paid", "rate")),
    ("fees", "trend", ("rate",)),
    ("notices", "rows", ("sent", "failed")),
)
"""Section, list of its rows, what is told of each row."""

SERIES = (
    ("hotline", "by_hour", N_("Calls in the hour")),
    ("visits", "scores", N_("Answers with this score")),
)
"""Section, list of its numbers (by hour from midnight, by score from 1), what they count."""

MEASURES = {
    "count": N_("How many"),
    "last_month": N_("Last month"),
    "in_time": N_("In time"),
    "requests": N_("Requests"),
    "valid": N_("Valid"),
    "assistance": N_("Assistance"),
    "invalid": N_("Invalid"),
    "open": N_("Not yet found"),
    "done": N_("Done"),
    "mean_minutes": N_("Handling time, mean"),
    "due": N_("Amount due"),
    "paid": N_("Amount paid"),
    "rate": N_("Collection rate"),
    "sent": N_("Sent"),
    "failed": N_("Not deliverable"),
}
NUMBER = "count"
UNITS = {
    NUMBER: N_("number"),
    "rate": N_("share of 1"),
    "minutes": N_("minutes"),
    "seconds": N_("seconds"),
    "yuan": N_("yuan"),
}
_UNIT_OF = {"in_time": "rate", "rate": "rate", "mean_minutes": "minutes", "due": "yuan", "paid": "yuan"}


@dataclass(frozen=True)
class Attached:
    """A file to attach: its name (plain ASCII), what it is, its bytes."""

    name: str
    description: str
    content: bytes


def attached_files(edition: dict[str, Any], locale: str) -> list[Attached]:
    """Both files of an edition. The same edition gives the same bytes."""
    _ = translator(locale)
    number, data = edition["number"], edition["dataset"]
    return [
        Attached(f"{number}-figures.csv", _("The month in figures"), _csv(_figures(data, _))),
        Attached(f"{number}-tables.csv", _("The rows of this report's tables"), _csv(_tables(data, locale, _))),
    ]


def _figures(data: dict[str, Any], _: Translate) -> Iterator[list[Any]]:
    yield [
        _("Figure"), _("Unit"), _("This month"), _("Last month"), _("Same month last year"), _("Target"),
        _("How it is counted"),
    ]  # fmt: skip
    for figure in data["figures"]:
        values = [figure[key] for key in ("value", "last_month", "last_year", "target")]
        code = figure["code"]
        yield [_(LABELS[code]), _(UNITS[figure["unit"]]), *values, _(DEFINITIONS[code])]


def _tables(data: dict[str, Any], locale: str, _: Translate) -> Iterator[list[Any]]:
    yield [_("Section"), _("Row"), _("What is counted"), _("Unit"), _("Value")]
    sections, number = data["sections"], _(UNITS[NUMBER])
    for code, rows, measures in TABLES:
        for row in sections.get(code, {}).get(rows, ()):
            name = row.get("month") or name_of(row, locale)
            for measure in measures:
                unit = UNITS[_UNIT_OF.get(measure, NUMBER)]
                yield [_(TITLES[code]), name, _(MEASURES[measure]), _(unit), row[measure]]
    for code, rows, said in SERIES:
        for place, value in enumerate(sections.get(code, {}).get(rows, ())):
            name = f"{place}:00" if rows == "by_hour" else place + 1
            yield [_(TITLES[code]), name, _(said), number, value]


def _csv(rows: Iterable[list[Any]]) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it; no name is taken for a formula."""
    buffer = io.StringIO(newline="")
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([_defused(value) for value in row])
    return buffer.getvalue().encode()


def _defused(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value
