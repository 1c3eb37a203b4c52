"""What a first page shows beside the tickets: reports to be moved on, holes in the roster, money, the health of the house."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session, joinedload

from app.models import Bill, Community, DutyShift, Heartbeat, HotlineNumber, JobRun, Message, Report
from app.rules.codes import BillState, MessageState, ReportState, Tier
from app.rules.figures import collection_rate
from app.rules.roster import Gap, gaps
from app.services import arrears, roster
from app.services.access import rows
from app.services.actors import Actor

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


def roster_holes(session: Session, actor: Actor, now: datetime, days: int) -> list[Hole]:
    """The holes of the coming days in the actor's communities: one statement."""
    until = now + timedelta(days=days)
    ahead = (DutyShift.ends_at > now, DutyShift.starts_at < until, roster.still_with_us())
    coming = and_(DutyShift.community_id == Community.id, *ahead)
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


FAILED_WITHIN = timedelta(days=7)


def failed_messages(actor: Actor, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What did not reach its addressee in the last days: somebody must tell them otherwise."""
    return (
        Message.state == MessageState.FAILED_PERMANENT,
        Message.created_at >= now - FAILED_WITHIN,
        rows(actor, Message),
    )


def count_failed(session: Session, actor: Actor, now: datetime) -> int:
    """How many messages failed in the last days."""
    statement = select(func.count()).select_from(Message).where(*failed_messages(actor, now))
    return session.scalar(statement) or 0


def messages(
    session: Session, conditions: Sequence[ColumnElement[bool]], skip: int, most: int
) -> tuple[int, list[Message]]:
    """How many messages there are and a page of them, the newest first."""
    total = session.scalar(select(func.count()).select_from(Message).where(*conditions))
    page = select(Message).where(*conditions).options(joinedload(Message.ticket))
    page = page.order_by(Message.created_at.desc(), Message.id.desc()).offset(skip).limit(most)
    return total or 0, list(session.scalars(page))


def on_duty(session: Session, actor: Actor, now: datetime) -> list[DutyShift]:
    """Who is on duty now in the actor's communities, in ringing order."""
    return roster.on_duty_now(session, now, rows(actor, DutyShift))[:24]


@dataclass(frozen=True)
class Period:
    """The bills of a month in total, never a name."""

    period: str
    bills: int
    due: Decimal
    paid: Decimal

    @property
    def owed(self) -> Decimal:
        """What is still owed."""
        return self.due - self.paid

    @property
    def rate(self) -> Decimal | None:
        """The collection rate (D10); None where nothing was due."""
        return collection_rate(self.paid, self.due)


def bill_months(session: Session, actor: Actor, most: int = 12) -> list[Period]:
    """The latest months' bills: due and paid."""
    statement = (
        select(Bill.period, func.count(Bill.id), func.sum(Bill.amount), func.sum(Bill.paid_yuan))
        .where(rows(actor, Bill), Bill.state != BillState.CANCELLED)
        .group_by(Bill.period)
        .order_by(Bill.period.desc())
        .limit(most)
    )
    return [Period(*row) for row in session.execute(statement)]


@dataclass(frozen=True)
class Owed:
    """Bills of one kind: how many, and what is still to be paid of them."""

    bills: int
    total: Decimal


def bill_condition(what: str, today: date) -> ColumnElement[bool] | None:
    """The bills behind a number: `owed`, `overdue`, `open`, `part_paid`, or a month (`YYYY-MM`); None for nothing known."""
    if re.fullmatch(r"\d{4}-\d{2}", what, re.ASCII):
        return and_(Bill.period == what, Bill.state != BillState.CANCELLED)
    return _owing(today).get(what)


def _owing(today: date) -> dict[str, ColumnElement[bool]]:
    return {
        "owed": arrears.unpaid(),
        "overdue": arrears.overdue(today),
        "open": Bill.state == BillState.OPEN,
        "part_paid": Bill.state == BillState.PART_PAID,
    }


def owed(session: Session, actor: Actor, today: date) -> dict[str, Owed]:
    """The arrears in total, never a name: one statement."""
    columns: list[ColumnElement[Any]] = []
    owing = _owing(today)
    for condition in owing.values():
        columns += [func.count(case((condition, Bill.id))), func.sum(case((condition, Bill.amount)))]
        columns.append(func.sum(case((condition, Bill.paid_yuan))))
    row = session.execute(select(*columns).where(rows(actor, Bill), owing["owed"])).one()
    zero = Decimal("0.00")
    return {
        what: Owed(row[3 * place], (row[3 * place + 1] or zero) - (row[3 * place + 2] or zero))
        for place, what in enumerate(owing)
    }


def bills(
    session: Session, actor: Actor, condition: ColumnElement[bool], skip: int, most: int
) -> tuple[int, list[Bill]]:
    """How many bills there are and a page of them, the oldest first."""
    conditions = (rows(actor, Bill), condition)
    total = session.scalar(select(func.count()).select_from(Bill).where(*conditions))
    page = select(Bill).where(*conditions)
    page = page.options(joinedload(Bill.house), joinedload(Bill.payer), joinedload(Bill.fee_item))
    page = page.order_by(Bill.due_on, Bill.period, Bill.id).offset(skip).limit(most)
    return total or 0, list(session.scalars(page))


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
