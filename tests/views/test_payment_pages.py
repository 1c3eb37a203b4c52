"""Taking payments, the books and receipts in the browser and over REST: who, whose rows, what is refused (I8)."""

import re
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.models import Bill, DayClosing, JournalEntry, Payment
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.trail import taken_out

TAKES = {
    "supervisor": {"own", "next", "far"},
    "assistant": {"own", "next", "far"},
    "finance": {"own", "next", "far"},
    "steward": {"own", "next"},
}
TAKES_NOT = ("admin", "manager", "deputy", "technician", "quality", "owner", "resident")
READS_BOOKS = ("admin", "manager", "finance")


@pytest.fixture(autouse=True)
def today(frozen: Any, estate: Estate, session: Any) -> None:
    session.rollback()


def pay(client: Client, estate: Estate, key: str = "own", **sent: str) -> Any:
    form = {"payer_id": str(estate.people[key]), "amount": "10.00", "way": "cash", **sent}
    return client.submit(f"/payments/house/{estate.houses[key]}", form)


def number_of(answer: Any) -> int:
    found = re.fullmatch(r"/payments/(\d+)", answer.location)
    assert found, answer.location
    return int(found[1])


@pytest.mark.parametrize("login", TAKES)
def test_who_takes_payments_takes_them_for_their_own_houses(
    client: Client, estate: Estate, session: Any, login: str
) -> None:
    client.login(login)
    assert client.get("/payments/").status_code == 200
    for key, house in estate.houses.items():
        mine = key in TAKES[login]
        assert client.get(f"/payments/house/{house}").status_code == (200 if mine else 404), key
        assert pay(client, estate, key).status_code == (302 if mine else 404), key
    assert set(session.scalars(select(Payment.house_id))) == {estate.houses[key] for key in TAKES[login]}


@pytest.mark.parametrize("login", TAKES_NOT)
def test_others_take_none(client: Client, estate: Estate, session: Any, login: str) -> None:
    client.login(login)
    page = client.get(f"/payments/house/{estate.houses['own']}")
    assert page.status_code in (302, 403)
    assert not (page.location or "").startswith("/payments")
    pay(client, estate)
    assert session.scalars(select(Payment)).all() == []


def test_a_payment_leads_to_its_page_and_receipt_and_a_replay_makes_no_second(
    client: Client, estate: Estate, session: Any
) -> None:
    client.login("assistant")
    page = client.get(f"/payments/house/{estate.houses['own']}").get_data(as_text=True)
    key = re.search(r'name="form_key" value="([0-9a-f]+)"', page)
    assert key
    first, second = (pay(client, estate, form_key=key[1]) for _ in range(2))
    assert first.location == second.location
    session.rollback()
    assert len(session.scalars(select(Payment)).all()) == 1
    shown = client.get(first.location).get_data(as_text=True)
    assert "00000001" in shown
    assert "助理" in shown or "assistant" in shown
    for lang, word in (("zh", "收据"), ("en", "Receipt")):
        answer = client.get(f"{first.location}/receipt.pdf?lang={lang}")
        assert answer.mimetype == "application/pdf"
        text = PdfReader(BytesIO(answer.data)).pages[0].extract_text()
        assert word in text, text
        assert "00000001" in text
        assert "10.00" in text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"amount": "99999.00"}, "more than is owed"),
        ({"amount": "-3"}, "Write the amount"),
        ({"amount": "1.001"}, "Write the amount"),
        ({"way": ""}, "Choose how it is paid"),
        ({"payer_id": "1000000"}, "Choose who pays"),
        ({"bills": "999999"}, "look at the list again"),
        ({"way": "transfer"}, "reference of the transfer"),
    ],
)
def test_a_refusal_stands_above_the_form_and_keeps_what_was_typed(
    client: Client, estate: Estate, session: Any, sent: dict[str, str], said: str
) -> None:
    client.login("finance")
    client.get("/lang/en")
    answer = pay(client, estate, **{"reference": "", "note": "写在这里", **sent})
    assert answer.status_code in (400, 409)
    text = answer.get_data(as_text=True)
    assert said in text
    assert "写在这里" in text or "payer_id" in sent
    assert session.scalars(select(JournalEntry)).all() == []


def test_one_sees_what_one_took_finance_and_manager_all_of_it(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    mine = number_of(pay(client, estate))
    client.submit("/logout/")
    client.login("steward")
    theirs = number_of(pay(client, estate, "next"))
    for pk, seen in ((mine, 404), (theirs, 200)):
        assert client.get(f"/payments/{pk}").status_code == seen
        assert client.get(f"/payments/{pk}/receipt.pdf").status_code == seen
    ((subject, kind, pk),) = taken_out(session)
    assert ("付款收据" in subject or "收据" in subject, kind, pk) == (True, "payment", theirs)
    client.submit("/logout/")
    client.login("manager")
    for pk in (mine, theirs):
        assert client.get(f"/payments/{pk}").status_code == 200
        # The manager reads and undoes nothing.
        client.submit(f"/payments/{pk}/reverse", {"note": "x"})
    assert 'action="/payments/' not in client.get(f"/payments/{mine}").get_data(as_text=True)
    client.authorize("finance")
    rows = client.get("/api/v1/payment/").get_json()["result"]
    assert [(row["id"], row["state"], row["amount"]) for row in rows] == [
        (mine, "posted", "10.00"), (theirs, "posted", "10.00"),
    ]  # fmt: skip


def test_finance_reverses_over_rest_once_and_says_why(client: Client, estate: Estate, session: Any) -> None:
    client.login("finance")
    pk = number_of(pay(client, estate))
    client.authorize("finance")
    assert client.post(f"/api/v1/payment/{pk}/reverse", json={}).status_code == 400
    answer = client.post(f"/api/v1/payment/{pk}/reverse", json={"note": "录错"})
    assert (answer.status_code, answer.get_json()["result"]["state"]) == (200, "reversed")
    assert client.post(f"/api/v1/payment/{pk}/reverse", json={"note": "录错"}).status_code == 409
    assert client.post(f"/api/v1/payment/{pk}/double", json={}).status_code == 404
    for login, status in (("manager", 403), ("owner", 403), ("assistant", 403)):
        client.token = None
        client.authorize(login)
        assert client.post(f"/api/v1/payment/{pk}/reverse", json={"note": "x"}).status_code == status, login
    session.rollback()
    assert session.get_one(Bill, estate.bills["own"]).paid_yuan == 0


def test_a_household_sees_its_own_payments_with_their_receipts(client: Client, estate: Estate) -> None:
    client.login("finance")
    numbers = {key: number_of(pay(client, estate, key)) for key in ("own", "next")}
    client.submit("/logout/")
    client.login("owner")
    page = client.get("/owner/bills").get_data(as_text=True)
    assert f"/owner/payments/{numbers['own']}.pdf" in page
    assert f"/owner/payments/{numbers['next']}.pdf" not in page
    assert client.get(f"/owner/payments/{numbers['own']}.pdf").mimetype == "application/pdf"
    assert client.get(f"/owner/payments/{numbers['next']}.pdf").status_code == 404
    client.authorize("owner")
    for resource in ("payment", "receipt"):
        assert len(client.get(f"/api/v1/{resource}/").get_json()["ids"]) == 1


@pytest.mark.parametrize("login", READS_BOOKS)
def test_the_books_are_read_by_finance_and_the_manager(client: Client, estate: Estate, login: str) -> None:
    client.login(login)
    assert client.get("/books/").status_code == 200
    everywhere = login == "admin"
    for key, house in estate.houses.items():
        seen = everywhere or key != "foreign"
        assert client.get(f"/books/house/{house}").status_code == (200 if seen else 404), key


@pytest.mark.parametrize("login", ["assistant", "steward", "deputy", "technician", "owner"])
def test_the_books_are_shut_to_others(client: Client, estate: Estate, login: str) -> None:
    client.login(login)
    for address in ("/books/", f"/books/house/{estate.houses['own']}"):
        answer = client.get(address)
        assert answer.status_code in (302, 403)
        assert "/books" not in (answer.location or "")


def test_the_day_is_closed_by_who_took_the_money_and_received_by_finance(
    client: Client, estate: Estate, session: Any
) -> None:
    client.login("steward")
    pay(client, estate, at_home="1")
    # Somebody else looked before the last payment came in.
    assert client.submit("/payments/close", {"counted": "10.00", "seen": "0"}).status_code == 409
    assert client.submit("/payments/close", {"counted": "10.00", "seen": "1"}).status_code == 302
    session.rollback()
    closing = session.scalars(select(DayClosing)).one()
    assert (closing.counted_yuan, closing.payments) == (10, 1)
    client.submit(f"/books/closing/{closing.id}/receive")
    client.submit("/logout/")
    client.login("finance")
    assert f"/books/closing/{closing.id}/receive" in client.get("/books/").get_data(as_text=True)
    client.submit(f"/books/closing/{closing.id}/receive")
    session.rollback()
    session.expire_all()
    assert session.get_one(DayClosing, closing.id).received_by
    assert client.submit("/books/closing/99999/receive").status_code == 404


def test_what_is_sent_twice_is_done_once_and_leads_to_the_same_place(
    client: Client, new_client: Any, estate: Estate, session: Any
) -> None:
    """Reversing, closing a day, receiving its cash, cancelling a bill: the second click is no refusal."""
    client.login("finance")
    assistant = new_client()
    assistant.login("assistant")
    reversed_one = number_of(pay(client, estate, "far"))
    pay(assistant, estate)
    twice(client, f"/payments/{reversed_one}/reverse", {"note": "录错"})
    twice(assistant, "/payments/close", {"counted": "10.00", "seen": "1"})
    session.rollback()
    closing = session.scalars(select(DayClosing)).one()
    twice(client, f"/books/closing/{closing.id}/receive", {})
    twice(client, f"/billing/bill/{estate.bills['own']}/cancel", {"note": "面积有误"})


def twice(client: Client, path: str, sent: dict[str, str]) -> None:
    form = {**sent, "form_key": "a" * 32}
    first, second = client.submit(path, form), client.submit(path, form)
    assert (first.status_code, second.status_code, second.location) == (302, 302, first.location), path
    assert "这份内容已经提交过" in client.get(second.location).text, path


def test_a_reason_that_is_refused_is_still_there(client: Client, estate: Estate) -> None:
    client.login("finance")
    bill = estate.bills["own"]
    assert client.submit(f"/billing/bill/{bill}/cancel", {"note": "", "again": "1"}).location.endswith("?again=1#undo")
    assert 'value="面积&amp;有误"' in client.get(f"/billview/show/{bill}?note=面积%26有误").text


def test_more_houses_than_are_shown_is_said(client: Client, estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    client.login("finance")
    assert "仅显示前" not in client.get("/payments/?q=幢").text
    monkeypatch.setattr("app.views.payments.FOUND", 1)
    page = client.get("/payments/?q=幢").text
    assert "仅显示前1个" in page
    assert page.count('href="/payments/house/') == 1
