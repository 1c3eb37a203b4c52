"""`/owner/`: own houses, matters, bills and the published reports; nothing of anybody else."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import Report, Ticket
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import statements_of

FORM = {"kind": "repair", "category": "water", "title": "阳台漏水", "phone": "13900000000"}


@pytest.fixture
def numbers(estate: Estate, session: Any) -> dict[str, str]:
    found = {key: session.get(Ticket, pk).number for key, pk in estate.tickets.items()}
    session.rollback()
    return found


def test_owner_sees_what_is_his(client: Client, estate: Estate, numbers: dict[str, str]) -> None:
    client.login("owner")
    page = client.get("/owner/").get_data(as_text=True)
    assert "1幢1单元101" in page
    assert numbers["own"] in page
    for key in ("next", "far", "foreign"):
        assert numbers[key] not in page, key
    for words in ("李四", "王五", "赵六", "月亮湾", "1幢1单元102"):
        assert words not in page, words


@pytest.mark.parametrize("role, sees", [("owner", {"own"}), ("stranger", {"foreign"}), ("resident", set())])
def test_matters_are_shown_to_their_household_only(
    client: Client, numbers: dict[str, str], role: str, sees: set[str]
) -> None:
    client.login(role)
    for key, number in numbers.items():
        assert client.get(f"/owner/ticket/{number}").status_code == (200 if key in sees else 404), key


@pytest.mark.parametrize("role", ["assistant", "manager", "technician", "quality"])
def test_staff_have_no_home_here(client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    assert client.get("/owner/").status_code == 403
    assert client.submit("/owner/new", FORM).status_code == 403


def test_new_matter_comes_by_the_web_in_ones_own_name(client: Client, estate: Estate, session: Any) -> None:
    client.login("owner")
    answer = client.submit("/owner/new", FORM | {"house_id": estate.houses["own"]})
    ticket = session.scalars(select(Ticket).where(Ticket.title == FORM["title"])).one()
    assert answer.location == f"/owner/ticket/{ticket.number}"
    assert (ticket.channel, ticket.reporter_id, ticket.house_id) == ("web", estate.people["own"], estate.houses["own"])
    assert "阳台漏水" in client.get(answer.location).get_data(as_text=True)


@pytest.mark.parametrize(
    "change",
    [
        {"house_id": "next"},
        {"house_id": "foreign"},
        {"house_id": ""},
        {"house_id": "abc"},
        {"kind": "emergency"},
        {"kind": ""},
        {"title": ""},
        {"phone": "x"},
        {"phone": "13900000001"},
        {"description": "\x00"},
        {"category": "no"},
    ],
)
def test_bad_input_is_a_sentence(client: Client, estate: Estate, session: Any, change: dict[str, str]) -> None:
    client.login("owner")
    changed: dict[str, Any] = {k: estate.houses.get(v, v) if k == "house_id" else v for k, v in change.items()}
    answer = client.submit("/owner/new", FORM | {"house_id": estate.houses["own"]} | changed)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert session.scalars(select(Ticket).where(Ticket.title == FORM["title"])).all() == []


def test_draft_reports_are_not_shown(client: Client, estate: Estate, session: Any) -> None:
    client.login("owner")
    for report in session.scalars(select(Report).where(Report.community_id == estate.home)):
        shown = f"/{report.month}/read" in client.get("/owner/").get_data(as_text=True)
        assert shown == (report.state == "published")


def test_pages_ask_little(app: Flask, client: Client, numbers: dict[str, str]) -> None:
    client.login("owner")
    assert len(statements_of(app, client, "/owner/")) <= 15
    assert len(statements_of(app, client, f"/owner/ticket/{numbers['own']}")) <= 15
    assert len(statements_of(app, client, "/owner/new")) <= 15
