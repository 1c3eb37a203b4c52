"""The duty roster and the escalation ladder (D7)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import N_, Invalid, Refused
from app.models import DutyShift, EscalationAttempt
from app.services import duty_log
from app.services.actors import Actor
from app.services.ticket_input import phone_number
from app.views.base.listing import Preset
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.tickets import ticket_page


class DutyShiftView(ModelPage):
    """Who is on duty, backup or manager of a community, and on which number."""

    datamodel = RowInterface(DutyShift)
    title, singular = _("Duty roster"), _("Duty shift")
    has_name = False
    list_columns = ["starts_at", "ends_at", "tier", "staff", "number", "is_override", "community"]
    show_columns = [*list_columns, "rotation", "note"]
    search_columns = ["tier", "staff", "community", "starts_at", "ends_at"]
    card = ["staff", "starts_at", "ends_at"]
    presets = (
        Preset(
            "ahead",
            _("Now and to come"),
            (("_flt_0_ends_at", "now"), ("_oc_DutyShiftView", "starts_at"), ("_od_DutyShiftView", "asc")),
            _("Nobody is on the roster from now on: an emergency would ring nobody."),
        ),
        Preset("mine", _("Mine"), (("_flt_0_staff", "me"), ("_flt_0_ends_at", "now")), "", True),
    )
    order_columns = ["starts_at", "ends_at", "tier", "id"]
    add_columns = edit_columns = ["community", "tier", "staff", "number", "starts_at", "ends_at"]
    families = {"tier": "tier"}
    labels = {
        "number": _("Telephone number"),
        "is_override": _("Override"),
        "rotation": _("Rotation"),
        "note": _("Reason"),
    }
    form_groups = (
        (_("Who is on duty"), ("community", "tier", "staff", "number")),
        (_("From when until when"), ("starts_at", "ends_at")),
    )
    help = {
        "tier": _("An emergency rings on duty first, then backup, then the manager."),
        "number": _("The telephone that is really answered then."),
        "ends_at": _("The next shift begins at this minute; a gap is shown before it happens."),
    }
    inputs = {"number": "tel"}
    blames = {"The end lies before the start.": "ends_at"}
    base_order = ("starts_at", "desc")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """A shift ends after it starts, on a number that can be rung."""
        if values["ends_at"] <= values["starts_at"]:
            raise Invalid(N_("The end lies before the start."))
        if item.rotation_id is not None:
            raise Refused(
                N_("This shift comes from a rotation: change the rotation, or put an override over the shift.")
            )
        verb = "shift_added" if item.id is None else "shift_changed"
        super().save(session, item, values | {"number": phone_number(values["number"])}, actor)
        session.flush()
        span = (item.starts_at, item.ends_at)
        duty_log.note(
            session,
            verb,
            actor,
            now(),
            community_id=item.community_id,
            tier=item.tier,
            staff_id=item.staff_id,
            span=span,
        )


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
    card = ["staff", "started_at", "ticket"]
    links = {"ticket": lambda attempt: ticket_page(attempt.ticket.number)}
