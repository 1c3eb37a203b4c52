"""The job of the emergency ladder (D7, G3): write the attempt, then dial it outside the transaction, then record."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from flask import current_app
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.adapters.carrier.base import CallOrder, Capability, Carrier, CarrierError
from app.errors import N_
from app.models import Call, EscalationAttempt, HotlineNumber, Ladder
from app.rules import escalation as rules
from app.rules.codes import OPEN_STATES, AttemptState, LadderState
from app.services import escalation, escalation_line, roster
from app.services.escalation_line import Do
from app.services.escalation_sids import free_sid
from app.services.escalation_tell import tell_all
from app.services.policies import figure
from app.services.transaction import in_transaction

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Session]]
STEPS_PER_TICK = 12
"""More rungs than any roster has: a tick follows numbers that fail at once, and stops."""


@dataclass(frozen=True)
class Dialling:
    """One attempt to be dialled, or, with `look_up`, one whose dial was never answered (`known` are the sids of the others) or, with
    `sid`, one that was accepted and whose end may have been missed."""

    attempt_id: int
    to: str
    from_: str
    ring_seconds: int
    started_at: datetime
    look_up: bool = False
    known: frozenset[str] = frozenset()
    sid: str | None = None


@dataclass(frozen=True)
class Dialled:
    """What came of it. `found`: the calls it may have been, by the carrier's list, the likeliest first; `status`: how the call
    that was looked up stands there."""

    sid: str | None = None
    status: str | None = None
    found: tuple[str, ...] = ()
    error: str | None = None
    unknown: bool = False


def tick(begin: Begin, carrier: Carrier, public_base_url: str, now: datetime) -> dict[str, int]:
    """Move every ladder that is due at `now`, hang up what rings in vain. Returns what was done, counted."""
    counts = {"dialled": 0, "failed": 0, "hung_up": 0}
    for _ in range(STEPS_PER_TICK):
        orders = _orders(begin, now)
        if not orders:
            break
        with ThreadPoolExecutor(max_workers=min(8, len(orders))) as pool:
            jobs = {pool.submit(_place, carrier, public_base_url, order): order for order in orders}
            for job in as_completed(jobs):
                written = partial(_record, order=jobs[job], result=job.result(), now=now)
                counts["dialled" if in_transaction(written, begin) else "failed"] += 1
    counts["hung_up"] = _hang_up(begin, carrier, now)
    return counts


def _orders(begin: Begin, now: datetime) -> list[Dialling]:
    with begin() as session:
        live = (LadderState.RUNNING, LadderState.ACCEPTED)
        beyond = rules.latest(now, figure(session, "ladder.accept_seconds"))
        come = or_(Ladder.next_at <= now, Ladder.next_at > beyond)
        due = select(Ladder.id).where(Ladder.state.in_(live), come).order_by(Ladder.id)
        ladder_ids = session.scalars(due).all()
    orders = []
    for ladder_id in ladder_ids:
        try:
            order = in_transaction(partial(advance, ladder_id=ladder_id, now=now), begin)
        except Exception:
            # One emergency that cannot move must not hold up the others; it is tried again with the next tick.
            log.exception("ladder %s could not move", ladder_id)
            continue
        if order is not None:
            orders.append(order)
    return orders


def advance(session: Session, ladder_id: int, now: datetime) -> Dialling | None:
    """Decide the next step of one ladder and write it down; None when nobody is to be dialled now."""
    ladder = session.get_one(Ladder, ladder_id, with_for_update=True, populate_existing=True)
    accept_seconds = figure(session, "ladder.accept_seconds")
    if ladder.next_at is None or now < ladder.next_at <= rules.latest(now, accept_seconds):
        return None
    if ladder.state == LadderState.ACCEPTED:
        attempt = session.get_one(EscalationAttempt, ladder.accepted_attempt_id)
        todo = escalation_line.due(session, ladder, attempt, now)
        if todo in (Do.DIAL, Do.LOOK_UP):
            return _order(session, ladder, attempt, look_up=todo == Do.LOOK_UP)
        if todo == Do.NOTHING:
            return None
    if ladder.ticket.state not in OPEN_STATES:
        escalation.stop(session, ladder, now)
        return None
    current = _current(session, ladder)
    if current is not None and current.state in rules.LIVE:
        current.deadline_at = rules.deadline(current.deadline_at, now, accept_seconds)
        if now < current.deadline_at:
            return _wait_for(session, ladder, current, now)
        escalation.give_up(session, ladder, current, now)
    return _next(session, ladder, now)


def _wait_for(session: Session, ladder: Ladder, current: EscalationAttempt, now: datetime) -> Dialling | None:
    """Somebody is being rung. Only a dial whose answer never came is looked into."""
    lasted = abs(now - current.started_at) >= rules.DIAL_LASTS
    stopped = current.state == AttemptState.PENDING and lasted
    if current.state == AttemptState.UNKNOWN or stopped:
        current.state = AttemptState.UNKNOWN
        ladder.next_at = min(now + rules.LOOK_AGAIN, current.deadline_at)
        return _order(session, ladder, current, look_up=True)
    if current.state == AttemptState.PENDING:
        ladder.next_at = min(now + rules.DIAL_LASTS, current.started_at + rules.DIAL_LASTS, current.deadline_at)
    else:
        ladder.next_at = current.deadline_at
    return None


def _next(session: Session, ladder: Ladder, now: datetime) -> Dialling | None:
    rungs = roster.ladder(session, ladder.ticket.community_id, now)
    if not rungs:
        log.error("ticket %s: an emergency, and nobody to ring", ladder.ticket.number)
        tell_all(session, ladder, [], now)
        ladder.next_at = now + rules.ROUND_LASTS
        return None
    place = rules.place(ladder.round, ladder.rung, len(rungs))
    if place.again:
        earliest = rules.again_not_before(_round_started(session, ladder), now)
        tell_all(session, ladder, [rung.number for rung in rungs], now)
        if earliest > now:
            ladder.next_at = earliest
            return None
    ladder.round, ladder.rung = place.round, place.rung
    rung = rungs[place.rung]
    seconds = figure(session, "ladder.accept_seconds")
    attempt = EscalationAttempt(
        ladder_id=ladder.id,
        ticket_id=ladder.ticket_id,
        round=place.round,
        rung=place.rung,
        tier=rung.tier,
        staff_id=rung.staff_id,
        number=rung.number,
        state=AttemptState.PENDING,
        started_at=now,
        deadline_at=now + timedelta(seconds=seconds),
    )
    session.add(attempt)
    ladder.next_at = attempt.started_at + rules.DIAL_LASTS
    escalation.note(session, ladder.ticket, "note", N_("%(name)s is being rung."), now, name=rung.name)
    session.flush()
    return _order(session, ladder, attempt)


def _order(session: Session, ladder: Ladder, attempt: EscalationAttempt, *, look_up: bool = False) -> Dialling:
    ring = rules.ring_seconds(round((attempt.deadline_at - attempt.started_at).total_seconds()))
    from_ = hotline_number(session, ladder)
    known: frozenset[str] = frozenset()
    if look_up:
        sids = select(EscalationAttempt.provider_sid).where(EscalationAttempt.number == attempt.number)
        known = frozenset(sid for sid in session.scalars(sids.order_by(EscalationAttempt.id.desc()).limit(20)) if sid)
    sid = attempt.provider_sid if look_up else None
    return Dialling(attempt.id, attempt.number, from_, ring, attempt.started_at, look_up, known, sid)


def hotline_number(session: Session, ladder: Ladder) -> str:
    """The number the emergency is rung from: the one that was called, else the community's, else the setting's."""
    called = session.scalar(select(Call.to_number).where(Call.id == ladder.call_id)) if ladder.call_id else None
    known = select(HotlineNumber.number).where(
        HotlineNumber.community_id == ladder.ticket.community_id, HotlineNumber.active
    )
    numbers = session.scalars(known.order_by(HotlineNumber.id)).all()
    if called in numbers:
        return str(called)
    return numbers[0] if numbers else str(current_app.extensions["settings"].hotline_number)


def _place(carrier: Carrier, base: str, order: Dialling) -> Dialled:
    """Talk to the carrier, in a thread of its own and outside any transaction. Never raises."""
    try:
        if order.look_up:
            return _look_up(carrier, order)
        call = CallOrder(
            to=order.to,
            from_=order.from_,
            url=f"{base}/hotline/ladder/{order.attempt_id}/say",
            status_callback=f"{base}/hotline/ladder/{order.attempt_id}/status",
            timeout_seconds=order.ring_seconds,
            detect_machine=Capability.DETECT_MACHINES in carrier.capabilities,
        )
        return Dialled(sid=carrier.create_call(call))
    except CarrierError as error:
        # A look-up that failed, however, says nothing of the call.
        return Dialled(error=str(error), unknown=error.unknown or order.look_up)
    except Exception as error:
        log.exception("attempt %s: the carrier's adapter failed", order.attempt_id)
        return Dialled(error=f"{type(error).__name__}: {error}", unknown=True)


def _look_up(carrier: Carrier, order: Dialling) -> Dialled:
    if order.sid is not None:
        call = carrier.look_up_call(order.sid)
        return Dialled(sid=order.sid, status=call.status if call else None)
    # The carrier's clock is not ours; a ring of another attempt is told apart by its sid.
    found = carrier.find_calls(to=order.to, since=order.started_at - rules.SKEW)
    ours = [call for call in found if call.sid not in order.known]
    ours.sort(key=lambda call: abs((call.created_at or order.started_at) - order.started_at))
    return Dialled(found=tuple(call.sid for call in ours), error="the carrier has no such call")


def _record(session: Session, order: Dialling, result: Dialled, now: datetime) -> bool:
    """Write what came of a dial; whether the carrier made a call of it. A report may have overtaken it: states only move
    forward."""
    if order.sid is not None:
        if not result.unknown:
            escalation_line.followed(session, order.attempt_id, order.sid, result.status, now)
        return result.status is not None
    ladder, attempt = escalation.locked(session, order.attempt_id)
    sid = result.sid or (None if attempt.provider_sid else free_sid(session, attempt, result.found, now))
    if sid:
        attempt.provider_sid = attempt.provider_sid or sid
        if attempt.state in (AttemptState.PENDING, AttemptState.UNKNOWN):
            attempt.state = AttemptState.DIALLING
        if ladder.state == LadderState.RUNNING and attempt.state in rules.LIVE:
            ladder.next_at = attempt.deadline_at
        if ladder.accepted_attempt_id == attempt.id:
            escalation_line.made(ladder, attempt, now)
        return True
    if attempt.provider_sid is None and attempt.state == AttemptState.ACCEPTED:
        escalation_line.not_made(ladder, attempt, result.error, result.unknown, now)
        return False
    if attempt.provider_sid is not None or attempt.state not in (AttemptState.PENDING, AttemptState.UNKNOWN):
        return False
    attempt.error = (result.error or "")[:255]
    if result.unknown:
        attempt.state = AttemptState.UNKNOWN
        ladder.next_at = min(now + rules.LOOK_AGAIN, attempt.deadline_at)
        return False
    escalation.failed(session, ladder, attempt, now)
    return False


def _hang_up(begin: Begin, carrier: Carrier, now: datetime) -> int:
    """Stop telephones that ring for nothing: after their time, after somebody else took it, or a machine that talks."""
    silent = EscalationAttempt.answered_at.is_(None)
    talks = EscalationAttempt.error == rules.MACHINE
    stale = select(EscalationAttempt).where(
        EscalationAttempt.state.in_((AttemptState.CANCELLED, AttemptState.NO_ANSWER)),
        EscalationAttempt.provider_sid.is_not(None),
        EscalationAttempt.ended_at.is_(None),
        or_(silent, and_(talks, EscalationAttempt.state == AttemptState.NO_ANSWER)),
        or_(EscalationAttempt.error.is_(None), EscalationAttempt.error != rules.NOT_STOPPED),
    )
    with begin() as session:
        sids = {}
        for attempt in session.scalars(stale):
            attempt.ended_at = now
            sids[attempt.id] = str(attempt.provider_sid)
    for attempt_id, sid in sids.items():
        try:
            carrier.hang_up(sid)
        except CarrierError as error:
            log.warning("could not hang up %s: %s", sid, error)
            with begin() as session:
                _rings_on(session, attempt_id, now)
    return len(sids)


def _rings_on(session: Session, attempt_id: int, now: datetime) -> None:
    """It stops by itself at the end of its ring time; who takes it until then may still press 1."""
    _ladder, attempt = escalation.locked(session, attempt_id)
    attempt.error = rules.NOT_STOPPED
    if attempt.ended_at == now:
        attempt.ended_at = None


def _current(session: Session, ladder: Ladder) -> EscalationAttempt | None:
    found = select(EscalationAttempt).where(
        EscalationAttempt.ladder_id == ladder.id,
        EscalationAttempt.round == ladder.round,
        EscalationAttempt.rung == ladder.rung,
    )
    return session.scalars(found.with_for_update()).first()


def _round_started(session: Session, ladder: Ladder) -> datetime | None:
    rows = select(func.min(EscalationAttempt.started_at)).where(
        EscalationAttempt.ladder_id == ladder.id, EscalationAttempt.round == ladder.round
    )
    return session.scalar(rows)
