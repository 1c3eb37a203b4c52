"""The service catalogue, fee items and bills (D9, D10)."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.models import Bill, FeeItem, Payment, Receipt, ServiceItem, ServiceOrder
from app.services import payments
from app.services.actors import Actor
from app.services.service_orders import perform
from app.views.base.rest import RestApi
from app.views.base.rest_fields import Row
from app.views.base.rest_steps import StepsApi
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


class ServiceOrderApi(StepsApi):
    """Orders of the catalogue with the price of their day. A step is `POST /api/v1/service_order/<id>/<verb>`."""

    resource_name = "service_order"
    datamodel = RowInterface(ServiceOrder)
    columns = (
        "id",
        "ticket_id",
        "ticket.number",
        "item_id",
        "item.code",
        "item.name",
        "variant",
        "count",
        "community_id",
        "house_id",
        "house.name",
        "state",
        "price_kind",
        "amount_yuan",
        "unit",
        "percent",
        "base",
        "quoted_yuan",
        "price_accepted_at",
        "scheduled_at",
        "done_at",
        "charged_yuan",
        "charged_at",
        "bill_id",
        "created_at",
    )

    def take(self, session: Session, item: ServiceOrder, verb: str, actor: Actor, at: datetime, body: Row) -> None:
        """quote, accept, schedule, finish, charge, cancel; `amount_yuan`, `at`, `note` in the body."""
        perform(session, item, verb, actor, at, body)


class FeeItemApi(RestApi):
    """What is charged, per what, at which rate."""

    resource_name = "fee_item"
    datamodel = RowInterface(FeeItem)
    columns = (
        "id",
        "code",
        "name",
        "name_en",
        "basis",
        "rate",
        "valid_from",
        "ends_on",
        "community_id",
        "community.code",
    )


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
        "from_on",
        "to_on",
        "waived_yuan",
        "amount",
        "paid_yuan",
        "state",
        "issued_on",
        "due_on",
        "paid_at",
    )


class PaymentApi(StepsApi):
    """Payments and refunds; `reverse` with `note` (why) in the body."""

    resource_name = "payment"
    datamodel = RowInterface(Payment)
    columns = (
        "id",
        "kind",
        "way",
        "amount",
        "state",
        "house_id",
        "house.name",
        "payer_id",
        "payer.name",
        "community_id",
        "reference",
        "at_home",
        "received_at",
        "taken_by",
        "reversed_at",
        "reversal_reason",
        "created_at",
    )

    def take(self, session: Session, item: Payment, verb: str, actor: Actor, at: datetime, body: Row) -> None:
        """reverse."""
        payments.perform(session, item, verb, actor, at, body)


class ReceiptApi(RestApi):
    """Receipts: gapless numbers in each community."""

    resource_name = "receipt"
    datamodel = RowInterface(Receipt)
    columns = (
        "id",
        "number",
        "community_id",
        "community.code",
        "payment_id",
        "payment.amount",
        "payment.state",
        "issued_at",
    )
