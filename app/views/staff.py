"""Who works here: staff with communities and buildings, and departments (D1, D15)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.models import Building, Department, Skill, Staff, StewardBuilding
from app.services.actors import Actor
from app.services.links import set_communities, set_skills
from app.services.ticket_input import phone_number
from app.services.user_admin import switch_off
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.people import check_days


class StewardBuildingView(ModelPage):
    """Which steward is the first person responsible for which building."""

    datamodel = RowInterface(StewardBuilding)
    title, singular = _("Stewards' buildings"), _("Steward's building")
    list_columns = show_columns = ["building", "staff", "starts_on", "ends_on"]
    search_columns = ["staff", "building"]
    order_columns = ["starts_on", "ends_on", "id"]
    add_columns = ["staff", "building", "starts_on", "ends_on"]
    edit_columns = ["ends_on"]
    labels = {"staff": _("Steward")}
    form_groups = (
        (_("Who looks after which building"), ("staff", "building")),
        (_("From when until when"), ("starts_on", "ends_on")),
    )
    blames = {"The end lies before the start.": "ends_on"}
    help = {
        "staff": _("Sees the houses, households and tickets of this building."),
        "ends_on": _("The last day; empty as long as it lasts."),
    }
    base_order = ("id", "asc")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """The community is the building's."""
        if "building_id" in values:
            building = session.get_one(Building, values["building_id"])
            values = values | {"community_id": building.community_id}
        super().save(session, item, values, actor)
        check_days(item)


class StaffView(ModelPage):
    """Who works here."""

    datamodel = RowInterface(Staff)
    title, singular = _("Staff"), _("Staff member")
    list_columns = ["name", "role", "department", "number", "active"]
    card = ["name", "department", "number"]
    show_columns = [
        "name",
        "role",
        "department",
        "leads_department",
        "skills",
        "number",
        "email",
        "communities",
        "promise",
        "active",
    ]
    search_columns = ["name", "role", "department", "active"]
    order_columns = ["name", "role", "id"]
    edit_columns = [
        "name",
        "department",
        "leads_department",
        "skills",
        "communities",
        "number",
        "email",
        "promise",
        "active",
    ]
    families = {"role": "role"}
    labels = {
        "number": _("Telephone number"),
        "name": _("Full name"),
        "leads_department": _("Leads the department"),
        "skills": _("Skills"),
    }
    form_groups = (
        (_("Name and place of work"), ("name", "department", "communities", "active")),
        (_("What they can do"), ("skills", "leads_department")),
        (_("How to reach them"), ("number", "email")),
        (_("In the monthly report"), ("promise",)),
    )
    help = {
        "communities": _("Whoever works in a community sees its records, as far as the role allows."),
        "active": _(
            "Somebody who has left gets no new work, is not rung and can no longer log in. "
            "What they did stays under their name."
        ),
        "skills": _("Work whose category asks for a skill goes only to those who have it."),
        "leads_department": _("Work that nobody of the department on duty can do stays with whoever leads it."),
        "number": _("Rung in an emergency when on duty."),
        "promise": _("The sentence on the steward's card in the monthly report."),
    }
    inputs = {"number": "tel"}
    switches = {"active": (_("Works here"), _("Has left")), "leads_department": (_("Leads it"), _("Does not lead it"))}
    base_order = ("id", "asc")
    related = ((StewardBuildingView, "staff"),)

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """The ladder rings this number: it is kept in E.164. Whoever has left logs in no more."""
        communities, skills = values.pop("communities", None), values.pop("skills", None)
        super().save(session, item, values | {"number": phone_number(values.get("number"))}, actor)
        if communities is not None:
            set_communities(session, item, communities, actor)
        if skills is not None:
            set_skills(session, item, skills)
        if not item.active and item.user_id is not None:
            switch_off(session, actor, item.user_id, now())


class SkillView(ModelPage):
    """What somebody must be able, or licensed, to do for work of some categories."""

    datamodel = RowInterface(Skill)
    title, singular = _("Skills"), _("Skill")
    list_columns = show_columns = ["name", "name_en", "code", "active"]
    search_columns = ["name", "active"]
    add_columns = ["code", "name", "name_en", "active", "position"]
    edit_columns = ["name", "name_en", "active", "position"]
    order_columns = ["position", "name", "id"]
    form_groups = ((_("The skill"), ("code", "name", "name_en")), (_("In lists"), ("active", "position")))
    help = {
        "code": _("A short English word, such as electrician. It never changes afterwards."),
        "active": _("A skill out of use is not offered any more; who has it keeps it."),
        "position": _("Smaller numbers come first in lists."),
    }
    switches = {"active": (_("In use"), _("Not in use"))}
    base_order = ("position", "asc")
    empty_hint = _("Write down what needs a licence: electrician, lifts, locks … Then say it of categories and staff.")


class DepartmentView(ModelPage):
    """Departments."""

    datamodel = RowInterface(Department)
    title, singular = _("Departments"), _("Department")
    list_columns = show_columns = ["name", "name_en", "code", "position"]
    add_columns = ["code", "name", "name_en", "position"]
    edit_columns = ["name", "name_en", "position"]
    form_groups = ((_("The department"), ("code", "name", "name_en", "position")),)
    help = {
        "code": _("A short English word, such as engineering. It never changes afterwards."),
        "position": _("Smaller numbers come first in lists."),
    }
    order_columns = ["position", "name", "id"]
    base_order = ("position", "asc")
    related = ((StaffView, "department"),)
