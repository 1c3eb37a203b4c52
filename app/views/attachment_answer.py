"""The bytes of a ticket's file as an answer: the same for pages and for REST."""

from __future__ import annotations

from flask import abort, current_app, make_response, request
from werkzeug.wrappers import Response

from app.adapters.files import inside
from app.extensions import db
from app.models import Attachment
from app.services.actors import Actor
from app.services.attachments import find_attachment
from app.services.attachments_content import JPEG

_KEPT_SECONDS = 3600


def attachment_answer(actor: Actor, attachment_id: int, *, thumb: bool) -> Response:
    """The file or its small picture, if it is the actor's to see; else 404."""
    found = find_attachment(db.session(), actor, attachment_id)
    relative = (found.thumb_path if thumb else found.file_path) if found else None
    if found is None or relative is None:
        abort(404)
    path = inside(current_app.extensions["settings"].data_dir, relative)
    if not path.is_file():
        abort(404)
    answer = make_response(path.read_bytes())
    answer.mimetype = JPEG if thumb else found.content_type
    return _guarded(answer, found, thumb)


def _guarded(answer: Response, found: Attachment, thumb: bool) -> Response:
    """Headers of what people sent us: shown as what it is and nothing else, kept by nobody in between, never a page."""
    photo = found.content_type == JPEG
    name = f"{found.ticket_id}-{found.id}{'-small' if thumb else ''}.{'jpg' if photo else 'pdf'}"
    answer.headers["Content-Disposition"] = f'{"inline" if photo else "attachment"}; filename="{name}"'
    answer.headers["Cache-Control"] = f"private, max-age={_KEPT_SECONDS}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.set_etag(found.sha256 + ("-small" if thumb else ""))
    return answer.make_conditional(request)
