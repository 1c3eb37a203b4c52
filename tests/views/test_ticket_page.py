"""The ticket's page and its steps: own rows only, steps as buttons, refusals as sentences with the input kept."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import Staff, Ticket
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import statements_of

ROWS = {
    "assistant": {"own": 200, "next": 200, "far": 200, "foreign": 404},
    "steward": {"own": 200, "next": 200, "far": 404, "foreign": 404},
    "technician": {"own": 404, "next": 404, "far": 404, "foreign": 404},
    "finance": {"own": 200, "far": 200, "foreign": 404},
    "quality": {"own": 200, "foreign": 200},
    "admin": {"own": 200, "foreign": 200},
    "owner": {"own": 403, "foreign": 403},
    "resident": {"own": 403},
}


@pytest.fixture
def numbers(estate: Estate, session: Any) -> dict[str, str]:
    found = {key: session.get(Ticket, pk).number for key, pk in estate.tickets.items()}
    session.rollback()
    return found


def ticket_of(session: Any, number: str) -> Ticket:
    session.rollback()
    session.expire_all()
    found: Ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    return found


@pytest.mark.parametrize("role", ROWS)
def test_shows_own_tickets_and_nothing_else(client: Client, numbers: dict[str, str], role: str) -> None:
    client.login(role)
    for key, status in ROWS[role].items():
        assert client.get(f"/ticket/{numbers[key]}").status_code == status, key
        if status != 200:
            answer = client.submit(f"/ticket/{numbers[key]}/cancel", {"reason": "x"})
            assert answer.status_code in (403, 404), key


@pytest.mark.parametrize("number", ["abc", "0", "99999999", "１２３４５６７８", "1' or '1", "%00", "2" * 400])
def test_a_number_that_is_none_is_not_found(client: Client, estate: Estate, number: str) -> None:
    client.login("admin")
    assert client.get(f"/ticket/{number}").status_code == 404
    assert client.get(f"/ticket/{number}/close").status_code == 404


@pytest.mark.parametrize("until", ["00010101T000000.000000%2B2359", "99991231T235959.000000-2359", "x"])
def test_a_timeline_up_to_a_moment_that_is_none_is_the_whole_one(
    client: Client, numbers: dict[str, str], until: str
) -> None:
    client.login("admin")
    whole = client.get(f"/ticket/{numbers['own']}").text
    odd = client.get(f"/ticket/{numbers['own']}?until={until}")
    assert odd.status_code == 200
    assert odd.text.count("<time") == whole.count("<time")


def test_a_stranger_is_sent_to_log_in(client: Client, numbers: dict[str, str]) -> None:
    assert client.get(f"/ticket/{numbers['own']}").status_code == 302
    assert client.submit(f"/ticket/{numbers['own']}/cancel", {"reason": "x"}).status_code == 302


def test_page_says_who_where_what_and_until_when(client: Client, numbers: dict[str, str]) -> None:
    client.login("assistant")
    page = client.get(f"/ticket/{numbers['own']}").get_data(as_text=True)
    for words in (numbers["own"], "own 水管漏水", "1幢1单元101", "张三", "首次响应", "已受理", "厨房水管漏水"):
        assert words in page, words


def test_buttons_are_the_steps_the_rules_allow(client: Client, numbers: dict[str, str]) -> None:
    client.login("assistant")
    page = client.get(f"/ticket/{numbers['own']}").get_data(as_text=True)
    offered = set(re.findall(r'data-verb="(\w+)"', page))
    assert {"dispatch", "contact", "cancel", "promise"} <= offered
    assert offered.isdisjoint({"start", "finish", "visit", "close", "reopen", "find"})


def test_reader_without_steps_gets_no_buttons(client: Client, numbers: dict[str, str]) -> None:
    client.login("quality")
    page = client.get(f"/ticket/{numbers['own']}").get_data(as_text=True)
    assert "data-verb" not in page
    assert client.submit(f"/ticket/{numbers['own']}/dispatch").status_code == 403


def test_a_step_is_taken_and_noted(client: Client, numbers: dict[str, str], estate: Estate, session: Any) -> None:
    client.login("assistant")
    person = session.scalars(select(Staff).where(Staff.role == "technician")).one()
    session.rollback()
    answer = client.submit(f"/ticket/{numbers['own']}/dispatch", {"assignee_id": person.id, "note": "请带上扳手"})
    assert (answer.status_code, answer.location) == (302, f"/ticket/{numbers['own']}")
    ticket = ticket_of(session, numbers["own"])
    assert (ticket.state, ticket.assignee_id) == ("dispatched", estate.staff["technician"])
    assert "请带上扳手" in client.get(f"/ticket/{numbers['own']}").get_data(as_text=True)


def test_refused_step_says_why_and_keeps_what_was_typed(client: Client, numbers: dict[str, str], session: Any) -> None:
    client.login("assistant")
    client.submit(f"/ticket/{numbers['own']}/dispatch")
    client.submit(f"/ticket/{numbers['own']}/start")
    answer = client.submit(f"/ticket/{numbers['own']}/wait", {"reason": "等配件到货", "until": ""})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert 'role="alert"' in page
    assert "等配件到货" in page
    assert ticket_of(session, numbers["own"]).state == "in_progress"


@pytest.mark.parametrize(
    "verb, data",
    [
        ("wait", {"reason": "x", "until": "2026-13-45"}),
        ("promise", {"due_at": "yesterday"}),
        ("promise", {"due_at": "2001-01-01"}),
        ("dispatch", {"assignee_id": "99999999999999999999"}),
        ("dispatch", {"assignee_id": "-1"}),
        ("contact", {"note": "x" * 5000}),
        ("contact", {"note": "a\x00b"}),
        ("close", {}),
    ],
)
def test_nonsense_in_a_form_is_a_sentence(
    client: Client, numbers: dict[str, str], session: Any, verb: str, data: dict[str, str]
) -> None:
    client.login("assistant")
    answer = client.submit(f"/ticket/{numbers['own']}/{verb}", data)
    assert answer.status_code in (400, 409), answer.status_code
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert ticket_of(session, numbers["own"]).state == "registered"


def test_unknown_step_is_not_found(client: Client, numbers: dict[str, str]) -> None:
    client.login("assistant")
    assert client.get(f"/ticket/{numbers['own']}/explode").status_code == 404
    assert client.submit(f"/ticket/{numbers['own']}/explode").status_code == 404


def test_a_step_needs_the_token(client: Client, numbers: dict[str, str], session: Any) -> None:
    client.login("assistant")
    assert client.post(f"/ticket/{numbers['own']}/cancel", data={"reason": "x"}).status_code == 400
    assert client.get(f"/ticket/{numbers['own']}/cancel?reason=x").status_code == 200
    assert ticket_of(session, numbers["own"]).state == "registered"


def test_page_that_grew_old_is_refused(client: Client, numbers: dict[str, str], session: Any) -> None:
    client.login("assistant")
    old = ticket_of(session, numbers["own"]).revision
    session.rollback()
    client.submit(f"/ticket/{numbers['own']}/dispatch")
    assert client.submit(f"/ticket/{numbers['own']}/cancel", {"reason": "x", "revision": old}).status_code == 409


def test_dialog_gets_the_form_alone_and_an_address_when_done(client: Client, numbers: dict[str, str]) -> None:
    client.login("assistant")
    inside = {"X-Fragment": "1"}
    form = client.get(f"/ticket/{numbers['own']}/dispatch", headers=inside).get_data(as_text=True)
    assert "<form" in form and "<html" not in form
    done = client.submit(f"/ticket/{numbers['own']}/dispatch", {"back": "/work/new"}, headers=inside)
    assert done.get_json() == {"location": "/work/new"}


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_way_back_never_leaves_the_site(client: Client, numbers: dict[str, str], back: str) -> None:
    client.login("assistant")
    answer = client.submit(f"/ticket/{numbers['own']}/dispatch", {"back": back})
    assert answer.location == "/"


@pytest.mark.parametrize("role", ["assistant", "steward", "admin", "quality"])
def test_page_asks_at_most_ten_statements(app: Flask, client: Client, numbers: dict[str, str], role: str) -> None:
    client.login(role)
    assert len(statements_of(app, client, f"/ticket/{numbers['own']}")) <= 10


def test_form_holds_the_usual_way_and_what_was_found(client: Client, numbers: dict[str, str], session: Any) -> None:
    from app.services.transaction import transaction

    with transaction() as writing:
        ticket = writing.scalars(select(Ticket).where(Ticket.number == numbers["own"])).one()
        ticket.kind, ticket.validity = "complaint", "assistance"
    client.login("supervisor")
    assert 'value="phone" checked' in client.get(f"/ticket/{numbers['own']}/reply").get_data(as_text=True)
    assert 'value="assistance" checked' in client.get(f"/ticket/{numbers['own']}/find").get_data(as_text=True)


@pytest.mark.parametrize(
    ("role", "status"),
    [("supervisor", 200), ("assistant", 200), ("steward", 200), ("admin", 404), ("quality", 404), ("finance", 404)],
)
def test_recording_is_heard_by_whom_d15_names_and_it_is_noted(
    client: Client, numbers: dict[str, str], estate: Estate, session: Any, data_dir: Any, role: str, status: int
) -> None:
    from app.models import AccessEntry, Call, CallTicket, Recording
    from app.services.transaction import transaction

    (data_dir / "recordings").mkdir()
    (data_dir / "recordings/1.wav").write_bytes(b"RIFFvoice")
    with transaction() as writing:
        ticket = writing.scalars(select(Ticket).where(Ticket.number == numbers["own"])).one()
        link = writing.scalars(select(CallTicket).where(CallTicket.ticket_id == ticket.id)).first()
        call = writing.get_one(Call, link.call_id)
        call.community_id, call.house_id = ticket.community_id, ticket.house_id
        voice = Recording(call_id=call.id, provider_sid="RE1", created_at=ticket.created_at, duration_seconds=9)
        voice.file_path, voice.status = "recordings/1.wav", "completed"
        writing.add(voice)
        writing.flush()
        pk = voice.id
    client.login(role)
    address = f"/ticket/{numbers['own']}/recording/{pk}"
    answer = client.get(address)
    assert answer.status_code == status
    sound = answer.data
    answer.close()
    assert (f'src="{address}"' in client.get(f"/ticket/{numbers['own']}").get_data(as_text=True)) == (status == 200)
    session.rollback()
    heard = list(session.scalars(select(AccessEntry).where(AccessEntry.action == "recording_heard")))
    assert len(heard) == (1 if status == 200 else 0)
    if status == 200:
        assert sound == b"RIFFvoice"
        assert client.get(f"/ticket/{numbers['next']}/recording/{pk}").status_code == 404
    for strange in ("0", "99999999999999999999"):
        assert client.get(f"/ticket/{numbers['own']}/recording/{strange}").status_code == 404
