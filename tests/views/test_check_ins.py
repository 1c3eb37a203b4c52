"""The register of check-in calls and its tasks in the browser (D13): role × row, every opening kept, what is refused in words."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.models import (
    AccessEntry,
    Campaign,
    CampaignTarget,
    CheckIn,
    CheckInContact,
    CheckInPlan,
    CheckInStep,
    House,
    Message,
    Tenure,
    Ticket,
)
from app.services.actors import actor_of
from app.services.duty_record import record
from app.services.local_time import local_zone
from app.services.transaction import transaction
from tests.support.check_ins import DAUGHTER
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import statements_of

KEEPERS = {"manager": {"own", "next", "far"}, "supervisor": {"own", "next", "far"}, "steward": {"own", "next"}}
"""Role → whose entries they see: D15's readers of files without the desk, which sees single calls of matters in hand."""

OTHERS = ("admin", "deputy", "assistant", "technician", "finance", "quality", "owner", "resident")
FORM: dict[str, Any] = {
    "number": "139 0000 0000",
    "weekdays": ["1", "3", "5"],
    "times": "19:00，8:30",
    "consent_by": "张三（本人）",
    "consented_on": "2026-03-09",
    "steward_id": "",
    "note": "听力不佳",
    "contact_name": ["张丽", "", ""],
    "contact_relation": ["女儿", "", ""],
    "contact_number": [DAUGHTER, "", ""],
    "contact_locale": ["zh", "zh", "zh"],
}
pytestmark = pytest.mark.usefixtures("frozen")


def form(estate: Estate, key: str = "own", **more: Any) -> dict[str, Any]:
    return {**FORM, "person_id": str(estate.people[key]), **more}


def entries(session: Any) -> list[CheckInPlan]:
    session.expire_all()
    session.rollback()
    return list(session.scalars(select(CheckInPlan).order_by(CheckInPlan.id)))


@pytest.fixture
def register(session: Any, estate: Estate, now: Any) -> dict[str, int]:
    """An entry for everybody: house → its id."""
    made = {}
    with transaction() as session:
        for key in ("own", "next", "far", "foreign"):
            house = session.get_one(House, estate.houses[key])
            entry = CheckInPlan(
                person_id=estate.people[key], house_id=house.id, community_id=house.community_id, number="+8613900000000",
                weekdays="1234567", times="08:30", consent_by="x", consented_on=now.date(), consent_noted_by="x",
                created_at=now, next_at=now + timedelta(hours=22), note=f"钥匙{key}", pause_note="",
            )  # fmt: skip
            entry.contacts = [CheckInContact(place=0, name=f"联系人{key}", number=DAUGHTER)]
            session.add(entry)
            session.flush()
            made[key] = entry.id
    return made


def silence(register: dict[str, int], now: Any, key: str = "own", **more: Any) -> int:
    """A call that nobody answered."""
    with transaction() as session:
        entry = session.get_one(CheckInPlan, register[key])
        call = CheckIn(
            key=f"{entry.id}:{more.get('state')}", plan_id=entry.id, person_id=entry.person_id, house_id=entry.house_id,
            community_id=entry.community_id, at=now - timedelta(minutes=20), tries=2, result="no_answer",
            **{"state": "alerted", "alerted_at": now, "next_at": now + timedelta(minutes=30), **more},
        )  # fmt: skip
        session.add(call)
        session.flush()
        step = {"plan_id": entry.id, "check_in_id": call.id, "at": now, "verb": "alert", "actor_name": "check_in"}
        session.add(CheckInStep(**step))
        return call.id


# ---- who sees whose ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [*KEEPERS, *OTHERS])
def test_the_register_is_seen_by_row_and_every_opening_is_kept(
    client: Client, estate: Estate, session: Any, register: dict[str, int], role: str
) -> None:
    client.login(role)
    mine = KEEPERS.get(role, set())
    listed = client.get("/checkin/")
    assert (listed.status_code == 200) == bool(mine)
    names = {"own": "张三", "next": "李四", "far": "王五", "foreign": "赵六"}
    for key, pk in register.items():
        assert (names[key] in listed.text) == (key in mine), (role, key)
        page = client.get(f"/checkin/{pk}")
        assert (page.status_code == 200) == (key in mine), (role, key)
        assert (f"联系人{key}" in page.text) == (key in mine)
        assert (client.get(f"/checkin/{pk}/edit").status_code == 200) == (key in mine)
        for step in ("edit", "away", "back", "end"):
            answer = client.submit(f"/checkin/{pk}/{step}", form(estate, key))
            assert (answer.status_code in (403, 404)) == (key not in mine), (role, key, step)
    session.rollback()
    read = session.scalars(select(AccessEntry.subject_id).where(AccessEntry.action == "file_read")).all()
    assert set(read) == {estate.people[key] for key in mine}


def test_the_list_is_kept_once_a_person_and_day(client: Client, estate: Estate, session: Any, register, frozen) -> None:
    client.login("steward")
    for _ in range(3):
        client.get("/checkin/")
    session.rollback()
    kept = select(AccessEntry).where(AccessEntry.action == "file_read")
    assert len(session.scalars(kept).all()) == 2
    session.rollback()
    frozen.shift(86400)
    client.login("steward")
    client.get("/checkin/")
    session.rollback()
    assert len(session.scalars(kept).all()) == 4


def test_the_list_asks_little_however_long(app, client: Client, estate: Estate, register: dict[str, int]) -> None:
    client.login("manager")
    assert len(statements_of(app, client, "/checkin/")) <= 12


CALLS = {**KEEPERS, "assistant": {"next"}, "technician": {"far"}}


@pytest.mark.parametrize("role", [*KEEPERS, *OTHERS])
def test_a_task_is_seen_by_the_register_by_who_has_the_matter_in_hand_and_by_who_was_sent(
    client: Client, estate: Estate, session: Any, register: dict[str, int], now: Any, role: str
) -> None:
    with transaction() as writing:
        for key in ("own", "far", "foreign"):
            writing.get_one(Ticket, estate.tickets[key]).assignee_id = estate.staff["technician"]
    sent = {"far": {"alerted_id": estate.staff["technician"]}}
    calls = {key: silence(register, now, key, **sent.get(key, {})) for key in register}
    client.login(role)
    mine = CALLS.get(role, set())
    for key, pk in calls.items():
        page = client.get(f"/checkin/call/{pk}")
        assert (page.status_code == 200) == (key in mine), (role, key, page.status_code)
        answer = client.submit(f"/checkin/call/{pk}/found", {"finding": "well"})
        assert (answer.status_code == 302) == (key in mine), (role, key, answer.status_code)
    session.rollback()
    states = dict(session.execute(select(CheckIn.id, CheckIn.state)).tuples().all())
    assert {key for key, pk in calls.items() if states[pk] == "found"} == mine


@pytest.mark.parametrize("role", ["admin", "deputy", "assistant", "quality", "supervisor", "steward"])
def test_a_call_or_a_message_gives_away_who_lives_alone_no_more_than_the_register(
    client: Client, estate: Estate, session: Any, register: dict[str, int], now: Any, role: str
) -> None:
    """The desk has nobody's matter in hand here: calls, texts and the duty record tell it nothing."""
    with transaction() as writing:
        for ticket_id in estate.tickets.values():
            writing.get_one(Ticket, ticket_id).assignee_id = estate.staff["technician"]
        campaign = Campaign(key="c", community_id=estate.home, purpose="check_in", created_at=now, state="running")
        writing.add(campaign)
        writing.flush()
        call = {"person_id": estate.people["own"], "house_id": estate.houses["own"], "community_id": estate.home}
        writing.add(
            CampaignTarget(key="t", campaign_id=campaign.id, purpose="check_in", not_before=now, dialled_at=now,
                           number="+8613900000077", **call)
        )  # fmt: skip
        writing.add(
            Message(key="m", channel="sms", to="+8613900000088", purpose="check_in", body="张三未应答", created_at=now,
                    community_id=estate.home, person_id=estate.people["own"])
        )  # fmt: skip
        pk = campaign.id
    silence(register, now)
    client.login(role)
    told = role in KEEPERS
    page = client.get(f"/notice/{pk}")
    if page.status_code == 200:
        assert ("139 0000 0077" in page.text) == told
        assert "停止" not in page.text, "nobody stops these calls for everybody"
    if role != "steward":
        listed = client.get("/messageview/list/").text
        assert ("139 0000 0088" in listed or "+8613900000088" in listed) == (told and role != "quality")
    user = session.scalars(select(User).where(User.username == role)).one()
    who = actor_of(session, user, now, local_zone())
    found = record(session, who, estate.home, now - timedelta(hours=1), now + timedelta(hours=1))
    shown = {line.what.source for line in found.lines}
    assert ({"care", "outreach"} <= shown) == told
    client.authorize(role)
    answer = client.get("/api/v1/campaign_target/")
    if answer.status_code == 200:
        assert bool(answer.get_json()["count"]) == told


# ---- keeping it -------------------------------------------------------------------------------------------------------
def test_somebody_is_taken_in_changed_away_back_ended_and_taken_up_again(
    client: Client, estate: Estate, session: Any, now: Any
) -> None:
    client.login("steward")
    page = client.get(f"/checkin/new?person={estate.people['own']}").text
    assert "张三" in page
    assert "139 0000 0000" in page, "the number on file is offered"
    answer = client.submit("/checkin/new", form(estate))
    assert answer.status_code == 302, answer.text
    entry = entries(session)[0]
    assert (entry.times, entry.weekdays, entry.number) == ("08:30,19:00", "135", "+8613900000000")
    assert (entry.consent_noted_by, entry.house_id) == ("steward", estate.houses["own"])
    assert entry.next_at == now.replace(hour=0, minute=30) + timedelta(days=1), "Tuesday → Wednesday 08:30"
    assert [contact.name for contact in entry.contacts] == ["张丽"]
    at = f"/checkin/{entry.id}"
    changed = form(estate, revision=str(entry.revision), times="07:00", contact_name=["张丽", "老陈", ""],
                   contact_number=[DAUGHTER, "021 6123 4567", ""], contact_relation=["女儿", "邻居", ""])  # fmt: skip
    assert client.submit(f"{at}/edit", changed).status_code == 302
    assert client.submit(f"{at}/away", {"away_from": "2026-03-11", "away_until": "2026-03-12"}).status_code == 302
    assert entries(session)[0].next_at == now.replace(day=12, hour=23, minute=0), "Friday 07:00"
    assert "外出至2026-03-12" in client.get("/checkin/?show=active").text or "起外出" in client.get("/checkin/").text
    assert client.submit(f"{at}/back").status_code == 302
    assert client.submit(f"{at}/end", {"words": "去女儿家住了"}).status_code == 302
    entry = entries(session)[0]
    assert (entry.active, entry.next_at) == (False, None)
    assert "张三" in client.get("/checkin/?show=ended").text
    assert client.submit(f"{at}/away", {}).status_code == 409
    again = form(estate, revision=str(entry.revision), consented_on="2026-03-09")
    assert "重新征得同意" in client.submit(f"{at}/edit", again).text
    assert client.submit("/checkin/new", form(estate, consented_on="2026-03-10")).status_code == 302
    entry = entries(session)[0]
    assert (len(entries(session)), entry.active, entry.next_at is not None) == (1, True, True)
    verbs = session.scalars(select(CheckInStep.verb).order_by(CheckInStep.id)).all()
    assert verbs == ["added", "changed", "paused", "resumed", "ended", "taken_up"]
    shown = client.get(at).text
    for words in ("新增登记", "标为外出", "停止问候", "去女儿家住了", "恢复问候", "紧急联系人"):
        assert words in shown


BAD = {
    "person_id": ("", "请从列表中选择住户"),
    "number": ("12", "电话"),
    "weekdays": ([], "至少选择一天"),
    "times": ("25:00", "时间"),
    "consent_by": (" ", "同意人"),
    "consented_on": ("2026-03-11", "同意日期"),
    "contact_name": (["", "", ""], "紧急联系人须填写姓名"),
    "contact_number": (["", "", ""], "紧急联系人须填写姓名"),
    "steward_id": ("999999", "本小区的员工"),
    "house_id": ("999999", "不住在您负责的房屋"),
    "note": ("长" * 256, "过长"),
}


@pytest.mark.parametrize("field", [*BAD, "two close times", "no contact", "own number as contact", "five times"])
def test_what_cannot_be_is_refused_in_words_and_nothing_is_kept(
    client: Client, estate: Estate, session: Any, field: str
) -> None:
    odd: dict[str, tuple[dict[str, Any], str]] = {
        "two close times": ({"times": "08:30, 09:00"}, "至少间隔一小时"),
        "no contact": ({"contact_name": [""] * 3, "contact_number": [""] * 3}, "至少填写一位紧急联系人"),
        "own number as contact": ({"contact_number": ["13900000000", "", ""]}, "不能与住户"),
        "five times": ({"times": "7:00 9:00 11:00 13:00 15:00"}, "1至4个时间"),
    }
    more, words = odd[field] if field in odd else ({field: BAD[field][0]}, BAD[field][1])
    client.login("supervisor")
    answer = client.submit("/checkin/new", form(estate, **more))
    assert answer.status_code == 400
    assert words in answer.text, re.findall(r"notice--bad.*?</div>", answer.text, re.S)
    assert entries(session) == []
    if field not in ("number", "consent_by"):
        assert "听力不佳" in answer.text or field == "note", "what was typed is still there"


@pytest.mark.parametrize("person", ["far", "foreign"])
def test_nobody_takes_in_a_person_whose_file_is_not_theirs(
    client: Client, estate: Estate, session: Any, person
) -> None:
    client.login("steward")
    assert client.submit("/checkin/new", form(estate, person)).status_code == 404
    assert client.get(f"/checkin/person/{estate.people[person]}").status_code == 404
    found = client.get("/checkin/people?q=139").get_json()["results"]
    assert {row["text"] for row in found} <= {"张三", "李四", "租客"}
    assert entries(session) == []


def test_a_form_sent_twice_is_one_entry_and_a_second_entry_is_refused(
    client: Client, estate: Estate, session: Any
) -> None:
    client.login("supervisor")
    key = {"form_key": "a" * 32}
    first = client.submit("/checkin/new", form(estate, **key))
    assert client.submit("/checkin/new", form(estate, **key)).location == first.location
    assert "已登记" in client.submit("/checkin/new", form(estate)).text
    assert len(entries(session)) == 1


def test_the_second_of_two_people_at_one_entry_is_told(client: Client, estate: Estate, session: Any, register) -> None:
    client.login("supervisor")
    pk, seen = register["own"], "1"
    assert client.submit(f"/checkin/{pk}/edit", form(estate, revision=seen)).status_code == 302
    answer = client.submit(f"/checkin/{pk}/edit", form(estate, revision=seen, times="11:00"))
    assert (answer.status_code, "其间已有他人修改" in answer.text) == (409, True)
    seen = str(entries(session)[0].revision)
    contacts = form(estate, revision=seen, contact_name=["别人", "", ""])
    assert client.submit(f"/checkin/{pk}/edit", contacts).status_code == 302
    assert client.submit(f"/checkin/{pk}/edit", form(estate, revision=seen)).status_code == 409


def test_a_change_at_the_very_minute_loses_no_call(client: Client, estate: Estate, session: Any, register, now) -> None:
    """The job has not taken the minute up yet when somebody saves the form."""
    with transaction() as writing:
        writing.get_one(CheckInPlan, register["own"]).next_at = now
    client.login("supervisor")
    due = form(estate, revision=str(entries(session)[0].revision), times="10:30", weekdays=["2"], note="x")
    assert client.submit(f"/checkin/{register['own']}/edit", due).status_code == 302
    assert entries(session)[0].next_at == now


def test_two_homes_are_asked_which(client: Client, estate: Estate, session: Any) -> None:
    with transaction() as writing:
        writing.add(
            Tenure(
                person_id=estate.people["own"], house_id=estate.houses["far"], role="owner", starts_on=date(2020, 1, 1)
            )
        )
    client.login("supervisor")
    assert "请选择住户独居的房屋" in client.submit("/checkin/new", form(estate)).text
    assert client.submit("/checkin/new", form(estate, house_id=str(estate.houses["far"]))).status_code == 302
    assert entries(session)[0].house_id == estate.houses["far"]


# ---- what was found ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"finding": "well"}, 302, ""),
        ({"finding": "away", "note": ""}, 302, ""),
        ({"finding": "unwell", "note": "已送医"}, 302, ""),
        ({"finding": "unwell", "note": " "}, 400, "简要写明情况"),
        ({"finding": "telephone"}, 400, "简要写明情况"),
        ({"note": "没事"}, 400, "请选择查看结果"),
        ({"finding": "nonsense"}, 400, ""),
        ({"finding": "well", "note": "长" * 2001}, 400, "过长"),
    ],
)
def test_somebody_says_what_was_found(client, estate, session, register, now, sent, status, words) -> None:
    call = silence(register, now)
    client.login("steward")
    assert "139 0000 0000" in client.get(f"/checkin/call/{call}").text
    answer = client.submit(f"/checkin/call/{call}/found", sent)
    assert (answer.status_code, words in answer.text) == (status, True)
    session.rollback()
    kept = session.get_one(CheckIn, call)
    assert (kept.state == "found", kept.next_at is None) == (status == 302,) * 2
    if status == 302:
        assert "已填写查看结果" in client.submit(f"/checkin/call/{call}/found", {"finding": "well"}).text
        assert "steward" in client.get(f"/checkin/call/{call}").text


def test_a_call_that_is_no_task_takes_no_finding(client, estate, session, register, now) -> None:
    call = silence(register, now, state="well", next_at=None)
    client.login("steward")
    assert client.submit(f"/checkin/call/{call}/found", {"finding": "well"}).status_code == 409


# ---- the first page ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "number"),
    [
        ("steward", 2),
        ("supervisor", 3),
        ("manager", 3),
        ("technician", 1),
        ("assistant", 0),
        ("finance", 0),
        ("quality", 0),
    ],
)
def test_the_number_on_the_first_page_is_its_list(client, estate, session, register, now, role, number) -> None:
    with transaction() as writing:
        for ticket_id in estate.tickets.values():
            writing.get_one(Ticket, ticket_id).assignee_id = estate.staff["technician"]
    for key in register:
        state = "contacted" if key == "next" else "alerted"
        silence(register, now, key, state=state, alerted_id=estate.staff["technician"] if key == "far" else None)
    for key, state in (("own", "well"), ("next", "found")):
        settled = {"state": state, "next_at": None, "finding": "well", "found_at": now}
        silence(register, now, key, **settled)
    client.login(role)
    page = client.get("/").text
    tile = re.search(r'href="/work/check_ins" data-rows="(\d+)"', page)
    assert (int(tile.group(1)) if tile else 0) == number
    listed = client.get("/work/check_ins")
    assert listed.text.count('class="matter__title"') == number or listed.status_code == 403
    assert page.count("填写查看结果") == number
    pulse = client.get("/live/").get_json()
    assert pulse["badge"] >= number


def test_a_step_about_somebody_living_alone_is_news_to_the_page(client, estate, register, now) -> None:
    client.login("steward")
    before = client.get("/live/").get_json()["work"]
    silence(register, now)
    assert client.get("/live/").get_json()["work"] > before
    middle = client.get("/live/").get_json()["work"]
    silence(register, now, "far")
    assert client.get("/live/").get_json()["work"] == middle, "not of my rows"
