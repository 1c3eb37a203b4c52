"""`/owner/house` and `/owner/file`: one's own house, family, telephones and file; nobody else's, neither seen nor changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.models import HouseholdChange, Person, PersonPhone, Phone, Tenure
from app.services.own_file import stamp
from tests.support.client import Client
from tests.support.estate import Estate, login


@pytest.fixture
def today(now: datetime) -> Any:
    return now.date()


@pytest.fixture
def family(estate: Estate, session: Any, today: Any) -> dict[str, int]:
    """In the house `own`: a son of the owner, a child of the tenant; a former owner with a login, and a daughter with one."""
    made = {}
    heads = dict(
        session.execute(select(Tenure.person_id, Tenure.id).where(Tenure.house_id == estate.houses["own"])).all()
    )
    for key, name, head in (("son", "张小明", "own"), ("child", "租客之子", "tenant"), ("daughter", "张小红", "own")):
        person = Person(name=name)
        phone = Phone(number=f"+861390000008{len(made)}")
        session.add_all([person, phone])
        session.flush()
        session.add(PersonPhone(person_id=person.id, phone_id=phone.id))
        session.add(
            Tenure(
                person_id=person.id,
                house_id=estate.houses["own"],
                role="family",
                starts_on=today - timedelta(days=9),
                head_id=heads[estate.people[head]],
            )
        )
        made[key] = person.id
    former = Person(name="前业主", user_id=login(session, "former", "owner").id)
    session.add(former)
    session.flush()
    session.add(
        Tenure(
            person_id=former.id,
            house_id=estate.houses["own"],
            role="owner",
            starts_on=today - timedelta(days=900),
            ends_on=today - timedelta(days=401),
        )
    )
    session.get_one(Person, made["daughter"]).user_id = login(session, "daughter", "resident").id
    made["former"] = former.id
    session.commit()
    return made


def page(client: Client, path: str = "/owner/house") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


SEEN = {
    "owner": {"张三", "张小明", "张小红", "租客"},
    "resident": {"租客", "租客之子"},
    "daughter": {"张小红", "张小明", "张三"},
    "former": set(),
    "stranger": {"赵六"},
}
NAMES = ("张三", "李四", "王五", "赵六", "张小明", "张小红", "租客之子", "前业主")


@pytest.mark.parametrize("who", SEEN)
def test_a_house_shows_its_own_people_only(client: Client, family: dict[str, int], who: str) -> None:
    client.login(who)
    shown = page(client)
    for name in NAMES:
        inside = name in shown.replace("租客之子", "") if name == "租客" else name in shown
        assert inside == (name in SEEN[who]), name


NUMBERS = {"own": "139 0000 0000", "tenant": "139 0000 0009", "son": "139 0000 0080", "child": "139 0000 0081"}
NUMBERS["daughter"] = "139 0000 0082"


@pytest.mark.parametrize(
    "who, sees",
    [
        ("owner", {"own", "son"}),
        ("resident", {"tenant", "child"}),
        ("daughter", {"daughter"}),
        ("former", set()),
        ("stranger", set()),
    ],
)
def test_telephones_are_shown_to_who_keeps_them(
    client: Client, family: dict[str, int], who: str, sees: set[str]
) -> None:
    client.login(who)
    shown = page(client)
    for key, number in NUMBERS.items():
        assert (number in shown) == (key in sees), key


@pytest.mark.parametrize(
    "who, whose",
    [
        ("owner", "child"),
        ("owner", "tenant"),
        ("owner", "next"),
        ("owner", "daughter"),
        ("resident", "own"),
        ("resident", "son"),
        ("daughter", "own"),
        ("daughter", "son"),
        ("former", "own"),
        ("former", "son"),
        ("stranger", "own"),
        ("stranger", "son"),
    ],
)
def test_nobody_changes_the_telephones_of_others(
    client: Client, estate: Estate, family: dict[str, int], session: Any, who: str, whose: str
) -> None:
    person_id = family.get(whose) or estate.people[whose]
    link_id = session.scalars(select(PersonPhone.id).where(PersonPhone.person_id == person_id)).first()
    session.rollback()
    client.login(who)
    assert client.submit("/owner/house/phone", {"person_id": person_id, "number": "13900000077"}).status_code == 404
    answer = client.submit("/owner/house/phone/remove", {"person_id": person_id, "link_id": link_id})
    assert answer.status_code == 404
    kept = session.scalars(select(PersonPhone.id).where(PersonPhone.person_id == person_id)).all()
    assert kept == [link_id]
    assert session.scalars(select(HouseholdChange)).all() == []


def test_a_number_of_one_of_mine_cannot_be_taken_off_through_another_link(
    client: Client, estate: Estate, family: dict[str, int], session: Any
) -> None:
    foreign = session.scalars(select(PersonPhone.id).where(PersonPhone.person_id == estate.people["next"])).one()
    session.rollback()
    client.login("owner")
    answer = client.submit("/owner/house/phone/remove", {"person_id": family["son"], "link_id": foreign})
    assert answer.status_code == 404
    assert session.get(PersonPhone, foreign) is not None


def test_numbers_come_and_go_and_each_change_is_listed(
    client: Client, estate: Estate, family: dict[str, int], session: Any
) -> None:
    client.login("owner")
    own = {"person_id": estate.people["own"]}
    assert client.submit("/owner/house/phone", own | {"number": "139 0000 0055"}).status_code == 302
    link = session.scalars(
        select(PersonPhone.id)
        .join(Phone)
        .where(Phone.number == "+8613900000055", PersonPhone.person_id == own["person_id"])
    ).one()
    session.rollback()
    assert client.submit("/owner/house/phone/remove", own | {"link_id": link}).status_code == 302
    assert [change.what for change in session.scalars(select(HouseholdChange).order_by(HouseholdChange.id))] == [
        "phone_added",
        "phone_removed",
    ]
    assert "139 0000 0055" in page(client)


def test_the_only_own_number_stays(client: Client, estate: Estate, session: Any) -> None:
    person_id = estate.people["own"]
    link_id = session.scalars(select(PersonPhone.id).where(PersonPhone.person_id == person_id)).one()
    session.rollback()
    client.login("owner")
    answer = client.submit("/owner/house/phone/remove", {"person_id": person_id, "link_id": link_id})
    assert answer.status_code == 409
    assert session.get(PersonPhone, link_id) is not None


def test_a_number_of_another_household_is_allowed_and_said(client: Client, estate: Estate) -> None:
    client.login("owner")
    answer = client.submit("/owner/house/phone", {"person_id": estate.people["own"], "number": "13900000001"})
    assert answer.status_code == 302
    shown = page(client)
    assert "另一户也在用这个号码" in shown
    assert "李四" not in shown


@pytest.mark.parametrize("number", ["", "x", "123", "999999999999", "\x00", "1" * 60, "13900000000"])
def test_bad_numbers_are_refused_in_a_sentence_and_kept_in_the_form(
    client: Client, estate: Estate, session: Any, number: str
) -> None:
    client.login("owner")
    answer = client.submit("/owner/house/phone", {"person_id": estate.people["own"], "number": number})
    assert answer.status_code in (400, 409)
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert session.scalars(select(HouseholdChange)).all() == []


def test_family_is_added_and_ended_and_its_history_stays(
    client: Client, estate: Estate, session: Any, today: Any
) -> None:
    client.login("owner")
    form = {"house_id": estate.houses["own"], "name": "张母", "number": "13900000066"}
    assert client.submit("/owner/house/member", form).status_code == 302
    tenure = session.scalars(select(Tenure).join(Person).where(Person.name == "张母")).one()
    assert (tenure.role, tenure.house_id, tenure.ends_on) == ("family", estate.houses["own"], None)
    key = tenure.id
    session.rollback()
    assert client.submit("/owner/house/member", form).status_code == 409
    assert client.submit("/owner/house/member/end", {"tenure_id": key}).status_code == 302
    assert session.get_one(Tenure, key).ends_on is not None
    session.rollback()
    assert client.submit("/owner/house/member/end", {"tenure_id": key}).status_code == 404


@pytest.mark.parametrize(
    "who, house", [("owner", "next"), ("resident", "next"), ("daughter", "own"), ("former", "own"), ("stranger", "own")]
)
def test_nobody_moves_into_a_house_that_is_not_theirs(
    client: Client, estate: Estate, family: dict[str, int], session: Any, who: str, house: str
) -> None:
    client.login(who)
    answer = client.submit("/owner/house/member", {"house_id": estate.houses[house], "name": "陌生人", "number": ""})
    assert answer.status_code == 404
    assert session.scalars(select(Person).where(Person.name == "陌生人")).all() == []


@pytest.mark.parametrize(
    "who, whose",
    [
        ("owner", "child"),
        ("resident", "son"),
        ("daughter", "son"),
        ("former", "son"),
        ("stranger", "son"),
        ("owner", "own"),
        ("owner", "tenant"),
    ],
)
def test_nobody_ends_a_tie_that_is_not_of_their_family(
    client: Client, estate: Estate, family: dict[str, int], session: Any, who: str, whose: str
) -> None:
    person_id = family.get(whose) or estate.people[whose]
    key = session.scalars(select(Tenure.id).where(Tenure.person_id == person_id)).one()
    session.rollback()
    client.login(who)
    assert client.submit("/owner/house/member/end", {"tenure_id": key}).status_code == 404
    assert session.get_one(Tenure, key).ends_on is None


def test_family_without_a_head_is_nobodys_while_a_tenant_lives_there(
    client: Client, estate: Estate, family: dict[str, int], session: Any
) -> None:
    session.scalars(select(Tenure).where(Tenure.person_id == family["son"])).one().head_id = None
    session.commit()
    for who in ("owner", "resident"):
        client.login(who)
        assert "张小明" not in page(client), who
        client.submit("/logout/")


def test_a_tenants_family_is_the_tenants_in_the_list_of_matters_too(
    client: Client, estate: Estate, family: dict[str, int], session: Any
) -> None:
    from app.models import Ticket

    ticket = session.get_one(Ticket, estate.tickets["own"])
    ticket.reporter_id = family["child"]
    number = ticket.number
    session.commit()
    client.login("owner")
    assert client.get(f"/owner/ticket/{number}").status_code == 404


def file_form(session: Any, person_id: int, **changes: str) -> dict[str, str]:
    person = session.get_one(Person, person_id)
    form = {"stamp": stamp(person), "locale": person.locale, "wants_report_by_email": "1"} | changes
    session.rollback()
    return form


def test_ones_own_file_is_changed_and_only_the_names_of_fields_are_logged(
    client: Client, estate: Estate, session: Any
) -> None:
    client.login("owner")
    person_id = estate.people["own"]
    form = file_form(session, person_id, email="san@example.org", special_needs="独居", birth_date="1950-02-03")
    assert client.submit("/owner/file", form).status_code == 302
    person = session.get_one(Person, person_id)
    assert (person.email, person.special_needs, str(person.birth_date)) == ("san@example.org", "独居", "1950-02-03")
    change = session.scalars(select(HouseholdChange)).one()
    assert set(change.detail.split(",")) == {"email", "special_needs", "birth_date"}
    assert "独居" not in change.detail


@pytest.mark.parametrize(
    "change",
    [
        {"email": "no mail"},
        {"email": "a@b"},
        {"birth_date": "2999-01-01"},
        {"birth_date": "1.2.80"},
        {"locale": "xx"},
        {"vehicles": "x" * 256},
        {"special_needs": "\x00"},
    ],
)
def test_a_bad_file_is_refused_and_what_was_typed_is_kept(
    client: Client, estate: Estate, session: Any, change: dict[str, str]
) -> None:
    client.login("owner")
    form = file_form(session, estate.people["own"], household_notes="一只猫", **change)
    answer = client.submit("/owner/file", form)
    assert answer.status_code == 400
    shown = answer.get_data(as_text=True)
    assert 'role="alert"' in shown
    assert "一只猫" in shown
    assert session.get_one(Person, estate.people["own"]).household_notes is None


def test_the_second_of_two_who_edit_is_told_and_keeps_the_text(client: Client, estate: Estate, session: Any) -> None:
    client.login("owner")
    form = file_form(session, estate.people["own"], workplace="学校")
    session.get_one(Person, estate.people["own"]).vehicles = "沪A12345"
    session.commit()
    answer = client.submit("/owner/file", form)
    assert answer.status_code == 409
    assert "学校" in answer.get_data(as_text=True)
    assert session.get_one(Person, estate.people["own"]).vehicles == "沪A12345"


def test_what_was_changed_cannot_be_taken_out(client: Client, estate: Estate, session: Any) -> None:
    client.login("owner")
    client.submit("/owner/house/phone", {"person_id": estate.people["own"], "number": "13900000055"})
    for statement in ("UPDATE household_change SET what = 'x'", "DELETE FROM household_change"):
        with pytest.raises(DBAPIError):
            session.execute(text(statement))
        session.rollback()


def test_staff_have_no_household_here(client: Client, estate: Estate) -> None:
    client.login("manager")
    for path in ("/owner/house", "/owner/file", "/owner/bills", "/owner/services", "/owner/reports", "/owner/matters"):
        assert client.get(path).status_code == 403, path


def test_pages_of_people_ask_little(app: Flask, client: Client, family: dict[str, int]) -> None:
    from tests.views.test_statements import statements_of

    client.login("owner")
    for path in ("/owner/house", "/owner/file", "/owner/privacy", "/owner/more"):
        assert len(statements_of(app, client, path)) <= 15, path


def test_who_read_ones_file_is_shown_to_oneself_only(
    client: Client, estate: Estate, session: Any, now: datetime
) -> None:
    from app.rules.codes import AccessAction
    from app.services.actors import Actor
    from app.services.audit import record

    reader = Actor(user_id=None, username="manager", display_name="经理老周")
    record(session, reader, AccessAction.FILE_READ, "张三", now, kind="person", row_id=estate.people["own"])
    session.commit()
    client.login("owner")
    assert "经理老周" in page(client, "/owner/privacy")
    client.submit("/logout/")
    client.login("stranger")
    assert "经理老周" not in page(client, "/owner/privacy")
