"""Jobs and their rows: each period is worked off once, a tick never raises, a repair by hand may be repeated (I1, G5)."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.errors import NotFound
from app.jobs import runs
from app.jobs.runs import claim, run_if_due, run_job, tick
from app.jobs.schedule import DAILY, JOBS, MONTHLY, Job, job_named
from app.models import Building, DutyShift, JobRun, Message, Setting, Survey, Ticket
from app.services.return_visits import due_visit
from app.services.ticket_verbs import perform
from app.services.transaction import transaction
from tests.support.surveys import add_houses, opened, questionnaire_of
from tests.support.tickets import small_estate

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def rows(session) -> list[tuple[str, str]]:
    session.expire_all()
    return [tuple(row) for row in session.execute(select(JobRun.job, JobRun.period).order_by(JobRun.id))]


def job(task, **more) -> Job:
    return Job("test", task, "test", **more)


def test_the_schedule_names_the_jobs_of_the_interface():
    named = {
        "outbox",
        "clocks",
        "ladder",
        "reconcile",
        "journal",
        "recordings",
        "roster_gaps",
        "handover",
        "return_visits",
        "surveys",
        "report_draft",
        "reminders",
    }
    assert named <= set(JOBS)
    for each in JOBS.values():
        assert (each.every_seconds is None) != (each.period is None)


def test_an_unknown_job_is_named_as_such():
    with pytest.raises(NotFound, match="job list"):
        job_named("lunch")


@pytest.mark.parametrize(
    ("period", "at", "instant", "key", "come"),
    [
        (DAILY, time(8), "2026-03-10T07:59", "2026-03-10", False),
        (DAILY, time(8), "2026-03-10T08:00", "2026-03-10", True),
        (MONTHLY, time(2), "2026-03-01T01:59", "2026-03", False),
        (MONTHLY, time(2), "2026-03-01T02:00", "2026-03", True),
        (MONTHLY, time(2), "2026-03-17T00:00", "2026-03", True),  # slept through the 1st
        (DAILY, time(0), "2026-03-10T23:59", "2026-03-10", True),
    ],
)
def test_a_period_is_a_local_day_or_month(period, at, instant, key, come):
    daily = job(lambda now: {}, period=period, at=at)
    now = datetime.fromisoformat(instant).replace(tzinfo=SHANGHAI)
    assert (daily.period_key(now, SHANGHAI), daily.has_come(now, SHANGHAI)) == (key, come)


def test_a_period_is_worked_off_once(session, now):
    seen = []
    daily = job(lambda at: seen.append(at) or {"did": 1}, period=DAILY, at=time(8))
    assert run_if_due(daily, now)
    assert not run_if_due(daily, now + HOUR)
    assert run_if_due(daily, now + DAY)
    assert seen == [now, now + DAY]
    assert rows(session) == [("test", "2026-03-10"), ("test", "2026-03-11")]


def test_before_its_hour_a_daily_job_rests(session, now):
    assert not run_if_due(job(lambda at: {}, period=DAILY, at=time(23)), now)
    assert rows(session) == []


def test_a_failed_run_says_why_and_is_tried_again_after_a_while(session, now):
    attempts = []

    def failing(at):
        attempts.append(at)
        if len(attempts) == 1:
            raise RuntimeError("the disk is full")
        return {"did": 1}

    daily = job(failing, period=DAILY)
    run_if_due(daily, now)
    assert session.scalars(select(JobRun.error)).one() == "RuntimeError: the disk is full"
    assert not run_if_due(daily, now + MINUTE)
    assert run_if_due(daily, now + 10 * MINUTE)
    session.expire_all()
    row = session.scalars(select(JobRun)).one()
    assert (row.error, row.result, len(attempts)) == (None, {"did": 1}, 2)


def test_of_two_who_ask_one_gets_the_work(session, now):
    assert [claim("test", "2026-03-10", now), claim("test", "2026-03-10", now)] == [True, False]


def test_a_tick_with_nothing_to_do_writes_nothing_and_work_is_summed_up_by_the_day(session, now):
    every = job(lambda at: {"sent": 0}, every_seconds=1)
    tick(every, now)
    assert rows(session) == []
    for _ in range(3):
        tick(job(lambda at: {"sent": 2}, every_seconds=1), now)
    session.expire_all()
    assert session.scalars(select(JobRun.result)).one() == {"sent": 6}


def test_a_tick_that_fails_is_noted_and_does_not_raise(session, now, caplog):
    def broken(at):
        raise ValueError("no carrier")

    tick(job(broken, every_seconds=1), now)
    assert session.scalars(select(JobRun.error)).one() == "ValueError: no carrier"


@pytest.fixture
def registered(session, now):
    with transaction() as writing:
        estate = small_estate(writing)
        ticket = estate.open(writing, now)
        estate.walk(writing, ticket, now, "dispatch")
    return estate, ticket


def test_the_clock_job_run_twice_writes_once(session, registered, now):
    first = run_job("clocks", now + HOUR)
    assert first["breached"] == 1
    assert run_job("clocks", now + HOUR) == {"warned": 0, "breached": 0, "failed": 0, "waits": 0}
    assert len(session.scalars(select(Message).where(Message.purpose == "breach")).all()) == 1
    assert rows(session) == [("clocks", "2026-03-10")]


def test_done_closes_after_72_hours_unless_a_visit_is_due(session, now, caplog):
    with transaction() as writing:
        estate = small_estate(writing)
        tickets = [estate.open(writing, now) for _ in range(12)]
        complaint = estate.open(writing, now, kind="complaint")
        for ticket in [*tickets, complaint]:
            estate.walk(writing, ticket, now, "dispatch", "start", "finish")
        drawn_ids = {t.id for t in tickets if due_visit(t)}
        assert len(drawn_ids) in (3, 4), "30 % of twelve"
        all_ids = {t.id for t in tickets}
    assert run_job("close_settled", now + 72 * HOUR - MINUTE) == {"closed": 0}
    assert run_job("close_settled", now + 72 * HOUR) == {"closed": len(all_ids - drawn_ids)}
    assert run_job("close_settled", now + 72 * HOUR) == {"closed": 0}
    session.expire_all()
    closed = set(session.scalars(select(Ticket.id).where(Ticket.state == "closed")))
    assert closed == all_ids - drawn_ids
    assert not caplog.records  # what is not settled was not even tried


def test_what_was_reopened_does_not_close_by_itself(session, now):
    with transaction() as writing:
        estate = small_estate(writing)
        writing.add(Setting(key="visits.sample_percent", value="0"))
        ticket = estate.open(writing, now)
        estate.walk(writing, ticket, now, "dispatch", "start", "finish")
        perform(writing, ticket, "reopen", estate.actor("assistant"), now + HOUR, {"note": "没修好"})
    assert run_job("close_settled", now + 100 * HOUR) == {"closed": 0}


def test_a_gap_in_the_roster_is_told_once_and_again_when_it_comes_back(session, now):
    with transaction() as writing:
        estate = small_estate(writing)
        number = estate.staff["manager"].number
    assert run_job("roster_gaps", now)["told"] >= 1
    run_job("roster_gaps", now + HOUR)
    told = session.scalars(select(Message.to).where(Message.purpose == "roster_gap", Message.to == number)).all()
    assert len(told) == 1
    run_job("roster_gaps", now + DAY)
    session.expire_all()
    told = select(Message).where(Message.purpose == "roster_gap", Message.to == number)
    assert len(session.scalars(told).all()) == 1
    with transaction() as writing:
        shift = DutyShift(
            community_id=estate.community.id,
            tier="backup",
            staff_id=estate.staff["steward"].id,
            number="+8613900139009",
            starts_at=now + DAY,
            ends_at=now + 30 * DAY,
        )
        writing.add(shift)
    run_job("roster_gaps", now + DAY + HOUR)
    with transaction() as writing:
        writing.delete(writing.merge(shift))
    run_job("roster_gaps", now + DAY + 2 * HOUR)
    session.expire_all()
    assert len(session.scalars(told).all()) == 2


def test_the_supervisor_hears_of_visits_that_are_due(session, now):
    with transaction() as writing:
        estate = small_estate(writing)
        ticket = estate.open(writing, now, kind="complaint")
        estate.walk(writing, ticket, now, "dispatch", "start", "finish")
        number = estate.staff["supervisor"].number
    assert run_job("return_visits", now + 5 * DAY) == {"due": 1, "told": 1, "calls": 1, "lapsed": 0}
    message = session.scalars(select(Message).where(Message.purpose == "return_visits")).one()
    assert message.to == number


def test_the_commands_list_and_run_jobs(runner, session, now):
    listed = runner.invoke(args=["job", "list"])
    assert listed.exit_code == 0
    assert {line.split()[0] for line in listed.output.splitlines() if line.strip()} == set(JOBS)
    assert runner.invoke(args=["job", "run", "clocks", "--at", "2026-03-10T08:00+08:00"]).exit_code == 0
    for nonsense in (
        ["job", "run", "lunch"],
        ["job", "run", "clocks", "--at", "tomorrow"],
        ["job", "run", "clocks", "--at", "0001-01-01"],
    ):
        result = runner.invoke(args=nonsense)
        assert result.exit_code == 2
        assert "Traceback" not in result.output


def test_a_run_by_hand_of_a_period_that_was_done_runs_again(session, now, monkeypatch):
    seen = []
    monkeypatch.setitem(JOBS, "test", job(lambda at: seen.append(at) or {}, period=DAILY))
    run_if_due(JOBS["test"], now)
    runs.run_job("test", now)
    assert len(seen) == 2
    assert rows(session) == [("test", "2026-03-10")]


def test_surveys_close_after_their_last_day_and_the_others_are_reminded(session, now):
    with transaction() as writing:
        estate = small_estate(writing)
        manager = estate.actor("manager")
        found = questionnaire_of(writing, manager, now)
        buildings = [writing.get_one(Building, estate.houses[position].building_id) for position in (3, 4)]
        for building in buildings:
            add_houses(writing, building, 5)
        over = opened(writing, manager, now, found, buildings[:1], closes_on="2026-03-11").id
        going = opened(writing, manager, now, found, buildings[1:]).id
    assert run_job("surveys", now + DAY) == {"closed": 0, "reminded": 0}
    assert run_job("surveys", now + 2 * DAY) == {"closed": 1, "reminded": 0}
    assert run_job("surveys", now + 3 * DAY) == {"closed": 0, "reminded": 5}
    assert run_job("surveys", now + 3 * DAY) == {"closed": 0, "reminded": 0}
    session.expire_all()
    closed = session.get_one(Survey, over)
    assert (closed.state, closed.closed_by, closed.figures["asked"]) == ("closed", "surveys", 6)
    assert session.get_one(Survey, going).state == "open"
