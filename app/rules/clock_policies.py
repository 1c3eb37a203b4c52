"""Which clock a matter gets (D4): rows of a table, the most particular wins, and a default where none speaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from app.rules.codes import CalendarName, ClockName

WARN_PERCENT = 75

REGISTERED, FOUND, CHANGED, DONE, REOPENED = "registered", "found", "changed", "done", "reopened"
STARTS = (REGISTERED, FOUND, CHANGED, DONE, REOPENED)
"""The moments at which a policy may start its clock. `changed`: at each step that moves the matter on."""

LONGEST_MINUTES = 527_040
"""A year of 366 days."""

CONDITIONS = ("category_code", "grade", "validity", "priority", "kind", "channel")
"""The columns of a policy that say which tickets it speaks of, the most telling first."""

P = TypeVar("P", bound="PolicyRow")


class PolicyRow(Protocol):
    """What the rules read of a policy row, be it of the seed table, a draft or the database."""

    @property
    def name(self) -> str: ...
    @property
    def starts_when(self) -> str: ...
    @property
    def minutes(self) -> int | None: ...
    @property
    def ends_same_day(self) -> bool: ...
    @property
    def calendar(self) -> str: ...
    @property
    def warn_percent(self) -> int: ...


@dataclass(frozen=True)
class Policy:
    """One row of D4; the fields are those of the table `clock_policy`. None in a condition means "any".

    `minutes` is the time allowed in the calendar's open time; with `ends_same_day` it is 24:00 of the day instead.
    """

    name: str
    starts_when: str
    minutes: int | None
    kind: str | None = None
    priority: str | None = None
    grade: str | None = None
    validity: str | None = None
    channel: str | None = None
    category_code: str | None = None
    calendar: str = CalendarName.ALWAYS
    warn_percent: int = WARN_PERCENT
    ends_same_day: bool = False
    source: str = ""


@dataclass(frozen=True)
class Matter:
    """What a policy asks of a ticket."""

    kind: str
    channel: str
    priority: str
    validity: str | None = None
    grade: str | None = None
    category_code: str | None = None


def fits(policy: PolicyRow, matter: Matter) -> bool:
    """Whether a row speaks of such a ticket."""
    return all(getattr(policy, name) in (None, getattr(matter, name)) for name in CONDITIONS)


def weight(policy: PolicyRow) -> tuple[int, tuple[bool, ...]]:
    """How particular a row is: of two rows for one clock the one with more conditions wins, of as many the more telling."""
    given = tuple(getattr(policy, name) is not None for name in CONDITIONS)
    return sum(given), given


def starting(policies: Iterable[P], moments: Sequence[str], matter: Matter) -> list[P]:
    """The policies whose clocks start at these moments: for each clock name the most particular row that fits.

    Of two alike the earlier in `policies` wins.
    """
    best: dict[str, P] = {}
    for policy in policies:
        if policy.starts_when not in moments or not fits(policy, matter):
            continue
        other = best.get(policy.name)
        if other is None or weight(policy) > weight(other):
            best[policy.name] = policy
    return list(best.values())


FALLBACKS: tuple[tuple[str, str], ...] = (
    (ClockName.FIRST_RESPONSE, REGISTERED),
    (ClockName.DONE, REGISTERED),
    (ClockName.DONE, REOPENED),
)
"""The clocks no matter goes without, and when they start: where no row speaks of them the default does."""


def missing(chosen: Iterable[PolicyRow], moments: Sequence[str]) -> list[tuple[str, str]]:
    """The clocks that these moments owe and no policy started: what the default is for."""
    names = {policy.name for policy in chosen}
    return [(name, moment) for name, moment in FALLBACKS if moment in moments and name not in names]
