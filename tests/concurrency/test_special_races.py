"""Households that report the same matter at the same instant, on a real PostgreSQL: exactly one special event (D5, I8)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from app.errors import Refused
from app.models import Community, House, Message, SpecialEvent, SpecialEventTicket, Ticket
from app.services import special_detection, special_events
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from tests.support.special import HOUR, homes
from tests.support.tickets import SYSTEM, small_estate


@pytest.fixture
def matter(session, now):
    """Eight households of one building, and who works there; nothing is reported yet."""
    with transaction() as writing:
        estate = small_estate(writing)
        ids = [house.id for house in homes(writing, estate, 8)]
        actors = {name: estate.actor(name) for name in ("supervisor", "manager")}
        community_id = estate.community.id
    return community_id, ids, actors


def together(app, works: list[Callable[[], Any]]) -> list[Any]:
    """Run each in a thread and an application context of its own."""

    def run(work: Callable[[], Any]) -> Any:
        with app.app_context():
            return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(run, work) for work in works]]


def reporting(community_id: int, house_id: int, now, barrier: threading.Barrier | None = None) -> Callable[[], int]:
    def work() -> int:
        with transaction() as writing:
            house, community = writing.get_one(House, house_id), writing.get_one(Community, community_id)
            if barrier is not None:
                barrier.wait()
            return open_ticket(
                writing, community=community, kind="repair", channel="desk", category_code="water_test", title="没水",
                house=house, actor=SYSTEM, now=now,
            ).id  # fmt: skip

    return work


def at_once(app, matter, now, count: int, before: int) -> list[int]:
    """So many households one after the other, then so many at the same instant. The events there are then."""
    community_id, ids, _actors = matter
    for house_id in ids[:before]:
        together(app, [reporting(community_id, house_id, now - HOUR)])
    barrier = threading.Barrier(count, timeout=30)
    chosen = ids[before : before + count]
    together(app, [reporting(community_id, house_id, now, barrier) for house_id in chosen])
    with app.app_context(), transaction() as reading:
        return list(reading.scalars(select(SpecialEvent.id)))


@pytest.mark.parametrize(
    ("before", "count", "households"),
    [(4, 2, 6), (3, 2, 5), (4, 4, 8), (0, 8, 8), (0, 5, 5), (0, 4, 0)],
    ids=["two fifths", "fourth and fifth", "four fifths", "eight from nothing", "five from nothing", "only four"],
)
def test_whoever_registers_at_the_same_instant_there_is_one_event(app, session, matter, now, before, count, households):
    found = at_once(app, matter, now, count, before)
    if not households:
        assert found == []
        return
    (event_id,) = found
    session.rollback()
    event = session.get_one(SpecialEvent, event_id)
    assert (event.state, event.households) == ("proposed", households)
    members = select(SpecialEventTicket.ticket_id).where(SpecialEventTicket.event_id == event_id)
    assert len(set(session.scalars(members))) == households
    told = session.scalars(select(Message.key).where(Message.purpose == "special_event")).all()
    assert len(told) == len(set(told)) == 2, "supervisor and manager, once each"


def test_two_who_decide_at_once_are_one_decision(app, session, matter, now):
    (event_id,) = at_once(app, matter, now, 1, 4)
    actors, barrier = matter[2], threading.Barrier(2, timeout=30)

    def deciding(name: str, who: str) -> Callable[[], str]:
        def work() -> str:
            try:
                with transaction() as writing:
                    mine = writing.get_one(SpecialEvent, event_id)
                    assert mine.state == "proposed"
                    barrier.wait()
                    return special_events.perform(writing, mine, name, actors[who], now, {"reason": "不是一回事"}).state
            except Refused:
                return "refused"

        return work

    results = together(app, [deciding("confirm", "supervisor"), deciding("reject", "manager")])
    assert sorted(results) in (["confirmed", "refused"], ["refused", "rejected"])
    session.rollback()
    state = session.get_one(SpecialEvent, event_id).state
    members = set(session.scalars(select(SpecialEventTicket.state)))
    assert (state, members) in (("confirmed", {"linked"}), ("rejected", {"left_out"}))
    collective = set(session.scalars(select(Ticket.is_collective)))
    assert collective == {state == "confirmed"}


def test_a_ticket_that_is_changed_while_its_event_is_confirmed_waits_for_nobody_in_a_circle(app, session, matter, now):
    (event_id,) = at_once(app, matter, now, 2, 4)
    actors, barrier = matter[2], threading.Barrier(2, timeout=30)
    ticket_id = session.scalars(
        select(SpecialEventTicket.ticket_id).where(SpecialEventTicket.event_id == event_id)
    ).first()
    session.rollback()

    def change() -> None:
        with transaction() as writing:
            ticket = writing.get_one(Ticket, ticket_id)
            ticket.category_id = None
            writing.flush()
            barrier.wait()
            special_detection.changed(writing, ticket, now)

    def confirm() -> None:
        with transaction() as writing:
            mine = writing.get_one(SpecialEvent, event_id)
            barrier.wait()
            special_events.perform(writing, mine, "confirm", actors["supervisor"], now, {})

    together(app, [change, confirm])
    session.rollback()
    found = session.get_one(SpecialEvent, event_id)
    assert (found.state, found.ticket_count) in (("confirmed", 5), ("confirmed", 6))
