"""The service catalogue with its prices (D9)."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.models import ServiceItem, ServicePrice
from app.rules.codes import PriceKind
from app.services.names import is_english
from app.views.base.cells import yuan
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.labels import code_label


def price_words(prices: Iterable[ServicePrice]) -> str:
    """The prices in a line: `A4 0.50 yuan per sheet; A3 1.00 yuan per sheet`."""
    return gettext("; ").join(_one_price(price) for price in prices)


def _one_price(price: ServicePrice) -> str:
    english = is_english()
    variant = (english and price.variant_en) or price.variant
    if price.kind == PriceKind.FIXED:
        unit = (english and price.unit_en) or price.unit
        words = gettext("%(amount)s yuan per %(unit)s", amount=yuan(price.amount_yuan), unit=unit)
    elif price.kind == PriceKind.PERCENT and price.percent is not None:
        base = (english and price.base_en) or price.base
        words = gettext("%(percent)s %% of %(base)s", percent=f"{price.percent.normalize():f}", base=base)
    else:
        words = code_label("price_kind", price.kind)
    return f"{variant} {words}".strip()


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
    form_groups = (
        (_("What is priced"), ("item", "variant", "variant_en")),
        (_("The price"), ("kind", "amount_yuan", "unit", "unit_en")),
        (_("A share instead of a sum"), ("percent", "base", "base_en")),
        (_("From when"), ("valid_from",)),
    )
    help = {
        "variant": _("Where one service has several prices: A4, A3 …"),
        "kind": _("A fixed sum, a share of something, or by quotation."),
        "amount_yuan": _("Only for a fixed sum."),
        "unit": _("Per what: sheet, hour, square metre …"),
        "percent": _("Only for a share."),
        "base": _("Of what the share is taken, such as the rent of a month."),
        "valid_from": _("Orders keep the price of their day; an older price stays for them."),
    }
    base_order = ("id", "asc")


class ServiceItemView(ModelPage):
    """Free and paid services."""

    datamodel = RowInterface(ServiceItem)
    title, singular = _("Services"), _("Service item")
    list_columns = ["name", "is_paid", "prices", "department", "active"]
    show_columns = ["name", "name_en", "code", "is_paid", "description", "description_en", "department", "active"]
    search_columns = ["name", "is_paid", "department", "active"]
    quick_filters = ["is_paid", "department", "active"]
    quick_columns = ["name"]
    hidden_columns = ["code", "name_en", "description_en"]
    card = ["name", "prices", "department"]
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
    form_groups = (
        (_("The service"), ("code", "name", "name_en", "description", "description_en")),
        (_("Who does it, and for what"), ("department", "is_paid")),
        (_("In lists"), ("active", "position")),
    )
    help = {
        "code": _("A short English word. It never changes afterwards."),
        "description": _("Read by households on their pages."),
        "is_paid": _("Callers are told first whether a service is free."),
        "active": _("A service out of use is not offered any more; its orders stay."),
        "position": _("Smaller numbers come first in lists."),
    }
    switches = {"active": (_("Offered"), _("Not offered")), "is_paid": (_("Paid"), _("Free"))}
    texts = {"prices": lambda item: price_words(item.prices)}
    base_order = ("position", "asc")
    related = ((ServicePriceView, "item"),)
