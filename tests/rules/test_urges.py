"""When asking again counts as an urge, and when a household may press by one tap."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import household, urges
from app.rules.codes import OPEN_STATES, TicketState

NOW = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("state", "last", "counted"),
    [
        ("registered", None, True),
        ("waiting", None, True),
        ("in_progress", 60 * MINUTE, True),
        ("in_progress", 59 * MINUTE, False),
        ("in_progress", -5 * MINUTE, False),  # a clock set back
        ("done", None, False),
        ("closed", None, False),
        ("cancelled", None, False),
    ],
)
def test_asking_again_counts_once_an_hour_while_the_matter_is_open(state, last, counted):
    urged_at = None if last is None else NOW - last
    assert urges.counts(state, urged_at, NOW, 60) is counted


def test_every_open_state_may_be_urged_and_no_other():
    assert {state for state in TicketState if urges.counts(state, None, NOW, 60)} == set(OPEN_STATES)


@given(st.lists(st.integers(0, 600), max_size=40), st.integers(1, 120))
def test_however_often_one_asks_two_urges_lie_the_minutes_apart(minutes, again):
    counted = []
    for at in sorted(minutes):
        moment = NOW + at * MINUTE
        if urges.counts("dispatched", counted[-1] if counted else None, moment, again):
            counted.append(moment)
    assert all(later - earlier >= again * MINUTE for earlier, later in zip(counted, counted[1:], strict=False))
    assert bool(counted) is bool(minutes)


def test_a_household_that_has_just_asked_is_not_offered_the_tap():
    own = household.Own("in_progress", "normal", is_reporter=True, lives_here=True)
    assert household.URGE in household.may(own, NOW, 30, 60)
    asked = household.Own("in_progress", "normal", is_reporter=True, lives_here=True, urged_at=NOW - MINUTE)
    assert household.URGE not in household.may(asked, NOW, 30, 60)
    left = household.Own("in_progress", "normal", is_reporter=True, lives_here=False)
    assert household.may(left, NOW, 30, 60) == frozenset()
