"""`/special/…` and `/api/v1/special_event`: who sees which, the steps as buttons and over REST, the report and its paper."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.models import Community, House, Message, Person, SpecialEvent, Tenure, Ticket, Unit
from app.services.actors import Actor
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.special import TEXTS
from tests.support.trail import taken_out
from tests.views.test_statements import statements_of

HOUR = timedelta(hours=1)
NEW = {"kind": "complaint", "channel": "desk", "category": "lift", "title": "电梯坏了"}


@pytest.fixture
def homes(app: Flask, estate: Estate, frozen: Any) -> list[int]:
    """Six houses of the steward's building; the first is the owner's own."""
    with app.app_context(), transaction() as session:
        first = session.get_one(House, estate.houses["own"])
        unit = session.get_one(Unit, first.unit_id)
        made = [
            House(community_id=first.community_id, building_id=first.building_id, unit_id=unit.id, number=f"{n}03",
                  name=f"1幢1单元{n}03", area_m2=first.area_m2, state="occupied")
            for n in range(2, 6)
        ]  # fmt: skip
        session.add_all(made)
        session.flush()
        return [estate.houses["own"], estate.houses["next"], *(house.id for house in made)]


@pytest.fixture
def event_id(app: Flask, estate: Estate, homes: list[int], now: datetime) -> int:
    """Five households of the steward's building on the lift: proposed."""
    with app.app_context(), transaction() as session:
        home = session.get_one(Community, estate.home)
        for n, house_id in enumerate(homes[:5]):
            open_ticket(
                session, community=home, kind="complaint", channel="desk", category_code="lift", title=f"电梯{n}坏了",
                house=session.get_one(House, house_id), actor=Actor.system("tests"), now=now - n * HOUR,
            )  # fmt: skip
        return session.scalars(select(SpecialEvent.id)).one()


def fresh(session: Any, event_id: int) -> SpecialEvent:
    session.expire_all()
    session.rollback()
    found: SpecialEvent = session.get_one(SpecialEvent, event_id)
    return found


def tickets(session: Any, event_id: int) -> list[tuple[int, int | None]]:
    found = [(ticket.id, ticket.house_id) for ticket in fresh(session, event_id).tickets]
    session.rollback()
    return found


# ---- whatever way the ticket arises ----------------------------------------------------------------------------------
def by_rest(client: Client, house_id: int) -> None:
    client.token = None
    answer = client.authorize("assistant").post("/api/v1/ticket/", json={**NEW, "house_id": house_id})
    assert answer.status_code == 201, answer.get_data(as_text=True)


def by_desk(client: Client, house_id: int) -> None:
    client.login("assistant")
    sent = {"kind": "repair", "channel": "desk", "category": "lift", "title": "电梯坏了", "house_id": str(house_id)}
    answer = client.submit("/ticket/new", sent)
    assert answer.status_code == 302, answer.get_data(as_text=True)


def by_web(client: Client, house_id: int) -> None:
    client.login("owner")
    sent = {
        "kind": "complaint",
        "category": "lift",
        "title": "电梯坏了",
        "description": "电梯坏了",
        "house_id": str(house_id),
    }
    answer = client.submit("/owner/new", sent)
    assert answer.status_code == 302, answer.get_data(as_text=True)


@pytest.mark.parametrize("way", [by_rest, by_desk, by_web])
def test_the_fifth_household_makes_it_by_every_way(
    client: Client, app: Flask, estate: Estate, homes: list[int], session: Any, now: datetime, way: Callable[..., None]
) -> None:
    with app.app_context(), transaction() as writing:
        for house_id in homes[1:5]:
            open_ticket(
                writing, community=writing.get_one(Community, estate.home), kind="complaint", channel="desk",
                category_code="lift", title="电梯坏了", house=writing.get_one(House, house_id),
                actor=Actor.system("tests"), now=now,
            )  # fmt: skip
    assert session.scalars(select(SpecialEvent)).all() == []
    session.rollback()
    way(client, homes[0])
    (event,) = session.scalars(select(SpecialEvent)).all()
    assert (event.state, event.households, event.kind) == ("proposed", 5, "collective")


def test_over_rest_four_are_not_and_five_are(client: Client, estate: Estate, homes: list[int]) -> None:
    for house_id in homes[:4]:
        by_rest(client, house_id)
        by_rest(client, house_id)
    assert client.get("/api/v1/special_event/").get_json()["count"] == 0
    by_rest(client, homes[4])
    listed = client.get("/api/v1/special_event/").get_json()
    assert listed["count"] == 1
    (row,) = listed["result"]
    assert (row["kind"], row["state"], row["households"], row["ticket_count"]) == ("collective", "proposed", 5, 9)
    assert row["community_id"] == estate.home
    assert datetime.fromisoformat(row["opened_at"]).tzinfo is not None
    assert row["category"] == {"code": "lift", "name": row["category"]["name"]}
    assert len(row["tickets"]) == 9
    for name, value in (("state", "proposed"), ("kind", "collective"), ("community_id", estate.home)):
        q = json.dumps({"filters": [{"col": name, "opr": "eq", "value": value}]})
        assert client.get("/api/v1/special_event/", query_string={"q": q}).get_json()["count"] == 1
    assert client.delete(f"/api/v1/special_event/{row['id']}").status_code == 405


# ---- whose rows ------------------------------------------------------------------------------------------------------
SEES = {"admin": 200, "manager": 200, "deputy": 200, "supervisor": 200, "assistant": 200, "steward": 200, "quality": 200,
        "technician": 403, "finance": 403, "owner": 403, "resident": 403}  # fmt: skip


@pytest.mark.parametrize("role", SEES)
def test_who_sees_it(client: Client, event_id: int, role: str) -> None:
    client.login(role)
    assert client.get(f"/special/{event_id}").status_code == SEES[role]
    assert client.get("/special/").status_code == SEES[role]
    client.authorize(role)
    assert client.get(f"/api/v1/special_event/{event_id}").status_code == SEES[role]


@pytest.fixture
def elsewhere(app: Flask, estate: Estate, now: datetime) -> tuple[int, int]:
    """An event of the other community, and one of building 2, which is not the steward's."""
    with app.app_context(), transaction() as session:
        made = []
        for key in ("foreign", "far"):
            ticket = session.get_one(Ticket, estate.tickets[key])
            ticket.priority = "emergency"
            from app.services.special_events import open_emergency

            boss = Actor(None, "x", "x", roles=frozenset({"manager"}))
            made.append(open_emergency(session, boss, ticket, now).id)
        return made[0], made[1]


@pytest.mark.parametrize(
    ("role", "foreign", "far"),
    [("manager", 404, 200), ("assistant", 404, 200), ("steward", 404, 404), ("quality", 200, 200), ("admin", 200, 200)],
)
def test_own_rows_and_no_others(client: Client, elsewhere: tuple[int, int], role: str, foreign: int, far: int) -> None:
    client.login(role)
    token = client.authorize(role).token
    for pk, wanted in zip(elsewhere, (foreign, far), strict=True):
        client.token = None
        assert client.get(f"/special/{pk}").status_code == wanted
        assert client.get(f"/special/{pk}/report").status_code == (403 if role == "steward" else wanted)
        steps = client.submit(f"/special/{pk}/close").status_code
        assert steps in ((404,) if wanted == 404 else (403, 409))
        client.token = token
        assert client.get(f"/api/v1/special_event/{pk}").status_code == wanted
        assert client.post(f"/api/v1/special_event/{pk}/close").status_code in ((404,) if wanted == 404 else (403, 409))


def test_a_steward_reads_of_the_own_buildings_households_alone(
    client: Client, app: Flask, estate: Estate, event_id: int, session: Any, now: datetime
) -> None:
    """Another building's ticket is added: neither its number nor its house stands on the steward's page."""
    with app.app_context(), transaction() as writing:
        far = writing.get_one(House, estate.houses["far"])
        other = open_ticket(
            writing, community=far.community, kind="repair", channel="desk", category_code="lift", title="别楼的电梯",
            house=far, actor=Actor.system("tests"), now=now,
        )  # fmt: skip
        number, name = other.number, far.name
    client.login("supervisor")
    client.submit(f"/special/{event_id}/confirm")
    assert client.submit(f"/special/{event_id}/link", {"number": number}).status_code == 302
    assert (
        client.submit(f"/special/{event_id}/visit", {"house_id": estate.houses["far"], "words": "好"}).status_code
        == 302
    )
    whole = client.get(f"/special/{event_id}").get_data(as_text=True)
    assert number in whole
    assert name in whole
    client.submit("/logout/")
    client.login("steward")
    page = client.get(f"/special/{event_id}").get_data(as_text=True)
    assert "1幢1单元101" in page
    assert number not in page
    assert name not in page
    assert "另有1户由他人走访" in page
    assert client.submit(f"/special/{event_id}/visit", {"house_id": estate.houses["far"]}).status_code == 404


# ---- the page --------------------------------------------------------------------------------------------------------
def test_a_proposal_shows_its_evidence_and_is_decided_on(client: Client, event_id: int, session: Any) -> None:
    client.login("supervisor")
    page = client.get(f"/special/{event_id}").get_data(as_text=True)
    ids = [pk for pk, _house in tickets(session, event_id)]
    assert set(map(int, re.findall(r'name="tickets" value="(\d+)" checked', page))) == set(ids)
    assert set(map(int, re.findall(r'name="seen" value="(\d+)"', page))) == set(ids)
    assert "5户（达到5户即提示）" in page
    refused = client.submit(f"/special/{event_id}/confirm", {"tickets": ids[:4], "seen": ids})
    assert refused.status_code == 409
    assert "不足5户" in refused.get_data(as_text=True)
    assert fresh(session, event_id).state == "proposed"
    done = client.submit(f"/special/{event_id}/confirm", {"tickets": ids, "seen": ids})
    assert done.status_code == 302
    event = fresh(session, event_id)
    assert (event.state, event.confirmed_by) == ("confirmed", "supervisor")
    session.rollback()
    page = client.get(f"/special/{event_id}").get_data(as_text=True)
    assert page.count('name="house_id"') == 10, "visited, or explained, of each of five"
    assert "还有5户既未上门走访" in page


def test_a_form_whose_boxes_are_all_empty_links_nothing(client: Client, event_id: int, session: Any) -> None:
    client.login("supervisor")
    ids = [pk for pk, _house in tickets(session, event_id)]
    assert client.submit(f"/special/{event_id}/confirm", {"seen": ids}).status_code == 409


def test_a_rejection_without_a_reason_keeps_its_form_open(client: Client, event_id: int, session: Any) -> None:
    client.login("manager")
    refused = client.submit(f"/special/{event_id}/reject", {"reason": " "})
    assert refused.status_code == 409
    assert "驳回须写明原因" in refused.get_data(as_text=True)
    assert client.submit(f"/special/{event_id}/reject", {"reason": "三部不同的电梯"}).status_code == 302
    assert "三部不同的电梯" in client.get(f"/special/{event_id}").get_data(as_text=True)
    assert fresh(session, event_id).state == "rejected"


def test_the_assistant_and_the_steward_see_the_proposal_without_its_buttons(client: Client, event_id: int) -> None:
    for role in ("assistant", "steward"):
        client.login(role)
        page = client.get(f"/special/{event_id}").get_data(as_text=True)
        assert "由主管或经理确认" in page
        assert f"/special/{event_id}/confirm" not in page
        assert client.submit(f"/special/{event_id}/confirm").status_code == 403
        client.submit("/logout/")


def test_the_whole_day_from_proposed_to_closed_by_its_pages(
    new_client: Callable[[], Client], event_id: int, session: Any
) -> None:
    browsers = {}
    for role in ("supervisor", "manager", "steward", "assistant"):
        browsers[role] = new_client()
        browsers[role].login(role)

    def step(role: str, name: str, **data: Any) -> None:
        answer = browsers[role].submit(f"/special/{event_id}/{name}", data)
        assert answer.status_code == 302, (role, name, answer.get_data(as_text=True)[:4000])

    step("supervisor", "confirm", note="同一部电梯")
    step("manager", "decide", general_manager="yes", developer="no", note="已电话报告")
    step("assistant", "outage")
    for n, (_pk, house_id) in enumerate(tickets(session, event_id)):
        if n:
            step("steward", "visit", house_id=house_id, words="同意")
        else:
            step("supervisor", "explain", house_id=house_id, reason="房屋空置")
    assert browsers["supervisor"].submit(f"/special/{event_id}/close").status_code == 409
    outage_id = fresh(session, event_id).outage_id
    numbers = [ticket.number for ticket in fresh(session, event_id).tickets]
    session.rollback()
    browsers["assistant"].submit(f"/outage/{outage_id}/end")
    for number in numbers:
        for verb in ("dispatch", "start", "finish"):
            assert browsers["assistant"].submit(f"/ticket/{number}/{verb}", {"note": "换了主板"}).status_code == 302
    step("assistant", "write", **TEXTS)
    for role, name in (("supervisor", "review"), ("manager", "sign")):
        page = browsers[role].get(f"/special/{event_id}/report").get_data(as_text=True)
        (seen,) = re.findall(rf'action="/special/{event_id}/{name}".*?name="sha256" value="(\w+)"', page, re.S)
        step(role, name, sha256=seen)
    page = browsers["supervisor"].get(f"/special/{event_id}").get_data(as_text=True)
    assert "各项工作均已完成" in page
    step("supervisor", "close")
    assert fresh(session, event_id).state == "closed"
    session.rollback()
    page = browsers["manager"].get(f"/special/{event_id}/report").get_data(as_text=True)
    assert "已签字" in page
    assert "出具新版本" in page


def test_two_people_at_one_report_lose_nothing(client: Client, app: Flask, event_id: int, session: Any) -> None:
    other = app.test_client()
    client.login("supervisor")
    other.login("manager")
    path = f"/special/{event_id}"
    client.submit(f"{path}/confirm")
    assert client.submit(f"{path}/write", TEXTS).status_code == 302
    seen = [
        re.findall(r'name="seen" value="([^"]+)"', one.get(f"{path}/report").get_data(as_text=True))
        for one in (client, other)
    ]
    mine = {**TEXTS, "causes": "电压不稳", "seen": seen[0][-1]}
    theirs = {**TEXTS, "causes": "线路受潮", "improvements": "每季检查", "seen": seen[1][-1]}
    assert client.submit(f"{path}/write", mine).status_code == 302
    refused = other.submit(f"{path}/write", theirs)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert "电压不稳" in page
    assert "线路受潮" in page
    (now_seen,) = re.findall(r'/write">.*?name="seen" value="([^"]+)"', page, re.S)
    assert other.submit(f"{path}/write", {**theirs, "seen": now_seen}).status_code == 302
    kept = fresh(session, event_id).texts
    assert (kept["causes"], kept["improvements"]) == ("线路受潮", "每季检查")


def test_what_was_signed_is_shown_as_it_was_and_a_new_version_beside_it(
    client: Client, app: Flask, event_id: int, session: Any, now: datetime
) -> None:
    _sign(app, event_id, now)
    client.login("supervisor")
    changed = {**TEXTS, "causes": "电压不稳", "correction": ""}
    assert client.submit(f"/special/{event_id}/write", changed).status_code == 400
    assert client.submit(f"/special/{event_id}/write", {**changed, "correction": "原因更正"}).status_code == 302
    newest = client.get(f"/special/{event_id}/report").get_data(as_text=True)
    first = client.get(f"/special/{event_id}/report?version=1").get_data(as_text=True)
    assert "第2版" in newest
    assert "电压不稳" in newest
    assert "原因更正" in newest
    assert "主板老化" in first
    assert "电压不稳" not in first
    assert f'action="/special/{event_id}/write"' not in first
    for odd in ("0", "99", "x", "-1", "9" * 30):
        assert client.get(f"/special/{event_id}/report?version={odd}").status_code == 200


def test_a_reader_who_looks_at_an_older_state_does_not_review_it(client: Client, event_id: int, session: Any) -> None:
    client.login("supervisor")
    client.submit(f"/special/{event_id}/confirm")
    client.submit(f"/special/{event_id}/write", TEXTS)
    page = client.get(f"/special/{event_id}/report").get_data(as_text=True)
    (seen,) = re.findall(rf'action="/special/{event_id}/review".*?name="sha256" value="(\w+)"', page, re.S)
    client.submit(f"/special/{event_id}/visit", {"house_id": tickets(session, event_id)[0][1]})
    refused = client.submit(f"/special/{event_id}/review", {"sha256": seen})
    assert refused.status_code == 409
    assert "请重新阅读后再签名" in refused.get_data(as_text=True)


def _sign(app: Flask, event_id: int, now: datetime) -> None:
    from app.services import special_events

    with app.app_context(), transaction() as session:
        event = session.get_one(SpecialEvent, event_id)
        home = frozenset({event.community_id})
        people = {
            role: Actor(None, role, f"{role}员", roles=frozenset({role}), community_ids=home)
            for role in ("supervisor", "manager")
        }
        for role, name, data in (
            ("supervisor", "confirm", {}),
            ("supervisor", "write", TEXTS),
            ("supervisor", "review", {}),
            ("manager", "sign", {}),
        ):
            special_events.perform(session, event, name, people[role], now, data)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_paper_says_what_the_page_says_in_either_language(
    client: Client, app: Flask, event_id: int, now: datetime, language: str
) -> None:
    _sign(app, event_id, now)
    client.login("quality")
    answer = client.get(f"/special/{event_id}/report.pdf?lang={language}")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "private, no-store"
    reader = PdfReader(BytesIO(answer.data))
    assert reader.trailer["/Root"]["/Lang"] == {"zh": "zh-CN", "en": "en"}[language]
    told = "".join("".join(page.extract_text().split()) for page in reader.pages)
    wanted = {"zh": ("特别事件报告", "阳光花园", "主管审核"), "en": ("Specialeventreport", "Reviewedbythesupervisor")}[
        language
    ]
    for words in (*wanted, *TEXTS.values(), "supervisor员", "manager员", "1幢1单元101"):
        assert words in told, words
    page = client.get(f"/special/{event_id}/report").get_data(as_text=True)
    (sha256,) = set(re.findall(r"\b[0-9a-f]{64}\b", page))
    assert sha256 in told
    for person in ("张三", "李四"):
        assert person not in told


@pytest.mark.parametrize(
    ("role", "status"),
    [("manager", 200), ("assistant", 200), ("quality", 200), ("steward", 403), ("technician", 403), ("owner", 403)],
)
def test_who_reads_the_report(
    client: Client,
    app: Flask,
    session: Any,
    event_id: int,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    role: str,
    status: int,
) -> None:
    monkeypatch.setattr("app.adapters.report_renderer.ReportRenderer.sheet", lambda _self, sheet: b"%PDF-1.7 x")
    _sign(app, event_id, now)
    client.login(role)
    for path in ("report", "report.pdf"):
        assert client.get(f"/special/{event_id}/{path}").status_code == status
    kept = [(kind, pk) for _subject, kind, pk in taken_out(session)]
    assert kept == [("special_event", event_id)] * (status == 200), "the paper left the system once"


def test_a_proposal_has_no_report_yet(client: Client, event_id: int) -> None:
    client.login("manager")
    for path in ("report", "report.pdf"):
        assert client.get(f"/special/{event_id}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["/special/0", "/special/999999", "/special/99999999999999999999", "/special/x"])
def test_an_event_that_is_not_there(client: Client, event_id: int, path: str) -> None:
    client.login("manager")
    assert client.get(path).status_code == 404
    assert client.submit(f"{path}/confirm").status_code in (404, 405)


@pytest.mark.parametrize(
    ("step", "data"),
    [("visit", {"house_id": "x"}), ("visit", {}), ("link", {"number": "12"}), ("link", {"ticket_id": "9" * 30}),
     ("leave_out", {"ticket_id": "0"}), ("decide", {"general_manager": "perhaps"}), ("write", {"course": "x" * 5000}),
     ("explain", {"house_id": "1", "reason": "\x00"}), ("close", {}), ("review", {}), ("sign", {}), ("shred", {})],
)  # fmt: skip
def test_bad_input_is_a_sentence_and_changes_nothing(
    client: Client, app: Flask, event_id: int, session: Any, step: str, data: dict[str, str]
) -> None:
    client.login("supervisor")
    client.submit(f"/special/{event_id}/confirm")
    before = len(tickets(session, event_id))
    answer = client.submit(f"/special/{event_id}/{step}", data)
    assert answer.status_code in (400, 403, 404, 409)
    assert (fresh(session, event_id).state, len(tickets(session, event_id))) == ("confirmed", before)


# ---- over REST -------------------------------------------------------------------------------------------------------
def test_the_verbs_of_the_interface(client: Client, event_id: int, session: Any) -> None:
    path = f"/api/v1/special_event/{event_id}"

    def take(role: str, verb: str, **body: Any) -> Any:
        client.token = None
        return client.authorize(role).post(f"{path}/{verb}", json=body)

    for role, verb, body, status in (
        ("assistant", "confirm", {}, 403),
        ("supervisor", "close", {}, 409),
        ("supervisor", "reject", {}, 409),
        ("supervisor", "confirm", {"tickets": "x"}, 400),
        ("supervisor", "shred", {}, 404),
        ("supervisor", "confirm", {}, 200),
        ("supervisor", "confirm", {}, 409),
        ("manager", "reject", {"reason": "x"}, 409),
        ("manager", "close", {}, 409),
    ):
        answer = take(role, verb, **body)
        assert answer.status_code == status, (role, verb, answer.get_data(as_text=True))
        assert len(answer.get_json().get("message", "      ")) > 5
    assert answer.get_json()["message"].startswith("还有5户")
    told = session.scalars(
        select(Message.channel).where(Message.key.contains(f"special_event:{event_id}:confirmed"))
    ).all()
    session.rollback()
    assert isinstance(told, list)
    one = client.get(path).get_json()["result"]
    assert (one["state"], one["confirmed_by"], one["households"]) == ("confirmed", "supervisor", 5)
    by_its_verbs(take, client, path, session, event_id)


def by_its_verbs(take: Any, client: Client, path: str, session: Any, event_id: int) -> None:
    """The rest of the way over REST alone."""
    assert take("manager", "decide", general_manager=True, developer=False).status_code == 200
    for ticket_id, house_id in tickets(session, event_id):
        assert take("steward", "visit", house_id=house_id, words="好").status_code == 200
        for verb in ("dispatch", "start", "finish"):
            client.token = None
            answer = client.authorize("assistant").post(f"/api/v1/ticket/{ticket_id}/{verb}", json={"note": "换了"})
            assert answer.status_code == 200
    assert take("supervisor", "write", **TEXTS).status_code == 200
    assert take("supervisor", "review").status_code == 200
    assert take("manager", "sign").status_code == 200
    closed = take("manager", "close")
    assert closed.status_code == 200
    assert closed.get_json()["result"]["state"] == "closed"


def test_an_emergency_is_opened_from_its_ticket_and_over_rest(
    client: Client, app: Flask, estate: Estate, session: Any, now: datetime
) -> None:
    numbers = []
    with app.app_context(), transaction() as writing:
        for _ in range(2):
            ticket = open_ticket(
                writing, community=writing.get_one(Community, estate.home), kind="emergency", channel="desk",
                title="电梯困人", house=writing.get_one(House, estate.houses["own"]), actor=Actor.system("tests"), now=now,
            )  # fmt: skip
            numbers.append((ticket.number, ticket.id))
    client.login("assistant")
    assert "/special/open/" not in client.get(f"/ticket/{numbers[0][0]}").get_data(as_text=True)
    assert client.submit(f"/special/open/{numbers[0][0]}").status_code == 403
    client.submit("/logout/")
    client.login("supervisor")
    assert f"/special/open/{numbers[0][0]}" in client.get(f"/ticket/{numbers[0][0]}").get_data(as_text=True)
    opened = client.submit(f"/special/open/{numbers[0][0]}")
    assert opened.status_code == 302
    page = client.get(opened.location).get_data(as_text=True)
    assert "紧急事件报告" in page
    assert opened.location in client.get(f"/ticket/{numbers[0][0]}").get_data(as_text=True), (
        "the ticket shows its event"
    )
    client.authorize("manager")
    assert client.post("/api/v1/special_event/", json={"ticket_id": numbers[0][1]}).status_code == 409
    made = client.post("/api/v1/special_event/", json={"ticket_id": numbers[1][1]})
    assert made.status_code == 201
    assert made.get_json()["result"]["kind"] == "emergency"
    for body in ({}, {"ticket_id": 0}, {"ticket_id": estate.tickets["foreign"]}):
        assert client.post("/api/v1/special_event/", json=body).status_code == 400


# ---- where else it stands --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["supervisor", "manager", "deputy", "assistant", "steward", "quality"])
def test_it_waits_on_the_first_page_and_its_number_opens_as_many(
    app: Flask, client: Client, event_id: int, role: str
) -> None:
    client.login(role)
    page = client.get("/").get_data(as_text=True)
    assert f'href="/special/{event_id}"' in page
    assert re.search(r'href="/special/" data-rows="1"', page)
    assert client.get("/special/").get_data(as_text=True).count('class="matter__title"') == 1
    assert len(statements_of(app, client, "/")) <= 15


def test_its_tickets_show_it(client: Client, event_id: int, session: Any) -> None:
    number = fresh(session, event_id).tickets[0].number
    session.rollback()
    client.login("supervisor")
    assert "可能属于本事件" in client.get(f"/ticket/{number}").get_data(as_text=True)
    client.submit(f"/special/{event_id}/confirm")
    page = client.get(f"/ticket/{number}").get_data(as_text=True)
    assert "须逐户上门当面答复" in page
    assert "归入特别事件" in page


def test_pages_of_a_large_event_ask_as_little_as_those_of_a_small_one(
    app: Flask, client: Client, estate: Estate, event_id: int, session: Any, now: datetime
) -> None:
    client.login("manager")
    client.submit(f"/special/{event_id}/confirm")
    small = {path: len(statements_of(app, client, path)) for path in _pages(event_id)}
    with app.app_context(), transaction() as writing:
        house = writing.get_one(House, estate.houses["next"])
        for n in range(30):
            open_ticket(
                writing, community=house.community, kind="repair", channel="desk", category_code="lift", title=f"{n}",
                house=house, actor=Actor.system("tests"), now=now,
            )  # fmt: skip
    for path in _pages(event_id):
        asked = statements_of(app, client, path)
        assert len(asked) <= small[path] <= 20, (path, asked)


def _pages(event_id: int) -> tuple[str, ...]:
    return "/special/", f"/special/{event_id}", f"/special/{event_id}/report"


def test_empty_lists_say_what_comes_of_itself(client: Client, estate: Estate) -> None:
    client.login("supervisor")
    assert "系统会自动列在这里" in client.get("/special/").get_data(as_text=True)
    assert "没有此状态" in client.get("/special/?show=closed").get_data(as_text=True)
    for odd in ("?show=x", "?page=-1", "?page=999999999999", "?page=x"):
        assert client.get(f"/special/{odd}").status_code == 200


def test_a_household_reads_nothing_of_it(client: Client, event_id: int, session: Any) -> None:
    """Of one's own ticket the household reads no word of the neighbours'."""
    mine = next(ticket for ticket in fresh(session, event_id).tickets if ticket.house.name == "1幢1单元101")
    mine.reporter_id = session.scalars(
        select(Person.id).join(Tenure, Tenure.person_id == Person.id).where(Tenure.house_id == mine.house_id)
    ).first()
    number, ticket_id = mine.number, mine.id
    session.commit()
    client.login("supervisor")
    client.submit(f"/special/{event_id}/confirm")
    client.submit("/logout/")
    client.login("owner")
    page = client.get(f"/owner/ticket/{number}")
    assert page.status_code == 200
    assert "特别事件" not in page.get_data(as_text=True)
    client.authorize("owner")
    steps = client.get(f"/api/v1/ticket/{ticket_id}/timeline").get_json()["result"]
    assert [step["verb"] for step in steps] == ["register"]


# ---- told outside ----------------------------------------------------------------------------------------------------


def test_the_signed_report_is_sent_with_its_pdf_by_the_manager_alone(
    app: Flask, estate: Estate, event_id: int, now: datetime, new_client: Any, session: Any
) -> None:
    with app.app_context(), transaction() as writing:
        writing.get_one(Community, estate.home).general_manager_email = "gm@example.org"
    from app.services import special_events

    path = f"/special/{event_id}"
    client = new_client()
    client.login("manager")
    assert client.submit(f"{path}/send").status_code == 404, "nothing is confirmed yet"
    _sign(app, event_id, now)
    with app.app_context(), transaction() as writing:
        manager = Actor(None, "manager", "经理", roles=frozenset({"manager"}), community_ids=frozenset({estate.home}))
        event, told = writing.get_one(SpecialEvent, event_id), {"general_manager": "yes", "developer": "no"}
        special_events.perform(writing, event, "decide", manager, now, told)
    for role, status in (("assistant", 409), ("quality", 403), ("owner", 403)):
        other = new_client()
        other.login(role)
        assert other.submit(f"{path}/send").status_code == status, role
    assert f'action="{path}/send"' in client.get(path).get_data(as_text=True)
    assert client.submit(f"{path}/send").status_code == 302
    page = client.get(path).get_data(as_text=True)
    assert "gm@example.org" in page
    (mail,) = session.scalars(select(Message).where(Message.attachment.is_not(None))).all()
    with app.app_context():
        file = app.extensions["settings"].data_dir / mail.attachment
    assert file.read_bytes().startswith(b"%PDF")
