"""The service catalogue with its prices (D9)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.models import ServiceItem, ServicePrice
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface


class ServicePriceView(ModelPage):
    """Prices with the day they are valid from; an order keeps the price of its day."""

    datamodel = RowInterface(ServicePrice)
    title, singular = _("Prices"), _("Price")
    list_columns = ["item", "variant", "kind", "amount_yuan", "unit", "percent", "valid_from"]
    show_columns = [
        "item",
        "variant",
        "variant_en",
        "kind",
        "amount_yuan",
        "unit",
        "unit_en",
        "percent",
        "base",
        "valid_from",
    ]
    search_columns = ["item", "kind", "valid_from"]
    order_columns = ["valid_from", "amount_yuan", "id"]
    add_columns = [
        "item",
        "variant",
        "variant_en",
        "kind",
        "amount_yuan",
        "unit",
        "unit_en",
        "percent",
        "base",
        "base_en",
        "valid_from",
    ]
    families = {"kind": "price_kind"}
    labels = {"kind": _("Kind of price")}
    base_order = ("id", "asc")


class ServiceItemView(ModelPage):
    """Free and paid services."""

    datamodel = RowInterface(ServiceItem)
    title, singular = _("Services"), _("Service")
    list_columns = ["name", "is_paid", "prices", "department", "active"]
    show_columns = ["name", "name_en", "code", "is_paid", "description", "description_en", "department", "active"]
    search_columns = ["name", "is_paid", "active"]
    order_columns = ["position", "name", "is_paid", "id"]
    add_columns = [
        "code",
        "name",
        "name_en",
        "is_paid",
        "description",
        "description_en",
        "department",
        "active",
        "position",
    ]
    edit_columns = ["name", "name_en", "is_paid", "description", "description_en", "department", "active", "position"]
    base_order = ("position", "asc")
    related = ((ServicePriceView, "item"),)
