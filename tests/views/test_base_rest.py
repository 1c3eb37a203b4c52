"""Traps 4, 5, 8 and 11 of design G2 on our resources, and the conventions of I5."""

import json
import re
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import User

from app.extensions import appbuilder
from app.models import Complaint, Person, Ticket
from app.views.base.rest import RestApi
from tests.support.client import Client
from tests.support.estate import CHEAP_HASH, Estate

RESOURCES = [
    "community",
    "building",
    "house",
    "person",
    "tenure",
    "ticket",
    "clock",
    "return_visit",
    "survey",
    "category",
    "call",
    "department",
    "duty_shift",
    "escalation_attempt",
    "message",
    "service_item",
    "fee_item",
    "bill",
    "payment",
    "receipt",
    "report",
    "attachment",
    "service_order",
    "campaign",
    "campaign_target",
    "special_event",
    "external_reference",
]
NEW = {"kind": "repair", "channel": "desk", "category": "water", "title": "漏水"}


def apis() -> list[RestApi]:
    return [view for view in appbuilder.baseviews if isinstance(view, RestApi)]


def ids(client: Client, resource: str, **q: Any) -> set[int]:
    answer = client.get(f"/api/v1/{resource}/", query_string={"q": json.dumps(q)})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return set(answer.get_json()["ids"])


def test_every_resource_of_the_interface_is_there(client: Client, estate: Estate) -> None:
    client.authorize("admin")
    assert {api.resource_name for api in apis()} == set(RESOURCES)
    for resource in RESOURCES:
        listed = client.get(f"/api/v1/{resource}/").get_json()
        assert listed["count"] == len(listed["ids"]) or listed["count"] > 20
        if listed["ids"]:
            one = client.get(f"/api/v1/{resource}/{listed['ids'][0]}").get_json()
            assert one["result"] == listed["result"][0]


# ---- whose rows ------------------------------------------------------------------------------------------------------
OWN = {
    "manager": {"own", "next", "far"},
    "supervisor": {"own", "next", "far"},
    "assistant": {"own", "next", "far"},
    "finance": {"own", "next", "far"},
    "steward": {"own", "next"},
    "technician": set(),
    "owner": {"own"},
    "resident": {"own"},
    "stranger": {"foreign"},
    "quality": {"own", "next", "far", "foreign"},
    "admin": {"own", "next", "far", "foreign"},
}


@pytest.mark.parametrize("login", OWN)
def test_houses_are_limited_by_role(client: Client, estate: Estate, login: str) -> None:
    client.authorize(login)
    assert ids(client, "house") == {estate.houses[key] for key in OWN[login]}
    for key, house_id in estate.houses.items():
        expected = 200 if key in OWN[login] else 404
        assert client.get(f"/api/v1/house/{house_id}").status_code == expected, key


@pytest.mark.parametrize("login", ["owner", "stranger", "steward", "manager"])
def test_tickets_are_limited_by_role(client: Client, estate: Estate, login: str) -> None:
    client.authorize(login)
    assert ids(client, "ticket") == {estate.tickets[key] for key in OWN[login]}
    for key, ticket_id in estate.tickets.items():
        mine = key in OWN[login]
        assert client.get(f"/api/v1/ticket/{ticket_id}").status_code == (200 if mine else 404)
        assert client.get(f"/api/v1/ticket/{ticket_id}/timeline").status_code == (200 if mine else 404)
        if not mine:
            assert client.post(f"/api/v1/ticket/{ticket_id}/dispatch", json={}).status_code == 404


def test_a_tenant_sees_no_bills_and_an_owner_sees_the_own(client: Client, estate: Estate) -> None:
    client.authorize("resident")
    assert ids(client, "bill") == set()
    client.token = None
    client.authorize("owner")
    assert ids(client, "bill") == {estate.bills["own"]}


@pytest.mark.parametrize(("login", "resource"), [("technician", "person"), ("assistant", "bill"), ("owner", "message"),
                                                 ("owner", "call"), ("resident", "clock"), ("technician", "call")])  # fmt: skip
def test_a_resource_is_closed_to_roles_without_a_line(
    client: Client, estate: Estate, login: str, resource: str
) -> None:
    client.authorize(login)
    answer = client.get(f"/api/v1/{resource}/")
    assert answer.status_code == 403
    assert answer.get_json()["message"]


def test_a_call_shows_the_tickets_that_are_ones_own_only(client: Client, estate: Estate, session: Any) -> None:
    from app.models import CallTicket

    session.add(CallTicket(call_id=estate.calls["own"], ticket_id=estate.tickets["far"]))
    session.commit()
    client.authorize("steward")
    call = client.get(f"/api/v1/call/{estate.calls['own']}").get_json()["result"]
    assert [ticket["id"] for ticket in call["tickets"]] == [estate.tickets["own"]]


# ---- nothing that should not be there --------------------------------------------------------------------------------
def test_no_answer_holds_a_password_hash_or_more_than_declared(client: Client, estate: Estate, session: Any) -> None:
    """Trap 5: by default FAB answers with related users and their hashes."""
    session.query(Person).filter_by(id=estate.people["own"]).update({"workplace": "秘密单位", "special_needs": "轮椅"})
    session.commit()
    client.authorize("admin")
    for api in apis():
        for path in (f"{api.route_base}/", f"{api.route_base}/_info", "/api/v1/_openapi"):
            text = client.get(path).get_data(as_text=True)
            assert CHEAP_HASH not in text, path
            assert not re.search(r"pbkdf2|scrypt:|password_hash", text), path
            assert "秘密单位" not in text, path
            assert not re.search(r"\b\d{17}[\dXx]\b", text), path


def test_no_page_holds_a_password_hash(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    user = session.query(User).filter_by(username="owner").one()
    for path in (f"/users/show/{user.id}", "/users/userinfo/", "/personview/list/", "/staffview/list/"):
        assert "pbkdf2" not in client.get(path).get_data(as_text=True), path


@pytest.mark.parametrize(
    "extra",
    [
        {"reporter": {"name": "x", "user": {"username": "evil", "password": "x"}}},
        {"assignee": {"user": {"username": "evil"}}},
        {"house_id": {"id": 1}},
        {"house_id": [1]},
        {"title": {"a": 1}},
        {"state": "closed"},
        {"number": "00000001"},
        {"id": 1},
        {"revision": 7},
    ],
)
def test_nested_or_unknown_fields_are_refused(client: Client, estate: Estate, session: Any, extra: Any) -> None:
    client.authorize("admin")
    before = session.query(Ticket).count(), session.query(User).count()
    answer = client.post("/api/v1/ticket/", json={**NEW, "house_id": estate.houses["own"], **extra})
    session.rollback()
    assert answer.status_code == 400
    assert answer.get_json()["message"]
    assert (session.query(Ticket).count(), session.query(User).count()) == before


def test_nothing_is_overwritten_or_deleted(client: Client, estate: Estate) -> None:
    client.authorize("admin")
    for resource in RESOURCES:
        for method in ("put", "patch", "delete"):
            answer = getattr(client, method)(f"/api/v1/{resource}/1", json={})
            assert answer.status_code == 405, (resource, method)
            assert answer.get_json()["message"]


def test_a_cookie_opens_no_resource(client: Client, estate: Estate) -> None:
    """Trap 2: the resources need no form token, so they must never accept the browser's cookie."""
    client.login("admin")
    for api in apis():
        assert client.get(f"{api.route_base}/").status_code == 401
    assert client.post("/api/v1/ticket/", json=NEW).status_code == 401


def test_info_lists_no_rows(client: Client, estate: Estate) -> None:
    client.authorize("manager")
    for api in apis():
        answer = client.get(f"{api.route_base}/_info?q=(keys:!(add_columns,edit_columns,filters))")
        assert answer.status_code == 200
        assert set(answer.get_json()) == {"permissions", "filters"}


# ---- how a row reads -------------------------------------------------------------------------------------------------
def test_the_shape_of_a_ticket(client: Client, estate: Estate) -> None:
    client.authorize("manager")
    row = client.get(f"/api/v1/ticket/{estate.tickets['own']}").get_json()["result"]
    assert row["house"] == {"name": "1幢1单元101"}
    assert row["house_id"] == estate.houses["own"]
    assert row["category"]["name"] == "供水"
    assert (row["kind"], row["channel"], row["state"], row["validity"]) == ("repair", "desk", "registered", None)
    assert re.fullmatch(r"\d{8}", row["number"])
    assert datetime.fromisoformat(row["created_at"]).utcoffset() is not None


def test_a_household_reads_nothing_that_is_written_inside_the_house(
    client: Client, estate: Estate, session: Any
) -> None:
    pk = estate.tickets["own"]
    session.get(Ticket, pk).kind = "complaint"
    session.add(Complaint(ticket_id=pk, party="developer", level="manager"))
    session.commit()
    client.authorize("manager")
    inside = client.get(f"/api/v1/ticket/{pk}").get_json()["result"]["complaint"]
    assert inside == {"party": "developer", "level": "manager"}
    client.authorize("owner")
    assert client.get(f"/api/v1/ticket/{pk}").get_json()["result"]["complaint"] is None
    rows = client.get("/api/v1/ticket/", query_string={"q": "(columns:!(number,complaint.level))"}).get_json()["result"]
    assert rows
    assert [row["complaint"] for row in rows] == [None] * len(rows)


def test_the_shape_of_money_people_and_calls(client: Client, estate: Estate) -> None:
    client.authorize("admin")
    bill = client.get(f"/api/v1/bill/{estate.bills['own']}").get_json()["result"]
    assert (bill["amount"], bill["rate"], bill["period"]) == ("250.60", "2.80", "2026-02")
    person = client.get(f"/api/v1/person/{estate.people['own']}").get_json()["result"]
    assert [phone["number"] for phone in person["phones"]] == ["+8613900000000"]
    call = client.get(f"/api/v1/call/{estate.calls['own']}").get_json()["result"]
    assert set(call["tickets"][0]) == {"id", "number"}
    house = client.get(f"/api/v1/house/{estate.houses['own']}").get_json()["result"]
    assert house["area_m2"] == 89.5


def test_a_list_pages_sorts_and_filters(client: Client, estate: Estate, session: Any) -> None:
    client.authorize("admin")
    every = sorted(ids(client, "ticket"))
    first = client.get("/api/v1/ticket/", query_string={"q": "(page:0,page_size:3)"}).get_json()
    assert (first["ids"], first["count"]) == (every[:3], 4)
    second = client.get("/api/v1/ticket/", query_string={"q": "(page:1,page_size:3)"}).get_json()
    assert second["ids"] == every[3:]
    down = client.get("/api/v1/ticket/", query_string={"q": "(order_column:id,order_direction:desc)"}).get_json()
    assert down["ids"] == every[::-1]
    number = session.get(Ticket, every[0]).number
    for name, value in (("number", number), ("number", int(number)), ("house_id", estate.houses["own"])):
        assert ids(client, "ticket", filters=[{"col": name, "opr": "eq", "value": value}]) == {every[0]}
    assert ids(client, "ticket", filters=[{"col": "state", "opr": "eq", "value": "closed"}]) == set()
    assert ids(client, "ticket", filters=[{"col": "validity", "opr": "eq", "value": None}]) == set(every)
    assert ids(client, "ticket", filters=[{"col": "id", "opr": "in", "value": every[:2]}]) == set(every[:2])
    assert ids(client, "ticket", filters=[{"col": "house", "opr": "rel_o_m", "value": estate.houses["far"]}])


def test_every_resource_filters_by_what_the_interface_names(client: Client, estate: Estate) -> None:
    client.authorize("admin")
    for api in apis():
        rows = client.get(f"{api.route_base}/").get_json()["result"]
        row = rows[0] if rows else {"id": 1}
        for name in [name for name in row if name in ("id", "state", "kind", "number") or name.endswith("_id")]:
            q = json.dumps({"filters": [{"col": name, "opr": "eq", "value": row[name]}]})
            found = client.get(f"{api.route_base}/", query_string={"q": q})
            assert found.status_code == 200, (api.resource_name, name, found.get_data(as_text=True))
            assert all(item[name] == row[name] for item in found.get_json()["result"]), (api.resource_name, name)
        dated = json.dumps({"filters": [{"col": "created_at", "opr": "gt", "value": "2026-01-01T00:00:00+08:00"}]})
        if api.resource_name in ("ticket", "clock", "call", "message", "report", "escalation_attempt"):
            assert client.get(f"{api.route_base}/", query_string={"q": dated}).status_code == 200


@pytest.mark.parametrize(
    "q",
    ["(((", "{", "x", "1", "!(1)", "(page:abc)", "(page_size:!(1))", "(filters:1)", "(filters:!(1))", "(filters:!((col:id)))",
     "(filters:!((col:password,opr:eq,value:x)))", "(filters:!((col:id,opr:boom,value:1)))",
     "(filters:!((col:id,opr:eq,value:99999999999999999999)))", "(filters:!((col:created_at,opr:gt,value:yesterday)))",
     "(filters:!((col:id,opr:eq,value:!t)))", "(filters:!((col:id,opr:ct,value:a)))", "(order_column:password)",
     "(order_column:id,order_direction:sideways)", "(order_column:1)", "(columns:x)", "(" * 5000,
     '{"filters": [{"col": "title", "opr": "eq", "value": "a\\u0000b"}]}',
     '{"filters": [{"col": "title", "opr": "eq", "value": "\\ud800"}]}',
     '{"filters": [{"col": "\\ud800", "opr": "eq", "value": "a"}]}', '{"filters": [], "columns": ["\\udfff"]}'],
)  # fmt: skip
def test_nonsense_in_q_is_a_sentence(client: Client, estate: Estate, q: str) -> None:
    client.authorize("admin")
    answer = client.get("/api/v1/ticket/", query_string={"q": q})
    assert answer.status_code == 400
    assert len(answer.get_json()["message"]) > 5


@pytest.mark.parametrize("q", ["(page:-3)", "(page_size:-1)", "(page_size:100000)", "(page:999999999999)", "()", ""])
def test_odd_paging_is_brought_into_bounds(client: Client, estate: Estate, q: str) -> None:
    client.authorize("admin")
    answer = client.get("/api/v1/category/", query_string={"q": q})
    assert answer.status_code == 200
    assert len(answer.get_json()["result"]) <= 100


@pytest.mark.parametrize("path", ["ticket/0", "ticket/99999999999999999999999", "ticket/abc", "ticket/-1", "nothing/"])
def test_a_row_that_is_not_there_is_404_with_a_sentence(client: Client, estate: Estate, path: str) -> None:
    client.authorize("admin")
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer.get_json()["message"]


# ---- opening and steps -----------------------------------------------------------------------------------------------
def test_an_opened_ticket_is_answered_as_get_shows_it(client: Client, estate: Estate) -> None:
    client.authorize("assistant")
    answer = client.post(
        "/api/v1/ticket/", json={**NEW, "house_id": estate.houses["own"], "reporter_phone": "139 0000 0000"}
    )
    made = answer.get_json()
    assert answer.status_code == 201
    assert made["result"] == client.get(f"/api/v1/ticket/{made['id']}").get_json()["result"]
    assert made["result"]["reporter_phone"] == "+8613900000000"
    assert made["result"]["reporter_id"] == estate.people["own"]


@pytest.mark.parametrize(
    "change",
    [{"category": "no_such"}, {"house_id": 99_999}, {"house_id": 2**70}, {"kind": "x"}, {"channel": "x"}, {"kind": ""},
     {"title": ""}, {"title": "a\x00b"}, {"title": "长" * 200}, {"reporter_phone": "12"}, {"house_id": "1幢"},
     {"description": "x" * 5000}, {"category": "x" * 500}, {"kind": None}, {"title": 5}, {"category": "\ud800"},
     {"reporter_name": "\udfff"}, {"\ud800": 1}],
)  # fmt: skip
def test_a_ticket_that_cannot_be_is_refused_with_a_sentence(
    client: Client, estate: Estate, session: Any, change: Any
) -> None:
    client.authorize("assistant")
    before = session.query(Ticket).count()
    body = json.dumps({**NEW, "house_id": estate.houses["own"], **change})
    answer = client.post("/api/v1/ticket/", data=body, content_type="application/json")
    session.rollback()
    assert 400 <= answer.status_code < 500
    assert answer.get_json()["message"]
    assert session.query(Ticket).count() == before


def test_without_a_title_a_ticket_is_called_by_its_description(client: Client, estate: Estate) -> None:
    client.authorize("assistant")
    body = {name: value for name, value in NEW.items() if name != "title"} | {"house_id": estate.houses["own"]}
    made = client.post("/api/v1/ticket/", json={**body, "description": "厨房漏水\n水已经流到走廊"})
    assert made.status_code == 201
    assert made.get_json()["result"]["title"] == "厨房漏水"
    assert (
        client.post("/api/v1/ticket/", json={**body, "description": "水" * 300}).get_json()["result"]["title"]
        == "水" * 120
    )
    for nothing in ({}, {"title": "  ", "description": " \n "}, {"title": None, "description": None}):
        refused = client.post("/api/v1/ticket/", json={**body, **nothing}, headers={"Accept-Language": "en"})
        assert refused.status_code == 400, nothing
        assert (
            "title or a description" in refused.get_json()["message"]
            or "标题或情况说明" in refused.get_json()["message"]
        )


def test_openapi_says_what_a_new_ticket_needs(client: Client, estate: Estate) -> None:
    described = client.get("/api/v1/_openapi").get_json()
    body = described["components"]["schemas"]["TicketApi.post"]
    assert body["required"] == ["kind", "channel"]
    assert "first line of its description" in body["properties"]["title"]["description"]
    assert "complaint" in body["properties"]["kind"]["enum"]
    assert "413" in described["paths"]["/api/v1/ticket/"]["post"]["responses"]


class Sent(BytesIO):
    """A body that knows how much of it was read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.length = len(data)

    def left(self) -> int:
        return self.length - self.tell()


@pytest.mark.parametrize("path", ["/api/v1/ticket/", "/api/v1/ticket/1/start"])
@pytest.mark.parametrize("size", [300_000, 21_000_000])
def test_a_body_that_is_too_long_is_told_so_when_it_was_sent(
    client: Client, estate: Estate, path: str, size: int
) -> None:
    client.authorize("assistant")
    body = Sent(json.dumps({**NEW, "description": "x" * size}).encode())
    answer = client.post(path, input_stream=body, content_length=body.length, content_type="application/json")
    assert answer.status_code == 413
    assert "256 kB" in answer.get_json()["message"]
    assert body.left() == 0, "the connection would break before the answer is read"


def test_whoever_is_not_logged_in_reads_that_too(client: Client, estate: Estate) -> None:
    body = Sent(b"x" * 2_000_000)
    answer = client.post("/api/v1/ticket/", input_stream=body, content_length=body.length)
    assert (answer.status_code, body.left()) == (401, 0)


@pytest.mark.parametrize("login", ["assistant", "steward", "owner"])
def test_a_foreign_house_is_no_house(client: Client, estate: Estate, login: str) -> None:
    client.authorize(login)
    channel = "web" if login == "owner" else "desk"
    answer = client.post("/api/v1/ticket/", json={**NEW, "channel": channel, "house_id": estate.houses["foreign"]})
    assert answer.status_code == 400
    mine = client.post("/api/v1/ticket/", json={**NEW, "channel": channel, "house_id": estate.houses["own"]})
    assert mine.status_code == 201


OWN_HOUSE = {**NEW, "channel": "web"}


@pytest.mark.parametrize("login", ["owner", "resident"])
def test_a_household_is_called_back_on_its_own_number_only(client: Client, estate: Estate, login: str) -> None:
    client.authorize(login)
    body = {**OWN_HOUSE, "house_id": estate.houses["own"]}
    own = {"owner": "+8613900000000", "resident": "+8613900000009"}[login]
    for number in ("13900000001", "+86 139 0000 0001", "110", "13955550000"):
        answer = client.post("/api/v1/ticket/", json={**body, "reporter_phone": number})
        assert answer.status_code == 400, number
        assert answer.get_json()["message"]
    for given in ({}, {"reporter_phone": own}, {"reporter_phone": own.removeprefix("+86")}):
        answer = client.post("/api/v1/ticket/", json={**body, **given})
        assert answer.status_code == 201, given
        assert answer.get_json()["result"]["reporter_phone"] == own


def test_a_household_reports_an_emergency_only_of_its_own_house(
    client: Client, estate: Estate, app: Any, session: Any
) -> None:
    from app.models import HotlineNumber

    session.add(HotlineNumber(number="+862160001234", community_id=estate.home))
    session.commit()
    client.authorize("owner")
    body = {**OWN_HOUSE, "kind": "emergency", "title": "煤气味"}
    refused = client.post("/api/v1/ticket/", json=body)
    assert refused.status_code == 400
    assert "+862160001234" in refused.get_json()["message"]
    assert client.post("/api/v1/ticket/", json={**body, "house_id": estate.houses["next"]}).status_code == 400
    assert client.post("/api/v1/ticket/", json={**body, "house_id": estate.houses["own"]}).status_code == 201


@pytest.mark.parametrize("text", ["", "[]", "1", '"x"', "{", "null", '{"a":' * 3000])
def test_a_body_that_is_no_object_is_400(client: Client, estate: Estate, text: str) -> None:
    client.authorize("admin")
    answer = client.post("/api/v1/ticket/", data=text, content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["message"]


def test_a_step_changes_the_ticket_and_a_refused_one_is_409(client: Client, estate: Estate) -> None:
    client.authorize("assistant")
    path = f"/api/v1/ticket/{estate.tickets['own']}"
    refused = client.post(f"{path}/start", json={})
    assert refused.status_code == 409
    assert len(refused.get_json()["message"]) > 5
    taken = client.post(f"{path}/dispatch")
    assert taken.status_code == 200
    assert taken.get_json()["result"]["state"] == "dispatched"
    assert client.post(f"{path}/no_such_step", json={}).status_code == 404
    assert client.post(f"{path}/wait", data="{", content_type="application/json").status_code == 400
    steps = client.get(f"{path}/timeline").get_json()["result"]
    assert [step["verb"] for step in steps] == ["register", "dispatch"]


def test_the_reader_chooses_the_language_of_a_refusal(client: Client, estate: Estate) -> None:
    client.authorize("assistant")
    path = f"/api/v1/ticket/{estate.tickets['own']}/start"
    english = client.post(path, json={}, headers={"Accept-Language": "en"}).get_json()["message"]
    chinese = client.post(path, json={}).get_json()["message"]
    assert english.isascii()
    assert not chinese.isascii()


def test_a_report_takes_its_steps_in_order_and_by_role(client: Client, estate: Estate, session: Any) -> None:
    from app.models import Report

    report = session.query(Report).filter_by(community_id=estate.home).one()
    path = f"/api/v1/report/{report.id}"
    for login, verb, expected in (
        ("assistant", "review", 403),
        ("manager", "sign", 409),
        ("manager", "publish", 409),
        ("supervisor", "review", 200),
        ("supervisor", "sign", 403),
        ("manager", "sign", 200),
        ("manager", "sign", 409),
        ("manager", "shred", 404),
    ):
        client.token = None
        answer = client.authorize(login).post(f"{path}/{verb}")
        assert answer.status_code == expected, (login, verb, answer.get_data(as_text=True))
        assert "message" in answer.get_json() or expected == 200
    client.token = None
    assert client.authorize("stranger").post(f"{path}/review").status_code in (403, 404)


def test_the_interface_describes_itself(client: Client, estate: Estate) -> None:
    answer = client.get("/api/v1/_openapi")
    assert answer.status_code == 200
    paths = answer.get_json()["paths"]
    for resource in RESOURCES:
        assert f"/api/v1/{resource}/" in paths
    assert "/api/v1/ticket/{pk}/{verb}" in paths
    assert not [path for path, methods in paths.items() if {"delete", "put"} & set(methods)]
