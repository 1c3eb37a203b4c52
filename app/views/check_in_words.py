"""Check-in calls in words: weekdays, times, and what the record of one says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _

from app.models import CheckInStep
from app.rules.check_ins import WEEKDAYS
from app.services.spoken_lines import reread
from app.services.tickets import SENTENCE
from app.views.column_labels import COLUMN_LABELS
from app.views.labels import code_label

DID = {
    "added": _("Taken into the register"),
    "changed": _("Changed"),
    "taken_up": _("Taken up again"),
    "paused": _("Marked as away"),
    "resumed": _("Back: called again"),
    "ended": _("The calls have ended"),
    "missed": _("Not called"),
    "try": _("Called in vain"),
    "well": _("All is well"),
    "skipped": _("Not called any more"),
    "alert": _("Steward sent"),
    "told": _("Supervisor told"),
    "contact": _("Emergency contact"),
    "answered": _("Answered after all"),
    "help": _("Help asked for"),
    "found": _("Found out"),
}
"""Verb of a step → what was done."""

TONES = {"help": "bad", "alert": "warn", "contact": "warn", "missed": "warn", "found": "good", "well": "good"}
FIELDS = {
    "number": _("Telephone number"),
    "weekdays": _("Weekdays"),
    "times": _("Times"),
    "consent_by": _("Who has agreed"),
    "consented_on": _("Agreed on"),
    "steward_id": _("Who is sent"),
    "note": _("What helps at the door"),
    "house_id": _("House"),
    "contacts": _("Emergency contacts"),
}


@dataclass(frozen=True)
class StepLine:
    """A step as it is shown; `who` is empty where the house itself acted."""

    at: datetime
    tone: str
    title: str
    who: str
    text: str


def step_line(step: CheckInStep) -> StepLine:
    """One step of the record, in the reader's language."""
    title, text = step_words(step.verb, step.note, step.data)
    who = step.actor_name if step.actor_id is not None or step.actor_name != "check_in" else ""
    return StepLine(step.at, TONES.get(step.verb, "calm"), title, who, text)


def step_words(verb: str, words: str, data: dict[str, object]) -> tuple[str, str]:
    """(what was done, the rest): the house's sentence read anew, somebody's own words as they are."""
    kept, finding, fields = data.get(SENTENCE), data.get("finding"), data.get("fields")
    text = reread(kept) if isinstance(kept, dict) else words
    if isinstance(finding, str):
        text = gettext("; ").join(part for part in (code_label("check_in_finding", finding), text) if part)
    elif isinstance(fields, list):
        text = gettext(", ").join(str(FIELDS.get(name, COLUMN_LABELS.get(name, name))) for name in fields)
    return str(DID.get(verb, verb)), text


def weekday_names() -> list[tuple[str, str]]:
    """(ISO number, short name) of the seven days, Monday first."""
    locale = get_locale()
    names = locale.days["stand-alone"]["abbreviated"] if locale is not None else {}
    return [(number, str(names.get(place, number))) for place, number in enumerate(WEEKDAYS)]


def weekdays_words(days: str) -> str:
    """`12345` in words: every day, Monday to Friday, or the days one by one."""
    if days == WEEKDAYS:
        return gettext("every day")
    if days == WEEKDAYS[:5]:
        return gettext("Monday to Friday")
    names = dict(weekday_names())
    return gettext(", ").join(names[day] for day in days if day in names)
