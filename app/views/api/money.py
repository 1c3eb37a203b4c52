"""The service catalogue, fee items and bills (D9, D10)."""

from app.models import Bill, FeeItem, ServiceItem
from app.views.base.rest import RestApi
from app.views.base.rows import RowInterface


class ServiceItemApi(RestApi):
    """The catalogue with its prices."""

    resource_name = "service_item"
    datamodel = RowInterface(ServiceItem)
    columns = (
        "id",
        "code",
        "name",
        "name_en",
        "is_paid",
        "active",
        "description",
        "description_en",
        "department_id",
        "position",
        "prices.id",
        "prices.variant",
        "prices.variant_en",
        "prices.kind",
        "prices.amount_yuan",
        "prices.unit",
        "prices.unit_en",
        "prices.percent",
        "prices.base",
        "prices.base_en",
        "prices.valid_from",
    )


class FeeItemApi(RestApi):
    """What is charged, per what, at which rate."""

    resource_name = "fee_item"
    datamodel = RowInterface(FeeItem)
    columns = ("id", "code", "name", "name_en", "basis", "rate", "valid_from", "community_id", "community.code")


class BillApi(RestApi):
    """Bills; money in yuan as strings with two places."""

    resource_name = "bill"
    datamodel = RowInterface(Bill)
    columns = (
        "id",
        "house_id",
        "house.name",
        "fee_item_id",
        "fee_item.code",
        "fee_item.name",
        "payer_id",
        "payer.name",
        "community_id",
        "period",
        "segment",
        "quantity",
        "rate",
        "amount",
        "paid_yuan",
        "state",
        "issued_on",
        "due_on",
        "paid_at",
    )
