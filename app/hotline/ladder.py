"""The webhooks of the ladder's legs (D7, G3): what a staff telephone hears, its keys, its progress. All signed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy.orm import Session

from app.adapters.carrier import queue_is_shared
from app.adapters.clock import now
from app.errors import NotFound
from app.hotline import ladder_twiml as say
from app.hotline.signature import signed
from app.models import Call, EscalationAttempt, Ladder, Ticket
from app.models.base import BIGGEST_ID
from app.rules import escalation as rules
from app.rules.call_flow.words import Digits, line
from app.rules.classify import OTHER
from app.rules.codes import LadderState
from app.services import escalation
from app.services.call_store import Webhook, add_event, caller_number, is_sid
from app.services.escalation_dial import hotline_number
from app.services.escalation_tell import where
from app.services.transaction import in_transaction

log = logging.getLogger(__name__)
blueprint = Blueprint("ladder", __name__, url_prefix="/hotline/ladder")

Handler = Callable[[Session, int, Webhook], str]
SPOKE = ("completed", "answered")
WORDS_LIMIT = 60
MEETS_WITHIN = timedelta(minutes=3)
"""For so long after key 1 the taker is brought to the queue again; then the caller is rung."""


@blueprint.post("/<int:attempt_id>/<step>")
@signed
def leg(attempt_id: int, step: str) -> Response:
    """One webhook of a leg: event, use case, answer, in one transaction."""
    handle = _STEPS.get(step)
    if handle is None or attempt_id > BIGGEST_ID:
        abort(404)
    hook = Webhook(request.form.get("CallSid", ""), request.form.to_dict(), now())
    if not is_sid(hook.sid):
        return Response("CallSid is missing or malformed.", status=400, mimetype="text/plain")
    try:
        text = in_transaction(lambda session: _taken(session, attempt_id, step, hook, handle))
    except NotFound:
        abort(404)
    except Exception:
        log.exception("ladder webhook %s of attempt %s failed", step, attempt_id)
        if step == "status":
            return Response("", status=503, mimetype="text/plain")
        text = say.again_soon(attempt_id, step)
    return Response(text, mimetype="text/xml") if text else Response(status=204)


def _taken(session: Session, attempt_id: int, step: str, hook: Webhook, handle: Handler) -> str:
    escalation.locked(session, attempt_id)
    variant = hook.text("CallStatus", 20) + hook.text("AnsweredBy", 30) + hook.text("Digits", 10)
    add_event(session, f"ladder:{attempt_id}:{step}:{hook.sid}:{variant}", "ladder", hook)
    return handle(session, attempt_id, hook)


def _status(session: Session, attempt_id: int, hook: Webhook) -> str:
    escalation.progress(
        session,
        attempt_id,
        sid=hook.sid,
        status=hook.text("CallStatus", 20),
        answered_by=hook.text("AnsweredBy", 30),
        now=hook.received_at,
    )
    return ""


def _say(session: Session, attempt_id: int, hook: Webhook) -> str:
    """The telephone was taken. A machine is hung up on; whoever comes too late is told so."""
    sid, answered_by = hook.sid, hook.text("AnsweredBy", 30)
    escalation.progress(
        session, attempt_id, sid=sid, status="in-progress", answered_by=answered_by, now=hook.received_at
    )
    ladder, _ = escalation.locked(session, attempt_id)
    if rules.is_machine(answered_by):
        return say.goodbye()
    if ladder.state != LadderState.RUNNING and ladder.accepted_attempt_id != attempt_id:
        return _too_late(session, ladder)
    ticket = ladder.ticket
    return say.announce(attempt_id, ticket.number, where(ticket), _matter(ticket))


def _matter(ticket: Ticket) -> str:
    """What it is about: the category where it is known, and the caller's words."""
    named = ticket.category is not None and ticket.category.code != OTHER
    about = (say.category_name(ticket.category),) if named and ticket.category else ()
    return (", " if say.locale() == "en" else "，").join((*about, ticket.title))[:WORDS_LIMIT]


def _key(session: Session, attempt_id: int, hook: Webhook) -> str:
    """1 takes it, 2 passes it on, everything else hears it again."""
    digits = hook.text("Digits", 10)
    ladder, _ = escalation.locked(session, attempt_id)
    if digits == "1":
        if ladder.state == LadderState.CANCELLED:
            return say.goodbye(line(say.OVER))
        accepted = escalation.accept(session, attempt_id, hook.received_at)
        if not accepted.yours:
            return say.goodbye(*([line(say.TAKEN, name=accepted.taken_by)] if accepted.taken_by else []))
        return _to_the_caller(session, attempt_id)
    if digits == "2":
        escalation.decline(session, attempt_id, hook.received_at)
        return say.goodbye(line(say.PASSED))
    return _say(session, attempt_id, hook)


def _joined(session: Session, attempt_id: int, hook: Webhook) -> str:
    """The taker's Dial to the queue has ended: they spoke, or the caller was gone, or not there yet."""
    spoke = hook.text("DialCallStatus", 20) in SPOKE or hook.text("DequeueResult", 30) == "bridged"
    if spoke or hook.text("DialBridged", 10) == "true":
        escalation.connected(session, attempt_id, hook.received_at)
    ladder, _ = escalation.locked(session, attempt_id)
    if ladder.connected_at is not None or not _is_taker(ladder, attempt_id):
        return say.goodbye(line(say.THANKS))
    # A queue is there from the moment its first caller enters it, who may still answer questions: that line is busy.
    if _can_meet(session, ladder) and ladder.ended_at and hook.received_at - ladder.ended_at < MEETS_WITHIN:
        return say.hold_on(attempt_id)
    return _ring_back(session, ladder, attempt_id, hook)


def _bridge(session: Session, attempt_id: int, hook: Webhook) -> str:
    """Heard by the caller, on the caller's own leg, in the moment before both are connected."""
    escalation.connected(session, attempt_id, hook.received_at)
    ladder, _ = escalation.locked(session, attempt_id)
    return say.to_caller(ladder.ticket.reporter_locale)


def _called(session: Session, attempt_id: int, hook: Webhook) -> str:
    """The ring back to the caller has ended."""
    if hook.text("DialCallStatus", 20) in SPOKE:
        escalation.connected(session, attempt_id, hook.received_at)
        return say.goodbye(line(say.THANKS))
    escalation.not_reached(session, attempt_id, hook.received_at)
    return say.ask_again(attempt_id)


def _again(session: Session, attempt_id: int, hook: Webhook) -> str:
    ladder, _ = escalation.locked(session, attempt_id)
    if hook.text("Digits", 10) != "1" or not _is_taker(ladder, attempt_id):
        return say.goodbye(line(say.THANKS))
    return _to_the_caller(session, attempt_id)


def _meet(session: Session, attempt_id: int, hook: Webhook) -> str:
    """The taker has stayed on the line for a caller who was not in the queue yet."""
    ladder, _ = escalation.locked(session, attempt_id)
    if ladder.connected_at is not None or not _is_taker(ladder, attempt_id):
        return say.goodbye(line(say.THANKS))
    return _to_the_caller(session, attempt_id)


def _to_the_caller(session: Session, attempt_id: int) -> str:
    """A caller who waits is taken out of the queue; one who hung up or asked for it is rung back, and so is one who waits
    at another company than the one that rang the taker."""
    ladder, _ = escalation.locked(session, attempt_id)
    if _can_meet(session, ladder):
        return say.join_queue(attempt_id, ladder.ticket.number)
    return _ring_back(session, ladder, attempt_id, None)


def _can_meet(session: Session, ladder: Ladder) -> bool:
    """Calls in and out may be two companies; a check-in call is one of those out, as the taker's is."""
    one_company = ladder.call_id is None or queue_is_shared(current_app.extensions["settings"])
    return one_company and escalation.caller_waits(ladder, session)


def _ring_back(session: Session, ladder: Ladder, attempt_id: int, hook: Webhook | None) -> str:
    call = session.get(Call, ladder.call_id) if ladder.call_id else None
    number = caller_number(call.from_number if call else None) or caller_number(ladder.ticket.reporter_phone)
    if number is None:
        if hook is not None:
            escalation.not_reached(session, attempt_id, hook.received_at)
        return say.goodbye(line(say.NO_NUMBER, number=Digits(ladder.ticket.number)))
    return say.call_back(attempt_id, number, hotline_number(session, ladder))


def _is_taker(ladder: Ladder, attempt_id: int) -> bool:
    return ladder.accepted_attempt_id == attempt_id


def _too_late(session: Session, ladder: Ladder) -> str:
    attempt = session.get(EscalationAttempt, ladder.accepted_attempt_id) if ladder.accepted_attempt_id else None
    if attempt is None:
        return say.goodbye(line(say.OVER))
    return say.goodbye(line(say.TAKEN, name=attempt.staff.name if attempt.staff else attempt.number))


_STEPS: dict[str, Handler] = {
    "status": _status,
    "say": _say,
    "key": _key,
    "meet": _meet,
    "joined": _joined,
    "bridge": _bridge,
    "called": _called,
    "again": _again,
}
