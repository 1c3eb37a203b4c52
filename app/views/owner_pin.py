"""`/owner/pin`: the PIN an owner keys on the telephone before sums are told. And the desk's hand on a locked one."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.services import voice_pins
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.owner_base import OwnerBase


class OwnerPin(OwnerBase):
    """Set, change and take off one's own telephone PIN."""

    default_view = "pin"
    tab = "more"

    @expose("/pin")
    @has_access
    @permission_name("view")
    def pin(self) -> Any:
        """Whether there is one, and the form for a new one."""
        return self._page("", 200)

    @expose("/pin", methods=["POST"])
    @has_access
    @permission_name("edit")
    def save(self) -> Any:
        """A new PIN, or none any more."""
        sent, removed = request.form, "remove" in request.form
        try:
            with transaction() as session:
                if removed:
                    voice_pins.remove_pin(session, self.actor(), now())
                else:
                    pin, again = sent.get("pin", "").strip(), sent.get("again", "")
                    voice_pins.set_pin(session, self.actor(), pin, again, now())
        except LinliError as error:
            return self._page(sentence(error), error.status)
        done = gettext("The PIN is taken off: sums are not told on the telephone.")
        flash(done if removed else gettext("The PIN holds from now on."), "success")
        return redirect("/owner/pin")

    def _page(self, error: str, status: int) -> Any:
        actor = self.actor()
        known = voice_pins.pin_of(db.session(), actor.person_id) if actor.person_id is not None else None
        return self.page("owner/pin.html", status, pin=known, owns=bool(actor.owned_since), error=error)


class VoicePinPage(BasePage):
    """`/voice-pin/<person>/unlock`: the desk opens a locked PIN again; it never learns the digits."""

    route_base = "/voice-pin"

    @expose("/<int:person_id>/unlock", methods=["POST"])
    @has_access
    @permission_name("unlock")
    def unlock(self, person_id: int) -> Any:
        """Back to the person, with what was done."""
        with transaction() as session:
            name = voice_pins.unlock(session, self.actor(), person_id, now()).name
        flash(gettext("The telephone PIN of %(name)s is open again.", name=name), "success")
        return redirect(f"/personview/show/{person_id}")
