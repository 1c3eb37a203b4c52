"""People: households with telephones and tenures, staff with communities and buildings (D1, D2, D15)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import N_, Invalid
from app.extensions import db
from app.models import Person, Phone, Tenure
from app.rules.codes import AccessAction
from app.rules.voice_pin import PinState
from app.services import audit, call_wishes
from app.services.access import files
from app.services.actors import Actor
from app.services.links import set_phones
from app.services.new_person import LIVES_HERE, ON_FILE, settle
from app.services.transaction import transaction
from app.services.voice_pins import state_of
from app.views.base.actor import current_actor
from app.views.base.forms import form_for
from app.views.base.local import local
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface, as_id, own_rows
from app.views.permitted import may


def check_days(item: Any) -> None:
    """Raises Invalid when something ends before it starts."""
    if item.ends_on is not None and item.starts_on is not None and item.ends_on < item.starts_on:
        raise Invalid(N_("The end lies before the start."))


class TenureView(ModelPage):
    """Who is tied to which house from when until when. A sale ends one and starts another; history stays."""

    datamodel = RowInterface(Tenure)
    title, singular = _("Tenures"), _("Tenure")
    list_columns = show_columns = ["house", "person", "role", "starts_on", "ends_on"]
    search_columns = ["role", "house", "person", "starts_on", "ends_on"]
    order_columns = ["starts_on", "ends_on", "role", "id"]
    add_columns = ["house", "person", "role", "starts_on", "ends_on"]
    edit_columns = ["ends_on"]
    families = {"role": "tenure_role"}
    card = ["person", "house", "starts_on"]
    labels = {"role": _("Tie to the house")}
    form_groups = (
        (_("Who and which house"), ("person", "house", "role")),
        (_("From when until when"), ("starts_on", "ends_on")),
    )
    blames = {"The end lies before the start.": "ends_on"}
    help = {
        "person": _("Type a name or a telephone number."),
        "house": _("Type 3-2-1201, a room number or a name."),
        "role": _("An owner reads the published reports; a tenant only what is the tenant's own."),
        "starts_on": _("The first day of the tie."),
        "ends_on": _("The last day; empty as long as it lasts. After a sale or a move the history stays readable."),
    }
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
    search_columns = ["number", "is_mobile"]
    order_columns = ["number", "id"]
    base_order = ("number", "asc")
    quick_columns = ["number"]
    card = ["number", "people"]


FILE_COLUMNS = (
    "birth_date",
    "workplace",
    "postal_address",
    "emergency_contact",
    "vehicles",
    "household_notes",
    "special_needs",
    "interests",
)
"""The owner's file (D2). These columns stand in no list, search, order or export."""


_OWN_COLUMNS = ["name", "phones", "locale", "email", "wants_report_by_email"]
_TIE_COLUMNS = ["house", "role", "starts_on"]


class _Tie:
    """What `form_for` asks of a view, for the tenure in the form of a new person."""

    datamodel = RowInterface(Tenure)
    families = TenureView.families
    options: Mapping[str, Any] = {}
    inputs: Mapping[str, str] = {}
    route_base = "/tenureview"

    def __init__(self, view: ModelPage) -> None:
        self.label_of = view.label_of


class PersonView(ModelPage):
    """People of households: name, telephones, houses. The file is a page of its own, for fewer people (D15)."""

    datamodel = RowInterface(Person)
    title, singular = _("People"), _("Household member")
    list_columns = ["name", "phones", "locale"]
    families = {"locale": "locale"}
    show_columns = ["name", "phones", "email", "locale", "wants_report_by_email"]
    search_columns = ["name"]
    order_columns = ["name", "id"]
    add_columns = ["name", "phones", "house", "role", "starts_on", "locale", "email", "wants_report_by_email"]
    edit_columns = ["name", "phones", "email", "wants_report_by_email"]
    quick_columns = ["name"]
    card = ["name", "phones"]
    empty_hint = _("Add the first one here, or bring houses and people in from an Excel sheet.")
    labels = {"name": _("Full name"), "role": _("Tie to the house")}
    form_groups = (
        (_("Name and how to reach them"), ("name", "phones", "email", "wants_report_by_email", "locale")),
        (_("Where they live"), ("house", "role", "starts_on")),
    )
    blames = {LIVES_HERE: "name", ON_FILE: "phones", "Choose the house from the list.": "house"}
    help = {
        "house": TenureView.help["house"],
        "role": TenureView.help["role"],
        "starts_on": _("The day of the handover, the lease or the move. A second house is added on the person's page."),
        "locale": _("Text messages and mails are written in this language."),
        "phones": _(
            "Several numbers apart by a comma. A caller is recognised by them; one number may belong to several people."
        ),
        "email": _("The monthly report goes here when it is wanted by e-mail."),
    }
    switches = {"wants_report_by_email": (_("Yes, by e-mail"), _("No e-mail"))}
    base_order = ("id", "asc")
    related = ((TenureView, "person"),)
    show_template = "people/person.html"

    def _init_forms(self) -> None:
        """A new person comes with a first tenure: nobody could see somebody who lives nowhere."""
        self.edit_form, self.search_form = form_for(self, self.edit_columns), None
        self.add_form = type("NewPersonForm", (form_for(self, _OWN_COLUMNS), form_for(_Tie(self), _TIE_COLUMNS)), {})

    def suggested(self) -> dict[str, Any]:
        """Today, Chinese, and the house whose page led here."""
        house = as_id(request.args.get("house", ""))
        return {"starts_on": local(now()).date(), "locale": "zh", "house": house, "wants_report_by_email": True}

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """The numbers are rows of their own, shared by several people."""
        numbers = values.pop("phones", None)
        if item.id is None:
            self._settle(session, item, values, numbers or [], actor)
            return
        super().save(session, item, values, actor)
        if numbers is not None:
            set_phones(session, item, numbers)

    def _settle(self, session: Session, item: Any, values: dict[str, Any], numbers: list[str], actor: Actor) -> None:
        for name in _OWN_COLUMNS:
            if name != "phones":
                setattr(item, name, values[name])
        tie = {"house_id": values["house"], "role": values["role"], "starts_on": values["starts_on"]}
        settle(session, actor, item, **tie, numbers=numbers, now=now())

    def further_links(self, item: Any) -> list[tuple[Any, str]]:
        """The person's log-in: the desk invites."""
        if not may("can_add", "InvitePage"):
            return []
        return [(_("Invite to log in") if item.user_id is None else _("Log-in"), f"/invite/person/{item.id}")]

    def wishes(self, item: Any) -> list[call_wishes.NumberWishes]:
        """Which automatic calls and texts the person's numbers want: as they said by key, by STOP, or on their own page."""
        return call_wishes.of_person(db.session(), item)

    def check_in_href(self, item: Any) -> str | None:
        """Where the check-in calls of somebody living alone are kept, for whom the register is open. It is confidential
        who stands in it: the link is the same for everybody."""
        return f"/checkin/person/{item.id}" if may("can_view", "CheckInPage") else None

    def pin_locked(self, item: Any) -> bool:
        """Whether the person's telephone PIN is locked, for whom may open it again."""
        return may("can_unlock", "VoicePinPage") and state_of(db.session(), [item.id]) == PinState.LOCKED

    def file_href(self, item: Any) -> str | None:
        """Where the household's file is, for the roles of D15. Whether it is this one's to open, the file itself says:
        the desk may only while it handles a matter of the household."""
        view = next(view for view in self.appbuilder.baseviews if isinstance(view, PersonFileView))
        return url_for("PersonFileView.show", pk=item.id) if view.may("can_show") else None


def _file_rows(model: type[Any]) -> ColumnElement[bool]:
    """Of people those whose file the actor may read; of anything else the usual rows."""
    actor = current_actor()
    return files(actor) if model is Person and actor is not None else own_rows(model)


class PersonFileView(ModelPage):
    """The owner's file (D2): one at a time, never as a list, for the roles of D15 only, and every reading is kept."""

    datamodel = RowInterface(Person, scope=_file_rows)
    title, singular = _("Household files"), _("Household file")
    exclude_route_methods = {"choices", "action_post", "arrange", "save_view", "change_view", "export"}
    list_columns = ["name"]
    show_columns = ["name", *FILE_COLUMNS]
    edit_columns = [*FILE_COLUMNS]
    labels = {"name": _("Full name")}
    form_lead = _("This file is confidential: only the posts that need it see it, and every reading is written down.")
    form_groups = (
        (_("The household"), ("household_notes", "special_needs", "emergency_contact", "vehicles", "postal_address")),
        (_("About the person"), ("birth_date", "workplace", "interests")),
    )
    help = {
        "postal_address": _("Only where letters go elsewhere than to the house."),
        "household_notes": _("Who lives there: children, elderly people, a nanny, pets."),
        "special_needs": _(
            "Lives alone, ill, uses a wheelchair …: shown at every call and in the handover of the shift."
        ),
        "emergency_contact": _("Name and telephone of somebody to call when nobody is reached."),
        "vehicles": _("Licence plates."),
        "interests": _("For invitations to events; leave it empty when nobody said so."),
    }
    show_template = "people/file.html"

    @expose("/list/")
    @has_access
    @permission_name("show")
    def list(self) -> Any:
        """There is none: on to the people."""
        return redirect(url_for("PersonView.list"))

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """The file. That it was read is kept before it is shown."""
        self._note(pk)
        return super().show(pk)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        """Change the file: the form shows it, too."""
        if request.method == "GET":
            self._note(pk)
        return super().edit(pk)

    def _note(self, pk: str) -> None:
        person, actor, at = self._own(pk), current_actor(), now()
        name, key = person.name, person.id
        with transaction() as session:
            audit.record(
                session, actor, AccessAction.FILE_READ, name, at, kind="person", row_id=key, address=request.remote_addr
            )
