"""The scheduler is killed while the ladder runs: the standby goes on where it stopped, and nobody is rung again for the
same attempt (D7, G5). The gap is measured and noted, not judged: the machine decides how long a process takes to wake."""

import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import DutyShift, EscalationAttempt, Heartbeat, Staff, StaffCommunity
from tests.faults.conftest import until
from tests.support.books import balanced
from tests.support.hotline import HOTLINE, ON_DUTY, Line, build_estate, post_signed
from tests.support.twilio_company import ACCOUNT, Company, running

BACKUP = "+8613900139002"


@pytest.fixture
def company() -> Iterator[Company]:
    with running() as state:
        state.created = None
        yield state


@pytest.fixture
def schedulers(app, session, start_server, company, postgres_url):
    """Two, the first of them leading; a backup on the roster."""
    community = build_estate(session, present())
    staff = Staff(name="备班", role="steward", number=BACKUP)
    staff.community_links.append(StaffCommunity(community_id=community.id))
    session.add(staff)
    session.flush()
    span = {"starts_at": present() - timedelta(days=1), "ends_at": present() + timedelta(days=1)}
    session.add(DutyShift(community_id=community.id, tier="backup", staff_id=staff.id, number=BACKUP, **span))
    session.commit()
    account = {"CARRIER_OUTBOUND": "twilio", "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "t"}
    started = [start_server("scheduler", TWILIO_API_BASE_URL=company.url, **account) for _ in range(2)]

    def holder() -> int | None:
        session.rollback()
        beat = session.scalar(select(Heartbeat.holder).where(Heartbeat.name == "scheduler"))
        return int(beat.rsplit(":", 1)[1]) if beat else None

    leader = until(holder)
    assert leader, started[0].output()
    return sorted(started, key=lambda one: one.process.pid != leader)


def test_the_standby_goes_on_with_the_ladder(app, session, schedulers, company, record_property):
    leader, standby = schedulers
    line = Line(app).dial().press("9")
    assert until(lambda: company.calls), leader.output()
    leader.kill()
    killed = time.monotonic()
    (first,) = company.calls
    attempt = session.scalars(select(EscalationAttempt)).one()
    data = {"CallSid": str(first["sid"]), "From": HOTLINE, "To": ON_DUTY, "CallStatus": "busy"}
    assert post_signed(app, f"/hotline/ladder/{attempt.id}/status", data).status_code == 204
    assert until(lambda: len(company.calls) > 1), standby.output()
    gap = time.monotonic() - killed
    record_property("gap_seconds", round(gap, 2))
    assert [call["to"] for call in company.calls] == [ON_DUTY, BACKUP]
    rung = [
        (urlsplit(fields["Url"][0]).path, fields["To"][0])
        for method, path, fields in company.asked
        if method == "POST" and path.endswith("Calls.json")
    ]
    line.hang_up()
    balanced(session, [line.sid], rung)


def test_a_dial_that_was_under_way_when_the_leader_died_is_looked_up(app, session, schedulers, company):
    leader, standby = schedulers
    company.silent.set()
    line = Line(app).dial().press("9")
    assert until(lambda: company.calls), leader.output()
    leader.kill()
    company.silent.clear()
    asked = len(company.asked)
    assert until(lambda: any(method == "GET" for method, *_ in company.asked[asked:])), standby.output()

    def known() -> str | None:
        session.rollback()
        return session.scalar(select(EscalationAttempt.provider_sid))

    assert until(known) == company.calls[0]["sid"]
    assert len(company.calls) == 1
    line.hang_up()
    balanced(session, [line.sid], [("one", ON_DUTY)])
