"""The desk's new ticket: houses of one's own, what was typed kept when refused, no silent correction."""

from typing import Any

import pytest
from sqlalchemy import select

from app.models import Ticket
from tests.support.client import Client
from tests.support.estate import Estate

FORM = {"kind": "repair", "channel": "desk", "category": "water", "title": "卫生间漏水"}


def houses(client: Client, words: str) -> list[dict[str, Any]]:
    answer = client.get("/ticket/houses", query_string={"q": words})
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.get_json()["houses"]
    return found


def made(session: Any, title: str = FORM["title"]) -> list[Ticket]:
    session.rollback()
    return list(session.scalars(select(Ticket).where(Ticket.title == title)))


def test_registers_a_matter(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    form = FORM | {
        "house_id": estate.houses["own"],
        "reporter_id": estate.people["own"],
        "reporter_phone": "13900000000",
    }
    answer = client.submit("/ticket/new", form)
    (ticket,) = made(session)
    assert (answer.status_code, answer.location) == (302, f"/ticket/{ticket.number}")
    assert (ticket.house_id, ticket.reporter_id) == (estate.houses["own"], estate.people["own"])
    assert (ticket.state, ticket.channel, ticket.reporter_phone) == ("registered", "desk", "+8613900000000")


@pytest.mark.parametrize(
    "change",
    [
        {"house_id": "foreign"},
        {"reporter_id": "foreign"},
        {"house_id": "7e99"},
        {"house_id": "", "community_id": "999"},
        {"kind": "explosion"},
        {"kind": ""},
        {"channel": "sms"},
        {"category": "nothing"},
        {"title": ""},
        {"title": "x" * 121},
        {"description": "x" * 4001},
        {"reporter_phone": "12"},
        {"title": "a\x00b"},
    ],
)
def test_bad_input_is_a_sentence_and_nothing_is_written(
    client: Client, estate: Estate, session: Any, change: dict[str, str]
) -> None:
    client.login("assistant")
    before = session.scalar(select(Ticket.id).order_by(Ticket.id.desc()).limit(1))
    ids = {"house_id": estate.houses, "reporter_id": estate.people}
    changed: dict[str, Any] = {k: ids[k][v] if v == "foreign" else v for k, v in change.items()}
    answer = client.submit("/ticket/new", FORM | {"house_id": estate.houses["own"], "place": "阳台外墙"} | changed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400, change
    assert 'role="alert"' in page
    assert "阳台外墙" in page
    session.rollback()
    assert session.scalar(select(Ticket.id).order_by(Ticket.id.desc()).limit(1)) == before


def test_picker_finds_by_room_by_name_and_by_telephone(client: Client, estate: Estate) -> None:
    client.login("assistant")
    assert {house["name"] for house in houses(client, "101")} == {"1幢1单元101", "2幢1单元101"}
    assert [house["name"] for house in houses(client, "1-1-101")] == ["1幢1单元101"]
    assert [house["name"] for house in houses(client, "1-1-102")] == ["1幢1单元102"]
    assert [house["name"] for house in houses(client, "张三")] == ["1幢1单元101"]
    (found,) = houses(client, "139 0000 0001")
    assert (found["name"], found["people"][0]["name"], found["people"][0]["phone"]) == (
        "1幢1单元102",
        "李四",
        "+8613900000001",
    )


def test_picker_shows_only_own_houses(client: Client, estate: Estate) -> None:
    client.login("assistant")
    assert houses(client, "赵六") == []
    client.submit("/logout/")
    client.login("steward")
    assert {house["name"] for house in houses(client, "1单元")} == {"1幢1单元101", "1幢1单元102"}


@pytest.mark.parametrize("words", ["", "%", "_", "\x00", "'", "1" * 500, "\ud83d", "--1"])
def test_picker_survives_strange_words(client: Client, estate: Estate, words: str) -> None:
    client.login("assistant")
    assert client.get("/ticket/houses", query_string={"q": words.encode("utf-8", "surrogatepass")}).status_code == 200


@pytest.mark.parametrize("role", ["technician", "finance", "quality", "owner", "resident"])
def test_shut_for_those_who_do_not_take_matters_down(client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    assert client.get("/ticket/new").status_code == 403
    assert client.get("/ticket/houses?q=1").status_code == 403
    assert client.submit("/ticket/new", FORM).status_code == 403


def test_form_knows_the_house_it_came_from(client: Client, estate: Estate) -> None:
    client.login("assistant")
    page = client.get(f"/ticket/new?house={estate.houses['own']}").get_data(as_text=True)
    assert f'name="house_id" value="{estate.houses["own"]}"' in page
    assert f'name="house_id" value="{estate.houses["own"]}"' in page
    other = client.get(f"/ticket/new?house={estate.houses['foreign']}").get_data(as_text=True)
    assert "赵六" not in other


def test_house_that_was_typed_but_not_picked_is_not_lost(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    assert client.submit("/ticket/new", FORM | {"house_id": "", "house_words": "1-1-102"}).status_code == 302
    assert made(session)[0].house_id == estate.houses["next"]
    for words in ("101", "nobody", "赵六"):
        assert client.submit("/ticket/new", FORM | {"title": "无房号", "house_words": words}).status_code == 400, words
    assert made(session, "无房号") == []


@pytest.mark.parametrize(("role", "offered"), [("assistant", True), ("finance", False)])
def test_a_houses_page_leads_to_the_form_that_knows_it(
    client: Client, estate: Estate, role: str, offered: bool
) -> None:
    house = estate.houses["own"]
    client.login(role)
    assert (f"/ticket/new?house={house}" in client.get(f"/houseview/show/{house}").get_data(as_text=True)) == offered
