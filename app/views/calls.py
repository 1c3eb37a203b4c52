"""The hotline's duty record and the outbox (D6, G4). Events are kept as they came and have no page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.models import Call, Message
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
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
        "provider_sid",
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
    search_columns = ["from_number", "outcome", "started_at", "house", "provider_sid"]
    order_columns = ["started_at", "ended_at", "from_number", "outcome", "id"]
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
    families = {"channel": "message_channel", "state": "message_state"}
    labels = {"created_at": _("Written at")}
    base_order = ("created_at", "desc")
    links = {"ticket": lambda message: ticket_page(message.ticket.number) if message.ticket else None}
