"""What each verb of a ticket may be given (I5), read from a form or from JSON and checked: unknown fields are passed over.

Every reader takes the raw mapping and returns clean values under fixed names; it raises Invalid for what cannot be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.rules.codes import Grade, Party, Validity, VisitResult, VisitWay
from app.rules.ticket_states import REPLY_WAYS
from app.services import complaint_forms
from app.services.complaint_forms import tick
from app.services.ticket_input import (
    NOTE_LIMIT,
    SHORT_LIMIT,
    choice,
    clean_text,
    first,
    flag,
    future_instant,
    row_id,
    whole_number,
    word,
)

Raw = Mapping[str, Any]
Clean = dict[str, Any]
Reader = Callable[[Raw, datetime, ZoneInfo], Clean]

_REPLY_ALIASES = {"letter": "written", "email": "written", "sms": "written", "call": "phone", "verbal": "word"}
_VISIT_ALIASES = {"person": "in_person", "visit": "in_person", "telephone": "phone"}


def read(verb: str, raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    """The clean values of a verb, `note` and `revision` (the version a page was showing) among them."""
    clean = _READERS[verb](raw, now, zone) if verb in _READERS else {}
    clean.setdefault("note", _note(raw))
    clean["revision"] = row_id(raw.get("revision"))
    return clean


def _note(raw: Raw) -> str:
    return clean_text(first(raw, "note", "text", "comment"), NOTE_LIMIT)


def _short(raw: Raw, *names: str) -> str:
    return clean_text(first(raw, *names), SHORT_LIMIT)


def _dispatch(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {
        "assignee_id": row_id(first(raw, "assignee_id", "staff_id", "assignee")),
        "department_id": row_id(raw.get("department_id")),
        "department": clean_text(raw.get("department"), 40, lines=False),
        "read": tick(raw, "read"),
    }


def _start(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {"plan": clean_text(raw.get("plan"), NOTE_LIMIT), "read": tick(raw, "read")}


def _contact(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    agreed = first(raw, "promise_at", "agreed_at", "due_at")
    return {
        "promise_at": future_instant(agreed, now, zone),
        "way": _short(raw, "way"),
        "plan": clean_text(raw.get("plan"), NOTE_LIMIT),
    }


def _reply(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    way = raw.get("way")
    if isinstance(way, str):
        way = _REPLY_ALIASES.get(way, way)
    return {
        "way": word(way, REPLY_WAYS),
        "signed": flag(first(raw, "signed", "signature")),
        "note": clean_text(first(raw, "note", "text", "reply", "comment"), NOTE_LIMIT),
    }


def _wait(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    until = first(raw, "until", "waiting_until", "date", "until_at", "due_at")
    return {"reason": _short(raw, "reason", "waiting_reason", "note"), "until": future_instant(until, now, zone)}


def _finish(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    words = clean_text(first(raw, "note", "result", "what", "text", "comment"), NOTE_LIMIT)
    return {"note": words, "accepts": tick(raw, "accepts")}


def _visit(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    way = raw.get("way")
    if isinstance(way, str):
        way = _VISIT_ALIASES.get(way, way)
    return {
        "score": whole_number(raw.get("score"), 1, 5),
        "way": choice(way, VisitWay, default=VisitWay.PHONE),
        "unreachable": flag(raw.get("unreachable")),
        "result": choice(raw.get("result"), VisitResult),
    }


def _close(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {**complaint_forms.closing(raw), "owed_reason": _short(raw, "owed_reason")}


def _cancel(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {"reason": _short(raw, "reason", "note")}


def _reopen(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {
        "note": clean_text(first(raw, "note", "reason", "text", "comment"), NOTE_LIMIT),
        "score": whole_number(raw.get("score"), 1, 5),
        "way": choice(raw.get("way"), VisitWay),
    }


def _find(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {
        "validity": choice(raw.get("validity"), Validity),
        "grade": choice(raw.get("grade"), Grade),
        "party": choice(first(raw, "responsible", "party"), Party),
        "plan": clean_text(raw.get("plan"), NOTE_LIMIT),
        "note": clean_text(first(raw, "note", "reasons", "reason", "text", "comment"), NOTE_LIMIT),
    }


def _promise(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {"due_at": future_instant(first(raw, "due_at", "at", "promised_at", "until", "by"), now, zone)}


_READERS: dict[str, Reader] = {
    "dispatch": _dispatch,
    "start": _start,
    "contact": _contact,
    "reply": _reply,
    "wait": _wait,
    "finish": _finish,
    "visit": _visit,
    "close": _close,
    "cancel": _cancel,
    "reopen": _reopen,
    "find": _find,
    "promise": _promise,
}
