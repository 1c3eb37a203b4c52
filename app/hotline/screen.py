"""Key 0 rings a telephone: whoever answers presses 1 before the caller is put through. A voicemail cannot (I4, G3)."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, abort, request
from twilio.twiml.voice_response import Gather, VoiceResponse

from app.adapters.clock import now
from app.errors import N_
from app.hotline.ladder_twiml import goodbye, locale, say_lines
from app.hotline.signature import signed
from app.hotline.twiml import path_of
from app.rules.call_flow.words import Quote, line
from app.services import screening
from app.services.call_store import Webhook, is_sid
from app.services.transaction import in_transaction

log = logging.getLogger(__name__)
blueprint = Blueprint("screen", __name__, url_prefix="/hotline/person")

KEY_SECONDS = 5
TIMES = 3
ASKED = N_("A call of the hotline of %(community)s. To take it, press 1.")


@blueprint.post("/<step>")
@signed
def leg(step: str) -> Response:
    """`say`: the telephone was taken, by whomever; `key`: a key. Without a database the caller is put through all the same."""
    if step not in ("say", "key"):
        abort(404)
    hook = Webhook(request.form.get("CallSid", ""), request.form.to_dict(), now())
    if not is_sid(hook.sid):
        return Response("CallSid is missing or malformed.", status=400, mimetype="text/plain")
    takes = hook.text("Digits", 10) == "1"
    community = ""
    try:
        community = in_transaction(lambda session: screening.note(session, hook, takes))
    except Exception:
        log.exception("the screening of call %s could not be noted", hook.sid)
    if step == "key" and takes:
        # An empty document ends the screening: the two are connected.
        return Response(str(VoiceResponse()), mimetype="text/xml")
    return Response(_ask(community) if step == "say" else goodbye(), mimetype="text/xml")


def _ask(community: str) -> str:
    response = VoiceResponse()
    for _ in range(TIMES):
        gather = Gather(
            input="dtmf",
            num_digits=1,
            timeout=KEY_SECONDS,
            finish_on_key="",
            action=path_of("person/key"),
            method="POST",
        )
        say_lines(gather, (line(ASKED, community=Quote(community)),), locale())
        response.append(gather)
    response.hangup()
    return str(response)
