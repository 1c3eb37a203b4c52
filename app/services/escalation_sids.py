"""Which of the carrier's calls belongs to which ring of a ladder (G3), where its answer to the dial never came.

The carrier's list says whom a call went to, not what for: of two emergencies that rang the same telephone in the same minute each
takes one call, never both the same. A report names both, and is believed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import EscalationAttempt, Heartbeat, Ladder
from app.rules.codes import AttemptState, LadderState
from app.services.call_store import insert_once

TURN = "ladder_sids"
"""The row whose lock makes looking and taking one step. Taken after the ladder's own, before an attempt is written."""


def free_sid(session: Session, attempt: EscalationAttempt, sids: Iterable[str], now: datetime) -> str | None:
    """The first of the found calls that no other ring has; it is free until this transaction ends."""
    found = list(sids)
    if not found:
        return None
    _in_turn(session, now)
    others = (EscalationAttempt.provider_sid.in_(found), EscalationAttempt.id != attempt.id)
    taken = set(session.scalars(select(EscalationAttempt.provider_sid).where(*others)))
    return next((sid for sid in found if sid not in taken), None)


def believe(session: Session, attempt: EscalationAttempt, sid: str, now: datetime) -> None:
    """A report says which call is this ring's. Another that took it from the list has lost its own: it is looked up anew."""
    others = (EscalationAttempt.provider_sid == sid, EscalationAttempt.id != attempt.id)
    if session.scalar(select(EscalationAttempt.id).where(*others).limit(1)) is not None:
        _in_turn(session, now)
        wrong = (*others, EscalationAttempt.state == AttemptState.DIALLING)
        ladders = select(EscalationAttempt.ladder_id).where(*wrong)
        running = select(Ladder).where(Ladder.id.in_(ladders), Ladder.state == LadderState.RUNNING)
        # One that is in somebody's hands just now is moved by what they bring: waiting for it could wait for ourselves.
        for ladder in session.scalars(running.with_for_update(of=Ladder, skip_locked=True)):
            for other in session.scalars(
                select(EscalationAttempt).where(*wrong, EscalationAttempt.ladder_id == ladder.id)
            ):
                other.provider_sid, other.state = None, AttemptState.UNKNOWN
            ladder.next_at = now
    attempt.provider_sid = sid


def _in_turn(session: Session, now: datetime) -> None:
    insert_once(session, Heartbeat.__table__, {"name": TURN, "beat_at": now, "holder": ""}, "name")
    session.get_one(Heartbeat, TURN, with_for_update=True)
