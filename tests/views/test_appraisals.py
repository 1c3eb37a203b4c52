"""`/appraisals/`: the manager's list, one's own sheet, its evidence, its paper, and the administrator's weights."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import Appraisal, Bill
from app.services import appraisals
from app.services.transaction import transaction
from tests.services.test_appraisals import MONTH, february
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.trail import taken_out
from tests.views.test_statements import LIST, statements_of


@pytest.fixture
def sheets(session: Any, estate: Estate) -> None:
    """Records of February."""
    with transaction() as writing:
        february(writing, estate)


def draw(session: Any, client: Client, estate: Estate) -> dict[str, int]:
    client.login("manager")
    assert client.submit("/appraisals/draw", {"community": str(estate.home), "month": MONTH}).status_code == 302
    session.rollback()
    return {one.role: one.id for one in session.scalars(select(Appraisal))}


def hash_in(page: str) -> str:
    found = re.search(r'name="sha256" value="(\w{64})"', page)
    assert found
    return found.group(1)


def test_from_the_draft_to_the_signature(
    frozen: Any, app: Flask, session: Any, sheets: Any, client: Client, new_client: Any, estate: Estate, now: datetime
) -> None:
    made = draw(session, client, estate)
    assert set(made) == {"supervisor", "assistant", "steward", "technician", "finance", "deputy"}
    assert client.get(f"/appraisals/?month={MONTH}").text.count("data-row>") == 6
    path = f"/appraisals/{made['technician']}"
    assert client.submit(f"{path}/save", {"item0": "提前联系业户", "due0": "2026-03-31"}).status_code == 302
    seen = re.findall(r'/save">.*?name="sha256" value="(\w+)"', client.get(path).get_data(as_text=True), re.S)[0]
    assert client.submit(f"{path}/save", {"item0": "回访", "due0": "2026-03-31", "sha256": seen}).status_code == 302
    late = client.submit(f"{path}/save", {"item0": "盖住", "due0": "2026-03-31", "sha256": seen})
    assert late.status_code == 409
    assert "盖住" in late.get_data(as_text=True)
    assert "回访" in client.get(path).get_data(as_text=True), "a colleague's words stand"
    assert client.submit(f"{path}/save", {"item0": "提前联系业户", "due0": "2026-03-31"}).status_code == 302
    refused = client.submit(f"{path}/save", {"item0": "提前", "due0": "明天"})
    assert refused.status_code == 400
    assert 'value="提前"' in refused.text, "what was typed is still there"
    person = new_client()
    person.login("technician")
    assert 'href="/appraisals/?show=turn" data-rows="1"' in person.get("/").text
    page = person.get(path).text
    evidence = re.search(rf'href="({path}/evidence/\d+)" data-rows="(\d+)"', page)
    assert evidence
    assert person.get(evidence.group(1)).text.count("data-row>") == int(evidence.group(2)) == 2
    assert person.submit(f"{path}/answer", {"remark": "好的", "sha256": "0" * 64}).status_code == 409
    assert person.submit(f"{path}/answer", {"remark": "好的", "sha256": hash_in(page)}).status_code == 302
    assert "data-rows" not in person.get("/appraisals/?show=turn").text
    assert 'href="/appraisals/?show=turn" data-rows="1"' in client.get("/").text
    signed = client.submit(f"{path}/sign", {"sha256": hash_in(client.get(path).text), "confirmed": "1"})
    assert signed.status_code == 302
    session.rollback()
    assert session.get_one(Appraisal, made["technician"]).state == "signed"
    assert client.submit(f"{path}/correct", {"reason": ""}).status_code == 400
    assert len(statements_of(app, client, path)) <= LIST
    paper = person.get(f"{path}.pdf?lang=zh")
    assert paper.data.startswith(b"%PDF")
    ((subject, kind, pk),) = taken_out(session)
    assert (MONTH in subject, kind, pk) == (True, "appraisal", made["technician"])


def test_nobody_else_reads_a_sheet(
    frozen: Any, session: Any, sheets: Any, client: Client, new_client: Any, estate: Estate
) -> None:
    made = draw(session, client, estate)
    path = f"/appraisals/{made['technician']}"
    for role, status in (
        ("technician", 200),
        ("quality", 200),
        ("steward", 404),
        ("supervisor", 404),
        ("deputy", 404),
        ("admin", 403),
        ("owner", 403),
    ):
        other = new_client()
        other.login(role)
        for address in (path, f"{path}.pdf", f"{path}/evidence/0"):
            assert other.get(address).status_code == status, (role, address)
        if role not in ("technician", "quality"):
            assert other.submit(f"{path}/answer", {"remark": ""}).status_code == status
        assert other.submit(f"{path}/save", {}).status_code == (404 if status == 404 else 403), role
    assert client.get("/appraisals/999999").status_code == 404
    assert client.get(f"{path}/evidence/99").status_code == 404
    assert client.submit(f"{path}/burn", {}).status_code == 404
    assert client.get("/appraisals/?month=2026-13").status_code == 404


def test_weights_are_told_when_they_come_to_no_hundred(
    frozen: Any, session: Any, client: Client, new_client: Any, estate: Estate
) -> None:
    client.login("admin")
    client.get("/lang/en")
    form = {
        "role": "technician",
        "month": "2026-04",
        "figure0": "in_time",
        "scope0": "own",
        "weight0": "90",
        "target0": "90",
        "floor0": "70",
    }
    refused = client.submit("/appraisals/weights", form)
    assert refused.status_code == 400
    assert "The weights come to 90, not to 100." in refused.text
    assert client.submit("/appraisals/weights", form | {"weight0": "100"}).status_code == 302
    assert "from 2026-04" in client.get("/appraisals/weights").text
    other = new_client()
    other.login("manager")
    assert other.get("/appraisals/weights").status_code == 200
    assert other.submit("/appraisals/weights", form | {"weight0": "100"}).status_code == 403


def test_two_administrators_at_one_roles_weights_lose_nothing(frozen: Any, client: Client, estate: Estate) -> None:
    client.login("admin")
    client.get("/lang/en")
    page = client.get("/appraisals/weights?role=technician").text
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen is not None
    form = {"role": "technician", "month": "2026-04", "scope0": "own", "weight0": "100", "floor0": "70"}
    first = form | {"figure0": "in_time", "target0": "90", "seen": seen[1]}
    assert client.submit("/appraisals/weights", first).status_code == 302
    assert client.submit("/appraisals/weights", first).status_code == 302, "the same once more changes nothing"
    second = first | {"target0": "95"}
    wrong = client.submit("/appraisals/weights", second | {"weight0": "much"})
    assert wrong.status_code == 409, "what a colleague did is told before one's own mistake"
    refused = client.submit("/appraisals/weights", second)
    assert refused.status_code == 409
    assert "has set weights from 2026-04 on" in refused.text
    assert 'value="95"' in refused.text
    again = re.search(r'name="seen" value="([^"]*)"', refused.text)
    assert again is not None
    assert client.submit("/appraisals/weights", second | {"seen": again[1]}).status_code == 302


def test_a_long_list_is_turned_page_by_page(
    frozen: Any, session: Any, sheets: Any, client: Client, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(session, client, estate)
    monkeypatch.setattr(appraisals, "PAGE", 4)
    first = client.get(f"/appraisals/?month={MONTH}").text
    assert (first.count("data-row>"), 'data-total="6"' in first) == (4, True)
    assert 'rel="next"' in first
    second = client.get(f"/appraisals/?month={MONTH}&page=1").text
    assert (second.count("data-row>"), 'rel="prev"' in second, 'rel="next"' in second) == (2, True, False)
    for page in ("-1", "x", "99999999999", "\x00"):
        assert client.get("/appraisals/", query_string={"month": MONTH, "page": page}).status_code == 200


def test_a_steward_opens_the_bills_behind_the_own_collection_rate_and_no_others(
    frozen: Any, session: Any, sheets: Any, client: Client, new_client: Any, app: Flask, estate: Estate
) -> None:
    for key in ("own", "next", "far"):
        session.get_one(Bill, estate.bills[key]).period = MONTH
    session.commit()
    made = draw(session, client, estate)
    path = f"/appraisals/{made['steward']}"
    steward = new_client()
    steward.login("steward")
    found = re.search(rf'href="({path}/bills/\d+)" data-rows="(\d+)"', steward.get(path).text)
    assert found, "the number opens its list"
    page = steward.get(found.group(1)).text
    assert page.count("data-row>") == int(found.group(2)) == 2
    houses = {key: session.get_one(Bill, estate.bills[key]).house.name for key in ("own", "next", "far")}
    session.rollback()
    assert [houses[key] in page for key in ("own", "next", "far")] == [True, True, False]
    assert len(statements_of(app, steward, found.group(1))) <= LIST
    assert steward.get(f"{path}/bills/1").status_code == 404, "no collection rate"
    assert steward.get(f"/appraisals/{made['technician']}/bills/0").status_code == 404
    assert steward.get("/billview/list/").status_code in (302, 403), "the list of all bills stays shut"
    for role, status in (("supervisor", 404), ("owner", 403)):
        other = new_client()
        other.login(role)
        assert other.get(found.group(1)).status_code == status, role


def test_deputy_and_finance_have_sheets_by_default_weights(
    frozen: Any, session: Any, sheets: Any, client: Client, estate: Estate
) -> None:
    made = draw(session, client, estate)
    assert {"deputy", "finance"} <= set(made)
    assert "manager" not in made, "nobody signs an appraisal of their own"


def test_the_quality_department_draws_up_and_signs_the_manager_s(
    frozen: Any, session: Any, sheets: Any, client: Client, new_client: Any, estate: Estate
) -> None:
    draw(session, client, estate)
    quality = new_client()
    quality.login("quality")
    listed = f"/appraisals/?community={estate.home}&month={MONTH}"
    assert "编制经理的考核" in quality.get(listed).text
    sent = {"community": str(estate.home), "month": MONTH}
    assert quality.submit("/appraisals/draw", sent).status_code == 302
    session.rollback()
    made = {one.role: one.id for one in session.scalars(select(Appraisal))}
    path = f"/appraisals/{made['manager']}"
    assert "品质部填写" in quality.get(path).text
    assert quality.submit(f"{path}/save", {"item0": "每周抽查", "due0": "2026-03-31"}).status_code == 302
    own = client.get(path).text
    assert f"{path}/sign" not in own and f"{path}/save" not in own
    assert client.submit(f"{path}/sign", {"sha256": hash_in(own)}).status_code == 403
    assert client.submit(f"{path}/answer", {"remark": "好", "sha256": hash_in(own)}).status_code == 302
    assert 'href="/appraisals/?show=turn" data-rows="1"' in quality.get("/").text
    signed = quality.submit(f"{path}/sign", {"sha256": hash_in(quality.get(path).text), "confirmed": "1"})
    assert signed.status_code == 302
    assert client.submit(f"{path}/correct", {"reason": "x"}).status_code == 403
    other = f"/appraisals/{made['technician']}"
    assert "/save" not in quality.get(other).text
    assert quality.get("/appraisals/weights?role=manager").status_code == 200
