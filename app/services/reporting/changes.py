"""What a report's month looks like today beside what was frozen, and one version beside the one before it."""

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Report
from app.rules.report_changes import Difference, FigureChange, difference, figure_changes
from app.services.reporting.month_figures import month_figures
from app.services.reporting.period import month_of


def changed_since(session: Session, report: Report, zone: ZoneInfo) -> list[FigureChange]:
    """The month's figures that differ today from those the report froze; the report itself never changes."""
    today = month_figures(session, report.community_id, [month_of(report.month, zone), None, None])
    return figure_changes(report.dataset["figures"], today)


def version_before(session: Session, report: Report) -> Report | None:
    """The month's version before this one."""
    query = select(Report).where(
        Report.community_id == report.community_id, Report.month == report.month, Report.version < report.version
    )
    return session.scalars(query.order_by(Report.version.desc()).limit(1)).first()


def against(before: Report, report: Report) -> Difference:
    """What differs from an earlier version."""
    return difference(before.dataset, report.dataset, before.texts, report.texts)
