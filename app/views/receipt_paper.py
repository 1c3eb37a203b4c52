"""A receipt as a PDF (D10), in either language: number, what was paid with it, the sum in capital numerals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import abort
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.models import Bill, Payment
from app.rules.capital_amount import capitals
from app.rules.codes import PaymentState
from app.services.actors import Actor
from app.services.payments import parts_of
from app.services.single_bills import number as bill_number
from app.views.base.cells import named, yuan
from app.views.base.local import local_text, month_words
from app.views.labels import code_label
from app.views.sheet_answer import asked_language, taken_answer


def receipt_answer(session: Session, payment: Payment, actor: Actor) -> Response:
    """The PDF of a payment the actor may see, in `?lang=` or the page's language; that it left the system is kept. 404 for a
    refund, which has no receipt."""
    if payment.receipt is None:
        abort(404)
    locale = asked_language()
    with force_locale(locale):
        sheet = receipt_sheet(payment, parts_of(session, payment), locale)
        name = f"{gettext('Receipt of payment')}-{payment.receipt}"
    return taken_answer(actor, sheet, name, "payment", payment.id)


def receipt_sheet(payment: Payment, parts: list[tuple[Bill | None, Decimal]], locale: str) -> dict[str, Any]:
    """What stands on the paper, in the present language (see `app.reports.sheet`)."""
    void = payment.state == PaymentState.REVERSED
    notes = [gettext("This is a receipt, no tax invoice (fapiao).")]
    if void:
        when, why = local_text(payment.reversed_at), payment.reversal_reason
        notes.insert(0, gettext("VOID: the payment was reversed on %(when)s (%(why)s).", when=when, why=why))
    return {
        "locale": locale,
        "number": str(payment.receipt),
        "issuer": gettext("%(community)s service centre", community=named(payment.community)),
        "title": gettext("Receipt of payment (void)") if void else gettext("Receipt of payment"),
        "subtitle": gettext("Money received"),
        "facts": [
            [gettext("Receipt number"), str(payment.receipt)],
            [gettext("House"), f"{named(payment.community)} {payment.house.name}"],
            [gettext("Received from"), payment.payer.name],
            [gettext("Received at"), local_text(payment.received_at)],
            [gettext("Way of payment"), _way(payment)],
            [gettext("Money received by"), payment.taken_by],
        ],
        "lines": {
            "head": [gettext("For"), gettext("Month"), gettext("Bill number"), gettext("Amount (yuan)")],
            "rows": [_row(bill, part) for bill, part in parts],
        },
        "sums": [],
        "due": [gettext("Received (yuan)"), yuan(payment.amount)],
        "in_words": [gettext("In capital numerals"), capitals(payment.amount)] if locale == "zh" else None,
        "notes": notes,
        "foot": gettext("Printed at %(when)s", when=local_text(now())),
    }


def _way(payment: Payment) -> str:
    way = code_label("payment_way", payment.way)
    return f"{way} · {payment.reference}" if payment.reference else way


def _row(bill: Bill | None, part: Decimal) -> list[str]:
    if bill is None:
        return [gettext("Credit for later bills"), "", "", yuan(part)]
    return [named(bill.fee_item), month_words(bill.period), bill_number(bill), yuan(part)]
