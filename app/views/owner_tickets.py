"""`/owner/matters` and `/owner/ticket/…`: how far a household's matters are, and what it has to say about them."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Ticket
from app.rules.codes import AttachmentStage
from app.rules.household import station
from app.services import dispute_own, household, owner_matters, owner_new, report_questions
from app.services.attachments import attach, attachments_of
from app.services.call_world import category_words
from app.services.ticket_costs import costs_of
from app.services.ticket_view import find_ticket
from app.views.base import expose, has_access, permission_name, sentence
from app.views.base.rows import as_id
from app.views.cost_words import WORDS as WORDS_OF_COSTS
from app.views.owner_base import OwnerBase
from app.views.owner_words import report_place, state_words, told, way
from app.views.ticket_uploads import form_with_photos

FRESH_HOURS = 6
"""So long after a report that sounds like danger its page says what to do first."""


class OwnerTickets(OwnerBase):
    """A household's matters."""

    default_view = "matters"
    tab = "matters"

    @expose("/matters")
    @has_access
    @permission_name("view")
    def matters(self) -> Any:
        """Open ones first, then the finished ones page by page."""
        session, actor, frame = db.session(), self.actor(), self.frame()
        page = as_id(request.args.get("page", "1")) or 1
        house_ids = frame.house_ids if frame.chosen else None
        return self.page(
            "owner/matters.html",
            frame=frame,
            matters=owner_matters.matters(session, actor, house_ids, page),
            station=station,
            state_words=state_words,
            promised=owner_matters.promised,
            heard=dispute_own.sides(session, actor) if page == 1 else [],
        )

    @expose("/said/<int:party_id>")
    @has_access
    @permission_name("view")
    def said(self, party_id: int) -> Any:
        """What the household itself said and handed in as a side of a dispute between neighbours."""
        found = dispute_own.own(db.session(), self.actor(), party_id)
        if found is None:
            abort(404)
        return self.page("owner/said.html", own=found)

    @expose("/ticket/<string:number>")
    @has_access
    @permission_name("view")
    def ticket(self, number: str) -> Any:
        """How far a matter is, who has it, until when, and what was told."""
        return self._shown(self._found(number), {}, "", "", 200)

    @expose("/ticket/<string:number>/<string:verb>", methods=["POST"])
    @has_access
    @permission_name("add")
    def act(self, number: str, verb: str) -> Any:
        """Add words, press us, rate, say that it is not solved, or withdraw it."""
        self._found(number)
        sent, actor, at = request.form.to_dict(), self.actor(), now()
        address = f"/owner/ticket/{number}"
        try:
            with form_with_photos(actor, at) as (session, files, form):
                ticket = self._found(number)
                owner_matters.act(session, actor, ticket, verb, sent, at, with_photos=bool(files))
                attach(session, ticket, files, stage=AttachmentStage.REPORT, actor=actor, now=at)
                form.led_to(address)
        except LinliError as error:
            if error.status == 404:
                abort(404)
            return self._shown(self._found(number), sent, verb, sentence(error), error.status)
        flash(_thanks(verb, sent.get("score", "")), "success")
        return redirect(address)

    def _found(self, number: str) -> Ticket:
        ticket = find_ticket(db.session(), self.actor(), number)
        if ticket is None:
            abort(404)
        return ticket

    def _shown(self, ticket: Ticket, values: dict[str, str], verb: str, error: str, status: int) -> Any:
        session, actor, at = db.session(), self.actor(), now()
        fresh = owner_matters.is_open(ticket) and (at - ticket.created_at).total_seconds() < FRESH_HOURS * 3600
        steps = household.steps(session, ticket)
        return self.page(
            "owner/ticket.html",
            status,
            ticket=ticket,
            way=way(ticket),
            state=state_words(ticket.state, on_the_way=ticket.on_the_way),
            photos=attachments_of(session, actor, ticket.id),
            steps=[told(entry, actor.user_id) for entry in steps],
            costs=costs_of(session, actor, ticket.id),
            payer_id=actor.person_id,
            **WORDS_OF_COSTS,
            may=owner_matters.allowed(session, actor, ticket, at),
            promised=owner_matters.promised(ticket),
            expected=owner_matters.expected(ticket),
            asked=report_questions.asked_by(session, ticket),
            report_place=report_place,
            danger=owner_new.danger_of(category_words(session), ticket) if fresh else None,
            score=next((visit.score for visit in reversed(ticket.visits) if visit.score), None),
            values=values,
            failed=verb,
            error=error,
        )


def _thanks(verb: str, score: str) -> str:
    if verb == "rate" and score in ("1", "2"):
        return gettext("Thank you for telling us. The supervisor takes it up again and will contact you.")
    return {
        "rate": gettext("Thank you for your answer."),
        "say": gettext("Added. Whoever is on it can read it now."),
        "urge": gettext("Passed on: whoever has it is told that you wait."),
        "object": gettext("It is taken up again. You need not explain it a second time."),
        "agree": gettext("Thank you. Your agreement is noted with day and hour."),
        "withdraw": gettext("Withdrawn. Nobody will come for this."),
    }[verb]
