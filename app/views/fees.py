"""Fee items and bills (D10)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.models import Bill, FeeItem
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface


class BillView(ModelPage):
    """Bills: made by a billing run, never by hand, never deleted."""

    datamodel = RowInterface(Bill)
    title, singular = _("Bills"), _("Bill")
    has_name = False
    list_columns = ["period", "house", "fee_item", "payer", "amount", "paid_yuan", "state", "due_on"]
    show_columns = [
        "period",
        "house",
        "fee_item",
        "payer",
        "quantity",
        "rate",
        "amount",
        "paid_yuan",
        "state",
        "issued_on",
        "due_on",
        "paid_at",
    ]
    search_columns = ["period", "state", "house", "payer", "fee_item", "due_on"]
    order_columns = ["period", "amount", "state", "due_on", "id"]
    families = {"state": "bill_state"}
    base_order = ("period", "desc")


class FeeItemView(ModelPage):
    """What is charged, per what, at which rate."""

    datamodel = RowInterface(FeeItem)
    title, singular = _("Fee items"), _("Fee item")
    list_columns = show_columns = ["name", "name_en", "code", "community", "basis", "rate", "valid_from"]
    search_columns = ["name", "community", "basis"]
    order_columns = ["name", "code", "rate", "id"]
    add_columns = ["community", "code", "name", "name_en", "basis", "rate", "valid_from"]
    edit_columns = ["name", "name_en", "rate", "valid_from"]
    families = {"basis": "fee_basis"}
    base_order = ("id", "asc")
