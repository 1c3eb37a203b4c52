"""Orders in the portal and over REST: asked for on the owner's page, moved at the desk, nobody else's rows (D9, D15)."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.adapters import clock
from app.models import Community, House, ServiceItem, ServiceOrder, Ticket
from app.services.actors import Actor
from app.services.service_orders import request
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate

DESK = Actor.system("desk")


@pytest.fixture
def made(app: Flask, estate: Estate, now: Any) -> dict[str, int]:
    """An order of air testing (by quotation) for the houses own and foreign."""
    found = {}
    with app.app_context(), transaction() as session:
        item = session.scalars(select(ServiceItem).where(ServiceItem.code == "air_testing")).one()
        for key, community in (("own", estate.home), ("foreign", estate.other)):
            ticket = open_ticket(
                session,
                community=session.get_one(Community, community),
                house=session.get_one(House, estate.houses[key]),
                kind="service",
                channel="desk",
                title="空气检测",
                actor=DESK,
                now=now,
            )
            order = request(session, ticket, item, item.prices[0], price_accepted=False, actor=DESK, now=now)
            found[key] = order.id
    return found


def state(session: Any, key: int) -> tuple[str, Any]:
    session.expire_all()
    session.rollback()
    order = session.get(ServiceOrder, key)
    return order.state, order.quoted_yuan


def test_the_desk_quotes_and_the_timeline_says_so(client: Client, made: dict[str, int], session: Any) -> None:
    client.login("assistant")
    page = client.get(f"/serviceorderview/show/{made['own']}").get_data(as_text=True)
    assert "/quote" in page
    assert "/charge" not in page
    assert client.submit(f"/service-order/{made['own']}/quote", {"amount_yuan": "320.00"}).status_code == 302
    found, quoted = state(session, made["own"])
    assert (found, f"{quoted:.2f}") == ("quoted", "320.00")
    ticket = session.get(Ticket, session.get(ServiceOrder, made["own"]).ticket_id)
    assert "320.00" in client.get(f"/ticket/{ticket.number}").get_data(as_text=True)


@pytest.mark.parametrize("amount", ["", "x", "-1", "1.001", "99999999999", "NaN"])
def test_what_is_no_amount_is_refused_in_words(client: Client, made: dict[str, int], session: Any, amount: str) -> None:
    client.login("assistant")
    answer = client.submit(f"/service-order/{made['own']}/quote", {"amount_yuan": amount})
    assert answer.status_code == 400
    assert "金额" in answer.text
    assert (
        f'id="f-quote" name="amount_yuan" inputmode="decimal" maxlength="12" required value="{amount}"' in answer.text
    )
    assert state(session, made["own"])[0] == "requested"


@pytest.mark.parametrize(("role", "status"), [("owner", 404), ("quality", 403), ("technician", 404)])
def test_others_move_none(client: Client, made: dict[str, int], session: Any, role: str, status: int) -> None:
    client.login(role)
    for key in made.values():
        assert client.submit(f"/service-order/{key}/quote", {"amount_yuan": "1"}).status_code in (403, 404)
        assert state(session, key)[0] == "requested"


def test_a_foreign_order_is_nobody_s_here(client: Client, made: dict[str, int], session: Any) -> None:
    client.login("manager")
    assert client.submit(f"/service-order/{made['foreign']}/quote", {"amount_yuan": "1"}).status_code == 404
    assert client.get(f"/serviceorderview/show/{made['foreign']}").status_code == 404
    client.authorize("manager")
    assert client.get("/api/v1/service_order/").get_json()["ids"] == [made["own"]]


def test_a_charged_order_is_paid_at_the_desk_and_the_owner_s_bill_names_it(
    client: Client,
    new_client: Any,
    estate: Estate,
    made: dict[str, int],
    session: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client.login("assistant")
    where = f"/service-order/{made['own']}"
    sent = {"quote": {"amount_yuan": "320.00"}, "schedule": {"at": f"{clock.now() + timedelta(days=2):%Y-%m-%dT%H:%M}"}}
    for verb in ("quote", "accept", "schedule", "finish"):
        assert client.submit(f"{where}/{verb}", sent.get(verb, {})).status_code == 302, verb
    refused = client.submit(f"{where}/charge", {"amount_yuan": "320.01"})
    assert (refused.status_code, "320.00元" in refused.text) == (409, True)
    assert client.submit(f"{where}/charge", {}).status_code == 302
    assert f"/payments/house/{estate.houses['own']}" in client.get(f"/serviceorderview/show/{made['own']}").text
    session.rollback()
    session.expire_all()
    order = session.get(ServiceOrder, made["own"])
    owner, papers = new_client(), []
    owner.login("owner")
    monkeypatch.setattr(
        "app.adapters.report_renderer.ReportRenderer.sheet", lambda _self, sheet: papers.append(sheet) or b"%PDF-1.7"
    )
    for language in ("zh", "en"):
        owner.get(f"/owner/bills/{order.bill_id}.pdf?lang={language}")
    assert order.item.name in owner.get(f"/owner/bills/{order.bill_id}").text
    assert [paper["lines"]["rows"][0][0] for paper in papers] == [
        f"有偿服务：{order.item.name}", f"Paid services: {order.item.name_en}",
    ]  # fmt: skip
    paid = {"payer_id": str(estate.people["own"]), "amount": "320.00", "way": "cash", "bills": str(order.bill_id)}
    assert client.submit(f"/payments/house/{estate.houses['own']}", paid).status_code == 302
    assert state(session, made["own"])[0] == "paid"


def test_rest_takes_the_same_steps_and_refuses_with_a_sentence(client: Client, made: dict[str, int]) -> None:
    client.authorize("assistant")
    where = f"/api/v1/service_order/{made['own']}"
    refused = client.post(f"{where}/schedule", json={"at": "2030-01-01T09:00:00+08:00"})
    assert (refused.status_code, bool(refused.get_json()["message"])) == (409, True)
    row = client.post(f"{where}/quote", json={"amount_yuan": "320.00"}).get_json()["result"]
    assert (row["state"], row["quoted_yuan"], row["item"]["code"]) == ("quoted", "320.00", "air_testing")


def test_the_owner_s_page_makes_an_order_with_the_price_of_the_day(
    client: Client, estate: Estate, session: Any
) -> None:
    client.login("owner")
    client.get("/lang/en")
    sent = {"house_id": str(estate.houses["own"]), "accepted": "1", "count": "3", "phone": "13900000000"}
    assert client.submit("/owner/services/print", sent).status_code == 302
    session.rollback()
    order = session.scalars(select(ServiceOrder)).one()
    assert (order.item.code, order.count, f"{order.amount_yuan:.2f}", order.state) == ("print", 3, "5.00", "requested")
    written = (order.ticket.title, order.ticket.description)
    assert not any(word in text for text in written for word in ("Service", "Price", "yuan")), written
    client.authorize("owner")
    assert client.get("/api/v1/service_order/").get_json()["ids"] == [order.id]
