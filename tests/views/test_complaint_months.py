"""`/complaints/…`: who sees a month, the walk through every record, each number's list, gaps with links, words that name nobody."""

import re
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import Community, ComplaintMonth, SignedRecord
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.complaints import complaint_of_each_house, logged_in
from tests.support.estate import Estate

CASE = {"title": "夜班漏记", "happened": "接到反映未登记", "lesson": "每通来电必须登记"}


@pytest.fixture
def month(app: Flask, estate: Estate, now: datetime, frozen: Any) -> dict[str, str]:
    """A complaint of each house this month; the month's names in both communities."""
    numbers = complaint_of_each_house(app, estate, now)
    with app.app_context(), transaction() as session:
        codes = {
            key: session.get_one(Community, pk).code for key, pk in (("home", estate.home), ("other", estate.other))
        }
    return {**numbers, **{key: f"{code}-{now:%Y-%m}" for key, code in codes.items()}}


ROWS = {
    "admin": (200, 200), "manager": (200, 404), "supervisor": (200, 404), "assistant": (200, 404), "quality": (200, 200),
    "steward": (403, 403), "technician": (403, 403), "finance": (403, 403), "owner": (403, 403),
}  # fmt: skip


@pytest.mark.parametrize("role", ROWS)
def test_a_month_is_for_those_of_its_community(client: Client, month: dict[str, str], role: str) -> None:
    client.login(role)
    own, foreign = ROWS[role]
    for path in (
        "/complaints/month/%s",
        "/complaints/month/%s/list",
        "/complaints/walk/%s",
        "/records/complaint_month/%s",
    ):
        assert client.get(path % month["home"]).status_code == own, path
        assert client.get(path % month["other"]).status_code == foreign, path
    assert client.get("/complaints/").status_code == own
    writes = role in ("manager", "supervisor", "assistant")
    answer = client.submit(f"/complaints/month/{month['home']}/case", CASE)
    assert answer.status_code == (302 if writes else 403)
    if writes:
        assert client.submit(f"/complaints/month/{month['other']}/case", CASE).status_code == 404


def test_the_walk_goes_through_every_record(new_client: Any, month: dict[str, str], session: Any) -> None:
    path = f"/complaints/walk/{month['home']}"
    supervisor, manager = logged_in(new_client, "supervisor"), logged_in(new_client, "manager")
    total = int(re.search(r"/ (\d+)", supervisor.get(path).get_data(as_text=True)).group(1))  # type: ignore[union-attr]
    seen = []
    for step in range(1, total + 1):
        page = supervisor.get(path).get_data(as_text=True)
        number = re.search(r'name="number" value="(\d+)"', page).group(1)  # type: ignore[union-attr]
        place = re.search(r'name="at" value="(\d+)"', page).group(1)  # type: ignore[union-attr]
        sha = re.search(r'name="sha256" value="(\w+)"', page).group(1)  # type: ignore[union-attr]
        assert ('rel="prev"' in page, 'rel="next"' in page) == (int(place) > 1, int(place) < total)
        sent = {"number": number, "at": place, "sha256": sha, "remark": f"第{step}份"}
        assert manager.submit(path, sent).status_code == 403
        answer = supervisor.submit(path, sent)
        assert answer.status_code == 302
        seen.append(number)
    assert answer.headers["Location"].endswith(f"/complaints/month/{month['home']}"), "nothing is left"
    assert sorted(seen) == sorted({month[key] for key in ("own", "next", "far") if key in month})
    remarks = [one.content["remark"] for one in session.scalars(select(SignedRecord).order_by(SignedRecord.id))]
    assert remarks == [f"第{step}份" for step in range(1, total + 1)]
    assert supervisor.submit(path, {"number": month["foreign"]}).status_code == 404
    assert supervisor.submit(path, {"number": "x"}).status_code == 404
    assert supervisor.get(f"{path}?at=99999999999999").status_code == 200


def test_each_number_opens_its_list_and_each_gap_its_record(client: Client, month: dict[str, str]) -> None:
    client.login("manager")
    page = client.get(f"/complaints/month/{month['home']}").get_data(as_text=True)
    links = re.findall(r'href="([^"]+/list[^"]*)" data-rows="(\d+)"', page)
    assert len(links) > 8
    for href, number in links:
        rows = client.get(href.replace("&amp;", "&")).get_data(as_text=True).count("data-ticket=")
        assert rows == int(number), href
    for key in ("own", "far"):
        assert f'data-gap="{month[key]}"' in page
    assert month["foreign"] not in page
    assert client.get(f"/complaints/month/{month['home']}/list?by=nothing").status_code == 404


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_what_was_typed_stays_when_it_is_refused(
    client: Client, month: dict[str, str], session: Any, locale: str
) -> None:
    client.login("assistant")
    client.get(f"/lang/{locale}")
    path = f"/complaints/month/{month['home']}"
    refused = client.submit(f"{path}/summary", {"summary": "1幢1单元101又来投诉"})
    assert refused.status_code == 409
    assert "1幢1单元101又来投诉" in refused.get_data(as_text=True)
    bad = client.submit(f"{path}/case", {**CASE, "training_on": "昨天"})
    assert (bad.status_code, "每通来电必须登记" in bad.get_data(as_text=True)) == (400, True)
    assert session.scalars(select(ComplaintMonth)).all() == []
    session.rollback()
    assert client.submit(f"{path}/summary", {"summary": "本月夜班问题多"}).status_code == 302
    assert client.submit(f"{path}/nothing").status_code == 404
    assert client.submit(f"/records/complaint_month/{month['home']}/review").status_code == 403


def test_two_people_at_the_same_words_lose_nothing(client: Client, month: dict[str, str]) -> None:
    client.login("assistant")
    path = f"/complaints/month/{month['home']}"

    def seen(page: str, form: str) -> str:
        found = re.search(rf'action="{path}/{form}">.*?name="seen" value="([^"]*)"', page)
        assert found is not None
        return found[1]

    empty = seen(client.get(path).text, "summary")
    assert client.submit(f"{path}/summary", {"summary": "本月夜班问题多", "seen": empty}).status_code == 302
    refused = client.submit(f"{path}/summary", {"summary": "本月电梯问题多", "seen": empty})
    assert refused.status_code == 409
    assert "本月夜班问题多" in refused.text
    assert "本月电梯问题多" in refused.text
    again = seen(refused.text, "summary")
    assert client.submit(f"{path}/summary", {"summary": "本月电梯问题多", "seen": again}).status_code == 302
    assert client.submit(f"{path}/case", CASE).status_code == 302
    old = seen(client.get(path).text, "case")
    first, second = {**CASE, "key": "1", "seen": old, "lesson": "复述一遍"}, {**CASE, "key": "1", "seen": old}
    assert client.submit(f"{path}/case", first).status_code == 302
    refused = client.submit(f"{path}/case", {**second, "lesson": "写在值班表上"})
    assert refused.status_code == 409
    assert "复述一遍" in refused.text
