"""What every answer carries against other sites: a content policy without exceptions, no framing, no sniffing, https kept."""

import secrets

from flask import Flask, Response, g, request

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "frame-ancestors 'none'; form-action 'self'"
)
"""Scripts and styles only from here: no inline style, no inline script. The nonce is of one answer; only Flask-AppBuilder's
own few pages put it on their script elements, ours are files."""

PERMISSIONS = (
    "accelerometer=(), autoplay=(self), camera=(self), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(self), midi=(), payment=(), usb=(), interest-cohort=()"
)
"""Camera and microphone are for our own pages: photos of a damage, and the telephone simulator that can be spoken to."""

FOR_ALL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

A_YEAR = 365 * 24 * 3600


def csp_nonce() -> str:
    """The nonce of this answer; Flask-AppBuilder's templates and ours put it on their script elements (`kept_pieces`)."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _protect(response: Response) -> Response:
    wanted = dict(FOR_ALL)
    if response.mimetype == "text/html":
        wanted["Content-Security-Policy"] = CONTENT_POLICY.format(nonce=csp_nonce())
        wanted["Permissions-Policy"] = PERMISSIONS
        if not request.path.startswith("/static/"):
            wanted["Cache-Control"] = "no-store"
    elif request.path.startswith("/api/"):
        wanted["Cache-Control"] = "no-store"
    # What a page says itself stands. Not by `setdefault`, which makes an exception for every header that is not there.
    said = {name.lower() for name, _value in response.headers}
    response.headers.extend((name, value) for name, value in wanted.items() if name.lower() not in said)
    return response


def _keep_https(response: Response) -> Response:
    response.headers.setdefault("Strict-Transport-Security", f"max-age={A_YEAR}")
    return response


def install_headers(app: Flask) -> None:
    """Add the headers to every answer."""
    app.after_request(_protect)
    if app.extensions["settings"].is_secure:
        app.after_request(_keep_https)
