"""A household that asks again: counted once an hour whichever way it comes, told to the one responsible, lifted in the lists."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden, Refused
from app.models import Message
from app.services import clocks as sweeping
from app.services import workbench
from app.services.ticket_verbs import perform
from app.services.tickets import add_contact
from app.services.workbench_queues import QUEUES
from tests.support.databases import Databases
from tests.support.tickets import SYSTEM, SmallEstate, unsaved_estate

HOUR = timedelta(hours=1)


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def told(session: Session) -> list[str]:
    return list(session.scalars(select(Message.body).where(Message.purpose == "contact").order_by(Message.id)))


def test_the_urge_is_counted_shown_on_the_timeline_and_told_to_the_one_responsible(session, estate, now):
    ticket = estate.open(session, now)
    assistant = estate.actor("assistant")
    perform(session, ticket, "dispatch", assistant, now)
    perform(session, ticket, "urge", assistant, now + HOUR, {"note": "问几点到"})
    add_contact(session, ticket, SYSTEM, now + HOUR + timedelta(minutes=10), note="又来电话")
    assert (ticket.urged_count, ticket.urged_at, ticket.state) == (1, now + HOUR, "dispatched")
    add_contact(session, ticket, SYSTEM, now + 2 * HOUR, note="还没有人来")
    assert (ticket.urged_count, ticket.urged_at) == (2, now + 2 * HOUR)
    session.expire(ticket, ["entries"])
    assert [(e.verb, e.data.get("urged_count")) for e in ticket.entries if e.verb in ("urge", "further_contact")] == [
        ("urge", 1),
        ("further_contact", None),
        ("further_contact", 2),
    ]
    assert len(told(session)) == 2
    assert all("催单" in body and ticket.number in body for body in told(session))


def test_what_is_done_is_not_urged_and_a_technician_does_not_urge_himself(session, estate, now):
    ticket = estate.open(session, now)
    assistant, technician = estate.actor("assistant"), estate.actor("tech_a")
    perform(session, ticket, "dispatch", assistant, now)
    perform(session, ticket, "start", technician, now)
    with pytest.raises(Forbidden):
        perform(session, ticket, "urge", technician, now)
    perform(session, ticket, "finish", technician, now, {"note": "好了"})
    with pytest.raises(Refused):
        perform(session, ticket, "urge", assistant, now)
    add_contact(session, ticket, SYSTEM, now, note="谢谢")
    assert (ticket.urged_count, told(session)) == (0, [])


def test_an_urged_ticket_stands_before_those_whose_time_is_nearer(session, estate, now):
    assistant = estate.actor("assistant")
    near = estate.open(session, now, priority="urgent")
    far = estate.open(session, now, priority="low")
    late = estate.open(session, now - 100 * HOUR, priority="low")

    def order() -> list[str]:
        _total, found = workbench.listed(session, assistant, QUEUES["open"].condition(assistant, now), now)
        return [ticket.number for ticket in found]

    assert order() == [late.number, near.number, far.number]
    perform(session, far, "urge", assistant, now)
    assert order() == [late.number, far.number, near.number]
    urged = QUEUES["urged"].condition(assistant, now)
    assert [t.number for t in workbench.listed(session, assistant, urged, now)[1]] == [far.number]
    assert workbench.counts(session, assistant, ("urged",), now)["urged"] == 1


def test_what_ran_out_stands_first_though_it_waits_and_no_clock_of_it_runs(session, estate, now):
    assistant = estate.actor("assistant")
    near = estate.open(session, now, priority="urgent")
    stuck = estate.open(session, now - 30 * HOUR, priority="low")
    perform(session, stuck, "dispatch", assistant, now - 30 * HOUR)
    perform(session, stuck, "start", estate.actor("tech_a"), now - 30 * HOUR)
    sweeping.sweep(session, now - 29 * HOUR)
    until = (now + 10 * 24 * HOUR).date().isoformat()
    perform(session, stuck, "wait", estate.actor("tech_a"), now - 20 * HOUR, {"reason": "等配件", "until": until})
    assert stuck.due_at is None
    found = workbench.waiting(session, assistant, ("late", "open"), now, 5)
    assert [(one.ticket.number, one.late_clock) for one in found] == [
        (stuck.number, "first_response"),
        (near.number, None),
    ]
