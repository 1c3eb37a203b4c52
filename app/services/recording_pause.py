"""No secret stands in a recording (D15): while a caller keys a PIN the recording of the whole call is paused at the carrier.

The flow asks for a PIN only when the row says `paused`; the job below, never a webhook, asks the carrier for what the call's step
wants and writes down what was done. What was not learnt is asked again: pausing twice, or resuming twice, is the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from app.adapters.carrier import missing
from app.adapters.carrier.base import Capability, Carrier, CarrierError, Failure
from app.models import Call, Recording
from app.rules.call_flow.model import SECRET
from app.rules.call_flow.world import RecordingNow
from app.services.call_recording import STARTING, WHOLE

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Session]]
PAUSED, RESUMING, REFUSED = "paused", "resuming", "refused"
"""`Recording.pause`: silent for certain; asked to go on, or about to be; the carrier will not pause it. None: it runs."""

GOING_ON = "in-progress"
LONGEST_CALL = timedelta(hours=3)
AT_ONCE = 8


class _Wish(NamedTuple):
    recording_id: int
    recording_sid: str
    call_id: int
    call_sid: str
    step: str


def recording_now(session: Session, call: Call) -> RecordingNow:
    """Whether what the caller keys now would be recorded. The call is locked: no recording begins meanwhile."""
    lacking = missing(current_app.extensions["settings"])
    if Capability.RECORD_CALLS in lacking:
        return RecordingNow.NONE
    whole = select(Recording.status, Recording.pause).where(Recording.call_id == call.id, Recording.step == WHOLE)
    for status, pause in session.execute(whole):
        if status not in (STARTING, GOING_ON):
            continue
        if pause == PAUSED:
            return RecordingNow.PAUSED
        stays = Capability.PAUSE_RECORDING in lacking or pause == REFUSED
        return RecordingNow.FIXED if stays else RecordingNow.RUNNING
    return RecordingNow.NONE


def pause_due(begin: Begin, carrier: Carrier, now: datetime) -> dict[str, int]:
    """Pause the recordings of calls that key a secret, let the others go on. Returns what was done, counted."""
    counts = {"paused": 0, "resumed": 0, "failed": 0}
    if Capability.PAUSE_RECORDING not in carrier.capabilities:
        return counts
    with begin() as session:
        wishes = [_Wish(*row) for row in session.execute(_wanted(now)).tuples()]
    # What is to go on is written down as no longer silent before the carrier is asked: the flow must not trust it meanwhile.
    wishes = [wish for wish in wishes if wish.step in SECRET or _claim(begin, wish)]
    if not wishes:
        return counts
    with ThreadPoolExecutor(min(AT_ONCE, len(wishes))) as pool:
        for wish, failure in zip(wishes, pool.map(lambda one: _ask(carrier, one), wishes), strict=True):
            silent = wish.step in SECRET
            with begin() as session:
                _record(session, wish, silent, failure)
            counts["failed" if failure else "paused" if silent else "resumed"] += 1
    return counts


def _wanted(now: datetime):  # type: ignore[no-untyped-def]
    keyed, runs = Call.step.in_(SECRET), or_(Recording.pause.is_(None), Recording.pause == RESUMING)
    to_pause = and_(keyed, runs)
    to_go_on = and_(~keyed, Recording.pause.in_((PAUSED, RESUMING)))
    return (
        select(Recording.id, Recording.provider_sid, Call.id, Call.provider_sid, Call.step)
        .join(Call, Call.id == Recording.call_id)
        .where(Call.ended_at.is_(None), Call.started_at > now - LONGEST_CALL)
        .where(Recording.step == WHOLE, Recording.status == GOING_ON, or_(to_pause, to_go_on))
        .order_by(Recording.id)
        .limit(200)
    )


def _claim(begin: Begin, wish: _Wish) -> bool:
    """Take a recording out of `paused`, unless its call has come to a secret again."""
    with begin() as session:
        step = session.scalar(select(Call.step).where(Call.id == wish.call_id).with_for_update())
        if step in SECRET:
            return False
        paused = update(Recording).where(Recording.id == wish.recording_id, Recording.pause.in_((PAUSED, RESUMING)))
        return session.execute(paused.values(pause=RESUMING)).rowcount == 1  # type: ignore[attr-defined]


def _ask(carrier: Carrier, wish: _Wish) -> Failure | None:
    """Ask the carrier, outside any transaction. Never raises."""
    try:
        if wish.step in SECRET:
            carrier.pause_recording(wish.call_sid, wish.recording_sid)
        else:
            carrier.resume_recording(wish.call_sid, wish.recording_sid)
    except CarrierError as error:
        log.warning("call %s: its recording stays as it is: %s", wish.call_sid, error)
        return error.failure
    except Exception:
        log.exception("call %s: the carrier's adapter failed", wish.call_sid)
        return Failure.UNKNOWN
    return None


def _record(session: Session, wish: _Wish, silent: bool, failure: Failure | None) -> None:
    row = update(Recording).where(Recording.id == wish.recording_id)
    if failure is None:
        session.execute(
            row.values(pause=PAUSED) if silent else row.where(Recording.pause == RESUMING).values(pause=None)
        )
    elif failure is Failure.PERMANENT:
        session.execute(row.values(pause=REFUSED if silent else None))
