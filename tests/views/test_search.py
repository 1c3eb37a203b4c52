"""The search box: typed results for a number, a telephone, a room, a name or a word, within the actor's rows only."""

from typing import Any

import pytest

from app.models import Ticket
from tests.support.client import Client
from tests.support.estate import Estate


def suggested(client: Client, words: str) -> dict[str, list[dict[str, Any]]]:
    """Label of the group → what stands in it."""
    answer = client.get("/search/suggest", query_string={"q": words})
    assert answer.status_code == 200
    return {group["label"]: group["found"] for group in answer.get_json()["groups"]}


def best(client: Client, words: str) -> str:
    return str(client.get("/search/suggest", query_string={"q": words}).get_json()["best"])


def test_a_ticket_number_is_a_ticket(client: Client, estate: Estate, session: Any) -> None:
    number = session.get(Ticket, estate.tickets["own"]).number
    client.login("assistant")
    found = suggested(client, number)["工单"][0]
    assert found["href"] == f"/ticket/{number}"
    assert found["icon"] == "ticket"
    assert "报修" in found["hint"], "the type in words"
    assert best(client, number) == f"/ticket/{number}"
    assert best(client, number[:7]) == ""


@pytest.mark.parametrize("words", ["13900000000", "+86 139 0000 0000", "0086-139-0000-0000"])
def test_a_telephone_is_a_person_a_house_and_calls(client: Client, estate: Estate, words: str) -> None:
    client.login("assistant")
    found = suggested(client, words)
    assert [one["label"] for one in found["住户"]] == ["张三"]
    assert [one["label"] for one in found["房屋"]] == ["1幢1单元101"]
    assert found["来电"][0]["icon"] == "phone"
    assert best(client, words) == f"/personview/show/{estate.people['own']}"


@pytest.mark.parametrize("words", ["1-1-101", "1幢1单元101", "1栋1单元101室", "一幢一单元101", "１幢１单元１０１"])
def test_a_room_is_a_house_in_every_spelling(client: Client, estate: Estate, words: str) -> None:
    client.login("assistant")
    assert [one["label"] for one in suggested(client, words)["房屋"]] == ["1幢1单元101"]
    assert best(client, words) == f"/houseview/show/{estate.houses['own']}"


def test_a_name_is_a_person_and_a_word_of_two_characters_a_ticket(client: Client, estate: Estate) -> None:
    client.login("assistant")
    assert suggested(client, "张三")["住户"][0]["hint"].startswith("1幢1单元101 · 业主")
    assert best(client, "张三") == f"/personview/show/{estate.people['own']}"
    assert best(client, "张") == "", "half a name is nobody in particular"
    assert len(suggested(client, "漏水")["工单"]) == 3


def test_suggestions_stay_within_the_rows(client: Client, estate: Estate, session: Any) -> None:
    foreign = session.get(Ticket, estate.tickets["foreign"]).number
    session.rollback()
    client.login("assistant")
    for words in (foreign, "赵六", "13900000003", "月亮湾"):
        assert "月亮湾" not in str(suggested(client, words)), words
        assert best(client, words) == "", words
    client.submit("/logout/")
    client.login("steward")
    assert "2幢" not in str(suggested(client, "漏水"))
    client.submit("/logout/")
    client.login("technician")
    assert suggested(client, "13900000000").keys().isdisjoint({"住户", "来电"})
    client.submit("/logout/")
    client.login("owner")
    assert client.get("/search/suggest?q=1").status_code in (302, 403)


def test_a_group_is_paged_on_a_page_of_its_own(client: Client, estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.views import search_page

    monkeypatch.setattr(search_page, "FIRST", 1)
    monkeypatch.setattr(search_page, "PAGE", 2)
    client.login("assistant")
    page = client.get("/search", query_string={"q": "漏水"}).get_data(as_text=True)
    assert "in=tickets" in page
    first = client.get("/search", query_string={"q": "漏水", "in": "tickets"}).get_data(as_text=True)
    second = client.get("/search", query_string={"q": "漏水", "in": "tickets", "page": 1}).get_data(as_text=True)
    assert first.count('class="matter__title"') == 2
    assert second.count('class="matter__title"') == 1
    for odd in ("page=x", "page=-4", "page=99999999999", "in=nothing"):
        assert client.get(f"/search?q=漏水&in=tickets&{odd}").status_code == 200


@pytest.mark.parametrize("words", ["", " ", "%", "\x00", "1" * 3000, "🙂", "'; --", "-", "+", "3-2"])
def test_suggestions_survive_everything(client: Client, estate: Estate, words: str) -> None:
    client.login("assistant")
    suggested(client, words)
