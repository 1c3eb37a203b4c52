"""Complaints as outside bodies have them: their number and deadline beside ours (D5)."""

from __future__ import annotations

from app.models import ExternalReference
from app.views.base.rest import RestApi
from app.views.base.rows import RowInterface


class ExternalReferenceApi(RestApi):
    """Written by the steps `refer`, `forward` and `answered` of a complaint."""

    resource_name = "external_reference"
    datamodel = RowInterface(ExternalReference)
    further_filters = {"created_at": "noted_at"}
    columns = (
        "id",
        "ticket_id",
        "ticket.number",
        "kind",
        "body_id",
        "body.name",
        "direction",
        "way",
        "number",
        "words",
        "noted_at",
        "due_at",
        "warn_at",
        "answered_at",
        "answer",
    )
