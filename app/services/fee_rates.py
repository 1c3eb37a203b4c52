"""Rates with their first day (D10): what is entered at a fee item becomes a row of its own; earlier rates stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import FeeConcession, FeeItem, FeeRate, FeeUse, House
from app.services.actors import Actor


def note_rate(session: Session, item: FeeItem) -> None:
    """Keep the item's rate with the day it holds from; the same day again corrects it."""
    if item.rate is None or item.rate < 0:
        raise Invalid(N_("A rate is not less than nothing."))
    if item.valid_from is None:
        raise Invalid(N_("Write the day from which the rate holds."))
    if item.ends_on is not None and item.ends_on < item.valid_from:
        raise Invalid(N_("The last day is before the first."))
    session.flush()
    mine = (FeeRate.fee_item_id == item.id, FeeRate.valid_from == item.valid_from)
    row = session.scalars(select(FeeRate).where(*mine)).one_or_none()
    if row is None:
        session.add(FeeRate(fee_item_id=item.id, rate=item.rate, valid_from=item.valid_from))
    else:
        row.rate = item.rate
    session.flush()


def place(session: Session, row: FeeUse | FeeConcession, values: dict[str, Any]) -> None:
    """Set the house's community on a row of a house and item. Raises Invalid where they do not belong together."""
    house, item = session.get(House, values.get("house_id") or 0), session.get(FeeItem, values.get("fee_item_id") or 0)
    if house is None or item is None or house.community_id != item.community_id:
        raise Invalid(N_("House and fee item belong to one community."))
    starts, ends = values.get("starts_on"), values.get("ends_on")
    if starts is None:
        raise Invalid(N_("Write the first day."))
    if ends is not None and ends < starts:
        raise Invalid(N_("The last day is before the first."))
    row.community_id = house.community_id


def decide(session: Session, row: FeeConcession, values: dict[str, Any], actor: Actor, now: datetime) -> None:
    """A concession names who decided it and why. Raises Invalid."""
    place(session, row, values)
    if not str(values.get("reason") or "").strip():
        raise Invalid(N_("Write why less is charged."))
    percent = values.get("percent")
    if percent is None or not 0 < percent <= 100:
        raise Invalid(N_("A concession is more than 0 and at most 100 percent."))
    row.decided_by, row.decided_at = actor.display_name[:80], now
