"""What a first page shows beside the tickets: reports to be moved on, holes in the roster, money, the health of the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session, joinedload

from app.models import Bill, Clock, Community, DutyShift, Heartbeat, HotlineNumber, JobRun, Message, Report, Ticket
from app.rules.codes import BillState, ClockState, Kind, MessageState, ReportState, TicketState, Tier
from app.rules.roster import Gap, gaps
from app.services.access import rows
from app.services.actors import Actor
from app.services.policies import figure

UNFINISHED_REPORTS = (ReportState.DRAFT, ReportState.REVIEWED, ReportState.SIGNED)


@dataclass(frozen=True)
class Hole:
    """A stretch of the coming days for which nobody of a tier is on the roster."""

    community: Community
    tier: str
    gap: Gap


def waiting_reports(session: Session, actor: Actor) -> list[Report]:
    """Reports that are not published yet, the oldest month first."""
    statement = (
        select(Report)
        .where(rows(actor, Report), Report.state.in_(UNFINISHED_REPORTS))
        .options(joinedload(Report.community))
        .order_by(Report.month, Report.community_id, Report.version)
        .limit(12)
    )
    return list(session.scalars(statement))


def roster_holes(session: Session, actor: Actor, now: datetime) -> list[Hole]:
    """The holes of the coming days (7 by default) in the actor's communities: two statements."""
    until = now + timedelta(days=figure(session, "roster.look_ahead_days"))
    coming = and_(DutyShift.community_id == Community.id, DutyShift.ends_at > now, DutyShift.starts_at < until)
    spans: dict[Community, dict[str, list[tuple[datetime, datetime]]]] = {}
    for community, tier, starts, ends in session.execute(
        select(Community, DutyShift.tier, DutyShift.starts_at, DutyShift.ends_at)
        .outerjoin(DutyShift, coming)
        .where(rows(actor, Community))
        .order_by(Community.id)
    ):
        tiers = spans.setdefault(community, {})
        if tier is not None:
            tiers.setdefault(tier, []).append((starts, ends))
    return [
        Hole(community, tier, gap)
        for community, tiers in spans.items()
        for tier in Tier
        for gap in gaps(tiers.get(tier, []), now, until)
    ]


@dataclass(frozen=True)
class Month:
    """One community's month so far. `in_time` and `ended` count clocks that were met, and that have ended."""

    community: str
    tickets: int
    repairs: int
    complaints: int
    complaints_before: int
    done: int
    ended: int = 0
    in_time: int = 0


def month_figures(session: Session, actor: Actor, since: datetime, before: datetime) -> list[Month]:
    """The month that began at `since` beside the one that began at `before`, a line each community. One statement."""
    now = Ticket.created_at >= since
    complaint = Ticket.kind == Kind.COMPLAINT

    def count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(func.distinct(case((and_(*conditions), Ticket.id))))

    finished = Ticket.state.in_((TicketState.DONE, TicketState.VISITED, TicketState.CLOSED))
    ended = Clock.state.in_((ClockState.MET, ClockState.BREACHED))
    statement = (
        select(
            Community.name,
            count(now),
            count(now, Ticket.kind == Kind.REPAIR),
            count(now, complaint),
            count(Ticket.created_at < since, complaint),
            count(now, finished),
            func.count(case((and_(now, ended), Clock.id))),
            func.count(case((and_(now, Clock.state == ClockState.MET), Clock.id))),
        )
        .select_from(Ticket)
        .join(Community, Community.id == Ticket.community_id)
        .outerjoin(Clock, Clock.ticket_id == Ticket.id)
        .where(rows(actor, Ticket), Ticket.counts_in_figures, Ticket.created_at >= before)
        .group_by(Community.id, Community.name)
        .order_by(Community.id)
    )
    return [Month(*row) for row in session.execute(statement)]


MONTH_LISTS: dict[str, tuple[ColumnElement[bool], ...]] = {
    "all": (),
    "complaints": (Ticket.kind == Kind.COMPLAINT,),
}
"""What stands behind a number of the month: name → conditions."""


def month_list(
    session: Session, actor: Actor, what: str, since: datetime, until: datetime, skip: int, most: int
) -> list[Ticket]:
    """The tickets that a number of `month_figures` counted, the newest first."""
    statement = (
        select(Ticket)
        .where(rows(actor, Ticket), Ticket.counts_in_figures, *MONTH_LISTS[what])
        .where(Ticket.created_at >= since, Ticket.created_at < until)
        .options(joinedload(Ticket.house), joinedload(Ticket.category), joinedload(Ticket.assignee))
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
    )
    return list(session.scalars(statement.offset(skip).limit(most)))


@dataclass(frozen=True)
class Period:
    """The bills of a month in total, never a name."""

    period: str
    due: Decimal
    paid: Decimal

    @property
    def owed(self) -> Decimal:
        """What is still owed."""
        return self.due - self.paid

    @property
    def percent(self) -> int:
        """Paid of a hundred due; 100 where nothing was due."""
        return int(self.paid * 100 / self.due) if self.due else 100


def bill_months(session: Session, actor: Actor, most: int = 12) -> list[Period]:
    """The latest months' bills: due and paid."""
    statement = (
        select(Bill.period, func.sum(Bill.amount), func.sum(Bill.paid_yuan))
        .where(rows(actor, Bill), Bill.state != BillState.CANCELLED)
        .group_by(Bill.period)
        .order_by(Bill.period.desc())
        .limit(most)
    )
    return [Period(*row) for row in session.execute(statement)]


@dataclass(frozen=True)
class Owed:
    """What is still to be paid over all months, and how many bills of each state that is."""

    total: Decimal
    open_bills: int
    part_paid: int


def owed(session: Session, actor: Actor) -> Owed:
    """The arrears in total, never a name."""
    still = Bill.state.in_((BillState.OPEN, BillState.PART_PAID))
    row = session.execute(
        select(
            func.sum(Bill.amount),
            func.sum(Bill.paid_yuan),
            func.count(case((Bill.state == BillState.OPEN, Bill.id))),
            func.count(case((Bill.state == BillState.PART_PAID, Bill.id))),
        ).where(rows(actor, Bill), still)
    ).one()
    return Owed((row[0] or Decimal(0)) - (row[1] or Decimal(0)), row[2], row[3])


@dataclass(frozen=True)
class Health:
    """How the house itself is doing."""

    heartbeat_at: datetime | None
    failed_messages: int
    queued_messages: int
    communities: int
    hotline_numbers: int
    jobs: list[JobRun]


def health(session: Session) -> Health:
    """Messages that failed or wait, the scheduler's last beat, the latest run of each job: two statements."""
    row = session.execute(
        select(
            select(func.max(Heartbeat.beat_at)).scalar_subquery(),
            select(func.count())
            .select_from(Message)
            .where(Message.state == MessageState.FAILED_PERMANENT)
            .scalar_subquery(),
            select(func.count()).select_from(Message).where(Message.state == MessageState.QUEUED).scalar_subquery(),
            select(func.count()).select_from(Community).scalar_subquery(),
            select(func.count()).select_from(HotlineNumber).where(HotlineNumber.active).scalar_subquery(),
        )
    ).one()
    latest = select(func.max(JobRun.id)).group_by(JobRun.job)
    jobs = list(session.scalars(select(JobRun).where(JobRun.id.in_(latest)).order_by(JobRun.job)))
    return Health(row[0], row[1], row[2], row[3], row[4], jobs)


def month_bounds(today: date) -> tuple[date, date]:
    """The first of this month and of the one before."""
    first = today.replace(day=1)
    return first, (first - timedelta(days=1)).replace(day=1)
