"""Filing on records: by hand and by itself, what waits with it, read-only but for reopening (D3)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden, Refused
from app.models import ComplaintFinding, ReturnVisit, ServiceItem, ServiceOrder, Ticket, TicketCost, TicketEntry
from app.services import archive, filing
from app.services.actors import Actor
from app.services.complaint_verbs import take
from app.services.ticket_notes import add_note
from app.services.tickets import FILED, add_entry
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

DAY = timedelta(days=1)


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def closed(session, estate, now, **given):
    ticket = estate.walk(session, estate.open(session, now, **given), now, "dispatch", "start")
    take(session, ticket, "finish", estate.actor("tech_a"), now, {"note": "换了角阀"})
    for visit in ticket.visits:
        visit.state = "cancelled"
    session.flush()
    take(session, ticket, "close", estate.actor("assistant"), now)
    return ticket


def filed(session):
    session.expire_all()
    return set(session.scalars(select(Ticket.id).where(Ticket.filed_at.is_not(None))))


def test_what_has_been_closed_for_thirty_days_files_itself_once(session, estate, now):
    ticket = closed(session, estate, now)
    revision = ticket.revision
    assert filing.file_due(session, now + 30 * DAY - timedelta(seconds=1)) == 0
    assert filing.file_due(session, now + 30 * DAY) == 1
    assert filing.file_due(session, now + 31 * DAY) == 0
    session.refresh(ticket)
    assert (ticket.state, ticket.filed_at, ticket.revision) == ("closed", now + 30 * DAY, revision + 1)
    entry = session.scalars(select(TicketEntry).where(TicketEntry.verb == "file")).one()
    assert (entry.actor_name, entry.from_state, entry.to_state, entry.at) == (
        "filing",
        "closed",
        "closed",
        now + 30 * DAY,
    )


def test_a_cancelled_one_is_filed_after_its_cancelling(session, estate, now):
    ticket = estate.open(session, now)
    take(session, ticket, "cancel", estate.actor("assistant"), now + 5 * DAY, {"reason": "重复报事"})
    assert filing.file_due(session, now + 34 * DAY) == 0
    assert filing.file_due(session, now + 35 * DAY) == 1


def _visit(session, ticket, now):
    session.add(ReturnVisit(ticket_id=ticket.id, state="due", reason="asked", due_on=date(2026, 3, 12)))


def _finding(session, ticket, now):
    found = {
        "validity": "valid",
        "grade": "ordinary",
        "party": "centre",
        "reasons": "x",
        "finder": "x",
        "found_at": now,
    }
    known = {name: value for name, value in found.items() if hasattr(ComplaintFinding, name)}
    session.add(ComplaintFinding(ticket_id=ticket.id, state="waiting", **known))


def _cost(session, ticket, now):
    session.add(
        TicketCost(
            ticket_id=ticket.id, kind="material", what="x", bearer="owner", at=now, entered_by="x", accepted_at=now,
            accepted_by="x", accepted_way="signed", quantity=1, price_yuan=1, amount_yuan=1,
        )
    )  # fmt: skip


def _not_agreed(session, ticket, now):
    _cost(session, ticket, now)
    for line in session.scalars(select(TicketCost).where(TicketCost.ticket_id == ticket.id)):
        line.accepted_at, line.accepted_by, line.accepted_way = None, "", None


def _order(session, ticket, now):
    item = session.scalars(select(ServiceItem.id)).first()
    session.add(
        ServiceOrder(
            ticket_id=ticket.id, item_id=item, community_id=ticket.community_id, price_kind="fixed", state="charged",
            amount_yuan=1, charged_yuan=1, charged_at=now, created_at=now,
        )
    )  # fmt: skip


@pytest.mark.parametrize("owe", [_visit, _cost, _not_agreed, _order])
def test_what_is_still_to_be_done_with_it_keeps_it_out(session, estate, now, owe):
    ticket = closed(session, estate, now)
    owe(session, ticket, now)
    session.flush()
    assert filing.file_due(session, now + 40 * DAY) == 0
    with pytest.raises(Refused):
        take(session, ticket, "file", estate.actor("assistant"), now + DAY)
    assert filed(session) == set()


def test_the_desk_files_by_hand_and_nobody_twice(session, estate, now):
    ticket = closed(session, estate, now)
    with pytest.raises(Forbidden):
        take(session, ticket, "file", estate.actor("tech_a"), now + DAY)
    take(session, ticket, "file", estate.actor("assistant"), now + DAY)
    assert ticket.filed_at == now + DAY
    with pytest.raises(Refused):
        take(session, ticket, "file", estate.actor("assistant"), now + DAY)


def test_only_what_is_closed_is_filed(session, estate, now):
    ticket = estate.open(session, now)
    with pytest.raises(Refused):
        take(session, ticket, "file", estate.actor("assistant"), now + DAY)


def test_a_filed_ticket_is_read_only_but_for_reopening(session, estate, now):
    ticket = closed(session, estate, now)
    take(session, ticket, "file", estate.actor("assistant"), now + DAY)
    with pytest.raises(Refused) as refused:
        add_note(session, ticket, estate.actor("assistant"), now + 2 * DAY, "还有一句")
    assert refused.value.msgid == FILED
    add_note(session, ticket, Actor.system("hotline"), now + 2 * DAY, "录音已取回")
    for verb in (
        "order",
        "cost_uncharged",
        "special_event",
    ):  # the money comes in, or five households turn out to be one event
        add_entry(session, ticket, verb, estate.actor("assistant"), now + 2 * DAY, before=ticket.state)
    take(session, ticket, "reopen", estate.actor("assistant"), now + 3 * DAY, {"note": "又漏了"})
    assert (ticket.state, ticket.filed_at) == ("reopened", None)
    add_note(session, ticket, estate.actor("assistant"), now + 3 * DAY, "可以写了")


def test_the_archive_stands_by_building_and_category(session, estate, now):
    made = [closed(session, estate, now, house=estate.houses[place], title=f"{place}幢漏水") for place in (1, 1, 3)]
    other = closed(session, estate, now, house=estate.houses[3], category_code=None, title="楼道堆物")
    for ticket in (*made, other):
        take(session, ticket, "file", estate.actor("assistant"), now + DAY)
    session.flush()
    desk = estate.actor("assistant")
    year = archive.Wanted(datetime(now.year, 1, 1, tzinfo=UTC), datetime(now.year + 1, 1, 1, tzinfo=UTC))
    shelves = archive.shelves(session, desk, year)
    assert [(shelf.building.name, shelf.total, len(shelf.numbers)) for shelf in shelves] == [
        ("1幢", 2, 1),
        ("3幢", 2, 2),
    ]

    def titles(**more):
        wanted = archive.Wanted(year.since, year.until, **more)
        total, found = archive.listed(session, desk, wanted, skip=0, most=25)
        assert total == len(found)
        return sorted(one.title for one in found)

    building = estate.houses[3].building_id
    assert titles(building_id=building) == ["3幢漏水", "楼道堆物"]
    assert titles(building_id=building, category_id=archive.NONE) == ["楼道堆物"]
    assert titles(words="漏水") == ["1幢漏水", "1幢漏水", "3幢漏水"]
    assert titles(words=other.number) == ["楼道堆物"]
    assert titles(words="没有") == []
    foreign = Actor(None, "x", "x", frozenset({"assistant"}), staff_id=0, community_ids=frozenset({0}))
    assert archive.shelves(session, foreign, year) == []
    last_year = archive.Wanted(datetime(now.year - 1, 1, 1, tzinfo=UTC), year.since)
    assert archive.shelves(session, desk, last_year) == []
