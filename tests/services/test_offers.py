"""Offers of work on records: one responsible person at every moment, accepted, declined, unanswered (D3)."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid, LinliError, NotFound, Refused
from app.models import Department, Message, Skill, Staff, StaffCommunity, StaffSkill, TicketEntry, TicketOffer
from app.rules import dispatch as dispatch_rules
from app.services import offers
from app.services.complaint_verbs import take
from app.services.dispatch import hand_over
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    for estate in unsaved_estate(session, databases):
        cleaning = Department(code="cleaning_test", name="保洁部")
        for name, leads in (("cleaner", False), ("chief", True)):
            person = Staff(name=f"{name}员", role="technician", department=cleaning, leads_department=leads)
            person.number = f"+86139001380{len(estate.staff):02d}"
            person.community_links.append(StaffCommunity(community_id=estate.community.id))
            session.add(person)
            estate.staff[name] = person
        session.flush()
        yield estate


@pytest.fixture
def ticket(session, estate, now):
    """A repair in the hands of tech_a, who has begun."""
    made = estate.open(session, now)
    take(session, made, "dispatch", estate.actor("assistant"), now, {"assignee_id": estate.staff["tech_a"].id})
    take(session, made, "start", estate.actor("tech_a"), now)
    return made


def offer(session, estate, ticket, now, to, note="手上有急单，走不开"):
    receiver = {"to_id": estate.staff[to].id} if isinstance(to, str) else {"department_id": to.id}
    take(session, ticket, "offer", estate.actor("tech_a"), now, {**receiver, "note": note})
    return ticket.offer


def told(session):
    session.flush()
    return [(one.to, one.body) for one in session.scalars(select(Message).where(Message.purpose == "offer"))]


def test_until_it_is_accepted_the_giver_is_responsible_and_then_the_other_alone(session, estate, ticket, now):
    found = offer(session, estate, ticket, now + MINUTE, "tech_b")
    assert (ticket.state, ticket.assignee, ticket.responsible) == ("in_progress", estate.staff["tech_a"], "tech_a员")
    assert [one.id for one in offers.waiting(session, estate.actor("tech_b"))] == [found.id]
    assert offers.waiting(session, estate.actor("tech_a")) == []
    assert [to for to, _body in told(session)] == [estate.staff["tech_b"].number]
    offers.accept(session, estate.actor("tech_b"), found.id, now + 2 * MINUTE)
    assert (ticket.state, ticket.assignee, ticket.responsible) == ("dispatched", estate.staff["tech_b"], "tech_b员")
    assert (found.state, found.answered_by, ticket.offer) == ("accepted", "tech_b员", None)
    assert [to for to, _body in told(session)][-1] == estate.staff["tech_a"].number
    steps = session.scalars(select(TicketEntry).where(TicketEntry.ticket_id == ticket.id).order_by(TicketEntry.id))
    last = list(steps)[-2:]
    assert [(one.verb, one.from_state, one.to_state, one.note) for one in last] == [
        ("offer", "in_progress", "in_progress", "手上有急单，走不开"),
        ("dispatch", "in_progress", "dispatched", ""),
    ]
    assert (last[1].data["reason"], last[1].data["giver"]) == (dispatch_rules.TAKEN_OVER, "tech_a员")
    with pytest.raises(NotFound):
        offers.accept(session, estate.actor("tech_b"), found.id, now + 3 * MINUTE)


def test_no_work_is_offered_to_a_department_whose_head_does_no_such_work(session, estate, ticket, now):
    finance = Department(code="finance_test", name="财务部")
    head = Staff(name="会计", role="finance", department=finance, leads_department=True, number="+8613900138999")
    head.community_links.append(StaffCommunity(community_id=estate.community.id))
    session.add(head)
    session.flush()
    estate.staff["accountant"] = head
    for to in ("accountant", finance):
        with pytest.raises(Invalid):
            offer(session, estate, ticket, now, to)
    assert ticket.offer is None


def test_declined_it_stays_with_the_giver_who_reads_why(session, estate, ticket, now):
    found = offer(session, estate, ticket, now, "tech_b")
    with pytest.raises(Invalid):
        offers.decline(session, estate.actor("tech_b"), found.id, "  ", now)
    offers.decline(session, estate.actor("tech_b"), found.id, "今天排满了", now + MINUTE)
    assert (ticket.assignee, ticket.sent_back, found.state) == (estate.staff["tech_a"], "今天排满了", "declined")
    assert [to for to, _body in told(session)][-1] == estate.staff["tech_a"].number
    assert offers.waiting(session, estate.actor("tech_b")) == []
    offer(session, estate, ticket, now + 2 * MINUTE, "chief")
    assert ticket.sent_back is None


def test_an_offer_to_a_department_is_taken_by_one_of_it_and_declined_by_its_head(session, estate, ticket, now):
    cleaning = estate.staff["chief"].department
    found = offer(session, estate, ticket, now, cleaning)
    assert [to for to, _body in told(session)] == [estate.staff["chief"].number]
    for name, sees in (("cleaner", True), ("chief", True), ("tech_b", False), ("assistant", False)):
        assert bool(offers.waiting(session, estate.actor(name))) is sees, name
    with pytest.raises(Forbidden):
        offers.decline(session, estate.actor("cleaner"), found.id, "不去", now)
    with pytest.raises(NotFound):
        offers.accept(session, estate.actor("tech_b"), found.id, now)
    offers.accept(session, estate.actor("cleaner"), found.id, now + MINUTE)
    assert (ticket.assignee, ticket.department) == (estate.staff["cleaner"], cleaning)


def test_who_lacks_the_skill_cannot_take_it_but_the_head_may(session, estate, ticket, now):
    skill = Skill(code="plumber_test", name="水暖工", active=True)
    ticket.category.skill = skill
    session.flush()
    session.add(StaffSkill(staff_id=estate.staff["tech_a"].id, skill_id=skill.id))
    found = offer(session, estate, ticket, now, estate.staff["chief"].department)
    with pytest.raises(Refused):
        offers.accept(session, estate.actor("cleaner"), found.id, now)
    assert ticket.assignee == estate.staff["tech_a"]
    offers.accept(session, estate.actor("chief"), found.id, now)
    assert ticket.assignee == estate.staff["chief"]


@pytest.mark.parametrize(
    "receiver",
    [{}, {"to_id": "x", "department_id": "x"}, {"to_id": "tech_a"}, {"to_id": "assistant"}, {"department_id": "empty"}],
)
def test_it_is_offered_to_one_who_does_such_work(session, estate, ticket, now, receiver):
    empty = Department(code="empty_test", name="绿化部")
    session.add(empty)
    session.flush()
    ids = {"tech_a": estate.staff["tech_a"].id, "assistant": estate.staff["assistant"].id, "empty": empty.id, "x": 1}
    data = {name: ids[value] for name, value in receiver.items()}
    with pytest.raises(Invalid):
        take(session, ticket, "offer", estate.actor("tech_a"), now, {**data, "note": "x"})
    assert session.scalars(select(TicketOffer)).all() == []


def test_the_desk_assigns_directly_and_what_was_offered_is_over(session, estate, ticket, now):
    found = offer(session, estate, ticket, now, "tech_b")
    data = {"assignee_id": estate.staff["cleaner"].id}
    take(session, ticket, "dispatch", estate.actor("supervisor"), now + MINUTE, data)
    session.refresh(found)
    assert (found.state, ticket.assignee) == ("over", estate.staff["cleaner"])
    with pytest.raises(NotFound):
        offers.accept(session, estate.actor("tech_b"), found.id, now + 2 * MINUTE)


def test_whichever_way_the_work_changes_hands_what_the_former_one_offered_counts_no_more(session, estate, ticket, now):
    found = offer(session, estate, ticket, now, "tech_b")
    hand_over(ticket, estate.staff["cleaner"], dispatch_rules.ACCEPTED)
    session.flush()
    assert offers.waiting(session, estate.actor("tech_b")) == []
    with pytest.raises(NotFound):
        offers.accept(session, estate.actor("tech_b"), found.id, now)
    assert offers.tell_unanswered(session, now + HOUR) == 0
    assert ticket.assignee == estate.staff["cleaner"]


def test_what_goes_away_and_comes_back_is_offered_to_nobody_any_more(session, estate, ticket, now):
    found = offer(session, estate, ticket, now, "tech_b")
    take(session, ticket, "depart", estate.actor("tech_a"), now)
    offers.change_hands(session, ticket, estate.staff["tech_a"], dispatch_rules.UPWARD)
    assert (ticket.offer, ticket.on_the_way) == (found, True), "it is the same person's"
    for name in ("supervisor", "tech_a"):
        offers.change_hands(session, ticket, estate.staff[name], dispatch_rules.UPWARD)
    session.flush()
    session.refresh(found)
    assert (found.state, ticket.offer, ticket.on_the_way) == ("over", None, False)
    assert offers.waiting(session, estate.actor("tech_b")) == []


def test_what_is_handed_in_is_offered_to_nobody_any_more(session, estate, ticket, now):
    ticket.category.needs_acceptance = True
    session.flush()
    found = offer(session, estate, ticket, now, "tech_b")
    take(session, ticket, "submit", estate.actor("tech_a"), now, {"note": "修好了"})
    session.refresh(found)
    assert (found.state, ticket.acceptance.state) == ("over", "asked")
    with pytest.raises(NotFound):
        offers.accept(session, estate.actor("tech_b"), found.id, now)


def test_the_giver_takes_it_back_or_does_it_after_all(session, estate, ticket, now):
    first = offer(session, estate, ticket, now, "tech_b")
    take(session, ticket, "recall", estate.actor("tech_a"), now + MINUTE)
    session.refresh(first)
    assert (first.state, ticket.offer) == ("withdrawn", None)
    second = offer(session, estate, ticket, now + MINUTE, "tech_b")
    take(session, ticket, "finish", estate.actor("tech_a"), now + HOUR, {"note": "修好了"})
    session.refresh(second)
    assert (second.state, ticket.state) == ("over", "done")


def test_what_nobody_answers_for_half_an_hour_is_told_to_the_head_once(session, estate, ticket, now):
    estate.staff["tech_b"].leads_department = False
    lead = Staff(name="工程主管", role="technician", department=estate.engineering, leads_department=True)
    lead.number = "+8613900138099"
    lead.community_links.append(StaffCommunity(community_id=estate.community.id))
    session.add(lead)
    session.flush()
    offer(session, estate, ticket, now, "tech_b")
    assert offers.tell_unanswered(session, now + 29 * MINUTE) == 0
    assert offers.tell_unanswered(session, now + 30 * MINUTE) == 1
    assert [to for to, _body in told(session)][-1] == lead.number
    assert offers.tell_unanswered(session, now + 60 * MINUTE) == 0


def test_a_head_who_does_not_answer_is_told_to_the_supervisor(session, estate, ticket, now):
    offer(session, estate, ticket, now, "chief")
    assert offers.tell_unanswered(session, now + HOUR) == 1
    assert [to for to, _body in told(session)][-1] == estate.staff["supervisor"].number


MOVES = st.sampled_from(
    ["offer_b", "offer_dept", "accept_b", "accept_c", "decline", "recall", "desk", "wait", "resume"]
)


@given(moves=st.lists(MOVES, max_size=10))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_at_every_moment_exactly_one_is_responsible(session, estate, now, moves):
    made = estate.open(session, now)
    take(session, made, "dispatch", estate.actor("assistant"), now, {"assignee_id": estate.staff["tech_a"].id})
    take(session, made, "start", estate.actor("tech_a"), now)
    for place, move in enumerate(moves):
        at, actor = now + place * MINUTE, estate.actor(made.assignee.name.removesuffix("员"))
        last = session.scalars(select(TicketOffer.id).order_by(TicketOffer.id.desc())).first() or 0
        with suppress(LinliError):
            match move:
                case "offer_b":
                    take(session, made, "offer", actor, at, {"to_id": estate.staff["tech_b"].id, "note": "x"})
                case "offer_dept":
                    data = {"department_id": estate.staff["chief"].department_id, "note": "x"}
                    take(session, made, "offer", actor, at, data)
                case "accept_b":
                    offers.accept(session, estate.actor("tech_b"), last, at)
                case "accept_c":
                    offers.accept(session, estate.actor("cleaner"), last, at)
                case "decline":
                    offers.decline(session, estate.actor("tech_b"), last, "x", at)
                case "desk":
                    data = {"assignee_id": estate.staff["tech_a"].id}
                    take(session, made, "dispatch", estate.actor("supervisor"), at, data)
                case "wait":
                    take(session, made, "wait", actor, at, {"reason": "x", "until": at + HOUR})
                case _:
                    take(session, made, move, actor, at)
        assert made.assignee is not None
        assert made.responsible == made.assignee.name
        counting = session.scalars(select(TicketOffer).where(TicketOffer.state == "open")).all()
        assert len([one for one in counting if one.ticket_id == made.id]) <= 1
