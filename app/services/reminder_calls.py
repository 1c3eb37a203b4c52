"""A fee reminder on its way (D10, D15): whether it is still wanted or rests, what its call may tell, and what its keys do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import Bill, CampaignTarget, FeeReminder, House, Person, Ticket
from app.rules import reminder_flow
from app.rules.call_flow.words import Line
from app.rules.call_flow.world import PinCheck
from app.rules.codes import Channel, Kind, TargetState
from app.rules.outbound_flow import Facts, Flow
from app.rules.reminders import paused
from app.rules.voice_pin import is_pin
from app.services import debts, voice_pins
from app.services.actors import Actor
from app.services.debts import Debt
from app.services.local_time import local_zone
from app.services.reminder_cases import FEE_CATEGORY, cases_of
from app.services.spoken_lines import keep, write
from app.services.tickets import SENTENCE, add_contact, add_entry, find_open_matter, open_ticket

REMINDER = Actor.system("reminders")
ASKED = N_("A household that was reminded of fees asks the finance department to call back.")
TO_DO = N_("To do: call the caller back.")


def riding(session: Session, target: CampaignTarget) -> list[FeeReminder]:
    """The reminders that this call or text is for: its own, and those of other houses that the same number is told of with it."""
    same = and_(
        CampaignTarget.campaign_id == target.campaign_id,
        CampaignTarget.number == target.number,
        CampaignTarget.state == TargetState.SHARED,
    )
    found = select(FeeReminder).join(CampaignTarget, CampaignTarget.id == FeeReminder.target_id)
    found = found.where(or_(CampaignTarget.id == target.id, same))
    return list(session.scalars(found.order_by(FeeReminder.id)))


def still_wanted(session: Session, target: CampaignTarget, now: datetime) -> bool:
    """Whether any of the debts is still open."""
    return bool(_debts(session, target, _today(now)))


def rests(session: Session, target: CampaignTarget, now: datetime) -> bool:
    """Whether every one of the debts is paused: a complaint, a hardship, an agreement, or the owner is gone (D10)."""
    today = _today(now)
    cases = cases_of(session, _debts(session, target, today), today)
    return bool(cases) and all(paused(case) for case in cases.values())


def facts(session: Session, target: CampaignTarget, known: Facts, flow: Flow, digits: str, now: datetime) -> Facts:
    """What this turn may tell: nothing about anybody until a PIN was right."""
    persons = _persons(session, target)
    if reminder_flow.awaits_pin(flow.step):
        return _checked(session, target, known, persons, digits, now)
    return replace(known, pin=voice_pins.state_of(session, persons))


def note_try(session: Session, target: CampaignTarget, check: PinCheck, now: datetime) -> None:
    """Count a try of the PIN: over all calls together, whichever way they go (D15)."""
    voice_pins.note_try(session, _persons(session, target), check.person, now)


def call_back(session: Session, target: CampaignTarget, now: datetime) -> Ticket:
    """Key 2: a matter for finance with a call to be made; a further contact where one is open already (I8)."""
    reminders = riding(session, target)
    houses = {reminder.house_id for reminder in reminders}
    house = session.get(House, houses.pop()) if len(houses) == 1 else None
    said = Line(ASKED)
    known = find_open_matter(session, house, FEE_CATEGORY, now) if house is not None else None
    if known is not None:
        known.callback_due = True
        add_contact(session, known, REMINDER, now, note=write(said), reporter_phone=target.number)
        return known
    payers = {reminder.payer_id for reminder in reminders}
    ticket = open_ticket(
        session,
        community=target.campaign.community,
        kind=Kind.CONSULTATION,
        channel=Channel.HOTLINE,
        category_code=FEE_CATEGORY,
        title=write(said),
        description=write(said),
        house=house,
        reporter_person=session.get(Person, payers.pop()) if len(payers) == 1 else None,
        reporter_phone=target.number,
        reporter_locale=target.locale,
        callback_due=True,
        actor=REMINDER,
        now=now,
    )
    to_do = Line(TO_DO)
    data = {SENTENCE: keep(to_do)}
    add_entry(session, ticket, "callback_due", REMINDER, now, before=ticket.state, note=write(to_do), data=data)
    target.ticket_id = ticket.id
    session.flush()
    return ticket


def _checked(
    session: Session, target: CampaignTarget, known: Facts, persons: Sequence[int], digits: str, now: datetime
) -> Facts:
    if not persons or not is_pin(digits):
        return known
    check = PinCheck(*voice_pins.matching(session, persons, digits))
    if check.person is None:
        return replace(known, check=check)
    owed = debts.owed_by(session, target.community_id, check.person, _today(now))
    return replace(known, check=check, owed=owed)


def _persons(session: Session, target: CampaignTarget) -> list[int]:
    """Whose sums this call is about."""
    return sorted({reminder.payer_id for reminder in riding(session, target)})


def _debts(session: Session, target: CampaignTarget, today: date) -> list[Debt]:
    pairs = [(one.house_id, one.payer_id) for one in riding(session, target)]
    if not pairs:
        return []
    these = or_(*(and_(Bill.house_id == house, Bill.payer_id == payer) for house, payer in pairs))
    return debts.in_arrears(session, these, today=today)


def _today(now: datetime) -> date:
    return now.astimezone(local_zone()).date()
