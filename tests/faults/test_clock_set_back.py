"""The machine's clock is set back an hour while a ladder runs: it goes on, nobody is rung twice for one attempt (D7, G5).

Web and scheduler are processes whose every wall clock is moved at once; PostgreSQL's own clock stays.
"""

import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import EscalationAttempt, Heartbeat, Ladder
from tests.support.hotline import ON_DUTY
from tests.support.town import BACKUP, Town, until

ACCEPT_SECONDS = 10
"""Five until the schedule looks at its clock, and a machine that is busy."""

HOUR = 3600


@pytest.fixture
def town(new_town, company) -> Town:
    made = new_town(company).settle(accept_seconds=ACCEPT_SECONDS)
    made.start("web")
    made.start("scheduler")
    return made


def beat(town: Town) -> datetime | None:
    return town.look().scalar(select(Heartbeat.beat_at).where(Heartbeat.name == "scheduler"))


def rung(town: Town, count: int) -> list[str]:
    """The numbers rung, as soon as there are so many."""
    until(lambda: len(town.rung) >= count)
    return [number for _, number in town.rung]


def state(town: Town) -> str:
    return town.look().scalars(select(Ladder.state)).one()


def test_a_ladder_goes_on_and_nobody_is_rung_twice(town, company, record_property):
    line = town.dial().press("9")
    assert rung(town, 1) == [ON_DUTY], town.servers[1].output()
    began = time.monotonic()
    town.set_back(HOUR)
    assert until(lambda: beat(town) and beat(town) < present() - timedelta(minutes=50)), town.servers[1].output()
    # Nobody answers and no report comes: the ring is given up within one more of its time, not an hour later.
    assert rung(town, 2) == [ON_DUTY, BACKUP], town.servers[1].output()
    waited = time.monotonic() - began
    record_property("waited_seconds", round(waited, 1))
    # And again, while the next is being rung: a report moves the ladder at once, whatever the clock says.
    town.set_back(2 * HOUR)
    assert until(lambda: beat(town) < present() - timedelta(minutes=110))
    second = town.staff(company.calls[1], town.rung[1][0])
    assert second.progress("busy") == 204
    assert rung(town, 3) == [ON_DUTY, BACKUP, ON_DUTY]
    third = town.staff(company.calls[2], town.rung[2][0])
    third.press("1")
    assert state(town) == "accepted"
    mark = beat(town)
    assert until(lambda: beat(town) > mark), "the schedule has gone round once more"
    assert rung(town, 3) == [ON_DUTY, BACKUP, ON_DUTY], "who has taken it is rung no more"
    attempts = town.look().scalars(select(EscalationAttempt).order_by(EscalationAttempt.id)).all()
    assert [(one.round, one.rung, one.number) for one in attempts] == [(1, 0, ON_DUTY), (1, 1, BACKUP), (2, 0, ON_DUTY)]
    line.hang_up()
    town.balanced()
