"""What the pages of the duty roster share: communities to choose from, people, instants as they are typed, hours in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import abort, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import N_, Invalid
from app.models import Community, Staff, StaffCommunity
from app.rules.typed_time import read_moment
from app.services.access import rows
from app.services.actors import Actor
from app.views.base.local import local, zone
from app.views.base.rows import as_id


def communities(session: Session, actor: Actor) -> list[Community]:
    """The actor's communities."""
    return list(session.scalars(select(Community).where(rows(actor, Community)).order_by(Community.id)))


def chosen_community(found: Sequence[Community]) -> Community | None:
    """The one `?community=` names, else the first; 404 for one that is not the actor's."""
    wanted = as_id(request.args.get("community", ""))
    if wanted is None:
        return found[0] if found else None
    return next((one for one in found if one.id == wanted), None) or abort(404)


def staff_of_community(session: Session, actor: Actor, community_id: int) -> list[Staff]:
    """Who works in a community, by role and name."""
    here = select(StaffCommunity.staff_id).where(StaffCommunity.community_id == community_id)
    statement = select(Staff).where(Staff.id.in_(here), Staff.active, rows(actor, Staff))
    return list(session.scalars(statement.order_by(Staff.role, Staff.name, Staff.id)))


def moment(text: str | None) -> datetime:
    """The instant somebody typed, in local time. Raises Invalid."""
    found = read_moment((text or "")[:60], local(now()).replace(tzinfo=None, second=0, microsecond=0))
    if found is None:
        raise Invalid(N_("This is not a day and time: write it like 2026-03-31 17:30."))
    return found.replace(tzinfo=zone())


def field_moment(instant: datetime | None) -> str:
    """An instant as the date field writes it."""
    return f"{local(instant):%Y-%m-%dT%H:%M}" if instant else ""


def hours(starts_at: datetime, ends_at: datetime) -> str:
    """`08:00–20:00`, `20:00–08:00 next day`, or with days where it lasts longer."""
    begins, ends = local(starts_at), local(ends_at)
    if ends.date() == begins.date() or (
        ends.date() - begins.date() == timedelta(days=1) and ends.hour + ends.minute == 0
    ):
        return f"{begins:%H:%M}–{'24:00' if ends.date() > begins.date() else f'{ends:%H:%M}'}"
    if ends - begins <= timedelta(hours=24):
        return gettext("%(start)s–%(end)s next day", start=f"{begins:%H:%M}", end=f"{ends:%H:%M}")
    return f"{begins:%m-%d %H:%M} – {ends:%m-%d %H:%M}"
