"""The telephone page `/phone` (I6): only with CARRIER=simulator, from this machine or for a logged-in assistant or admin."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_login import current_user

from app.adapters.carrier.base import CarrierError
from app.adapters.carrier.simulator import SimulatorCarrier, simulator_of
from app.adapters.carrier.simulator.picture import photo
from app.adapters.clock import now
from app.extensions import db
from app.hotline import phone_state
from app.rules.codes import Role
from app.rules.digits import is_number
from app.services.call_store import plain
from config import Settings

blueprint = Blueprint("phone", __name__, url_prefix="/phone")

WORDS_LIMIT = 500
PROXY_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "Via", "CF-Connecting-IP")
_NUMBER = re.compile(r"\+?[0-9]{3,18}")
_SID = re.compile(r"CA[0-9a-f]{32}")
_DIGITS = re.compile(r"[0-9*#]{1,30}")
P = ParamSpec("P")


def _guarded(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """404 without the simulator; to the log-in for strangers, 403 for other roles."""

    @wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if _settings().carrier != "simulator":
            abort(404)
        if not is_local() and not _may_use():
            if current_user.is_authenticated or request.method != "GET" or request.path != "/phone":
                abort(403)
            return redirect("/login/?next=/phone")
        return view(*args, **kwargs)

    return run


def is_local() -> bool:
    """Whether the browser runs on this machine: by address and by the name it asked for; a proxy that was not announced
    (TRUSTED_PROXIES) makes everybody look local, so whatever came through one does not count."""
    forwarded = any(name in request.headers for name in PROXY_HEADERS)
    if forwarded and not _settings().trusted_proxies:
        return False
    host = urlsplit(f"//{request.host}").hostname or ""
    return _is_loopback(request.remote_addr or "") and (host == "localhost" or _is_loopback(host))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _may_use() -> bool:
    actor = getattr(current_user, "actor", None)
    return actor is not None and actor.has(Role.ADMIN, Role.ASSISTANT)


@blueprint.get("")
@_guarded
def page() -> ResponseReturnValue:
    """The telephone, the staff's telephones and the text messages."""
    session, locale = db.session(), str(get_locale())[:2]
    return render_template(
        "phone/index.html",
        callers=phone_state.callers(session),
        hotlines=phone_state.hotlines(session, _settings().hotline_number, locale),
        anonymous=phone_state.ANONYMOUS,
        texts=_texts(),
    )


@blueprint.get("/state")
@_guarded
def state() -> ResponseReturnValue:
    """What is new; the page asks every moment."""
    company = _company()
    company.work()
    sid, after = request.args.get("sid", ""), request.args.get("after", "0")
    answer = phone_state.state(
        db.session(),
        company,
        sid if _SID.fullmatch(sid) else "",
        int(after) if is_number(after, 11) else 0,
        _settings().timezone,
        now(),
    )
    response = jsonify(answer)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/dial")
@_guarded
def dial() -> ResponseReturnValue:
    """Call the hotline."""
    caller, called = _field("from"), _field("to")
    if not (_NUMBER.fullmatch(caller) and _NUMBER.fullmatch(called)):
        return _refused(gettext("This is not a telephone number."))
    return jsonify({"sid": _company().dial(caller, called)})


@blueprint.post("/act")
@_guarded
def act() -> ResponseReturnValue:
    """Do something at one of the telephones."""
    sid, what, value = _field("sid"), _field("what"), plain(_field("value"), WORDS_LIMIT)
    action = _ACTIONS.get(what)
    if action is None or not _SID.fullmatch(sid):
        return _refused(gettext("The telephone cannot do that."))
    if (what == "keys" and not _DIGITS.fullmatch(value)) or (what == "words" and not value):
        return _refused(gettext("The telephone cannot do that."))
    try:
        action(_company(), sid, value)
    except CarrierError:
        return _refused(gettext("This call is over."), 409)
    return jsonify({"ok": True})


@blueprint.post("/sms")
@_guarded
def sms() -> ResponseReturnValue:
    """Send a text message to the hotline."""
    caller, called, body = _field("from"), _field("to"), plain(_field("body"), WORDS_LIMIT)
    pictures = [photo()] if _field("picture") else []
    if not (_NUMBER.fullmatch(caller) and _NUMBER.fullmatch(called) and (body or pictures)):
        return _refused(gettext("A text message needs a number and some words."))
    if not _company().text(caller, called, body, pictures):
        return _refused(gettext("The text message was not taken."), 502)
    return jsonify({"ok": True})


def _field(name: str) -> str:
    data = request.get_json(silent=True)
    value = data.get(name, "") if isinstance(data, dict) else ""
    return value.strip() if isinstance(value, str) else ""


def _refused(sentence: str, status: int = 400) -> tuple[Response, int]:
    return jsonify({"message": sentence}), status


def _company() -> SimulatorCarrier:
    return simulator_of(_settings())


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


_ACTIONS: dict[str, Callable[[SimulatorCarrier, str, str], None]] = {
    "keys": lambda company, sid, value: company.keys(sid, value),
    "words": lambda company, sid, value: company.words(sid, value),
    "silence": lambda company, sid, _: company.silence(sid),
    "hang_up": lambda company, sid, _: company.put_down(sid),
    "answer": lambda company, sid, _: company.answer(sid),
    "machine": lambda company, sid, _: company.answer(sid, machine=True),
    "decline": lambda company, sid, _: company.decline(sid),
}


def _texts() -> dict[str, Any]:
    """The words that the page's script puts on the screen."""
    return {
        "calling": gettext("Calling…"),
        "talking": gettext("On the line"),
        "waiting": gettext("Waiting in the queue"),
        "connected": gettext("Connected: you speak with a person"),
        "over": gettext("The call is over"),
        "idle": gettext("No call"),
        "silence": gettext("(silence)"),
        "beep": gettext("Beep: your message is being recorded"),
        "recordingPaused": gettext("recording paused"),
        "recordingOn": gettext("recording goes on"),
        "queue": gettext("In the queue"),
        "connect": gettext("Connected"),
        "deaf": gettext("Only keys are taken here"),
        "end": gettext("The call has ended"),
        "answered": gettext("Answered"),
        "machine": gettext("The voicemail answered"),
        "dial": gettext("A person is being called"),
        "error": gettext("The hotline did not answer"),
        "ringing": gettext("is ringing"),
        "speaking": gettext("on the line"),
        "ended": gettext("ended"),
        "answer": gettext("Answer"),
        "decline": gettext("Decline"),
        "voicemail": gettext("Voicemail"),
        "hangUp": gettext("Hang up"),
        "key": gettext("Key %(key)s", key="{key}"),
        "say": gettext("Say"),
        "sayHere": gettext("Say something"),
        "keysOnly": gettext("Keys only, please"),
        "unknown": gettext("A telephone"),
        "to": gettext("to"),
        "failed": gettext("not taken"),
        "lost": gettext("The telephone has lost its connection. It tries again."),
        "withheld": gettext("number withheld"),
    }
