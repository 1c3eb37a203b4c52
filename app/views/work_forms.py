"""The small forms of the steps by which work is handed on (D3), and what each brings about, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.models import Staff, Ticket
from app.rules.work_verbs import accepts_by_finishing, hinders_acceptance
from app.services import acceptances, offers
from app.services.actors import Actor
from app.services.ticket_facts import facts_of
from app.services.ticket_messages import done_words
from app.services.ticket_people import workers
from app.views.base.local import local_text
from app.views.labels import code_label
from app.views.verb_forms import Candidate, Field, Wording, candidates_of, department_field

WORK_WORDS: dict[str, Wording] = {
    "submit": Wording(
        _("Hand in for acceptance"),
        _("The work is done: a named person looks at it and accepts it before it counts as done."),
        "check",
    ),
    "approve": Wording(_("Accept the work"), _("You have looked at the work: it is done as it should be."), "check"),
    "return": Wording(_("Send the work back"), _("Something is lacking: whoever did the work puts it right."), "alert"),
    "offer": Wording(
        _("Offer it to another"),
        _("Somebody else is better placed: until they take it the work is yours, and you are the one responsible."),
        "arrow",
    ),
    "depart": Wording(
        _("I am on the way"),
        _("You set out now: the household sees it on its page and hears it when it asks."),
        "arrow",
    ),
    "arrive": Wording(_("Arrived"), _("You are there: the work begins now, where it has not."), "check"),
    "file": Wording(
        _("File it"),
        _("Put away by building and category: from then on it is read, and changes only when reopened."),
        "book",
    ),
    "recall": Wording(_("Take the offer back"), _("You keep the work after all."), "close"),
}
"""Verb → its words."""


def fields_of(session: Session, verb: str, ticket: Ticket, actor: Actor) -> list[Field]:
    """The fields of one of these steps on this ticket."""
    match verb:
        case "submit":
            posts = [(str(one.id), _post(one)) for one in acceptances.acceptors(session, ticket, now())]
            hint = _("Whoever accepts it reads this, and then the household in its SMS.")
            return [
                Field("acceptor_id", "select", _("Who accepts it"), True, options=posts),
                Field("note", "area", _("What was done"), True, hint),
            ]
        case "approve":
            return [Field("note", "area", _("Remark"))]
        case "recall" | "depart" | "arrive" | "file":
            return []
        case "offer":
            nobody = Candidate("", gettext("No person by name"), gettext("The department below decides who takes it."))
            people = [nobody, *people_of(session, ticket, actor)]
            why = Field("note", "area", _("Why you hand it on"), True, _("Whoever is to take it reads this."))
            return [Field("to_id", "people", _("To a person"), people=people), department(session), why]
    return [Field("note", "area", _("What is lacking"), True)]


def people_of(session: Session, ticket: Ticket, actor: Actor) -> list[Candidate]:
    """Who does such work here, but for the one who offers it: their department first, those on duty before the others."""
    others = [
        one
        for one in workers(session, actor, [ticket], now())
        if one.id != actor.staff_id and (one.role in offers.HANDS or one.leads)
    ]
    return candidates_of(others)


def department(session: Session) -> Field:
    """A department as the receiver."""
    found = department_field(session)
    return replace(found, label=_("Or to a department"), options=[("", "–"), *found.options[1:]])


def acceptance_field(session: Session, verb: str, ticket: Ticket, actor: Actor) -> list[Field]:
    """Over work that needs acceptance whoever may accept it says so while finishing it."""
    if verb != "finish":
        return []
    work = facts_of(session, ticket, actor).work
    if not accepts_by_finishing(work) or hinders_acceptance(work) is not None:
        return []
    return [Field("accepts", "must", _("I have looked at the work, and accept it."), True)]


def hands_in(session: Session, ticket: Ticket, actor: Actor) -> bool:
    """Whether this actor's work is finished by handing it in: the button that says "Finish" leads there."""
    work = facts_of(session, ticket, actor).work
    return accepts_by_finishing(work) and hinders_acceptance(work) is not None


def effects(verb: str, ticket: Ticket) -> list[tuple[str, str, str]]:
    """What will happen: words, the text somebody gets, and their number."""
    match verb:
        case "submit":
            return [(gettext("Whoever is to accept it is told. The household is told once it is accepted."), "", "")]
        case "approve" if ticket.acceptance is not None and ticket.reporter_phone:
            words = gettext("The work is done, and the household gets an SMS:")
            return [(words, done_words(ticket, ticket.acceptance.work), ticket.reporter_phone)]
        case "approve":
            return [
                (gettext("The work is done. No number of the reporter is known: please tell them yourself."), "", "")
            ]
        case "offer":
            words = gettext(
                "They are told. Nothing changes until they take it; if nobody answers, the head of the department is."
            )
            return [(words, "", "")]
        case "return":
            return [(gettext("The work goes on, and whoever has it in hand is told why."), "", "")]
    return []


def _post(person: Staff) -> str:
    return f"{person.name} · {code_label('role', person.role)}"


def waiting_words(ticket: Ticket) -> tuple[str, str] | None:
    """Whose turn it is while the work waits to be accepted, and what they have to do."""
    found: Any = ticket.acceptance
    if found is None or found.state != "asked":
        return None
    if found.due_at is None:
        return found.acceptor.name, gettext("look at the work and accept it")
    when = local_text(found.due_at)
    if found.breached_at is not None:
        return found.acceptor.name, gettext("look at the work and accept it: it was due at %(when)s", when=when)
    return found.acceptor.name, gettext("look at the work and accept it by %(when)s", when=when)
