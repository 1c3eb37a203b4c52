"""Acceptance of work on the pages: the technician hands it in, whoever accepts it sees it first and answers (D3)."""

from typing import Any

import pytest
from flask import Flask

from app.adapters.clock import now as clock_now
from app.models import Category, Staff, Ticket
from app.services.actors import Actor
from app.services.complaint_verbs import take
from app.services.dispatch import hand_over
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate


@pytest.fixture
def work(app: Flask, estate: Estate, session: Any) -> str:
    """A repair the technician has begun, of a category whose work is accepted; its number."""
    with app.app_context(), transaction() as writing:
        ticket = writing.get_one(Ticket, estate.tickets["own"])
        writing.get_one(Category, ticket.category_id).needs_acceptance = True
        ticket.state = "in_progress"
        hand_over(ticket, writing.get_one(Staff, estate.staff["technician"]), "chosen by hand")
        return ticket.number


def test_the_technician_s_finish_leads_to_handing_in_and_the_steward_accepts(client: Client, work: str) -> None:
    client.login("technician")
    client.get("/lang/en")
    form = client.get(f"/ticket/{work}/finish").text
    assert "Hand in for acceptance" in form
    assert f'action="/ticket/{work}/submit"' in form
    assert "员工steward" in form
    answer = client.submit(f"/ticket/{work}/submit", {"note": "换了角阀"})
    assert answer.status_code == 302
    phone = client.get("/").text
    assert "waits to be accepted by 员工steward" in phone
    assert f'href="/ticket/{work}/finish?back=/"' not in phone
    client = client.application.test_client()
    client.login("steward")
    client.get("/lang/en")
    bench = client.get("/").text
    assert "Work to be accepted" in bench
    assert f"/ticket/{work}/approve?back=/" in bench
    page = client.get(f"/ticket/{work}").text
    assert page.index(f'href="/ticket/{work}/approve"') < page.index(f'href="/ticket/{work}/return"')
    assert "look at the work and accept it" in page
    assert client.submit(f"/ticket/{work}/approve", {"note": "看过"}).status_code == 302
    page = client.get(f"/ticket/{work}").text
    assert "Work accepted" in page
    assert "Work accepted" in client.get(f"/ticket/{work}/print").text


def test_refused_it_comes_back_to_the_phone_with_the_reason(client: Client, work: str) -> None:
    client.login("technician")
    client.submit(f"/ticket/{work}/submit", {"note": "换了角阀"})
    client = client.application.test_client()
    client.login("steward")
    empty = client.submit(f"/ticket/{work}/return", {"note": ""})
    assert empty.status_code == 409
    assert client.submit(f"/ticket/{work}/return", {"note": "仍在滴水"}).status_code == 302
    client = client.application.test_client()
    client.login("technician")
    for page in ("/", f"/ticket/{work}"):
        assert "仍在滴水" in client.get(page).text


@pytest.mark.parametrize("role", ["finance", "quality", "owner", "technician"])
def test_nobody_else_accepts(app: Flask, client: Client, estate: Estate, work: str, role: str) -> None:
    client.login("technician")
    client.submit(f"/ticket/{work}/submit", {"note": "换了角阀"})
    client = client.application.test_client()
    client.login(role)
    assert client.submit(f"/ticket/{work}/approve").status_code in (403, 409)
    with app.app_context(), transaction() as session:
        assert session.get_one(Ticket, estate.tickets["own"]).state == "in_progress"


def test_by_rest_it_is_handed_in_accepted_and_sent_back_as_on_the_page(
    app: Flask, new_client: Any, estate: Estate, work: str
) -> None:
    pk = estate.tickets["own"]
    worker, steward, owner = new_client(), new_client(), new_client()
    for client, role in ((worker, "technician"), (steward, "steward"), (owner, "owner")):
        client.authorize(role)
    assert worker.post(f"/api/v1/ticket/{pk}/finish", json={"note": "x"}).status_code == 409
    assert worker.post(f"/api/v1/ticket/{pk}/submit", json={"note": ""}).status_code == 409
    assert worker.post(f"/api/v1/ticket/{pk}/submit", json={"note": "换了角阀"}).status_code == 200
    row = steward.get(f"/api/v1/ticket/{pk}").get_json()["result"]
    asked = row["acceptance"]
    assert (asked["acceptor_id"], asked["state"]) == (estate.staff["steward"], "asked") and asked["due_at"]
    assert worker.post(f"/api/v1/ticket/{pk}/approve", json={}).status_code == 403
    assert owner.post(f"/api/v1/ticket/{pk}/approve", json={}).status_code in (403, 404)
    assert steward.post(f"/api/v1/ticket/{pk}/return", json={}).status_code == 409
    assert steward.post(f"/api/v1/ticket/{pk}/return", json={"note": "仍在滴水"}).status_code == 200
    assert steward.post(f"/api/v1/ticket/{pk}/approve", json={}).status_code == 409
    assert worker.post(f"/api/v1/ticket/{pk}/submit", json={"note": "换了垫圈"}).status_code == 200
    assert steward.post(f"/api/v1/ticket/{pk}/approve", json={}).status_code == 200
    assert steward.get(f"/api/v1/ticket/{pk}").get_json()["result"]["state"] == "done"
    assert worker.post(f"/api/v1/ticket/{pk}/recall", json={}).status_code == 404, "an offer is the pages'"


def test_of_two_that_answer_at_once_the_second_is_told(app: Flask, client: Client, estate: Estate, work: str) -> None:
    with app.app_context(), transaction() as session:
        ticket = session.get_one(Ticket, estate.tickets["own"])
        at = clock_now()
        worker = Actor(None, "t", "t", frozenset({"technician"}), staff_id=estate.staff["technician"])
        take(session, ticket, "submit", worker, at, {"note": "换了角阀"})
        seen = ticket.revision
    client = client.application.test_client()
    client.login("steward")
    assert client.submit(f"/ticket/{work}/approve", {"revision": str(seen)}).status_code == 302
    client = client.application.test_client()
    client.login("supervisor")
    late = client.submit(f"/ticket/{work}/return", {"note": "再看看", "revision": str(seen)})
    assert late.status_code == 409
