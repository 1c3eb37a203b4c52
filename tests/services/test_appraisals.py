"""Appraisals (D16): drawn up from the figures, read by the person, signed by the manager; frozen, corrected by a version."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid, Refused
from app.models import Appraisal, Clock, Ticket
from app.rules.codes import Role
from app.services import appraisal_plans, appraisals, signed_records
from app.services.access import rows
from app.services.actors import Actor
from tests.support.estate import Estate, build_estate

MONTH = "2026-02"
DAY = timedelta(days=1)


@pytest.fixture
def estate(session: Session, now: datetime) -> Estate:
    made = build_estate(session, now)
    made.tickets["february"] = february(session, made)
    return made


def february(session: Session, made: Estate) -> int:
    """Two finished repairs of the technician, one of them late: in time 50 %."""
    session.flush()
    old = session.get_one(Ticket, made.tickets["own"])
    at = datetime.fromisoformat("2026-02-10T03:00:00+00:00")
    for place in (0, 1):
        ticket = Ticket(
            number=f"9900000{place}", community_id=made.home, house_id=old.house_id, building_id=old.building_id, kind="repair",
            channel="desk", priority="normal", state="closed", title="灯不亮", created_at=at, done_at=at + DAY,
            assignee_id=made.staff["technician"],
        )  # fmt: skip
        session.add(ticket)
        session.flush()
        state = ("met", "breached")[place]
        session.add(
            Clock(ticket_id=ticket.id, name="done", state=state, started_at=at, due_at=at + DAY, met_at=at + DAY)
        )
        session.flush()
    return ticket.id


def who(estate: Estate, role: str, staff: str | None = None) -> Actor:
    return Actor(
        user_id=None, username=role, display_name=role, roles=frozenset({role}), staff_id=estate.staff[staff or role],
        community_ids=frozenset({estate.home}),
    )  # fmt: skip


def drawn(session: Session, estate: Estate, now: datetime, month: str = MONTH) -> Appraisal:
    assert appraisals.draw_up(session, who(estate, "manager"), estate.home, month, now)
    return session.scalars(
        select(Appraisal).where(Appraisal.staff_id == estate.staff["technician"], Appraisal.month == month)
    ).one()


def answered(session: Session, estate: Estate, sheet: Appraisal, now: datetime, remark: str = "配件到货晚") -> None:
    sha256 = appraisals.fingerprint(session, sheet)
    appraisals.answer(session, who(estate, "technician"), sheet, remark, now, sha256)


def test_the_sheet_says_what_the_records_say(session: Session, estate: Estate, now: datetime) -> None:
    sheet = drawn(session, estate, now)
    line = {one["figure"]: one for one in sheet.lines}["in_time"]
    assert (line["value"], line["points"], line["count"]) == ("0.5000", "0.0", 2)
    assert estate.tickets["february"] in line["tickets"]
    assert line["count"] == len(line["tickets"])
    assert {one["figure"]: one["points"] for one in sheet.lines}["satisfaction"] is None, "no answer: not judged"
    assert sheet.total == "0.0"
    assert sum(one["weight"] for one in sheet.lines) == 100
    assert appraisals.draw_up(session, who(estate, "manager"), estate.home, MONTH, now) == 0, "never twice"


def test_the_way_to_the_signature(session: Session, estate: Estate, now: datetime) -> None:
    sheet, manager = drawn(session, estate, now), who(estate, "manager")
    sent = {"item0": "先打电话约时间", "due0": "2026-03-31", "by0": "王检查", "score0": "90", "on0": "2026-02-27"}
    appraisals.save(session, manager, sheet, sent, now)
    assert {one["figure"]: one["points"] for one in sheet.lines}["inspection"] == "100"
    assert sheet.total == "20.0", "40 of nothing, 10 of everything: of 50 judged a fifth"
    with pytest.raises(Refused, match="not read"):
        appraisals.sign(session, manager, sheet, now, appraisals.fingerprint(session, sheet))
    answered(session, estate, sheet, now)
    with pytest.raises(Refused, match="changed"):
        appraisals.sign(session, manager, sheet, now, "0" * 64)
    appraisals.sign(session, manager, sheet, now, appraisals.fingerprint(session, sheet))
    (record,) = appraisals.versions(session, sheet)
    assert record.state == "signed"
    assert signed_records.is_whole(record)
    assert record.content["remark"] == "配件到货晚"
    assert record.content["total"] == "20.0"
    with pytest.raises(Refused, match="signed"):
        appraisals.save(session, manager, sheet, {}, now)
    with pytest.raises(Refused):
        answered(session, estate, sheet, now)


def test_after_the_days_it_is_signed_without_a_remark(session: Session, estate: Estate, now: datetime) -> None:
    sheet, manager = drawn(session, estate, now), who(estate, "manager")
    with pytest.raises(Refused):
        appraisals.sign(
            session, manager, sheet, now + 3 * DAY - timedelta(seconds=1), appraisals.fingerprint(session, sheet)
        )
    appraisals.sign(session, manager, sheet, now + 3 * DAY, appraisals.fingerprint(session, sheet))
    assert sheet.state == "signed"


def test_a_change_is_read_anew(session: Session, estate: Estate, now: datetime) -> None:
    sheet, manager = drawn(session, estate, now), who(estate, "manager")
    answered(session, estate, sheet, now)
    appraisals.save(session, manager, sheet, {"item0": "x", "due0": "2026-03-31"}, now)
    assert sheet.state == "open"
    with pytest.raises(Refused, match="not read"):
        appraisals.sign(session, manager, sheet, now, appraisals.fingerprint(session, sheet))
    answered(session, estate, sheet, now)
    appraisals.sign(session, manager, sheet, now, appraisals.fingerprint(session, sheet))
    assert appraisals.versions(session, sheet)[0].content["items"][0]["text"] == "x"


def test_a_correction_is_a_new_version(session: Session, estate: Estate, now: datetime) -> None:
    sheet, manager = drawn(session, estate, now), who(estate, "manager")
    answered(session, estate, sheet, now)
    appraisals.sign(session, manager, sheet, now, appraisals.fingerprint(session, sheet))
    with pytest.raises(Invalid):
        appraisals.correct(session, manager, sheet, "", now)
    appraisals.correct(session, manager, sheet, "评分有误", now)
    appraisals.save(session, manager, sheet, {"by0": "王检查", "score0": "60", "on0": "2026-02-27"}, now)
    answered(session, estate, sheet, now)
    appraisals.sign(session, manager, sheet, now, appraisals.fingerprint(session, sheet))
    new, old = appraisals.versions(session, sheet)
    assert (new.version, new.reason, old.state) == (2, "评分有误", "signed")
    assert old.content != new.content


def test_last_months_items_say_what_became_of_them(session: Session, estate: Estate, now: datetime) -> None:
    first, manager = drawn(session, estate, now, "2026-01"), who(estate, "manager")
    appraisals.save(session, manager, first, {"item0": "提前联系业户", "due0": "2026-02-28"}, now)
    sheet = drawn(session, estate, now)
    assert [one["text"] for one in sheet.checked] == ["提前联系业户"]
    answered(session, estate, sheet, now)
    with pytest.raises(Refused, match="last month"):
        appraisals.sign(session, manager, sheet, now, appraisals.fingerprint(session, sheet))
    appraisals.save(session, manager, sheet, {"outcome0": "partly", "note0": "一半"}, now)
    answered(session, estate, sheet, now)
    appraisals.sign(session, manager, sheet, now, appraisals.fingerprint(session, sheet))
    assert appraisals.versions(session, sheet)[0].content["checked"][0]["outcome"] == "partly"


@pytest.mark.parametrize(
    "sent",
    [
        {"item0": "x", "due0": "morgen"},
        {"by0": "", "score0": "90", "on0": "2026-02-27"},
        {"by0": "x", "score0": "101", "on0": "2026-02-27"},
        {"by0": "x", "score0": "9.5", "on0": "2026-02-27"},
        {"by0": "x", "score0": "90", "on0": "9999-12-31"},
        {"outcome0": "perfect"},
    ],
)
def test_bad_input_changes_nothing(session: Session, estate: Estate, now: datetime, sent: dict[str, str]) -> None:
    sheet, manager = drawn(session, estate, now), who(estate, "manager")
    sheet.checked = [{"text": "x", "due_on": "2026-02-01", "outcome": "", "note": ""}]
    session.flush()
    with pytest.raises(Invalid):
        appraisals.save(session, manager, sheet, sent, now)
    assert (sheet.items, sheet.inspections) == ([], [])


def test_a_month_that_runs_is_not_appraised(session: Session, estate: Estate, now: datetime) -> None:
    with pytest.raises(Refused):
        appraisals.draw_up(session, who(estate, "manager"), estate.home, f"{now:%Y-%m}", now)
    with pytest.raises(Invalid):
        appraisals.draw_up(session, who(estate, "manager"), estate.home, "2026-13", now)


def test_who_may_what(session: Session, estate: Estate, now: datetime) -> None:
    sheet = drawn(session, estate, now)
    for role in ("supervisor", "assistant", "steward", "technician", "deputy", "quality", "admin"):
        actor = who(estate, role)
        if role != "quality":
            with pytest.raises(Forbidden):
                appraisals.draw_up(session, actor, estate.home, MONTH, now)
        with pytest.raises(Forbidden):
            appraisals.save(session, actor, sheet, {}, now)
        with pytest.raises(Forbidden):
            appraisals.sign(session, actor, sheet, now, None)
        if role != "technician":
            with pytest.raises(Forbidden):
                appraisals.answer(session, actor, sheet, "", now, None)
        seen = set(session.scalars(select(Appraisal.staff_id).where(rows(actor, Appraisal))))
        everybody = set(session.scalars(select(Appraisal.staff_id)))
        expected: Any = {"quality": everybody, "admin": set()}.get(role, everybody & {estate.staff[role]})
        assert seen == expected, role
    stranger = Actor(None, "m", "m", frozenset({Role.MANAGER}), community_ids=frozenset({estate.other}))
    assert appraisals.find(session, stranger, sheet.id) is None
    with pytest.raises(Forbidden):
        appraisals.sign(session, stranger, sheet, now, None)


def test_a_signed_appraisal_is_in_no_list_of_records(session: Session, estate: Estate, now: datetime) -> None:
    from app.models import SignedRecord

    sheet = drawn(session, estate, now)
    answered(session, estate, sheet, now)
    for role in ("manager", "assistant", "quality", "supervisor"):
        assert session.scalars(select(SignedRecord).where(rows(who(estate, role), SignedRecord))).all() == []


FORM = {"figure0": "in_time", "scope0": "own", "weight0": "60", "target0": "90", "floor0": "70"}
REST = {"figure1": "inspection", "scope1": "own", "weight1": "40", "target1": "95", "floor1": "50"}


def test_weights_are_data_with_validity(session: Session, estate: Estate, now: datetime) -> None:
    admin = who(estate, "admin")
    appraisal_plans.set_plan(session, admin, {"role": "technician", "month": "2026-03", **FORM, **REST}, now)
    assert [one.figure for one in appraisal_plans.in_force(session, "technician", "2026-03")] == [
        "in_time",
        "inspection",
    ]
    assert appraisal_plans.in_force(session, "technician", "2026-03")[0].target == Decimal("0.9")
    assert len(appraisal_plans.in_force(session, "technician", "2026-02")) == 4, "the default until then"
    drawn(session, estate, now)
    with pytest.raises(Refused):
        appraisal_plans.set_plan(session, admin, {"role": "technician", "month": "2026-02", **FORM, **REST}, now)
    for wrong in (
        {"month": "2026-13"},
        {"role": "owner"},
        {"weight1": "41"},
        {"target0": "x"},
        {"floor0": "1e99"},
        {"weight0": "6.5"},
    ):
        with pytest.raises(Invalid):
            appraisal_plans.set_plan(
                session, admin, {"role": "technician", "month": "2026-04", **FORM, **REST, **wrong}, now
            )


def test_the_manager_s_own_is_the_quality_department_s_to_go_through_and_sign(
    session: Session, estate: Estate, now: datetime
) -> None:
    manager, quality = who(estate, Role.MANAGER), replace(who(estate, Role.QUALITY), community_ids=frozenset())
    appraisals.draw_up(session, manager, estate.home, MONTH, now)
    roles = select(Appraisal.role).where(Appraisal.community_id == estate.home)
    assert Role.MANAGER not in set(session.scalars(roles)), "nobody draws up their own"
    assert appraisals.draw_up(session, quality, estate.home, MONTH, now) == 1
    assert appraisals.draw_up(session, quality, estate.home, MONTH, now) == 0
    sheet = session.scalars(select(Appraisal).where(Appraisal.role == Role.MANAGER)).one()
    assert {line["figure"] for line in sheet.lines} == {
        "in_time", "complaints_in_time", "satisfaction", "collection", "inspection",
    }  # fmt: skip
    assert {line["scope"] for line in sheet.lines if line["figure"] != "inspection"} == {"community"}
    for other in (manager, who(estate, Role.DEPUTY)):
        with pytest.raises(Forbidden):
            appraisals.save(session, other, sheet, {}, now)
        with pytest.raises(Forbidden):
            appraisals.sign(session, other, sheet, now, appraisals.fingerprint(session, sheet))
    sent = {"item0": "每周抽查回访", "due0": "2026-03-31", "by0": "顾海平", "score0": "90", "on0": "2026-03-02"}
    appraisals.save(session, quality, sheet, sent, now)
    assert not session.scalar(select(appraisals.waiting_count(quality)))
    assert session.scalars(select(Appraisal.id).where(appraisals.turns(manager))).all() == [sheet.id], "to be read"
    appraisals.answer(session, manager, sheet, "会改进", now, appraisals.fingerprint(session, sheet))
    assert session.scalar(select(appraisals.waiting_count(quality))) == 1
    assert not session.scalars(select(Appraisal.id).where(appraisals.turns(manager))).all()
    with pytest.raises(Forbidden):
        appraisals.sign(session, manager, sheet, now, appraisals.fingerprint(session, sheet))
    appraisals.sign(session, quality, sheet, now, appraisals.fingerprint(session, sheet))
    (record,) = appraisals.versions(session, sheet)
    assert (sheet.state, record.state, record.signed_by) == ("signed", "signed", quality.display_name)
    with pytest.raises(Forbidden):
        appraisals.correct(session, manager, sheet, "分数", now)
    appraisals.correct(session, quality, sheet, "分数", now)
    assert sheet.state == "open"


def test_the_quality_department_goes_through_nobody_else_s(session: Session, estate: Estate, now: datetime) -> None:
    sheet, quality = drawn(session, estate, now), who(estate, Role.QUALITY)
    for step in (
        lambda: appraisals.save(session, quality, sheet, {}, now),
        lambda: appraisals.sign(session, quality, sheet, now, appraisals.fingerprint(session, sheet)),
        lambda: appraisals.correct(session, quality, sheet, "x", now),
    ):
        with pytest.raises(Forbidden):
            step()
