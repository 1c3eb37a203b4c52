"""`/owner/reports`: the published monthly reports (D14), the newest large, each with its file, its check and a question."""

from __future__ import annotations

from typing import Any

from app.extensions import db
from app.services import household
from app.views.base import expose, has_access, permission_name
from app.views.owner_base import OwnerBase

MOST = 60


class OwnerReports(OwnerBase):
    """Reports of the household's own communities."""

    default_view = "reports"
    tab = "more"

    @expose("/reports")
    @has_access
    @permission_name("view")
    def reports(self) -> Any:
        """All of them."""
        return self.page("owner/reports.html", reports=household.reports(db.session(), self.actor(), MOST))
