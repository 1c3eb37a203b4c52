"""While a matter is taken down: what the words point to, what is open already, the call and the photos it came with."""

import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.models import Attachment, Call, CallTicket, Ladder, Ticket, TicketEntry
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.pictures import photo

FORM = {"kind": "repair", "channel": "desk", "category": "water", "title": "卫生间漏水"}


def hints(client: Client, **query: Any) -> dict[str, Any]:
    answer = client.get("/ticket/hints", query_string=query)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def test_words_point_to_a_category_and_say_which_word_it_was(client: Client, estate: Estate) -> None:
    client.login("assistant")
    found = hints(client, words="厨房漏水，流到楼下")
    assert found["category"]["code"] == "water" and "漏水" in found["category"]["why"]
    assert hints(client, words="你好")["category"] is None
    assert hints(client)["open"] == []


def test_open_matters_of_ones_own_houses_only(client: Client, estate: Estate) -> None:
    client.login("steward")
    assert [one["title"] for one in hints(client, house=estate.houses["own"])["open"]] == ["own 水管漏水"]
    assert hints(client, house=estate.houses["far"])["open"] == []
    assert hints(client, house=estate.houses["foreign"])["open"] == []


@pytest.mark.parametrize("query", [{"house": "abc"}, {"house": "9" * 30}, {"words": "x" * 5000}, {"words": "\x00%_'"}])
def test_hints_survive_strange_input(client: Client, estate: Estate, query: dict[str, str]) -> None:
    client.login("assistant")
    hints(client, **query)


def test_a_further_word_joins_the_open_matter(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    number = session.get(Ticket, estate.tickets["own"]).number
    count = session.scalar(select(func.count()).select_from(Ticket))
    session.rollback()
    answer = client.submit("/ticket/new", FORM | {"join": number, "title": "又漏了", "category": ""})
    assert (answer.status_code, answer.location) == (302, f"/ticket/{number}")
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Ticket)) == count
    entry = session.scalars(select(TicketEntry).where(TicketEntry.verb == "further_contact")).one()
    assert entry.note == "又漏了"


@pytest.mark.parametrize(("role", "key"), [("steward", "far"), ("assistant", "foreign")])
def test_nothing_is_noted_on_a_strangers_matter(
    client: Client, estate: Estate, session: Any, role: str, key: str
) -> None:
    client.login(role)
    number = session.get(Ticket, estate.tickets[key]).number
    session.rollback()
    assert client.submit("/ticket/new", FORM | {"join": number}).status_code == 400
    session.rollback()
    assert session.scalars(select(TicketEntry).where(TicketEntry.verb == "further_contact")).all() == []


def test_a_settled_matter_takes_no_further_word(client: Client, estate: Estate, session: Any) -> None:
    with transaction() as writing:
        ticket = writing.get_one(Ticket, estate.tickets["own"])
        ticket.state, number = "closed", ticket.number
    client.login("assistant")
    answer = client.submit("/ticket/new", FORM | {"join": number, "description": "还是漏"})
    assert answer.status_code == 409 and "还是漏" in answer.get_data(as_text=True)


def test_photos_come_with_the_matter_and_a_bad_one_leaves_nothing(
    client: Client, estate: Estate, session: Any, data_dir: Path
) -> None:
    client.login("assistant")
    house = {"house_id": estate.houses["own"]}
    count = session.scalar(select(func.count()).select_from(Ticket))
    session.rollback()
    bad = client.submit("/ticket/new", FORM | house | {"photos": [(io.BytesIO(b"<svg>"), "a.jpg")], "place": "阳台"})
    assert bad.status_code == 400 and "阳台" in bad.get_data(as_text=True)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Ticket)) == count
    good = client.submit("/ticket/new", FORM | house | {"photos": [(io.BytesIO(photo()), "a.jpg")]})
    assert good.status_code == 302
    session.rollback()
    (row,) = session.scalars(select(Attachment))
    assert (row.stage, f"/ticket/{session.get(Ticket, row.ticket_id).number}") == ("report", good.location)


def test_a_ticket_stands_with_the_call_it_came_by(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    page = client.get(f"/ticket/new?call={estate.calls['own']}").get_data(as_text=True)
    assert f'name="call_id" value="{estate.calls["own"]}"' in page and "+8613900000000" in page
    answer = client.submit("/ticket/new", FORM | {"house_id": estate.houses["own"], "call_id": estate.calls["own"]})
    number = answer.location.rsplit("/", 1)[1]
    session.rollback()
    ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    assert session.scalars(select(CallTicket.call_id).where(CallTicket.ticket_id == ticket.id)).all() == [
        estate.calls["own"]
    ]


def test_no_strangers_call_is_linked(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    assert "call_id" not in client.get(f"/ticket/new?call={estate.calls['foreign']}").get_data(as_text=True)
    client.submit("/ticket/new", FORM | {"house_id": estate.houses["own"], "call_id": estate.calls["foreign"]})
    session.rollback()
    foreign = session.get(Call, estate.calls["foreign"])
    assert len(foreign.tickets) == 1


def test_an_emergency_taken_down_on_the_telephone_rings(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    form = FORM | {"kind": "emergency", "channel": "hotline", "house_id": estate.houses["own"]}
    assert client.submit("/ticket/new", form).status_code == 302
    session.rollback()
    assert len(list(session.scalars(select(Ladder)))) == 1
