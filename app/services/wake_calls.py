"""Wake-up calls (D9): exactly one at its minute. Not answered, busy, a wrong number: do not disturb, and not repeated."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import LinliError
from app.models import CampaignTarget, ServiceOrder, WakeUp
from app.rules.codes import OrderState, Outreach, TargetState, WakeUpState
from app.services import wake_ups
from app.services.campaigns import plan, standing
from app.services.local_time import local_zone
from app.services.policies import minutes

log = logging.getLogger(__name__)


def plan_due(session: Session, now: datetime) -> int:
    """Plan the calls whose minute has come. One whose time went by while nobody could dial expires: nobody wants to be
    woken late."""
    found = wake_ups.due(session, now)
    for wake in found:
        campaign = standing(
            session, wake.order.community_id, Outreach.WAKE_UP, wake.at.astimezone(local_zone()).date(), now
        )
        plan(
            session,
            campaign,
            f"wake:{wake.id}",
            number=wake.number,
            not_before=wake.at,
            expires_at=wake.at + minutes(session, "wake_up.latest_minutes"),
            locale=wake.locale,
            house_id=wake.order.house_id,
            ticket_id=wake.order.ticket_id,
        )
        wake.state = WakeUpState.PLACED
    session.flush()
    return len(found)


def still_wanted(session: Session, target: CampaignTarget, now: datetime) -> bool:
    """Whether the booking stands."""
    wake = _of(session, target)
    return wake is not None and wake.state == WakeUpState.PLACED and wake.order.state != OrderState.CANCELLED


def ended(session: Session, target: CampaignTarget, now: datetime) -> None:
    """Whatever it came to, it was the one call."""
    wake = _of(session, target)
    if wake is None:
        return
    wake.placed_at, wake.provider_sid = target.dialled_at, target.provider_sid
    if wake.order.state == OrderState.CANCELLED:
        wake.state = WakeUpState.CANCELLED
        return
    try:
        with session.begin_nested():
            wake_ups.note_result(session, wake, target.state == TargetState.REACHED, now)
    except LinliError as error:
        log.warning("wake-up call %s: its order could not be finished: %s", wake.id, error)


def _of(session: Session, target: CampaignTarget) -> WakeUp | None:
    found = select(WakeUp).join(ServiceOrder).where(ServiceOrder.ticket_id == target.ticket_id)
    return session.scalars(found).first()
