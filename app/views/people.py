"""People: households with telephones and tenures, staff with communities and buildings (D1, D2, D15)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import Building, Department, Person, Phone, Staff, StewardBuilding, Tenure
from app.services.actors import Actor
from app.services.ticket_input import phone_number
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface


def check_days(item: Any) -> None:
    """Raises Invalid when something ends before it starts."""
    if item.ends_on is not None and item.starts_on is not None and item.ends_on < item.starts_on:
        raise Invalid(N_("The end lies before the start."))


class TenureView(ModelPage):
    """Who is tied to which house from when until when. A sale ends one and starts another; history stays."""

    datamodel = RowInterface(Tenure)
    title, singular = _("Tenures"), _("Tenure")
    list_columns = show_columns = ["house", "person", "role", "starts_on", "ends_on"]
    search_columns = ["house", "person", "role"]
    order_columns = ["starts_on", "ends_on", "role", "id"]
    add_columns = ["house", "person", "role", "starts_on", "ends_on"]
    edit_columns = ["ends_on"]
    families = {"role": "tenure_role"}
    labels = {"role": _("Tie to the house")}
    base_order = ("starts_on", "desc")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """A tenure never ends before it starts."""
        super().save(session, item, values, actor)
        check_days(item)


class PhoneView(ModelPage):
    """Telephone numbers and whose they are: several people a number, several numbers a person."""

    datamodel = RowInterface(Phone)
    title, singular = _("Telephone numbers"), _("Telephone number")
    list_columns = show_columns = ["number", "people", "is_mobile"]
    search_columns = ["number"]
    order_columns = ["number", "id"]
    base_order = ("number", "asc")


class PersonView(ModelPage):
    """People of households. The file is confidential: only the roles of the matrix, only their rows (D15)."""

    datamodel = RowInterface(Person)
    title, singular = _("People"), _("Household member")
    list_columns = ["name", "phones", "locale"]
    show_columns = [
        "name",
        "phones",
        "email",
        "locale",
        "wants_report_by_email",
        "birth_date",
        "workplace",
        "postal_address",
        "emergency_contact",
        "vehicles",
        "household_notes",
        "special_needs",
        "interests",
    ]
    search_columns = ["name"]
    order_columns = ["name", "id"]
    edit_columns = [
        "name",
        "email",
        "wants_report_by_email",
        "birth_date",
        "workplace",
        "postal_address",
        "emergency_contact",
        "vehicles",
        "household_notes",
        "special_needs",
        "interests",
    ]
    labels = {"name": _("Full name")}
    base_order = ("id", "asc")
    related = ((TenureView, "person"),)


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
    show_columns = ["name", "role", "department", "number", "email", "communities", "promise", "active"]
    search_columns = ["name", "role", "department", "active"]
    order_columns = ["name", "role", "id"]
    edit_columns = ["name", "department", "number", "email", "promise", "active"]
    families = {"role": "role"}
    labels = {"number": _("Telephone number"), "name": _("Full name")}
    base_order = ("id", "asc")
    related = ((StewardBuildingView, "staff"),)

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """The ladder rings this number: it is kept in E.164."""
        super().save(session, item, values | {"number": phone_number(values.get("number"))}, actor)


class DepartmentView(ModelPage):
    """Departments."""

    datamodel = RowInterface(Department)
    title, singular = _("Departments"), _("Department")
    list_columns = show_columns = ["name", "name_en", "code", "position"]
    add_columns = ["code", "name", "name_en", "position"]
    edit_columns = ["name", "name_en", "position"]
    order_columns = ["position", "name", "id"]
    base_order = ("position", "asc")
    related = ((StaffView, "department"),)
