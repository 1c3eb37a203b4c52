"""Stock phrases, an administrator's list."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import Phrase
from app.services.actors import Actor
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface


class PhraseView(ModelPage):
    """Short texts that the forms of steps offer to start from."""

    datamodel = RowInterface(Phrase)
    title, singular = _("Stock phrases"), _("Stock phrase")
    list_columns = ["text", "text_en", "use", "active"]
    show_columns = ["use", "text", "text_en", "position", "active"]
    search_columns = ["use", "text", "text_en", "active"]
    quick_columns = ["text", "text_en"]
    add_columns = edit_columns = ["use", "text", "text_en", "position", "active"]
    order_columns = ["use", "position", "text", "id"]
    families = {"use": "phrase_use"}
    labels = {"use": _("Offered in"), "text": _("Chinese"), "text_en": _("English")}
    card = ["text", "text_en"]
    form_groups = (
        (_("What it says"), ("text", "text_en")),
        (_("Where it is offered"), ("use", "position", "active")),
    )
    help = {
        "text": _("Offered to colleagues who read Chinese, and where a household that reads Chinese is told."),
        "text_en": _("The same in English."),
        "use": _("The step of a ticket whose form offers it."),
        "position": _("Smaller numbers come first; at most 12 are offered."),
        "active": _("A phrase out of use is not offered; what was written with it stays."),
    }
    blames = {"Write the phrase in Chinese.": "text", "Write the phrase in English.": "text_en"}
    switches = {"active": (_("Offered"), _("Not offered"))}
    base_order = ("use", "asc")
    empty_hint = _("The first phrases come with the reference data: `flask seed`.")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """One line in each language."""
        text, english = (" ".join(str(values.get(name) or "").split()) for name in ("text", "text_en"))
        if not text:
            raise Invalid(N_("Write the phrase in Chinese."))
        if not english:
            raise Invalid(N_("Write the phrase in English."))
        super().save(session, item, values | {"text": text, "text_en": english}, actor)
