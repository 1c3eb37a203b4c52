"""The webhooks of inbound calls (I3): signed request → one transaction in a service → TwiML. Nothing here calls out (G4).

Whatever fails behind them, the carrier gets an answer a caller can live with: the event goes to the journal and the caller
is recorded.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Blueprint, Response, abort, request
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.hotline import twiml
from app.hotline.signature import signed
from app.rules.call_flow import Step
from app.services import calls, journal
from app.services.call_recording import WHOLE
from app.services.call_store import Webhook, caller_number, is_sid
from app.services.spoken_lines import house_locale
from app.services.transaction import in_transaction

log = logging.getLogger(__name__)
blueprint = Blueprint("hotline", __name__, url_prefix="/hotline")

Handler = Callable[[Session, Webhook], str]
_STEPS = frozenset(Step) - {Step.END}


@blueprint.post("/voice")
@signed
def voice() -> Response:
    """A call comes in."""
    return _answer("voice", lambda session, hook: calls.receive_call(session, hook, twiml.render, twiml.refusal))


@blueprint.post("/voice/<int:turn>/<step>")
@signed
def step_of_turn(turn: int, step: str) -> Response:
    """The answer to a question: our own action URLs carry the turn, so that a repeated request is known."""
    return _step(turn, step)


@blueprint.post("/voice/<step>")
@signed
def step_alone(step: str) -> Response:
    """A step without its turn: the queue's own addresses, and the static flow."""
    if step == "wait":
        return _answer("wait", _wait)
    if step == "wait-key":
        return _answer("wait-key", _wait_key)
    return _step(None, step)


@blueprint.post("/status")
@signed
def status() -> Response:
    """Call progress of inbound calls."""

    def handle(session: Session, hook: Webhook) -> str:
        calls.take_status(session, hook)
        return ""

    return _answer("status", handle, speaks=False)


@blueprint.post("/recording")
@signed
def recording() -> Response:
    """What became of a recorded message."""
    return _recording("")


@blueprint.post(f"/recording/{WHOLE}")
@signed
def recording_of_call() -> Response:
    """What became of the recording of a whole call."""
    return _recording(WHOLE)


def _recording(step: str) -> Response:
    def handle(session: Session, hook: Webhook) -> str:
        calls.take_recording(session, hook, step == WHOLE)
        return ""

    return _answer("recording", handle, speaks=False, step=step)


@blueprint.post("/fallback")
@signed
def fallback() -> Response:
    """The carrier's second try: the caller of a call is recorded; a text message is taken in as usual."""
    if request.form.get("MessageSid") and not request.form.get("CallSid"):
        from app.hotline.sms import receive_text

        return receive_text()
    return _answer("fallback", lambda session, hook: calls.take_fallback(session, hook, twiml.render))


def _step(turn: int | None, step: str) -> Response:
    if step not in _STEPS or (turn is not None and turn > 10_000):
        abort(404)
    return _answer(
        "step", lambda session, hook: calls.take_step(session, hook, turn, step, twiml.render), turn=turn, step=step
    )


def _wait(session: Session, hook: Webhook) -> str:
    call = calls.take_wait(session, hook)
    rung, taken = calls.rung_so_far(session, call)
    number = calls.flow_of(call).facts.ticket_number
    return twiml.waiting(call.locale, number, rung, taken, caller_number(call.from_number) is not None)


def _wait_key(session: Session, hook: Webhook) -> str:
    if calls.take_wait_key(session, hook):
        return twiml.leave_queue()
    return _wait(session, hook)


def _answer(kind: str, handle: Handler, *, speaks: bool = True, turn: int | None = None, step: str = "") -> Response:
    """Run a handler in its transaction; without a database, or with a fault of ours, the journal and the static flow."""
    hook = Webhook(request.form.get("CallSid", ""), request.form.to_dict(), now())
    if not is_sid(hook.sid):
        return Response("CallSid is missing or malformed.", status=400, mimetype="text/plain")
    try:
        text = in_transaction(lambda session: handle(session, hook))
    except Exception:
        log.exception("webhook %s of call %s goes to the journal", kind, hook.sid)
        kept = _to_journal(kind, hook, turn, step)
        if not speaks and not kept:
            # Nobody listens: the carrier is to bring it again.
            return Response("", status=503, mimetype="text/plain")
        text = _without_database(kind, step)
    if not speaks:
        return Response(status=204)
    return Response(text, mimetype="text/xml")


def _to_journal(kind: str, hook: Webhook, turn: int | None, step: str) -> bool:
    """Whether the journal took it. If not, the reconciler finds the call in the carrier's own list."""
    try:
        journal.append(kind, calls.kept(hook, step), turn=turn, step=step)
    except OSError:
        log.critical("neither database nor journal took webhook %s of call %s", kind, hook.sid)
        return False
    return True


def _without_database(kind: str, step: str) -> str:
    if kind in ("wait", "wait-key"):
        return twiml.waiting(house_locale(), None)
    if step in (Step.RECORD, Step.MESSAGE):
        return twiml.thanks(house_locale())
    return twiml.emergency_measures(house_locale())
