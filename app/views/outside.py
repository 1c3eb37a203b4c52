"""Outside bodies and the complaints that lie with them (D5): an administrator's list, and the numbers with their deadlines."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import ExternalReference, OutsideBody
from app.services.actors import Actor
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface


class OutsideBodyView(ModelPage):
    """The developer's customer centre, 12345, the street office, the community police of each community."""

    datamodel = RowInterface(OutsideBody)
    title, singular = _("Outside bodies"), _("Outside body")
    list_columns = ["name", "kind", "community", "contact", "phone", "active"]
    show_columns = ["name", "name_en", "kind", "community", "contact", "phone", "email", "address", "active"]
    search_columns = ["kind", "name", "community", "active"]
    quick_columns = ["name"]
    add_columns = ["community", "kind", "name", "name_en", "contact", "phone", "email", "address", "active"]
    edit_columns = ["kind", "name", "name_en", "contact", "phone", "email", "address", "active"]
    order_columns = ["name", "kind", "id"]
    families = {"kind": "outside_kind"}
    labels = {"kind": _("What it is"), "contact": _("Who is spoken to"), "phone": _("Phone number")}
    inputs = {"email": "email", "phone": "tel"}
    card = ["name", "kind", "phone"]
    form_groups = (
        (_("Which body"), ("community", "kind", "name", "name_en", "active")),
        (_("How it is reached"), ("contact", "phone", "email", "address")),
    )
    help = {
        "kind": _("Complaints name the kind; the community's own body of that kind is filled in."),
        "email": _("Letters to it may be sent from the ticket where there is an address."),
        "active": _("A body out of use is not offered any more; what was written to it stays."),
    }
    switches = {"active": (_("In use"), _("Not in use"))}
    blames = {"Write the name of the body.": "name"}
    base_order = ("community_id", "asc")
    empty_hint = _("Add the developer's customer centre, 12345, the street office and the community police.")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """Texts without blanks around; a name there must be."""
        texts = ("name", "name_en", "contact", "address")
        values |= {name: " ".join(str(values[name] or "").split()) for name in texts if name in values}
        values |= {name: (str(values[name] or "").strip() or None) for name in ("phone", "email") if name in values}
        if not values.get("name"):
            raise Invalid(N_("Write the name of the body."))
        super().save(session, item, values, actor)


class ExternalReferenceView(ModelPage):
    """Complaints under the number of an outside body, the nearest deadline first."""

    datamodel = RowInterface(ExternalReference)
    title, singular = _("Outside numbers"), _("Outside number")
    has_name = False
    list_columns = ["number", "kind", "direction", "ticket", "due_at", "answered_at"]
    show_columns = [
        "number",
        "kind",
        "body",
        "direction",
        "ticket",
        "words",
        "noted_at",
        "due_at",
        "answered_at",
        "answer",
    ]
    search_columns = ["number", "kind", "direction", "due_at", "answered_at"]
    quick_columns = ["number"]
    order_columns = ["due_at", "noted_at", "answered_at", "number", "id"]
    families = {"kind": "outside_kind", "direction": "direction_of_reference"}
    labels = {
        "number": _("Its number there"),
        "kind": _("Outside body"),
        "body": _("Name"),
        "direction": _("Who to whom"),
        "words": _("What it says"),
        "due_at": _("Deadline"),
        "noted_at": _("Noted at"),
        "answered_at": _("Answered at"),
        "answer": _("Answer"),
    }
    base_order = ("due_at", "desc")
    card = ["kind", "number", "due_at"]
    empty_hint = _("They are noted on a complaint's page, where 12345 or the developer puts it to us.")
    links = {"ticket": lambda item: f"/ticket/{item.ticket.number}"}
