"""What people and machines type into a ticket, checked before anything is written: over-long, unreadable or impossible
input raises Invalid with a sentence; nothing is silently cut."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import phonenumbers

from app.errors import N_, Invalid
from app.models.base import BIGGEST_ID
from app.rules.disputes import check_past
from app.rules.typed_time import read_day, read_moment

NOTE_LIMIT = 2000
TITLE_LIMIT = 120
SHORT_LIMIT = 255
_FAR = timedelta(days=366 * 3)
_WHOLE = re.compile(r"-?\d{1,11}", re.ASCII)

_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Unseen marks that turn the writing's direction around: they come along with copied numbers, and a title with one reads backwards."""

E = TypeVar("E", bound=StrEnum)


def clean_text(value: Any, limit: int, *, lines: bool = True) -> str:
    """A text without surrounding blanks and turning marks. Raises Invalid for what is no text, too long, or has control characters."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(N_("A text was expected here."))
    text = value.replace("\r\n", "\n").translate(_TURNING).strip()
    if len(text) > limit:
        raise Invalid(N_("This text is too long: at most %(limit)s characters."), limit=limit)
    allowed = "\n\t" if lines else ""
    if any(_unreadable(c) and c not in allowed for c in text):
        raise Invalid(N_("This text has characters that cannot be shown."))
    return text


def _unreadable(character: str) -> bool:
    """Control characters, lone surrogates and what Unicode never assigns; a joiner inside an emoji is fine."""
    return unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffe\uffff"


def choice(value: Any, codes: type[E], *, default: E | None = None) -> E | None:
    """One of our code words, or `default` when nothing was given. Raises Invalid naming the allowed ones."""
    if value is None or value == "":
        return default
    try:
        return codes(value)
    except ValueError:
        raise Invalid(N_("Choose one of: %(choices)s."), choices=", ".join(codes)) from None


def word(value: Any, words: Iterable[str], default: str | None = None) -> str | None:
    """Like `choice` for a plain list of words."""
    if value is None or value == "":
        return default
    known = tuple(words)
    if not isinstance(value, str) or value not in known:
        raise Invalid(N_("Choose one of: %(choices)s."), choices=", ".join(known))
    return value


def whole_number(value: Any, low: int, high: int) -> int | None:
    """A whole number from `low` to `high`, or None when nothing was given."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    if isinstance(value, bool | float) or not _WHOLE.fullmatch(text):
        raise Invalid(N_("Enter a whole number from %(low)s to %(high)s."), low=low, high=high)
    number = int(text)
    if not low <= number <= high:
        raise Invalid(N_("Enter a whole number from %(low)s to %(high)s."), low=low, high=high)
    return number


def row_id(value: Any) -> int | None:
    """The key of a row, or None when nothing was given."""
    return whole_number(value, 1, BIGGEST_ID)


def future_instant(value: Any, now: datetime, zone: ZoneInfo) -> datetime | None:
    """An instant after `now`: ISO 8601, local where no offset is given; a bare date means the end of that day.

    Raises Invalid for what is no date, lies in the past or more than three years ahead.
    """
    if value is None or value == "":
        return None
    instant = (
        value if isinstance(value, datetime) else _parse_instant(value, now.astimezone(zone), zone, timedelta(days=1))
    )
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    try:
        if instant <= now:
            raise Invalid(N_("This time has passed already: choose one in the future."))
        if instant - now > _FAR:
            raise Invalid(N_("This time is too far ahead: at most three years."))
    except OverflowError:
        raise Invalid(N_("This is not a date: write it like 2026-03-31 or 2026-03-31 17:30.")) from None
    return instant


def past_instant(value: Any, now: datetime, zone: ZoneInfo) -> datetime:
    """When something was, now where nothing is given: read as `future_instant` reads; a bare date means its beginning.

    Raises Invalid for what is no date, lies in the future or too far back.
    """
    if value is None or value == "":
        return now
    instant = _parse_instant(value, now.astimezone(zone), zone, timedelta(0))
    return check_past(instant if instant.tzinfo else instant.replace(tzinfo=zone), now)


def _parse_instant(value: Any, here: datetime, zone: ZoneInfo, into_day: timedelta) -> datetime:
    """`into_day`: how far into its day a bare date points."""
    text = value.isoformat() if isinstance(value, date) else value
    try:
        if len(text) <= 10:
            return datetime.combine(date.fromisoformat(text) + into_day, time(0), zone)
        return datetime.fromisoformat(text.strip())
    except (TypeError, ValueError, OverflowError):
        day = read_day(text, here.date()) if isinstance(text, str) else None
        if day is not None:
            return datetime.combine(day + into_day, time(0), zone)
        moment = read_moment(text, here.replace(tzinfo=None)) if isinstance(text, str) else None
        if moment is None:
            raise Invalid(N_("This is not a date: write it like 2026-03-31 or 2026-03-31 17:30.")) from None
        return moment.replace(tzinfo=zone)


def flag(value: Any) -> bool:
    """A tick box: what forms and JSON send for yes."""
    return value is True or str(value).lower() in ("1", "true", "yes", "on")


def phone_number(value: Any) -> str | None:
    """A telephone number in E.164, read as a Chinese one unless it says otherwise. Raises Invalid when impossible."""
    text = clean_text(value, 40, lines=False)
    if not text:
        return None
    try:
        parsed = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        raise Invalid(N_("This is not a telephone number.")) from None
    if not phonenumbers.is_possible_number(parsed):
        raise Invalid(N_("This is not a telephone number."))
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def first(data: Mapping[str, Any], *names: str) -> Any:
    """The first of several names that was filled in: forms and REST callers need not agree on every word."""
    return next((data[name] for name in names if data.get(name) not in (None, "")), None)
