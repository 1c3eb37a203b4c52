"""What a step of a ticket's timeline was given, as labels and values."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.services.ticket_timeline import Happening
from app.views.base.cells import post_name
from app.views.labels import code_label
from app.views.look import Look


def _numbers(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    made = []
    if data.get("urged_count"):
        made.append((gettext("Asked again"), ngettext("once", "%(num)s times", int(data["urged_count"]))))
    if data.get("minutes"):
        made.append((gettext("Working time"), gettext("%(num)s min", num=data["minutes"])))
    if data.get("amount_yuan"):
        made.append((gettext("Sum"), gettext("%(amount)s yuan", amount=data["amount_yuan"])))
    if data.get("score"):
        made.append((gettext("Satisfaction"), f"{data['score']} / 5"))
    return made


def details(item: Happening) -> list[tuple[str, str]]:
    """Label and value of what a step was given."""
    data, made = item.data, []
    if item.code in ("dispatch", "start", "reopen", "escalate", "decide") and data.get("responsible"):
        made.append((gettext("Responsible"), post_name(str(data["responsible"]))))
    if data.get("clock"):
        made.append((gettext("Clock"), code_label("clock_name", data["clock"])))
    if item.code == "dispatch" and data.get("reason"):
        made.append((gettext("Why"), gettext(str(data["reason"]))))
    if item.code == "dispatch" and data.get("ranking"):
        made.append((gettext("Considered, the best first"), gettext("; ").join(map(_considered, data["ranking"]))))
    for name, label in (
        ("until", gettext("Wait until")),
        ("promise_at", gettext("Promised for")),
        ("due_at", gettext("Deadline")),
    ):
        if data.get(name):
            made.append((label, _instant(data[name])))
    if data.get("way"):
        made.append((gettext("Way"), _way(str(data["way"]))))
    if data.get("signed"):
        made.append((gettext("Signed"), gettext("by the household")))
    return [*made, *_numbers(data), *_visit_details(item.code, data), *_coded(data), *_told(data)]


def _considered(one: Mapping[str, Any]) -> str:
    """One of those whom the rule considered: name, why there, how many open tickets."""
    load = ngettext("%(num)d open", "%(num)d open", int(one["open"]))
    return gettext("%(name)s (%(why)s, %(load)s)", name=one["name"], why=gettext(str(one["why"])), load=load)


_CODED: tuple[tuple[str, str, Any], ...] = (
    ("validity", "validity", _("Finding")),
    ("grade", "grade", _("Grade")),
    ("party", "party", _("Who is answerable")),
    ("cause", "cause", _("Root cause")),
    ("level", "role", _("Who decides now")),
    ("outside", "outside_kind", _("Outside body")),
    ("letter_way", "letter_way", _("Way")),
    ("channel", "channel", _("Channel")),
    ("stage", "attachment_stage", _("What they show")),
    ("matter", "dispute_matter", _("What they dispute about")),
    ("side", "dispute_side", _("Side")),
    ("statement", "statement_state", _("Result")),
    ("evidence", "evidence_kind", _("Kind of evidence")),
    ("talk", "talk_way", _("How it was held")),
    ("outcome", "talk_outcome", _("Outcome")),
    ("bearer", "bearer", _("Borne by")),
    ("accepted_way", "cost_acceptance", _("Way")),
    ("priority_before", "priority", _("Urgency before")),
)
_WORDS: tuple[tuple[str, Any], ...] = (
    ("what", _("What")),
    ("bill", _("Bill number")),
    ("event", _("Number")),
    ("item", _("No.")),
    ("number", _("Its number there")),
    ("plan", _("Plan")),
    ("acceptor", _("Who accepts it")),
    ("former", _("Did not accept in time")),
    ("offered_to", _("Offered to")),
    ("giver", _("Offered by")),
    ("root_cause", _("What exactly")),
    ("correction", _("Correction")),
    ("prevention", _("Prevention")),
)


def _coded(data: dict[str, Any]) -> list[tuple[str, str]]:
    made = [(str(label), code_label(family, data[name])) for name, family, label in _CODED if data.get(name)]
    if "written" in data:
        made.append((gettext("Came in writing"), gettext("Yes") if data["written"] else gettext("No")))
    return made


def _told(data: dict[str, Any]) -> list[tuple[str, str]]:
    return [(str(label), str(data[name])) for name, label in _WORDS if data.get(name)]


def _visit_details(verb: str, data: dict[str, Any]) -> list[tuple[str, str]]:
    """What came of a try to ask, and whether an answer counts."""
    if verb == "answer" and data.get("further"):
        return [(gettext("Counts"), gettext("no, it had answered already"))]
    if verb == "visit" and (data.get("result") or data.get("unreachable")):
        return [(gettext("Result"), code_label("visit_result", data.get("result") or "no_answer"))]
    return []


def _way(code: str) -> str:
    words = {"written": gettext("In writing"), "word": gettext("By word at the desk"), "wechat": gettext("WeChat")}
    return words.get(code) or code_label("visit_way", code)


def _instant(text: Any) -> str:
    try:
        return Look().when(datetime.fromisoformat(str(text)))
    except ValueError:
        return ""
