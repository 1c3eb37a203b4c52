"""The figures of a month (D14, D16), each beside last month, the same month last year and the target."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.rules import figures as rules
from app.rules.codes import Kind, Priority
from app.services import policies
from app.services.reporting.records import MonthRecords

Value = int | Decimal | None
FIRST_RESPONSE_TARGET_MINUTES = 30  # D4: consultation, first response
URGENT_REPAIR_TARGET_MINUTES = 90  # D4: mean 1.5 hours
UP, DOWN = "up", "down"


@dataclass(frozen=True)
class Definition:
    """How one figure is made. `unit`: count, rate, minutes or seconds; `good`: the direction that is better, or none."""

    code: str
    unit: str
    measure: Callable[[MonthRecords, int], Value]
    good: str = ""
    target: Callable[[Session], Value] = lambda session: None


def _percent(key: str) -> Callable[[Session], Decimal]:
    return lambda session: Decimal(policies.figure(session, key)) / 100


def _in_time(*kinds: str) -> Callable[[MonthRecords, int], Decimal | None]:
    def measure(records: MonthRecords, occupied: int) -> Decimal | None:
        requests = records.of_kind(*kinds) if kinds else records.requests
        return rules.in_time(request.clocks for request in requests).rate

    return measure


def _responses(records: MonthRecords) -> list[int]:
    return [
        request.first_response_seconds // 60
        for request in records.requests
        if request.first_response_seconds is not None
    ]


def _handling(records: MonthRecords, occupied: int) -> int | None:
    return rules.mean([minutes for request in records.requests if (minutes := request.handling_minutes) is not None])


def _urgent_repairs(records: MonthRecords, occupied: int) -> int | None:
    urgent = [
        request for request in records.of_kind(Kind.REPAIR) if request.priority in (Priority.URGENT, Priority.EMERGENCY)
    ]
    return rules.mean([minutes for request in urgent if (minutes := request.handling_minutes) is not None])


def _satisfaction(records: MonthRecords, occupied: int) -> Decimal | None:
    return rules.satisfaction(visit.score for visit in records.visits if visit.score is not None)


def _complaint_visits(records: MonthRecords, occupied: int) -> Decimal | None:
    done = [request for request in records.of_kind(Kind.COMPLAINT) if request.done_at is not None]
    return rules.share(sum(request.id in records.visited_ticket_ids for request in done), len(done))


def _accept_mean(records: MonthRecords, occupied: int) -> int | None:
    return rules.mean([alarm.accept_seconds for alarm in records.alarms if alarm.accept_seconds is not None])


def _collection(records: MonthRecords, occupied: int) -> Decimal | None:
    paid = sum((fee.paid_yuan for fee in records.fees), Decimal(0))
    return rules.collection_rate(paid, sum((fee.due_yuan for fee in records.fees), Decimal(0)))


DEFINITIONS: tuple[Definition, ...] = (
    Definition("requests", "count", lambda records, _: len(records.requests)),
    Definition("calls", "count", lambda records, _: len(records.calls)),
    Definition("in_time", "rate", _in_time(), UP, _percent("target.in_time_percent")),
    Definition(
        "first_response_mean",
        "minutes",
        lambda records, _: rules.mean(_responses(records)),
        DOWN,
        lambda session: FIRST_RESPONSE_TARGET_MINUTES,
    ),
    Definition(
        "first_response_p90",
        "minutes",
        lambda records, _: rules.percentile(_responses(records), 90),
        DOWN,
        lambda session: FIRST_RESPONSE_TARGET_MINUTES,
    ),
    Definition("handling_mean", "minutes", _handling, DOWN),
    Definition("urgent_repair_mean", "minutes", _urgent_repairs, DOWN, lambda session: URGENT_REPAIR_TARGET_MINUTES),
    Definition("satisfaction", "rate", _satisfaction, UP, _percent("target.satisfaction_percent")),
    Definition("complaints", "count", lambda records, _: len(records.of_kind(Kind.COMPLAINT)), DOWN),
    Definition(
        "complaint_rate",
        "rate",
        lambda records, occupied: rules.complaint_rate(len(records.of_kind(Kind.COMPLAINT)), occupied),
        DOWN,
    ),
    Definition("complaints_in_time", "rate", _in_time(Kind.COMPLAINT), UP, _percent("target.complaints_percent")),
    Definition("complaint_visits", "rate", _complaint_visits, UP, _percent("target.visits_percent")),
    Definition("emergencies", "count", lambda records, _: len(records.of_kind(Kind.EMERGENCY))),
    Definition(
        "accept_mean",
        "seconds",
        _accept_mean,
        DOWN,
        lambda session: policies.figure(session, "ladder.accept_seconds"),
    ),
    Definition("collection", "rate", _collection, UP, _percent("target.collection_percent")),
)


def frozen(value: Value) -> int | str | None:
    """A value as JSON keeps it: rates as strings of their digits, so that nothing is ever a float."""
    return str(value) if isinstance(value, Decimal) else value


def month_figures(
    session: Session,
    now: MonthRecords,
    last_month: MonthRecords | None,
    last_year: MonthRecords | None,
    occupied: int,
) -> list[dict[str, Any]]:
    """Every figure of the month as a row for the dataset. Months without any record compare with nothing (None)."""

    def measured(definition: Definition, records: MonthRecords | None) -> int | str | None:
        return None if records is None else frozen(definition.measure(records, occupied))

    return [
        {
            "code": definition.code,
            "unit": definition.unit,
            "value": measured(definition, now),
            "last_month": measured(definition, last_month),
            "last_year": measured(definition, last_year),
            "target": frozen(definition.target(session)),
            "good": definition.good,
        }
        for definition in DEFINITIONS
    ]
