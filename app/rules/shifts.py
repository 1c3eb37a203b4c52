"""The hours of a week as people write them: "08:30-12:00, 14:00-17:30", read into shifts and written back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from app.errors import N_, Invalid, Word

DAY_MINUTES = 1440
MOST_SHIFTS = 6

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAKE_UP = "make_up"
LINES = (*WEEKDAYS, MAKE_UP)
"""The lines of a week: its seven days, and the hours of a weekend day that is worked to make up for a holiday."""

DAY_LABELS = {
    "mon": N_("Monday"),
    "tue": N_("Tuesday"),
    "wed": N_("Wednesday"),
    "thu": N_("Thursday"),
    "fri": N_("Friday"),
    "sat": N_("Saturday"),
    "sun": N_("Sunday"),
    MAKE_UP: N_("Make-up work days"),
}

_SHIFT = re.compile(r"(\d{1,2})[:：.](\d{2})\s*(?:-|–|—|~|～|至|到)\s*(\d{1,2})[:：.](\d{2})", re.ASCII)
_BETWEEN = re.compile(r"[,，、;；\s]+")
_CLOSED = frozenset({"", "-", "—", "休", "休息", "closed", "off"})


@dataclass(frozen=True, order=True)
class Shift:
    """From `opens` to `closes`, in minutes from local midnight; 1440 is 24:00."""

    opens: int
    closes: int


Hours: TypeAlias = tuple[Shift, ...]
"""The shifts of a day in their order, none touching another's time."""


@dataclass(frozen=True)
class Week:
    """Monday to Sunday, and the hours of a weekend day that is worked. Without `follows_holidays` every week is alike."""

    days: tuple[Hours, ...]
    make_up: Hours = ()
    follows_holidays: bool = True


_DESK_DAY = (Shift(8 * 60 + 30, 17 * 60 + 30),)
DESK_WEEK = Week((_DESK_DAY,) * 5 + ((), ()), _DESK_DAY)
"""I8: the desk's hours, 08:30–17:30 on work days."""

ALL_WEEK = Week(((Shift(0, DAY_MINUTES),),) * 7, follows_holidays=False)
"""Round the clock, as a week."""


def read_hours(text: str, line: str) -> Hours:
    """The shifts of a day. Raises Invalid with the sentence for whoever wrote them; `line` names the day in it."""
    day = Word(DAY_LABELS[line])
    shifts = sorted(_shift(found, day) for found in _SHIFT.findall(text))
    rest = _BETWEEN.sub("", _SHIFT.sub("", text)).lower()
    if rest not in ({""} if shifts else _CLOSED):
        raise Invalid(N_("%(day)s: write the hours like 08:30-12:00, 14:00-17:30, or leave them empty."), day=day)
    if len(shifts) > MOST_SHIFTS:
        raise Invalid(N_("%(day)s: at most %(most)s shifts."), day=day, most=MOST_SHIFTS)
    for earlier, later in zip(shifts, shifts[1:], strict=False):
        if later.opens < earlier.closes:
            raise Invalid(
                N_("%(day)s: the shifts %(first)s and %(second)s overlap."),
                day=day,
                first=write_hours([earlier]),
                second=write_hours([later]),
            )
    return tuple(shifts)


def _shift(found: tuple[str, str, str, str], day: Word) -> Shift:
    opens_hour, opens_minute, closes_hour, closes_minute = map(int, found)
    shift = Shift(opens_hour * 60 + opens_minute, closes_hour * 60 + closes_minute)
    if max(opens_minute, closes_minute) > 59 or shift.opens >= DAY_MINUTES or shift.closes > DAY_MINUTES:
        raise Invalid(N_("%(day)s: there is no such time of day."), day=day)
    if shift.closes <= shift.opens:
        raise Invalid(
            N_("%(day)s: a shift ends after it begins. One that passes midnight is written on two days, until 24:00."),
            day=day,
        )
    return shift


def write_hours(hours: Iterable[Shift]) -> str:
    """The shifts of a day as they are kept and shown; empty for a closed day."""
    return ", ".join(f"{_clock(shift.opens)}-{_clock(shift.closes)}" for shift in hours)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def read_week(lines: Mapping[str, str], *, follows_holidays: bool) -> Week:
    """A week out of its lines. Raises Invalid for what cannot be read, and for a week in which nobody ever works."""
    hours = {line: read_hours(lines.get(line, ""), line) for line in LINES}
    days = tuple(hours[line] for line in WEEKDAYS)
    if not any(days):
        raise Invalid(
            N_("A calendar needs working hours on at least one day of the week: its clocks would never run out.")
        )
    return Week(days, hours[MAKE_UP], follows_holidays)


def grouped(week: Week) -> list[tuple[list[str], Hours]]:
    """Runs of weekdays with the same hours, closed ones left out: Monday to Friday 08:30-17:30, Saturday 09:00-12:00."""
    runs: list[tuple[list[str], Hours]] = []
    for line, hours in zip(WEEKDAYS, week.days, strict=True):
        if runs and runs[-1][1] == hours:
            runs[-1][0].append(line)
        else:
            runs.append(([line], hours))
    return [run for run in runs if run[1]]
