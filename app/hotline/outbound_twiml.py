"""What automatic calls say, as TwiML: the only place that knows how `rules.outbound_flow` sounds."""

from __future__ import annotations

from twilio.twiml.voice_response import Gather, VoiceResponse

from app.errors import N_
from app.hotline.ladder_twiml import say_lines
from app.hotline.twiml import WAIT_SECONDS, path_of, what_happens
from app.rules.call_flow.words import line
from app.rules.outbound_flow import BYE, Reply

KEY_SECONDS = 6
CALLED_BACK = N_("You are called back in a moment: stay near your telephone. Goodbye.")


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


def wait_in_queue(target_id: int, reply: Reply, ticket_number: str) -> str:
    """Help is on its way: the line waits in the queue of its emergency, where its taker fetches it."""
    response = VoiceResponse()
    _say(response, reply)
    response.enqueue(
        f"ticket-{ticket_number}",
        action=path_of(f"outbound/{target_id}/left"),
        method="POST",
        wait_url=path_of(f"outbound/{target_id}/wait"),
        wait_url_method="POST",
    )
    return str(response)


def waiting(target_id: int, locale: str, ticket_number: str, rung: int, taken: bool) -> str:
    """What whoever waits hears, as a caller of the hotline does; 1 leaves the queue."""
    response = VoiceResponse()
    gather = Gather(
        input="dtmf",
        num_digits=1,
        timeout=WAIT_SECONDS,
        finish_on_key="",
        action=path_of(f"outbound/{target_id}/wait-key"),
        method="POST",
    )
    said = what_happens(rung, taken, ticket_number)
    say_lines(gather, said, locale)
    response.append(gather)
    response.redirect(path_of(f"outbound/{target_id}/wait"), method="POST")
    return str(response)


def after_waiting(locale: str, *, called_back: bool) -> str:
    """Out of the queue: called back, or they have spoken."""
    response = VoiceResponse()
    say_lines(response, (line(CALLED_BACK if called_back else BYE),), locale)
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
