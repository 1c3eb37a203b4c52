"""The monthly complaint summary 投诉月度汇总 in words: figures by their codes, the records, the cases (D5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.services.complaint_months import GROUPS
from app.views.base.local import local_text
from app.views.complaint_sheet import kept_name, section
from app.views.labels import code_label

Kept = dict[str, Any]

TITLES: dict[str, Any] = {
    "category": _("By category"),
    "grade": _("By grade"),
    "finding": _("By finding"),
    "cause": _("By root cause"),
    "party": _("By who is answerable"),
    "building": _("By building"),
    "timely": _("Handled in time"),
    "repeat": _("Repeats"),
}
_CODES = {"grade": "grade", "finding": "validity", "cause": "cause", "party": "party"}
_UNKNOWN: dict[str, Any] = {
    "category": _("no category"),
    "grade": _("not graded"),
    "finding": _("no finding yet"),
    "cause": _("no cause yet"),
    "party": _("not said yet"),
    "building": _("no building"),
    "timely": _("still running"),
    "repeat": _("first time"),
}


def value_words(by: str, value: str, categories: Mapping[str, Kept]) -> str:
    """A group's code in words."""
    if not value:
        return str(_UNKNOWN[by])
    if by == "category":
        return kept_name(categories.get(value)) or value
    if by == "timely":
        return gettext("in time") if value == "in_time" else gettext("late")
    if by == "repeat":
        return gettext("Repeat")
    return code_label(_CODES[by], value) if by in _CODES else value


def facts(kept: Kept) -> list[list[str]]:
    """The head: the month and its number."""
    return [
        [gettext("Month"), kept["month"]],
        [gettext("Complaints"), str(kept["total"])],
        [gettext("Before"), " · ".join(f"{month} {number}" for month, number in kept["before"][:-1])],
    ]


def sections(kept: Kept) -> list[dict[str, Any]]:
    """The summary, the figures, the cases, the records with their hashes."""
    made = []
    if kept["summary"]:
        made.append(section(gettext("Summary"), text=kept["summary"]))
    lines = [[str(TITLES[by]), _numbers(by, kept)] for by in GROUPS if kept["figures"].get(by)]
    if lines:
        made.append(section(gettext("Figures"), facts=lines))
    for number, one in enumerate(kept["cases"], 1):
        made.append(section(gettext("Case %(number)s: %(title)s", number=number, title=one["title"]), facts=_case(one)))
    if kept["records"]:
        head = [
            gettext("Number"),
            gettext("Reported at"),
            gettext("Finding"),
            gettext("State"),
            gettext("Version and SHA-256"),
        ]
        made.append(section(gettext("Complaint records"), head=head, rows=[_record(one) for one in kept["records"]]))
    return made


def _numbers(by: str, kept: Kept) -> str:
    pairs = kept["figures"][by]
    return gettext("; ").join(f"{value_words(by, value, kept['categories'])} {number}" for value, number in pairs)


def _case(one: Kept) -> list[list[str]]:
    return [
        [gettext("Ticket"), one["ticket"] or "–"],
        [gettext("What happened"), one["happened"]],
        [gettext("Lesson"), one["lesson"]],
        [gettext("Training on"), one["training_on"] or "–"],
        [gettext("Attended by"), one["attended"] or "–"],
    ]


def _record(one: Kept) -> list[str]:
    finding = " · ".join(filter(None, (code_label("validity", one["validity"]), code_label("grade", one["grade"]))))
    proof = f"v{one['version']} {one['sha256']}" if one["sha256"] else "–"
    at = local_text(datetime.fromisoformat(one["at"]))
    return [one["number"], at, finding, code_label("ticket_state", one["state"]), proof]
