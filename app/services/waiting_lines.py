"""Automatic calls whose line waits in the hotline's queue: somebody asked for help at a check-in call and stayed (D13, D7).

The ladder asks here whether its caller is on such a line; the webhooks of the call tell how the waiting ends.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import CampaignTarget, CheckIn, Ladder, Ticket
from app.rules.codes import LadderState, Outreach, TargetState

WAITS = "waits"
"""In `CampaignTarget.flow`: the line went into the queue of its emergency and has not left it."""


def waiting(session: Session, ticket_id: int) -> CampaignTarget | None:
    """The check-in call that waits in the queue of this ticket, the latest of them."""
    statement = (
        select(CampaignTarget)
        .join(CheckIn, CheckIn.id == CampaignTarget.check_in_id)
        .where(
            CheckIn.ticket_id == ticket_id,
            CampaignTarget.purpose == Outreach.CHECK_IN,
            CampaignTarget.state == TargetState.REACHED,
            CampaignTarget.ended_at.is_(None),
        )
        .order_by(CampaignTarget.id.desc())
    )
    return next((target for target in session.scalars(statement) if target.flow.get(WAITS)), None)


def emergency_of(session: Session, target: CampaignTarget, *, to_write: bool = False) -> tuple[Ticket, Ladder] | None:
    """The emergency that was opened on this call, with its ladder: locked before the ticket `to_write`, as whoever takes it does."""
    if target.check_in is None or target.check_in.ticket_id is None:
        return None
    statement = select(Ladder).where(Ladder.ticket_id == target.check_in.ticket_id)
    if to_write:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    ladder = session.scalars(statement).first()
    return (ladder.ticket, ladder) if ladder is not None else None


def enter(session: Session, target: CampaignTarget) -> str | None:
    """The line goes into the queue of its emergency: the ticket's number, after which the queue is called. None where there is
    none, or the line has ended."""
    found = emergency_of(session, target, to_write=True) if target.flow.get(WAITS) else None
    if found is None:
        return None
    found[1].caller_wants_callback = False
    session.flush()
    return found[0].number


def is_over(ladder: Ladder) -> bool:
    """Whether nobody is to wait for it any more: it was ended, or they have spoken."""
    return ladder.state == LadderState.CANCELLED or ladder.connected_at is not None


def leave(session: Session, target: CampaignTarget, now: datetime) -> bool:
    """The line is out of the queue. Whether nobody has spoken with the caller: then the ladder's taker calls back."""
    if not target.flow.get(WAITS):
        return False
    target.flow = {**target.flow, WAITS: False}
    session.flush()
    found = emergency_of(session, target, to_write=True)
    alone = found is not None and found[1].connected_at is None
    if found is not None and alone:
        found[1].caller_wants_callback = True
        found[0].callback_due = True
    session.flush()
    return alone
