"""How much a request may carry: forms with photos more than others, read before the token of the form is checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

from flask import Flask, Request, current_app, g, request
from sqlalchemy.orm import Session

from app.extensions import db
from app.services.actors import Actor
from app.services.attachments import Limits, Taken, limits, taken_in
from app.services.once import Once
from app.services.transaction import transaction
from app.views.base.replay import claimed

ACCEPT = "image/jpeg,image/png,image/webp,application/pdf"
_WITH_PHOTOS = re.compile(
    r"/(api/v1/attachment|ticket/(new|\d{8}/photos|\d{8}/dispute/(evidence|read))|visit/\d{1,10}/sign|drill/\d{1,10}/(record|photos)|owner/(new|ticket/\d{8}(/\w+)?))/?",
    re.ASCII,
)


def upload_limits() -> Limits:
    """The administrator's limits, read once a request."""
    if "upload_limits" not in g:
        g.upload_limits = limits(db.session())
        if request.method == "POST":
            # Read while the body still comes in: on SQLite nobody else could write meanwhile.
            db.session.rollback()
    found: Limits = g.upload_limits
    return found


class UploadRequest(Request):
    """A request whose allowed size depends on the form it belongs to."""

    @property
    def max_content_length(self) -> int | None:
        """In bytes: the application's limit, or that of a form with photos."""
        if self.method == "POST" and _WITH_PHOTOS.fullmatch(self.path):
            return upload_limits().request_bytes
        return super().max_content_length

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value


class PhotoLimits:
    """`photo_limits` in every template: what the field says before anything is sent."""

    accept = ACCEPT

    @property
    def most_files(self) -> int:
        """Of one form."""
        return upload_limits().files

    @property
    def most_bytes(self) -> int:
        """Of one file."""
        return upload_limits().bytes_each

    @property
    def most_megabytes(self) -> int:
        """The same for people."""
        return upload_limits().megabytes


def sent_photos(name: str = "photos") -> list[Any]:
    """The files of this request's form, empty fields left out."""
    return [item for item in request.files.getlist(name) if item.filename]


def taken_photos(at: datetime, name: str = "photos", *further: Any) -> AbstractContextManager[list[Taken]]:
    """The files of this request's form, checked and written (`services.attachments.taken_in`), and `further` ones with them.

    Ends the transaction that reading began: pictures are worked on for seconds, and nobody else waits for that.
    """
    photos, most = [*sent_photos(name), *further], upload_limits()
    db.session.rollback()
    return taken_in(current_app.extensions["settings"].data_dir, photos, at, most)


@contextmanager
def form_with_photos(actor: Actor, at: datetime) -> Iterator[tuple[Session, list[Taken], Once]]:
    """A form that is sent once: its files, then its transaction with its key. Sent before, its files are taken away again."""
    with taken_photos(at) as files, transaction() as session:
        yield session, files, claimed(session, actor, at)


def install_uploads(app: Flask) -> None:
    """Let forms with photos be bigger, and tell templates the limits."""
    app.request_class = UploadRequest
    app.jinja_env.globals["photo_limits"] = PhotoLimits()
