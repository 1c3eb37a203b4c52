"""Verbs over REST (I5): `POST /api/v1/<resource>/<id>/<verb>`, each the same service as the button on the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import N_, NotFound
from app.services.actors import Actor
from app.services.transaction import transaction
from app.views.base.rest import RestApi, asking, json_body
from app.views.base.rest_fields import Row
from app.views.base.rest_words import KEY, ROW, content, described

_VERB = {"in": "path", "name": "verb", "required": True, "schema": {"type": "string"}}


class StepsApi(RestApi):
    """A resource whose records change by verbs. A subclass writes `take`; permission `can_step`."""

    @expose("/<int:pk>/<string:verb>", methods=["POST"])
    @protect()
    @permission_name("step")
    @described(
        "post",
        "The row after the step",
        content(ROW),
        parameters=[KEY, _VERB],
        body={"required": False, "content": content({"type": "object"})},
        refusals=(400, 403, 404),
        further={409: "The rules forbid it; the message says why"},
    )
    def step(self, pk: int, verb: str) -> Response:
        """Take a step; the answer is the row after it."""
        body = json_body(required=False)
        self.run_step(pk, verb, asking(), now(), body)
        return self.written(200, pk)

    def run_step(self, pk: int, verb: str, actor: Actor, at: datetime, body: Row) -> None:
        """Read the actor's row and take the step, in one transaction. Raises NotFound for any other row."""
        with transaction() as session:
            item = self.datamodel.one(pk)
            if item is None:
                raise NotFound(N_("There is nothing here, or it is not yours to see."))
            self.take(session, item, verb, actor, at, body)

    def take(self, session: Session, item: Any, verb: str, actor: Actor, at: datetime, body: Row) -> None:
        """The step itself: a service's. Raises NotFound for a verb that does not exist."""
        raise NotImplementedError
