"""What came of fee reminders (D10): each with the proof of its delivery, for a house, a month, a way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from app.models import CampaignTarget, FeeReminder, FeeReminderBill, House, Message
from app.rules.codes import LetterState, ReminderWay, TargetState


@dataclass(frozen=True)
class Proof:
    """A reminder, the call or text that told it (its own, or that of another house on the same number), and its message."""

    reminder: FeeReminder
    target: CampaignTarget | None
    message: Message | None
    shared: bool = False

    @property
    def heard_sum(self) -> bool:
        """Whether the sum was told to its owner after the telephone PIN."""
        return self.target is not None and bool(self.target.flow.get("amount"))


def of_house(session: Session, house_id: int, most: int = 60) -> list[Proof]:
    """A house's reminders, the newest first, with the bills they were about. Four statements."""
    found = select(FeeReminder).where(FeeReminder.house_id == house_id).order_by(FeeReminder.id.desc()).limit(most)
    found = found.options(
        selectinload(FeeReminder.bills).joinedload(FeeReminderBill.bill), joinedload(FeeReminder.payer)
    )
    return _proofs(session, list(session.scalars(found)))


def listed(
    session: Session, conditions: Sequence[ColumnElement[bool]], *, skip: int, most: int
) -> tuple[int, list[Proof]]:
    """How many reminders there are and a page of them, the newest first."""
    total = session.scalar(select(func.count()).select_from(FeeReminder).where(*conditions))
    page = (
        select(FeeReminder)
        .where(*conditions)
        .options(joinedload(FeeReminder.house), joinedload(FeeReminder.payer))
        .order_by(FeeReminder.id.desc())
        .offset(skip)
        .limit(most)
    )
    return total or 0, _proofs(session, list(session.scalars(page)))


@dataclass
class Month:
    """A month's reminders by way, and the letters of it that wait."""

    ways: dict[str, int]
    waiting: int = 0


def month(session: Session, visible: ColumnElement[bool], community_id: int, period: str) -> Month:
    """What was reminded in a month, counted. One statement."""
    found = Month(dict.fromkeys((str(way) for way in ReminderWay), 0))
    counted: Any = (
        select(FeeReminder.way, FeeReminder.letter_state, func.count())
        .join(House, House.id == FeeReminder.house_id)
        .where(FeeReminder.community_id == community_id, FeeReminder.period == period, visible)
        .group_by(FeeReminder.way, FeeReminder.letter_state)
    )
    for way, state, count in session.execute(counted):
        found.ways[way] += count
        found.waiting += count if state == LetterState.WAITING else 0
    return found


def _proofs(session: Session, reminders: list[FeeReminder]) -> list[Proof]:
    ids = [one.target_id for one in reminders if one.target_id is not None]
    own = {one.id: one for one in session.scalars(select(CampaignTarget).where(CampaignTarget.id.in_(ids)))}
    leading = _leading(session, [one for one in own.values() if one.state == TargetState.SHARED])
    told = {pk: leading.get((one.campaign_id, one.number), one) for pk, one in own.items()}
    message_ids = [one.message_id for one in told.values() if one.message_id is not None]
    messages = {one.id: one for one in session.scalars(select(Message).where(Message.id.in_(message_ids)))}
    found = []
    for reminder in reminders:
        target = told.get(reminder.target_id or 0)
        message = messages.get(target.message_id or 0) if target else None
        found.append(Proof(reminder, target, message, target is not own.get(reminder.target_id or 0)))
    return found


def _leading(session: Session, shared: list[CampaignTarget]) -> dict[tuple[int, str | None], CampaignTarget]:
    """(campaign, number) → the call or text that told it."""
    if not shared:
        return {}
    keys = {(one.campaign_id, one.number) for one in shared}
    found = select(CampaignTarget).where(
        tuple_(CampaignTarget.campaign_id, CampaignTarget.number).in_(keys),
        CampaignTarget.state.not_in((TargetState.SHARED, TargetState.IMPOSSIBLE)),
    )
    return {(one.campaign_id, one.number): one for one in session.scalars(found.order_by(CampaignTarget.id.desc()))}
