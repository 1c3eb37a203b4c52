"""The life of a ticket (D3, D5, D8) as data: which verb leads from which states to which state, and what it demands.

`decide` is the only place that says yes or no. It raises Forbidden for the role and Refused for what the rules of the
trade forbid, each with a sentence a person can read, and otherwise returns the Transition to write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.errors import N_, Forbidden, Incomplete, LinliError, Refused, Word, Words
from app.rules import complaints
from app.rules.clocks import names_met
from app.rules.codes import OPEN_STATES, Channel, ClockName, Grade, Kind, Role, TicketState, Validity
from app.rules.complaints import REPLY_WAYS as REPLY_WAYS
from app.rules.complaints import ComplaintFacts
from app.rules.complaints import needed_reply_ways as needed_reply_ways
from app.rules.work_verbs import WorkFacts, accepts_by_finishing, check_finish

S = TicketState

DESK_ROLES = frozenset({Role.ADMIN, Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT})
FRONT_ROLES = DESK_ROLES | {Role.STEWARD}
WORK_ROLES = FRONT_ROLES | {Role.TECHNICIAN}
SUPERVISING_ROLES = frozenset({Role.ADMIN, Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR})

OPEN = frozenset(OPEN_STATES)
FINISHED = frozenset({S.DONE, S.VISITED, S.CLOSED})
LOW_SCORE = 2
SCORES = (1, 2, 3, 4, 5)

READ_FIRST = ("dispatch", "start")
"""Steps that begin the work anew: of a repeat only after the supervisor has read what was done (D5)."""


@dataclass(frozen=True)
class Verb:
    """One row of the table: `target` None keeps the state."""

    name: str
    sources: frozenset[str]
    target: TicketState | None
    roles: frozenset[str]
    required: tuple[str, ...] = ()


@dataclass(frozen=True)
class TicketFacts:
    """What a decision needs to know of a ticket. `worker_id` and `actor_staff_id` are staff ids."""

    state: str
    kind: str
    channel: str = Channel.HOTLINE
    validity: str | None = None
    grade: str | None = None
    collective: bool = False
    reply_ways: frozenset[str] = frozenset()
    visit_due: bool = False
    worker_id: int | None = None
    actor_staff_id: int | None = None
    actor_roles: frozenset[str] = frozenset()
    actor_is_system: bool = False
    handled_by_supervisor: bool = False
    written: bool = False
    complaint: ComplaintFacts = field(default_factory=ComplaintFacts)
    photo_owed: bool = False
    """Whether the category asks for a photo of the finished work and none was added since the work began."""
    work: WorkFacts = field(default_factory=WorkFacts)
    owed: tuple[str, ...] = ()
    """The clocks that stand against closing (`rules.clocks.owed_at_close`)."""


@dataclass(frozen=True)
class Transition:
    """What follows from a verb: the new state, who gets the ticket (`to_…`) and who must hear of it (`tell_…`)."""

    verb: str
    before: str
    after: str
    repeat: bool = False
    to_supervisor: bool = False
    tell_supervisor: bool = False
    tell_management: bool = False
    accepts: bool = False
    """Whether this step is the acceptance of the work, too."""


def _row(
    name: str, sources: frozenset[str] | set[str], target: TicketState | None, roles: frozenset[str], *required: str
) -> Verb:
    return Verb(name, frozenset(sources), target, roles, required)


VERB_TABLE: dict[str, Verb] = {
    row.name: row
    for row in (
        _row("dispatch", {S.REGISTERED, S.DISPATCHED, S.IN_PROGRESS, S.REOPENED}, S.DISPATCHED, FRONT_ROLES),
        _row("start", {S.DISPATCHED, S.REOPENED}, S.IN_PROGRESS, WORK_ROLES),
        _row("contact", OPEN | {S.DONE}, None, WORK_ROLES),
        _row("reply", OPEN | {S.DONE, S.VISITED}, None, WORK_ROLES),
        _row("wait", {S.IN_PROGRESS}, S.WAITING, WORK_ROLES, "reason", "until"),
        _row("resume", {S.WAITING}, S.IN_PROGRESS, WORK_ROLES),
        _row("finish", {S.IN_PROGRESS}, S.DONE, WORK_ROLES),
        _row("visit", {S.DONE}, S.VISITED, FRONT_ROLES),
        _row("close", {S.DONE, S.VISITED}, S.CLOSED, FRONT_ROLES),
        _row("cancel", OPEN, S.CANCELLED, DESK_ROLES, "reason"),
        _row("reopen", FINISHED, S.REOPENED, FRONT_ROLES),
        _row("find", OPEN | {S.DONE, S.VISITED}, None, DESK_ROLES, "validity"),
        _row("promise", OPEN, None, WORK_ROLES, "due_at"),
        _row("urge", OPEN, None, FRONT_ROLES),
    )
}
"""The states of D3 and the verbs of I5. What a row does not allow is refused."""

_MISSING = {
    ("wait", "reason"): N_("Waiting needs a reason: what is being waited for."),
    ("wait", "until"): N_("Waiting needs a date: until when."),
    ("cancel", "reason"): N_("A ticket is cancelled only with a reason."),
    ("find", "validity"): N_("A finding says valid, assistance or invalid."),
    ("promise", "due_at"): N_("A promise needs the time by which it will be kept."),
}

_WRONG_STATE = {
    "dispatch": N_("A ticket that is %(state)s cannot be dispatched."),
    "start": N_("Work on a ticket that is %(state)s cannot be started: it must be dispatched first."),
    "contact": N_("On a ticket that is %(state)s no contact can be noted."),
    "reply": N_("A ticket that is %(state)s cannot be replied to any more."),
    "wait": N_("A ticket that is %(state)s cannot wait: only work in progress can."),
    "resume": N_("A ticket that is %(state)s cannot be resumed: it is not waiting."),
    "finish": N_("A ticket that is %(state)s cannot be finished: only work in progress can."),
    "visit": N_("A ticket that is %(state)s cannot be visited: the work must be done first."),
    "close": N_("A ticket that is %(state)s cannot be closed: the work must be done first."),
    "cancel": N_("A ticket that is %(state)s cannot be cancelled."),
    "reopen": N_("A ticket that is %(state)s cannot be reopened: only one that is done, visited or closed."),
    "find": N_("On a ticket that is %(state)s no finding can be recorded any more."),
    "promise": N_("On a ticket that is %(state)s nothing can be promised."),
    "urge": N_("A ticket that is %(state)s is urged no more: note the contact, or reopen it."),
}

STATE_LABELS = {
    S.REGISTERED: N_("registered"),
    S.DISPATCHED: N_("dispatched"),
    S.IN_PROGRESS: N_("in progress"),
    S.WAITING: N_("waiting"),
    S.DONE: N_("done"),
    S.VISITED: N_("return-visited"),
    S.CLOSED: N_("closed"),
    S.CANCELLED: N_("cancelled"),
    S.REOPENED: N_("reopened"),
}


def decide(verb: str, facts: TicketFacts, data: Mapping[str, Any]) -> Transition:
    """Whether `verb` may happen to a ticket with these facts, and what follows. `data` is already checked input."""
    row = VERB_TABLE[verb]
    if not facts.actor_is_system and not (row.roles & facts.actor_roles):
        raise Forbidden(N_("Your role does not allow this step."))
    if facts.state not in row.sources:
        label = STATE_LABELS.get(S(facts.state), facts.state)
        raise Refused(_WRONG_STATE[verb], state=Word(label))
    for name in row.required:
        if not data.get(name):
            raise Refused(_MISSING[(verb, name)])
    if verb in READ_FIRST:
        _check_read(facts, data)
    special = _SPECIAL.get(verb)
    plain = Transition(verb, facts.state, str(row.target or facts.state))
    return special(facts, data, plain) if special else plain


def allowed_verbs(facts: TicketFacts) -> list[str]:
    """The verbs whose button makes sense now: state and role fit (what the form must still bring is not asked)."""
    return [
        row.name
        for row in VERB_TABLE.values()
        if facts.state in row.sources
        and (facts.actor_is_system or row.roles & facts.actor_roles)
        and not (row.name == "find" and facts.kind != Kind.COMPLAINT)
        and not (row.name == "close" and _close_hindrance(facts, CLOSING_FORM))
    ]


CLOSING_FORM = dict.fromkeys((*complaints.MEASURES, "answer", "words", "confirm"), "-")
"""What the form of the closing can bring at best."""


def _check_read(facts: TicketFacts, data: Mapping[str, Any]) -> None:
    """A repeat goes to the supervisor, who reads what was done before the work begins anew. `read` is the tick of the page,
    which shows it; who takes the step by a program has the timeline."""
    if facts.kind != Kind.COMPLAINT or not facts.complaint.unread or facts.actor_is_system:
        return
    if not facts.actor_roles & SUPERVISING_ROLES:
        raise Refused(
            N_("The household rejected the outcome: the supervisor first reads what was done, then takes it over.")
        )
    if data.get("read") is False:
        raise Refused(N_("Read first what was done, and tick that you have."))


def visit_hindrance(facts: TicketFacts) -> str | None:
    """Why this actor may not ask the household after this matter (D8), as a msgid; None when they may."""
    supervising = bool(facts.actor_roles & SUPERVISING_ROLES)
    if facts.handled_by_supervisor and not facts.actor_is_system and not supervising:
        return N_("What the supervisor handled is visited by the supervisor.")
    did_the_work = facts.actor_staff_id is not None and facts.actor_staff_id == facts.worker_id
    if did_the_work and not (facts.handled_by_supervisor and supervising):
        return N_("A return visit is not made by the one who did the work.")
    return None


def _visit(facts: TicketFacts, data: Mapping[str, Any], plain: Transition) -> Transition:
    hindrance = visit_hindrance(facts)
    if hindrance:
        raise Refused(hindrance)
    if data.get("unreachable"):
        return Transition("visit", facts.state, facts.state)
    score = data.get("score")
    if score is not None and score <= LOW_SCORE:
        return Transition("visit", facts.state, S.REOPENED, repeat=True, to_supervisor=True)
    return plain


def _close_hindrance(facts: TicketFacts, data: Mapping[str, Any]) -> LinliError | None:
    """Why a done or visited ticket may not be closed yet; None when it may."""
    if facts.kind == Kind.COMPLAINT:
        lacking = complaints.missing(facts, data)
        if lacking:
            codes = [part for part, _alone, _short in lacking]
            if len(lacking) == 1:
                return Incomplete(lacking[0][1], codes)
            return Incomplete(complaints.INCOMPLETE, codes, parts=Words(short for _part, _alone, short in lacking))
    if facts.state == S.DONE and facts.visit_due:
        return Refused(N_("A return visit is due on this ticket: it is closed after the visit."))
    return None


_OWED = {
    ClockName.CONTACT: N_("The household has not been contacted yet: note the contact, or say why it is owed no more."),
    ClockName.FIRST_REPLY: N_("The initial reply is still owed: note the reply, or say why it is owed no more."),
    ClockName.REPLY: N_("The reply to the household is still owed: note it, or say why it is owed no more."),
    ClockName.PROGRESS: N_("The household has not been told how things stand: tell it, or say why it is owed no more."),
    ClockName.REPORT_BACK: N_(
        "The result has not been reported back to the developer's centre: note the reply, or say why it is owed no more."
    ),
    ClockName.PROMISE: N_("A promise to the household is still open: keep it, or say why it is owed no more."),
    ClockName.PLAN: N_("The plan is still owed: record it, or say why it is owed no more."),
}


def _still_owed(facts: TicketFacts, data: Mapping[str, Any]) -> list[str]:
    """The clocks that stand against closing, but for those that a reply brought along answers."""
    answered: frozenset[str] = frozenset()
    if data.get("answer") or data.get("words"):
        answered = names_met("reply", kind=facts.kind, by_person=True, reporter_told=False, after_done=True)
    return [name for name in facts.owed if name not in answered]


def _close(facts: TicketFacts, data: Mapping[str, Any], plain: Transition) -> Transition:
    hindrance = _close_hindrance(facts, data)
    if hindrance is not None:
        raise hindrance
    owed = _still_owed(facts, data)
    if owed and not data.get("owed_reason"):
        raise Refused(_OWED[ClockName(owed[0])])
    return plain


def _reopen(facts: TicketFacts, data: Mapping[str, Any], plain: Transition) -> Transition:
    """A complaint reopened is a repeat (D5), and so is whatever a household gives 1 or 2 after it was settled (D8)."""
    score = data.get("score")
    repeat = facts.kind == Kind.COMPLAINT or (score is not None and score <= LOW_SCORE)
    return Transition("reopen", facts.state, S.REOPENED, repeat=repeat, to_supervisor=repeat)


def _find(facts: TicketFacts, data: Mapping[str, Any], plain: Transition) -> Transition:
    if facts.kind != Kind.COMPLAINT:
        raise Refused(N_("Only a complaint is found valid, assistance or invalid."))
    major_now = data.get("grade") == Grade.MAJOR and facts.grade != Grade.MAJOR
    return Transition(
        "find",
        facts.state,
        facts.state,
        tell_supervisor=data["validity"] == Validity.VALID and facts.validity != Validity.VALID,
        tell_management=major_now,
    )


PHOTO_OWED = N_("Work of this category is shown by a photo afterwards: add one, then finish.")


def _finish(facts: TicketFacts, data: Mapping[str, Any], plain: Transition) -> Transition:
    if facts.photo_owed and not facts.actor_is_system:
        raise Refused(PHOTO_OWED)
    if facts.actor_is_system:
        return plain
    check_finish(facts.work, ticked=data.get("accepts"))
    return replace(plain, accepts=accepts_by_finishing(facts.work))


_SPECIAL: dict[str, Callable[[TicketFacts, Mapping[str, Any], Transition], Transition]] = {
    "finish": _finish,
    "visit": _visit,
    "close": _close,
    "reopen": _reopen,
    "find": _find,
}
