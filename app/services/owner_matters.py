"""A household's own matters on the web: the lists, what waits for the household itself, and what it may do with them.

What a household does goes through the same steps as the desk's (`ticket_verbs`), taken for it by the house as an answer
by text message is: it meets no clock of ours, and no role has to be given for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from app.errors import N_, Invalid, NotFound, Refused
from app.models import Ticket
from app.rules import household as rules
from app.rules.codes import OPEN_STATES, Channel, VisitWay
from app.services import ticket_costs
from app.services import ticket_messages as messages
from app.services.access import rows
from app.services.actors import Actor
from app.services.policies import figures
from app.services.ticket_input import NOTE_LIMIT, SHORT_LIMIT, clean_text, row_id, whole_number
from app.services.ticket_verbs import perform
from app.services.tickets import add_contact
from app.services.visit_answers import Answer, Standing, take

PAGE = 20
MOST_OPEN = 50
LAST_PAGE = 500

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Matters:
    """Open matters, and one page of the finished ones."""

    open: list[Ticket]
    finished: list[Ticket]
    page: int
    more: bool


def matters(session: Session, actor: Actor, house_ids: frozenset[int] | None, page: int = 1) -> Matters:
    """The household's matters, the newest first; `house_ids` narrows them to the house looked at. Three statements."""
    page = min(max(page, 1), LAST_PAGE)
    own = (
        select(Ticket)
        .where(rows(actor, Ticket), _at(house_ids))
        .options(joinedload(Ticket.house), joinedload(Ticket.category), joinedload(Ticket.assignee))
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
    )
    unsettled = Ticket.state.in_(OPEN_STATES)
    still = session.scalars(own.where(unsettled).options(selectinload(Ticket.clocks)).limit(MOST_OPEN))
    over = session.scalars(own.where(~unsettled).offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    return Matters(list(still), list(over[:PAGE]), page, len(over) > PAGE)


def is_open(ticket: Ticket) -> bool:
    """Whether work is still owed."""
    return ticket.state in OPEN_STATES


def promised(ticket: Ticket) -> datetime | None:
    """The time somebody gave the household by word, while it holds."""
    return next((clock.due_at for clock in ticket.clocks if clock.name == "promise" and clock.state == "running"), None)


def expected(ticket: Ticket) -> datetime | None:
    """By when a matter should be settled: the promise, else the clock of the work or of the answer."""
    if ticket.state not in OPEN_STATES:
        return None
    live = {clock.name: clock.due_at for clock in ticket.clocks if clock.state == "running"}
    return promised(ticket) or live.get("done") or live.get("reply") or live.get("first_reply")


def allowed(session: Session, actor: Actor, ticket: Ticket, now: datetime) -> frozenset[str]:
    """What the household may do with this matter now."""
    own = rules.Own(
        state=ticket.state,
        priority=ticket.priority,
        is_reporter=ticket.reporter_id is not None and ticket.reporter_id == actor.person_id,
        lives_here=ticket.house_id is None or ticket.house_id in actor.house_ids,
        ended_at=ticket.closed_at or ticket.visited_at or ticket.done_at,
        urged_at=ticket.urged_at,
    )
    return rules.may(own, now, *figures(session, "household.object_days", "urge.again_minutes").values())


def act(
    session: Session, actor: Actor, ticket: Ticket, verb: str, raw: Raw, now: datetime, *, with_photos: bool = False
) -> None:
    """Say, press, rate, object or withdraw. Raises NotFound for another word, Invalid for the input, Refused when it may not be.

    `with_photos`: the form brought pictures, which may stand without words.
    """
    if verb not in _DO:
        raise NotFound(N_("There is no such step."))
    if verb not in allowed(session, actor, ticket, now):
        raise Refused(_TOO_LATE[verb])
    if with_photos and verb not in (rules.SAY, rules.OBJECT):
        raise Invalid(N_("Photos do not belong to this form."))
    if with_photos and verb == rules.SAY and not clean_text(raw.get("note"), NOTE_LIMIT):
        return
    _DO[verb](session, actor, ticket, raw, now)


def _say(session: Session, actor: Actor, ticket: Ticket, raw: Raw, now: datetime) -> None:
    note = clean_text(raw.get("note"), NOTE_LIMIT)
    if not note:
        raise Invalid(N_("Write what you want to tell us."))
    add_contact(session, ticket, actor, now, channel=Channel.WEB, note=note, why=N_("The household has written."))


def _urge(session: Session, actor: Actor, ticket: Ticket, raw: Raw, now: datetime) -> None:
    perform(session, ticket, "urge", in_the_name_of(actor), now)


def _rate(session: Session, actor: Actor, ticket: Ticket, raw: Raw, now: datetime) -> None:
    score = whole_number(raw.get("score"), 1, 5)
    if score is None:
        raise Invalid(N_("Choose from 1 (not at all) to 5 (very)."))
    answer = Answer(score, VisitWay.WEB, clean_text(raw.get("note"), NOTE_LIMIT))
    if take(session, ticket.id, answer, in_the_name_of(actor), now) == Standing.NOT_ASKED:
        raise Refused(_TOO_LATE[rules.RATE])


def _object(session: Session, actor: Actor, ticket: Ticket, raw: Raw, now: datetime) -> None:
    note = clean_text(raw.get("note"), NOTE_LIMIT)
    if not note:
        raise Invalid(N_("Write what is still wrong: whoever comes next should know."))
    perform(session, ticket, "reopen", in_the_name_of(actor), now, {"note": note})
    key = f"objected:{ticket.number}:{ticket.reopened_count}"
    messages.tell_responsible(session, ticket, N_("The household says it is not solved."), "contact", key, now)


def _withdraw(session: Session, actor: Actor, ticket: Ticket, raw: Raw, now: datetime) -> None:
    reason = clean_text(raw.get("note"), SHORT_LIMIT)
    if not reason:
        raise Invalid(N_("Write in a few words why it is no longer needed."))
    perform(session, ticket, "cancel", in_the_name_of(actor), now, {"reason": reason})
    key = f"withdrawn:{ticket.number}"
    messages.tell_responsible(session, ticket, N_("The household has withdrawn this."), "contact", key, now)


def _agree(session: Session, actor: Actor, ticket: Ticket, raw: Raw, now: datetime) -> None:
    line_id = row_id(raw.get("line"))
    try:
        line = ticket_costs.find_line(session, actor, ticket, line_id or 0)
    except NotFound:
        raise Refused(ticket_costs.CHANGED) from None
    ticket_costs.accept_own(session, ticket, line, raw.get("amount"), actor, now)
    key = f"agreed:{line.id}"
    words = N_("The household agreed to bear a cost.")
    messages.tell_responsible(session, ticket, words, "contact", key, now)


def in_the_name_of(actor: Actor) -> Actor:
    """The house itself, acting for a household: its own login and name on the timeline, none of our clocks met by it."""
    return Actor(user_id=actor.user_id, username=actor.username, display_name=actor.display_name, is_system=True)


def _at(house_ids: frozenset[int] | None) -> ColumnElement[bool]:
    if house_ids is None:
        return true()
    return or_(Ticket.house_id.is_(None), Ticket.house_id.in_(house_ids))


_DO: dict[str, Callable[[Session, Actor, Ticket, Raw, datetime], None]] = {
    rules.SAY: _say,
    rules.URGE: _urge,
    rules.RATE: _rate,
    rules.OBJECT: _object,
    rules.WITHDRAW: _withdraw,
    rules.AGREE: _agree,
}
_TOO_LATE = {
    rules.SAY: N_("This matter is finished. Say that it is not solved, or report it anew."),
    rules.URGE: N_("You asked a short while ago: it has been passed on, and whoever has it knows."),
    rules.RATE: N_("This matter cannot be rated now."),
    rules.OBJECT: N_("This was settled too long ago to be taken up again. Please report it anew: we see the old one."),
    rules.AGREE: N_("There is nothing left to agree to on this matter."),
    rules.WITHDRAW: N_("Somebody is at it already. Please call, or write to us below."),
}
