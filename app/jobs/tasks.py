"""What the jobs do: each is handed `now`, owns its transactions, may run again at any time, and returns what it counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import current_app

from app.adapters.carrier import carrier_for
from app.adapters.outgoing import channels
from app.services import clocks as clock_service
from app.services import return_visits as visit_service
from app.services import roster as roster_service
from app.services.escalation_dial import tick
from app.services.journal import replay_journal
from app.services.outbox_delivery import deliver_due
from app.services.reconciler import reconcile_with
from app.services.recordings import fetch_due
from app.services.report_jobs import build_due_drafts, remind
from app.services.settled import close_one, settled_ids
from app.services.staff_notices import tell_roster_gaps, tell_visits_due
from app.services.transaction import transaction
from app.services.waits import end_waits
from config import Settings


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def outbox(now: datetime) -> Mapping[str, int]:
    """Send what is due, outside any transaction (G4)."""
    return deliver_due(transaction, channels(_settings()), now)


def ladder(now: datetime) -> Mapping[str, int]:
    """Move every emergency's ladder (D7)."""
    settings = _settings()
    return tick(transaction, carrier_for(settings, "outbound"), settings.public_base_url, now)


def clocks(now: datetime) -> Mapping[str, int]:
    """Warn, breach, and tell of waits whose date has come: a batch a transaction, until nothing is due (D3, D4)."""
    swept = clock_service.Swept()
    while True:
        with transaction() as session:
            clock_service.sweep(session, now, swept)
        if not swept.seen:
            break
    waits = 0
    while True:
        with transaction() as session:
            ended = end_waits(session, now)
        if not ended:
            break
        waits += ended
    return {"warned": swept.warned, "breached": swept.breached, "failed": len(swept.failed), "waits": waits}


def journal(now: datetime) -> Mapping[str, int]:
    """Replay the calls that were taken while the database was away, with their original times (G4)."""
    with transaction() as session:
        return replay_journal(session, now)


def reconcile(now: datetime) -> Mapping[str, int]:
    """Compare the carrier's list of calls with ours and make what is missing (G4)."""
    return reconcile_with(transaction, carrier_for(_settings()), now)


def recordings(now: datetime) -> Mapping[str, int]:
    """Fetch the voice recordings that are ready (D6)."""
    settings = _settings()
    return fetch_due(transaction, carrier_for(settings), settings.data_dir, now)


def close_settled(now: datetime) -> Mapping[str, int]:
    """Done → closed (I8), each ticket in a transaction of its own."""
    with transaction() as session:
        ids = settled_ids(session, now)
    closed = 0
    for ticket_id in ids:
        with transaction() as session:
            closed += close_one(session, ticket_id, now)
    return {"closed": closed}


def roster_gaps(now: datetime) -> Mapping[str, int]:
    """Tell the managers where the roster has holes (D7)."""
    with transaction() as session:
        gaps = roster_service.coming_gaps(session, now)
        return {"gaps": len(gaps), "told": tell_roster_gaps(session, gaps, now)}


def return_visits(now: datetime) -> Mapping[str, int]:
    """Tell the supervisors how many return visits are due (D8)."""
    with transaction() as session:
        visits = visit_service.due_list(session, now)
        return {"due": len(visits), "told": tell_visits_due(session, visits, now)}


def report_draft(now: datetime) -> Mapping[str, int]:
    """The draft of the month before `now`, where there is none yet (D14)."""
    with transaction() as session:
        return {"drafts": len(build_due_drafts(session, now))}


def reminders(now: datetime) -> Mapping[str, int]:
    """Remind of reports that are not published yet (D14)."""
    with transaction() as session:
        return {"reminders": remind(session, now)}
