"""The steps of a month's fee reminders, an administrator's table (D10)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import ReminderStep
from app.services.actors import Actor
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface

LONGEST_WAIT = 60


class ReminderStepView(ModelPage):
    """Which way comes first, which after how many days, and what each says."""

    datamodel = RowInterface(ReminderStep)
    title, singular = _("Reminder steps"), _("Reminder step")
    has_name = False
    list_columns = ["way", "position", "after_days", "text", "active"]
    show_columns = ["way", "position", "after_days", "text", "text_en", "active"]
    search_columns = ["way", "active"]
    order_columns = ["position", "after_days", "id"]
    add_columns = edit_columns = ["way", "position", "after_days", "text", "text_en", "active"]
    families = {"way": "reminder_way"}
    labels = {"way": _("How"), "text": _("Chinese"), "text_en": _("English")}
    card = ["way", "after_days"]
    form_groups = (
        (_("When its turn comes"), ("way", "position", "after_days", "active")),
        (_("What it says"), ("text", "text_en")),
    )
    help = {
        "way": _("A text, a call, or a letter that somebody prints and hands over."),
        "position": _("Smaller numbers come first."),
        "after_days": _(
            "Days after the step before it; the first step comes with the beginning of the round. 0 to 60."
        ),
        "text": _(
            "A text and a call go to whoever holds the telephone: no name, no house, no sum. A letter lists the bills by itself."
        ),
        "text_en": _("The same in English."),
        "active": _("A step out of use is passed over; what it has made stays on record."),
    }
    blames = {"Write the text in Chinese.": "text", "Write the text in English.": "text_en"}
    switches = {"active": (_("In use"), _("Not in use"))}
    base_order = ("position", "asc")
    empty_hint = _("The first steps come with the reference data: `flask seed`.")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """One paragraph in each language; days within a round."""
        text, english = (" ".join(str(values.get(name) or "").split()) for name in ("text", "text_en"))
        if not text:
            raise Invalid(N_("Write the text in Chinese."))
        if not english:
            raise Invalid(N_("Write the text in English."))
        days = values.get("after_days")
        if days is None or not 0 <= days <= LONGEST_WAIT:
            raise Invalid(N_("Enter a whole number from %(low)s to %(high)s."), low=0, high=LONGEST_WAIT)
        super().save(session, item, values | {"text": text, "text_en": english}, actor)
