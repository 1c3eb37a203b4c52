"""Calendars of the clocks (D4, I8): when does time count?

Round the clock, or the shifts of a week with the Chinese public holidays and make-up work days. Everything takes and gives
aware instants in UTC; the local zone is used only to know what day it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

import chinese_calendar

from app.rules.codes import CalendarName, DayKind
from app.rules.shifts import DESK_WEEK, Hours, Week

_LONGEST_CLOSURE_DAYS = 400
"""A stretch of closed days longer than this is a mistake in the data, not a holiday: after it time counts round the clock, so
that no deadline is lost."""

WorkdayTest: TypeAlias = Callable[[date], bool]
Span: TypeAlias = tuple[datetime, datetime]


class Calendar(Protocol):
    """What a clock needs to know about open time."""

    def add(self, start: datetime, open_time: timedelta) -> datetime:
        """The instant at which `open_time` of open time has passed since `start`."""
        ...

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The open time between two instants; nothing when `end` is not after `start`."""
        ...

    def is_open(self, at: datetime) -> bool:
        """Whether time counts at this instant."""
        ...


class AlwaysOpen:
    """24 hours, 7 days: the default of every clock (I8), and the hotline's."""

    def add(self, start: datetime, open_time: timedelta) -> datetime:
        return start + open_time

    def between(self, start: datetime, end: datetime) -> timedelta:
        return max(end - start, timedelta(0))

    def is_open(self, at: datetime) -> bool:
        return True


@dataclass(frozen=True)
class WorkDays:
    """Which days are work days: the administrator's own days, then the state's decree, then plain weekends.

    The library knows no year before its decree (G5): such a year falls back to Monday to Friday plus `own_days`.
    """

    own_days: Mapping[date, bool] = field(default_factory=dict)

    def __call__(self, day: date) -> bool:
        kind = self.kind(day)
        return kind == DayKind.WORK or (kind == DayKind.ORDINARY and day.weekday() < 5)

    def kind(self, day: date) -> DayKind:
        """Whether a day was declared to be off or to be worked, or is as its weekday is."""
        known = self.own_days.get(day)
        if known is not None:
            return DayKind.WORK if known else DayKind.OFF
        # The library's own functions look through all their days for each question; years it does not know are in neither.
        if day in chinese_calendar.workdays:
            return DayKind.WORK
        return DayKind.OFF if day in chinese_calendar.holidays else DayKind.ORDINARY


@dataclass(frozen=True)
class WorkingHours:
    """Open in the shifts of a week, on the days that are worked.

    A day off is closed whatever its weekday; a make-up work day has the week's `make_up` hours at a weekend, its own
    weekday's otherwise.
    """

    zone: ZoneInfo
    week: Week = DESK_WEEK
    days: WorkDays = field(default_factory=WorkDays)
    _known: dict[date, tuple[Span, ...]] = field(default_factory=dict, compare=False, repr=False)

    def hours_on(self, day: date) -> Hours:
        """The shifts of a local day."""
        own = self.week.days[day.weekday()]
        if not self.week.follows_holidays:
            return own
        match self.days.kind(day):
            case DayKind.OFF:
                return ()
            case DayKind.WORK if day.weekday() >= 5 or not own:
                return self.week.make_up or own
        return own

    def spans(self, day: date) -> tuple[Span, ...]:
        """The open spans of a local day, in UTC."""
        found = self._known.get(day)
        if found is None:
            found = self._known[day] = tuple(
                (self._instant(day, shift.opens), self._instant(day, shift.closes)) for shift in self.hours_on(day)
            )
        return found

    def add(self, start: datetime, open_time: timedelta) -> datetime:
        if open_time <= timedelta(0):
            return start
        left = open_time
        for opens, closes in self._from(start):
            room = closes - max(opens, start)
            if room > timedelta(0):
                if left <= room:
                    return max(opens, start) + left
                left -= room
        return start + timedelta(days=_LONGEST_CLOSURE_DAYS) + left

    def between(self, start: datetime, end: datetime) -> timedelta:
        total = timedelta(0)
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        while day <= last:
            for opens, closes in self.spans(day):
                total += max(min(closes, end) - max(opens, start), timedelta(0))
            day += timedelta(days=1)
        return total

    def is_open(self, at: datetime) -> bool:
        return any(opens <= at < closes for opens, closes in self.spans(at.astimezone(self.zone).date()))

    def _from(self, start: datetime) -> Iterator[Span]:
        """The open spans from a day on, until none has come for too long."""
        day = start.astimezone(self.zone).date()
        closed = 0
        while closed <= _LONGEST_CLOSURE_DAYS:
            spans = self.spans(day)
            closed = 0 if spans else closed + 1
            yield from spans
            day += timedelta(days=1)

    def _instant(self, day: date, minutes: int) -> datetime:
        """A minute of a local day; 24:00 is the midnight after it."""
        full = day + timedelta(days=minutes // 1440)
        return datetime.combine(full, time(minutes % 1440 // 60, minutes % 60), self.zone).astimezone(UTC)


_DECREED = frozenset(day.year for day in chinese_calendar.holidays)


def decree_known(year: int) -> bool:
    """Whether the holidays of a year have been decreed, as far as the library knows (`doctor` warns otherwise)."""
    return year in _DECREED


def decreed(day: date) -> tuple[DayKind, str]:
    """What the state has decreed of a day, and the English name of the holiday it is about."""
    found = chinese_calendar.workdays.get(day) or chinese_calendar.holidays.get(day)
    if found is None:
        return DayKind.ORDINARY, ""
    return WorkDays().kind(day), str(found)


def undecreed(now: datetime, zone: ZoneInfo) -> list[int]:
    """The years whose holidays are needed and not known: this one, and in December the next, in which deadlines end already."""
    here = now.astimezone(zone)
    years = [here.year, here.year + 1] if here.month == 12 else [here.year]
    return [year for year in years if not decree_known(year)]


@dataclass(frozen=True)
class CalendarBook:
    """Every calendar there is, by its code, for any community: what policies and clocks name is found here.

    `desk` is the desk's hours of the community a ticket belongs to: its own calendar (`desks`), else the company's.
    """

    zone: ZoneInfo
    days: WorkDays = field(default_factory=WorkDays)
    weeks: Mapping[str, Week] = field(default_factory=dict)
    desks: Mapping[int, str] = field(default_factory=dict)
    _made: dict[str, Calendar] = field(default_factory=dict, compare=False, repr=False)

    def of(self, code: str, community_id: int | None = None) -> Calendar:
        """The calendar of a code; an unknown one counts round the clock, the stricter of the two."""
        if code == CalendarName.DESK and community_id is not None:
            code = self.desks.get(community_id, code)
        if code not in self._made:
            self._made[code] = self._make(code)
        return self._made[code]

    def _make(self, code: str) -> Calendar:
        if code == CalendarName.ALWAYS:
            return AlwaysOpen()
        week = self.weeks.get(code, DESK_WEEK if code == CalendarName.DESK else None)
        return AlwaysOpen() if week is None else WorkingHours(self.zone, week, self.days)


def end_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """24:00 local of the day of `now`, in UTC: what "the same day" means (I8)."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), zone).astimezone(UTC)
