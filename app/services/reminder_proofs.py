"""What came of fee reminders (D10): each with the proof of its delivery, for a house, a month, a way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session, joinedload

from app.models import CampaignTarget, FeeReminder, FeeReminderBill, House, Message
from app.rules.codes import LetterState, MessageState, ReminderWay, TargetState

NOT_AT_ALL = (TargetState.IMPOSSIBLE, TargetState.FAILED)


@dataclass(frozen=True)
class Proof:
    """A reminder, the call or text that told it (its own, or that of another house on the same number), and its message."""

    reminder: FeeReminder
    target: CampaignTarget | None
    message: Message | None
    shared: bool = False
    reached_out: bool = True

    @property
    def heard_sum(self) -> bool:
        """Whether the sum was told to its owner after the telephone PIN."""
        return self.target is not None and bool(self.target.flow.get("amount"))


def of_house(session: Session, house_id: int, most: int = 60) -> list[Proof]:
    """A house's reminders, the newest first, with their steps and the bills they were about. One statement; one more where a call
    or text for another house told one of them."""
    found = _told().where(FeeReminder.house_id == house_id).order_by(FeeReminder.id.desc()).limit(most)
    about = joinedload(FeeReminder.bills).joinedload(FeeReminderBill.bill)
    return _proofs(session, found.options(about, joinedload(FeeReminder.payer), joinedload(FeeReminder.step)))


def listed(
    session: Session, conditions: Sequence[ColumnElement[bool]], *, skip: int, most: int
) -> tuple[int, list[Proof]]:
    """How many reminders there are and a page of them, the newest first."""
    total = session.scalar(select(func.count()).select_from(FeeReminder).where(*conditions))
    page = (
        _told()
        .where(*conditions)
        .options(joinedload(FeeReminder.house), joinedload(FeeReminder.payer))
        .order_by(FeeReminder.id.desc())
        .offset(skip)
        .limit(most)
    )
    return total or 0, _proofs(session, page)


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


def reached_out(target: str | None, message: str | None) -> bool:
    """Whether a reminder went out, by the states of its call or text and of its message: what the carrier refused for good reached
    nobody, like what was not possible."""
    return target not in NOT_AT_ALL and message != MessageState.FAILED_PERMANENT


def _told() -> Select[Any]:
    """Reminders with their own call or text and its message."""
    return (
        select(FeeReminder, CampaignTarget, Message)
        .outerjoin(CampaignTarget, CampaignTarget.id == FeeReminder.target_id)
        .outerjoin(Message, Message.id == CampaignTarget.message_id)
    )


def _proofs(session: Session, wanted: Select[Any]) -> list[Proof]:
    lines = session.execute(wanted).unique().tuples().all()
    leading = _leading(session, [own for _one, own, _message in lines if own and own.state == TargetState.SHARED])
    found = []
    for reminder, own, message in lines:
        reached = reached_out(own.state if own else None, message.state if message else None)
        told = leading.get((own.campaign_id, own.number)) if own and own.state == TargetState.SHARED else None
        target, its_message = told or (own, message)
        found.append(Proof(reminder, target, its_message, told is not None, reached))
    return found


def _leading(
    session: Session, shared: list[CampaignTarget]
) -> dict[tuple[int, str | None], tuple[CampaignTarget, Message | None]]:
    """(campaign, number) → the call or text that told it, and its message."""
    if not shared:
        return {}
    keys = {(one.campaign_id, one.number) for one in shared}
    found = select(CampaignTarget, Message).outerjoin(Message, Message.id == CampaignTarget.message_id)
    found = found.where(
        tuple_(CampaignTarget.campaign_id, CampaignTarget.number).in_(keys),
        CampaignTarget.state.not_in((TargetState.SHARED, TargetState.IMPOSSIBLE)),
    )
    lines = session.execute(found.order_by(CampaignTarget.id.desc())).tuples()
    return {(one.campaign_id, one.number): (one, message) for one, message in lines}
