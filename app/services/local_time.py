"""The local zone (setting TIMEZONE), and the administrator's corrections to the holiday calendar."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from flask import current_app, has_app_context
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Holiday

_DEFAULT = ZoneInfo("Asia/Shanghai")


def local_zone() -> ZoneInfo:
    """The zone in which days begin and end; storage stays UTC (G5)."""
    if not has_app_context():
        return _DEFAULT
    settings = current_app.extensions.get("settings")
    return settings.timezone if settings is not None else _DEFAULT


def own_days(session: Session) -> dict[date, bool]:
    """Days the administrator declared: True for a work day, False for a day off. Unreadable rows are passed over."""
    days: dict[date, bool] = {}
    for day, is_workday in session.execute(select(Holiday.day, Holiday.is_workday)):
        try:
            days[date.fromisoformat(day)] = is_workday
        except ValueError:
            continue
    return days
