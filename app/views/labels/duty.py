"""Labels of the codes of the duty roster and the handover (D7)."""

from typing import Any

from flask_babel import lazy_gettext as _

from app.rules import codes

CODES: dict[str, dict[str, Any]] = {
    "tier": {"on_duty": _("On duty"), "backup": _("Backup"), "manager": _("Manager on duty")},
    "rotation_pattern": {
        "each_shift": _("after every shift"),
        "daily": _("after a day"),
        "weekly": _("after a week"),
        "on_off": _("some days on, some off"),
    },
    "duty_days": {
        "every": _("Every day"),
        "work_days": _("Work days only"),
        "days_off": _("Weekends and holidays only"),
    },
    "roster_trouble": {
        "nobody": _("nobody"),
        "same_duty": _("two on one duty"),
        "same_person": _("booked twice"),
    },
    "swap_state": {
        "asked": _("Asked"),
        "accepted": _("Accepted"),
        "declined": _("Declined"),
        "withdrawn": _("Withdrawn"),
    },
    "loan_kind": {"key": _("Door key"), "item": _("Item")},
    "handover_state": {
        "open": _("To be signed"),
        "signed": _("Signed"),
        "void": _("Void"),
    },
}

FAMILIES: dict[str, type[Any]] = {
    "tier": codes.Tier,
    "rotation_pattern": codes.RotationPattern,
    "duty_days": codes.DutyDays,
    "roster_trouble": codes.RosterTrouble,
    "swap_state": codes.SwapState,
    "loan_kind": codes.LoanKind,
    "handover_state": codes.HandoverState,
}
