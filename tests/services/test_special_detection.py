"""Collective matters are found in the transaction of the fifth household, whatever way its ticket arises (D5, I8)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models import Message, SpecialEvent, SpecialEventEntry, SpecialEventTicket, Ticket
from app.services import policies, special_detection
from app.services.actors import Actor
from app.services.ticket_verbs import perform
from tests.support.databases import Databases
from tests.support.special import HOUR, events, homes, proposed, report, take
from tests.support.tickets import SmallEstate, unsaved_estate


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def states(session: Session, event: SpecialEvent) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in session.scalars(select(SpecialEventTicket.state).where(SpecialEventTicket.event_id == event.id)):
        found[state] = found.get(state, 0) + 1
    return found


def verbs(session: Session, event: SpecialEvent) -> list[str]:
    entries = select(SpecialEventEntry.verb).where(SpecialEventEntry.event_id == event.id)
    return list(session.scalars(entries.order_by(SpecialEventEntry.id)))


def test_the_fifth_household_makes_one_event_with_its_evidence(session, estate, now):
    houses = homes(session, estate, 5)
    for n, house in enumerate(houses[:4]):
        report(session, estate, now - (5 - n) * HOUR, house)
    assert events(session) == [], "four households are not"
    fifth = report(session, estate, now, houses[4], kind="repair", channel="desk")
    (event,) = events(session)
    assert (event.kind, event.state, event.households, event.ticket_count) == ("collective", "proposed", 5, 5)
    assert (event.building_id, event.place, event.category_id) == (houses[0].building_id, None, fifth.category_id)
    assert (event.opened_at, event.first_at, event.last_at) == (now, now - 5 * HOUR, now)
    assert {ticket.house_id for ticket in event.tickets} == {house.id for house in houses}
    assert states(session, event) == {"proposed": 5}
    assert verbs(session, event) == ["propose"]
    assert not any(ticket.is_collective for ticket in event.tickets), "people decide"


def test_whoever_may_confirm_it_is_told_in_the_same_transaction(session, estate, now):
    proposed(session, estate, now)
    found = session.scalars(select(Message).where(Message.purpose == "special_event")).all()
    numbers = {estate.staff[name].number for name in ("supervisor", "manager")}
    assert {(message.channel, message.to) for message in found} == {("sms", number) for number in numbers}
    assert all(message.created_at == message.next_at == now for message in found)
    assert all("5" in message.body for message in found)


def test_five_calls_of_one_household_or_of_four_are_not(session, estate, now):
    houses = homes(session, estate, 4)
    for n in range(8):
        report(session, estate, now - n * HOUR, houses[n % 4])
    assert events(session) == []


@pytest.mark.parametrize("kind", ["consultation", "suggestion", "praise", "service"])
def test_only_complaints_and_repairs_are_counted(session, estate, now, kind):
    houses = homes(session, estate, 5)
    for house in houses[:4]:
        report(session, estate, now, house)
    report(session, estate, now, houses[4], kind=kind)
    assert events(session) == []


def test_another_category_building_or_community_is_another_matter(session, estate, now):
    houses = homes(session, estate, 5)
    for house in houses[:4]:
        report(session, estate, now, house)
    report(session, estate, now, houses[4], category_code="water_test")
    report(session, estate, now, houses[4], category_code=None)
    report(session, estate, now, estate.houses[9])
    assert events(session) == []


def test_households_of_five_buildings_at_one_stated_place(session, estate, now):
    places = ["地下车库", "地下车库 ", "地下 车库", "地下车库", "地下车库。"]
    for house, place in zip(estate.houses.values(), places, strict=True):
        report(session, estate, now, house, place=place)
    (event,) = events(session)
    assert (event.building_id, event.place_key, event.households) == (None, "地下车库", 5)


@pytest.mark.parametrize("place", ["室内", "公共区域"])
def test_what_the_telephone_writes_for_inside_and_public_is_no_common_place(session, estate, now, place):
    for house in estate.houses.values():
        report(session, estate, now, house, place=place)
    assert events(session) == []


@pytest.mark.parametrize(("hours", "found"), [(72, True), (72 + 1 / 3600, False)])
def test_the_window_is_seventy_two_hours(session, estate, now, hours, found):
    houses = homes(session, estate, 5)
    report(session, estate, now - timedelta(hours=hours), houses[0])
    for house in houses[1:]:
        report(session, estate, now, house)
    assert bool(events(session)) == found


def test_households_and_window_are_figures_of_the_administrator(session, estate, now):
    admin = Actor.system("tests")
    policies.change_figure(session, "collective.households", "3", admin, now)
    policies.change_figure(session, "collective.window_hours", "10", admin, now)
    houses = homes(session, estate, 3)
    for n, house in enumerate(houses):
        report(session, estate, now - n * 11 * HOUR, house)
    assert events(session) == []
    report(session, estate, now - 5 * HOUR, houses[1])
    report(session, estate, now - 6 * HOUR, houses[2])
    assert [event.households for event in events(session)] == [3]


def test_a_ticket_replayed_with_its_original_time_completes_what_came_after_it(session, estate, now):
    houses = homes(session, estate, 5)
    for n, house in enumerate(houses[:4]):
        report(session, estate, now + n * HOUR, house)
    report(session, estate, now - HOUR, houses[4])
    (event,) = events(session)
    assert (event.first_at, event.last_at) == (now - HOUR, now + 3 * HOUR)


# ---- a ticket that becomes something else ----------------------------------------------------------------------------
def test_a_ticket_whose_category_house_or_place_is_changed_counts_as_what_it_is_now(session, estate, now):
    houses = homes(session, estate, 5)
    for house in houses[:4]:
        report(session, estate, now, house)
    late = report(session, estate, now, None, category_code="water_test")
    late.house_id, late.building_id = houses[4].id, houses[4].building_id
    special_detection.changed(session, late, now + HOUR)
    assert events(session) == [], "still another category"
    late.category = session.scalars(select(Ticket).where(Ticket.house_id == houses[0].id)).first().category
    special_detection.changed(session, late, now + HOUR)
    (event,) = events(session)
    assert (event.households, event.opened_at) == (5, now + HOUR)


def test_a_proposal_that_loses_its_fifth_household_is_withdrawn_and_comes_back_with_another(session, estate, now):
    event = proposed(session, estate, now)
    ticket = event.tickets[0]
    right = ticket.category
    ticket.category = session.scalars(select(type(right)).where(type(right).code == "water_test")).one()
    special_detection.changed(session, ticket, now)
    assert (event.state, event.households, event.rejected_by) == ("rejected", 4, None)
    assert event.reject_reason
    assert verbs(session, event) == ["propose", "moved", "withdraw"]
    ticket.category = right
    special_detection.changed(session, ticket, now + HOUR)
    again = events(session)[-1]
    assert (again.id != event.id, again.state, again.households) == (True, "proposed", 5), "nobody has rejected these"


def test_a_cancelled_ticket_counts_no_longer(session, estate, now):
    event = proposed(session, estate, now, 6)
    first, second = event.tickets[:2]
    perform(session, first, "cancel", estate.actor("assistant"), now, {"reason": "重复登记"})
    assert (event.state, event.households, event.ticket_count) == ("proposed", 5, 5)
    perform(session, second, "cancel", estate.actor("assistant"), now, {"reason": "重复登记"})
    assert event.state == "rejected"


def test_what_changes_nothing_about_the_matter_changes_nothing(session, estate, now):
    event = proposed(session, estate, now)
    ticket = event.tickets[0]
    ticket.description = "电梯又坏了"
    special_detection.changed(session, ticket, now)
    assert verbs(session, event) == ["propose"]
    assert event.state == "proposed"


# ---- afterwards ------------------------------------------------------------------------------------------------------
def test_later_tickets_on_the_matter_stand_beside_the_proposal(session, estate, now):
    houses = homes(session, estate, 6)
    event = proposed(session, estate, now)
    report(session, estate, now + HOUR, houses[5])
    report(session, estate, now + 2 * HOUR, houses[0])
    assert [one.id for one in events(session)] == [event.id]
    assert (event.households, event.ticket_count, event.last_at) == (6, 7, now + 2 * HOUR)


def test_a_ticket_that_comes_after_the_confirmation_is_proposed_to_the_event(session, estate, now):
    houses = homes(session, estate, 7)
    event = proposed(session, estate, now)
    take(session, event, "confirm", estate.actor("supervisor"), now)
    later = report(session, estate, now + 71 * HOUR, houses[5])
    assert states(session, event) == {"linked": 5, "proposed": 1}
    assert not later.is_collective
    report(session, estate, now + (71 + 73) * HOUR, houses[6])
    assert event.ticket_count == 6, "72 hours after the last one the matter is over"


def test_tickets_of_an_event_count_for_no_other(session, estate, now):
    houses = homes(session, estate, 6)
    event = proposed(session, estate, now)
    take(session, event, "confirm", estate.actor("supervisor"), now)
    event.state = "closed"
    session.flush()
    report(session, estate, now + HOUR, houses[5])
    assert len(events(session)) == 1


def test_what_was_rejected_is_not_proposed_again_unless_it_grows(session, estate, now):
    houses = homes(session, estate, 6)
    event = proposed(session, estate, now)
    take(session, event, "reject", estate.actor("manager"), now, reason="五户报的是不同的灯")
    assert states(session, event) == {"left_out": 5}
    for n in range(3):
        report(session, estate, now + n * HOUR, houses[n])
    assert len(events(session)) == 1, "the same households"
    report(session, estate, now + 4 * HOUR, houses[5])
    grown = events(session)[-1]
    assert (grown.id != event.id, grown.state, grown.households) == (True, "proposed", 6)
    take(session, grown, "reject", estate.actor("manager"), now + 4 * HOUR, reason="同上")
    report(session, estate, now + 5 * HOUR, houses[5])
    assert len(events(session)) == 2


def test_a_ticket_that_was_left_out_is_not_proposed_to_the_same_event_again(session, estate, now):
    event = proposed(session, estate, now, 6)
    out = event.tickets[5]
    chosen = [ticket.id for ticket in event.tickets[:5]]
    take(session, event, "confirm", estate.actor("supervisor"), now, tickets=chosen)
    special_detection.changed(session, out, now)
    assert states(session, event) == {"linked": 5, "left_out": 1}
    assert (event.households, event.ticket_count) == (5, 5)


def test_one_ticket_stands_in_one_event_only(session: Session, estate: SmallEstate, now: datetime) -> None:
    event = proposed(session, estate, now)
    other: dict[str, Any] = {"community_id": event.community_id, "opened_at": now, "first_at": now, "last_at": now}
    second = SpecialEvent(kind="collective", state="proposed", texts={}, **other)
    session.add(second)
    session.flush()
    session.add(SpecialEventTicket(event_id=second.id, ticket_id=event.tickets[0].id, state="proposed", added_at=now))
    with pytest.raises(IntegrityError):
        session.flush()
