"""Two workers at one round, a crash in the middle of it: every house is reminded once a month and step (D10)."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from app.jobs import tasks
from app.models import CampaignTarget, Community, FeeReminder, Message
from app.services import letters, outbound_dial, reminders
from app.services.transaction import transaction
from tests.support.carrier import FakeCarrier
from tests.support.fees import START, Fees
from tests.support.hotline import build_estate

HOUSES = ("3幢2单元1201", "1幢1单元101", "5幢1单元302", "2幢1单元601", "2幢1单元602", "3幢1单元1201")
WORKERS = 4


@pytest.fixture
def fees(app, session) -> Fees:
    owing = Fees(app, session, build_estate(session, START))
    for house in HOUSES:
        owing.bill(house)
    return owing


def together(app, jobs: list[Callable[[], Any]]) -> list[Any]:
    barrier = threading.Barrier(len(jobs), timeout=30)

    def run(job: Callable[[], Any]) -> Any:
        with app.app_context():
            barrier.wait()
            return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(60) for future in [pool.submit(run, job) for job in jobs]]


def keys(fees: Fees) -> Counter[tuple[int, int]]:
    found = Counter(fees.session.execute(select(FeeReminder.house_id, FeeReminder.step_id)).tuples().all())
    fees.session.rollback()
    return found


@pytest.mark.parametrize("_", range(3))
def test_workers_at_one_round_plan_every_step_once(app, session, fees: Fees, _) -> None:
    def plan() -> int:
        with transaction() as writing:
            counts = reminders.run(writing, writing.get_one(Community, fees.community_id), START)
            return counts["sms"]

    assert sum(together(app, [plan] * WORKERS)) == len(HOUSES)
    assert set(keys(fees).values()) == {1}
    assert len(keys(fees)) == len(HOUSES)
    carrier = FakeCarrier()
    together(app, [lambda: outbound_dial.tick(transaction, carrier, "https://h.example.org", START)] * WORKERS)
    numbers = session.scalars(select(Message.to).where(Message.purpose == "reminder")).all()
    assert len(numbers) == len(set(numbers)) == 4, "two houses share an owner, two a number"


def test_the_whole_job_at_once_is_one_round(app, session, fees: Fees) -> None:
    together(app, [lambda: tasks.arrears(START)] * WORKERS)
    assert set(keys(fees).values()) == {1}
    assert len(keys(fees)) == len(HOUSES)


@pytest.mark.parametrize("day", [0, 12])
def test_a_crash_in_the_middle_leaves_nothing_and_the_next_run_makes_it_whole(
    app, session, fees: Fees, monkeypatch: pytest.MonkeyPatch, day: int
) -> None:
    for before in (0, 5) if day else ():
        fees.run(before)
    known = len(fees.made)
    calls = iter(range(100))

    def dies(module: Any, name: str) -> None:
        real = getattr(module, name)

        def third(*given: Any, **named: Any) -> Any:
            if next(calls) == 2:
                raise RuntimeError("killed")
            return real(*given, **named)

        monkeypatch.setattr(module, name, third)

    dies(letters, "written") if day else dies(reminders.campaigns, "plan")
    with pytest.raises(RuntimeError, match="killed"):
        fees.run(day)
    session.rollback()
    assert len(fees.made) == known
    assert not session.scalars(select(CampaignTarget.id).where(CampaignTarget.way == "sms")).all() or day
    session.rollback()
    assert sum(fees.run(day).values()) == len(HOUSES)
    assert fees.run(day) == {}
    assert set(keys(fees).values()) == {1}
