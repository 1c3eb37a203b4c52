"""The text blocks of a report, written from its figures alone: a supervisor may edit them, nothing in them is invented.

A block is `{"zh": text, "en": text}`, paragraphs divided by line breaks. Blocks: `common` (complaints of common interest
and what was done), `improved`, `plan`.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from app.rules.figures import rate_text
from app.rules.month_figures import is_reached
from app.services.reporting.labels import LABELS
from app.services.reporting.words import LOCALES, Translate, translator

BLOCKS = ("common", "improved", "plan")
LONGEST_TEXT = 4000
Rows = dict[str, Any]


def prewritten(dataset: Rows) -> dict[str, dict[str, str]]:
    """All blocks in both languages, from a frozen dataset."""
    writers = {"common": _common, "improved": _improved, "plan": _plan}
    return {
        block: {locale: "\n".join(write(dataset, translator(locale), locale)) for locale in LOCALES}
        for block, write in writers.items()
    }


def _common(dataset: Rows, _: Translate, locale: str) -> Iterator[str]:
    section = dataset["sections"].get("complaints")
    if not section or not section["total"]:
        return
    named = [row for row in section["categories"] if row["code"] not in ("rest", "uncategorised")]
    if named:
        most = max(named, key=lambda row: sum(row[code] for code in ("valid", "assistance", "invalid", "open")))
        name = most["name_en"] if locale == "en" and most["name_en"] else most["name"]
        count = sum(most[code] for code in ("valid", "assistance", "invalid", "open"))
        yield _(
            "Most complaints were about %(category)s: %(count)s of %(total)s.",
            category=name.lower() if locale == "en" else name, count=count, total=section["total"],
        )  # fmt: skip
    findings = section["findings"]
    if findings["valid"]:
        yield _(
            "%(count)s complaints were found valid; valid complaints are handled by the supervisor until the household"
            " is satisfied or has been told why not.",
            count=findings["valid"],
        )
    if findings["assistance"]:
        yield _(
            "%(count)s complaints were caused by others; these are reported to those who can settle them, and the"
            " households are told at each change.",
            count=findings["assistance"],
        )
    if section["settled"] < section["total"]:
        yield _("%(count)s complaints are still being worked on.", count=section["total"] - section["settled"])


def _improved(dataset: Rows, _: Translate, locale: str) -> Iterator[str]:
    better = [
        figure
        for figure in dataset["figures"]
        if figure["good"] and None not in (figure["value"], figure["last_month"]) and _is_better(figure)
    ]
    for figure in better[:4]:
        yield _(
            "%(figure)s: %(now)s, last month %(before)s.",
            figure=_(LABELS[figure["code"]]), now=_value(figure["unit"], figure["value"], _),
            before=_value(figure["unit"], figure["last_month"], _),
        )  # fmt: skip
    if not better:
        yield _("No figure got better than last month.")


def _plan(dataset: Rows, _: Translate, locale: str) -> Iterator[str]:
    goals = dataset["sections"].get("plan", {}).get("goals", [])
    figures = {figure["code"]: figure for figure in dataset["figures"]}
    for goal in goals:
        figure = figures[goal["code"]]
        name, now = _(LABELS[goal["code"]]), _value(goal["unit"], figure["value"], _)
        target = _value(goal["unit"], goal["goal"], _)
        if _reaches(figure, goal):
            yield _("%(figure)s: keep the target of %(goal)s (now %(now)s).", figure=name, goal=target, now=now)
        else:
            yield _("%(figure)s: from %(now)s to the target of %(goal)s.", figure=name, goal=target, now=now)


def _is_better(figure: Rows) -> bool:
    now, before = Decimal(figure["value"]), Decimal(figure["last_month"])
    return now > before if figure["good"] == "up" else now < before


def _reaches(figure: Rows, goal: Rows) -> bool:
    return bool(is_reached(figure["value"], goal["goal"], goal["good"]))


def _value(unit: str, value: Any, _: Translate) -> str:
    if unit == "rate":
        return rate_text(value)
    if unit == "minutes":
        hours, rest = divmod(int(value), 60)
        if not hours:
            return _("%(minutes)s min", minutes=rest)
        return _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest) if rest else _("%(hours)s h", hours=hours)
    if unit == "seconds":
        return _("%(seconds)s s", seconds=value)
    return f"{value:,}"
