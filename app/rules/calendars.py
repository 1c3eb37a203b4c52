"""Calendars of the clocks (D4, I8): when does time count?

Two kinds: round the clock, and the desk's hours on work days with the Chinese public holidays and make-up work days.
Everything takes and gives aware instants in UTC; the local zone is used only to know what day it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

import chinese_calendar

from app.rules.codes import CalendarName

DESK_OPENS = time(8, 30)
DESK_CLOSES = time(17, 30)

# A stretch of closed days longer than this is a mistake in the data, not a holiday.
_LONGEST_CLOSURE_DAYS = 400

WorkdayTest: TypeAlias = Callable[[date], bool]


class Calendar(Protocol):
    """What a clock needs to know about open time."""

    def add(self, start: datetime, open_time: timedelta) -> datetime:
        """The instant at which `open_time` of open time has passed since `start`."""
        ...

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The open time between two instants; nothing when `end` is not after `start`."""
        ...


class AlwaysOpen:
    """24 hours, 7 days: the default of every clock (I8)."""

    def add(self, start: datetime, open_time: timedelta) -> datetime:
        return start + open_time

    def between(self, start: datetime, end: datetime) -> timedelta:
        return max(end - start, timedelta(0))


@dataclass(frozen=True)
class DeskHours:
    """Open from `opens` to `closes` local time on each day for which `is_workday` says yes."""

    zone: ZoneInfo
    is_workday: WorkdayTest
    opens: time = DESK_OPENS
    closes: time = DESK_CLOSES

    def window(self, day: date) -> tuple[datetime, datetime] | None:
        """The open window of a local day in UTC, or None when the desk is shut."""
        if not self.is_workday(day):
            return None
        return (
            datetime.combine(day, self.opens, self.zone).astimezone(UTC),
            datetime.combine(day, self.closes, self.zone).astimezone(UTC),
        )

    def add(self, start: datetime, open_time: timedelta) -> datetime:
        if open_time <= timedelta(0):
            return start
        left = open_time
        day = start.astimezone(self.zone).date()
        closed_days = 0
        while True:
            window = self.window(day)
            day += timedelta(days=1)
            if window is None:
                closed_days += 1
                if closed_days > _LONGEST_CLOSURE_DAYS:
                    raise ValueError("The calendar has no open day")
                continue
            closed_days = 0
            begin = max(window[0], start)
            room = window[1] - begin
            if room <= timedelta(0):
                continue
            if left <= room:
                return begin + left
            left -= room

    def between(self, start: datetime, end: datetime) -> timedelta:
        total = timedelta(0)
        day = start.astimezone(self.zone).date()
        last = end.astimezone(self.zone).date()
        while day <= last:
            window = self.window(day)
            if window is not None:
                total += max(min(window[1], end) - max(window[0], start), timedelta(0))
            day += timedelta(days=1)
        return total


@dataclass(frozen=True)
class WorkDays:
    """Which days are work days: the administrator's own days, then the state's decree, then plain weekends.

    The library knows no year before its decree (G5): such a year falls back to Monday to Friday plus `own_days`.
    """

    own_days: Mapping[date, bool] = field(default_factory=dict)

    def __call__(self, day: date) -> bool:
        known = self.own_days.get(day)
        if known is not None:
            return known
        if decree_known(day.year):
            return bool(chinese_calendar.is_workday(day))
        return day.weekday() < 5


def decree_known(year: int) -> bool:
    """Whether the holidays of a year have been decreed, as far as the library knows (`doctor` warns otherwise)."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def calendar_for(code: str, zone: ZoneInfo, own_days: Mapping[date, bool] | None = None) -> Calendar:
    """The calendar of a policy row; an unknown code counts round the clock, the stricter of the two."""
    if code == CalendarName.DESK:
        return DeskHours(zone, WorkDays(own_days or {}))
    return AlwaysOpen()


def end_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """24:00 local of the day of `now`, in UTC: what "the same day" means (I8)."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), zone).astimezone(UTC)


def desk_is_open(now: datetime, zone: ZoneInfo, own_days: Mapping[date, bool] | None = None) -> bool:
    """Whether the desk is staffed at this instant (key 0 of the hotline, I4)."""
    desk = DeskHours(zone, WorkDays(own_days or {}))
    window = desk.window(now.astimezone(zone).date())
    return window is not None and window[0] <= now < window[1]
