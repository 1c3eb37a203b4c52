"""Instants as the estate's clock shows them: storage is UTC, people read local time (G5)."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask import current_app
from flask_babel import get_locale

from app.adapters.clock import now


def zone() -> ZoneInfo:
    """The zone of the setting TIMEZONE."""
    return ZoneInfo(str(current_app.config.get("BABEL_DEFAULT_TIMEZONE", "Asia/Shanghai")))


def now_local() -> datetime:
    """This instant in local time."""
    return now().astimezone(zone())


def local(instant: datetime) -> datetime:
    """The instant in local time; naive values of FAB's own tables are taken as UTC."""
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(zone())


def local_text(instant: datetime | None) -> str:
    """`2026-11-22 18:05`, or nothing."""
    return "" if instant is None else f"{local(instant):%Y-%m-%d %H:%M}"


def short_instant(instant: datetime) -> str:
    """`11-22 18:05` within this year, `2025-12-31` before and after it."""
    there = local(instant)
    this_year = local(now()).year
    return f"{there:%m-%d %H:%M}" if there.year == this_year else f"{there:%Y-%m-%d}"


def day_text(day: date | None) -> str:
    """`2026-11-22`, or nothing."""
    return "" if day is None else f"{day:%Y-%m-%d}"


def month_words(month: str) -> str:
    """`2026-10` as the reader's language writes a month: 2026年10月, October 2026."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        return month
    return str(format_skeleton("yMMMM", first, locale=get_locale() or "zh"))
