"""Clock rules, calendars and deadlines in plain words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.extensions import db
from app.models import Category, WorkCalendar
from app.rules.clock_policies import PolicyRow
from app.rules.codes import CalendarName
from app.rules.shifts import grouped, write_hours
from app.services.calendars import runs_words, week_of
from app.services.names import is_english
from app.views.labels import code_label
from app.views.look import Look

EVENTS: dict[str, Any] = {
    "started": _("Started"),
    "paused": _("Paused: the matter waits"),
    "resumed": _("Goes on"),
    "recounted": _("Counted anew: the calendar was changed"),
    "met": _("Answered"),
    "cancelled": _("Given up"),
}
"""What happened to a clock, in words."""


def calendar_names() -> dict[str, str]:
    """Code → name of every calendar, read once a request."""
    found: dict[str, str] | None = g.get("calendar_names")
    if found is None:
        statement = select(WorkCalendar.code, WorkCalendar.name, WorkCalendar.name_en).order_by(WorkCalendar.id)
        english = is_english()
        found = {row.code: (english and row.name_en) or row.name for row in db.session.execute(statement)}
        g.calendar_names = found
    return found


def calendar_name(code: str) -> str:
    """What a calendar is called; the two that are always there, whatever the database holds."""
    known = calendar_names().get(code)
    return known or (code_label("calendar", code) if code in list(CalendarName) else code)


def calendar_choices() -> list[tuple[str, str]]:
    """Calendars to choose from."""
    return list(calendar_names().items())


def category_names() -> dict[str, str]:
    """Code → name of every category, read once a request."""
    found: dict[str, str] | None = g.get("category_names")
    if found is None:
        statement = select(Category.code, Category.name, Category.name_en).order_by(Category.position, Category.id)
        english = is_english()
        found = {row.code: (english and row.name_en) or row.name for row in db.session.execute(statement)}
        g.category_names = found
    return found


def category_choices() -> list[tuple[str, str]]:
    """Categories to choose from."""
    return list(category_names().items())


def week_words(row: WorkCalendar) -> str:
    """The hours of a calendar in one line."""
    if row.code == CalendarName.ALWAYS:
        return gettext("Day and night, every day")
    runs = [[days[0], days[-1], write_hours(hours)] for days, hours in grouped(week_of(row))]
    return runs_words(runs, Look().locale)


def length_words(rule: PolicyRow) -> str:
    """How long a rule gives: within 2 hours, by the end of the day, at once."""
    if rule.ends_same_day:
        return gettext("by 24:00 of the same day")
    if not rule.minutes:
        return gettext("at once")
    return gettext("within %(span)s", span=Look().span(timedelta(minutes=rule.minutes)))


def applies_to(rule: Any) -> str:
    """Which matters a rule speaks of."""
    said = []
    if rule.kind:
        said.append(code_label("kind", rule.kind))
    if rule.validity:
        said.append(gettext("Found: %(what)s", what=code_label("validity", rule.validity)))
    if rule.grade:
        said.append(code_label("grade", rule.grade))
    if rule.priority:
        said.append(gettext("Urgency: %(what)s", what=code_label("priority", rule.priority)))
    if rule.category_code:
        name = category_names().get(rule.category_code, rule.category_code)
        said.append(gettext("Category: %(what)s", what=name))
    if rule.channel:
        said.append(gettext("Channel: %(what)s", what=code_label("channel", rule.channel)))
    return " · ".join(said) or gettext("Every matter")


def rule_sentence(rule: Any) -> str:
    """A rule as one sentence."""
    return gettext(
        "Applies to %(who)s. From when %(start)s: %(clock)s %(length)s, counted by “%(calendar)s”; warning at %(percent)s%%.",
        who=applies_to(rule),
        start=code_label("clock_start", rule.starts_when),
        clock=code_label("clock_name", rule.name),
        length=length_words(rule),
        calendar=calendar_name(rule.calendar),
        percent=rule.warn_percent,
    )
