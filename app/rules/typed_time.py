"""Days and times as people type them: 2026-11-22 18:05, 11/22, 22日, 明天 18:00, tomorrow 6pm, 18:05. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

_WORDS = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "今天": 0, "今日": 0, "明天": 1, "明日": 1, "后天": 2, "大后天": 3,
    "yesterday": -1, "today": 0, "tomorrow": 1,
}  # fmt: skip
_SEPARATED = re.compile(r"(?:(\d{4})[-/.年]\s*)?(\d{1,2})[-/.月]\s*(\d{1,2})[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_ONLY = re.compile(r"(\d{1,2})[日号]")
_CLOCK = re.compile(
    r"(上午|早上|中午|下午|晚上|am|pm)?\s*(\d{1,2})(?:[:：点时]\s*(\d{1,2})?分?(?::\d{2})?|)\s*(am|pm)?"
)
_LONGEST = 60


def read_day(text: str, today: date) -> date | None:
    """The day these words mean, or None. Without a year: this year's; a mere day of the month: this month's."""
    words = _plain(text)
    if words in _WORDS:
        return today + timedelta(days=_WORDS[words])
    if found := _SEPARATED.fullmatch(words):
        year, month, day = found.groups()
        return _day(int(year) if year else today.year, int(month), int(day))
    if found := _COMPACT.fullmatch(words):
        return _day(*(int(part) for part in found.groups()))
    if found := _DAY_ONLY.fullmatch(words):
        return _day(today.year, today.month, int(found[1]))
    return None


def read_clock(text: str) -> time | None:
    """The time of day these words mean, or None: 18:05, 18点, 下午6:05, 6pm."""
    found = _CLOCK.fullmatch(_plain(text))
    if found is None:
        return None
    before, hour_text, minute_text, after = found.groups()
    half, hour = before or after or "", int(hour_text)
    if not half and ":" not in text and "：" not in text and "点" not in text and "时" not in text:
        return None
    if half in ("下午", "晚上", "pm") and hour < 12:
        hour += 12
    elif (half == "中午" and hour < 3) or (half == "am" and hour == 12):
        hour = (hour + 12) % 24
    minute = int(minute_text or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def read_moment(text: str, now: datetime) -> datetime | None:
    """Day and time, naive and local like `now`, or None. A day alone means its beginning, a time alone means today."""
    words = _plain(text).replace("t", " ") if re.match(r"\d{4}-\d\d-\d\dT", text.strip()) else _plain(text)
    clock = read_clock(words)
    if clock is not None:
        return datetime.combine(now.date(), clock)
    whole = read_day(words, now.date())
    if whole is not None:
        return datetime.combine(whole, time())
    for at in range(len(words) - 1, 0, -1):
        day, hour = read_day(words[:at], now.date()), read_clock(words[at:])
        if day is not None and hour is not None:
            return datetime.combine(day, hour)
    return None


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text[:_LONGEST].strip().lower()) if text.isprintable() else ""


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1900 <= year <= 2200 else None
    except ValueError:
        return None
