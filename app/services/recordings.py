"""Voice recordings (D6): fetched from the carrier into DATA_DIR/recordings, checked, hashed, then deleted there.

Run by the job `recordings`. How long they are kept is `retention`'s.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.adapters.carrier.base import Carrier, CarrierError
from app.adapters.files import inside, write_whole
from app.models import Recording
from app.services.call_recording import PLACEHOLDER

log = logging.getLogger(__name__)

Transaction = Callable[[], AbstractContextManager[Session]]
BATCH = 50
HEADER = 44
"""Bytes of a WAV file before its first sound."""
TROUBLED = 12
"""After so many tries in vain (some twenty hours) people are told of it (doctor, /metrics); it is tried on until it has expired."""
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=6)
_STREAMED = (0, 0xFFFFFFFF)
"""Lengths that a header states whose writer did not know the end."""

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
        check_sound(content)
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
        recording.status, recording.fetch_after, recording.fetch_tries = "completed", None, 0
    return True


def check_sound(content: bytes) -> None:
    """Raises CarrierError for what is no WAV file: an error page with status 200, half an answer."""
    declared = int.from_bytes(content[4:8], "little")
    whole = len(content) > HEADER and (declared in _STREAMED or declared + 8 <= len(content))
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE" or not whole:
        raise CarrierError(f"{len(content)} bytes that are no recording")


def delete_at_carrier(transaction: Transaction, carrier: Carrier, data_dir: Path, now: datetime) -> dict[str, int]:
    """Delete at the carrier what is kept here whole: our file is read again first, and must have the hash that was noted. What has
    expired here goes there, too, whether it was ever fetched or not."""
    counts = {"deleted": 0, "kept": 0}
    last = 0
    while True:
        with transaction() as session:
            due = session.execute(_kept_there(now, last)).all()
        if not due:
            return counts
        for row in due:
            last = row.id
            counts["deleted" if _delete(transaction, carrier, data_dir, row, now) else "kept"] += 1


def _kept_there(now: datetime, after: int):  # type: ignore[no-untyped-def]
    here = Recording.file_path.is_not(None) & Recording.sha256.is_not(None)
    expired = Recording.expired_at.is_not(None) & Recording.provider_sid.not_like(f"{PLACEHOLDER}%")
    return (
        select(Recording.id, Recording.provider_sid, Recording.file_path, Recording.sha256)
        .where(
            Recording.id > after,
            or_(here, expired),
            Recording.carrier_deleted_at.is_(None),
            or_(Recording.fetch_after.is_(None), Recording.fetch_after <= now),
        )
        .order_by(Recording.id)
        .limit(BATCH)
    )


def _delete(transaction: Transaction, carrier: Carrier, data_dir: Path, row: Any, now: datetime) -> bool:
    try:
        if row.file_path is not None:
            content = inside(data_dir, row.file_path).read_bytes()
            if hashlib.sha256(content).hexdigest() != row.sha256:
                raise OSError("our file is not what was fetched")
        carrier.delete_recording(row.provider_sid)
    except (CarrierError, OSError) as error:
        log.warning("recording %s stays at the carrier: %s", row.provider_sid, error)
        with transaction() as session:
            _defer(session.get_one(Recording, row.id), now)
        return False
    with transaction() as session:
        recording = session.get_one(Recording, row.id)
        recording.carrier_deleted_at, recording.fetch_after = now, None
    return True


def troubled(session: Session) -> int:
    """How many recordings neither come nor go at the carrier, however often they are tried."""
    left = select(func.count(Recording.id)).where(
        Recording.fetch_tries >= TROUBLED, Recording.carrier_deleted_at.is_(None)
    )
    return session.scalar(left) or 0


def _defer(recording: Recording, now: datetime) -> None:
    recording.fetch_tries += 1
    recording.fetch_after = later(recording.fetch_tries, now)


def later(tries: int, now: datetime) -> datetime:
    """When what failed `tries` times is tried again: after a minute, doubled each time, six hours at most."""
    return now + min(FIRST_DELAY * 2 ** min(tries - 1, 10), LONGEST_DELAY)
