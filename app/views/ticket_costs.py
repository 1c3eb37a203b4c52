"""`/ticket/<number>/costs`: what the work on a ticket cost, written with one hand on a telephone or at the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Ticket, TicketCost
from app.rules.codes import Bearer, CostAcceptance, CostKind
from app.rules.ticket_costs import may_strike, may_write
from app.services import ticket_costs as costs
from app.services.actors import Actor
from app.services.cost_input import HOUR_PRICE
from app.services.policies import figure
from app.services.ticket_view import find_ticket
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.addresses import local_path
from app.views.base.cells import yuan
from app.views.base.replay import claimed
from app.views.cost_words import WORDS
from app.views.labels import choices
from app.views.permitted import may

MINUTES = (15, 30, 45, 60, 90, 120)
"""Working times at one tap; any other is typed."""

Work = Callable[[Session, Ticket, Actor, datetime], str]


class TicketCostPage(BasePage):
    """Rows are the actor's, as on the ticket's page; who may write what is the rule's answer."""

    route_base = "/ticket"
    default_view = "page"

    @expose("/<string:number>/costs")
    @has_access
    @permission_name("view")
    def page(self, number: str) -> Any:
        """The lines and their sums, and the forms to write one."""
        return self._page(number, {}, "", 200)

    @expose("/<string:number>/costs", methods=["POST"])
    @has_access
    @permission_name("write")
    def add(self, number: str) -> Any:
        """Write a line. Refused: the sentence, and what was typed still in the form."""
        sent = request.form.to_dict()

        def work(session: Session, ticket: Ticket, actor: Actor, at: datetime) -> str:
            line = costs.add(session, ticket, sent, actor, at)
            return gettext("Noted: %(amount)s yuan.", amount=yuan(line.amount_yuan))

        return self._done(number, sent, work)

    @expose("/<string:number>/costs/<int:line_id>")
    @has_access
    @permission_name("write")
    def line(self, number: str, line_id: int) -> Any:
        """The form that puts a line right, filled with what it says."""
        return self._correcting(number, line_id, {}, "", 200)

    @expose("/<string:number>/costs/<int:line_id>/correct", methods=["POST"])
    @has_access
    @permission_name("write")
    def correct(self, number: str, line_id: int) -> Any:
        """Strike it with its reason and write the right one."""
        sent = request.form.to_dict()

        def work(session: Session, ticket: Ticket, actor: Actor, at: datetime) -> str:
            line = costs.find_line(session, actor, ticket, line_id)
            right = costs.correct(session, ticket, line, sent, actor, at)
            return gettext("Put right: %(amount)s yuan.", amount=yuan(right.amount_yuan))

        return self._done(number, sent, work, line_id)

    @expose("/<string:number>/costs/<int:line_id>/strike", methods=["POST"])
    @has_access
    @permission_name("write")
    def strike(self, number: str, line_id: int) -> Any:
        """Take it out of the sums; it stays with its reason."""
        sent = request.form.to_dict()

        def work(session: Session, ticket: Ticket, actor: Actor, at: datetime) -> str:
            line = costs.find_line(session, actor, ticket, line_id)
            costs.strike(session, ticket, line, sent.get("why"), actor, at)
            return gettext("Struck. The line stays in the record with the reason.")

        return self._done(number, sent, work, line_id)

    @expose("/<string:number>/costs/<int:line_id>/agree", methods=["POST"])
    @has_access
    @permission_name("write")
    def agree(self, number: str, line_id: int) -> Any:
        """The household agreed to bear it."""
        sent = request.form.to_dict()

        def work(session: Session, ticket: Ticket, actor: Actor, at: datetime) -> str:
            costs.accept(session, ticket, costs.find_line(session, actor, ticket, line_id), sent, actor, at)
            return gettext("Noted: the household agreed.")

        return self._done(number, {**sent, "agree": str(line_id)}, work)

    @expose("/<string:number>/costs/charge", methods=["POST"])
    @has_access
    @permission_name("charge")
    def charge(self, number: str) -> Any:
        """Charge the household for what it agreed to."""

        def work(session: Session, ticket: Ticket, actor: Actor, at: datetime) -> str:
            total = costs.charge(session, ticket, actor, at)
            return gettext("Charged to the household by a bill: %(amount)s yuan.", amount=yuan(total))

        return self._done(number, {}, work)

    def _done(self, number: str, sent: dict[str, str], work: Work, line_id: int | None = None) -> Any:
        actor, at = self.actor(), now()
        address = local_path(request.form.get("back", "")) or f"/ticket/{number}/costs"
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                said = work(session, self._ticket(session, number), actor, at)
                form.led_to(address)
        except LinliError as error:
            if error.status == 404:
                abort(404)
            if line_id is not None:
                return self._correcting(number, line_id, sent, sentence(error), error.status)
            return self._page(number, sent, sentence(error), error.status)
        flash(said, "success")
        return redirect(address)

    def _ticket(self, session: Session, number: str) -> Ticket:
        return find_ticket(session, self.actor(), number) or abort(404)

    def _page(self, number: str, sent: dict[str, str], error: str, status: int) -> Any:
        db.session().rollback()
        session, actor = db.session(), self.actor()
        ticket = self._ticket(session, number)
        found = costs.costs_of(session, actor, ticket.id)
        page = self.render_template(
            "ticket/costs.html",
            ticket=ticket,
            costs=found,
            strikable=_strikable(found.lines, ticket, actor),
            error=error,
            charges=may("can_charge", "TicketCostPage"),
            **WORDS,
            ways=[(code, label) for code, label in choices("cost_acceptance") if code != CostAcceptance.PORTAL],
            **self._form(session, ticket, sent),
        )
        return page, status

    def _correcting(self, number: str, line_id: int, sent: dict[str, str], error: str, status: int) -> Any:
        db.session().rollback()
        session = db.session()
        ticket = self._ticket(session, number)
        try:
            line = costs.find_line(session, self.actor(), ticket, line_id)
        except LinliError:
            abort(404)
        known = {
            "kind": line.kind,
            "what": "" if line.material_id else line.what,
            "unit": line.unit,
            "price": f"{line.price_yuan:.2f}",
            "quantity": f"{line.quantity.normalize():f}" if line.quantity is not None else "",
            "minutes": str(line.minutes or ""),
            "bearer": line.bearer,
            "material_id": str(line.material_id or ""),
        }
        form = self._form(session, ticket, sent if sent.get("kind") else {**known, "why": sent.get("why", "")})
        return self.render_template(
            "ticket/cost_line.html", ticket=ticket, line=line, error=error, **WORDS, **form
        ), status

    def _form(self, session: Session, ticket: Ticket, sent: dict[str, str]) -> dict[str, Any]:
        return {
            "values": {"bearer": Bearer.CENTRE, "kind": CostKind.MATERIAL, **sent},
            "materials": costs.catalogue(session, ticket.department_id),
            "bearers": choices("bearer"),
            "minutes": MINUTES,
            "hour_price": figure(session, HOUR_PRICE),
            "writes": may("can_write", "TicketCostPage") and may_write(ticket.state, self.actor().roles),
            "back": local_path(request.values.get("back", "")),
        }


def _strikable(lines: list[TicketCost], ticket: Ticket, actor: Actor) -> set[int]:
    """The lines that the reader may strike or put right now."""
    if not may("can_write", "TicketCostPage"):
        return set()
    return {line.id for line in lines if may_strike(costs.facts_of(line), ticket.state, actor.roles)}
