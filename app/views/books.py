"""`/books/…`: the books of a community for finance and the manager: balances, the check, cash to receive, a house's account."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy import select

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import House
from app.models.base import BIGGEST_ID
from app.rules.codes import Account
from app.services import books, day_closings, house_account
from app.services.access import rows
from app.services.transaction import transaction
from app.views.arrears import chosen, communities
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.replay import claimed
from app.views.permitted import may

FURTHEST = 100_000
_DEBIT_SIDE = (
    Account.CASH,
    Account.BANK,
    Account.CARD,
    Account.WECHAT,
    Account.ALIPAY,
    Account.CARRIED_OVER,
    Account.RECEIVABLE,
)
"""Accounts whose balance is usually a debit."""


class BooksPage(BasePage):
    """Reading; receiving the cash of a closed day is finance's."""

    route_base = "/books"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """The balance of every account, and the closed days whose cash finance has not received."""
        session, actor = db.session(), self.actor()
        known = communities(actor)
        community = chosen(known)
        found = books.trial_balance(session, community.id) if community else {}
        return self.render_template(
            "payments/books.html",
            communities=known,
            community=community,
            balances=[
                (code, max(yuan, 0), max(-yuan, 0)) for code, yuan in found.items() if yuan or code in _DEBIT_SIDE
            ],
            debits=sum(yuan for yuan in found.values() if yuan > 0),
            credits=-sum(yuan for yuan in found.values() if yuan < 0),
            closings=day_closings.closings(session, actor, community.id) if community else [],
            waiting=False,
            may_receive=may("can_receive", "BooksPage"),
        )

    @expose("/cash")
    @has_access
    @permission_name("receive")
    def cash(self) -> Any:
        """The closed days whose cash the reader may receive, of all communities."""
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        size = day_closings.WAITING_PAGE
        found = day_closings.waiting(db.session(), self.actor(), skip=page * size)
        return self.render_template(
            "payments/cash.html",
            closings=found[:size],
            page=page,
            more=len(found) > size,
            waiting=True,
            may_receive=True,
        )

    @expose("/closing/<int:pk>/receive", methods=["POST"])
    @has_access
    @permission_name("receive")
    def receive(self, pk: int) -> Any:
        """The cash is here; back to the list it was received from."""
        actor, at, back = self.actor(), now(), "/books/cash"
        try:
            with transaction() as session:
                row = day_closings.own(session, actor, min(pk, BIGGEST_ID))
                if row is None:
                    abort(404)
                if request.form.get("back") != "cash":
                    back = f"/books/?community={row.community_id}"
                form = claimed(session, actor, at)
                day_closings.receive(session, row, actor, at)
                form.led_to(back)
        except LinliError as error:
            flash(sentence(error), "danger")
            return redirect(back)
        flash(gettext("The cash is received."), "success")
        return redirect(back)

    @expose("/house/<int:pk>")
    @has_access
    @permission_name("view")
    def house(self, pk: int) -> Any:
        """Everything the books say of a house, payer by payer."""
        session, actor = db.session(), self.actor()
        house = session.scalars(select(House).where(House.id == min(pk, BIGGEST_ID), rows(actor, House))).one_or_none()
        if house is None:
            abort(404)
        return self.render_template(
            "payments/account.html",
            house=house,
            statements=house_account.statements(session, house),
            may_take=may("can_take", "PaymentPage"),
        )
