"""The forms by which a complaint gets the number of an outside body, is put to one by letter, and is answered (D5)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.models import ExternalReference, OutsideBody, Ticket
from app.rules.codes import OutsideKind
from app.services.outside import open_references
from app.views.base.cells import named
from app.views.base.local import local_text
from app.views.labels import choices, code_label
from app.views.look import Look
from app.views.verb_forms import Field, Wording

OUTSIDE_WORDS: dict[str, Wording] = {
    "refer": Wording(
        _("Note an outside number"),
        _("12345, the street office or the developer's centre has put this to us under a number of its own."),
        "pin",
    ),
    "forward": Wording(
        _("Write to an outside body"),
        _("What the developer caused, or somebody else must solve: by letter or mail, and you follow it up."),
        "message",
    ),
    "answered": Wording(
        _("Note the outside answer"), _("We have answered the outside body, or it has answered us."), "check"
    ),
}

MOST_OFFERED = 30


def fields(session: Session, verb: str, ticket: Ticket) -> list[Field]:
    """The fields of one of these steps."""
    match verb:
        case "refer":
            return [
                Field("body", "select", _("Outside body"), True, options=_bodies(session, ticket)),
                Field("number", "text", _("Its number there"), True),
                Field(
                    "due_at", "when", _("Deadline there"), hint=_("Three quarters of the time gone, you are warned.")
                ),
                Field("note", "area", _("What it asks")),
            ]
        case "forward":
            return [
                Field("body", "select", _("Outside body"), True, options=_bodies(session, ticket)),
                Field("way", "choice", _("Way"), True, options=choices("letter_way")),
                Field("note", "letter", _("Letter"), True),
                Field("due_at", "when", _("Answer wanted by"), hint=_("Left empty: the days the figures say.")),
                Field("number", "text", _("Its number there"), hint=_("If it is known already.")),
            ]
    open_ones = [(str(one.id), label(one)) for one in open_references(ticket)]
    return [
        Field("reference_id", "select", _("Which one"), True, options=open_ones),
        Field("note", "area", _("What was answered"), True),
    ]


def defaults(session: Session, verb: str, ticket: Ticket) -> dict[str, str]:
    """What an empty form holds: a letter is begun."""
    if verb != "forward":
        return {}
    complaint = ticket.complaint
    developer = complaint is None or complaint.party in (None, "developer")
    wanted = OutsideKind.DEVELOPER if developer else OutsideKind.OTHER
    body = session.scalars(
        select(OutsideBody)
        .where(OutsideBody.community_id == ticket.community_id, OutsideBody.kind == wanted, OutsideBody.active)
        .order_by(OutsideBody.id)
    ).first()
    way = "email" if body is not None and body.email else "letter"
    return {"body": str(body.id) if body else wanted, "way": way, "note": _letter(ticket, body)}


def label(reference: ExternalReference) -> str:
    """An outside number in a line: who, which number, until when."""
    name = named(reference.body) if reference.body else code_label("outside_kind", reference.kind)
    until = gettext("by %(day)s", day=Look().when(reference.due_at)) if reference.due_at else ""
    return " · ".join(filter(None, (name, reference.number, until)))


def effects(verb: str) -> list[str]:
    """What one of these steps brings about, said before it is taken."""
    match verb:
        case "refer":
            return [gettext("Its deadline stands beside ours; the complaint is not closed before it is answered.")]
        case "forward":
            return [
                gettext("A mail leaves at once; a letter is printed from the ticket and sent by you."),
                gettext("You are reminded before the answer is due. Tell the household what goes on."),
            ]
    return []


def _bodies(session: Session, ticket: Ticket) -> list[tuple[str, Any]]:
    """The community's own bodies, then the kinds it keeps none of."""
    found = session.scalars(
        select(OutsideBody)
        .where(OutsideBody.community_id == ticket.community_id, OutsideBody.active)
        .order_by(OutsideBody.kind, OutsideBody.id)
        .limit(MOST_OFFERED)
    ).all()
    kept = {body.kind for body in found}
    own = [(str(body.id), named(body)) for body in found]
    return [*own, *((code, words) for code, words in choices("outside_kind") if code not in kept)]


def _letter(ticket: Ticket, body: OutsideBody | None) -> str:
    """A letter to start from, in the present language."""
    place = ticket.house.name if ticket.house else ticket.place or ""
    to = named(body) if body else ""
    words = [
        gettext("To %(who)s:", who=to) if to else "",
        gettext(
            "On %(when)s a household of %(community)s, %(place)s, complained (our number %(number)s): %(title)s.",
            when=local_text(ticket.created_at),
            community=named(ticket.community),
            place=place,
            number=ticket.number,
            title=ticket.title,
        ),
        ticket.description if ticket.description != ticket.title else "",
        gettext("By our examination it falls to you. Please have it put right and tell us in writing when and how."),
        gettext("%(community)s service centre, %(day)s", community=named(ticket.community), day=local_text(now())[:10]),
    ]
    return "\n".join(filter(None, words))
