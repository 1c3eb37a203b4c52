"""`/live`: what every open page of the staff asks for every few seconds, the caller's card, and taking an alarm on a page.

A conditional poll: the entity tag is made of the rows, so that an unchanged house answers 304 without a body and without
rendering anything. Why not a stream of events: `docs/architecture.md`.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from flask import Response, abort, flash, jsonify, make_response, redirect, render_template, request
from flask_babel import get_locale, gettext
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models.base import BIGGEST_ID
from app.services import alarms, caller_card, live
from app.services.actors import Actor
from app.services.escalation import Accepted
from app.services.transaction import in_transaction, transaction
from app.views.base import BasePage, expose, has_access, open_to_all, permission_name, sentence
from app.views.base.actor import current_actor
from app.views.base.local import local
from app.views.call_words import heard_answers, said
from app.views.knowledge_words import WORDS
from app.views.permitted import may

ASKED_BY_SCRIPT = "X-Live"


class LivePage(BasePage):
    """The pulse of the house for one actor, under the actor's own rows."""

    route_base = "/live"
    default_view = "pulse"

    @expose("/")
    @open_to_all("tells a session that has ended so, instead of sending a script to the log-in page; checked inside")
    def pulse(self) -> Response:
        """`{user, work, badge, alarms, calls, csrf?}`, or 304. 401 when nobody is logged in, 403 for a household."""
        actor = current_actor()
        if actor is None:
            return _said(401, gettext("Please log in."))
        if not may("can_view", "Workbench"):
            return _said(403, gettext("Your role does not allow this."))
        found = live.pulse(db.session(), actor, now())
        wants_token = bool(request.args.get("token"))
        tag = found.etag(str(actor.user_id), str(get_locale()), "token" if wants_token else "")
        if request.if_none_match.contains(tag):
            answer = make_response("", 304)
        else:
            answer = jsonify(
                user=actor.user_id,
                work=found.work,
                badge=found.badge,
                alarms=render_template("workbench/alarms.html", alarms=found.alarms) if found.alarms else "",
                ringing=[alarm.ladder_id for alarm in found.alarms if alarm.rings],
                calls=[{"id": call.id, "version": call.version} for call in found.calls],
                **({"csrf": generate_csrf()} if wants_token else {}),
            )
        answer.set_etag(tag)
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.headers["Vary"] = "Cookie"
        return answer

    @expose("/call/<int:call_id>")
    @has_access
    @permission_name("call")
    def call(self, call_id: int) -> Any:
        """A caller's card: household, open tickets, arrears in total, what was said so far."""
        at = now()
        card = (
            caller_card.card(db.session(), self.actor(), call_id, at, local(at).date())
            if call_id <= BIGGEST_ID
            else None
        )
        if card is None:
            abort(404)
        return render_template(
            "workbench/call.html",
            card=card,
            heard=said(card.call),
            now=at,
            answers=heard_answers(db.session(), self.actor(), card.call, local(at).date()),
            tongue="en" if card.call.locale == "en" else "zh",
            **WORDS,
        )

    @expose("/call/<int:call_id>/confirm", methods=["POST"])
    @has_access
    @permission_name("confirm")
    def confirm(self, call_id: int) -> Any:
        """The caller belongs to the household they named: from now on the card shows it."""
        house_id = request.form.get("house", type=int)
        if house_id is None or not 0 < house_id <= BIGGEST_ID or call_id > BIGGEST_ID:
            abort(404)
        try:
            with transaction() as session:
                name = caller_card.confirm(session, self.actor(), call_id, house_id, now()).name
        except LinliError as error:
            if not request.headers.get(ASKED_BY_SCRIPT):
                raise
            return _said(error.status, sentence(error))
        words = gettext("Noted: the caller belongs to %(house)s.", house=name)
        if request.headers.get(ASKED_BY_SCRIPT):
            return jsonify(message=words)
        flash(words, "success")
        return redirect("/")

    @expose("/alarm/<int:ladder_id>/take", methods=["POST"])
    @has_access
    @permission_name("take")
    def take(self, ladder_id: int) -> Any:
        """Take an emergency: as key 1 on the telephone does. The one who comes second is told who was faster."""
        actor, at = self.actor(), now()
        if ladder_id > BIGGEST_ID:
            abort(404)
        try:
            accepted, number = in_transaction(partial(_take, ladder_id=ladder_id, actor=actor, at=at))
        except LinliError as error:
            if not request.headers.get(ASKED_BY_SCRIPT):
                raise
            return _said(error.status, sentence(error))
        words = (
            gettext("It is yours: ticket %(number)s.", number=number)
            if accepted.yours
            else gettext("%(name)s has taken it already. Thank you.", name=accepted.taken_by or "")
        )
        if request.headers.get(ASKED_BY_SCRIPT):
            return jsonify(yours=accepted.yours, message=words, href=f"/ticket/{number}")
        flash(words, "success" if accepted.yours else "warning")
        return redirect(f"/ticket/{number}")


def _take(session: Session, *, ladder_id: int, actor: Actor, at: datetime) -> tuple[Accepted, str]:
    accepted, ticket = alarms.take(session, ladder_id, actor, at)
    return accepted, ticket.number


def _said(status: int, message: str) -> Response:
    return make_response(jsonify(message=message), status)
