"""Swapping shifts and the calendar link (D7): who may, what stands against it, what the roster says afterwards."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid, LinliError, NotFound, Refused
from app.models import DutyEntry, DutyFeed, DutyShift, DutySwap, Message
from app.services import duty_feed, swaps
from app.services.roster import on_duty, on_duty_now
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def shift(session, estate, now, name: str, start: int, end: int, tier: str = "on_duty", **given) -> DutyShift:
    person = estate.staff[name]
    made = DutyShift(
        community_id=estate.community.id, tier=tier, staff_id=person.id, number=given.pop("number", person.number),
        starts_at=now + start * HOUR, ends_at=now + end * HOUR, **given,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def ask(
    session, estate, now, mine: DutyShift, other: str, back: DutyShift | None = None, by: str = "steward"
) -> DutySwap:
    other_id = estate.staff[other].id
    return swaps.ask(session, estate.actor(by), mine.id, other_id, back.id if back else None, "孩子生病", now)


def held(session, estate, at, tier="on_duty") -> list[str]:
    names = {person.id: name for name, person in estate.staff.items()}
    return [names[one.staff_id] for one in on_duty(session, estate.community.id, tier, at)]


def test_a_swap_changes_nothing_until_it_is_accepted_and_then_both_shifts(session, estate, now):
    mine = shift(session, estate, now, "steward", 10, 22)
    theirs = shift(session, estate, now, "tech_a", 34, 46)
    swap = ask(session, estate, now, mine, "tech_a", theirs)
    assert held(session, estate, now + 11 * HOUR) == ["steward"]
    swaps.answer(session, estate.actor("tech_a"), swap, True, "好的", now + HOUR)
    assert held(session, estate, now + 11 * HOUR) == ["tech_a"]
    assert held(session, estate, now + 35 * HOUR) == ["steward"]
    verbs = session.execute(select(DutyEntry.verb, DutyEntry.note).order_by(DutyEntry.id)).all()
    assert [tuple(row) for row in verbs] == [("swap_asked", "孩子生病"), ("swap_accepted", "好的")]
    told = (
        session.execute(select(Message.to).where(Message.purpose == "duty_swap").order_by(Message.id)).scalars().all()
    )
    assert told == [estate.staff[name].number for name in ("tech_a", "steward", "manager")]


def test_the_emergency_rings_who_took_the_shift_on_the_telephone_that_goes_with_it(session, estate, now):
    shared = shift(session, estate, now, "steward", 1, 9, number="+8613900139099")
    own = shift(session, estate, now, "steward", 10, 20, tier="backup")
    for one in (shared, own):
        swap = ask(session, estate, now, one, "tech_b")
        swaps.answer(session, estate.actor("tech_b"), swap, True, "", now)
    assert [(one.number, one.staff.name) for one in on_duty_now(session, now + 2 * HOUR)] == [
        ("+8613900139099", "tech_b员")
    ]
    assert [one.number for one in on_duty_now(session, now + 11 * HOUR)] == [estate.staff["tech_b"].number]


def test_a_swapped_shift_can_be_swapped_on_without_a_double_booking(session, estate, now):
    first = ask(session, estate, now, shift(session, estate, now, "steward", 10, 22), "tech_a")
    swaps.answer(session, estate.actor("tech_a"), first, True, "", now)
    taken = session.scalars(select(DutyShift).where(DutyShift.is_override)).one()
    second = ask(session, estate, now, taken, "tech_b", by="tech_a")
    swaps.answer(session, estate.actor("tech_b"), second, True, "", now)
    assert held(session, estate, now + 11 * HOUR) == ["tech_b"]


@pytest.mark.parametrize("by", ["tech_b", "assistant", "supervisor", "steward"])
def test_nobody_else_answers(session, estate, now, by):
    swap = ask(session, estate, now, shift(session, estate, now, "steward", 10, 22), "tech_a")
    with pytest.raises(Forbidden):
        swaps.answer(session, estate.actor(by), swap, True, "", now)


@pytest.mark.parametrize("accept", [True, False])
def test_the_manager_may_answer_in_place_of_the_other_and_an_answer_is_given_once(session, estate, now, accept):
    swap = ask(session, estate, now, shift(session, estate, now, "steward", 10, 22), "tech_a")
    swaps.answer(session, estate.actor("manager"), swap, accept, "", now)
    assert held(session, estate, now + 11 * HOUR) == ["tech_a" if accept else "steward"]
    assert swap.answered_by == estate.staff["manager"].name
    for step in (True, False):
        with pytest.raises(Refused):
            swaps.answer(session, estate.actor("tech_a"), swap, step, "", now)
    with pytest.raises(Refused, match="already"):
        swaps.withdraw(session, estate.actor("steward"), swap, now)


def test_withdrawn_by_who_asked_only(session, estate, now):
    swap = ask(session, estate, now, shift(session, estate, now, "steward", 10, 22), "tech_a")
    with pytest.raises(Forbidden):
        swaps.withdraw(session, estate.actor("tech_a"), swap, now)
    swaps.withdraw(session, estate.actor("steward"), swap, now)
    assert swap.state == "withdrawn"
    with pytest.raises(Refused):
        swaps.answer(session, estate.actor("tech_a"), swap, True, "", now)


def test_what_stands_against_a_swap_is_said(session, estate, now):
    mine = shift(session, estate, now, "steward", 10, 22)
    begun = shift(session, estate, now, "steward", -1, 5)
    busy = shift(session, estate, now, "tech_b", 12, 14, tier="backup")
    gone = shift(session, estate, now, "steward", 60, 70)
    shift(session, estate, now, "tech_a", 60, 70, is_override=True)
    cases: list[tuple[type[LinliError], tuple[DutyShift, str, DutyShift | None, str]]] = [
        (Refused, (begun, "tech_a", None, "steward")),  # has begun
        (Refused, (mine, "tech_b", None, "steward")),  # has another duty
        (Refused, (mine, "tech_a", None, "tech_a")),  # not one's own
        (Invalid, (mine, "steward", None, "steward")),  # oneself
        (Invalid, (mine, "tech_a", busy, "steward")),  # not theirs
        (Refused, (gone, "assistant", None, "steward")),  # overridden
    ]
    for error, (one, other, back, by) in cases:
        with pytest.raises(error):
            ask(session, estate, now, one, other, back, by)
    with pytest.raises(NotFound):
        swaps.ask(session, estate.actor("steward"), 99999, estate.staff["tech_a"].id, None, "", now)
    ask(session, estate, now, mine, "tech_a")
    with pytest.raises(Refused, match="already"):
        ask(session, estate, now, mine, "assistant")


def test_a_swap_is_not_accepted_when_the_roster_has_changed_or_the_hours_have_come(session, estate, now):
    mine = shift(session, estate, now, "steward", 10, 22)
    swap = ask(session, estate, now, mine, "tech_a")
    with pytest.raises(Refused, match="has begun"):
        swaps.answer(session, estate.actor("tech_a"), swap, True, "", now + 10 * HOUR)
    session.delete(mine)
    session.flush()
    with pytest.raises(Refused, match="has been changed"):
        swaps.answer(session, estate.actor("tech_a"), swap, True, "", now)
    swaps.answer(session, estate.actor("tech_a"), swap, False, "", now)
    assert not swaps.waiting_for(session, estate.actor("tech_a"), now)


# ---- the calendar link -----------------------------------------------------------------------------------------------
def test_a_calendar_holds_ones_own_hours_as_they_really_are(session, estate, now):
    shift(session, estate, now, "steward", 10, 22)
    shift(session, estate, now, "tech_a", 12, 14, is_override=True)
    shift(session, estate, now, "tech_a", 22, 34)
    made = Calendar.from_ical(duty_feed.calendar(session, estate.staff["steward"], now, "linli.example.org"))
    hours = [(event.start, event.end) for event in made.walk("VEVENT")]
    assert hours == [(now + 10 * HOUR, now + 12 * HOUR), (now + 14 * HOUR, now + 22 * HOUR)]
    words = made.to_ical().decode()
    assert "测试小区" in words
    assert "tech_a" not in words
    assert "+86" not in words
    assert len({str(event["UID"]) for event in made.walk("VEVENT")}) == 2


def test_a_new_address_ends_the_old_one_and_only_its_hash_is_kept(session, estate, now):
    actor = estate.actor("steward")
    first = duty_feed.renew(session, actor, now)
    assert duty_feed.reader(session, first, now) == estate.staff["steward"]
    second = duty_feed.renew(session, actor, now)
    session.flush()
    assert (duty_feed.reader(session, first, now), duty_feed.reader(session, second, now)) == (
        None,
        estate.staff["steward"],
    )
    assert second not in str(session.execute(select(DutyFeed.token_hash)).all())
    duty_feed.stop(session, actor)
    session.flush()
    assert duty_feed.reader(session, second, now) is None
    third = duty_feed.renew(session, actor, now)
    estate.staff["steward"].active = False
    session.flush()
    assert duty_feed.reader(session, third, now) is None
    assert duty_feed.reader(session, "x" * 5000, now) is None


def test_an_instant_in_a_calendar_is_utc(session, estate, now):
    shift(session, estate, now, "steward", 10, 22)
    words = duty_feed.calendar(session, estate.staff["steward"], now, "x").decode()
    assert f"DTSTART:{(now + 10 * HOUR).astimezone(UTC):%Y%m%dT%H%M%SZ}" in words
    assert datetime(2026, 3, 10, 12, 30, tzinfo=UTC) == now + 10 * HOUR
