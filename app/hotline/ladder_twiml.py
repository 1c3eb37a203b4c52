"""What the staff's telephones are told when an emergency rings them (D7), as TwiML."""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app
from twilio.twiml import TwiML
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from app.errors import N_
from app.hotline.twiml import SAY, in_breaths, printable
from app.models import Category
from app.rules.call_flow.words import Digits, Line, Quote, line
from app.services.spoken_lines import speak

KEY_SECONDS = 6
TIMES = 4
QUEUE_SECONDS = 60
CALLER_SECONDS = 40
HOLD_SECONDS = 4

EMERGENCY = N_("Emergency, ticket %(number)s. %(where)s. %(words)s.")
KEYS = N_("To take it and speak with the caller, press 1. To pass it on, press 2.")
CONNECTING = N_("Thank you, it is yours. You are being connected with the caller.")
STILL_TELLS = N_("It is yours. The caller is still answering the hotline's questions: please stay on the line.")
CALLING = N_("Thank you, it is yours. The caller is being called back from the hotline's number.")
TAKEN = N_("%(name)s has taken this emergency already. Thank you.")
OVER = N_("This emergency is settled already. Thank you.")
PASSED = N_("It is passed on. Thank you.")
NO_NUMBER = N_("The caller has hung up and left no number. Please look at ticket %(number)s.")
NOT_REACHED = N_("The caller cannot be reached. To try once more, press 1.")
THANKS = N_("The ticket is yours. Goodbye.")
TAKER = N_("The person on duty is on the line.")


def locale() -> str:
    """The staff's language: the house's."""
    return str(current_app.config.get("BABEL_DEFAULT_LOCALE", "zh"))


def category_name(category: Category) -> str:
    """A category in the staff's language."""
    return (category.name_en or category.name) if locale() == "en" else category.name


def announce(attempt_id: int, number: str, where: str, words: str) -> str:
    """The emergency in one breath and the two keys, said several times; then the line ends."""
    response = VoiceResponse()
    said = (line(EMERGENCY, number=Digits(number), where=Quote(where), words=Quote(words.rstrip("。."))), line(KEYS))
    for _ in range(TIMES):
        gather = Gather(
            input="dtmf",
            num_digits=1,
            timeout=KEY_SECONDS,
            finish_on_key="",
            action=url(attempt_id, "key"),
            method="POST",
        )
        _say(gather, said)
        response.append(gather)
    response.hangup()
    return str(response)


def join_queue(attempt_id: int, number: str) -> str:
    """Take the waiting caller out of the ticket's queue."""
    response = VoiceResponse()
    _say(response, (line(CONNECTING),))
    dial = Dial(action=url(attempt_id, "joined"), method="POST", timeout=QUEUE_SECONDS)
    dial.queue(f"ticket-{number}", url=url(attempt_id, "bridge"), method="POST")
    response.append(dial)
    return str(response)


def hold_on(attempt_id: int) -> str:
    """The caller is not in the queue yet: a moment, then once more."""
    response = VoiceResponse()
    _say(response, (line(STILL_TELLS),))
    response.pause(length=HOLD_SECONDS)
    response.redirect(url(attempt_id, "meet"), method="POST")
    return str(response)


def call_back(attempt_id: int, to: str, caller_id: str) -> str:
    """Ring the caller, who sees the hotline's number: neither learns the other's."""
    response = VoiceResponse()
    _say(response, (line(CALLING),))
    dial = Dial(action=url(attempt_id, "called"), method="POST", timeout=CALLER_SECONDS, caller_id=caller_id)
    dial.number(to)
    response.append(dial)
    return str(response)


def ask_again(attempt_id: int) -> str:
    """The caller was not reached: once more, or leave it."""
    response = VoiceResponse()
    gather = Gather(
        input="dtmf",
        num_digits=1,
        timeout=KEY_SECONDS,
        finish_on_key="",
        action=url(attempt_id, "again"),
        method="POST",
    )
    _say(gather, (line(NOT_REACHED),))
    response.append(gather)
    _say(response, (line(THANKS),))
    response.hangup()
    return str(response)


def goodbye(*lines: Line) -> str:
    """Say something and hang up."""
    response = VoiceResponse()
    _say(response, lines)
    response.hangup()
    return str(response)


def to_caller(caller_locale: str) -> str:
    """What the caller hears in the moment before they are connected."""
    response = VoiceResponse()
    response.say(printable(speak(line(TAKER), caller_locale)), language=SAY.get(caller_locale, SAY["zh"]))
    return str(response)


def again_soon(attempt_id: int, step: str) -> str:
    """A fault of ours: a breath, then the same question again."""
    response = VoiceResponse()
    response.pause(length=2)
    response.redirect(url(attempt_id, step), method="POST")
    return str(response)


def url(attempt_id: int, step: str) -> str:
    """An address of the ladder's own."""
    return f"{current_app.extensions['settings'].public_base_url}/hotline/ladder/{attempt_id}/{step}"


def _say(parent: TwiML, lines: Iterable[Line]) -> None:
    say_lines(parent, lines, locale())


def say_lines(parent: TwiML, lines: Iterable[Line], language: str) -> None:
    """Say sentences in a language."""
    for sentence in lines:
        for words in in_breaths(printable(speak(sentence, language))):
            parent.say(words, language=SAY.get(language, SAY["zh"]))
