"""The one-time link of a return visit: no login, one answer, clear sentences for everything else (D8)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import AnswerLink, FailureCount, ReturnVisit, Setting, Ticket, VisitAnswer
from app.services import answer_links
from app.services.actors import Actor
from app.services.ticket_verbs import perform
from tests.support.client import Client
from tests.support.estate import Estate

ROBOT = Actor.system("tests")


@pytest.fixture
def code(estate: Estate, session: Any) -> str:
    """The link of a complaint that is done."""
    at = present() - timedelta(hours=3)
    ticket = session.get_one(Ticket, estate.tickets["own"])
    for visit in ticket.visits:
        visit.state = "cancelled"
    ticket.kind = "complaint"
    for verb in ("dispatch", "start", "finish"):
        perform(session, ticket, verb, ROBOT, at, {})
    visit = next(visit for visit in ticket.visits if visit.state == "due")
    link = answer_links.issue(session, "visit", at, timedelta(days=7), locale="zh", visit_id=visit.id)
    found = answer_links.code_for(link)
    session.commit()
    return found


def visit(session: Any) -> ReturnVisit:
    session.rollback()
    session.expire_all()
    return session.scalars(
        select(ReturnVisit).where(ReturnVisit.state != "cancelled").order_by(ReturnVisit.id.desc())
    ).first()


def test_the_page_asks_and_tells_nothing_about_the_household(client: Client, session, code: str) -> None:
    answer = client.get(f"/a/{code}")
    assert answer.status_code == 200
    for told in ("张三", "水管漏水", "1幢1单元101", "+86139"):
        assert told not in answer.text
    assert "阳光花园" in answer.text
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert client.get(f"/a/{code}").status_code == 200, "looking does not use it up"


@pytest.mark.parametrize(("score", "state"), [("5", "visited"), ("3", "visited"), ("2", "reopened"), ("1", "reopened")])
def test_one_answer_and_the_second_is_thanked_and_changes_nothing(
    client: Client, session, code: str, score: str, state: str
) -> None:
    answer = client.submit(f"/a/{code}", {"score": score, "note": "谢谢"})
    assert (answer.status_code, answer.location) == (303, f"/a/{code}")
    assert "感谢" in client.get(answer.location).text
    found = visit(session)
    assert (found.score, found.way, found.ticket.state) == (int(score), "web", state)
    twice = client.submit(f"/a/{code}", {"score": score, "note": "谢谢"})
    assert (twice.status_code, twice.location) == (303, f"/a/{code}"), "the same form, sent twice"
    again = client.submit(f"/a/{code}", {"score": "5"})
    assert again.status_code == 409
    assert "以首次评价为准" in again.text
    assert session.scalars(select(VisitAnswer.score)).all() == [int(score)]


@pytest.mark.parametrize("score", ["", "0", "6", "5.5", "x", "９" * 40, "\x00"])
def test_no_score_is_a_sentence_and_the_words_stay(client: Client, session, code: str, score: str) -> None:
    answer = client.submit(f"/a/{code}", {"score": score, "note": "还可以"})
    assert answer.status_code == 400
    assert "还可以" in answer.text
    assert visit(session).state == "due"


def test_who_answered_by_another_way_is_kept_as_further(client: Client, session, estate, code: str) -> None:
    perform(
        session, session.get_one(Ticket, estate.tickets["own"]), "visit", ROBOT, present(), {"score": 5, "way": "sms"}
    )
    session.commit()
    assert client.submit(f"/a/{code}", {"score": "1"}).status_code == 303
    assert session.execute(select(VisitAnswer.score, VisitAnswer.counts).order_by(VisitAnswer.id)).all() == [
        (5, True),
        (1, False),
    ]
    assert visit(session).ticket.state == "visited"


def test_a_link_that_ran_out_is_a_sentence(client: Client, session, code: str) -> None:
    session.execute(AnswerLink.__table__.update().values(expires_at=present() - timedelta(minutes=1)))
    session.commit()
    for answer in (client.get(f"/a/{code}"), client.submit(f"/a/{code}", {"score": "5"})):
        assert answer.status_code in (409, 410)
        assert "已过期" in answer.text
    assert visit(session).state == "due"


@pytest.mark.parametrize("wrong", ["AAAABBBBCCCC", "x", "0" * 300, "%F0%9F%98%80"])
def test_a_wrong_code_is_a_sentence(client: Client, code: str, wrong: str) -> None:
    answer = client.get(f"/a/{wrong}")
    assert answer.status_code == 404
    assert "链接" in answer.text


def test_guessing_is_counted_and_stopped(client: Client, session, code: str) -> None:
    session.add(Setting(key="login.failures_here", value="3"))
    session.commit()
    for _ in range(3):
        assert client.get("/a/AAAABBBBCCCC").status_code == 404
    assert client.get("/a/AAAABBBBCCCC").status_code == 429
    assert client.get(f"/a/{code}").status_code == 429
    assert session.scalars(select(FailureCount.failures)).all() == [3]


@pytest.mark.parametrize(("locale", "words"), [("zh", "您对结果满意吗"), ("en", "How satisfied are you")])
def test_the_page_is_in_the_language_of_the_message(
    client: Client, session, code: str, locale: str, words: str
) -> None:
    session.execute(AnswerLink.__table__.update().values(locale=locale))
    session.commit()
    text = client.get(f"/a/{code}").text
    assert f'lang="{"en" if locale == "en" else "zh-CN"}"' in text
    assert (words in text) or locale == "zh"
