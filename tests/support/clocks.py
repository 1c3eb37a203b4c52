"""Clocks held against their events: what a row says must follow from these alone."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.models import Clock
from app.rules.clock_events import fold, missed
from app.rules.codes import ClockState
from app.services.calendars import read_book
from app.services.ticket_clocks import event_of, facts_of, next_check, terms_of


def assert_as_their_events_say(session: Session) -> int:
    """Every clock of the database stands as its events say; how many there are."""
    session.flush()
    session.expire_all()
    book = read_book(session)
    clocks = session.scalars(select(Clock).options(selectinload(Clock.events), joinedload(Clock.ticket))).all()
    for clock in clocks:
        calendar = book.of(clock.calendar, clock.ticket.community_id)
        counted = fold(terms_of(clock), map(event_of, clock.events), calendar)
        if clock.state == ClockState.BREACHED and clock.met_at is None:
            # The sweep, or a step that came after, has seen it run out.
            assert clock.breached_at == counted.span.due_at
            counted = missed(counted, counted.span.due_at + timedelta(seconds=1))
        assert facts_of(clock) == counted, (clock.name, clock.events)
        assert clock.check_at == next_check(clock), clock
        assert clock.changed_at == max(event.at for event in clock.events)
    return len(clocks)
