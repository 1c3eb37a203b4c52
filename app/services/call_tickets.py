"""What a call writes on tickets: opened, amended, joined, to be rung back, and the receipt that leaves by SMS (I8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import Call, CallTicket, Category, Community, House, Ladder, Ticket
from app.rules.call_flow import Flow
from app.rules.call_flow.asking import KIND_WORDS
from app.rules.call_flow.effects import (
    Amend,
    AskAgain,
    Callback,
    Effect,
    Join,
    Open,
    Order,
    PinTried,
    Receipt,
    StartLadder,
    TellOutages,
    Wake,
)
from app.rules.call_flow.words import Line, line
from app.rules.codes import Channel, Kind, MessageChannel, TicketState
from app.services import escalation, outages, special_detection, ticket_clocks, ticket_places
from app.services.actors import Actor
from app.services.call_services import book_order, book_wake_up
from app.services.call_store import caller_number
from app.services.callers import reporter_of, staff_name_of
from app.services.names import named
from app.services.numbers import reserve_ticket_number
from app.services.outbox import enqueue
from app.services.spoken_lines import house_locale, keep, write
from app.services.tickets import SENTENCE, add_contact, add_entry, close_no_matter, open_ticket
from app.services.urges import note_urge
from app.services.voice_pins import note_try
from app.services.word_reasons import keep_reason

HOTLINE = Actor.system("hotline")
TITLE_CHARACTERS = 40
CALL_BACK = N_("To do: call the caller back.")
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
            elif isinstance(effect, Order | Wake):
                self._book(effect)
            elif isinstance(effect, TellOutages):
                outages.note_told(self.session, self.call, effect.ids, effect.wants_end, self.flow.locale, self.now)
            elif isinstance(effect, PinTried):
                self._pin_tried(effect)
            elif isinstance(effect, AskAgain):
                self._ask_again(effect)
            else:
                assert isinstance(effect, Receipt)
                self._receipt()
        return self.flow

    def ticket(self) -> Ticket | None:
        """The ticket of this call, if it has one by now."""
        ticket_id = self.flow.facts.ticket_id
        return self.session.get(Ticket, ticket_id) if ticket_id is not None else None

    def note(self, words: Line) -> None:
        """A line in the ticket's timeline that changes nothing else."""
        ticket = self.ticket()
        if ticket is not None:
            self._entry(ticket, "note", words)

    def _open(self, effect: Open) -> None:
        community = self.session.get(Community, self.call.community_id) if self.call.community_id else None
        if community is None:
            return
        facts = self.flow.facts
        house = self.session.get(House, facts.house.id) if facts.house else None
        description = self._text(effect.description)
        person = reporter_of(self.session, self.call, house.id if house else None, self.now)
        ticket = open_ticket(
            self.session,
            community=community,
            kind=effect.kind,
            channel=Channel.HOTLINE,
            category_code=self._known_category(effect.category),
            title=self._title(effect, description),
            description=description,
            house=house,
            building=None if house else ticket_places.building_numbered(self.session, community.id, facts.building),
            place=facts.place[:255] or None,
            reporter_person=person,
            reporter_name=None if person else staff_name_of(self.session, self.call),
            reporter_phone=caller_number(self.call.from_number),
            reporter_locale=self.flow.locale,
            priority=effect.priority,
            found=effect.found,
            number=self._number(),
            callback_due=effect.callback,
            counts_in_figures=not (effect.quiet or effect.by_itself),
            actor=HOTLINE,
            now=self.now,
        )
        if effect.callback:
            self._entry(ticket, "callback_due", line(CALL_BACK))
        if effect.quiet:
            close_no_matter(self.session, ticket, HOTLINE, self.now)
        self._link(ticket)
        note = outages.note_for(self.session, self.call)
        if note:
            add_entry(self.session, ticket, "note", HOTLINE, self.now, before=ticket.state, note=note)

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
        before, changes = special_detection.matter_of(ticket), dict[str, str]()
        description = None if effect.description is None else self._text(effect.description)
        if description is not None and description != ticket.description:
            changes["description_before"] = ticket.description
            ticket.description = description
            ticket.title = self._short(description) or ticket.title
        urgency = ticket.priority
        self._amend_category(ticket, effect)
        if ticket.priority != urgency:
            changes["priority_before"] = urgency
        if effect.place is not None:
            ticket.place = self._text(effect.place)[:255]
        if effect.house_id is not None:
            changes |= ticket_places.to_house(self.session, ticket, effect.house_id)
        if effect.building is not None:
            changes |= ticket_places.to_building(self.session, ticket, effect.building, elsewhere=effect.elsewhere)
        if effect.note or changes:
            self._entry(ticket, "amend", effect.note, changes)
        self.session.flush()
        if special_detection.matter_of(ticket) != before:
            special_detection.changed(self.session, ticket, self.now)

    def _amend_category(self, ticket: Ticket, effect: Amend) -> None:
        """What it is about now, and the higher urgency that goes with it; the clocks follow. Nothing becomes less urgent."""
        code, urgency = self._known_category(effect.category), effect.priority
        if code is not None and ticket.state == TicketState.REGISTERED:
            category = self.session.scalars(select(Category).where(Category.code == code)).one()
            moved, ticket.category = ticket.category != category, category
            if category.department is not None:
                ticket.department = category.department
                ticket.responsible = category.department.name[:80]
            if moved:
                ticket_clocks.raise_urgency(self.session, ticket, category.default_priority, self.now)
                ticket_clocks.replan(self.session, ticket, self.now)
        ticket_clocks.raise_urgency(self.session, ticket, urgency, self.now)
        if effect.found is not None:
            keep_reason(ticket, effect.found)

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
            found=effect.found,
        )
        self._link(ticket)

    def _ask_again(self, effect: AskAgain) -> None:
        for ticket in self.session.scalars(select(Ticket).where(Ticket.id.in_(effect.ticket_ids)).order_by(Ticket.id)):
            if note_urge(self.session, ticket, self.now):
                data = {"channel": Channel.HOTLINE, "urged_count": ticket.urged_count}
                add_entry(self.session, ticket, "urge", HOTLINE, self.now, before=ticket.state, data=data)
        self.session.flush()

    def _start_ladder(self) -> None:
        ticket = self.ticket()
        if ticket is not None:
            escalation.start(self.session, ticket, self.call, self.now)

    def _callback(self, effect: Callback) -> None:
        ticket = self.ticket()
        if ticket is None:
            return
        ticket.callback_due = True
        self._entry(ticket, "callback_due", effect.note)
        self.session.execute(update(Ladder).where(Ladder.ticket_id == ticket.id).values(caller_wants_callback=True))
        self.session.flush()

    def _book(self, effect: Order | Wake) -> None:
        """An order on the ticket just opened; a wake-up call on that order."""
        ticket = self.ticket()
        if ticket is None:
            return
        if isinstance(effect, Order):
            book_order(self.session, ticket, effect, HOTLINE, self.now)
        else:
            book_wake_up(self.session, ticket, effect, self.flow.locale, HOTLINE, self.now)

    def _pin_tried(self, effect: PinTried) -> None:
        note_try(self.session, effect.persons, effect.right, self.now)
        self.call.person_id = effect.right or self.call.person_id

    def _receipt(self) -> None:
        ticket = self.ticket()
        number = caller_number(self.call.from_number)
        if ticket is None or number is None:
            return
        community = self.session.get(Community, ticket.community_id)
        assert community is not None
        with force_locale(self.flow.locale):
            body = gettext(
                RECEIPT,
                community=named(community),
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

    def _entry(self, ticket: Ticket, verb: str, words: Line | None, changes: Mapping[str, str] | None = None) -> None:
        """A line of the hotline's own, kept so that every reader's page can say it."""
        data: dict[str, Any] = dict(changes or {})
        if words is not None:
            data[SENTENCE] = keep(words, self.flow.facts.ticket_number)
        note = self._text(words) if words is not None else ""
        add_entry(self.session, ticket, verb, HOTLINE, self.now, before=ticket.state, note=note, data=data)

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
