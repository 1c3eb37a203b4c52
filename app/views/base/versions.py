"""Two people at one record: the form carries what its reader saw; whoever saves second is told what the first one changed."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Any

from flask import request
from flask_babel import gettext

from app.errors import N_, Refused
from app.services.record_edits import Edit
from app.views.base.arguments import is_believable

FIELD = "seen"
TAKE = "take__"
_LONGEST = 60_000
MOST_TOLD = 400
"""So much of what a colleague wrote meanwhile stands in a refusal."""
_READ_AT = "@"
_NEVER = datetime(1970, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Difference:
    """A field that somebody else changed meanwhile: what it is now, and what the second person wants."""

    column: str
    label: Any
    theirs: str
    mine: str
    touched: bool
    """Whether the second person changed it too; else the other's value is the natural choice."""
    edit: Edit | None = None
    """Who changed it and when; None where it was no form that did (an import, a household on its own page)."""


class ChangedMeanwhileError(Exception):
    """Raised inside the transaction, so that nothing is written."""

    def __init__(self, columns: list[str], now: Mapping[str, str]) -> None:
        super().__init__(", ".join(columns))
        self.columns, self.now = columns, now


def plain(value: Any) -> str:
    """A value as a text that two readings of the same value share."""
    if value is None or value is False:
        return ""
    if isinstance(value, bool):
        return "1"
    if isinstance(value, Decimal):
        return f"{value.normalize() + 0:f}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(sorted(plain(each) for each in value))
    return str(value)


def pack(values: Mapping[str, str], at: datetime) -> str:
    """For the hidden field: the values and when they were read."""
    values = {**values, _READ_AT: at.isoformat()}
    return base64.urlsafe_b64encode(json.dumps(values, ensure_ascii=False).encode()).decode()


def unpack(text: str | None) -> dict[str, str]:
    """What the form's reader saw; nothing where the field is missing or makes no sense (then nothing is compared)."""
    try:
        found = json.loads(base64.urlsafe_b64decode((text or "")[:_LONGEST].encode("ascii", "ignore")))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): value for name, value in found.items() if isinstance(value, str)}


def read_at(text: str | None) -> datetime:
    """When the form's reader saw what it says; the beginning of time where the field does not tell."""
    try:
        found = datetime.fromisoformat(unpack(text).get(_READ_AT, ""))
    except ValueError:
        return _NEVER
    return found if found.tzinfo is not None and is_believable(found) else _NEVER


class MeanwhileError(Refused):
    """Somebody else has changed what the sent form shows; the sentence says to what."""


def hold_against(present: Mapping[str, Any], mine: Mapping[str, Any], told: Callable[[str], str]) -> None:
    """Raises MeanwhileError when something was changed since the sent form's reader saw it, to something else than is wanted
    now; `told` gives a name with its present value in words."""
    now = {name: plain(value) for name, value in present.items()}
    names = compare(unpack(request.form.get(FIELD)), now, {name: plain(value) for name, value in mine.items()})
    if names:
        changes = gettext("; ").join(told(name) for name in names)
        raise MeanwhileError(
            N_("Somebody else has changed this meanwhile. %(changes)s. What you wrote is still here: save to keep it."),
            changes=changes,
        )


def marks_of(texts: Mapping[str, str]) -> dict[str, str]:
    """For forms of long texts: a mark of each that two readings of the same text share, whatever ends its lines."""
    return {name: sha256("\n".join(text.split()).encode()).hexdigest()[:24] for name, text in texts.items()}


def touched(mine: Mapping[str, str]) -> set[str]:
    """Which of the sent texts the form's reader has changed; all of them where the form does not say what it showed."""
    seen = unpack(request.form.get(FIELD))
    return {name for name, mark in marks_of(mine).items() if seen.get(name) != mark}


def hold_texts_against(present: Mapping[str, str], mine: Mapping[str, str], label: Callable[[str], Any]) -> None:
    """`hold_against` for forms of long texts: `mine` are those their reader has touched; the refusal tells what stands there now."""
    hold_against(
        marks_of({name: present.get(name, "") for name in mine}),
        marks_of(mine),
        lambda name: f"{label(name)}: {present.get(name, '')[:MOST_TOLD]}",
    )


def seen_of(present: Mapping[str, Any], at: datetime) -> str:
    """The hidden field of a form that shows these values."""
    return pack({name: plain(value) for name, value in present.items()}, at)


def compare(seen: Mapping[str, str], now: Mapping[str, str], mine: Mapping[str, str]) -> list[str]:
    """The columns that were changed since they were seen, to something else than is wanted now."""
    return [name for name, value in now.items() if name in seen and seen[name] != value and mine.get(name, "") != value]
