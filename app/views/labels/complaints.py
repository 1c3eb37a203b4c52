"""Labels of the codes of complaints and of the bodies outside that answer for some (D5)."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

from app.rules import codes

CODES: dict[str, dict[str, Any]] = {
    "validity": {
        "valid": _("Valid"),
        "assistance": _("Assistance"),
        "invalid": _("Invalid"),
    },
    "grade": {"major": _("Major"), "ordinary": _("Ordinary")},
    "party": {
        "centre": _("Service centre"),
        "developer": _("Developer"),
        "contractor": _("Contractor"),
        "outside": lazy_pgettext("party", "Outside"),
        "owner": lazy_pgettext("party", "The household itself"),
    },
    "cause": {
        "process_gap": _("Process gap"),
        "human_error": _("Human error"),
        "material": _("Material"),
        "outside": _("Outside cause"),
    },
    "finding_state": {
        "waiting": lazy_pgettext("finding", "Waits for a second person"),
        "confirmed": lazy_pgettext("finding", "Confirmed"),
        "objected": lazy_pgettext("finding", "Objected to"),
        "superseded": lazy_pgettext("finding", "Found anew"),
    },
    "outside_kind": {
        "developer": _("Developer's customer centre"),
        "hotline_12345": _("Government hotline 12345"),
        "street_office": _("Street office"),
        "police": _("Community police"),
        "other": _("Another body"),
    },
    "direction_of_reference": {
        "in": lazy_pgettext("outside", "It was put to us"),
        "out": lazy_pgettext("outside", "We wrote to it"),
    },
    "letter_way": {"letter": _("By letter"), "email": _("By e-mail")},
}

FAMILIES: dict[str, type[Any]] = {
    "validity": codes.Validity,
    "grade": codes.Grade,
    "party": codes.Party,
    "cause": codes.Cause,
    "finding_state": codes.FindingState,
    "outside_kind": codes.OutsideKind,
    "direction_of_reference": codes.Direction,
    "letter_way": codes.LetterWay,
}
