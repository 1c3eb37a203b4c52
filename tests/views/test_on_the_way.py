"""On the way on the pages: one tap on the technician's telephone, and the household sees who is coming (D3)."""

from typing import Any

import pytest
from flask import Flask

from app.models import Staff, Ticket
from app.services.dispatch import hand_over
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate


@pytest.fixture
def work(app: Flask, estate: Estate, session: Any) -> str:
    """The owner's repair in the technician's hands; its number."""
    with app.app_context(), transaction() as writing:
        ticket = writing.get_one(Ticket, estate.tickets["own"])
        ticket.state = "dispatched"
        hand_over(ticket, writing.get_one(Staff, estate.staff["technician"]), "chosen by hand")
        return ticket.number


def test_one_tap_out_one_tap_there_and_the_household_sees_it(app: Flask, client: Client, work: str) -> None:
    client.login("technician")
    client.get("/lang/en")
    assert f'action="/ticket/{work}/depart"' in client.get("/").text
    assert client.submit(f"/ticket/{work}/depart", {"back": "/"}).location == "/"
    page = client.get("/").text
    assert f'action="/ticket/{work}/arrive"' in page
    assert f'action="/ticket/{work}/depart"' not in page
    household = app.test_client()
    household.login("owner")
    household.get("/lang/en")
    text = household.get(f"/owner/ticket/{work}").text
    assert "员工technician is on the way to you since" in text
    assert "On the way" in household.get("/owner/matters").text
    assert client.submit(f"/ticket/{work}/arrive", {"back": "/"}).location == "/"
    text = household.get(f"/owner/ticket/{work}").text
    assert "is on the way to you since" not in text
    assert "Arrived at your place" in text
    assert f"/ticket/{work}/finish?back=/" in client.get("/").text


def test_in_chinese_it_is_said_in_chinese(client: Client, work: str) -> None:
    client.login("technician")
    client.get("/lang/zh")
    assert "出发" in client.get("/").text
    client.submit(f"/ticket/{work}/depart")
    assert "在途" in client.get(f"/ticket/{work}").text


@pytest.mark.parametrize("role", ["assistant", "steward"])
def test_only_whoever_has_it_is_on_the_way(client: Client, work: str, role: str) -> None:
    client.login(role)
    assert client.submit(f"/ticket/{work}/depart").status_code == 409
    assert 'data-verb="depart"' not in client.get(f"/ticket/{work}").text
