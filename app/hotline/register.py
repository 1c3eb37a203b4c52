"""The hotline's blueprints: registered here, exempt from CSRF because they are signed instead (G2, 2)."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect


def register_hotline(app: Flask, csrf: CSRFProtect) -> None:
    """Register the webhooks, the ladder's legs and, with the simulator, the telephone page."""
    from app.hotline import ladder, outbound, phone_page, routes, screen, sms

    for blueprint in (routes.blueprint, ladder.blueprint, outbound.blueprint, screen.blueprint, sms.blueprint):
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
    # Not signed, a page like any other: it keeps its check against forged requests.
    app.register_blueprint(phone_page.blueprint)
