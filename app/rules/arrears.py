"""What is in arrears, and how old it is (D10). Pure: the one rule behind pages, reminders, the telephone and the reports.

A bill is in arrears from the day after its due day, with what is still to be paid of it. Its age is the number of days since
the due day; the figures `collection.age_…` say where one age ends and the next begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Age:
    """Days in arrears from `low` to `high`, both included; the oldest has no end."""

    low: int
    high: int | None

    @property
    def code(self) -> str:
        """What addresses call it: the first of its days."""
        return str(self.low)

    def due_between(self, today: date) -> tuple[date | None, date]:
        """The due days of this age: the earliest (None: no end) and the latest."""
        earliest = None if self.high is None else today - timedelta(days=self.high)
        return earliest, today - timedelta(days=self.low)


@dataclass(frozen=True)
class Rest:
    """What is still to be paid of one bill."""

    yuan: Decimal
    due_on: date


@dataclass(frozen=True)
class Owed:
    """What one payer owes: bills, yuan in all, yuan in arrears."""

    count: int
    sum: Decimal
    late: Decimal


def ages(last_days: Iterable[int]) -> tuple[Age, ...]:
    """The ages between these last days, in whatever order they were set: 30 and 90 make 1–30, 31–90, 91 and more."""
    ends = sorted({day for day in last_days if day > 0})
    starts = [1, *(end + 1 for end in ends)]
    return tuple(Age(low, high) for low, high in zip(starts, [*ends, None], strict=True))


def days_late(due_on: date, today: date) -> int:
    """Days since the due day; 0 while nothing is in arrears."""
    return max(0, (today - due_on).days)


def age_of(due_on: date, today: date, known: Sequence[Age]) -> Age | None:
    """The age of a bill; None on its due day and before."""
    late = days_late(due_on, today)
    return next((age for age in known if late >= age.low and (age.high is None or late <= age.high)), None)


def ageing(rests: Iterable[Rest], today: date, known: Sequence[Age]) -> tuple[Decimal, ...]:
    """The arrears of each age; together they are all there is in arrears, to the fen."""
    sums = dict.fromkeys(known, NOTHING)
    for rest in rests:
        age = age_of(rest.due_on, today, known)
        if age is not None:
            sums[age] += rest.yuan
    return tuple(sums.values())
