"""Traps 2, 4 and 6 of design G2 on our pages: rows, sorting, paging, choices, deletion, forms."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.extensions import appbuilder
from app.models import DutyShift, House, Staff, StaffCommunity, Tenure
from app.rules.codes import Role
from app.views.base.model_page import ModelPage
from app.views.matrix import MATRIX
from tests.support.client import Client
from tests.support.estate import Estate


def our_pages() -> list[ModelPage]:
    """Every table an administrator opens; the household's file is for others (D15) and has tests of its own."""
    pages = [view for view in appbuilder.baseviews if isinstance(view, ModelPage)]
    return [view for view in pages if type(view).__name__ != "PersonFileView"]


@pytest.fixture
def steward(client: Client, estate: Estate) -> Client:
    """The steward of building 1: houses own and next, not far, not foreign."""
    client.login("steward")
    return client


def body(page: Any) -> str:
    assert page.status_code == 200, page.get_data(as_text=True)[:400]
    return str(page.get_data(as_text=True))


def rows_of(page: str) -> str:
    return page.partition("<tbody>")[2].partition("</tbody>")[0]


def test_a_list_holds_own_rows_only(steward: Client, estate: Estate) -> None:
    page = body(steward.get("/houseview/list/"))
    assert "1幢1单元101" in page
    assert "1幢1单元102" in page
    assert "2幢1单元101" not in page


@pytest.mark.parametrize("key", ["far", "foreign"])
@pytest.mark.parametrize("path", ["houseview/show/{}", "houseview/edit/{}"])
def test_a_foreign_row_is_not_there(client: Client, estate: Estate, key: str, path: str) -> None:
    client.login("manager")
    mine = client.get("/" + path.format(estate.houses["own"]))
    assert mine.status_code == 200
    if key == "far":
        client.submit("/logout/")
        client.login("steward")
    answer = client.get("/" + path.format(estate.houses[key]))
    assert answer.status_code in (403, 404)
    assert "单元101" not in answer.get_data(as_text=True)


def test_related_rows_are_limited_too(client: Client, estate: Estate) -> None:
    client.login("technician")
    answer = client.get(f"/houseview/show/{estate.houses['own']}")
    assert answer.status_code == 404


def test_a_tab_without_permission_is_not_shown(steward: Client, estate: Estate) -> None:
    path = f"/houseview/show/{estate.houses['own']}"
    page = body(steward.get(path))
    assert "tab=TicketView" in page
    assert "tab=BillView" not in page
    assert "250.60" not in body(steward.get(path, query_string={"tab": "BillView"}))


def test_choices_are_own_rows_only(steward: Client, estate: Estate) -> None:
    results = steward.get("/ticketview/choices/house?q=幢").get_json()["results"]
    assert {row["id"] for row in results} == {estate.houses["own"], estate.houses["next"]}


def test_the_boxes_of_forms_and_searches_ask_where_choices_are(client: Client, estate: Estate) -> None:
    client.login("admin")
    for path in ("/tenureview/add", "/ticketview/list/", "/dutyshiftview/add"):
        asked = re.findall(r'data-url="([^"]+/choices/[^"]+)"', body(client.get(path)))
        assert asked
        for address in asked:
            assert "results" in client.get(address).get_json(), address


def test_choices_of_an_unlisted_column_do_not_exist(steward: Client) -> None:
    assert steward.get("/ticketview/choices/reporter").status_code == 404
    assert steward.get("/ticketview/choices/title").status_code == 404


def test_a_foreign_key_must_be_a_row_of_ones_own(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    form = {"person": estate.people["own"], "role": "family", "starts_on": "2026-01-01"}
    assert client.submit("/tenureview/add", {**form, "house": estate.houses["foreign"]}).status_code == 422
    assert session.query(Tenure).filter_by(house_id=estate.houses["foreign"]).count() == 1
    answer = client.submit("/tenureview/add", {**form, "house": estate.houses["next"]})
    assert answer.status_code == 302
    session.rollback()
    assert session.query(Tenure).filter_by(house_id=estate.houses["next"], role="family").count() == 1


@pytest.mark.parametrize(
    "argument", ["page_HouseView=abc", "page_HouseView=-3", "psize_HouseView=x", "page_HouseView="]
)
def test_a_page_number_that_is_none_gives_the_first_page(steward: Client, argument: str) -> None:
    assert "1幢1单元101" in body(steward.get(f"/houseview/list/?{argument}"))


@pytest.mark.parametrize("size", ["100000", "0", "-1"])
def test_a_page_is_never_longer_than_a_hundred(client: Client, estate: Estate, session: Any, size: str) -> None:
    own = session.get(House, estate.houses["own"])
    session.add_all(
        House(
            community_id=own.community_id,
            building_id=own.building_id,
            unit_id=own.unit_id,
            number=f"x{turn}",
            name=f"x{turn}",
            area_m2=1,
        )
        for turn in range(120)
    )
    session.commit()
    client.login("admin")
    page = body(client.get(f"/houseview/list/?psize_HouseView={size}"))
    assert page.partition("<tbody>")[2].count("<tr>") <= 100


def test_a_hidden_column_does_not_sort(client: Client, estate: Estate) -> None:
    client.login("admin")
    plain = rows_of(body(client.get("/personview/list/")))
    for column in ("workplace", "household_notes", "user_id", "no_such", "phones", "__class__"):
        page = body(client.get(f"/personview/list/?_oc_PersonView={column}&_od_PersonView=desc"))
        assert rows_of(page) == plain


def test_a_foreign_key_is_checked_also_where_the_row_stays_ones_own(
    client: Client, estate: Estate, session: Any
) -> None:
    stranger = Staff(name="外区员工", role="technician")
    session.add(stranger)
    session.flush()
    session.add(StaffCommunity(staff_id=stranger.id, community_id=estate.other))
    session.commit()
    client.login("manager")
    form = {"community": estate.home, "tier": "backup", "number": "13900139009"}
    form |= {"starts_at": "2027-01-05T08:30", "ends_at": "2027-01-05T20:30"}
    assert client.submit("/dutyshiftview/add", {**form, "staff": stranger.id}).status_code == 422
    session.rollback()
    assert session.query(DutyShift).count() == 0
    assert client.submit("/dutyshiftview/add", {**form, "staff": estate.staff["steward"]}).status_code == 302
    session.rollback()
    shift = session.query(DutyShift).one()
    assert shift.starts_at == datetime(2027, 1, 5, 0, 30, tzinfo=UTC), "entered in Shanghai, kept in UTC"


def test_a_choice_that_is_none_does_not_empty_the_column(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    path = f"/staffview/edit/{estate.staff['steward']}"
    assert client.submit(path, {"name": "何", "department": "99999", "active": "y"}).status_code == 422
    session.rollback()
    assert session.get(Staff, estate.staff["steward"]).department_id is not None


def test_nothing_can_be_deleted(app: Flask, client: Client, estate: Estate) -> None:
    assert not [rule for rule in app.url_map.iter_rules() if rule.endpoint.endswith(".delete")]
    client.login("admin")
    assert client.get(f"/houseview/delete/{estate.houses['own']}").status_code == 404
    assert client.submit(f"/houseview/delete/{estate.houses['own']}").status_code == 404


def test_no_page_downloads_files_by_name(app: Flask) -> None:
    assert not [rule for rule in app.url_map.iter_rules() if rule.endpoint.endswith(".download")]


def test_a_form_without_the_token_writes_nothing(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    answer = client.post(f"/houseview/edit/{estate.houses['own']}", data={"name": "gone", "area_m2": "1"})
    assert answer.status_code == 400
    assert session.get(House, estate.houses["own"]).name == "1幢1单元101"


def test_a_refused_change_leaves_no_trace(client: Client, estate: Estate, session: Any) -> None:
    """Trap 8: FAB swallows the refusal, and a later commit of the request saves the change all the same."""
    client.login("admin")
    form = {"name": "changed", "floor": "3", "area_m2": "0", "state": "let"}
    answer = client.submit(f"/houseview/edit/{estate.houses['own']}", form)
    assert answer.status_code == 422
    session.rollback()
    kept = session.get(House, estate.houses["own"])
    assert (kept.name, kept.floor, kept.state) == ("1幢1单元101", 1, "occupied")


def test_a_change_is_written(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    form = {"name": "1幢1单元101", "floor": "2", "area_m2": "90.25", "state": "let"}
    assert client.submit(f"/houseview/edit/{estate.houses['own']}", form).status_code == 302
    session.rollback()
    kept = session.get(House, estate.houses["own"])
    assert (kept.floor, str(kept.area_m2), kept.state) == (2, "90.25", "let")


@pytest.mark.parametrize(
    ("field", "value"),
    [("area_m2", "NaN"), ("area_m2", "1e999"), ("area_m2", "1.234"), ("floor", "9" * 30), ("name", "a\x07b"),
     ("name", "长" * 61), ("name", ""), ("state", "ruined"), ("area_m2", "-1")],
)  # fmt: skip
def test_nonsense_in_a_form_is_a_message(client: Client, estate: Estate, field: str, value: str) -> None:
    client.login("admin")
    form = {"name": "1幢1单元101", "floor": "2", "area_m2": "90.25", "state": "let", field: value}
    answer = client.submit(f"/houseview/edit/{estate.houses['own']}", form)
    assert answer.status_code == 422
    assert "field__error" in answer.get_data(as_text=True)


def test_nothing_reads_none_or_true(client: Client, estate: Estate) -> None:
    client.login("admin")
    client.get("/lang/zh")
    for view in our_pages():
        page = body(client.get(f"{view.route_base}/list/"))
        for word in (">None<", ">True<", ">False<", "__None", ">List "):
            assert word not in page, (type(view).__name__, word)


def test_every_page_opens_in_both_languages(client: Client, estate: Estate) -> None:
    client.login("admin")
    for locale in ("zh", "en"):
        client.get(f"/lang/{locale}")
        for view in our_pages():
            listed = view.datamodel.obj
            page = client.get(f"{view.route_base}/list/")
            assert page.status_code == 200, (type(view).__name__, listed)
            if view.add_columns:
                # What concerns money is entered by finance, not by the administrator.
                lines = MATRIX[type(view).__name__]
                may = any(Role.ADMIN in roles and "can_add" in ways for roles, ways in lines)
                assert client.get(f"{view.route_base}/add").status_code == (200 if may else 403), type(view).__name__


def test_every_row_opens(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    for view in our_pages():
        pk = session.scalar(view.datamodel.obj.__table__.select().with_only_columns(view.datamodel.obj.id).limit(1))
        if pk is None:
            continue
        routes = ["show"] + (["edit"] if view.edit_columns else [])
        for route in routes:
            assert client.get(f"{view.route_base}/{route}/{pk}").status_code == 200, (type(view).__name__, route)


def test_the_session_does_not_keep_what_was_searched(client: Client, estate: Estate) -> None:
    client.login("admin")
    client.get("/houseview/list/?_flt_0_name=geheim")
    client.get("/users/list/?_flt_0_username=geheim")
    with client.session_transaction() as kept:
        assert "page_history" not in kept
        assert "geheim" not in str(dict(kept))
