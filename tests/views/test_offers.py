"""Offers of work on the pages: given from the telephone, taken or declined with one hand, by whom it is offered to (D3)."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import Building, Department, Staff, StaffCommunity, Ticket, TicketOffer
from app.rules.codes import Role
from app.services.dispatch import hand_over
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate, login


@pytest.fixture
def work(app: Flask, estate: Estate, session: Any) -> str:
    """A repair in the technician's hands, and a colleague with a login of the name mate; the ticket's number."""
    with app.app_context(), transaction() as writing:
        user = login(writing, "mate", "technician")
        technician = writing.get_one(Staff, estate.staff["technician"])
        mate = Staff(name="赵快手", user_id=user.id, role="technician", department_id=technician.department_id)
        mate.community_links.append(StaffCommunity(community_id=estate.home))
        writing.add(mate)
        writing.flush()
        estate.staff["mate"] = mate.id
        ticket = writing.get_one(Ticket, estate.tickets["far"])
        ticket.state = "dispatched"
        hand_over(ticket, technician, "chosen by hand")
        return ticket.number


@pytest.fixture
def offered(app: Flask, estate: Estate, work: str) -> str:
    """The same, offered to the colleague."""
    with app.app_context(), transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == work)).one()
        from app.adapters.clock import now

        given = {"giver_id": estate.staff["technician"], "to_id": estate.staff["mate"], "reason": "手上有急单"}
        session.add(TicketOffer(ticket_id=ticket.id, offered_at=now(), **given))
    return work


def offer_id(app: Flask) -> int:
    with app.app_context(), transaction() as session:
        return session.scalars(select(TicketOffer.id)).one()


def test_from_the_giver_s_phone_to_the_other_s_hands(app: Flask, client: Client, estate: Estate, work: str) -> None:
    client.login("technician")
    client.get("/lang/en")
    assert f"/ticket/{work}/offer?back=/" in client.get("/").text
    form = client.get(f"/ticket/{work}/offer").text
    assert "赵快手" in form
    assert "员工assistant" not in form, "only who does such work"
    sent = {"to_id": str(estate.staff["mate"]), "note": "手上有急单"}
    assert client.submit(f"/ticket/{work}/offer", sent).status_code == 302
    assert "to 赵快手; until it is taken it is yours" in client.get("/").text
    mate = app.test_client()
    mate.login("mate")
    for page in ("/", "/offer/"):
        text = mate.get(page).text
        assert "手上有急单" in text
        assert "王五" not in text, "no household before it is one's own"
    assert mate.get(f"/ticket/{work}").status_code == 404
    answer = mate.submit(f"/offer/{offer_id(app)}/accept")
    assert (answer.status_code, answer.location) == (302, f"/ticket/{work}")
    assert mate.get(f"/ticket/{work}").status_code == 200
    assert client.get(f"/ticket/{work}").status_code == 404, "it is not the giver's any more"
    assert mate.submit(f"/offer/{offer_id(app)}/accept").status_code == 404


def test_declined_with_the_reason_it_is_marked_on_the_giver_s_phone(app: Flask, client: Client, offered: str) -> None:
    mate = app.test_client()
    mate.login("mate")
    address = f"/offer/{offer_id(app)}/decline"
    assert mate.get(address).status_code == 200
    assert mate.submit(address, {"note": ""}).status_code == 400
    assert mate.submit(address, {"note": "今天排满了"}).status_code == 302
    client.login("technician")
    assert "今天排满了" in client.get("/").text
    assert client.get(address).status_code == 404


def test_the_giver_takes_it_back_with_one_tap(client: Client, offered: str) -> None:
    client.login("technician")
    assert f'action="/ticket/{offered}/recall"' in client.get("/").text
    assert client.submit(f"/ticket/{offered}/recall", {"back": "/"}).location == "/"
    assert f'action="/ticket/{offered}/recall"' not in client.get("/").text


def test_a_colleague_of_another_department_or_community_sees_and_answers_nothing(
    app: Flask, client: Client, estate: Estate, offered: str
) -> None:
    with app.app_context(), transaction() as session:
        login_of = login(session, "far_mate", "technician")
        far = Staff(name="远方", user_id=login_of.id, role="technician")
        far.community_links.append(StaffCommunity(community_id=estate.other))
        session.add(far)
        session.flush()
        offer = session.scalars(select(TicketOffer)).one()
        offer.to_id, offer.department_id = None, session.scalars(select(Department.id)).first()
        far.department_id = offer.department_id
        assert session.scalar(select(Building.id)) is not None
    stranger = app.test_client()
    stranger.login("far_mate")
    assert "手上有急单" not in stranger.get("/offer/").text
    assert stranger.submit(f"/offer/{offer_id(app)}/accept").status_code == 404
    assert stranger.get(f"/offer/{offer_id(app)}/decline").status_code == 404


@pytest.mark.parametrize("role", [Role.FINANCE, Role.QUALITY, Role.OWNER, Role.ADMIN])
def test_who_takes_no_work_has_no_such_page(app: Flask, client: Client, offered: str, role: str) -> None:
    client.login(role)
    assert client.get("/offer/").status_code == 403
    assert client.submit(f"/offer/{offer_id(app)}/accept").status_code == 403


def test_rest_has_no_verb_for_it(client: Client, estate: Estate, work: str) -> None:
    client.authorize("technician")
    body = {"to_id": estate.staff["mate"], "note": "x"}
    assert client.post(f"/api/v1/ticket/{estate.tickets['far']}/offer", json=body).status_code == 404
