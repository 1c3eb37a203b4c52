"""Announced outages (issue 4): who hears of them on the telephone, which calls were told, and the text message at the end."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from flask_babel import force_locale, gettext
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import Building, Call, Community, Outage, OutageBuilding, OutageCaller
from app.rules.call_flow import notices as rules
from app.rules.call_flow.world import Notice
from app.rules.codes import MessageChannel
from app.services import callers, outage_history, outage_texts
from app.services.access import rows
from app.services.actors import Actor
from app.services.call_store import caller_number
from app.services.local_time import local_zone
from app.services.names import named
from app.services.outbox import enqueue, sms_number
from app.services.spoken_lines import house_locale

TOLD_AT_ONCE = 2
"""More than two would keep a caller from the menu: the latest announced are told."""


def notices(session: Session, community_id: int | None, now: datetime) -> tuple[Notice, ...]:
    """What is out in a community now, as a call tells it. One statement where nothing is."""
    if community_id is None:
        return ()
    statement = (
        select(Outage)
        .where(Outage.community_id == community_id, Outage.ended_at.is_(None), Outage.starts_at <= now)
        .order_by(Outage.announced_at.desc(), Outage.id.desc())
    )
    return tuple(_notice(outage, now) for outage in session.scalars(statement))


def greeting(session: Session, community_id: int, from_number: str, now: datetime) -> tuple[tuple[Notice, ...], bool]:
    """The outages of the caller's buildings, and whether the number takes a text message."""
    known = notices(session, community_id, now)
    if not known:
        return (), False
    asker = Call(from_number=from_number, community_id=community_id)
    houses = callers.houses_of(session, asker, now)
    concerned = [one for one in known if any(rules.of_house((one,), house) for house in houses or (None,))]
    return tuple(concerned[:TOLD_AT_ONCE]), sms_number(from_number) is not None


def note_told(session: Session, call: Call, ids: Collection[int], wants_end: bool, locale: str, now: datetime) -> None:
    """Link the call with what it was told; `wants_end` asks for the text message at the end."""
    number = caller_number(call.from_number)
    for outage_id in ids:
        values = {"outage_id": outage_id, "call_id": call.id, "number": number, "locale": locale}
        known = select(OutageCaller.id).where(OutageCaller.outage_id == outage_id, OutageCaller.call_id == call.id)
        key = session.scalar(known)
        if key is None:
            session.add(OutageCaller(**values, wants_end=wants_end, told_at=now))
        elif wants_end:
            session.execute(update(OutageCaller).where(OutageCaller.id == key).values(wants_end=True, locale=locale))
    session.flush()


def note_for(session: Session, call: Call) -> str:
    """What the ticket of a call that was told of an outage says about it."""
    told = select(Outage.text_zh).join(OutageCaller, OutageCaller.outage_id == Outage.id)
    texts = session.scalars(told.where(OutageCaller.call_id == call.id).order_by(Outage.id)).all()
    if not texts:
        return ""
    with force_locale(house_locale()):
        return gettext("Told of the announced outage: %(text)s", text=" ".join(texts))


def announce(session: Session, outage: Outage, building_ids: Collection[int], actor: Actor, now: datetime) -> None:
    """Check and complete a new or changed outage: its buildings are the community's. None means all of them."""
    if outage.ends_at is not None and outage.ends_at <= outage.starts_at:
        raise Invalid(N_("The end lies before the start."))
    own = set(
        session.scalars(
            select(Building.id).where(
                Building.id.in_(building_ids), Building.community_id == outage.community_id, rows(actor, Building)
            )
        )
    )
    if own != set(building_ids):
        raise Invalid(N_("Choose buildings of this community."))
    session.flush()
    session.execute(delete(OutageBuilding).where(OutageBuilding.outage_id == outage.id))
    session.add_all(
        OutageBuilding(outage_id=outage.id, building_id=each, community_id=outage.community_id) for each in sorted(own)
    )
    session.flush()
    session.expire(outage, ["buildings", "building_links"])
    entry = outage_history.note_announced(session, outage, actor, now)
    outage_texts.tell(session, outage, entry, actor, now)


def end(session: Session, outage: Outage, actor: Actor, now: datetime) -> int:
    """It is over: whoever asked for it gets a text message, once a number. Gives how many. Raises Refused a second time."""
    ended = update(Outage).where(Outage.id == outage.id, Outage.ended_at.is_(None)).values(ended_at=now)
    if session.execute(ended).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("This outage has ended already."))
    session.refresh(outage)
    outage_texts.stop(session, outage, now)
    waiting = session.execute(
        select(OutageCaller.number, func.max(OutageCaller.locale))
        .where(OutageCaller.outage_id == outage.id, OutageCaller.wants_end, OutageCaller.number.is_not(None))
        .group_by(OutageCaller.number)
        .order_by(OutageCaller.number)
    ).all()
    community = session.get_one(Community, outage.community_id)
    told = sum(_tell_end(session, outage, community, number, locale, now) for number, locale in waiting)
    outage_history.note_ended(session, outage, actor, now, told)
    return told


def waiting_for(session: Session, outage: Outage) -> tuple[int, int]:
    """(calls that were told, numbers that asked for the end)."""
    wanted = func.count(func.distinct(OutageCaller.number)).filter(OutageCaller.wants_end)
    row = session.execute(select(func.count(), wanted).where(OutageCaller.outage_id == outage.id)).one()
    return row[0], row[1]


def _tell_end(session: Session, outage: Outage, community: Community, number: str, locale: str, now: datetime) -> bool:
    english = locale == "en"
    with force_locale(locale):
        body = gettext(
            "[%(community)s] It is over: %(text)s If yours still does not work, please call us.",
            community=named(community),
            text=(outage.text_en or outage.text_zh) if english else outage.text_zh,
        )
    sent = enqueue(
        session,
        channel=MessageChannel.SMS,
        to=number,
        purpose="outage_ended",
        body=body,
        community_id=outage.community_id,
        key=f"outage:{outage.id}:{number}",
        now=now,
    )
    return sent is not None


def _notice(outage: Outage, now: datetime) -> Notice:
    until = late = ""
    if outage.ends_at is not None:
        local, today = outage.ends_at.astimezone(local_zone()), now.astimezone(local_zone()).date()
        said = f"{local:%H:%M}" if local.date() == today else f"{local.month}/{local.day} {local:%H:%M}"
        until, late = (said, "") if outage.ends_at > now else ("", said)
    buildings = tuple(building.number for building in outage.buildings)
    return Notice(outage.id, outage.text_zh, outage.text_en, until, late, buildings)
