"""Photos and letters of tickets: what is known of them, their bytes, and adding one."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from flask import Response, request
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import N_, Invalid, NotFound
from app.models import Attachment, Ticket
from app.rules import household
from app.rules.codes import AttachmentStage
from app.services import owner_matters
from app.services.actors import Actor
from app.services.attachments import Taken, attach
from app.services.attachments_content import JPEG, PDF
from app.services.transaction import transaction
from app.views.attachment_answer import attachment_answer
from app.views.base.rest import RestApi, asking
from app.views.base.rest_words import FILE, KEY, ROW, content, described
from app.views.base.rows import RowInterface
from app.views.ticket_uploads import sent_photos, taken_photos

FIELD = "file"
_FORM = {
    "type": "object",
    "required": ["ticket_id", FIELD],
    "properties": {
        "ticket_id": {"type": "integer"},
        "stage": {
            "type": "string",
            "enum": [str(stage) for stage in AttachmentStage if stage != AttachmentStage.SIGNATURE],
        },
        "caption": {"type": "string"},
        FIELD: {**FILE, "description": "JPEG, PNG or WebP; PDF for letters"},
    },
}


class AttachmentApi(RestApi):
    """The files of tickets; rows are those of their tickets, but a household sees no evidence that we gathered (D5)."""

    resource_name = "attachment"
    datamodel = RowInterface(Attachment)
    further_filters = {"created_at": "at"}
    columns = (
        "id",
        "ticket_id",
        "ticket.number",
        "stage",
        "content_type",
        "name",
        "caption",
        "sha256",
        "size_bytes",
        "width",
        "height",
        "uploader_name",
        "at",
    )
    takes = {"ticket_id": "integer", "stage": "string", "caption": "string", FIELD: "string"}

    @expose("/", methods=["POST"])
    @protect()
    @permission_name("post")
    @described(
        "post",
        "The new row",
        content(ROW),
        status=201,
        body={"required": True, "content": content(_FORM, "multipart/form-data")},
        refusals=(400, 401, 404),
    )
    def post(self) -> Response:
        """Add one photo or letter to a ticket; a file the ticket has already is answered with its row and 200."""
        actor, at = asking(), now()
        # The ticket before the picture: a stranger's number costs no work.
        ticket_id = self._ticket().id
        with _sent(at) as files, transaction() as session:
            made = _attach(session, self._ticket(), files, actor, at)
            pk = made[0].id if made else _known(session, ticket_id, files[0])
        return self.written(201 if made else 200, pk)

    @expose("/<int:pk>/file", methods=["GET"])
    @protect()
    @permission_name("get")
    @described("get", "The file", {**content(FILE, JPEG), **content(FILE, PDF)}, parameters=[KEY], refusals=(404,))
    def file(self, pk: int) -> Any:
        """The bytes: a JPEG, or the PDF of a letter."""
        self.own(pk)
        return attachment_answer(asking(), pk, thumb=False)

    @expose("/<int:pk>/thumb", methods=["GET"])
    @protect()
    @permission_name("get")
    @described("get", "The small picture", content(FILE, JPEG), parameters=[KEY], refusals=(404,))
    def thumb(self, pk: int) -> Any:
        """The small picture of a photo."""
        self.own(pk)
        return attachment_answer(asking(), pk, thumb=True)

    def _ticket(self) -> Ticket:
        ticket: Ticket | None = RowInterface(Ticket).one(request.form.get("ticket_id", ""))
        if ticket is None:
            raise NotFound(N_("There is nothing here, or it is not yours to see."))
        return ticket


def _sent(at: datetime) -> AbstractContextManager[list[Taken]]:
    if len(sent_photos(FIELD)) != 1:
        raise Invalid(N_("Send one file in the field %(name)s."), name=FIELD)
    return taken_photos(at, FIELD)


def _attach(session: Session, ticket: Ticket, files: list[Taken], actor: Actor, at: datetime) -> list[Attachment]:
    """A household adds what it reports, while it may say something about the matter; staff say what the file shows."""
    stage, caption = request.form.get("stage", ""), request.form.get("caption", "")
    if actor.staff_id is None and actor.person_id is not None:
        if stage not in ("", AttachmentStage.REPORT):
            raise Invalid(N_("Say what the photos show: as reported, before, after, or evidence."))
        owner_matters.act(session, actor, ticket, household.SAY, {}, at, with_photos=True)
        stage = AttachmentStage.REPORT
    return attach(session, ticket, files, stage=stage, caption=caption, actor=actor, now=at)


def _known(session: Session, ticket_id: int, file: Taken) -> int:
    same = (Attachment.ticket_id == ticket_id, Attachment.sha256 == file.sha256)
    return session.scalars(select(Attachment.id).where(*same)).one()
