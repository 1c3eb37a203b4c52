"""Emergency plans through the services (D7): written, reviewed, in force, opened with an emergency, ticked once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid, LinliError, NotFound, Refused
from app.models import PlanTick, PlanVersion, Ticket, TicketEntry, TicketPlan
from app.services import plan_after_event, plans, special_events, ticket_plans
from app.services.actors import Actor
from app.services.plan_input import fingerprint
from tests.support.databases import Databases
from tests.support.plans import STEPS, form, in_force, version_of, who
from tests.support.tickets import SmallEstate, unsaved_estate

MINUTE = timedelta(minutes=1)


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


@pytest.fixture
def general(session: Session, estate: SmallEstate, now: datetime) -> int:
    """The general plan for all: the seeded one where there is one."""
    found = [one for one in plans.candidates(session, estate.community.id) if one.kind == "general"]
    if found:
        return found[0].version_id
    return in_force(session, None, now, "general", name="通用预案", words="", categories=[]).id


def emergency(estate: SmallEstate, session: Session, now: datetime, title: str = "三单元爆管") -> Ticket:
    return estate.open(session, now, kind="emergency", channel="desk", title=title)


def actors(estate: SmallEstate) -> dict[str, Actor]:
    roles = ("supervisor", "manager", "deputy", "admin", "quality", "assistant", "steward", "technician")
    return {role: who(role, estate.community.id) for role in roles}


# ---- the way of a version --------------------------------------------------------------------------------------------
def test_a_plan_is_written_reviewed_and_put_in_force_and_the_next_version_replaces_it(
    session: Session, estate: SmallEstate, now: datetime
) -> None:
    staff = actors(estate)
    first = plans.save(session, staff["supervisor"], now, form())
    assert (first.number, first.state, first.plan.community_id) == (1, "draft", estate.community.id)
    assert plans.candidates(session, estate.community.id) == [
        one for one in plans.candidates(session, estate.community.id) if one.version_id != first.id
    ]
    with pytest.raises(Refused):
        plans.take(session, staff["manager"], first, "force", now)
    plans.take(session, staff["supervisor"], first, "review", now, first.sha256)
    plans.take(session, staff["manager"], first, "force", now + MINUTE, first.sha256)
    assert (first.state, first.forced_at) == ("in_force", now + MINUTE)
    with pytest.raises(Invalid, match="why"):
        plans.save(session, staff["manager"], now, form(name="爆管预案二"), first.plan)
    second = plans.save(session, staff["manager"], now, form(name="爆管预案二", reason="复盘"), first.plan)
    assert (second.number, second.state, plans.in_force(first.plan).id) == (2, "draft", first.id)
    plans.take(session, staff["supervisor"], second, "review", now)
    changed = plans.save(session, staff["supervisor"], now, form(name="爆管预案三", reason="复盘"), first.plan)
    assert (changed.id, changed.state, changed.reviewed_at) == (second.id, "draft", None)
    plans.take(session, staff["supervisor"], second, "review", now)
    plans.take(session, staff["deputy"], second, "force", now + 2 * MINUTE)
    session.refresh(first)
    assert (first.state, first.ended_at) == ("replaced", now + 2 * MINUTE)


def test_what_is_refused_on_the_way(session: Session, estate: SmallEstate, now: datetime) -> None:
    staff = actors(estate)
    version = plans.save(session, staff["supervisor"], now, form())
    for role in ("manager", "assistant", "quality", "admin", "steward"):
        with pytest.raises(Forbidden):
            plans.take(session, staff[role], version, "review", now)
    with pytest.raises(Refused, match="read it again"):
        plans.take(session, staff["supervisor"], version, "review", now, "0" * 64)
    with pytest.raises(NotFound):
        plans.take(session, staff["supervisor"], version, "publish", now)
    with pytest.raises(Forbidden):
        plans.take(session, who("supervisor", estate.community.id + 1), version, "review", now)
    both = Actor(None, "x", "x", frozenset({"supervisor", "manager"}), community_ids=frozenset({estate.community.id}))
    plans.take(session, both, version, "review", now)
    version.content = {**version.content, "name": "换过"}
    session.flush()
    with pytest.raises(Refused, match="hash"):
        plans.take(session, staff["manager"], version, "force", now)
    for role in ("assistant", "steward", "technician", "quality"):
        with pytest.raises(Forbidden):
            plans.save(session, staff[role], now, form(community_id=str(estate.community.id)))


def test_a_plan_for_all_is_the_companys_and_a_community_takes_it_over(
    session: Session, estate: SmallEstate, now: datetime
) -> None:
    staff = actors(estate)
    shared = plans.save(session, staff["admin"], now, form())
    assert shared.plan.community_id is None
    for role in ("supervisor", "manager"):
        with pytest.raises(Forbidden):
            plans.save(session, staff[role], now, form(reason="x"), shared.plan)
    with pytest.raises(Forbidden):
        plans.take(session, staff["supervisor"], shared, "review", now)
    plans.take(session, staff["quality"], shared, "review", now)
    plans.take(session, staff["admin"], shared, "force", now)
    own = plans.copy(session, staff["manager"], shared.plan, now)
    assert (own.plan.community_id, own.state, own.content) == (estate.community.id, "draft", shared.content)
    assert own.sha256 == fingerprint(own.plan_id, 1, own.content) != shared.sha256
    with pytest.raises(Refused):
        plans.copy(session, staff["manager"], own.plan, now)


def test_a_version_in_force_never_changes_whoever_asks(session: Session, estate: SmallEstate, now: datetime) -> None:
    version = in_force(session, estate.community.id, now)
    session.flush()
    for statement in (
        "UPDATE plan_version SET reason = 'x' WHERE id = :id",
        "UPDATE plan_version SET state = 'draft' WHERE id = :id",
        "DELETE FROM plan_version WHERE id = :id",
    ):
        with pytest.raises(IntegrityError, match="a plan in force cannot change"), session.begin_nested():
            session.execute(text(statement), {"id": version.id})
    retired = plans.find(session, who("manager", estate.community.id), version.plan_id)
    plans.retire(session, who("manager", estate.community.id), retired, now)
    assert version_of(session, version.plan_id, 1).state == "replaced"
    assert version.id not in {one.version_id for one in plans.candidates(session, estate.community.id)}
    with pytest.raises(Refused):
        plans.save(session, who("manager", estate.community.id), now, form(reason="x"), retired)


def test_the_general_plan_for_all_stays(session: Session, estate: SmallEstate, now: datetime, general: int) -> None:
    plan = session.get_one(PlanVersion, general).plan
    with pytest.raises(Refused, match="stays"):
        plans.retire(session, who("admin", estate.community.id), plan, now)
    with pytest.raises(Forbidden):
        plans.retire(session, who("manager", estate.community.id), plan, now)


LONG = [("长" * 81, "", "desk", "0")]
MANY = [(f"第{number}步", "", "desk", "0") for number in range(15)]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"name": " "}, "name"),
        ({"steps": ()}, "at least one step"),
        ({"steps": [("", "English only", "desk", "0")]}, "no Chinese"),
        ({"steps": LONG}, "too long"),
        ({"steps": MANY}, "at most"),
        ({"step_minutes": ["x", "1", "2"]}, "whole number"),
        ({"step_minutes": ["-1", "1", "2"]}, "whole number"),
        ({"step_post": ["pope", "desk", "desk"]}, "Choose one of"),
        ({"kind": "war"}, "Choose one of"),
        ({"kind": ""}, "kind of emergency"),
        ({"categories": ["nonsense"]}, "no such category"),
        ({"number": ["call me", "119"]}, "no telephone number"),
        ({"number": ["119", "119"]}, "twice"),
        ({"number_zh": ["", "x"]}, "what the number"),
        ({"thing_place": [""]}, "where it lies"),
        ({"words": "爆"}, "too short"),
        ({"words": "、".join(f"词语{number}" for number in range(31))}, "At most"),
        ({"name": "爆\x00管"}, "cannot be shown"),
        ({"community_id": "999999"}, "no such community"),
    ],
)
def test_bad_input_is_a_sentence_and_writes_nothing(
    session: Session, estate: SmallEstate, now: datetime, bad: dict[str, Any], words: str
) -> None:
    session.flush()
    before = len(session.scalars(select(PlanVersion)).all())
    with pytest.raises(LinliError, match=words), session.begin_nested():
        plans.save(session, who("supervisor", estate.community.id), now, form(**bad))
    assert len(session.scalars(select(PlanVersion)).all()) == before


def test_empty_rows_fall_away_and_the_order_column_decides(
    session: Session, estate: SmallEstate, now: datetime
) -> None:
    steps = [*STEPS, ("", "", "on_duty", "")]
    sent = form(steps=steps, step_order=["30", "10", "20", ""], step_key=["a" * 8, "a" * 8, "junk", ""])
    version = plans.save(session, who("supervisor", estate.community.id), now, sent)
    assert [one["zh"] for one in version.content["steps"]] == [STEPS[1][0], STEPS[2][0], STEPS[0][0]]
    assert len({one["key"] for one in version.content["steps"]}) == 3


# ---- opened with an emergency ----------------------------------------------------------------------------------------
def test_the_version_in_force_is_opened_and_kept_with_the_emergency(
    session: Session, estate: SmallEstate, now: datetime, general: int
) -> None:
    staff = actors(estate)
    version = in_force(session, estate.community.id, now)
    ticket = emergency(estate, session, now)
    second = plans.save(session, staff["manager"], now, form(reason="x", steps=STEPS[:1]), version.plan)
    plans.take(session, staff["supervisor"], second, "review", now)
    plans.take(session, staff["manager"], second, "force", now)
    found = ticket_plans.current(session, ticket)
    assert (found.version.id, found.fits, found.word, found.better) == (version.id, True, "爆管", None)
    assert [step.content["zh"] for step in found.steps] == [step[0] for step in STEPS]
    later = ticket_plans.current(session, emergency(estate, session, now, "又爆管了"))
    assert later.version.id == second.id
    other = ticket_plans.current(session, emergency(estate, session, now, "有人打架"))
    assert (other.version.id, other.fits) == (general, False)
    assert ticket_plans.current(session, estate.open(session, now, title="爆管")) is None


def test_a_step_is_ticked_once_whoever_comes_second(
    session: Session, estate: SmallEstate, now: datetime, general: int
) -> None:
    in_force(session, estate.community.id, now)
    ticket = emergency(estate, session, now)
    one, other = estate.actor("tech_a"), estate.actor("steward")
    key = ticket_plans.current(session, ticket).steps[1].key
    assert ticket_plans.tick(session, one, ticket, key, now + 7 * MINUTE) is True
    assert ticket_plans.tick(session, one, ticket, key, now + 8 * MINUTE) is False
    assert ticket_plans.tick(session, other, ticket, key, now + 9 * MINUTE) is False
    found = ticket_plans.current(session, ticket)
    assert (found.done, found.next_step.number, found.steps[1].tick.actor_name) == (1, 1, one.display_name)
    assert (found.steps[1].minutes_taken, found.steps[0].minutes_taken) == (7, None)
    assert [step.late(now + 15 * MINUTE) for step in found.steps] == [True, False, False]
    lines = session.scalars(
        select(TicketEntry).where(TicketEntry.ticket_id == ticket.id, TicketEntry.verb == "plan_step")
    ).all()
    assert [(line.note, line.at, line.data["text_en"]) for line in lines] == [
        (STEPS[1][0], now + 7 * MINUTE, STEPS[1][1])
    ]
    with pytest.raises(NotFound):
        ticket_plans.tick(session, one, ticket, "nonsense", now)
    with pytest.raises(Forbidden):
        ticket_plans.tick(session, estate.actor("quality"), ticket, key, now)
    ticket.state = "closed"
    with pytest.raises(Refused, match="settled"):
        ticket_plans.tick(session, one, ticket, found.steps[0].key, now)
    with pytest.raises(IntegrityError, match="append-only"), session.begin_nested():
        session.execute(text("DELETE FROM plan_tick"))


def test_another_plan_follows_the_wrong_one_and_its_ticks_stay(
    session: Session, estate: SmallEstate, now: datetime, general: int
) -> None:
    fire = in_force(session, estate.community.id, now, "fire", name="火灾预案", words="着火", categories=["fire"])
    in_force(session, estate.community.id, now)
    ticket, actor = emergency(estate, session, now, "爆管"), estate.actor("tech_a")
    seen = ticket_plans.current(session, ticket)
    ticket_plans.tick(session, actor, ticket, seen.steps[0].key, now, seen.version.id)
    ticket.description = "还着火了"
    session.flush()
    assert ticket_plans.current(session, ticket).better.id == fire.id
    ticket_plans.choose_other(session, actor, ticket, fire.id, now)
    ticket_plans.choose_other(session, actor, ticket, fire.id, now)
    found = ticket_plans.current(session, ticket)
    assert (found.version.id, found.done, found.better) == (fire.id, 0, None)
    assert len(session.scalars(select(TicketPlan).where(TicketPlan.ticket_id == ticket.id)).all()) == 2
    assert len(session.scalars(select(PlanTick)).all()) == 1
    with pytest.raises(Refused, match="Another plan"):
        ticket_plans.tick(session, actor, ticket, seen.steps[1].key, now, seen.version.id)
    draft = plans.save(session, who("supervisor", estate.community.id), now, form())
    for wrong in (None, draft.id, 2**31 - 1):
        with pytest.raises(Invalid):
            ticket_plans.choose_other(session, actor, ticket, wrong, now)
    with pytest.raises(Refused):
        ticket_plans.choose_other(session, actor, estate.open(session, now), fire.id, now)


def test_an_emergency_from_before_the_library_gets_its_plan_with_the_first_tick(
    session: Session, estate: SmallEstate, now: datetime, general: int
) -> None:
    ticket = estate.open(session, now, kind="emergency", channel="hotline", title="爆管")  # the call starts the ladder
    version = in_force(session, estate.community.id, now)
    found = ticket_plans.current(session, ticket)
    assert (found.kept, found.version.id) == (None, version.id)
    assert ticket_plans.tick(session, estate.actor("tech_a"), ticket, found.steps[0].key, now)
    assert ticket_plans.current(session, ticket).kept.version_id == version.id


def test_whoever_is_rung_opens_the_plan_of_an_emergency_that_is_not_theirs(
    session: Session, estate: SmallEstate, now: datetime
) -> None:
    from app.models import EscalationAttempt, Ladder

    ticket = emergency(estate, session, now)
    rung, other = estate.actor("tech_a"), estate.actor("tech_b")
    ladder = session.scalars(select(Ladder).where(Ladder.ticket_id == ticket.id)).one()
    session.add(
        EscalationAttempt(
            ladder_id=ladder.id, ticket_id=ticket.id, round=1, rung=0, tier="on_duty", staff_id=rung.staff_id, number="1",
            state="ringing", started_at=now, deadline_at=now,
        )
    )  # fmt: skip
    session.flush()
    assert ticket_plans.find_ticket(session, rung, ticket.number) is ticket
    assert ticket_plans.find_ticket(session, other, ticket.number) is None
    assert ticket_plans.find_ticket(session, rung, "x" * 9) is None


def test_after_an_emergency_its_plan_is_changed_with_the_event_as_the_reason(
    session: Session, estate: SmallEstate, now: datetime
) -> None:
    version, other = (
        in_force(session, estate.community.id, now),
        in_force(session, estate.community.id, now, "fire", words="着火"),
    )
    ticket = emergency(estate, session, now)
    manager = estate.actor("manager")
    event = special_events.open_emergency(session, manager, ticket, now)
    (found,) = plan_after_event.worked_by(session, manager, event)
    assert (found.version.id, found.proposed, found.may_propose) == (version.id, None, True)
    assert plan_after_event.worked_by(session, estate.actor("assistant"), event)[0].may_propose is False
    with pytest.raises(Refused, match="not worked"):
        plan_after_event.propose(session, manager, other.plan, event, "x", now)
    with pytest.raises(Forbidden):
        plan_after_event.propose(session, estate.actor("assistant"), version.plan, event, "x", now)
    made = plan_after_event.propose(session, manager, version.plan, event, "阀门找了十分钟" * 90, now)
    assert (made.number, made.state, made.event_id, len(made.reason)) == (2, "draft", event.id, 255)
    assert plan_after_event.worked_by(session, manager, event)[0].proposed.id == made.id
    with pytest.raises(Refused, match="on its way"):
        plan_after_event.propose(session, manager, version.plan, event, "x", now)
    saved = plans.save(session, manager, now, form(reason="阀门位置写清"), version.plan)
    assert (saved.id, saved.event_id) == (made.id, event.id)
