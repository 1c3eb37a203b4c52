"""A bill as PDF: the payer's own and finance's, both languages, nobody else's; and it says what the page says."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from app.models import Bill, Person
from app.rules.codes import BillState
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.trail import taken_out


def words(content: bytes) -> str:
    """The text without the blanks that depend on how a line was set."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(content)).pages)


def test_the_payer_gets_it_in_both_languages(client: Client, estate: Estate, session: Any) -> None:
    bill = session.get(Bill, estate.bills["own"])
    bill.amount, bill.paid_yuan, bill.state = Decimal("250.60"), Decimal("100.00"), BillState.PART_PAID
    bill.paid_at = datetime(2026, 11, 1, 17, 0, tzinfo=UTC)
    payer = session.get(Person, bill.payer_id).name
    number = f"{bill.period.replace('-', '')}-{bill.id:07d}"
    session.commit()
    client.login("owner")
    answer = client.get(f"/owner/bills/{estate.bills['own']}.pdf?lang=zh")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "private, no-store"
    reader = PdfReader(BytesIO(answer.data))
    assert len(reader.pages) == 1
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    told = words(answer.data)
    for word in ("缴费", payer, number, "1幢1单元101", "阳光花园", "150.60", "人民币壹佰伍拾元陆角整", "2026-11-02"):
        assert word in told, word
    english = words(client.get(f"/owner/bills/{estate.bills['own']}.pdf?lang=en").data)
    assert "Stilltobepaid(yuan)" in english
    assert "人民币" not in english


@pytest.mark.parametrize(
    ("login", "path", "open_to"),
    [
        ("owner", "/owner/bills/{}.pdf", {"own"}),
        ("stranger", "/owner/bills/{}.pdf", {"foreign"}),
        ("resident", "/owner/bills/{}.pdf", set()),
        ("finance", "/billview/show/{}.pdf", {"own", "far"}),
        ("manager", "/billview/show/{}.pdf", {"own", "far"}),
        ("assistant", "/billview/show/{}.pdf", set()),
        ("owner", "/billview/show/{}.pdf", set()),
    ],
)
def test_it_opens_for_whom_the_bill_does(
    client: Client,
    estate: Estate,
    session: Any,
    monkeypatch: pytest.MonkeyPatch,
    login: str,
    path: str,
    open_to: set[str],
) -> None:
    monkeypatch.setattr("app.adapters.report_renderer.ReportRenderer.sheet", lambda _self, sheet: b"%PDF-1.7 sheet")
    client.login(login)
    for key in ("own", "far", "foreign"):
        answer = client.get(path.format(estate.bills[key]))
        assert (answer.data[:5] == b"%PDF-") == (key in open_to), (key, answer.status_code)
        if key not in open_to:
            assert answer.status_code in (302, 403, 404)
    kept = [(kind, pk) for _subject, kind, pk in taken_out(session)]
    assert kept == [("bill", estate.bills[key]) for key in ("own", "far") if key in open_to] + [
        ("bill", estate.bills["foreign"])
    ] * ("foreign" in open_to), "that it left the system is kept"


@pytest.mark.parametrize("key", ["0", "-1", "x", "99999999999", "1%2e"])
def test_nonsense_is_not_found(client: Client, estate: Estate, key: str) -> None:
    client.login("owner")
    assert client.get(f"/owner/bills/{key}.pdf").status_code == 404


def test_the_pages_lead_to_it(client: Client, new_client: Any, estate: Estate) -> None:
    client.login("owner")
    key = estate.bills["own"]
    assert f"/owner/bills/{key}.pdf?lang=en" in client.get(f"/owner/bills/{key}").text
    finance = new_client()
    finance.login("finance")
    assert f"/billview/show/{key}.pdf?lang=zh" in finance.get(f"/billview/show/{key}").text
