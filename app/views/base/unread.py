"""A refusal that comes while the sender is still sending: what is left is read first, or the connection would break before the
sentence is read."""

from __future__ import annotations

from contextlib import suppress
from typing import IO, cast

from flask import Flask, Response, request
from flask_babel import gettext
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import LimitedStream

MOST_READ = 64 * 1024 * 1024
"""Of what nobody wants. Whoever sends more is cut off."""
_PIECE = 64 * 1024


def too_big() -> str:
    """The sentence for what is larger than this address takes at once."""
    most = (request.max_content_length or 0) // 1024
    limit = f"{most // 1024} MB" if most >= 1024 else f"{most} kB"
    return gettext("This is too big: at most %(limit)s can be sent at once.", limit=limit)


def read_what_is_left(response: Response) -> Response:
    """After a refusal: the rest of the body, a piece at a time, kept nowhere. The telephone company's addresses cut off at once."""
    length = request.content_length or 0
    if response.status_code < 400 or not 0 < length <= MOST_READ or request.path.startswith("/hotline/"):
        return response
    # Whoever began to read left a stream that knows its place; of a body that was refused by its size nothing is read yet.
    stream = cast(IO[bytes] | None, request.__dict__.get("stream"))
    with suppress(OSError, ClientDisconnected):
        rest = stream or LimitedStream(request.environ["wsgi.input"], length)
        while rest.read(_PIECE):
            pass
    return response


def install_reading(app: Flask) -> None:
    """Let every refusal be read by whom it is for."""
    app.after_request(read_what_is_left)
