"""What the supplement keeps apart when a house is sold, let or shares a number, and what is its person's own all the same."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import (
    Community,
    House,
    PayerAccount,
    Person,
    PersonPhone,
    Phone,
    ReturnVisit,
    Tenure,
    Ticket,
)
from app.services.access import rows
from app.services.actors import Actor
from app.services.tickets import open_ticket
from tests.services.test_supplements import MADE, made_for, reader, reported, titles
from tests.support.estate import Estate, build_estate

pytestmark = pytest.mark.any_database

TENANTS_NUMBER = "+8613900000009"


@pytest.fixture
def estate(session: Session) -> Estate:
    made = build_estate(session, MADE)
    session.commit()
    return made


def tenure_of(session: Session, person_id: int) -> Tenure:
    return session.scalars(select(Tenure).where(Tenure.person_id == person_id)).one()


def sold(session: Session, estate: Estate, until: int, since: int) -> tuple[int, int]:
    """The house `own`, sold by 张三 to 李四 in February; both people."""
    seller, buyer = estate.people["own"], estate.people["next"]
    tenure_of(session, seller).ends_on = date(2026, 2, until)
    session.add(
        Tenure(person_id=buyer, house_id=estate.houses["own"], role="owner", starts_on=date(2026, 2, since)),
    )
    session.flush()
    return seller, buyer


def member(session: Session, estate: Estate, role: str, since: date, until: date | None, head: int | None) -> int:
    person = Person(name="家人")
    session.add(person)
    session.flush()
    session.add(
        Tenure(
            person_id=person.id, house_id=estate.houses["own"], role=role, starts_on=since, ends_on=until, head_id=head
        )
    )
    session.flush()
    return person.id


def read_by(session: Session, person_id: int) -> set[str]:
    return set(session.scalars(select(Ticket.title).where(rows(reader(session, person_id), Ticket))))


def called(session: Session, estate: Estate, number: str, title: str) -> Ticket:
    """A call from a number that did not say who it was."""
    return open_ticket(
        session, community=session.get_one(Community, estate.home), kind="repair", channel="hotline", title=title,
        house=session.get_one(House, estate.houses["own"]), reporter_phone=number, actor=Actor.system("tests"),
        now=datetime(2026, 2, 20, 2, 0, tzinfo=UTC),
    )  # fmt: skip


def test_who_sold_and_rents_it_back_keeps_the_own_matters(session: Session, estate: Estate) -> None:
    seller, buyer = sold(session, estate, 15, 16)
    member(session, estate, "tenant", date(2026, 2, 16), None, None)
    session.add(
        Tenure(person_id=seller, house_id=estate.houses["own"], role="tenant", starts_on=date(2026, 2, 16)),
    )
    reported(session, estate, seller, 20, "租回后报修")
    session.commit()
    assert "租回后报修" not in titles(made_for(session, estate, buyer))
    assert "租回后报修" not in read_by(session, buyer)
    assert "租回后报修" in titles(made_for(session, estate, seller))


def test_what_the_seller_calls_about_afterwards_is_on_no_page_of_the_buyer(session: Session, estate: Estate) -> None:
    seller, buyer = sold(session, estate, 15, 16)
    head = tenure_of(session, seller)
    child = member(session, estate, "family", date(2025, 1, 1), None, head.id)
    reported(session, estate, seller, 21, "过户后卖方来电")
    reported(session, estate, child, 21, "卖方家人来电")
    reported(session, estate, buyer, 22, "买方报修")
    session.commit()
    assert read_by(session, buyer) & {"过户后卖方来电", "卖方家人来电", "买方报修"} == {"买方报修"}
    assert titles(made_for(session, estate, buyer)) == ["next 水管漏水", "买方报修"]


def test_family_of_an_earlier_tenure_of_ones_own_stays_ones_own(session: Session, estate: Estate) -> None:
    owner = estate.people["own"]
    first = tenure_of(session, owner)
    first.ends_on = date(2026, 2, 4)
    session.add(Tenure(person_id=owner, house_id=estate.houses["own"], role="owner", starts_on=date(2026, 2, 5)))
    child = member(session, estate, "family", date(2025, 1, 1), None, first.id)
    reported(session, estate, child, 12, "孩子报修")
    session.commit()
    assert "孩子报修" in read_by(session, owner)
    assert "孩子报修" in titles(made_for(session, estate, owner))


def test_who_was_a_tenant_before_joining_the_household_kept_those_matters(session: Session, estate: Estate) -> None:
    owner, lodger = estate.people["own"], member(session, estate, "tenant", date(2025, 1, 1), date(2026, 2, 15), None)
    session.add(
        Tenure(person_id=lodger, house_id=estate.houses["own"], role="family", starts_on=date(2026, 2, 16)),
    )
    reported(session, estate, lodger, 12, "租住时报修")
    reported(session, estate, lodger, 20, "成家后报修")
    session.commit()
    assert titles(made_for(session, estate, owner)) == ["own 水管漏水", "成家后报修"]


@pytest.mark.parametrize("left", [None, date(2026, 2, 28)])
def test_a_number_shared_with_the_tenant_tells_the_owner_nothing(
    session: Session, estate: Estate, left: date | None
) -> None:
    owner = estate.people["own"]
    tenure_of(session, estate.people["tenant"]).ends_on = left
    phone = session.scalars(select(Phone).where(Phone.number == TENANTS_NUMBER)).one()
    session.add(PersonPhone(person_id=owner, phone_id=phone.id))
    called(session, estate, TENANTS_NUMBER, "租客来电")
    called(session, estate, "+8613900000000", "业主来电")
    session.commit()
    assert read_by(session, owner) & {"租客来电", "业主来电"} == {"业主来电"}
    assert titles(made_for(session, estate, owner)) == ["own 水管漏水", "业主来电"]


def test_a_number_shared_within_the_household_or_with_another_house_is_still_its_own(
    session: Session, estate: Estate
) -> None:
    owner = estate.people["own"]
    phone = session.scalars(select(Phone).where(Phone.number == "+8613900000000")).one()
    child = member(session, estate, "family", date(2025, 1, 1), None, None)
    session.add_all(PersonPhone(person_id=who, phone_id=phone.id) for who in (child, estate.people["next"]))
    called(session, estate, "+8613900000000", "家里来电")
    session.commit()
    assert "家里来电" in read_by(session, owner)


def test_on_the_day_of_handing_over_each_has_only_the_own_matters(session: Session, estate: Estate) -> None:
    seller, buyer = sold(session, estate, 15, 15)
    reported(session, estate, seller, 15, "卖方当日")
    reported(session, estate, buyer, 15, "买方当日")
    session.commit()
    assert titles(made_for(session, estate, buyer)) == ["next 水管漏水", "买方当日"]
    assert titles(made_for(session, estate, seller)) == ["own 水管漏水", "卖方当日"]
    assert "卖方当日" not in read_by(session, buyer)


def test_a_visit_stands_in_the_month_in_which_it_was_made(session: Session, estate: Estate) -> None:
    visits = {}
    for key in ("own", "next"):
        ticket = session.get_one(Ticket, estate.tickets[key])
        ticket.created_at = datetime(2026, 1, 28, 2, 0, tzinfo=UTC)
        ticket.done_at = datetime(2026, 1, 30, 2, 0, tzinfo=UTC)
        visit = session.scalars(select(ReturnVisit).where(ReturnVisit.ticket_id == ticket.id)).one()
        visit.state, visit.way, visit.score = "made", "phone", 5
        visit.visited_at = datetime(2026, 2, 2, 2, 0, tzinfo=UTC)
        visits[key] = ticket.number
    session.commit()
    content = made_for(session, estate, estate.people["own"])
    assert content is not None
    assert content["tickets"] == []
    assert content["visits"] == [{"ticket": visits["own"], "on": "2026-02-02", "way": "phone", "score": 5}]


def test_what_one_reports_about_another_house_is_ones_own(session: Session, estate: Estate) -> None:
    owner = estate.people["own"]
    open_ticket(
        session, community=session.get_one(Community, estate.home), kind="complaint", channel="desk", title="邻居漏水",
        house=session.get_one(House, estate.houses["next"]), reporter_person=session.get_one(Person, owner),
        actor=Actor.system("tests"), now=datetime(2026, 2, 12, 2, 0, tzinfo=UTC),
    )  # fmt: skip
    session.commit()
    assert "邻居漏水" in titles(made_for(session, estate, owner))
    assert "邻居漏水" not in titles(made_for(session, estate, estate.people["next"]))


def test_what_is_paid_ahead_for_a_house_no_longer_held_is_still_theirs(session: Session, estate: Estate) -> None:
    seller, buyer = sold(session, estate, 15, 16)
    for key, community, yuan in (("own", estate.home, "40.00"), ("foreign", estate.other, "7.00")):
        session.add(
            PayerAccount(
                community_id=community, house_id=estate.houses[key], payer_id=seller, credit_yuan=Decimal(yuan)
            )
        )
    session.commit()
    theirs, others = made_for(session, estate, seller), made_for(session, estate, buyer)
    assert theirs is not None
    assert others is not None
    assert (theirs["credit"], others["credit"]) == ("40.00", "0.00")
