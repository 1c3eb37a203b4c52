"""`/archive/` and a filed ticket's page (D3): whose rows, by building and category, what may still be done there."""

from typing import Any

import pytest
from flask import Flask

from app.adapters.clock import now as clock_now
from app.models import Ticket
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import SHOW, statements_of


@pytest.fixture
def numbers(app: Flask, estate: Estate, session: Any) -> dict[str, str]:
    """All four tickets closed; those of own, far and foreign filed. Key → number."""
    with app.app_context(), transaction() as writing:
        found = {}
        for key, pk in estate.tickets.items():
            ticket = writing.get_one(Ticket, pk)
            ticket.state, ticket.done_at, ticket.closed_at = "closed", clock_now(), clock_now()
            for visit in ticket.visits:
                visit.state = "cancelled"
            ticket.filed_at = None if key == "next" else clock_now()
            found[key] = ticket.number
        return found


def test_the_shelves_of_one_s_own_rows_lead_to_their_tickets(
    app: Flask, client: Client, estate: Estate, numbers: dict[str, str]
) -> None:
    client.login("assistant")
    client.get("/lang/en")
    page = client.get("/archive/").text
    assert page.count('class="archive__shelf') == 2
    whole = client.get("/archive/?building=0").text
    assert numbers["own"] not in whole
    found = client.get("/archive/?q=水管").text
    assert numbers["own"] in found
    assert numbers["far"] in found
    assert numbers["foreign"] not in found
    assert numbers["next"] not in found, "closed, and not filed"
    assert numbers["own"] in client.get(f"/archive/?q={numbers['own']}").text
    steward = app.test_client()
    steward.login("steward")
    text = steward.get("/archive/?q=水管").text
    assert numbers["own"] in text
    assert numbers["far"] not in text
    assert client.get("/archive/?q=不存在").status_code == 200


@pytest.mark.parametrize(
    "asked", ["year=x", "year=99999", "page=-1", "building=x", "category=99999999999", "q=%00", "q=%25"]
)
def test_odd_questions_are_answered(client: Client, numbers: dict[str, str], asked: str) -> None:
    client.login("assistant")
    assert client.get(f"/archive/?{asked}").status_code == 200


def test_a_page_past_the_end_is_the_last_one(client: Client, numbers: dict[str, str]) -> None:
    client.login("assistant")
    page = client.get("/archive/?q=水管&page=400").text
    assert numbers["own"] in page


def test_a_filed_ticket_is_read_and_only_reopened(client: Client, numbers: dict[str, str]) -> None:
    client.login("assistant")
    client.get("/lang/en")
    address = f"/ticket/{numbers['own']}"
    page = client.get(address).text
    assert "it can only be read" in page
    assert f'action="{address}/note"' not in page
    assert f'href="{address}/photos"' not in page
    assert client.submit(f"{address}/note", {"note": "还有一句"}).status_code == 409
    assert client.submit(f"{address}/reopen", {"note": "又漏了"}).status_code == 302
    page = client.get(address).text
    assert "it can only be read" not in page
    assert f'action="{address}/note"' in page
    assert client.submit(f"{address}/note", {"note": "可以写了"}).status_code == 302


def test_the_desk_files_with_one_tap_and_rest_keeps_the_state(
    app: Flask, client: Client, estate: Estate, numbers: dict[str, str]
) -> None:
    client.login("assistant")
    address = f"/ticket/{numbers['next']}"
    assert f'action="{address}/file"' in client.get(address).text
    assert client.submit(f"{address}/file").status_code == 302
    rest = app.test_client()
    rest.authorize("assistant")
    row = rest.get(f"/api/v1/ticket/{estate.tickets['next']}").get_json()["result"]
    assert row["state"] == "closed"
    assert row["filed_at"]
    assert rest.post(f"/api/v1/ticket/{estate.tickets['own']}/file", json={}).status_code == 404


@pytest.mark.parametrize("asked", ["", "building=0&category=0", "q=水管", "q=水管&page=1"])
def test_the_shelves_are_counted_where_they_are_shown_and_little_is_asked(
    app: Flask, client: Client, estate: Estate, numbers: dict[str, str], asked: str
) -> None:
    client.login("assistant")
    statements = statements_of(app, client, f"/archive/?{asked}")
    assert 1 <= len(statements) <= SHOW, statements
    grouped = [one for one in statements if "GROUP BY ticket.community_id" in one]
    assert len(grouped) == (0 if asked else 1), grouped


def test_a_list_of_the_archive_is_headed_by_the_shelf(
    client: Client, session: Any, estate: Estate, numbers: dict[str, str]
) -> None:
    client.login("assistant")
    client.get("/lang/zh")
    ticket = session.get_one(Ticket, estate.tickets["own"])
    words, foreign = f"1幢 · {ticket.category.name}", session.get_one(Ticket, estate.tickets["foreign"]).building_id
    path = f"/archive/?building={ticket.building_id}&category={ticket.category_id}"
    session.rollback()
    assert words in client.get(path).text
    assert "无楼栋" in (page := client.get(f"/archive/?building={foreign}").text)
    assert numbers["foreign"] not in page
