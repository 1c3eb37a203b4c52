"""Every way to a neighbour's record that was tried, each a hole once or a wall that must stand (D15, issue 3 line 1)."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import appbuilder
from app.models import (
    AccessEntry,
    CallTicket,
    Person,
    PersonPhone,
    Phone,
    Recording,
    Setting,
    Staff,
    StaffCommunity,
    Tenure,
    Ticket,
)
from app.services.transaction import transaction
from app.views.base.model_page import ModelPage
from app.views.people import FILE_COLUMNS
from tests.support.client import Client
from tests.support.estate import Estate

SECRET = "独居，心脏病"


def phone_of(session: Any, person_id: int) -> Phone:
    link = session.scalars(select(PersonPhone).where(PersonPhone.person_id == person_id)).first()
    return session.get_one(Phone, link.phone_id)


@pytest.fixture
def shared(estate: Estate, app: Flask) -> Estate:
    """The owner of `own` and the stranger of the other community share a telephone; a call carried tickets of both."""
    with app.app_context(), transaction() as session:
        phone = phone_of(session, estate.people["own"])
        session.add(PersonPhone(person_id=estate.people["foreign"], phone_id=phone.id))
        session.add(CallTicket(call_id=estate.calls["own"], ticket_id=estate.tickets["foreign"]))
        worker = session.get_one(Staff, estate.staff["technician"])
        session.add(StaffCommunity(staff_id=worker.id, community_id=estate.other))
        for person_id in estate.people.values():
            session.get_one(Person, person_id).special_needs = f"{SECRET}{person_id}"
    return estate


# ---- what hangs on a visible row -------------------------------------------------------------------------------------
@pytest.mark.parametrize("page", ["/phoneview/list/", "/phoneview/show/{phone}"])
def test_a_shared_telephone_names_only_ones_own_people(client: Client, shared: Estate, session: Any, page: str) -> None:
    phone = phone_of(session, shared.people["own"]).id
    session.rollback()
    client.login("steward")
    text = client.get(page.format(phone=phone)).get_data(as_text=True)
    assert "张三" in text
    assert "赵六" not in text


@pytest.mark.parametrize("page", ["/callview/list/", "/callview/show/{call}"])
def test_a_call_names_only_ones_own_tickets(client: Client, shared: Estate, session: Any, page: str) -> None:
    numbers = {key: session.get(Ticket, pk).number for key, pk in shared.tickets.items()}
    session.rollback()
    client.login("manager")
    text = client.get(page.format(call=shared.calls["own"])).get_data(as_text=True)
    assert numbers["own"] in text
    assert numbers["foreign"] not in text
    client.authorize("manager")
    rows = client.get(f"/api/v1/call/{shared.calls['own']}").get_json()["result"]["tickets"]
    assert [row["number"] for row in rows] == [numbers["own"]]


def test_a_colleague_of_two_communities_shows_only_the_one_we_share(client: Client, shared: Estate) -> None:
    client.login("assistant")
    text = client.get(f"/staffview/show/{shared.staff['technician']}").get_data(as_text=True)
    assert "阳光花园" in text
    assert "月亮湾" not in text


# ---- the owner's file (D2, D15) --------------------------------------------------------------------------------------
READERS = {
    "manager": {"own", "next", "far"},
    "supervisor": {"own", "next", "far"},
    "assistant": {"next"},
    "steward": {"own", "next"},
    "admin": set(),
    "deputy": set(),
    "technician": set(),
    "finance": set(),
    "quality": set(),
    "owner": set(),
    "resident": set(),
}


@pytest.fixture
def in_hand(shared: Estate, app: Flask) -> Estate:
    """The technician has the tickets of `own` and `far`; that of `next` waits for the desk."""
    with app.app_context(), transaction() as session:
        for key in ("own", "far", "foreign"):
            session.get_one(Ticket, shared.tickets[key]).assignee_id = shared.staff["technician"]
    return shared


@pytest.mark.parametrize("role", list(READERS))
def test_a_file_is_opened_by_whom_d15_names_and_every_reading_is_kept(
    client: Client, in_hand: Estate, session: Any, role: str
) -> None:
    client.login(role)
    for key in ("own", "next", "far", "foreign"):
        person = in_hand.people[key]
        answer = client.get(f"/personfileview/show/{person}")
        allowed = key in READERS[role]
        assert (answer.status_code == 200) == allowed, (role, key, answer.status_code)
        assert (f"{SECRET}{person}" in answer.get_data(as_text=True)) == allowed
        assert (client.get(f"/personfileview/edit/{person}").status_code == 200) == allowed
        if not allowed:
            assert client.submit(f"/personfileview/edit/{person}", {"workplace": "x"}).status_code in (403, 404)
        assert client.get("/personfileview/list/").status_code in (302, 403), "there is no list of files"
        page = client.get(f"/personview/show/{person}")
        assert SECRET not in page.get_data(as_text=True)
        linked = f"/personfileview/show/{person}" in page.get_data(as_text=True)
        assert linked == (page.status_code == 200 and bool(READERS[role]))
    session.rollback()
    kept = session.scalars(select(AccessEntry).where(AccessEntry.action == "file_read")).all()
    read = {entry.subject_id for entry in kept}
    assert read == {in_hand.people[key] for key in READERS[role]}
    assert len(kept) == 2 * len(READERS[role])


def test_a_finished_matter_closes_the_file_for_the_desk(client: Client, in_hand: Estate, app: Flask) -> None:
    with app.app_context(), transaction() as session:
        session.get_one(Ticket, in_hand.tickets["next"]).state = "cancelled"
    client.login("assistant")
    assert client.get(f"/personfileview/show/{in_hand.people['next']}").status_code == 404


def test_who_moved_out_is_not_in_the_handled_household(client: Client, in_hand: Estate, app: Flask) -> None:
    with app.app_context(), transaction() as session:
        session.add(Tenure(person_id=in_hand.people["far"], house_id=in_hand.houses["next"], role="tenant",
                           starts_on=date(2020, 1, 1), ends_on=date(2021, 1, 1)))  # fmt: skip
    client.login("assistant")
    assert client.get(f"/personfileview/show/{in_hand.people['far']}").status_code == 404
    with app.app_context(), transaction() as session:
        tenure = session.scalars(
            select(Tenure).where(Tenure.role == "tenant", Tenure.person_id == in_hand.people["far"])
        ).one()
        tenure.ends_on = date.max - timedelta(days=1)
    assert client.get(f"/personfileview/show/{in_hand.people['far']}").status_code == 200


def test_no_list_search_order_export_or_resource_holds_the_file(app: Flask) -> None:
    for view in appbuilder.baseviews:
        columns: set[str] = set()
        for name in (
            "list_columns",
            "show_columns",
            "search_columns",
            "order_columns",
            "further_columns",
            "quick_columns",
            "columns",
        ):
            columns |= {str(column).rpartition(".")[2] for column in getattr(view, name, None) or ()}
        if type(view).__name__ != "PersonFileView":
            assert not columns & set(FILE_COLUMNS), type(view).__name__
    assert not [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/personfileview/")
                and rule.rule.split("/")[2] not in ("show", "edit", "action", "list")]  # fmt: skip


def test_a_person_read_by_staff_over_rest_is_kept_and_ones_own_is_not(
    client: Client, estate: Estate, session: Any
) -> None:
    client.authorize("finance")
    assert client.get(f"/api/v1/person/{estate.people['own']}").status_code == 200
    assert client.get(f"/api/v1/person/{estate.people['foreign']}").status_code == 404
    client.token = None
    client.authorize("owner")
    assert client.get(f"/api/v1/person/{estate.people['own']}").status_code == 200
    session.rollback()
    kept = session.scalars(select(AccessEntry).where(AccessEntry.action == "file_read")).all()
    assert [(entry.subject_id, entry.subject) for entry in kept] == [(estate.people["own"], "张三")]


# ---- the household's timeline ----------------------------------------------------------------------------------------
def test_a_household_is_told_its_steps_and_not_what_the_house_notes_for_itself(
    client: Client, estate: Estate, new_client: Any
) -> None:
    desk = new_client().authorize("assistant")
    path = f"/api/v1/ticket/{estate.tickets['own']}"
    worker = estate.staff["technician"]
    assert desk.post(f"{path}/dispatch", json={"assignee_id": worker, "note": "业主很难缠"}).status_code == 200
    client.authorize("owner")
    steps = client.get(f"{path}/timeline").get_json()["result"]
    assert [step["verb"] for step in steps] == ["register", "dispatch"]
    assert "难缠" not in json.dumps(steps, ensure_ascii=False)
    assert not any("data" in step for step in steps)


# ---- searching and sorting tell nothing ------------------------------------------------------------------------------
FURTHER = {"id", "position", "house", "house_id"}


def test_nothing_is_searched_or_sorted_by_that_is_not_shown(app: Flask) -> None:
    for view in appbuilder.baseviews:
        if isinstance(view, ModelPage):
            shown = {*view.list_columns, *view.show_columns, *view.further_columns}
            hidden = ({*view.search_columns} | {*view.order_columns}) - shown - FURTHER
            assert not hidden, f"{type(view).__name__}: {hidden} tell what is in a hidden column"


@pytest.mark.parametrize("login", ["steward", "manager", "technician"])
def test_a_foreign_value_in_a_filter_is_like_one_that_does_not_exist(
    client: Client, estate: Estate, login: str
) -> None:
    client.login(login)
    foreign = {
        "house": estate.houses["foreign"],
        "assignee": 10**6,
        "community": estate.other,
        "person": estate.people["foreign"],
    }
    for view in appbuilder.baseviews:
        if not isinstance(view, ModelPage) or client.get(f"{view.route_base}/list/").status_code != 200:
            continue
        for column in set(view.search_columns) & set(foreign):
            told = client.get(f"{view.route_base}/list/?_flt_0_{column}={foreign[column]}")
            none = client.get(f"{view.route_base}/list/?_flt_0_{column}=999999")
            assert told.status_code == none.status_code == 200
            for words in ("赵六", "月亮湾", "foreign 水管漏水"):
                assert words not in told.get_data(as_text=True), (type(view).__name__, column)


# ---- a value that is no one's to set ---------------------------------------------------------------------------------
def test_what_the_house_remembers_of_itself_is_opened_by_no_address(client: Client, estate: Estate, app: Flask) -> None:
    with app.app_context(), transaction() as session:
        hidden = Setting(key="internal.memory", value="geheim")
        session.add(hidden)
        session.flush()
        pk = hidden.id
    client.login("admin")
    assert client.get(f"/settingview/show/{pk}").status_code == 404
    assert client.get(f"/settingview/edit/{pk}").status_code == 404
    assert client.get("/settingview/edit/internal.memory").status_code == 404
    assert "geheim" not in client.get("/settingview/list/").text


@pytest.mark.parametrize("role", ["steward", "assistant", "manager", "owner"])
def test_a_foreign_key_in_a_form_is_refused(client: Client, estate: Estate, session: Any, role: str) -> None:
    client.login(role)
    before = (session.query(Tenure).count(), session.query(Ticket).count())
    form = {
        "house": estate.houses["foreign"],
        "person": estate.people["foreign"],
        "role": "owner",
        "starts_on": "2026-01-01",
    }
    assert client.submit("/tenureview/add", form).status_code in (403, 422)
    assert client.submit("/tenureview/add", form | {"house": estate.houses["own"]}).status_code in (403, 422)
    new = {"kind": "repair", "channel": "desk", "title": "x", "house_id": estate.houses["foreign"]}
    assert client.submit("/ticket/new", new).status_code in (400, 403)
    home = new | {"house_id": estate.houses["own"], "reporter_id": estate.people["foreign"]}
    assert client.submit("/ticket/new", home).status_code in (400, 403)
    session.rollback()
    assert (session.query(Tenure).count(), session.query(Ticket).count()) == before


def test_a_ticket_goes_to_nobody_of_another_community(client: Client, estate: Estate, app: Flask) -> None:
    with app.app_context(), transaction() as session:
        stranger = Staff(name="外人", role="technician")
        session.add(stranger)
        session.flush()
        session.add(StaffCommunity(staff_id=stranger.id, community_id=estate.other))
        pk = stranger.id
    client.authorize("assistant")
    answer = client.post(f"/api/v1/ticket/{estate.tickets['own']}/dispatch", json={"assignee_id": pk})
    assert answer.status_code == 400


# ---- recordings ------------------------------------------------------------------------------------------------------
def test_whoever_begins_a_recording_in_the_middle_has_heard_it(
    client: Client, estate: Estate, session: Any, data_dir: Any, app: Flask
) -> None:
    (data_dir / "recordings").mkdir()
    (data_dir / "recordings/7.wav").write_bytes(b"RIFFvoice")
    with app.app_context(), transaction() as writing:
        ticket = writing.get_one(Ticket, estate.tickets["own"])
        voice = Recording(call_id=estate.calls["own"], provider_sid="RE7", created_at=ticket.created_at,
                          file_path="recordings/7.wav", status="completed")  # fmt: skip
        writing.add(voice)
        writing.flush()
        address = f"/ticket/{ticket.number}/recording/{voice.id}"
    client.login("supervisor")
    for _piece in range(3):
        answer = client.get(address, headers={"Range": "bytes=1-"})
        assert answer.data == b"IFFvoice"
        answer.close()
    kept = session.scalars(select(AccessEntry).where(AccessEntry.action == "recording_heard")).all()
    assert len(kept) == 1
