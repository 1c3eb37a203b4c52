"""Drills of the emergency plans (D7): who records, what a record may say, which plans are due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.errors import Forbidden, Invalid, Refused
from app.rules import drills

ZONE = ZoneInfo("Asia/Shanghai")
BEGAN = datetime(2026, 3, 10, 2, 0, 20, tzinfo=UTC)
NOW = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CONTENT = {"steps": [{"key": "a", "minutes": 0}, {"key": "b", "minutes": 10}, {"key": "c", "minutes": 30}]}


@pytest.mark.parametrize(
    ("roles", "staff", "plans", "records"),
    [
        ({"manager"}, 9, True, True),
        ({"deputy"}, 9, True, True),
        ({"supervisor"}, 9, True, True),
        ({"admin"}, None, True, True),
        ({"technician"}, 7, False, True),
        ({"technician"}, 9, False, False),
        ({"assistant"}, 9, False, False),
        ({"quality"}, None, False, False),
    ],
)
def test_who_plans_and_who_records(roles: set[str], staff: int | None, plans: bool, records: bool) -> None:
    assert drills.may_plan(frozenset(roles)) is plans
    assert drills.may_record(frozenset(roles), staff, 7) is records
    if not records:
        with pytest.raises(Forbidden):
            drills.check_leader(frozenset(roles), staff, 7)


def test_an_improvement_is_ended_by_whoever_is_to_make_it_too() -> None:
    assert drills.may_end(frozenset({"steward"}), 5, 7, 5)
    assert not drills.may_end(frozenset({"steward"}), 6, 7, 5)
    assert not drills.may_end(frozenset({"quality"}), None, 7, 5)


@pytest.mark.parametrize(
    ("state", "held", "refused"),
    [("planned", False, False), ("held", False, True), ("held", True, False), ("cancelled", True, True)],
)
def test_what_is_over_is_not_planned_anew(state: str, held: bool, refused: bool) -> None:
    if refused:
        with pytest.raises(Refused):
            drills.check_open(state, held=held)
    else:
        drills.check_open(state, held=held)


def test_a_record_needs_times_that_can_be() -> None:
    good = {"a": BEGAN, "b": BEGAN + 9 * MINUTE}
    drills.check_record(BEGAN, BEGAN + 30 * MINUTE, good, NOW)
    for began, ended, steps in (
        (BEGAN, BEGAN - MINUTE, good),
        (BEGAN, NOW + MINUTE, good),
        (BEGAN, BEGAN + 30 * MINUTE, {"a": BEGAN - MINUTE}),
        (BEGAN, BEGAN + 30 * MINUTE, {"a": BEGAN + 31 * MINUTE}),
        (BEGAN - 2 * DAY, BEGAN, {"a": BEGAN}),
        (BEGAN, BEGAN + 30 * MINUTE, {}),
    ):
        with pytest.raises(Invalid):
            drills.check_record(began, ended, steps, NOW)


def test_a_time_on_the_clock_is_of_the_day_of_the_drill_or_past_midnight() -> None:
    late = datetime(2026, 3, 10, 15, 50, tzinfo=UTC)  # 23:50 in Shanghai
    assert drills.at_clock(late, 23, 55, ZONE) == late + 5 * MINUTE
    assert drills.at_clock(late, 0, 5, ZONE) == late + 15 * MINUTE
    assert drills.at_clock(BEGAN, 10, 0, ZONE) == BEGAN, "the minute it began in is not before it"


def test_a_step_is_late_after_its_minutes() -> None:
    steps = {"a": BEGAN + MINUTE, "b": BEGAN + 11 * MINUTE}
    found = drills.walked(CONTENT, BEGAN, steps)
    assert [(one.key, one.after, one.late) for one in found] == [("a", 1, False), ("b", 11, True), ("c", None, False)]
    assert not drills.walked(CONTENT, BEGAN, {"b": BEGAN + 10 * MINUTE + timedelta(seconds=59)})[1].late
    assert drills.walked(CONTENT, None, {})[0].after is None


def test_a_planned_drill_is_overdue_when_its_local_day_is_over() -> None:
    evening = datetime(2026, 3, 10, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    starts = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
    assert not drills.is_overdue("planned", starts, evening, ZONE)
    assert drills.is_overdue("planned", starts, evening + MINUTE, ZONE)
    assert not drills.is_overdue("held", starts, evening + DAY, ZONE)
    assert not drills.is_overdue("cancelled", starts, evening + DAY, ZONE)


def test_a_plan_is_due_from_its_last_drill_or_from_its_first_day() -> None:
    every = 365 * DAY
    assert drills.due_at(None, NOW - 400 * DAY, every) == NOW - 35 * DAY
    assert drills.due_at(NOW - 10 * DAY, NOW - 400 * DAY, every) == NOW + 355 * DAY
