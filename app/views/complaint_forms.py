"""The small forms of the steps of complaints (D5), and what a complaint adds to those of every ticket."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.models import Ticket
from app.rules.codes import Kind
from app.rules.complaint_verbs import COMPLAINT_VERBS
from app.rules.complaints import Part, missing, needed_reply_ways
from app.rules.ticket_states import READ_FIRST, SUPERVISING_ROLES
from app.rules.work_verbs import WORK_VERBS
from app.services import complaint_findings as findings
from app.services.actors import Actor
from app.services.complaint_path import giver_of
from app.services.complaints import is_unread
from app.services.ticket_facts import facts_of
from app.services.ticket_people import workers
from app.views import dispute_forms, outside_forms, verb_forms, work_forms
from app.views.labels import choices, code_label
from app.views.verb_forms import Candidate, Field, Wording

WORDS: dict[str, Wording] = {
    **verb_forms.WORDING,
    **work_forms.WORK_WORDS,
    "confirm": Wording(
        _("Confirm the finding"), _("You have looked at it yourself, and come to the same finding."), "check"
    ),
    "object": Wording(
        _("Object"), _("You come to another finding: it must be found anew before the complaint is closed."), "alert"
    ),
    "settle": Wording(
        _("Settled on the spot"),
        _("Explained or put right at once: what the household says to it goes into the duty record."),
        "check",
    ),
    "escalate": Wording(
        _("Take it up"),
        _("It exceeds your authority: it goes to the next who decides, with its whole record."),
        "arrow",
    ),
    "decide": Wording(_("Decide"), _("Your decision, and who carries it out."), "shield"),
    "causes": Wording(_("Cause and measures"), _("Why it happened, what was put right, what keeps it away."), "pen"),
    **outside_forms.OUTSIDE_WORDS,
    **dispute_forms.DISPUTE_WORDS,
    "mark": Wording(_("Mark as written"), _("A complaint in writing is answered in writing."), "pen"),
}
"""Verb → its words, those of every ticket among them."""

_FORM_WORDS = {
    "written": _("It needs an answer in writing."),
    "in_person": _("It needs an answer in person."),
    "supervised": _("In person where possible, with the household's signature; else by phone, with what was said."),
}


def fields_of(session: Session, verb: str, ticket: Ticket, actor: Actor) -> list[Field]:
    """The fields of a step on this ticket."""
    if verb in WORK_VERBS:
        return work_forms.fields_of(session, verb, ticket, actor)
    accepting = work_forms.acceptance_field(session, verb, ticket, actor)
    if ticket.kind != Kind.COMPLAINT or accepting:
        return [*verb_forms.fields_of(session, verb, ticket, actor), *accepting]
    if verb in COMPLAINT_VERBS:
        return _own(session, verb, ticket, actor)
    fields = verb_forms.fields_of(session, verb, ticket, actor)
    match verb:
        case "find":
            return _finding()
        case "close":
            return [*_closing(session, ticket, actor), *fields]
        case "reply":
            return _reply(session, ticket, actor, fields)
    if asks_to_read(verb, ticket, actor):
        return [*fields, Field("read", "must", _("I have read what was done."), True)]
    return fields


def asks_to_read(verb: str, ticket: Ticket, actor: Actor) -> bool:
    """Whether the form of this step shows what was done before, for the supervisor to read (D5)."""
    supervising = bool(actor.roles & SUPERVISING_ROLES)
    return verb in READ_FIRST and ticket.kind == Kind.COMPLAINT and supervising and is_unread(ticket)


def defaults(session: Session, verb: str, ticket: Ticket) -> dict[str, str]:
    """What an empty form holds: what is known already, and the usual way."""
    if verb in outside_forms.OUTSIDE_WORDS:
        return outside_forms.defaults(session, verb, ticket)
    complaint = ticket.complaint
    match verb:
        case "find":
            party = complaint.party if complaint else ""
            return {"validity": ticket.validity or "", "grade": ticket.grade or "ordinary", "party": party or ""}
        case "close" | "causes" if ticket.kind == Kind.COMPLAINT:
            known = {name: getattr(ticket, name) or "" for name in ("root_cause", "correction", "prevention")}
            return {**known, "cause": (complaint.cause if complaint else "") or ""}
        case "dispute":
            return {"matter": (complaint.dispute if complaint else "") or ""}
        case "settle":
            return {"way": "phone" if ticket.channel == "hotline" else "word"}
        case "mark":
            return {"written": "1" if ticket.is_written else "0"}
    return verb_forms.defaults(verb, ticket)


def _finding() -> list[Field]:
    return [
        Field("validity", "choice", _("Finding"), True, options=choices("validity")),
        Field("party", "choice", _("Who is answerable"), True, options=choices("party")),
        Field("grade", "choice", _("Grade"), True, options=choices("grade")),
        Field("note", "area", _("Reasons"), True, _("A second person reads them and confirms or objects.")),
        Field("plan", "area", _("Plan"), hint=_("A major complaint needs one within 24 hours.")),
    ]


def _measures(*, required: bool) -> list[Field]:
    return [
        Field("cause", "choice", _("Root cause"), required, options=choices("cause")),
        Field("root_cause", "text", _("What exactly"), required),
        Field("correction", "text", _("Correction"), required, _("What was put right.")),
        Field("prevention", "text", _("Prevention"), required, _("What keeps it from happening again.")),
    ]


def _closing(session: Session, ticket: Ticket, actor: Actor) -> list[Field]:
    """The measures, and what else is still missing that a form can bring."""
    facts = facts_of(session, ticket, actor)
    lacking = {part for part, _alone, _short in missing(facts, {})}
    fields = []
    if Part.REPLY in lacking and needed_reply_ways(facts) == {"written"}:
        hint = _("It came in writing: the text of the answer, as it was sent.")
        fields.append(Field("answer", "area", _("Written answer"), True, hint))
    if Part.WORDS in lacking:
        fields.append(Field("words", "area", _("What was said by phone"), True))
    if findings.may_second(findings.in_force(ticket), actor):
        fields.append(Field("confirm", "tick", _("As the second person I confirm the finding.")))
    return [*fields, *_measures(required=True)]


def _reply(session: Session, ticket: Ticket, actor: Actor, fields: list[Field]) -> list[Field]:
    facts = facts_of(session, ticket, actor)
    needed = needed_reply_ways(facts)
    kind = "supervised" if needed == {"in_person", "phone"} else next(iter(needed)) if len(needed) == 1 else ""
    way, words = fields
    told = Field(way.name, way.kind, way.label, way.required, _FORM_WORDS.get(kind, ""), way.options)
    return [told, words, Field("signed", "tick", _("The household has signed."))]


def _own(session: Session, verb: str, ticket: Ticket, actor: Actor) -> list[Field]:
    match verb:
        case "confirm":
            return [_area(_("Remark"))]
        case "object":
            return [_area(_("Why not"), required=True)]
        case "settle":
            ways = [pair for pair in verb_forms.REPLIES if pair[0] in ("word", "phone", "in_person")]
            return [
                Field("way", "choice", _("Way"), True, options=ways),
                Field("done", "area", _("What was explained or done"), True, _("The reporter reads this in the SMS.")),
                Field("opinion", "area", _("What the household says to it"), True, _("It goes into the duty record.")),
            ]
        case "escalate":
            hint = _("What has been tried, and what is to be decided.")
            return [_area(_("Why it goes up"), required=True, hint=hint)]
        case "decide":
            people = _carriers(session, ticket, actor)
            return [
                _area(_("Decision"), required=True),
                Field("assignee_id", "people", _("Who carries it out"), people=people),
            ]
        case "causes":
            return _measures(required=False)
        case "refer" | "forward" | "answered":
            return outside_forms.fields(session, verb, ticket)
        case "dispute":
            return dispute_forms.fields()
    options = [("1", _("Yes, in writing")), ("0", _("No"))]
    return [Field("written", "choice", _("Came in writing"), True, options=options)]


def _area(label: Any, *, required: bool = False, hint: Any = "") -> Field:
    return Field("note", "area", label, required, hint)


def _carriers(session: Session, ticket: Ticket, actor: Actor) -> list[Candidate]:
    giver = giver_of(session, ticket)
    back = giver.name if giver else gettext("nobody: it stays with you")
    words = gettext("Whoever had it before: %(who)s", who=back)
    found = workers(session, actor, [ticket], now())
    others = [Candidate(str(one.id), one.name, code_label("role", one.role), one.on_duty, one.load) for one in found]
    return [Candidate("", words, gettext("it goes back with the decision")), *others]
