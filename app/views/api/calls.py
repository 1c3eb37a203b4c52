"""Calls of the hotline (D6)."""

from app.models import Call
from app.views.base.rest import RestApi
from app.views.base.rows import RowInterface


class CallApi(RestApi):
    """Calls; `status` keeps Twilio's words, a call may carry several tickets."""

    resource_name = "call"
    datamodel = RowInterface(Call)
    further_filters = {"created_at": "started_at"}
    columns = (
        "id",
        "provider_sid",
        "direction",
        "from_number",
        "to_number",
        "status",
        "outcome",
        "started_at",
        "ended_at",
        "duration_seconds",
        "locale",
        "ticket_number",
        "community_id",
        "person_id",
        "house_id",
        "house.name",
        "tickets.id",
        "tickets.number",
    )
