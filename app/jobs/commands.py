"""`flask --app run job …`: the schedule's jobs by hand, for repair after an outage (I1)."""

from __future__ import annotations

from datetime import datetime

import click
from flask.cli import AppGroup
from flask_babel import force_locale, gettext

from app.adapters.clock import now
from app.cli.support import house_command, say, settings
from app.errors import N_, Invalid
from app.jobs.runs import run_job
from app.jobs.schedule import JOBS
from app.services.local_time import local_zone

job_cli = AppGroup("job", help="The schedule's jobs: list them, run one once.")


@job_cli.command("list")
@house_command
def list_jobs() -> None:
    """Name every job of the schedule, how often it runs and what for."""
    for job in JOBS.values():
        when = f"{job.every_seconds} s" if job.every_seconds else f"{job.period} {job.at:%H:%M}"
        click.echo(f"{job.name:<14} {when:<14} {_translated(job.purpose)}")


@job_cli.command("run")
@click.argument("name")
@click.option("--at", "instant", default=None, help="Run as if it were this time (ISO 8601, local without an offset).")
@house_command
def run(name: str, instant: str | None) -> None:
    """Run job NAME once."""
    counts = run_job(name, read_instant(instant) if instant else now())
    did = ", ".join(f"{what} {count}" for what, count in counts.items() if count)
    say(N_("Job %(name)s has run: %(did)s"), name=name, did=did or _translated(N_("nothing to do")))


def read_instant(text: str) -> datetime:
    """An instant in ISO 8601; without an offset it is local, a bare date its first moment. Raises Invalid."""
    try:
        instant = datetime.fromisoformat(text.strip())
        instant = instant if instant.tzinfo else instant.replace(tzinfo=local_zone())
    except ValueError:
        raise Invalid(N_("This is not an instant: write it like 2026-03-31T08:00+08:00.")) from None
    if not 2000 <= instant.year <= 2100:
        raise Invalid(N_("This is not an instant: write it like 2026-03-31T08:00+08:00."))
    return instant


def _translated(msgid: str) -> str:
    with force_locale(settings().default_locale):
        return gettext(msgid)
