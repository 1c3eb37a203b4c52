"""Voice recordings (D6): fetched from the carrier into DATA_DIR/recordings, with their hash. Run by the job `recordings`."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.adapters.carrier.base import Carrier, CarrierError
from app.adapters.files import inside, write_whole
from app.models import Recording

log = logging.getLogger(__name__)

Transaction = Callable[[], AbstractContextManager[Session]]
BATCH = 50
MAX_TRIES = 12
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=6)
STALE_AFTER = timedelta(minutes=15)
"""A recording whose callback never came is asked for all the same after this."""


def fetch_due(transaction: Transaction, carrier: Carrier, data_dir: Path, now: datetime) -> dict[str, int]:
    """Fetch every recording that is ready. Each is its own transaction; one that fails is tried later, less and less often."""
    counts = {"fetched": 0, "deferred": 0}
    last = 0
    while True:
        with transaction() as session:
            due = session.execute(_due(now, last)).all()
        if not due:
            return counts
        for recording_id, sid in due:
            last = recording_id
            counts["fetched" if _fetch(transaction, carrier, data_dir, recording_id, sid, now) else "deferred"] += 1


def _due(now: datetime, after: int):  # type: ignore[no-untyped-def]
    ready = or_(
        Recording.status == "completed",
        (Recording.status == "in-progress") & (Recording.created_at < now - STALE_AFTER),
    )
    return (
        select(Recording.id, Recording.provider_sid)
        .where(
            Recording.id > after,
            Recording.file_path.is_(None),
            ready,
            Recording.fetch_tries < MAX_TRIES,
            or_(Recording.fetch_after.is_(None), Recording.fetch_after <= now),
        )
        .order_by(Recording.id)
        .limit(BATCH)
    )


def _fetch(
    transaction: Transaction, carrier: Carrier, data_dir: Path, recording_id: int, sid: str, now: datetime
) -> bool:
    try:
        content = carrier.fetch_recording(sid)
        name = f"recordings/{now:%Y/%m}/{recording_id}.wav"
        write_whole(inside(data_dir, name), content)
    except (CarrierError, OSError) as error:
        log.warning("recording %s could not be fetched: %s", sid, error)
        with transaction() as session:
            _defer(session.get_one(Recording, recording_id), now)
        return False
    with transaction() as session:
        recording = session.get_one(Recording, recording_id)
        recording.file_path, recording.size_bytes = name, len(content)
        recording.sha256 = hashlib.sha256(content).hexdigest()
        recording.status, recording.fetch_after = "completed", None
    return True


def _defer(recording: Recording, now: datetime) -> None:
    recording.fetch_tries += 1
    recording.fetch_after = now + min(FIRST_DELAY * 2 ** min(recording.fetch_tries - 1, 10), LONGEST_DELAY)
