"""The lines of a ticket's timeline in words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.services.call_recording import WHOLE
from app.services.names import is_english
from app.services.spoken_lines import reread
from app.services.ticket_timeline import Happening
from app.services.tickets import SENTENCE
from app.views.base.cells import in_groups, plain_text
from app.views.labels import code_label
from app.views.timeline_details import details as details_of

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
    "submit": _("Handed in for acceptance"),
    "approve": _("Work accepted"),
    "return": _("Work not accepted, sent back"),
    "passed_on": _("Acceptance passed on"),
    "accept_late": _("Acceptance out of time"),
    "depart": _("Set out"),
    "arrive": _("Arrived on site"),
    "file": _("Filed"),
    "offer": _("Offered to another"),
    "recall": _("Offer taken back"),
    "decline": _("Offer declined"),
    "find": _("Finding on the complaint"),
    "confirm": _("Finding confirmed by a second person"),
    "object": _("Second person objects to the finding"),
    "settle": _("Settled on the spot"),
    "decide": _("Decided"),
    "causes": _("Cause and measures"),
    "mark": _("Marked"),
    "refer": _("Outside number noted"),
    "forward": _("Written to an outside body"),
    "answered": _("Outside number answered"),
    "dispute": _("A dispute between neighbours"),
    "dispute_party": _("A side of the dispute added"),
    "dispute_statement": _("A side of the dispute heard"),
    "dispute_read": _("Statement read back"),
    "dispute_evidence": _("Evidence added to the list"),
    "dispute_strike": _("Evidence struck from the list"),
    "dispute_talk": _("Talk in the dispute noted"),
    "outside_warn": _("An outside deadline runs out"),
    "outside_late": _("An outside deadline was missed"),
    "promise": _("Time promised"),
    "further_contact": _("The household came back"),
    "urge": _("The household asks again"),
    "warn": _("A clock is running out"),
    "breach": _("A clock ran out"),
    "note": _("Note"),
    "answer_used": _("Answered from the knowledge base"),
    "special_event": _("Part of a special event"),
    "amend": _("Amended"),
    "order": _("Service order"),
    "photo": _("Photos added"),
    "callback_due": _("To be called back"),
    "told": _("Told"),
    "escalate": _("Taken up to the next who decides"),
    "accept": _("Emergency accepted"),
    "accepted": _("Emergency accepted"),
    "ladder_started": _("Emergency ladder started"),
    "ladder": _("Emergency ladder started"),
    "unanswered": _("Nobody answered"),
    "connect": _("Connected with the caller"),
    "alarm": _("Everybody on the ladder alarmed"),
    "answer": _("The reporter answered"),
    "plan_open": _("Emergency plan opened"),
    "plan_step": _("Step of the plan done"),
    "cost": _("Cost noted"),
    "cost_struck": _("Cost struck"),
    "cost_corrected": _("Cost put right"),
    "cost_agreed": _("The household agreed to bear it"),
    "cost_charged": _("Household charged"),
    "cost_uncharged": _("Bill cancelled"),
}
_PURPOSES = {
    "receipt": _("Receipt to the reporter"),
    "done": _("Told the reporter what was done"),
    "dispatch": _("Told the one who does the work"),
    "acceptance": _("Acceptance of the work"),
    "offer": _("Offer of the work"),
    "contact": _("Told the one who does the work"),
    "breach": _("Alarm: a clock ran out"),
    "warning": _("Warning: a clock is running out"),
    "repeat": _("Told the supervisor of a repeat"),
    "complaint": _("Told the supervisor"),
    "major_complaint": _("Told the management"),
    "complaint_record": _("Told the supervisor"),
    "upward": _("Told the one who decides now"),
    "finding": _("Told the one who made the finding"),
    "outside": _("Warning: an outside deadline"),
    "outside_letter": _("Letter to an outside body"),
    "ladder": _("Emergency alarm"),
}
_HOUSE = {
    "hotline": _("Hotline"),
    "clocks": _("Clocks"),
    "ladder": _("Emergency ladder"),
    "close_settled": _("By itself, 72 hours without objection"),
    "filing": _("Filing, by itself"),
    "outbox": _("Messages"),
    "sms": _("SMS"),
    "answer_link": _("One-time link"),
    "return_visits": _("Return visits, by themselves"),
    "wake-up": _("Wake-up call"),
    "check_in": _("Check-in call"),
    "demo": _("Demo data"),
}
_TONES = {
    "breach": "bad",
    "outside_late": "bad",
    "outside_warn": "warn",
    "reopen": "bad",
    "warn": "warn",
    "wait": "warn",
    "finish": "good",
    "close": "good",
    "approve": "good",
    "return": "warn",
    "decline": "warn",
}
_STEP_ICONS = {
    "finish": "check",
    "submit": "arrow",
    "approve": "check",
    "return": "alert",
    "file": "book",
    "offer": "arrow",
    "depart": "arrow",
    "arrive": "check",
    "decline": "alert",
    "close": "check",
    "visit": "visit",
    "breach": "alert",
    "reopen": "alert",
    "object": "alert",
    "escalate": "arrow",
    "confirm": "check",
    "settle": "check",
    "decide": "shield",
    "find": "shield",
    "wait": "pause",
    "photo": "camera",
    "plan_open": "book",
    "plan_step": "check",
    "cost": "money",
    "cost_struck": "money",
    "cost_corrected": "money",
    "cost_agreed": "check",
    "cost_charged": "money",
    "cost_uncharged": "money",
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
    files: list[dict[str, Any]] = field(default_factory=list)
    source: str = "entry"
    code: str = ""
    call_id: str = ""
    parts: list[Line] = field(default_factory=list)
    heard: list[tuple[str, str]] = field(default_factory=list)
    failed: bool = False
    by: str = ""


def line(happening: Happening) -> Line:
    """The words of one happening, its telephone numbers as people write them."""
    return in_groups_all(_WRITERS[happening.source](happening))


def in_groups_all(made: Line) -> Line:
    """The line with every telephone number in it written in groups."""
    return replace(
        made,
        title=in_groups(made.title),
        who=in_groups(made.who),
        text=in_groups(made.text),
        details=[(label, in_groups(str(value))) for label, value in made.details],
        heard=[(label, in_groups(value)) for label, value in made.heard],
    )


def step_words(verb: str) -> str:
    """What a step did, in words."""
    return str(_DID.get(verb, verb.replace("_", " ")))


def _entry(item: Happening) -> Line:
    kept = item.data.get(SENTENCE)
    title, text = step_words(item.code), reread(kept) if kept else item.text
    if item.code == "note" and text and item.who in _HOUSE:
        # What the house notes by itself is a sentence of its own.
        title, text = text, ""
    if item.code in ("plan_open", "plan_step"):
        text = str((item.data.get("text_en") if is_english() else "") or item.data.get("text_zh") or text)
    if text == item.data.get("reason"):
        text = ""
    tone = _TONES.get(item.code, "calm")
    state = item.after if item.after != item.before else None
    icon = _STEP_ICONS.get(item.code, "ticket")
    files = item.data.get("files", []) if item.code == "photo" else []
    return Line(
        item.at, icon, tone, title, _who(item), text, state, details_of(item), files=files, code=item.code, by=item.who
    )


def house_name(name: str) -> str:
    """A part of the house as people call it; a person's name stays what it is."""
    return str(_HOUSE.get(name, name))


def _who(item: Happening) -> str:
    return house_name(item.who)


def _message(item: Happening) -> Line:
    channel = code_label("message_channel", item.before)
    title = str(_PURPOSES.get(item.code, gettext("Message")))
    failed = item.after in ("failed_permanent", "failed_temporary")
    details = [(gettext("State"), code_label("message_state", item.after))]
    return Line(
        item.at,
        "message",
        "bad" if failed else "mute",
        title,
        f"{channel} → {plain_text(item.who)}",
        item.text,
        None,
        details,
        source="message",
        code=item.code,
        failed=failed,
    )


def _call(item: Happening) -> Line:
    title = gettext("Call: %(outcome)s", outcome=code_label("call_outcome", item.code) or gettext("under way"))
    details = [(gettext("State"), code_label("call_status", item.after))]
    if item.text.isdecimal():
        details.append((gettext("Length"), duration(int(item.text))))
    heard = _known(item.data)
    who = item.who or gettext("number withheld")
    return Line(
        item.at, "phone", "info", title, who, "", None, details, source="call", call_id=str(item.id), heard=heard
    )


def _known(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """What a call knew at its end: what was chosen and said."""
    made = []
    if facts.get("kind"):
        made.append((gettext("Chosen"), code_label("kind", facts["kind"])))
    if facts.get("house_said"):
        made.append((gettext("House, as it was said"), str(facts["house_said"])))
    if facts.get("description"):
        made.append((gettext("Words"), str(facts["description"])))
    if facts.get("place"):
        made.append((gettext("Place"), str(facts["place"])))
    return made


def duration(seconds: int) -> str:
    """`0:42`, `12:05`: as players write it."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def _recording(item: Happening) -> Line:
    details = [(gettext("Length"), duration(int(item.text)))] if item.text.isdecimal() else []
    heard = item.id if item.before == "kept" else None
    gone = item.code == "expired"
    kept = gettext("It was removed after the time recordings are kept.") if gone else ""
    text = "" if heard else kept or gettext("It is still with the carrier and is fetched by itself.")
    title = gettext("Recording of the whole call") if item.who == WHOLE else gettext("Voice recording")
    return Line(
        item.at, "phone", "info", title, "", text, None, details, heard, source="recording", call_id=item.after or ""
    )


def _heard(item: Happening) -> Line:
    """One answer of the caller: the question in words, and the key or the words that came."""
    key, words = str(item.data.get("Digits") or ""), str(item.data.get("SpeechResult") or "")
    question = str(_QUESTIONS.get(item.code, item.code))
    said = words or (f"{key} · {_MENU[key]}" if item.code == "menu" and key in _MENU else key)
    answer = said if said and said != "hangup" else gettext("nothing")
    return Line(
        item.at,
        "chat",
        "mute",
        question,
        "",
        answer,
        None,
        source="heard",
        call_id=item.after or "",
        heard=[(question, answer)],
    )


def _ring(item: Happening) -> Line:
    title = gettext("Rang %(tier)s", tier=code_label("tier", item.code))
    tone = "good" if item.after == "accepted" else "warn"
    state = code_label("attempt_state", item.after)
    who = f"{item.who} {item.text}".strip()
    details = [(gettext("State"), state)]
    return Line(item.at, "bell", tone, title, who, "", None, details, source="ring", code=item.after or "")


_QUESTIONS = {
    "menu": _("Menu"),
    "house": _("House"),
    "which-house": _("Which house"),
    "house-check": _("Is this the house"),
    "describe": _("What it is about"),
    "record": _("Recording"),
    "same-matter": _("The same matter as before"),
    "place": _("Inside or outside"),
    "where": _("Where"),
    "confirm": _("Read back: is it right"),
    "progress": _("Ticket number"),
    "progress-next": _("Another ticket"),
    "fees": _("Fees"),
    "message": _("Message"),
    "emergency": _("What has happened"),
}
_MENU = {
    "1": _("Repair"),
    "2": _("Complaint"),
    "3": _("Question"),
    "4": _("Service booking"),
    "5": _("Progress of my tickets"),
    "6": _("My fees"),
    "8": _("Language"),
    "9": _("Emergency"),
    "0": _("A person"),
}

_WRITERS = {
    "entry": _entry,
    "message": _message,
    "call": _call,
    "recording": _recording,
    "heard": _heard,
    "ring": _ring,
}
