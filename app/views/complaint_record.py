"""`/ticket/<number>/record`: the complaint record 客户投诉记录表 as a page and as a PDF (D5)."""

from __future__ import annotations

from typing import Any

from flask import abort
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from app.extensions import db
from app.models import Ticket
from app.rules.codes import Kind, RecordState
from app.services import papers
from app.services.ticket_view import find_ticket
from app.views.base import BasePage, expose, has_access, permission_name
from app.views.complaint_sheet import letter_sheet
from app.views.record_words import hash_of, sheet_of, words_for
from app.views.sheet_answer import asked_language, note_taken, sheet_answer


class ComplaintRecordPage(BasePage):
    """Rows are the actor's, as on the ticket's page; there is one for complaints only."""

    route_base = "/ticket"
    default_view = "show"

    @expose("/<string:number>/record")
    @has_access
    @permission_name("view")
    def show(self, number: str) -> Any:
        """The record to read and to print."""
        ticket = self._complaint(number)
        return self.render_template("ticket/record.html", ticket=ticket, sheet=self._sheet(ticket, asked_language()))

    @expose("/<string:number>/record.pdf")
    @has_access
    @permission_name("view")
    def pdf(self, number: str) -> Response:
        """The same as a file, in `?lang=` or the page's language. That it left the system is kept."""
        ticket, locale = self._complaint(number), asked_language()
        with force_locale(locale):
            sheet = self._sheet(ticket, locale)
            name = f"{gettext('Complaint record')}-{ticket.number}"
        note_taken(self.actor(), name, "ticket", ticket.id)
        return sheet_answer(sheet, f"{name}.pdf")

    @expose("/<string:number>/letter/<int:reference_id>.pdf")
    @has_access
    @permission_name("view")
    def letter(self, number: str, reference_id: int) -> Response:
        """A letter to an outside body, to be printed, signed and sent; that it left the system is kept."""
        ticket = self._complaint(number)
        found = next((one for one in ticket.references if one.id == reference_id and one.direction == "out"), None)
        if found is None:
            abort(404)
        sheet = letter_sheet(ticket, found, asked_language())
        name = f"{sheet['title']}-{ticket.number}-{found.id}"
        note_taken(self.actor(), name, "ticket", ticket.id)
        return sheet_answer(sheet, f"{name}.pdf")

    def _sheet(self, ticket: Ticket, locale: str) -> dict[str, Any]:
        """As it was reviewed or signed last, with both names and the hash; what nobody has reviewed yet as things are now."""
        session, paper = db.session(), papers.of_ticket(ticket)
        record = papers.newest(session, paper)
        frozen = record is not None and record.state != RecordState.DRAFT
        kept = record.content if record is not None and frozen else papers.content(session, paper, record)
        words = words_for(session, self.actor(), paper, kept)
        return sheet_of(paper, record, words, hash_of(paper, record, kept), locale)

    def _complaint(self, number: str) -> Ticket:
        ticket = find_ticket(db.session(), self.actor(), number)
        if ticket is None or ticket.kind != Kind.COMPLAINT:
            abort(404)
        return ticket
