"""Promises in one list: by whom, for when, kept or broken; the number of the first page is the list's (D4)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.services import promises, workbench
from app.services.clocks import sweep
from app.services.ticket_verbs import perform
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


@pytest.fixture
def given(session: Session, estate: SmallEstate, now) -> dict[str, str]:
    """Five promises, given by two people; at `now` + 7 h. Returns what became of each → the number of its ticket."""
    numbers = {}

    def promise(what: str, hours: int, by: str = "assistant", position: int = 3):
        ticket = estate.open(session, now, house=estate.houses[position])
        perform(session, ticket, "promise", estate.actor(by), now, {"due_at": (now + hours * HOUR).isoformat()})
        numbers[what] = ticket.number
        return ticket

    promise("soon", 20, "steward")
    promise("later", 60, position=9)
    kept = estate.walk(session, promise("kept", 5), now + HOUR, "dispatch", "start", "finish")
    assert kept.state == "done"
    late = promise("late", 2)
    promise("overdue", 6)
    sweep(session, now + 6 * HOUR + timedelta(minutes=1))
    session.expire_all()
    estate.walk(session, late, now + 5 * HOUR, "dispatch", "start", "finish")
    dropped = promise("dropped", 30)
    perform(session, dropped, "promise", estate.actor("assistant"), now, {"due_at": (now + 70 * HOUR).isoformat()})
    session.flush()
    return numbers


def seen(session, actor, code, now) -> list[tuple[str, str]]:
    start = now.replace(day=1, hour=0)
    found = promises.listed(session, actor, code, now, start, start + 31 * DAY)
    return [(one.ticket.number, one.by) for one in found]


def test_each_stands_where_it_belongs_with_the_one_who_gave_it(session, estate, given, now):
    at, who = now + 7 * HOUR, estate.actor("assistant")
    assert seen(session, who, "soon", at) == [(given["soon"], "steward员")]
    by = "assistant员"
    expected = [(given["soon"], "steward员"), (given["later"], by), (given["dropped"], by)]
    assert seen(session, who, "open", at) == expected
    assert seen(session, who, "overdue", at) == [(given["overdue"], by)]
    assert seen(session, who, "kept", at) == [(given["kept"], by)]
    assert seen(session, who, "broken", at) == [(given["overdue"], by), (given["late"], by)]
    assert seen(session, who, "dropped", at) == [(given["dropped"], by)]


def test_every_number_is_the_length_of_its_list_for_everybody(session, estate, given, now):
    at, start = now + 7 * HOUR, now.replace(day=1, hour=0)
    for name in ("assistant", "steward", "supervisor", "manager", "tech_a", "quality"):
        actor = estate.actor(name)
        counted = promises.counts(session, actor, at, start, start + 31 * DAY)
        assert counted.numbers == {code: len(seen(session, actor, code, at)) for code in counted.numbers}, name
    assert promises.counts(session, estate.actor("assistant"), at, start, start + 31 * DAY).kept_rate == "0.3333"


def test_the_number_of_the_first_page_is_the_list_of_the_coming_day(session, estate, given, now):
    at = now + 7 * HOUR
    for name in ("assistant", "supervisor"):
        actor = estate.actor(name)
        number = workbench.counts(session, actor, ("promises",), at)["promises"]
        assert number == len(seen(session, actor, "soon", at)) == 1


def test_the_steward_sees_those_of_the_own_buildings_and_a_stranger_none(session, estate, given, now):
    at = now + 7 * HOUR
    steward = replace(estate.actor("steward"), building_ids=frozenset({estate.houses[3].building_id}))
    assert given["later"] not in {number for number, _by in seen(session, steward, "open", at)}
    assert given["soon"] in {number for number, _by in seen(session, steward, "open", at)}
    stranger = replace(estate.actor("assistant"), community_ids=frozenset({0}), staff_id=0)
    assert all(seen(session, stranger, code, at) == [] for code in (*promises.STANDING, *promises.ENDED))


def test_what_has_ended_stands_in_the_month_it_was_promised_for(session, estate, given, now):
    at, next_month = now + 7 * HOUR, now.replace(month=4, day=1, hour=0)
    actor = estate.actor("assistant")
    assert promises.listed(session, actor, "kept", at, next_month, next_month + 30 * DAY) == []
    assert len(promises.listed(session, actor, "open", at, next_month, next_month + 30 * DAY)) == 3
