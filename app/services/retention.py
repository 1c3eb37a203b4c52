"""What is kept only so long (I8): sound files are blanked by rule, the row and an entry in the audit trail stay; the carrier's
raw webhooks go, the calls, tickets and messages they became stay.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from app.adapters.files import inside
from app.models import Call, CallTicket, HotlineEvent, Recording, Ticket
from app.rules.codes import AccessAction, TicketState
from app.services import audit
from app.services.actors import Actor
from app.services.policies import figure

log = logging.getLogger(__name__)

Transaction = Callable[[], AbstractContextManager[Session]]
BATCH = 100
WEBHOOKS = 1000
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


def forget_webhooks(transaction: Transaction, now: datetime) -> int:
    """Delete raw webhooks older than `hotline.webhook_days`, save those of a call whose matter is not settled: its answers stand
    on the ticket's timeline. A stretch of them a transaction, in the order they were stored; one entry on the audit trail."""
    removed, last = 0, 0
    while True:
        with transaction() as session:
            before = now - timedelta(days=figure(session, "hotline.webhook_days"))
            stretch = select(HotlineEvent.id).where(HotlineEvent.id > last).order_by(HotlineEvent.id).limit(WEBHOOKS)
            end = session.scalar(select(func.max(stretch.subquery().c.id)))
            old = (HotlineEvent.id > last, HotlineEvent.id <= (end or 0), HotlineEvent.received_at < before)
            if end is None or session.scalar(select(HotlineEvent.id).where(*old).limit(1)) is None:
                break
            gone = delete(HotlineEvent).where(*old, ~_of_open_matter())
            removed += session.execute(gone.execution_options(synchronize_session=False)).rowcount  # type: ignore[attr-defined]
            last = end
    if removed:
        with transaction() as session:
            subject = f"{removed} · {before:%Y-%m-%d}"
            audit.record(session, HOUSE, AccessAction.WEBHOOKS_FORGOTTEN, subject, now)
    return removed


def _of_open_matter() -> ColumnElement[bool]:
    return exists(
        select(CallTicket.id)
        .join(Call, Call.id == CallTicket.call_id)
        .join(Ticket, Ticket.id == CallTicket.ticket_id)
        .where(Call.provider_sid == HotlineEvent.call_sid, Ticket.state.not_in(_SETTLED))
        .correlate(HotlineEvent)
    )
