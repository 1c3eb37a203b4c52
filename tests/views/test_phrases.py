"""Stock phrases: an administrator's list in two languages, offered in the forms of steps, in whose language it is read."""

from typing import Any

import pytest
from sqlalchemy import select

from app.models import Phrase, Ticket
from app.rules.codes import PhraseUse
from app.services.phrases import MOST_OFFERED, phrases
from app.services.seed import seed
from tests.support.client import Client
from tests.support.estate import Estate

NEW = {
    "use": "reply",
    "text": " 已向业户致歉。 ",
    "text_en": "Apologised to the household.",
    "position": "0",
    "active": "y",
}


@pytest.fixture
def number(estate: Estate, session: Any) -> str:
    ticket = session.get(Ticket, estate.tickets["own"])
    ticket.state = "in_progress"
    session.commit()
    return str(ticket.number)


def test_the_first_ones_come_once_with_the_reference_data(session: Any, estate: Estate) -> None:
    rows = list(session.scalars(select(Phrase)))
    assert {row.use for row in rows} == set(PhraseUse)
    for row in rows[1:]:
        session.delete(row)
    session.flush()
    assert seed(session, "+862160000000")["phrase"] == 0, "what was taken out does not come back"


def test_an_administrator_adds_one_and_the_form_offers_it(client: Client, new_client: Any, number: str) -> None:
    client.login("admin")
    assert client.submit("/phraseview/add", NEW).status_code == 302
    desk = new_client()
    desk.login("assistant")
    desk.get("/lang/zh")
    page = desk.get(f"/ticket/{number}/reply").text
    assert '<button type="button" class="phrase">已向业户致歉。</button>' in page
    assert "Apologised" not in page
    desk.get("/lang/en")
    assert "Apologised to the household." in desk.get(f"/ticket/{number}/reply").text
    assert "Apologised" not in desk.get(f"/ticket/{number}/cancel").text


def test_what_the_household_reads_is_offered_in_its_language(
    client: Client, number: str, session: Any, estate: Estate
) -> None:
    client.login("assistant")
    client.get("/lang/zh")
    assert "已清理并检查。" in client.get(f"/ticket/{number}/finish").text
    session.rollback()
    session.get(Ticket, estate.tickets["own"]).reporter_locale = "en"
    session.commit()
    page = client.get(f"/ticket/{number}/finish").text
    assert "Cleaned up and checked." in page
    assert "已清理并检查。" not in page


def test_one_out_of_use_is_not_offered(client: Client, number: str, session: Any) -> None:
    phrase = session.scalars(select(Phrase).where(Phrase.use == "cancel").order_by(Phrase.id)).first()
    text = phrase.text
    phrase.active = False
    session.commit()
    client.login("assistant")
    client.get("/lang/zh")
    assert text not in client.get(f"/ticket/{number}/cancel").text


def test_the_order_is_the_administrators_and_the_number_limited(session: Any, estate: Estate) -> None:
    session.add_all([Phrase(use="wait", text=f"等{n}", text_en=f"wait {n}", position=-n) for n in range(1, 21)])
    session.flush()
    found = phrases(session, PhraseUse.WAIT)
    assert [one.position for one in found] == list(range(-20, -20 + MOST_OFFERED))


@pytest.mark.parametrize(("field", "value"), [("text", "  "), ("text_en", ""), ("use", "close"), ("text", "长" * 256)])
def test_nonsense_is_refused_and_nothing_lost(
    client: Client, estate: Estate, session: Any, field: str, value: str
) -> None:
    before = len(session.scalars(select(Phrase)).all())
    client.login("admin")
    answer = client.submit("/phraseview/add", {**NEW, field: value})
    assert answer.status_code == 422
    assert "Apologised" in answer.text or field == "text_en"
    session.rollback()
    assert len(session.scalars(select(Phrase)).all()) == before


@pytest.mark.parametrize("role", ["assistant", "technician", "owner"])
def test_others_do_not_change_them(client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    assert client.submit("/phraseview/add", NEW).status_code == 403
    assert client.get("/phraseview/list/").status_code == (200 if role == "assistant" else 403)
