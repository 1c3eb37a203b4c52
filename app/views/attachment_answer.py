"""The bytes of a ticket's file, or of a drill's photo, as an answer: the same for pages and for REST."""

from __future__ import annotations

from flask import abort, current_app, make_response, request
from werkzeug.wrappers import Response

from app.adapters.files import inside
from app.extensions import db
from app.services.actors import Actor
from app.services.attachments import find_attachment
from app.services.attachments_content import JPEG

_KEPT_SECONDS = 3600


def attachment_answer(actor: Actor, attachment_id: int, *, thumb: bool) -> Response:
    """The file or its small picture, if it is the actor's to see; else 404."""
    found = find_attachment(db.session(), actor, attachment_id)
    if found is None:
        abort(404)
    relative = found.thumb_path if thumb else found.file_path
    return file_answer(relative, f"{found.ticket_id}-{found.id}", found.sha256, found.content_type, thumb=thumb)


def file_answer(relative: str | None, name: str, sha256: str, content_type: str = JPEG, *, thumb: bool) -> Response:
    """A file of ours below DATA_DIR as an answer; 404 where it is not there."""
    if relative is None:
        abort(404)
    path = inside(current_app.extensions["settings"].data_dir, relative)
    if not path.is_file():
        abort(404)
    answer = make_response(path.read_bytes())
    answer.mimetype = JPEG if thumb else content_type
    return _guarded(answer, name, sha256, photo=content_type == JPEG, thumb=thumb)


def _guarded(answer: Response, name: str, sha256: str, *, photo: bool, thumb: bool) -> Response:
    """Headers of what people sent us: shown as what it is and nothing else, kept by nobody in between, never a page."""
    name = f"{name}{'-small' if thumb else ''}.{'jpg' if photo else 'pdf'}"
    answer.headers["Content-Disposition"] = f'{"inline" if photo else "attachment"}; filename="{name}"'
    answer.headers["Cache-Control"] = f"private, max-age={_KEPT_SECONDS}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.set_etag(sha256 + ("-small" if thumb else ""))
    return answer.make_conditional(request)
