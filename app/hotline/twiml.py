"""The call flow's answers as TwiML (Twilio's Voice markup): the only place that knows it.

Action URLs are /hotline/voice/<turn>/<step>: the last segment is the stable step name (I4), the turn before it makes the
address its own natural key, so that a retried webhook is recognised (G3).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlsplit

from flask import current_app
from twilio.twiml import TwiML
from twilio.twiml.voice_response import Dial, Enqueue, Gather, VoiceResponse

from app.adapters.carrier import Capability, missing, queue_is_shared
from app.errors import N_
from app.rules.call_flow import Expect, Flow, Reply, Step
from app.rules.call_flow.matter import LIFE_SAFETY
from app.rules.call_flow.model import Ask, Connect, HangUp, Hold, TakeRecording, Wait
from app.rules.call_flow.words import Digits, Line, line
from app.services.spoken_lines import speak

SAY = {"zh": "cmn-CN", "en": "en-US"}
HEAR = {"zh": "cmn-Hans-CN", "en": "en-US"}
RETRIES = "#rc=5&rp=ct,rt,5xx"
"""Twilio retries a callback only on connection failure unless it is told otherwise (G3)."""

KEY_SECONDS = 6
SPEECH_SECONDS = 6
PAUSE_SECONDS = "3"
HOUSE_HINTS = {"zh": "幢,栋,号楼,单元,室", "en": "building, unit, room"}
RECORD_SECONDS = 180
RECORD_SILENCE_SECONDS = 6
WAIT_SECONDS = 12
SAY_ENCODED = 4500

WAITING = N_("The person on duty is being called. Please stay on the line.")
WAITING_NEXT = N_("%(count)s people have been called so far and we go on calling. Please stay on the line.")
WAITING_TAKEN = N_("Somebody has taken your emergency and is being connected. Please stay on the line.")
WAITING_RUNG_BACK = N_("Somebody has taken your emergency and is calling you back on this number now. Please hang up.")
YOUR_NUMBER = N_("Your ticket number is %(number)s.")
WAITING_OPTION = N_("To hang up and be called back, press 1.")
SORRY = N_(
    "We are sorry: the system is busy. Please leave your house, your number and what has happened after the tone."
)
REFUSED = N_("This number is not in service here.")
THANKS = N_("Thank you for calling. Goodbye.")


def render(reply: Reply) -> str:
    """The TwiML of one answer of the flow."""
    flow, verb = reply.flow, reply.verb
    response = VoiceResponse()
    if isinstance(verb, Ask):
        _gather(response, flow, verb.expect, reply.lines)
        return str(response)
    _say(response, reply.lines, flow)
    if isinstance(verb, TakeRecording):
        _record(response, action(flow))
    elif isinstance(verb, Connect):
        dial = Dial(
            action=action(flow),
            method="POST",
            timeout=verb.seconds,
            answer_on_bridge=True,
            **_talk_recorded(),
        )
        dial.number(verb.number, url=path_of("person/say"), method="POST")
        response.append(dial)
    elif isinstance(verb, Wait):
        response.append(_enqueue(flow))
    elif isinstance(verb, Hold):
        response.pause(length=verb.seconds)
        response.redirect(action(flow), method="POST")
    else:
        assert isinstance(verb, HangUp)
        response.hangup()
    return str(response)


def waiting(locale: str, ticket_number: str | None, rung: int = 0, taken: bool = False, may_leave: bool = True) -> str:
    """What a caller in the queue hears again and again (Enqueue's waitUrl): what is happening; 1 leaves the queue.

    `may_leave`: there is a number to call back.
    """
    response = VoiceResponse()
    gather = Gather(
        input="dtmf", num_digits=1, timeout=WAIT_SECONDS, finish_on_key="", action=path("wait-key"), method="POST"
    )
    if taken and not queue_is_shared(current_app.extensions["settings"]):
        _speak(response, [line(WAITING_RUNG_BACK)], locale, ticket_number)
        response.leave()
        return str(response)
    _speak(gather, what_happens(rung, taken, ticket_number, may_leave=may_leave), locale, ticket_number)
    response.append(gather)
    response.redirect(path("wait"), method="POST")
    return str(response)


def what_happens(rung: int, taken: bool, ticket_number: str | None, *, may_leave: bool = True) -> list[Line]:
    """What a waiting caller is told: who is being rung, the ticket's number, and that 1 leaves the queue."""
    if taken:
        happening = line(WAITING_TAKEN)
    else:
        happening = line(WAITING_NEXT, count=str(rung)) if rung > 1 else line(WAITING)
    number = [line(YOUR_NUMBER, number=Digits(ticket_number))] if ticket_number else []
    return [happening, *number, *([line(WAITING_OPTION)] if may_leave else [])]


def leave_queue() -> str:
    """Leave the queue; the Enqueue's action is asked next."""
    response = VoiceResponse()
    response.leave()
    return str(response)


def emergency_measures(locale: str) -> str:
    """The static flow of a house without its database: the caller is recorded all the same (G4)."""
    response = VoiceResponse()
    languages = [locale] if locale == "en" else ["zh", "en"]
    for language in languages:
        _speak(response, [line(SORRY), line(LIFE_SAFETY)], language, None)
    _record(response, path("message"))
    return str(response)


def refusal(locale: str) -> str:
    """Nobody's number."""
    response = VoiceResponse()
    _speak(response, [line(REFUSED)], locale, None)
    response.hangup()
    return str(response)


def thanks(locale: str) -> str:
    """A plain goodbye."""
    response = VoiceResponse()
    _speak(response, [line(THANKS)], locale, None)
    response.hangup()
    return str(response)


def nothing() -> str:
    """An answer without instructions, for callbacks."""
    return str(VoiceResponse())


def path(step: str, turn: int | None = None) -> str:
    """The address of a step below PUBLIC_BASE_URL's own path, if it has one."""
    where = f"{turn}/{step}" if turn is not None else step
    return path_of(f"voice/{where}")


def path_of(where: str) -> str:
    """The address of something under /hotline/, below PUBLIC_BASE_URL's own path."""
    return f"{urlsplit(_base_url()).path.rstrip('/')}/hotline/{where}"


def action(flow: Flow, step: Step | None = None) -> str:
    """Where the telephone goes on after this answer."""
    return path(step or flow.step, flow.facts.turn)


def _base_url() -> str:
    return str(current_app.extensions["settings"].public_base_url)


def _gather(response: VoiceResponse, flow: Flow, expect: Expect, lines: Iterable[Line]) -> None:
    language = HEAR.get(flow.locale, HEAR["zh"])
    common = {"action": action(flow), "method": "POST", "action_on_empty_result": True}
    speech = {
        "input": "speech dtmf",
        "language": language,
        "speech_timeout": PAUSE_SECONDS,
        "timeout": SPEECH_SECONDS,
        "profanity_filter": False,
    }
    if expect == Expect.KEY:
        gather = Gather(input="dtmf", num_digits=1, timeout=KEY_SECONDS, finish_on_key="", **common)
    elif expect == Expect.WORDS:
        gather = Gather(num_digits=1, finish_on_key="", **speech, **common)
    elif expect == Expect.HOUSE:
        gather = Gather(finish_on_key="#", hints=HOUSE_HINTS.get(flow.locale, ""), **speech, **common)
    else:
        gather = Gather(input="dtmf", timeout=KEY_SECONDS, finish_on_key="#", **common)
    _say(gather, lines, flow)
    response.append(gather)


def _record(response: VoiceResponse, where: str) -> None:
    callback = _recording_callback()
    response.record(
        action=where,
        method="POST",
        max_length=RECORD_SECONDS,
        timeout=RECORD_SILENCE_SECONDS,
        finish_on_key="#",
        play_beep=True,
        trim="trim-silence",
        recording_status_callback=callback,
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
    )
    # Reached only when the caller stays silent: Record asks its action only for a recording.
    response.redirect(where, method="POST")


def _talk_recorded() -> dict[str, str]:
    """A talk is recorded by itself only where the carrier does not record the whole call."""
    if Capability.RECORD_CALLS not in missing(current_app.extensions["settings"]):
        return {}
    return {
        "record": "record-from-answer-dual",
        "recording_status_callback": _recording_callback(),
        "recording_status_callback_method": "POST",
    }


def _recording_callback() -> str:
    return f"{_base_url()}/hotline/recording{RETRIES}"


def _enqueue(flow: Flow) -> Enqueue:
    return Enqueue(
        name=f"ticket-{flow.facts.ticket_number}",
        action=action(flow),
        method="POST",
        wait_url=path("wait"),
        wait_url_method="POST",
    )


def _say(parent: TwiML, lines: Iterable[Line], flow: Flow) -> None:
    _speak(parent, lines, flow.locale, flow.facts.ticket_number)


def _speak(parent: TwiML, lines: Iterable[Line], locale: str, ticket_number: str | None) -> None:
    for sentence in lines:
        language = sentence.locale or locale
        for words in in_breaths(printable(speak(sentence, locale, ticket_number))):
            parent.say(words, language=SAY.get(language, SAY["zh"]))


def in_breaths(text: str) -> Iterator[str]:
    """A long text in parts that one Say may hold: 4,500 characters in URL encoding, nine for each Chinese one (error 13521)."""
    rest = text.strip()
    while rest:
        end = len(rest)
        while len(quote(rest[:end])) > SAY_ENCODED:
            end = min(end - 1, end * SAY_ENCODED // len(quote(rest[:end])))
        if end < len(rest):
            pause = max(rest.rfind(mark, 0, end) for mark in "。！？；，.!?;, ")
            end = pause + 1 if pause > 0 else end
        yield rest[:end]
        rest = rest[end:].lstrip()


def printable(text: str) -> str:
    """Without the control characters that would make the XML invalid (G3)."""
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs", "Cn"))
