"""The frozen data of a community's month (I8): plain JSON, from which any version of the report can be made again."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import Building, Category, Community, HotlineNumber, Report, Staff, StewardBuilding
from app.rules.codes import ReportState
from app.services import policies
from app.services.calendars import desk_runs
from app.services.reporting import records
from app.services.reporting.month_figures import month_figures
from app.services.reporting.period import Month, month_of, months_until
from app.services.reporting.sections import NOT_KEPT_YET, SECTIONS, Sources

SCHEMA = 1
Rows = dict[str, Any]


def build_dataset(session: Session, community: Community, month_key: str, now: datetime, zone: ZoneInfo) -> Rows:
    """All figures and sections of a month as JSON: integers, strings, lists and objects only."""
    months = months_until(month_key, 13, zone)
    current = records.read_month(session, community.id, months[-1])
    last_month, last_year = (
        _unless_empty(records.read_month(session, community.id, month)) for month in (months[-2], months[0])
    )
    homes, occupied = records.read_houses(session, community.id)
    compared = [one.month if one else None for one in (current, last_month, last_year)]
    figures = month_figures(session, community.id, compared)
    sources = Sources(
        now=current,
        last_month=last_month,
        months=_from_first_record([records.read_outline(session, community.id, month) for month in months[1:]]),
        figures={figure["code"]: figure for figure in figures},
        zone=zone,
        smallest_group=policies.figure(session, "privacy.small_number"),
        categories=_categories(session),
        buildings=_buildings(session, community.id),
        arrears_yuan=records.read_arrears(session, community.id, month_key),
        messages=records.read_messages(session, community.id, current.month),
        stewards=_stewards(session, community.id, current.month),
        goals=_goals_before(session, community.id, month_key),
    )
    sections = {code: section(sources) for code, section in SECTIONS.items()}
    return {
        "schema": SCHEMA,
        "month": month_key,
        "frozen_at": now.isoformat(timespec="seconds"),
        "frozen_on": now.astimezone(zone).date().isoformat(),
        "community": {
            "code": community.code, "name": community.name, "name_en": community.name_en,
            "buildings": len(sources.buildings), "households": homes, "occupied": occupied,
        },
        "hotline": _hotline(session, community.id),
        "desk": {"phone": community.desk_phone, "hours": desk_runs(session, community.id)},
        "figures": figures,
        "order": [code for code, data in sections.items() if data is not None],
        "sections": {code: data for code, data in sections.items() if data is not None},
        "left_out": [code for code, data in sections.items() if data is None] + list(NOT_KEPT_YET),
    }  # fmt: skip


def _unless_empty(month: records.MonthRecords) -> records.MonthRecords | None:
    """A month to compare with, or None when nothing at all was recorded in it."""
    return month if month.requests or month.calls or month.fees else None


def _from_first_record(months: list[records.MonthOutline]) -> list[records.MonthOutline]:
    """The months from the first one with records on; the reported month always stays."""
    for place, month in enumerate(months):
        if month.requests or month.fees:
            return months[place:]
    return months[-1:]


def _categories(session: Session) -> dict[int, Rows]:
    query = select(Category.id, Category.code, Category.name, Category.name_en).order_by(Category.position, Category.id)
    return {row.id: {"code": row.code, "name": row.name, "name_en": row.name_en} for row in session.execute(query)}


def _buildings(session: Session, community_id: int) -> dict[int, Rows]:
    query = select(Building.id, Building.number, Building.name).where(Building.community_id == community_id)
    rows = session.execute(query.order_by(Building.position, Building.id))
    return {row.id: {"code": "building", "number": row.number, "name": row.name, "name_en": ""} for row in rows}


def _hotline(session: Session, community_id: int) -> str | None:
    query = select(HotlineNumber.number).where(
        HotlineNumber.community_id == community_id, HotlineNumber.active.is_(True)
    )
    return session.scalar(query.order_by(HotlineNumber.id).limit(1))


def _stewards(session: Session, community_id: int, month: Month) -> list[Rows]:
    """Who was responsible for which buildings on the month's last day; the number is the service's."""
    query = (
        select(
            Staff.id,
            Staff.name,
            Staff.number,
            Staff.promise,
            Building.number.label("building"),
            Building.name.label("title"),
        )
        .join(StewardBuilding, StewardBuilding.staff_id == Staff.id)
        .join(Building, Building.id == StewardBuilding.building_id)
        .where(
            StewardBuilding.community_id == community_id,
            StewardBuilding.starts_on <= month.last_day,
            or_(StewardBuilding.ends_on.is_(None), StewardBuilding.ends_on >= month.last_day),
            Staff.active.is_(True),
        )
        .order_by(Building.position, Building.id)
    )
    cards: dict[int, Rows] = {}
    for row in session.execute(query):
        card = cards.setdefault(
            row.id, {"name": row.name, "phone": row.number, "promise": row.promise or "", "buildings": []}
        )
        card["buildings"].append({"code": "building", "number": row.building, "name": row.title, "name_en": ""})
    return list(cards.values())


def _goals_before(session: Session, community_id: int, month_key: str) -> list[Rows]:
    """The goals that the published report of the month before promised."""
    before = months_until(month_key, 2, ZoneInfo("UTC"))[0].key
    dataset = session.scalar(
        select(Report.dataset).where(
            Report.community_id == community_id, Report.month == before, Report.state == ReportState.PUBLISHED
        )
    )
    return list((dataset or {}).get("sections", {}).get("plan", {}).get("goals", []))


__all__ = ["build_dataset", "month_of"]
