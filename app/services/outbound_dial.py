"""The job `campaigns`: claim the targets that are due, dial or text them outside any transaction, record what came of it.

A target is dialled by whoever moves it from planned to dialling, in one conditional update that is committed before the
carrier hears of it. A dial whose answer never came is looked up at the carrier before anything else happens to it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.adapters.carrier.base import CallOrder, Capability, Carrier, CarrierError
from app.models import Campaign, CampaignTarget, EscalationAttempt, Heartbeat, Ladder
from app.rules import outbound as rules
from app.rules.codes import CampaignState, LadderState, Outreach, TargetState, TargetWay
from app.services import campaigns, outbound_calls, outbound_texts
from app.services.call_store import insert_once
from app.services.campaigns import hotline_number, refused
from app.services.local_time import local_zone
from app.services.policies import figures
from app.services.transaction import in_transaction

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Session]]
CANDIDATES = 200
AT_ONCE = 8
HELPED_WITHIN = timedelta(hours=6)
PACE = "outbound_pace"
"""The row whose lock makes counting and claiming one step, so that two workers together keep the carrier's rate."""

_FIGURES = (
    "outbound.from_hour",
    "outbound.until_hour",
    "outbound.per_day",
    "outbound.carrier_per_minute",
    "outbound.reserve_per_minute",
    "outbound.lines",
)


@dataclass(frozen=True)
class Dialling:
    """One target in hand. With `look_up` its dial was never answered, with `sid` its reports stay away."""

    id: int
    to: str
    from_: str
    dialled_at: datetime
    look_up: bool = False
    sid: str | None = None
    known: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Dialled:
    """What the carrier said. `gone`: it surely knows of no such call."""

    sid: str | None = None
    status: str | None = None
    error: str | None = None
    permanent: bool = False
    unknown: bool = False
    gone: bool = False


def tick(begin: Begin, carrier: Carrier, public_base_url: str, now: datetime) -> dict[str, int]:
    """Do what is due at `now`. Returns what was done, counted; nothing due costs a statement a purpose."""
    counts = {"dialled": 0, "failed": 0, "texted": 0, "looked_up": 0, "finished": 0}
    with begin() as session:
        outbound_calls.plan_due(session, now)
        if not _something_to_do(session, now):
            return counts
        _sweep(session, now)
        counts["texted"] = outbound_texts.send_due(session, now)
    orders = _orders(begin, carrier, now)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        jobs = {pool.submit(_ask, carrier, public_base_url, order): order for order in orders}
        for job in as_completed(jobs):
            order, result = jobs[job], job.result()
            in_transaction(partial(_record, order=order, result=result, now=now), begin)
            counts["looked_up" if order.look_up else "dialled" if result.sid else "failed"] += 1
    _hang_up(begin, carrier, now)
    with begin() as session:
        counts["finished"] = _finish(session, now)
    return counts


def _something_to_do(session: Session, now: datetime) -> bool:
    """A campaign that runs, or somebody on the line of one that was paused or stopped, or who waits for help."""
    talking = and_(CampaignTarget.state == TargetState.MACHINE, CampaignTarget.ended_at.is_(None))
    live = exists().where(or_(CampaignTarget.state.in_(rules.LIVE), talking, _helped(now)))
    running = exists().where(Campaign.state == CampaignState.RUNNING)
    return session.scalar(select(or_(running, live))) is True


def _sweep(session: Session, now: datetime) -> None:
    """What was in hand when somebody died is unknown; what came too late, or was stopped as it was put back, is not called any
    more."""
    stale = (CampaignTarget.state == TargetState.DIALLING, CampaignTarget.provider_sid.is_(None))
    dead = update(CampaignTarget).where(*stale, CampaignTarget.leased_until < now)
    session.execute(dead.values(state=TargetState.UNKNOWN, leased_until=None, not_before=now))
    late = select(CampaignTarget).where(
        CampaignTarget.state == TargetState.PLANNED, CampaignTarget.expires_at.is_not(None)
    )
    for target in session.scalars(late.where(CampaignTarget.expires_at <= now).with_for_update()):
        outbound_calls.settle(session, target, TargetState.EXPIRED, now)
    stopped = select(CampaignTarget).join(Campaign).where(Campaign.state == CampaignState.STOPPED)
    planned = stopped.where(CampaignTarget.state == TargetState.PLANNED).with_for_update(of=CampaignTarget)
    for target in session.scalars(planned):
        outbound_calls.settle(session, target, TargetState.CANCELLED, now)


def _orders(begin: Begin, carrier: Carrier, now: datetime) -> list[Dialling]:
    with begin() as session:
        orders = _unanswered(session, now)
        if Capability.OUTBOUND in carrier.capabilities and not _emergency_waits(session, now):
            orders += _claim_due(session, now)
    return orders


def _emergency_waits(session: Session, now: datetime) -> bool:
    """Whether a ladder is about to dial: then nobody else does, until it has. One that cannot move holds nobody up long."""
    due = (Ladder.next_at <= now, Ladder.next_at > now - timedelta(seconds=30))
    return session.scalar(select(Ladder.id).where(Ladder.state == LadderState.RUNNING, *due).limit(1)) is not None


def _claim_due(session: Session, now: datetime) -> list[Dialling]:
    figure = figures(session, *_FIGURES)
    zone, hours = local_zone(), (figure["outbound.from_hour"], figure["outbound.until_hour"])
    purposes = [p for p in Outreach if rules.earliest(p, now, zone, *hours) == now]
    due = _due(purposes, now)
    if session.scalar(select(due.exists())) is not True:
        return []
    left = _room(session, figure, now)
    orders: list[Dialling] = []
    for target in session.scalars(due.order_by(CampaignTarget.rank, CampaignTarget.not_before, CampaignTarget.id)):
        if len(orders) >= left:
            break
        if _may_be_called(session, target, figure, now) and claim(session, target.id, now):
            orders.append(_order(session, target, now))
    return orders


def _due(purposes: Sequence[str], now: datetime) -> Any:
    other = aliased(CampaignTarget)
    busy = exists().where(other.number == CampaignTarget.number, other.state.in_(rules.LIVE))
    return (
        select(CampaignTarget)
        .join(Campaign)
        .where(
            CampaignTarget.state == TargetState.PLANNED,
            CampaignTarget.way == TargetWay.VOICE,
            CampaignTarget.not_before <= now,
            CampaignTarget.purpose.in_(purposes),
            Campaign.state == CampaignState.RUNNING,
            ~busy,
        )
        .limit(CANDIDATES)
    )


def _room(session: Session, figure: dict[str, int], now: datetime) -> int:
    """How many calls may be placed now; the lock makes the answer hold until they are claimed."""
    insert_once(session, Heartbeat.__table__, {"name": PACE, "beat_at": now, "holder": ""}, "name")
    session.get_one(Heartbeat, PACE, with_for_update=True)
    minute_ago = now - timedelta(minutes=1)
    calls = (CampaignTarget.dialled_at > minute_ago, CampaignTarget.way == TargetWay.VOICE)
    dialled = list(session.scalars(select(CampaignTarget.dialled_at).where(*calls)))
    share = rules.campaign_share(figure["outbound.carrier_per_minute"], figure["outbound.reserve_per_minute"])
    in_use = (CampaignTarget.state.in_(rules.ON_THE_LINE), CampaignTarget.way == TargetWay.VOICE)
    live = session.scalar(select(func.count()).select_from(CampaignTarget).where(*in_use)) or 0
    return min(rules.room(share, [at for at in dialled if at], now), figure["outbound.lines"] - live)


def _may_be_called(session: Session, target: CampaignTarget, figure: dict[str, int], now: datetime) -> bool:
    """Whether this call is still wanted, allowed, not paused, and within its person's share of the day; else it is put off or
    away."""
    if target.number is None or not outbound_calls.still_wanted(session, target, now):
        outbound_calls.settle(session, target, TargetState.CANCELLED, now)
        return False
    if refused(session, target.number, target.purpose):
        outbound_calls.settle(session, target, TargetState.IMPOSSIBLE, now, reason="opted_out")
        return False
    if outbound_calls.rests(session, target, now) or outbound_texts.had_enough(
        session, target, figure["outbound.per_day"], now
    ):
        target.not_before = rules.tomorrow(now, local_zone(), figure["outbound.from_hour"])
        session.flush()
        return False
    return True


def claim(session: Session, target_id: int, now: datetime) -> bool:
    """Take a call in hand; False when somebody else did, or its campaign was paused. One conditional update decides."""
    running = exists().where(Campaign.id == CampaignTarget.campaign_id, Campaign.state == CampaignState.RUNNING)
    taken = (
        update(CampaignTarget)
        .where(CampaignTarget.id == target_id, CampaignTarget.state == TargetState.PLANNED, running)
        .values(state=TargetState.DIALLING, dialled_at=now, leased_until=now + rules.LEASE)
    )
    result: Any = session.execute(taken.execution_options(synchronize_session=False))
    return bool(result.rowcount == 1)


def _order(session: Session, target: CampaignTarget, now: datetime) -> Dialling:
    session.refresh(target)
    target.from_number = hotline_number(session, target.community_id)
    session.flush()
    return Dialling(target.id, target.number or "", target.from_number, target.dialled_at or now)


def _unanswered(session: Session, now: datetime) -> list[Dialling]:
    """Dials that the carrier never answered, and calls whose reports stay away: looked up, whatever their campaign does."""
    unknown = and_(CampaignTarget.state == TargetState.UNKNOWN, CampaignTarget.not_before <= now)
    lost = and_(
        CampaignTarget.state.in_(rules.ON_THE_LINE),
        CampaignTarget.provider_sid.is_not(None),
        CampaignTarget.dialled_at < now - rules.LOST,
        or_(CampaignTarget.leased_until.is_(None), CampaignTarget.leased_until < now),
    )
    unseen = or_(CampaignTarget.leased_until.is_(None), CampaignTarget.leased_until < now)
    helped = and_(_helped(now), CampaignTarget.dialled_at < now - rules.LOST, unseen)
    found = select(CampaignTarget).where(or_(unknown, lost, helped)).order_by(CampaignTarget.id).limit(AT_ONCE)
    orders = []
    for target in session.scalars(found.with_for_update()):
        target.leased_until = now + rules.LEASE
        if target.state == TargetState.UNKNOWN:
            target.not_before = now + rules.LOOK_AGAIN
        known = _known(session, target)
        at = target.dialled_at or now
        orders.append(
            Dialling(target.id, target.number or "", target.from_number or "", at, True, target.provider_sid, known)
        )
    session.flush()
    return orders


def _helped(now: datetime) -> ColumnElement[bool]:
    """Check-in calls that were answered by key and whose end is not known: somebody may wait on the line for help."""
    return and_(
        CampaignTarget.state == TargetState.REACHED,
        CampaignTarget.purpose == Outreach.CHECK_IN,
        CampaignTarget.provider_sid.is_not(None),
        CampaignTarget.ended_at.is_(None),
        CampaignTarget.dialled_at > now - HELPED_WITHIN,
    )


def _known(session: Session, target: CampaignTarget) -> frozenset[str]:
    """The sids of all other calls to this number."""
    mine = select(CampaignTarget.provider_sid).where(CampaignTarget.number == target.number)
    ladders = select(EscalationAttempt.provider_sid).where(EscalationAttempt.number == target.number)
    sids = [
        *session.scalars(mine.order_by(CampaignTarget.id.desc()).limit(50)),
        *session.scalars(ladders.order_by(EscalationAttempt.id.desc()).limit(50)),
    ]
    return frozenset(sid for sid in sids if sid)


def _ask(carrier: Carrier, base: str, order: Dialling) -> Dialled:
    """Talk to the carrier, in a thread of its own and outside any transaction. Never raises."""
    try:
        if order.look_up:
            return _look_up(carrier, order)
        call = CallOrder(
            to=order.to,
            from_=order.from_,
            url=f"{base}/hotline/outbound/{order.id}/say",
            status_callback=f"{base}/hotline/outbound/{order.id}/status",
            timeout_seconds=rules.RING_SECONDS,
            detect_machine=Capability.DETECT_MACHINES in carrier.capabilities,
        )
        return Dialled(sid=carrier.create_call(call))
    except CarrierError as error:
        return Dialled(error=str(error), permanent=error.permanent, unknown=error.unknown)
    except Exception as error:
        log.exception("outbound call %s: the carrier's adapter failed", order.id)
        return Dialled(error=f"{type(error).__name__}: {error}", unknown=True)


def _look_up(carrier: Carrier, order: Dialling) -> Dialled:
    if order.sid is not None:
        call = carrier.look_up_call(order.sid)
        return Dialled(sid=order.sid, status=call.status) if call else Dialled(gone=True, error="no such call")
    found = carrier.find_calls(to=order.to, since=order.dialled_at - rules.SKEW)
    ours = [call for call in found if call.sid not in order.known]
    return Dialled(sid=ours[0].sid, status=ours[0].status) if ours else Dialled(gone=True, error="no such call")


def _record(session: Session, order: Dialling, result: Dialled, now: datetime) -> None:
    """Write what came of it. A report of the call may have overtaken it: states only move forward."""
    target = session.get_one(CampaignTarget, order.id, with_for_update=True, populate_existing=True)
    target.leased_until = None
    if result.sid:
        target.provider_sid = target.provider_sid or result.sid
        if target.state == TargetState.UNKNOWN:
            target.state = TargetState.DIALLING
        if result.status:
            outbound_calls.take_progress(session, target, result.status, None, now)
    elif target.state in (TargetState.DIALLING, TargetState.UNKNOWN) or (order.sid and result.gone):
        _not_placed(session, target, order, result, now)
    session.flush()


def _not_placed(session: Session, target: CampaignTarget, order: Dialling, result: Dialled, now: datetime) -> None:
    target.error = (result.error or "")[:255]
    if result.gone and target.state == TargetState.REACHED:
        outbound_calls.take_progress(session, target, "completed", None, now)
    elif order.look_up and not result.gone:
        # The look-up itself failed: nothing new is known.
        target.leased_until = now + rules.LOOK_AGAIN if target.provider_sid else None
    elif result.unknown or (result.gone and order.sid is None and now - order.dialled_at < rules.LOOK_AGAIN):
        target.state, target.not_before = TargetState.UNKNOWN, now + rules.LOOK_AGAIN
    elif result.permanent or order.sid is not None or target.refusals + 1 >= rules.MAX_REFUSALS:
        outbound_calls.settle(session, target, TargetState.FAILED, now)
    elif target.campaign.state not in campaigns.GOING:
        outbound_calls.settle(session, target, TargetState.CANCELLED, now)
    else:
        target.refusals += 1
        target.state, target.dialled_at = TargetState.PLANNED, None
        target.not_before = now if result.gone else now + rules.wait_after(target.refusals)


def _hang_up(begin: Begin, carrier: Carrier, now: datetime) -> None:
    """A voicemail that talks is hung up on: nobody wants our question on it."""
    talking: tuple[ColumnElement[bool], ...] = (
        CampaignTarget.state == TargetState.MACHINE,
        CampaignTarget.ended_at.is_(None),
        CampaignTarget.provider_sid.is_not(None),
    )
    with begin() as session:
        found = list(session.scalars(select(CampaignTarget).where(*talking).with_for_update()))
        sids = [str(target.provider_sid) for target in found]
        for target in found:
            target.ended_at = now
    for sid in sids:
        try:
            carrier.hang_up(sid)
        except CarrierError as error:
            log.warning("could not hang up %s: %s", sid, error)


def _finish(session: Session, now: datetime) -> int:
    """Running campaigns with nobody left to call have come to their end."""
    left = exists().where(CampaignTarget.campaign_id == Campaign.id, CampaignTarget.state.in_(rules.OPEN))
    done = update(Campaign).where(Campaign.state == CampaignState.RUNNING, ~left)
    result: Any = session.execute(done.values(state=CampaignState.FINISHED, ended_at=now))
    return int(result.rowcount)
