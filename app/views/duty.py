"""The duty roster and the escalation ladder (D7)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import DutyShift, EscalationAttempt
from app.services.actors import Actor
from app.services.ticket_input import phone_number
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.tickets import ticket_page


class DutyShiftView(ModelPage):
    """Who is on duty, backup or manager of a community, and on which number."""

    datamodel = RowInterface(DutyShift)
    title, singular = _("Duty roster"), _("Duty shift")
    has_name = False
    list_columns = show_columns = ["starts_at", "ends_at", "tier", "staff", "number", "community"]
    search_columns = ["tier", "staff", "community", "starts_at"]
    order_columns = ["starts_at", "ends_at", "tier", "id"]
    add_columns = edit_columns = ["community", "tier", "staff", "number", "starts_at", "ends_at"]
    families = {"tier": "tier"}
    labels = {"number": _("Telephone number")}
    base_order = ("starts_at", "desc")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """A shift ends after it starts, on a number that can be rung."""
        if values["ends_at"] <= values["starts_at"]:
            raise Invalid(N_("The end lies before the start."))
        super().save(session, item, values | {"number": phone_number(values["number"])}, actor)


class EscalationAttemptView(ModelPage):
    """Every ring of every emergency."""

    datamodel = RowInterface(EscalationAttempt)
    title, singular = _("Escalation attempts"), _("Escalation attempt")
    has_name = False
    list_columns = ["started_at", "ticket", "tier", "staff", "number", "state", "accepted_at"]
    show_columns = [
        "ticket",
        "tier",
        "staff",
        "number",
        "state",
        "started_at",
        "answered_at",
        "accepted_at",
        "ended_at",
    ]
    search_columns = ["tier", "state", "staff", "started_at"]
    order_columns = ["started_at", "state", "id"]
    families = {"tier": "tier", "state": "attempt_state"}
    labels = {"number": _("Telephone number"), "started_at": _("Rang at"), "answered_at": _("Answered at")}
    base_order = ("started_at", "desc")
    links = {"ticket": lambda attempt: ticket_page(attempt.ticket.number)}
