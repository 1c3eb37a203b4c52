"""The pages of a bank's files: who, what is shown before anything is booked, what is refused, the file with its hash."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.errors import Invalid
from app.jobs.runs import run_job
from app.models import AccessEntry, BankFile, BankLine, Bill, Payment
from app.rules.bank_sheet import guess
from app.services import bank_taking
from tests.support.bank import COLUMNS, csv_file, line
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.ledger import carry_over

OWN, NEXT = "1幢1单元101", "1幢1单元102"


@pytest.fixture(autouse=True)
def today(frozen: Any, estate: Estate, session: Any) -> None:
    for bill in session.scalars(select(Bill)).all():
        carry_over(session, bill)
    session.commit()


def upload(client: Client, content: bytes, name: str = "明细.csv", **more: str) -> Any:
    data = {"file": (io.BytesIO(content), name), **more}
    return client.submit("/bank/", data, content_type="multipart/form-data")


def read(client: Client, *lines: Any) -> str:
    """Upload a file, name its columns where they are asked for; its address."""
    answer = upload(client, csv_file(*lines))
    assert answer.status_code == 302, answer.get_data(as_text=True)[-2000:]
    if 'name="column_amount"' in client.get(answer.location).text:
        assert client.submit(f"{answer.location}/columns", COLUMNS).status_code == 302
    return str(answer.location)


def booked(session: Any) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Payment)) or 0


def seen(page: str) -> str:
    return page.partition('name="seen" value="')[2].partition('"')[0]


def test_from_the_upload_to_the_receipts(client: Client, estate: Estate, session: Any) -> None:
    client.login("finance")
    assert "还没有上传过银行文件" in client.get("/bank/").text
    path = read(client, line("A1", "10.00", OWN, "张三"), line("A2", "9.00", "转账", "某公司", "6222"))
    page = client.get(path).text
    assert "还有1行不明确" in page
    assert f'action="{path}/take"' not in page
    assert client.submit(f"{path}/take", {"seen": "x"}).status_code == 409
    unclear = client.get(f"{path}/line/3?q=102").text
    assert f"{path}/line/3?house={estate.houses['next']}" in unclear
    assert "李四" in client.get(f"{path}/line/3?house={estate.houses['next']}").text
    sent = {"house": str(estate.houses["next"]), "payer_id": str(estate.people["next"])}
    assert client.submit(f"{path}/line/3", sent).status_code == 302
    page = client.get(path).text
    assert booked(session) == 0
    for _ in range(2):
        assert client.submit(f"{path}/take", {"seen": seen(page)}).status_code == 302
    assert booked(session) == 2
    page = client.get(path).text
    assert f"/payments/{session.scalars(select(func.min(Payment.id))).one()}" in page
    assert client.submit(f"{path}/drop").status_code == 409
    assert not re.search(r'href="/payments/\d', client.get("/payments/").text), "what lies at the bank is no till's"


def test_a_line_is_set_aside_with_a_reason_and_changed_again(client: Client, estate: Estate, session: Any) -> None:
    client.login("finance")
    path = read(client, line("B1", "10.00", OWN), line("B2", "9.00", "退款"))
    assert client.submit(f"{path}/line/3", {"do": "aside", "note": ""}).status_code == 400
    assert client.submit(f"{path}/line/3", {"do": "aside", "note": "保险退款"}).status_code == 302
    assert "保险退款" in client.get(f"{path}?state=aside").text
    sent = {"house": str(estate.houses["own"]), "payer_id": str(estate.people["far"])}
    assert client.submit(f"{path}/line/3", sent).status_code == 400
    assert client.submit(f"{path}/line/3", {**sent, "house": str(estate.houses["foreign"])}).status_code == 404
    assert client.submit(f"{path}/line/3", {**sent, "payer_id": str(estate.people["tenant"])}).status_code == 302
    session.rollback()
    assert session.scalars(select(BankLine.state).order_by(BankLine.number)).all() == ["found", "found"]
    assert client.submit(f"{path}/match").status_code == 302
    assert client.submit(f"{path}/drop").status_code == 302
    assert client.get(path).status_code == 404
    assert read(client, line("B1", "10.00", OWN), line("B2", "9.00", "退款")) != path


def test_what_is_wrong_stands_by_row_and_column_in_the_readers_language(
    client: Client, estate: Estate, session: Any
) -> None:
    client.login("finance")
    read(client, line("C0", "1.00", OWN))
    for lang, words in (("zh", "金额"), ("en", "no sum in yuan")):
        client.get(f"/lang/{lang}")
        answer = upload(client, csv_file(line("C1", "abc", OWN)))
        assert answer.status_code == 422
        assert words in answer.text
    assert client.submit("/bank/", {}).status_code == 400
    assert upload(client, b"\x00\x01\x02").status_code == 400
    assert upload(client, csv_file(line("C0", "1.00", OWN))).status_code == 409
    session.rollback()
    assert len(session.scalars(select(BankFile)).all()) == 1


def test_columns_that_are_wrong_are_asked_for_again(client: Client, estate: Estate) -> None:
    client.login("finance")
    path = upload(client, csv_file(line("D1", "1.00", OWN))).location
    answer = client.submit(f"{path}/columns", {**COLUMNS, "column_amount": ""})
    assert answer.status_code == 400
    assert 'value="工商银行 0012"' in answer.text
    wrong = client.submit(f"{path}/columns", {**COLUMNS, "column_amount": "4", "column_payer": "3"})
    assert wrong.status_code == 422, "a name is no sum"
    assert client.submit(f"{path}/columns", COLUMNS).status_code == 302
    assert client.submit(f"{path}/columns", COLUMNS).status_code == 409


def test_the_file_is_kept_as_it_came_and_taking_it_along_is_noted(client: Client, estate: Estate, session: Any) -> None:
    client.login("finance")
    content = csv_file(line("E1", "1.00", OWN), encoding="gb18030")
    path = upload(client, content).location
    client.submit(f"{path}/columns", COLUMNS)
    assert hashlib.sha256(content).hexdigest() in client.get(path).text
    assert client.get(f"{path}/original").data == content
    session.rollback()
    assert session.scalars(select(AccessEntry.subject_kind).where(AccessEntry.action == "exported")).all() == [
        "bank_file"
    ]


def test_the_template_is_read_without_naming_columns(client: Client, estate: Estate) -> None:
    client.login("finance")
    book = load_workbook(io.BytesIO(client.get("/bank/template.xlsx").data))
    titles = next(book.worksheets[0].iter_rows(values_only=True))
    assert {"paid_on", "amount", "reference", "house", "bill"} <= set(guess(titles))


def test_a_big_file_is_booked_by_the_job_and_shows_its_progress(
    client: Client, estate: Estate, session: Any, monkeypatch: pytest.MonkeyPatch, now: Any
) -> None:
    client.login("finance")
    path = read(client, *(line(f"F{number}", "1.00", OWN) for number in range(60)))
    assert "?page=1" in client.get(path).text
    assert client.get(f"{path}?page=99").status_code == 200
    monkeypatch.setattr(bank_taking.step, "__defaults__", (7,))
    client.submit(f"{path}/take", {"seen": seen(client.get(path).text)})
    assert booked(session) == 7
    assert '<progress class="share" max="60" value="7"' in client.get(path).text
    run_job("bank_files", now)
    assert booked(session) == 60
    session.expire_all()
    assert session.scalars(select(BankFile.state)).all() == ["taken"]


def test_a_file_that_cannot_go_on_holds_up_none_behind_it(
    client: Client, estate: Estate, session: Any, monkeypatch: pytest.MonkeyPatch, now: Any
) -> None:
    client.login("finance")
    first, second = (read(client, line(f"H{number}", "1.00", OWN)) for number in range(2))
    for file in session.scalars(select(BankFile)).all():
        file.state, file.started_at, file.started_by, file.lines_all = "taking", now, "财务", 1
    session.commit()
    real, stuck = bank_taking.step, int(first.rpartition("/")[2])

    def step(session: Any, file_id: int, now: Any) -> bool:
        if file_id == stuck:
            raise Invalid("no")
        return real(session, file_id, now)

    monkeypatch.setattr(bank_taking, "step", step)
    with pytest.raises(Invalid):
        run_job("bank_files", now)
    assert booked(session) == 1
    session.expire_all()
    states = dict(session.execute(select(BankFile.id, BankFile.state)).tuples().all())
    assert states == {stuck: "taking", int(second.rpartition("/")[2]): "taken"}


@pytest.mark.parametrize("login", ["manager", "admin"])
def test_others_of_the_money_read_and_book_nothing(client: Client, estate: Estate, session: Any, login: str) -> None:
    client.login("finance")
    path = read(client, line("G1", "1.00", OWN))
    client.submit("/logout/")
    client.login(login)
    page = client.get(path)
    assert page.status_code == 200
    assert f'action="{path}' not in page.text
    client.submit(f"{path}/take", {"seen": "1-1.00-1.00"})
    client.submit(f"{path}/drop")
    upload(client, csv_file(line("G2", "1.00", OWN)))
    assert booked(session) == 0
    assert len(session.scalars(select(BankFile)).all()) == 1


@pytest.mark.parametrize("login", ["deputy", "supervisor", "assistant", "steward", "technician", "owner", "resident"])
def test_the_files_are_shut_to_others(client: Client, estate: Estate, login: str) -> None:
    client.login(login)
    answer = client.get("/bank/")
    assert answer.status_code in (302, 403)
    assert "/bank" not in (answer.location or "")
