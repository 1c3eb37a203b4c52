"""A special event and its report in words: the steps taken, and what stands on the page and on the paper (D5, D7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.models import SpecialEvent, SpecialEventEntry
from app.rules.codes import SpecialKind
from app.services.names import is_english
from app.services.special_members import HOUSE
from app.services.special_report import PUBLIC, TEXTS
from app.views.base.local import local_text
from app.views.labels import code_label

DID = {
    "propose": _("Found: enough households report the same matter"),
    "open": _("Opened by hand"),
    "join": _("Another ticket on the matter"),
    "moved": _("A ticket is about something else now"),
    "withdraw": _("Withdrawn by itself: too few households are left"),
    "confirm": _("Confirmed; the managers are told"),
    "reject": _("Rejected"),
    "link": _("Ticket added"),
    "leave_out": _("Ticket left out"),
    "visit": _("Household visited"),
    "explain": _("Explained why a household is not visited"),
    "decide": _("Decided who else is told"),
    "outage": _("Announced on the hotline"),
    "write": _("Report written"),
    "review": _("Report reviewed"),
    "send": _("Sent the signed report"),
    "sign": _("Report signed"),
    "close": _("Closed"),
}
ICONS = {"confirm": "check", "close": "check", "sign": "pen", "review": "pen", "write": "report", "visit": "visit"}
TONES = {"propose": "warn", "reject": "calm", "confirm": "good", "close": "good", "sign": "good"}

Rows = list[list[str]]


@dataclass(frozen=True)
class EventLine:
    """A step as the event's page shows it."""

    at: datetime
    icon: str
    tone: str
    title: str
    who: str
    text: str


def entry_line(entry: SpecialEventEntry, visible: frozenset[str] | None = None) -> EventLine:
    """One step in words. `visible`: the ticket numbers and houses the reader may see; None is all of them."""
    about = " · ".join(part for part in (_about(entry.data, visible), entry.note) if part)
    icon, tone = ICONS.get(entry.verb, "ticket"), TONES.get(entry.verb, "calm")
    title = str(DID.get(entry.verb, entry.verb.replace("_", " ")))
    return EventLine(entry.at, icon, tone, title, by_whom(entry.actor_name), about)


def by_whom(name: str) -> str:
    """Who did it; the house itself in words."""
    return gettext("by itself") if name == HOUSE.display_name else name


def _about(data: Mapping[str, Any], visible: frozenset[str] | None) -> str:
    said = []
    known = {name: data.get(name) for name in ("ticket", "house") if visible is None or data.get(name) in visible}
    if known.get("ticket"):
        said.append(gettext("Ticket %(number)s", number=known["ticket"]))
    if known.get("house"):
        said.append(str(known["house"]))
    if data.get("households"):
        said.append(gettext("%(households)s households, %(tickets)s tickets", **{"tickets": "–", **data}))
    if "general_manager" in data:
        said.append(decision_words(bool(data["general_manager"]), bool(data["developer"])))
    if data.get("version", 1) > 1:
        said.append(gettext("Version %(number)s", number=data["version"]))
    return " · ".join(said)


def decision_words(general_manager: bool, developer: bool) -> str:
    """Who is told besides the manager."""
    yes, no = gettext("is told"), gettext("is not told")
    first = gettext("general manager: %(told)s", told=yes if general_manager else no)
    second = gettext("developer's centre: %(told)s", told=yes if developer else no)
    return f"{first}{gettext(', ')}{second}"


# ---- the report ------------------------------------------------------------------------------------------------------


def report_title(kind: str) -> str:
    """What the paper is called."""
    return gettext("Emergency report") if kind == SpecialKind.EMERGENCY else gettext("Special event report")


def facts(content: Mapping[str, Any]) -> Rows:
    """The head of the report: label and value."""
    event, times = content["event"], content["times"]
    rows = [
        [gettext("Number"), event["number"]],
        [gettext("Kind"), code_label("special_kind", event["kind"])],
        [gettext("Matter"), _name(event["category"]) or "–"],
        [gettext("Where"), _where(event) or "–"],
        [gettext("Households"), gettext("%(households)s households, %(tickets)s tickets", **_counts(event))],
        [gettext("First reported"), _when(times["first"])],
        [gettext("Last reported"), _when(times["last"])],
        [gettext("Found"), _when(times["found"])],
        [gettext("Confirmed"), _who_when(times["confirmed_by"], times["confirmed"])],
        [gettext("Work begun"), _when(times["work_begun"])],
        [gettext("Put right"), _when(times["settled"]) if times["settled"] else gettext("not yet")],
    ]
    if content["outage"]:
        ended = _when(content["outage"]["ended_at"]) or gettext("not over yet")
        rows.append([gettext("On the hotline"), f"{_when(content['outage']['announced_at'])} – {ended}"])
    decision = content["decision"]
    if decision:
        words = decision_words(decision["general_manager"], decision["developer"])
        who = _who_when(decision["by"], decision["at"])
        rows.append([gettext("Who is told"), " · ".join(filter(None, (words, decision["note"], who)))])
    return rows


def sections(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parts of the report in order, as `app.reports.sheet` has them: text, or a table."""
    made: list[dict[str, Any]] = []
    texts = content["texts"]
    for name, label in TEXTS.items():
        if name in PUBLIC or not texts.get(name):
            continue
        made.append(_part(gettext(label), text=texts[name]))
    for ladder in content.get("ladders", ()):
        made.insert(1, _ladder(ladder))
    made.append(_tickets(content["tickets"]))
    if content["visits"]:
        made.append(_visits(content["visits"]))
    return made


def _part(
    title: str, text: str | None = None, head: list[str] | None = None, rows: Rows | None = None
) -> dict[str, Any]:
    return {"title": title, "text": text, "facts": None, "head": head, "rows": rows}


def _ladder(ladder: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        [
            code_label("tier", ring["tier"]),
            ring["name"],
            _exact(ring["at"]),
            code_label("attempt_state", ring["state"]),
            "" if ring["seconds"] is None else gettext("%(seconds)s s", seconds=ring["seconds"]),
        ]
        for ring in ladder["rings"]
    ]
    head = [gettext("Duty"), gettext("Name"), gettext("Rang at"), gettext("Outcome"), gettext("Taken after")]
    title = gettext(
        "Response: ticket %(number)s, alarm at %(time)s", number=ladder["ticket"], time=_exact(ladder["alarm"])
    )
    return _part(title, head=head, rows=rows)


def _tickets(tickets: list[Mapping[str, Any]]) -> dict[str, Any]:
    head = [
        gettext("Ticket"),
        gettext("Kind"),
        gettext("House"),
        gettext("Reported"),
        gettext("Work begun"),
        gettext("Done"),
    ]
    rows = [
        [
            one["number"],
            code_label("kind", one["kind"]),
            " ".join(filter(None, (one["house"], one["place"]))) or "–",
            _short(one["at"]),
            _short(one["begun"]) or "–",
            _short(one["done"]) or gettext("not yet"),
        ]
        for one in tickets
    ]
    return _part(gettext("Tickets"), head=head, rows=rows)


def _visits(visits: list[Mapping[str, Any]]) -> dict[str, Any]:
    head = [gettext("House"), gettext("Visit"), gettext("When"), gettext("By")]
    rows = [
        [one["house"], code_label("house_visit_state", one["state"]), _short(one["at"]) or "–", one["by"] or "–"]
        for one in visits
    ]
    return _part(gettext("Visits in person"), head=head, rows=rows)


def _counts(event: Mapping[str, Any]) -> dict[str, Any]:
    return {"households": event["households"], "tickets": event["tickets"]}


def _name(names: Mapping[str, Any] | None) -> str:
    if not names:
        return ""
    return str((names["name_en"] if is_english() else "") or names["name"])


def _where(event: Mapping[str, Any]) -> str:
    building = event["building"]
    words = ""
    if building:
        words = gettext("Building %(number)s", number=building["number"]) if is_english() else building["name"]
    return " ".join(filter(None, (_name(event["community"]), words, event["place"])))


def _when(text: str | None) -> str:
    return local_text(datetime.fromisoformat(text)) if text else ""


def _short(text: str | None) -> str:
    """Without the year, which the head of the report names."""
    return _when(text)[5:]


def _exact(text: str | None) -> str:
    return f"{local_text(datetime.fromisoformat(text))}:{text[17:19]}" if text else ""


def _who_when(who: str | None, at: str | None) -> str:
    return " · ".join(filter(None, (who, _when(at))))


def next_step(event: SpecialEvent, unvisited: int, undecided: int) -> str:
    """What is to be done on an open event, in a few words."""
    if event.state == "proposed":
        return gettext("confirm or reject it")
    if undecided:
        return gettext("decide which tickets belong to it")
    if event.kind == SpecialKind.COLLECTIVE and event.decided_at is None:
        return gettext("decide who else is told")
    if unvisited:
        return gettext("visit the households")
    return gettext("write, review and sign the report")
