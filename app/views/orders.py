"""Service orders (D9): the list, and the page of one with its steps."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import ServiceOrder
from app.rules.codes import OrderState
from app.rules.service_orders import allowed
from app.services import service_orders
from app.services.price_words import tag_words
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.actor import current_actor
from app.views.base.cells import is_english
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.permitted import may

STEP_WORDS = {
    "quote": _("Quote a price"),
    "accept": _("The household accepts the price"),
    "schedule": _("Agree on day and time"),
    "finish": _("It is done"),
    "charge": _("Charge it"),
    "cancel": _("Cancel the order"),
}


class ServiceOrderView(ModelPage):
    """What households ordered, each with the price of its day; what happened stands on its ticket."""

    datamodel = RowInterface(ServiceOrder)
    title, singular = _("Service orders"), _("Service order")
    has_name = False
    list_columns = ["item", "variant", "house", "state", "ticket", "created_at", "scheduled_at"]
    show_columns = [
        "item",
        "variant",
        "count",
        "amount_yuan",
        "state",
        "house",
        "ticket",
        "created_at",
        "price_accepted_at",
        "quoted_yuan",
        "scheduled_at",
        "done_at",
        "charged_yuan",
        "charged_at",
    ]
    search_columns = ["state", "item", "created_at", "scheduled_at"]
    order_columns = ["created_at", "scheduled_at", "state", "id"]
    families = {"state": "order_state"}
    labels = {
        "item": _("Ordered service"),
        "variant": _("Which one"),
        "count": _("How many"),
        "amount_yuan": _("Price of the day"),
        "price_accepted_at": _("Price accepted at"),
        "quoted_yuan": _("Quoted (yuan)"),
        "scheduled_at": _("Agreed for"),
        "charged_yuan": _("Charged (yuan)"),
        "charged_at": _("Charged at"),
        "created_at": _("Ordered at"),
    }
    card = ["item", "house", "scheduled_at"]
    links = {"ticket": lambda order: f"/ticket/{order.ticket.number}"}
    texts = {"amount_yuan": lambda order: tag_words(service_orders.tag_of(order), english=is_english())}
    empty_hint = _("Orders come by key 4 of the hotline, from the owners' portal, or from the desk.")
    show_template = "orders/show.html"

    def further_links(self, item: Any) -> list[tuple[Any, str]]:
        """Its bill, and where it is paid."""
        links = []
        if item.bill_id is not None and may("can_show", "BillView"):
            links.append((_("The bill"), f"/billview/show/{item.bill_id}"))
        if item.state == OrderState.CHARGED and item.house_id is not None and may("can_take", "PaymentPage"):
            links.append((_("Take the payment"), f"/payments/house/{item.house_id}"))
        return links

    def steps_of(self, item: ServiceOrder) -> list[tuple[str, Any]]:
        """(verb, words) of what the reader may do now."""
        actor = current_actor()
        if actor is None or not may("can_step", "ServiceOrderPage"):
            return []
        return [(verb, STEP_WORDS[verb]) for verb in allowed(item.state, item.price_kind, actor.roles)]


class ServiceOrderPage(BasePage):
    """`/service-order/<id>/<verb>`: the steps of an order, rows as everywhere."""

    route_base = "/service-order"

    @expose("/<int:order_id>/<string:verb>", methods=["POST"])
    @has_access
    @permission_name("step")
    def step(self, order_id: int, verb: str) -> Any:
        """Take it; a refusal is told on the order's page, with what was typed still in its form."""
        actor, sent = self.actor(), request.form.to_dict()
        try:
            with transaction() as session:
                order = service_orders.own(session, actor, order_id)
                if order is None:
                    abort(404)
                service_orders.perform(session, order, verb, actor, now(), sent)
        except LinliError as error:
            db.session.rollback()
            flash(sentence(error), "danger")
            return current_app.view_functions["ServiceOrderView.show"](pk=str(order_id)), error.status
        flash(gettext("Done: the ticket's timeline says so."), "success")
        return redirect(f"/serviceorderview/show/{order_id}")
