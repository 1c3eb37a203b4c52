"""What every answer carries against other sites: a content policy with a nonce, no framing, no sniffing."""

import secrets

from flask import Flask, Response, g, request

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "frame-ancestors 'none'; form-action 'self'"
)
"""Scripts only from here or with the nonce of the answer. Styles keep `unsafe-inline`: Select2 and FAB's widgets set
`style` attributes, which no nonce can cover."""


def csp_nonce() -> str:
    """The nonce of this answer; FAB's templates and ours put it on their script elements."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    if response.mimetype == "text/html":
        headers.setdefault("Content-Security-Policy", CONTENT_POLICY.format(nonce=csp_nonce()))
        if not request.path.startswith("/static/"):
            headers.setdefault("Cache-Control", "no-store")
    elif request.path.startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")
    return response


def install_headers(app: Flask) -> None:
    """Add the headers to every answer and `csp_nonce()` to every template."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(_protect)
