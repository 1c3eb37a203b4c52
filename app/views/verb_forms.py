"""The small form of each step of a ticket: which fields, in which words. What they may hold is the service's to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.models import Department, Ticket
from app.rules.codes import Kind, PhraseUse, TicketState
from app.services import phrases as stock
from app.services.actors import Actor
from app.services.ticket_clocks import owed_at_close
from app.services.ticket_people import Worker, rule_choice, workers
from app.views.base.cells import named
from app.views.labels import choices, code_label
from app.views.look import Look


@dataclass(frozen=True)
class Field:
    """One field. `kind`: text, area, letter (a long one), when, choice (buttons), select, score, tick, must (a tick without which
    the form is not sent), people. `phrases` are texts to start from; `people` those to choose from with what they have in hand."""

    name: str
    kind: str
    label: Any
    required: bool = False
    hint: Any = ""
    options: list[tuple[str, Any]] = field(default_factory=list)
    phrases: list[Any] = field(default_factory=list)
    people: list[Candidate] = field(default_factory=list)


@dataclass(frozen=True)
class Candidate:
    """Somebody who could take the work. `key` is empty for the rule's choice, which `words` then explains."""

    key: str
    name: str
    words: str
    on_duty: bool = False
    load: int = 0
    near: bool = False


@dataclass(frozen=True)
class Wording:
    """A step in words: what the button says, what it does, which icon."""

    label: Any
    lead: Any
    icon: str


WORDING: dict[str, Wording] = {
    "dispatch": Wording(
        _("Dispatch"), _("Give the work to somebody. Without a name the rule finds the nearest on duty."), "arrow"
    ),
    "start": Wording(_("Start work"), _("The work begins now."), "tool"),
    "contact": Wording(
        _("Note a contact"), _("The household was spoken to, and a time for the reply agreed."), "phone"
    ),
    "reply": Wording(_("Note the reply"), _("The household has been told the outcome."), "message"),
    "wait": Wording(
        _("Wait"),
        _("The clocks of the work pause, a promise runs on. Say what is waited for, and until when."),
        "pause",
    ),
    "resume": Wording(_("Go on"), _("The waiting is over, the clocks run again."), "arrow"),
    "finish": Wording(_("Finish"), _("The work is done. The reporter is told by SMS what was done."), "check"),
    "visit": Wording(
        _("Return visit"),
        _("How satisfied is the household? 1 or 2 opens the matter again for the supervisor."),
        "visit",
    ),
    "close": Wording(_("Close"), _("Nothing is owed any more."), "check"),
    "cancel": Wording(_("Cancel"), _("The matter has lost its object. A reason is needed."), "close"),
    "reopen": Wording(_("Reopen"), _("The household does not accept the outcome."), "alert"),
    "find": Wording(_("Finding"), _("Is the complaint justified?"), "shield"),
    "promise": Wording(_("Promise a time"), _("A promise replaces the time for reply and completion."), "clock"),
    "urge": Wording(
        _("Asked again"),
        _("The household asks when it is done: counted, shown and told to the one responsible."),
        "bell",
    ),
}
"""Verb → its words."""

_SMS_HINT = _("The reporter reads this in the SMS.")

PLAIN = ("start", "resume", "recall", "depart", "arrive", "file")
"""Steps that ask nothing: their button acts at once."""

USUAL: dict[str, tuple[str, ...]] = {
    TicketState.REGISTERED: ("dispatch", "contact"),
    TicketState.DISPATCHED: ("start", "contact"),
    TicketState.IN_PROGRESS: ("finish", "reply"),
    TicketState.WAITING: ("resume",),
    TicketState.REOPENED: ("dispatch", "start"),
    TicketState.DONE: ("visit", "close", "reply"),
    TicketState.VISITED: ("close", "reply"),
}
"""State → the step that usually comes next, and what stands in for it."""

_WAYS = [("phone", _("By phone")), ("in_person", _("In person")), ("sms", _("SMS")), ("wechat", _("WeChat"))]
REPLIES = [
    ("phone", _("By phone")),
    ("in_person", _("In person")),
    ("written", _("In writing")),
    ("word", _("By word at the desk")),
]


def fields_of(session: Session, verb: str, ticket: Ticket, actor: Actor) -> list[Field]:
    """The fields of a step on this ticket."""
    match verb:
        case "dispatch":
            return [*_dispatch(session, ticket, actor), _note_field(session)]
        case "contact":
            words = _phrases(session, PhraseUse.CONTACT)
            when = _when("promise_at", _("Reply promised for"))
            return [Field("way", "choice", _("Way"), options=_WAYS), when, _area(_("Note"), phrases=words)]
        case "reply":
            words = _phrases(session, PhraseUse.REPLY)
            return [
                Field("way", "choice", _("Way"), True, options=REPLIES),
                _area(_("What was said"), required=True, phrases=words),
            ]
        case "wait":
            words, hint = _phrases(session, PhraseUse.WAIT), _("A part, a third party, an appointment …")
            reason = Field("reason", "text", _("What is waited for"), True, hint, phrases=words)
            return [reason, _when("until", _("Wait until"), required=True)]
        case "finish":
            words, hint = _phrases(session, PhraseUse.FINISH, ticket.reporter_locale), _SMS_HINT
            return [_area(_("What was done"), required=True, hint=hint, phrases=words)]
        case "visit":
            return _visit()
        case "close":
            return [*owed_field(ticket), _note_field(session)]
        case "cancel":
            return [Field("reason", "text", _("Reason"), True, phrases=_phrases(session, PhraseUse.CANCEL))]
        case "reopen":
            return [_area(_("What is not accepted"), required=True)]
        case "promise":
            return [_when("due_at", _("Promised for"), required=True), _note_field(session)]
    return [_note_field(session)]


def _area(label: Any, *, required: bool = False, hint: Any = "", phrases: Sequence[str] = ()) -> Field:
    return Field("note", "area", label, required, hint, phrases=list(phrases))


def _note_field(session: Session, *, required: bool = False) -> Field:
    return _area(_("Note"), required=required, phrases=_phrases(session, PhraseUse.NOTE))


def _phrases(session: Session, use: PhraseUse, locale: str = "") -> list[str]:
    """The texts to start from, in the reader's language; in `locale` where somebody else will read them."""
    found = stock.phrases(session, use)
    return [one.text_en if locale == "en" else one.text if locale else named(one) for one in found]


def defaults(verb: str, ticket: Ticket) -> dict[str, str]:
    """What an empty form holds: what is known already, and the usual way."""
    match verb:
        case "contact" | "visit":
            return {"way": "phone"}
        case "reply":
            return {"way": "written" if ticket.is_written else "phone"}
    return {}


def filled(fields: list[Field], form: Mapping[str, str]) -> dict[str, str]:
    """What was sent for these fields, to be shown again when the step was refused."""
    return {item.name: form.get(item.name, "") for item in fields}


def _when(name: str, label: Any, *, required: bool = False) -> Field:
    return Field(name, "when", label, required)


def together_fields(session: Session, verb: str, tickets: Sequence[Ticket], actor: Actor) -> list[Field]:
    """The fields of a step on several tickets at once: `dispatch` or `note`."""
    if verb == "note":
        return [_note_field(session, required=True)]
    rule = Candidate("", gettext("By the rule, each for itself"), gettext("the nearest on duty of its department"))
    people = [rule, *candidates_of(workers(session, actor, tickets, now()))]
    return [
        Field("assignee_id", "people", _("Who does it"), people=people),
        department_field(session),
        _note_field(session),
    ]


def _dispatch(session: Session, ticket: Ticket, actor: Actor) -> list[Field]:
    people = candidates(session, ticket, actor, now())
    return [Field("assignee_id", "people", _("Who does it"), people=people), department_field(session)]


def department_field(session: Session) -> Field:
    """The departments, the category's first."""
    rows = session.execute(select(Department.id, Department.name, Department.name_en).order_by(Department.position))
    options = [("", gettext("As the category says")), *((str(row.id), _named(row)) for row in rows)]
    return Field("department_id", "select", _("Department"), options=options)


def candidates(session: Session, ticket: Ticket, actor: Actor, at: datetime) -> list[Candidate]:
    """The rule's choice first, then the ticket's department, those on duty before the others."""
    person, reason, ranking = rule_choice(session, ticket, at)
    words = gettext("By the rule: %(who)s", who=person or gettext("the department as a whole"))
    places = {staff_id: place for place, staff_id in enumerate(ranking)}
    found = sorted(workers(session, actor, [ticket], at), key=lambda one: places.get(one.id, len(places)))
    return [Candidate("", words, gettext(reason)), *candidates_of(found, ranking)]


def candidates_of(found: Sequence[Worker], why: Mapping[int, str] | None = None) -> list[Candidate]:
    """The people as they are offered; those the rule considered with its reason."""
    return [
        Candidate(str(one.id), one.name, _words(one, (why or {}).get(one.id)), one.on_duty, one.load, one.in_department)
        for one in found
    ]


def _words(worker: Worker, why: str | None) -> str:
    place = _place(worker)
    return f"{place} · {gettext(why)}" if why else place


def _place(worker: Worker) -> str:
    department = worker.department_en if Look().locale == "en" and worker.department_en else worker.department
    return department or code_label("role", worker.role)


def _named(row: Any) -> str:
    english = row.name_en if Look().locale == "en" else ""
    return str(english or row.name)


def _visit() -> list[Field]:
    ways = [(code, label) for code, label in choices("visit_way") if code in ("phone", "in_person")]
    return [
        Field("score", "score", _("Satisfaction, 1 to 5")),
        Field("way", "choice", _("Way"), options=ways),
        Field("unreachable", "tick", _("Nobody was reached")),
        Field("note", "area", _("The household's words")),
    ]


def owed_field(ticket: Ticket) -> list[Field]:
    """Only over something that is still owed: why it is owed no more."""
    names = [code_label("clock_name", name) for name in owed_at_close(ticket)]
    if not names:
        return []
    hint = gettext(
        "Still open: %(names)s. What has been done is better noted as a step.", names=gettext(", ").join(names)
    )
    # A reply that is brought along settles it, too: the rule says so when neither is there.
    return [Field("owed_reason", "text", _("Why it is owed no more"), ticket.kind != Kind.COMPLAINT, hint)]
