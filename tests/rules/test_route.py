"""In which order a technician walks: what presses first, then the nearest next."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.route import EMERGENCY, LATE, LATER, SOON, Stop, urgency, walk

NOW = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("due", "emergency", "pressing", "found"),
    [
        (None, True, False, EMERGENCY),
        (NOW + 9 * HOUR, False, True, LATE),
        (NOW, False, False, LATE),
        (NOW + 2 * HOUR, False, False, SOON),
        (NOW + 2 * HOUR + timedelta(seconds=1), False, False, LATER),
        (None, False, False, LATER),
    ],
)
def test_how_much_a_job_presses(due, emergency, pressing, found):
    assert urgency(NOW, due, emergency=emergency, pressing=pressing) == found


def test_from_where_one_is_to_the_nearest_building_and_up_its_floors():
    stops = [
        Stop(1, LATER, 9),
        Stop(2, LATER, 4, floor=12),
        Stop(3, LATER, 3, floor=8, here=True),
        Stop(4, LATER, 4, floor=2),
        Stop(5, LATER),
        Stop(6, SOON, 1),
        Stop(7, EMERGENCY, 9),
    ]
    # The emergency in 9, what is due soon in 1; from there up the plan, the unknown place last.
    assert walk(stops) == [7, 6, 3, 4, 2, 1, 5]
    assert walk(stops[1:5]) == [3, 4, 2, 5]


STOPS = st.lists(
    st.builds(
        Stop,
        id=st.integers(1, 99),
        urgency=st.integers(0, 3),
        position=st.none() | st.integers(1, 9),
        floor=st.integers(-1, 30),
        here=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda stop: stop.id,
)


@given(STOPS)
def test_nothing_is_left_out_and_nothing_less_urgent_comes_before(stops):
    by_id = {stop.id: stop for stop in stops}
    order = walk(stops)
    assert sorted(order) == sorted(by_id)
    assert [by_id[one].urgency for one in order] == sorted(stop.urgency for stop in stops)
