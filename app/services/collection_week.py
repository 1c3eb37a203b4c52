"""The week's collection (D10): what came in per steward in the past week, what is in arrears, told to the manager each Monday."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from flask import current_app
from flask_babel import gettext
from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from app.models import Bill, Community, FeeItem, House, Staff
from app.rules.arrears import NOTHING
from app.rules.codes import BillState, FeeBasis, Role
from app.rules.figures import collection_rate, rate_text
from app.services import arrears
from app.services.local_time import local_zone
from app.services.names import named
from app.services.roster import staff_of
from app.services.staff_notices import tell

MOST_STEWARDS = 12
"""How many are named in a message; the page has them all."""


@dataclass
class Line:
    """One steward's houses: money that came in, arrears now, and the last billed month's due and paid."""

    bills: int = 0
    came_in: Decimal = NOTHING
    houses: int = 0
    owed: Decimal = NOTHING
    due: Decimal = NOTHING
    paid: Decimal = NOTHING

    @property
    def rate(self) -> Decimal | None:
        """The collection rate of the last billed month (D10); None where nothing was due."""
        return collection_rate(self.paid, self.due)

    def add(self, other: Line) -> None:
        """Put other houses to these."""
        for name in ("bills", "came_in", "houses", "owed", "due", "paid"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True)
class Week:
    """A community's week: from Monday to Sunday, the last billed month, a line a steward (None: nobody's houses), and all."""

    monday: date
    sunday: date
    period: str
    stewards: list[tuple[Staff | None, Line]]
    all: Line


def past_week(day: date) -> date:
    """The Monday of the week before the one of `day`."""
    return day - timedelta(days=day.weekday() + 7)


def week(
    session: Session, community_id: int, monday: date, today: date, visible: ColumnElement[bool] | None = None
) -> Week:
    """The week that begins on `monday`, of the houses that `visible` leaves. Five statements."""
    mine = (Bill.community_id == community_id, true() if visible is None else visible)
    by_month = Bill.fee_item_id.in_(select(FeeItem.id).where(FeeItem.basis != FeeBasis.ONCE))
    live = (mine[0], Bill.state != BillState.CANCELLED, by_month)
    period = session.scalar(select(func.max(Bill.period)).where(*live)) or ""
    start, end = (datetime.combine(day, time(), local_zone()) for day in (monday, monday + timedelta(days=7)))
    lines: dict[int, Line] = {}
    of_month = (Bill.period == period, Bill.state != BillState.CANCELLED, by_month)
    for building_id, bills, paid in arrears.came_in(session, community_id, visible, start, end):
        lines.setdefault(building_id, Line()).add(Line(bills=bills, came_in=paid))
    houses = func.count(func.distinct(Bill.house_id))
    for building_id, count, owed in _by_building(
        session, (*mine, arrears.overdue(today)), houses, func.sum(arrears.rest())
    ):
        lines.setdefault(building_id, Line()).add(Line(houses=count, owed=owed))
    for building_id, due, paid in _by_building(
        session, (*mine, *of_month), func.sum(Bill.amount), func.sum(Bill.paid_yuan)
    ):
        lines.setdefault(building_id, Line()).add(Line(due=due, paid=paid))
    return _together(monday, period, lines, arrears.stewards(session, community_id, today))


def tell_managers(session: Session, now: datetime) -> int:
    """Tell each community's managers of the past week, once a week; a Monday that was slept through is made good. Returns the
    messages."""
    today, told = now.astimezone(local_zone()).date(), 0
    monday = past_week(today)
    for community in session.scalars(select(Community).order_by(Community.id)).all():
        found = week(session, community.id, monday, today)
        if not found.period:
            continue
        managers = staff_of(session, community.id, (Role.MANAGER,))
        words = partial(_words, community, found)
        told += tell(session, managers, community.id, "arrears_week", words, now, f"{monday}")
    return told


def _by_building(session: Session, conditions: tuple[Any, ...], *columns: Any) -> list[Any]:
    found = select(House.building_id, *columns).select_from(Bill).join(House, House.id == Bill.house_id)
    return list(session.execute(found.where(*conditions).group_by(House.building_id)))


def _together(monday: date, period: str, lines: Mapping[int, Line], of_building: Mapping[int, Staff]) -> Week:
    total, by_steward = Line(), dict[int, Line]()
    for building_id, line in lines.items():
        total.add(line)
        steward = of_building.get(building_id)
        by_steward.setdefault(steward.id if steward else 0, Line()).add(line)
    staff = {one.id: one for one in of_building.values()}
    ordered = sorted(by_steward.items(), key=lambda item: (-item[1].owed, item[0]))
    return Week(monday, monday + timedelta(days=6), period, [(staff.get(pk), line) for pk, line in ordered], total)


def _words(community: Community, found: Week) -> str:
    """The message, in the manager's language: totals, then steward by steward; never a household."""
    said = [
        gettext(
            "[%(community)s] Fees collected %(from)s to %(to)s: %(sum)s yuan of %(bills)s bills. In arrears: %(owed)s yuan,"
            " %(houses)s houses. Collected of %(month)s: %(rate)s.",
            **{"from": f"{found.monday}", "to": f"{found.sunday}"},
            community=named(community),
            sum=f"{found.all.came_in:,.2f}",
            bills=found.all.bills,
            owed=f"{found.all.owed:,.2f}",
            houses=found.all.houses,
            month=found.period,
            rate=rate_text(found.all.rate),
        )
    ]
    for steward, line in found.stewards[:MOST_STEWARDS]:
        said.append(
            gettext(
                "%(name)s: collected %(sum)s, in arrears %(owed)s (%(houses)s houses).",
                name=steward.name if steward else gettext("No steward"),
                sum=f"{line.came_in:,.2f}",
                owed=f"{line.owed:,.2f}",
                houses=line.houses,
            )
        )
    base = current_app.extensions["settings"].public_base_url
    said.append(f"{base}/arrears/week/{found.monday}?community={community.id}")
    return "\n".join(said)
