"""Community, building, house (D2)."""

from app.models import Building, Community, House
from app.views.base.rest import RestApi
from app.views.base.rows import RowInterface


class CommunityApi(RestApi):
    """Estates."""

    resource_name = "community"
    datamodel = RowInterface(Community)
    columns = ("id", "code", "name", "name_en", "address", "desk_phone", "desk_opens_at", "desk_closes_at")


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
