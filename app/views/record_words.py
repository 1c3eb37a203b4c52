"""The records to sign in words: one content for the page and for the PDF, of the present language, by the rights of its reader."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.models import Handover, SignedRecord
from app.rules.codes import RecordKind, RecordState
from app.services import duty_paper, signed_records
from app.services.actors import Actor
from app.services.handover_content import Lent, Matter, Unheard
from app.services.handover_content import shown as handed_over
from app.services.names import named
from app.services.papers import Paper
from app.views import complaint_month_words, complaint_sheet
from app.views.base.cells import post_name
from app.views.base.local import local_text
from app.views.complaint_sheet import section
from app.views.duty_record import COUNTED, words_of
from app.views.labels import code_label
from app.views.special_paper import signatures

Kept = dict[str, Any]


@dataclass(frozen=True)
class Words:
    """A record as it is read: its head and its parts (see `app.reports.sheet`)."""

    title: str
    subtitle: str
    facts: list[list[str]]
    sections: list[dict[str, Any]]


def name_of(kind: str, subject: str) -> str:
    """What one record is called in lists: a complaint's number, a shift's beginning, nothing for a handover's key."""
    if kind == RecordKind.DUTY:
        _code, _dash, stamp = subject.rpartition("-")
        try:
            return local_text(datetime.strptime(f"{stamp}+0000", "%Y%m%dT%H%MZ%z"))
        except ValueError:
            return subject
    if kind == RecordKind.COMPLAINT_MONTH:
        return subject[-7:]
    return "" if kind == RecordKind.HANDOVER else subject


def address_of(kind: str, subject: str) -> str:
    """Where a record is read."""
    if kind == RecordKind.SPECIAL_EVENT:
        return f"/special/{subject}/report"
    return f"/records/{kind}/{subject}"


def words_for(session: Session, actor: Actor, paper: Paper, kept: Kept) -> Words:
    """The record's content in words."""
    made = _MADE[paper.kind](session, actor, paper, kept)
    if kept.get("remark"):
        return replace(made, sections=[*made.sections, section(gettext("Remark"), text=kept["remark"])])
    return made


def sheet_of(paper: Paper, record: SignedRecord | None, words: Words, sha256: str, locale: str) -> dict[str, Any]:
    """The paper of the record, with who reviewed and signed exactly what."""
    signed = record is not None and record.state == RecordState.SIGNED
    version = record.version if record else 1
    return {
        "form": "record",
        "locale": locale,
        "number": f"{name_of(paper.kind, paper.subject)} v{version}".strip(),
        "issuer": gettext("%(community)s service centre", community=named(paper.community)),
        "title": words.title,
        "subtitle": words.subtitle,
        "draft": "" if signed else gettext("Not signed yet"),
        "facts": words.facts,
        "sections": words.sections,
        "signs": [gettext("Signed by the household"), gettext("Handler")] if paper.kind == RecordKind.COMPLAINT else [],
        "sign_hint": gettext("Signature, date"),
        **signatures(record, sha256),
        "foot": gettext("Printed at %(when)s", when=local_text(now())),
    }


def hash_of(paper: Paper, record: SignedRecord | None, kept: Kept) -> str:
    """What stands under the record."""
    return signed_records.fingerprint(paper.kind, paper.subject, record.version if record else 1, kept)


def _complaint(session: Session, actor: Actor, paper: Paper, kept: Kept) -> Words:
    return Words(
        gettext("Complaint record"),
        kept["words"]["title"],
        complaint_sheet.facts(kept),
        complaint_sheet.sections(kept),
    )


def _duty(session: Session, actor: Actor, paper: Paper, kept: Kept) -> Words:
    lines, hidden = duty_paper.read(session, actor, paper.thing, kept)
    rows = []
    for one in lines:
        words = words_of(one.line)
        details = gettext("; ").join(
            gettext("%(label)s: %(value)s", label=label, value=value) for label, value in words.details if value
        )
        told = [words.title, words.text, details]
        if one.changed:
            told.append(gettext("(reads differently now than when it was reviewed)"))
        about = [f"{number} {title}" for number, title in one.line.tickets] + [one.line.house]
        rows.append([local_text(words.at), "\n".join(filter(None, told)), words.who, "\n".join(filter(None, about))])
    counts = [f"{label} {kept['counts'][code]}" for code, label in COUNTED.items() if kept["counts"].get(code)]
    facts = [
        [gettext("Shift"), _span(kept["starts_at"], kept["ends_at"])],
        [gettext("On duty"), kept["on_duty"]],
        [gettext("Recorded"), " · ".join(counts) or gettext("Nothing happened in this period.")],
    ]
    parts = [
        section(
            gettext("What happened"),
            head=[gettext("When"), gettext("What"), gettext("Who"), gettext("Ticket and place")],
            rows=rows,
        )
    ]
    if hidden:
        words_hidden = ngettext(
            "%(num)d more line is signed and lies outside what you may see.",
            "%(num)d more lines are signed and lie outside what you may see.",
            hidden,
        )
        parts.append(section("", text=words_hidden))
    subtitle = f"{complaint_sheet.kept_name(kept['community'])} · {_span(kept['starts_at'], kept['ends_at'])}"
    return Words(gettext("Duty record"), subtitle, facts, [one for one in parts if one["rows"] or one["text"]])


def _handover(session: Session, actor: Actor, paper: Paper, kept: Kept) -> Words:
    thing: Handover = paper.thing
    view = handed_over(session, actor, thing, needs=False, now=now())
    going, coming = kept["sides"]
    facts = [
        [gettext("Change of shift"), _when(kept["changes_at"])],
        [gettext("Next shift until"), _when(kept["ends_at"])],
        *([label, _side(one)] for label, one in ((gettext("Hands over"), going), (gettext("Takes over"), coming))),
    ]
    head = [gettext("Ticket"), gettext("Matter"), gettext("State"), gettext("Due"), gettext("Responsible")]
    parts = [
        section(gettext("Unfinished tickets"), head=head, rows=[_matter(one) for one in view.tickets]),
        section(
            gettext("Clocks that run out before the next handover"),
            head=head,
            rows=[_matter(one) for one in view.clocks],
        ),
        section(gettext("Promises of the next shift"), head=head, rows=[_matter(one) for one in view.promises]),
        section(
            gettext("Keys and items out"),
            head=[gettext("Thing lent"), gettext("House"), gettext("Borrowed by"), gettext("Due back")],
            rows=[_lent(one) for one in view.loans],
        ),
        section(
            gettext("Check-in calls without an answer"),
            head=[gettext("When"), gettext("Name"), gettext("House"), gettext("State")],
            rows=[_unheard(one) for one in view.check_ins],
        ),
        section(
            gettext("Remarks of both sides"),
            facts=[[one["name"], one["remark"]] for one in kept["sides"] if one["remark"]],
        ),
    ]
    if view.hidden:
        hidden = ngettext(
            "%(num)d more ticket lies outside what you may see; the desk has it.",
            "%(num)d more tickets lie outside what you may see; the desk has them.",
            view.hidden,
        )
        parts.append(section("", text=hidden))
    if view.unseen:
        unseen = ngettext(
            "%(num)d more call lies outside what you may see; the supervisor has it.",
            "%(num)d more calls lie outside what you may see; the supervisor has them.",
            view.unseen,
        )
        parts.append(section("", text=unseen))
    if view.care:
        parts.append(section("", text=gettext("Households that need care: %(count)s", count=view.care)))
    subtitle = f"{complaint_sheet.kept_name(kept['community'])} · {_when(kept['changes_at'])}"
    return Words(
        gettext("Handover"), subtitle, facts, [one for one in parts if one["rows"] or one["text"] or one["facts"]]
    )


def _lent(one: Lent) -> list[str]:
    house = one.loan.house.name if one.loan.house else "–"
    due = "\n".join(filter(None, (local_text(one.due_at), gettext("not back in time") if one.late else "")))
    return [one.loan.what, house, one.loan.taken_by, due]


def _unheard(one: Unheard) -> list[str]:
    state = code_label("check_in_state", one.state)
    return [local_text(one.call.at), one.call.person.name, one.call.house.name, state]


def _side(one: Kept) -> str:
    signed = _when(one["signed_at"])
    if not signed:
        return str(one["name"])
    return gettext("%(name)s, signed by %(by)s, %(when)s", name=one["name"], by=one["signed_by"], when=signed)


def _matter(one: Matter) -> list[str]:
    ticket = one.ticket
    place = ticket.house.name if ticket.house else ticket.place or ""
    matter = "\n".join(filter(None, (ticket.title, place, code_label("clock_name", one.clock))))
    due = local_text(one.due_at) if one.due_at else ""
    return [ticket.number, matter, code_label("ticket_state", one.state), due, post_name(one.responsible)]


def _when(kept: str | None) -> str:
    return local_text(datetime.fromisoformat(kept)) if kept else ""


def _span(start: str | None, end: str | None) -> str:
    return f"{_when(start)} – {_when(end)}"


def _month(session: Session, actor: Actor, paper: Paper, kept: Kept) -> Words:
    return Words(
        gettext("Monthly complaint summary"),
        f"{complaint_sheet.kept_name(kept['community'])} · {kept['month']}",
        complaint_month_words.facts(kept),
        complaint_month_words.sections(kept),
    )


_MADE = {
    RecordKind.COMPLAINT: _complaint,
    RecordKind.DUTY: _duty,
    RecordKind.HANDOVER: _handover,
    RecordKind.COMPLAINT_MONTH: _month,
}
