"""The complaint's part of the ticket page: who decides, the finding and its second person, what is missing before it may close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.models import ComplaintFinding, Ticket
from app.rules.codes import FindingState
from app.rules.ticket_states import TicketFacts
from app.services.actors import Actor
from app.services.complaint_view import Glance, glance
from app.services.ticket_timeline import timeline
from app.views import dispute_forms, outside_forms
from app.views.base.cells import named
from app.views.complaint_forms import WORDS
from app.views.labels import code_label
from app.views.look import Look
from app.views.timeline_words import Line, line
from app.views.verb_forms import Wording

_TOLD_BEFORE = ("find", "object", "reply", "finish", "settle", "decide", "visit", "close", "reopen", "further_contact")
_MOST_BEFORE = 60


@dataclass(frozen=True)
class Button:
    """A step of the panel."""

    verb: str
    words: Wording


@dataclass(frozen=True)
class Panel:
    """The glance with its words. `decider` is who decides now, `next` who would next."""

    glance: Glance
    decider: str
    since: datetime | None
    next: str
    second: str
    second_tone: str
    buttons: dict[str, Button]

    @property
    def outside_due(self) -> tuple[str, datetime] | None:
        """The nearest deadline at an outside body: who, and when."""
        for one in self.glance.references:
            if one.answered_at is None and one.due_at is not None:
                return (named(one.body) if one.body else code_label("outside_kind", one.kind)), one.due_at
        return None

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing before the closing."""
        return not self.glance.missing


def panel_of(session: Session, ticket: Ticket, facts: TicketFacts, *, may_step: bool) -> Panel:
    """The panel of a complaint, for the reader the facts were gathered for."""
    found = glance(session, ticket, facts)
    second, tone = _second_words(found.finding)
    return Panel(
        glance=found,
        decider=_person(found.decider, found.level),
        since=found.since,
        next=_person(found.next_person, found.next_level),
        second=second,
        second_tone=tone,
        buttons={verb: Button(verb, WORDS[verb]) for verb in found.verbs} if may_step else {},
    )


def _person(person: Any, role: str | None) -> str:
    post = code_label("role", role)
    if person is None:
        return post
    return f"{named(person)} · {post}" if post and person.role == role else named(person)


def _second_words(finding: ComplaintFinding | None) -> tuple[str, str]:
    """What the second person says to the finding, and the tone of it."""
    if finding is None:
        return "", ""
    match finding.state:
        case FindingState.CONFIRMED:
            when = Look().when(finding.second_at) if finding.second_at else ""
            return gettext("confirmed by %(name)s, %(when)s", name=finding.second_name or "", when=when), "good"
        case FindingState.OBJECTED:
            return gettext("%(name)s objects", name=finding.second_name or ""), "bad"
    return gettext("waits for a second person"), "warn"


def effects_of_complaint(verb: str) -> list[str]:
    """What a step of a complaint brings about, said before it is taken."""
    match verb:
        case "refer" | "forward" | "answered":
            return outside_forms.effects(verb)
        case "dispute":
            return dispute_forms.effects()
        case "confirm":
            return [gettext("Your name stands under the finding beside that of whoever made it.")]
        case "object":
            return [
                gettext(
                    "The finding stays in force until a new one is recorded; until then the complaint is not closed."
                ),
                gettext("Whoever made it is told."),
            ]
        case "settle":
            return [
                gettext("The reply and the end of the work are noted together with it."),
                gettext("The household is still asked afterwards how satisfied it is."),
            ]
        case "escalate":
            return [
                gettext("The next who decides becomes the one responsible, and is told."),
                gettext("The whole record goes along; nothing is copied, nothing is left behind."),
            ]
        case "decide":
            return [gettext("Whoever carries it out becomes the one responsible, and is told.")]
    return []


def done_before(session: Session, actor: Actor, ticket: Ticket) -> list[Line]:
    """What was done on a matter whose outcome was rejected, the newest first: what the supervisor reads before taking it over."""
    happened = timeline(session, actor, ticket, show="steps", most=_MOST_BEFORE)
    return [line(one) for one in happened if one.code in _TOLD_BEFORE]
