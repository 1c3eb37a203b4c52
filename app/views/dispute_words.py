"""A dispute between neighbours in words, for the complaint record and for papers of its own (D5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext

from app.adapters.clock import now
from app.models import DisputeParty, DisputeStatement, DisputeTalk, Ticket
from app.rules.codes import StatementState
from app.services import dispute_content
from app.services.names import named
from app.views.base.cells import phone_text
from app.views.base.local import local_text
from app.views.labels import code_label

Kept = dict[str, Any]
Section = dict[str, Any]
_SHORT_MARK = 12


def side(place: object) -> str:
    """What a side is called on paper."""
    return code_label("dispute_side", place)


def source(place: object) -> str:
    """From whom an item of evidence came."""
    return side(place) if place else gettext("Found by the service centre")


def sides(places: list[Any]) -> str:
    """Several sides."""
    return gettext(", ").join(side(place) for place in places)


# ---- the complaint record: neither side's words ----------------------------------------------------------------------


def record_sections(kept: Kept) -> list[Section]:
    """What a record says of the dispute: that each side was heard, the list, the talks."""
    found = [
        _section(
            gettext("Dispute between neighbours: %(matter)s", matter=code_label("dispute_matter", kept["matter"])),
            [
                gettext("Side"),
                gettext("Heard"),
                gettext("Taken down by"),
                gettext("Result"),
                gettext("Mark of the words"),
            ],
            [_heard(one) for one in kept["statements"]],
        ),
        _section(
            gettext("Evidence list"),
            [
                gettext("No."),
                gettext("Kind"),
                gettext("From which side"),
                gettext("Made or seen"),
                gettext("Taken in by"),
            ],
            [_listed(one) for one in kept["evidence"]],
        ),
        _section(
            gettext("Talks"),
            [gettext("When"), gettext("How"), gettext("Present"), gettext("Outcome"), gettext("Noted by")],
            [_talked(one) for one in kept["talks"]],
        ),
    ]
    return [one for one in found if one["rows"]]


def _heard(one: Kept) -> list[str]:
    when = f"{_when(one['heard_at'])}\n{code_label('statement_way', one['way'])}"
    state = "\n".join(filter(None, (code_label("statement_state", one["state"]), _when(one["settled_at"]))))
    return [side(one["side"]), when, one["by"], state, one["mark"][:_SHORT_MARK]]


def _listed(one: Kept) -> list[str]:
    count = len(one["files"])
    files = ngettext("%(num)d file", "%(num)d files", count) if count else ""
    struck = gettext("struck") if one["struck"] else ""
    kind = "\n".join(filter(None, (code_label("evidence_kind", one["kind"]), files, struck)))
    return [str(one["number"]), kind, source(one["side"]), _when(one["made_at"]), one["by"]]


def _talked(one: Kept) -> list[str]:
    outcome = "\n".join(filter(None, (code_label("talk_outcome", one["outcome"]), one["agreement"])))
    if one["signed"]:
        outcome = f"{outcome}\n{gettext('signed by: %(sides)s', sides=sides(one['signed']))}"
    return [_when(one["held_at"]), code_label("talk_way", one["way"]), sides(one["present"]), outcome, one["by"]]


# ---- papers of its own -----------------------------------------------------------------------------------------------


def statement_sheet(ticket: Ticket, one: DisputeStatement, locale: str) -> Kept:
    """One side's statement on a sheet, to be read, corrected by a further one, and signed by that side alone."""
    house = one.party.house.name if one.party.house else ""
    facts = [
        [gettext("Ticket"), ticket.number],
        [gettext("Side"), side(one.party.place)],
        [gettext("Name"), one.party.name],
        [gettext("House"), house],
        [gettext("Heard"), local_text(one.heard_at)],
        [gettext("How it was heard"), code_label("statement_way", one.way)],
        [gettext("Taken down by"), one.taken_by],
        [gettext("Result"), code_label("statement_state", one.state)],
    ]
    parts = [_text(gettext("Statement"), one.words or gettext("This side would not be heard."))]
    if one.answer:
        parts.append(_text(gettext("What that side said to it"), one.answer))
    alone = gettext("It was taken down by itself, without anybody of another side.")
    if one.state in (StatementState.CONFIRMED, StatementState.SIGNED):
        alone = gettext("It was taken down by itself, without anybody of another side, and read back.")
    if one.words:
        parts.append(_text("", alone))
    title = gettext("Statement in a dispute between neighbours")
    signs = [gettext("Whose statement it is"), gettext("Taken down by")]
    return _sheet(ticket, f"{ticket.number}-{one.number}", title, facts, parts, signs, locale)


def agreement_sheet(ticket: Ticket, talk: DisputeTalk, parties: list[DisputeParty], locale: str) -> Kept:
    """The agreement of a talk, for the sides to sign."""
    facts = [
        [gettext("Ticket"), ticket.number],
        [gettext("Held"), local_text(talk.held_at)],
        [gettext("Also present"), talk.others],
        [gettext("Noted by"), talk.noted_by],
        [gettext("Signed by"), sides(talk.signed)],
    ]
    signs = [f"{side(one.place)} {one.name}" for one in parties if one.place in talk.signed]
    title = gettext("Agreement between neighbours")
    parts = [_text(gettext("What was agreed"), talk.agreement)]
    signs = [*signs, gettext("For the service centre")]
    return _sheet(ticket, f"{ticket.number}-{talk.number}", title, facts, parts, signs, locale)


def case_sheet(ticket: Ticket, parties: list[DisputeParty], found: Kept, locale: str) -> Kept:
    """The whole file for the house itself and for the police: both sides' words are in it, so neither side gets it."""
    facts = [
        [gettext("Ticket"), ticket.number],
        [gettext("What is complained about"), ticket.title],
        *([side(one.place), _party_line(one)] for one in parties),
    ]
    parts = [
        _text(gettext("Not for either side"), gettext("It holds the words of every side and is shown to none of them."))
    ]
    for one in found["statements"]:
        when = f"{local_text(one.heard_at)} · {one.taken_by} · {code_label('statement_state', one.state)}"
        words = "\n".join(filter(None, (when, one.words or gettext("This side would not be heard."), one.answer)))
        parts.append(
            _text(gettext("Statement %(num)s, %(side)s", num=str(one.number), side=side(one.party.place)), words)
        )
    head = [gettext("No."), gettext("Kind"), gettext("What it shows"), gettext("From which side"), gettext("Taken in")]
    parts.append(_section(gettext("Evidence list"), head, [_whole(one) for one in found["evidence"]]))
    head = [gettext("When"), gettext("How"), gettext("What was talked about"), gettext("Outcome"), gettext("Noted by")]
    parts.append(_section(gettext("Talks"), head, [_whole_talk(one) for one in found["talks"]]))
    shown = [one for one in parts if one["text"] or one["rows"]]
    title = gettext("File of a dispute between neighbours")
    return _sheet(ticket, ticket.number, title, facts, shown, [], locale)


def _party_line(one: DisputeParty) -> str:
    return " · ".join(filter(None, (one.name, one.house.name if one.house else "", phone_text(one.phone))))


def _whole(one: Any) -> list[str]:
    files = len(one.files)
    kind = "\n".join(
        filter(
            None,
            (code_label("evidence_kind", one.kind), ngettext("%(num)d file", "%(num)d files", files) if files else ""),
        )
    )
    kept = gettext("original: %(where)s", where=one.kept) if one.kept else ""
    struck = gettext("struck: %(why)s", why=one.struck_why) if one.struck_at else ""
    what = "\n".join(filter(None, (one.what, kept, struck)))
    place = one.party.place if one.party else None
    return [str(one.number), kind, what, source(place), f"{local_text(one.made_at)}\n{one.taken_by}"]


def _whole_talk(one: DisputeTalk) -> list[str]:
    outcome = "\n".join(filter(None, (code_label("talk_outcome", one.outcome), one.agreement)))
    words = "\n".join(filter(None, (one.notes, one.others)))
    how = "\n".join(filter(None, (code_label("talk_way", one.way), sides(one.present))))
    return [local_text(one.held_at), how, words, outcome, one.noted_by]


def _sheet(
    ticket: Ticket, number: str, title: str, facts: list[list[str]], parts: list[Section], signs: list[str], locale: str
) -> Kept:
    """What the ticket is called are the words of whoever complains: the other side reads what it is about, no more."""
    return {
        "form": "record",
        "locale": locale,
        "number": number,
        "issuer": gettext("%(community)s service centre", community=named(ticket.community)),
        "title": title,
        "subtitle": code_label("dispute_matter", ticket.complaint.dispute if ticket.complaint else ""),
        "facts": [pair for pair in facts if pair[1]],
        "sections": parts,
        "signs": signs,
        "sign_hint": gettext("Signature, date"),
        "foot": gettext("Printed at %(when)s", when=local_text(now())),
    }


def _section(title: str, head: list[str], rows: list[list[str]]) -> Section:
    return {"title": title, "text": None, "facts": None, "head": head, "rows": rows}


def _text(title: str, text: str) -> Section:
    return {"title": title, "text": text, "facts": None, "head": None, "rows": None}


def _when(kept: str | None) -> str:
    return local_text(datetime.fromisoformat(kept)) if kept else ""


def everything(session: Any, ticket: Ticket) -> Kept:
    """All there is of the dispute, for a reader whose rows were checked."""
    return {
        "statements": dispute_content.statements(session, ticket),
        "evidence": dispute_content.evidence(session, ticket),
        "talks": dispute_content.talks(session, ticket),
    }
