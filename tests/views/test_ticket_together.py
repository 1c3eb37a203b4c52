"""Steps on ticked tickets: said first, then each by itself; own, colleague's and stranger's rows; twice; too many."""

import re
from typing import Any

import pytest
from sqlalchemy import select, update

from app.models import AccessEntry, Staff, Ticket, TicketEntry
from app.views.permissions import granted
from tests.support.client import Client
from tests.support.estate import Estate

ACT = "/ticketview/action_post"


def hidden_fields(page: str) -> dict[str, Any]:
    form = page[page.index('<form class="together"') :]
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        if name != "csrf_token":
            fields.setdefault(name, []).append(value)
    return fields


def ask(client: Client, action: str, *ids: int) -> Any:
    return client.submit(ACT, {"action": action, "rowid": [str(key) for key in ids]})


def go(client: Client, action: str, *ids: int, **fields: str) -> Any:
    """Through both pages, as a person does."""
    page = ask(client, action, *ids)
    assert page.status_code == 200, page.text
    return client.submit(ACT, hidden_fields(page.text) | fields)


def verbs(session: Any, ticket_id: int) -> list[str]:
    session.rollback()
    return list(
        session.scalars(select(TicketEntry.verb).where(TicketEntry.ticket_id == ticket_id).order_by(TicketEntry.id))
    )


def number(session: Any, estate: Estate, key: str) -> str:
    return str(session.get(Ticket, estate.tickets[key]).number)


@pytest.mark.parametrize("action", ["dispatch_chosen", "note_chosen", "print_chosen"])
@pytest.mark.parametrize("role", ["assistant", "steward", "technician", "finance", "quality", "owner"])
def test_it_opens_for_whom_the_matrix_says(client: Client, estate: Estate, role: str, action: str) -> None:
    client.login(role)
    answer = ask(client, action, estate.tickets["own"])
    if role not in granted(action, "TicketView"):
        assert answer.status_code == 403
    else:
        # A technician sees what is assigned to them only, the others all of their community or building.
        assert answer.status_code == (404 if role == "technician" else 200)


@pytest.mark.parametrize("action", ["dispatch_chosen", "note_chosen", "print_chosen"])
@pytest.mark.parametrize("stranger", ["far", "foreign"])
def test_a_strangers_row_among_ones_own_stops_everything(
    client: Client, estate: Estate, session: Any, action: str, stranger: str
) -> None:
    client.login("steward")
    rows = [str(estate.tickets[key]) for key in ("own", "next", stranger)]
    for step in ({}, {"go": "1", "note": "x"}):
        assert client.submit(ACT, {"action": action, "rowid": rows, **step}).status_code == 404
    assert [verbs(session, estate.tickets[key]) for key in ("own", stranger)] == [["register"], ["register"]]


def test_the_first_page_says_what_will_happen_and_changes_nothing(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    client.get("/lang/zh")
    page = ask(client, "dispatch_chosen", estate.tickets["own"], estate.tickets["far"]).text
    assert number(session, estate, "own") in page
    assert number(session, estate, "far") in page
    assert "这些工单将逐一派出" in page
    assert "无法处理的保持原样" in page
    assert verbs(session, estate.tickets["own"]) == ["register"]


def test_each_is_dispatched_to_the_person(client: Client, estate: Estate, session: Any) -> None:
    person = session.scalars(select(Staff).where(Staff.role == "technician").order_by(Staff.id)).first().id
    client.login("assistant")
    client.get("/lang/en")
    told = go(client, "dispatch_chosen", estate.tickets["own"], estate.tickets["far"], assignee_id=str(person))
    assert "2 tickets are done." in told.text
    session.rollback()
    for key in ("own", "far"):
        ticket = session.get(Ticket, estate.tickets[key])
        assert (ticket.state, ticket.assignee_id) == ("dispatched", person)


def test_a_refused_one_is_told_with_its_reason_and_the_others_are_done(
    client: Client, estate: Estate, session: Any
) -> None:
    session.execute(update(Ticket).where(Ticket.id == estate.tickets["next"]).values(state="cancelled"))
    session.commit()
    client.login("assistant")
    client.get("/lang/en")
    rows = [estate.tickets[key] for key in ("own", "next", "far")]
    first = ask(client, "dispatch_chosen", *rows).text
    assert "Dispatch (2)" in first
    assert first.count("together__why") == 1
    told = client.submit(ACT, hidden_fields(first) | {"department_id": ""}).text
    assert "2 tickets are done. 1 stays as it was:" in told
    assert number(session, estate, "next") in told
    assert number(session, estate, "own") not in told
    assert "together__why" in told
    assert verbs(session, estate.tickets["next"]) == ["register"]
    assert verbs(session, estate.tickets["far"]) == ["register", "dispatch"]


def test_somebody_who_was_faster_is_not_overwritten(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    client.get("/lang/en")
    page = ask(client, "dispatch_chosen", estate.tickets["own"], estate.tickets["far"]).text
    assert client.submit(f"/ticket/{number(session, estate, 'own')}/dispatch", {}).status_code == 302
    told = client.submit(ACT, hidden_fields(page)).text
    assert "1 ticket is done. 1 stays as it was:" in told
    assert "Somebody else has just changed this ticket" in told
    assert verbs(session, estate.tickets["own"]).count("dispatch") == 1


def test_sent_twice_it_is_done_once(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    fields = hidden_fields(ask(client, "note_chosen", estate.tickets["own"]).text) | {"note": "停水通知已贴"}
    assert client.submit(ACT, fields).status_code == 200
    assert client.submit(ACT, fields).status_code == 302
    assert verbs(session, estate.tickets["own"]) == ["register", "note"]


def test_a_note_stands_on_each_and_an_empty_one_on_none(client: Client, estate: Estate, session: Any) -> None:
    client.login("steward")
    rows = (estate.tickets["own"], estate.tickets["next"])
    refused = go(client, "note_chosen", *rows, note=" ")
    assert refused.status_code == 422
    assert 'name="rowid"' in refused.text
    assert go(client, "note_chosen", *rows, note="停水通知已贴").status_code == 200
    session.rollback()
    notes = select(TicketEntry.ticket_id, TicketEntry.note).where(TicketEntry.verb == "note")
    assert sorted(session.execute(notes).tuples()) == [(key, "停水通知已贴") for key in sorted(rows)]


def test_their_sheets_are_printed_one_after_the_other(client: Client, estate: Estate, session: Any) -> None:
    client.login("steward")
    page = ask(client, "print_chosen", estate.tickets["own"], estate.tickets["next"]).text
    assert page.count('<article class="sheet-of-paper">') == 2
    assert number(session, estate, "next") in page


def test_ticked_rows_are_exported_and_no_others(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    numbers = {key: number(session, estate, key) for key in ("own", "next", "far")}
    rows = {"rowid": [str(estate.tickets["own"]), str(estate.tickets["far"])]}
    text = (
        client.submit("/ticketview/export/csv?_flt_0_state=closed", rows, buffered=True).get_data().decode("utf-8-sig")
    )
    assert numbers["own"] in text
    assert numbers["far"] in text
    assert numbers["next"] not in text
    session.rollback()
    entry = session.scalars(select(AccessEntry).where(AccessEntry.action == "exported")).one()
    assert "2" in entry.subject
    rows["rowid"].append(str(estate.tickets["foreign"]))
    assert client.submit("/ticketview/export/csv", rows).status_code == 404


@pytest.mark.parametrize(
    ("rows", "status"),
    [([], 400), (["x"], 404), (["99999999999999999999"], 404), ([str(n) for n in range(1, 502)], 413)],
)
def test_nonsense_is_refused(client: Client, estate: Estate, rows: list[str], status: int) -> None:
    client.login("assistant")
    assert client.submit(ACT, {"action": "note_chosen", "rowid": rows, "go": "1", "note": "x"}).status_code == status


def test_nothing_happens_by_a_link_or_without_the_token(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    sent = {"action": "note_chosen", "rowid": str(estate.tickets["own"]), "go": "1", "note": "x"}
    assert client.get(ACT, query_string=sent).status_code == 405
    assert client.post(ACT, data=sent).status_code == 400
    assert client.submit(f"/ticketview/action/note_chosen/{estate.tickets['own']}", sent).status_code in (400, 404)
    assert verbs(session, estate.tickets["own"]) == ["register"]


def test_only_so_many_are_printed_at_a_time(client: Client, estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.views.ticket_together.MOST_PRINTED", 1)
    client.login("assistant")
    assert ask(client, "print_chosen", estate.tickets["own"], estate.tickets["next"]).status_code == 302
