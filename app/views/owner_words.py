"""A household's matter in plain words: how far it is, what happened, what to do while waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _

from app.models import Ticket, TicketEntry
from app.rules.codes import TicketState
from app.rules.household import station
from app.rules.report_questions import Place
from app.services.household import TOLD_WORDS
from app.services.report_questions import name_of
from app.views.base.cells import post_name
from app.views.labels import code_label
from app.views.look import Look

S = TicketState

_STATE: dict[str, Any] = {
    S.REGISTERED: _("We have it"),
    S.DISPATCHED: _("Somebody is on it"),
    S.IN_PROGRESS: _("Being dealt with"),
    S.WAITING: _("Waiting"),
    S.DONE: _("Done"),
    S.VISITED: _("Settled"),
    S.CLOSED: _("Settled"),
    S.CANCELLED: _("Withdrawn"),
    S.REOPENED: _("Taken up again"),
}
_STATIONS = (_("It has reached us"), _("Somebody is on it"), _("Being done"), _("Done"), _("Settled"))

_DID: dict[str, tuple[Any, str, str]] = {
    "register": (_("We received it"), "ticket", "calm"),
    "dispatch": (_("Somebody was given the job"), "user", "calm"),
    "depart": (_("Somebody is on the way to you"), "arrow", "calm"),
    "arrive": (_("Arrived at your place"), "check", "calm"),
    "start": (_("Work began"), "tool", "calm"),
    "contact": (_("We spoke with you"), "phone", "calm"),
    "reply": (_("We answered you"), "message", "calm"),
    "wait": (_("It has to wait"), "pause", "warn"),
    "resume": (_("It goes on"), "tool", "calm"),
    "finish": (_("It is done"), "check", "good"),
    "visit": (_("We asked how satisfied you are"), "visit", "calm"),
    "answer": (_("You answered how satisfied you are"), "visit", "calm"),
    "close": (_("Settled and filed"), "check", "good"),
    "cancel": (_("Withdrawn"), "close", "mute"),
    "reopen": (_("Taken up again"), "alert", "warn"),
    "promise": (_("A time was promised"), "calendar", "calm"),
    "further_contact": (_("You came back to us about it"), "chat", "calm"),
    "urge": (_("You asked how it stands"), "bell", "calm"),
    "cost_agreed": (_("You agreed to a cost"), "check", "calm"),
    "cost_charged": (_("Charged to you"), "money", "calm"),
    "cost_uncharged": (_("The bill was cancelled"), "money", "calm"),
}
_OWN: dict[str, Any] = {
    "register": _("You reported it"),
    "further_contact": _("You wrote"),
    "visit": _("You answered how satisfied you are"),
    "reopen": _("You said it is not solved"),
    "cancel": _("You withdrew it"),
}


@dataclass(frozen=True)
class Told:
    """One line of a household's timeline. `photos` belong to the same minute's step."""

    at: datetime
    icon: str
    tone: str
    title: str
    text: str
    facts: list[str]
    own: bool


def state_words(state: str, *, on_the_way: bool = False) -> str:
    """Where a matter stands, as one says it to a neighbour."""
    if on_the_way:
        return gettext("On the way")
    return str(_STATE.get(state, code_label("ticket_state", state)))


def way(ticket: Ticket) -> list[tuple[str, str]]:
    """The five stations with `past`, `now` or `ahead`; nothing for a withdrawn matter."""
    reached = station(ticket.state)
    if not reached:
        return []
    labels = [str(label) for label in _STATIONS]
    if ticket.on_the_way:
        labels[1] = gettext("On the way")
    if ticket.state == S.WAITING:
        labels[2] = gettext("Waiting")
    if ticket.visited_at or ticket.state == S.VISITED:
        labels[4] = gettext("Followed up")
    marks = ["past" if n < reached else "now" if n == reached else "ahead" for n in range(1, 6)]
    return list(zip(labels, marks, strict=True))


def told(entry: TicketEntry, user_id: int | None) -> Told:
    """One step in plain words. Words of the staff are shown only where they were meant for the household."""
    own = entry.actor_id is not None and entry.actor_id == user_id
    title, icon, tone = _DID.get(entry.verb, (code_label("ticket_state", entry.to_state), "ticket", "calm"))
    if own and entry.verb in _OWN:
        title = _OWN[entry.verb]
    return Told(entry.at, icon, tone, str(title), _text(entry, own), _facts(entry), own)


def _text(entry: TicketEntry, own: bool) -> str:
    if entry.verb == "register":
        return ""
    from_household = own or (entry.actor_id is None and entry.verb == "further_contact")
    if entry.verb == "further_contact":
        # What the desk notes of a talk may hold more than the household said.
        return entry.note if from_household else ""
    return entry.note if own or entry.verb in TOLD_WORDS else ""


def _facts(entry: TicketEntry) -> list[str]:
    data, made = entry.data or {}, []
    if entry.verb in ("dispatch", "depart", "start", "reopen") and data.get("responsible"):
        made.append(gettext("Responsible: %(name)s", name=post_name(str(data["responsible"]))))
    for name, words in (("until", gettext("until")), ("promise_at", gettext("promised for"))):
        when = _instant(data.get(name))
        if when:
            made.append(f"{words} {when}")
    if data.get("amount_yuan"):
        made.append(gettext("%(amount)s yuan", amount=data["amount_yuan"]))
    if data.get("score"):
        made.append(gettext("%(score)s of 5", score=data["score"]))
    return made


def _instant(text: Any) -> str:
    try:
        return Look().when(datetime.fromisoformat(str(text))) if text else ""
    except ValueError:
        return ""


def report_place(place: Place) -> str:
    """A section or a figure of a report in the page's language."""
    return name_of(place, "en" if str(get_locale()).startswith("en") else "zh")
