"""The costs of a ticket on a real database: written, put right, agreed to, charged, summed up by month."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound, Refused
from app.models import Material, Person, Tenure, Ticket, TicketEntry
from app.services import cost_months, ticket_costs
from app.services.dispatch import hand_over
from app.services.month_matters import Cut
from app.services.policies import change_figure
from app.services.reporting.period import month_key, month_of, shift
from tests.support.databases import Databases
from tests.support.tickets import SYSTEM, SmallEstate, unsaved_estate

ZONE = ZoneInfo("Asia/Shanghai")
TAP = {"kind": "material", "quantity": "1", "what": "水龙头", "unit": "个", "price": "45.00", "bearer": "centre"}


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


@pytest.fixture
def ticket(session: Session, estate: SmallEstate, now: Any) -> Ticket:
    made = estate.open(session, now)
    estate.walk(session, made, now, "dispatch", "start")
    return made


def test_a_line_of_the_catalogue_keeps_the_price_of_its_day(session, estate, ticket, now):
    valve = Material(code="valve_t", name="角阀", name_en="Valve", unit="个", unit_en="piece", price_yuan=D("28.50"))
    session.add(valve)
    session.flush()
    sent = {"kind": "material", "material_id": str(valve.id), "quantity": "2", "bearer": "warranty", "price": "1"}
    line = ticket_costs.add(session, ticket, sent, estate.actor("tech_a"), now)
    valve.price_yuan = D("99.00")
    session.flush()
    session.refresh(line)
    assert (line.what, line.price_yuan, line.amount_yuan, line.bearer) == ("角阀", D("28.50"), D("57.00"), "warranty")
    valve.active = False
    session.flush()
    assert valve not in ticket_costs.catalogue(session)
    with pytest.raises(Invalid):
        ticket_costs.add(session, ticket, sent, estate.actor("tech_a"), now)


def test_work_costs_the_figure_of_the_hour_unless_somebody_says_otherwise(session, estate, ticket, now):
    worker = estate.actor("tech_a")
    sent = {"kind": "labour", "minutes": "45", "bearer": "centre"}
    assert ticket_costs.add(session, ticket, sent, worker, now).amount_yuan == D("45.00")
    change_figure(session, "costs.hour_yuan", "80", SYSTEM, now)
    assert ticket_costs.add(session, ticket, sent, worker, now).amount_yuan == D("60.00")
    assert ticket_costs.add(session, ticket, {**sent, "price": "90.50"}, worker, now).amount_yuan == D("67.88")


@pytest.mark.parametrize(
    "wrong",
    [
        {"bearer": ""}, {"bearer": "nobody"}, {"quantity": "0"}, {"quantity": "-1"}, {"quantity": "0.001"}, {"quantity": "1e9"},
        {"quantity": "NaN"}, {"quantity": "１２"}, {"what": ""}, {"what": "x" * 121}, {"price": ""}, {"price": "abc"},
        {"material_id": "99999"},
        {"kind": "gift"}, {"kind": "labour", "minutes": ""}, {"kind": "labour", "minutes": "1441"}, {"kind": "labour", "minutes": "0"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_nothing_written(session, estate, ticket, now, wrong):
    with pytest.raises(Invalid):
        ticket_costs.add(session, ticket, {**TAP, **wrong}, estate.actor("tech_a"), now)
    assert ticket_costs.costs_of(session, estate.actor("tech_a"), ticket.id).lines == []


def test_put_right_the_wrong_line_stays_and_agreement_is_asked_for_anew(session, estate, ticket, now):
    worker = estate.actor("tech_a")
    wrong = ticket_costs.add(session, ticket, {**TAP, "bearer": "owner"}, worker, now)
    ticket_costs.accept(session, ticket, wrong, {"by": "张三", "way": "signed"}, worker, now)
    right = ticket_costs.correct(
        session, ticket, wrong, {**TAP, "bearer": "owner", "quantity": "2", "why": "是两个"}, worker, now
    )
    found = ticket_costs.costs_of(session, worker, ticket.id)
    assert [(line.amount_yuan, line.struck_why) for line in found.lines] == [(D("45.00"), "是两个"), (D("90.00"), "")]
    assert (right.replaces_id, found.total, found.unagreed) == (wrong.id, D("90.00"), 1)
    with pytest.raises(Refused):
        ticket_costs.strike(session, ticket, wrong, "nochmal", worker, now)
    verbs = session.scalars(select(TicketEntry.verb).where(TicketEntry.ticket_id == ticket.id).order_by(TicketEntry.id))
    assert list(verbs)[-3:] == ["cost", "cost_agreed", "cost_corrected"]


def test_the_household_is_charged_once_for_what_it_agreed_to(session, estate, ticket, now):
    owner = Person(name="张三")
    session.add(owner)
    session.flush()
    session.add(Tenure(person_id=owner.id, house_id=ticket.house_id, role="owner", starts_on=now.date()))
    worker, desk = estate.actor("tech_a"), estate.actor("assistant")
    lines = [
        ticket_costs.add(session, ticket, {**TAP, "bearer": bearer}, worker, now)
        for bearer in ("owner", "owner", "centre")
    ]
    ticket_costs.accept(session, ticket, lines[0], {"by": "张三"}, worker, now)
    estate.walk(session, ticket, now, "finish")
    with pytest.raises(Refused, match="not agreed"):
        ticket_costs.charge(session, ticket, desk, now)
    assert all(line.charged_at is None for line in lines)
    ticket_costs.accept(session, ticket, lines[1], {"by": "张三", "way": "phone"}, desk, now)
    assert ticket_costs.charge(session, ticket, desk, now) == D("90.00")
    with pytest.raises(Refused):
        ticket_costs.charge(session, ticket, desk, now)
    with pytest.raises(Refused):
        ticket_costs.strike(session, ticket, lines[0], "x", worker, now)
    with pytest.raises(Refused, match="finance"):
        ticket_costs.strike(session, ticket, lines[0], "退款", estate.actor("supervisor"), now)
    ticket_costs.strike(session, ticket, lines[0], "退款", replace(desk, roles=frozenset({"finance"})), now)
    assert ticket_costs.costs_of(session, desk, ticket.id).total == D("90.00")


def test_a_household_agrees_only_to_the_sum_it_was_shown(session, estate, ticket, now):
    line = ticket_costs.add(session, ticket, {**TAP, "bearer": "owner"}, estate.actor("tech_a"), now)
    for shown in ("44.00", "", None):
        with pytest.raises(Refused):
            ticket_costs.accept_own(session, ticket, line, shown, SYSTEM, now)
    ticket_costs.accept_own(session, ticket, line, "45.00", SYSTEM, now)
    assert (line.accepted_way, line.accepted_at) == ("portal", now)


def test_a_line_of_another_ticket_is_not_found(session, estate, ticket, now):
    other = estate.open(session, now)
    line = ticket_costs.add(session, other, TAP, estate.actor("assistant"), now)
    with pytest.raises(NotFound):
        ticket_costs.find_line(session, estate.actor("assistant"), ticket, line.id)


def test_a_month_adds_up_its_lines_by_department_and_category(session, estate, ticket, now):
    desk = estate.actor("assistant")
    plain = estate.open(session, now, category_code=None)
    for of, more in ((ticket, {}), (ticket, {"bearer": "owner", "quantity": "2"}), (plain, {"bearer": "warranty"})):
        ticket_costs.add(session, of, {**TAP, **more}, desk, now)
    struck = ticket_costs.add(session, ticket, TAP, desk, now)
    ticket_costs.strike(session, ticket, struck, "x", desk, now)
    ticket_costs.add(session, ticket, TAP, desk, now + timedelta(days=40))
    month = month_of(month_key(now.astimezone(ZONE).date()), ZONE)
    found = cost_months.month(session, desk, month, Cut())
    assert (found.count, found.whole.total) == (3, D("180.00"))
    assert found.whole.by_bearer == {"centre": D("45.00"), "owner": D("90.00"), "warranty": D("45.00")}
    assert [(sums.row and sums.row.code, sums.total) for sums in found.categories] == [
        ("water_test", D("135.00")),
        (None, D("45.00")),
    ]
    assert sum(sums.total for sums in found.departments) == D("180.00")
    lines = cost_months.lines(session, desk, month, Cut(), most=10)
    assert sum(line.amount_yuan for line in lines) == found.whole.total
    assert cost_months.month(session, desk, month, Cut(category_id=ticket.category_id)).whole.total == D("135.00")
    hand_over(ticket, estate.staff["tech_a"], "x")
    session.flush()
    seen = [cost_months.month(session, estate.actor(name), month, Cut()).count for name in ("tech_a", "tech_b")]
    assert seen == [2, 0]
    before = month_of(month_key(shift(month.key, -1)), ZONE)
    assert cost_months.month(session, desk, before, Cut()).count == 0
