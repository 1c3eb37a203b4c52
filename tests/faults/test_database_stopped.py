"""PostgreSQL itself is stopped, or crashes, during calls: callers are heard, the schedule comes back, and what was said is entered
once with its original times (G4). Web, scheduler and the database server are processes; the server is one of the file's own.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import Call, EscalationAttempt, Ladder
from tests.support.hotline import ON_DUTY, STRANGER
from tests.support.town import Town, until

CARRIER_WAITS = 15.0


@pytest.fixture(scope="module")
def town(cluster, company, new_town) -> Town:
    made = new_town(company, cluster[1]).settle()
    made.start("web")
    made.start("scheduler")
    return made


def call_of(town: Town, sid: str) -> Call | None:
    return town.look().scalar(select(Call).where(Call.provider_sid == sid))


@pytest.mark.parametrize("crash", [False, True], ids=["stopped", "crashed"])
def test_calls_go_on_while_the_database_server_is_away(town, cluster, company, crash):
    server, _ = cluster
    before = town.dial().press("1")
    assert before.step == "house"
    emergencies = len(town.look().scalars(select(Ladder)).all())
    town.session.close()
    town.engine.dispose()
    server.halt(crash=crash)
    lost_at = present()
    # One in the middle of a question, one who presses 9, one who calls only now: all are recorded in the carrier's time.
    before.press("9")
    during = town.dial(STRANGER)
    for line in (before, during):
        assert line.has("Record")
        assert "119" in line.said
        assert line.seconds < CARRIER_WAITS
    during.hang_up()
    back_at = present()
    rung = len(town.rung)
    server.start()
    # The scheduler, by itself: it takes up its lock again, enters the journal and rings for the emergency.
    assert until(lambda: call_of(town, during.sid)), town.servers[1].output()
    call = call_of(town, during.sid)
    assert lost_at - timedelta(seconds=1) <= call.started_at <= call.ended_at <= back_at + timedelta(seconds=1)
    assert len(call.tickets) == 1
    assert until(lambda: len(town.rung) > rung), town.servers[1].output()
    assert town.rung[rung][1] == ON_DUTY
    after = town.dial(STRANGER)
    assert until(lambda: after.dial().step == "menu"), "the web process has found the server again"
    town.staff(company.calls[-1], town.rung[-1][0]).press("1")
    ladders = town.look().scalars(select(Ladder).order_by(Ladder.id)).all()
    assert [ladder.state for ladder in ladders] == ["accepted"] * len(ladders)
    assert len(ladders) == emergencies + 1
    assert len(town.look().scalars(select(EscalationAttempt)).all()) == len(town.rung)
    for line in (before, after):
        line.hang_up()
    town.flask("job", "run", "journal")
    town.balanced()
