"""Outside bodies (D5): their number and deadline beside ours, letters through the supervisor, warned before the deadline."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden, Incomplete, Invalid, Refused
from app.models import Community, ExternalReference, Message, OutsideBody, Ticket, TicketEntry
from app.services import outside
from app.services.complaint_verbs import take
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MEASURES = {"root_cause": "outside", "correction": "已函告", "prevention": "纳入交付查验清单"}


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


@pytest.fixture
def complaint(session: Session, estate: SmallEstate, now: datetime) -> Ticket:
    ticket = estate.open(session, now, kind="complaint", category_code="attitude_test", title="外墙渗水")
    take(session, ticket, "dispatch", estate.actor("assistant"), now, {"assignee_id": estate.staff["steward"].id})
    return ticket


@pytest.fixture
def developer(session: Session, estate: SmallEstate) -> OutsideBody:
    body = OutsideBody(
        community_id=estate.community.id, kind="developer", name="开发商客服中心", email="care@developer.example.org"
    )
    session.add(body)
    session.flush()
    return body


def step(session: Session, estate: SmallEstate, ticket: Ticket, who: str, verb: str, at: datetime, **data: Any) -> None:
    take(session, ticket, verb, estate.actor(who), at, data)


def told(session: Session, purpose: str = "outside") -> list[str]:
    return list(session.scalars(select(Message.to).where(Message.purpose == purpose).order_by(Message.id)))


def lines(session: Session, ticket: Ticket, verb: str) -> list[TicketEntry]:
    wanted = (TicketEntry.ticket_id == ticket.id, TicketEntry.verb == verb)
    return list(session.scalars(select(TicketEntry).where(*wanted).order_by(TicketEntry.id)))


def test_a_number_of_12345_stands_beside_ours_with_its_own_deadline(session, estate, complaint, now):
    ours = complaint.due_at
    due_at = now + 4 * DAY
    step(
        session, estate, complaint, "assistant", "refer", now,
        body="hotline_12345", number="SH2026031004217", due_at=due_at.isoformat(), note="五日内回复市民",
    )  # fmt: skip
    (found,) = complaint.references
    assert (found.kind, found.direction, found.number, found.words) == (
        "hotline_12345", "in", "SH2026031004217", "五日内回复市民",
    )  # fmt: skip
    assert (found.due_at, found.warn_at) == (due_at, now + 3 * DAY), "warned after three quarters of the time (I8)"
    assert complaint.due_at == ours, "our own clocks are what they were"
    assert lines(session, complaint, "refer")[0].data["number"] == "SH2026031004217"


def test_the_same_number_again_is_corrected_and_not_doubled(session, estate, complaint, now):
    for days in (4, 2):
        due_at = (now + days * DAY).isoformat()
        step(session, estate, complaint, "assistant", "refer", now, body="street_office", number="J-7", due_at=due_at)
    assert [one.due_at for one in complaint.references] == [now + 2 * DAY]
    step(session, estate, complaint, "assistant", "refer", now, body="hotline_12345", number="J-7")
    assert len(complaint.references) == 2, "another body's number is another one"


def test_it_warns_before_the_deadline_and_tells_once_when_it_is_missed(session, estate, complaint, now):
    due_at = (now + 4 * DAY).isoformat()
    step(session, estate, complaint, "assistant", "refer", now, body="hotline_12345", number="S1", due_at=due_at)
    both = [estate.staff["steward"].number, estate.staff["supervisor"].number]
    assert outside.sweep(session, now + 3 * DAY - MINUTE).seen == 0
    assert told(session) == []
    assert outside.sweep(session, now + 3 * DAY).warned == 1
    assert told(session) == both
    assert outside.sweep(session, now + 4 * DAY).seen == 0, "on the very second it is in time"
    assert outside.sweep(session, now + 4 * DAY + MINUTE).late == 1
    assert told(session) == [*both, *both]
    for later in (5, 50):
        assert outside.sweep(session, now + later * DAY).seen == 0
    assert [len(lines(session, complaint, verb)) for verb in ("outside_warn", "outside_late")] == [1, 1]


def test_what_is_answered_or_given_up_is_not_warned_of(session, estate, complaint, now):
    due_at = (now + 4 * DAY).isoformat()
    step(session, estate, complaint, "assistant", "refer", now, body="hotline_12345", number="S1", due_at=due_at)
    step(session, estate, complaint, "assistant", "answered", now + HOUR, note="已书面回复")
    (found,) = complaint.references
    assert (found.answered_at, found.answered_by, found.answer) == (now + HOUR, "assistant员", "已书面回复")
    assert outside.sweep(session, now + 9 * DAY).seen == 0
    with pytest.raises(Refused, match="already"):
        step(session, estate, complaint, "assistant", "answered", now, reference_id=found.id, note="x")
    step(session, estate, complaint, "assistant", "refer", now, body="police", number="P1", due_at=due_at)
    step(session, estate, complaint, "assistant", "cancel", now, reason="重复登记")
    assert outside.sweep(session, now + 9 * DAY).seen == 0


def test_one_without_a_deadline_is_kept_and_never_pressed(session, estate, complaint, now):
    step(session, estate, complaint, "assistant", "refer", now, body="street_office", number="J-1")
    assert complaint.references[0].next_at is None
    assert outside.sweep(session, now + 99 * DAY).seen == 0


def test_what_the_developer_caused_goes_to_it_by_mail_through_the_supervisor(
    session, estate, complaint, developer, now
):
    with pytest.raises(Forbidden):
        step(session, estate, complaint, "assistant", "forward", now, body="developer", note="请维修")
    step(
        session, estate, complaint, "supervisor", "forward", now, body="developer", way="email", note="请安排维修并函复"
    )
    (found,) = complaint.references
    assert (found.direction, found.way, found.body) == ("out", "email", developer)
    assert found.due_at == now + 7 * DAY, "asked again after seven days, unless a day is named"
    (mail,) = session.scalars(select(Message).where(Message.purpose == "outside_letter"))
    assert (mail.to, mail.channel, mail.body) == ("care@developer.example.org", "email", "请安排维修并函复")
    assert complaint.number in mail.subject


def test_a_letter_leaves_no_message_and_is_followed_up(session, estate, complaint, developer, now):
    due_at = (now + 2 * DAY).isoformat()
    step(session, estate, complaint, "supervisor", "forward", now, body=str(developer.id), note="请维修", due_at=due_at)
    assert complaint.references[0].way == "letter"
    assert told(session, "outside_letter") == []
    assert outside.sweep(session, now + 36 * HOUR).warned == 1


def test_without_an_address_no_mail_is_sent_and_nothing_is_half_written(session, estate, complaint, now):
    with pytest.raises(Invalid, match="No mail address"):
        step(session, estate, complaint, "supervisor", "forward", now, body="developer", way="email", note="请维修")
    assert complaint.references == []
    assert session.scalars(select(ExternalReference)).all() == []


def test_it_is_not_closed_before_every_outside_body_is_settled(session, estate, complaint, developer, now):
    step(session, estate, complaint, "supervisor", "find", now, validity="assistance", responsible="developer")
    step(session, estate, complaint, "assistant", "refer", now, body="hotline_12345", number="S1")
    step(session, estate, complaint, "supervisor", "forward", now, body="developer", note="请维修")
    for who, verb, data in (
        ("steward", "start", {}),
        ("steward", "reply", {"way": "phone", "note": "已说明"}),
        ("steward", "finish", {}),
        ("assistant", "visit", {"score": 5}),
    ):
        step(session, estate, complaint, who, verb, now, **data)
    with pytest.raises(Incomplete, match="outside body") as refusal:
        step(session, estate, complaint, "supervisor", "close", now, **MEASURES)
    assert refusal.value.missing == ("outside",)
    with pytest.raises(Invalid, match="which outside number"):
        step(session, estate, complaint, "assistant", "answered", now, note="已答复")
    step(session, estate, complaint, "assistant", "answered", now, number="S1", note="已答复市民")
    step(session, estate, complaint, "assistant", "answered", now, note="开发商函复：已维修")
    step(session, estate, complaint, "supervisor", "close", now, **MEASURES)
    assert complaint.state == "closed"


def test_another_communitys_body_is_none(session, estate, complaint, now):
    other = Community(code="elsewhere", name="别处")
    session.add(other)
    session.flush()
    body = OutsideBody(community_id=other.id, kind="developer", name="别处的开发商")
    session.add(body)
    session.flush()
    with pytest.raises(Invalid, match="no such outside body"):
        step(session, estate, complaint, "supervisor", "forward", now, body_id=body.id, note="x")
    step(session, estate, complaint, "supervisor", "forward", now, body="developer", note="x")
    assert complaint.references[0].body is None, "the kind alone, where the community keeps no such body"


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("refer", {}),
        ("refer", {"body": "hotline_12345"}),
        ("refer", {"number": "S1"}),
        ("refer", {"body": "mayor", "number": "S1"}),
        ("refer", {"body": "police", "number": "x" * 61}),
        ("refer", {"body": "police", "number": "S\x07"}),
        ("refer", {"body": "police", "number": ["S1"]}),
        ("refer", {"body": "police", "number": "S1", "due_at": "2020-01-01"}),
        ("refer", {"body": "police", "number": "S1", "due_at": "soon"}),
        ("refer", {"body": "999999", "number": "S1"}),
        ("forward", {"body": "developer", "note": "x" * 4001}),
        ("forward", {"body": "developer", "note": "x", "way": "pigeon"}),
        ("answered", {"note": "x"}),
        ("answered", {"note": "x", "number": "nobody's"}),
        ("answered", {"note": "x", "reference_id": "first"}),
    ],
)
def test_nonsense_is_refused_before_anything_is_written(session, estate, complaint, now, verb, data):
    with pytest.raises(Invalid):
        step(session, estate, complaint, "supervisor", verb, now, **data)
    assert session.scalars(select(ExternalReference)).all() == []
    assert lines(session, complaint, verb) == []
