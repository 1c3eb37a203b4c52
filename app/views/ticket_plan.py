"""`/plan/ticket/<number>`: the plan of an emergency on a telephone, in one hand: steps to tick, numbers to tap (D7)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Ticket
from app.rules.codes import Priority
from app.services import ticket_plans
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.rows import as_id
from app.views.permitted import may
from app.views.plan_words import WORDS


class TicketPlanPage(BasePage):
    """Whoever sees the ticket, or is or was rung for it, opens its plan."""

    route_base = "/plan/ticket"
    default_view = "show"

    @expose("/<string:number>")
    @has_access
    @permission_name("view")
    def show(self, number: str) -> Any:
        """The plan as it stands."""
        return self._show(number, "", 200)

    @expose("/<string:number>/tick", methods=["POST"])
    @has_access
    @permission_name("tick")
    def tick(self, number: str) -> Any:
        """A step is done; the second time says that it was done already."""
        actor, at, key = self.actor(), now(), request.form.get("step", "")
        try:
            with transaction() as session:
                ticket = self._ticket(session, number)
                version = as_id(request.form.get("version", ""))
                first = ticket_plans.tick(session, actor, ticket, key[:32], at, version)
        except LinliError as error:
            return self._show(number, sentence(error), error.status)
        if not first:
            flash(gettext("This step was ticked already."), "info")
        back = f"/ticket/{number}#plan" if request.form.get("back") == "ticket" else f"/plan/ticket/{number}"
        return redirect(back)

    @expose("/<string:number>/choose", methods=["POST"])
    @has_access
    @permission_name("tick")
    def choose(self, number: str) -> Any:
        """Open another plan with it."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                version = as_id(request.form.get("version", ""))
                ticket_plans.choose_other(session, actor, self._ticket(session, number), version, at)
        except LinliError as error:
            return self._show(number, sentence(error), error.status)
        flash(gettext("This plan is open with the emergency now."), "success")
        return redirect(f"/plan/ticket/{number}")

    def _ticket(self, session: Session, number: str) -> Ticket:
        return ticket_plans.find_ticket(session, self.actor(), number) or abort(404)

    def _show(self, number: str, error: str, status: int) -> Any:
        db.session().rollback()
        session = db.session()
        ticket = self._ticket(session, number)
        plan = ticket_plans.current(session, ticket)
        ticks = may("can_tick", "TicketPlanPage") and ticket_plans.may_tick(self.actor(), ticket)
        page = self.render_template(
            "plans/ticket.html",
            ticket=ticket,
            open_plan=plan,
            is_emergency=ticket.priority == Priority.EMERGENCY,
            ticks=ticks,
            offered=ticket_plans.offered(session, ticket) if ticks else [],
            opens_ticket=ticket_plans.sees(session, self.actor(), ticket),
            error=error,
            now=now(),
            **WORDS,
        )
        return page, status
