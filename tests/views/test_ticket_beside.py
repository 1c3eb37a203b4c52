"""Beside the ticket's steps: the household's card and file, notes, filters and pages of the timeline, the printed record."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import (
    AccessEntry,
    Call,
    CallTicket,
    EscalationAttempt,
    HotlineEvent,
    Ladder,
    Person,
    Recording,
    Staff,
    Ticket,
    TicketEntry,
)
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import counted, statements_of


@pytest.fixture
def numbers(estate: Estate, session: Any) -> dict[str, str]:
    found = {key: session.get(Ticket, pk).number for key, pk in estate.tickets.items()}
    session.rollback()
    return found


def text(client: Client, path: str, **more: Any) -> str:
    return str(client.get(path, **more).get_data(as_text=True))


def test_the_card_shows_the_household_its_numbers_and_the_arrears(client: Client, numbers: dict[str, str]) -> None:
    client.login("assistant")
    page = text(client, f"/ticket/{numbers['own']}")
    assert "张三" in page and "租客" in page
    assert 'href="tel:+8613900000000"' in page
    assert "139 0000 0000</a>" in page, "written as everywhere; only what is dialled has the country's code"
    assert "+8613900000000</a>" not in page
    assert "¥ 250.60" in page
    assert "李四" not in page and "赵六" not in page


@pytest.mark.parametrize("role", ["quality", "admin"])
def test_arrears_are_for_those_who_speak_with_the_household(client: Client, numbers: dict[str, str], role: str) -> None:
    client.login(role)
    assert "250.60" not in text(client, f"/ticket/{numbers['own']}")


@pytest.mark.parametrize(
    ("role", "knows"),
    [
        ("manager", True),
        ("supervisor", True),
        ("assistant", True),
        ("steward", True),
        ("deputy", False),
        ("finance", False),
    ],
)
def test_special_needs_and_the_file_are_for_whom_d15_names(
    client: Client, numbers: dict[str, str], estate: Estate, session: Any, role: str, knows: bool
) -> None:
    with transaction() as writing:
        person = writing.get_one(Person, estate.people["own"])
        person.special_needs, person.workplace = "独居，行动不便", "第一中学"
    client.login(role)
    page = text(client, f"/ticket/{numbers['own']}")
    assert ("独居" in page) == knows
    assert (f"/personfileview/show/{estate.people['own']}" in page) == knows
    assert "第一中学" not in page


def test_an_assistant_opens_no_file_of_a_ticket_somebody_else_handles(
    client: Client, numbers: dict[str, str], estate: Estate
) -> None:
    with transaction() as writing:
        writing.get_one(Ticket, estate.tickets["own"]).assignee_id = estate.staff["technician"]
        writing.get_one(Person, estate.people["own"]).special_needs = "独居"
    client.login("assistant")
    page = text(client, f"/ticket/{numbers['own']}")
    assert "独居" not in page and "/personfileview/" not in page


def test_a_note_stands_on_the_timeline_and_answers_no_clock(
    client: Client, numbers: dict[str, str], estate: Estate, session: Any
) -> None:
    client.login("steward")
    assert client.submit(f"/ticket/{numbers['own']}/note", {"note": "<b>业户</b>下午在家"}).status_code == 302
    page = text(client, f"/ticket/{numbers['own']}")
    assert "&lt;b&gt;业户&lt;/b&gt;下午在家" in page
    session.rollback()
    ticket = session.get_one(Ticket, estate.tickets["own"])
    assert {clock.state for clock in ticket.clocks} == {"running"}


def test_a_refused_note_keeps_its_words(client: Client, numbers: dict[str, str]) -> None:
    client.login("assistant")
    long = "长" * 2001
    answer = client.submit(f"/ticket/{numbers['own']}/note", {"note": long})
    assert answer.status_code == 400 and long in answer.get_data(as_text=True)
    assert client.submit(f"/ticket/{numbers['own']}/note", {"note": "  "}).status_code == 400


@pytest.mark.parametrize(
    ("role", "key", "status"), [("quality", "own", 403), ("steward", "far", 404), ("owner", "own", 403)]
)
def test_notes_are_added_to_own_tickets_by_those_who_work_on_them(
    client: Client, numbers: dict[str, str], session: Any, role: str, key: str, status: int
) -> None:
    client.login(role)
    assert client.submit(f"/ticket/{numbers[key]}/note", {"note": "x"}).status_code == status
    session.rollback()
    assert session.scalars(select(TicketEntry).where(TicketEntry.verb == "note")).all() == []


def test_the_second_of_two_people_is_told_what_changed_and_keeps_the_words(
    client: Client, numbers: dict[str, str]
) -> None:
    client.login("assistant")
    address = f"/ticket/{numbers['own']}"
    form = text(client, f"{address}/cancel")
    sent = dict(re.findall(r'name="(revision|seen)" value="(\d+)"', form))
    client.submit(f"{address}/contact", {"way": "phone", "note": "已联系业户"})
    client.submit(f"{address}/dispatch", {"note": "先看看"})
    answer = client.submit(f"{address}/cancel", {**sent, "reason": "业户撤回了"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "业户撤回了" in page and "已联系业户" in page and "先看看" in page
    again = dict(re.findall(r'name="(revision|seen)" value="(\d+)"', page))
    assert client.submit(f"{address}/cancel", {**again, "reason": "业户撤回了"}).status_code == 302


def test_pulse_tells_that_somebody_moved_the_ticket(client: Client, numbers: dict[str, str]) -> None:
    client.login("steward")
    before = client.get(f"/ticket/{numbers['own']}/pulse").get_json()["revision"]
    client.submit(f"/ticket/{numbers['own']}/dispatch")
    assert client.get(f"/ticket/{numbers['own']}/pulse").get_json()["revision"] > before
    assert client.get(f"/ticket/{numbers['far']}/pulse").status_code == 404


def test_what_cannot_be_done_now_says_why(client: Client, numbers: dict[str, str]) -> None:
    client.login("assistant")
    page = text(client, f"/ticket/{numbers['own']}")
    assert "工单目前已受理" in page or "已受理" in page.split("notnow__list")[1]
    assert 'data-verb="dispatch"' in page and 'btn-primary btn-lg" data-verb="dispatch"' in page


def test_the_form_says_who_is_told_what(client: Client, numbers: dict[str, str], estate: Estate) -> None:
    client.login("assistant")
    with transaction() as writing:
        writing.get_one(Ticket, estate.tickets["own"]).state = "in_progress"
    page = text(client, f"/ticket/{numbers['own']}/finish")
    assert "业户会收到短信" in page and f"您的工单{numbers['own']}" in page.replace(" ", "")


def test_the_picker_shows_duty_and_load(client: Client, numbers: dict[str, str], estate: Estate, session: Any) -> None:
    with transaction() as writing:
        for key in ("next", "far"):
            ticket = writing.get_one(Ticket, estate.tickets[key])
            ticket.assignee_id, ticket.state = estate.staff["technician"], "dispatched"
    client.login("assistant")
    page = text(client, f"/ticket/{numbers['own']}/dispatch")
    mine = page.split(f'value="{estate.staff["technician"]}"')[1].split("</label>")[0]
    assert "2件在办" in mine
    assert "按规则" in page


def test_the_timeline_pages_and_holds_still_while_one_reads(
    app: Flask, client: Client, numbers: dict[str, str], estate: Estate
) -> None:
    def add(first: int, last: int) -> None:
        with transaction() as writing:
            ticket = writing.get_one(Ticket, estate.tickets["own"])
            for number in range(first, last):
                at = ticket.created_at + timedelta(minutes=number + 1)
                made = TicketEntry(
                    ticket_id=ticket.id, at=at, verb="note", actor_name="x", note=f"备注{number:03d}", data={}
                )
                writing.add(made)

    add(0, 100)
    client.login("assistant")
    address = f"/ticket/{numbers['own']}"
    page = text(client, address)
    more = re.search(r'href="(/ticket/\d+\?show=all&amp;skip=60[^"#]*)', page)
    assert more and "备注099" in page and "备注030" not in page
    add(100, 103)
    with counted(app) as asked:
        rest = text(client, more[1].replace("&amp;", "&"), headers={"X-Fragment": "1"})
    assert len(asked) <= 10
    assert "<html" not in rest and "备注000" in rest
    shown = set(re.findall(r"备注\d{3}", page)) | set(re.findall(r"备注\d{3}", rest))
    assert {f"备注{number:03d}" for number in range(100)} <= shown
    assert len(statements_of(app, client, address)) <= 10


@pytest.mark.parametrize(
    "query", ["show=nonsense", "skip=-5", "skip=abc", "until=yesterday", "show=calls&skip=99999999999"]
)
def test_nonsense_in_the_address_shows_the_page(client: Client, numbers: dict[str, str], query: str) -> None:
    client.login("assistant")
    assert client.get(f"/ticket/{numbers['own']}?{query}").status_code == 200


def test_filters_limit_what_is_shown(client: Client, numbers: dict[str, str]) -> None:
    client.login("assistant")
    client.submit(f"/ticket/{numbers['own']}/note", {"note": "只有备注"})
    assert "只有备注" in text(client, f"/ticket/{numbers['own']}?show=steps")
    for show in ("calls", "photos", "clocks"):
        assert "只有备注" not in text(client, f"/ticket/{numbers['own']}?show={show}")


def test_a_call_carries_its_recording_and_its_words(
    client: Client, numbers: dict[str, str], estate: Estate, session: Any
) -> None:
    with transaction() as writing:
        call = writing.get_one(Call, estate.calls["own"])
        voice = Recording(call_id=call.id, provider_sid="RE9", created_at=call.started_at, duration_seconds=42)
        voice.file_path, voice.status = "recordings/9.wav", "completed"
        writing.add(voice)
        for key, step, params in (("1", "menu", {"Digits": "1"}), ("2", "describe", {"SpeechResult": "厨房一直滴水"})):
            event = HotlineEvent(key=f"step:{call.provider_sid}:{key}:{step}", kind=step, call_sid=call.provider_sid)
            event.received_at, event.params = call.started_at + timedelta(seconds=int(key)), params
            writing.add(event)
        writing.flush()
        pk = voice.id
    client.login("supervisor")
    page = text(client, f"/ticket/{numbers['own']}")
    block = page.split("heard")[0]
    assert page.count(f"/recording/{pk}") == 1 and block
    assert "厨房一直滴水" in page and "1 · 报修" in page
    client.submit("/logout/")
    client.login("finance")
    assert "厨房一直滴水" not in text(client, f"/ticket/{numbers['own']}")


def test_rings_of_the_ladder_are_one_block(client: Client, numbers: dict[str, str], estate: Estate) -> None:
    with transaction() as writing:
        ticket = writing.get_one(Ticket, estate.tickets["own"])
        ladder = Ladder(ticket_id=ticket.id, started_at=ticket.created_at, state="accepted")
        writing.add(ladder)
        writing.flush()
        person = writing.scalars(select(Staff).where(Staff.role == "steward")).one()
        for order, state in enumerate(("no_answer", "no_answer", "accepted")):
            at = ticket.created_at + timedelta(minutes=order)
            ring = EscalationAttempt(ticket_id=ticket.id, ladder_id=ladder.id, tier="on_duty", number="+8613900139001")
            ring.staff_id, ring.state, ring.started_at, ring.round, ring.rung = person.id, state, at, 1, order
            ring.deadline_at = at + timedelta(minutes=1)
            writing.add(ring)
    client.login("assistant")
    page = text(client, f"/ticket/{numbers['own']}")
    assert "紧急逐级呼叫：3次" in page and "员工steward" in page


def test_the_record_is_printed_with_lines_to_sign_on(client: Client, numbers: dict[str, str], estate: Estate) -> None:
    client.login("assistant")
    page = text(client, f"/ticket/{numbers['own']}/print")
    assert "维修单" in page and "签名" in page and numbers["own"] in page
    with transaction() as writing:
        writing.get_one(Ticket, estate.tickets["own"]).kind = "complaint"
    assert "客户投诉记录表" in text(client, f"/ticket/{numbers['own']}/print")
    assert client.get(f"/ticket/{numbers['foreign']}/print").status_code == 404


def test_listening_in_pieces_is_one_entry(
    client: Client, numbers: dict[str, str], estate: Estate, session: Any, data_dir: Any
) -> None:
    (data_dir / "recordings").mkdir()
    (data_dir / "recordings/9.wav").write_bytes(b"RIFF" + b"0" * 100)
    with transaction() as writing:
        call = writing.get_one(Call, estate.calls["own"])
        voice = Recording(call_id=call.id, provider_sid="RE9", created_at=call.started_at)
        voice.file_path = "recordings/9.wav"
        writing.add(voice)
        writing.flush()
        pk = voice.id
        assert writing.scalars(select(CallTicket).where(CallTicket.call_id == call.id)).first()
    client.login("supervisor")
    for piece in ("bytes=0-9", "bytes=10-50", "bytes=51-"):
        client.get(f"/ticket/{numbers['own']}/recording/{pk}", headers={"Range": piece}).close()
    session.rollback()
    assert len(list(session.scalars(select(AccessEntry).where(AccessEntry.action == "recording_heard")))) == 1
