"""The dead man's signal: test calls, calls, callbacks or the scheduler have fallen silent. Told once to the staff's own
channels, and once when it is over; shown on /metrics.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import Call, Heartbeat, Message
from app.rules.codes import MessageChannel
from app.services.call_store import insert_once
from app.services.heartbeats import beat, beaten
from app.services.local_time import local_zone
from app.services.outbox import enqueue
from app.services.policies import figures
from app.services.synthetic_calls import GOOD, TICKET

log = logging.getLogger(__name__)

CALLBACKS = "callbacks"
_TOLD = "told:"


class Signal(StrEnum):
    """What may fall silent."""

    TEST_CALL = "test_call"
    TEST_TICKET = "test_ticket"
    CALLS = "calls"
    CALLBACKS = "callbacks"
    SCHEDULER = "scheduler"


WORDS: dict[Signal, tuple[str, str]] = {
    Signal.TEST_CALL: (
        N_("ALARM: the hotline does not answer its own test calls since %(since)s. Dial it yourself, now."),
        N_("The hotline answers its test calls again."),
    ),
    Signal.TEST_TICKET: (
        N_(
            "ALARM: the hotline answers, but no ticket can be opened for a call since %(since)s. Take matters down by hand, and call"
            " whoever looks after the system."
        ),
        N_("Tickets are opened for calls again."),
    ),
    Signal.CALLS: (
        N_("No call has reached the hotline since %(since)s. If that is unusual, dial it yourself."),
        N_("Calls reach the hotline again."),
    ),
    Signal.CALLBACKS: (
        N_("ALARM: the carrier's callbacks or its list of calls are missing since %(since)s."),
        N_("The carrier's callbacks come again."),
    ),
    Signal.SCHEDULER: (
        N_("ALARM: no scheduler is running since %(since)s. Emergencies do not ring and messages are not sent."),
        N_("The scheduler is running again."),
    ),
}


@dataclass(frozen=True)
class State:
    """One signal: when it was last heard of (None: never), and whether it has been silent too long."""

    signal: Signal
    last: datetime | None
    silent: bool

    def age_seconds(self, now: datetime) -> float:
        """Since it was last heard of; -1 for never."""
        return -1 if self.last is None else max(0.0, (now - self.last).total_seconds())


def states(session: Session, now: datetime) -> list[State]:
    """Every signal as it stands. What has never been heard of is not silent: there was nothing to fall silent."""
    keys = ("test_call_minutes", "test_call_silent_minutes", "callbacks_silent_minutes", "calls_silent_hours")
    found = figures(session, *(f"watch.{key}" for key in keys), "watch.scheduler_silent_seconds")
    limits = {
        Signal.TEST_CALL: timedelta(minutes=found["watch.test_call_silent_minutes"]),
        Signal.TEST_TICKET: timedelta(minutes=found["watch.test_call_silent_minutes"]),
        Signal.CALLS: timedelta(hours=found["watch.calls_silent_hours"]),
        Signal.CALLBACKS: timedelta(minutes=found["watch.callbacks_silent_minutes"]),
        Signal.SCHEDULER: timedelta(seconds=found["watch.scheduler_silent_seconds"]),
    }
    off = {
        Signal.TEST_CALL: not found["watch.test_call_minutes"],
        Signal.TEST_TICKET: not found["watch.test_call_minutes"],
        Signal.CALLS: not found["watch.calls_silent_hours"],
    }
    lasts = {
        Signal.TEST_CALL: beaten(session, GOOD),
        Signal.TEST_TICKET: beaten(session, TICKET),
        Signal.CALLS: session.scalar(
            select(Call.started_at).where(Call.direction == "inbound").order_by(Call.started_at.desc()).limit(1)
        ),
        Signal.CALLBACKS: beaten(session, CALLBACKS),
        Signal.SCHEDULER: beaten(session, "scheduler"),
    }
    return [
        State(signal, last, last is not None and not off.get(signal) and now - last > limits[signal])
        for signal, last in lasts.items()
    ]


def tell(session: Session, now: datetime, signals: frozenset[Signal] = frozenset(Signal)) -> list[Message]:
    """Tell of each of these signals that has fallen silent, or is heard again; each change once, whoever asks."""
    told = []
    for state in states(session, now):
        if state.signal not in signals:
            continue
        if state.silent:
            new = insert_once(session, Heartbeat.__table__, _row(state.signal, now), "name")
        else:
            gone = delete(Heartbeat).where(Heartbeat.name == f"{_TOLD}{state.signal}")
            new = bool(session.execute(gone).rowcount)  # type: ignore[attr-defined]
        message = _alert(session, state, now) if new else None
        if message is not None:
            told.append(message)
    return told


def note_reconciled(session: Session, counts: dict[str, int], now: datetime) -> None:
    """A cycle of the reconciler that read the carrier's list and found nothing missing: the callbacks come."""
    if not any(counts.values()) or beaten(session, CALLBACKS) is None:
        beat(session, CALLBACKS, now)


def _row(signal: Signal, now: datetime) -> dict[str, object]:
    return {"name": f"{_TOLD}{signal}", "beat_at": now, "holder": ""}


def _alert(session: Session, state: State, now: datetime) -> Message | None:
    since = f"{state.last.astimezone(local_zone()):%Y-%m-%d %H:%M}" if state.last else "–"
    with force_locale(str(current_app.config.get("BABEL_DEFAULT_LOCALE", "zh"))):
        body = gettext(WORDS[state.signal][0 if state.silent else 1], since=since)
        subject = gettext("Hotline watch")
    log.log(logging.ERROR if state.silent else logging.WARNING, "watch: %s", body)
    return enqueue(
        session,
        channel=MessageChannel.ALERT,
        to=None,
        purpose="watch",
        subject=subject,
        body=body,
        key=f"watch:{state.signal}:{'silent' if state.silent else 'back'}:{now:%Y%m%d%H%M%S}",
        now=now,
    )
