"""The hotline's duty record and the outbox (D6, G4). Events are kept as they came and have no page."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.models import Call, Message
from app.views.base.listing import Preset
from app.views.base.local import local
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.permitted import may
from app.views.tickets import ticket_page


class CallView(ModelPage):
    """Every call, whether or not the caller finished."""

    datamodel = RowInterface(Call)
    title, singular = _("Calls"), _("Telephone call")
    has_name = False
    list_columns = [
        "started_at",
        "direction",
        "from_number",
        "status",
        "outcome",
        "house",
        "tickets",
        "duration_seconds",
    ]
    show_columns = [
        "direction",
        "from_number",
        "to_number",
        "status",
        "outcome",
        "started_at",
        "ended_at",
        "duration_seconds",
        "community",
        "person",
        "house",
        "tickets",
    ]
    search_columns = ["outcome", "started_at", "direction", "house", "from_number", "status", "duration_seconds"]
    quick_filters = ["outcome", "started_at", "direction", "house"]
    quick_columns = ["from_number"]
    hidden_columns = ["provider_sid"]
    card = ["from_number", "started_at", "house"]
    presets = (
        Preset("today", _("Today"), (("_flt_0_started_at", "today"),), _("Nobody has called today.")),
        Preset(
            "lost",
            _("Hung up or silent"),
            (("_flt_0_outcome", "abandoned"), ("_flt_0_outcome", "silent")),
            _("Nobody hung up before the matter was known."),
        ),
    )
    empty_hint = _("Every call to the hotline is written here by itself.")
    order_columns = ["started_at", "ended_at", "from_number", "outcome", "id"]

    def further_links(self, item: Any) -> list[tuple[Any, str]]:
        """The duty record of the day of the call."""
        if item.community_id is None or not may("can_view", "DutyRecordPage"):
            return []
        day = f"{local(item.started_at):%Y-%m-%d}"
        return [(_("Duty record of the day"), f"/dutyrecord/?community={item.community_id}&day={day}")]

    families = {"direction": "direction", "status": "call_status", "outcome": "call_outcome"}
    labels = {"started_at": _("Began at"), "ended_at": _("Ended at")}
    base_order = ("started_at", "desc")
    links = {"tickets": lambda call: ticket_page(call.tickets[0].number) if call.tickets else None}


class MessageView(ModelPage):
    """What leaves the house, and how far it came."""

    datamodel = RowInterface(Message)
    title, singular = _("Messages"), _("Message")
    has_name = False
    list_columns = ["created_at", "channel", "to", "purpose", "state", "ticket", "sent_at"]
    show_columns = [
        "channel",
        "to",
        "purpose",
        "subject",
        "body",
        "state",
        "ticket",
        "tries",
        "error",
        "created_at",
        "sent_at",
        "delivered_at",
    ]
    search_columns = ["to", "channel", "state", "purpose", "created_at"]
    order_columns = ["created_at", "sent_at", "state", "id"]
    families = {"channel": "message_channel", "state": "message_state", "purpose": "message_purpose"}
    quick_filters = ["state", "channel", "created_at"]
    quick_columns = ["to"]
    hidden_columns = ["body"]
    card = ["to", "created_at", "ticket"]
    presets = (
        Preset(
            "failed",
            _("Not arrived"),
            (("_flt_0_state", "failed_permanent"), ("_flt_0_state", "failed_temporary"), ("_flt_0_state", "unknown")),
            _("Every message arrived."),
        ),
    )
    labels = {"created_at": _("Written at")}
    base_order = ("created_at", "desc")
    links = {"ticket": lambda message: ticket_page(message.ticket.number) if message.ticket else None}
