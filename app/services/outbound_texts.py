"""The texts of campaigns: handed to the outbox under a key of their own, within hours, wishes, the day's share and the
carrier's rate (D13). What a carrier queues would stand before the next emergency: so it is handed a text at a time, and none while
a minute's worth still waits here. What is urgent is not held back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from flask_babel import force_locale, gettext
from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.models import Campaign, CampaignTarget, Community, Heartbeat, Message
from app.rules import outbound as rules
from app.rules.codes import CampaignState, MessageChannel, MessageState, Outreach, TargetReason, TargetState, TargetWay
from app.rules.outbox import CLAIMABLE, URGENT
from app.services import reminder_calls, survey_texts, visit_asks, visit_calls
from app.services.call_store import insert_once
from app.services.campaigns import refused
from app.services.local_time import local_zone
from app.services.outbox import enqueue
from app.services.policies import figures

BATCH = 100
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TAKES_WITHIN = timedelta(minutes=5)
PACE = "outbound_text_pace"
"""The row whose lock makes counting and handing over one step, so that two workers together keep the carrier's rate."""

_FIGURES = (
    "outbound.from_hour",
    "outbound.until_hour",
    "outbound.per_day",
    "outbound.texts_per_minute",
    "outbound.texts_reserve_per_minute",
)
PATIENT = [str(purpose) for purpose in Outreach if purpose not in URGENT]
"""Purposes of campaign texts that wait their turn."""
CAPPED = [purpose for purpose in Outreach if rules.PURPOSES[purpose].capped]


def send_due(session: Session, now: datetime) -> int:
    """Hand the texts that are due to the outbox: the urgent at once, of the others as many as the carrier's rate leaves room
    for. Returns how many left."""
    figure = figures(session, *_FIGURES)
    hours = (figure["outbound.from_hour"], figure["outbound.until_hour"])
    purposes = [p for p in Outreach if rules.earliest(p, now, local_zone(), *hours) == now]
    sent = 0
    left: int | None = None
    for target in session.scalars(_due(purposes, now)).all():
        urgent = target.purpose in URGENT
        if not urgent:
            left = _room(session, figure, now) if left is None else left
            if left <= 0:
                break
        rests = target.purpose == Outreach.REMINDER and reminder_calls.rests(session, target, now)
        if rests or had_enough(session, target, figure["outbound.per_day"], now):
            target.not_before = rules.tomorrow(now, local_zone(), figure["outbound.from_hour"])
        elif _send(session, target, now):
            sent += 1
            left = left if urgent or left is None else left - 1
    session.flush()
    return sent


def _due(purposes: Sequence[str], now: datetime) -> Select[tuple[CampaignTarget]]:
    return (
        select(CampaignTarget)
        .join(Campaign)
        .where(
            CampaignTarget.state == TargetState.PLANNED,
            CampaignTarget.way == TargetWay.SMS,
            CampaignTarget.not_before <= now,
            CampaignTarget.purpose.in_(purposes),
            Campaign.state == CampaignState.RUNNING,
        )
        .order_by(CampaignTarget.rank, CampaignTarget.id)
        .limit(BATCH)
        .with_for_update(of=CampaignTarget)
    )


def _room(session: Session, figure: dict[str, int], now: datetime) -> int:
    """How many texts that are not urgent may be handed over now; the lock makes the answer hold until they are."""
    insert_once(session, Heartbeat.__table__, {"name": PACE, "beat_at": now, "holder": ""}, "name")
    session.get_one(Heartbeat, PACE, with_for_update=True)
    texts = (CampaignTarget.way == TargetWay.SMS, CampaignTarget.dialled_at > now - MINUTE)
    handed = [at for at in session.scalars(select(CampaignTarget.dialled_at).where(*texts)) if at]
    share = rules.campaign_share(figure["outbound.texts_per_minute"], figure["outbound.texts_reserve_per_minute"])
    soon, later = _waiting(session, now)
    waiting = rules.texts_room(share, soon, later, takes=_takes_texts(session, now), still=not handed)
    return min(rules.room(share, handed, now), waiting)


def _waiting(session: Session, now: datetime) -> tuple[int, int]:
    """Campaign texts that wait here: those due within a minute, and those that have failed and wait longer."""
    here = (Message.purpose.in_(PATIENT), Message.state.in_(CLAIMABLE), Message.channel == MessageChannel.SMS)
    later = and_(Message.state == MessageState.FAILED_TEMPORARY, Message.next_at > now + MINUTE)
    counted = select(func.count(Message.id), func.count(Message.id).filter(later)).where(*here)
    every, failing = session.execute(counted).one()
    return every - failing, failing


def _takes_texts(session: Session, now: datetime) -> bool:
    """Whether the carrier has taken a text a moment ago."""
    taken = (
        Message.channel == MessageChannel.SMS,
        Message.sent_at > now - TAKES_WITHIN,
        Message.created_at > now - DAY,
    )
    return session.scalar(select(exists().where(*taken))) is True


def had_enough(session: Session, target: CampaignTarget, per_day: int, now: datetime) -> bool:
    """Whether a person, or a number, has had this day's share of automatic calls and texts: campaigns are counted, one that
    both calls and writes once."""
    if not rules.PURPOSES[target.purpose].capped:
        return False
    same = CampaignTarget.number == target.number
    if target.person_id is not None:
        same = or_(same, CampaignTarget.person_id == target.person_id)
    had = select(func.count(func.distinct(CampaignTarget.campaign_id))).where(
        same,
        CampaignTarget.dialled_at >= rules.day_start(now, local_zone()),
        CampaignTarget.purpose.in_(CAPPED),
        CampaignTarget.campaign_id != target.campaign_id,
    )
    return (session.scalar(had) or 0) >= per_day


def words(campaign: Campaign, community: Community, locale: str) -> str:
    """A campaign's text as a message, in the reader's language where it was written in it."""
    english = locale == "en" and bool(campaign.text_en)
    text = campaign.text_en if english else campaign.text_zh or campaign.text_en
    name = (community.name_en or community.name) if english else community.name
    with force_locale("en" if english else "zh"):
        if campaign.purpose == Outreach.ALERT:
            return gettext("[%(community)s] URGENT: %(text)s", community=name, text=text)
        return gettext("[%(community)s] %(text)s", community=name, text=text)


_WORDS: dict[str, Callable[[Session, CampaignTarget], str]] = {
    Outreach.RETURN_VISIT: visit_asks.words,
    Outreach.SURVEY: survey_texts.words,
}
"""Purposes whose texts are written for each household by itself; the others say what their campaign says."""

_WANTED: dict[str, Callable[[Session, CampaignTarget, datetime], bool]] = {
    Outreach.RETURN_VISIT: visit_calls.still_wanted,
    Outreach.REMINDER: reminder_calls.still_wanted,
    Outreach.SURVEY: survey_texts.still_wanted,
}
"""Whether a purpose still wants its text: asked as it is about to leave."""


def _body(session: Session, target: CampaignTarget) -> str:
    own = _WORDS.get(target.purpose)
    return own(session, target) if own else words(target.campaign, target.campaign.community, target.locale)


def _send(session: Session, target: CampaignTarget, now: datetime) -> bool:
    wanted = _WANTED.get(target.purpose)
    if wanted is not None and not wanted(session, target, now):
        target.state, target.ended_at = TargetState.CANCELLED, now
        return False
    message: Message | None = None
    if target.number is not None and not refused(session, target.number, target.purpose):
        message = enqueue(
            session,
            channel=MessageChannel.SMS,
            to=target.number,
            purpose=target.purpose,
            body=_body(session, target),
            community_id=target.community_id,
            ticket_id=target.ticket_id,
            person_id=target.person_id,
            key=f"campaign:{target.key}",
            now=now,
        )
    if message is None:
        target.state, target.reason, target.ended_at = TargetState.IMPOSSIBLE, TargetReason.OPTED_OUT, now
        return False
    target.state, target.message_id, target.dialled_at, target.ended_at = TargetState.SENT, message.id, now, now
    return True
