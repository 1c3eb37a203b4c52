"""What automatic calls say, as TwiML: the only place that knows how `rules.outbound_flow` sounds."""

from __future__ import annotations

from twilio.twiml.voice_response import Gather, VoiceResponse

from app.hotline.ladder_twiml import say_lines
from app.hotline.twiml import path_of
from app.rules.outbound_flow import Reply

KEY_SECONDS = 6


def render(target_id: int, reply: Reply | None) -> str:
    """One answer. None ends the line without a word: a machine has it."""
    response = VoiceResponse()
    if reply is None:
        response.hangup()
    elif reply.asks:
        gather = Gather(
            input="dtmf",
            num_digits=reply.digits,
            timeout=KEY_SECONDS,
            finish_on_key="" if reply.digits == 1 else "#",
            action=path_of(f"outbound/{target_id}/{reply.flow.turn}/key"),
            method="POST",
            action_on_empty_result=True,
        )
        _say(gather, reply)
        response.append(gather)
    else:
        _say(response, reply)
        response.hangup()
    return str(response)


def again_soon(target_id: int, turn: int | None, step: str) -> str:
    """A fault of ours: a breath, then the same once more."""
    where = f"outbound/{target_id}/{step}" if turn is None else f"outbound/{target_id}/{turn}/{step}"
    response = VoiceResponse()
    response.pause(length=2)
    response.redirect(path_of(where), method="POST")
    return str(response)


def _say(parent: VoiceResponse | Gather, reply: Reply) -> None:
    for sentence in reply.lines:
        say_lines(parent, (sentence,), sentence.locale or reply.flow.locale)
