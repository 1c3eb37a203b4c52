"""A new member of a household at the desk: name, telephones and first tenure in one form, nobody doubled, nobody's rows but one's own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from app.models import HouseholdChange, Person, PersonPhone, Phone, Tenure
from tests.support.client import Client
from tests.support.estate import Estate

ADD = "/personview/add"


def form(estate: Estate, house: str = "own", **changed: Any) -> dict[str, Any]:
    return {
        "name": "周敏",
        "phones": "13711112222、021 6000 0001",
        "house": estate.houses[house] if house else "",
        "role": "tenant",
        "starts_on": "2026-03-01",
        "locale": "en",
        "email": "zhou@example.org",
    } | changed


def people(session: Any) -> int:
    session.rollback()
    return int(session.scalar(select(func.count()).select_from(Person)))


def test_the_desk_adds_somebody_with_numbers_and_a_tenure(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    assert "新增：住户" in client.get("/personview/list/").text
    answer = client.submit(ADD, form(estate))
    assert answer.status_code == 302
    session.rollback()
    person = session.scalars(select(Person).where(Person.name == "周敏")).one()
    assert answer.location == f"/personview/show/{person.id}"
    assert "1幢1单元101" in client.get(answer.location).text
    assert (person.locale, person.email, person.wants_report_by_email) == ("en", "zhou@example.org", False)
    numbers = select(Phone.number, PersonPhone.is_primary).join(PersonPhone).where(PersonPhone.person_id == person.id)
    assert dict(session.execute(numbers).tuples().all()) == {"+8613711112222": True, "+862160000001": False}
    tenure = session.scalars(select(Tenure).where(Tenure.person_id == person.id)).one()
    assert (tenure.house_id, tenure.role, f"{tenure.starts_on}") == (estate.houses["own"], "tenant", "2026-03-01")
    change = session.scalars(select(HouseholdChange).where(HouseholdChange.person_id == person.id)).one()
    assert (change.what, change.actor_name) == ("member_added", "assistant")


def test_the_houses_page_leads_to_a_form_that_knows_the_house(client: Client, estate: Estate) -> None:
    client.login("assistant")
    link = f"{ADD}?house={estate.houses['own']}"
    assert link in client.get(f"/houseview/show/{estate.houses['own']}").text
    page = client.get(link).text
    assert re.search(rf'name="house" value="{estate.houses["own"]}"', page)
    for strange in (estate.houses["foreign"], 999999, "abc"):
        page = client.get(f"{ADD}?house={strange}").text
        assert re.search(r'name="house" value=""', page)
        assert "月亮湾" not in page


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"name": "张三"}, "name", "张三已登记在这套房屋名下"),
        ({"name": "王五", "phones": "13900000002"}, "phones", "王五和这个号码已在册（2幢1单元101）"),
        ({"name": ""}, "name", "必填"),
        ({"role": ""}, "role", "必填"),
        ({"house": ""}, "house", "必填"),
        ({"starts_on": ""}, "starts_on", "必填"),
        ({"phones": "abc"}, "phones", ""),
        ({"role": "king"}, "role", ""),
    ],
)
def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(
    client: Client, estate: Estate, session: Any, changed: dict[str, str], field: str, said: str
) -> None:
    before = people(session)
    client.login("assistant")
    answer = client.submit(ADD, form(estate, **changed))
    assert answer.status_code == 422
    error = re.search(rf'id="f-{field}-error">([^<]*)', answer.text)
    assert error, field
    assert said in error[1]
    assert 'value="zhou@example.org"' in answer.text
    assert people(session) == before


def test_a_shared_number_and_a_namesake_elsewhere_are_no_double(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    assert client.submit(ADD, form(estate, phones="13900000000")).status_code == 302, "张三's number, another name"
    assert client.submit(ADD, form(estate, name="王五")).status_code == 302, "another 王五"
    assert client.submit(ADD, form(estate, name="周小敏", phones="")).status_code == 302, "a child without a telephone"


def test_a_foreign_house_is_refused_and_a_foreign_person_is_not_told_of(
    client: Client, estate: Estate, session: Any
) -> None:
    before = people(session)
    client.login("assistant")
    assert client.submit(ADD, form(estate, house="foreign")).status_code == 422
    assert people(session) == before
    answer = client.submit(ADD, form(estate, name="赵六", phones="13900000003"))
    assert answer.status_code == 302, "whoever lives elsewhere is nobody's to be told of"


def test_a_form_that_is_sent_twice_adds_one(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    key = re.search(r'name="form_key" value="([^"]+)"', client.get(ADD).text)
    assert key
    first, second = (client.submit(ADD, form(estate, form_key=key[1])) for _ in range(2))
    assert first.location == second.location
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Person).where(Person.name == "周敏")) == 1


@pytest.mark.parametrize("role", ["steward", "technician", "finance", "quality", "owner"])
def test_others_add_nobody(client: Client, estate: Estate, session: Any, role: str) -> None:
    before = people(session)
    client.login(role)
    assert client.submit(ADD, form(estate)).status_code in (403, 404)
    assert people(session) == before
