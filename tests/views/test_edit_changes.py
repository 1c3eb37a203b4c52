"""Changed rotations, check-in calls, emergency plans and standard answers leave on the audit trail what they said and say now."""

from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import AccessEntry, Article, CheckInContact, CheckInPlan, DutyRotation, EmergencyPlan, House, Person
from app.services import check_in_register, knowledge, plans, rotation_input, rotations
from app.services.check_in_input import Draft
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.lived import ANSWER, actors, live
from tests.support.plans import STEPS, form

SECRET = ("张三", "13900000000", "女儿", "钥匙在门垫下")


@pytest.fixture
def changed(app: Flask, estate: Estate, frozen: Any, now: datetime) -> None:
    """One of each, made and then changed."""
    with app.app_context(), transaction() as session:
        live(session, estate, now)
        who = actors(session, estate, now)
        _rotation(session, estate, who("manager"), now)
        _check_in(session, estate, who("manager"), now)
        plan = session.scalars(select(EmergencyPlan).where(EmergencyPlan.community_id == estate.home)).first()
        sent = form(words="爆管、漏水", steps=STEPS[:2], number=["120", "021-5555 0000"], reason="演练后")
        plans.save(session, who("supervisor"), now, sent, plan)
        article = session.scalars(select(Article)).one()
        knowledge.save(
            session, who("assistant"), now, {**ANSWER, "answer": "带房产证到前台。", "change_note": "新规"}, article
        )


def _rotation(session: Any, estate: Estate, manager: Any, now: datetime) -> None:
    sent = {"community": estate.home, "tier": "on_duty", "name": "管家轮班", "handoffs": "08:00, 20:00", "starts_on": "2026-03-10",
            "pattern": "each_shift", "number": "13900139000"}  # fmt: skip
    people = [estate.staff[role] for role in ("steward", "technician", "assistant")]
    made = rotations.save(session, manager, rotation_input.read(session, manager, sent, people), now)
    sent |= {"handoffs": "09:00", "number": "13900139111"}
    rotations.save(session, manager, rotation_input.read(session, manager, sent, people[:2]), now, made)


def _check_in(session: Any, estate: Estate, manager: Any, now: datetime) -> None:
    person, house = session.get_one(Person, estate.people["own"]), session.get_one(House, estate.houses["own"])
    entry = CheckInPlan(
        person_id=person.id, house_id=house.id, community_id=house.community_id, number="+8613900000000", weekdays="1234567",
        times="08:30", consent_by="张三", consented_on=date(2026, 3, 1), consent_noted_by="x", created_at=now, pause_note="",
    )  # fmt: skip
    entry.contacts = [CheckInContact(place=0, name="张丽", relation="女儿", number="+8613900000066")]
    session.add(entry)
    session.flush()
    draft = Draft(person, house, "+8613900000001", "12345", "09:00", "张三", date(2026, 3, 1), None, "钥匙在门垫下", ())
    check_in_register.save(session, manager, draft, now, entry, str(entry.revision))
    check_in_register.end(session, manager, entry, "不再需要", now)


def changes(session: Any, kind: str) -> list[dict[str, list[Any]]]:
    wanted = select(AccessEntry).where(AccessEntry.subject_kind == kind).order_by(AccessEntry.id)
    found = [{name: sides for name, *sides in entry.changes} for entry in session.scalars(wanted)]
    session.rollback()
    return found


def test_each_says_which_fields_from_what_to_what(changed: None, session: Any) -> None:
    assert changes(session, "duty_rotation") == [
        {
            "handoffs": ["08:00,20:00", "09:00"],
            "number": ["•••", "•••"],
            "people": ["员工steward、员工technician、员工assistant", "员工steward、员工technician"],
        }
    ]
    (plan,) = changes(session, "emergency_plan")
    assert plan["words"] == ["爆管、水管爆", "爆管、漏水"]
    assert plan["steps"][1] == "请住户关闭总阀、到场关闭单元阀门"
    assert plan["numbers"] == ["•••", "•••"]
    (answer,) = changes(session, "article")
    assert answer == {"answer": ["带身份证到前台。", "带房产证到前台。"], "change_note": [None, "新规"]}


def test_who_lives_alone_stays_untold(changed: None, session: Any) -> None:
    first, second = changes(session, "check_in_plan")
    masked = {"number": ["•••", "•••"], "note": [None, "•••"], "contacts": ["•••", None]}
    assert first == {"weekdays": ["1234567", "12345"], "times": ["08:30", "09:00"], **masked}
    assert second == {"active": [True, False]}
    kept = session.scalars(select(AccessEntry).where(AccessEntry.subject_kind == "check_in_plan")).all()
    told = " ".join(f"{entry.subject} {entry.changes}" for entry in kept)
    session.rollback()
    assert not [words for words in SECRET if words in told]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "zh",
            ("轮班：管家轮班", "交班时间：08:00,20:00 → 09:00", "应急预案：爆管预案", "标准答复：门禁卡丢了怎么补办"),
        ),
        (
            "en",
            (
                "Rotation: 管家轮班",
                "Hours of handover: 08:00,20:00 → 09:00",
                "Emergency plan: 爆管预案",
                "In use: Yes → No",
            ),
        ),
    ],
)
def test_the_trail_is_read_in_both_languages(
    changed: None, client: Client, session: Any, language: str, words: tuple[str, ...]
) -> None:
    client.login("admin")
    client.get(f"/lang/{language}")
    page = client.get("/auditview/list/").text
    for each in words:
        assert each in page, each
    rotation = session.scalars(select(DutyRotation.id)).one()
    session.rollback()
    assert f"/duty/rotations/{rotation}" in page


def test_nothing_changed_leaves_no_entry(app: Flask, estate: Estate, frozen: Any, now: datetime, session: Any) -> None:
    with app.app_context(), transaction() as writing:
        live(writing, estate, now)
        who, article = actors(writing, estate, now), writing.scalars(select(Article)).one()
        knowledge.save(writing, who("assistant"), now, {**ANSWER, "change_note": ""} | {"change_note": "x"}, article)
        knowledge.save(writing, who("assistant"), now, {**ANSWER, "change_note": "x"}, article)
    assert [set(each) for each in changes(session, "article")] == [{"change_note"}]
