"""Who calls: the households behind a number, what is open with them, and what they owe in total (I8), for the desk.

Only rows of the actor; the arrears are the one exception that I8 names: every assistant of the community sees the total of a
household that calls, never the postings. A house that a caller only named is not theirs yet: nobody's name and no sum is shown
before the number is known there, or the desk has confirmed it with a press.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, NotFound, Refused
from app.models import (
    Bill,
    Call,
    CallerConfirmation,
    CallTicket,
    Community,
    House,
    Person,
    PersonPhone,
    Phone,
    Tenure,
    Ticket,
)
from app.rules.call_flow.words import line
from app.rules.codes import OPEN_STATES, TicketState
from app.services import arrears, search
from app.services.access import rows
from app.services.actors import Actor
from app.services.call_store import caller_number, insert_once
from app.services.spoken_lines import keep, write
from app.services.tickets import SENTENCE, add_entry

LOOKED_BACK = timedelta(hours=12)
"""How long after it began a call's card can be opened."""

MOST_HOUSES = 6
MOST_TICKETS = 5
MOST_CONTACTS = 3
CONFIRMED = N_("Confirmed on the telephone that the caller belongs to %(house)s.")


@dataclass
class Household:
    """One house the caller may be calling from. `named`: the caller chose it in this call; `known`: the caller's number is
    one of it, or the desk has `confirmed` it. Of a house that is not known nothing personal is here."""

    house: House
    community: str
    named: bool
    known: bool = True
    confirmed: bool = False
    people: list[search.Resident] = field(default_factory=list)
    special: bool = False
    tickets: list[Ticket] = field(default_factory=list)
    arrears: Decimal = Decimal("0.00")
    bills: int = 0


@dataclass(frozen=True)
class Contact:
    """An earlier call of the same number or house."""

    at: datetime
    outcome: str | None
    number: str | None


@dataclass(frozen=True)
class Card:
    """What the desk sees of one call. `number` None: withheld, or no telephone number at all."""

    call: Call
    number: str | None
    ticket: Ticket | None
    households: list[Household]
    contacts: list[Contact]
    others: list[Ticket]

    @property
    def state(self) -> str:
        """`known` (one household), `several` (houses or a shared number), `says` (named, but the number is not known
        there), `unknown`, `withheld`."""
        if self.households:
            first = self.households[0]
            if not first.known:
                return "says"
            return "known" if len(self.households) == 1 or first.named else "several"
        return "withheld" if self.number is None else "unknown"


def card(session: Session, actor: Actor, call_id: int, now: datetime, today: date) -> Card | None:
    """The card of a call of this actor's rows; None for any other. Eight statements at most."""
    call = _call(session, actor, call_id, now)
    if call is None:
        return None
    number = caller_number(call.from_number)
    households = _households(session, actor, call, number, today)
    ids = [household.house.id for household in households]
    known = [household.house.id for household in households if household.known]
    own = _tickets(session, actor, call, ids, number)
    by_house: dict[int | None, list[Ticket]] = defaultdict(list)
    for ticket in own:
        by_house[ticket.house_id].append(ticket)
    people = search.residents(session, actor, today, house_ids=known) if known else []
    special = _special(session, actor, known, today)
    owed = _arrears(session, known)
    for household in households:
        key = household.house.id
        household.people = [person for person in people if person.house_id == key]
        household.special = key in special
        household.tickets = by_house[key][:MOST_TICKETS]
        household.arrears, household.bills = owed.get(key, (Decimal("0.00"), 0))
    opened = _ticket_of(session, actor, call)
    return Card(
        call=call,
        number=number,
        ticket=opened,
        households=households,
        contacts=_contacts(session, actor, call, known, number),
        others=[one for one in own if one.house_id not in ids and one is not opened][:MOST_TICKETS],
    )


def confirm(session: Session, actor: Actor, call_id: int, house_id: int, now: datetime) -> House:
    """The desk, on the line, takes the caller for one of the household they named. Noted on the call and on its ticket, once.

    Raises NotFound for a call or house that is not the actor's, Refused when the caller has named another house since.
    """
    call = _call(session, actor, call_id, now)
    house = session.scalars(select(House).where(House.id == house_id, rows(actor, House))).one_or_none()
    if call is None or house is None or house.community_id != call.community_id:
        raise NotFound(N_("There is nothing here, or it is not yours to see."))
    if call.house_id != house.id:
        raise Refused(N_("The caller has named another house by now: look at the card again."))
    values = {
        "call_id": call.id,
        "house_id": house.id,
        "user_id": actor.user_id,
        "confirmed_by": actor.display_name[:80],
        "confirmed_at": now,
    }
    if insert_once(session, CallerConfirmation.__table__, values, "call_id", "house_id"):
        ticket, words = _ticket_of(session, actor, call), line(CONFIRMED, house=house.name)
        if ticket is not None:
            data = {SENTENCE: keep(words)}
            add_entry(session, ticket, "note", actor, now, before=ticket.state, note=write(words), data=data)
    return house


def _call(session: Session, actor: Actor, call_id: int, now: datetime) -> Call | None:
    wanted = (Call.id == call_id, Call.started_at >= now - LOOKED_BACK, rows(actor, Call))
    return session.scalars(select(Call).where(*wanted)).one_or_none()


def _households(session: Session, actor: Actor, call: Call, number: str | None, today: date) -> list[Household]:
    """The house named in the call first, then those of everybody reached on the number (D2: several may share one)."""
    confirmed = select(CallerConfirmation.house_id).where(CallerConfirmation.call_id == call.id)
    tied = (
        select(Tenure.house_id)
        .join(PersonPhone, PersonPhone.person_id == Tenure.person_id)
        .join(Phone, Phone.id == PersonPhone.phone_id)
        .where(Phone.number == number, Tenure.starts_on <= today)
        .where(or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today))
    )
    by_number, by_desk = House.id.in_(tied) if number else false(), House.id.in_(confirmed)
    statement = (
        select(House, Community.name, by_number, by_desk)
        .join(Community, Community.id == House.community_id)
        .where(or_(House.id == call.house_id, by_number), House.community_id == call.community_id, rows(actor, House))
        .order_by(House.id != call.house_id, House.building_id, House.unit_id, House.floor, House.name)
        .limit(MOST_HOUSES)
    )
    return [
        Household(house, name, house.id == call.house_id, bool(tie or press), bool(press) and not tie)
        for house, name, tie, press in session.execute(statement)
    ]


def _special(session: Session, actor: Actor, ids: list[int], today: date) -> set[int]:
    """The houses where somebody with special needs lives. The words themselves stay in the file (D15)."""
    if not ids:
        return set()
    statement = (
        select(Tenure.house_id)
        .join(Person, Person.id == Tenure.person_id)
        .where(Tenure.house_id.in_(ids), Tenure.starts_on <= today, Person.special_needs != "", rows(actor, Person))
        .where(or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today))
    )
    return set(session.scalars(statement))


def _arrears(session: Session, ids: list[int]) -> dict[int, tuple[Decimal, int]]:
    """House → (what is still to be paid, of how many bills)."""
    if not ids:
        return {}
    found = session.execute(
        select(Bill.house_id, func.sum(arrears.rest()), func.count(Bill.id))
        .where(Bill.house_id.in_(ids), arrears.unpaid())
        .group_by(Bill.house_id)
    )
    return {house_id: (total, count) for house_id, total, count in found}


def _tickets(session: Session, actor: Actor, call: Call, ids: list[int], number: str | None) -> list[Ticket]:
    ways: list[ColumnElement[bool]] = [Ticket.house_id.in_(ids)] if ids else []
    if number is not None:
        ways.append(Ticket.reporter_phone == number)
    if not ways:
        return []
    statement = (
        select(Ticket)
        .where(or_(*ways), Ticket.state.in_((*OPEN_STATES, TicketState.DONE)), rows(actor, Ticket))
        .where(Ticket.counts_in_figures)
        .options(joinedload(Ticket.assignee))
        .order_by(Ticket.state == TicketState.DONE, Ticket.due_at.is_(None), Ticket.due_at, Ticket.id.desc())
        .limit(MOST_TICKETS * MOST_HOUSES)
    )
    return list(session.scalars(statement))


def _ticket_of(session: Session, actor: Actor, call: Call) -> Ticket | None:
    """The ticket this call has opened or joined, the latest."""
    statement = (
        select(Ticket)
        .join(CallTicket, CallTicket.ticket_id == Ticket.id)
        .where(CallTicket.call_id == call.id, rows(actor, Ticket))
        .order_by(CallTicket.id.desc())
        .limit(1)
    )
    return session.scalars(statement).first()


def _contacts(session: Session, actor: Actor, call: Call, ids: list[int], number: str | None) -> list[Contact]:
    ways: list[ColumnElement[bool]] = [Call.house_id.in_(ids)] if ids else []
    if number is not None:
        ways.append(Call.from_number == number)
    if not ways:
        return []
    statement = (
        select(Call.started_at, Call.outcome, Call.from_number)
        .where(or_(*ways), Call.id != call.id, Call.started_at < call.started_at, rows(actor, Call))
        .order_by(Call.started_at.desc())
        .limit(MOST_CONTACTS)
    )
    return [Contact(*row) for row in session.execute(statement)]
