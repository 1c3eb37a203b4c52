"""One step for several ticked tickets: a page says first what will happen to which, then each is done by itself.

What a desk expects of a stack of tickets: whoever cannot be done stays as it was and is listed with the reason, the others
are done. Each ticket is a transaction of its own, so that a long stack keeps nobody else from writing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_appbuilder.actions import action
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import N_, LinliError, NotFound, Refused
from app.extensions import db
from app.models import Ticket
from app.services.actors import Actor
from app.services.ticket_facts import facts_of, hindrance
from app.services.ticket_input import NOTE_LIMIT, clean_text
from app.services.ticket_notes import add_note
from app.services.ticket_verbs import perform
from app.services.transaction import only_read, transaction
from app.views.base.actor import current_actor
from app.views.base.replay import claimed
from app.views.base.safety import sentence
from app.views.ticket_paper import paper_of
from app.views.verb_forms import Field, filled, together_fields

MOST_PRINTED = 50


@dataclass(frozen=True)
class Chosen:
    """One of the chosen tickets and why the step cannot be taken on it; empty where it can, or was."""

    ticket: Any
    why_not: str = ""


@dataclass(frozen=True)
class Together:
    """A step for several: its words, and how it is taken on one of them."""

    name: str
    verb: str
    heading: Any
    effect: Any
    button: Any
    take: Callable[[Session, Ticket, Actor, Mapping[str, Any]], Any]


def _dispatch(session: Session, ticket: Ticket, actor: Actor, sent: Mapping[str, Any]) -> None:
    perform(session, ticket, "dispatch", actor, now(), {**sent, "revision": sent.get(f"revision_{ticket.id}")})


def _note(session: Session, ticket: Ticket, actor: Actor, sent: Mapping[str, Any]) -> None:
    add_note(session, ticket, actor, now(), sent.get("note", ""))


DISPATCH = Together(
    "dispatch_chosen",
    "dispatch",
    _("Dispatch several tickets"),
    _("Each of these tickets is dispatched; whoever gets it is responsible from now on and is told."),
    _("Dispatch"),
    _dispatch,
)
NOTE = Together(
    "note_chosen",
    "note",
    _("Add a note to several tickets"),
    _("The note stands on the timeline of each of these tickets. Nobody outside is told."),
    _("Add the note"),
    _note,
)


class TakesTogether:
    """The actions on ticked tickets. Mixed into their list; the rows have been read through the actor's scope already."""

    @action("dispatch_chosen", _("Dispatch"), "", "arrow", single=False)
    def dispatch_chosen(self, items: list[Any]) -> Any:
        """Give the chosen tickets to a person or a department."""
        return self._together(DISPATCH, [item.id for item in items])

    @action("note_chosen", _("Add a note"), "", "message", single=False)
    def note_chosen(self, items: list[Any]) -> Any:
        """The same note on each."""
        return self._together(NOTE, [item.id for item in items])

    @action("print_chosen", _("Print"), "", "print", single=False)
    def print_chosen(self, items: list[Any]) -> Any:
        """Their sheets, one after the other."""
        if len(items) > MOST_PRINTED:
            raise Refused(N_("At most %(most)s tickets are printed at a time."), most=MOST_PRINTED)
        only_read()
        tickets = self._chosen([item.id for item in items])
        sheets = [paper_of(db.session(), _actor(), ticket) for ticket in tickets]
        back = self.list_address()  # type: ignore[attr-defined]
        return self.render_template("ticket/papers.html", sheets=sheets, now=now(), back=back)  # type: ignore[attr-defined]

    def _together(self, step: Together, ids: list[int]) -> Any:
        if "go" not in request.form:
            return self._ask(step, ids)
        if step is NOTE and not clean_text(request.form.get("note"), NOTE_LIMIT):
            return self._ask(step, ids, gettext("Write the note first."))
        back = self.list_address()  # type: ignore[attr-defined]
        with transaction() as session:
            sent = claimed(session, _actor(), now())
            sent.led_to(back)
        refused = self._take_each(step, ids)
        only_read()
        rows = [Chosen(ticket, refused[ticket.id]) for ticket in self._chosen(list(refused))]
        return self.render_template(  # type: ignore[attr-defined]
            "ticket/together_done.html", step=step, done=len(ids) - len(refused), refused=rows, back=back
        )

    def _take_each(self, step: Together, ids: list[int]) -> dict[int, str]:
        """Ticket → why it was refused, of those that were."""
        refused: dict[int, str] = {}
        sent, actor = request.form.to_dict(), _actor()
        for key in ids:
            try:
                with transaction() as session:
                    ticket = self.datamodel.one(key)  # type: ignore[attr-defined]
                    if ticket is None:
                        raise NotFound(N_("There is nothing here, or it is not yours to see."))
                    step.take(session, ticket, actor, sent)
            except LinliError as error:
                refused[key] = sentence(error)
        return refused

    def _ask(self, step: Together, ids: list[int], error: str = "") -> Any:
        """The page before: what will happen to which ticket, and which cannot."""
        only_read()
        session, actor = db.session(), _actor()
        tickets = self._chosen(ids)
        chosen = [Chosen(ticket, _why_not(session, step, ticket, actor)) for ticket in tickets]
        fields: Sequence[Field] = together_fields(session, step.verb, tickets, actor)
        page = self.render_template(  # type: ignore[attr-defined]
            "ticket/together.html",
            step=step,
            chosen=chosen,
            able=sum(not one.why_not for one in chosen),
            fields=fields,
            values=filled(list(fields), request.form),
            error=error,
            address=f"{self.route_base}/action_post?{request.query_string.decode('ascii', 'ignore')}",  # type: ignore[attr-defined]
            back=self.list_address(),  # type: ignore[attr-defined]
        )
        return page, 422 if error else 200

    def _chosen(self, ids: Sequence[int]) -> list[Any]:
        columns = ["house", "community", "department", "assignee", "category"]
        return list(self.datamodel.by_ids(ids, self.eager(columns)))  # type: ignore[attr-defined]


def _actor() -> Actor:
    actor = current_actor()
    assert actor is not None, "an action is permitted to somebody"
    return actor


def _why_not(session: Session, step: Together, ticket: Any, actor: Actor) -> str:
    error = hindrance("dispatch", facts_of(session, ticket, actor)) if step is DISPATCH else None
    return sentence(error) if error is not None else ""
