"""The taker's own line, from the acceptance until caller and taker speak (D7, G3).

Whoever took it on a page is rung once; an accepted line whose end is never reported is looked up at the carrier; one that ended
before they spoke lets the ladder go on, as long as the caller still waits.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from app.errors import N_
from app.models import Call, EscalationAttempt, Ladder
from app.rules import escalation as rules
from app.rules.codes import AttemptState, LadderState
from app.services import escalation


class Do(StrEnum):
    """What is to be done about the taker's line: ring it, ask the carrier how it is, ring others, nothing."""

    DIAL = "dial"
    LOOK_UP = "look up"
    RING_OTHERS = "ring others"
    NOTHING = "nothing"


def due(session: Session, ladder: Ladder, attempt: EscalationAttempt, now: datetime) -> Do:
    """Decide it, and write down when it is asked again (`next_at`)."""
    ladder.next_at = None
    if ladder.connected_at is not None:
        return Do.NOTHING
    if attempt.provider_sid is not None and attempt.ended_at is None:
        ladder.next_at = now + rules.LOOK_AGAIN
        return Do.LOOK_UP
    if attempt.provider_sid is None and attempt.error in (rules.DIALLED, rules.UNANSWERED):
        return _dial_open(ladder, attempt, now)
    if _to_be_rung(session, ladder, attempt):
        lasts = attempt.deadline_at - attempt.started_at
        attempt.error, attempt.started_at, attempt.deadline_at = rules.DIALLED, now, now + lasts
        ladder.next_at = now + rules.DIAL_LASTS
        return Do.DIAL
    return Do.RING_OTHERS if lost(session, ladder, attempt, now) else Do.NOTHING


def _dial_open(ladder: Ladder, attempt: EscalationAttempt, now: datetime) -> Do:
    """Its dial may still be in somebody's hands; after a while whoever placed it has stopped."""
    if attempt.error == rules.DIALLED and abs(now - attempt.started_at) < rules.DIAL_LASTS:
        ladder.next_at = min(now, attempt.started_at) + rules.DIAL_LASTS
        return Do.NOTHING
    ladder.next_at = now + rules.LOOK_AGAIN
    return Do.LOOK_UP


def made(ladder: Ladder, attempt: EscalationAttempt, now: datetime) -> None:
    """The carrier has made a call of the accepted attempt's dial."""
    if attempt.error in (rules.DIALLED, rules.UNANSWERED):
        attempt.error = None
    ladder.next_at = now + rules.FOLLOW_EVERY


def not_made(ladder: Ladder, attempt: EscalationAttempt, error: str | None, unknown: bool, now: datetime) -> None:
    """The taker's telephone cannot be rung: the next tick lets the ladder go on. What is `unknown` is looked up for a while."""
    if unknown and abs(now - attempt.started_at) < rules.CONNECT_LASTS:
        attempt.error, ladder.next_at = rules.UNANSWERED, now + rules.LOOK_AGAIN
    else:
        attempt.error, ladder.next_at = (error or "not known")[:255], now


def followed(session: Session, attempt_id: int, sid: str, status: str | None, now: datetime) -> None:
    """What the carrier says of an accepted line (None: it knows of none such). One that is over is as if its end had been
    reported; one that goes on is looked up again."""
    ladder, attempt = escalation.locked(session, attempt_id)
    if attempt.id != ladder.accepted_attempt_id or attempt.provider_sid != sid or ladder.connected_at is not None:
        return
    escalation.progress(session, attempt_id, sid=sid, status=status or "completed", answered_by=None, now=now)
    if attempt.ended_at is None:
        ladder.next_at = now + rules.FOLLOW_EVERY


def lost(session: Session, ladder: Ladder, attempt: EscalationAttempt, now: datetime) -> bool:
    """After the taker's line has ended: whether nobody spoke and the caller still waits. Then the ladder goes on; who does not
    wait any more is to be called back."""
    if ladder.connected_at is not None:
        return False
    if not escalation.caller_waits(ladder, session):
        if attempt.ended_at is not None and not _spoke(session, ladder) and not ladder.ticket.callback_due:
            escalation.not_reached(session, attempt.id, now)
        return False
    attempt.state, attempt.error = AttemptState.FAILED, "the line ended before the caller was connected"
    ladder.state, ladder.accepted_attempt_id, ladder.ended_at = LadderState.RUNNING, None, None
    ladder.rung += 1
    broke = N_("The line broke before the caller was connected: ringing again.")
    escalation.note(session, ladder.ticket, "note", broke, now)
    return True


def _to_be_rung(session: Session, ladder: Ladder, attempt: EscalationAttempt) -> bool:
    """Whether the taker's telephone is still to be rung, so that the waiting caller is connected."""
    if attempt.provider_sid is not None or attempt.error is not None or attempt.number == "":
        return False
    return escalation.caller_waits(ladder, session)


def _spoke(session: Session, ladder: Ladder) -> bool:
    """Whether the caller's own line says that they spoke."""
    call = session.get(Call, ladder.call_id) if ladder.call_id else None
    return bool(call is not None and (call.facts or {}).get("connected"))
