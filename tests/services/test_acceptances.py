"""Acceptance of work on records: what crosses departments, who accepts it, what comes back (D3)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid, Refused
from app.models import Department, Message, Staff, StaffCommunity, TicketAcceptance, TicketEntry
from app.rules import dispatch as dispatch_rules
from app.rules import work_verbs as rules
from app.services import acceptances
from app.services.complaint_verbs import take
from app.services.dispatch import hand_over
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

HOUR = timedelta(hours=1)


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    for estate in unsaved_estate(session, databases):
        cleaning = Department(code="cleaning_test", name="保洁部")
        person = Staff(name="cleaner员", role="technician", department=cleaning, number="+8613900139099")
        person.community_links.append(StaffCommunity(community_id=estate.community.id))
        session.add(person)
        session.flush()
        estate.staff["cleaner"] = person
        yield estate


@pytest.fixture
def across(session, estate, now):
    """A repair that the engineers began and the cleaners went on with."""
    ticket = estate.open(session, now)
    desk = estate.actor("assistant")
    take(session, ticket, "dispatch", desk, now, {"assignee_id": estate.staff["tech_a"].id})
    take(session, ticket, "start", estate.actor("tech_a"), now + HOUR)
    take(session, ticket, "dispatch", desk, now + HOUR, {"assignee_id": estate.staff["cleaner"].id})
    take(session, ticket, "start", estate.actor("cleaner"), now + 2 * HOUR)
    return ticket


def entries(session, ticket):
    session.flush()
    found = session.scalars(select(TicketEntry).where(TicketEntry.ticket_id == ticket.id).order_by(TicketEntry.id))
    return [(one.verb, one.from_state, one.to_state, one.actor_name, one.note) for one in found]


def test_work_of_two_departments_is_accepted_by_a_named_person_before_it_is_done(session, estate, across, now):
    worker, steward = estate.actor("cleaner"), estate.actor("steward")
    with pytest.raises(Refused) as refused:
        take(session, across, "finish", worker, now + 3 * HOUR, {"note": "已清理"})
    assert refused.value.msgid == rules.HAND_IN
    take(session, across, "submit", worker, now + 3 * HOUR, {"note": "疏通并清理干净"})
    assert (across.state, across.acceptance.acceptor.name) == ("in_progress", "steward员")
    told = session.scalars(select(Message).where(Message.purpose == "acceptance")).all()
    assert [message.to for message in told] == [estate.staff["steward"].number]
    take(session, across, "approve", steward, now + 4 * HOUR, {"note": "现场干净"})
    assert (across.state, across.done_at, across.acceptance.state) == ("done", now + 4 * HOUR, "accepted")
    assert entries(session, across)[-3:] == [
        ("submit", "in_progress", "in_progress", "cleaner员", "疏通并清理干净"),
        ("approve", "in_progress", "in_progress", "steward员", "现场干净"),
        ("finish", "in_progress", "done", "steward员", "疏通并清理干净"),
    ]
    kept = session.scalars(select(TicketEntry).where(TicketEntry.verb == "finish")).one()
    assert kept.data["worker_id"] == estate.staff["cleaner"].id, "whoever did the work is not asked by the acceptance"
    sms = session.scalars(select(Message).where(Message.purpose == "done")).one()
    assert "疏通并清理干净" in sms.body


def test_refused_work_goes_back_with_the_reason_and_may_be_handed_in_again(session, estate, across, now):
    worker, steward = estate.actor("cleaner"), estate.actor("steward")
    take(session, across, "submit", worker, now + 3 * HOUR, {"note": "已清理"})
    with pytest.raises(Refused):
        take(session, across, "return", steward, now + 3 * HOUR, {"note": " "})
    take(session, across, "return", steward, now + 4 * HOUR, {"note": "墙角还有污渍"})
    assert (across.state, across.sent_back, across.acceptance) == ("in_progress", "墙角还有污渍", None)
    back = session.scalars(select(Message).where(Message.purpose == "acceptance").order_by(Message.id)).all()[-1]
    assert back.to == estate.staff["cleaner"].number
    take(session, across, "submit", worker, now + 5 * HOUR, {"note": "已重新清理"})
    assert across.sent_back is None
    take(session, across, "approve", steward, now + 6 * HOUR)
    states = session.scalars(select(TicketAcceptance.state).order_by(TicketAcceptance.id)).all()
    assert (across.state, states) == ("done", ["refused", "accepted"])


def test_one_department_finishes_by_itself_unless_the_category_asks(session, estate, now):
    plain = estate.walk(session, estate.open(session, now), now, "dispatch", "start")
    take(session, plain, "finish", estate.actor("tech_a"), now + HOUR, {"note": "换了角阀"})
    assert (plain.state, session.scalars(select(TicketAcceptance)).all()) == ("done", [])
    asked = estate.walk(session, estate.open(session, now, house=estate.houses[1]), now, "dispatch", "start")
    asked.category.needs_acceptance = True
    session.flush()
    with pytest.raises(Refused):
        take(session, asked, "finish", estate.actor("tech_a"), now + HOUR, {"note": "换了角阀"})
    complaint = estate.open(session, now, kind="complaint", house=estate.houses[2])
    estate.walk(session, complaint, now, "dispatch", "start")
    take(session, complaint, "finish", estate.actor("steward"), now + HOUR, {"note": "已解释"})
    assert complaint.state == "done", "a category's acceptance is of work done by hand"


def test_whoever_may_accept_it_accepts_by_finishing_and_the_record_says_so(session, estate, across, now):
    with pytest.raises(Refused) as refused:
        take(session, across, "finish", estate.actor("supervisor"), now + 3 * HOUR, {"note": "已清理", "accepts": "0"})
    assert refused.value.msgid == rules.LOOK_FIRST
    take(session, across, "finish", estate.actor("supervisor"), now + 3 * HOUR, {"note": "已清理"})
    found = session.scalars(select(TicketAcceptance)).one()
    assert (across.state, found.state, found.acceptor.name) == ("done", "accepted", "supervisor员")
    assert [one[0] for one in entries(session, across)[-2:]] == ["approve", "finish"]


def test_nobody_accepts_what_they_did_themselves(session, estate, across, now):
    steward = estate.staff["steward"]
    take(session, across, "dispatch", estate.actor("assistant"), now + 3 * HOUR, {"assignee_id": steward.id})
    take(session, across, "start", estate.actor("steward"), now + 3 * HOUR)
    assert [one.name for one in acceptances.acceptors(session, across, now)] == [
        "supervisor员",
        "assistant员",
        "manager员",
    ]
    with pytest.raises(Invalid):
        take(
            session, across, "submit", estate.actor("steward"), now + 4 * HOUR, {"note": "x", "acceptor_id": steward.id}
        )
    take(session, across, "submit", estate.actor("steward"), now + 4 * HOUR, {"note": "已清理"})
    for verb in ("approve", "finish"):
        with pytest.raises(Refused):
            take(session, across, verb, estate.actor("steward"), now + 4 * HOUR, {"note": "x"})
    with pytest.raises(Forbidden):
        take(session, across, "approve", estate.actor("tech_b"), now + 4 * HOUR)
    with pytest.raises(Refused) as refused:
        take(session, across, "approve", estate.actor("assistant"), now + 4 * HOUR)
    assert refused.value.msgid == rules.OF_ANOTHER
    take(session, across, "approve", estate.actor("manager"), now + 5 * HOUR)
    assert across.state == "done"


def test_whose_work_it_is_counts_and_not_who_noted_that_it_began(session, estate, now):
    """The desk notes the beginning for people without a telephone at hand: it did no work by that, and may accept it."""
    ticket, desk = estate.open(session, now), estate.actor("assistant")
    for place, worker in enumerate(("steward", "cleaner")):
        take(session, ticket, "dispatch", desk, now + place * HOUR, {"assignee_id": estate.staff[worker].id})
        take(session, ticket, "start", desk, now + place * HOUR)
    names = [one.name for one in acceptances.acceptors(session, ticket, now)]
    assert ("steward员" in names, "assistant员" in names) == (False, True)
    with pytest.raises(Refused) as refused:
        take(session, ticket, "finish", estate.actor("steward"), now + 3 * HOUR, {"note": "已清理"})
    assert refused.value.msgid == rules.HAND_IN
    take(session, ticket, "finish", desk, now + 3 * HOUR, {"note": "已清理"})
    assert (ticket.state, ticket.acceptance.acceptor.name) == ("done", "assistant员")


def test_who_answers_the_alarm_has_not_begun_the_work_of_a_department(session, estate, now):
    ticket = estate.open(session, now)
    take(session, ticket, "dispatch", estate.actor("assistant"), now, {"assignee_id": estate.staff["steward"].id})
    hand_over(ticket, estate.staff["steward"], dispatch_rules.ACCEPTED)
    take(session, ticket, "start", estate.actor("steward"), now)
    take(session, ticket, "dispatch", estate.actor("steward"), now, {"assignee_id": estate.staff["cleaner"].id})
    take(session, ticket, "start", estate.actor("cleaner"), now)
    take(session, ticket, "finish", estate.actor("cleaner"), now + HOUR, {"note": "已清理"})
    assert ticket.state == "done"


def test_what_was_asked_counts_no_more_when_nobody_needs_to_accept_it_any_more(session, estate, now):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch", "start")
    ticket.category.needs_acceptance = True
    session.flush()
    take(session, ticket, "submit", estate.actor("tech_a"), now, {"note": "修好了"})
    ticket.category.needs_acceptance = False
    session.flush()
    take(session, ticket, "finish", estate.actor("tech_a"), now, {"note": "修好了"})
    assert (ticket.state, ticket.acceptance) == ("done", None)


def test_what_takes_another_way_is_withdrawn_and_a_matter_reopened_is_accepted_anew(session, estate, across, now):
    worker, desk = estate.actor("cleaner"), estate.actor("assistant")
    take(session, across, "submit", worker, now + 3 * HOUR, {"note": "已清理"})
    take(session, across, "wait", worker, now + 3 * HOUR, {"reason": "等配件", "until": now + timedelta(days=1)})
    take(session, across, "resume", worker, now + 4 * HOUR)
    assert across.acceptance is None
    take(session, across, "submit", worker, now + 4 * HOUR, {"note": "已清理"})
    take(session, across, "approve", estate.actor("steward"), now + 5 * HOUR)
    take(session, across, "reopen", desk, now + 6 * HOUR, {"note": "又堵了"})
    assert across.acceptance is None
    take(session, across, "dispatch", desk, now + 6 * HOUR, {"assignee_id": estate.staff["tech_a"].id})
    take(session, across, "start", estate.actor("tech_a"), now + 7 * HOUR)
    take(session, across, "finish", estate.actor("tech_a"), now + 8 * HOUR, {"note": "更换管件"})
    assert across.state == "done", "one department did it this time"
    states = session.scalars(select(TicketAcceptance.state).order_by(TicketAcceptance.id)).all()
    assert states == ["withdrawn", "over"]


def test_a_photo_that_is_owed_is_owed_before_the_work_is_handed_in(session, estate, across, now):
    across.category.photo_after = True
    session.flush()
    with pytest.raises(Refused):
        take(session, across, "submit", estate.actor("cleaner"), now + 3 * HOUR, {"note": "已清理"})
    assert session.scalars(select(TicketAcceptance)).all() == []
