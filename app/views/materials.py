"""The materials that work on tickets uses up, with unit and price."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

from app.models import Material
from app.services.names import is_english
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface


class MaterialView(ModelPage):
    """What technicians choose from; a line on a ticket keeps the price of its day."""

    datamodel = RowInterface(Material)
    title, singular = _("Materials"), lazy_pgettext("cost", "Material")
    list_columns = ["name", "unit", "price_yuan", "department", "active"]
    show_columns = ["name", "name_en", "code", "unit", "unit_en", "price_yuan", "department", "active", "position"]
    search_columns = ["name", "department", "active", "price_yuan"]
    quick_filters = ["department", "active"]
    quick_columns = ["name"]
    hidden_columns = ["code", "name_en"]
    card = ["name", "unit", "price_yuan"]
    order_columns = ["position", "name", "price_yuan", "id"]
    add_columns = ["code", "name", "name_en", "unit", "unit_en", "price_yuan", "department", "active", "position"]
    edit_columns = ["name", "name_en", "unit", "unit_en", "price_yuan", "department", "active", "position"]
    labels = {"price_yuan": _("Price of one (yuan)"), "unit_en": _("Unit (English)")}
    form_groups = (
        (_("The material"), ("code", "name", "name_en")),
        (_("The price"), ("unit", "unit_en", "price_yuan")),
        (_("In lists"), ("department", "active", "position")),
    )
    help = {
        "code": _("A short English word. It never changes afterwards."),
        "unit": _("What is counted: piece, metre, litre …"),
        "price_yuan": _("Of one unit. Lines that are written already keep the price of their day."),
        "department": _("Its people find the material first; empty: everybody's."),
        "active": _("A material out of use is not offered any more; its lines stay."),
        "position": _("Smaller numbers come first in lists."),
    }
    texts = {"unit": lambda item: (is_english() and item.unit_en) or item.unit}
    switches = {"active": (_("Offered"), _("Not offered"))}
    empty_hint = _("Write down what is kept in store, with unit and price: technicians choose from it.")
    base_order = ("position", "asc")
