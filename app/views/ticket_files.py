"""Photos and letters of a ticket: `/attachment/<id>` serves one to those who may see it, `/ticket/<number>/photos` adds some."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, jsonify, redirect, request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.errors import N_, Invalid, LinliError
from app.extensions import db
from app.rules.codes import AttachmentStage, TicketState
from app.services.attachments import attach
from app.services.ticket_view import find_ticket
from app.services.transaction import transaction
from app.views.attachment_answer import attachment_answer
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.addresses import local_path
from app.views.labels import choices
from app.views.ticket_uploads import taken_photos

FRAGMENT = "X-Fragment"


class AttachmentPage(BasePage):
    """One file of a ticket, for everybody who may see that ticket's file: rows are the actor's."""

    route_base = "/attachment"
    default_view = "file"

    @expose("/<int:attachment_id>")
    @has_access
    @permission_name("view")
    def file(self, attachment_id: int) -> Response:
        """The photo itself, or a letter as a download."""
        return attachment_answer(self.actor(), attachment_id, thumb=False)

    @expose("/<int:attachment_id>/thumb")
    @has_access
    @permission_name("view")
    def thumb(self, attachment_id: int) -> Response:
        """The small picture."""
        return attachment_answer(self.actor(), attachment_id, thumb=True)


class PhotosPage(BasePage):
    """Staff add photos and letters to a ticket."""

    route_base = "/ticket"
    default_view = "form"

    @expose("/<string:number>/photos")
    @has_access
    @permission_name("add")
    def form(self, number: str) -> Any:
        """The form: a page of its own, or the inside of the dialog."""
        return self._form(number, {}, "", 200)

    @expose("/<string:number>/photos", methods=["POST"])
    @has_access
    @permission_name("add")
    def add(self, number: str) -> Any:
        """Take the files in. Refused: the sentence above the form; the ticket is as it was."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            with taken_photos(at) as files:
                if not files:
                    raise Invalid(N_("Choose at least one photo."))
                with transaction() as session:
                    ticket = find_ticket(session, actor, number)
                    if ticket is None:
                        abort(404)
                    made = attach(
                        session,
                        ticket,
                        files,
                        stage=sent.get("stage", ""),
                        caption=sent.get("caption", ""),
                        actor=actor,
                        now=at,
                    )
                    count = len(made)
        except LinliError as error:
            return self._form(number, sent, sentence(error), error.status)
        if count:
            flash(ngettext("%(num)d file added.", "%(num)d files added.", count), "success")
        else:
            flash(gettext("The ticket has these files already."), "info")
        address = local_path(sent.get("back", "")) or f"/ticket/{number}"
        return jsonify(location=address) if request.headers.get(FRAGMENT) else redirect(address)

    def _form(self, number: str, sent: dict[str, str], error: str, status: int) -> Any:
        ticket = find_ticket(db.session(), self.actor(), number)
        if ticket is None:
            abort(404)
        inside_only = request.headers.get(FRAGMENT)
        page = self.render_template(
            "ticket/photos_inside.html" if inside_only else "ticket/photos.html",
            ticket=ticket,
            stages=[(code, label) for code, label in choices("attachment_stage") if code != AttachmentStage.SIGNATURE],
            stage=sent.get("stage") or usual_stage(ticket.state),
            caption=sent.get("caption", ""),
            error=error,
            camera=request.values.get("camera") == "1",
            back=local_path(request.values.get("back", "")),
        )
        return page, status


def usual_stage(state: str) -> str:
    """What a photo taken in this state most likely shows."""
    match state:
        case TicketState.REGISTERED | TicketState.DISPATCHED | TicketState.REOPENED:
            return AttachmentStage.BEFORE
        case TicketState.IN_PROGRESS | TicketState.WAITING | TicketState.DONE:
            return AttachmentStage.AFTER
    return AttachmentStage.EVIDENCE
