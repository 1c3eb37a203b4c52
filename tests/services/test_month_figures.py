"""The figures of a month: counted by the database as the rules say it of each record, with exactly the records behind them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models import Clock, House, ReturnVisit, Ticket
from app.rules import figures as rules
from app.rules.month_figures import FIGURES, TARGETS, Tally, reached, target_of, value_of
from app.rules.policy_figures import FIGURES as POLICIES
from app.services import month_lists
from app.services.actors import Actor
from app.services.month_matters import MATTERS, Cut
from app.services.month_tallies import GROUPINGS, tallies, tally
from app.services.numbers import reserve_ticket_number
from app.services.reporting.month_figures import month_figures
from app.services.reporting.period import month_of
from app.services.reporting.records import read_month
from tests.support.estate import Estate, build_estate

ZONE = ZoneInfo("Asia/Shanghai")
MONTH = month_of("2026-10", ZONE)
HOUSE = Actor.system("tests")
STATES = ("met", "met", "met", "breached", "running", "paused", "cancelled")


@pytest.fixture
def estate(session: Session, now: datetime) -> Estate:
    return build_estate(session, now)


def made(session: Session, estate: Estate, seed: int = 7, count: int = 60) -> None:
    """Tickets at and around both ends of October with clocks and visits in every state."""
    dice = random.Random(seed)
    houses = [session.get_one(House, estate.houses[key]) for key in ("own", "next", "far", "foreign")]
    for place in range(count):
        at = MONTH.starts_at + timedelta(minutes=dice.randrange(-3000, 31 * 1440 + 3000), seconds=dice.randrange(60))
        if place < 2:
            at = (MONTH.starts_at, MONTH.ends_at)[place]
        house = dice.choice(houses)
        ticket = Ticket(
            number=reserve_ticket_number(session, at), community_id=house.community_id, house_id=house.id,
            building_id=house.building_id, kind=dice.choice(("repair", "complaint", "emergency", "consultation")),
            channel="desk", priority=dice.choice(("urgent", "normal")), state="registered", title="x", created_at=at,
            counts_in_figures=place % 11 != 3, category_id=dice.choice((1, 2, None)), department_id=dice.choice((1, 2, None)),
            assignee_id=dice.choice((estate.staff["technician"], estate.staff["assistant"], None)),
            done_at=at + timedelta(seconds=dice.randrange(60, 90000)) if dice.random() < 0.7 else None,
        )  # fmt: skip
        session.add(ticket)
        session.flush()
        for name in ("first_response", "done", "reply")[: dice.randrange(4)]:
            state = dice.choice(STATES)
            met = at + timedelta(seconds=dice.randrange(1, 9000)) if state in ("met", "breached") else None
            session.add(
                Clock(
                    ticket_id=ticket.id,
                    name=name,
                    state=state,
                    started_at=at,
                    due_at=at + timedelta(hours=1),
                    met_at=met,
                )
            )
        if dice.random() < 0.6:
            visited = at + timedelta(days=dice.randrange(5))
            score = dice.choice((None, 1, 2, 3, 4, 5))
            state = "made" if score else "unreachable"
            session.add(
                ReturnVisit(ticket_id=ticket.id, state=state, due_on=visited.date(), visited_at=visited, score=score)
            )
    session.flush()
    session.expire_all()


def by_hand(session: Session, wanted: Any) -> Tally:
    """The same counted record by record, by the rules."""
    counted = Tally()
    for ticket in session.scalars(select(Ticket).order_by(Ticket.id)):
        if not wanted(ticket):
            continue
        for visit in ticket.visits:
            if visit.score is not None and MONTH.starts_at <= visit.visited_at < MONTH.ends_at:
                counted.answers += 1
                counted.satisfied += visit.score >= 4
        if not (ticket.counts_in_figures and MONTH.starts_at <= ticket.created_at < MONTH.ends_at):
            continue
        one = rules.in_time([[clock.state for clock in ticket.clocks]])
        complaint = ticket.kind == "complaint"
        counted.requests += 1
        counted.complaints += complaint
        counted.emergencies += ticket.kind == "emergency"
        counted.judged += one.requests_judged
        counted.in_time += one.requests_in_time
        counted.clocks_ended += one.clocks_ended
        counted.clocks_met += one.clocks_met
        counted.complaints_judged += complaint * one.requests_judged
        counted.complaints_in_time += complaint * one.requests_in_time
        for clock in ticket.clocks:
            if clock.name == "first_response" and clock.met_at:
                minutes = int((clock.met_at - clock.started_at).total_seconds() // 60)
                counted.responses[minutes] = counted.responses.get(minutes, 0) + 1
        if ticket.done_at:
            spent = int((ticket.done_at - ticket.created_at).total_seconds() // 60)
            counted.done += 1
            counted.done_minutes += spent
            counted.complaints_done += complaint
            counted.complaints_asked += complaint and any(one.state in ("made", "unreachable") for one in ticket.visits)
            if ticket.kind == "repair" and ticket.priority == "urgent":
                counted.urgent_repairs += 1
                counted.urgent_minutes += spent
    return counted


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_database_counts_as_the_rules_do(session: Session, estate: Estate, seed: int) -> None:
    made(session, estate, seed)
    for cut, wanted in (
        (Cut(), lambda ticket: True),
        (Cut(estate.home), lambda ticket: ticket.community_id == estate.home),
        (
            Cut(estate.home, category_id=1),
            lambda ticket: ticket.community_id == estate.home and ticket.category_id == 1,
        ),
        (Cut(person_id=estate.staff["technician"]), lambda ticket: ticket.assignee_id == estate.staff["technician"]),
    ):
        assert tally(session, HOUSE, MONTH, cut, ("requests", "asked", "answers")) == by_hand(session, wanted), cut


def test_the_groups_together_are_the_whole(session: Session, estate: Estate) -> None:
    made(session, estate)
    whole = tally(session, HOUSE, MONTH, Cut(), ("requests", "asked", "answers"))
    for by in GROUPINGS:
        total = Tally()
        for (one,) in tallies(session, HOUSE, [MONTH], by=by, parts=("requests", "asked", "answers")).values():
            total.add(one)
        assert total == whole, by


def test_every_number_has_as_many_records_behind_it(session: Session, estate: Estate) -> None:
    made(session, estate)
    for cut in (Cut(estate.home), Cut(estate.home, person_id=estate.staff["technician"])):
        counted = tally(session, HOUSE, MONTH, cut)
        for what in MATTERS:
            number, page = month_lists.tickets(session, HOUSE, what, MONTH, cut, most=1000)
            assert number == len(page) == getattr(counted, what), what
            assert [one.ticket.id for one in page] != [] or number == 0
            assert len(month_lists.numbers(session, HOUSE, what, MONTH, cut)) == number
        assert month_lists.households(session, HOUSE, cut)[0] == (
            counted.occupied or month_lists.households(session, HOUSE, cut)[0]
        )


def test_report_page_and_sections_tell_one_number(session: Session, estate: Estate) -> None:
    """The report's table, its sections (made from the records themselves) and the tally of the page."""
    made(session, estate)
    counted = tally(session, HOUSE, MONTH, Cut(estate.home))
    told = {row["code"]: row["value"] for row in month_figures(session, estate.home, [MONTH, None, None])}
    for code in FIGURES:
        value = value_of(code, counted)
        assert told[code] == (str(value) if isinstance(value, Decimal) else value), code
    records = read_month(session, estate.home, MONTH)
    judged = rules.in_time(one.clocks for one in records.requests)
    assert told["in_time"] == str(judged.rate)
    assert told["clocks_in_time"] == str(judged.clock_rate)
    assert told["satisfaction"] == str(rules.satisfaction(one.score for one in records.visits if one.score is not None))


def test_a_ticket_repeats_what_its_clocks_say(session: Session, estate: Estate, now: datetime) -> None:
    """Whoever writes a clock, and however: the ticket's numbers follow."""
    ticket = session.get_one(Ticket, estate.tickets["own"])
    clocks = list(ticket.clocks)
    session.refresh(ticket)
    assert (ticket.clocks_ended, ticket.clocks_met, ticket.clocks_live) == (0, 0, len(clocks))
    session.execute(
        update(Clock).where(Clock.ticket_id == ticket.id).values(state="met", met_at=now + timedelta(seconds=95))
    )
    session.refresh(ticket)
    assert (ticket.clocks_ended, ticket.clocks_met, ticket.clocks_live) == (len(clocks), len(clocks), 0)
    first = next(clock for clock in clocks if clock.name == "first_response")
    session.refresh(first)
    assert ticket.responded_seconds == int((first.met_at - first.started_at).total_seconds())
    session.execute(update(Clock).where(Clock.id == first.id).values(state="breached"))
    session.refresh(ticket)
    assert (ticket.clocks_ended, ticket.clocks_met) == (len(clocks), len(clocks) - 1)


def test_the_targets_of_d4() -> None:
    known = {key: POLICIES[key].default for key in TARGETS}
    expected = {
        "in_time": Decimal("0.9"),
        "complaints_in_time": Decimal(1),
        "complaint_visits": Decimal(1),
        "first_response_mean": 30,
        "urgent_repair_mean": 90,
    }
    for code, target in expected.items():
        assert target_of(code, known) == target
    assert target_of("requests", known) is None
    assert reached("in_time", Decimal("0.9000"), Decimal("0.9"))
    assert reached("in_time", Decimal("0.8999"), Decimal("0.9")) is False
    assert reached("urgent_repair_mean", 90, 90)
    assert reached("urgent_repair_mean", 91, 90) is False
    assert reached("in_time", None, Decimal("0.9")) is None


def test_nothing_is_no_figure() -> None:
    for code, figure in FIGURES.items():
        assert value_of(code, Tally()) == (0 if figure.unit == "count" else None), code
    assert UTC
