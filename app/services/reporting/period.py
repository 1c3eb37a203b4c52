"""Months as instants: a month begins and ends at local midnight (I8), storage is UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.errors import N_, Invalid

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Month:
    """A calendar month of the local zone: `starts_at` ≤ instant < `ends_at`, both UTC."""

    key: str
    starts_at: datetime
    ends_at: datetime

    @property
    def first_day(self) -> date:
        return date(int(self.key[:4]), int(self.key[5:]), 1)

    @property
    def last_day(self) -> date:
        return shift(self.key, 1).replace(day=1) - timedelta(days=1)


def shift(key: str, months: int) -> date:
    """The first day of the month `months` after `key` (`YYYY-MM`)."""
    count = int(key[:4]) * 12 + int(key[5:]) - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def month_key(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def month_of(key: str, zone: ZoneInfo) -> Month:
    """The month `YYYY-MM`. Raises Invalid for anything else."""
    if not _MONTH.fullmatch(key) or not "2000" <= key < "2200":
        raise Invalid(N_("A month is written as YYYY-MM, for example 2026-10."))
    first, following = shift(key, 0), shift(key, 1)
    return Month(key, _midnight(first, zone), _midnight(following, zone))


def months_until(key: str, count: int, zone: ZoneInfo) -> list[Month]:
    """The `count` months that end with `key`, oldest first."""
    return [month_of(month_key(shift(key, offset)), zone) for offset in range(1 - count, 1)]


def previous_month(now: datetime, zone: ZoneInfo) -> str:
    """The month before the one that `now` is in, as `YYYY-MM`."""
    return month_key(shift(month_key(now.astimezone(zone).date()), -1))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
