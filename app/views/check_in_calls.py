"""`/checkin/call/<id>`: one check-in call with its record; after a silence, the place where somebody says what was found."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy import select

from app.adapters.clock import now
from app.errors import LinliError
from app.models import CheckIn
from app.rules import check_ins as rules
from app.rules.codes import AccessAction
from app.services import audit, check_in_lists, check_in_register, check_in_steps
from app.services.access import rows
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.replay import claimed
from app.views.check_in_words import step_line
from app.views.labels import choices
from app.views.permitted import may


class CheckInCallPage(BasePage):
    """Its rows are those of the register, and of whoever was sent there. Opening it shows the household's file: kept."""

    route_base = "/checkin/call"
    default_view = "show"

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def show(self, pk: int) -> Any:
        """Who, where, what was tried, whom to ring, and the form."""
        return self._show(pk, {}, "", 200)

    @expose("/<int:pk>/found", methods=["POST"])
    @has_access
    @permission_name("answer")
    def found(self, pk: int) -> Any:
        """Say what was found: the task is done, nobody else is alarmed."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                if session.scalar(select(CheckIn.id).where(CheckIn.id == pk, rows(actor, CheckIn))) is None:
                    abort(404)
                check_in_register.found(session, actor, pk, sent, at)
                address = form.led_to(f"/checkin/call/{pk}")
        except LinliError as error:
            return self._show(pk, sent, sentence(error), error.status)
        flash(gettext("Thank you: it is on record, and nobody else is alarmed."), "success")
        return redirect(address)

    def _show(self, pk: int, sent: dict[str, str], error: str, status: int) -> Any:
        actor, at = self.actor(), now()
        with transaction() as session:
            call = check_in_lists.task(session, actor, pk)
            if call is None:
                abort(404)
            name, person_id = call.person.name, call.person_id
            where = {"kind": "person", "row_id": person_id, "address": request.remote_addr}
            audit.record(session, actor, AccessAction.FILE_READ, name, at, **where)  # type: ignore[arg-type]
            page = self.render_template(
                "checkin/call.html",
                call=call,
                entry=call.plan,
                steps=[step_line(step) for step in check_in_steps.steps_of(session, call)],
                open=call.state in rules.UNHEARD,
                findings=choices("check_in_finding"),
                register=may("can_view", "CheckInPage"),
                values=sent,
                error=error,
                now=at,
            )
        return page, status
