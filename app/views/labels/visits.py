"""Labels of the codes of return visits and opinion surveys (D8)."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

from app.rules import codes

CODES: dict[str, dict[str, Any]] = {
    "visit_way": {
        "call": _("Automatic call"),
        "sms": _("SMS"),
        "web": _("Web"),
        "phone": _("By phone"),
        "in_person": _("In person"),
    },
    "visit_state": {
        "due": _("To be visited"),
        "made": _("Made"),
        "unreachable": _("Unreachable"),
        "cancelled": _("Cancelled"),
    },
    "visit_reason": {
        "complaint": _("Complaint"),
        "breached": _("A time limit was missed"),
        "sample": _("Drawn by lot"),
        "repeat": _("Reopened before"),
        "asked": _("Of one's own accord"),
        "again": _("Unreachable: once more"),
    },
    "visit_result": {
        "answered": lazy_pgettext("visit", "Answered"),
        "declined": _("Does not want to say"),
        "sent": _("Question sent"),
        "no_answer": _("Nobody answered"),
        "busy": _("Busy"),
        "machine": _("A machine answered"),
        "unclear": _("No clear answer"),
        "wrong_number": _("Wrong number"),
        "not_at_home": _("Nobody at home"),
        "no_reply": _("No reply in time"),
    },
    "check_result": {
        "confirmed": _("Record confirmed"),
        "differs": _("Differs from the record"),
        "not_made": _("The visit was not made"),
        "unreachable": _("Household not reached"),
    },
    "draw_kind": {"visit": _("Households to be asked"), "check": _("Visits to be checked")},
    "survey_cycle": {
        "monthly": _("Monthly"),
        "quarterly": _("Quarterly"),
        "half_yearly": _("Half-yearly"),
        "yearly": _("Yearly"),
    },
    "survey_state": {
        "draft": _("Draft"),
        "open": lazy_pgettext("survey", "Open"),
        "closed": lazy_pgettext("survey", "Closed"),
    },
    "question_kind": {
        "score": _("Score from 1 to 5"),
        "choice": _("One of several"),
        "choices": _("Several of several"),
        "text": _("Own words"),
    },
    "survey_way": {
        "link": _("By link"),
        "web": _("On its own pages"),
        "phone": _("By phone"),
        "visit": _("At a visit"),
    },
    "household_state": {
        "asked": lazy_pgettext("survey", "Not answered yet"),
        "answered": lazy_pgettext("visit", "Answered"),
        "declined": _("Does not want to answer"),
    },
}

FAMILIES: dict[str, type[Any]] = {
    "visit_way": codes.VisitWay,
    "visit_state": codes.VisitState,
    "visit_reason": codes.VisitReason,
    "visit_result": codes.VisitResult,
    "check_result": codes.CheckResult,
    "draw_kind": codes.DrawKind,
    "survey_cycle": codes.SurveyCycle,
    "survey_state": codes.SurveyState,
    "question_kind": codes.QuestionKind,
    "survey_way": codes.SurveyWay,
    "household_state": codes.HouseholdState,
}
