"""What a meter's reading says (D10): how much was used since the last one, and whether it can be true. Pure.

A counter has so many digits before the point and starts again at nothing behind the last one. Nothing doubtful is taken without a
person who says that they looked twice; what cannot be is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final

from app.errors import N_, Invalid

NOTHING: Final = Decimal(0)
PLACES: Final = 3
FEWEST_DIGITS, MOST_DIGITS = 3, 9
_KNOWN_AFTER_DAYS: Final = 20
"""What is used in a day is known after so many days of readings."""


class Doubt(StrEnum):
    """Why somebody should look again."""

    JUMP = "jump"
    ROLLED = "rolled"


@dataclass(frozen=True)
class Last:
    """Where the counter stood, and when."""

    value: Decimal
    read_on: date


@dataclass(frozen=True)
class Judged:
    """What was used since the last reading, and what is doubtful about it."""

    usage: Decimal
    doubt: Doubt | None = None


def span_of(digits: int) -> Decimal:
    """Where the counter starts again: 100000 of five digits."""
    return Decimal(10) ** digits


def value_of(given: Any) -> Decimal:
    """A reading as people type it. Raises Invalid."""
    try:
        value = Decimal(str(given if given is not None else "").strip().replace(",", "").replace("，", ""))
        # Rounding raises as well where the figure has more places than a Decimal keeps.
        good = value.is_finite() and 0 <= value < span_of(MOST_DIGITS) and value == round(value, PLACES)
    except InvalidOperation:
        good = False
    if not good:
        raise Invalid(N_("Write what the meter shows, such as 1234.5."))
    return value


def check(value: Decimal, read_on: date, last: Last, digits: int, today: date) -> None:
    """Refuse what no meter shows and no calendar has. Raises Invalid."""
    if value >= span_of(digits):
        raise Invalid(N_("This meter shows %(digits)s digits before the point: read it again."), digits=digits)
    if read_on > today:
        raise Invalid(N_("%(day)s has not come yet: nobody can have read the meter then."), day=read_on.isoformat())
    if read_on <= last.read_on:
        raise Invalid(
            N_("The meter was read on %(day)s already: a new reading is of a later day."), day=last.read_on.isoformat()
        )


def judge(
    value: Decimal, read_on: date, last: Last, digits: int, per_day: Decimal | None, percent: int, least: int
) -> Judged:
    """What was used. `per_day`: what is used in a day else (None: not known yet); more than `percent` of that, and more than
    `least` units, is a jump. Raises Invalid for a counter that went backwards."""
    usage, doubt = value - last.value, None
    if usage < 0:
        span = span_of(digits)
        if last.value * 10 < span * 9 or value * 10 > span:
            raise Invalid(
                N_("The meter showed %(last)s on %(day)s: it cannot show less now. Read it again, or enter its exchange."),
                last=f"{last.value.normalize():f}", day=last.read_on.isoformat(),
            )  # fmt: skip
        usage, doubt = span - last.value + value, Doubt.ROLLED
    if per_day is not None and usage > least:
        days = (read_on - last.read_on).days
        if usage * 100 > per_day * days * percent:
            doubt = doubt or Doubt.JUMP
    return Judged(usage, doubt)


def used_in_a_day(usage: Decimal, first: date, last: date) -> Decimal | None:
    """What is used in a day by what was used between two days; None as long as these are too few."""
    days = (last - first).days
    return usage / days if days >= _KNOWN_AFTER_DAYS else None
