"""The steps of a ticket as buttons: which comes first, which others may be taken, and why the rest may not; what each brings about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.models import Ticket
from app.rules.clocks import NEVER_PAUSED, REPLACED_BY_PROMISE, names_met
from app.rules.codes import ClockState, Kind, TicketState
from app.rules.complaint_verbs import COMPLAINT_VERBS
from app.rules.ticket_states import VERB_TABLE, TicketFacts
from app.rules.work_verbs import WORK_VERBS, WorkFacts
from app.services.actors import Actor
from app.services.ticket_facts import facts_of, hindrance
from app.services.ticket_messages import done_words, work_words
from app.views.base import sentence
from app.views.complaint_forms import asks_to_read
from app.views.complaint_panel import effects_of_complaint
from app.views.labels import code_label
from app.views.verb_forms import PLAIN, USUAL, WORDING
from app.views.work_forms import WORK_WORDS
from app.views.work_forms import effects as effects_of_work

WHAT = "{…}"
"""Stands in the preview of a message for what is still being typed."""

_ORDER = (
    "approve",
    "return",
    "dispatch",
    "arrive",
    "depart",
    "start",
    "contact",
    "submit",
    "finish",
    "reply",
    "promise",
    "urge",
    "offer",
    "recall",
    "wait",
    "resume",
    "find",
    "visit",
    "close",
    "file",
    "reopen",
    "cancel",
)
_DANGEROUS = ("cancel", "reopen")
_ROWS = VERB_TABLE | WORK_VERBS
_WORDS = WORDING | WORK_WORDS


@dataclass(frozen=True)
class StepButton:
    """One step. `shortcut` is pressed with Alt; `why_not` is the sentence of the rule that forbids it now."""

    verb: str
    label: Any
    lead: Any
    icon: str
    plain: bool = False
    dangerous: bool = False
    shortcut: str = ""
    why_not: str = ""


@dataclass(frozen=True)
class Steps:
    """The loud one, the others in the order of sense, and those that cannot be taken now."""

    primary: StepButton | None
    others: list[StepButton]
    refused: list[StepButton]


@dataclass(frozen=True)
class Effect:
    """One thing a step brings about; `message` is the text somebody gets, with WHAT for what is typed."""

    text: str
    message: str = ""
    to: str = ""


def steps_of(session: Session, ticket: Ticket, actor: Actor, facts: TicketFacts | None = None) -> Steps:
    """The actor's steps on this ticket, by its facts where they are known: else one statement, of a complaint some more."""
    facts = facts or facts_of(session, ticket, actor)
    mine = [verb for verb in _ORDER if _ROWS[verb].roles & actor.roles and not _hidden(verb, ticket, facts.work)]
    reasons = {verb: hindrance(verb, facts) for verb in mine}
    able = [verb for verb in mine if reasons[verb] is None]
    usual = ("start",) if asks_to_read("start", ticket, actor) else USUAL.get(TicketState(ticket.state), ())
    if facts.work.on_the_way:
        usual = ("arrive", *usual)
    if facts.work.needs_acceptance:
        usual = ("approve", *(("submit",) if ticket.assignee_id == actor.staff_id else ()), *usual, "submit")
    first = next((verb for verb in usual if verb in able), None)
    ordered = ([first] if first else []) + [verb for verb in able if verb != first]
    buttons = [
        _button(verb, str(place), asks=asks_to_read(verb, ticket, actor)) for place, verb in enumerate(ordered, 1)
    ]
    refused = [_button(verb, why_not=sentence(error)) for verb, error in reasons.items() if error is not None]
    return Steps(buttons[0] if first else None, buttons[1:] if first else buttons, refused)


def _hidden(verb: str, ticket: Ticket, work: WorkFacts) -> bool:
    """Steps of which there is no reason to say why they cannot be taken: the ticket has nothing to do with them."""
    match verb:
        case "find":
            return ticket.kind != Kind.COMPLAINT
        case "submit":
            return not work.needs_acceptance
        case "approve" | "return":
            return work.asked_of is None
        case "offer":
            return work.staff_id is None or work.staff_id != work.assignee_id or bool(work.offered_to)
        case "depart":
            return work.staff_id is None or work.staff_id != work.assignee_id or work.on_the_way
        case "arrive":
            return not work.on_the_way
        case "file":
            return work.filed or ticket.state not in WORK_VERBS["file"].sources
        case "recall":
            return not work.offered_to or work.staff_id != work.assignee_id
    return False


def _button(verb: str, place: str = "", why_not: str = "", *, asks: bool = False) -> StepButton:
    words = _WORDS[verb]
    shortcut = place if len(place) == 1 else ""
    plain = verb in PLAIN and not asks
    return StepButton(verb, words.label, words.lead, words.icon, plain, verb in _DANGEROUS, shortcut, why_not)


def effects_of(verb: str, ticket: Ticket) -> list[Effect]:
    """What will happen when the step is taken, said before it is."""
    if verb in COMPLAINT_VERBS:
        return [Effect(text) for text in effects_of_complaint(verb)]
    if verb in WORK_VERBS:
        return [Effect(*one) for one in effects_of_work(verb, ticket)]
    made = _EFFECTS[verb](ticket) if verb in _EFFECTS else []
    told = verb == "finish" and bool(ticket.reporter_phone)
    answered = names_met(
        verb, kind=ticket.kind, by_person=True, reporter_told=told, after_done=ticket.done_at is not None
    )
    met = [code_label("clock_name", clock.name) for clock in _live(ticket) if clock.name in answered]
    if met:
        made.append(Effect(gettext("These clocks are answered: %(names)s.", names=_listed(met))))
    if verb in ("cancel", "close") and len(_live(ticket)) > len(met):
        made.append(Effect(gettext("All other clocks stop for good.")))
    return made


def _live(ticket: Ticket) -> list[Any]:
    return [clock for clock in ticket.clocks if clock.state in (ClockState.RUNNING, ClockState.PAUSED)]


def _listed(names: list[str]) -> str:
    return gettext(", ").join(names)


def _dispatch(ticket: Ticket) -> list[Effect]:
    words = gettext("Whoever gets it is responsible from now on and is told:")
    return [Effect(words, work_words(ticket))]


def _wait(ticket: Ticket) -> list[Effect]:
    running = [clock.name for clock in ticket.clocks if clock.state == ClockState.RUNNING]
    pausing = [code_label("clock_name", name) for name in running if name not in NEVER_PAUSED]
    staying = [code_label("clock_name", name) for name in running if name in NEVER_PAUSED]
    made = []
    if pausing:
        made.append(Effect(gettext("These clocks pause: %(names)s.", names=_listed(pausing))))
    if staying:
        made.append(Effect(gettext("These run on: %(names)s.", names=_listed(staying))))
    made.append(Effect(gettext("When the date has come, the ticket says so by itself.")))
    return made


def _finish(ticket: Ticket) -> list[Effect]:
    if not ticket.reporter_phone:
        return [Effect(gettext("No number of the reporter is known: nobody is told. Please tell them yourself."))]
    words = gettext("The household gets an SMS:")
    return [Effect(words, done_words(ticket, WHAT), ticket.reporter_phone)]


def _visit(ticket: Ticket) -> list[Effect]:
    return [
        Effect(gettext("3 to 5: the matter counts as visited.")),
        Effect(gettext("1 or 2: the matter is opened again as a repeat, and the supervisor is told.")),
    ]


def _close(ticket: Ticket) -> list[Effect]:
    return [
        Effect(gettext("The matter is settled. Nobody is told; it can still be reopened. After a time it is filed."))
    ]


def _cancel(ticket: Ticket) -> list[Effect]:
    return [Effect(gettext("The matter is given up. The household is not told by itself: please tell them."))]


def _reopen(ticket: Ticket) -> list[Effect]:
    made = [Effect(gettext("The clocks start anew from now."))]
    if ticket.kind == Kind.COMPLAINT:
        made.append(Effect(gettext("It counts as a repeat and goes to the supervisor, who is told.")))
    return made


def _find(ticket: Ticket) -> list[Effect]:
    return [
        Effect(gettext("Valid: the supervisor is told. Major: the management is told at once.")),
        Effect(gettext("The clocks of the finding start: reply, report or plan.")),
    ]


def _promise(ticket: Ticket) -> list[Effect]:
    replaced = [code_label("clock_name", clock.name) for clock in _live(ticket) if clock.name in REPLACED_BY_PROMISE]
    if not replaced:
        return [Effect(gettext("The promise is a clock of its own."))]
    return [Effect(gettext("The promise takes the place of these clocks: %(names)s.", names=_listed(replaced)))]


_EFFECTS = {
    "dispatch": _dispatch,
    "wait": _wait,
    "finish": _finish,
    "visit": _visit,
    "close": _close,
    "cancel": _cancel,
    "reopen": _reopen,
    "find": _find,
    "promise": _promise,
}
