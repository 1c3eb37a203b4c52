"""The figures of the trade: clocks, targets, holidays. Every one is data (domain, first lines)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import ClockPolicy, Holiday, Setting
from app.services.actors import Actor
from app.services.policies import FIGURES, check_figure
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface


class ClockPolicyView(ModelPage):
    """Which clock a ticket gets and how long it runs; empty columns match everything, the most specific row wins (D4)."""

    datamodel = RowInterface(ClockPolicy)
    title, singular = _("Clock rules"), _("Clock rule")
    has_name = False
    list_columns = ["name", "kind", "priority", "grade", "validity", "minutes", "ends_same_day", "active"]
    show_columns = [
        "name",
        "kind",
        "priority",
        "grade",
        "validity",
        "channel",
        "category_code",
        "starts_when",
        "minutes",
        "ends_same_day",
        "calendar",
        "warn_percent",
        "active",
        "source",
    ]
    search_columns = ["name", "kind", "active"]
    order_columns = ["name", "kind", "minutes", "id"]
    edit_columns = ["minutes", "ends_same_day", "calendar", "warn_percent", "active"]
    families = {
        "name": "clock_name",
        "kind": "kind",
        "priority": "priority",
        "grade": "grade",
        "validity": "validity",
        "channel": "channel",
        "calendar": "calendar",
    }
    labels = {"name": _("Clock")}
    base_order = ("id", "asc")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """A clock has a length or ends with the day."""
        minutes, percent = values.get("minutes"), values.get("warn_percent")
        if minutes is None and not values.get("ends_same_day"):
            raise Invalid(N_("Give minutes, or let the clock end with the day."))
        if minutes is not None and not 0 <= minutes <= 527_040:
            raise Invalid(N_("Enter a whole number from %(low)s to %(high)s."), low=0, high=527_040)
        if percent is None or not 1 <= percent <= 100:
            raise Invalid(N_("Enter a whole number from %(low)s to %(high)s."), low=1, high=100)
        super().save(session, item, values, actor)


class SettingView(ModelPage):
    """Figures that differ from their default."""

    datamodel = RowInterface(Setting)
    title, singular = _("Figures"), _("Figure")
    list_columns = show_columns = ["key", "value"]
    search_columns = ["key"]
    add_columns = ["key", "value"]
    edit_columns = ["value"]
    order_columns = ["key", "id"]
    base_order = ("key", "asc")

    def extra_conditions(self) -> Sequence[Any]:
        """The figures of the trade; what the house remembers of itself is not for changing."""
        return (Setting.key.in_(FIGURES),)

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """Only known figures, only within their bounds."""
        key = values.get("key") or item.key
        checked = check_figure(key, values.get("value") or "")
        super().save(session, item, values | {"value": str(checked)}, actor)


class HolidayView(ModelPage):
    """Corrections to the holiday calendar: days off, and work days made up for them."""

    datamodel = RowInterface(Holiday)
    title, singular = _("Holidays"), _("Holiday")
    list_columns = show_columns = ["day", "is_workday", "name"]
    search_columns = ["day", "name"]
    add_columns = edit_columns = ["day", "is_workday", "name"]
    order_columns = ["day", "id"]
    base_order = ("day", "desc")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """A day is written like 2026-10-01."""
        try:
            day = date.fromisoformat(values.get("day") or "")
        except ValueError as error:
            raise Invalid(N_("This is not a date: write it like 2026-03-31.")) from error
        super().save(session, item, values | {"day": day.isoformat()}, actor)
