"""The webhooks of automatic calls (D8 … D13): the telephone was taken, a key came, the call moved on. All signed."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Blueprint, Response, abort, request
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import NotFound
from app.hotline import outbound_twiml as say
from app.hotline.signature import signed
from app.hotline.twiml import leave_queue
from app.models import CampaignTarget
from app.models.base import BIGGEST_ID
from app.rules.outbound_flow import Outcome
from app.services import escalation, outbound_calls, waiting_lines
from app.services.call_store import Webhook, add_event, answer_of, is_sid
from app.services.transaction import in_transaction

log = logging.getLogger(__name__)
blueprint = Blueprint("outbound", __name__, url_prefix="/hotline/outbound")

_TELLING = ("CallStatus", "AnsweredBy", "QueueTime", "QueueResult", "Digits")
"""What tells one report of a line from another."""

Handler = Callable[[Session, CampaignTarget, Webhook], str]


@blueprint.post("/<int:target_id>/status")
@signed
def status(target_id: int) -> Response:
    """Progress, and what the carrier's ear says of who answered."""
    return _answer(target_id, "status", None, _status)


@blueprint.post("/<int:target_id>/say")
@signed
def taken(target_id: int) -> Response:
    """The telephone was taken."""
    return _answer(target_id, "say", None, _say)


@blueprint.post("/<int:target_id>/<int:turn>/key")
@signed
def key(target_id: int, turn: int) -> Response:
    """A key, or none. The turn in the address tells a repeated request from a new one (G3)."""
    return _answer(target_id, "key", turn, _key)


@blueprint.post("/<int:target_id>/wait")
@signed
def wait(target_id: int) -> Response:
    """Whoever asked for help waits in the queue: what they hear, again and again."""
    return _answer(target_id, "wait", None, _wait)


@blueprint.post("/<int:target_id>/wait-key")
@signed
def wait_key(target_id: int) -> Response:
    """A key while waiting: 1 leaves, to be called back."""
    return _answer(target_id, "wait-key", None, _wait_key)


@blueprint.post("/<int:target_id>/left")
@signed
def left(target_id: int) -> Response:
    """The waiting is over: they spoke, or the caller left."""
    return _answer(target_id, "left", None, _left)


def _answer(target_id: int, step: str, turn: int | None, handle: Handler) -> Response:
    """Event, use case and answer in one transaction; the same request again gets the stored answer and changes nothing."""
    if target_id > BIGGEST_ID or (turn or 0) > BIGGEST_ID:
        abort(404)
    hook = Webhook(request.form.get("CallSid", ""), request.form.to_dict(), now())
    if not is_sid(hook.sid):
        return Response("CallSid is missing or malformed.", status=400, mimetype="text/plain")
    try:
        text = in_transaction(lambda session: _once(session, target_id, step, turn, hook, handle))
    except NotFound:
        abort(404)
    except Exception:
        log.exception("outbound webhook %s of call %s failed", step, target_id)
        if step == "status":
            return Response("", status=503, mimetype="text/plain")
        text = say.again_soon(target_id, turn, step)
    return Response(text, mimetype="text/xml") if text else Response(status=204)


def _once(session: Session, target_id: int, step: str, turn: int | None, hook: Webhook, handle: Handler) -> str:
    target = outbound_calls.locked(session, target_id)
    what = str(turn) if turn is not None else "".join(hook.text(name, 30) for name in _TELLING)
    event = f"outbound:{target_id}:{step}:{hook.sid}:{what}"
    known = answer_of(session, event)
    if known is not None:
        return known
    behind = turn is not None and turn < int(target.flow.get("turn", 0))
    text = say.render(target_id, outbound_calls.again(session, target, hook.received_at)) if behind else ""
    # Asked before it is handled: what was keyed answers the question that stood then.
    kept = hook.without("Digits") if outbound_calls.awaits_secret(target) else hook
    text = text or handle(session, target, hook)
    add_event(session, event, "outbound", kept, text)
    return text


def _status(session: Session, target: CampaignTarget, hook: Webhook) -> str:
    answered_by = hook.text("AnsweredBy", 30)
    # The report of the carrier's ear names no state of the call.
    outbound_calls.reported(
        session, target, hook.sid, hook.text("CallStatus", 20) or "in-progress", answered_by, hook.received_at
    )
    return ""


def _say(session: Session, target: CampaignTarget, hook: Webhook) -> str:
    reply = outbound_calls.said(session, target, hook.sid, hook.text("AnsweredBy", 30), hook.received_at)
    return say.render(target.id, reply)


def _key(session: Session, target: CampaignTarget, hook: Webhook) -> str:
    reply = outbound_calls.keyed(session, target, hook.sid, hook.text("Digits", 10), hook.received_at)
    if reply is not None and reply.outcome == Outcome.HELP:
        number = waiting_lines.enter(session, target)
        if number is not None:
            return say.wait_in_queue(target.id, reply, number)
    return say.render(target.id, reply)


def _wait(session: Session, target: CampaignTarget, hook: Webhook) -> str:
    emergency = waiting_lines.emergency_of(session, target)
    if emergency is None or waiting_lines.is_over(emergency[1]):
        return leave_queue()
    rung, taken = escalation.rung_so_far(session, emergency[1])
    return say.waiting(target.id, target.locale, emergency[0].number, rung, taken)


def _wait_key(session: Session, target: CampaignTarget, hook: Webhook) -> str:
    return leave_queue() if hook.text("Digits", 10) == "1" else _wait(session, target, hook)


def _left(session: Session, target: CampaignTarget, hook: Webhook) -> str:
    return say.after_waiting(target.locale, called_back=waiting_lines.leave(session, target, hook.received_at))
