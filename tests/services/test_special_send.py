"""What the manager decided to tell outside is sent, once each, and proved on the event (D5)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import Forbidden, Refused
from app.models import Message, OutsideBody
from app.services import special_report, special_send
from tests.support.databases import Databases
from tests.support.special import confirmed, settle, take
from tests.support.tickets import SmallEstate, unsaved_estate

HOUR = timedelta(hours=1)
MANAGER, DEVELOPER = "gm@example.org", "developer@example.org"


@pytest.fixture
def estate(session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


@pytest.fixture
def addresses(session, estate) -> None:
    estate.community.general_manager_email = MANAGER
    session.add(OutsideBody(community_id=estate.community.id, kind="developer", name="开发商", email=DEVELOPER))
    session.flush()


def mails(session, event) -> list[tuple[str, str | None]]:
    session.flush()
    statement = select(Message).where(Message.key.like(f"special_event:{event.id}:told:%")).order_by(Message.id)
    return [(one.to, one.attachment) for one in session.scalars(statement)]


def decide(session, estate, event, now, general_manager, developer):
    told = {"general_manager": general_manager, "developer": developer}
    return take(session, event, "decide", estate.actor("manager"), now, **told)


@pytest.mark.parametrize(
    ("general_manager", "developer", "expected"),
    [("yes", "yes", [MANAGER, DEVELOPER]), ("yes", "no", [MANAGER]), ("no", "yes", [DEVELOPER]), ("no", "no", [])],
)
def test_the_decision_is_sent_to_those_it_names(session, estate, now, addresses, general_manager, developer, expected):
    event = confirmed(session, estate, now)
    decide(session, estate, event, now, general_manager, developer)
    assert [to for to, _file in mails(session, event)] == expected
    decide(session, estate, event, now + HOUR, general_manager, developer)
    assert len(mails(session, event)) == len(expected), "once each"
    bodies = session.scalars(select(Message.body).where(Message.key.like("%:told:%"))).all()
    assert not any("单元" in body for body in bodies), "no household is named"


def test_without_an_address_nothing_is_sent_and_the_event_says_so(session, estate, now):
    event = confirmed(session, estate, now)
    decide(session, estate, event, now, "yes", "yes")
    assert mails(session, event) == []
    assert [(one.who, one.email) for one in special_send.receivers(session, event)] == [
        ("general_manager", ""),
        ("developer", ""),
    ]


def test_the_signed_report_goes_out_with_its_paper_and_is_proved(session, estate, now, addresses):
    event = settle(session, estate, confirmed(session, estate, now), now)
    manager, record = estate.actor("manager"), special_report.records(session, event)[0]
    assert special_send.may_send(event, record, manager)
    with pytest.raises(Forbidden):
        special_send.send_report(session, estate.actor("assistant"), event, record, "special/x.pdf", now)
    assert special_send.send_report(session, manager, event, record, "special/x.pdf", now) == 1
    special_send.send_report(session, manager, event, record, "special/x.pdf", now + HOUR)
    assert mails(session, event) == [(MANAGER, None), (MANAGER, "special/x.pdf")]
    assert [(one.who, one.version) for one in special_send.proofs(session, manager, event)] == [
        ("general_manager", ""),
        ("general_manager", "1"),
    ]
    assert special_send.proofs(session, estate.actor("tech_a"), event) == []


def test_a_report_that_is_not_signed_is_not_sent(session, estate, now, addresses):
    event = confirmed(session, estate, now)
    decide(session, estate, event, now, "yes", "no")
    take(session, event, "write", estate.actor("supervisor"), now, course="电梯停运")
    (record,) = special_report.records(session, event)
    assert not special_send.may_send(event, record, estate.actor("manager"))
    with pytest.raises(Refused, match="after the manager has signed"):
        special_send.send_report(session, estate.actor("manager"), event, record, "special/x.pdf", now)


def test_no_address_and_nobody_to_tell_are_refused(session, estate, now):
    event = settle(session, estate, confirmed(session, estate, now), now)
    (record,) = special_report.records(session, event)
    with pytest.raises(Refused, match="no mail address"):
        special_send.send_report(session, estate.actor("manager"), event, record, "special/x.pdf", now)
    event.tell_general_manager = False
    with pytest.raises(Refused, match="names nobody"):
        special_send.send_report(session, estate.actor("manager"), event, record, "special/x.pdf", now)
