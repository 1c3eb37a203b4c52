"""What a call writes on tickets: opened, amended, joined, to be rung back, and the receipt that leaves by SMS (I8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import force_locale, gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import Call, CallTicket, Category, Community, House, Ladder, Ticket
from app.rules.call_flow import Flow
from app.rules.call_flow.asking import KIND_WORDS
from app.rules.call_flow.model import Amend, Callback, Effect, Join, Open, Receipt, StartLadder
from app.rules.call_flow.words import Line
from app.rules.codes import Channel, Kind, MessageChannel, Priority, TicketState
from app.services import escalation
from app.services.actors import Actor
from app.services.call_store import caller_number
from app.services.call_world import reporter_of
from app.services.numbers import reserve_ticket_number
from app.services.outbox import enqueue
from app.services.spoken_lines import house_locale, write
from app.services.tickets import add_contact, add_entry, close_no_matter, open_ticket

HOTLINE = Actor.system("hotline")
TITLE_CHARACTERS = 40
RECEIPT = N_(
    "[%(community)s] We have received your call (%(kind)s). Ticket number %(number)s. Ask about its progress with key 5 of the hotline."
)


@dataclass
class Writer:
    """Carries out the effects of one step on one call; `flow` grows by the ticket's id and number."""

    session: Session
    call: Call
    flow: Flow
    now: datetime

    def apply(self, effects: tuple[Effect, ...]) -> Flow:
        """Write the effects in their order and return the flow that knows of them."""
        for effect in effects:
            if isinstance(effect, Open):
                self._open(effect)
            elif isinstance(effect, Amend):
                self._amend(effect)
            elif isinstance(effect, Join):
                self._join(effect)
            elif isinstance(effect, StartLadder):
                self._start_ladder()
            elif isinstance(effect, Callback):
                self._callback(effect)
            else:
                assert isinstance(effect, Receipt)
                self._receipt()
        return self.flow

    def ticket(self) -> Ticket | None:
        """The ticket of this call, if it has one by now."""
        ticket_id = self.flow.facts.ticket_id
        return self.session.get(Ticket, ticket_id) if ticket_id is not None else None

    def note(self, words: str) -> None:
        """A line in the ticket's timeline that changes nothing else."""
        ticket = self.ticket()
        if ticket is not None and words:
            add_entry(self.session, ticket, "note", HOTLINE, self.now, before=ticket.state, note=words)

    def _open(self, effect: Open) -> None:
        community = self.session.get(Community, self.call.community_id) if self.call.community_id else None
        if community is None:
            return
        facts = self.flow.facts
        house = self.session.get(House, facts.house.id) if facts.house else None
        description = self._text(effect.description)
        ticket = open_ticket(
            self.session,
            community=community,
            kind=effect.kind,
            channel=Channel.HOTLINE,
            category_code=self._known_category(effect.category),
            title=self._title(effect, description),
            description=description,
            house=house,
            place=facts.place[:255] or None,
            reporter_person=reporter_of(self.session, self.call, house.id if house else None, self.now),
            reporter_phone=caller_number(self.call.from_number),
            reporter_locale=self.flow.locale,
            priority=effect.priority,
            number=self._number(),
            callback_due=effect.callback,
            counts_in_figures=not effect.quiet,
            actor=HOTLINE,
            now=self.now,
        )
        if effect.callback:
            with force_locale(house_locale()):
                note = gettext("To do: call the caller back.")
            add_entry(self.session, ticket, "callback_due", HOTLINE, self.now, before=ticket.state, note=note)
        if effect.quiet:
            close_no_matter(self.session, ticket, HOTLINE, self.now)
        self._link(ticket)

    def _number(self) -> str:
        """The reserved number for the first ticket of the call, a fresh one for any further."""
        reserved = self.call.ticket_number
        used = self.session.scalar(select(Ticket.id).where(Ticket.number == reserved)) if reserved else True
        return reserve_ticket_number(self.session, self.now) if used or reserved is None else reserved

    def _link(self, ticket: Ticket) -> None:
        values = {"call_id": self.call.id, "ticket_id": ticket.id}
        known = self.session.scalar(select(CallTicket.id).filter_by(**values))
        if known is None:
            self.session.add(CallTicket(**values))
        self.flow = self.flow.know(ticket_id=ticket.id, ticket_number=ticket.number)
        self.session.flush()

    def _amend(self, effect: Amend) -> None:
        ticket = self.ticket()
        if ticket is None:
            return
        changes: dict[str, str] = {}
        description = None if effect.description is None else self._text(effect.description)
        if description is not None and description != ticket.description:
            changes["description_before"] = ticket.description
            ticket.description = description
            ticket.title = self._short(description) or ticket.title
        self._amend_category(ticket, effect)
        if effect.place is not None:
            ticket.place = self._text(effect.place)[:255]
        if effect.house_id is not None:
            house = self.session.get(House, effect.house_id)
            if house is not None and house.community_id == ticket.community_id:
                changes["house_before"] = ticket.house.name if ticket.house else ""
                ticket.house_id, ticket.building_id = house.id, house.building_id
        note = self._text(effect.note) if effect.note else ""
        if note or changes:
            add_entry(self.session, ticket, "amend", HOTLINE, self.now, before=ticket.state, note=note, data=changes)
        self.session.flush()

    def _amend_category(self, ticket: Ticket, effect: Amend) -> None:
        code = self._known_category(effect.category)
        if code is not None and ticket.state == TicketState.REGISTERED:
            category = self.session.scalars(select(Category).where(Category.code == code)).one()
            ticket.category = category
            if category.department is not None:
                ticket.department = category.department
                ticket.responsible = category.department.name[:80]
        if effect.priority == Priority.EMERGENCY:
            ticket.priority = Priority.EMERGENCY

    def _join(self, effect: Join) -> None:
        ticket = self.session.get(Ticket, effect.ticket_id)
        if ticket is None:
            return
        add_contact(
            self.session,
            ticket,
            HOTLINE,
            self.now,
            note=effect.words,
            reporter_phone=caller_number(self.call.from_number),
        )
        self._link(ticket)

    def _start_ladder(self) -> None:
        ticket = self.ticket()
        if ticket is not None:
            escalation.start(self.session, ticket, self.call, self.now)

    def _callback(self, effect: Callback) -> None:
        ticket = self.ticket()
        if ticket is None:
            return
        ticket.callback_due = True
        note = self._text(effect.note)
        add_entry(self.session, ticket, "callback_due", HOTLINE, self.now, before=ticket.state, note=note)
        self.session.execute(update(Ladder).where(Ladder.ticket_id == ticket.id).values(caller_wants_callback=True))
        self.session.flush()

    def _receipt(self) -> None:
        ticket = self.ticket()
        number = caller_number(self.call.from_number)
        if ticket is None or number is None:
            return
        community = self.session.get(Community, ticket.community_id)
        assert community is not None
        english = self.flow.locale == "en"
        with force_locale(self.flow.locale):
            body = gettext(
                RECEIPT,
                community=(community.name_en or community.name) if english else community.name,
                kind=gettext(KIND_WORDS.get(ticket.kind, KIND_WORDS[Kind.CONSULTATION])),
                number=ticket.number,
            )
        enqueue(
            self.session,
            channel=MessageChannel.SMS,
            to=number,
            purpose="receipt",
            body=body,
            ticket_id=ticket.id,
            community_id=ticket.community_id,
            key=f"receipt:{ticket.number}:{self.call.provider_sid}",
            now=self.now,
        )

    def _known_category(self, code: str | None) -> str | None:
        if not code:
            return None
        return self.session.scalar(select(Category.code).where(Category.code == code))

    def _text(self, text: str | Line) -> str:
        return text if isinstance(text, str) else write(text, ticket_number=self.flow.facts.ticket_number)

    def _title(self, effect: Open, description: str) -> str:
        if isinstance(effect.description, str):
            return self._short(description)
        with force_locale(house_locale()):
            kind = gettext(KIND_WORDS.get(effect.kind, KIND_WORDS[Kind.CONSULTATION]))
            return gettext("Call: %(kind)s", kind=kind)

    @staticmethod
    def _short(text: str) -> str:
        first = " ".join(text.split())
        return first if len(first) <= TITLE_CHARACTERS else first[: TITLE_CHARACTERS - 1] + "…"
