"""The ticket's life through the services: states, timeline, responsibility, messages (D3, D5, D8, I5)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid, NotFound, Refused
from app.models import Category, CategoryWord, Ladder, Message, Ticket, TicketEntry
from app.services.actors import Actor
from app.services.ticket_facts import verbs_for
from app.services.ticket_verbs import VERBS, perform
from app.services.tickets import add_contact, close_no_matter, find_open_matter, open_ticket
from tests.support.databases import Databases
from tests.support.tickets import SYSTEM, SmallEstate, unsaved_estate

HOUR = timedelta(hours=1)
MEASURES = {"root_cause": "human_error", "correction": "当面道歉", "prevention": "服务礼仪复训"}


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def step(session: Session, ticket: Ticket, verb: str, actor: Actor, now: datetime, **data: Any) -> Ticket:
    return perform(session, ticket, verb, actor, now, data)


def test_a_repair_walks_from_registered_to_closed_and_every_step_is_on_its_timeline(session, estate, now):
    ticket = estate.open(session, now)
    assert (ticket.state, ticket.responsible, len(ticket.number)) == ("registered", "工程部", 8)
    assistant, technician = estate.actor("assistant"), estate.actor("tech_a")
    step(session, ticket, "dispatch", assistant, now)
    assert (ticket.state, ticket.assignee, ticket.responsible) == ("dispatched", estate.staff["tech_a"], "tech_a员")
    step(session, ticket, "start", technician, now + HOUR)
    step(session, ticket, "wait", technician, now + HOUR, reason="等配件", until="2026-03-12")
    assert (ticket.state, ticket.waiting_reason) == ("waiting", "等配件")
    step(session, ticket, "resume", technician, now + 2 * HOUR)
    step(session, ticket, "finish", technician, now + 3 * HOUR, note="换了角阀")
    assert (ticket.state, ticket.done_at) == ("done", now + 3 * HOUR)
    step(session, ticket, "visit", assistant, now + 4 * HOUR, score=5, way="phone")
    step(session, ticket, "close", assistant, now + 5 * HOUR)
    assert (ticket.state, ticket.closed_at) == ("closed", now + 5 * HOUR)
    session.expire(ticket, ["entries"])
    assert [(e.verb, e.from_state, e.to_state) for e in ticket.entries] == [
        ("register", None, "registered"),
        ("dispatch", "registered", "dispatched"),
        ("start", "dispatched", "in_progress"),
        ("wait", "in_progress", "waiting"),
        ("resume", "waiting", "in_progress"),
        ("finish", "in_progress", "done"),
        ("visit", "done", "visited"),
        ("close", "visited", "closed"),
    ]
    assert all(e.actor_name and e.at for e in ticket.entries)


def test_finishing_tells_the_reporter_what_was_done_and_asks_how_satisfied_they_are(session, estate, now):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch", "start")
    step(session, ticket, "finish", estate.actor("tech_a"), now, note="换了角阀")
    message = session.scalars(select(Message).where(Message.purpose == "done")).one()
    assert (message.to, message.channel, message.state) == ("+8613800138001", "sms", "queued")
    assert "换了角阀" in message.body
    assert ticket.number in message.body
    assert "5" in message.body


def test_dispatch_tells_the_one_who_gets_the_work(session, estate, now):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch")
    message = session.scalars(select(Message).where(Message.purpose == "dispatch")).one()
    assert message.to == ticket.assignee.number


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("start", {}),
        ("finish", {"note": "x"}),
        ("wait", {"reason": "x", "until": "2026-03-12"}),
        ("resume", {}),
        ("visit", {"score": 5}),
        ("close", {}),
        ("reopen", {}),
    ],
)
def test_a_registered_ticket_refuses_what_comes_later(session, estate, now, verb, data):
    ticket = estate.open(session, now)
    with pytest.raises(Refused, match="registered"):
        step(session, ticket, verb, estate.actor("assistant"), now, **data)
    assert ticket.state == "registered"


@pytest.mark.parametrize(
    "data", [{}, {"reason": "等配件"}, {"until": "2026-03-12"}, {"reason": " ", "until": "2026-03-12"}]
)
def test_waiting_needs_a_reason_and_a_date(session, estate, now, data):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch", "start")
    with pytest.raises(Refused, match="Waiting needs"):
        step(session, ticket, "wait", estate.actor("tech_a"), now, **data)


@pytest.mark.parametrize("until", ["2026-03-09", "2026-03-10T02:00:00+00:00", "soon", 17, "9999-12-31", ["2026-03-12"]])
def test_a_date_in_the_past_or_no_date_is_bad_input(session, estate, now, until):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch", "start")
    with pytest.raises(Invalid):
        step(session, ticket, "wait", estate.actor("tech_a"), now, reason="等配件", until=until)


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("contact", {"note": "x" * 2001}),
        ("contact", {"note": "bell\x07"}),
        ("contact", {"note": {"a": 1}}),
        ("cancel", {"reason": "x" * 256}),
        ("find", {"validity": "maybe"}),
        ("dispatch", {"assignee_id": "nobody"}),
        ("dispatch", {"assignee_id": 999_999}),
        ("dispatch", {"department": "no-such"}),
        ("promise", {"due_at": "2020-01-01"}),
    ],
)
def test_nonsense_is_refused_before_anything_is_written(session, estate, now, verb, data):
    ticket = estate.open(session, now, kind="complaint")
    with pytest.raises(Invalid):
        step(session, ticket, verb, estate.actor("assistant"), now, **data)
    assert ticket.state == "registered"
    assert session.scalars(select(TicketEntry.verb).where(TicketEntry.ticket_id == ticket.id)).all() == ["register"]


@pytest.mark.parametrize("reason", [None, "", "   "])
def test_cancelling_needs_a_reason(session, estate, now, reason):
    ticket = estate.open(session, now)
    with pytest.raises(Refused, match="reason"):
        step(session, ticket, "cancel", estate.actor("assistant"), now, reason=reason)
    step(session, ticket, "cancel", estate.actor("assistant"), now, reason="重复登记")
    assert ticket.state == "cancelled"
    assert {clock.state for clock in ticket.clocks} == {"cancelled"}
    with pytest.raises(Refused):
        step(session, ticket, "reopen", estate.actor("supervisor"), now)


def test_roles_are_kept_apart(session, estate, now):
    ticket = estate.open(session, now)
    for name in ("tech_a", "quality"):
        with pytest.raises(Forbidden):
            step(session, ticket, "dispatch", estate.actor(name), now)
    with pytest.raises(Forbidden):
        step(session, ticket, "cancel", estate.actor("steward"), now, reason="x")
    with pytest.raises(NotFound):
        step(session, ticket, "destroy", estate.actor("manager"), now)


def test_a_complaint_closes_only_after_finding_reply_and_visit(session, estate, now):
    ticket = estate.open(session, now, kind="complaint", category_code="attitude_test")
    supervisor = estate.actor("supervisor")
    estate.walk(session, ticket, now, "dispatch", "start", "finish")
    with pytest.raises(Refused, match="finding"):
        step(session, ticket, "close", supervisor, now)
    step(session, ticket, "find", supervisor, now, validity="valid")
    with pytest.raises(Refused, match="replied"):
        step(session, ticket, "close", supervisor, now)
    step(session, ticket, "reply", supervisor, now, way="phone", note="已道歉")
    with pytest.raises(Refused, match="return visit"):
        step(session, ticket, "close", supervisor, now)
    step(session, ticket, "visit", supervisor, now, score=4)
    with pytest.raises(Refused, match="root cause; the correction; the prevention"):
        step(session, ticket, "close", supervisor, now)
    step(session, ticket, "close", supervisor, now, **MEASURES)
    assert (ticket.state, ticket.validity) == ("closed", "valid")


def test_a_written_complaint_is_answered_in_writing(session, estate, now):
    ticket = estate.open(session, now, kind="complaint", channel="letter")
    supervisor = estate.actor("supervisor")
    estate.walk(session, ticket, now, "dispatch", "start")
    step(session, ticket, "find", supervisor, now, validity="invalid")
    step(session, ticket, "reply", supervisor, now, way="phone")
    step(session, ticket, "finish", supervisor, now)
    step(session, ticket, "visit", supervisor, now, score=3)
    with pytest.raises(Refused, match="writing"):
        step(session, ticket, "close", supervisor, now, **MEASURES)
    step(session, ticket, "reply", supervisor, now, way="written")
    step(session, ticket, "close", supervisor, now, **MEASURES)


@pytest.mark.parametrize("score", [1, 2])
def test_a_low_score_reopens_as_a_repeat_and_gives_it_to_the_supervisor(session, estate, now, score):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch", "start", "finish")
    step(session, ticket, "visit", estate.actor("assistant"), now, score=score)
    assert (ticket.state, ticket.is_repeat, ticket.responsible) == ("reopened", True, "supervisor员")
    assert (ticket.done_at, ticket.reopened_count) == (None, 1)
    message = session.scalars(select(Message).where(Message.purpose == "repeat")).one()
    assert message.to == estate.staff["supervisor"].number


def test_a_middling_score_does_not_reopen(session, estate, now):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch", "start", "finish")
    step(session, ticket, "visit", estate.actor("assistant"), now, score=3)
    assert (ticket.state, ticket.is_repeat) == ("visited", False)


@pytest.mark.parametrize("score", [0, 6, "good", 4.5, -1, True])
def test_a_score_is_one_to_five(session, estate, now, score):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch", "start", "finish")
    with pytest.raises(Invalid):
        step(session, ticket, "visit", estate.actor("assistant"), now, score=score)


def test_the_one_who_did_the_work_does_not_make_the_visit(session, estate, now):
    ticket = estate.open(session, now)
    step(session, ticket, "dispatch", estate.actor("assistant"), now, assignee_id=estate.staff["steward"].id)
    estate.walk(session, ticket, now, "start", "finish", by="steward")
    with pytest.raises(Refused, match="did the work"):
        step(session, ticket, "visit", estate.actor("steward"), now, score=5)
    step(session, ticket, "visit", estate.actor("assistant"), now, score=5)


def test_what_the_supervisor_handled_is_visited_by_the_supervisor(session, estate, now):
    ticket = estate.open(session, now)
    step(session, ticket, "dispatch", estate.actor("assistant"), now, assignee_id=estate.staff["supervisor"].id)
    estate.walk(session, ticket, now, "start", "finish", by="supervisor")
    with pytest.raises(Refused, match="supervisor"):
        step(session, ticket, "visit", estate.actor("assistant"), now, score=5)
    step(session, ticket, "visit", estate.actor("supervisor"), now, score=5)


def test_a_reopened_complaint_is_a_repeat_and_a_reopened_repair_is_not(session, estate, now):
    for kind, repeat in (("complaint", True), ("repair", False)):
        ticket = estate.walk(session, estate.open(session, now, kind=kind), now, "dispatch", "start", "finish")
        step(session, ticket, "reopen", estate.actor("assistant"), now, note="又坏了")
        assert (ticket.state, ticket.is_repeat) == ("reopened", repeat)
        assert (ticket.assignee == estate.staff["supervisor"]) is repeat


def test_dispatching_twice_without_a_name_is_refused_and_handing_on_is_not(session, estate, now):
    ticket = estate.walk(session, estate.open(session, now), now, "dispatch")
    with pytest.raises(Refused, match="already"):
        estate.walk(session, ticket, now, "dispatch")
    step(session, ticket, "dispatch", estate.actor("assistant"), now, assignee_id=estate.staff["tech_b"].id)
    assert ticket.responsible == "tech_b员"


def test_a_page_that_shows_an_old_version_is_refused(session, estate, now):
    ticket = estate.open(session, now)
    seen = ticket.revision
    step(session, ticket, "dispatch", estate.actor("assistant"), now, revision=seen)
    with pytest.raises(Refused, match="just changed"):
        step(session, ticket, "start", estate.actor("assistant"), now, revision=seen)


def test_a_further_contact_finds_the_open_matter_of_the_house_for_a_day(session, estate, now):
    ticket = estate.open(session, now)
    house = estate.houses[3]
    assert find_open_matter(session, house, "water_test", now + 24 * HOUR) == ticket
    assert find_open_matter(session, house, "water_test", now + 25 * HOUR) is None
    assert find_open_matter(session, house, "attitude_test", now + HOUR) is None
    assert find_open_matter(session, estate.houses[1], "water_test", now + HOUR) is None
    entry = add_contact(session, ticket, SYSTEM, now + HOUR, note="还在漏")
    assert (entry.verb, entry.from_state, entry.to_state) == ("further_contact", "registered", "registered")
    estate.walk(session, ticket, now, "dispatch", "start", "finish")
    assert find_open_matter(session, house, "water_test", now + HOUR) is None


def test_a_call_that_only_asked_leaves_a_closed_ticket_outside_the_figures(session, estate, now):
    ticket = estate.open(session, now, kind="consultation", counts_in_figures=False)
    close_no_matter(session, ticket, SYSTEM, now)
    assert (ticket.state, ticket.counts_in_figures, ticket.clocks) == ("closed", False, [])


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "wish"},
        {"channel": "pigeon"},
        {"category_code": "no_such"},
        {"title": "x" * 121},
        {"title": "ring\x00ring"},
        {"title": "", "description": ""},
        {"description": "x" * 4001},
        {"priority": "at once"},
    ],
)
def test_a_ticket_that_cannot_be_is_not_opened(session, estate, now, given):
    with pytest.raises(Invalid):
        estate.open(session, now, **given)
    assert session.scalars(select(Ticket)).all() == []


def test_every_verb_of_the_interface_is_a_function(session, estate, now):
    assert set(VERBS) == {
        "dispatch", "start", "contact", "reply", "wait", "resume", "finish",
        "visit", "close", "cancel", "reopen", "find", "promise", "urge",
    }  # fmt: skip
    ticket = estate.open(session, now)
    VERBS["dispatch"](session, ticket, estate.actor("assistant"), now, {})
    assert ticket.state == "dispatched"
    assert "start" in verbs_for(session, ticket, estate.actor("tech_a"))
    assert "dispatch" not in verbs_for(session, ticket, estate.actor("tech_a"))


@pytest.mark.parametrize(
    ("given", "rings"),
    [
        ({"kind": "emergency", "channel": "desk"}, 1),
        ({"kind": "emergency", "channel": "web"}, 1),
        ({"kind": "repair", "channel": "desk", "priority": "emergency"}, 1),
        ({"kind": "repair", "channel": "desk", "priority": "urgent"}, 0),
        ({"kind": "emergency", "channel": "hotline"}, 0),  # the call rings the duty itself, its caller on the line
    ],
)
def test_an_emergency_rings_the_duty_roster_whichever_way_it_came(session, estate, now, given, rings):
    ticket = estate.open(session, now, **given)
    assert len(session.scalars(select(Ladder).where(Ladder.ticket_id == ticket.id)).all()) == rings


def test_a_typed_repair_that_sounds_urgent_is_urgent_and_never_more(session, estate, now):
    category = session.scalars(select(Category).where(Category.code == "water_test")).one()
    session.add(CategoryWord(word="全停了停了", category_id=category.id, priority="urgent"))
    session.add(CategoryWord(word="爆爆爆管", category_id=category.id, priority="emergency"))
    session.flush()
    for title, priority in (("水全停了停了", "urgent"), ("爆爆爆管", "urgent"), ("换个龙头", "normal")):
        ticket = open_ticket(
            session,
            community=estate.community,
            kind="repair",
            channel="desk",
            category_code="water_test",
            title=title,
            actor=estate.actor("assistant"),
            now=now,
        )
        assert ticket.priority == priority
