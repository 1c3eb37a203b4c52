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
from app.rules.codes import ClockState, Kind, Priority, TicketState
from app.services import knowledge_use, report_questions, ticket_plans
from app.services.clock_stories import stories
from app.services.complaint_verbs import take
from app.services.ticket_beside import beside
from app.services.ticket_costs import costs_of
from app.services.ticket_facts import facts_of
from app.services.ticket_timeline import PAGE, SHOWS, Happening, entries_since, newest_entry_id, timeline
from app.services.ticket_view import COMPLAINT, find_recording, find_ticket, note_listening
from app.services.transaction import transaction
from app.services.word_reasons import reason_of
from app.views import clock_words
from app.views.base import BasePage, expose, has_access, local, permission_name, sentence
from app.views.base.addresses import local_path
from app.views.base.arguments import is_believable, number_in
from app.views.base.cells import responsible as responsible_of
from app.views.complaint_forms import WORDS, asks_to_read, defaults, fields_of
from app.views.complaint_panel import done_before, panel_of
from app.views.cost_words import WORDS as WORDS_OF_COSTS
from app.views.look import Look
from app.views.owner_words import report_place
from app.views.permitted import may
from app.views.plan_words import WORDS as WORDS_OF_PLANS
from app.views.ticket_steps import WHAT, effects_of, steps_of
from app.views.ticket_timeline import FILTERS, days
from app.views.timeline_words import house_name, line
from app.views.verb_forms import filled
from app.views.work_forms import hands_in, waiting_words

FRAGMENT = "X-Fragment"
MOST_SKIPPED = 100_000
ANSWERING = ("contact", "reply", "finish")
"""Steps at which a household is answered: standard answers are offered, and what was used is noted."""


class TicketPage(BasePage):
    """A ticket and its steps. Rows are the actor's; which steps are offered is the rule's answer."""

    route_base = "/ticket"
    default_view = "show"

    @expose("/<string:number>")
    @has_access
    @permission_name("view")
    def show(self, number: str) -> Any:
        """The page; `?show=` limits the timeline. A script that asks for more of it gets the lines alone."""
        return show_ticket(self, number)

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
        answer = send_file(path, mimetype="audio/wav", conditional=True)
        answer.headers["Cache-Control"] = "private, no-store"
        return answer

    @expose("/<string:number>/<string:verb>", methods=["POST"])
    @has_access
    @permission_name("step")
    def step(self, number: str, verb: str) -> Any:
        """Take the step. Refused: the sentence above the form, and what was typed still in it."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        if verb not in WORDS:
            abort(404)
        try:
            with transaction() as session:
                ticket = find_ticket(session, actor, number)
                if ticket is None:
                    abort(404)
                take(session, ticket, verb, actor, at, sent)
                if verb in ANSWERING:
                    knowledge_use.use(session, ticket, sent.get("answers"), actor, at)
        except LinliError as error:
            return self._form(number, verb, sent, sentence(error), error.status)
        flash(gettext("%(step)s: noted.", step=str(WORDS[verb].label)), "success")
        return self._to(request.form.get("back") or f"/ticket/{number}")

    def _form(self, number: str, verb: str, sent: dict[str, str], error: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        ticket = find_ticket(session, actor, number)
        if ticket is None or verb not in WORDS:
            abort(404)
        if verb == "finish" and not sent and hands_in(session, ticket, actor):
            verb = "submit"
        fields = fields_of(session, verb, ticket, actor)
        changed = sent.get("revision", "") not in ("", str(ticket.revision))
        seen = number_in(sent.get("seen"), 0, 0, 2**31 - 1)
        template = "ticket/form_inside.html" if request.headers.get(FRAGMENT) else "ticket/form.html"
        page = self.render_template(
            template,
            ticket=ticket,
            verb=verb,
            words=WORDS[verb],
            fields=fields,
            values=filled(fields, sent or defaults(session, verb, ticket)),
            error=error,
            changes=[line(one) for one in entries_since(session, ticket, seen)] if changed and seen else [],
            effects=effects_of(verb, ticket),
            answers_into=verb in ANSWERING and may("can_view", "KnowledgePage"),
            answers_sent=sent.get("answers", ""),
            before=done_before(session, actor, ticket) if asks_to_read(verb, ticket, actor) else [],
            what=WHAT,
            # Told what has changed, the same words may be sent again.
            revision=ticket.revision,
            seen=newest_entry_id(session, ticket),
            back=local_path(request.values.get("back", "")),
        )
        return page, status

    @staticmethod
    def _to(address: str) -> Response:
        address = local_path(address) or "/"
        return jsonify(location=address) if request.headers.get(FRAGMENT) else redirect(address)


def show_ticket(page: BasePage, number: str, *, note: str = "", note_error: str = "", status: int = 200) -> Any:
    """The ticket's page; `note` is kept when it was refused."""
    session, actor, at = db.session(), page.actor(), now()
    ticket = find_ticket(session, actor, number, *COMPLAINT)
    if ticket is None:
        abort(404)
    show = request.args.get("show", "all")
    show = show if show in SHOWS else "all"
    skip = number_in(request.args.get("skip"), 0, 0, MOST_SKIPPED)
    until = _instant(request.args.get("until")) or at
    happened = timeline(session, actor, ticket, show=show, skip=skip, until=until, most=PAGE + 1)
    shown = {
        "ticket": ticket,
        "now": at,
        "days": days(happened[:PAGE], at),
        "show": show,
        "more": f"?show={show}&skip={skip + PAGE}&until={until:%Y%m%dT%H%M%S.%fZ}" if len(happened) > PAGE else "",
    }
    if request.headers.get(FRAGMENT) and skip:
        return page.render_template("ticket/timeline_lines.html", **shown)
    steps_may = may("can_step", "TicketPage")
    is_complaint = ticket.kind == Kind.COMPLAINT
    facts = facts_of(session, ticket, actor) if steps_may or is_complaint else None
    steps = steps_of(session, ticket, actor, facts) if steps_may else None
    rendered = page.render_template(
        "ticket/show.html",
        **shown,
        skip=skip,
        filters=FILTERS,
        clocks=sorted(ticket.clocks, key=_clock_order),
        stories=stories(session, ticket) if ticket.clocks else {},
        clock_words=clock_words,
        by_words=house_name,
        nearest=_nearest(ticket),
        turn=whose_turn(ticket),
        why=reason_of(ticket),
        steps=steps,
        complaint=panel_of(session, ticket, facts, may_step=steps_may) if is_complaint and facts else None,
        open_plan=ticket_plans.current(session, ticket) if ticket.priority == Priority.EMERGENCY else None,
        plan_ticks=may("can_tick", "TicketPlanPage"),
        **WORDS_OF_PLANS,
        costs=costs_of(session, actor, ticket.id),
        **WORDS_OF_COSTS,
        beside=beside(session, actor, ticket, local(at).date(), at),
        asked=report_questions.asked_by(session, ticket),
        report_place=report_place,
        answered=knowledge_use.used_on(session, actor, ticket) if ticket.kind == Kind.CONSULTATION else [],
        seen=_newest(happened),
        note=note,
        note_error=note_error,
    )
    return rendered, status


def _newest(happened: list[Happening]) -> int:
    return max((one.id for one in happened if one.source == "entry"), default=0)


def _instant(text: str | None) -> datetime | None:
    try:
        found = datetime.strptime(text or "", "%Y%m%dT%H%M%S.%f%z")
    except ValueError:
        return None
    return found if is_believable(found) else None


def _clock_order(clock: Clock) -> tuple[bool, datetime]:
    return (clock.state not in (ClockState.RUNNING, ClockState.PAUSED), clock.due_at)


def _nearest(ticket: Ticket) -> Clock | None:
    running = [clock for clock in ticket.clocks if clock.state == ClockState.RUNNING]
    return min(running, key=lambda clock: clock.due_at, default=None)


def whose_turn(ticket: Ticket) -> tuple[str, str]:
    """Who must move next, and what they have to do, in words."""
    responsible = responsible_of(ticket) or gettext("The desk")
    if ticket.state == TicketState.IN_PROGRESS and (waits := waiting_words(ticket)):
        return waits
    match ticket.state:
        case TicketState.REGISTERED | TicketState.REOPENED if ticket.assignee_id is None:
            return gettext("The desk"), gettext("dispatch it (%(department)s)", department=responsible)
        case TicketState.DISPATCHED if ticket.on_the_way and ticket.left_at is not None:
            return responsible, gettext("on the way since %(when)s", when=Look().when(ticket.left_at))
        case TicketState.DISPATCHED:
            return responsible, gettext("begin the work")
        case TicketState.WAITING:
            return responsible, gettext("waiting: %(reason)s", reason=ticket.waiting_reason or "")
        case TicketState.DONE:
            return gettext("The desk"), gettext("ask the household")
        case TicketState.VISITED:
            return gettext("The desk"), gettext("close it")
        case TicketState.CLOSED | TicketState.CANCELLED:
            return gettext("Nobody"), gettext("it is settled")
    return responsible, gettext("do the work")
