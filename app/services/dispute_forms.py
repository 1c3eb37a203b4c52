"""What the forms of a dispute between neighbours may bring, read and checked, as in `ticket_forms`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.rules.codes import EvidenceKind, StatementState, StatementWay, TalkOutcome, TalkWay
from app.services.ticket_input import (
    NOTE_LIMIT,
    SHORT_LIMIT,
    choice,
    clean_text,
    flag,
    future_instant,
    past_instant,
    phone_number,
    row_id,
)

Raw = Mapping[str, Any]
Clean = dict[str, Any]

NAME_LIMIT = 80
STATEMENT_LIMIT = 8000


def read(step: str, raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    """The clean values of a step's form. Raises Invalid."""
    return _READERS[step](raw, now, zone)


def party(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    """One side: who, from which house, on which number."""
    return {
        "name": clean_text(raw.get("name"), NAME_LIMIT, lines=False),
        "house_id": row_id(raw.get("house_id")),
        "phone": phone_number(raw.get("phone")),
    }


def _statement(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {
        "party_id": row_id(raw.get("party_id")),
        "way": choice(raw.get("way"), StatementWay, default=StatementWay.IN_PERSON),
        "heard_at": past_instant(raw.get("heard_at"), now, zone),
        "words": clean_text(raw.get("words"), STATEMENT_LIMIT),
        "alone": flag(raw.get("alone")),
        "declined": flag(raw.get("declined")),
        "why": clean_text(raw.get("why"), NOTE_LIMIT),
    }


def _read(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {
        "statement_id": row_id(raw.get("statement_id")),
        "state": choice(raw.get("state"), StatementState),
        "answer": clean_text(raw.get("answer"), NOTE_LIMIT),
    }


def _evidence(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {
        "party_id": row_id(raw.get("party_id")),
        "kind": choice(raw.get("kind"), EvidenceKind),
        "what": clean_text(raw.get("what"), NOTE_LIMIT),
        "made_at": past_instant(raw.get("made_at"), now, zone),
        "kept": clean_text(raw.get("kept"), SHORT_LIMIT, lines=False),
    }


def _strike(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {
        "evidence_id": row_id(raw.get("evidence_id")),
        "why": clean_text(raw.get("why"), SHORT_LIMIT, lines=False),
    }


def _talk(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {
        "way": choice(raw.get("way"), TalkWay),
        "held_at": past_instant(raw.get("held_at"), now, zone),
        "present": _places(raw, "present"),
        "others": clean_text(raw.get("others"), SHORT_LIMIT, lines=False),
        "notes": clean_text(raw.get("notes"), STATEMENT_LIMIT),
        "outcome": choice(raw.get("outcome"), TalkOutcome),
        "agreement": clean_text(raw.get("agreement"), STATEMENT_LIMIT),
        "signed": _places(raw, "signed"),
        "next_at": future_instant(raw.get("next_at"), now, zone),
    }


def _places(raw: Raw, name: str) -> list[int]:
    """The sides ticked: `present_1`, `present_2` …"""
    return [place for place in range(1, 7) if flag(raw.get(f"{name}_{place}"))]


_READERS: dict[str, Callable[[Raw, datetime, ZoneInfo], Clean]] = {
    "party": party,
    "statement": _statement,
    "read": _read,
    "evidence": _evidence,
    "strike": _strike,
    "talk": _talk,
}
