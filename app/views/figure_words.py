"""A figure as people read it: one way for first pages, the page of figures, lists and appraisals."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.rules.figures import rate_text
from app.rules.month_figures import MINUTES, RATE, SECONDS, Value

NOTHING = "–"

MATTERS: Mapping[str, Any] = {
    "requests": _("Requests"),
    "complaints": _("Complaints"),
    "emergencies": _("Emergencies"),
    "done": _("Requests that are done"),
    "judged": _("Requests whose clocks have all ended"),
    "in_time": _("Requests in time"),
    "answered": _("Requests with a first response"),
    "complaints_judged": _("Complaints whose clocks have all ended"),
    "complaints_in_time": _("Complaints in time"),
    "complaints_done": _("Complaints that are done"),
    "complaints_asked": _("Complaints whose household was asked"),
    "urgent_repairs": _("Urgent repairs that are done"),
    "clocks_ended": _("Clocks that have ended"),
    "clocks_met": _("Clocks met"),
    "answers": _("Answers of the households"),
    "satisfied": _("Answers of 4 or 5"),
    "accepted": _("Emergencies somebody accepted"),
    "calls": _("Calls"),
    "bills": _("Bills"),
    "occupied": _("Occupied households"),
}
"""What stands in the list behind a number."""


def shown(value: Value, unit: str = "", nothing: str = NOTHING) -> str:
    """A value with its unit; `nothing` where there was nothing to be judged."""
    if value is None:
        return nothing
    if unit == RATE:
        return rate_text(Decimal(value))
    if unit == MINUTES:
        return _minutes(int(value))
    if unit == SECONDS:
        return ngettext("%(num)d second", "%(num)d seconds", int(value))
    return f"{value:,}"


def _minutes(value: int) -> str:
    hours, rest = divmod(value, 60)
    if not hours:
        return ngettext("%(num)d min", "%(num)d min", rest)
    if not rest:
        return gettext("%(hours)s h", hours=hours)
    return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)
