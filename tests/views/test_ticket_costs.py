"""`/ticket/<number>/costs`, `/costs/` and a household's own agreement: by role and row, in the words of the pages."""

import csv
import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import AccessEntry, Bill, Material, Ticket, TicketCost
from app.services import cost_months
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import statements_of
from tests.views.test_ticket_page import ROWS

TAP = {"kind": "material", "quantity": "1.5", "what": "水龙头", "unit": "个", "price": "45.00", "bearer": "owner"}


@pytest.fixture
def numbers(app: Flask, estate: Estate, session: Any) -> dict[str, str]:
    """The tickets' numbers; that of `far` is the technician's."""
    with app.app_context(), transaction() as writing:
        for pk in estate.tickets.values():
            ticket = writing.get_one(Ticket, pk)
            ticket.state, ticket.kind = "in_progress", "repair"
        writing.get_one(Ticket, estate.tickets["far"]).assignee_id = estate.staff["technician"]
    found = {key: session.get(Ticket, pk).number for key, pk in estate.tickets.items()}
    session.rollback()
    return found


def lines(session: Any) -> list[TicketCost]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(TicketCost).order_by(TicketCost.id)))


def test_each_role_on_own_and_foreign_rows(new_client: Any, numbers: dict[str, str]) -> None:
    rows = {**ROWS, "technician": {"own": 404, "far": 200, "foreign": 404}}
    for role, expected in rows.items():
        client = new_client()
        client.login(role)
        for key, status in expected.items():
            assert client.get(f"/ticket/{numbers[key]}/costs").status_code == status, (role, key)
            written = client.submit(f"/ticket/{numbers[key]}/costs", TAP).status_code
            wanted = {200: {"quality": 403, "finance": 403}.get(role, 302)}.get(status, status)
            assert written == wanted, (role, key)


def test_written_by_the_technician_agreed_by_the_household_charged_by_the_desk(
    app: Flask, new_client: Any, estate: Estate, session: Any, numbers: dict[str, str]
) -> None:
    worker, desk, owner = new_client(), new_client(), new_client()
    for client, name in ((worker, "technician"), (desk, "assistant"), (owner, "owner")):
        client.login(name)
    with app.app_context(), transaction() as writing:
        writing.get_one(Ticket, estate.tickets["own"]).assignee_id = estate.staff["technician"]
    number, material = numbers["own"], session.scalars(select(Material.id).order_by(Material.id)).first()
    page = f"/ticket/{number}/costs"
    assert f"{page}?back=/" in worker.get("/").get_data(as_text=True), "one tap from the job"
    refused = worker.submit(page, {**TAP, "price": "viel"})
    assert refused.status_code == 400
    assert "最多两位小数" in refused.text and 'value="viel"' in refused.text
    assert worker.submit(page, {**TAP, "back": "/"}).location == "/"
    listed = {"kind": "material", "material_id": str(material), "quantity": "2", "bearer": "centre"}
    assert worker.submit(page, listed).status_code == 302
    assert worker.submit(page, {"kind": "labour", "minutes": "45", "bearer": "centre"}).status_code == 302
    own, centre, work = lines(session)
    assert (str(own.amount_yuan), centre.material_id, str(work.amount_yuan)) == ("67.50", material, "45.00")
    session.rollback()
    theirs = owner.get(f"/owner/ticket/{number}").get_data(as_text=True)
    assert "同意承担 67.50 元" in theirs
    assert centre.what not in theirs, "what the house spends is the house's"
    for line_id, amount, status in (
        (own.id, "1.00", 409),
        (centre.id, f"{centre.amount_yuan}", 409),
        (own.id, "67.50", 302),
    ):
        answer = owner.submit(f"/owner/ticket/{number}/agree", {"line": line_id, "amount": amount})
        assert answer.status_code == status
    assert desk.submit(f"{page}/charge").status_code == 409, "the work is not done"
    with app.app_context(), transaction() as writing:
        writing.get_one(Ticket, estate.tickets["own"]).state = "done"
    assert worker.submit(f"{page}/charge").status_code == 403
    assert desk.submit(f"{page}/charge").status_code == 302
    text = desk.get(f"/ticket/{number}").get_data(as_text=True)
    for words in ("材料与费用", "67.50", "向业户计收", "业户自助确认"):
        assert words in text
    assert "67.50" in desk.get(f"/ticket/{number}/print").get_data(as_text=True)
    assert len(statements_of(app, desk, f"/ticket/{number}")) <= 10
    assert len(statements_of(app, desk, page)) <= 10


def test_the_bill_on_the_household_s_pages_and_back_again_by_finance(
    app: Flask, new_client: Any, estate: Estate, session: Any, numbers: dict[str, str]
) -> None:
    desk, finance, owner, resident = (new_client() for _ in range(4))
    for client, name in ((desk, "assistant"), (finance, "finance"), (owner, "owner"), (resident, "resident")):
        client.login(name)
    page = f"/ticket/{numbers['own']}/costs"
    for sent in (TAP, {"kind": "labour", "minutes": "45", "price": "60", "bearer": "owner"}):
        assert desk.submit(page, sent).status_code == 302
    tap, work = (line.id for line in lines(session))
    session.rollback()
    for line in (tap, work):
        assert desk.submit(f"{page}/{line}/agree", {"by": "张三", "way": "phone"}).status_code == 302
    with app.app_context(), transaction() as writing:
        writing.get_one(Ticket, estate.tickets["own"]).state = "done"
    waiting = finance.get("/costs/uncharged").get_data(as_text=True)
    assert 'data-sum="112.50"' in waiting and numbers["own"] in waiting and "可计收" in waiting
    assert "/costs/uncharged" in finance.get("/costs/").get_data(as_text=True)
    assert finance.submit(f"{page}/charge").status_code == 302
    assert "业户同意承担的费用均已计收" in finance.get("/costs/uncharged").get_data(as_text=True)
    bill = lines(session)[0].bill_id
    session.rollback()
    assert f'href="/owner/bills/{bill}"' in owner.get(f"/owner/ticket/{numbers['own']}").get_data(as_text=True)
    shown = owner.get(f"/owner/bills/{bill}").get_data(as_text=True)
    for words in ("112.50", "67.50", "水龙头", f"/owner/ticket/{numbers['own']}"):
        assert words in shown, words
    assert resident.get(f"/owner/bills/{bill}").status_code == 404
    assert f"/ticket/{numbers['own']}/costs" in finance.get(f"/billview/show/{bill}").get_data(as_text=True)
    assert f'href="/billview/show/{bill}"' in finance.get(page).get_data(as_text=True)
    assert f'href="/billview/show/{bill}"' not in desk.get(page).get_data(as_text=True)
    assert f"{page}/{tap}" in finance.get(page).get_data(as_text=True)
    assert f"{page}/{tap}" not in desk.get(page).get_data(as_text=True)
    month = finance.get("/costs/?standing=billed").get_data(as_text=True)
    assert 'data-standing="billed" data-count="2"' in month
    assert len(statements_of(app, finance, "/costs/?standing=billed")) <= 15
    assert desk.submit(f"{page}/{tap}/strike", {"why": "退货"}).status_code == 409
    assert "该项在账单" in finance.get(f"{page}/{tap}").get_data(as_text=True)
    assert finance.submit(f"{page}/{tap}/strike", {"why": "退货"}).status_code == 302
    with app.app_context(), transaction() as reading:
        states = reading.execute(select(Bill.state, Bill.amount).join(TicketCost, TicketCost.bill_id == Bill.id))
        assert sorted((state, str(yuan)) for state, yuan in states) == [("cancelled", "112.50"), ("open", "45.00")]
    assert "账单已作废" in owner.get(f"/owner/ticket/{numbers['own']}").get_data(as_text=True)


def test_put_right_and_struck_with_a_reason(client: Client, session: Any, numbers: dict[str, str]) -> None:
    client.login("assistant")
    page = f"/ticket/{numbers['own']}/costs"
    client.submit(page, TAP)
    (first,) = lines(session)
    address = f"{page}/{first.id}"
    session.rollback()
    assert 'value="水龙头"' in client.get(address).get_data(as_text=True)
    refused = client.submit(f"{address}/correct", {**TAP, "quantity": "2", "why": ""})
    assert (refused.status_code, len(lines(session))) == (409, 1)
    assert client.submit(f"{address}/correct", {**TAP, "quantity": "2", "why": "数量写错"}).status_code == 302
    _old, new = lines(session)
    assert client.submit(f"{page}/{new.id}/strike", {"why": "退回仓库"}).status_code == 302
    assert client.submit(f"{page}/{new.id}/strike", {"why": "again"}).status_code == 409
    text = client.get(page).get_data(as_text=True)
    assert "数量写错" in text and "退回仓库" in text
    other = f"/ticket/{numbers['next']}/costs/{new.id}"
    assert client.get(other).status_code == 404
    assert client.submit(f"{other}/strike", {"why": "x"}).status_code == 404


def test_the_month_adds_up_on_page_and_file(new_client: Any, session: Any, numbers: dict[str, str]) -> None:
    client = new_client()
    client.login("admin")
    for key in ("own", "far", "foreign"):
        assert client.submit(f"/ticket/{numbers[key]}/costs", {**TAP, "what": "=1+1"}).status_code == 302
    totals = {"admin": "202.50", "assistant": "135.00", "steward": "67.50", "technician": "67.50", "quality": "202.50"}
    for role, total in totals.items():
        reader = new_client()
        reader.login(role)
        text = reader.get("/costs/").get_data(as_text=True)
        assert f'data-total="{total}"' in text, role
        answer = reader.submit("/costs/lines.csv")
        assert answer.status_code == (403 if role in ("steward", "technician") else 200), role
        if answer.status_code == 200:
            head, *found = csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")))
            assert sum(float(row[head.index("金额（元）")]) for row in found) == float(total)
            assert {row[head.index("物品" if "物品" in head else head[7])] for row in found} == {"'=1+1"}
    assert session.scalars(select(AccessEntry).where(AccessEntry.action == "exported")).first() is not None
    session.rollback()
    assert client.get("/costs/?month=2020-01").status_code == 200
    for wrong in ("2020-13", "x", "%00"):
        assert client.get(f"/costs/?month={wrong}").status_code == 404


def test_what_was_typed_of_an_agreement_stays_when_it_is_refused(
    client: Client, session: Any, numbers: dict[str, str]
) -> None:
    client.login("assistant")
    page = f"/ticket/{numbers['own']}/costs"
    client.submit(page, TAP)
    line = lines(session)[0].id
    for sent, status in (({"by": "", "way": "phone"}, 409), ({"by": "王女士", "way": "portal"}, 400)):
        refused = client.submit(f"{page}/{line}/agree", sent)
        assert refused.status_code == status
        form = refused.text.partition('<details class="costs__agree no-print" open>')[2].partition("</details>")[0]
        assert f'value="{sent["by"]}"' in form
        assert ('value="phone" checked' in form) == (sent["way"] == "phone")


def test_a_file_that_does_not_hold_everything_says_so(
    client: Client, numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client.login("admin")
    for key in ("own", "far", "foreign"):
        client.submit(f"/ticket/{numbers[key]}/costs", TAP)
    words = "请缩小筛选范围"
    assert words not in client.submit("/costs/lines.csv").get_data(as_text=True)
    monkeypatch.setattr(cost_months, "MOST", 2)
    head, *found = csv.reader(io.StringIO(client.submit("/costs/lines.csv").get_data().decode("utf-8-sig")))
    assert [len(row) for row in found] == [len(head), len(head), 1]
    assert words in found[-1][0]
