"""Work that is handed on, by two at once (D3): one takes it over, one answer to what was handed in counts, and what is passed on
meanwhile is not accepted by who had it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.errors import LinliError
from app.jobs.runs import run_job
from app.models import Message, Ticket, TicketAcceptance, TicketEntry, TicketOffer
from app.services import offers
from app.services.actors import Actor
from app.services.complaint_verbs import take
from app.services.transaction import transaction
from tests.concurrency.test_ticket_races import together
from tests.support.tickets import SmallEstate, small_estate

HOUR = timedelta(hours=1)


@pytest.fixture
def people(session: Any) -> dict[str, Actor]:
    with transaction() as writing:
        estate = small_estate(writing)
        for name in ("tech_b", "steward"):
            estate.staff[name].department = estate.engineering
        writing.flush()
        return {"estate": estate, **{name: estate.actor(name) for name in estate.staff}}  # type: ignore[dict-item]


@pytest.fixture
def work(people: dict[str, Any], now: Any) -> int:
    """A repair in hand of tech_a whose category asks for an acceptance."""
    estate: SmallEstate = people["estate"]
    with transaction() as writing:
        estate.community = writing.merge(estate.community)
        estate.houses = {key: writing.merge(house) for key, house in estate.houses.items()}
        ticket = estate.open(writing, now)
        assert ticket.category is not None
        ticket.category.needs_acceptance = True
        sent = {"assignee_id": people["tech_a"].staff_id}
        take(writing, ticket, "dispatch", people["assistant"], now, sent)
        take(writing, ticket, "start", people["tech_a"], now)
        return ticket.id


def at_once(app: Any, jobs: list[Callable[[Any], Any]]) -> list[bool]:
    """Each in a transaction of its own; whether it went through."""
    waiting = iter(jobs)

    def one(barrier: Any) -> bool:
        job = next(waiting)
        barrier.wait()
        try:
            with transaction() as writing:
                job(writing)
        except LinliError:
            return False
        return True

    return together(app, len(jobs), one)


def verbs(session: Any, ticket_id: int) -> list[str]:
    session.expire_all()
    found = select(TicketEntry.verb).where(TicketEntry.ticket_id == ticket_id).order_by(TicketEntry.id)
    return list(session.scalars(found))


def test_of_two_who_take_over_an_offer_one_has_it(
    app: Any, session: Any, people: dict[str, Any], work: int, now: Any
) -> None:
    with transaction() as writing:
        department = people["estate"].engineering.id
        sent = {"department_id": department, "note": "走不开"}
        take(writing, writing.get_one(Ticket, work), "offer", people["tech_a"], now, sent)
        offer_id = writing.scalars(select(TicketOffer.id)).one()

    def takes(name: str) -> Callable[[Any], Any]:
        return lambda writing: offers.accept(writing, people[name], offer_id, now + HOUR)

    done = at_once(app, [takes("tech_b"), takes("steward"), takes("tech_b"), takes("steward")])
    assert sorted(done) == [False, False, False, True]
    assert verbs(session, work).count("dispatch") == 2
    ticket, offer = session.get_one(Ticket, work), session.get_one(TicketOffer, offer_id)
    assert ticket.assignee_id in (people["tech_b"].staff_id, people["steward"].staff_id)
    assert (offer.state, ticket.assignee.name) == ("accepted", offer.answered_by)
    assert len(session.scalars(select(Message).where(Message.key.contains("offer:accepted"))).all()) == 1


def _handed_in(people: dict[str, Any], work: int, now: Any) -> None:
    with transaction() as writing:
        ticket = writing.get_one(Ticket, work)
        sent = {"note": "已修好", "acceptor_id": people["supervisor"].staff_id}
        take(writing, ticket, "submit", people["tech_a"], now, sent)


def answering(people: dict[str, Any], work: int, verb: str, name: str, at: Any) -> Callable[[Any], Any]:
    return lambda writing: take(writing, writing.get_one(Ticket, work), verb, people[name], at, {"note": "看过了"})


def test_accepted_and_sent_back_at_once_one_answer_counts(
    app: Any, session: Any, people: dict[str, Any], work: int, now: Any
) -> None:
    _handed_in(people, work, now)
    jobs = [answering(people, work, verb, "supervisor", now + HOUR) for verb in ("approve", "return") * 2]
    assert sorted(at_once(app, jobs)) == [False, False, False, True]
    steps = verbs(session, work)
    asked = session.scalars(select(TicketAcceptance)).one()
    ticket = session.get_one(Ticket, work)
    if asked.state == "accepted":
        assert (ticket.state, steps[-2:], "return" in steps) == ("done", ["approve", "finish"], False)
        assert len(session.scalars(select(Message).where(Message.purpose == "done")).all()) == 1
    else:
        assert (asked.state, ticket.state, ticket.sent_back, "approve" in steps) == (
            "refused", "in_progress", "看过了", False,
        )  # fmt: skip


def test_passed_on_and_answered_at_once_it_is_one_of_both(
    app: Any, session: Any, people: dict[str, Any], work: int, now: Any
) -> None:
    _handed_in(people, work, now)
    late = now + 5 * HOUR

    def answer(barrier: Any) -> bool:
        barrier.wait()
        try:
            with transaction() as writing:
                answering(people, work, "approve", "supervisor", late)(writing)
        except LinliError:
            return False
        return True

    def sweep(barrier: Any) -> bool:
        barrier.wait()
        return bool(run_job("acceptances", late)["passed"])

    jobs = iter((answer, sweep, sweep))
    _answered, *passed = together(app, 3, lambda barrier: next(jobs)(barrier))
    steps = verbs(session, work)
    assert steps.count("passed_on") == passed.count(True) <= 1
    assert steps.count("finish") == (1 if "approve" in steps else 0)
    asked = session.scalars(select(TicketAcceptance)).one()
    assert asked.state == ("accepted" if "approve" in steps else "asked")
    if asked.state == "asked":
        assert asked.acceptor_id == people["manager"].staff_id
