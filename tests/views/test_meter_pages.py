"""The round on which meters are read, in the browser: who, what is asked back, what is refused, readings from a sheet."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.models import FeeItem, Meter, MeterReading
from tests.support.client import Client
from tests.support.estate import Estate


@pytest.fixture(autouse=True)
def meters_there(frozen: Any, estate: Estate, session: Any) -> dict[str, int]:
    item = FeeItem(community_id=estate.home, code="water", name="水费", name_en="Water", basis="per_meter",
                   rate=Decimal("4.1"), valid_from=date(2025, 1, 1))  # fmt: skip
    session.add(item)
    session.flush()
    made = {}
    for key, community in (
        ("own", estate.home),
        ("next", estate.home),
        ("far", estate.home),
        ("foreign", estate.other),
    ):
        meter = Meter(community_id=community, house_id=estate.houses[key], kind="cold_water", number=f"W-{key}", digits=5,
                      starts_on=date(2026, 1, 5), start_value=Decimal(100),
                      fee_item_id=item.id if community == estate.home else None)  # fmt: skip
        session.add(meter)
        session.flush()
        made[key] = meter.id
    session.commit()
    return made


def readings(session: Any) -> list[MeterReading]:
    session.rollback()
    return list(session.scalars(select(MeterReading).order_by(MeterReading.id)))


def test_a_steward_reads_the_meters_of_the_own_buildings(
    client: Client, estate: Estate, session: Any, meters_there: dict[str, int]
) -> None:
    client.login("steward")
    page = client.get("/meters/").text
    assert "W-own" in page
    assert "W-next" in page
    assert "W-far" not in page
    assert "本月还有2块未抄" in page
    back = f"{estate.home}."
    answer = client.submit(f"/meters/{meters_there['own']}/read", {"value": "110", "back": back})
    assert answer.status_code == 302
    assert answer.location.endswith(f"/meters/?community={estate.home}")
    assert [row.used for row in readings(session)] == [10]
    assert "W-own：本次用量10" in client.get("/meters/").text
    page = client.get("/meters/").text
    assert page.index("W-next") < page.index("W-own"), "what is unread comes first"
    for key in ("far", "foreign"):
        assert client.get(f"/meters/{meters_there[key]}").status_code == 404
        assert client.submit(f"/meters/{meters_there[key]}/read", {"value": "110"}).status_code == 404
    client.submit(f"/meters/{meters_there['own']}/strike", {"note": "x"})
    assert readings(session)[0].struck_at is None


def test_what_is_doubtful_is_asked_back_and_kept_in_the_form(
    client: Client, session: Any, meters_there: dict[str, int]
) -> None:
    client.login("finance")
    path = f"/meters/{meters_there['own']}"
    client.submit(f"{path}/read", {"value": "110", "read_on": "2026-02-10"})
    asked = client.submit(f"{path}/read", {"value": "900", "note": "漏水？"})
    assert asked.status_code == 409
    assert 'value="900"' in asked.text
    assert 'name="sure"' in asked.text
    assert client.submit(f"{path}/read", {"value": "900", "sure": "1"}).status_code == 302
    assert client.submit(f"{path}/read", {"value": "9"}).status_code == 400
    assert client.submit(f"{path}/strike", {"note": ""}).status_code == 400
    assert client.submit(f"{path}/strike", {"note": "抄错"}).status_code == 302
    assert "抄错" in client.get(path).text
    moved = client.submit(f"{path}/exchange", {"value": "120", "number": "W-new", "start_value": "0"})
    assert moved.status_code == 302
    assert "W-new" in client.get(moved.location).text
    assert client.submit(f"{path}/read", {"value": "130"}).status_code == 409
    assert client.submit(f"{path}/exchange", {"value": "130"}).status_code == 409


def test_meters_are_entered_in_the_table_and_refused_with_a_sentence(
    client: Client, estate: Estate, session: Any
) -> None:
    client.login("finance")
    form = {"house": str(estate.houses["own"]), "kind": "electricity", "number": "E-1", "digits": "6",
            "fee_item": "", "starts_on": "2026-03-01", "start_value": "12.5"}  # fmt: skip
    assert client.submit("/meterview/add", form).status_code == 302
    session.rollback()
    made = session.scalars(select(Meter).where(Meter.number == "E-1")).one()
    assert (made.community_id, made.start_value) == (estate.home, Decimal("12.5"))
    again = client.submit("/meterview/add", form)
    assert again.status_code == 422
    assert "已有编号为E-1的表" in again.text
    assert client.get("/meterview/list/").status_code == 200
    assert client.get("/meterreadingview/list/").status_code == 200


def test_a_sheet_of_readings_is_looked_at_then_taken(client: Client, session: Any) -> None:
    client.login("finance")
    assert client.get("/meters/import").status_code == 200
    assert client.get("/meters/import/template.xlsx").status_code == 200

    def send(text: str, action: str, **more: str) -> Any:
        data = {"sheet": (io.BytesIO(text.encode("gb18030")), "读数.csv"), "action": action, **more}
        return client.submit("/meters/import", data, content_type="multipart/form-data")

    good = "表号,抄表日期,读数\nW-own,2026-03-05,108\nW-far,2026-03-05,101\n"
    assert "9" in send(good, "look").text
    assert readings(session) == []
    wrong = send(good + "W-foreign,2026-03-05,101\n", "import")
    assert wrong.status_code == 422
    assert "W-foreign" in wrong.text
    assert readings(session) == []
    assert send(good, "import").status_code == 200
    assert len(readings(session)) == 2
    assert client.submit("/meters/import", {}).status_code == 400


@pytest.mark.parametrize("login", ["manager", "admin"])
def test_others_of_the_money_look_and_read_nothing(
    client: Client, session: Any, meters_there: dict[str, int], login: str
) -> None:
    client.login(login)
    page = client.get(f"/meters/{meters_there['own']}")
    assert page.status_code == 200
    assert f'action="/meters/{meters_there["own"]}' not in page.text
    client.submit(f"/meters/{meters_there['own']}/read", {"value": "110"})
    assert readings(session) == []


@pytest.mark.parametrize("login", ["deputy", "supervisor", "assistant", "technician", "owner", "resident"])
def test_the_meters_are_shut_to_others(client: Client, login: str) -> None:
    client.login(login)
    answer = client.get("/meters/")
    assert answer.status_code in (302, 403)
    assert "/meters" not in (answer.location or "")
