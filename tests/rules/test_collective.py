"""When five households make a collective matter (D5, I8): the figures of the rule, and what holds whatever comes in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.collective import Matter, Sighting, find, place_key

NOW = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
WINDOW = 72 * HOUR
FIVE = 5


def seen(number: int, house: int | None, hours: float = 0, building: int | None = 1, place: str = "") -> Sighting:
    return Sighting(number, NOW + hours * HOUR, house, building, place)


def of(tickets: list[Sighting], one: int = -1) -> Matter | None:
    """The matter that one of them, by default the last, makes."""
    return find(tickets[one], tickets, FIVE, WINDOW)


def test_five_households_of_a_building_are_a_collective_matter_and_four_are_not() -> None:
    five = [seen(n, 100 + n, n) for n in range(5)]
    found = of(five)
    assert found is not None
    assert (found.building_id, found.place) == (1, None)
    assert found.households == {100, 101, 102, 103, 104}
    assert [one.ticket_id for one in found.tickets] == [0, 1, 2, 3, 4]
    assert of(five[:4]) is None


def test_five_calls_of_one_household_are_not_one() -> None:
    assert of([seen(n, 100, n) for n in range(5)]) is None
    assert of([seen(n, 100 + n % 4, n) for n in range(12)]) is None


@pytest.mark.parametrize(
    ("last", "is_one"), [(72.0, True), (72.0 + 1 / 3600, False), (71.9, True), (96.0, False)], ids=str
)
def test_the_window_is_seventy_two_hours_both_ends_included(last: float, is_one: bool) -> None:
    tickets = [*(seen(n, 100 + n, n) for n in range(4)), seen(4, 104, last)]
    assert (of(tickets) is not None) == is_one


def test_a_ticket_that_comes_to_light_late_is_counted_where_it_belongs() -> None:
    """A journal is replayed with the original times: the fifth is in the middle, and others come after it."""
    tickets = [seen(n, 100 + n, hours) for n, hours in enumerate((0, 40, 71, 72, 36))]
    found = of(tickets)
    assert found is not None
    assert len(found.households) == 5
    apart = [seen(n, 100 + n, hours) for n, hours in enumerate((-70, -60, 60, 70, 0))]
    assert of(apart) is None, "no 72 hours hold all five"


def test_a_household_that_nobody_knows_is_evidence_and_counts_for_none() -> None:
    tickets = [seen(0, None), *(seen(n, 100 + n, n) for n in range(1, 5))]
    assert of(tickets) is None
    found = of([*tickets, seen(5, 105, 5)])
    assert found is not None
    assert 0 in {one.ticket_id for one in found.tickets}
    assert len(found.households) == 5


def test_another_building_is_another_matter_unless_the_same_place_is_stated() -> None:
    apart = [seen(n, 100 + n, n, building=n) for n in range(5)]
    assert of(apart) is None
    places = ("地下车库", "地下 车库", "地下车库。", " 地下车库 ", "地下车库！")
    garage = [seen(n, 100 + n, n, building=n, place=place) for n, place in enumerate(places)]
    found = of(garage)
    assert found is not None
    assert (found.building_id, found.place) == (None, "地下车库")
    assert of([*garage[:4], seen(4, 104, 4, building=4, place="地下车库二层")]) is None


@pytest.mark.parametrize("place", ["厨房", "室内", "公共区域", "inside the home", "Public area", "Kitchen", "", "。"])
def test_a_room_at_home_is_no_place_that_others_mean_too(place: str) -> None:
    assert place_key(place) == ""
    assert of([seen(n, 100 + n, n, building=n, place=place) for n in range(5)]) is None


def test_the_way_that_brings_more_households_together_is_taken() -> None:
    tickets = [seen(n, 100 + n, n, building=1, place="电梯厅" if n < 5 else "") for n in range(6)]
    found = of(tickets, 0)
    assert found is not None
    assert (found.building_id, len(found.households)) == (1, 6)
    wide = [seen(n, 100 + n, n, building=1 if n < 5 else 2, place="南门") for n in range(7)]
    found = of(wide, 0)
    assert found is not None
    assert (found.place, len(found.households)) == ("南门", 7)


TICKETS = st.lists(
    st.builds(
        seen,
        number=st.integers(1, 10**6),
        house=st.none() | st.integers(1, 8),
        hours=st.floats(-100, 100),
        building=st.none() | st.integers(1, 2),
        place=st.sampled_from(["", "南门", "厨房", "车库"]),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda one: one.ticket_id,
)


@given(TICKETS)
def test_whatever_is_found_is_within_the_window_of_one_place_and_of_enough_households(tickets: list[Sighting]) -> None:
    one = tickets[0]
    found = find(one, tickets, FIVE, WINDOW)
    if found is None:
        return
    times = [ticket.at for ticket in found.tickets]
    assert max(times) - min(times) <= WINDOW
    assert one in found.tickets
    assert len(found.households) >= FIVE
    if found.building_id is not None:
        assert {ticket.building_id for ticket in found.tickets} == {one.building_id}
    else:
        assert {place_key(ticket.place) for ticket in found.tickets} == {found.place} != {""}


@given(TICKETS, st.randoms())
def test_the_order_of_the_rows_changes_nothing(tickets: list[Sighting], random) -> None:  # type: ignore[no-untyped-def]
    one, mixed = tickets[0], list(tickets)
    random.shuffle(mixed)
    first, second = find(one, tickets, FIVE, WINDOW), find(one, mixed, FIVE, WINDOW)
    assert (first is None) == (second is None)
    if first and second:
        assert first.households == second.households


@given(TICKETS, st.integers(1, 10**6))
def test_one_household_more_never_makes_it_less(tickets: list[Sighting], extra: int) -> None:
    before = find(tickets[0], tickets, FIVE, WINDOW)
    more = Sighting(-extra, tickets[0].at, 10**6, tickets[0].building_id, tickets[0].place)
    after = find(tickets[0], [*tickets, more], FIVE, WINDOW)
    assert before is None or (after is not None and len(after.households) >= len(before.households))
