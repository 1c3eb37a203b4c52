"""Text answers go compressed to browsers that take it: a list page is a sixth of its size, and telephones pay for bytes.

BREACH guesses a secret from the length of compressed answers that hold both the secret and a word of the attacker's. Our
session cookie is SameSite=Lax, so other sites cannot have such answers fetched in numbers; and every compressed page gets a
gzip header of random length, so that its length tells nothing (as Django's does).
"""

import gzip
import io
import secrets

from flask import Flask, Response, request

SHORTEST = 1024
LONGEST_NAME = 100
LEVEL = 5
TEXTS = frozenset(
    {"text/html", "text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml"}
)
_kept: dict[tuple[str, str], bytes] = {}


def _compress(response: Response) -> Response:
    if response.mimetype not in TEXTS or "Content-Encoding" in response.headers:
        return response
    is_file = response.direct_passthrough and request.path.startswith("/static/")
    if response.status_code != 200 or (response.is_streamed and not is_file):
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] or (response.content_length or SHORTEST) < SHORTEST:
        return response
    etag, _weak = response.get_etag()
    data = _file(response, etag or "") if is_file else _page(response.get_data())
    response.direct_passthrough = False
    response.set_data(data)
    response.headers["Content-Encoding"] = "gzip"
    if etag:
        response.set_etag(etag, weak=True)
    return response


def _page(data: bytes) -> bytes:
    buffer = io.BytesIO()
    name = secrets.token_hex(LONGEST_NAME // 2)[: secrets.randbelow(LONGEST_NAME)]
    with gzip.GzipFile(name, "wb", LEVEL, buffer, mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def _file(response: Response, etag: str) -> bytes:
    """Our own files hold no secret and do not change: compressed once a process."""
    key, opened = (request.path, etag), response.response
    if key not in _kept:
        response.direct_passthrough = False
        _kept[key] = gzip.compress(response.get_data(), 9, mtime=0)
    # The answer has a body of its own now; nobody else would close the file.
    if hasattr(opened, "close"):
        opened.close()
    return _kept[key]


def install_compression(app: Flask) -> None:
    """Registered first, so that it works last: what others add to an answer is in it."""
    app.after_request(_compress)
