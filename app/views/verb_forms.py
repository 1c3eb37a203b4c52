"""The small form of each step of a ticket: which fields, in which words. What they may hold is the service's to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Department, Staff, StaffCommunity, Ticket
from app.rules.codes import Kind
from app.services.access import rows
from app.services.actors import Actor
from app.views.labels import choices
from app.views.look import Look


@dataclass(frozen=True)
class Field:
    """One field. `kind`: text, area, when, choice (buttons), select, score, tick."""

    name: str
    kind: str
    label: Any
    required: bool = False
    hint: Any = ""
    options: list[tuple[str, Any]] = field(default_factory=list)


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
    "wait": Wording(_("Wait"), _("The clocks pause. Say what is waited for, and until when."), "pause"),
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
}
"""Verb → its words."""

PLAIN = ("start", "resume")
"""Steps that ask nothing: their button acts at once."""

FIRST = {
    "registered": "dispatch",
    "dispatched": "start",
    "in_progress": "finish",
    "waiting": "resume",
    "reopened": "dispatch",
    "done": "visit",
    "visited": "close",
}
"""State → the step that usually comes next: its button is the loud one."""

_WAYS = [("phone", _("By phone")), ("in_person", _("In person")), ("sms", _("SMS")), ("wechat", _("WeChat"))]
_REPLIES = [
    ("phone", _("By phone")),
    ("in_person", _("In person")),
    ("written", _("In writing")),
    ("word", _("By word at the desk")),
]


def fields_of(session: Session, verb: str, ticket: Ticket, actor: Actor) -> list[Field]:
    """The fields of a step on this ticket."""
    note = Field("note", "area", _("Note"))
    match verb:
        case "dispatch":
            return [*_dispatch(session, ticket, actor), note]
        case "contact":
            return [Field("way", "choice", _("Way"), options=_WAYS), _when("promise_at", _("Reply promised for")), note]
        case "reply":
            return [
                Field("way", "choice", _("Way"), True, options=_REPLIES),
                Field("note", "area", _("What was said"), True),
            ]
        case "wait":
            return [
                Field("reason", "text", _("What is waited for"), True, _("A part, a third party, an appointment …")),
                _when("until", _("Wait until"), required=True),
            ]
        case "finish":
            return [Field("note", "area", _("What was done"), True, _("The reporter reads this in the SMS."))]
        case "visit":
            return _visit()
        case "close":
            return [*(_causes() if ticket.kind == Kind.COMPLAINT else []), note]
        case "cancel":
            return [Field("reason", "text", _("Reason"), True)]
        case "reopen":
            return [Field("note", "area", _("What is not accepted"), True)]
        case "find":
            return _finding()
        case "promise":
            return [_when("due_at", _("Promised for"), required=True), note]
    return [note]


def defaults(verb: str, ticket: Ticket) -> dict[str, str]:
    """What an empty form holds: what is known already, and the usual way."""
    match verb:
        case "find":
            return {"validity": ticket.validity or "", "grade": ticket.grade or ""}
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


def _dispatch(session: Session, ticket: Ticket, actor: Actor) -> list[Field]:
    works_here = select(StaffCommunity.staff_id).where(StaffCommunity.community_id == ticket.community_id)
    people = session.execute(
        select(Staff.id, Staff.name, Staff.department_id, Department.name.label("department"), Department.name_en)
        .outerjoin(Department, Department.id == Staff.department_id)
        .where(Staff.active, Staff.id.in_(works_here), rows(actor, Staff))
        .order_by(Department.position, Department.name, Staff.name)
    ).all()
    own = [row for row in people if row.department_id is not None and row.department_id == ticket.department_id]
    others = [row for row in people if row not in own]
    by_rule: list[tuple[str, Any]] = [("", gettext("By the rule: the nearest on duty"))]
    options = by_rule + [(str(row.id), _person(row)) for row in (*own, *others)]
    departments = session.execute(
        select(Department.id, Department.name, Department.name_en).order_by(Department.position)
    )
    return [
        Field("assignee_id", "select", _("Who does it"), options=options),
        Field(
            "department_id",
            "select",
            _("Department"),
            options=[("", gettext("As the category says")), *((str(row.id), _named(row)) for row in departments)],
        ),
    ]


def _named(row: Any) -> str:
    english = row.name_en if Look().locale == "en" else ""
    return str(english or row.name)


def _person(row: Any) -> str:
    return f"{row.name} · {row.department}" if row.department else str(row.name)


def _visit() -> list[Field]:
    ways = [(code, label) for code, label in choices("visit_way") if code in ("phone", "in_person")]
    return [
        Field("score", "score", _("Satisfaction, 1 to 5")),
        Field("way", "choice", _("Way"), options=ways),
        Field("unreachable", "tick", _("Nobody was reached")),
        Field("note", "area", _("The household's words")),
    ]


def _causes() -> list[Field]:
    causes = _("Process gap, human error, material, outside cause")
    return [
        Field("root_cause", "text", _("Root cause"), hint=causes),
        Field("correction", "text", _("Correction")),
        Field("prevention", "text", _("Prevention")),
    ]


def _finding() -> list[Field]:
    return [
        Field("validity", "choice", _("Finding"), True, options=choices("validity")),
        Field("grade", "choice", _("Grade"), options=choices("grade")),
        Field("plan", "area", _("Plan")),
        Field("note", "area", _("Reasons")),
    ]
