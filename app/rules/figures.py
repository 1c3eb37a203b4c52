"""The figures of the trade, one definition each (D4, D8, D10, D16, I8). Workbench, report, appraisal and REST use these.

Rates are Decimals from 0 to 1 with four places, rounded half up, and None where nothing was there to be judged: a month
without answers has no satisfaction, not one of zero. Durations are whole minutes or seconds as named.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from app.rules.codes import ClockState

FOUR_PLACES = Decimal("0.0001")
SATISFIED_FROM = 4
SMALLEST_GROUP = 5
"""Fewer households than this are never shown by themselves (D14; issue 7 of the field's privacy rule)."""

ENDED = frozenset({ClockState.MET, ClockState.BREACHED})
RUNNING = frozenset({ClockState.RUNNING, ClockState.PAUSED})


def share(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """`part` ÷ `whole`, or None when there is no whole."""
    if not whole:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(FOUR_PLACES, ROUND_HALF_UP)


@dataclass(frozen=True)
class InTime:
    """How punctual a set of requests was: requests by I8's definition, and clocks beside it."""

    requests_judged: int
    requests_in_time: int
    clocks_ended: int
    clocks_met: int

    @property
    def rate(self) -> Decimal | None:
        """Requests in time ÷ requests whose clocks have all ended (I8)."""
        return share(self.requests_in_time, self.requests_judged)

    @property
    def clock_rate(self) -> Decimal | None:
        """Clocks met ÷ clocks ended (D16), shown beside the rate."""
        return share(self.clocks_met, self.clocks_ended)


def in_time(requests: Iterable[Sequence[str]]) -> InTime:
    """Punctuality of requests, each given as the states of its clocks (I8).

    A cancelled clock counts nowhere. A request with a clock still running or paused is not judged yet, one without any
    ended clock never.
    """
    judged = punctual = ended = met = 0
    for states in requests:
        over = [state for state in states if state in ENDED]
        met_here = sum(state == ClockState.MET for state in over)
        ended += len(over)
        met += met_here
        if over and not any(state in RUNNING for state in states):
            judged += 1
            punctual += met_here == len(over)
    return InTime(judged, punctual, ended, met)


def complaint_rate(complaints: int, occupied_households: int) -> Decimal | None:
    """Complaints ÷ occupied households (D16)."""
    return share(complaints, occupied_households)


def satisfaction(scores: Iterable[int]) -> Decimal | None:
    """Answers of 4 or 5 ÷ answers (D16)."""
    answers = list(scores)
    return share(sum(score >= SATISFIED_FROM for score in answers), len(answers))


def collection_rate(paid_yuan: Decimal, due_yuan: Decimal) -> Decimal | None:
    """Paid ÷ due for the period (D10)."""
    return share(paid_yuan, due_yuan)


def ratio(total: int, count: int) -> int | None:
    """`total` ÷ `count`, rounded half up to a whole unit; None of nothing."""
    return int((Decimal(total) / count).quantize(Decimal(1), ROUND_HALF_UP)) if count else None


def mean(values: Sequence[int]) -> int | None:
    """Arithmetic mean, rounded half up to a whole unit."""
    return ratio(sum(values), len(values))


def mean_of(counted: Mapping[int, int]) -> int | None:
    """The same of values that were counted: value → how often."""
    return ratio(sum(value * count for value, count in counted.items()), sum(counted.values()))


def percentile(values: Sequence[int], percent: int) -> int | None:
    """The nearest-rank percentile: the smallest value that at least `percent` of the values do not exceed."""
    return percentile_of(Counter(values), percent)


def percentile_of(counted: Mapping[int, int], percent: int) -> int | None:
    """The same of values that were counted: value → how often."""
    rank = max(-(-percent * sum(counted.values()) // 100), 1)
    for value in sorted(counted):
        rank -= counted[value]
        if rank <= 0:
            return value
    return None


def rate_text(rate: Decimal | str | None, places: int = 1, nothing: str = "—") -> str:
    """A rate as people read it, `93.3%`; `nothing` where there was nothing to be judged. Short of all is never shown as 100%."""
    if rate is None:
        return nothing
    shown = (Decimal(rate) * 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if shown >= 100 > Decimal(rate) * 100:
        shown = 100 - Decimal(1).scaleb(-places)
    return f"{shown}%"


@dataclass(frozen=True)
class Group:
    """Something counted by building or category: `households` are the distinct ones behind `count`."""

    code: str
    count: int
    households: frozenset[int] = field(default_factory=frozenset)


def merge_small(groups: Iterable[Group], smallest: int = SMALLEST_GROUP, rest: str = "rest") -> list[Group]:
    """Groups with fewer than `smallest` households, merged into one called `rest` at the end (D14: nobody is recognised).

    When what is merged is itself still too few, the next smallest group joins it, so that nothing can be told by
    subtracting from the total. Groups of nothing are left out. The order of the others is kept.
    """
    shown = [group for group in groups if group.count]
    small = [group for group in shown if len(group.households) < smallest]
    large = [group for group in shown if len(group.households) >= smallest]
    merged = frozenset[int]().union(*(group.households for group in small))
    while small and large and len(merged) < smallest:
        next_smallest = min(large, key=lambda group: (len(group.households), group.count))
        large.remove(next_smallest)
        small.append(next_smallest)
        merged |= next_smallest.households
    if not small:
        return large
    return [*large, Group(rest, sum(group.count for group in small), merged)]
