"""Emergency plans on pages (D7): by role and row, written to in force, on the ticket, the alarm and the telephone, on paper."""

import io
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import Community, EmergencyPlan, PlanTick, PlanVersion, Ticket
from app.services.actors import Actor
from app.services.tickets import open_ticket
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.plans import STEPS, form, in_force, version_of
from tests.views.test_statements import statements_of

STAFF = ("admin", "manager", "deputy", "supervisor", "assistant", "steward", "technician", "finance", "quality")
WRITERS = ("admin", "manager", "deputy", "supervisor", "quality")


def become(client: Client, role: str) -> None:
    client.submit("/logout/")
    client.login(role)


@pytest.fixture
def plan(session: Any, estate: Estate) -> int:
    made = in_force(session, estate.home, present()).plan_id
    session.commit()
    return made


@pytest.fixture
def foreign(session: Any, estate: Estate) -> int:
    made = in_force(session, estate.other, present(), name="月亮湾爆管预案").plan_id
    session.commit()
    return made


def emergency(session: Any, community_id: int, title: str = "三单元爆管") -> str:
    ticket = open_ticket(
        session,
        community=session.get_one(Community, community_id),
        kind="emergency",
        channel="desk",
        title=title,
        actor=Actor.system("tests"),
        now=present(),
    )
    number = ticket.number
    session.commit()
    return number


# ---- who sees what ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", STAFF)
def test_staff_read_their_communities_plans_and_no_others(client: Client, plan: int, foreign: int, role: str) -> None:
    client.login(role)
    everything = role in ("admin", "quality")
    listed = client.get("/plan/").text
    assert f'href="/plan/{plan}"' in listed
    assert ("月亮湾" in listed) == everything
    assert client.get(f"/plan/{plan}").status_code == 200
    for path in (f"/plan/{foreign}", f"/plan/{foreign}?version=1"):
        assert client.get(path).status_code == (200 if everything else 404), path
    if not everything:
        assert client.get(f"/plan/{foreign}/plan.pdf").status_code == 404
        for step in ("review", "force", "drop"):
            assert client.submit(f"/plan/{foreign}/1/{step}").status_code in (302, 403, 404)
    writes = role in WRITERS
    assert (client.get("/plan/new").status_code == 200) == writes
    assert client.get(f"/plan/{2**40}").status_code == client.get("/plan/99?version=7").status_code == 404


@pytest.mark.parametrize("role", ["owner", "resident"])
def test_a_household_sees_none(client: Client, session: Any, estate: Estate, plan: int, role: str) -> None:
    number = emergency(session, estate.home)
    client.login(role)
    for path in ("/plan/", f"/plan/{plan}", f"/plan/{plan}/plan.pdf", "/plan/new", f"/plan/ticket/{number}"):
        assert client.get(path).status_code in (302, 403, 404), path
    assert client.submit(f"/plan/ticket/{number}/tick", {"step": "00000001"}).status_code in (302, 403, 404)


# ---- from the draft to the wall --------------------------------------------------------------------------------------
def test_from_the_form_to_in_force(client: Client, session: Any, estate: Estate) -> None:
    client.login("supervisor")
    sent = {**form(), "form_key": "a" * 32}
    answer = client.submit("/plan/new", sent)
    assert answer.status_code == 302
    assert client.submit("/plan/new", sent).location == answer.location
    pk = session.scalars(select(EmergencyPlan.id).order_by(EmergencyPlan.id.desc())).first()
    version = version_of(session, pk, 1)
    assert [one["zh"] for one in version.content["steps"]] == [step[0] for step in STEPS]
    sha = version.sha256
    session.rollback()
    assert "草稿" in client.get(f"/plan/{pk}").text
    assert client.submit(f"/plan/{pk}/1/force", {"sha256": sha}).status_code == 403
    assert client.submit(f"/plan/{pk}/1/review", {"sha256": "0" * 64}).status_code == 409
    assert client.submit(f"/plan/{pk}/1/review", {"sha256": sha}).status_code == 302
    become(client, "manager")
    assert client.submit(f"/plan/{pk}/1/force", {"sha256": sha}).status_code == 302
    assert client.submit(f"/plan/{pk}/1/force", {"sha256": sha}).status_code == 409
    assert client.submit(f"/plan/{pk}/1/nonsense").status_code == 404
    form_page = client.get(f"/plan/{pk}/edit").text
    assert STEPS[1][0] in form_page
    assert "中控室" in form_page
    refused = client.submit(f"/plan/{pk}/edit", form(name="新名"))
    assert refused.status_code == 400
    assert "修订原因" in refused.text
    assert "新名" in refused.text
    steps = [STEPS[0], ("到场先拉闸", "Cut the power", "engineer", "5"), STEPS[2]]
    assert f'name="seen" value="{sha}"' in form_page
    assert client.submit(f"/plan/{pk}/edit", {**form(reason="复盘", steps=steps), "seen": sha}).status_code == 302
    late = client.submit(f"/plan/{pk}/edit", {**form(reason="又一次", name="盖住"), "seen": sha})
    assert late.status_code == 409, "a colleague has written a successor meanwhile"
    assert "又一次" in late.text
    shown = client.get(f"/plan/{pk}?version=2").text
    assert "到场先拉闸" in shown
    assert f"<del>2. {STEPS[1][0]}" in shown
    assert client.submit(f"/plan/{pk}/2/drop").status_code == 302
    assert version_of(session, pk, 2).state == "dropped"


def test_a_plan_for_all_is_taken_over_by_the_button(client: Client, session: Any, estate: Estate) -> None:
    shared = in_force(session, None, present()).plan_id
    session.commit()
    client.login("manager")
    assert f'action="/plan/{shared}/copy"' in client.get(f"/plan/{shared}").text
    assert client.submit(f"/plan/{shared}/edit", form(reason="x")).status_code == 403
    answer = client.submit(f"/plan/{shared}/copy")
    assert answer.status_code == 302
    assert client.get(answer.location).status_code == 200
    assert session.scalars(select(EmergencyPlan).order_by(EmergencyPlan.id.desc())).first().community_id == estate.home


def test_a_plan_of_the_greatest_length_fits_on_two_pages_in_both_languages(
    client: Client, session: Any, estate: Estate
) -> None:
    steps = [
        ("到场处置并向值班经理报告情况，确认人员安全后恢复供应。" * 4)[:80],
        "Go there, deal with it, report to the manager. " * 5,
    ]
    version = in_force(
        session,
        estate.home,
        present(),
        steps=[(steps[0], steps[1][:180].strip(), "engineer", "1440")] * 14,
        step_key=[f"{number:08x}" for number in range(14)],
        number=[f"021-5555 00{number:02d}" for number in range(10)],
        number_zh=["区燃气公司抢修热线" * 3] * 10,
        number_en=["Gas company emergencies line"] * 10,
        thing_zh=[f"{number}号潜水泵和水带两卷" for number in range(10)],
        thing_en=["Submersible pump with two hoses"] * 10,
        thing_place=["地库负一层防汛物资间西侧货架"] * 10,
        thing_place_en=["Garage, first basement, flood store, western rack"] * 10,
    )
    pk = version.plan_id
    session.commit()
    client.login("technician")
    answer = client.get(f"/plan/{pk}/plan.pdf")
    assert answer.mimetype == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.data)).pages
    words = "".join(page.extract_text() for page in pages)
    assert len(pages) <= 2
    for part in ("爆管预案", "Burst pipe plan", "021-5555 0009", "第1版", "Version 1", f"{present():%Y}"):
        assert part in words


# ---- in an emergency -------------------------------------------------------------------------------------------------
def test_the_plan_stands_on_the_ticket_the_alarm_and_the_telephone(
    app: Flask, client: Client, session: Any, estate: Estate, plan: int
) -> None:
    number = emergency(session, estate.home)
    client.login("assistant")
    live = client.get("/live/").get_json()["alarms"]
    assert f'href="/plan/ticket/{number}"' in live
    assert "预案：爆管预案" in live
    page = client.get(f"/ticket/{number}").text
    assert f'action="/plan/ticket/{number}/tick"' in page
    assert 'href="tel:02155550000"' in page
    phone = client.get(f"/plan/ticket/{number}").text
    assert "0 / 3" in phone
    assert 'href="tel:119"' in phone
    version = version_of(session, plan, 1)
    key, pk = version.content["steps"][0]["key"], str(version.id)
    session.rollback()
    for _twice in range(2):
        answer = client.submit(f"/plan/ticket/{number}/tick", {"step": key, "version": pk, "back": "ticket"})
        assert answer.location.endswith(f"/ticket/{number}#plan")
    assert len(session.scalars(select(PlanTick)).all()) == 1
    session.rollback()
    assert "1 / 3" in client.get(f"/plan/ticket/{number}").text
    timeline = client.get(f"/ticket/{number}").text
    assert "预案步骤完成" in timeline
    client.get("/lang/en")
    english = client.get(f"/ticket/{number}").text
    assert "Step of the plan done" in english
    assert STEPS[0][1] in english
    assert len(statements_of(app, client, f"/plan/ticket/{number}")) <= 12
    assert client.submit(f"/plan/ticket/{number}/tick", {"step": "x"}).status_code == 404
    assert client.submit(f"/plan/ticket/{number}/choose", {"version": "x"}).status_code == 400
    assert client.get("/plan/ticket/nonsense").status_code == 404


def test_only_who_works_on_tickets_ticks_and_a_strangers_emergency_is_shut(
    client: Client, session: Any, estate: Estate, plan: int
) -> None:
    number, far = emergency(session, estate.home), emergency(session, estate.other)
    key = version_of(session, plan, 1).content["steps"][0]["key"]
    session.rollback()
    for role in ("finance", "quality"):
        become(client, role) if role == "quality" else client.login(role)
        assert client.get(f"/plan/ticket/{number}").status_code == 200
        assert client.submit(f"/plan/ticket/{number}/tick", {"step": key}).status_code in (302, 403)
    for role in ("manager", "steward", "technician"):
        become(client, role)
        assert client.get(f"/plan/ticket/{far}").status_code == 404
        assert client.submit(f"/plan/ticket/{far}/tick", {"step": key}).status_code == 404
    assert session.scalars(select(PlanTick)).all() == []


def test_what_fits_no_plan_says_so_and_another_plan_can_be_opened(
    client: Client, session: Any, estate: Estate, plan: int
) -> None:
    number = emergency(session, estate.home, "有人打架")
    client.login("manager")
    page = client.get(f"/plan/ticket/{number}").text
    assert "没有对应的专项预案" in page
    version = session.scalars(select(PlanVersion.id).where(PlanVersion.plan_id == plan)).one()
    session.rollback()
    assert client.submit(f"/plan/ticket/{number}/choose", {"version": str(version)}).status_code == 302
    page = client.get(f"/plan/ticket/{number}").text
    assert "没有对应的专项预案" not in page
    assert "启用应急预案" in client.get(f"/ticket/{number}").text


def test_a_ticket_that_is_no_emergency_has_no_plan(client: Client, session: Any, estate: Estate, plan: int) -> None:
    number = session.get_one(Ticket, estate.tickets["own"]).number
    session.rollback()
    client.login("manager")
    assert "只有紧急事件才有预案" in client.get(f"/plan/ticket/{number}").text
    assert "/plan/ticket/" not in client.get(f"/ticket/{number}").text
    assert client.submit(f"/plan/ticket/{number}/tick", {"step": "00000001"}).status_code == 409


def test_the_report_of_an_emergency_begins_a_new_version_of_its_plan(
    client: Client, session: Any, estate: Estate, plan: int
) -> None:
    number = emergency(session, estate.home)
    client.login("manager")
    event = int(client.submit(f"/special/open/{number}").location.rsplit("/", 1)[1])
    address = f"/plan/{plan}/propose/{event}"
    assert f'action="{address}"' in client.get(f"/special/{event}/report").text
    assert client.submit(f"/plan/{plan}/propose/{event + 999}").status_code == 404
    client.get("/lang/en")
    assert client.submit(address).location.endswith(f"/plan/{plan}/edit")
    made = version_of(session, plan, 2)
    assert (made.event_id, made.state) == (event, "draft")
    assert "特别事件" in made.reason
    session.rollback()
    assert client.submit(address).location.endswith(f"/special/{event}/report")
    report = client.get(f"/special/{event}/report").text
    assert f'href="/plan/{plan}?version=2"' in report
    assert f'action="{address}"' not in report
    become(client, "assistant")
    assert client.submit(address).status_code in (302, 403)
    assert "special" in client.get(f"/plan/{plan}?version=2").text
