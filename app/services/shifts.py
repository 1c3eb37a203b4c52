"""Single shifts put on the roster by hand: overrides that take the place of what was planned (D7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, NotFound, Refused
from app.models import Community, DutyShift, Staff, StaffCommunity
from app.rules.codes import Tier
from app.services import duty_log
from app.services.access import rows
from app.services.actors import Actor
from app.services.ticket_input import choice, clean_text, phone_number, row_id

LONGEST = timedelta(days=62)


def override(session: Session, actor: Actor, data: Mapping[str, Any], now: datetime) -> DutyShift:
    """Put somebody on a duty for some hours in place of who was planned. `starts_at` and `ends_at` are aware instants.

    Raises Invalid or NotFound with what is missing; hours that have passed cannot be given away any more.
    """
    community_id = row_id(data.get("community"))
    if session.scalar(select(Community.id).where(Community.id == community_id, rows(actor, Community))) is None:
        raise NotFound(N_("Choose one of your communities."))
    tier = choice(data.get("tier"), Tier)
    if tier is None:
        raise Invalid(N_("Say which duty it is."))
    staff = works_here(session, int(community_id or 0), row_id(data.get("staff")))
    start, end = data["starts_at"], data["ends_at"]
    if end <= start:
        raise Invalid(N_("The end lies before the start."))
    if end <= now:
        raise Invalid(N_("These hours have passed."))
    if end - start > LONGEST:
        raise Invalid(N_("At most two months at once: make a rotation for what lasts longer."))
    number = phone_number(data.get("number")) or staff.number
    if not number:
        raise Invalid(N_("%(name)s has no telephone number: an emergency could not ring."), name=staff.name)
    shift = DutyShift(
        community_id=community_id,
        tier=tier,
        staff_id=staff.id,
        number=number,
        starts_at=max(start, now.replace(second=0, microsecond=0)),
        ends_at=end,
        is_override=True,
        note=clean_text(data.get("note"), 255, lines=False),
    )
    session.add(shift)
    session.flush()
    _log(session, "override_added", actor, shift, now)
    return shift


def take_back(session: Session, actor: Actor, shift: DutyShift, now: datetime) -> None:
    """Let what was planned hold again: a coming override goes, one that runs ends now. Raises Refused for any other shift."""
    if not shift.is_override:
        raise Refused(N_("Only an override can be taken back: change the rotation, or put an override over the shift."))
    if shift.ends_at <= now:
        raise Refused(N_("This shift is over: what was stays on the record."))
    _log(session, "override_removed", actor, shift, now)
    if shift.starts_at < now:
        shift.ends_at = now
    else:
        session.delete(shift)
    session.flush()


def works_here(session: Session, community_id: int, staff_id: int | None) -> Staff:
    """An active member of a community's staff. Raises Invalid."""
    here = select(StaffCommunity.staff_id).where(StaffCommunity.community_id == community_id)
    staff = session.scalar(select(Staff).where(Staff.id == staff_id, Staff.id.in_(here), Staff.active))
    if staff is None:
        raise Invalid(N_("Name somebody who works in this community."))
    return staff


def _log(session: Session, verb: str, actor: Actor, shift: DutyShift, now: datetime) -> None:
    span = (shift.starts_at, shift.ends_at)
    duty_log.note(
        session,
        verb,
        actor,
        now,
        community_id=shift.community_id,
        tier=shift.tier,
        staff_id=shift.staff_id,
        span=span,
        words=shift.note,
    )
