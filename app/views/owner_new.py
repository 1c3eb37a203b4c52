"""`/owner/new`: a household reports something, in three small steps on one page."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.rules.codes import AttachmentStage, Kind, Priority
from app.services import household, owner_new
from app.services.attachments import attach
from app.services.call_world import category_words
from app.services.owner_new import OFFERED, AlreadyOpen
from app.views.base import expose, has_access, permission_name, sentence
from app.views.base.cells import phone_text
from app.views.labels import choices
from app.views.owner_base import OwnerBase
from app.views.ticket_uploads import form_with_photos

_PREFILLED = ("kind", "category", "report", "house_id")


class OwnerNew(OwnerBase):
    """The form of a new matter."""

    default_view = "new"
    tab = "new"

    @expose("/new")
    @has_access
    @permission_name("add")
    def new(self) -> Any:
        """The form, with what a link filled in."""
        given = {name: request.args[name][:40] for name in _PREFILLED if request.args.get(name)}
        return self._form({"kind": Kind.REPAIR, **given}, None)

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("add")
    def add(self) -> Any:
        """Register it by the same service as the desk and the hotline."""
        actor, sent, at = self.actor(), request.form.to_dict(), now()
        try:
            with form_with_photos(actor, at) as (session, files, form):
                made = owner_new.report(session, actor, sent, at)
                attach(session, made.ticket, files, stage=AttachmentStage.REPORT, actor=actor, now=at)
                number, joined = made.ticket.number, made.joined
                address = form.led_to(f"/owner/ticket/{number}")
        except LinliError as error:
            return self._form(sent, error)
        if joined:
            flash(gettext("Added to your open matter %(number)s.", number=number), "success")
        else:
            flash(gettext("We have it: ticket %(number)s.", number=number), "success")
        return redirect(address)

    def _form(self, values: dict[str, Any], error: LinliError | None) -> Any:
        session, actor, frame = db.session(), self.actor(), self.frame()
        if "house_id" not in values and frame.chosen:
            values["house_id"] = str(frame.chosen.id)
        words = category_words(session)
        loud = {
            level: [w.word for w in words if w.priority == level] for level in (Priority.EMERGENCY, Priority.URGENT)
        }
        return self.page(
            "owner/new.html",
            error.status if error else 200,
            frame=frame,
            values=values,
            error=sentence(error) if error else "",
            already=error if isinstance(error, AlreadyOpen) else None,
            categories=household.categories(session),
            kinds=[(code, label) for code, label in choices("kind") if code in OFFERED],
            phone=values.get("phone") if "phone" in values else phone_text(household.own_phone(session, actor)),
            open_ones=owner_new.open_by_category(session, actor, frame.house_ids),
            loud=loud,
        )
