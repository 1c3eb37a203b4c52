"""`/`, the queues behind its numbers, and the search: each role its own, few statements, no number without its list."""

import re
from typing import Any

import pytest
from flask import Flask

from app.models import Ticket
from app.rules.codes import Role
from app.services.workbench import BY_ROLE, SHOWN_FIRST
from app.services.workbench_queues import QUEUES
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import statements_of

STAFF = [role.value for role in Role if role not in (Role.OWNER, Role.RESIDENT)]
LIST = 12


@pytest.mark.parametrize("role", STAFF)
def test_first_page_of_each_role_asks_little(app: Flask, client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    assert 1 <= len(statements_of(app, client, "/")) <= LIST
    assert len(statements_of(app, client, "/?fragment=1")) <= LIST
    assert len(statements_of(app, client, "/work/open")) <= LIST
    assert len(statements_of(app, client, "/search?q=101")) <= LIST


@pytest.mark.parametrize("role", ["owner", "resident"])
def test_household_goes_to_its_own_page(client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    assert client.get("/").location == "/owner/"
    assert client.get("/work/open").status_code == 403
    assert client.get("/search?q=1").status_code == 403


def test_stranger_goes_to_the_log_in_page(client: Client) -> None:
    assert "/login" in client.get("/").location
    assert client.get("/search?q=1").status_code == 302


@pytest.mark.parametrize("role", STAFF)
def test_every_number_opens_a_list_of_as_many(client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    page = client.get("/").get_data(as_text=True)
    tiles = re.findall(r'href="/work/(\w+)">\s*<span class="tile__number num">(\d+)<', page)
    assert len(tiles) == len(BY_ROLE[role])
    for code, number in tiles:
        rows = client.get(f"/work/{code}").get_data(as_text=True).count('class="matter__title"')
        assert rows == int(number), code


def test_numbers_are_of_own_rows(client: Client, estate: Estate) -> None:
    """Four tickets: three of the home community, two of them in the steward's building."""
    counted = {}
    for role in ("admin", "assistant", "steward", "technician"):
        client.login(role)
        page = client.get("/").get_data(as_text=True)
        found = re.search(r'href="/work/(?:open|mine)">\s*<span class="tile__number num">(\d+)<', page)
        assert found
        counted[role] = client.get("/work/open").get_data(as_text=True).count('class="matter__title"')
        client.get("/logout/")
    assert counted == {"admin": 4, "assistant": 3, "steward": 2, "technician": 0}


def test_queues_named_for_roles_exist() -> None:
    for role, codes in (*BY_ROLE.items(), *SHOWN_FIRST.items()):
        assert set(codes) <= QUEUES.keys(), role
        assert set(SHOWN_FIRST.get(role, ())) <= set(BY_ROLE[role]), (
            f"{role} is shown tickets it is not told the number of"
        )


def test_fragment_is_the_list_alone(client: Client, estate: Estate) -> None:
    client.login("assistant")
    part = client.get("/?fragment=1").get_data(as_text=True)
    assert "<html" not in part
    assert "own 水管漏水" in part


@pytest.mark.parametrize(
    "path", ["/work/nothing", "/work/%00", "/work/open/x", "/nothing-here", "/ticketview/show/abc", "/owner/ticket/%00"]
)
def test_what_is_not_there_is_a_page_in_chinese(client: Client, estate: Estate, path: str) -> None:
    client.login("assistant" if not path.startswith("/owner") else "owner")
    answer = client.get(path)
    assert answer.status_code == 404
    assert "没有" in answer.get_data(as_text=True)


@pytest.mark.parametrize("page", ["zzz", "-1", "1e9", "99999999999999999999", "", "%00", "１"])
def test_strange_page_numbers_are_no_error(client: Client, estate: Estate, page: str) -> None:
    client.login("assistant")
    assert client.get(f"/work/open?page={page}").status_code == 200


@pytest.mark.parametrize(
    "words",
    ["", " ", "%", "_", "\x00", "'; drop table ticket;--", "1" * 3000, "+8613900000000", "3-2-1201", "🙂", "\u202e"],
)
def test_search_survives_everything(client: Client, estate: Estate, words: str) -> None:
    client.login("assistant")
    assert client.get("/search", query_string={"q": words}).status_code in (200, 302)


def test_search_finds_by_number_telephone_house_and_name(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    ticket = session.get(Ticket, estate.tickets["own"])
    assert client.get(f"/search?q={ticket.number}").location == f"/ticket/{ticket.number}"
    for words in (ticket.number[:6], "1幢1单元101", "1-1-101", "水管"):
        assert ticket.number in client.get("/search", query_string={"q": words}).get_data(as_text=True), words
    assert "张三" in client.get("/search?q=13900000000").get_data(as_text=True)
    assert "+8613900000000" in client.get("/search?q=张三").get_data(as_text=True)


def test_search_stays_within_the_rows(client: Client, estate: Estate, session: Any) -> None:
    foreign = session.get(Ticket, estate.tickets["foreign"]).number
    session.rollback()
    client.login("assistant")
    page = client.get("/search?q=赵六").get_data(as_text=True) + client.get(f"/search?q={foreign}").get_data(
        as_text=True
    )
    assert "月亮湾" not in page
    assert "foreign 水管漏水" not in page
    client.get("/logout/")
    client.login("technician")
    assert "张三" not in client.get("/search?q=13900000000").get_data(as_text=True)


def test_language_stays_on_the_page(client: Client, estate: Estate) -> None:
    client.login("assistant")
    assert "我的工作台" in client.get("/work/open?page=0").get_data(as_text=True)
    answer = client.get("/lang/en", headers={"Referer": "http://localhost/work/open?page=0"})
    assert answer.location == "/work/open?page=0"
    page = client.get("/work/open").get_data(as_text=True)
    assert "All open" in page
    assert '<html lang="en">' in page


@pytest.mark.parametrize("month", ["2026-13", "abc", "0001-01", "9999-12", "2026-1", "%00", "2026-03-10"])
def test_a_month_that_is_none_is_not_found(client: Client, estate: Estate, month: str) -> None:
    client.login("manager")
    assert client.get(f"/work/month/{month}/all").status_code == 404


def test_figures_of_the_month_open_their_tickets(frozen: Any, client: Client, estate: Estate) -> None:
    client.login("manager")
    page = client.get("/").get_data(as_text=True)
    found = re.search(r'href="/work/month/2026-03/all">(\d+)<', page)
    assert found
    listed = client.get("/work/month/2026-03/all").get_data(as_text=True)
    assert listed.count('class="matter__title"') == int(found.group(1)) == 3
    assert "foreign 水管漏水" not in listed


def test_role_of_the_administrators_own_making_has_a_first_page(
    app: Flask, client: Client, estate: Estate, session: Any
) -> None:
    from flask_appbuilder.security.sqla.models import Role as RoleRow

    from app.services.transaction import transaction
    from tests.support.estate import login

    with transaction() as writing:
        writing.add(RoleRow(name="inspector"))
        writing.flush()
        login(writing, "inspector", "inspector")
    client.login("inspector")
    assert client.get("/").status_code == 200
    assert client.get("/work/open").status_code == 403
