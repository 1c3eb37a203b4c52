"""What is kept only so long (I8): sound files are blanked by rule, the row and an entry in the audit trail stay."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app.adapters.files import inside
from app.models import CallTicket, Recording, Ticket
from app.rules.codes import AccessAction, TicketState
from app.services import audit
from app.services.actors import Actor
from app.services.policies import figure

log = logging.getLogger(__name__)

Transaction = Callable[[], AbstractContextManager[Session]]
BATCH = 100
HOUSE = Actor.system("retention")
EXPIRED = "expired"
_SETTLED = (TicketState.CLOSED, TicketState.CANCELLED)


def blank_recordings(transaction: Transaction, data_dir: Path, now: datetime) -> int:
    """Blank recordings older than the rule, save those of a matter that is not settled. Each is its own transaction."""
    blanked, last = 0, 0
    while True:
        with transaction() as session:
            before = now - timedelta(days=figure(session, "hotline.recording_days"))
            due = session.scalars(_due(before, last)).all()
        if not due:
            return blanked
        for recording_id in due:
            last = recording_id
            blanked += _blank(transaction, data_dir, recording_id, now)


def _due(before: datetime, after: int):  # type: ignore[no-untyped-def]
    open_matter = (
        select(CallTicket.id)
        .join(Ticket, Ticket.id == CallTicket.ticket_id)
        .where(CallTicket.call_id == Recording.call_id, Ticket.state.not_in(_SETTLED))
    )
    kept = or_(Recording.file_path.is_not(None), Recording.status != EXPIRED)
    return (
        select(Recording.id)
        .where(Recording.id > after, Recording.created_at < before, kept, ~exists(open_matter))
        .order_by(Recording.id)
        .limit(BATCH)
    )


def _blank(transaction: Transaction, data_dir: Path, recording_id: int, now: datetime) -> bool:
    """The file first: what is gone twice is no error, a row that says it is gone while it is there would be."""
    with transaction() as session:
        recording = session.get_one(Recording, recording_id)
        try:
            if recording.file_path is not None:
                inside(data_dir, recording.file_path).unlink(missing_ok=True)
        except OSError:
            log.exception("recording %s could not be removed", recording_id)
            return False
        recording.file_path, recording.status, recording.expired_at = None, EXPIRED, now
        subject = recording.provider_sid
        audit.record(
            session, HOUSE, AccessAction.RECORDING_BLANKED, subject, now, kind="recording", row_id=recording_id
        )
    return True
