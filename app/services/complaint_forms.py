"""What the steps of complaints (D5) may be given, read from a form or from JSON and checked, as in `ticket_forms`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.rules.codes import Cause, DisputeMatter, LetterWay, OutsideKind
from app.rules.complaints import MEASURES, REPLY_WAYS, read_cause
from app.rules.digits import is_number
from app.services.dispute_forms import party
from app.services.ticket_input import (
    NOTE_LIMIT,
    SHORT_LIMIT,
    choice,
    clean_text,
    first,
    flag,
    future_instant,
    row_id,
    word,
)

Raw = Mapping[str, Any]
Clean = dict[str, Any]

NUMBER_LIMIT = 60
LETTER_LIMIT = 4000


def read(verb: str, raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    """The clean values of a verb, `note` and `revision` among them. Raises Invalid."""
    clean = _READERS[verb](raw, now, zone) if verb in _READERS else {}
    clean.setdefault("note", clean_text(first(raw, "note", "reason", "reasons", "text", "comment"), NOTE_LIMIT))
    clean["revision"] = row_id(raw.get("revision"))
    return clean


def measures(raw: Raw) -> Clean:
    """Cause, correction and prevention: the cause by its code (`cause`, or as `root_cause`), or in words that name it."""
    given = choice(raw.get("cause"), Cause)
    cause, words = read_cause(given, clean_text(raw.get("root_cause"), SHORT_LIMIT))
    clean = {name: clean_text(raw.get(name), SHORT_LIMIT) for name in MEASURES}
    return {**clean, "root_cause": words, "cause": cause}


def closing(raw: Raw) -> Clean:
    """What closing a complaint may bring along: the measures, a written answer, the words of a telephone call, the second
    person's word on the finding."""
    return {
        **measures(raw),
        "answer": clean_text(first(raw, "answer", "written_answer"), NOTE_LIMIT),
        "words": clean_text(first(raw, "words", "phone_words"), NOTE_LIMIT),
        "confirm": flag(raw.get("confirm")),
    }


def _settle(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {
        "opinion": clean_text(first(raw, "opinion", "household_opinion"), NOTE_LIMIT),
        "done": clean_text(first(raw, "done", "note", "text", "comment"), NOTE_LIMIT),
        "way": word(raw.get("way"), REPLY_WAYS),
        "note": clean_text(first(raw, "opinion", "household_opinion"), NOTE_LIMIT),
    }


def _decide(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {
        "note": clean_text(first(raw, "note", "decision", "text", "comment"), NOTE_LIMIT),
        "assignee_id": row_id(first(raw, "assignee_id", "staff_id", "assignee")),
    }


def _mark(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {"written": tick(raw, "written")}


def tick(raw: Raw, name: str) -> bool | None:
    """A tick box that may not have been asked: None where it was not."""
    return None if raw.get(name) in (None, "") else flag(raw[name])


def _outside(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    body = first(raw, "body", "kind", "outside")
    is_id = isinstance(body, str) and is_number(body)
    return {
        "body_id": row_id(first(raw, "body_id") if not is_id else body),
        "kind": None if is_id else choice(body, OutsideKind),
        "number": clean_text(first(raw, "number", "external_number"), NUMBER_LIMIT, lines=False),
        "due_at": future_instant(first(raw, "due_at", "deadline", "until"), now, zone),
        "way": choice(raw.get("way"), LetterWay),
        "note": clean_text(first(raw, "note", "letter", "words", "text", "comment"), LETTER_LIMIT),
    }


def _answered(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    return {
        "reference_id": row_id(first(raw, "reference_id", "external_reference_id")),
        "number": clean_text(first(raw, "number", "external_number"), NUMBER_LIMIT, lines=False),
        "note": clean_text(first(raw, "note", "answer", "text", "comment"), NOTE_LIMIT),
    }


def _dispute(raw: Raw, now: datetime, zone: ZoneInfo) -> Clean:
    """What neighbours dispute about, and the other side as far as it is known."""
    return {"matter": choice(raw.get("matter"), DisputeMatter), **party(raw, now, zone)}


_READERS: dict[str, Callable[[Raw, datetime, ZoneInfo], Clean]] = {
    "settle": _settle,
    "decide": _decide,
    "causes": lambda raw, now, zone: measures(raw),
    "mark": _mark,
    "refer": _outside,
    "forward": _outside,
    "answered": _answered,
    "dispute": _dispute,
}
