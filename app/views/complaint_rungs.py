"""The path of complaints upward, an administrator's list (D1: the ladder of roles is data)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import ComplaintRung
from app.services.actors import Actor
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface


class ComplaintRungView(ModelPage):
    """Who decides on complaints, step by step; the last step has nobody above."""

    datamodel = RowInterface(ComplaintRung)
    title, singular = _("Path of complaints"), _("Step of the path")
    has_name = False
    list_columns = ["position", "role", "active"]
    show_columns = ["position", "role", "active"]
    search_columns = ["role", "active"]
    order_columns = ["position", "role", "id"]
    edit_columns = ["position", "active"]
    families = {"role": "role"}
    labels = {"role": _("Who decides"), "position": _("Order")}
    card = ["role", "position"]
    form_groups = ((_("Where it stands"), ("position", "active")),)
    help = {
        "position": _("Smaller numbers decide first; what exceeds one's authority goes to the next."),
        "active": _("A step where nobody works is passed over by itself."),
    }
    switches = {"active": (_("In use"), _("Not in use"))}
    base_order = ("position", "asc")
    blames = {
        "The order starts at 1.": "position",
        "Another step has this place already.": "position",
        "At least one step stays in use: somebody must decide.": "active",
    }
    empty_hint = _("The steps come with the reference data: `flask seed`.")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """Each step has a place of its own, and one at least is in use."""
        position, active = values.get("position"), values.get("active")
        if not position or position < 1:
            raise Invalid(N_("The order starts at 1."))
        others = session.scalars(select(ComplaintRung).where(ComplaintRung.id != item.id)).all()
        if any(other.position == position for other in others):
            raise Invalid(N_("Another step has this place already."))
        if not active and not any(other.active for other in others):
            raise Invalid(N_("At least one step stays in use: somebody must decide."))
        super().save(session, item, values, actor)
