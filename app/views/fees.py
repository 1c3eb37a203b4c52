"""Fee items and bills (D10)."""

from __future__ import annotations

from typing import Any

from flask import abort
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.models import Bill, FeeItem
from app.rules.codes import BillState
from app.services import fee_rates
from app.services.actors import Actor
from app.views.base import expose, has_access, permission_name
from app.views.base.actor import current_actor
from app.views.base.listing import Preset
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.bill_paper import bill_answer, bill_costs
from app.views.permitted import may

_PAPERS = (("zh", _("PDF in Chinese")), ("en", _("PDF in English")))


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
        "from_on",
        "to_on",
        "waived_yuan",
        "amount",
        "paid_yuan",
        "state",
        "issued_on",
        "due_on",
        "paid_at",
        "cancelled_at",
        "cancelled_by",
        "cancel_reason",
    ]
    labels = {
        "quantity": _("Area (m²) or quantity"),
        "from_on": _("From day"),
        "to_on": _("To day"),
        "waived_yuan": _("Waived (yuan)"),
        "cancelled_at": _("Cancelled at"),
        "cancelled_by": _("Cancelled by"),
        "cancel_reason": _("Why it was cancelled"),
    }
    show_template = "payments/bill.html"
    search_columns = ["period", "state", "house", "payer", "fee_item", "due_on", "amount"]
    quick_filters = ["state", "fee_item", "house", "due_on"]
    quick_columns = ["period"]
    card = ["house", "amount", "due_on"]
    presets = (
        Preset(
            "owed",
            _("Owed"),
            (("_flt_0_state", "open"), ("_flt_0_state", "part_paid"), ("_flt_1_due_on", "today-1"))
            + (("_oc_BillView", "due_on"), ("_od_BillView", "asc")),
            _("Nobody is in arrears."),
        ),
    )
    empty_hint = _("Bills are made by the billing run of a month.")
    order_columns = ["period", "amount", "state", "due_on", "id"]
    families = {"state": "bill_state"}
    base_order = ("period", "desc")

    @expose("/show/<pk>.pdf", methods=["GET"])
    @has_access
    @permission_name("show")
    def paper(self, pk: str) -> Any:
        """The bill as the household gets it; `?lang=zh` or `en`. That it left the system is kept."""
        bill = self._own(pk, self.eager(["community", "house", "fee_item", "payer"]))
        return bill_answer(bill, current_actor() or abort(401))

    def may_cancel(self, item: Any) -> bool:
        """Whether the reader may cancel this bill now."""
        return bool(item.state != BillState.CANCELLED) and may("can_post", "BillingPage")

    def further_links(self, item: Any) -> list[tuple[Any, str]]:
        """The paper in both languages; the house's reminders with the proof of their delivery."""
        papers: list[tuple[Any, str]] = [
            (label, f"/billview/show/{item.id}.pdf?lang={code}") for code, label in _PAPERS
        ]
        for number in dict.fromkeys(line.ticket.number for line in bill_costs(item)):
            papers.append((_("Material and costs"), f"/ticket/{number}/costs"))
        reminded = may("can_view", "ArrearsPage")
        return [*papers, *([(_("Arrears and reminders"), f"/arrears/house/{item.house_id}")] if reminded else [])]


class FeeItemView(ModelPage):
    """What is charged, per what, at which rate."""

    datamodel = RowInterface(FeeItem)
    title, singular = _("Fee items"), _("Fee item")
    list_columns = show_columns = ["name", "name_en", "code", "community", "basis", "rate", "valid_from", "ends_on"]
    search_columns = ["name", "community", "basis"]
    order_columns = ["name", "code", "rate", "id"]
    add_columns = ["community", "code", "name", "name_en", "basis", "rate", "valid_from", "ends_on"]
    edit_columns = ["name", "name_en", "rate", "valid_from", "ends_on"]
    labels = {"ends_on": _("Last day")}
    families = {"basis": "fee_basis"}
    form_groups = (
        (_("What is charged"), ("community", "code", "name", "name_en")),
        (_("How much"), ("basis", "rate", "valid_from", "ends_on")),
    )
    help = {
        "code": _("A short English word, such as property. It never changes afterwards."),
        "basis": _("What the rate is multiplied by. It never changes afterwards: make another item instead."),
        "rate": _("Yuan for one unit of the basis, up to four decimal places."),
        "valid_from": _("The rate before holds until the day before; within a month both are charged by days."),
        "ends_on": _("Empty: until further notice."),
    }
    base_order = ("id", "asc")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """A rate with a new first day stands beside the earlier ones."""
        super().save(session, item, values, actor)
        fee_rates.note_rate(session, item)
