"""Campaigns and their targets: planned under a key so that nobody is planned twice, paused, continued, stopped, counted.

The job `campaigns` dials and texts (`outbound_dial`), the webhooks tell what came of it (`outbound_calls`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import N_, Refused
from app.models import CallWish, Campaign, CampaignTarget, HotlineNumber
from app.rules import outbound as rules
from app.rules.codes import CampaignState, Outreach, TargetState, TargetWay
from app.services.call_store import insert_once

GOING = (CampaignState.RUNNING, CampaignState.PAUSED)


def standing(
    session: Session, community_id: int, purpose: str, day: date, now: datetime, mark: str = "", **given: Any
) -> Campaign:
    """The day's campaign of a purpose that goes on by itself (return visits, wake-up calls …); made when there is none.

    `mark` tells several of one day apart; `given` are columns of a new one (its texts, its ways).
    """
    key = f"{purpose}:{community_id}:{day.isoformat()}" + (f":{mark}" if mark else "")
    values = {
        "key": key,
        "community_id": community_id,
        "purpose": str(purpose),
        "title": "",
        "title_en": "",
        "text_zh": "",
        "text_en": "",
        "by_voice": True,
        "by_sms": False,
        "by_web": False,
        "state": CampaignState.RUNNING.value,
        "created_at": now,
        "creator_name": "",
        "started_at": now,
        **given,
    }
    insert_once(session, Campaign.__table__, values, "key")
    campaign = session.scalars(select(Campaign).where(Campaign.key == key)).one()
    if campaign.state == CampaignState.FINISHED:
        campaign.state, campaign.ended_at = CampaignState.RUNNING, None
    return campaign


def plan(
    session: Session,
    campaign: Campaign,
    key: str,
    *,
    number: str | None,
    not_before: datetime,
    way: str = TargetWay.VOICE,
    locale: str = "zh",
    expires_at: datetime | None = None,
    state: str = TargetState.PLANNED,
    reason: str | None = None,
    **links: int | None,
) -> bool:
    """Plan one call or text; False when `key` is planned already. `links`: person_id, house_id, ticket_id,
    visit_id, check_in_id."""
    values: dict[str, Any] = {
        "key": key,
        "campaign_id": campaign.id,
        "community_id": campaign.community_id,
        "purpose": campaign.purpose,
        "way": str(way),
        "rank": rules.PURPOSES[campaign.purpose].rank,
        "number": number,
        "locale": "en" if locale.startswith("en") else "zh",
        "state": str(state),
        "reason": reason,
        "not_before": not_before,
        "expires_at": expires_at,
        "refusals": 0,
        "flow": {},
        **{name: links.get(name) for name in ("person_id", "house_id", "ticket_id", "visit_id", "check_in_id")},
    }
    return insert_once(session, CampaignTarget.__table__, values, "key")


def pause(session: Session, campaign: Campaign, now: datetime) -> None:
    """Nobody else is called until it goes on; who is on the line is heard out."""
    _may_rest(campaign)
    _move(session, campaign, (CampaignState.RUNNING,), CampaignState.PAUSED)


def go_on(session: Session, campaign: Campaign, now: datetime) -> None:
    """A paused campaign goes on with whom it has not reached yet."""
    _move(session, campaign, (CampaignState.PAUSED,), CampaignState.RUNNING)


def stop(session: Session, campaign: Campaign, now: datetime) -> int:
    """End it for good: who was not called yet is not called any more. Returns how many that are."""
    _may_rest(campaign)
    _move(session, campaign, GOING, CampaignState.STOPPED)
    campaign.ended_at = now
    planned = update(CampaignTarget).where(
        CampaignTarget.campaign_id == campaign.id, CampaignTarget.state == TargetState.PLANNED
    )
    result: Any = session.execute(planned.values(state=TargetState.CANCELLED, ended_at=now))
    return int(result.rowcount)


def refused(session: Session, number: str, purpose: str) -> bool:
    """Whether a number wants no calls for a purpose, where it may refuse them."""
    if not rules.PURPOSES[purpose].may_refuse:
        return False
    known = select(CallWish.id).where(CallWish.number == number, CallWish.purpose == purpose)
    return session.scalar(known) is not None


def hotline_number(session: Session, community_id: int) -> str:
    """The number a community's automatic calls show: its hotline's."""
    known = select(HotlineNumber.number).where(HotlineNumber.community_id == community_id, HotlineNumber.active)
    number = session.scalar(known.order_by(HotlineNumber.id).limit(1))
    return number or str(current_app.extensions["settings"].hotline_number)


def _may_rest(campaign: Campaign) -> None:
    if campaign.purpose in SAFETY:
        raise Refused(
            N_("Check-in calls are neither paused nor stopped all at once: who is away is marked so in their register.")
        )


def _move(session: Session, campaign: Campaign, before: tuple[str, ...], after: str) -> None:
    """One conditional update: two people at once, and the second is told."""
    moved = update(Campaign).where(Campaign.id == campaign.id, Campaign.state.in_(before)).values(state=after)
    result: Any = session.execute(moved)
    session.refresh(campaign)
    if result.rowcount != 1:
        raise Refused(_WRONG[after])


_WRONG: dict[str, str] = {
    CampaignState.PAUSED: N_("Only what is running can be paused."),
    CampaignState.RUNNING: N_("Only what is paused can go on."),
    CampaignState.STOPPED: N_("This has ended already."),
}

SAFETY = frozenset({Outreach.CHECK_IN, Outreach.CHECK_IN_CONTACT})
"""Purposes whose silence would look like somebody's: nobody switches them off for everybody."""

STANDING = frozenset({Outreach.RETURN_VISIT, Outreach.WAKE_UP, *SAFETY, Outreach.REMINDER})
"""Purposes whose campaigns the house makes by itself, one a community and day."""
