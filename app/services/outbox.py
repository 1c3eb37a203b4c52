"""The outbox (G4): what must leave the house is written with its cause and sent afterwards.

`enqueue` is for every service; the rest is the job's. The sending itself lives in `outbox_delivery`.
"""

from __future__ import annotations

import hashlib
import logging
import re
import unicodedata
from datetime import datetime
from typing import Any

import phonenumbers
from flask import current_app, has_app_context
from phonenumbers import PhoneNumberType
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from app.models import Message, Phone, Ticket
from app.rules.codes import MessageChannel, MessageState
from app.rules.outbox import DESPITE_STOP

log = logging.getLogger(__name__)

WITHHELD = frozenset(("+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"))
"""What carriers put where a withheld number would stand: anonymous, restricted, blocked, unknown (G3)."""

ALERT_TO = "staff"
"""The address of every alert: the settings' STAFF_ALERT_URLS hold secrets and are never copied into a row."""

_KEY_LIMIT = 160
# New ranges are handed out faster than the library learns of them.
_CHINESE_MOBILE = re.compile(r"\+861[3-9]\d{9}")
_SMS_TYPES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def enqueue(
    session: Session,
    *,
    channel: str,
    to: str | None,
    purpose: str,
    body: str,
    subject: str | None = None,
    ticket_id: int | None = None,
    report_id: int | None = None,
    community_id: int | None = None,
    person_id: int | None = None,
    attachment: str | None = None,
    key: str,
    now: datetime,
) -> Message | None:
    """Write a message to be sent; the same `key` a second time is the first message again.

    `channel`: sms, email or alert. `purpose`: one of MessagePurpose. `to`: a number in any writing, a mail address; ignored
    for alerts (see ALERT_TO).
    `attachment`: a path below DATA_DIR. None, with a line in the log, when the address cannot receive it: no number, a
    landline, a withheld number, one that answered STOP (but for emergencies), no mail address, no STAFF_ALERT_URLS.
    """
    address = _address(session, channel, to, purpose)
    if address is None:
        log.info("message %s (%s) not queued: the address cannot receive %s", key, purpose, channel)
        return None
    if community_id is None and ticket_id is not None:
        community_id = session.scalar(select(Ticket.community_id).where(Ticket.id == ticket_id))
    short_key = key if len(key) <= _KEY_LIMIT else hashlib.sha256(key.encode()).hexdigest()
    values: dict[str, Any] = {
        "key": short_key,
        "channel": MessageChannel(channel).value,
        "to": address,
        "purpose": purpose[:40],
        "subject": _printable(subject)[:255].replace("\n", " ") if subject else None,
        "body": _printable(body),
        "attachment": attachment,
        "community_id": community_id,
        "ticket_id": ticket_id,
        "report_id": report_id,
        "person_id": person_id,
        "state": MessageState.QUEUED.value,
        "tries": 0,
        "next_at": now,
        "created_at": now,
    }
    _insert_once(session, values)
    return session.scalars(select(Message).where(Message.key == short_key)).one()


def sms_number(text: str | None) -> str | None:
    """The E.164 form of a number that can receive a text message; None for landlines, withheld and impossible ones."""
    raw = (text or "").strip()
    if not raw or raw in WITHHELD or len(raw) > 40:
        return None
    try:
        parsed = phonenumbers.parse(raw, "CN")
    except phonenumbers.NumberParseException:
        return None
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if _CHINESE_MOBILE.fullmatch(number):
        return number
    mobile = phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) in _SMS_TYPES
    return number if mobile else None


def wants_none(session: Session, number: str, purpose: str) -> bool:
    """Whether this number answered STOP, and the purpose is no emergency."""
    if purpose in DESPITE_STOP:
        return False
    return session.scalar(select(Phone.sms_stopped_at).where(Phone.number == number)) is not None


def _address(session: Session, channel: str, to: str | None, purpose: str) -> str | None:
    if channel == MessageChannel.SMS:
        number = sms_number(to)
        if number is None:
            return None
        return None if wants_none(session, number, purpose) else number
    if channel == MessageChannel.EMAIL:
        return mail_address(to)
    return ALERT_TO if _alerts_go_somewhere() else None


def mail_address(text: str | None) -> str | None:
    """A mail address that a header can hold, or None."""
    address = (text or "").strip()
    local, at, host = address.rpartition("@")
    good = at and local and "." in host.strip(".") and len(address) <= 254
    return address if good and address.isprintable() and not set(address) & set(' <>,;:"()[]\\') else None


def _alerts_go_somewhere() -> bool:
    return has_app_context() and bool(current_app.extensions["settings"].staff_alert_urls)


def _printable(text: str) -> str:
    """No control characters but line breaks: neither PostgreSQL nor a telephone wants them."""
    kept = (c for c in text.replace("\r\n", "\n") if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(kept)


def _insert_once(session: Session, values: dict[str, Any]) -> None:
    """Insert unless the key is there: two writers at once are one message, and neither fails."""
    session.flush()
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    session.execute(insert(Message).values(**values).on_conflict_do_nothing(index_elements=["key"]))
