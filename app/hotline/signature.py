"""Who may speak to the hotline (G3, I3): requests signed with the carrier's token, over the bytes that went over the wire.

The signature is Twilio's (docs "Validating requests"): HMAC-SHA1 over the public address and the sorted form fields. Flask's
`request.url` decodes %E6…, so the raw path is taken from the server; blank fields count.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Iterable
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlsplit

from flask import Request, Response, current_app, request
from twilio.request_validator import RequestValidator, add_port, remove_port

from app.adapters.carrier.base import RETRY_HINT
from app.adapters.patience import WEBHOOK_SECONDS, within

log = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024
"""A long monologue in percent-encoding is well below it; the fields are cut where they are stored, not refused."""
MAX_FIELDS = 200
P = ParamSpec("P")
View = Callable[P, Response]


def signed(view: View[P]) -> View[P]:
    """Only signed requests reach the view. Anything else is 403 (413 when it is huge) and leaves no trace but a log line."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        request.max_content_length = request.max_form_memory_size = MAX_BODY
        request.max_form_parts = MAX_FIELDS
        if (request.content_length or 0) > MAX_BODY:
            return _refuse(413)
        if not is_signed(request, current_app.extensions["settings"].webhook_tokens):
            return _refuse(403)
        with within(WEBHOOK_SECONDS):
            return view(*args, **kwargs)

    return guarded


def is_signed(web_request: Request, tokens: Iterable[str]) -> bool:
    """Whether the request carries a signature made with one of the tokens (two during rotation)."""
    signatures = web_request.headers.getlist("X-Twilio-Signature")
    if len(signatures) != 1 or not signatures[0].isascii():
        return False
    try:
        addresses = _addresses(public_url(web_request))
        fields = web_request.form
        return any(
            hmac.compare_digest(RequestValidator(token).compute_signature(address, fields), signatures[0].strip())
            for token in tokens
            if token
            for address in addresses
        )
    except (ValueError, UnicodeError):
        return False


def public_url(web_request: Request) -> str:
    """PUBLIC_BASE_URL and the raw path and query, exactly as they were sent."""
    base: str = current_app.extensions["settings"].public_base_url
    raw = web_request.environ.get("RAW_URI") or web_request.environ.get("REQUEST_URI") or web_request.full_path
    if "://" in raw.split("?", 1)[0]:
        parts = urlsplit(raw)
        raw = parts.path + (f"?{parts.query}" if parts.query else "")
    prefix = urlsplit(base).path.rstrip("/")
    if prefix and raw.startswith(prefix + "/"):
        base = base[: -len(prefix)]
    return base + raw


def _addresses(url: str) -> list[str]:
    """The address as it is, with and without the port, with and without our connection hints: carriers differ."""
    parts = urlsplit(url)
    variants = [url]
    if parts.port:
        variants.append(remove_port(parts))
    else:
        variants.append(add_port(parts))
    # What we put behind a # for the carrier never reaches the wire, but some sign it.
    return [*variants, *(variant + RETRY_HINT for variant in variants)]


def _refuse(status: int) -> Response:
    log.warning("refused %s %s from %s: %s", request.method, request.path[:80], request.remote_addr, status)
    return Response("", status=status, mimetype="text/plain")
