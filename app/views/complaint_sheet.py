"""The complaint record 客户投诉记录表 (D5) in words: one content for the page, for paper and for the PDF."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext

from app.adapters.clock import now
from app.models import ExternalReference, Ticket
from app.rules.codes import FindingState
from app.services.complaint_content import happening
from app.services.names import is_english
from app.services.ticket_timeline import Happening
from app.views.base.cells import named, phone_text, post_name
from app.views.base.local import local_text
from app.views.dispute_words import record_sections
from app.views.labels import code_label
from app.views.timeline_words import line

_PATH = ("dispatch", "escalate", "decide", "reopen")
_TALKS = (
    "contact",
    "reply",
    "promise",
    "further_contact",
    "wait",
    "resume",
    "start",
    "finish",
    "settle",
    "visit",
    "close",
)

Section = dict[str, Any]
Kept = dict[str, Any]


def sections(kept: Kept) -> list[Section]:
    """The parts of the record that say something."""
    happened = [happening(one) for one in kept["steps"]]
    found = [
        section(gettext("What is complained about"), text=_words(kept["words"])),
        section(
            gettext("Findings"),
            head=[gettext("When"), gettext("Finding"), gettext("Reasons"), gettext("Who"), gettext("Second person")],
            rows=[_finding(one) for one in kept["findings"]],
        ),
        section(
            gettext("Who had it in hand"),
            head=[gettext("When"), gettext("What"), gettext("Who")],
            rows=[_step(one) for one in happened if one.code in _PATH],
        ),
        section(
            gettext("What was done and said"),
            head=[gettext("When"), gettext("What"), gettext("Who")],
            rows=[_step(one) for one in happened if one.code in _TALKS],
        ),
        section(
            gettext("Outside bodies"),
            head=[
                gettext("When"),
                gettext("Outside body"),
                gettext("Its number there"),
                gettext("Deadline"),
                gettext("Answer"),
            ],
            rows=[_outside(one) for one in kept["outside"]],
        ),
        *(record_sections(kept["dispute"]) if kept.get("dispute") else []),
        section(gettext("Causes and measures"), facts=_measures(kept["measures"])),
        section(gettext("The household's opinion"), facts=_opinions(kept)),
    ]
    return [one for one in found if one["text"] or one["facts"] or one["rows"]]


def letter_sheet(ticket: Ticket, reference: ExternalReference, locale: str) -> dict[str, Any]:
    """A letter to an outside body as a paper; its words are as they were written, whatever the language around them."""
    body = reference.body
    to = named(body) if body else code_label("outside_kind", reference.kind)
    facts = [
        [gettext("To"), to],
        [gettext("Address"), body.address if body else ""],
        [gettext("Our number"), ticket.number],
        [gettext("Its number there"), reference.number],
        [gettext("Date"), local_text(reference.noted_at)[:10]],
        [gettext("Answer wanted by"), local_text(reference.due_at) if reference.due_at else ""],
    ]
    return {
        "form": "record",
        "locale": locale,
        "number": f"{ticket.number}-{reference.id}",
        "issuer": gettext("%(community)s service centre", community=named(ticket.community)),
        "title": gettext("Letter on a complaint"),
        "subtitle": ticket.title,
        "facts": [pair for pair in facts if pair[1]],
        "sections": [section("", text=reference.words)],
        "signs": [gettext("Supervisor"), gettext("Seal of the service centre")],
        "sign_hint": gettext("Signature, date"),
        "foot": gettext("Printed at %(when)s", when=local_text(now())),
    }


def section(
    title: str,
    *,
    text: str | None = None,
    facts: list[list[str]] | None = None,
    head: list[str] | None = None,
    rows: list[list[str]] | None = None,
) -> Section:
    return {"title": title, "text": text, "facts": facts, "head": head, "rows": rows}


def facts(kept: Kept) -> list[list[str]]:
    """The head of the record."""
    head = kept["head"]
    taken = next((line(happening(one)).who for one in kept["steps"] if one["code"] == "register"), "")
    spot = gettext("settled on the spot, no record of its own needed")
    channel, written = code_label("channel", head["channel"]), gettext("in writing")
    return [
        [gettext("Reported at"), _when(head["created_at"])],
        [gettext("Record opened at"), _when(head["opened_at"]) or spot],
        [gettext("House"), head["place"]],
        [gettext("Reported by"), head["reporter_name"]],
        [gettext("Phone number"), phone_text(head["reporter_phone"])],
        [gettext("Channel"), f"{channel} · {written}" if head["is_written"] else channel],
        [gettext("Category"), kept_name(head["category"])],
        [gettext("Taken down by"), taken],
        [gettext("State"), code_label("ticket_state", head["state"])],
        [
            gettext("Responsible"),
            kept_name(head["assignee"]) or kept_name(head["department"]) or post_name(head["responsible"]),
        ],
        [gettext("Finding"), code_label("validity", head["validity"])],
        [gettext("Grade"), code_label("grade", head["grade"])],
        [gettext("Who is answerable"), code_label("party", head["party"])],
        [gettext("Repeat"), gettext("Yes") if head["is_repeat"] else gettext("No")],
    ]


def kept_name(names: Kept | None) -> str:
    """A kept name in the reader's language."""
    if not names:
        return ""
    return str(names["name_en"] if is_english() and names["name_en"] else names["name"])


def _when(kept: str | None) -> str:
    return local_text(datetime.fromisoformat(kept)) if kept else ""


def _words(kept: Kept) -> str:
    parts = [kept["title"]]
    if kept["description"] and kept["description"] != kept["title"]:
        parts.append(kept["description"])
    if kept["demand"]:
        parts.append(f"{gettext('What is asked for')}: {kept['demand']}")
    return "\n".join(parts)


def _finding(kept: Kept) -> list[str]:
    told = (
        code_label("validity", kept["validity"]),
        code_label("grade", kept["grade"]),
        code_label("party", kept["party"]),
    )
    state = code_label("finding_state", kept["state"])
    if kept["second_by"] and kept["state"] != FindingState.WAITING:
        state = "\n".join(filter(None, (state, kept["second_by"], _when(kept["second_at"]), kept["second_words"])))
    return [_when(kept["at"]), " · ".join(filter(None, told)), kept["reasons"], kept["by"], state]


def _step(item: Happening) -> list[str]:
    found = line(item)
    details = gettext("; ").join(
        gettext("%(label)s: %(value)s", label=label, value=value) for label, value in found.details
    )
    words = "\n".join(filter(None, (found.title, found.text, details)))
    return [local_text(found.at), words, found.who]


def _outside(kept: Kept) -> list[str]:
    name = kept_name(kept["body"]) or code_label("outside_kind", kept["kind"])
    return [
        _when(kept["at"]),
        f"{name}\n{code_label('direction_of_reference', kept['direction'])}",
        kept["number"],
        _when(kept["due_at"]),
        "\n".join(filter(None, (_when(kept["answered_at"]), kept["answer"]))),
    ]


def _measures(kept: Kept) -> list[list[str]]:
    root = " · ".join(filter(None, (code_label("cause", kept["cause"]), kept["root_cause"])))
    told = [
        [gettext("Root cause"), root],
        [gettext("Correction"), kept["correction"]],
        [gettext("Prevention"), kept["prevention"]],
    ]
    return told if any(value for _label, value in told) else []


def _opinions(kept: Kept) -> list[list[str]]:
    told = []
    if kept["opinion"]:
        told.append([gettext("On the spot"), kept["opinion"]])
    for visit in kept["visits"]:
        score = f"{visit['score']} / 5" if visit["score"] else ""
        words = " · ".join(filter(None, (code_label("visit_way", visit["way"]), score, visit["note"])))
        told.append([gettext("Return visit, %(when)s", when=_when(visit["at"])), words])
    return told
