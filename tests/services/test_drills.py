"""Drills through the services (D7): planned and told, moved, called off, ticked and recorded, improved, due."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid, LinliError, NotFound, Refused
from app.models import DrillEntry, DrillMember, Message, PlanDrill, Staff
from app.services import drill_lists, drill_record, drills
from app.services.local_time import local_zone
from app.services.reporting.period import month_of
from app.services.reporting.records import read_month
from tests.support.databases import Databases
from tests.support.drills import drill_form, field, record_form
from tests.support.plans import in_force
from tests.support.tickets import SmallEstate, unsaved_estate

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
A, B, C = (f"{place:08x}" for place in (1, 2, 3))


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


@pytest.fixture
def plan_id(session: Session, estate: SmallEstate, now: datetime) -> int:
    return in_force(session, estate.community.id, now - 400 * DAY).plan_id


def sent(estate: SmallEstate, plan_id: int, at: datetime, /, **more: str) -> dict[str, list[str]]:
    members = [estate.staff[name].id for name in ("tech_b", "supervisor")]
    return drill_form(estate.community.id, plan_id, at, estate.staff["tech_a"].id, members, **more)


def planned(session: Session, estate: SmallEstate, plan_id: int, now: datetime, at: datetime) -> PlanDrill:
    return drills.plan(session, estate.actor("manager"), sent(estate, plan_id, at), now)


def told(session: Session) -> list[str]:
    return [one.body for one in session.scalars(select(Message).where(Message.purpose == "drill").order_by(Message.id))]


def verbs(session: Session, drill: PlanDrill) -> list[str]:
    return list(session.scalars(select(DrillEntry.verb).where(DrillEntry.drill_id == drill.id).order_by(DrillEntry.id)))


# ---- planned ---------------------------------------------------------------------------------------------------------
def test_whoever_takes_part_is_told_of_a_drill_its_changes_and_its_end(
    session: Session, estate: SmallEstate, plan_id: int, now: datetime
) -> None:
    drill = planned(session, estate, plan_id, now, now + 7 * DAY)
    assert {one.staff.id for one in drill.members} == {estate.staff[name].id for name in ("tech_b", "supervisor")}
    assert len(told(session)) == 3, "the leader and both members"
    assert all("爆管预案" in body and "3幢门口" in body for body in told(session))
    same = sent(estate, plan_id, now + 7 * DAY)
    drills.change(session, estate.actor("manager"), drill, same, now + MINUTE)
    assert len(told(session)) == 3, "nothing changed, nobody is told"
    other = same | {"members": [str(estate.staff["tech_b"].id)], "place": ["5幢门口"]}
    drills.change(session, estate.actor("manager"), drill, other, now + MINUTE)
    assert len(told(session)) == 6, "two who take part, one who does not any more"
    assert "不用参加" in told(session)[-1]
    drills.cancel(session, estate.actor("supervisor"), drill, "大雨", now + 2 * MINUTE)
    assert len(told(session)) == 8
    assert "取消" in told(session)[-1]
    assert verbs(session, drill) == ["plan", "change", "cancel"]
    with pytest.raises(Refused):
        drills.change(session, estate.actor("manager"), drill, same, now)
    with pytest.raises(Refused):
        drill_record.begin(session, estate.actor("tech_a"), drill, now)


@pytest.mark.parametrize("role", ["assistant", "steward", "tech_a"])
def test_drills_are_planned_by_those_who_write_plans(
    session: Session, estate: SmallEstate, plan_id: int, now: datetime, role: str
) -> None:
    drill = planned(session, estate, plan_id, now, now + DAY)
    with pytest.raises(Forbidden):
        drills.plan(session, estate.actor(role), sent(estate, plan_id, now + DAY), now)
    with pytest.raises(Forbidden):
        drills.change(session, estate.actor(role), drill, sent(estate, plan_id, now + 2 * DAY), now)
    with pytest.raises(Forbidden):
        drills.cancel(session, estate.actor(role), drill, "大雨", now)


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_at": ""}, {"starts_at": "2020-01-01 10:00"}, {"starts_at": "bald"}, {"plan_id": ""}, {"plan_id": "999999"},
        {"leader_id": ""}, {"leader_id": "999999"}, {"members": "999999"}, {"members": ""}, {"community_id": "999999"},
        {"place": "x" * 121}, {"aim": "x" * 2001},
    ],
)  # fmt: skip
def test_a_drill_needs_what_makes_it_one(
    session: Session, estate: SmallEstate, plan_id: int, now: datetime, wrong: dict[str, str]
) -> None:
    given = sent(estate, plan_id, now + DAY, **wrong)
    with pytest.raises(Invalid):
        drills.plan(session, estate.actor("manager"), given, now)


def test_a_stranger_and_who_has_left_take_no_part(
    session: Session, estate: SmallEstate, plan_id: int, now: datetime
) -> None:
    stranger = Staff(name="外人", role="technician")
    session.add(stranger)
    session.flush()
    estate.staff["tech_b"].active = False
    for person in (stranger.id, estate.staff["tech_b"].id):
        with pytest.raises(Invalid):
            drills.plan(session, estate.actor("manager"), sent(estate, plan_id, now + DAY, members=str(person)), now)


def test_two_who_change_one_drill_are_told(session: Session, estate: SmallEstate, plan_id: int, now: datetime) -> None:
    drill = planned(session, estate, plan_id, now, now + DAY)
    seen = drill.revision
    drills.change(session, estate.actor("manager"), drill, sent(estate, plan_id, now + 2 * DAY), now)
    with pytest.raises(Refused):
        drills.hold(session, estate.actor("supervisor"), drill.id, str(seen))
    assert drills.hold(session, estate.actor("supervisor"), drill.id, str(drill.revision)) is drill
    with pytest.raises(NotFound):
        drills.hold(session, estate.actor("supervisor"), 999_999)


# ---- recorded --------------------------------------------------------------------------------------------------------
def held(session: Session, estate: SmallEstate, plan_id: int, now: datetime) -> PlanDrill:
    """Planned a day ago for an hour ago; ticked on the spot; recorded now by its leader."""
    began = now - timedelta(hours=1)
    drill = planned(session, estate, plan_id, now - DAY, began)
    leader = estate.actor("tech_a")
    drill_record.begin(session, leader, drill, began)
    drill_record.tick(session, leader, drill, A, began + timedelta(seconds=40))
    drill_record.tick(session, leader, drill, B, began + 12 * MINUTE)
    drill_record.tick(session, leader, drill, B, began + 30 * MINUTE)
    clocks = {f"step_{key}": field(at)[-5:] for key, at in drill_record.steps_of(drill).items()}
    form = record_form(began, now, estate.staff["tech_b"].id, **clocks)
    drill_record.record(session, leader, drill, form, [], now)
    return drill


def test_a_drill_is_ticked_on_the_spot_and_recorded_by_its_leader(
    session: Session, estate: SmallEstate, plan_id: int, now: datetime
) -> None:
    drill = held(session, estate, plan_id, now)
    began = now - timedelta(hours=1)
    assert (drill.state, drill.began_at, drill.ended_at) == ("held", began, now)
    assert drill_record.steps_of(drill) == {A: began + timedelta(seconds=40), B: began + 12 * MINUTE}, "to the second"
    came = dict(session.execute(select(DrillMember.staff_id, DrillMember.came)).tuples().all())
    assert came == {estate.staff["tech_b"].id: True, estate.staff["supervisor"].id: False}
    assert verbs(session, drill) == ["plan", "begin", "record"]
    with pytest.raises(Refused):
        drills.cancel(session, estate.actor("manager"), drill, "大雨", now)


def test_a_record_put_right_says_why_and_keeps_what_it_said(
    session: Session, estate: SmallEstate, plan_id: int, now: datetime
) -> None:
    drill = held(session, estate, plan_id, now)
    began = now - timedelta(hours=1)
    again = record_form(began, now, step_00000001=field(began + 5 * MINUTE)[-5:])
    with pytest.raises(Invalid):
        drill_record.record(session, estate.actor("tech_a"), drill, again, [], now)
    drill_record.record(session, estate.actor("supervisor"), drill, again | {"reason": ["表慢了"]}, [], now)
    assert list(drill.steps) == [A]
    entry = session.scalars(select(DrillEntry).order_by(DrillEntry.id.desc())).first()
    assert entry is not None
    assert (entry.verb, entry.note, list(entry.data["before"]["steps"])) == ("correct", "表慢了", [A, B])
    assert entry.data["before"]["came"] == [estate.staff["tech_b"].name]


def test_nobody_else_records_and_nothing_impossible_is_kept(
    session: Session, estate: SmallEstate, plan_id: int, now: datetime
) -> None:
    began = now - timedelta(hours=1)
    drill = planned(session, estate, plan_id, now - DAY, began)
    clock = field(began)[-5:]
    for who in ("tech_b", "assistant", "steward"):
        for take in (
            lambda actor: drill_record.begin(session, actor, drill, now),
            lambda actor: drill_record.record(
                session, actor, drill, record_form(began, now, step_00000001=clock), [], now
            ),
        ):
            with pytest.raises(Forbidden):
                take(estate.actor(who))
    leader = estate.actor("tech_a")
    with pytest.raises(Refused):
        drill_record.tick(session, leader, drill, A, now)
    wrong: list[dict[str, Any]] = [
        {"began_at": [""]}, {"ended_at": [field(now + DAY)]}, {"ended_at": [field(began - DAY)]}, {"step_00000001": ["abc"]},
        {"step_00000001": [""]}, {"step_00000001": [field(began - 5 * MINUTE)[-5:]]}, {"observed": ["x" * 2001]},
    ]  # fmt: skip
    for change in wrong:
        with pytest.raises(Invalid):
            drill_record.record(session, leader, drill, record_form(began, now, step_00000001=clock) | change, [], now)
    assert drill.state == "planned"
    drill_record.begin(session, leader, drill, began)
    for step in ("nothing", "0000000f"):
        with pytest.raises(NotFound):
            drill_record.tick(session, leader, drill, step, now)
    with pytest.raises(Refused):
        drill_record.begin(session, leader, drill, now)


def test_the_history_only_grows(session: Session, estate: SmallEstate, plan_id: int, now: datetime) -> None:
    held(session, estate, plan_id, now)
    for statement in ("UPDATE drill_entry SET note = 'x'", "DELETE FROM drill_entry"):
        with pytest.raises(DatabaseError), session.begin_nested():
            session.execute(text(statement))


# ---- improved --------------------------------------------------------------------------------------------------------
def improvement(estate: SmallEstate, now: datetime, who: str = "tech_b", **more: str) -> dict[str, list[str]]:
    until = (now + 5 * DAY).astimezone(local_zone()).date()
    found = {
        "finding": "钥匙找不到",
        "improvement": "移到中控室",
        "staff_id": str(estate.staff[who].id),
        "until": f"{until}",
    }
    return {name: [value] for name, value in (found | more).items()}


def test_an_improvement_is_told_and_ended_once_by_whoever_makes_it(
    session: Session, estate: SmallEstate, plan_id: int, now: datetime
) -> None:
    drill = held(session, estate, plan_id, now)
    before = len(told(session))
    made = drill_record.add_finding(session, estate.actor("tech_a"), drill, improvement(estate, now), now)
    assert len(told(session)) == before + 1
    assert "移到中控室" in told(session)[-1]
    reader = estate.actor("steward")
    assert drill_lists.improvements(session, reader)[1] == [made]
    with pytest.raises(Forbidden):
        drill_record.end_finding(session, reader, drill, made.id, "已移", now)
    with pytest.raises(Invalid):
        drill_record.end_finding(session, estate.actor("tech_b"), drill, made.id, " ", now)
    drill_record.end_finding(session, estate.actor("tech_b"), drill, made.id, "已移", now)
    with pytest.raises(Refused):
        drill_record.end_finding(session, estate.actor("tech_b"), drill, made.id, "已移", now)
    with pytest.raises(NotFound):
        drill_record.end_finding(session, estate.actor("tech_b"), drill, made.id + 1, "已移", now)
    assert drill_lists.improvements(session, reader) == (0, [])
    assert verbs(session, drill)[-2:] == ["finding", "improve"]


def test_a_finding_says_what_who_and_until_when(
    session: Session, estate: SmallEstate, plan_id: int, now: datetime
) -> None:
    drill, leader = held(session, estate, plan_id, now), estate.actor("tech_a")
    coming = planned(session, estate, plan_id, now, now + DAY)
    cases: list[tuple[PlanDrill, str, dict[str, str]]] = [
        (drill, "tech_a", {"finding": ""}), (drill, "tech_a", {"improvement": ""}), (drill, "tech_a", {"staff_id": ""}),
        (drill, "tech_a", {"staff_id": "999999"}), (drill, "tech_a", {"until": ""}), (drill, "tech_a", {"until": "2020-01-01"}),
        (drill, "tech_b", {}), (coming, "tech_a", {}),
    ]  # fmt: skip
    for one, who, wrong in cases:
        with pytest.raises(LinliError):
            drill_record.add_finding(session, estate.actor(who), one, improvement(estate, now, **wrong), now)
    assert leader.staff_id == drill.leader_id
    assert not drill_lists.findings_of(session, drill)


# ---- due, listed, reported -------------------------------------------------------------------------------------------
def test_overdue_drills_and_plans_that_are_due_are_counted_as_they_are_listed(
    session: Session, estate: SmallEstate, plan_id: int, now: datetime
) -> None:
    manager = estate.actor("manager")

    def overdue(reading: Session) -> int:
        return int(reading.scalar(select(drill_lists.overdue_count(manager, now))) or 0)

    def due(days: int = 365) -> list[int]:
        counted = session.scalar(select(drill_lists.undrilled_count(manager, now, days)))
        assert counted == len(drill_lists.undrilled(session, manager, now, days))
        return [one.version.plan_id for one in drill_lists.undrilled(session, manager, now, days)]

    assert plan_id in due()
    assert plan_id not in due(401)
    coming = planned(session, estate, plan_id, now - 3 * DAY, now - 2 * DAY)
    assert overdue(session) == 1
    assert drill_lists.listed(session, manager, now, show="overdue") == (1, [coming])
    assert drill_lists.listed(session, estate.actor("tech_b"), now, show="mine") == (1, [coming])
    assert drill_lists.listed(session, estate.actor("steward"), now, show="mine") == (0, [])
    drill = held(session, estate, plan_id, now)
    assert plan_id not in due()
    year = now.astimezone(local_zone()).year
    assert drill_lists.listed(session, manager, now, year=year) == (2, [coming, drill])
    assert drill_lists.listed(session, manager, now, year=year - 1) == (0, [])
    assert drill_lists.years(session, manager, now) == [year]
    drills.cancel(session, manager, coming, "大雨", now)
    assert overdue(session) == 0


def test_the_months_records_hold_the_drills_that_were_held(
    session: Session, estate: SmallEstate, plan_id: int, now: datetime
) -> None:
    drill = held(session, estate, plan_id, now)
    planned(session, estate, plan_id, now, now + DAY)
    drill_record.add_finding(session, estate.actor("tech_a"), drill, improvement(estate, now), now)
    began = now - timedelta(hours=1)
    month = month_of(f"{began.astimezone(local_zone()):%Y-%m}", local_zone())
    (fact,) = read_month(session, estate.community.id, month).drills
    assert (fact.kind, fact.minutes, fact.steps, fact.done, fact.findings, fact.improved) == ("water", 60, 3, 2, 1, 0)


def test_a_communitys_own_plan_is_drilled_instead_of_the_companys(
    session: Session, estate: SmallEstate, plan_id: int, now: datetime
) -> None:
    old = now - 400 * DAY
    companys = {kind: in_force(session, None, old, kind).plan_id for kind in ("water", "other")}
    own_other = in_force(session, estate.community.id, old, "other").plan_id
    found = [one.version.plan_id for one in drill_lists.undrilled(session, estate.actor("manager"), now, 365)]
    assert {plan_id, companys["other"], own_other} <= set(found)
    assert companys["water"] not in found
    assert len(found) == len(set(found)), "each once"
