"""Forms: groups and help, pickers without scripts, two people at one record, late forms, junk in every field."""

import re
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.models.sqla import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from app.extensions import appbuilder
from app.models import (
    Building,
    Category,
    Department,
    DutyShift,
    Holiday,
    House,
    Person,
    PersonPhone,
    Phone,
    RecordEdit,
    StaffCommunity,
    Tenure,
)
from app.services.attachments import limits
from app.views.base.model_page import ModelPage
from app.views.base.versions import pack, read_at
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import statements_of

EDIT = 14


def pages() -> list[ModelPage]:
    return [
        view for view in appbuilder.baseviews if isinstance(view, ModelPage) and (view.add_columns or view.edit_columns)
    ]


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no {name} in the form"
    return found[1]


# -- what a form looks like ---------------------------------------------------------------------------------------------


def test_every_form_is_in_groups_that_name_each_of_its_fields(app: Flask) -> None:
    for view in pages():
        wanted = {*view.add_columns, *view.edit_columns}
        if len(wanted) == 1:
            continue  # one field needs no group
        grouped = [column for _title, columns in view.form_groups for column in columns]
        assert set(grouped) == wanted, type(view).__name__
        assert len(grouped) == len(set(grouped)), type(view).__name__
        assert set(view.help) <= wanted, type(view).__name__


def test_an_edit_page_asks_little(app: Flask, client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    for view in pages():
        key = session.scalar(select(func.min(view.datamodel.obj.id)))
        path = f"{view.route_base}/edit/{key}"
        if not view.edit_columns or key is None or client.get(path).status_code != 200:
            continue
        asked = statements_of(app, client, path)
        assert len(asked) <= EDIT, (type(view).__name__, len(asked), asked)


def test_errors_stand_at_their_fields_and_in_a_summary_and_nothing_typed_is_lost(
    client: Client, estate: Estate
) -> None:
    client.login("admin")
    path = f"/houseview/edit/{estate.houses['own']}"
    answer = client.submit(path, {"name": "改名", "floor": "三", "area_m2": "89", "state": "let"})
    page = answer.text
    assert answer.status_code == 422
    assert 'href="#f-floor"' in page
    assert re.search(r'<input[^>]*id="f-floor"[^>]*>', page)
    box = re.search(r'<input[^>]*id="f-floor"[^>]*>', page)
    assert box
    assert 'aria-invalid="true"' in box[0]
    assert "f-floor-error" in box[0]
    assert 'value="三"' in box[0]
    assert 'value="改名"' in page


def test_a_refusal_of_the_rules_stands_at_its_field(client: Client, estate: Estate) -> None:
    client.login("admin")
    form = {"name": "x", "floor": "1", "area_m2": "0", "state": "let"}
    assert 'id="f-area_m2-error"' in client.submit(f"/houseview/edit/{estate.houses['own']}", form).text


def test_every_refusal_that_blames_a_field_is_one_that_exists(app: Flask) -> None:
    from pathlib import Path

    texts = "".join(path.read_text(encoding="utf-8") for path in Path(app.root_path).rglob("*.py"))
    texts = re.sub(r'N_\(\s*("[^"]*")\s*\)', r"N_(\1)", texts)  # a long one stands on a line of its own
    for view in pages():
        for msgid, column in view.blames.items():
            assert f'N_("{msgid}")' in texts, msgid
            assert column in {*view.add_columns, *view.edit_columns}, (type(view).__name__, column)


def test_required_fields_say_so_in_words_and_booleans_are_switches(client: Client, estate: Estate) -> None:
    client.login("admin")
    client.get("/lang/zh")
    page = client.get("/categoryview/add").text
    assert "必填" in page
    assert 'role="switch"' in page
    assert page.count('type="radio" name="default_priority"') == 4


# -- pickers ------------------------------------------------------------------------------------------------------------


def test_choices_have_a_second_line(client: Client, estate: Estate) -> None:
    client.login("assistant")
    rows = client.get("/tenureview/choices/person?q=张").get_json()["results"]
    assert [(row["text"], row["detail"]) for row in rows] == [("张三", "1幢1单元101")]
    rows = client.get("/tenureview/choices/person?q=13900000000").get_json()["results"]
    assert [row["text"] for row in rows] == ["张三"]
    rows = client.get("/tenureview/choices/house?q=2-1-101").get_json()["results"]
    assert [(row["text"], row["detail"]) for row in rows] == [("2幢1单元101", "阳光花园")]


def test_a_second_line_tells_nothing_of_other_peoples_rows(client: Client, estate: Estate, session: Any) -> None:
    session.add(
        Tenure(
            person_id=estate.people["own"], house_id=estate.houses["foreign"], role="owner", starts_on=date(2020, 1, 1)
        )
    )
    session.commit()
    client.login("assistant")
    rows = client.get("/tenureview/choices/person?q=张").get_json()["results"]
    assert [row["detail"] for row in rows] == ["1幢1单元101"]


def test_words_count_without_scripts_when_they_mean_one_row(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    form = {
        "person": "",
        "person__text": "李四",
        "house": "",
        "house__text": "2-1-101",
        "role": "family",
        "starts_on": "2026-01-01",
    }
    assert client.submit("/tenureview/add", form).status_code == 302
    session.rollback()
    made = session.scalars(select(Tenure).where(Tenure.role == "family")).one()
    assert (made.person_id, made.house_id) == (estate.people["next"], estate.houses["far"])


@pytest.mark.parametrize("words", ["1单元101", "赵六", "nobody", "%"])
def test_words_that_mean_several_or_a_foreign_row_are_refused_and_kept(
    client: Client, estate: Estate, words: str
) -> None:
    client.login("assistant")
    field = "person" if words == "赵六" else "house"
    answer = client.submit("/tenureview/add", {f"{field}__text": words, "role": "family", "starts_on": "2026-01-01"})
    assert answer.status_code == 422
    assert f'value="{words}"' in answer.text


def test_staff_get_their_communities_and_keep_those_of_others(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    path = f"/staffview/edit/{estate.staff['technician']}"
    assert "阳光花园" in client.get(path).text
    form = {"name": "何", "active": "y", "communities": [estate.home, estate.other], "number": "13900000001"}
    assert client.submit(path, form).status_code == 302
    session.rollback()
    own = select(StaffCommunity.community_id).where(StaffCommunity.staff_id == estate.staff["technician"])
    assert set(session.scalars(own)) == {estate.home, estate.other}
    assert client.submit(path, form | {"communities": [estate.home, 999_999]}).status_code == 422
    assert client.submit(path, form | {"communities": [estate.other]}).status_code == 302
    session.rollback()
    assert set(session.scalars(own)) == {estate.other}


def test_a_persons_numbers_are_shared_rows(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    path = f"/personview/edit/{estate.people['own']}"
    form = {"name": "张三", "phones": "13900000001、 139 1111 2222"}
    assert client.submit(path, form).status_code == 302
    session.rollback()
    numbers = select(Phone.number).join(PersonPhone).where(PersonPhone.person_id == estate.people["own"])
    assert set(session.scalars(numbers)) == {"+8613900000001", "+8613911112222"}
    shared = select(func.count()).select_from(PersonPhone).join(Phone).where(Phone.number == "+8613900000001")
    assert session.scalar(shared) == 2
    refused = client.submit(path, form | {"phones": "13900000001, abc"})
    assert refused.status_code == 422
    assert 'value="13900000001, abc"' in refused.text


def test_days_and_times_are_read_as_people_type_them(client: Client, estate: Estate, session: Any, frozen: Any) -> None:
    client.login("manager")
    form = {"community": estate.home, "tier": "backup", "number": "13900139009", "staff": estate.staff["steward"]}
    assert (
        client.submit("/dutyshiftview/add", form | {"starts_at": "明天 18:00", "ends_at": "3/12 8:30"}).status_code
        == 302
    )
    session.rollback()
    shift = session.query(DutyShift).one()
    assert shift.starts_at == datetime(2026, 3, 11, 10, 0, tzinfo=UTC)
    assert shift.ends_at == datetime(2026, 3, 12, 0, 30, tzinfo=UTC)
    client.submit("/logout/")
    client.login("admin")
    assert client.submit("/holidayview/add", {"day": "2027/1/1", "name": "元旦"}).status_code == 302
    session.rollback()
    assert session.scalar(select(Holiday.name).where(Holiday.day == "2027-01-01")) == "元旦"


# -- two people ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(client: Client, new_client: Any, estate: Estate) -> tuple[Client, Client]:
    other = new_client()
    client.login("admin")
    other.login("manager")
    return client, other


def test_the_second_is_told_what_changed_and_loses_nothing(
    two: tuple[Client, Client], estate: Estate, session: Any
) -> None:
    first, second = two
    path = f"/houseview/edit/{estate.houses['own']}"
    seen = [hidden(each.get(path).text, "seen") for each in two]
    form = {"name": "1幢1单元101", "floor": "1", "area_m2": "89.50", "state": "occupied"}
    assert first.submit(path, form | {"seen": seen[0], "area_m2": "91.25", "state": "let"}).status_code == 302
    second.get("/lang/zh")
    told = second.submit(path, form | {"seen": seen[1], "area_m2": "88", "floor": "7"})
    assert told.status_code == 409
    assert "91.25" in told.text
    assert 'value="88"' in told.text, "what the second one wrote is still in the form"
    assert "出租" in told.text
    assert 'name="take__area_m2"' in told.text
    assert 'name="take__floor"' not in told.text, "nobody else touched the floor"
    session.rollback()
    assert str(session.get(House, estate.houses["own"]).area_m2) == "91.25", "nothing was overwritten"
    choice = {
        "seen": hidden(told.text, "seen"),
        "area_m2": "88",
        "floor": "7",
        "take__area_m2": "mine",
        "take__state": "theirs",
    }
    assert second.submit(path, form | choice).status_code == 302
    session.rollback()
    kept = session.get(House, estate.houses["own"])
    assert (str(kept.area_m2), kept.floor, kept.state) == ("88.00", 7, "let")


def test_the_second_is_told_who_changed_it_and_when(two: tuple[Client, Client], estate: Estate, session: Any) -> None:
    first, second = two
    path = f"/houseview/edit/{estate.houses['own']}"
    seen = hidden(second.get(path).text, "seen")
    form = {"name": "1幢1单元101", "floor": "1", "area_m2": "89.50", "state": "occupied"}
    assert first.submit(path, form | {"seen": hidden(first.get(path).text, "seen"), "state": "let"}).status_code == 302
    session.rollback()
    kept = session.scalars(select(RecordEdit)).one()
    assert (kept.table_name, kept.row_id, kept.field, kept.actor_name) == (
        "house",
        estate.houses["own"],
        "state",
        "admin",
    )
    house = session.get(House, estate.houses["own"])
    house.floor = 9  # by an import: no form, nobody to name
    session.commit()
    second.get("/lang/zh")
    told = second.submit(path, form | {"seen": seen}).text
    assert told.count("admin 于 ") == 1
    assert 'name="take__floor"' in told
    assert "最近由 admin 于 " in first.get(f"/houseview/show/{estate.houses['own']}").text


def test_an_old_change_is_not_blamed_on_its_author_when_something_else_changed_the_field(
    two: tuple[Client, Client], estate: Estate, session: Any
) -> None:
    first, second = two
    path = f"/houseview/edit/{estate.houses['own']}"
    form = {"name": "1幢1单元101", "floor": "1", "area_m2": "89.50", "state": "occupied"}
    assert first.submit(path, form | {"seen": hidden(first.get(path).text, "seen"), "state": "let"}).status_code == 302
    session.execute(update(RecordEdit).values(at=datetime(2026, 1, 1, tzinfo=UTC)))
    session.commit()
    seen = hidden(second.get(path).text, "seen")
    session.get(House, estate.houses["own"]).state = "vacant"
    session.commit()
    second.get("/lang/zh")
    told = second.submit(path, form | {"seen": seen})
    assert told.status_code == 409
    assert "admin于 " not in told.text


def test_the_same_change_twice_is_no_conflict(two: tuple[Client, Client], estate: Estate) -> None:
    path = f"/houseview/edit/{estate.houses['own']}"
    form = {"name": "1幢1单元101", "floor": "2", "area_m2": "89.5", "state": "occupied"}
    seen = [hidden(each.get(path).text, "seen") for each in two]
    for each, token in zip(two, seen, strict=True):
        assert each.submit(path, form | {"seen": token}).status_code == 302


def test_a_third_change_is_told_again(two: tuple[Client, Client], estate: Estate) -> None:
    first, second = two
    path = f"/houseview/edit/{estate.houses['own']}"
    form = {"name": "1幢1单元101", "floor": "1", "area_m2": "89.50", "state": "occupied"}
    seen = hidden(second.get(path).text, "seen")
    first.submit(path, form | {"floor": "2"})
    told = second.submit(path, form | {"seen": seen, "floor": "5"})
    assert told.status_code == 409
    first.submit(path, form | {"floor": "3"})
    answer = second.submit(path, form | {"seen": hidden(told.text, "seen"), "floor": "5", "take__floor": "mine"})
    assert answer.status_code == 409


@pytest.mark.parametrize("seen", ["", "rubbish", "W10=", "eyJhIjogMX0=", "é" * 50])
def test_a_broken_mark_of_what_was_seen_breaks_nothing(client: Client, estate: Estate, seen: str) -> None:
    client.login("admin")
    form = {"name": "1幢1单元101", "floor": "1", "area_m2": "89.50", "state": "occupied", "seen": seen}
    assert client.submit(f"/houseview/edit/{estate.houses['own']}", form).status_code == 302


# -- late forms ---------------------------------------------------------------------------------------------------------

OURS = {"Origin": "http://localhost", "Referer": "http://localhost/ticket/new"}
LATE = {"kind": "repair", "title": "卫生间漏水", "description": "楼上漏水，\n天花板湿了"}


def test_a_form_without_a_session_keeps_its_text_and_leads_back(client: Client, estate: Estate) -> None:
    answer = client.post("/ticket/new", data=LATE | {"csrf_token": "old"}, headers=OURS)
    assert answer.status_code in (400, 401)
    assert "天花板湿了" in answer.text
    assert "next=%2Fticket%2Fnew" in answer.text
    assert "漏水" not in answer.headers.get("Location", "")


def test_a_form_whose_session_ended_is_no_mere_redirect(client: Client, estate: Estate) -> None:
    answer = client.submit("/ticket/new", LATE, headers=OURS)
    assert answer.status_code == 401
    assert "天花板湿了" in answer.text


def test_a_stale_token_offers_to_send_again(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    form = LATE | {"house_id": str(estate.houses["own"]), "csrf_token": "stale"}
    answer = client.post("/ticket/new", data=form, headers=OURS)
    assert answer.status_code == 400
    again = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', answer.text))
    assert again["csrf_token"] != "stale"
    assert client.post("/ticket/new", data=again).status_code == 302


def test_a_form_of_another_site_is_never_offered_again(client: Client, estate: Estate) -> None:
    client.login("assistant")
    for headers in ({}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post("/ticket/new", data=LATE | {"csrf_token": "stale"}, headers=headers)
        assert answer.status_code == 400
        assert "天花板湿了" not in answer.text


def test_a_late_password_is_not_shown(client: Client, estate: Estate) -> None:
    answer = client.post("/ticket/new", data={"password": "geheim", "csrf_token": "x"}, headers=OURS)
    assert "geheim" not in answer.text


def test_what_is_too_big_is_a_sentence(client: Client, estate: Estate) -> None:
    client.login("admin")
    client.get("/lang/zh")
    answer = client.submit("/categoryview/add", {"name": "长" * 8_000_000}, headers=OURS)
    assert answer.status_code == 413
    assert "太大：一次最多提交 20 MB" in answer.text
    assert "data-keeps-drafts" in answer.text, "the browser keeps what was typed"


def test_a_form_with_photos_that_is_too_big_says_how_much_it_takes(
    client: Client, estate: Estate, session: Any
) -> None:
    client.login("assistant")
    client.get("/lang/zh")
    most = limits(session).request_bytes
    sent = {"input_stream": BytesIO(bytes(most + 1)), "content_type": "multipart/form-data; boundary=x"}
    answer = client.post("/ticket/new", headers=OURS, **sent)
    assert answer.status_code == 413
    assert f"一次最多提交 {most // 1024 // 1024} MB" in answer.text
    assert 'href="/ticket/new"' in answer.text, "back to the form"


# -- junk ---------------------------------------------------------------------------------------------------------------

JUNK = st.one_of(
    st.sampled_from(["1e400", "NaN", "-0", "-1", "Infinity", "99999999999999999999", "0x10", "\x00", "a\x00b", "\ud800", "9999-99-99",
                     "0001-01-01", "10000-01-01T00:00", "__None", "None", "True", "' OR 1=1 --", "<script>", "长" * 5000, "٣", "1;2",
                     "../../etc/passwd", "%s%s%n", "{{7*7}}", "\u202e", "2147483648", "-2147483649"]),
    st.text(max_size=30),
    st.integers().map(str),
)  # fmt: skip


def counts(session: Any) -> dict[str, int]:
    session.rollback()
    return {
        name: session.scalar(select(func.count()).select_from(table)) for name, table in Model.metadata.tables.items()
    }


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_junk_in_any_form_is_a_sentence_and_never_an_error(
    client: Client, estate: Estate, session: Any, data: Any
) -> None:
    if not client.get_cookie("session"):
        client.login("admin")
    for view in pages():
        key = session.scalar(select(func.min(view.datamodel.obj.id)))
        for route, columns in (("add", view.add_columns), (f"edit/{key}", view.edit_columns)):
            if not columns or (key is None and route != "add"):
                continue
            form = {}
            for column in columns:
                value = data.draw(JUNK)
                form[column] = value.encode("utf-8", "surrogatepass") if "\ud800" in value else value
                form[f"{column}__text"] = data.draw(st.sampled_from(["", "x\x00", "%", "长" * 300]))
            answer = client.submit(f"{view.route_base}/{route}", form)
            assert answer.status_code < 500, (type(view).__name__, route, form)


@pytest.mark.parametrize(
    ("path", "good", "field", "value", "model"),
    [
        ("/buildingview/add", {"number": "9", "name": "9幢", "position": "9"}, "community", "999999", Building),
        ("/categoryview/add", {"code": "x", "name": "x", "default_priority": "normal"}, "department", "-1", Category),
        ("/categoryview/add", {"code": "x", "name": "x"}, "default_priority", "highest", Category),
        ("/departmentview/add", {"code": "x", "name": "x"}, "position", "1e400", Department),
        ("/holidayview/add", {"name": "x"}, "day", "2026-02-30", Holiday),
        ("/feeitemview/add", {"code": "x", "name": "x", "basis": "per_m2_month", "valid_from": "2026-01-01"}, "rate", "NaN", None),
    ],
)  # fmt: skip
def test_forged_and_impossible_values_write_nothing(
    client: Client, estate: Estate, session: Any, path: str, good: dict[str, str], field: str, value: str, model: Any
) -> None:
    client.login("admin")
    before = counts(session)
    form = {"community": str(estate.home), **good, field: value}
    answer = client.submit(path, form)
    assert answer.status_code == 422, (path, field, value)
    assert "notice--bad" in answer.text
    assert counts(session) == before


def test_a_persons_file_is_guarded_against_two_writers(
    client: Client, new_client: Any, estate: Estate, session: Any
) -> None:
    other = new_client()
    client.login("assistant")
    other.login("supervisor")
    path = f"/personview/edit/{estate.people['own']}"
    seen = [hidden(each.get(path).text, "seen") for each in (client, other)]
    form = {"name": "张三", "phones": "+8613900000000"}
    assert client.submit(path, form | {"seen": seen[0], "email": "a@example.org"}).status_code == 302
    answer = other.submit(path, form | {"seen": seen[1], "email": "", "phones": "13911112222"})
    assert answer.status_code == 409
    assert "a@example.org" in answer.text
    session.rollback()
    assert session.get(Person, estate.people["own"]).email == "a@example.org"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-03-10T02:30:00"])
def test_a_forged_hour_of_reading_is_the_beginning_of_time(moment: str) -> None:
    assert read_at(pack({}, datetime.fromisoformat(moment))) == datetime(1970, 1, 2, tzinfo=UTC)
