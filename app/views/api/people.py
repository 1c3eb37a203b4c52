"""Person and tenure (D2). The owner's file is not here: name and telephones only (D15)."""

from typing import Any

from flask import Response, request
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.adapters.clock import now
from app.models import Person, Tenure
from app.rules.codes import AccessAction
from app.services import audit
from app.services.transaction import transaction
from app.views.base.rest import RestApi, asking
from app.views.base.rest_words import KEY, ROW, content, described
from app.views.base.rows import RowInterface


class PersonApi(RestApi):
    """People of households."""

    resource_name = "person"
    datamodel = RowInterface(Person)
    columns = ("id", "name", "email", "locale", "phones.id", "phones.number")

    @expose("/<int:pk>", methods=["GET"])
    @protect()
    @permission_name("get")
    @described("get", "The person", content(ROW), parameters=[KEY])
    def get(self, pk: int, **more: Any) -> Response:
        """One person; that staff looked is kept."""
        answer: Response = super().get(pk, **more)
        actor, name = asking(), self.own(pk).name
        if actor.person_id != pk:
            with transaction() as session:
                action, address = AccessAction.FILE_READ, request.remote_addr
                audit.record(session, actor, action, name, now(), kind="person", row_id=pk, address=address)
        return answer


class TenureApi(RestApi):
    """Who is tied to which house, since when, until when."""

    resource_name = "tenure"
    datamodel = RowInterface(Tenure)
    columns = ("id", "person_id", "person.name", "house_id", "house.name", "role", "starts_on", "ends_on")
