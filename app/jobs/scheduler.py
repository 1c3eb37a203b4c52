"""The schedule's processes: APScheduler with the jobs of `schedule`, in the one process that holds the leader's lock.

`start_scheduler` runs it on threads beside the embedded web server, `run_scheduler` as a process of its own, `run_worker` adds
hands for what leaves the house.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from app.adapters.clock import now
from app.jobs.leader import LeaderLock, holder_name, leader_lock
from app.jobs.runs import run_if_due, tick
from app.jobs.schedule import JOBS, Job
from app.jobs.watchdog import start_watchdog
from app.models import Heartbeat
from app.services.transaction import transaction

log = logging.getLogger(__name__)

CALENDAR_SECONDS = 30
"""How often it is asked whether the hour of a daily or monthly job has come."""

STANDBY_SECONDS = 1.0
BEAT_SECONDS = 5.0
SET_BACK = timedelta(seconds=2)
"""A clock that goes slow is corrected by less between two beats."""

THREADS = 8
EMERGENCIES = "ladder"
"""The job with threads of its own: a carrier that answers slowly holds up every other one, never an emergency."""


def start_scheduler(app: Flask) -> Callable[[], None]:
    """Run the schedule on threads of this process, as leader or standby. Returns what stops it and waits for its jobs."""
    leadership = Leadership(app, leader_lock(app.extensions["settings"]))
    leadership.start()
    return leadership.stop


def run_scheduler(app: Flask) -> None:
    """Run the schedule until the process is asked to end (SIGTERM, SIGINT)."""
    stop = start_scheduler(app)
    _until_signal().wait()
    stop()


def run_worker(app: Flask) -> None:
    """Run only the jobs that carry things out of the house, beside the scheduler's own: what one claims the other leaves."""
    scheduler = _new_scheduler()
    for job in JOBS.values():
        if job.in_worker:
            _add_tick(scheduler, app, job)
    scheduler.start()
    start_watchdog(app)
    _until_signal().wait()
    scheduler.shutdown(wait=True)


class Leadership:
    """A thread that tries for the lock, runs the schedule while it holds it, and beats for `/readyz`."""

    def __init__(self, app: Flask, lock: LeaderLock, scheduler: BackgroundScheduler | None = None) -> None:
        self.app, self.lock = app, lock
        self.scheduler = scheduler or build_scheduler(app)
        self.leading = threading.Event()
        self._clock = Clock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._keep_trying, name="leadership", daemon=True)

    def start(self) -> None:
        """Begin to try for the lock."""
        self.scheduler.start(paused=True)
        self._thread.start()

    def stop(self) -> None:
        """Let running jobs end, then give up the lock."""
        self._stopped.set()
        self._thread.join(timeout=30)
        self.scheduler.shutdown(wait=True)
        self.lock.release()

    def _keep_trying(self) -> None:
        while not self._stopped.is_set():
            try:
                self._once()
            except Exception:
                log.exception("the schedule's leadership stumbled")
            self._stopped.wait(BEAT_SECONDS if self.leading.is_set() else STANDBY_SECONDS)

    def _once(self) -> None:
        if self.leading.is_set() and not self.lock.held():
            log.warning("the schedule's lock was lost: standing by")
            self.scheduler.pause()
            self.leading.clear()
        elif not self.leading.is_set() and self.lock.acquire():
            log.info("this process runs the schedule now")
            self.leading.set()
            self.scheduler.resume()
        if self._clock.was_set_back():
            log.warning("the clock was set back: every job is due now")
            run_now(self.scheduler)
        if self.leading.is_set():
            self._beat()

    def _beat(self) -> None:
        with self.app.app_context(), transaction() as session:
            session.merge(Heartbeat(name="scheduler", beat_at=now(), holder=holder_name()))


class Clock:
    """Notices that the machine's clock was set back, by a clock that cannot be."""

    def __init__(self) -> None:
        self._wall, self._steady = now(), time.monotonic()

    def was_set_back(self) -> bool:
        """Whether it was, since the last question."""
        wall, steady = now(), time.monotonic()
        expected = self._wall + timedelta(seconds=steady - self._steady)
        self._wall, self._steady = wall, steady
        return wall < expected - SET_BACK


def run_now(scheduler: BackgroundScheduler) -> None:
    """APScheduler waits for the instants it has written down: after a clock was set back an hour, for an hour."""
    for job in scheduler.get_jobs():
        job.modify(next_run_time=now())


def build_scheduler(app: Flask) -> BackgroundScheduler:
    """The schedule, not started: a tick a job, and one that asks for the periodic ones."""
    scheduler = _new_scheduler()
    for job in JOBS.values():
        if job.every_seconds is not None:
            _add_tick(scheduler, app, job)
    _add(scheduler, "calendar", CALENDAR_SECONDS, lambda: _calendar(app))
    return scheduler


def _new_scheduler() -> BackgroundScheduler:
    # A tick that finds its forerunner still at work is skipped: it would ask for the same rows.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    return BackgroundScheduler(
        timezone=UTC,
        executors={
            "default": ThreadPoolExecutor(THREADS),
            EMERGENCIES: ThreadPoolExecutor(JOBS[EMERGENCIES].at_once),
        },
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )


def _add_tick(scheduler: BackgroundScheduler, app: Flask, job: Job) -> None:
    assert job.every_seconds is not None
    _add(scheduler, job.name, job.every_seconds, lambda: _tick(app, job), job.at_once)


def _add(
    scheduler: BackgroundScheduler, name: str, seconds: int, function: Callable[[], None], at_once: int = 1
) -> None:
    first: datetime = now()
    every = IntervalTrigger(seconds=seconds, timezone=UTC)
    executor = EMERGENCIES if name == EMERGENCIES else "default"
    scheduler.add_job(function, every, id=name, next_run_time=first, max_instances=at_once, executor=executor)


def _tick(app: Flask, job: Job) -> None:
    with app.app_context():
        tick(job, now())


def _calendar(app: Flask) -> None:
    for job in JOBS.values():
        if job.period is not None:
            with app.app_context():
                run_if_due(job, now())


def _until_signal() -> threading.Event:
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    return ended
