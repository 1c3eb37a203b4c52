"""The yardstick: a Flask view that checks Twilio's signature and makes one committed insert. Nothing else."""

import os

from flask import Flask, Response, request
from sqlalchemy import Column, Integer, MetaData, String, Table, Text, create_engine, event
from twilio.request_validator import RequestValidator

events = Table(
    "bare_event",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("key", String(160), unique=True),
    Column("params", Text),
)


def create_app() -> Flask:
    """Same server, same database and durability as the product, from the same environment."""
    app = Flask(__name__)
    engine = create_engine(os.environ["DATABASE_URL"])
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _durable)
    events.create(engine, checkfirst=True)
    validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
    base = os.environ["PUBLIC_BASE_URL"]

    @app.post("/hotline/voice")
    def voice() -> Response:
        signature = request.headers.get("X-Twilio-Signature", "")
        if not validator.validate(base + request.script_root + request.full_path.rstrip("?"), request.form, signature):
            return Response(status=403)
        with engine.begin() as connection:
            connection.execute(events.insert().values(key=request.form["CallSid"], params=str(dict(request.form))))
        return Response("<Response><Say>bare</Say></Response>", mimetype="application/xml")

    return app


def _durable(connection, record) -> None:  # type: ignore[no-untyped-def]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000"):
        connection.execute(f"PRAGMA {pragma}")
