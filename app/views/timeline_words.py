"""The lines of a ticket's timeline in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.services.ticket_view import Happening
from app.views.labels import code_label
from app.views.look import Look

_DID = {
    "register": _("Registered"),
    "dispatch": _("Dispatched"),
    "start": _("Work started"),
    "contact": _("Household contacted"),
    "reply": _("Replied to the household"),
    "wait": _("Waiting"),
    "wait_over": _("The waiting date has come"),
    "resume": _("Work goes on"),
    "finish": _("Work done"),
    "visit": _("Return visit"),
    "close": _("Closed"),
    "cancel": _("Cancelled"),
    "reopen": _("Reopened"),
    "find": _("Finding on the complaint"),
    "promise": _("Time promised"),
    "further_contact": _("The household came back"),
    "warn": _("A clock is running out"),
    "breach": _("A clock ran out"),
    "note": _("Note"),
    "amend": _("Amended"),
    "callback_due": _("To be called back"),
    "told": _("Told"),
    "escalate": _("Escalated"),
    "accept": _("Emergency accepted"),
    "accepted": _("Emergency accepted"),
    "ladder_started": _("Emergency ladder started"),
    "ladder": _("Emergency ladder started"),
    "unanswered": _("Nobody answered"),
    "connect": _("Connected with the caller"),
    "alarm": _("Everybody on the ladder alarmed"),
    "answer": _("The reporter answered"),
}
_PURPOSES = {
    "receipt": _("Receipt to the reporter"),
    "done": _("Told the reporter what was done"),
    "dispatch": _("Told the one who does the work"),
    "breach": _("Alarm: a clock ran out"),
    "warning": _("Warning: a clock is running out"),
    "repeat": _("Told the supervisor of a repeat"),
    "complaint": _("Told the supervisor"),
    "major_complaint": _("Told the management"),
    "ladder": _("Emergency alarm"),
    "emergency": _("Emergency alarm"),
}
_HOUSE = {
    "hotline": _("Hotline"),
    "clocks": _("Clocks"),
    "ladder": _("Emergency ladder"),
    "close_settled": _("By itself, 72 hours without objection"),
    "outbox": _("Messages"),
    "sms": _("SMS"),
    "demo": _("Demo data"),
}
_STEP_ICONS = {
    "finish": "check",
    "close": "check",
    "visit": "visit",
    "breach": "alert",
    "reopen": "alert",
    "wait": "pause",
}


@dataclass(frozen=True)
class Line:
    """One line as it is shown. `tone` colours its dot; `details` are label and value."""

    at: datetime
    icon: str
    tone: str
    title: str
    who: str
    text: str
    state: str | None
    details: list[tuple[str, str]] = field(default_factory=list)
    recording_id: int | None = None


def line(happening: Happening) -> Line:
    """The words of one happening."""
    return _WRITERS[happening.source](happening)


def step_words(verb: str) -> str:
    """What a step did, in words."""
    return str(_DID.get(verb, verb.replace("_", " ")))


def _entry(item: Happening) -> Line:
    title, text = step_words(item.code), item.text
    if item.code == "note" and text and item.who in _HOUSE:
        # What the house notes by itself is a sentence of its own.
        title, text = text, ""
    if text == item.data.get("reason"):
        text = ""
    tone = {"breach": "bad", "reopen": "bad", "warn": "warn", "wait": "warn", "finish": "good", "close": "good"}.get(
        item.code, "calm"
    )
    state = item.after if item.after != item.before else None
    return Line(item.at, _STEP_ICONS.get(item.code, "ticket"), tone, title, _who(item), text, state, _details(item))


def _who(item: Happening) -> str:
    return str(_HOUSE.get(item.who, item.who))


def _message(item: Happening) -> Line:
    channel = code_label("message_channel", item.before)
    title = str(_PURPOSES.get(item.code, gettext("Message")))
    state = code_label("message_state", item.after)
    tone = "bad" if item.after == "failed_permanent" else "mute"
    return Line(item.at, "message", tone, title, f"{channel} {item.who}", item.text, None, [(gettext("State"), state)])


def _call(item: Happening) -> Line:
    title = gettext("Call: %(outcome)s", outcome=code_label("call_outcome", item.code) or gettext("under way"))
    details = [(gettext("State"), code_label("call_status", item.after))]
    if item.text.isdecimal():
        details.append((gettext("Length"), gettext("%(seconds)s s", seconds=item.text)))
    return Line(item.at, "phone", "mute", title, item.who, "", None, details)


def _recording(item: Happening) -> Line:
    details = [(gettext("Length"), gettext("%(seconds)s s", seconds=item.text))] if item.text.isdecimal() else []
    heard = item.id if item.before == "kept" else None
    text = "" if heard else gettext("It is still with the carrier and is fetched by itself.")
    return Line(item.at, "phone", "mute", gettext("Voice recording"), "", text, None, details, heard)


def _ring(item: Happening) -> Line:
    title = gettext("Rang %(tier)s", tier=code_label("tier", item.code))
    tone = "good" if item.after == "accepted" else "warn"
    state = code_label("attempt_state", item.after)
    return Line(item.at, "bell", tone, title, f"{item.who} {item.text}".strip(), "", None, [(gettext("State"), state)])


_WRITERS = {"entry": _entry, "message": _message, "call": _call, "recording": _recording, "ring": _ring}


def _details(item: Happening) -> list[tuple[str, str]]:
    data, made = item.data, []
    if item.code in ("dispatch", "start", "reopen") and data.get("responsible"):
        made.append((gettext("Responsible"), str(data["responsible"])))
    if data.get("clock"):
        made.append((gettext("Clock"), code_label("clock_name", data["clock"])))
    if item.code == "dispatch" and data.get("reason"):
        made.append((gettext("Why"), gettext(str(data["reason"]))))
    for name, label in (("until", gettext("Wait until")), ("promise_at", gettext("Promised for"))):
        if data.get(name):
            made.append((label, _instant(data[name])))
    if data.get("way"):
        made.append((gettext("Way"), _way(str(data["way"]))))
    if data.get("score"):
        made.append((gettext("Satisfaction"), f"{data['score']} / 5"))
    for name, label in (("validity", gettext("Finding")), ("grade", gettext("Grade")), ("channel", gettext("Channel"))):
        if data.get(name):
            made.append((label, code_label(name, data[name])))
    for name, label in (
        ("plan", gettext("Plan")),
        ("root_cause", gettext("Root cause")),
        ("correction", gettext("Correction")),
        ("prevention", gettext("Prevention")),
    ):
        if data.get(name):
            made.append((label, str(data[name])))
    return made


def _way(code: str) -> str:
    words = {"written": gettext("In writing"), "word": gettext("By word at the desk"), "wechat": gettext("WeChat")}
    return words.get(code) or code_label("visit_way", code)


def _instant(text: Any) -> str:
    try:
        return Look().when(datetime.fromisoformat(str(text)))
    except ValueError:
        return ""
