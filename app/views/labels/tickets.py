"""Labels of the codes of a ticket's life (D3)."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

from app.rules import codes

CODES: dict[str, dict[str, Any]] = {
    "kind": {
        "repair": _("Repair"),
        "complaint": _("Complaint"),
        "consultation": _("Consultation"),
        "suggestion": _("Suggestion"),
        "service": _("Service order"),
        "emergency": _("Emergency"),
        "praise": _("Praise"),
    },
    "channel": {
        "hotline": _("Hotline"),
        "desk": _("Desk visit"),
        "web": _("Web"),
        "wechat": _("WeChat"),
        "app": _("App"),
        "email": _("E-mail"),
        "letter": _("Letter"),
        "sms": _("SMS"),
        "patrol": _("Patrol finding"),
        "transfer": _("Transferred by the developer"),
    },
    "priority": {
        "emergency": lazy_pgettext("urgency", "Emergency"),
        "urgent": _("Urgent"),
        "normal": _("Normal"),
        "low": _("Low"),
    },
    "ticket_state": {
        "registered": _("Registered"),
        "dispatched": _("Dispatched"),
        "in_progress": _("In progress"),
        "waiting": _("Waiting"),
        "done": lazy_pgettext("state", "Done"),
        "visited": _("Return-visited"),
        "closed": _("Closed"),
        "cancelled": _("Cancelled"),
        "reopened": _("Reopened"),
    },
    "phrase_use": {
        "note": _("Note"),
        "contact": _("Note a contact"),
        "reply": _("Note the reply"),
        "wait": _("Wait"),
        "finish": _("Finish"),
        "cancel": _("Cancel"),
    },
    "attachment_stage": {
        "report": _("As reported"),
        "before": _("Before the work"),
        "after": _("After the work"),
        "reply": _("Our written answer"),
        "evidence": _("Evidence"),
        "signature": _("Signature"),
    },
}

FAMILIES: dict[str, type[Any]] = {
    "kind": codes.Kind,
    "channel": codes.Channel,
    "priority": codes.Priority,
    "ticket_state": codes.TicketState,
    "phrase_use": codes.PhraseUse,
    "attachment_stage": codes.AttachmentStage,
}
