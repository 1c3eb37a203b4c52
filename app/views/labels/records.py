"""Labels of the codes of special events and of the records that are reviewed and signed (D5, D7, D14)."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

from app.rules import codes

CODES: dict[str, dict[str, Any]] = {
    "special_kind": {
        "collective": _("Collective matter"),
        "emergency": _("Emergency"),
    },
    "special_state": {
        "proposed": lazy_pgettext("special event", "Proposed"),
        "confirmed": lazy_pgettext("special event", "At work"),
        "rejected": lazy_pgettext("special event", "Rejected"),
        "closed": lazy_pgettext("special event", "Closed"),
    },
    "member_state": {
        "proposed": lazy_pgettext("ticket of an event", "To be decided"),
        "linked": lazy_pgettext("ticket of an event", "Belongs to it"),
        "left_out": lazy_pgettext("ticket of an event", "Left out"),
        "moved": lazy_pgettext("ticket of an event", "No longer matches"),
    },
    "house_visit_state": {
        "due": lazy_pgettext("visit to a household", "To be visited"),
        "visited": lazy_pgettext("visit to a household", "Visited"),
        "explained": lazy_pgettext("visit to a household", "Explained"),
    },
    "record_kind": {
        "special_event": _("Special event report"),
        "complaint": _("Complaint record"),
        "duty": _("Duty record"),
        "handover": _("Handover"),
        "complaint_month": _("Monthly complaint summary"),
        "appraisal": _("Monthly appraisal"),
    },
    "appraisal_state": {
        "open": lazy_pgettext("appraisal", "With the person"),
        "answered": lazy_pgettext("appraisal", "To be signed"),
        "signed": lazy_pgettext("appraisal", "Signed"),
    },
    "item_outcome": {
        "done": lazy_pgettext("improvement", "Done"),
        "partly": lazy_pgettext("improvement", "Done in part"),
        "not_done": lazy_pgettext("improvement", "Not done"),
    },
    "record_state": {
        "draft": lazy_pgettext("record", "Draft"),
        "reviewed": lazy_pgettext("record", "Reviewed"),
        "signed": lazy_pgettext("record", "Signed"),
    },
    "report_state": {
        "draft": _("Draft"),
        "reviewed": _("Reviewed"),
        "signed": _("Signed"),
        "published": lazy_pgettext("report", "Published"),
        "superseded": _("Superseded"),
    },
}

FAMILIES: dict[str, type[Any]] = {
    "special_kind": codes.SpecialKind,
    "special_state": codes.SpecialState,
    "member_state": codes.MemberState,
    "house_visit_state": codes.HouseVisitState,
    "appraisal_state": codes.AppraisalState,
    "item_outcome": codes.ItemOutcome,
    "record_kind": codes.RecordKind,
    "record_state": codes.RecordState,
    "report_state": codes.ReportState,
}
