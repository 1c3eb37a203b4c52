"""The webhooks of text messages (I3): one comes in, one of ours was delivered or was not."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request
from twilio.twiml.messaging_response import MessagingResponse

from app.adapters.clock import now
from app.hotline.signature import signed
from app.models.base import BIGGEST_ID
from app.services import journal, sms
from app.services.call_store import Webhook, is_sid
from app.services.transaction import in_transaction

log = logging.getLogger(__name__)
blueprint = Blueprint("hotline_sms", __name__, url_prefix="/hotline/sms")


@blueprint.post("")
@signed
def text() -> Response:
    """A text message comes in. The answer is empty: our replies leave through the outbox."""
    return receive_text()


@blueprint.post("/status")
@blueprint.post("/status/<int:message_id>")
@signed
def status(message_id: int | None = None) -> Response:
    """What became of a message of ours. One we do not know is no error: it may be another program's."""
    hook = _webhook()
    if hook is None or (message_id or 0) > BIGGEST_ID:
        return _malformed()
    try:
        in_transaction(lambda session: sms.take_status(session, hook, message_id))
    except Exception:
        log.exception("the report on message %s went to the journal", hook.sid)
        return _to_journal("sms-status", hook, message_id) or Response(status=204)
    return Response(status=204)


def receive_text() -> Response:
    """Take in the text message of this (signed) request."""
    hook = _webhook()
    if hook is None:
        return _malformed()
    try:
        in_transaction(lambda session: sms.receive(session, hook))
    except Exception:
        log.exception("text message %s went to the journal", hook.sid)
        refusal = _to_journal("sms", hook, None)
        if refusal is not None:
            return refusal
    return Response(str(MessagingResponse()), mimetype="text/xml")


def _to_journal(kind: str, hook: Webhook, message_id: int | None) -> Response | None:
    """Keep a webhook without the database (G4). When even that fails, 503 and not 500: the carrier is to bring it again."""
    try:
        journal.append(kind, hook, turn=message_id)
    except OSError:
        log.critical("neither database nor journal took %s %s", kind, hook.sid)
        return Response("", status=503, mimetype="text/plain")
    return None


def _webhook() -> Webhook | None:
    sid = request.form.get("MessageSid") or request.form.get("SmsSid") or ""
    return Webhook(sid, request.form.to_dict(), now()) if is_sid(sid) else None


def _malformed() -> Response:
    return Response("MessageSid is missing or malformed.", status=400, mimetype="text/plain")
