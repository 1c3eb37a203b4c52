"""Who in arrears is reminded now, by which step, and why somebody is not (D10, D13). Pure.

A month is one round: it begins on a day of the month with the first step of the table and goes on step by step, each some days
after the one before. What could not be done at all (no mobile number, texts refused) keeps nobody waiting: the next step follows
at once. A new month begins anew.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from app.rules.arrears import days_late
from app.rules.codes import HoldKind


class Why(StrEnum):
    """Why an owner in arrears is not reminded at this moment."""

    MOVED = "moved"
    HARDSHIP = "hardship"
    AGREEMENT = "agreement"
    LEGAL = "legal"
    COMPLAINT = "complaint"
    SMALL = "small"
    GRACE = "grace"
    EARLY = "early"
    LATER = "later"
    DONE = "done"
    NO_STEPS = "no_steps"


PAUSES: Final = frozenset((Why.MOVED, Why.HARDSHIP, Why.AGREEMENT, Why.LEGAL, Why.COMPLAINT))
"""What stops a reminder on its way, too: asked again before the telephone rings and before the text leaves."""


@dataclass(frozen=True)
class Step:
    """A step of the table."""

    id: int
    position: int
    way: str
    after_days: int = 0

    @property
    def order(self) -> tuple[int, int]:
        """Where it stands."""
        return self.position, self.id


@dataclass(frozen=True)
class Made:
    """A step that was made this month. `reached_out` is False when it could not be done at all."""

    order: tuple[int, int]
    on: date
    reached_out: bool = True


@dataclass(frozen=True)
class Case:
    """What one payer owes of one house, and what speaks against a reminder. `tied`: still lives there or owns it."""

    total: Decimal
    oldest: date
    tied: bool = True
    complaint: bool = False
    hold: str | None = None


@dataclass(frozen=True)
class Figures:
    """The figures in force: day of the month, days of grace, the least amount."""

    day: int
    grace_days: int
    least_yuan: int


@dataclass(frozen=True)
class Decision:
    """A step to be made now, or why none is; `on` is the day from which that may be otherwise."""

    step: Step | None = None
    why: Why | None = None
    on: date | None = None


def period_of(day: date) -> str:
    """The round a day belongs to."""
    return f"{day:%Y-%m}"


def paused(case: Case) -> Why | None:
    """What stops reminders of this debt, whatever the day."""
    if not case.tied:
        return Why.MOVED
    if case.hold is not None:
        return Why(HoldKind(case.hold).value)
    return Why.COMPLAINT if case.complaint else None


def decide(case: Case, made: Collection[Made], steps: Sequence[Step], figures: Figures, today: date) -> Decision:
    """The next step of this month, if its day has come. `steps` are those in use; `made` are this month's."""
    why = paused(case)
    if why is not None:
        return Decision(why=why)
    if case.total < figures.least_yuan:
        return Decision(why=Why.SMALL)
    if days_late(case.oldest, today) < max(1, figures.grace_days):
        return Decision(why=Why.GRACE, on=case.oldest + timedelta(days=max(1, figures.grace_days)))
    if not steps:
        return Decision(why=Why.NO_STEPS)
    in_order = sorted(steps, key=lambda step: step.order)
    if not made:
        begins = today.replace(day=figures.day)
        return Decision(why=Why.EARLY, on=begins) if today < begins else Decision(in_order[0])
    return _after(made, in_order, today)


def _after(made: Collection[Made], in_order: Sequence[Step], today: date) -> Decision:
    """The first step behind all that were made; one put before them meanwhile comes next month."""
    last = max(made, key=lambda one: one.order)
    step = next((step for step in in_order if step.order > last.order), None)
    if step is None:
        return Decision(why=Why.DONE)
    due = last.on + timedelta(days=step.after_days if last.reached_out else 0)
    if today >= due:
        return Decision(step)
    return Decision(why=Why.LATER, on=due) if period_of(due) == period_of(today) else Decision(why=Why.DONE)
