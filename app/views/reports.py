"""Monthly reports as a table; reading and signing have their own pages (D14)."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import defer
from sqlalchemy.orm.interfaces import ORMOption

from app.models import Report
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface


class ReportView(ModelPage):
    """Every version of every month."""

    datamodel = RowInterface(Report)
    title, singular = _("Reports"), _("Report")
    has_name = False
    list_columns = ["month", "community", "version", "state", "reviewed_by", "signed_by", "published_at"]
    show_columns = [
        "month",
        "community",
        "version",
        "state",
        "drafted_at",
        "reviewed_at",
        "reviewed_by",
        "signed_at",
        "signed_by",
        "published_at",
        "published_by",
        "sha256",
    ]
    search_columns = ["month", "community", "state"]
    order_columns = ["month", "version", "state", "published_at", "id"]
    families = {"state": "report_state"}
    hidden_columns = ["sha256"]
    card = ["month", "community", "published_at"]
    base_order = ("month", "desc")
    links = {"month": lambda report: report_file(report)}

    def eager(self, columns: Sequence[str]) -> list[ORMOption]:
        """Without the frozen data: they are as long as the report."""
        return [*super().eager(columns), defer(Report.dataset), defer(Report.texts)]


def report_file(report: Report) -> str | None:
    """The address of the published file of this version (I6)."""
    if report.published_at is None:
        return None
    return f"/reports/{report.community.code}/{report.month}.pdf?version={report.version}"
