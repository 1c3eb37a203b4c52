"""The rows behind a call (G4): raw events under their natural keys, the call with its reserved number, its recordings.

Plain Core statements: the first answer of the hotline is timed (issue 2, figures).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import phonenumbers
from sqlalchemy import Table, TextClause, bindparam, select, text
from sqlalchemy.orm import Session

from app.models import Call, Community, HotlineEvent, HotlineNumber, Ladder, Recording
from app.rules.call_flow import Step
from app.rules.digits import is_number
from app.services.numbers import reserve_ticket_number
from app.services.outbox import WITHHELD

WITHHELD_WORDS = frozenset({"", "anonymous", "restricted", "unavailable", "unknown", "blocked", "private"})
TEST = "test"
"""`Call.direction` of our own test calls (`services.synthetic_calls`): in no list and no figure."""

NUMBER_LIMIT = 64
SID_LIMIT = 64
VALUE_LIMIT = 4000
FIELD_LIMIT = 100


@dataclass(frozen=True)
class Webhook:
    """One signed request of the carrier. `sid` is its CallSid, `received_at` the moment it came in (also on a replay)."""

    sid: str
    params: Mapping[str, str]
    received_at: datetime

    def text(self, name: str, limit: int = VALUE_LIMIT) -> str:
        """A field without control characters, cut to `limit`."""
        return plain(self.params.get(name, ""), limit)

    def without(self, field: str) -> Webhook:
        """The same request without a field: what nobody may keep."""
        return replace(self, params={name: value for name, value in self.params.items() if name != field})


def plain(text: str, limit: int) -> str:
    """What a database and a sentence can hold: no control characters, no lone surrogates, not endless."""
    kept = (" " if char in "\r\n\t" else char for char in text[: limit * 2])
    return "".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cs") and c not in "\ufffe\uffff").strip()[
        :limit
    ]


def is_sid(text: str | None) -> bool:
    """Whether this can be the carrier's id of a call: printable ASCII without blanks, 64 characters at most."""
    return (
        bool(text)
        and len(text or "") <= SID_LIMIT
        and (text or "").isascii()
        and all(c.isalnum() or c in "-_." for c in text or "")
    )


def caller_number(raw: str | None) -> str | None:
    """The caller's number in E.164, or None: withheld, text, empty, impossible, or behind an extension."""
    text = (raw or "").strip()
    if len(text) > 40 or text in WITHHELD or text.lower() in WITHHELD_WORDS:
        return None
    try:
        parsed = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return None
    if parsed.extension or not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def shown_number(raw: str) -> str | None:
    """What the call keeps of `From`: the number or text as it came, None when it was withheld."""
    text = plain(raw, NUMBER_LIMIT)
    return None if text in WITHHELD or text.lower() in WITHHELD_WORDS else text


def community_of(session: Session, to_number: str) -> tuple[int, str, str] | None:
    """(id, name, English name) of the community a called number means; a number nobody knows falls to the only community."""
    columns = (Community.id, Community.name, Community.name_en)
    found = session.execute(
        select(*columns)
        .join(HotlineNumber, HotlineNumber.community_id == Community.id)
        .where(HotlineNumber.number.in_({to_number, caller_number(to_number) or to_number}), HotlineNumber.active)
    ).first()
    if found is None:
        only = session.execute(select(*columns).limit(2)).all()
        found = only[0] if len(only) == 1 else None
    return (found[0], found[1], found[2]) if found else None


def add_event(session: Session, key: str, kind: str, webhook: Webhook, answer: str | None = None) -> bool:
    """Append the raw event; False when it is there already. The carrier's fields are kept as they came, within bounds."""
    kept = {
        plain(name, FIELD_LIMIT): plain(value, VALUE_LIMIT)
        for name, value in list(webhook.params.items())[:FIELD_LIMIT]
    }
    return insert_once(
        session,
        HotlineEvent.__table__,
        {
            "key": key[:160],
            "kind": kind[:30],
            "call_sid": webhook.sid,
            "received_at": webhook.received_at,
            "params": kept,
            "answer": answer,
        },
        "key",
    )


def answer_of(session: Session, key: str) -> str | None:
    """The answer given to this event before; None when it never came."""
    return session.scalar(select(HotlineEvent.answer).where(HotlineEvent.key == key[:160]))


def create_call(
    session: Session, webhook: Webhook, community_id: int | None, locale: str, direction: str = "inbound"
) -> bool:
    """The call with its reserved ticket number (I8); False when the call is known already. A test call has no number."""
    number = None if direction == TEST else reserve_ticket_number(session, webhook.received_at)
    return insert_once(
        session,
        Call.__table__,
        {
            "provider_sid": webhook.sid,
            "direction": direction,
            "from_number": shown_number(webhook.params.get("From", "")),
            "to_number": webhook.text("To", NUMBER_LIMIT) or None,
            "community_id": community_id,
            "status": "ringing",
            "started_at": webhook.received_at,
            "locale": locale,
            "step": Step.MENU.value,
            "facts": {"turn": 1},
            "ticket_number": number,
        },
        "provider_sid",
    )


def locked_call(session: Session, sid: str) -> Call | None:
    """The call, locked against its own other webhooks until the transaction ends; then the ladder of its ticket, as whoever takes
    the emergency does it before writing on the ticket: two locked in another order would wait for each other.

    PostgreSQL looks at a row's parents when one transaction writes it twice: the call's lock leaves the ladder that look.
    """
    statement = select(Call).where(Call.provider_sid == sid).with_for_update(of=Call, key_share=True)
    call = session.scalars(statement.execution_options(populate_existing=True)).first()
    ticket_id = (call.facts or {}).get("ticket_id") if call is not None else None
    if ticket_id is not None:
        session.execute(select(Ladder.id).where(Ladder.ticket_id == ticket_id).with_for_update())
    return call


def note_recording(session: Session, call: Call, webhook: Webhook, step: str) -> Recording | None:
    """A recording of this call, new or known; its state only moves forward (in-progress → completed or absent)."""
    sid = webhook.text("RecordingSid", SID_LIMIT)
    if not is_sid(sid):
        return None
    values: dict[str, Any] = {
        "call_id": call.id,
        "provider_sid": sid,
        "step": step[:40],
        "status": "in-progress",
        "created_at": webhook.received_at,
        "fetch_tries": 0,
    }
    insert_once(session, Recording.__table__, values, "provider_sid")
    recording = session.scalars(select(Recording).where(Recording.provider_sid == sid)).one()
    url = webhook.text("RecordingUrl", 500)
    if url.startswith(("https://", "http://")):
        recording.url = url
    duration = webhook.text("RecordingDuration", 10)
    if is_number(duration, 10):
        recording.duration_seconds = min(int(duration), 86_400)
    status = webhook.text("RecordingStatus", 20)
    if recording.status == "in-progress" and status in ("completed", "absent", "failed"):
        recording.status = status
    return recording


def insert_once(session: Session, table: Any, values: dict[str, Any], *unique: str) -> bool:
    """Insert a row unless its key is there; False then. Two writers at once are one row, and neither fails."""
    result = session.execute(_insert_statement(table, tuple(values), unique), values)
    return bool(result.rowcount)  # type: ignore[attr-defined]


@lru_cache(maxsize=64)
def _insert_statement(table: Table, columns: tuple[str, ...], unique: tuple[str, ...]) -> TextClause:
    """Written out once: SQLAlchemy compiles an insert with ON CONFLICT anew for every call, a tenth of the webhook's time."""
    names = ", ".join(f'"{column}"' for column in columns)
    places = ", ".join(f":{column}" for column in columns)
    key = ", ".join(f'"{column}"' for column in unique)
    words = f'INSERT INTO "{table.name}" ({names}) VALUES ({places}) ON CONFLICT ({key}) DO NOTHING'
    return text(words).bindparams(*(bindparam(column, type_=table.c[column].type) for column in columns))
