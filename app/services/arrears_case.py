"""A house in arrears as its file is kept (D10): the reason for it, and the time during which nobody is reminded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import ArrearsNote, CollectionHold, House
from app.rules.codes import ArrearsReason, HoldKind
from app.services import debts
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.ticket_input import choice, clean_text

NOTE_LIMIT = 400
LONGEST_HOLD_DAYS = 730


def note_reason(session: Session, house: House, sent: Mapping[str, Any], actor: Actor, now: datetime) -> ArrearsNote:
    """Write down why a house is in arrears; the earlier reasons stay. Raises Invalid, Refused where nothing is in arrears."""
    reason = choice(sent.get("reason"), ArrearsReason)
    note = clean_text(sent.get("note"), NOTE_LIMIT)
    if reason is None:
        raise Invalid(N_("Choose the reason."))
    if reason == ArrearsReason.OTHER and not note:
        raise Invalid(N_("Write what the other reason is."))
    today = _today(now)
    if not debts.bills_of_house(session, house.id, today):
        raise Refused(N_("This house is not in arrears."))
    row = ArrearsNote(
        community_id=house.community_id,
        house_id=house.id,
        reason=reason,
        note=note,
        noted_on=today,
        at=now,
        actor_id=actor.user_id,
        actor_name=actor.display_name[:80],
    )
    session.add(row)
    session.flush()
    return row


def reasons(session: Session, house_id: int) -> list[ArrearsNote]:
    """Every reason there was, the newest first."""
    found = select(ArrearsNote).where(ArrearsNote.house_id == house_id).order_by(ArrearsNote.id.desc())
    return list(session.scalars(found.limit(50)))


def hold(session: Session, house: House, sent: Mapping[str, Any], actor: Actor, now: datetime) -> CollectionHold:
    """Let a house rest: from today until a day, or until it is lifted. Raises Invalid, Refused when it rests already."""
    kind, note = choice(sent.get("kind"), HoldKind), clean_text(sent.get("note"), NOTE_LIMIT)
    if kind is None:
        raise Invalid(N_("Choose why nobody is reminded."))
    if not note:
        raise Invalid(N_("Write in a few words who decided it and why."))
    today = _today(now)
    ends_on = _until(sent.get("ends_on"), today)
    # Two people at one house: the second waits here, and finds the first one's.
    session.get_one(House, house.id, with_for_update=True)
    if any(one.ends_on is None or one.ends_on >= today for one in open_holds(session, house.id)):
        raise Refused(N_("This house rests already: lift that first."))
    row = CollectionHold(
        community_id=house.community_id,
        house_id=house.id,
        kind=kind,
        note=note,
        starts_on=today,
        ends_on=ends_on,
        set_at=now,
        set_by_id=actor.user_id,
        set_by=actor.display_name[:80],
    )
    session.add(row)
    session.flush()
    return row


def lift(session: Session, house: House, actor: Actor, now: datetime) -> int:
    """Remind again from now on. Returns how many holds that ended; raises Refused when there was none."""
    found = [one for one in open_holds(session, house.id) if one.ends_on is None or one.ends_on >= _today(now)]
    if not found:
        raise Refused(N_("This house does not rest."))
    for one in found:
        one.lifted_at, one.lifted_by = now, actor.display_name[:80]
    session.flush()
    return len(found)


def open_holds(session: Session, house_id: int) -> list[CollectionHold]:
    """What nobody lifted, the newest first; it may have run out."""
    found = select(CollectionHold).where(CollectionHold.house_id == house_id, CollectionHold.lifted_at.is_(None))
    return list(session.scalars(found.order_by(CollectionHold.id.desc())))


def holds(session: Session, house_id: int) -> list[CollectionHold]:
    """All of them, the newest first."""
    found = select(CollectionHold).where(CollectionHold.house_id == house_id)
    return list(session.scalars(found.order_by(CollectionHold.id.desc()).limit(50)))


def _until(text: object, today: date) -> date | None:
    words = str(text or "").strip()
    if not words:
        return None
    try:
        day = date.fromisoformat(words[:10])
    except ValueError:
        raise Invalid(N_("This is not a date: write it like 2026-03-31.")) from None
    if day < today:
        raise Invalid(N_("The last day has passed already."))
    if (day - today).days > LONGEST_HOLD_DAYS:
        raise Invalid(N_("At most two years ahead: leave the day empty to let it rest until it is lifted."))
    return day


def _today(now: datetime) -> date:
    return now.astimezone(local_zone()).date()
