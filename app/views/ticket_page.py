"""`/ticket/<number>`: one matter at a glance, all that happened, and the steps that may be taken now as buttons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, current_app, flash, jsonify, redirect, request, send_file
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.adapters.files import inside
from app.errors import LinliError
from app.extensions import db
from app.models import Clock, Ticket
from app.rules.codes import ClockState, TicketState
from app.rules.ticket_states import VERB_TABLE
from app.services.ticket_facts import verbs_for
from app.services.ticket_verbs import perform
from app.services.ticket_view import find_recording, find_ticket, note_listening, timeline
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.permitted import may
from app.views.timeline_words import line
from app.views.verb_forms import FIRST, PLAIN, WORDING, defaults, fields_of, filled

FRAGMENT = "X-Fragment"
_DANGEROUS = ("cancel", "reopen")


class TicketPage(BasePage):
    """A ticket and its steps. Rows are the actor's; which steps are offered is the rule's answer."""

    route_base = "/ticket"
    default_view = "show"

    @expose("/<string:number>")
    @has_access
    @permission_name("view")
    def show(self, number: str) -> Any:
        """The page."""
        session, actor, at = db.session(), self.actor(), now()
        ticket = find_ticket(session, actor, number)
        if ticket is None:
            abort(404)
        verbs = verbs_for(session, ticket, actor) if may("can_step", "TicketPage") else []
        return self.render_template(
            "ticket/show.html",
            ticket=ticket,
            now=at,
            clocks=sorted(ticket.clocks, key=_clock_order),
            lines=[line(happening) for happening in timeline(session, actor, ticket)],
            turn=whose_turn(ticket),
            first=FIRST.get(ticket.state) if FIRST.get(ticket.state) in verbs else None,
            verbs=verbs,
            wording=WORDING,
            plain=PLAIN,
            dangerous=_DANGEROUS,
        )

    @expose("/<string:number>/<string:verb>")
    @has_access
    @permission_name("step")
    def form(self, number: str, verb: str) -> Any:
        """The form of a step: a page of its own, or the inside of the dialog that the ticket page opens."""
        return self._form(number, verb, {}, "", 200)

    @expose("/<string:number>/recording/<int:recording_id>")
    @has_access
    @permission_name("view")
    def recording(self, number: str, recording_id: int) -> Any:
        """The voice recording of one of the ticket's calls; that it was heard is kept."""
        actor, at = self.actor(), now()
        with transaction() as session:
            found = find_recording(session, actor, number, recording_id)
            if found is None or found.file_path is None:
                abort(404)
            note_listening(session, actor, found, number, at)
            path = inside(current_app.extensions["settings"].data_dir, found.file_path)
        if not path.is_file():
            abort(404)
        return send_file(path, mimetype="audio/wav", conditional=True)

    @expose("/<string:number>/<string:verb>", methods=["POST"])
    @has_access
    @permission_name("step")
    def step(self, number: str, verb: str) -> Any:
        """Take the step. Refused: the sentence above the form, and what was typed still in it."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        if verb not in VERB_TABLE:
            abort(404)
        try:
            with transaction() as session:
                ticket = find_ticket(session, actor, number)
                if ticket is None:
                    abort(404)
                perform(session, ticket, verb, actor, at, sent)
        except LinliError as error:
            return self._form(number, verb, sent, sentence(error), error.status)
        flash(gettext("%(step)s: noted.", step=str(WORDING[verb].label)), "success")
        return self._to(request.form.get("back") or f"/ticket/{number}")

    def _form(self, number: str, verb: str, sent: dict[str, str], error: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        ticket = find_ticket(session, actor, number)
        if ticket is None or verb not in WORDING:
            abort(404)
        fields = fields_of(session, verb, ticket, actor)
        template = "ticket/form_inside.html" if request.headers.get(FRAGMENT) else "ticket/form.html"
        page = self.render_template(
            template,
            ticket=ticket,
            verb=verb,
            words=WORDING[verb],
            fields=fields,
            values=filled(fields, sent or defaults(verb, ticket)),
            error=error,
            revision=sent.get("revision") or ticket.revision,
            back=_local_path(request.values.get("back", "")),
        )
        return page, status

    @staticmethod
    def _to(address: str) -> Response:
        address = _local_path(address) or "/"
        return jsonify(location=address) if request.headers.get(FRAGMENT) else redirect(address)


def _local_path(address: str) -> str:
    """A path of this site, or nothing: what stands in a form must not lead elsewhere."""
    good = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address[:300] if good else ""


def _clock_order(clock: Clock) -> tuple[bool, datetime]:
    return (clock.state not in (ClockState.RUNNING, ClockState.PAUSED), clock.due_at)


def whose_turn(ticket: Ticket) -> str:
    """Who must move next, in words."""
    responsible = ticket.responsible or gettext("the desk")
    match ticket.state:
        case TicketState.REGISTERED:
            return gettext("The desk: dispatch it (%(department)s)", department=responsible)
        case TicketState.WAITING:
            return gettext("Waiting: %(reason)s", reason=ticket.waiting_reason or "")
        case TicketState.DONE:
            return gettext("The desk: ask the household")
        case TicketState.VISITED:
            return gettext("The desk: close it")
        case TicketState.CLOSED | TicketState.CANCELLED:
            return gettext("Nobody: it is settled")
    return responsible
