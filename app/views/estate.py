"""The estate: community, building, unit, house, and the numbers the hotline answers on (D2)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import Building, Community, HotlineNumber, House, Unit
from app.services.actors import Actor
from app.services.ticket_input import phone_number
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.calls import CallView
from app.views.fees import BillView
from app.views.people import TenureView
from app.views.tickets import TicketView


class HotlineNumberView(ModelPage):
    """Published numbers and the community each means."""

    datamodel = RowInterface(HotlineNumber)
    title, singular = _("Hotline numbers"), _("Hotline number")
    list_columns = show_columns = ["number", "community", "active"]
    add_columns = edit_columns = ["number", "community", "active"]
    order_columns = ["number"]
    base_order = ("number", "asc")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """Keep the number in E.164: the call's `To` is compared with it."""
        super().save(session, item, values | {"number": phone_number(values["number"])}, actor)


class HouseView(ModelPage):
    """Houses with who lives there, their tickets, calls and bills."""

    datamodel = RowInterface(House)
    title, singular = _("Houses"), _("House")
    list_columns = ["name", "community", "area_m2", "state"]
    show_columns = ["name", "number", "community", "building", "unit", "floor", "area_m2", "state"]
    search_columns = ["name", "community", "building", "state"]
    order_columns = ["name", "area_m2", "state", "id"]
    add_columns = ["unit", "number", "name", "floor", "area_m2", "state"]
    edit_columns = ["name", "floor", "area_m2", "state"]
    families = {"state": "house_state"}
    base_order = ("id", "asc")
    related = ((TenureView, "house"), (TicketView, "house"), (CallView, "house"), (BillView, "house"))

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """A house is where its unit is; floor area is never nothing."""
        if not values.get("area_m2"):
            raise Invalid(N_("The floor area must be more than nothing."))
        if "unit_id" in values:
            unit = session.get_one(Unit, values["unit_id"])
            building = session.get_one(Building, unit.building_id)
            values = values | {"building_id": building.id, "community_id": building.community_id}
        super().save(session, item, values, actor)


class UnitView(ModelPage):
    """Units: the staircases of a building."""

    datamodel = RowInterface(Unit)
    title, singular = _("Units"), _("Unit")
    list_columns = show_columns = ["name", "number", "building"]
    search_columns = ["name", "building"]
    add_columns = ["building", "number", "name"]
    edit_columns = ["number", "name"]
    order_columns = ["name", "number", "id"]
    base_order = ("id", "asc")
    related = ((HouseView, "unit"),)


class BuildingView(ModelPage):
    """Buildings in the order of the estate's plan."""

    datamodel = RowInterface(Building)
    title, singular = _("Buildings"), _("Building")
    list_columns = show_columns = ["name", "number", "community", "position"]
    search_columns = ["name", "community"]
    add_columns = ["community", "number", "name", "position"]
    edit_columns = ["number", "name", "position"]
    order_columns = ["name", "position", "id"]
    base_order = ("position", "asc")
    related = ((HouseView, "building"), (UnitView, "building"), (TicketView, "building"))


class CommunityView(ModelPage):
    """Estates."""

    datamodel = RowInterface(Community)
    title, singular = _("Communities"), _("Community")
    list_columns = ["name", "code", "address", "desk_phone"]
    show_columns = ["name", "name_en", "code", "address", "desk_phone", "desk_opens_at", "desk_closes_at"]
    search_columns = ["name", "code"]
    add_columns = ["code", "name", "name_en", "address", "desk_phone", "desk_opens_at", "desk_closes_at"]
    edit_columns = ["name", "name_en", "address", "desk_phone", "desk_opens_at", "desk_closes_at"]
    order_columns = ["name", "code", "id"]
    base_order = ("id", "asc")
    related = ((BuildingView, "community"), (HotlineNumberView, "community"), (TicketView, "community"))
