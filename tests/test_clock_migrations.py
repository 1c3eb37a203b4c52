"""Clocks and desks there were before are carried over whole, there and back, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select, text

from app.extensions import db
from app.models import Clock, ClockEvent
from app.rules.calendars import AlwaysOpen
from app.rules.clock_events import fold
from app.services.ticket_clocks import event_of, terms_of
from tests.test_migrations import run

BEFORE = "0032_outside"
AT = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)


def put(connection: Any, table: str, **values: Any) -> None:
    """A row as the old schema wants it: what it asks for besides is empty."""
    if connection.dialect.name == "postgresql":
        asked = connection.execute(
            text(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = :t"
                " AND is_nullable = 'NO' AND column_default IS NULL"
            ),
            {"t": table},
        ).all()
    else:
        columns = connection.execute(text(f"PRAGMA table_info({table})")).all()
        asked = [(row[1], row[2].lower()) for row in columns if row[3] and row[4] is None and not row[5]]
    empty = {"boolean": False, "integer": 0, "text": "", "json": "{}", "jsonb": "{}"}
    rest = {name: empty.get(kind, "") for name, kind in asked if name not in values}
    given = {**rest, **values}
    names = ", ".join(f'"{name}"' for name in given)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{n}' for n in given)})"), given)


def old_rows(connection: Any) -> None:
    for key, opens in ((1, "08:30:00"), (2, "09:00:00")):
        times = {"desk_opens_at": opens, "desk_closes_at": "17:30:00"}
        put(connection, "community", id=key, code=f"c{key}", name=f"小区{key}", **times)
    put(
        connection,
        "clock_policy",
        id=7,
        name="done",
        starts_when="registered",
        minutes=60,
        calendar="desk",
        warn_percent=75,
    )
    shared = {"community_id": 1, "kind": "repair", "channel": "desk", "priority": "normal", "state": "registered"}
    put(connection, "ticket", id=1, number="20000001", title="t", created_at=AT, revision=1, **shared)
    states = {
        "done": {"state": "running", "policy_id": 7},
        "reply": {"state": "paused", "paused_at": AT + timedelta(minutes=5), "paused_seconds": 0},
        "contact": {"state": "met", "met_at": AT + timedelta(minutes=9)},
        "plan": {"state": "breached", "breached_at": AT + timedelta(hours=1)},
        "progress": {"state": "cancelled"},
    }
    for name, more in states.items():
        moments = {"started_at": AT, "warn_at": AT + timedelta(minutes=45), "due_at": AT + timedelta(hours=1)}
        put(connection, "clock", ticket_id=1, name=name, calendar="always", minutes=60, **moments, **more)


def test_what_there_was_is_carried_over(empty_database: None, app: Flask, runner: FlaskCliRunner) -> None:
    run(runner, "db", "upgrade", BEFORE)
    with app.app_context(), db.engine.begin() as connection:
        old_rows(connection)
    run(runner, "db", "upgrade")
    with app.app_context():
        clocks = db.session.scalars(select(Clock)).all()
        assert len(clocks) == 5
        for clock in clocks:
            kept = db.session.scalars(select(ClockEvent).where(ClockEvent.clock_id == clock.id)).all()
            counted = fold(terms_of(clock), map(event_of, kept), AlwaysOpen())
            # That it ran out is no event.
            assert counted.state == ("running" if clock.state == "breached" else clock.state), clock.name
            assert (counted.span.due_at, counted.met_at, counted.paused_at) == (
                clock.due_at,
                clock.met_at,
                clock.paused_at,
            )
            assert (clock.check_at is not None) == (clock.state == "running")
        desks = db.session.execute(
            text(
                "SELECT c.id, w.mon, w.sat, w.make_up FROM community c LEFT JOIN work_calendar w ON w.id = c.calendar_id ORDER BY 1"
            )
        ).all()
        assert [tuple(row) for row in desks] == [(1, None, None, None), (2, "09:00-17:30", "", "09:00-17:30")]
        db.session.rollback()
    run(runner, "db", "downgrade", BEFORE)
    with app.app_context(), db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM clock")) == 5
        assert connection.scalar(text("SELECT calendar FROM clock_policy WHERE id = 7")) == "desk"
        if connection.dialect.name == "sqlite":
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1, "the switch is back on"
