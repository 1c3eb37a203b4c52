"""The figures of a span of time (D4, D10, D14, D16, I8), one definition each: what is counted, and what is made of it.

First pages, the page of figures, the monthly report, appraisals and REST all take them from `FIGURES`; what was counted is a
`Tally`, whichever rows and whoever's they are. Each figure names the lists of the records behind it, so that a reader
can see what it was made from: `whole` holds what it is made from, `part` those of them that the rate counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal

from app.rules import figures as rules

Value = int | Decimal | None

COUNT, RATE, MINUTES, SECONDS = "count", "rate", "minutes", "seconds"
UP, DOWN = "up", "down"


@dataclass
class Tally:
    """What was counted of a span. Durations are whole minutes of each request; `responses`: minutes → requests."""

    requests: int = 0
    complaints: int = 0
    emergencies: int = 0
    done: int = 0
    judged: int = 0
    in_time: int = 0
    clocks_ended: int = 0
    clocks_met: int = 0
    complaints_judged: int = 0
    complaints_in_time: int = 0
    complaints_done: int = 0
    complaints_asked: int = 0
    done_minutes: int = 0
    urgent_repairs: int = 0
    urgent_minutes: int = 0
    answers: int = 0
    satisfied: int = 0
    calls: int = 0
    accepted: int = 0
    accept_seconds: int = 0
    bills: int = 0
    due_yuan: Decimal = Decimal(0)
    paid_yuan: Decimal = Decimal(0)
    occupied: int = 0
    responses: dict[int, int] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """Requests that had their first response."""
        return sum(self.responses.values())

    def add(self, other: Tally) -> None:
        """Put another group's numbers to these."""
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for minutes, requests in other.responses.items():
            self.responses[minutes] = self.responses.get(minutes, 0) + requests


COUNTED = tuple(one.name for one in fields(Tally) if one.name != "responses")


def together(tallies: Iterable[Tally]) -> Tally:
    """Several groups as one."""
    total = Tally()
    for one in tallies:
        total.add(one)
    return total


@dataclass(frozen=True)
class Figure:
    """One figure. `unit`: count, rate, minutes or seconds; `good`: the direction that is better, or none; `target`: the key
    of its target among the administrator's figures; `whole` and `part`: fields of the tally that say how many records the
    lists behind it hold."""

    code: str
    unit: str
    measure: Callable[[Tally], Value]
    whole: str
    part: str = ""
    good: str = ""
    target: str = ""


def _rate(part: str, whole: str) -> Callable[[Tally], Value]:
    return lambda tally: rules.share(getattr(tally, part), getattr(tally, whole))


FIGURES: dict[str, Figure] = {
    one.code: one
    for one in (
        Figure("requests", COUNT, lambda tally: tally.requests, "requests"),
        Figure("calls", COUNT, lambda tally: tally.calls, "calls"),
        Figure("in_time", RATE, _rate("in_time", "judged"), "judged", "in_time", UP, "target.in_time_percent"),
        Figure("clocks_in_time", RATE, _rate("clocks_met", "clocks_ended"), "clocks_ended", "clocks_met", UP),
        Figure(
            "first_response_mean",
            MINUTES,
            lambda tally: rules.mean_of(tally.responses),
            "answered",
            good=DOWN,
            target="target.first_response_minutes",
        ),
        Figure(
            "first_response_p90",
            MINUTES,
            lambda tally: rules.percentile_of(tally.responses, 90),
            "answered",
            good=DOWN,
            target="target.first_response_minutes",
        ),
        Figure("handling_mean", MINUTES, lambda tally: rules.ratio(tally.done_minutes, tally.done), "done", good=DOWN),
        Figure(
            "urgent_repair_mean",
            MINUTES,
            lambda tally: rules.ratio(tally.urgent_minutes, tally.urgent_repairs),
            "urgent_repairs",
            good=DOWN,
            target="target.urgent_repair_minutes",
        ),
        Figure(
            "satisfaction",
            RATE,
            _rate("satisfied", "answers"),
            "answers",
            "satisfied",
            UP,
            "target.satisfaction_percent",
        ),
        Figure("complaints", COUNT, lambda tally: tally.complaints, "complaints", good=DOWN),
        Figure(
            "complaint_rate",
            RATE,
            lambda tally: rules.complaint_rate(tally.complaints, tally.occupied),
            "occupied",
            "complaints",
            DOWN,
        ),
        Figure(
            "complaints_in_time",
            RATE,
            _rate("complaints_in_time", "complaints_judged"),
            "complaints_judged",
            "complaints_in_time",
            UP,
            "target.complaints_percent",
        ),
        Figure(
            "complaint_visits",
            RATE,
            _rate("complaints_asked", "complaints_done"),
            "complaints_done",
            "complaints_asked",
            UP,
            "target.visits_percent",
        ),
        Figure("emergencies", COUNT, lambda tally: tally.emergencies, "emergencies"),
        Figure(
            "accept_mean",
            SECONDS,
            lambda tally: rules.ratio(tally.accept_seconds, tally.accepted),
            "accepted",
            good=DOWN,
            target="ladder.accept_seconds",
        ),
        Figure(
            "collection",
            RATE,
            lambda tally: rules.collection_rate(tally.paid_yuan, tally.due_yuan),
            "bills",
            good=UP,
            target="target.collection_percent",
        ),
    )
}
"""Code → definition, in the order they are shown."""

TARGETS = tuple(dict.fromkeys(one.target for one in FIGURES.values() if one.target))


def value_of(code: str, tally: Tally) -> Value:
    """A figure of what was counted; None where nothing was there to be judged."""
    return FIGURES[code].measure(tally)


def target_of(code: str, known: Mapping[str, int]) -> Value:
    """The target of a figure out of the administrator's figures: percentages become rates; None where there is none."""
    figure = FIGURES[code]
    if not figure.target:
        return None
    return Decimal(known[figure.target]) / 100 if figure.unit == RATE else known[figure.target]


def reached(code: str, value: Value, target: Value) -> bool | None:
    """Whether a value is at its target or better; None where there is no value, or nothing to reach."""
    return is_reached(value, target, FIGURES[code].good)


def is_reached(value: int | Decimal | str | None, target: int | Decimal | str | None, good: str) -> bool | None:
    """The same of a row of a frozen report, whose rates are strings."""
    if value is None or target is None or not good:
        return None
    return Decimal(value) >= Decimal(target) if good == UP else Decimal(value) <= Decimal(target)
