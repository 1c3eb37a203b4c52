"""Monthly reports and the steps to their publication (D14)."""

from __future__ import annotations

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.adapters.clock import now
from app.errors import N_, NotFound
from app.models import Report
from app.reports.publishing import publish_report
from app.services import publication
from app.services.actors import Actor
from app.services.transaction import transaction
from app.views.base.rest import RestApi, asking, json_body
from app.views.base.rows import RowInterface

STEPS = {"review": publication.review, "sign": publication.sign}


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

    @expose("/<int:pk>/<string:verb>", methods=["POST"])
    @protect()
    @permission_name("step")
    def step(self, pk: int, verb: str) -> Response:
        """Take a step: review (supervisor), sign and publish (manager)
        ---
        post:
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          - {in: path, name: verb, required: true, schema: {type: string, enum: [review, sign, publish]}}
          responses:
            200:
              description: The report after the step
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      id: {type: integer}
                      result:
                        $ref: '#/components/schemas/{{self.__class__.__name__}}.get'
            403:
              $ref: '#/components/responses/403'
            404:
              $ref: '#/components/responses/404'
            409:
              description: The rules forbid it; the message says why
        """
        json_body(required=False)
        actor = asking()
        if verb == "publish":
            self.own(pk)
            publish_report(pk, actor, now())
        else:
            self._take(pk, verb, actor)
        return self.written(200, pk)

    def _take(self, pk: int, verb: str, actor: Actor) -> None:
        step = STEPS.get(verb)
        if step is None:
            raise NotFound(N_("There is no such step."))
        with transaction() as session:
            report = self.datamodel.one(pk)
            if report is None:
                raise NotFound(N_("There is nothing here, or it is not yours to see."))
            step(session, report, actor, now())
