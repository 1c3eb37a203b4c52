"""The records of a community's month, each read by one plain query with nothing decided: rules make figures of them.

A request belongs to the month in which it was registered; a visit to the month it was made in; a bill to its period.
Nothing here reads a name, a phone, a house's name or a ticket's text.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select, type_coerce
from sqlalchemy.orm import Session, joinedload, selectinload

from app.models import (
    Bill,
    Call,
    Clock,
    EscalationAttempt,
    FeeItem,
    House,
    Ladder,
    Message,
    PlanDrill,
    PlanVersion,
    ReturnVisit,
    Ticket,
)
from app.models.base import Money
from app.rules.codes import OCCUPIED_STATES, AttemptState, BillState, DrillState, MessageState, VisitState
from app.services.arrears import rest, unpaid
from app.services.reporting.period import Month
from app.services.reporting.special import EventFact, read_events


@dataclass(frozen=True)
class Request:
    """What counts of a ticket. `clocks` are the states of its clocks."""

    id: int
    kind: str
    channel: str
    priority: str
    state: str
    category_id: int | None
    building_id: int | None
    house_id: int | None
    validity: str | None
    is_repeat: bool
    created_at: datetime
    replied_at: datetime | None
    done_at: datetime | None
    clocks: tuple[str, ...] = ()

    @property
    def handling_minutes(self) -> int | None:
        """Whole minutes from registered to done."""
        return None if self.done_at is None else int((self.done_at - self.created_at).total_seconds() // 60)


@dataclass(frozen=True)
class CallFact:
    started_at: datetime
    outcome: str | None
    duration_seconds: int | None


@dataclass(frozen=True)
class VisitFact:
    state: str
    way: str | None
    score: int | None


@dataclass(frozen=True)
class AlarmFact:
    """One emergency's ladder: when the alarm started, who took it after how many seconds, when the ticket was done."""

    created_at: datetime
    done_minutes: int | None
    accept_seconds: int | None
    tier: str | None


@dataclass(frozen=True)
class DrillFact:
    """A drill that was held: for which kind of emergency, how long, how many steps of the plan were done, what was found."""

    kind: str
    began_at: datetime
    minutes: int | None
    steps: int
    done: int
    findings: int
    improved: int


@dataclass(frozen=True)
class FeeFact:
    """The bills of one fee item and period."""

    code: str
    name: str
    name_en: str
    due_yuan: Decimal
    paid_yuan: Decimal


@dataclass(frozen=True)
class MonthRecords:
    """All that a month's figures are made from."""

    month: Month
    requests: list[Request] = field(default_factory=list)
    calls: list[CallFact] = field(default_factory=list)
    visits: list[VisitFact] = field(default_factory=list)
    alarms: list[AlarmFact] = field(default_factory=list)
    fees: list[FeeFact] = field(default_factory=list)
    events: list[EventFact] = field(default_factory=list)
    drills: list[DrillFact] = field(default_factory=list)

    def of_kind(self, *kinds: str) -> list[Request]:
        return [request for request in self.requests if request.kind in kinds]


def read_month(session: Session, community_id: int, month: Month) -> MonthRecords:
    """The records of one month, by one query for each kind of record."""
    requests = read_requests(session, community_id, month)
    return MonthRecords(
        month=month,
        requests=requests,
        calls=read_calls(session, community_id, month),
        visits=read_visits(session, community_id, month),
        alarms=read_alarms(session, community_id, month),
        fees=read_fees(session, community_id, month.key),
        events=read_events(session, community_id, month),
        drills=read_drills(session, community_id, month),
    )


@dataclass(frozen=True)
class MonthOutline:
    """What the twelve months' charts need of a month: how many requests, the states of their clocks, due and paid."""

    month: Month
    requests: int
    clocks: list[tuple[str, ...]]
    fees: list[FeeFact]


def read_outline(session: Session, community_id: int, month: Month) -> MonthOutline:
    """A month in outline, by two statements: a year of whole records is not read for two lines of a chart."""
    states: dict[int, list[str]] = defaultdict(list)
    query = (
        select(Ticket.id, Clock.state)
        .outerjoin(Clock, Clock.ticket_id == Ticket.id)
        .where(
            Ticket.community_id == community_id,
            Ticket.created_at >= month.starts_at,
            Ticket.created_at < month.ends_at,
            Ticket.counts_in_figures.is_(True),
        )
    )
    for ticket_id, state in session.execute(query):
        clocks = states[ticket_id]
        if state is not None:
            clocks.append(state)
    return MonthOutline(
        month, len(states), [tuple(clocks) for clocks in states.values()], read_fees(session, community_id, month.key)
    )


def read_requests(session: Session, community_id: int, month: Month) -> list[Request]:
    """Tickets registered in the month that count in figures (I8), with the states of their clocks."""
    in_month = (
        Ticket.community_id == community_id,
        Ticket.created_at >= month.starts_at,
        Ticket.created_at < month.ends_at,
        Ticket.counts_in_figures.is_(True),
    )
    clocks: dict[int, list[str]] = defaultdict(list)
    query = select(Clock.ticket_id, Clock.state).join(Ticket, Ticket.id == Clock.ticket_id)
    for clock in session.execute(query.where(*in_month)):
        clocks[clock.ticket_id].append(clock.state)
    columns = (
        Ticket.id, Ticket.kind, Ticket.channel, Ticket.priority, Ticket.state, Ticket.category_id, Ticket.building_id,
        Ticket.house_id, Ticket.validity, Ticket.is_repeat, Ticket.created_at, Ticket.replied_at, Ticket.done_at,
    )  # fmt: skip
    return [
        Request(**row._mapping, clocks=tuple(clocks[row.id]))
        for row in session.execute(select(*columns).where(*in_month).order_by(Ticket.id))
    ]


def read_calls(session: Session, community_id: int, month: Month) -> list[CallFact]:
    """Inbound calls that started in the month."""
    query = select(Call.started_at, Call.outcome, Call.duration_seconds).where(
        Call.community_id == community_id,
        Call.direction == "inbound",
        Call.started_at >= month.starts_at,
        Call.started_at < month.ends_at,
    )
    return [CallFact(*row) for row in session.execute(query.order_by(Call.id))]


def read_visits(session: Session, community_id: int, month: Month) -> list[VisitFact]:
    """Return visits made, or given up as unreachable, in the month."""
    query = (
        select(ReturnVisit.state, ReturnVisit.way, ReturnVisit.score)
        .join(Ticket, Ticket.id == ReturnVisit.ticket_id)
        .where(
            Ticket.community_id == community_id,
            ReturnVisit.visited_at >= month.starts_at,
            ReturnVisit.visited_at < month.ends_at,
            ReturnVisit.state.in_((VisitState.MADE, VisitState.UNREACHABLE)),
        )
    )
    return [VisitFact(*row) for row in session.execute(query.order_by(ReturnVisit.id))]


def read_alarms(session: Session, community_id: int, month: Month) -> list[AlarmFact]:
    """Emergencies of the month that rang the duty roster, with the ring that was accepted."""
    query = (
        select(
            Ticket.created_at, Ticket.done_at, Ladder.started_at, EscalationAttempt.accepted_at, EscalationAttempt.tier
        )
        .select_from(Ladder)
        .join(Ticket, Ticket.id == Ladder.ticket_id)
        .outerjoin(
            EscalationAttempt,
            (EscalationAttempt.ladder_id == Ladder.id) & (EscalationAttempt.state == AttemptState.ACCEPTED),
        )
        .where(
            Ticket.community_id == community_id,
            Ticket.created_at >= month.starts_at,
            Ticket.created_at < month.ends_at,
            Ticket.counts_in_figures.is_(True),
        )
        .order_by(Ticket.created_at, Ladder.id)
    )
    return [
        AlarmFact(
            created_at=row.created_at,
            done_minutes=_seconds(row.created_at, row.done_at, 60),
            accept_seconds=_seconds(row.started_at, row.accepted_at),
            tier=row.tier,
        )
        for row in session.execute(query)
    ]


def read_drills(session: Session, community_id: int, month: Month) -> list[DrillFact]:
    """The drills of emergency plans held in the month; never who took part."""
    query = (
        select(PlanDrill)
        .where(
            PlanDrill.community_id == community_id,
            PlanDrill.state == DrillState.HELD,
            PlanDrill.began_at >= month.starts_at,
            PlanDrill.began_at < month.ends_at,
        )
        .options(joinedload(PlanDrill.version).joinedload(PlanVersion.plan), selectinload(PlanDrill.findings))
        .order_by(PlanDrill.began_at, PlanDrill.id)
    )
    return [_drill(one) for one in session.scalars(query)]


def _drill(drill: PlanDrill) -> DrillFact:
    assert drill.began_at is not None
    return DrillFact(
        kind=drill.version.plan.kind,
        began_at=drill.began_at,
        minutes=_seconds(drill.began_at, drill.ended_at, 60),
        steps=len(drill.version.content["steps"]),
        done=len(drill.steps),
        findings=len(drill.findings),
        improved=sum(one.done_at is not None for one in drill.findings),
    )


def _seconds(start: datetime, end: datetime | None, unit: int = 1) -> int | None:
    return None if end is None else int((end - start).total_seconds() // unit)


def read_fees(session: Session, community_id: int, period: str) -> list[FeeFact]:
    """Due and paid of a period's bills by fee item; cancelled bills count nowhere."""
    query = (
        select(
            FeeItem.code,
            FeeItem.name,
            FeeItem.name_en,
            type_coerce(func.sum(Bill.amount), Money),
            type_coerce(func.sum(Bill.paid_yuan), Money),
        )
        .join(FeeItem, FeeItem.id == Bill.fee_item_id)
        .where(Bill.community_id == community_id, Bill.period == period, Bill.state != BillState.CANCELLED)
        .group_by(FeeItem.code, FeeItem.name, FeeItem.name_en)
        .order_by(FeeItem.code)
    )
    return [FeeFact(*row) for row in session.execute(query)]


def read_arrears(session: Session, community_id: int, last_period: str) -> Decimal:
    """What is still owed on all bills up to a period (yuan)."""
    owed = session.scalar(
        select(func.sum(rest())).where(Bill.community_id == community_id, Bill.period <= last_period, unpaid())
    )
    return Decimal(0) if owed is None else owed


def read_houses(session: Session, community_id: int) -> tuple[int, int]:
    """(homes, occupied ones): I8 counts occupied, renovating and let."""
    homes = session.scalar(select(func.count()).where(House.community_id == community_id)) or 0
    occupied = session.scalar(
        select(func.count()).where(House.community_id == community_id, House.state.in_(OCCUPIED_STATES))
    )
    return homes, occupied or 0


def read_messages(session: Session, community_id: int, month: Month) -> list[tuple[str, str, int]]:
    """(channel, sent or failed, count) of the month's messages that reached an end."""
    ended = {
        MessageState.SENT: "sent",
        MessageState.DELIVERED: "sent",
        MessageState.FAILED_PERMANENT: "failed",
    }
    query = (
        select(Message.channel, Message.state, func.count())
        .where(
            Message.community_id == community_id,
            Message.created_at >= month.starts_at,
            Message.created_at < month.ends_at,
            Message.state.in_(list(ended)),
        )
        .group_by(Message.channel, Message.state)
    )
    return [(channel, ended[MessageState(state)], count) for channel, state, count in session.execute(query)]
