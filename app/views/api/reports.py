"""Monthly reports and the steps to their publication (D14)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import N_, NotFound
from app.models import Report
from app.reports.publishing import publish_report
from app.services import publication
from app.services.actors import Actor
from app.views.base.rest_fields import Row
from app.views.base.rest_steps import StepsApi
from app.views.base.rows import RowInterface

STEPS = {"review": publication.review, "sign": publication.sign}


class ReportApi(StepsApi):
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

    def run_step(self, pk: int, verb: str, actor: Actor, at: datetime, body: Row) -> None:
        """Publishing makes the file between two transactions of its own; the other steps are one."""
        if verb == "publish":
            self.own(pk)
            publish_report(pk, actor, at)
        else:
            super().run_step(pk, verb, actor, at, body)

    def take(self, session: Session, item: Report, verb: str, actor: Actor, at: datetime, body: Row) -> None:
        """review (supervisor), sign (manager)."""
        step = STEPS.get(verb)
        if step is None:
            raise NotFound(N_("There is no such step."))
        step(session, item, actor, at)
