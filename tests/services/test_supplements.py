"""The personal supplement: whose it is, what stands in it when a house changes hands, and that it stays as it was made."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Bill, Community, House, Person, Report, ReportSupplement, Tenure, Ticket
from app.services import supplements
from app.services.actors import Actor, household_actor
from app.services.local_time import local_zone
from app.services.tickets import open_ticket
from tests.support.estate import Estate, build_estate

pytestmark = pytest.mark.any_database

MADE = datetime(2026, 2, 10, 2, 0, tzinfo=UTC)
NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


@pytest.fixture
def estate(session: Session) -> Estate:
    made = build_estate(session, MADE)
    session.commit()
    return made


def report_of(session: Session, estate: Estate) -> Report:
    return session.scalars(select(Report).where(Report.community_id == estate.home)).one()


def reader(session: Session, person_id: int, now: datetime = NOW) -> Actor:
    return household_actor(session, person_id, now, local_zone())


def made_for(session: Session, estate: Estate, person_id: int) -> dict[str, Any] | None:
    found = supplements.make(session, reader(session, person_id), report_of(session, estate), NOW)
    return None if found is None else found.content


def titles(content: dict[str, Any] | None) -> list[str]:
    assert content is not None
    return [one["title"] for one in content["tickets"]]


def reported(session: Session, estate: Estate, person_id: int, day: int, title: str) -> Ticket:
    house = session.get_one(House, estate.houses["own"])
    return open_ticket(
        session, community=session.get_one(Community, estate.home), kind="repair", channel="desk", category_code="door",
        title=title, house=house, reporter_person=session.get_one(Person, person_id), actor=Actor.system("tests"),
        now=datetime(2026, 2, day, 2, 0, tzinfo=UTC),
    )  # fmt: skip


def test_it_holds_the_households_own_and_nothing_of_its_neighbours(session: Session, estate: Estate) -> None:
    content = made_for(session, estate, estate.people["own"])
    assert titles(content) == ["own 水管漏水"]
    assert content is not None
    assert [(bill["house"], bill["amount"]) for bill in content["bills"]] == [("1幢1单元101", "250.60")]
    assert (content["owed"], content["credit"]) == ("250.60", "0.00")
    assert content["houses"] == [{"name": "1幢1单元101", "role": "owner", "since": None, "until": None}]
    words = str(content)
    for strange in ("next", "far", "foreign", "李四", "王五", "1幢1单元102"):
        assert strange not in words


def test_a_tenant_has_what_the_tenant_reported_and_no_bill_of_the_owner(session: Session, estate: Estate) -> None:
    reported(session, estate, estate.people["tenant"], 12, "门锁坏了")
    session.commit()
    content = made_for(session, estate, estate.people["tenant"])
    assert titles(content) == ["门锁坏了"]
    assert content is not None
    assert (content["bills"], content["owed"]) == ([], "0.00")
    assert titles(made_for(session, estate, estate.people["own"])) == ["own 水管漏水"]


def test_who_had_no_house_there_in_the_month_has_none(session: Session, estate: Estate) -> None:
    assert made_for(session, estate, estate.people["foreign"]) is None
    tenure = session.scalars(select(Tenure).where(Tenure.person_id == estate.people["own"])).one()
    tenure.starts_on = date(2026, 3, 1)
    session.commit()
    assert made_for(session, estate, estate.people["own"]) is None
    assert session.scalars(select(ReportSupplement)).all() == []


def test_of_a_house_that_changed_hands_each_has_its_own_days(session: Session, estate: Estate) -> None:
    before, after = estate.people["own"], estate.people["next"]
    sold = session.scalars(select(Tenure).where(Tenure.person_id == before)).one()
    sold.ends_on = date(2026, 2, 15)
    session.add(Tenure(person_id=after, house_id=estate.houses["own"], role="owner", starts_on=date(2026, 2, 16)))
    # Who sold it still owns another house there: only so the report is open to them.
    session.add(Tenure(person_id=before, house_id=estate.houses["far"], role="owner", starts_on=date(2026, 2, 14)))
    reported(session, estate, before, 12, "卖方报修")
    reported(session, estate, after, 20, "买方报修")
    late = reported(session, estate, before, 21, "过户后卖方来电")
    item = session.scalars(select(Bill).where(Bill.id == estate.bills["own"])).one().fee_item_id
    session.add(
        Bill(
            community_id=estate.home, house_id=estate.houses["own"], fee_item_id=item, payer_id=after, period="2026-02",
            segment=2, quantity=Decimal("89.50"), rate=Decimal("2.80"), amount=Decimal("120.00"),
            issued_on=date(2026, 2, 16), due_on=date(2026, 2, 28),
        )
    )  # fmt: skip
    session.commit()
    theirs, ours = made_for(session, estate, before), made_for(session, estate, after)
    # The call after the sale is the caller's own matter, and of nobody else.
    assert titles(theirs) == ["own 水管漏水", "卖方报修", late.title]
    assert "买方报修" in titles(ours)
    assert not {"own 水管漏水", "卖方报修", late.title} & set(titles(ours))
    assert theirs is not None
    assert ours is not None
    assert [bill["amount"] for bill in theirs["bills"] if bill["house"] == "1幢1单元101"] == ["250.60"]
    assert [bill["amount"] for bill in ours["bills"] if bill["house"] == "1幢1单元101"] == ["120.00"]
    stay = {house["name"]: house for house in theirs["houses"]}["1幢1单元101"]
    assert (stay["since"], stay["until"]) == (None, "2026-02-15")
    stay = {house["name"]: house for house in ours["houses"]}["1幢1单元101"]
    assert (stay["since"], stay["until"]) == ("2026-02-16", None)


def test_it_is_made_once_and_stays_whatever_changes_afterwards(session: Session, estate: Estate) -> None:
    person = estate.people["own"]
    first = made_for(session, estate, person)
    session.commit()
    session.get_one(Ticket, estate.tickets["own"]).title = "改过的标题"
    session.get_one(Bill, estate.bills["own"]).paid_yuan = Decimal("100.00")
    session.commit()
    assert made_for(session, estate, person) == first
    kept = session.scalars(select(ReportSupplement)).one()
    assert kept.content_sha256 == supplements.hash_of(kept.content)
    assert kept.made_at == NOW


def test_matters_of_other_months_stay_out_but_what_was_done_in_it_is_in(session: Session, estate: Estate) -> None:
    ticket = session.get_one(Ticket, estate.tickets["own"])
    ticket.created_at = datetime(2026, 1, 31, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai
    session.commit()
    with session.begin_nested() as trial:
        assert titles(made_for(session, estate, estate.people["own"])) == []
        trial.rollback()
    ticket.done_at = datetime(2026, 1, 31, 16, 0, tzinfo=UTC)
    session.commit()
    assert titles(made_for(session, estate, estate.people["own"])) == ["own 水管漏水"]


def test_a_file_is_kept_the_first_time_and_refused_when_it_was_changed(session: Session, estate: Estate) -> None:
    made_for(session, estate, estate.people["own"])
    kept = session.scalars(select(ReportSupplement)).one()
    assert supplements.kept_file(kept, "zh") is None
    assert supplements.keep_file(session, kept.id, "zh", b"first") == b"first"
    assert supplements.keep_file(session, kept.id, "zh", b"second") == b"first"
    assert supplements.kept_file(kept, "en") is None
    path = supplements.inside(supplements._data_dir(), kept.file_path or "")
    path.write_bytes(b"other")
    with pytest.raises(supplements.Refused, match="damaged"):
        supplements.kept_file(kept, "zh")
    path.unlink()
    with pytest.raises(supplements.NotFound, match="missing"):
        supplements.kept_file(kept, "zh")


def test_a_tenure_of_one_day_counts(session: Session, estate: Estate) -> None:
    tenure = session.scalars(select(Tenure).where(Tenure.person_id == estate.people["own"])).one()
    tenure.ends_on = date(2026, 2, 1)
    tenure.starts_on = tenure.ends_on - timedelta(days=30)
    session.commit()
    content = made_for(session, estate, estate.people["own"])
    assert content is not None
    assert content["houses"][0]["until"] == "2026-02-01"
    # What the person reported after it ended is the person's own all the same.
    assert titles(content) == ["own 水管漏水"]
