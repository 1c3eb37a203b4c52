"""On the way and arrived (D3, D4): steps with their hour, told to the household, answering the clock of the investigation on site."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Refused
from app.models import Call, ClockPolicy, TicketEntry
from app.services.callers import looked_up, own_tickets
from app.services.complaint_verbs import take
from app.services.household import steps
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

MINUTE = timedelta(minutes=1)


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


@pytest.fixture
def ticket(session, estate, now):
    """A failure of equipment in tech_a's hands: the first investigation on site is due within two hours (D4)."""
    policy = session.scalars(select(ClockPolicy).where(ClockPolicy.name == "investigate")).first()
    assert policy is not None
    assert policy.minutes == 120
    made = estate.open(session, now, kind=policy.kind or "repair", priority=policy.priority or "urgent")
    take(session, made, "dispatch", estate.actor("assistant"), now, {"assignee_id": estate.staff["tech_a"].id})
    return made


def verbs(session, ticket):
    session.flush()
    found = session.scalars(select(TicketEntry).where(TicketEntry.ticket_id == ticket.id).order_by(TicketEntry.id))
    return [(one.verb, one.at, one.from_state, one.to_state) for one in found]


def test_setting_out_and_arriving_stand_with_their_hour_and_arriving_begins_the_work(session, estate, ticket, now):
    worker = estate.actor("tech_a")
    take(session, ticket, "depart", worker, now + 10 * MINUTE)
    assert (ticket.state, ticket.left_at, ticket.on_the_way) == ("dispatched", now + 10 * MINUTE, True)
    with pytest.raises(Refused):
        take(session, ticket, "depart", worker, now + 11 * MINUTE)
    take(session, ticket, "arrive", worker, now + 25 * MINUTE)
    assert (ticket.state, ticket.arrived_at, ticket.on_the_way) == ("in_progress", now + 25 * MINUTE, False)
    assert verbs(session, ticket)[-3:] == [
        ("depart", now + 10 * MINUTE, "dispatched", "dispatched"),
        ("arrive", now + 25 * MINUTE, "dispatched", "dispatched"),
        ("start", now + 25 * MINUTE, "dispatched", "in_progress"),
    ]
    clock = next(one for one in ticket.clocks if one.name == "investigate")
    assert (clock.state, clock.met_at) == ("met", now + 25 * MINUTE)


@pytest.mark.parametrize(("after", "state"), [(120, "met"), (121, "breached")])
def test_the_first_investigation_on_site_is_due_within_two_hours(session, estate, ticket, now, after, state):
    take(session, ticket, "depart", estate.actor("tech_a"), now + 100 * MINUTE)
    take(session, ticket, "arrive", estate.actor("tech_a"), now + after * MINUTE)
    assert next(one for one in ticket.clocks if one.name == "investigate").state == state


def test_setting_out_alone_answers_no_clock(session, estate, ticket, now):
    take(session, ticket, "depart", estate.actor("tech_a"), now + 10 * MINUTE)
    assert next(one for one in ticket.clocks if one.name == "investigate").state == "running"


def test_a_second_way_is_noted_and_begins_nothing_anew(session, estate, ticket, now):
    worker = estate.actor("tech_a")
    take(session, ticket, "arrive", worker, now + 5 * MINUTE)
    take(session, ticket, "wait", worker, now + 9 * MINUTE, {"reason": "等配件", "until": now + timedelta(days=1)})
    assert ticket.arrived_at is None
    take(session, ticket, "resume", worker, now + timedelta(hours=20))
    take(session, ticket, "depart", worker, now + timedelta(hours=20))
    take(session, ticket, "arrive", worker, now + timedelta(hours=21))
    assert [one[0] for one in verbs(session, ticket)].count("start") == 1


def test_whoever_gets_the_work_next_is_not_on_the_way_yet(session, estate, ticket, now):
    take(session, ticket, "depart", estate.actor("tech_a"), now + MINUTE)
    data = {"assignee_id": estate.staff["tech_b"].id}
    take(session, ticket, "dispatch", estate.actor("assistant"), now + 2 * MINUTE, data)
    assert (ticket.left_at, ticket.on_the_way) == (None, False)


def test_the_household_sees_it_and_hears_it_on_key_5(session, estate, ticket, now):
    call = Call(from_number=ticket.reporter_phone, community_id=estate.community.id)
    assert [one.on_the_way for one in own_tickets(session, call, now)] == [False]
    take(session, ticket, "depart", estate.actor("tech_a"), now + MINUTE)
    session.flush()
    assert [one.on_the_way for one in own_tickets(session, call, now)] == [True]
    found = looked_up(session, call, ticket.number, now)
    assert found is not None
    assert found.on_the_way
    assert "depart" in [entry.verb for entry in steps(session, ticket)]
