"""Labels of the codes of clocks and calendars (D4)."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

from app.rules import codes

CODES: dict[str, dict[str, Any]] = {
    "clock_start": {
        "registered": _("it is registered"),
        "found": _("a finding is made"),
        "changed": _("it moves on a step"),
        "done": _("the work is done"),
        "reopened": _("it is reopened"),
    },
    "clock_name": {
        "first_response": _("First response"),
        "contact": _("Contact"),
        "first_reply": _("Initial reply"),
        "plan": lazy_pgettext("clock", "Plan"),
        "management_report": _("Report to management"),
        "reply": _("Reply"),
        "progress": _("Progress told"),
        "report_back": _("Report back"),
        "investigate": _("Investigation on site"),
        "done": _("Completion"),
        "promise": _("Promise"),
    },
    "clock_state": {
        "running": _("Running"),
        "paused": _("Paused"),
        "met": _("Met"),
        "breached": _("Breached"),
        "cancelled": _("Cancelled"),
    },
    "draft_state": {"open": _("Draft"), "in_force": _("In force"), "dropped": _("Dropped")},
    "clock_end": {
        "closed": _("the matter was closed"),
        "given_up": _("the matter was cancelled"),
        "reopened": _("the matter was opened again"),
        "promised": _("a promise took its place"),
        "new_promise": _("a later promise took its place"),
        "new_finding": _("the finding was changed"),
        "work_done": _("the work was finished"),
        "restarted": _("it was started anew"),
        "reclassed": _("category or urgency were changed"),
    },
    "calendar": {"always": _("Around the clock"), "desk": _("Desk hours")},
}

FAMILIES: dict[str, type[Any]] = {
    "clock_name": codes.ClockName,
    "clock_state": codes.ClockState,
    "draft_state": codes.DraftState,
    "clock_end": codes.ClockEnd,
    "calendar": codes.CalendarName,
}
