"""Two answers in the same instant: one counts, the other is kept as further, the matter is reopened once (D8)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import Refused
from app.models import Draw, DrawRound, Message, ReturnVisit, Ticket, TicketEntry, VisitAnswer
from app.services import answer_links
from app.services.actors import Actor
from app.services.return_visits import due_visit
from app.services.ticket_verbs import perform
from app.services.transaction import transaction
from app.services.visit_answers import Answer, take
from app.services.visit_links import answer as answer_by_link
from tests.support.tickets import small_estate

HOUR = timedelta(hours=1)
ROBOT = Actor.system("tests")


@pytest.fixture
def done_id(session, now):
    with transaction() as writing:
        estate = small_estate(writing)
        ticket = estate.open(writing, now, kind="complaint")
        estate.walk(writing, ticket, now, "dispatch", "start", "finish")
        return ticket.id


def together(app, *work):
    barrier = threading.Barrier(len(work), timeout=30)

    def run(one):
        with app.app_context():
            return one(barrier)

    with ThreadPoolExecutor(len(work)) as pool:
        return [future.result() for future in [pool.submit(run, one) for one in work]]


@pytest.mark.parametrize("scores", [(1, 2), (2, 1), (1, 5), (5, 1), (1, 1, 2, 2)])
def test_of_answers_at_once_one_counts_and_the_matter_is_reopened_at_most_once(app, session, now, done_id, scores):
    def answering(way, score):
        def work(barrier):
            with transaction() as writing:
                ticket = writing.get(Ticket, done_id)
                assert ticket.state == "done"
                barrier.wait()
                return take(writing, done_id, Answer(score, way), Actor.system(way), now + HOUR)

        return work

    ways = ("sms", "call", "web", "phone")
    results = together(app, *(answering(way, score) for way, score in zip(ways, scores, strict=False)))
    assert sorted(results) == ["counts", *["further"] * (len(scores) - 1)]
    session.expire_all()
    answers = session.scalars(select(VisitAnswer)).all()
    assert len(answers) == len(scores)
    (first,) = [one for one in answers if one.counts]
    ticket = session.get_one(Ticket, done_id)
    low = first.score <= 2
    assert (ticket.state, ticket.reopened_count) == (("reopened", 1) if low else ("visited", 0))
    verbs = session.scalars(select(TicketEntry.verb).where(TicketEntry.ticket_id == done_id)).all()
    assert verbs.count("visit") == 1
    assert len(session.scalars(select(Message).where(Message.purpose == "repeat")).all()) == int(low)


def test_one_link_pressed_twice_at_once_is_one_answer(app, session, now, done_id):
    with transaction() as writing:
        visit = due_visit(writing.get_one(Ticket, done_id))
        link = answer_links.issue(writing, "visit", now, timedelta(days=7), locale="zh", visit_id=visit.id).id

    def press(barrier):
        try:
            with transaction() as writing:
                mine = writing.get_one(answer_links.AnswerLink, link)
                barrier.wait()
                return answer_by_link(writing, mine, {"score": "1"}, now + HOUR)
        except Refused as refusal:
            return str(refusal)

    results = sorted(together(app, press, press))
    assert results[1] == "counts"
    assert "answered already" in results[0]
    assert len(session.scalars(select(VisitAnswer)).all()) == 1


def test_repairs_finished_at_once_get_a_place_each(app, session, now):
    with transaction() as writing:
        estate = small_estate(writing)
        ids = []
        for _ in range(6):
            ticket = estate.open(writing, now)
            estate.walk(writing, ticket, now, "dispatch", "start")
            ids.append(ticket.id)
        assistant = estate.actor("assistant")

    def finishing(number):
        def work(barrier):
            with transaction() as writing:
                ticket = writing.get(Ticket, number)
                barrier.wait()
                perform(writing, ticket, "finish", assistant, now, {})

        return work

    together(app, *(finishing(number) for number in ids))
    assert session.scalars(select(Draw.place).order_by(Draw.place)).all() == list(range(6))
    assert session.scalars(select(DrawRound.members)).all() == [6]
    assert len(session.scalars(select(ReturnVisit)).all()) in (1, 2)
