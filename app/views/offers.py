"""`/offer/`: work that colleagues offer to the one who logs in or to their department, to take over or to decline."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext

from app.adapters.clock import now
from app.errors import LinliError, NotFound
from app.extensions import db
from app.services import offers
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.replay import claimed


class OfferPage(BasePage):
    """Which offers are whose to answer is the service's rule: to oneself, to one's department."""

    route_base = "/offer"
    default_view = "work"

    @expose("/")
    @has_access
    @permission_name("answer")
    def work(self) -> Any:
        """What waits for an answer."""
        return self._list("", 200)

    @expose("/<int:offer_id>/accept", methods=["POST"])
    @has_access
    @permission_name("answer")
    def accept(self, offer_id: int) -> Any:
        """Take it over. Too late: the list again, with why."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                ticket = offers.accept(session, actor, offer_id, at)
                address = form.led_to(f"/ticket/{ticket.number}")
        except LinliError as error:
            return self._list(sentence(error), error.status)
        flash(gettext("It is yours now."), "success")
        return redirect(address)

    @expose("/<int:offer_id>/decline")
    @has_access
    @permission_name("answer")
    def form(self, offer_id: int) -> Any:
        """The small form: why not."""
        return self._form(offer_id, "", "", 200)

    @expose("/<int:offer_id>/decline", methods=["POST"])
    @has_access
    @permission_name("answer")
    def decline(self, offer_id: int) -> Any:
        """Leave it with the giver. Refused: the sentence above the form, the words still in it."""
        why, actor, at = request.form.get("note", ""), self.actor(), now()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                offers.decline(session, actor, offer_id, why, at)
                address = form.led_to("/")
        except NotFound as error:
            return self._list(sentence(error), error.status)
        except LinliError as error:
            return self._form(offer_id, why, sentence(error), error.status)
        flash(gettext("Declined: the work stays with whoever offered it."), "success")
        return redirect(address)

    def _list(self, error: str, status: int) -> Any:
        found = offers.waiting(db.session(), self.actor())
        return self.render_template("workbench/offers.html", offers=found, now=now(), error=error), status

    def _form(self, offer_id: int, why: str, error: str, status: int) -> Any:
        try:
            offer = offers.find(db.session(), self.actor(), offer_id)
        except NotFound:
            abort(404)
        shown = {"offer": offer, "why": why, "error": error, "now": now()}
        return self.render_template("workbench/offer_decline.html", **shown), status
