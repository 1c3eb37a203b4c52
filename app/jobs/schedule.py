"""The schedule (G5, I1): which jobs there are, how often they run, and what counts as one period of work.

A *tick* runs every few seconds and asks an index what is due; missing a tick loses nothing. A *periodic* job belongs to a
day or a month: it runs once the hour of its period has come, also when that hour was slept through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from app.errors import N_, NotFound
from app.jobs import tasks

Counts = Mapping[str, int]
Task = Callable[[datetime], Counts]

DAILY, MONTHLY = "daily", "monthly"


@dataclass(frozen=True)
class Job:
    """One job. Either `every_seconds` (a tick), or `period` and `at` (local time; of the 1st when monthly)."""

    name: str
    task: Task
    purpose: str
    every_seconds: int | None = None
    period: str | None = None
    at: time = time(0)
    in_worker: bool = False
    at_once: int = 1
    """How many runs may overlap: one that waits for a slow carrier must not hold up another emergency."""

    def period_key(self, now: datetime, zone: ZoneInfo) -> str:
        """What `now` belongs to: the day (also for ticks, whose work is summed up by the day) or the month."""
        local = now.astimezone(zone)
        return f"{local:%Y-%m}" if self.period == MONTHLY else f"{local:%Y-%m-%d}"

    def has_come(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether the hour of this period's work has come."""
        local = now.astimezone(zone)
        if self.period == MONTHLY and local.day > 1:
            return True
        return local.time() >= self.at


JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        Job("outbox", tasks.outbox, N_("send what waits in the outbox"), every_seconds=1, in_worker=True),
        Job("ladder", tasks.ladder, N_("ring the duty roster for emergencies"), every_seconds=1, at_once=4),
        Job("campaigns", tasks.campaigns, N_("call and text what is planned"), every_seconds=1),
        Job("clocks", tasks.clocks, N_("warn of clocks near their end, note those that ran out"), every_seconds=20),
        Job("journal", tasks.journal, N_("replay calls kept while the database was away"), every_seconds=20),
        Job("reconcile", tasks.reconcile, N_("compare the carrier's list of calls with ours"), every_seconds=300),
        Job("watch", tasks.watched, N_("make test calls, tell what has fallen silent"), every_seconds=30),
        Job("recordings", tasks.recordings, N_("fetch voice recordings from the carrier"), every_seconds=15),
        Job("pictures", tasks.pictures, N_("fetch the pictures of text messages from the carrier"), every_seconds=15),
        Job("retention", tasks.retention, N_("remove what is kept only so long"), period=DAILY, at=time(4)),
        Job("call_recordings", tasks.call_recordings, N_("begin to record the calls that came in"), every_seconds=2),
        Job("recording_pauses", tasks.recording_pauses, N_("pause recordings while a PIN is keyed"), every_seconds=1),
        Job("close_settled", tasks.close_settled, N_("close what was done and not objected to"), every_seconds=600),
        Job("filing", tasks.filing, N_("file tickets that have been closed for long"), period=DAILY, at=time(2)),
        Job(
            "acceptances",
            tasks.acceptances,
            N_("remind of work that waits to be accepted, and pass it on"),
            every_seconds=60,
        ),
        Job("offers", tasks.offers, N_("tell of offers of work that nobody answers"), every_seconds=60),
        Job(
            "roster_gaps",
            tasks.roster_gaps,
            N_("fill in rotations, tell of gaps and double bookings of the coming days"),
            every_seconds=3600,
        ),
        Job("outages", tasks.outages, N_("ask after announced outages that should be over"), every_seconds=60),
        Job("handover", tasks.handover, N_("write handovers, tell of unsigned ones"), every_seconds=60),
        Job("records", tasks.records, N_("lay records that are whole before the supervisor"), every_seconds=600),
        Job(
            "return_visits",
            tasks.return_visits,
            N_("plan calls for return visits, remind of those due"),
            period=DAILY,
            at=time(9),
        ),
        Job(
            "arrears",
            tasks.arrears,
            N_("remind owners in arrears, tell the managers of the week's collection"),
            period=DAILY,
            at=time(9),
        ),
        Job("billing", tasks.billing, N_("go on with billing runs that are under way"), every_seconds=5),
        Job("bank_files", tasks.bank_files, N_("go on with bank files that are being taken over"), every_seconds=5),
        Job("books", tasks.books, N_("reckon every balance of the books anew and compare"), period=DAILY, at=time(3)),
        Job("surveys", tasks.surveys, N_("close surveys that are over, remind households"), period=DAILY, at=time(10)),
        Job("report_draft", tasks.report_draft, N_("draft last month's report"), period=MONTHLY, at=time(2)),
        Job("form_keys", tasks.form_keys, N_("forget forms that were sent long ago"), period=DAILY, at=time(3)),
        Job("orphans", tasks.orphans, N_("remove files that no record knows"), period=DAILY, at=time(3)),
        Job("reminders", tasks.reminders, N_("remind of reports on their way"), period=DAILY, at=time(9)),
    )
}


def job_named(name: str) -> Job:
    """The job of that name. Raises NotFound."""
    job = JOBS.get(name)
    if job is None:
        raise NotFound(N_("There is no job called %(name)s: `flask job list` names them."), name=name[:40])
    return job
