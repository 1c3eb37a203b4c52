"""The page of announced outages: the desk announces and ends, with buildings of its own community only."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.models import Building, Campaign, Outage
from tests.support.client import Client
from tests.support.estate import Estate


def form(session: Any, estate: Estate, **more: Any) -> dict[str, Any]:
    key = session.scalars(select(Building.id).where(Building.community_id == estate.home)).first()
    session.rollback()
    made = {"community": str(estate.home), "buildings": [str(key)], "kind": "water", "text_zh": " 1幢  停水。 "}
    return {
        **made,
        "text_en": "No water.",
        "starts_at": "2026-03-10T08:00",
        "ends_at": "2026-03-10T18:00",
        "tell": "no",
        **more,
    }


def stored(session: Any) -> list[Outage]:
    session.expire_all()
    session.rollback()
    return list(session.scalars(select(Outage)))


def test_the_desk_announces_and_ends_it(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    answer = client.submit("/outageview/add", form(session, estate))
    assert answer.status_code == 302, answer.get_data(as_text=True)
    (outage,) = stored(session)
    assert (outage.text_zh, outage.ended_at, len(outage.buildings)) == ("1幢 停水。", None, 1)
    assert outage.announced_by
    key = outage.id
    session.rollback()
    assert "已恢复" in client.get(f"/outageview/show/{key}").get_data(as_text=True)
    for _ in range(2):
        assert client.submit(f"/outage/{key}/end", {}).status_code == 302
    (outage,) = stored(session)
    assert outage.ended_at is not None
    session.rollback()
    assert f"/outage/{key}/end" not in client.get(f"/outageview/show/{key}").get_data(as_text=True)


def test_the_form_tells_the_households_and_the_page_says_so(
    client: Client, new_client: Any, estate: Estate, session: Any, frozen: Any
) -> None:
    client.login("assistant")
    assert 'name="tell"' in client.get("/outageview/add").get_data(as_text=True)
    assert client.submit("/outageview/add", form(session, estate, tell="alert")).status_code == 422, (
        "not the desk's to choose"
    )
    assert stored(session) == []
    assert client.submit("/outageview/add", form(session, estate, tell="notice")).status_code == 302
    (outage,) = stored(session)
    key = outage.id
    session.rollback()
    page = client.get(f"/outageview/show/{key}").get_data(as_text=True)
    assert "已安排短信告知相关住户" in page
    assert "发布停供公告：停水" in page
    campaign = session.scalars(select(Campaign.id)).one()
    session.rollback()
    assert f"/notice/{campaign}" in page
    assert client.get(f"/notice/{campaign}").status_code == 200
    manager = new_client()
    manager.login("manager")
    assert manager.submit("/outageview/add", form(session, estate, tell="alert")).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [{"text_zh": "  "}, {"text_zh": "停" * 301}, {"ends_at": "2026-03-10T07:00"}, {"kind": "love"}, {"tell": "x"}],
)
def test_what_cannot_be_is_refused(client: Client, estate: Estate, session: Any, wrong: dict[str, str]) -> None:
    client.login("assistant")
    answer = client.submit("/outageview/add", form(session, estate, **wrong))
    assert answer.status_code in (400, 409, 422)
    assert stored(session) == []


def test_a_building_of_another_community_is_refused(client: Client, estate: Estate, session: Any) -> None:
    away = session.scalars(select(Building.id).where(Building.community_id == estate.other)).first()
    client.login("assistant")
    answer = client.submit("/outageview/add", form(session, estate, buildings=[str(away)]))
    assert answer.status_code in (400, 409, 422)
    assert stored(session) == []


@pytest.mark.parametrize("role", ["technician", "finance", "quality", "owner"])
def test_others_announce_and_end_none(client: Client, new_client: Any, estate: Estate, session: Any, role: str) -> None:
    sent = form(session, estate)
    client.login("assistant")
    client.submit("/outageview/add", sent)
    key = stored(session)[0].id
    session.rollback()
    other = new_client()
    other.login(role)
    assert other.submit("/outageview/add", sent).status_code in (403, 404)
    assert other.submit(f"/outage/{key}/end", {}).status_code in (403, 404)
    assert [outage.ended_at for outage in stored(session)] == [None]


def test_first_pages_and_the_list_show_what_should_be_over(
    client: Client, new_client: Any, estate: Estate, session: Any, frozen: Any
) -> None:
    client.login("assistant")
    client.submit("/outageview/add", form(session, estate))
    key = stored(session)[0].id
    session.rollback()
    link = f'href="/outageview/show/{key}"'
    assert link not in client.get("/").get_data(as_text=True)
    assert 'class="is-alarm"' not in client.get("/outageview/list/").get_data(as_text=True)
    frozen.move_to("2026-03-10T18:05:00+08:00")
    for role in ("assistant", "supervisor", "manager", "deputy"):
        desk = new_client()
        desk.login(role)
        assert link in desk.get("/").get_data(as_text=True), role
    assert 'class="is-alarm"' in client.get("/outageview/list/").get_data(as_text=True)
    assert "已过预计恢复时间" in client.get(f"/outageview/show/{key}").get_data(as_text=True)
    for role in ("technician", "finance"):
        other = new_client()
        other.login(role)
        assert link not in other.get("/").get_data(as_text=True)
    client.submit(f"/outage/{key}/end", {})
    assert link not in client.get("/").get_data(as_text=True)


def test_a_first_page_shows_no_outage_of_another_community(
    client: Client, estate: Estate, session: Any, frozen: Any, now: Any
) -> None:
    session.add(
        Outage(
            community_id=estate.other, kind="water", text_zh="停水。", starts_at=now, ends_at=now + timedelta(minutes=1),
            announced_at=now, announced_by="x",
        )
    )  # fmt: skip
    session.commit()
    frozen.shift(timedelta(hours=1))
    client.login("assistant")
    assert "/outageview/show/" not in client.get("/").get_data(as_text=True)
