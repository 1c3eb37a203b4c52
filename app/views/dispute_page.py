"""`/ticket/<number>/dispute`: a dispute between neighbours; sides, statements, evidence, talks, and the papers of them (D5)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import DisputeParty, Ticket
from app.rules.codes import Kind, TalkOutcome
from app.rules.complaints import Part, checklist
from app.services import dispute_facts, disputes
from app.services.complaint_view import may_take
from app.services.dispute_content import evidence, statements, talks
from app.services.signatures import drawn
from app.services.ticket_facts import facts_of
from app.services.ticket_view import find_ticket
from app.services.transaction import transaction
from app.views import dispute_words as words
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.replay import claimed
from app.views.dispute_forms import step_fields
from app.views.permitted import may
from app.views.sheet_answer import asked_language, note_taken, sheet_answer
from app.views.ticket_uploads import taken_photos
from app.views.verb_forms import filled

WITH_FILES = ("evidence", "read")
ANCHORS = {
    "party": "sides",
    "statement": "statements",
    "read": "statements",
    "evidence": "evidence",
    "strike": "evidence",
    "talk": "talks",
}
_COMPLAINT = (joinedload(Ticket.complaint), joinedload(Ticket.findings), joinedload(Ticket.references))
PARTS = (Part.SIDES, Part.TALK, Part.EVIDENCE)


class DisputePage(BasePage):
    """Rows are the ticket's; neither side of the dispute is among its readers."""

    route_base = "/ticket"
    default_view = "show"

    @expose("/<string:number>/dispute/file")
    @has_access
    @permission_name("view")
    def show(self, number: str) -> Any:
        """The sides, what each said, what was shown, what was talked about."""
        return self._page(number, "", {}, "", 200)

    @expose("/<string:number>/dispute/<string:step>", methods=["POST"])
    @has_access
    @permission_name("step")
    def step(self, number: str, step: str) -> Any:
        """Take a step. Refused: the sentence above its form, and what was typed still in it."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        if step not in disputes.STEPS:
            abort(404)
        self._dispute(db.session(), number)
        try:
            signature = drawn(sent.get("signature")) if step == "read" else None
            with taken_photos(at, "photos", *([signature] if signature else [])) as files, transaction() as session:
                form = claimed(session, actor, at)
                taken = files if step in WITH_FILES else ()
                disputes.take(session, self._dispute(session, number)[0], step, actor, at, sent, taken)
                address = form.led_to(f"/ticket/{number}/dispute/file#{ANCHORS[step]}")
        except LinliError as error:
            return self._page(number, step, sent, sentence(error), error.status)
        flash(gettext("Noted in the dispute."), "success")
        return redirect(address)

    @expose("/<string:number>/dispute/file.pdf")
    @has_access
    @permission_name("view")
    def pdf(self, number: str) -> Response:
        """The whole file, for the house and the police; that it left the system is kept."""
        subject = f"{gettext('File of a dispute between neighbours')} {number}"
        note_taken(self.actor(), subject, "ticket", self._dispute(db.session(), number)[0].id)
        session, locale = db.session(), asked_language()
        ticket, parties = self._dispute(session, number)
        with force_locale(locale):
            sheet = words.case_sheet(ticket, parties, words.everything(session, ticket), locale)
            name = f"{sheet['title']}-{number}.pdf"
        return sheet_answer(sheet, name)

    @expose("/<string:number>/dispute/<string:what>/<int:item>.pdf")
    @has_access
    @permission_name("view")
    def paper(self, number: str, what: str, item: int) -> Response:
        """A statement for its side to sign (`statement`), or an agreement (`agreement`); that it left the system is kept."""
        session, locale = db.session(), asked_language()
        ticket, parties = self._dispute(session, number)
        with force_locale(locale):
            sheet = self._sheet(session, ticket, parties, what, item, locale)
        if sheet is None:
            abort(404)
        note_taken(self.actor(), f"{sheet['title']} {number}", "ticket", ticket.id)
        return sheet_answer(sheet, f"{sheet['title']}-{sheet['number']}.pdf")

    @staticmethod
    def _sheet(
        session: Session, ticket: Ticket, parties: list[DisputeParty], what: str, item: int, locale: str
    ) -> dict[str, Any] | None:
        if what == "statement":
            said = next((one for one in statements(session, ticket) if one.number == item), None)
            return words.statement_sheet(ticket, said, locale) if said else None
        if what == "agreement":
            agreed = [one for one in talks(session, ticket) if one.outcome == TalkOutcome.AGREEMENT]
            talk = next((one for one in agreed if one.number == item), None)
            return words.agreement_sheet(ticket, talk, parties, locale) if talk else None
        return None

    def _dispute(self, session: Session, number: str) -> tuple[Ticket, list[DisputeParty]]:
        """A complaint that is a dispute, of the actor's rows, with its sides, which a technician or finance has not."""
        ticket = find_ticket(session, self.actor(), number, *_COMPLAINT)
        if ticket is None or ticket.kind != Kind.COMPLAINT or ticket.complaint is None or not ticket.complaint.dispute:
            abort(404)
        parties = dispute_facts.seen(session, self.actor(), ticket)
        if not parties:
            abort(404)
        return ticket, parties

    def _page(self, number: str, step: str, sent: dict[str, str], error: str, status: int) -> Any:
        db.session().rollback()
        session, actor = db.session(), self.actor()
        ticket, parties = self._dispute(session, number)
        facts = facts_of(session, ticket, actor)
        said, listed = statements(session, ticket), evidence(session, ticket)
        forms = step_fields(parties, said, listed)
        steps = may("can_step", "DisputePage") and may_take("dispute", facts)
        page = self.render_template(
            "ticket/dispute.html",
            ticket=ticket,
            complaint=ticket.complaint,
            parties=parties,
            said={one.id: [line for line in said if line.party_id == one.id] for one in parties},
            evidence=listed,
            talks=talks(session, ticket),
            needs=[item for item in checklist(facts) if item.part in PARTS],
            forms=forms if steps else {},
            values={name: filled(fields, sent if name == step else {}) for name, fields in forms.items()},
            failed=step,
            sent=sent,
            error=error,
            side=words.side,
            sides=words.sides,
            source=words.source,
            now=now(),
        )
        return page, status
