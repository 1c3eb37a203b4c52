"""A complaint on its page, on paper and over REST: own rows only, each role its steps, refusals that name what is missing."""

import re
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import Message, Ticket
from tests.support.client import Client
from tests.support.complaints import complaint_of_each_house, logged_in
from tests.support.estate import Estate
from tests.support.trail import taken_out
from tests.views.test_statements import statements_of

MEASURES = {"cause": "human_error", "root_cause": "当班疏忽", "correction": "当面道歉", "prevention": "复训"}


@pytest.fixture
def numbers(app: Flask, estate: Estate, now: datetime) -> dict[str, str]:
    """A complaint of each house."""
    return complaint_of_each_house(app, estate, now)


def ids(session: Any) -> dict[str, int]:
    session.rollback()
    return dict(session.execute(select(Ticket.number, Ticket.id)).tuples().all())


def ticket_of(session: Any, number: str) -> Ticket:
    session.rollback()
    session.expire_all()
    found: Ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    return found


ROWS = {
    "admin": {"own": 200, "far": 200, "foreign": 200},
    "manager": {"own": 200, "far": 200, "foreign": 404},
    "deputy": {"own": 200, "far": 200, "foreign": 404},
    "supervisor": {"own": 200, "far": 200, "foreign": 404},
    "assistant": {"own": 200, "far": 200, "foreign": 404},
    "steward": {"own": 200, "far": 404, "foreign": 404},
    "technician": {"own": 404, "far": 404, "foreign": 404},
    "finance": {"own": 200, "far": 200, "foreign": 404},
    "quality": {"own": 200, "far": 200, "foreign": 200},
    "owner": {"own": 403, "far": 403, "foreign": 403},
    "resident": {"own": 403, "foreign": 403},
}


@pytest.mark.parametrize("role", ROWS)
def test_record_and_steps_are_for_ones_own_rows(
    client: Client, numbers: dict[str, str], session: Any, role: str
) -> None:
    client.login(role)
    for key, status in ROWS[role].items():
        assert client.get(f"/ticket/{numbers[key]}/record").status_code == status, key
        step = client.submit(f"/ticket/{numbers[key]}/escalate", {"note": "超出权限"}).status_code
        may = status == 200 and role not in ("finance", "quality", "technician")
        assert (step == 302) == may, (key, step)
        assert (ticket_of(session, numbers[key]).complaint.level is not None) == may, key
        session.rollback()


def test_there_is_a_record_of_complaints_only(client: Client, estate: Estate, session: Any) -> None:
    client.login("supervisor")
    repair = session.get(Ticket, estate.tickets["own"]).number
    session.rollback()
    for address in (f"/ticket/{repair}/record", f"/ticket/{repair}/record.pdf", "/ticket/99999999/record"):
        assert client.get(address).status_code == 404


FOUND = {"validity": "valid", "party": "centre", "note": "属实"}


OFFERED = {
    "assistant": {"escalate", "causes", "settle", "mark", "refer", "dispute"},
    "steward": {"escalate", "causes", "settle", "dispute"},
    "supervisor": {
        "escalate",
        "decide",
        "causes",
        "settle",
        "mark",
        "confirm",
        "object",
        "refer",
        "forward",
        "dispute",
    },
    "quality": {"decide", "confirm", "object"},
    "finance": set(),
}


@pytest.mark.parametrize("role", OFFERED)
def test_each_role_is_offered_its_steps(client: Client, numbers: dict[str, str], new_client: Any, role: str) -> None:
    logged_in(new_client, "assistant").submit(f"/ticket/{numbers['own']}/find", FOUND)
    client.login(role)
    page = client.get(f"/ticket/{numbers['own']}").get_data(as_text=True)
    panel = page[page.index('id="complaint"') : page.index('id="timeline"')]
    assert set(re.findall(r'data-verb="(\w+)"', panel)) == OFFERED[role]
    assert "待第二人复核" in panel
    assert "属实" in panel


def test_page_says_who_decides_and_what_is_missing(client: Client, numbers: dict[str, str]) -> None:
    client.login("assistant")
    page = client.get(f"/ticket/{numbers['own']}").get_data(as_text=True)
    panel = page[page.index('id="complaint"') : page.index('id="timeline"')]
    for words in (
        "现由谁决定",
        "客服助理",
        "上一级：员工supervisor",
        "投诉认定：有效、协助或无效",
        "根本原因",
        "预防措施",
        "0/6",
    ):
        assert words in panel, words
    client.submit(f"/ticket/{numbers['own']}/escalate", {"note": "超出权限"})
    page = client.get(f"/ticket/{numbers['own']}").get_data(as_text=True)
    assert "员工supervisor · 客户服务主管" in page
    assert "上一级：员工manager" in page


@pytest.mark.parametrize("role", ["assistant", "supervisor", "quality"])
def test_page_asks_little(app: Flask, client: Client, numbers: dict[str, str], new_client: Any, role: str) -> None:
    logged_in(new_client, "assistant").submit(f"/ticket/{numbers['own']}/find", FOUND)
    client.login(role)
    assert len(statements_of(app, client, f"/ticket/{numbers['own']}")) <= 15


@pytest.mark.parametrize(
    "verb", ["confirm", "object", "settle", "escalate", "decide", "causes", "mark", "close", "find", "reply"]
)
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_form_opens_in_both_languages(client: Client, numbers: dict[str, str], verb: str, locale: str) -> None:
    client.login("supervisor")
    client.get(f"/lang/{locale}")
    page = client.get(f"/ticket/{numbers['own']}/{verb}", headers={"X-Fragment": "1"}).get_data(as_text=True)
    assert f'action="/ticket/{numbers["own"]}/{verb}"' in page
    assert "%(" not in page


def test_refused_step_keeps_what_was_typed(client: Client, numbers: dict[str, str], session: Any) -> None:
    client.login("assistant")
    answer = client.submit(f"/ticket/{numbers['own']}/settle", {"done": "当场解释", "opinion": ""})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "请写下业户的意见" in page
    assert "当场解释" in page
    assert ticket_of(session, numbers["own"]).state == "registered"


def test_the_supervisor_reads_what_was_done_before_taking_a_repeat_over(
    client: Client, numbers: dict[str, str], session: Any, estate: Estate
) -> None:
    client.login("supervisor")
    path = f"/ticket/{numbers['own']}"
    for verb, data in (
        ("find", {"validity": "valid", "party": "centre", "note": "监控核对属实"}),
        ("dispatch", {"assignee_id": estate.staff["steward"]}),
        ("start", {}),
        ("reply", {"way": "phone", "note": "已电话说明整改"}),
        ("finish", {"note": "加装门吸"}),
        ("reopen", {"note": "夜里还是吵"}),
    ):
        assert client.submit(f"{path}/{verb}", data).status_code == 302, verb
    page = client.get(path).get_data(as_text=True)
    assert re.search(r'<a class="btn[^>]*data-verb="start"[^>]*data-sheet', page), "it does not begin with one click"
    form = client.get(f"{path}/start").get_data(as_text=True)
    for words in ("监控核对属实", "已电话说明整改", "加装门吸", "夜里还是吵"):
        assert words in form, words
    refused = client.submit(f"{path}/start", {"read": "0"})
    assert refused.status_code == 409
    assert "请先阅读前次处理情况" in refused.get_data(as_text=True)
    assert client.submit(f"{path}/start", {"read": "1"}).status_code == 302
    assert ticket_of(session, numbers["own"]).complaint.read_by == "supervisor"


# ---- the desk --------------------------------------------------------------------------------------------------------


def _take_down(client: Client, estate: Estate, **more: Any) -> Any:
    facts = {"house_id": estate.houses["own"], "kind": "complaint", "channel": "desk", "title": "前台不耐烦"}
    return client.submit("/ticket/new", {**facts, **more})


def test_the_desk_settles_one_on_the_spot(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    refused = _take_down(client, estate, on_the_spot="1", done="当场解释")
    assert refused.status_code == 400
    assert "请写下业户的意见" in refused.get_data(as_text=True)
    number = _take_down(client, estate, on_the_spot="1", done="当场解释", opinion="表示理解").location.rpartition("/")[
        2
    ]
    ticket = ticket_of(session, number)
    assert (ticket.state, ticket.complaint.opinion, ticket.complaint.record_opened_at) == ("done", "表示理解", None)
    assert (
        session.scalars(
            select(Message).where(Message.purpose == "complaint_record", Message.ticket_id == ticket.id)
        ).all()
        == []
    )
    session.rollback()
    record = client.get("/dutyrecord/?show=steps").get_data(as_text=True)
    assert "表示理解" in record


def test_the_desk_marks_one_that_came_in_writing(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    number = _take_down(client, estate, is_written="1").location.rpartition("/")[2]
    ticket = ticket_of(session, number)
    assert (ticket.is_written, ticket.complaint.record_opened_at == ticket.created_at) == (True, True)
    other = _take_down(client, estate, kind="repair", is_written="1", on_the_spot="1").location.rpartition("/")[2]
    assert (ticket_of(session, other).is_written, ticket_of(session, other).complaint) == (False, None)


# ---- REST ------------------------------------------------------------------------------------------------------------


def test_rest_closes_a_complaint_with_what_was_missing(
    client: Client, numbers: dict[str, str], session: Any, estate: Estate
) -> None:
    client.authorize("supervisor")
    path = f"/api/v1/ticket/{ids(session)[numbers['own']]}"
    found = client.post(
        f"{path}/find", json={"validity": "valid", "grade": "major", "responsible": "developer", "reasons": "遗留"}
    )
    row = found.get_json()["result"]
    assert (row["validity"], row["grade"], row["responsible"]) == ("valid", "major", "developer")
    assert row["complaint"]["party"] == "developer"
    for verb, body in (
        ("dispatch", {"assignee_id": estate.staff["steward"]}),
        ("start", {}),
        ("reply", {"way": "phone", "note": "已说明"}),
        ("finish", {"note": "已处理"}),
        ("visit", {"score": 5}),
    ):
        assert client.post(f"{path}/{verb}", json=body).status_code == 200, verb
    refused = client.post(f"{path}/close", json={})
    assert refused.status_code == 409
    assert refused.get_json()["missing"] == ["root_cause", "correction", "prevention"]
    for words in ("根本原因", "纠正措施", "预防措施"):
        assert words in refused.get_json()["message"]
    assert client.post(f"{path}/close", json=MEASURES).get_json()["result"]["state"] == "closed"


def test_rest_takes_every_step_and_refuses_nonsense_with_a_sentence(
    client: Client, numbers: dict[str, str], session: Any, estate: Estate
) -> None:
    client.authorize("supervisor")
    path = f"/api/v1/ticket/{ids(session)[numbers['own']]}"
    assert client.post(f"{path}/confirm", json={}).status_code == 409
    assert client.post(f"{path}/find", json={"validity": "valid"}).status_code == 200
    assert client.post(f"{path}/confirm", json={}).status_code == 409
    for body in ({"note": 5}, {"note": ["x"]}, {"note": "x" * 3000}):
        assert client.post(f"{path}/escalate", json=body).status_code == 400, body
    raised = client.post(f"{path}/escalate", json={"note": "超出权限"}).get_json()["result"]
    assert (raised["complaint"]["level"], raised["assignee"]["name"]) == ("manager", "员工manager")
    client.authorize("manager")
    assert client.post(f"{path}/confirm", json={}).status_code == 200
    decided = client.post(f"{path}/decide", json={"decision": "按方案办"}).get_json()["result"]
    assert decided["assignee"]["name"] == "员工manager", "nobody had it before: it stays where it was decided"
    body = {"decision": "请主管落实", "assignee_id": estate.staff["supervisor"]}
    decided = client.post(f"{path}/decide", json=body).get_json()["result"]
    assert (decided["complaint"]["level"], decided["assignee"]["name"]) == ("supervisor", "员工supervisor")
    assert client.post(f"{path}/mark", json={"written": True}).get_json()["result"]["is_written"] is True
    client.authorize("assistant")
    assert client.post(f"{path}/decide", json={"decision": "x"}).status_code == 403
    client.authorize("owner")
    assert client.post(f"{path}/escalate", json={"note": "x"}).status_code in (403, 404)


def test_rest_opens_one_that_was_settled_on_the_spot_and_a_household_cannot(
    client: Client, estate: Estate, session: Any
) -> None:
    body = {"kind": "complaint", "channel": "desk", "title": "不耐烦", "house_id": estate.houses["own"]}
    client.authorize("assistant")
    made = client.post("/api/v1/ticket/", json={**body, "opinion": "表示理解"})
    assert (made.status_code, made.get_json()["result"]["state"]) == (201, "done")
    written = client.post("/api/v1/ticket/", json={**body, "is_written": True}).get_json()["result"]
    assert (written["state"], written["is_written"]) == ("registered", True)
    assert client.post("/api/v1/ticket/", json={**body, "is_written": "yes"}).status_code == 400
    assert client.post("/api/v1/ticket/", json={**body, "kind": "repair", "opinion": "x"}).status_code == 400
    client.authorize("owner")
    own = {**body, "channel": "web"}
    assert client.post("/api/v1/ticket/", json={**own, "opinion": "x"}).status_code == 400
    mine = client.post("/api/v1/ticket/", json=own)
    assert mine.status_code == 201


def test_the_household_is_told_nothing_of_what_the_house_keeps_for_itself(
    client: Client, estate: Estate, session: Any
) -> None:
    client.authorize("owner")
    made = client.post(
        "/api/v1/ticket/",
        json={"kind": "complaint", "channel": "web", "title": "不耐烦", "house_id": estate.houses["own"]},
    ).get_json()
    path = f"/api/v1/ticket/{made['id']}"
    client.authorize("supervisor")
    client.post(f"{path}/find", json={"validity": "invalid", "reasons": "无理由的要求"})
    client.post(f"{path}/escalate", json={"note": "难缠"})
    client.authorize("owner")
    steps = client.get(f"{path}/timeline").get_json()["result"]
    assert [step["verb"] for step in steps] == ["register"]
    client.login("owner")
    page = client.get(f"/owner/ticket/{made['result']['number']}").get_data(as_text=True)
    assert "不耐烦" in page
    for words in ("无理由的要求", "难缠"):
        assert words not in page


# ---- the queue of the second person ----------------------------------------------------------------------------------


def test_findings_of_others_wait_on_the_first_page(numbers: dict[str, str], new_client: Any) -> None:
    logged_in(new_client, "assistant").submit(f"/ticket/{numbers['own']}/find", FOUND)
    logged_in(new_client, "supervisor").submit(f"/ticket/{numbers['far']}/find", FOUND)
    waiting = {"supervisor": {"own"}, "manager": {"own", "far"}, "quality": {"own", "far"}}
    for role, keys in waiting.items():
        client = logged_in(new_client, role)
        page = client.get("/work/to_confirm").get_data(as_text=True)
        assert {key for key in numbers if numbers[key] in page} == keys, role
        assert re.search(rf'/work/to_confirm"[^>]*data-rows="{len(keys)}"', client.get("/").get_data(as_text=True))
    client.submit(f"/ticket/{numbers['own']}/confirm")
    assert numbers["own"] not in client.get("/work/to_confirm").get_data(as_text=True)


# ---- paper -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_record_says_all_of_it(client: Client, numbers: dict[str, str], new_client: Any, locale: str) -> None:
    client.login("supervisor")
    path = f"/ticket/{numbers['own']}"
    client.submit(
        f"{path}/find", {"validity": "valid", "grade": "major", "party": "developer", "note": "遗留问题，已核实"}
    )
    client.submit(f"{path}/escalate", {"note": "请经理协调开发商"})
    client.submit(f"{path}/causes", {**MEASURES})
    logged_in(new_client, "manager").submit(f"{path}/confirm", {"note": "同意认定"})
    client.get(f"/lang/{locale}")
    page = client.get(f"{path}/record").get_data(as_text=True)
    for words in (
        numbers["own"],
        "own 楼上吵闹",
        "遗留问题，已核实",
        "请经理协调开发商",
        "同意认定",
        "当面道歉",
        "复训",
        "1幢1单元101",
    ):
        assert words in page, words
    for words in {
        "zh": ("客户投诉记录表", "开发商", "人为失误", "已复核"),
        "en": ("Complaint record", "Developer", "Human error", "Confirmed"),
    }[locale]:
        assert words in page, words


def test_the_record_is_a_pdf_with_its_words_and_audited(client: Client, numbers: dict[str, str], session: Any) -> None:
    import io

    from pypdf import PdfReader

    client.login("supervisor")
    client.submit(f"/ticket/{numbers['own']}/find", {"validity": "valid", "party": "centre", "note": "现场核实属实"})
    answer = client.get(f"/ticket/{numbers['own']}/record.pdf?lang=zh")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    for words in (numbers["own"], "客户投诉记录表", "现场核实属实", "业户签名"):
        assert words in text.replace("\n", ""), words
    assert client.get(f"/ticket/{numbers['own']}/record").status_code == 200
    pk = ticket_of(session, numbers["own"]).id
    assert taken_out(session) == [(f"客户投诉记录表-{numbers['own']}", "ticket", pk)], "taken out once; reading is not"
