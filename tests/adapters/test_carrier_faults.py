"""What the test carrier does on purpose: callbacks late, twice, out of order or never, machines, lost answers."""

import pytest

from app.adapters.carrier.base import CarrierError
from app.adapters.carrier.simulator import SimulatorCarrier
from app.adapters.carrier.simulator.faults import Faults, read
from app.adapters.carrier.simulator.store import Store
from tests.adapters.test_simulator import BASE, CALLER, HOTLINE, STEWARD, Application, order

CALLS = 40


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def company(tmp_path, application, monkeypatch):
    """company(repeat=1.0) works off what it has to do when the test says so."""

    def make(**faults) -> SimulatorCarrier:
        carrier = SimulatorCarrier(Store(tmp_path / "simulator.db"), application, BASE, faults=Faults(**faults))
        monkeypatch.setattr(carrier, "work", lambda: None)
        return carrier

    return make


def calls(carrier: SimulatorCarrier, application: Application) -> list[list[str]]:
    """The status callbacks of some outgoing calls that are declined, per call in the order they came."""
    application.documents["/say"] = "<Hangup/>"
    sids = [carrier.create_call(order(detect_machine=False)) for _ in range(CALLS)]
    carrier.work_off()
    for sid in sids:
        carrier.answer(sid)
    for _ in range(6):
        carrier.work_off()
    heard = [(params["CallSid"], params["CallStatus"]) for path, params in application.asked if path == "/status"]
    return [[status for sid, status in heard if sid == wanted] for wanted in sids]


EACH = ["initiated", "ringing", "in-progress", "completed"]


def test_without_faults_every_callback_comes_once_and_in_order(company, application) -> None:
    assert calls(company(), application) == [EACH] * CALLS


def test_callbacks_are_repeated_lost_and_out_of_order_as_often_as_asked(company, application) -> None:
    assert all(len(heard) == 8 for heard in calls(company(repeat=1.0), application))
    application.asked.clear()
    assert calls(company(drop=1.0), application) == [[]] * CALLS
    application.asked.clear()
    some = sum(len(heard) for heard in calls(company(drop=0.25, seed=3), application))
    assert 0.6 * 4 * CALLS < some < 0.9 * 4 * CALLS


def test_the_same_seed_makes_the_same_faults() -> None:
    one, other = Faults(repeat=0.3, drop=0.3, seed=5), Faults(repeat=0.3, drop=0.3, seed=5)
    assert [list(one.deliveries()) for _ in range(50)] == [list(other.deliveries()) for _ in range(50)]
    mixed = Faults(reorder=0.5)
    assert {late > 0 for _ in range(50) for late, out in mixed.deliveries() if out} == {True}


def test_a_repeated_request_gets_the_second_answer_played(company, application) -> None:
    application.documents["/hotline/voice"] = "<Say>once</Say>"
    carrier = company(repeat=1.0)
    sid = carrier.dial(CALLER, HOTLINE)
    carrier.work_off()
    assert application.count("/hotline/voice") == 2
    assert [event.text for event in carrier.store.events(sid) if event.kind == "say"] == ["once"]


def test_a_machine_answers_by_itself_and_is_named(company, application) -> None:
    carrier = company(machines=frozenset({STEWARD}))
    carrier.create_call(order())
    for _ in range(3):
        carrier.work_off()
    assert any(params.get("AnsweredBy") == "machine_start" for _, params in application.asked)


def test_an_answer_is_lost_after_the_call_was_made(company) -> None:
    from datetime import UTC, datetime, timedelta

    carrier = company(lost_answers=frozenset({STEWARD}))
    with pytest.raises(CarrierError) as failure:
        carrier.create_call(order())
    assert failure.value.failure == "unknown"
    assert len(carrier.find_calls(to=STEWARD, since=datetime.now(UTC) - timedelta(minutes=1))) == 1


def test_refusals_are_permanent_or_pass(company) -> None:
    carrier = company(refused=frozenset({CALLER}), busy=2)
    kinds = []
    for to in (STEWARD, STEWARD, CALLER, STEWARD):
        try:
            carrier.create_call(order(to=to))
            kinds.append("made")
        except CarrierError as error:
            kinds.append(error.failure.value)
    assert kinds == ["temporary", "temporary", "permanent", "made"]


def test_a_document_that_is_refused_falls_back_with_the_number_of_the_error(company, application) -> None:
    application.documents["/hotline/voice"] = "<Gather><Dial>+8613900139001</Dial></Gather>"
    application.documents["/hotline/fallback"] = "<Say>recorded all the same</Say>"
    carrier = company()
    carrier.dial(CALLER, HOTLINE)
    carrier.work_off()
    assert application.last("/hotline/fallback")["ErrorCode"] == "13320"


def test_faults_are_read_from_words() -> None:
    faults = read("repeat=0.05 reorder=0.1 drop=1 delay=2.5 seed=7 busy=3 machine=+8613900139001,+8613900139002")
    assert (faults.repeat, faults.reorder, faults.drop, faults.delay_seconds) == (0.05, 0.1, 1.0, 2.5)
    assert (faults.seed, faults.busy, len(faults.machines)) == (7, 3, 2)
    for nonsense in ("repeat", "repeat=2", "colour=red"):
        with pytest.raises(ValueError):
            read(nonsense)
