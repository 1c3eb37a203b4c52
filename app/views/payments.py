"""`/payments/…`: money is taken at the desk and at home, the day is closed with the cash counted; finance reverses (D10, I8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import House, Payment
from app.models.base import BIGGEST_ID
from app.rules.codes import PaymentKind, PaymentState, PaymentWay
from app.services import day_closings, payments
from app.services.access import rows
from app.services.actors import Actor
from app.services.transaction import transaction
from app.views.arrears import chosen, communities
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.listing import Preset
from app.views.base.model_page import ModelPage
from app.views.base.replay import claimed
from app.views.base.rows import RowInterface
from app.views.permitted import may
from app.views.receipt_paper import receipt_answer

FOUND = 48
WAYS = tuple(str(way) for way in PaymentWay)


class PaymentView(ModelPage):
    """Every payment and refund: taken on their page, never changed, reversed by finance."""

    datamodel = RowInterface(Payment)
    title, singular = _("Payments"), _("Payment")
    has_name = False
    list_columns = ["received_at", "house", "payer", "kind", "way", "amount", "state", "taken_by"]
    show_columns = [
        "received_at",
        "house",
        "payer",
        "kind",
        "way",
        "amount",
        "state",
        "reference",
        "note",
        "at_home",
        "taken_by",
        "reversed_at",
        "reversed_by",
        "reversal_reason",
    ]
    search_columns = ["received_at", "house", "payer", "kind", "way", "state", "amount", "taken_by"]
    quick_filters = ["way", "state", "received_at"]
    order_columns = ["received_at", "amount", "id"]
    families = {"kind": "payment_kind", "way": "payment_way", "state": "payment_state"}
    labels = {
        "received_at": _("Received at"),
        "kind": _("Kind"),
        "way": _("Way of payment"),
        "reference": _("Reference"),
        "at_home": _("Taken at home"),
        "taken_by": _("Money received by"),
        "reversed_at": _("Reversed at"),
        "reversed_by": _("Reversed by"),
        "reversal_reason": _("Why it was reversed"),
    }
    card = ["house", "amount", "received_at"]
    presets = (
        Preset("refunds", _("Refunds"), (("_flt_0_kind", "refund"),), _("Nothing has been paid back.")),
        Preset("reversed", _("Reversed"), (("_flt_0_state", "reversed"),), _("No payment has been reversed.")),
    )
    empty_hint = _("Payments are taken on the page of a house: Money, Take payments.")
    base_order = ("received_at", "desc")

    def further_links(self, item: Any) -> list[tuple[Any, str]]:
        """Its own page, with receipt and reversal; the house's account."""
        links = [(_("What it paid, receipt"), f"/payments/{item.id}")] if may("can_view", "PaymentPage") else []
        if may("can_view", "BooksPage"):
            links.append((_("The house's account"), f"/books/house/{item.house_id}"))
        return links


class PaymentPage(BasePage):
    """Rows: houses as everywhere; payments one took oneself, for finance and the manager all of the community."""

    route_base = "/payments"
    default_view = "desk"

    @expose("/")
    @has_access
    @permission_name("take")
    def desk(self) -> Any:
        """Find a house; what one has taken since the last closing."""
        return self._desk({}, "", 200)

    @expose("/house/<int:pk>")
    @has_access
    @permission_name("take")
    def house(self, pk: int) -> Any:
        """What is open of a house, payer by payer, with the form to take a payment."""
        return self._house(pk, {}, "", 200)

    @expose("/house/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("take")
    def take(self, pk: int) -> Any:
        """Take it; a refusal stands above the form, nothing is booked."""
        sent = {**request.form.to_dict(), "bills": request.form.getlist("bills")}
        return self._money(pk, sent, payments.take, gettext("The payment is booked. Hand over the receipt."))

    @expose("/house/<int:pk>/refund", methods=["POST"])
    @has_access
    @permission_name("reverse")
    def refund(self, pk: int) -> Any:
        """Pay credit back."""
        sent = {**request.form.to_dict(), "refund": "1"}
        return self._money(pk, sent, payments.refund, gettext("The refund is booked."))

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def payment(self, pk: int) -> Any:
        """One payment: what it paid, its receipt, who took it, its reversal."""
        return self._payment(pk, {}, "", 200)

    @expose("/<int:pk>/receipt.pdf")
    @has_access
    @permission_name("view")
    def receipt(self, pk: int) -> Any:
        """The receipt; `?lang=zh` or `en`."""
        return receipt_answer(db.session(), self._own(db.session(), pk), self.actor())

    @expose("/<int:pk>/reverse", methods=["POST"])
    @has_access
    @permission_name("reverse")
    def reverse(self, pk: int) -> Any:
        """Undo it as a whole."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                payments.reverse(session, self._own(session, pk), sent, actor, at)
                address = form.led_to(f"/payments/{pk}")
        except LinliError as error:
            return self._payment(pk, sent, sentence(error), error.status)
        flash(gettext("The payment is reversed: its receipt is void."), "success")
        return redirect(address)

    @expose("/close", methods=["POST"])
    @has_access
    @permission_name("take")
    def close(self) -> Any:
        """Close one's day."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        community = chosen(communities(actor))
        if community is None:
            abort(404)
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                day_closings.close(session, community.id, sent, actor, at)
                address = form.led_to(f"/payments/?community={community.id}")
        except LinliError as error:
            return self._desk(sent, sentence(error), error.status)
        flash(gettext("The day is closed. Bring the cash to finance."), "success")
        return redirect(address)

    # ---- what is shown
    def _desk(self, values: dict[str, str], error: str, status: int) -> Any:
        actor, session = self.actor(), db.session()
        known = communities(actor)
        community = chosen(known)
        words = request.args.get("q", "").strip()[:40]
        page = self.render_template(
            "payments/desk.html",
            communities=known,
            community=community,
            words=words,
            houses=houses_named(session, actor, community.id, words) if community and words else [],
            most=FOUND,
            till=day_closings.till(session, actor, community.id) if community else None,
            closings=day_closings.closings(session, actor, community.id)[:10] if community else [],
            values=values,
            error=error,
        )
        return page, status

    def _house(self, pk: int, values: dict[str, Any], error: str, status: int) -> Any:
        session = db.session()
        house = self._place(session, pk)
        page = self.render_template(
            "payments/house.html",
            house=house,
            payers=payments.payers(session, house),
            ways=WAYS,
            values=values,
            error=error,
            may_refund=may("can_reverse", "PaymentPage"),
            may_books=may("can_view", "BooksPage"),
        )
        return page, status

    def _payment(self, pk: int, values: dict[str, str], error: str, status: int) -> Any:
        session = db.session()
        payment = self._own(session, pk)
        page = self.render_template(
            "payments/payment.html",
            payment=payment,
            parts_paid=payments.parts_of(session, payment),
            is_refund=payment.kind == PaymentKind.REFUND,
            void=payment.state == PaymentState.REVERSED,
            may_reverse=may("can_reverse", "PaymentPage"),
            may_take=may("can_take", "PaymentPage"),
            may_books=may("can_view", "BooksPage"),
            values=values,
            error=error,
        )
        return page, status

    # ---- writing
    def _money(self, pk: int, sent: dict[str, Any], step: Callable[..., Payment], done: str) -> Any:
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                made = step(session, self._place(session, pk), sent, actor, at)
                address = form.led_to(f"/payments/{made.id}")
        except LinliError as error:
            return self._house(pk, sent, sentence(error), error.status)
        flash(done, "success")
        return redirect(address)

    def _own(self, session: Session, pk: int) -> Payment:
        found = payments.own(session, self.actor(), min(pk, BIGGEST_ID))
        if found is None:
            abort(404)
        return found

    def _place(self, session: Session, pk: int) -> House:
        found = payments.own_house(session, self.actor(), min(pk, BIGGEST_ID))
        if found is None:
            abort(404)
        return found


def houses_named(session: Session, actor: Actor, community_id: int, words: str) -> list[House]:
    """Houses whose name holds these words, one more than are shown; those whose number or name is just this come first."""
    named = House.name.contains(words, autoescape=True) | (House.number == words)
    exact = case((or_(House.number == words, House.name == words), 1), else_=0)
    found = select(House).where(rows(actor, House), House.community_id == community_id, named)
    return list(session.scalars(found.order_by(exact.desc(), House.building_id, House.name).limit(FOUND + 1)))
