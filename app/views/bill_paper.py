"""A bill as a PDF (D10): for the household that pays it and for finance, in either language. Made by the renderer's process."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.extensions import db
from app.models import Bill, TicketCost
from app.rules.capital_amount import capitals
from app.rules.codes import BillState, CostKind, FeeBasis
from app.services import cost_bills, order_bills, single_bills
from app.services.actors import Actor
from app.services.owner_bills import rest
from app.views.base.cells import is_english, named, phone_text, plain_decimal, yuan
from app.views.base.local import day_text, local, local_text, month_words, now_local
from app.views.cost_words import cost_amount, cost_name
from app.views.labels import code_label
from app.views.look import Look
from app.views.sheet_answer import asked_language, taken_answer


def bill_answer(bill: Bill, actor: Actor) -> Response:
    """The PDF of a bill that the actor may see, in `?lang=` or the page's language; that it left the system is kept."""
    locale = asked_language()
    with force_locale(locale):
        sheet = bill_sheet(bill, locale)
        name = f"{gettext('Bill')}-{bill.period}-{bill.house.name}"
    return taken_answer(actor, sheet, name, "bill", bill.id)


def bill_sheet(bill: Bill, locale: str) -> dict[str, Any]:
    """What stands on the paper, in the present language (see `app.reports.sheet`)."""
    community, owed = bill.community, rest(bill)
    return {
        "locale": locale,
        "number": single_bills.number(bill),
        "issuer": gettext("%(community)s service centre", community=named(community)),
        "title": gettext("Bill"),
        "subtitle": f"{named(bill.fee_item)} · {month_words(bill.period)}",
        "facts": _facts(bill),
        "lines": _lines(bill),
        "sums": _sums(bill),
        "due": [gettext("Still to be paid (yuan)"), yuan(owed)],
        "in_words": [gettext("In capital numerals"), capitals(owed)] if locale == "zh" else None,
        "notes": [*_how_to_pay(bill, owed), gettext("This is a bill, no receipt and no tax invoice (fapiao).")],
        "foot": gettext("Printed at %(when)s", when=local_text(now())),
    }


def _facts(bill: Bill) -> list[list[str]]:
    late = rest(bill) > 0 and bill.due_on < now_local().date()
    state = gettext("Overdue") if late else code_label("bill_state", bill.state)
    return [
        [gettext("Bill number"), single_bills.number(bill)],
        [gettext("House"), f"{named(bill.community)} {bill.house.name}"],
        [gettext("Payer"), bill.payer.name],
        [gettext("Issued"), day_text(bill.issued_on)],
        [gettext("Due by"), day_text(bill.due_on)],
        [gettext("State"), state],
    ]


def _lines(bill: Bill) -> dict[str, Any]:
    area = bill.fee_item.basis == FeeBasis.PER_M2_MONTH
    quantity = gettext("Area (m²)") if area else gettext("Quantity")
    head = [gettext("Charged"), quantity, gettext("Rate (yuan)"), gettext("Amount (yuan)")]
    what = f"{named(bill.fee_item)}{gettext(', ')}{code_label('fee_basis', bill.fee_item.basis)}"
    ordered = ordered_service(bill)
    if ordered:
        what = f"{named(bill.fee_item)}{gettext(': ')}{ordered}"
    elif bill.segment > 1:
        what += f"{gettext(', ')}{gettext('Part %(number)s of the month', number=bill.segment)}"
    if is_part_of_month(bill):
        what += f"{gettext(', ')}{day_text(bill.from_on)} – {day_text(bill.to_on)}"
    if bill.waived_yuan:
        what += f"{gettext(', ')}{gettext('%(sum)s yuan waived', sum=yuan(bill.waived_yuan))}"
    rows = [[what, plain_decimal(bill.quantity), plain_decimal(bill.rate), yuan(bill.amount)]]
    return {"head": head, "rows": _cost_rows(bill) or rows}


def bill_costs(bill: Bill) -> list[TicketCost]:
    """The lines of a ticket that a bill was made for; none for other bills."""
    if bill.fee_item.basis != FeeBasis.ONCE:
        return []
    return cost_bills.of_bill(db.session(), bill.id)


def _cost_rows(bill: Bill) -> list[list[str]]:
    """Material and working time line by line, as the household agreed to them; of a cancelled bill only its sum is told."""
    if bill.state == BillState.CANCELLED:
        return []
    hourly = " / " + gettext("hour")
    return [
        [
            f"{cost_name(line)} ({line.ticket.number})",
            cost_amount(line),
            yuan(line.price_yuan) + (hourly if line.kind == CostKind.LABOUR else ""),
            yuan(line.amount_yuan),
        ]
        for line in bill_costs(bill)
    ]


def ordered_service(bill: Bill) -> str:
    """Which service a bill was made for, in the reader's language; nothing for the fees of a month."""
    if bill.fee_item.basis != FeeBasis.ONCE:
        return ""
    order = order_bills.of_bill(db.session(), bill.id)
    if order is None:
        return ""
    english = {price.variant: price.variant_en for price in order.item.prices}.get(order.variant)
    variant = english or order.variant if is_english() else order.variant
    return f"{named(order.item)} {variant}".strip()


def is_part_of_month(bill: Bill) -> bool:
    """Whether the bill is for some days of its month only."""
    if bill.from_on is None or bill.to_on is None:
        return False
    return bill.from_on.day > 1 or (bill.to_on + timedelta(days=1)).month == bill.to_on.month


def _sums(bill: Bill) -> list[list[str]]:
    sums = [[gettext("Amount (yuan)"), yuan(bill.amount)]]
    if bill.paid_yuan:
        day = f" {day_text(local(bill.paid_at).date())}" if bill.paid_at else ""
        sums.append([gettext("Paid so far") + day, yuan(bill.paid_yuan)])
    return sums


def _how_to_pay(bill: Bill, owed: Decimal) -> list[str]:
    if bill.state == BillState.CANCELLED:
        return [gettext("This bill was cancelled: nothing is to be paid.")]
    if not owed:
        return [gettext("All paid. Thank you.")]
    desk = bill.community
    hours = Look().desk_hours(desk)
    words = " · ".join(filter(None, (hours, desk.address, phone_text(desk.desk_phone))))
    return [
        gettext("Pay at the desk: %(where)s.", where=words),
        gettext(
            "At home: your steward comes by appointment. By bank transfer: ask the desk for the account, and give the bill number."
        ),
    ]
