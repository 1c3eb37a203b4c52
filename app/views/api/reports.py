"""Monthly reports and the steps to their publication (D14)."""

from __future__ import annotations

from app.models import Report
from app.views.base.rest import RestApi
from app.views.base.rows import RowInterface


class ReportApi(RestApi):
    """Reports by community, month and version; `POST /api/v1/report/<id>/` `review`, `sign`, `publish`."""

    resource_name = "report"
    datamodel = RowInterface(Report)
    further_filters = {"created_at": "drafted_at"}
    columns = (
        "id",
        "community_id",
        "community.code",
        "community.name",
        "month",
        "version",
        "state",
        "sha256",
        "previous_sha256",
        "erratum_reason",
        "drafted_at",
        "reviewed_at",
        "reviewed_by",
        "signed_at",
        "signed_by",
        "published_at",
        "published_by",
    )
