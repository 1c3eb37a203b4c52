"""Emergency plans in the reader's language: what a step says, within how many minutes, what changed between two versions (D7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.models import PlanVersion
from app.rules.plans import Change
from app.services.names import is_english
from app.views.labels import code_label

WHAT = {
    "name": _("Name"),
    "name_en": _("Name in English"),
    "words": _("Words that lead to it"),
    "categories": _("Categories"),
    "step": _("Step"),
    "number": _("Telephone number"),
    "thing": _("Thing to fetch"),
}


def said(one: Mapping[str, Any], name: str = "") -> str:
    """A text of a plan in the reader's language; what has no English is said in Chinese."""
    english, chinese = (f"{name}_en", name) if name else ("en", "zh")
    return str((one.get(english) if is_english() else "") or one[chinese])


def plan_name(version: PlanVersion) -> str:
    """What the plan is called."""
    return said(version.content, "name")


def within(minutes: int) -> str:
    """By when a step is done, counted from the beginning of the emergency."""
    return ngettext("within %(num)d minute", "within %(num)d minutes", minutes) if minutes else gettext("at once")


def side(change: Change, value: Any) -> str:
    """One side of a difference in words; nothing where it is absent."""
    if value is None:
        return ""
    match change.what:
        case "step":
            parts = (value["zh"], value["en"], code_label("plan_post", value["post"]), within(value["minutes"]))
            return f"{value['place_in_order']}. " + " · ".join(filter(None, parts))
        case "number":
            return " · ".join(filter(None, (value["number"], value["zh"], value["en"])))
        case "thing":
            return " · ".join(filter(None, (value["zh"], value["en"], value["place"], value["place_en"])))
        case "words" | "categories":
            return "、".join(value)
    return str(value)


def change_words(change: Change) -> tuple[str, str, str, str]:
    """(what, added / taken out / changed, before, after)."""
    how = (
        gettext("added")
        if change.before in (None, "", [])
        else gettext("taken out")
        if change.after in (None, "", [])
        else gettext("changed")
    )
    return str(WHAT[change.what]), how, side(change, change.before), side(change, change.after)


WORDS = {"said": said, "plan_name": plan_name, "within": within}
"""For templates."""
