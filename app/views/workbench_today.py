"""The figures of the day as a first page shows them: today, yesterday, the same day last week, and eight little bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from flask_babel import format_date, gettext
from sqlalchemy.orm import Session

from app.errors import N_
from app.rules.month_figures import MINUTES, RATE, Value
from app.services import day_figures
from app.services.actors import Actor
from app.services.day_figures import Measure
from app.views.base.local import local, zone
from app.views.figure_words import shown
from app.views.permitted import may

DAYS = 8
"""Today and back to the same day of last week."""

BAR_WIDTH, BAR_GAP, BAR_HEIGHT = 7, 2, 22


@dataclass(frozen=True)
class Number:
    """One number with the list behind it: `rows` is how many rows that list has."""

    text: str
    href: str
    rows: int


@dataclass(frozen=True)
class Bar:
    """A bar of the spark, in its drawing's own units."""

    x: int
    y: int
    height: int
    now: bool


@dataclass(frozen=True)
class Figure:
    """One line of the day."""

    label: str
    hint: str
    today: Number
    yesterday: Number
    week: Number
    bars: list[Bar]
    words: str


def midnight(day: date) -> datetime:
    """The beginning of a local day."""
    return datetime.combine(day, time(), zone())


def today(session: Session, actor: Actor, now: datetime) -> tuple[list[Figure], str]:
    """The figures of this day, and the name of the week's day to compare with. One statement."""
    day = local(now).date()
    days = [day - timedelta(days=back) for back in range(DAYS)]
    hears = may("can_list", "CallView")
    found = day_figures.measure(
        session, actor, [midnight(one) for one in days], midnight(day + timedelta(days=1)), calls=hears
    )
    spans = day_figures.together(found, DAYS)
    return _lines(spans, days, hears), str(format_date(days[-1], "EEEE"))


@dataclass(frozen=True)
class _Wanted:
    """A line: its words, the list behind it, and from a span its number and how many rows the list has."""

    label: str
    what: str
    read: Callable[[Measure], tuple[Value, int]]
    unit: str = ""
    hint: str = ""


_CALLS = _Wanted(N_("Calls"), "calls", lambda span: (span.calls, span.calls))
_WANTED = (
    _Wanted(N_("New tickets"), "tickets", lambda span: (span.tickets, span.tickets)),
    _Wanted(N_("Finished"), "done", lambda span: (span.done, span.done)),
    _Wanted(
        N_("In time"),
        "judged",
        lambda span: (span.in_time_rate, span.judged),
        RATE,
        N_("requests finished that day whose clocks were all met"),
    ),
    _Wanted(
        N_("First response, mean"),
        "answered",
        lambda span: (span.response_mean, span.answered),
        MINUTES,
        N_("of the tickets that came in that day"),
    ),
    _Wanted(
        N_("Satisfied"),
        "scored",
        lambda span: (span.satisfied_rate, span.scored),
        RATE,
        N_("answers of 4 or 5 given that day"),
    ),
)


def _lines(spans: list[Measure], days: list[date], hears: bool) -> list[Figure]:
    wanted = (_CALLS, *_WANTED) if hears else _WANTED
    return [_line(one, days, [one.read(span) for span in spans]) for one in wanted]


def _line(wanted: _Wanted, days: list[date], numbers: list[tuple[Value, int]]) -> Figure:
    unit = wanted.unit
    values = [
        Number(shown(number, unit), f"/work/day/{day:%Y-%m-%d}/{wanted.what}", count)
        for day, (number, count) in zip(days, numbers, strict=True)
    ]
    return Figure(
        gettext(wanted.label),
        gettext(wanted.hint) if wanted.hint else "",
        values[0],
        values[1],
        values[-1],
        bars([number for number, _count in reversed(numbers)], 1 if unit == RATE else None),
        ", ".join(value.text for value in reversed(values)),
    )


def bars(numbers: Sequence[Value], top: int | None = None) -> list[Bar]:
    """The bars of a spark, the oldest first; what is not known has no bar, nothing has a thin line."""
    highest = top or max((number for number in numbers if number is not None), default=0) or 1
    drawn = []
    for place, number in enumerate(numbers):
        if number is None:
            continue
        height = max(1, round(BAR_HEIGHT * Decimal(min(number, highest)) / highest))
        drawn.append(Bar(place * (BAR_WIDTH + BAR_GAP), BAR_HEIGHT - height, height, place == len(numbers) - 1))
    return drawn
