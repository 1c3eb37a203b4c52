"""Labels of the codes of automatic calls and texts, and of check-in calls (D8, D13)."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

from app.rules import codes

CODES: dict[str, dict[str, Any]] = {
    "outreach": {
        "alert": _("Alert to residents"),
        "wake_up": _("Wake-up call"),
        "check_in": _("Check-in call"),
        "check_in_contact": _("Call to an emergency contact"),
        "return_visit": _("Return visit"),
        "notice": _("Notice"),
        "reminder": _("Reminder of what is owed"),
        "survey": _("Opinion survey"),
    },
    "check_in_state": {
        "calling": lazy_pgettext("check-in", "Being called"),
        "waiting": lazy_pgettext("check-in", "Called again soon"),
        "well": lazy_pgettext("check-in", "All is well"),
        "help": lazy_pgettext("check-in", "Asked for help"),
        "alerted": lazy_pgettext("check-in", "Steward sent"),
        "contacted": lazy_pgettext("check-in", "Contact told"),
        "found": lazy_pgettext("check-in", "Found out"),
        "skipped": lazy_pgettext("check-in", "Away, not called"),
        "missed": lazy_pgettext("check-in", "Not called"),
    },
    "check_in_finding": {
        "well": lazy_pgettext("finding", "Well: did not hear it, or was out"),
        "away": lazy_pgettext("finding", "Well, away from home"),
        "telephone": lazy_pgettext("finding", "Well, the telephone does not work"),
        "unwell": lazy_pgettext("finding", "Not well: needed help"),
        "other": lazy_pgettext("finding", "Something else"),
    },
    "campaign_state": {
        "draft": _("Draft"),
        "running": lazy_pgettext("campaign", "Under way"),
        "paused": lazy_pgettext("campaign", "Paused"),
        "stopped": lazy_pgettext("campaign", "Stopped"),
        "finished": lazy_pgettext("campaign", "Finished"),
    },
    "wish_way": {
        "sms": _("By text message"),
        "call": _("By key on a call"),
        "page": _("On the own page"),
    },
    "target_way": {"voice": _("Telephone call"), "sms": _("SMS")},
    "target_state": {
        "planned": lazy_pgettext("call", "Waits its turn"),
        "dialling": _("Dialling"),
        "ringing": _("Ringing"),
        "answered": _("Talking"),
        "unknown": _("Unknown"),
        "reached": lazy_pgettext("call", "Reached"),
        "unclear": lazy_pgettext("call", "Taken, no answer given"),
        "machine": lazy_pgettext("call", "Answering machine"),
        "no_answer": _("No answer"),
        "busy": _("Busy"),
        "failed": _("Failed"),
        "sent": _("Sent"),
        "shared": lazy_pgettext("call", "Told with another house's call"),
        "impossible": lazy_pgettext("call", "Not possible"),
        "expired": lazy_pgettext("call", "Came too late, not called"),
        "cancelled": lazy_pgettext("call", "Not needed any more"),
    },
    "target_reason": {
        "no_person": _("Nobody lives there"),
        "no_number": _("No number on file"),
        "no_mobile": _("No mobile number"),
        "opted_out": _("Wants none"),
    },
}

FAMILIES: dict[str, type[Any]] = {
    "outreach": codes.Outreach,
    "check_in_state": codes.CheckInState,
    "check_in_finding": codes.CheckInFinding,
    "campaign_state": codes.CampaignState,
    "wish_way": codes.WishWay,
    "target_way": codes.TargetWay,
    "target_state": codes.TargetState,
    "target_reason": codes.TargetReason,
}
