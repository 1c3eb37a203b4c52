"""Arrears, reminders and letters in the browser: whose rows, which numbers open which lists, what is refused and why (D10)."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.jobs.runs import run_job
from app.models import (
    ArrearsNote,
    Bill,
    Campaign,
    CollectionHold,
    Community,
    FeeReminder,
    House,
    Message,
    Person,
    ReminderStep,
    Staff,
    StewardBuilding,
)
from app.services import reminders
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.outbound import fast_texts
from tests.support.trail import taken_out
from tests.views.test_statements import statements_of

NAMES = {"own": "1幢1单元101", "next": "1幢1单元102", "far": "2幢1单元101", "foreign": "1幢1单元101"}
SEES = {
    "admin": {"own", "next", "far", "foreign"},
    "manager": {"own", "next", "far"},
    "finance": {"own", "next", "far"},
    "steward": {"own", "next"},
}
SHUT = ("deputy", "supervisor", "assistant", "technician", "quality", "owner", "resident")
PAGES = (
    "/arrears/",
    "/arrears/houses",
    "/reminders/",
    "/reminders/made",
    "/reminders/letters",
    "/arrears/week/2026-03-02",
)


@pytest.fixture(autouse=True)
def today(frozen: Any, estate: Estate, session: Any) -> None:
    """10 March: the bills of February are ten days past their due day."""
    session.rollback()


def rounds(session: Any, estate: Estate, *days: int) -> None:
    """The round as it ran so many days from now."""
    for ahead in days:
        with transaction() as writing:
            fast_texts(writing)
            community = writing.get_one(Community, estate.home)
            reminders.run(writing, community, datetime.fromisoformat("2026-03-10T10:30+08:00") + timedelta(days=ahead))
    session.expire_all()
    session.rollback()


@pytest.fixture
def letter(frozen: Any, session: Any, estate: Estate) -> Callable[[str], int]:
    """letter("own"): the id of that house's letter of March; it is the 22nd now."""
    rounds(session, estate, 0, 5, 12)
    frozen.move_to("2026-03-22T04:00:00+00:00")

    def find(key: str) -> int:
        found = select(FeeReminder.id).where(FeeReminder.house_id == estate.houses[key], FeeReminder.way == "letter")
        pk = session.scalars(found).one()
        session.rollback()
        return int(pk)

    return find


# ---- whose rows ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", SEES)
def test_each_sees_its_own_houses(client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    for key, house_id in estate.houses.items():
        assert (client.get(f"/arrears/house/{house_id}").status_code == 200) == (key in SEES[role]), key
    home = client.get(f"/arrears/houses?community={estate.home}").text
    shown = set(re.findall(r'owing__house" href="/arrears/house/(\d+)"', home))
    assert shown == {str(estate.houses[key]) for key in SEES[role] if key != "foreign"}
    assert client.get(f"/arrears/?community={estate.other}").status_code == (200 if role == "admin" else 404)
    preview = client.get(f"/reminders/?community={estate.home}").text
    assert set(re.findall(r'owing__house" href="/arrears/house/(\d+)"', preview)) == shown


@pytest.mark.parametrize("role", SHUT)
def test_to_all_others_it_is_shut(client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    for path in (*PAGES, f"/arrears/house/{estate.houses['own']}"):
        assert client.get(path).status_code == 403, path
    assert client.submit(f"/arrears/house/{estate.houses['own']}/reason", {"reason": "away"}).status_code == 403
    assert client.submit("/reminders/run").status_code == 403


def test_a_steward_notes_and_hands_over_but_decides_no_rest_and_starts_nothing(client: Client, estate: Estate) -> None:
    client.login("steward")
    own, far = (f"/arrears/house/{estate.houses[key]}" for key in ("own", "far"))
    assert client.submit(f"{own}/reason", {"reason": "away", "note": "在国外"}).status_code == 302
    assert client.submit(f"{far}/reason", {"reason": "away"}).status_code == 404
    for path in (f"{own}/hold", f"{own}/lift", "/reminders/run"):
        assert client.submit(path, {"kind": "hardship", "note": "x"}).status_code == 403
    page = client.get(own).text
    assert "由财务或经理决定" in page
    assert f"{own}/hold" not in page


def test_letters_are_opened_and_handed_over_within_ones_rows(
    client: Client,
    new_client: Any,
    estate: Estate,
    session: Any,
    letter: Callable[[str], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.adapters.report_renderer.ReportRenderer.sheet", lambda _self, sheet: b"%PDF-1.7 sheet")
    client.login("steward")
    for key, status in (("own", 200), ("far", 404)):
        assert client.get(f"/reminders/letters/{letter(key)}.pdf").status_code == status
    assert [(kind, pk) for _subject, kind, pk in taken_out(session)] == [("fee_reminder", letter("own"))]
    assert client.get("/reminders/letters.pdf").status_code == 200
    kept = [pk for _subject, _kind, pk in taken_out(session)][1:]
    assert letter("own") in kept and letter("far") not in kept, "each letter of the file is kept by itself"
    sent = {"way": "letterbox", "on": "2026-03-22"}
    assert client.submit(f"/reminders/letters/{letter('far')}", sent).status_code == 404
    assert client.submit(f"/reminders/letters/{letter('own')}", sent).status_code == 302
    other = new_client()
    other.login("assistant")
    assert other.get(f"/reminders/letters/{letter('own')}.pdf").status_code == 403
    assert other.submit(f"/reminders/letters/{letter('own')}", sent).status_code == 403


@pytest.mark.parametrize("path", ["/arrears/house/99999999999", "/arrears/house/0", "/reminders/letters/99999999999.pdf",
                                  "/arrears/week/2026-03-03", "/arrears/week/nonsense", "/arrears/week/2031-01-06",
                                  "/arrears/?community=99999999999", "/arrears/houses?community=x",
                                  "/reminders/letters/1.pdf"])  # fmt: skip
def test_nonsense_is_not_found(client: Client, estate: Estate, path: str) -> None:
    client.login("finance")
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("query", ["age=7", "age=x", "steward=abc", "steward=99999999999", "reason=nonsense", "page=999999999999",
                                   "age=91&steward=none"])  # fmt: skip
def test_a_list_of_nothing_says_so(client: Client, estate: Estate, query: str) -> None:
    client.login("finance")
    answer = client.get(f"/arrears/houses?{query}")
    assert answer.status_code == 200
    assert "没有符合条件的欠费户" in answer.text
    for path in ("/reminders/", "/reminders/made"):
        assert client.get(f"{path}?{query}&what=nonsense&way=x&period=x").status_code == 200


# ---- numbers and their lists -----------------------------------------------------------------------------------------
def more_debts(session: Any, estate: Estate) -> None:
    """Older bills, a second steward, reasons: something for every column."""
    with transaction() as writing:
        for key, days in (("own", 400), ("own", 60), ("next", 120), ("far", 200), ("far", 35)):
            old = writing.get_one(Bill, estate.bills[key])
            due = date(2026, 3, 10) - timedelta(days=days)
            values = {
                name: getattr(old, name) for name in ("community_id", "house_id", "fee_item_id", "payer_id", "rate")
            }
            writing.add(
                Bill(
                    **values,
                    period=f"{due:%Y-%m}",
                    segment=2,
                    quantity=1,
                    amount=Decimal("99.99"),
                    issued_on=due,
                    due_on=due,
                )
            )
        second = Staff(name="另一位管家", role="steward")
        writing.add(second)
        writing.flush()
        far = writing.get_one(House, estate.houses["far"])
        writing.add(
            StewardBuilding(
                staff_id=second.id, building_id=far.building_id, community_id=estate.home, starts_on=date(2020, 1, 1)
            )
        )
        writing.add(
            ArrearsNote(
                community_id=estate.home, house_id=far.id, reason="promised", note="下周来缴", noted_on=date(2026, 3, 9),
                at=datetime.fromisoformat("2026-03-09T10:00+08:00"), actor_name="x",
            )
        )  # fmt: skip
    session.expire_all()
    session.rollback()


def rows_of(client: Client, address: str) -> int:
    total, page = 0, 0
    while True:
        text = client.get(f"{address}{'&' if '?' in address else '?'}page={page}").text
        total += text.count('class="owing__house"')
        if 'rel="next"' not in text:
            return total
        page += 1


@pytest.mark.parametrize("role", ["finance", "steward", "manager"])
def test_every_number_opens_a_list_of_as_many(client: Client, session: Any, estate: Estate, role: str) -> None:
    more_debts(session, estate)
    rounds(session, estate, -5, 0)
    client.login(role)
    checked = 0
    for path in ("/arrears/", "/reminders/", "/arrears/week/2026-03-02"):
        page = client.get(path).text
        for address, number in re.findall(r'href="([^"]+)" data-rows="(\d+)"', page):
            address = address.replace("&amp;", "&")
            full = f"{path}{address}" if address.startswith("?") else address
            assert rows_of(client, full) == int(number), full
            checked += 1
    assert checked >= 18


def test_what_is_shown_adds_up(client: Client, session: Any, estate: Estate) -> None:
    more_debts(session, estate)
    client.login("finance")
    page = client.get("/arrears/").text
    owed = Decimal("250.60") * 3 + Decimal("99.99") * 5
    assert f"{owed:,.2f}" in page
    house = client.get(f"/arrears/house/{estate.houses['own']}").text
    assert f"{Decimal('250.60') + 2 * Decimal('99.99'):,.2f}" in house


def test_pages_ask_little_however_many_houses_there_are(
    app: Flask, client: Client, session: Any, estate: Estate
) -> None:
    more_debts(session, estate)
    rounds(session, estate, -5, 0)
    client.login("finance")
    for path in PAGES:
        assert len(statements_of(app, client, path)) <= 22, path
    assert len(statements_of(app, client, f"/arrears/house/{estate.houses['own']}")) <= 30


def test_nobody_in_arrears_is_said_in_words(client: Client, session: Any, estate: Estate) -> None:
    with transaction() as writing:
        for bill in writing.scalars(select(Bill)):
            bill.state, bill.paid_yuan = "paid", bill.amount
    client.login("finance")
    assert "没有欠费的业户" in client.get("/arrears/").text
    for path in (*PAGES, f"/arrears/house/{estate.houses['own']}"):
        assert client.get(path).status_code == 200


# ---- a house ---------------------------------------------------------------------------------------------------------
def test_reasons_stay_and_the_newest_is_in_force(client: Client, session: Any, estate: Estate) -> None:
    client.login("finance")
    path = f"/arrears/house/{estate.houses['own']}"
    for reason, note in (("bill", "说面积不对"), ("promised", "三月底缴清")):
        assert client.submit(f"{path}/reason", {"reason": reason, "note": note}).status_code == 302
    page = client.get(path).text
    assert "说面积不对" in page
    assert page.index("三月底缴清") < page.index("说面积不对")
    assert "三月底缴清" in client.get("/arrears/houses?reason=promised").text
    assert len(session.scalars(select(ArrearsNote)).all()) == 2


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        ({}, 400, "请选择欠费原因"),
        ({"reason": "nonsense"}, 400, "请选择"),
        ({"reason": "other"}, 400, "请写明是什么原因"),
        ({"reason": "away", "note": "长" * 401}, 400, "文字过长"),
        ({"reason": "away", "note": "\x00"}, 400, "无法显示"),
    ],
)
def test_what_is_missing_in_a_reason_is_said(
    client: Client, session: Any, estate: Estate, sent: dict[str, str], status: int, sentence: str
) -> None:
    client.login("finance")
    answer = client.submit(f"/arrears/house/{estate.houses['own']}/reason", sent)
    assert answer.status_code == status
    assert sentence in answer.text
    assert session.scalars(select(ArrearsNote)).all() == []


def test_a_house_rests_and_is_reminded_again(client: Client, session: Any, estate: Estate) -> None:
    client.login("manager")
    path = f"/arrears/house/{estate.houses['own']}"
    assert client.submit(f"{path}/lift").status_code == 409
    sent = {"kind": "hardship", "note": "失业，经理同意", "ends_on": "2026-04-30"}
    assert client.submit(f"{path}/hold", sent).status_code == 302
    again = client.submit(f"{path}/hold", sent)
    assert (again.status_code, "请先解除" in again.text) == (409, True)
    page = client.get(path).text
    assert "失业，经理同意" in page
    assert "2026-04-30" in page
    rounds(session, estate, 0)
    assert estate.houses["own"] not in session.scalars(select(FeeReminder.house_id)).all()
    session.rollback()
    assert client.submit(f"{path}/lift").status_code == 302
    hold = session.scalars(select(CollectionHold)).one()
    assert (hold.set_by != "", hold.lifted_by != "", hold.lifted_at is not None) == (True, True, True)
    session.rollback()
    rounds(session, estate, 0)
    assert estate.houses["own"] in session.scalars(select(FeeReminder.house_id)).all()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"note": "x"}, "请选择暂缓催缴的原因"),
        ({"kind": "hardship"}, "由谁决定"),
        ({"kind": "hardship", "note": "x", "ends_on": "2026-03-09"}, "已经过去"),
        ({"kind": "hardship", "note": "x", "ends_on": "31.3.2026"}, "2026-03-31"),
        ({"kind": "hardship", "note": "x", "ends_on": "2030-01-01"}, "最多两年"),
    ],
)
def test_what_is_wrong_with_a_rest_is_said_and_what_was_typed_is_kept(
    client: Client, session: Any, estate: Estate, sent: dict[str, str], sentence: str
) -> None:
    client.login("finance")
    answer = client.submit(f"/arrears/house/{estate.houses['own']}/hold", sent)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert session.scalars(select(CollectionHold)).all() == []


def test_the_house_and_the_bill_lead_to_the_reminders(client: Client, new_client: Any, estate: Estate) -> None:
    client.login("finance")
    link = f"/arrears/house/{estate.houses['own']}"
    assert link in client.get(f"/billview/show/{estate.bills['own']}").text
    assert link in client.get(f"/houseview/show/{estate.houses['own']}").text
    desk = new_client()
    desk.login("assistant")
    assert link not in desk.get(f"/houseview/show/{estate.houses['own']}").text


# ---- the round -------------------------------------------------------------------------------------------------------
def test_the_preview_says_what_the_run_does_and_the_run_happens_once(
    client: Client, session: Any, estate: Estate
) -> None:
    client.login("finance")
    before = client.get("/reminders/").text
    assert 'data-rows="3"' in before
    assert session.scalars(select(FeeReminder)).all() == []
    session.rollback()
    assert client.submit("/reminders/run").status_code == 302
    made = session.scalars(select(FeeReminder.way)).all()
    session.rollback()
    assert made == ["sms"] * 3
    assert client.submit("/reminders/run").status_code == 302
    assert len(session.scalars(select(FeeReminder.id)).all()) == 3
    session.rollback()
    after = client.get("/reminders/?what=later").text
    assert "2026-03-15" in after
    assert after.count('class="owing__house"') == 3


def test_the_preview_names_quiet_hours_and_who_had_enough(
    client: Client, session: Any, estate: Estate, frozen: Any
) -> None:
    frozen.move_to("2026-03-10T14:00:00+00:00")
    client.login("finance")
    assert "2026-03-11 09:00" in client.get("/reminders/").text


def test_the_job_reminds_and_tells_the_manager_on_monday(app: Flask, session: Any, estate: Estate) -> None:
    with transaction() as writing:
        writing.get_one(Staff, estate.staff["manager"]).number = "+8613900139003"
    with app.app_context():
        first = run_job("arrears", datetime.fromisoformat("2026-03-09T09:00+08:00"))
        again = run_job("arrears", datetime.fromisoformat("2026-03-09T09:30+08:00"))
    assert (first["sms"], first["told"]) == (4, 1)
    assert again.get("sms", 0) == 0
    assert len(session.scalars(select(Message.id).where(Message.purpose == "arrears_week")).all()) == 1


def test_a_reminder_is_shown_with_the_proof_of_its_delivery(client: Client, session: Any, estate: Estate) -> None:
    from app.services import outbound_dial
    from tests.support.carrier import FakeCarrier

    rounds(session, estate, 0)
    at = datetime.fromisoformat("2026-03-10T10:31+08:00")
    outbound_dial.tick(transaction, FakeCarrier(), "https://x.example.org", at)
    with transaction() as writing:
        for message in writing.scalars(select(Message).where(Message.purpose == "reminder")):
            message.state, message.sent_at, message.delivered_at = "delivered", at, at + timedelta(seconds=9)
    client.login("steward")
    for path in (f"/arrears/house/{estate.houses['own']}", "/reminders/made?way=sms"):
        page = client.get(path).text
        assert "2026-03-10 10:31 送达" in page
        assert "250.60" in page


def test_who_sees_no_arrears_learns_of_none_from_the_calls_and_messages(
    new_client: Any, session: Any, estate: Estate
) -> None:
    from app.services import outbound_dial
    from tests.support.carrier import FakeCarrier

    rounds(session, estate, 0)
    at = datetime.fromisoformat("2026-03-10T10:31+08:00")
    outbound_dial.tick(transaction, FakeCarrier(), "https://x.example.org", at)
    campaign = session.scalars(select(Campaign.id)).one()
    session.rollback()
    for role, seen in (("manager", 3), ("assistant", 0), ("supervisor", 0), ("steward", 2), ("quality", 0)):
        client = new_client()
        client.login(role)
        page = client.get(f"/notice/{campaign}").text
        assert page.count("139 0000 000") == seen, role
        record = client.get("/dutyrecord/?day=2026-03-10&show=calls").text.partition("<tbody")[2]
        assert record.count("缴费提醒") == seen, role
        if role in ("manager", "assistant", "supervisor"):
            listed = client.get("/messageview/list/").text.partition("<tbody")[2]
            assert listed.count("缴费提醒") == seen, role
        rest = new_client().authorize(role).get("/api/v1/campaign_target/").get_json()
        assert rest["count"] == seen, role


# ---- letters ---------------------------------------------------------------------------------------------------------
def words(content: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(content)).pages)


def test_a_letter_is_one_page_in_its_readers_language_and_stays_as_it_was_written(
    client: Client, session: Any, estate: Estate, frozen: Any
) -> None:
    with transaction() as writing:
        old = writing.get_one(Bill, estate.bills["own"])
        values = {name: getattr(old, name) for name in ("community_id", "house_id", "fee_item_id", "payer_id", "rate")}
        for months in range(40):
            due = date(2022 + months // 12, months % 12 + 1, 28)
            writing.add(Bill(**values, period=f"{due:%Y-%m}", quantity=1, amount=1, issued_on=due, due_on=due))
        for step in writing.scalars(select(ReminderStep)):
            step.text = step.text + "敬" * (400 - len(step.text))
    rounds(session, estate, 0, 5, 12)
    frozen.move_to("2026-03-22T04:00:00+00:00")
    pk = session.scalars(
        select(FeeReminder.id).where(FeeReminder.house_id == estate.houses["own"], FeeReminder.way == "letter")
    ).one()
    session.rollback()
    with transaction() as writing:
        for bill in writing.scalars(select(Bill).where(Bill.house_id == estate.houses["own"])):
            bill.state, bill.paid_yuan = "paid", bill.amount
        writing.get_one(Person, estate.people["own"]).name = "改名了"
    client.login("finance")
    answer = client.get(f"/reminders/letters/{pk}.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert len(PdfReader(BytesIO(answer.data)).pages) == 1
    told = words(answer.data)
    for word in (
        "费用催缴函",
        "张三",
        "1幢1单元101",
        "290.60",
        "贰佰玖拾元陆角整",
        "34笔",
        "签收回执",
        f"202603-{pk:07d}",
    ):
        assert word in told, word
    english = words(client.get(f"/reminders/letters/{pk}.pdf?lang=en").data)
    assert "Reminderofunpaidcharges" in english


def test_letters_are_printed_together_a_page_each(client: Client, estate: Estate, letter: Any) -> None:
    client.login("manager")
    answer = client.get("/reminders/letters.pdf")
    assert len(PdfReader(BytesIO(answer.data)).pages) == 3
    assert all(name in words(answer.data) for name in ("张三", "李四", "王五"))
    assert "赵六" not in words(answer.data)


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        ({"on": "2026-03-22"}, 400, "请选择送达方式"),
        ({"way": "pigeon", "on": "2026-03-22"}, 400, "请选择"),
        ({"way": "in_person", "on": "2026-03-22"}, 400, "请写明签收人"),
        ({"way": "registered", "on": "2026-03-22", "note": " "}, 400, "请填写挂号单号"),
        ({"way": "letterbox", "on": "2026-03-21"}, 400, "2026-03-22"),
        ({"way": "letterbox", "on": "2026-03-23"}, 400, "与今天之间"),
        ({"way": "letterbox", "on": ""}, 400, "日期格式不对"),
    ],
)
def test_what_is_wrong_with_a_handing_over_is_said(
    client: Client, session: Any, estate: Estate, letter: Any, sent: dict[str, str], status: int, sentence: str
) -> None:
    client.login("steward")
    answer = client.submit(f"/reminders/letters/{letter('own')}", sent)
    assert answer.status_code == status
    assert sentence in answer.text
    assert session.get_one(FeeReminder, letter("own")).letter_state == "waiting"


@pytest.mark.parametrize(("role", "count"), [("steward", 2), ("finance", 3)])
def test_the_first_page_leads_to_the_letters_that_wait(
    client: Client, estate: Estate, letter: Any, role: str, count: int
) -> None:
    letter("own")
    client.login(role)
    address, number = re.findall(r'href="(/reminders/letters[^"]*)" data-rows="(\d+)"', client.get("/").text)[0]
    assert int(number) == count == rows_of(client, address)


def test_handed_over_once_with_the_proof_on_the_house(
    client: Client, session: Any, estate: Estate, letter: Any
) -> None:
    client.login("steward")
    sent = {"way": "in_person", "on": "2026-03-22", "note": "张三本人"}
    assert client.submit(f"/reminders/letters/{letter('own')}", sent).status_code == 302
    assert client.submit(f"/reminders/letters/{letter('own')}", sent).status_code == 409
    page = client.get(f"/arrears/house/{estate.houses['own']}").text
    assert "张三本人" in page
    assert "当面送达并签收" in page
    assert f"/reminders/letters/{letter('own')}" not in client.get("/reminders/letters").text


def test_a_letter_that_is_not_needed_any_more_is_not_handed_over(
    client: Client, session: Any, estate: Estate, letter: Any
) -> None:
    client.login("steward")
    with transaction() as writing:
        for bill in writing.scalars(select(Bill).where(Bill.house_id == estate.houses["own"])):
            bill.state, bill.paid_yuan = "paid", bill.amount
    assert "已缴清，请勿送达" in client.get("/reminders/letters").text
    rounds(session, estate, 13)
    assert session.get_one(FeeReminder, letter("own")).letter_state == "void"
    session.rollback()
    answer = client.submit(f"/reminders/letters/{letter('own')}", {"way": "letterbox", "on": "2026-03-22"})
    assert (answer.status_code, "请勿送达" in answer.text) == (409, True)
    rounds(session, estate, 26)
    assert session.get_one(FeeReminder, letter("next")).letter_state == "void", "the next month writes its own"


# ---- the table of steps ----------------------------------------------------------------------------------------------
def test_an_administrator_changes_the_steps_and_others_only_read_them(
    client: Client, new_client: Any, session: Any, estate: Estate
) -> None:
    first = session.scalars(select(ReminderStep).order_by(ReminderStep.position)).first()
    pk, english = first.id, first.text_en
    session.rollback()
    client.login("admin")
    sent = {
        "way": "call",
        "position": "10",
        "after_days": "3",
        "text": "请联系  服务中心。",
        "text_en": english,
        "active": "y",
    }
    assert client.submit(f"/reminderstepview/edit/{pk}", sent).status_code == 302
    step = session.get_one(ReminderStep, pk)
    assert (step.way, step.after_days, step.text) == ("call", 3, "请联系 服务中心。")
    session.rollback()
    for wrong in ({"after_days": "61"}, {"text": " "}, {"text_en": ""}, {"way": "pigeon"}, {"after_days": "x"}):
        answer = client.submit(f"/reminderstepview/edit/{pk}", sent | wrong)
        assert answer.status_code in (200, 400, 422), wrong
        assert answer.location is None
    reader = new_client()
    reader.login("finance")
    assert reader.get("/reminderstepview/list/").status_code == 200
    assert reader.submit(f"/reminderstepview/edit/{pk}", sent).status_code == 403
