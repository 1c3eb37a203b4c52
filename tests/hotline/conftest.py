"""A small estate and a telephone for every test of the hotline."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.adapters.clock import now as present
from app.models import Call, Community, Ticket
from tests.support.carrier import FakeCarrier
from tests.support.hotline import Line, build_estate
from tests.support.ladder import Scene, fill_roster


@pytest.fixture
def community(session: Session) -> Community:
    return build_estate(session, present())


@pytest.fixture
def phone(app: Flask, community: Community) -> Callable[..., Line]:
    """phone() dials from 张伟's number; phone("+86…") from another."""

    def dial(from_number: str | None = None, **kwargs: str) -> Line:
        given = {} if from_number is None else {"from_number": from_number}
        return Line(app, **given, **kwargs).dial()

    return dial


@pytest.fixture
def call_of(session: Session) -> Callable[[Line], Call]:
    """The stored call of a line, freshly read."""

    def find(line: Line) -> Call:
        session.expire_all()
        session.rollback()
        return session.query(Call).filter_by(provider_sid=line.sid).one()

    return find


@pytest.fixture
def ticket_of(call_of: Callable[[Line], Call]) -> Callable[[Line], Ticket]:
    """The one ticket of a line's call."""

    def find(line: Line) -> Ticket:
        tickets = call_of(line).tickets
        assert len(tickets) == 1, [ticket.number for ticket in tickets]
        return tickets[0]

    return find


@pytest.fixture
def roster(session, community) -> None:
    """A backup and a manager behind the one on duty."""
    fill_roster(session, community)


@pytest.fixture
def carrier() -> FakeCarrier:
    return FakeCarrier()


@pytest.fixture
def scene(app, session, phone, roster, carrier) -> Scene:
    """张伟 presses 9 and waits in the queue."""
    line = phone().press("9").say("厨房水管爆了")
    return Scene(app, session, carrier, line)
