"""Who watches the scheduler and the database: every web and worker process looks at both. What the outbox would carry, the
watchdog carries itself, because the outbox is the scheduler's and lies in the database."""

from __future__ import annotations

import logging
import threading

from flask import Flask
from sqlalchemy.exc import InterfaceError, OperationalError

from app.adapters.clock import now
from app.adapters.outgoing import channels
from app.adapters.patience import within
from app.services import database_watch, watch
from app.services.outbox_delivery import deliver_one
from app.services.transaction import transaction

log = logging.getLogger(__name__)

EVERY_SECONDS = 20.0
DATABASE_SECONDS = 10.0
"""A database that has not answered a look for so long is away, though its connections stay open."""
LOOKS_IN_VAIN = 2
"""A single look in vain is a restart, or a hiccup: nobody is woken for it."""


def start_watchdog(app: Flask) -> threading.Event:
    """Look from now on, on a thread that ends with the process. Returns what stops it."""
    stopped = threading.Event()
    threading.Thread(target=_watch, args=(app, stopped), name="watchdog", daemon=True).start()
    return stopped


def look(app: Flask) -> int:
    """Look once; how many alerts went out."""
    with app.app_context():
        with within(DATABASE_SECONDS), transaction() as session:
            told = [message.id for message in watch.tell(session, now(), frozenset({watch.Signal.SCHEDULER}))]
        for message_id in told:
            deliver_one(transaction, channels(app.extensions["settings"]), message_id, now())
    return len(told)


def look_twice(app: Flask, in_vain: int) -> int:
    """Look once, `in_vain` looks having found no database before; how many have now. At `LOOKS_IN_VAIN` the staff is told."""
    settings = app.extensions["settings"]
    try:
        look(app)
    except (OperationalError, InterfaceError):
        in_vain += 1
        log.warning("the watchdog found no database", exc_info=True)
        if in_vain >= LOOKS_IN_VAIN:
            with app.app_context():
                database_watch.tell_away(settings.data_dir, channels(settings), now())
        return in_vain
    with app.app_context():
        database_watch.tell_back(settings.data_dir, channels(settings), now())
    return 0


def _watch(app: Flask, stopped: threading.Event) -> None:
    in_vain = 0
    while not stopped.wait(EVERY_SECONDS):
        try:
            in_vain = look_twice(app, in_vain)
        except Exception:
            log.warning("the watchdog could not look", exc_info=True)
