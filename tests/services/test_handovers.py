"""The handover at each change of the person on duty (D7): when it is written, what stands on it, who signs, who is told."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid, Refused
from app.models import (
    AccessEntry,
    CheckIn,
    CheckInPlan,
    DutyEntry,
    DutyShift,
    Handover,
    Loan,
    Message,
    Person,
    Tenure,
)
from app.services import handovers, loans
from app.services.handover_content import shown
from app.services.ticket_verbs import perform
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def shift(session, estate, now, name: str, start: float, end: float, **given) -> DutyShift:
    person = estate.staff[name]
    made = DutyShift(
        community_id=estate.community.id, tier=given.pop("tier", "on_duty"), staff_id=person.id, number=person.number,
        starts_at=now + start * HOUR, ends_at=now + end * HOUR, **given,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


@pytest.fixture
def change(session, estate, now):
    """steward until `now`, tech_a for twelve hours from then, tech_b afterwards."""
    shift(session, estate, now, "steward", -12, 0)
    shift(session, estate, now, "tech_a", 0, 12)
    shift(session, estate, now, "tech_b", 12, 24)
    shift(session, estate, now, "manager", -24, 48, tier="manager")
    return now


def written(session, estate, at) -> list[Handover]:
    handovers.write_due(session, estate.community, at)
    return list(session.scalars(select(Handover).order_by(Handover.changes_at)))


def paper_of(session, estate, now) -> Handover:
    return written(session, estate, now)[0]


def test_it_is_written_half_an_hour_before_the_change_and_once(session, estate, change):
    assert written(session, estate, change - 31 * MINUTE) == []
    for minutes in (-30, -29, 0, 60):
        found = written(session, estate, change + minutes * MINUTE)
        assert [(one.changes_at, one.going.name, one.coming.name, one.ends_at) for one in found] == [
            (change, "steward员", "tech_a员", change + 12 * HOUR)
        ]
    assert len(written(session, estate, change + 12 * HOUR)) == 2
    assert list(session.scalars(select(DutyEntry.verb))) == ["handover_made"] * 2


def test_a_person_who_stays_hands_over_to_nobody_and_a_gap_is_bridged(session, estate, now):
    shift(session, estate, now, "steward", -12, -6)
    shift(session, estate, now, "steward", -6, -3)
    shift(session, estate, now, "tech_a", 0, 12)
    found = written(session, estate, now)
    assert [(one.begins_at, one.changes_at, one.going.name) for one in found] == [(now - 12 * HOUR, now, "steward员")]


def test_people_follow_the_roster_until_somebody_signs(session, estate, change):
    paper = paper_of(session, estate, change - 20 * MINUTE)
    shift(session, estate, change, "tech_b", 0, 12, is_override=True)
    assert paper_of(session, estate, change - 10 * MINUTE).coming.name == "tech_b员"
    handovers.sign(session, estate.actor("steward"), paper, change - 5 * MINUTE)
    shift(session, estate, change, "assistant", 0, 12, is_override=True)
    assert paper_of(session, estate, change - 4 * MINUTE).coming.name == "tech_b员"


def test_a_change_the_roster_no_longer_has_makes_it_void(session, estate, change):
    paper = paper_of(session, estate, change - 20 * MINUTE)
    shift(session, estate, change, "steward", 0, 12, is_override=True)
    handovers.write_due(session, estate.community, change - 10 * MINUTE)
    assert paper.state == "void"
    with pytest.raises(Refused):
        handovers.sign(session, estate.actor("steward"), paper, change)


def test_what_is_unfinished_and_what_runs_out_before_the_next_change(session, estate, change):
    soon = estate.open(session, change - HOUR, title="水管爆裂", priority="urgent")
    late = estate.open(session, change - HOUR, title="灯不亮", priority="low")
    done = estate.walk(session, estate.open(session, change - HOUR), change, "dispatch", "start", "finish")
    until = (change + 5 * HOUR).isoformat()
    perform(
        session, late, "promise", estate.actor("assistant"), change, {"promise_at": until, "until": until, "note": "x"}
    )
    paper = paper_of(session, estate, change)
    content = paper.content
    assert {one["number"] for one in content["tickets"]} == {soon.number, late.number}
    assert done.number not in str(content)
    assert soon.id in {one["ticket_id"] for one in content["clocks"]}
    assert [one["ticket_id"] for one in content["promises"]] == [late.id]
    assert "水管" not in str(content), "no words of a household are kept"


def test_it_is_read_anew_until_the_change_and_then_stays(session, estate, change):
    paper = paper_of(session, estate, change - 20 * MINUTE)
    estate.open(session, change - 15 * MINUTE)
    assert len(paper_of(session, estate, change - 10 * MINUTE).content["tickets"]) == 1
    estate.open(session, change + MINUTE)
    assert len(paper_of(session, estate, change + 2 * MINUTE).content["tickets"]) == 1
    assert paper.read_at == change - 10 * MINUTE


def test_a_reader_sees_the_tickets_of_their_rows_and_how_many_there_are_besides(session, estate, change):
    estate.open(session, change - HOUR, house=estate.houses[3])
    estate.open(session, change - HOUR, house=estate.houses[9])
    paper = paper_of(session, estate, change)
    seen = {
        name: shown(session, estate.actor(name), paper, needs=False, now=change) for name in ("assistant", "steward")
    }
    assert (len(seen["assistant"].tickets), seen["assistant"].hidden) == (2, 0)
    assert len(seen["steward"].tickets) + seen["steward"].hidden == 2
    assert seen["steward"].hidden >= 1


def test_who_needs_care_is_kept_as_ids_and_opened_by_the_rules_of_the_file_with_a_trace(session, estate, change):
    person = Person(name="独居老人", special_needs="行动不便")
    session.add(person)
    session.flush()
    session.add(Tenure(person_id=person.id, house_id=estate.houses[3].id, role="owner", starts_on=date(2020, 1, 1)))
    session.flush()
    paper = paper_of(session, estate, change)
    assert "行动" not in str(paper.content)
    assert paper.content["people"] == [{"person_id": person.id, "house_id": estate.houses[3].id}]
    counted = {
        name: shown(session, estate.actor(name), paper, needs=True, now=change).people
        for name in ("manager", "supervisor", "tech_a", "quality")
    }
    assert {name: [one.name for one, _house in found] for name, found in counted.items()} == {
        "manager": ["独居老人"], "supervisor": ["独居老人"], "tech_a": [], "quality": [],
    }  # fmt: skip
    readers = session.scalars(select(AccessEntry.actor_name).where(AccessEntry.action == "file_read")).all()
    assert sorted(readers) == ["manager员", "supervisor员"]
    assert shown(session, estate.actor("manager"), paper, needs=False, now=change).people == []


def test_keys_and_items_out_are_on_it_as_they_were_at_the_change(session, estate, change):
    common = {"community_id": estate.community.id, "kind": "key", "lent_by": "x", "lent_at": change - 9 * HOUR}
    out, late, back = (
        Loan(what=what, taken_by="周师傅", due_at=change + due * HOUR, **common)
        for what, due in (("屋面", 2), ("水箱", -1), ("门禁", 1))
    )
    session.add_all([out, late, back])
    session.flush()
    loans.bring_back(session, back, estate.actor("assistant"), change - HOUR)
    paper = paper_of(session, estate, change)
    assert paper.content["loans"] == [
        {"id": late.id, "due_at": late.due_at.isoformat()}, {"id": out.id, "due_at": out.due_at.isoformat()},
    ]  # fmt: skip
    assert "周师傅" not in str(paper.content)
    loans.bring_back(session, out, estate.actor("assistant"), change + HOUR)
    written(session, estate, change + 2 * HOUR)
    seen = shown(session, estate.actor("tech_a"), paper, needs=False, now=change).loans
    assert [(one.loan.what, one.late) for one in seen] == [("水箱", True), ("屋面", False)]


def called(session, estate, at, state: str, place: int, **more) -> CheckIn:
    """A check-in call of somebody living alone."""
    person = Person(name=f"独居{place}")
    session.add(person)
    session.flush()
    houses = list(estate.houses.values())
    house = houses[place % len(houses)]
    home = {"person_id": person.id, "house_id": house.id, "community_id": house.community_id}
    entry = CheckInPlan(
        number="+8613900000000", weekdays="1234567", times="08:30", consent_by="x", consented_on=at.date(), consent_noted_by="y",
        created_at=at, pause_note="", **home,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    if state == "found":
        more |= {"finding": "well", "found_at": at}
    call = CheckIn(key=f"{entry.id}", plan_id=entry.id, at=at, state=state, tries=1, **home, **more)
    session.add(call)
    session.flush()
    return call


def test_check_in_calls_without_an_answer_are_on_it_for_whoever_may_see_them(session, estate, change):
    calls = [
        called(session, estate, change - hours * HOUR, state, place, result=result)
        for place, (hours, state, result) in enumerate(
            (
                (1, "alerted", "no_answer"),
                (2, "well", "reached"),
                (3, "skipped", None),
                (4, "missed", None),
                (5, "help", None),
                (6, "found", "busy"),
                (30, "contacted", "no_answer"),
                (30, "found", "no_answer"),
                (0, "calling", None),
            )
        )
    ]
    paper = paper_of(session, estate, change)
    wanted = {calls[place].id: calls[place].state for place in (0, 3, 4, 5, 6)}
    assert {one["id"]: one["state"] for one in paper.content["check_ins"]} == wanted
    assert "独居" not in str(paper.content)
    seen = {
        name: shown(session, estate.actor(name), paper, needs=False, now=change)
        for name in ("supervisor", "tech_a", "quality")
    }
    assert {one.call.id: one.state for one in seen["supervisor"].check_ins} == wanted
    assert [(len(one.check_ins), one.unseen) for one in seen.values()] == [(5, 0), (0, 5), (0, 5)]


def test_both_sign_and_then_nothing_changes_any_more(session, estate, change):
    paper = paper_of(session, estate, change)
    handovers.remark(session, estate.actor("steward"), paper, "钥匙三把", change)
    handovers.sign(session, estate.actor("steward"), paper, change, words="钥匙三把，少一把")
    assert (paper.state, paper.going_remark) == ("open", "钥匙三把，少一把")
    with pytest.raises(Refused, match="signed already"):
        handovers.remark(session, estate.actor("steward"), paper, "x", change)
    assert [one.id for one in handovers.to_sign(session, estate.actor("tech_a"), change)] == [paper.id]
    assert handovers.to_sign(session, estate.actor("steward"), change) == []
    handovers.sign(session, estate.actor("tech_a"), paper, change + MINUTE)
    session.flush()
    assert paper.state == "signed"
    for step in (handovers.sign, lambda *a: handovers.remark(*a[:3], "x", a[3])):
        with pytest.raises(Refused):
            step(session, estate.actor("tech_a"), paper, change)
    for statement in ("UPDATE handover SET coming_remark = 'x'", "DELETE FROM handover"):
        with pytest.raises(DatabaseError, match="append-only"), session.begin_nested():
            session.execute(text(f"{statement} WHERE id = {paper.id}"))


@pytest.mark.parametrize("name", ["assistant", "supervisor", "tech_b", "quality", "manager"])
def test_nobody_else_signs_and_a_manager_only_for_somebody_and_with_a_reason(session, estate, change, name):
    paper = paper_of(session, estate, change)
    with pytest.raises(Forbidden):
        handovers.sign(session, estate.actor(name), paper, change)
    with pytest.raises(Forbidden):
        handovers.remark(session, estate.actor(name), paper, "x", change)
    if name != "manager":
        with pytest.raises(Forbidden):
            handovers.sign(session, estate.actor(name), paper, change, words="纸上已签", side="coming")
        return
    with pytest.raises(Invalid):
        handovers.sign(session, estate.actor(name), paper, change, words=" ", side="coming")
    handovers.sign(session, estate.actor(name), paper, change, words="纸上已签", side="coming")
    assert (paper.coming_signed_by, paper.coming_remark) == ("manager员 (tech_a员)", "纸上已签")


def test_the_one_side_does_not_sign_for_the_other(session, estate, change):
    paper = paper_of(session, estate, change)
    with pytest.raises(Forbidden):
        handovers.sign(session, estate.actor("steward"), paper, change, words="x", side="coming")
    with pytest.raises(Forbidden):
        handovers.sign(session, estate.actor("steward"), paper, change, words="x", side="nobody")


def test_an_unsigned_one_is_told_to_the_manager_once_after_an_hour(session, estate, change):
    paper = paper_of(session, estate, change)
    handovers.sign(session, estate.actor("steward"), paper, change)
    assert [handovers.tell_late(session, change + minutes * MINUTE) for minutes in (59, 60, 61, 600)] == [0, 1, 0, 0]
    message = session.scalars(select(Message).where(Message.purpose == "handover")).one()
    assert message.to == estate.staff["manager"].number
    assert "tech_a员" in message.body
    assert "steward员" not in message.body


def test_a_signed_one_is_told_to_nobody(session, estate, change):
    paper = paper_of(session, estate, change)
    for name in ("steward", "tech_a"):
        handovers.sign(session, estate.actor(name), paper, change)
    session.flush()
    assert handovers.tell_late(session, change + 5 * HOUR) == 0
