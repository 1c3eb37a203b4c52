"""Special events and the steps on them (D5, D7, I5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import SpecialEvent, Ticket
from app.services import special_events
from app.services.actors import Actor
from app.views.base.rest_fields import Row
from app.views.base.rest_steps import StepsApi
from app.views.base.rows import RowInterface, own_rows


class SpecialEventApi(StepsApi):
    """Collective matters and emergencies. A step is `POST /api/v1/special_event/<id>/<verb>`, refused ones are 409 with a sentence."""

    resource_name = "special_event"
    datamodel = RowInterface(SpecialEvent)
    further_filters = {"created_at": "opened_at"}
    columns = (
        "id",
        "number",
        "community_id",
        "kind",
        "state",
        "households",
        "ticket_count",
        "category_id",
        "category.code",
        "category.name",
        "building_id",
        "building.name",
        "place",
        "opened_at",
        "first_at",
        "last_at",
        "confirmed_at",
        "confirmed_by",
        "rejected_at",
        "rejected_by",
        "reject_reason",
        "tell_general_manager",
        "tell_developer",
        "decided_at",
        "decided_by",
        "closed_at",
        "closed_by",
        "outage_id",
        "tickets.id",
        "tickets.number",
    )
    takes = {"ticket_id": "integer"}

    def create(self, session: Session, body: Row, actor: Actor, at: datetime) -> int:
        """Open the special event of an emergency by hand."""
        wanted = (Ticket.id == body.get("ticket_id"), own_rows(Ticket))
        ticket = session.scalars(select(Ticket).where(*wanted)).first()
        if ticket is None:
            raise Invalid(N_("Say which ticket the special event is opened for."))
        return special_events.open_emergency(session, actor, ticket, at).id

    def take(self, session: Session, item: SpecialEvent, verb: str, actor: Actor, at: datetime, body: Row) -> None:
        """confirm, reject, close; link, leave_out, visit, explain, decide, outage; write, review, sign (its report)."""
        special_events.perform(session, item, verb, actor, at, body)
