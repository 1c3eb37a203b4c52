"""Whole calls are recorded (D6), where the carrier can: begun by a job, never by a webhook, and kept like every recording.

The row is written before the carrier is asked, so that no call is recorded twice; what the carrier calls the recording is
learnt from its answer or from its callback, whichever comes first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from app.adapters.carrier.base import Capability, Carrier, CarrierError, Failure
from app.errors import N_
from app.models import Call, Recording
from app.rules.call_flow.model import SECRET
from app.rules.call_flow.words import line
from app.rules.codes import MessageChannel, MessagePurpose
from app.services.actors import Actor
from app.services.call_store import insert_once
from app.services.local_time import local_zone
from app.services.outbox import enqueue
from app.services.policies import figure
from app.services.spoken_lines import house_locale, keep, write
from app.services.tickets import SENTENCE, add_entry

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Session]]
WHOLE = "call"
"""`Recording.step` of a whole call."""

STARTING, WANTED, FAILED, ABSENT, UNRECORDED = "starting", "wanted", "failed", "absent", "unrecorded"
YOUNG = timedelta(minutes=10)
"""A call that could not be recorded for so long is not worth beginning with."""

LATE = timedelta(minutes=15)
"""So long after a call's end the carrier may still name a recording whose beginning it never confirmed."""

SHORT_SECONDS = 5
"""Who hangs up before the job has seen the call, two seconds each time, has said nothing."""

LOOK_BACK = timedelta(hours=24)
PLACEHOLDER = "call-"
"""Begins the sid of a recording that the carrier has not named yet."""
AT_ONCE = 8
HOUSE = Actor.system("hotline")
NOT_RECORDED = N_("The carrier did not record this call as a whole.")


def start_due(begin: Begin, carrier: Carrier, public_base_url: str, now: datetime) -> dict[str, int]:
    """Begin to record every live call that is not recorded yet. Returns what was done, counted."""
    counts = {"started": 0, "failed": 0}
    if Capability.RECORD_CALLS not in carrier.capabilities:
        return counts
    with begin() as session:
        most = figure(session, "hotline.recording_tries")
        due = session.execute(_due(now)).tuples()
        wanted = [(call_id, sid) for call_id, sid in due if _claim(session, call_id, most, now)]
    if not wanted:
        return counts
    callback = f"{public_base_url}/hotline/recording/{WHOLE}"
    with ThreadPoolExecutor(min(AT_ONCE, len(wanted))) as pool:
        results = pool.map(lambda one: _start(carrier, one[1], callback), wanted)
        for (call_id, sid), (status, recording_sid) in zip(wanted, results, strict=True):
            with begin() as session:
                _record(session, call_id, status, recording_sid)
            counts["started" if recording_sid else "failed"] += 1
            log.debug("call %s: recording %s", sid, recording_sid or status)
    return counts


def adopt(session: Session, call_id: int, recording_sid: str) -> None:
    """The carrier has named the recording of a whole call: the row that waited for the name gets it."""
    known = select(Recording.id).where(Recording.provider_sid == recording_sid).exists()
    waiting = update(Recording).where(Recording.provider_sid == _placeholder(call_id), ~known)
    session.execute(waiting.values(provider_sid=recording_sid, status="in-progress"))


def tell_unrecorded(session: Session, now: datetime, *, can_record: bool = True) -> int:
    """Calls that have ended and that the carrier would not record, or never confirmed, or that nobody asked it to record while they
    lasted: each is noted on its tickets, and the staff's channels are told once an hour and community. Returns how many calls."""
    missed = _never_asked(session, now) if can_record else 0
    never_named = and_(Recording.status == STARTING, Call.ended_at < now - LATE)
    lost = or_(Recording.status.in_((WANTED, FAILED, ABSENT)), never_named)
    found = (
        select(Recording)
        .join(Call)
        .where(Recording.step == WHOLE, lost, Call.ended_at > now - LOOK_BACK, Call.ended_at <= now)
        .order_by(Recording.id)
        .limit(200)
        .with_for_update(of=Recording)
    )
    told = session.scalars(found).all()
    for recording in told:
        recording.status = UNRECORDED
        _tell(session, recording.call, now)
    session.flush()
    return len(told) + missed


def _never_asked(session: Session, now: datetime) -> int:
    """Calls without a row of their recording get one, and are told of: the job was late, or the call came to light afterwards."""
    begun = select(Recording.id).where(Recording.call_id == Call.id, Recording.step == WHOLE)
    ended = (Call.ended_at > now - LOOK_BACK, Call.ended_at <= now, Call.direction == "inbound")
    spoke = or_(Call.duration_seconds.is_(None), Call.duration_seconds >= SHORT_SECONDS)
    found = select(Call).where(*ended, spoke, ~begun.exists()).order_by(Call.id).limit(200)
    told = 0
    for call in session.scalars(found):
        if insert_once(session, Recording.__table__, _row(call.id, UNRECORDED, now), "provider_sid"):
            _tell(session, call, now)
            told += 1
    return told


def _tell(session: Session, call: Call, now: datetime) -> None:
    said = line(NOT_RECORDED)
    for ticket in call.tickets:
        add_entry(
            session, ticket, "note", HOUSE, now, before=ticket.state, note=write(said), data={SENTENCE: keep(said)}
        )
    with force_locale(house_locale()):
        at = f"{call.started_at.astimezone(local_zone()):%m-%d %H:%M}"
        body = gettext(
            "The carrier did not record the call of %(at)s (ticket %(number)s) as a whole. Others of this hour, if any, are marked on"
            " their tickets.",
            at=at,
            number=call.ticket_number or "–",
        )
        subject = gettext("Hotline watch")
    enqueue(
        session,
        channel=MessageChannel.ALERT,
        to=None,
        purpose=MessagePurpose.WATCH,
        subject=subject,
        body=body,
        community_id=call.community_id,
        key=f"unrecorded:{call.community_id}:{now:%Y%m%d%H}",
        now=now,
    )


def _due(now: datetime):  # type: ignore[no-untyped-def]
    begun = select(Recording.id).where(
        Recording.call_id == Call.id, Recording.step == WHOLE, Recording.status != WANTED
    )
    live = (Call.ended_at.is_(None), Call.started_at > now - YOUNG, Call.direction == "inbound")
    # Nothing begins while a secret is keyed: it may have been asked for because nothing was recorded.
    open_ = Call.step.not_in(SECRET)
    return select(Call.id, Call.provider_sid).where(*live, open_, ~begun.exists()).order_by(Call.id).limit(200)


def _claim(session: Session, call_id: int, most_tries: int, now: datetime) -> bool:
    """Write the row, or take up one whose last try failed; False when another job is faster, or a secret is being asked for."""
    step = session.scalar(select(Call.step).where(Call.id == call_id).with_for_update())
    if step in SECRET:
        return False
    if insert_once(session, Recording.__table__, _row(call_id, STARTING, now), "provider_sid"):
        return True
    again = update(Recording).where(
        Recording.provider_sid == _placeholder(call_id), Recording.status == WANTED, Recording.fetch_tries < most_tries
    )
    return bool(session.execute(again.values(status=STARTING)).rowcount)  # type: ignore[attr-defined]


def _row(call_id: int, status: str, now: datetime) -> dict[str, Any]:
    names = {"call_id": call_id, "provider_sid": _placeholder(call_id), "step": WHOLE, "status": status}
    return {**names, "created_at": now, "fetch_tries": 0}


def _start(carrier: Carrier, sid: str, callback: str) -> tuple[str, str | None]:
    """Ask the carrier, outside any transaction. Never raises."""
    try:
        return "in-progress", carrier.start_recording(sid, callback)
    except CarrierError as error:
        log.info("call %s is not recorded as a whole: %s", sid, error)
        # Not known: its callback will tell, and a second recording would be one too many.
        return {Failure.TEMPORARY: WANTED, Failure.UNKNOWN: STARTING}.get(error.failure, FAILED), None
    except Exception:
        log.exception("call %s: the carrier's adapter failed", sid)
        return FAILED, None


def _record(session: Session, call_id: int, status: str, recording_sid: str | None) -> None:
    if recording_sid is not None:
        adopt(session, call_id, recording_sid)
        return
    row = update(Recording).where(Recording.provider_sid == _placeholder(call_id))
    session.execute(row.values(status=status, fetch_tries=Recording.fetch_tries + 1))


def _placeholder(call_id: int) -> str:
    return f"{PLACEHOLDER}{call_id}"
