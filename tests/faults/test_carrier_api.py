"""The carrier's interface is down, slow, busy, broken, or times out after it has accepted: over real HTTP, and each
attempt rings at most once."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.adapters.carrier.twilio import TwilioCarrier
from app.adapters.clock import now as present
from app.models import DutyShift, EscalationAttempt, Ladder, Staff, StaffCommunity, Ticket
from app.services.escalation_dial import tick
from app.services.transaction import transaction
from tests.support.books import balanced
from tests.support.carrier import Leg
from tests.support.hotline import HOTLINE, ON_DUTY, Line, build_estate, post_signed
from tests.support.twilio_company import ACCOUNT, Company, Turn, running

BACKUP = "+8613900139002"
BASE = "https://hotline.example.org"


@pytest.fixture
def company() -> Iterator[Company]:
    with running() as state:
        yield state


class Scene:
    """张伟 has pressed 9 and waits; `at(seconds)` runs the job that long after."""

    def __init__(self, app, session, company: Company, carrier: TwilioCarrier) -> None:
        self.app, self.session, self.company, self.carrier = app, session, company, carrier
        community = build_estate(session, present())
        staff = Staff(name="备班", role="steward", number=BACKUP)
        staff.community_links.append(StaffCommunity(community_id=community.id))
        session.add(staff)
        session.flush()
        span = {"starts_at": present() - timedelta(days=1), "ends_at": present() + timedelta(days=1)}
        session.add(DutyShift(community_id=community.id, tier="backup", staff_id=staff.id, number=BACKUP, **span))
        session.commit()
        self.line = Line(app).dial().press("9")
        self.start: datetime = present() + timedelta(seconds=1)

    def at(self, seconds: float) -> "Scene":
        self.company.created = self.start + timedelta(seconds=seconds)
        tick(transaction, self.carrier, BASE, self.start + timedelta(seconds=seconds))
        return self

    @property
    def attempts(self) -> list[tuple[str, str]]:
        self.session.expire_all()
        self.session.rollback()
        rows = self.session.scalars(select(EscalationAttempt).order_by(EscalationAttempt.id))
        return [(attempt.number, attempt.state) for attempt in rows]

    @property
    def rung(self) -> list[tuple[str, str]]:
        """(address, number) of every call the company made, in order."""
        orders = [
            fields for method, path, fields in self.company.asked if method == "POST" and path.endswith("Calls.json")
        ]
        return [(fields["Url"][0], fields["To"][0]) for fields in orders]

    def take(self) -> None:
        """The newest telephone is answered, and 1 is pressed."""
        from app.adapters.carrier.base import CallOrder

        (url, to), row = self.rung[-1], self.company.calls[-1]
        leg = Leg(self.app, CallOrder(to, HOTLINE, url, url.replace("/say", "/status")), str(row["sid"]))
        leg.take().press("1")
        self.session.rollback()
        assert self.session.scalars(select(Ladder.state)).one() == "accepted"

    def settled(self) -> None:
        """Nothing was rung twice, and the books are right."""
        self.line.hang_up()
        balanced(self.session, [self.line.sid], self.rung)
        assert self.session.query(Ticket).count() == 1


@pytest.fixture
def scene(app, session, company: Company) -> Iterator[Scene]:
    carrier = TwilioCarrier(ACCOUNT, "token", company.url, timeout=0.5)
    yield Scene(app, session, company, carrier)
    carrier.client.http_client.session.close()


@pytest.mark.parametrize("status", [400, 429, 503])
def test_a_refusal_rings_the_next_at_once_and_the_round_begins_again(scene: Scene, status: int) -> None:
    scene.company.status, scene.company.keeps = status, False
    scene.at(0)
    assert scene.attempts == [(ON_DUTY, "failed"), (BACKUP, "failed")]
    scene.company.status, scene.company.keeps = 0, True
    scene.at(6)
    assert scene.attempts[2:] == [(ON_DUTY, "dialling")]
    scene.take()
    scene.settled()


@pytest.mark.parametrize(("silent", "status"), [(True, 0), (False, 500)], ids=["timeout", "5xx"])
@pytest.mark.parametrize("made", [True, False], ids=["accepted", "not accepted"])
def test_no_answer_is_looked_up_before_anybody_else_is_rung(
    scene: Scene, silent: bool, status: int, made: bool
) -> None:
    scene.company.status, scene.company.keeps = status, made
    if silent:
        scene.company.silent.set()
    scene.at(0)
    assert scene.attempts == [(ON_DUTY, "unknown")]
    scene.company.silent.clear()
    scene.company.status, scene.company.keeps = 0, True
    scene.at(6)
    wanted = [(ON_DUTY, "dialling")] if made else [(ON_DUTY, "failed"), (BACKUP, "dialling")]
    assert scene.attempts == wanted
    assert len({number for _, number in scene.rung}) == len(scene.rung)
    scene.take()
    scene.settled()


def test_of_two_rings_of_one_telephone_the_report_says_which_is_which(scene: Scene) -> None:
    other = Line(scene.app, from_number="+8613800138002").dial().press("9")
    scene.company.turns.extend([Turn(500), Turn(500)])
    scene.at(0)
    assert scene.attempts == [(ON_DUTY, "unknown")] * 2
    scene.at(6)
    one, two = scene.session.scalars(select(EscalationAttempt).order_by(EscalationAttempt.id))
    assert {one.provider_sid, two.provider_sid} == {call["sid"] for call in scene.company.calls}
    # The list could not tell them apart; the first telephone reports as the call that the second was taken for.
    first, second = str(one.provider_sid), str(two.provider_sid)
    data = {"CallSid": second, "From": HOTLINE, "To": ON_DUTY, "CallStatus": "ringing"}
    assert post_signed(scene.app, f"/hotline/ladder/{one.id}/status", data).status_code == 204
    assert scene.attempts == [(ON_DUTY, "ringing"), (ON_DUTY, "unknown")]
    scene.at(7)
    assert scene.attempts == [(ON_DUTY, "ringing"), (ON_DUTY, "dialling")]
    scene.session.refresh(one)
    scene.session.refresh(two)
    assert (one.provider_sid, two.provider_sid) == (second, first)
    for line in (scene.line, other):
        line.hang_up()
    balanced(scene.session, [scene.line.sid, other.sid], scene.rung)


def test_a_carrier_that_is_down_is_tried_until_it_is_back(scene: Scene, monkeypatch) -> None:
    up = scene.carrier
    scene.carrier = TwilioCarrier(ACCOUNT, "token", "http://127.0.0.1:9", timeout=0.5)
    for second in (0, 6, 12):
        scene.at(second)
    scene.carrier.client.http_client.session.close()
    assert {state for _, state in scene.attempts} == {"failed"}
    assert scene.rung == []
    scene.carrier = up
    scene.at(18)
    assert scene.attempts[-1] == (ON_DUTY, "dialling")
    scene.take()
    scene.settled()


@pytest.mark.parametrize("known", ["completed", None])
def test_an_accepted_telephone_whose_end_is_never_reported_makes_way(scene: Scene, known: str | None) -> None:
    scene.line.say("厨房水管爆了")
    scene.at(0).take()
    row = scene.company.calls[0]
    row["status"] = "in-progress"
    scene.at(100)
    assert scene.attempts == [(ON_DUTY, "accepted")]
    if known is None:
        scene.company.calls.clear()
    else:
        row["status"] = known
    scene.at(200).at(211)
    assert scene.attempts == [(ON_DUTY, "failed"), (BACKUP, "dialling")]
    scene.take()
    scene.settled()


def test_one_slow_dial_does_not_hold_up_another_emergency(scene: Scene) -> None:
    """While the first waits for the carrier's answer, a second tick finds the other due and not the first again."""
    import threading

    scene.company.silent.set()
    first = threading.Thread(target=_tick_in, args=(scene, 0))
    first.start()
    while not scene.rung:
        first.join(0.01)
    other = Line(scene.app, from_number="+8613800138002").dial().press("9")
    scene.company.silent.clear()
    scene.at(1)
    assert [to for _, to in scene.rung] == [ON_DUTY, ON_DUTY]
    assert len({url for url, _ in scene.rung}) == 2
    first.join(10)
    other.hang_up()
    scene.line.hang_up()
    balanced(scene.session, [scene.line.sid, other.sid], scene.rung)


def _tick_in(scene: Scene, seconds: float) -> None:
    with scene.app.app_context():
        scene.at(seconds)
