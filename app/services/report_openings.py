"""How often households opened a published report: a number by way, never who (D14)."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.models import ReportOpening

FILE, PAGE = "file", "page"


def note(session: Session, report_id: int, way: str) -> None:
    """Count one opening; two at once both count."""
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(ReportOpening)
        .values(report_id=report_id, way=way, openings=1)
        .on_conflict_do_update(index_elements=["report_id", "way"], set_={"openings": ReportOpening.openings + 1})
    )


def openings(session: Session, report_id: int) -> dict[str, int]:
    """Way (`file`, `page`) → how often. The caller has checked that the actor may see the report."""
    found = session.execute(
        select(ReportOpening.way, ReportOpening.openings).where(ReportOpening.report_id == report_id)
    )
    return {FILE: 0, PAGE: 0} | {row.way: row.openings for row in found}
