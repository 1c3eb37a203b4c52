"""`/owner/services`: what a household may ask for, at which price, and asking for it."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import ServicePrice
from app.services import household, owner_services
from app.services.names import is_english
from app.services.owner_services import FREE, PRICED, QUOTED, Offer
from app.services.price_words import tag_of, tag_words
from app.services.transaction import transaction
from app.views.base import expose, has_access, local, permission_name, sentence
from app.views.base.cells import phone_text
from app.views.base.replay import claimed
from app.views.owner_base import OwnerBase

LONGEST_SEARCH = 60


class OwnerServices(OwnerBase):
    """The catalogue."""

    default_view = "services"
    tab = "more"

    @expose("/services")
    @has_access
    @permission_name("view")
    def services(self) -> Any:
        """Groups with prices, narrowed by words."""
        words = request.args.get("q", "")[:LONGEST_SEARCH].strip()
        today = local(now()).date()
        return self.page(
            "owner/services.html",
            groups=owner_services.catalogue(db.session(), self.actor(), today, words),
            titles={FREE: gettext("Free of charge"), PRICED: gettext("At a price"), QUOTED: gettext("By quotation")},
            words=words,
            price_words=price_words,
        )

    @expose("/services/<string:code>")
    @has_access
    @permission_name("view")
    def service(self, code: str) -> Any:
        """One service, and the form that asks for it."""
        return self._form(self._found(code), {}, None)

    @expose("/services/<string:code>", methods=["POST"])
    @has_access
    @permission_name("add")
    def ask(self, code: str) -> Any:
        """A ticket with the price of the day."""
        offer, sent, at = self._found(code), request.form.to_dict(), now()
        try:
            with transaction() as session:
                form = claimed(session, self.actor(), at)
                offer = self._found(code)
                number = owner_services.ask(session, self.actor(), offer, sent, at).number
                address = form.led_to(f"/owner/ticket/{number}")
        except LinliError as error:
            return self._form(self._found(code), sent, error)
        flash(gettext("Asked for: ticket %(number)s. We call you to settle the time.", number=number), "success")
        return redirect(address)

    def _found(self, code: str) -> Offer:
        found = owner_services.find(db.session(), self.actor(), code, local(now()).date())
        if found is None:
            abort(404)
        return found

    def _form(self, offer: Offer, values: dict[str, str], error: LinliError | None) -> Any:
        session, actor, frame = db.session(), self.actor(), self.frame()
        if "house_id" not in values and frame.chosen:
            values["house_id"] = str(frame.chosen.id)
        return self.page(
            "owner/service.html",
            error.status if error else 200,
            frame=frame,
            offer=offer,
            values=values,
            error=sentence(error) if error else "",
            phone=values.get("phone") if "phone" in values else phone_text(household.own_phone(session, actor)),
            price_words=price_words,
        )


def price_words(price: ServicePrice | None) -> str:
    """A price as it is read."""
    return tag_words(tag_of(price), english=is_english())
