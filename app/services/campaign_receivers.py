"""Whom a campaign was for and what came of it: counted by what it means, and the same as a list in pages.

A number and its list are one condition: both come from `outcome()` under the reader's row limits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, joinedload

from app.models import CampaignTarget, House, Message
from app.rules.codes import MessageState, TargetState
from app.services.access import rows
from app.services.actors import Actor

WAITING, ON_THE_WAY, TOLD, NOT_REACHED, IMPOSSIBLE = "waiting", "on_the_way", "told", "not_reached", "impossible"
OUTCOMES = (TOLD, WAITING, ON_THE_WAY, NOT_REACHED, IMPOSSIBLE)
PAGE = 25

_ON_THE_LINE = (TargetState.DIALLING, TargetState.RINGING, TargetState.ANSWERED, TargetState.UNKNOWN)
_REACHED = (TargetState.REACHED, TargetState.SENT, TargetState.SHARED)
_TEXT_LEAVING = (MessageState.QUEUED, MessageState.SENDING, MessageState.FAILED_TEMPORARY, MessageState.UNKNOWN)


@dataclass(frozen=True)
class Receivers:
    """One page (from 0) of `last + 1`: (target, house name, state of the text) a line."""

    lines: Sequence[Any]
    page: int
    last: int


def outcome() -> ColumnElement[str]:
    """What a target (joined with its message, if any) came to. A text that could not be delivered has told nobody."""
    target = CampaignTarget.state
    return case(
        (Message.state == MessageState.FAILED_PERMANENT, NOT_REACHED),
        (Message.state.in_(_TEXT_LEAVING), ON_THE_WAY),
        (target == TargetState.PLANNED, WAITING),
        (target.in_(_ON_THE_LINE), ON_THE_WAY),
        (target.in_(_REACHED), TOLD),
        (target == TargetState.IMPOSSIBLE, IMPOSSIBLE),
        else_=NOT_REACHED,
    )


def counted(session: Session, actor: Actor, campaign_ids: Sequence[int]) -> Mapping[int, dict[str, int]]:
    """Campaign → outcome (and `all`) → targets of this reader's rows, in one statement."""
    found = {pk: dict.fromkeys((*OUTCOMES, "all"), 0) for pk in campaign_ids}
    what = outcome().label("outcome")
    statement = (
        select(CampaignTarget.campaign_id, what, func.count())
        .outerjoin(Message, Message.id == CampaignTarget.message_id)
        .where(CampaignTarget.campaign_id.in_(campaign_ids), rows(actor, CampaignTarget))
        .group_by(CampaignTarget.campaign_id, what)
    )
    for pk, code, count in session.execute(statement):
        found[pk][code] += count
        found[pk]["all"] += count
    return found


def receivers(session: Session, actor: Actor, pk: int, show: str, page: int, total: int) -> Receivers:
    """The targets of one outcome (any other word: all), of which there are `total`; a page past the last is the last."""
    last = max(0, (total - 1) // PAGE)
    page = max(0, min(page, last))
    wanted = [CampaignTarget.campaign_id == pk, rows(actor, CampaignTarget)]
    if show in OUTCOMES:
        wanted.append(outcome() == show)
    statement = (
        select(CampaignTarget, House.name, Message.state)
        .outerjoin(House, House.id == CampaignTarget.house_id)
        .outerjoin(Message, Message.id == CampaignTarget.message_id)
        .where(*wanted)
        .options(joinedload(CampaignTarget.ticket))
        .order_by(CampaignTarget.id)
        .offset(page * PAGE)
        .limit(PAGE)
    )
    return Receivers(list(session.execute(statement).unique()), page, last)
