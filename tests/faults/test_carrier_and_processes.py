"""The carrier fails in every way it can while web and scheduler run as processes: the ladder goes on by itself, each attempt rings
at most once, and what no callback told is right within one cycle of the reconciler (G3, G4, D7)."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import Call, EscalationAttempt, Ladder, Ticket
from app.rules.codes import AttemptState
from tests.support.hotline import HOTLINE, LI, ON_DUTY, STRANGER, ZHANG
from tests.support.town import BACKUP, Town, TownLine, until
from tests.support.twilio_company import ACCOUNT, Turn


@pytest.fixture(scope="module")
def town(new_town, company) -> Town:
    made = new_town(company).settle()
    made.start("web")
    made.start("scheduler")
    return made


@pytest.fixture(autouse=True)
def balanced(town: Town):
    """After every fault: calls placed = calls recorded = tickets, and nobody rung twice for one attempt."""
    yield
    town.balanced()


def attempts(town: Town, line: TownLine) -> list[tuple[str, str]]:
    """(number, state) of every ring of this caller's emergency, in order."""
    rows = select(EscalationAttempt).join(Ladder).join(Call, Call.id == Ladder.call_id)
    mine = rows.where(Call.provider_sid == line.sid).order_by(EscalationAttempt.id)
    return [(one.number, one.state) for one in town.look().scalars(mine)]


def rings(town: Town, line: TownLine, *wanted: tuple[str, str]) -> bool:
    return bool(until(lambda: attempts(town, line) == list(wanted)))


def take(town: Town, line: TownLine) -> None:
    """Whoever is being rung for this caller answers and presses 1; the caller hangs up after the talk."""
    rows = select(EscalationAttempt).join(Ladder).join(Call, Call.id == Ladder.call_id)
    mine = rows.where(Call.provider_sid == line.sid).order_by(EscalationAttempt.id.desc())
    attempt = town.look().scalars(mine).first()
    assert attempt is not None
    town.staff({"sid": attempt.provider_sid, "to": attempt.number}, f"/hotline/ladder/{attempt.id}/say").press("1")
    assert attempts(town, line)[-1][1] == AttemptState.ACCEPTED
    line.hang_up()


def test_each_refusal_rings_the_next_at_once(town, company):
    company.turns.extend([Turn(400, keeps=False), Turn(429, keeps=False), Turn(503, keeps=False)])
    line = town.dial().press("9")
    refused = [(ON_DUTY, "failed"), (BACKUP, "failed"), (ON_DUTY, "failed")]
    assert rings(town, line, *refused, (BACKUP, "dialling")), attempts(town, line)
    take(town, line)


def test_an_interface_that_is_down_is_tried_until_it_is_back(town, company):
    company.down()
    rung = len(town.rung)
    line = town.dial().press("9")
    assert until(lambda: attempts(town, line)[:2] == [(ON_DUTY, "failed"), (BACKUP, "failed")])
    assert len(town.rung) == rung
    company.up()
    assert until(lambda: attempts(town, line)[-1][1] == "dialling")
    take(town, line)


def test_what_was_accepted_and_never_answered_is_looked_up_and_rings_once(town, company):
    """Three emergencies at once: the line breaks after the order, an error comes after it, and the order got lost."""
    company.turns.extend([Turn(cut=True), Turn(500), Turn(cut=True, keeps=False)])
    made = len(company.calls)
    lines = [town.dial(number).press("9") for number in (ZHANG, LI, STRANGER)]
    # One call was not made: the next person is rung for it. The others are found, each its own.
    assert until(lambda: [call["to"] for call in company.calls[made:]] == [ON_DUTY, ON_DUTY, BACKUP])
    assert until(lambda: all(attempts(town, line)[-1][1] == "dialling" for line in lines))
    sids = set(town.look().scalars(select(EscalationAttempt.provider_sid).where(EscalationAttempt.state == "dialling")))
    assert sids == {str(call["sid"]) for call in company.calls[made:]}
    for line in lines:
        take(town, line)


def test_a_dial_that_hangs_past_its_time_holds_up_no_other(town, company):
    held = threading.Event()
    company.turns.append(Turn(held=held))
    made = len(company.calls)
    first = town.dial(ZHANG).press("9")
    assert until(lambda: len(company.calls) == made + 1)
    other = town.dial(LI).press("9")
    assert rings(town, other, (ON_DUTY, "dialling")), "while the first still waits for its answer"
    assert attempts(town, first) == [(ON_DUTY, "pending")]
    take(town, other)
    assert rings(town, first, (ON_DUTY, "dialling")), "given up after ten seconds, looked up, found"
    held.set()
    assert len(company.calls) == made + 2
    take(town, first)


def test_what_no_callback_told_is_right_after_one_cycle(town, company):
    """One hangs up in the middle of a question, one after 9; of a third not even the first webhook has come."""
    asked, urgent = town.dial(ZHANG).press("1"), town.dial(LI).press("9")
    assert until(lambda: attempts(town, urgent) and attempts(town, urgent)[-1][1] == "dialling")
    unheard = TownLine(town, STRANGER)
    town.placed.append(unheard.sid)
    ended_at = present() - timedelta(minutes=4)
    for line in (asked, urgent, unheard):
        company.calls.append(over(line, ended_at))
    # The first thing that a scheduler does is a cycle of the reconciler.
    town.servers[1].kill()
    town.servers[1].start()
    sids = [line.sid for line in (asked, urgent, unheard)]
    ended = select(Call).where(Call.provider_sid.in_(sids), Call.ended_at.is_not(None))
    assert until(lambda: len(town.look().scalars(ended).all()) == len(sids)), town.servers[1].output()
    tickets = sorted(town.look().scalars(select(Ticket.number)))
    town.balanced()
    # The callbacks come after all, twice and late: nothing changes.
    for line in (asked, urgent, unheard, urgent):
        line.hang_up()
    assert sorted(town.look().scalars(select(Ticket.number))) == tickets
    take(town, urgent)


def over(line: TownLine, ended_at: datetime) -> dict[str, object]:
    """A call that came in and has ended, as it stands in the carrier's list."""

    def stamp(at: datetime) -> str:
        return at.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")

    began = stamp(ended_at - timedelta(seconds=30))
    return {
        "sid": line.sid, "to": HOTLINE, "from": line.from_number, "status": "completed", "direction": "inbound",
        "date_created": began, "start_time": began, "end_time": stamp(ended_at), "duration": "30", "account_sid": ACCOUNT,
    }  # fmt: skip
