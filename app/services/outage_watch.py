"""Announced outages that should be over: the desk and the managers are asked, once and then daily until it is settled (D7).

An outage ends only when somebody says so. Until then callers are told of it and those who asked for word wait: so one whose
expected end has passed, or that has none and is a day old †, must not be forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from flask_babel import force_locale, gettext
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session, joinedload

from app.models import Community, DutyShift, Outage, Staff
from app.rules.codes import MessageChannel, MessagePurpose, Role
from app.services.access import rows
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.names import is_english, named
from app.services.outbox import enqueue
from app.services.policies import hours
from app.services.roster import on_duty_now, staff_of
from app.services.spoken_lines import house_locale
from app.services.staff_notices import tell

ASKED = (Role.ASSISTANT, Role.SUPERVISOR, Role.MANAGER, Role.DEPUTY)
MOST_SHOWN = 5


def overdue(now: datetime, every: timedelta) -> ColumnElement[bool]:
    """The condition on Outage that leaves those which should be over: the expected end has passed, or there is none and it
    began `every` ago."""
    without_end = and_(Outage.ends_at.is_(None), Outage.starts_at <= now - every)
    return and_(Outage.ended_at.is_(None), or_(Outage.ends_at <= now, without_end))


def shown(session: Session, actor: Actor, now: datetime, every: timedelta) -> list[tuple[Outage, str]]:
    """Those of the actor's communities with their words, the longest overdue first: what a first page shows. One statement;
    `every` is the figure `outage.ask_hours`."""
    wanted = (overdue(now, every), rows(actor, Outage))
    statement = select(Outage).where(*wanted).options(joinedload(Outage.community))
    found = session.scalars(statement.order_by(Outage.ends_at, Outage.starts_at, Outage.id).limit(MOST_SHOWN))
    return [(outage, _text(outage)) for outage in found]


def ask_desk(session: Session, now: datetime) -> Mapping[str, int]:
    """Tell of every outage that should be over and was not told of since its expected end, or since `outage.ask_hours` ago."""
    every = hours(session, "outage.ask_hours")
    asked_before = or_(Outage.asked_at.is_(None), Outage.asked_at <= now - every, Outage.asked_at < Outage.ends_at)
    due = session.scalars(select(Outage.id).where(overdue(now, every), asked_before).order_by(Outage.id)).all()
    counts = {"overdue": 0, "told": 0}
    for outage_id in due:
        mine = update(Outage).where(Outage.id == outage_id, Outage.ended_at.is_(None), asked_before)
        if session.execute(mine.values(asked_at=now)).rowcount == 1:  # type: ignore[attr-defined]
            counts["overdue"] += 1
            counts["told"] += _ask(session, session.get_one(Outage, outage_id, populate_existing=True), now)
    return counts


def _ask(session: Session, outage: Outage, now: datetime) -> int:
    """One message to each: the desk, the managers and whoever is on duty; to the staff's channel where there is nobody."""
    community = session.get_one(Community, outage.community_id)
    people = {one.id: one for one in staff_of(session, community.id, ASKED)}
    people |= {one.staff_id: one.staff for one in on_duty_now(session, now, DutyShift.community_id == community.id)}
    words, mark = partial(_words, outage, community), f"{outage.id}:{now:%Y%m%d%H%M}"
    told = tell(session, _reached(people), community.id, MessagePurpose.OUTAGE_LATE, words, now, mark)
    if told:
        return told
    with force_locale(house_locale()):
        return _alert(session, community, words(), mark, now)


def _reached(people: Mapping[int, Staff]) -> list[Staff]:
    return [person for person in people.values() if person.number or person.email]


def _alert(session: Session, community: Community, body: str, mark: str, now: datetime) -> int:
    sent = enqueue(
        session,
        channel=MessageChannel.ALERT,
        to=None,
        purpose=MessagePurpose.OUTAGE_LATE,
        body=body,
        community_id=community.id,
        key=f"{MessagePurpose.OUTAGE_LATE}:{community.id}:{mark}",
        now=now,
    )
    return int(sent is not None)


def _text(outage: Outage) -> str:
    """What callers hear, in the reader's language."""
    return (outage.text_en or outage.text_zh) if is_english() else outage.text_zh


def _words(outage: Outage, community: Community) -> str:
    text = _text(outage)
    if outage.ends_at is None:
        return gettext(
            "[%(community)s] Is it over? Announced outage without an expected end: %(text)s Say so on its page, or give a time.",
            community=named(community),
            text=text,
        )
    return gettext(
        "[%(community)s] Is it over? This outage was expected to end at %(time)s: %(text)s Say so on its page, or give a new time.",
        community=named(community),
        text=text,
        time=f"{outage.ends_at.astimezone(local_zone()):%m-%d %H:%M}",
    )
