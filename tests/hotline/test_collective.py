"""The fifth household reports by telephone, by text, or out of the journal: its transaction makes the special event (I8)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now as present
from app.models import Community, House, Person, PersonPhone, Phone, SpecialEvent, Tenure, Ticket
from app.services import calls, journal
from app.services.actors import Actor
from app.services.tickets import open_ticket
from tests.support.hotline import HOTLINE, ZHANG, _house, post_signed

HOUR = timedelta(hours=1)


@pytest.fixture
def four(session: Session, community: Community) -> Community:
    """Four neighbours of 张伟 have no water; he has not said anything yet."""
    houses = [_house(session, community, "3", "2", f"{floor}01") for floor in range(1, 5)]
    for n, house in enumerate(houses):
        open_ticket(
            session, community=community, kind="repair", channel="desk", category_code="water", title="家里没水", house=house,
            actor=Actor.system("tests"), now=present() - (n + 1) * HOUR,
        )  # fmt: skip
    session.commit()
    return community


def found(session: Session) -> list[SpecialEvent]:
    session.expire_all()
    session.rollback()
    return list(session.scalars(select(SpecialEvent)))


def test_the_fifth_by_telephone_makes_it_as_soon_as_the_matter_is_known(four, phone, session, ticket_of):
    line = phone().press("1").press("1")
    assert found(session) == []
    line.say("家里没水了")
    (event,) = found(session)
    assert (event.state, event.households, event.ticket_count) == ("proposed", 5, 5)
    assert ticket_of(line).id in {ticket.id for ticket in event.tickets}


def test_a_call_that_turns_out_to_be_about_something_else_leaves_it_again(four, phone, session):
    line = phone().press("1").press("1").say("家里没水了")
    assert [event.state for event in found(session)] == ["proposed"]
    line.press("1").press("2")
    line.say("插座没有电")
    assert [(event.state, event.households) for event in found(session)] == [("rejected", 4)]


def test_the_fifth_by_text_makes_it_and_a_text_of_one_of_the_four_does_not(four, app, session):
    neighbour = Phone(number="+8613700000001")
    person = Person(name="邻居")
    own = session.scalars(select(House).where(House.name == "3幢2单元101")).one()
    session.add_all([neighbour, person])
    session.flush()
    session.add(PersonPhone(person_id=person.id, phone_id=neighbour.id))
    session.add(Tenure(person_id=person.id, house_id=own.id, role="owner", starts_on=date(2020, 5, 1)))
    session.scalars(select(Ticket).where(Ticket.house_id == own.id)).one().state = "closed"
    session.commit()
    for sid, number, events in (("SM1", neighbour.number, []), ("SM2", ZHANG, [5])):
        fields = {"MessageSid": sid, "From": number, "To": HOTLINE, "Body": "家里没水"}
        assert post_signed(app, "/hotline/sms", fields).status_code == 200
        assert [event.households for event in found(session)] == events


def test_the_fifth_out_of_the_journal_makes_it_with_its_original_time(four, phone, data_dir, session, monkeypatch):
    line = phone().press("1").press("1")

    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as faulty:
        faulty.setattr(calls, "gather", broken)
        assert line.post(line.action, SpeechResult="家里没水了").status_code == 200
    assert found(session) == []
    later = present() + 5 * HOUR
    assert journal.replay_journal(session, later)["replayed"] == 1
    session.commit()
    (event,) = found(session)
    assert event.households == 5
    assert event.last_at < later - 4 * HOUR
