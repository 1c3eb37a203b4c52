"""`/owner/bills`: what a household has to pay and has paid, a year by months, each bill with how it was reckoned; its payments
with their receipts."""

from __future__ import annotations

from typing import Any

from flask import abort, request

from app.adapters.clock import now
from app.extensions import db
from app.models import Bill
from app.services import house_account, owner_bills, payments
from app.services.actors import Actor
from app.services.ticket_view import find_ticket
from app.views.base import expose, has_access, local, permission_name
from app.views.base.rows import as_id
from app.views.bill_paper import bill_answer, bill_costs, is_part_of_month, ordered_service
from app.views.cost_words import WORDS
from app.views.owner_base import OwnerBase
from app.views.receipt_paper import receipt_answer


class OwnerBills(OwnerBase):
    """Own bills only: who does not pay, sees none."""

    default_view = "bills"
    tab = "bills"

    @expose("/bills")
    @has_access
    @permission_name("view")
    def bills(self) -> Any:
        """What is open, and the chosen year by months."""
        session, actor, frame = db.session(), self.actor(), self.frame()
        chosen = frame.chosen.id if frame.chosen else None
        return self.page(
            "owner/bills.html",
            frame=frame,
            year=owner_bills.year(session, actor, request.args.get("year"), chosen),
            owed=owner_bills.owed(session, actor, chosen),
            today=local(now()).date(),
            rest=owner_bills.rest,
            payments=house_account.of_payer(session, actor, chosen),
            credit=house_account.credit_of(session, actor, chosen),
        )

    @expose("/bills/<string:key>")
    @has_access
    @permission_name("view")
    def bill(self, key: str) -> Any:
        """One bill: area, rate, months, what was paid, how to pay the rest."""
        found = owner_bills.find(db.session(), self.actor(), as_id(key) or -1)
        if found is None:
            abort(404)
        return self.page(
            "owner/bill.html",
            bill=found,
            rest=owner_bills.rest(found),
            part=is_part_of_month(found),
            ordered=ordered_service(found),
            **_costs(found, self.actor()),
            today=local(now()).date(),
        )

    @expose("/bills/<string:key>.pdf")
    @has_access
    @permission_name("view")
    def paper(self, key: str) -> Any:
        """The bill as a PDF to keep or to pass on; `?lang=zh` or `en`."""
        found = owner_bills.find(db.session(), self.actor(), as_id(key) or -1)
        if found is None:
            abort(404)
        return bill_answer(found, self.actor())

    @expose("/payments/<string:key>.pdf")
    @has_access
    @permission_name("view")
    def receipt(self, key: str) -> Any:
        """The receipt of one's own payment; `?lang=zh` or `en`."""
        found = payments.own(db.session(), self.actor(), as_id(key) or -1)
        if found is None:
            abort(404)
        return receipt_answer(db.session(), found, self.actor())


def _costs(bill: Bill, actor: Actor) -> dict[str, Any]:
    """The lines it was made for; the ticket opens only for whom it is a matter of their own, which a payer's need not be."""
    lines = bill_costs(bill)
    own = bool(lines) and find_ticket(db.session(), actor, lines[0].ticket.number) is not None
    return {"costs": lines, "own_matter": own, **WORDS}
