"""Keys and items lent out: what, to whom, until when, and that it came back (D7, D12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.models import Loan
from app.services import loans
from app.services.access import rows
from app.services.actors import Actor
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.cells import show
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.permitted import may


def _is_late(item: Loan) -> bool:
    return item.returned_at is None and item.due_at <= now()


def _brought_back(item: Loan) -> str:
    """When it came back; of what is out past its time, that it is."""
    return gettext("not back in time") if _is_late(item) else show(item.returned_at)


class LoanView(ModelPage):
    """The register. What is out past its time is marked, and stands on the handover of every change of shift."""

    datamodel = RowInterface(Loan)
    title, singular = _("Keys and items lent"), _("Key or item lent")
    has_name = True
    list_columns = ["what", "kind", "house", "taken_by", "lent_at", "due_at", "returned_at"]
    show_columns = [
        "what", "kind", "community", "house", "taken_by", "reach", "lent_at", "lent_by", "due_at", "returned_at",
        "returned_by", "received_by", "note",
    ]  # fmt: skip
    search_columns = ["what", "kind", "taken_by", "due_at", "returned_at", "community"]
    order_columns = ["lent_at", "due_at", "returned_at", "kind", "id"]
    add_columns = ["community", "kind", "what", "house", "taken_by", "reach", "due_at", "note"]
    edit_columns = ["kind", "what", "house", "taken_by", "reach", "due_at", "note"]
    families = {"kind": "loan_kind"}
    texts = {"returned_at": _brought_back}
    labels = {
        "what": _("Thing lent"),
        "taken_by": _("Borrowed by"),
        "reach": _("How to reach the borrower"),
        "lent_at": _("Lent at"),
        "lent_by": _("Lent by"),
        "due_at": _("Due back"),
        "returned_at": _("Brought back at"),
        "returned_by": _("Brought back by"),
        "received_by": _("Received by"),
    }
    card = ["what", "taken_by", "due_at", "returned_at"]
    form_groups = (
        (_("What is lent"), ("community", "kind", "what", "house")),
        (_("Who has it, until when"), ("taken_by", "reach", "due_at", "note")),
    )
    help = {
        "what": _("As it is labelled: the number of the key, or the item."),
        "house": _("The house of the key, or of the household that borrows."),
        "taken_by": _("The name of whoever takes it and signs for it."),
        "reach": _("Telephone, company or trade: whatever helps to get it back."),
        "due_at": _("After this it is marked. It can be prolonged here."),
    }
    blames = {
        "Say what is lent.": "what",
        "Say who takes it and signs for it.": "taken_by",
        "Choose a house of this community.": "house",
        "It is to be back after it was lent.": "due_at",
    }
    empty_hint = _("Write down every key and item that leaves the counter: the next shift sees what is out.")
    base_order = ("lent_at", "desc")
    show_template = "loans/show.html"

    def suggested(self) -> dict[str, Any]:
        """Back by this time tomorrow."""
        return {**super().suggested(), "due_at": now() + timedelta(days=1)}

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """Who lent it and when is kept."""
        loans.keep(session, item, values, actor, now())

    def row_class(self, item: Any) -> str:
        """What is out past its time is marked, beside the words of `_brought_back`."""
        return ' class="is-alarm"' if _is_late(item) else ""

    def may_receive(self, item: Loan) -> bool:
        """Whether the reader may take it back."""
        return item.returned_at is None and may("can_receive", "LoanPage")


class LoanPage(BasePage):
    """`/loan/<id>/back`: it is back."""

    route_base = "/loan"

    @expose("/<int:loan_id>/back", methods=["POST"])
    @has_access
    @permission_name("receive")
    def back(self, loan_id: int) -> Any:
        """It was brought back, by whoever took it or by somebody else (`by`); a second press is told so."""
        actor = self.actor()
        try:
            with transaction() as session:
                loan = session.scalars(select(Loan).where(Loan.id == loan_id, rows(actor, Loan))).one_or_none()
                if loan is None:
                    abort(404)
                loans.bring_back(session, loan, actor, now(), request.form.get("by", ""))
        except LinliError as error:
            flash(sentence(error), "danger")
        else:
            flash(gettext("It is back, and no longer stands on the handover."), "success")
        return redirect(f"/loanview/show/{loan_id}")
