"""Calendars of the clocks (D4): working hours with split shifts, public holidays and make-up days, and the corrections to them."""

from __future__ import annotations

from calendar import Calendar as MonthGrid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import format_date, gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import N_, Invalid, Refused
from app.extensions import db
from app.models import Holiday, WorkCalendar
from app.rules.calendars import WorkDays, decree_known, decreed
from app.rules.codes import CalendarName, DayKind
from app.rules.shifts import DESK_WEEK, LINES, read_week, write_hours
from app.services import rule_changes
from app.services.actors import Actor
from app.services.clock_recount import recount_on, recount_since
from app.services.local_time import own_days
from app.services.transaction import transaction
from app.views import clock_words as words
from app.views.base import BasePage, expose, has_access, permission_name
from app.views.base.arguments import number_in
from app.views.base.local import local
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.permitted import may

FIRST_YEAR, LAST_YEAR = 2000, 2199

HOLIDAYS: dict[str, Any] = {
    "New Year's Day": _("New Year's Day"),
    "Spring Festival": _("Spring Festival"),
    "Tomb-sweeping Day": _("Tomb-sweeping Day"),
    "Labour Day": _("Labour Day"),
    "Dragon Boat Festival": _("Dragon Boat Festival"),
    "Mid-autumn Festival": _("Mid-Autumn Festival"),
    "National Day": _("National Day"),
}
"""The library's names of the holidays in the reader's words."""


def tell_moved(moved: int) -> None:
    """Say how many running deadlines a change of the calendar moved."""
    if moved:
        flash(gettext("Deadlines that run now and were given more time: %(count)s.", count=moved), "info")


class WorkCalendarView(ModelPage):
    """Working hours by the day of the week; what a clock rule or a community's desk counts by."""

    datamodel = RowInterface(WorkCalendar)
    title, singular = _("Work calendars"), _("Work calendar")
    list_columns = ["name", "hours", "follows_holidays"]
    show_columns = ["name", "name_en", "hours", "make_up", "follows_holidays"]
    search_columns = ["name"]
    order_columns = ["name", "id"]
    add_columns = edit_columns = ["name", "name_en", *LINES, "follows_holidays"]
    texts = {"hours": words.week_words}
    labels = {
        "hours": _("Working hours"),
        "mon": _("Monday"),
        "tue": _("Tuesday"),
        "wed": _("Wednesday"),
        "thu": _("Thursday"),
        "fri": _("Friday"),
        "sat": _("Saturday"),
        "sun": _("Sunday"),
        "make_up": _("Make-up work days"),
        "follows_holidays": _("Public holidays"),
    }
    form_groups = (
        (_("Name"), ("name", "name_en")),
        (_("Working hours"), LINES),
        (_("Holidays"), ("follows_holidays",)),
    )
    form_lead = _("Write each day's shifts like 08:30-12:00, 14:00-17:30; a day without hours is closed.")
    help = {
        "make_up": _("The hours of a Saturday or Sunday on which people work to make up for a holiday."),
        "sat": _("Empty: closed, but for make-up work days."),
        "follows_holidays": _("With them: closed on public holidays and the days off declared here."),
    }
    switches = {"follows_holidays": (_("Closed on public holidays"), _("Every week alike"))}
    base_order = ("id", "asc")

    def suggested(self) -> dict[str, Any]:
        """The desk's usual hours, to begin with."""
        lines = {
            line: write_hours(hours) for line, hours in zip(LINES, (*DESK_WEEK.days, DESK_WEEK.make_up), strict=True)
        }
        return {**lines, "follows_holidays": True}

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """Hours that can be, on at least one day; what runs in them is counted anew."""
        if item.code == CalendarName.ALWAYS:
            raise Refused(N_("Round the clock has no hours to change: make a calendar of your own instead."))
        if not (values["name"] or "").strip():
            raise Invalid(N_("Give the calendar a name."))
        sent = {line: values[line] or "" for line in LINES}
        week = read_week(sent, follows_holidays=bool(values["follows_holidays"]))
        lines = {line: write_hours(hours) for line, hours in zip(LINES, (*week.days, week.make_up), strict=True)}
        is_new = item.code is None
        item.code = item.code or _free_code(session)
        super().save(session, item, values | lines, actor)
        session.flush()
        if not is_new:
            tell_moved(recount_on(session, {item.code, CalendarName.DESK}, actor, now(), item.name))


def _free_code(session: Session) -> str:
    taken = set(session.scalars(select(WorkCalendar.code)))
    return next(code for number in range(1, len(taken) + 2) if (code := f"own-{number}") not in taken)


class HolidayView(ModelPage):
    """Corrections to the holiday calendar: days off, and work days made up for them."""

    datamodel = RowInterface(Holiday)
    title, singular = _("Days off and work days"), _("Correction")
    list_columns = show_columns = ["day", "is_workday", "name"]
    labels = {"name": _("Reason"), "is_workday": _("What the day is")}
    search_columns = ["day", "name"]
    add_columns = edit_columns = ["day", "is_workday", "name"]
    form_groups = ((_("The day"), ("day", "is_workday", "name")),)
    form_lead = _("Holds before the state's calendar, for every calendar that minds public holidays.")
    help = {
        "name": _("Such as: the new decree; the estate is shut for maintenance."),
        "is_workday": _("A Saturday or Sunday on which people work to make up for a holiday."),
    }
    switches = {"is_workday": (_("A work day"), _("A day off"))}
    blames = {"Say why: the reason stands in the calendar.": "name", "This day is corrected already.": "day"}
    order_columns = ["day", "id"]
    base_order = ("day", "desc")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """A day is written like 2026-10-01, and has a reason; deadlines that reach it are counted anew."""
        day, was = values.get("day"), item.day
        if not isinstance(day, date) or not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise Invalid(N_("This is not a date: write it like 2026-03-31."))
        if not (values.get("name") or "").strip():
            raise Invalid(N_("Say why: the reason stands in the calendar."))
        twin = session.scalar(select(Holiday.id).where(Holiday.day == day.isoformat()))
        if twin is not None and twin != item.id:
            raise Invalid(N_("This day is corrected already."))
        super().save(session, item, values | {"day": day.isoformat()}, actor)
        session.flush()
        first = min(day, date.fromisoformat(was)) if was else day
        tell_moved(recount_since(session, first, actor, now(), item.name))


@dataclass(frozen=True)
class ShownDay:
    """A day of a year as the page shows it: off, worked or as its weekday is; by the decree's name or the correction's reason."""

    day: date
    kind: str
    words: str = ""
    correction: Holiday | None = None

    @property
    def tone(self) -> str:
        """Which of the legend's marks it has."""
        if self.correction is not None:
            return "own-work" if self.kind == DayKind.WORK else "own-off"
        if self.kind == DayKind.ORDINARY:
            return "weekend" if self.day.weekday() >= 5 else "plain"
        return str(self.kind)


class CalendarPage(BasePage):
    """`/clocks/days/`: a year's work days and days off, as far as they are known."""

    route_base = "/clocks/days"
    default_view = "year"

    @expose("/")
    @has_access
    @permission_name("view")
    def year(self) -> Any:
        """The months of `?year=`, with the holidays by decree and the corrections; says so where there is no decree."""
        self.actor()
        year = number_in(request.args.get("year"), local(now()).year, FIRST_YEAR, LAST_YEAR)
        session = db.session()
        corrections = {row.day: row for row in session.scalars(select(Holiday))}
        kinds = WorkDays(own_days(session))
        grid = MonthGrid()
        months = [
            [
                [_shown(day, kinds, corrections.get(day.isoformat())) if day.month == month else None for day in week]
                for week in grid.monthdatescalendar(year, month)
            ]
            for month in range(1, 13)
        ]
        shown = [day for month in months for week in month for day in week if day is not None]
        return self.render_template(
            "clocks/days.html",
            year=year,
            months=[(format_date(date(year, place, 1), "LLLL"), weeks) for place, weeks in enumerate(months, 1)],
            special=_runs(day for day in shown if day.words),
            decreed=decree_known(year),
            years=(FIRST_YEAR, LAST_YEAR),
            weekdays=[format_date(date(2024, 1, day), "ccccc") for day in range(1, 8)],
            day_words=lambda day: format_date(day, "ccc"),
            work_days=sum(1 for day in shown if kinds(day.day)),
            today=local(now()).date(),
            may_change=may("can_add", "HolidayView"),
        )

    @expose("/<int:pk>/withdraw", methods=["POST"])
    @has_access
    @permission_name("change")
    def withdraw(self, pk: int) -> Any:
        """Take a correction back: the day is again what the decree says, or its weekday."""
        actor, at = self.actor(), now()
        with transaction() as session:
            row = session.get(Holiday, pk) or abort(404)
            day = row.day
            rule_changes.record_gone(session, actor, row, at)
            session.delete(row)
            session.flush()
            tell_moved(recount_since(session, date.fromisoformat(day), actor, at, row.name))
        flash(gettext("The correction of %(day)s is withdrawn.", day=day), "success")
        return redirect(f"/clocks/days/?year={day[:4]}")


def _runs(days: Iterable[ShownDay]) -> list[tuple[ShownDay, ShownDay]]:
    """First and last of the days that follow each other and are the same; a correction stands by itself."""
    runs: list[tuple[ShownDay, ShownDay]] = []
    for day in days:
        if runs:
            first, last = runs[-1]
            alike = (first.kind, first.words, first.correction) == (day.kind, day.words, None)
            if alike and day.correction is None and day.day.toordinal() == last.day.toordinal() + 1:
                runs[-1] = (first, day)
                continue
        runs.append((day, day))
    return runs


def _shown(day: date, kinds: WorkDays, correction: Holiday | None) -> ShownDay:
    if correction is not None:
        return ShownDay(day, kinds.kind(day), correction.name or gettext("corrected"), correction)
    kind, name = decreed(day)
    if kind == DayKind.ORDINARY:
        return ShownDay(day, kind)
    holiday = str(HOLIDAYS.get(name, name))
    return ShownDay(day, kind, gettext("worked for %(holiday)s", holiday=holiday) if kind == DayKind.WORK else holiday)
