"""Running a job and writing down that it ran: one row for each (job, period), unique in the database (G2, G5)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.jobs.schedule import Job, job_named
from app.models import JobRun
from app.services.local_time import local_zone
from app.services.transaction import transaction

log = logging.getLogger(__name__)

RETRY_AFTER = timedelta(minutes=10)
"""A run that failed, or whose process died, is tried again after this."""

_ERROR_LIMIT = 255


def run_job(name: str, at: datetime) -> Mapping[str, int]:
    """Run a job once as if it were `at`, and note it. Raises NotFound for an unknown name, and whatever the job raises.

    Every job may be run again for the same time: what it did once it does not do twice.
    """
    job = job_named(name)
    period = job.period_key(at, local_zone())
    with transaction() as session:
        _row(session, job.name, period, at)
    return _run(job, period, at)


def tick(job: Job, now: datetime) -> None:
    """One tick of the schedule: nothing is written when there was nothing to do. Never raises."""
    try:
        counts = job.task(now)
    except Exception as error:
        log.exception("job %s failed", job.name)
        _note(job, now, {}, error)
        return
    if any(counts.values()):
        _note(job, now, counts, None)


def run_if_due(job: Job, now: datetime) -> bool:
    """Run a periodic job if its hour has come and nobody has done this period's work. Never raises."""
    zone = local_zone()
    if not job.has_come(now, zone):
        return False
    period = job.period_key(now, zone)
    try:
        if not claim(job.name, period, now):
            return False
        _run(job, period, now)
    except Exception:
        log.exception("job %s failed for %s", job.name, period)
    return True


def claim(name: str, period: str, now: datetime) -> bool:
    """Take the work of a period: True for exactly one of many who ask at once, False when it is done or in hand."""
    try:
        with transaction() as session:
            row = session.scalars(_find(name, period).with_for_update()).first()
            if row is None:
                session.add(JobRun(job=name, period=period, started_at=now, result={}))
                session.flush()
                return True
            if row.finished_at is not None or now - row.started_at < RETRY_AFTER:
                return False
            row.started_at, row.error = now, None
            return True
    except IntegrityError:
        return False


def _run(job: Job, period: str, now: datetime) -> Mapping[str, int]:
    try:
        counts = job.task(now)
    except Exception as error:
        with transaction() as session:
            _row(session, job.name, period, now).error = _line(error)
        raise
    with transaction() as session:
        row = _row(session, job.name, period, now)
        row.finished_at, row.error = max(now, row.started_at), None
        row.result = _summed(row.result, counts) if job.period is None else dict(counts)
    return counts


def _note(job: Job, now: datetime, counts: Mapping[str, int], error: Exception | None) -> None:
    """Sum a tick's work into its day's row; when even that fails the log has it."""
    try:
        with transaction() as session:
            row = _row(session, job.name, job.period_key(now, local_zone()), now)
            row.result = _summed(row.result, counts)
            row.finished_at, row.error = now, _line(error) if error else None
    except Exception:
        log.exception("the run of job %s could not be noted", job.name)


def _row(session: Session, name: str, period: str, now: datetime) -> JobRun:
    row = session.scalars(_find(name, period)).first()
    if row is None:
        row = JobRun(job=name, period=period, started_at=now, result={})
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            row = session.scalars(_find(name, period)).one()
    return row


def _find(name: str, period: str):  # type: ignore[no-untyped-def]
    return select(JobRun).where(JobRun.job == name, JobRun.period == period)


def _summed(before: Mapping[str, int] | None, counts: Mapping[str, int]) -> dict[str, int]:
    total = dict(before or {})
    for name, count in counts.items():
        total[name] = total.get(name, 0) + count
    return total


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:_ERROR_LIMIT]
