"""No call is ever lost (G4): the carrier's own list of calls is compared with ours, and what is missing is made. Job `reconcile`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.carrier.base import CallRecord, Carrier, CarrierError, RecordingRecord
from app.models import Call, HotlineEvent
from app.rules.call_flow import FINAL
from app.services import call_store as store
from app.services.call_store import Webhook
from app.services.calls import end_call, take_recording
from app.services.spoken_lines import house_locale

log = logging.getLogger(__name__)

Transaction = Callable[[], AbstractContextManager[Session]]
LOOK_BACK = timedelta(hours=26)
GRACE = timedelta(minutes=3)
"""Webhooks of the last minutes may still be on their way."""

DUE, ASKED = "recordings-due:", "recordings-asked:"
"""Keys of the events that say of which calls the recordings are to be asked for, and were."""

FORGOTTEN_AFTER = timedelta(hours=6)
"""A call of ours that the carrier no longer knows as running is over."""


def reconcile_with(transaction: Transaction, carrier: Carrier, now: datetime) -> dict[str, int]:
    """Ask the carrier outside any transaction, then put each difference right in a transaction of its own."""
    until = now - GRACE
    try:
        records = carrier.list_calls(now - LOOK_BACK, until)
    except CarrierError as error:
        log.warning("the carrier's list of calls could not be read: %s", error)
        return {"unread": 1}
    counts = {"made": 0, "ended": 0, "failed": 0}
    for record in records:
        _count(counts, transaction, lambda session, record=record: settle(session, record, now))  # type: ignore[misc]
    with transaction() as session:
        forgotten = list(session.scalars(_forgotten(now, {record.sid for record in records})))
    for call_id in forgotten:
        _count(counts, transaction, lambda session, call_id=call_id: _give_up(session, call_id, now))  # type: ignore[misc]
    found = _ask_for_recordings(transaction, carrier, [record.sid for record in records], now)
    return {**counts, "recordings": found} if found else counts


def _ask_for_recordings(transaction: Transaction, carrier: Carrier, sids: list[str], now: datetime) -> int:
    """Of a call whose webhooks did not reach us, neither may what was recorded have done: the carrier's list tells. A list that
    cannot be read is asked for again with the next cycle. Returns how many recordings were found."""
    with transaction() as session:
        pending = _unasked(session, sids)
    found = 0
    for sid in pending:
        try:
            records = carrier.list_recordings(sid)
        except CarrierError as error:
            log.warning("the recordings of call %s could not be listed: %s", sid, error)
            continue
        with transaction() as session:
            for record in records:
                take_recording(session, _as_webhook(sid, record, now), record.whole)
            store.add_event(session, f"{ASKED}{sid}", "reconcile", Webhook(sid, {}, now))
        found += len(records)
    return found


def _unasked(session: Session, sids: list[str]) -> list[str]:
    """The calls put right here (`settle`) whose recordings were not asked for yet."""
    keys = [f"{mark}{sid}" for sid in sids for mark in (DUE, ASKED)]
    known = set(session.scalars(select(HotlineEvent.key).where(HotlineEvent.key.in_(keys))))
    return [sid for sid in sids if f"{DUE}{sid}" in known and f"{ASKED}{sid}" not in known]


def _as_webhook(sid: str, record: RecordingRecord, now: datetime) -> Webhook:
    duration = {} if record.duration_seconds is None else {"RecordingDuration": str(record.duration_seconds)}
    return Webhook(sid, {"RecordingSid": record.sid, "RecordingStatus": record.status, **duration}, now)


def reconcile(session: Session, records: Iterable[CallRecord], now: datetime) -> dict[str, int]:
    """The same within one transaction, for a list that is at hand."""
    counts = {"made": 0, "ended": 0, "failed": 0}
    for record in records:
        what = settle(session, record, now)
        if what:
            counts[what] += 1
    return counts


def settle(session: Session, record: CallRecord, now: datetime) -> str | None:
    """One call of the carrier's list: "made" when it was unknown here, "ended" when its end was, else None."""
    if (record.direction and record.direction != "inbound") or not store.is_sid(record.sid):
        return None
    call = store.locked_call(session, record.sid)
    made = call is None
    over = record.status in FINAL
    if call is None:
        call = _make(session, record, now)
    if over and call.status not in FINAL:
        call.status = record.status
        end_call(session, call, record.ended_at or now, record.duration_seconds)
        store.add_event(session, f"{DUE}{record.sid}", "reconcile", Webhook(record.sid, {}, now))
        return "made" if made else "ended"
    return "made" if made else None


def _make(session: Session, record: CallRecord, now: datetime) -> Call:
    params = {"CallSid": record.sid, "From": record.from_number, "To": record.to_number, "CallStatus": record.status}
    webhook = Webhook(record.sid, params, record.started_at or record.created_at or now)
    store.add_event(session, f"reconcile:{record.sid}", "reconcile", webhook)
    community = store.community_of(session, webhook.text("To", store.NUMBER_LIMIT))
    store.create_call(session, webhook, community[0] if community else None, house_locale())
    call = store.locked_call(session, record.sid)
    assert call is not None
    return call


def _forgotten(now: datetime, running: set[str]):  # type: ignore[no-untyped-def]
    statement = select(Call.id).where(
        Call.ended_at.is_(None), Call.direction == "inbound", Call.started_at < now - FORGOTTEN_AFTER
    )
    return statement.where(Call.provider_sid.not_in(running)) if running else statement


def _give_up(session: Session, call_id: int, now: datetime) -> str | None:
    call = session.get_one(Call, call_id, with_for_update=True)
    if call.status in FINAL:
        return None
    call.status = "completed"
    end_call(session, call, now)
    return "ended"


def _count(counts: dict[str, int], transaction: Transaction, work: Callable[[Session], str | None]) -> None:
    try:
        with transaction() as session:
            what = work(session)
    except Exception:
        log.exception("a call could not be reconciled")
        counts["failed"] += 1
        return
    if what:
        counts[what] += 1
