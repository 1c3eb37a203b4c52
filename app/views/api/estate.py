"""Community, building, house (D2)."""

from typing import Any

from flask import Response, request
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.adapters.clock import now
from app.models import Building, Community, House
from app.services.month_figures import compared
from app.services.month_matters import Cut
from app.services.reporting.month_figures import frozen
from app.services.reporting.period import month_key, month_of, shift
from app.views.base.local import local, zone
from app.views.base.rest import RestApi, asking
from app.views.base.rest_words import KEY, content, described
from app.views.base.rows import RowInterface
from app.views.figures import hidden

_FIGURES = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "month": {"type": "string"},
        "count": {"type": "integer"},
        "result": {"type": "array", "items": {"type": "object"}},
    },
}


class CommunityApi(RestApi):
    """Estates."""

    resource_name = "community"
    datamodel = RowInterface(Community)
    columns = ("id", "code", "name", "name_en", "address", "desk_phone", "calendar_id", "calendar.name")

    @expose("/<int:pk>/figures", methods=["GET"])
    @protect()
    @permission_name("figures")
    @described("get", "The figures of a month", content(_FIGURES), parameters=[KEY], refusals=(400, 404))
    def figures(self, pk: int) -> Response:
        """The figures of `?month=YYYY-MM` (the present one when it is left out) of the reader's own rows: rates as strings
        from 0 to 1 with four places, null where there was nothing to judge."""
        self.own(pk)
        month = month_of(request.args.get("month") or month_key(local(now()).date()), zone())
        before = month_of(month_key(shift(month.key, -1)), zone())
        lines = compared(self.datamodel.session, asking(), month, before, Cut(pk), hidden())
        result: list[dict[str, Any]] = [
            {
                "code": line.figure.code,
                "unit": line.figure.unit,
                "value": frozen(line.value),
                "last_month": frozen(line.before),
                "target": frozen(line.target),
                "whole": line.whole,
                "part": line.part,
            }
            for line in lines
        ]
        return self.response(200, id=pk, month=month.key, count=len(result), result=result)


class BuildingApi(RestApi):
    """Buildings."""

    resource_name = "building"
    datamodel = RowInterface(Building)
    columns = ("id", "number", "name", "position", "community_id", "community.code", "community.name")


class HouseApi(RestApi):
    """Houses; `area_m2` is a number, `state` one of I8."""

    resource_name = "house"
    datamodel = RowInterface(House)
    columns = (
        "id",
        "name",
        "number",
        "floor",
        "area_m2",
        "state",
        "unit_id",
        "unit.name",
        "building_id",
        "building.name",
        "community_id",
        "community.code",
        "community.name",
    )
