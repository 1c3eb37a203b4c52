"""`/billing/…`: a month's run, looked at before it is posted (D10). Only finance posts and cancels."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Bill, FeeConcession, FeeRate, FeeUse
from app.models.base import BIGGEST_ID
from app.services import billing, fee_rates
from app.services.access import rows
from app.services.actors import Actor
from app.services.transaction import transaction
from app.views.arrears import chosen, communities
from app.views.base import BasePage, expose, has_access, local, permission_name, sentence
from app.views.base.model_page import ModelPage
from app.views.base.replay import claimed
from app.views.base.rows import RowInterface
from app.views.permitted import may


class BillingPage(BasePage):
    """Preview, post, progress; a bill is cancelled and made anew."""

    route_base = "/billing"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """The months so far; with `?period=` what a run of that month would do."""
        return self._page("", 200)

    @expose("/run", methods=["POST"])
    @has_access
    @permission_name("post")
    def run(self) -> Any:
        """Post: the first houses at once, the rest by the job."""
        actor, at = self.actor(), now()
        community = chosen(communities(actor))
        if community is None:
            abort(404)
        period = request.form.get("period", "")
        try:
            with transaction() as session:
                key = billing.start(session, session.merge(community, load=False), period, actor, at).id
            with transaction() as session:
                more = billing.step(session, key, actor, at)
            if more:
                with transaction() as session:
                    more = billing.step(session, key, actor, at)
        except LinliError as error:
            return self._page(sentence(error), error.status)
        said = (
            gettext("The month is being posted: look at its progress below.")
            if more
            else gettext("The month is posted.")
        )
        flash(said, "success")
        return redirect(f"/billing/?community={community.id}")

    @expose("/bill/<int:pk>/cancel", methods=["POST"])
    @has_access
    @permission_name("post")
    def cancel(self, pk: int) -> Any:
        """Cancel a bill, and where wanted make it anew."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                bill = session.scalars(
                    select(Bill).where(Bill.id == min(pk, BIGGEST_ID), rows(actor, Bill))
                ).one_or_none()
                if bill is None:
                    abort(404)
                made = billing.cancel(session, bill, sent, actor, at)
                address = form.led_to(f"/billview/show/{pk}")
        except LinliError as error:
            flash(sentence(error), "danger")
            typed = urlencode({name: sent[name][:255] for name in ("note", "again") if sent.get(name)})
            return redirect(f"/billview/show/{pk}?{typed}#undo")
        anew = ngettext("%(num)d bill was made anew.", "%(num)d bills were made anew.", made) if made else ""
        flash(" ".join(filter(None, (gettext("The bill is cancelled."), anew))), "success")
        return redirect(address)

    def _page(self, error: str, status: int) -> Any:
        actor, session, at = self.actor(), db.session(), now()
        known = communities(actor)
        community = chosen(known)
        period = request.values.get("period", "")[:10]
        found = None
        if community and period and not error:
            try:
                found = billing.preview(session, community, period, at)
            except LinliError as refused:
                error, status = sentence(refused), refused.status
        page = self.render_template(
            "payments/billing.html",
            communities=known,
            community=community,
            period=period or f"{local(at):%Y-%m}",
            found=found,
            runs=billing.runs(session, community.id) if community else [],
            error=error,
            may_post=may("can_post", "BillingPage"),
        )
        return page, status


class FeeRateView(ModelPage):
    """Every rate there was; a new one is entered at its fee item."""

    datamodel = RowInterface(FeeRate)
    title, singular = _("Rates"), _("Rate")
    has_name = False
    list_columns = show_columns = ["fee_item", "rate", "valid_from"]
    search_columns = ["fee_item", "valid_from"]
    order_columns = ["valid_from", "id"]
    card = ["fee_item", "rate", "valid_from"]
    base_order = ("valid_from", "desc")
    empty_hint = _("A rate is entered at its fee item, with the day it holds from.")


class FeeUseView(ModelPage):
    """How many parking spaces a house has, from a day to a day."""

    datamodel = RowInterface(FeeUse)
    title, singular = _("Parking spaces and other numbers"), _("Number of an item")
    has_name = False
    list_columns = show_columns = ["house", "fee_item", "quantity", "starts_on", "ends_on", "note"]
    search_columns = ["house", "fee_item", "starts_on"]
    order_columns = ["starts_on", "id"]
    add_columns = edit_columns = ["house", "fee_item", "quantity", "starts_on", "ends_on", "note"]
    card = ["house", "fee_item", "quantity"]
    labels = {"starts_on": _("First day"), "ends_on": _("Last day")}
    form_groups = (
        (_("What the house has"), ("house", "fee_item", "quantity", "note")),
        (_("When it counts"), ("starts_on", "ends_on")),
    )
    help = {
        "quantity": _("Such as two parking spaces."),
        "ends_on": _("Empty: until further notice."),
        "note": _("Such as the numbers of the spaces."),
    }
    empty_hint = _("Fee items per vehicle are charged by these numbers.")
    base_order = ("id", "desc")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """Of one community, from a day to a later one."""
        fee_rates.place(session, item, values)
        super().save(session, item, values, actor)


class FeeConcessionView(ModelPage):
    """Discounts and waivers, with who decided them and why."""

    datamodel = RowInterface(FeeConcession)
    title, singular = _("Discounts and waivers"), _("Discount or waiver")
    has_name = False
    list_columns = ["house", "fee_item", "percent", "starts_on", "ends_on", "reason", "decided_by"]
    show_columns = [*list_columns, "decided_at"]
    search_columns = ["house", "fee_item", "starts_on"]
    order_columns = ["starts_on", "id"]
    add_columns = edit_columns = ["house", "fee_item", "percent", "starts_on", "ends_on", "reason"]
    card = ["house", "percent", "fee_item"]
    labels = {
        "starts_on": _("First day"),
        "ends_on": _("Last day"),
        "decided_by": _("Decided by"),
        "decided_at": _("Decided at"),
    }
    form_groups = (
        (_("What is charged less"), ("house", "fee_item", "percent", "reason")),
        (_("When it counts"), ("starts_on", "ends_on")),
    )
    help = {
        "percent": _("So many percent less; 100 is a waiver."),
        "ends_on": _("Empty: until further notice."),
        "reason": _("Why, and on whose word."),
    }
    empty_hint = _("Nobody pays less than the rate.")
    base_order = ("id", "desc")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """Who decided it is whoever writes it."""
        fee_rates.decide(session, item, values, actor, now())
        super().save(session, item, values, actor)
