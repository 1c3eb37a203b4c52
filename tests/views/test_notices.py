"""Notices and alerts in the browser: written, counted before they are sent, paused, stopped; who may, and on whose rows."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import Building, Campaign, CampaignTarget, House, Message, Setting, Ticket, TicketEntry
from app.services import outbound_dial
from app.services.actors import Actor
from app.services.notices import for_houses
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from tests.support.carrier import FakeCarrier
from tests.support.estate import Estate
from tests.support.outbound import fast_texts

FORM = {"title": "明日停水", "text_zh": "明天上午九点到十一点停水", "ways": ["voice", "sms", "web"]}


@pytest.fixture(autouse=True)
def all_day(session) -> None:
    for key, value in (("outbound.from_hour", "0"), ("outbound.until_hour", "24")):
        session.add(Setting(key=key, value=value))
    session.commit()


def own_building(session, estate: Estate) -> Building:
    return session.scalars(select(Building).where(Building.community_id == estate.home).order_by(Building.id)).first()


@pytest.fixture
def written(client, session, estate) -> Campaign:
    """A draft for the first building, by call and text and web."""
    client.login("assistant")
    building = own_building(session, estate)
    answer = client.submit("/notice/new", dict(**FORM, places=[f"b{building.id}"], community_id=str(estate.home)))
    assert answer.status_code == 302, answer.text
    session.rollback()
    campaign = session.scalars(select(Campaign)).one()
    session.expunge(campaign)
    session.rollback()
    return campaign


def run(session, seconds: int = 0) -> FakeCarrier:
    carrier = FakeCarrier()
    with transaction() as writing:
        fast_texts(writing)
    outbound_dial.tick(transaction, carrier, "https://x.example.org", present() + timedelta(seconds=seconds))
    session.expire_all()
    session.rollback()
    return carrier


def test_before_it_is_sent_it_says_how_many_are_reached_and_how_many_not_and_why(client, session, written) -> None:
    page = client.get(f"/notice/{written.id}").text
    assert "立即发送" in page
    assert run(session).rung == []
    assert session.scalars(select(CampaignTarget)).all() == []
    told = [int(number) for number in re.findall(r'<dd class="num">(\d+)', page)[:3]]
    assert told[0] == told[1] + told[2]
    assert told[1] > 0


def test_sent_twice_it_is_sent_once(client, session, written) -> None:
    assert client.submit(f"/notice/{written.id}/send").status_code == 302
    planned = session.scalars(select(CampaignTarget.key).order_by(CampaignTarget.id)).all()
    session.rollback()
    assert planned
    again = client.submit(f"/notice/{written.id}/send")
    assert again.status_code == 409
    assert "已经发出" in again.text
    assert session.scalars(select(CampaignTarget.key).order_by(CampaignTarget.id)).all() == planned


def seen_on(page: str) -> str:
    return re.search(r'name="seen" value="([^"]+)"', page)[1]


def test_who_saves_second_is_told_and_keeps_what_was_typed(client, session, estate, written) -> None:
    form = client.get(f"/notice/{written.id}/edit").text
    building = own_building(session, estate)
    session.rollback()
    sent = {**FORM, "places": [f"b{building.id}"], "seen": seen_on(form)}
    assert client.submit(f"/notice/{written.id}/edit", {**sent, "text_zh": "改为后天停水"}).status_code == 302
    second = client.submit(f"/notice/{written.id}/edit", {**sent, "text_zh": "明天下午停水", "ways": ["web"]})
    assert second.status_code == 409
    assert "改为后天停水" in second.text
    assert "明天下午停水</textarea>" in second.text
    session.rollback()
    assert session.get_one(Campaign, written.id).text_zh == "改为后天停水"
    session.rollback()
    again = {**sent, "text_zh": "明天下午停水", "seen": seen_on(second.text)}
    assert client.submit(f"/notice/{written.id}/edit", again).status_code == 302
    assert session.get_one(Campaign, written.id).text_zh == "明天下午停水"
    session.rollback()


@pytest.mark.parametrize(
    "changed", [{"text_zh": "改为后天停水"}, {"ways": ["web"]}, {"places": "other"}, {"title_en": "No water"}]
)
def test_nobody_sends_what_they_have_not_read(client, session, estate, written, changed: dict) -> None:
    page = client.get(f"/notice/{written.id}").text
    buildings = session.scalars(
        select(Building.id).where(Building.community_id == estate.home).order_by(Building.id)
    ).all()
    session.rollback()
    sent = {**FORM, "places": [f"b{buildings[0]}"], **changed}
    if changed.get("places"):
        sent["places"] = [f"b{pk}" for pk in buildings[:2]]
    assert client.submit(f"/notice/{written.id}/edit", sent).status_code == 302
    refused = client.submit(f"/notice/{written.id}/send", {"seen": seen_on(page)})
    assert refused.status_code == 409
    assert "请重新阅读后再发送" in refused.text
    assert session.scalars(select(CampaignTarget)).all() == []
    session.rollback()
    assert client.submit(f"/notice/{written.id}/send", {"seen": seen_on(refused.text)}).status_code == 302
    assert session.scalars(select(Campaign.state)).one() == "running"
    session.rollback()


def test_texts_leave_once_and_the_page_shows_who_received_it(client, session, written) -> None:
    client.submit(f"/notice/{written.id}/send")
    run(session)
    run(session, 2)
    bodies = session.scalars(select(Message.body).where(Message.purpose == "notice")).all()
    session.rollback()
    assert len(bodies) == len(set(session.scalars(select(Message.to).where(Message.purpose == "notice"))))
    session.rollback()
    assert all("明天上午九点到十一点停水" in body for body in bodies)
    page = client.get(f"/notice/{written.id}").text
    assert "接收情况" in page


def test_paused_going_on_stopped(client, session, written) -> None:
    client.submit(f"/notice/{written.id}/send")
    assert client.submit(f"/notice/{written.id}/pause").status_code == 302
    carrier = run(session)
    assert (carrier.rung, session.scalars(select(Message).where(Message.purpose == "notice")).all()) == ([], [])
    session.rollback()
    assert client.submit(f"/notice/{written.id}/go_on").status_code == 302
    assert client.submit(f"/notice/{written.id}/stop").status_code == 302
    assert client.submit(f"/notice/{written.id}/go_on").status_code == 409
    assert run(session).rung == []
    assert set(session.scalars(select(CampaignTarget.state))) <= {"cancelled", "impossible", "shared"}


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("title", "请填写通知标题"),
        ("text_zh", "请填写中文内容"),
        ("places", "请至少选择一栋楼"),
        ("ways", "请至少选择一种方式"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    client, session, estate, missing: str, sentence: str
) -> None:
    client.login("assistant")
    building = own_building(session, estate)
    session.rollback()
    sent = {**FORM, "text_en": "Keep this", "places": [f"b{building.id}"], missing: ""}
    answer = client.submit("/notice/new", dict(**sent))
    assert answer.status_code == 400
    assert sentence in answer.text
    assert "Keep this" in answer.text


@pytest.mark.parametrize("place", ["b²", "b１", "b", "b-1"])
def test_a_place_that_is_none_was_not_ticked(client, session, estate, place: str) -> None:
    client.login("assistant")
    answer = client.submit("/notice/new", dict(**FORM, places=[place]))
    assert answer.status_code == 400
    assert "请至少选择一栋楼" in answer.text


def test_another_communitys_buildings_are_not_told(client, session, estate) -> None:
    client.login("assistant")
    foreign = session.scalars(select(Building.id).where(Building.community_id == estate.other)).first()
    session.rollback()
    assert client.submit("/notice/new", dict(**FORM, places=[f"b{foreign}"])).status_code == 400
    assert client.submit("/notice/new", dict(**FORM, places=["b999999", "x1", "b", "u-1"])).status_code == 400


def test_a_foreign_notice_is_not_there(client, session, estate) -> None:
    with transaction() as writing:
        foreign = Campaign(key="x", community_id=estate.other, purpose="notice", title="外人", created_at=present())
        writing.add(foreign)
        writing.flush()
        pk = foreign.id
    client.login("assistant")
    assert "外人" not in client.get("/notice/").text
    for path in (f"/notice/{pk}", f"/notice/{pk}/edit"):
        assert client.get(path).status_code == 404
    for step in ("send", "pause", "stop"):
        assert client.submit(f"/notice/{pk}/{step}").status_code == 404


@pytest.mark.parametrize(
    ("role", "reads", "writes"), [("steward", 200, 403), ("quality", 200, 403), ("finance", 403, 403)]
)
def test_who_reads_and_who_sends(new_client, written, role: str, reads: int, writes: int) -> None:
    client = new_client()
    client.login(role)
    assert client.get("/notice/").status_code == reads
    assert client.submit(f"/notice/{written.id}/send").status_code == writes


def test_a_household_reads_the_notices_of_its_own_building(client, new_client, session, estate, written) -> None:
    client.submit(f"/notice/{written.id}/send")
    client = new_client()
    client.login("owner")
    house_ids = {"own": estate.houses["own"], "far": estate.houses["far"]}
    shown = for_houses(session, [house_ids["own"]])
    session.rollback()
    assert ("明日停水" in client.get("/owner/notices").text) == bool(shown)
    assert for_houses(session, []) == []


# ---- alerts (D7) -----------------------------------------------------------------------------------------------------
@pytest.fixture
def emergency(session, estate) -> str:
    with transaction() as writing:
        house = writing.get_one(House, estate.houses["own"])
        ticket = open_ticket(
            writing, community=house.community, kind="emergency", channel="hotline", title="燃气泄漏", house=house,
            priority="emergency", actor=Actor.system("tests"), now=present(),
        )  # fmt: skip
        return ticket.number


def test_one_press_alerts_every_telephone_of_the_building(client, session, estate, emergency: str) -> None:
    client.login("manager")
    page = client.get(f"/notice/alert/{emergency}")
    assert "立即撤离" in page.text
    client.get("/lang/en")
    chosen = re.findall(r'value="(b\d+)" checked', page.text)
    assert len(chosen) == 1
    assert client.submit(f"/notice/alert/{emergency}", {"what": "evacuate", "places": chosen}).status_code == 302
    session.rollback()
    alert = session.scalars(select(Campaign)).one()
    assert (alert.purpose, alert.state, alert.by_voice, alert.by_sms, alert.by_web) == (
        "alert",
        "running",
        True,
        True,
        True,
    )
    assert "不要乘坐电梯" in alert.text_zh
    assert re.match(r"Emergency at building \d+\. Leave the building at once by the stairs", alert.text_en)
    notes = session.scalars(select(TicketEntry.note)).all()
    assert any("已紧急通知居民" in note for note in notes)
    session.rollback()
    assert run(session).rung, "the texts that leave in the same second take no call's turn"


@pytest.mark.parametrize(("role", "status"), [("assistant", 403), ("supervisor", 302), ("steward", 403)])
def test_only_the_person_in_charge_alerts(client, session, estate, emergency: str, role: str, status: int) -> None:
    client.login(role)
    building = own_building(session, estate)
    session.rollback()
    answer = client.submit(f"/notice/alert/{emergency}", {"what": "stay_clear", "places": [f"b{building.id}"]})
    assert answer.status_code == status
    session.rollback()
    assert len(session.scalars(select(Campaign)).all()) == (status == 302)


def test_who_has_the_emergency_in_hand_alerts(client, session, estate, emergency: str) -> None:
    with transaction() as writing:
        ticket = writing.scalars(select(Ticket).where(Ticket.number == emergency)).one()
        ticket.assignee_id = estate.staff["technician"]
        building_id = ticket.building_id
    client.login("technician")
    answer = client.submit(f"/notice/alert/{emergency}", {"what": "stay_clear", "places": [f"b{building_id}"]})
    assert answer.status_code == 302


def test_no_emergency_no_alert(client, session, estate) -> None:
    number = session.get(Ticket, estate.tickets["own"]).number
    session.rollback()
    client.login("manager")
    assert client.submit(f"/notice/alert/{number}", {"what": "evacuate", "places": ["b1"]}).status_code == 409
    assert client.submit(f"/notice/alert/{number}", {"what": "nonsense", "places": ["b1"]}).status_code == 400
    assert client.get("/notice/alert/00000000").status_code == 404


def test_an_empty_house_says_what_to_do_next(client, session, estate) -> None:
    client.login("assistant")
    assert "还没有发过通知" in client.get("/notice/").text


def test_rest_tells_of_campaigns_and_their_calls_to_whom_the_pages_do(
    client, new_client, session, estate, written
) -> None:
    client.submit(f"/notice/{written.id}/send")
    desk = new_client().authorize("assistant")
    (campaign,) = desk.get("/api/v1/campaign/").get_json()["result"]
    assert (campaign["title"], campaign["state"], campaign["by_sms"]) == ("明日停水", "running", True)
    targets = desk.get("/api/v1/campaign_target/").get_json()["result"]
    assert {target["campaign_id"] for target in targets} == {written.id}
    assert new_client().authorize("finance").get("/api/v1/campaign/").status_code == 403
    assert desk.delete(f"/api/v1/campaign/{written.id}").status_code == 405


# ---- who received it -------------------------------------------------------------------------------------------------
@pytest.fixture
def big(session, estate) -> int:
    """A notice to 130 numbers of the own building and 10 of the far one: 70 told, 20 failed texts, 30 waiting, 20 impossible."""
    with transaction() as writing:
        campaign = Campaign(
            key="big", community_id=estate.home, purpose="notice", title="停水", state="running", by_sms=True,
            created_at=present(), started_at=present(),
        )  # fmt: skip
        writing.add(campaign)
        writing.flush()
        for number in range(140):
            house = estate.houses["far"] if number >= 130 else estate.houses["own"]
            state, text = ("sent", "delivered") if number < 70 else ("sent", "failed_permanent")
            if number >= 90:
                state, text = ("planned", None) if number < 120 else ("impossible", None)
            message = None
            if text is not None:
                message = Message(
                    key=f"big{number}", channel="sms", to="+8613900000000", purpose="notice", body="停水", state=text,
                    community_id=estate.home, created_at=present(),
                )  # fmt: skip
                writing.add(message)
                writing.flush()
            writing.add(
                CampaignTarget(
                    key=f"big{number}", campaign_id=campaign.id, community_id=estate.home, purpose="notice", way="sms",
                    state=state, house_id=house, not_before=present(), message_id=message.id if message else None,
                )
            )  # fmt: skip
        return campaign.id


def listed(client, address: str) -> int:
    """How many lines the list behind a number has, over all its pages."""
    found, page = 0, 0
    while True:
        text = client.get(f"{address}&page={page}").text
        here = len(re.findall("<tr data-receiver", text))
        assert here <= 25
        found, page = found + here, page + 1
        if 'rel="next"' not in text:
            return found


@pytest.mark.parametrize(
    ("role", "numbers"),
    [
        ("assistant", {"told": 70, "waiting": 30, "on_the_way": 0, "not_reached": 20, "impossible": 20}),
        ("steward", {"told": 70, "waiting": 30, "on_the_way": 0, "not_reached": 20, "impossible": 10}),
    ],
)
def test_every_number_of_a_notice_opens_the_list_of_those_it_counts(client, big, role, numbers) -> None:
    client.login(role)
    page = client.get(f"/notice/{big}").text
    assert dict(re.findall(r'<a href="\?show=(\w+)#receivers" data-rows="\d+">(\d+)</a>', page)) == {
        code: str(count) for code, count in numbers.items()
    }
    assert {code: listed(client, f"/notice/{big}?show={code}") for code in numbers} == numbers
    assert listed(client, f"/notice/{big}?show=all") == sum(numbers.values())


@pytest.mark.parametrize("query", ["show=x", "page=x", "page=-5", "page=99999999999999999999", "show=told&page=2"])
def test_odd_pages_of_a_notice_are_pages(client, big, query) -> None:
    client.login("assistant")
    assert len(re.findall("<tr data-receiver", client.get(f"/notice/{big}?{query}").text)) > 0


def test_an_empty_list_says_so(client, big) -> None:
    client.login("assistant")
    assert "没有住户" in client.get(f"/notice/{big}?show=on_the_way").text


def test_notices_are_listed_in_pages(client, session, estate) -> None:
    with transaction() as writing:
        for number in range(65):
            at = present() - timedelta(hours=number)
            writing.add(
                Campaign(
                    key=f"n{number}",
                    community_id=estate.home,
                    purpose="notice",
                    title=f"第{number}号通知",
                    created_at=at,
                )
            )
    client.login("assistant")
    first, second = client.get("/notice/").text, client.get("/notice/?page=1").text
    assert ("第0号通知" in first, "第64号通知" in first, "第64号通知" in second) == (True, False, True)
