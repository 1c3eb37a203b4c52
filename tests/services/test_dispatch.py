"""Dispatch on records: skills of people and categories, the head who keeps what nobody can take, what the timeline keeps; the
photo a category may ask for; taking the department's work (D3)."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden, NotFound, Refused
from app.models import Attachment, Category, Skill, StaffSkill, TicketEntry
from app.rules import dispatch as rules
from app.services import pool
from app.services.dispatch import hand_over
from app.services.ticket_facts import facts_of, hindrance
from app.services.ticket_verbs import perform
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

HOUR = timedelta(hours=1)


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


@pytest.fixture
def category(session, estate):
    return session.scalars(select(Category).where(Category.code == "water_test")).one()


@pytest.fixture
def plumbing(session, category):
    category.skill = Skill(code="plumber_test", name="水暖工", active=True)
    session.flush()
    return category.skill


def learn(session, estate, name, skill):
    session.add(StaffSkill(staff_id=estate.staff[name].id, skill_id=skill.id))
    session.flush()


def dispatched(session, estate, now):
    return estate.walk(session, estate.open(session, now), now, "dispatch")


def test_only_who_has_the_skill_gets_it_and_the_entry_keeps_who_was_considered(session, estate, plumbing, now):
    learn(session, estate, "tech_b", plumbing)
    ticket = dispatched(session, estate, now)
    assert ticket.assignee == estate.staff["tech_b"]
    entry = session.scalars(select(TicketEntry).where(TicketEntry.verb == "dispatch")).one()
    assert [(one["name"], one["why"]) for one in entry.data["ranking"]] == [
        ("tech_b员", rules.ON_DUTY),
        ("tech_a员", rules.UNSKILLED),
    ]


def test_what_nobody_can_do_stays_with_the_head_of_the_department(session, estate, plumbing, now):
    estate.staff["tech_a"].leads_department = True
    ticket = dispatched(session, estate, now)
    assert (ticket.assignee, ticket.dispatch_reason) == (estate.staff["tech_a"], rules.NO_SKILL)
    assert ticket.responsible == "tech_a员"


def test_without_a_head_it_lies_with_the_department_and_one_who_has_left_is_no_head(session, estate, plumbing, now):
    estate.staff["tech_a"].leads_department, estate.staff["tech_a"].active = True, False
    ticket = dispatched(session, estate, now)
    assert (ticket.assignee, ticket.dispatch_reason) == (None, rules.NO_SKILL_DEPARTMENT)
    assert ticket.responsible == "工程部"


def shown(session, ticket, at, stage="after"):
    session.add(
        Attachment(
            ticket_id=ticket.id,
            stage=stage,
            content_type="image/jpeg",
            file_path=f"attachments/{stage}-{at:%H%M}",
            sha256=f"{stage}{at:%H%M}".ljust(64, "0"),
            size_bytes=1,
            uploader_name="tech_a员",
            at=at,
        )
    )
    session.flush()


def test_a_category_may_ask_for_a_photo_of_the_finished_work(session, estate, category, now):
    category.photo_after = True
    technician = estate.actor("tech_a")
    ticket = estate.walk(session, dispatched(session, estate, now), now, "start")
    shown(session, ticket, now, "before")
    with pytest.raises(Refused, match="photo"):
        perform(session, ticket, "finish", technician, now, {"note": "换了角阀"})
    assert ticket.state == "in_progress"
    assert isinstance(hindrance("finish", facts_of(session, ticket, technician)), Refused)
    shown(session, ticket, now + HOUR)
    perform(session, ticket, "finish", technician, now + HOUR, {"note": "换了角阀"})
    assert ticket.state == "done"
    # Opened again, the work that follows is shown by a photo of its own.
    perform(session, ticket, "reopen", estate.actor("assistant"), now + 2 * HOUR, {"note": "还在滴水"})
    perform(session, ticket, "start", technician, now + 3 * HOUR, {})
    with pytest.raises(Refused, match="photo"):
        perform(session, ticket, "finish", technician, now + 4 * HOUR, {"note": "又换了"})
    shown(session, ticket, now + 4 * HOUR)
    perform(session, ticket, "finish", technician, now + 4 * HOUR, {"note": "又换了"})
    assert ticket.state == "done"


# ---- 抢单 ------------------------------------------------------------------------------------------------------------
def for_the_department(session, estate, now, **given):
    """A ticket that was given to the department as a whole."""
    ticket = estate.open(session, now, **given)
    perform(session, ticket, "dispatch", estate.actor("assistant"), now, {"assignee_id": estate.staff["tech_a"].id})
    hand_over(ticket, None, rules.DEPARTMENT)
    session.flush()
    return ticket


def test_a_technician_takes_work_of_the_department_and_the_second_one_is_told_by_whom(session, estate, now):
    ticket = for_the_department(session, estate, now)
    assert [one.number for one in pool.open_work(session, estate.actor("tech_b"), 9)] == [ticket.number]
    pool.take(session, estate.actor("tech_a"), ticket.number, now + HOUR)
    assert (ticket.state, ticket.assignee, ticket.responsible) == ("dispatched", estate.staff["tech_a"], "tech_a员")
    assert pool.open_work(session, estate.actor("tech_b"), 9) == []
    with pytest.raises(Refused) as told:
        pool.take(session, estate.actor("tech_b"), ticket.number, now + HOUR)
    assert told.value.params["name"] == "tech_a员"
    with pytest.raises(Refused, match="yours"):
        pool.take(session, estate.actor("tech_a"), ticket.number, now + HOUR)
    assert ticket.assignee == estate.staff["tech_a"]
    entry = session.scalars(
        select(TicketEntry).where(TicketEntry.ticket_id == ticket.id).order_by(TicketEntry.id.desc())
    ).first()
    assert (entry.verb, entry.actor_name, entry.data["reason"]) == ("dispatch", "tech_a员", rules.GRABBED)


def test_what_the_head_keeps_may_be_taken_by_who_is_able_and_by_nobody_else(session, estate, plumbing, now):
    estate.staff["tech_a"].leads_department = True
    ticket = dispatched(session, estate, now)
    assert (ticket.assignee, pool.open_work(session, estate.actor("tech_b"), 9)) == (estate.staff["tech_a"], [])
    with pytest.raises(Refused, match="skill"):
        pool.take(session, estate.actor("tech_b"), ticket.number, now)
    learn(session, estate, "tech_b", plumbing)
    assert pool.open_work(session, estate.actor("tech_b"), 9) == [ticket]
    assert pool.take(session, estate.actor("tech_b"), ticket.number, now).assignee == estate.staff["tech_b"]


@pytest.mark.parametrize("who", ["assistant", "steward", "supervisor", "quality"])
def test_only_technicians_take_work(session, estate, now, who):
    ticket = for_the_department(session, estate, now)
    assert pool.open_work(session, estate.actor(who), 9) == []
    with pytest.raises(Forbidden):
        pool.take(session, estate.actor(who), ticket.number, now)
    assert ticket.assignee is None


def test_work_of_another_department_or_community_a_complaint_and_nonsense_are_not_there(session, estate, now):
    actor = estate.actor("tech_a")
    ticket = for_the_department(session, estate, now)
    ticket.department = estate.service
    complaint = for_the_department(session, estate, now, kind="complaint")
    session.flush()
    strange = replace(actor, community_ids=frozenset({estate.community.id + 1}))
    assert pool.open_work(session, actor, 9) == []
    for who, number in ((actor, ticket.number), (actor, complaint.number), (actor, "x"), (actor, "９" * 8)):
        with pytest.raises(NotFound):
            pool.take(session, who, number, now)
    ticket.department = estate.engineering
    session.flush()
    assert pool.open_work(session, strange, 9) == []
    with pytest.raises(NotFound):
        pool.take(session, strange, ticket.number, now)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("dispatch", "give", "start", "wait", "resume", "finish", "reopen", "visit", "close", "take")),
        st.sampled_from(("assistant", "supervisor", "steward", "tech_a", "tech_b")),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_happens_exactly_one_is_responsible_at_every_moment(session, estate, now, steps):
    ticket = estate.open(session, now)
    at = now
    for verb, who in steps:
        at += HOUR
        given = {
            "give": {"assignee_id": estate.staff["tech_b"].id},
            "wait": {"reason": "等配件", "until": (at + HOUR).isoformat()},
            "visit": {"score": 2},
        }.get(verb, {"note": "-"})
        with suppress(Refused, Forbidden, NotFound):
            if verb == "take":
                pool.take(session, estate.actor(who), ticket.number, at)
            else:
                perform(session, ticket, "dispatch" if verb == "give" else verb, estate.actor(who), at, given)
        session.flush()
        owner = ticket.assignee or ticket.department
        assert owner is not None
        assert (ticket.responsible, ticket.assignee_id) == (owner.name, ticket.assignee and ticket.assignee.id)
