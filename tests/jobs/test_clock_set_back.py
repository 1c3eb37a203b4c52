"""The machine's clock is set back an hour: the schedule runs on, and what was written before is not waited for."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from app.jobs import scheduler as schedule
from app.services.outbox import enqueue
from app.services.outbox_delivery import claim
from app.services.transaction import transaction

HOUR = timedelta(hours=1)


@pytest.fixture
def set_back(monkeypatch):
    """set_back(span) moves every clock the schedule reads."""
    shift = [timedelta(0)]

    class Shifted(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - shift[0]

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Shifted)
    monkeypatch.setattr(schedule, "now", lambda: datetime.now(UTC) - shift[0])
    return lambda span: shift.__setitem__(0, span)


def test_the_schedule_goes_on(set_back):
    ran = threading.Event()
    scheduler: BackgroundScheduler = schedule._new_scheduler()
    schedule._add(scheduler, "test", 1, ran.set)
    clock = schedule.Clock()
    scheduler.start()
    try:
        assert ran.wait(20)
        assert not clock.was_set_back()
        set_back(HOUR)
        assert clock.was_set_back()
        assert not clock.was_set_back(), "said once"
        schedule.run_now(scheduler)
        ran.clear()
        assert ran.wait(20)
        ran.clear()
        assert ran.wait(20), "and again after that"
        assert scheduler.get_job("test").next_run_time < datetime.now(UTC) - HOUR + timedelta(minutes=1)
    finally:
        scheduler.shutdown(wait=True)


@pytest.mark.parametrize("seconds", [0.5, -1.5])
def test_a_clock_that_is_corrected_a_little_is_no_news(set_back, seconds):
    clock = schedule.Clock()
    set_back(timedelta(seconds=-seconds))
    assert not clock.was_set_back()


def test_a_message_written_before_is_sent_now_and_one_for_later_is_not(app, session, now):
    def put(key: str, wait: timedelta) -> int:
        with transaction() as writing:
            message = enqueue(writing, channel="sms", to="+8613800138001", purpose="test", body="x", key=key, now=now)
            message.next_at = now + wait
            return message.id

    due, later, failed = put("due", timedelta(0)), put("later", 2 * HOUR), put("failed", -HOUR)
    with transaction() as writing:
        assert claim(writing, due, now - HOUR) is not None
        assert claim(writing, later, now - HOUR) is None
        assert claim(writing, failed, now - HOUR - timedelta(minutes=5)) is None
