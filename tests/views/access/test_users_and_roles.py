"""Users and roles as an administrator meets them: plain words, nobody locked out, own roles that see what was chosen."""

from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import Role as RoleRow
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.models import AccessEntry, LoginState, Person, RoleScope, Staff, StewardBuilding
from app.rules.codes import Role
from app.services.transaction import transaction
from app.views.permission_words import areas, is_reserved, offered
from tests.support.client import Client
from tests.support.estate import Estate

PASSWORD = "Kranich-und-Ufer-77"


def role_id(session: Any, name: str) -> int:
    found = session.scalars(select(RoleRow.id).where(RoleRow.name == name)).one()
    session.rollback()
    return int(found)


def user_of(session: Any, username: str) -> Any:
    session.rollback()
    return session.scalars(select(User).where(User.username == username)).one_or_none()


def form(session: Any, *roles: str, **more: Any) -> dict[str, Any]:
    made = {"name": "王新人", "username": "wang.xin", "email": "wang@example.org", "password": PASSWORD, "active": "1"}
    return {**made, "role_ids": [role_id(session, role) for role in roles], **more}


# ---- users -----------------------------------------------------------------------------------------------------------
def test_a_new_steward_sees_the_chosen_building_and_no_other(
    client: Client, new_client: Any, estate: Estate, session: Any
) -> None:
    building = session.scalars(select(StewardBuilding.building_id)).first()
    client.login("admin")
    sent = form(session, "steward", community_ids=[estate.home], building_ids=[building])
    answer = client.submit("/users/add", sent)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    user = user_of(session, "wang.xin")
    assert (user.last_name, user.first_name) == ("王", "新人")
    assert user.staff.role == "steward"
    page = client.get(answer.location).get_data(as_text=True)
    assert "王新人" in page
    assert "1幢" in page
    entry = session.scalars(select(AccessEntry).where(AccessEntry.action == "user_added")).one()
    assert (entry.subject, entry.subject_id) == ("wang.xin: steward", user.id)


def test_changing_roles_and_buildings_takes_hold_at_once(
    client: Client, new_client: Any, estate: Estate, session: Any
) -> None:
    pk = user_of(session, "steward").id
    other = new_client().authorize("steward")
    assert set(other.get("/api/v1/house/").get_json()["ids"]) == {estate.houses["own"], estate.houses["next"]}
    client.login("admin")
    sent = form(session, "steward", name="区域管家", email="s@example.org", community_ids=[estate.home])
    assert client.submit(f"/users/edit/{pk}", sent).status_code == 302
    assert other.get("/api/v1/house/").get_json()["ids"] == []
    link = session.scalars(select(StewardBuilding)).one()
    assert link.ends_on is not None, "who was responsible before stays on record"
    sent["role_ids"] = [role_id(session, "finance")]
    assert client.submit(f"/users/edit/{pk}", sent).status_code == 302
    assert user_of(session, "steward").staff.role == "finance"
    assert len(other.get("/api/v1/house/").get_json()["ids"]) == 3
    told = [
        (entry.subject, entry.changes and entry.changes[0][2])
        for entry in session.scalars(select(AccessEntry).where(AccessEntry.action == "user_changed"))
    ]
    assert told == [("steward: steward", "区域管家"), ("steward: steward > finance", None)]


@pytest.mark.parametrize(
    ("change", "roles"),
    [
        ({"name": ""}, ["steward"]),
        ({"username": "x"}, ["steward"]),
        ({"username": "ADMIN"}, ["steward"]),
        ({"email": "nothing"}, ["steward"]),
        ({"password": "short"}, ["steward"]),
        ({"name": "a\x00b" * 40}, ["steward"]),
        ({"number": "12"}, ["steward"]),
        ({}, []),
        ({}, ["steward", "owner"]),
        ({}, ["owner"]),
        ({"person_id": "99999"}, ["owner"]),
        ({"role_ids": ["abc", "999999999999"]}, []),
    ],
)
def test_a_login_that_cannot_be_is_a_sentence_and_what_was_typed_stays(
    client: Client, estate: Estate, session: Any, change: dict[str, Any], roles: list[str]
) -> None:
    client.login("admin")
    sent = {**form(session, *roles), **change}
    before = session.query(User).count()
    session.rollback()
    answer = client.submit("/users/add", sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert PASSWORD not in page
    assert session.query(User).count() == before


def test_an_owner_is_tied_to_a_free_person(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    taken = client.submit("/users/add", form(session, "owner", person_id=estate.people["own"]))
    assert taken.status_code == 422
    assert client.submit("/users/add", form(session, "owner", person_id=estate.people["far"])).status_code == 302
    assert session.get(Person, estate.people["far"]).user_id == user_of(session, "wang.xin").id
    found = client.get("/users/people?q=王五").get_json()["results"]
    assert [row["id"] for row in found] == [estate.people["far"]]
    assert "2幢1单元101" in found[0]["text"]


def test_nobody_locks_himself_out_and_one_administrator_remains(client: Client, estate: Estate, session: Any) -> None:
    pk = user_of(session, "admin").id
    client.login("admin")
    for sent in (form(session, "manager"), form(session, "admin", active="")):
        assert client.submit(f"/users/edit/{pk}", sent | {"email": "a@example.org"}).status_code == 422
    user = user_of(session, "admin")
    assert user.active
    assert [role.name for role in user.roles] == ["admin"]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_users_roles_and_looks_are_the_administrators_only(client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    for path in ("/users/list/", "/users/show/1", "/users/add", "/users/edit/1", "/users/people", "/users/sees/1",
                 "/roles/list/", "/roles/show/1", "/roles/add", "/roles/edit/1"):  # fmt: skip
        assert client.get(path).status_code == 403, path
    assert client.submit("/users/edit/1", {"name": "x"}).status_code == 403
    assert client.submit("/roles/add", {"name": "x"}).status_code == 403


@pytest.mark.parametrize("path", ["/users/list/", "/users/show/{pk}", "/users/add", "/users/edit/{pk}", "/roles/list/",
                                  "/roles/show/{role}", "/roles/add", "/users/sees/{pk}"])  # fmt: skip
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_needs_the_frameworks_scripts_or_shows_its_tags(
    client: Client, estate: Estate, session: Any, path: str, language: str
) -> None:
    pk, role = user_of(session, "steward").id, role_id(session, "steward")
    client.get(f"/lang/{language}")
    client.login("admin")
    page = client.get(path.format(pk=pk, role=role)).get_data(as_text=True)
    for strange in ("appbuilder.static", "/static/appbuilder", "jquery", "select2", " style=", "can_list", "can_show",
                    "TicketView</", "None<", ">True<", ">False<", "pbkdf2", "scrypt"):  # fmt: skip
        assert strange not in page, strange


# ---- plain words -----------------------------------------------------------------------------------------------------
def test_every_permission_is_said_in_plain_words_or_kept_on_purpose(app: Flask) -> None:
    with app.test_request_context():
        said = {grant for area in areas() for line in area.lines for grant in line.grants}
        silent = {grant for grant in offered() - said if not is_reserved(grant)}
        assert not {
            grant for grant in silent if not grant[0].startswith(("can_get", "can_info", "can_post", "can_step"))
        }, "give it words in views/permission_pages.PAGES, or name it in RESERVED"
        assert not {view for _permission, view in silent if not view.endswith("Api")}
        keys = [line.key for area in areas() for line in area.lines]
        assert len(keys) == len(set(keys))
        for area in areas():
            for line in area.lines:
                assert "can_" not in line.words
                assert "View" not in line.words
                assert not [grant for grant in line.grants if is_reserved(grant)]


# ---- roles of one's own ----------------------------------------------------------------------------------------------
def make_role(client: Client, name: str, scope: str, *lines: str) -> Any:
    return client.submit("/roles/add", {"name": name, "scope": scope, "line": list(lines)})


def test_an_own_role_opens_what_was_ticked_for_the_rows_that_were_chosen(
    client: Client, new_client: Any, estate: Estate, session: Any
) -> None:
    client.login("admin")
    made = make_role(client, "绿化监理", "building", "ticket", "TicketView.see", "HouseView.see", "work")
    assert made.status_code == 302
    pk = role_id(session, "绿化监理")
    assert session.get(RoleScope, pk).scope == "building"
    sent = {**form(session), "role_ids": [pk], "community_ids": [estate.home],
            "building_ids": [session.scalars(select(StewardBuilding.building_id)).first()]}  # fmt: skip
    assert client.submit("/users/add", sent).status_code == 302
    session.rollback()
    with transaction() as writing:
        state = writing.get(LoginState, user_of(writing, "wang.xin").id)
        assert state.must_change, "an administrator knows this password"
        state.must_change = False
    other = new_client()
    other.login("wang.xin", PASSWORD)
    assert other.get("/ticketview/list/").status_code == 200
    page = other.get("/houseview/list/").get_data(as_text=True)
    assert "1幢1单元102" in page
    assert "2幢1单元101" not in page
    assert other.get(f"/houseview/show/{estate.houses['far']}").status_code == 404
    assert other.get("/personview/list/").status_code == 403
    assert other.get(f"/houseview/edit/{estate.houses['own']}").status_code == 403
    first = other.get("/")
    assert first.status_code == 200
    assert "/houseview/list/" in first.get_data(as_text=True)
    client.submit(f"/roles/edit/{pk}", {"name": "绿化监理", "scope": "community", "line": ["HouseView.see"]})
    assert other.get("/ticketview/list/").status_code == 403
    assert other.get(f"/houseview/show/{estate.houses['far']}").status_code == 200
    assert client.submit(f"/roles/remove/{pk}").status_code == 302
    assert role_id(session, "绿化监理") == pk, "somebody has it"


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "", "scope": "community", "line": "ticket"},
        {"name": "manager", "scope": "community", "line": "ticket"},
        {"name": "Public", "scope": "community", "line": "ticket"},
        {"name": "x", "scope": "", "line": "ticket"},
        {"name": "x", "scope": "everything", "line": "ticket"},
        {"name": "x", "scope": "community"},
        {"name": "x", "scope": "community", "line": ["UserView.see", "can_list", "RoleView.change"]},
        {"name": "x\x00", "scope": "community", "line": "ticket"},
    ],
)
def test_a_role_that_cannot_be_is_a_sentence(
    client: Client, estate: Estate, session: Any, sent: dict[str, Any]
) -> None:
    before = session.query(RoleRow).count()
    session.rollback()
    client.login("admin")
    answer = client.submit("/roles/add", sent)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert session.query(RoleRow).count() == before


def test_the_eleven_roles_stay_as_they_are(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    for role in Role:
        pk = role_id(session, role)
        assert client.get(f"/roles/edit/{pk}").status_code == 404
        assert (
            client.submit(f"/roles/edit/{pk}", {"name": "x", "scope": "community", "line": "ticket"}).status_code == 404
        )
        assert client.submit(f"/roles/remove/{pk}").status_code == 302
        assert role_id(session, role) == pk
        page = client.get(f"/roles/show/{pk}").get_data(as_text=True)
        assert f"/roles/add?copy={pk}" in page


def test_a_copied_role_begins_with_what_the_other_may_do(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    page = client.get(f"/roles/add?copy={role_id(session, 'finance')}").get_data(as_text=True)
    assert 'value="BillView.see" checked' in page
    assert 'value="DeskPage' not in page
    assert 'value="desk" checked' not in page


# ---- what can this person see? ---------------------------------------------------------------------------------------
def counted(page: str, words: str) -> str:
    return page.partition(f'<th scope="row">{words}</th>')[2].partition("</tr>")[0]


@pytest.mark.parametrize(
    ("username", "tickets", "houses", "files", "recordings"),
    [
        ("manager", "3", "3", "4", "0"),
        ("steward", "2", "2", "3", "0"),
        ("technician", "0", "0", None, "0"),
        ("owner", "1", "1", None, None),
        ("quality", "4", "4", None, None),
    ],
)
def test_the_look_counts_what_the_pages_show(
    client: Client, estate: Estate, session: Any, username: str, tickets: str, houses: str, files: str | None,
    recordings: str | None,
) -> None:  # fmt: skip
    pk = user_of(session, username).id
    client.login("admin")
    page = client.get(f"/users/sees/{pk}").get_data(as_text=True)
    assert f">{tickets}</td>" in counted(page, "工单")
    assert f">{houses}</td>" in counted(page, "房屋")
    told = counted(page, "住户档案")
    assert (f">{files}</td>" in told) if files else ("access__count" not in told)
    if recordings is None:
        assert "access__count" not in counted(page, "通话录音")
    session.rollback()
    entry = session.scalars(select(AccessEntry).where(AccessEntry.action == "permissions_viewed")).one()
    assert (entry.subject, entry.subject_id) == (username, pk)
    assert client.get("/users/sees/999999").status_code == 404


def test_an_owner_is_told_apart_from_a_neighbour(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    page = client.get(f"/users/sees/{user_of(session, 'owner').id}").get_data(as_text=True)
    assert "1幢1单元101" in page
    assert "1幢1单元102" not in page


# ---- the audit trail's page ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", list(Role))
def test_the_trail_is_read_by_administrator_and_quality_and_changed_by_nobody(
    client: Client, estate: Estate, app: Flask, session: Any, role: str
) -> None:
    with app.app_context(), transaction() as writing:
        staff = writing.scalars(select(Staff)).first()
        writing.add(AccessEntry(at=estate_time(), actor_name=staff.name, action="exported", subject="工单：235"))
    client.login(role)
    client.authorize(role)
    allowed = role in (Role.ADMIN, Role.QUALITY)
    answer = client.get("/auditview/list/")
    assert (answer.status_code == 200) == allowed
    assert ("工单：235" in answer.get_data(as_text=True)) == allowed
    before = [(e.id, e.subject) for e in session.scalars(select(AccessEntry))]
    session.rollback()
    for verb in ("add", "edit/1", "delete/1"):
        assert client.get(f"/auditview/{verb}").status_code in (403, 404)
        assert client.submit(f"/auditview/{verb}", {"subject": "x"}).status_code in (403, 404, 405)
    for method in ("get", "post", "put", "delete", "patch"):
        assert getattr(client, method)("/api/v1/access_entry/1").status_code == 404
    kept = [(e.id, e.subject) for e in session.scalars(select(AccessEntry))]
    assert kept[: len(before)] == before


def estate_time() -> Any:
    from tests.conftest import NOW

    return NOW


def test_a_roles_form_is_a_grid_whose_every_box_says_what_it_is(client: Client, estate: Estate) -> None:
    client.login("admin")
    client.get("/lang/zh")
    page = client.get("/roles/add").text
    lines = [line for area in areas() for line in area.lines]
    assert page.count('name="line"') == len(lines)
    assert all(f'value="{line.key}"' in page for line in lines)
    assert 'aria-label="查看 小区"' in page
    assert sum(len(row) for area in areas() for row in area.tables.values()) == page.count('class="grants__way"')


def test_every_role_of_the_product_is_copied_from_the_list(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    page = client.get("/roles/list/").text
    for role in Role:
        assert f"/roles/add?copy={role_id(session, role)}" in page


@pytest.mark.parametrize(("role", "leads"), [("admin", True), ("quality", False)])
def test_an_entry_leads_only_readers_who_may_go_there_to_the_login_it_is_about(
    client: Client, estate: Estate, app: Flask, session: Any, role: str, leads: bool
) -> None:
    pk = user_of(session, "owner").id
    with app.app_context(), transaction() as writing:
        writing.add(
            AccessEntry(
                at=estate_time(), actor_name="admin", action="login", subject="x", subject_kind="user", subject_id=pk
            )
        )
    client.login(role)
    page = client.get("/auditview/list/").get_data(as_text=True)
    assert (f"/users/show/{pk}" in page) == leads
