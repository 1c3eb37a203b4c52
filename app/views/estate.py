"""The estate: community, building, unit, house, and the numbers the hotline answers on (D2)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import N_, Invalid
from app.models import Building, Community, HotlineNumber, House, Unit
from app.services.actors import Actor
from app.services.clock_recount import recount_desk
from app.services.ticket_input import phone_number
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.calls import CallView
from app.views.fees import BillView
from app.views.people import TenureView
from app.views.permitted import may
from app.views.tickets import TicketView
from app.views.work_calendars import tell_moved


class HotlineNumberView(ModelPage):
    """Published numbers and the community each means."""

    datamodel = RowInterface(HotlineNumber)
    title, singular = _("Hotline numbers"), _("Hotline number")
    list_columns = show_columns = ["number", "community", "active"]
    add_columns = edit_columns = ["number", "community", "active"]
    form_groups = ((_("The number and whom it serves"), ("number", "community", "active")),)
    help = {
        "number": _("As the carrier sends it, with country code: +862160000000."),
        "community": _("A call to this number counts for this community."),
        "active": _("A number out of use keeps its calls; new ones are no longer counted for the community."),
    }
    inputs = {"number": "tel"}
    switches = {"active": (_("In use"), _("Not in use"))}
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
    search_columns = ["name", "community", "building", "state", "floor", "area_m2"]
    order_columns = ["name", "area_m2", "state", "id"]
    add_columns = ["unit", "number", "name", "floor", "area_m2", "state"]
    edit_columns = ["name", "floor", "area_m2", "state"]
    families = {"state": "house_state"}
    quick_filters = ["state", "building", "community"]
    quick_columns = ["name"]
    card = ["name", "community", "area_m2"]
    empty_hint = _("Bring the houses and their people in from an Excel sheet: “Import houses and people”.")
    form_groups = (
        (_("Where it is"), ("unit", "number", "name", "floor")),
        (_("Size and use"), ("area_m2", "state")),
    )
    blames = {"The floor area must be more than nothing.": "area_m2"}
    help = {
        "unit": _("Type the name of the building or unit."),
        "number": _("The room number on the door, such as 1201."),
        "name": _(
            "As everybody calls it, with building, unit and room. The hotline and the desk find it by this name."
        ),
        "floor": _("The floor as the lift counts it; leave it empty when it does not matter."),
        "area_m2": _("The floor area of the title deed: the property fee is charged by it."),
        "state": _("Occupied, renovating and let count as occupied households in the monthly report."),
    }
    base_order = ("id", "asc")
    related = ((TenureView, "house"), (TicketView, "house"), (CallView, "house"), (BillView, "house"))

    def further_links(self, item: Any) -> list[tuple[Any, str]]:
        """The desk's forms with this house filled in; its arrears with the reminders and their proof."""
        links = (
            ("DeskPage", "can_add", _("New ticket for this household"), f"/ticket/new?house={item.id}"),
            ("PersonView", "can_add", _("Add a person to this house"), f"/personview/add?house={item.id}"),
            ("PaymentPage", "can_take", _("Take a payment"), f"/payments/house/{item.id}"),
            ("BooksPage", "can_view", _("The house's account"), f"/books/house/{item.id}"),
            ("ArrearsPage", "can_view", _("Arrears and reminders"), f"/arrears/house/{item.id}"),
        )
        return [(label, address) for view, permission, label, address in links if may(permission, view)]

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
    form_groups = ((_("The unit"), ("building", "number", "name")),)
    help = {
        "number": _("The bare number, such as 2: callers say 3-2-1201."),
        "name": _("As it is written on the door."),
    }
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
    form_groups = ((_("The building"), ("community", "number", "name")), (_("On the estate's plan"), ("position",)))
    help = {
        "number": _("The bare number, such as 3: callers say 3-2-1201."),
        "name": _("As it is written on the wall."),
        "position": _("Neighbours on the plan differ by one: whoever is on duty nearest is sent first."),
    }
    order_columns = ["name", "position", "id"]
    base_order = ("position", "asc")
    related = ((HouseView, "building"), (UnitView, "building"), (TicketView, "building"))

    def further_links(self, item: Any) -> list[tuple[Any, str]]:
        """All households of the building at once."""
        return [(_("Invite households"), f"/invite/building/{item.id}")] if may("can_add", "InvitePage") else []


class CommunityView(ModelPage):
    """Estates."""

    datamodel = RowInterface(Community)
    title, singular = _("Communities"), _("Community")
    list_columns = ["name", "code", "address", "desk_phone"]
    show_columns = ["name", "name_en", "code", "address", "desk_phone", "calendar", "general_manager_email"]
    search_columns = ["name", "code"]
    add_columns = ["code", "name", "name_en", "address", "desk_phone", "calendar", "general_manager_email"]
    edit_columns = ["name", "name_en", "address", "desk_phone", "calendar", "general_manager_email"]
    form_groups = (
        (_("Name and place"), ("code", "name", "name_en", "address")),
        (_("The desk"), ("desk_phone", "calendar")),
        (_("Above the service centre"), ("general_manager_email",)),
    )
    help = {
        "code": _("A short word in addresses and commands, such as sunshine. It never changes afterwards."),
        "name_en": _("Shown on English pages and in English reports; the Chinese name where it is empty."),
        "address": _("Printed on the monthly report."),
        "desk_phone": _("Rung when a caller presses 0 in the desk's hours."),
        "calendar": _("The hours of this desk. Empty: the company's desk hours."),
        "general_manager_email": _(
            "Written to when the manager decides that the general manager is told of a special event."
        ),
    }
    inputs = {"general_manager_email": "email"}
    order_columns = ["name", "code", "id"]
    base_order = ("id", "asc")
    related = ((BuildingView, "community"), (HotlineNumberView, "community"), (TicketView, "community"))

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """Another calendar of the desk: what runs in its hours is counted anew."""
        moves = item.id is not None and values.get("calendar_id") != item.calendar_id
        super().save(session, item, values, actor)
        if moves:
            tell_moved(recount_desk(session, item.id, actor, now(), item.name))
