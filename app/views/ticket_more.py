"""What belongs to a ticket beside its steps: notes, the printed record, whether it has changed."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, jsonify, redirect, request
from flask_babel import gettext
from sqlalchemy import select

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Ticket
from app.services.access import rows
from app.services.ticket_notes import add_note
from app.services.ticket_view import find_ticket
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.replay import claimed
from app.views.ticket_page import show_ticket
from app.views.ticket_paper import paper_of


class TicketMore(BasePage):
    """Rows are the actor's, as on the ticket's page."""

    route_base = "/ticket"
    default_view = "paper"

    @expose("/<string:number>/note", methods=["POST"])
    @has_access
    @permission_name("step")
    def note(self, number: str) -> Any:
        """Add a note to the timeline. Refused: the page again with the words still in the field."""
        actor, at, words = self.actor(), now(), request.form.get("note", "")
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                ticket = find_ticket(session, actor, number)
                if ticket is None:
                    abort(404)
                add_note(session, ticket, actor, at, words)
                address = form.led_to(f"/ticket/{number}#timeline")
        except LinliError as error:
            return show_ticket(self, number, note=words, note_error=sentence(error), status=error.status)
        flash(gettext("The note stands on the timeline."), "success")
        return redirect(address)

    @expose("/<string:number>/pulse")
    @has_access
    @permission_name("view")
    def pulse(self, number: str) -> Any:
        """`{revision}`: whether somebody else has moved the ticket since the page was made."""
        statement = select(Ticket.revision, Ticket.state).where(Ticket.number == number[:8], rows(self.actor(), Ticket))
        found = db.session().execute(statement).one_or_none()
        if found is None:
            abort(404)
        answer = jsonify(revision=found.revision)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/<string:number>/print")
    @has_access
    @permission_name("view")
    def paper(self, number: str) -> Any:
        """The complaint record or repair sheet, with lines to sign on."""
        paper = paper_of(db.session(), self.actor(), self._ticket(number))
        return self.render_template("ticket/paper.html", now=now(), **paper)

    def _ticket(self, number: str) -> Ticket:
        ticket = find_ticket(db.session(), self.actor(), number)
        if ticket is None:
            abort(404)
        return ticket
