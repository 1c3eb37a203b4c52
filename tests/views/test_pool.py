"""`/pool/` and a technician's first page: work of the department that nobody has in hand."""

from typing import Any

import pytest
from flask import Flask

from app.models import Category, Department, Skill, Staff, Ticket
from app.rules.codes import Role
from app.services.dispatch import hand_over
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate


@pytest.fixture
def work(app: Flask, estate: Estate, session: Any) -> str:
    """A repair in the home community that lies with the technician's department as a whole; its number."""
    with app.app_context(), transaction() as writing:
        ticket = writing.get_one(Ticket, estate.tickets["far"])
        person = writing.get_one(Staff, estate.staff["technician"])
        if person.department is None:
            person.department = Department(code="pool_test", name="工程部")
            writing.flush()
        ticket.department, ticket.kind, ticket.state = person.department, "repair", "dispatched"
        hand_over(ticket, None, "the department as a whole")
        return ticket.number


def test_a_technician_sees_it_on_the_first_page_takes_it_and_only_then_opens_it(client: Client, work: str) -> None:
    client.login("technician")
    assert client.get(f"/ticket/{work}").status_code == 404
    for page in ("/", "/pool/"):
        text = client.get(page).get_data(as_text=True)
        assert f"/pool/{work}/take" in text
        assert "王五" not in text, "no household before it is one's own"
    answer = client.submit(f"/pool/{work}/take")
    assert (answer.status_code, answer.location) == (302, f"/ticket/{work}")
    assert client.get(f"/ticket/{work}").status_code == 200
    assert f"/pool/{work}/take" not in client.get("/pool/").get_data(as_text=True)


def test_the_second_one_is_told_who_was_faster_and_nothing_changes(
    app: Flask, client: Client, estate: Estate, work: str
) -> None:
    with app.app_context(), transaction() as session:
        faster = Staff(name="赵快手", role="technician")
        session.add(faster)
        session.flush()
        hand_over(session.query(Ticket).filter_by(number=work).one(), faster, "chosen by hand")
    client.login("technician")
    client.get("/lang/en")
    answer = client.submit(f"/pool/{work}/take")
    assert answer.status_code == 409
    assert "赵快手 has taken it already." in answer.text
    assert client.get(f"/ticket/{work}").status_code == 404


@pytest.mark.parametrize("number", ["00000000", "x", "%00", "99999999999"])
def test_what_is_not_there_cannot_be_taken(client: Client, estate: Estate, number: str) -> None:
    client.login("technician")
    assert client.submit(f"/pool/{number}/take").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role != Role.TECHNICIAN])
def test_nobody_else_takes_work(client: Client, estate: Estate, work: str, role: str) -> None:
    client.login(role)
    assert client.get("/pool/").status_code == 403
    assert client.submit(f"/pool/{work}/take").status_code == 403


def test_a_photo_is_taken_by_the_camera_and_leads_back(app: Flask, client: Client, work: str) -> None:
    client.login("technician")
    client.submit(f"/pool/{work}/take")
    text = client.get(f"/ticket/{work}/photos?camera=1&back=/").get_data(as_text=True)
    assert 'capture="environment"' in text
    assert '<input type="hidden" name="back" value="/">' in text
    assert "evil" not in client.get(f"/ticket/{work}/photos?back=//evil.example").get_data(as_text=True)


def test_an_administrator_says_which_skill_a_category_needs_and_who_has_it(
    app: Flask, client: Client, estate: Estate, session: Any
) -> None:
    client.login("admin")
    sent = {"code": "roofer", "name": "屋面维修", "name_en": "Roofer", "active": "1", "position": "9"}
    assert client.submit("/skillview/add", sent).status_code == 302
    skill = session.query(Skill).filter_by(code="roofer").one().id
    category = session.query(Category).order_by(Category.id).first()
    code, position, department = category.id, category.position, category.department_id
    session.rollback()
    assert "屋面维修" in client.get("/staffview/choices/skills?q=屋面").get_data(as_text=True)
    person = {"name": "钱师傅", "communities": estate.home, "skills": skill, "active": "y", "leads_department": "y"}
    assert client.submit(f"/staffview/edit/{estate.staff['technician']}", person).status_code == 302
    sent = {"name": "给水", "department": department, "skill": skill, "default_priority": "normal", "photo_after": "y"}
    assert client.submit(f"/categoryview/edit/{code}", {**sent, "active": "y", "position": position}).status_code == 302
    technician, category = session.get_one(Staff, estate.staff["technician"]), session.get_one(Category, code)
    assert ([one.code for one in technician.skills], technician.leads_department) == (["roofer"], True)
    assert (category.skill_id, category.photo_after) == (skill, True)
    session.rollback()
    assert client.submit(f"/staffview/edit/{estate.staff['technician']}", person | {"skills": ""}).status_code == 302
    assert session.get_one(Staff, estate.staff["technician"]).skills == []
    session.rollback()
