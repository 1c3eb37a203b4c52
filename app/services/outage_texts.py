"""An announced outage told by text message to the households of its buildings, of its own accord (D13): a campaign of notices within
consent, quiet hours and the day's share, or an alert at any hour where it is a danger. Chosen on the outage's form.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import N_, Forbidden
from app.models import Building, Campaign, CampaignPlace, CampaignTarget, Outage, OutageEntry
from app.rules.codes import CampaignState, OutageTell, Outreach, TargetState
from app.services import campaigns, notices, resident_alerts
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.notices import TITLE_LIMIT

TOLD_ANEW = frozenset({"starts_at", "ends_at", "buildings", "tell"})
"""What households are told of again when it changes; other words only change what has not left yet."""

_PURPOSES = {OutageTell.NOTICE: Outreach.NOTICE, OutageTell.ALERT: Outreach.ALERT}


def tell(session: Session, outage: Outage, entry: OutageEntry | None, actor: Actor, now: datetime) -> int:
    """Plan the texts of an outage that was announced or changed (`entry`), as its form chose. Returns how many are planned.

    Raises Forbidden where somebody would send an alert, also one told anew, who is neither on duty nor leads the centre.
    """
    if entry is None or outage.ended_at is not None:
        return 0
    changed = set(entry.data.get("changed") or TOLD_ANEW)
    running = current(session, outage)
    if outage.tell == OutageTell.NO or not changed & TOLD_ANEW:
        if outage.tell == OutageTell.NO:
            stop(session, outage, now)
        elif running is not None:
            _reword(running, outage)
        return 0
    over = outage.ends_at is not None and outage.ends_at <= now
    if outage.tell == OutageTell.ALERT and not over:
        _may_alert(session, outage, actor, now)
    stop(session, outage, now)
    if over:
        return 0
    return _plan(session, outage, entry, actor, now)


def stop(session: Session, outage: Outage, now: datetime) -> None:
    """What has not left yet does not leave any more: it is over, or told anew."""
    running = current(session, outage)
    if running is not None:
        campaigns.stop(session, running, now)


def current(session: Session, outage: Outage) -> Campaign | None:
    """The campaign of this outage that still goes on."""
    return session.scalars(_of(outage).where(Campaign.state.in_(campaigns.GOING))).first()


def latest(session: Session, outage: Outage) -> Campaign | None:
    """The campaign of this outage that was planned last."""
    return session.scalars(_of(outage)).first()


def _of(outage: Outage) -> Any:
    return select(Campaign).where(Campaign.key.like(f"outage:{outage.id}:%")).order_by(Campaign.id.desc())


def _may_alert(session: Session, outage: Outage, actor: Actor, now: datetime) -> None:
    if not resident_alerts.in_charge(session, outage.community_id, actor, now):
        raise Forbidden(
            N_(
                "At once and at any hour is for danger: whoever is on duty, or leads the centre, chooses it. Choose within the hours."
            )
        )


def _plan(session: Session, outage: Outage, entry: OutageEntry, actor: Actor, now: datetime) -> int:
    campaign = Campaign(
        key=f"outage:{outage.id}:{entry.id}",
        community_id=outage.community_id,
        purpose=_PURPOSES[OutageTell(outage.tell)],
        by_voice=False,
        by_sms=True,
        by_web=False,
        state=CampaignState.DRAFT,
        created_at=now,
        creator_id=actor.user_id,
        creator_name=(actor.display_name or actor.username)[:80],
        places=[CampaignPlace(building_id=building_id) for building_id in _buildings(session, outage)],
    )
    _reword(campaign, outage)
    session.add(campaign)
    session.flush()
    count = notices.send(session, campaign, now)
    if outage.ends_at is not None:
        planned = (CampaignTarget.campaign_id == campaign.id, CampaignTarget.state == TargetState.PLANNED)
        session.execute(update(CampaignTarget).where(*planned).values(expires_at=outage.ends_at))
    return count


def _buildings(session: Session, outage: Outage) -> list[int]:
    """Its own, or all of the community where none is named."""
    if outage.buildings:
        return [building.id for building in outage.buildings]
    every = select(Building.id).where(Building.community_id == outage.community_id)
    return list(session.scalars(every.order_by(Building.position, Building.id)))


def _reword(campaign: Campaign, outage: Outage) -> None:
    campaign.title, campaign.text_zh = _words(outage, outage.text_zh, "zh")
    campaign.title_en, campaign.text_en = _words(outage, outage.text_en, "en") if outage.text_en else ("", "")


def _words(outage: Outage, text: str, locale: str) -> tuple[str, str]:
    """Heading and text in a language: what callers hear, and until when."""
    with force_locale(locale):
        title = gettext("Announced outage: %(text)s", text=text)
        if outage.ends_at is not None:
            until = f"{outage.ends_at.astimezone(local_zone()):%m-%d %H:%M}"
            text = gettext("%(text)s Expected until %(time)s.", text=text, time=until)
    return title if len(title) <= TITLE_LIMIT else title[: TITLE_LIMIT - 1] + "…", text
