"""Reminders by letter (D10): kept as they were written, handed over by somebody with the proof of it, void when not needed any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Invalid, NotFound, Refused
from app.models import Bill, Community, FeeReminder, House, Person, ReminderStep
from app.rules.codes import HandingWay, LetterState
from app.services import debts
from app.services.access import rows
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.ticket_input import choice, clean_text

NOTE_LIMIT = 200
MOST_TOGETHER = 60
"""How many letters are made into one file: some seconds of rendering."""


def written(
    person: Person,
    house: House,
    community: Community,
    hours: list[list[str]],
    step: ReminderStep,
    bills: Sequence[Bill],
    today: date,
) -> dict[str, Any]:
    """What stands in a letter, as data in both languages: the paper can be made again whatever changes afterwards.

    `hours` are the desk's, as `calendars.desk_runs` gives them.
    """
    return {
        "issued_on": today.isoformat(),
        "payer": person.name,
        "locale": "en" if person.locale.startswith("en") else "zh",
        "house": house.name,
        "community": {
            "name": community.name,
            "name_en": community.name_en or community.name,
            "address": community.address,
            "desk_phone": community.desk_phone,
            "hours": hours,
        },
        "text": {"zh": step.text, "en": step.text_en},
        "bills": [
            {
                "period": bill.period,
                "zh": bill.fee_item.name,
                "en": bill.fee_item.name_en or bill.fee_item.name,
                "amount": f"{bill.amount:.2f}",
                "rest": f"{bill.amount - bill.paid_yuan:.2f}",
                "due_on": bill.due_on.isoformat(),
            }
            for bill in bills
        ],
    }


def waiting(session: Session, visible: ColumnElement[bool], community_id: int) -> list[FeeReminder]:
    """The letters to be handed over, of the houses that `visible` leaves, in the estate's order."""
    found = (
        select(FeeReminder)
        .join(House, House.id == FeeReminder.house_id)
        .where(FeeReminder.community_id == community_id, FeeReminder.letter_state == LetterState.WAITING, visible)
        .options(joinedload(FeeReminder.house), joinedload(FeeReminder.payer))
        .order_by(House.building_id, House.name, FeeReminder.id)
    )
    return list(session.scalars(found))


def waiting_by_community(session: Session, actor: Actor) -> list[tuple[Community, int]]:
    """How many letters wait to be handed over in each community of the actor's rows. One statement."""
    found = (
        select(Community, func.count())
        .join(FeeReminder, FeeReminder.community_id == Community.id)
        .where(rows(actor, FeeReminder), FeeReminder.letter_state == LetterState.WAITING)
        .group_by(Community.id)
        .order_by(Community.id)
    )
    return list(session.execute(found).tuples())


def hand_over(session: Session, reminder_id: int, sent: Mapping[str, Any], actor: Actor, now: datetime) -> FeeReminder:
    """Note that a letter was handed over: how, on which day, and who signed or under which number it was posted.

    Raises NotFound, Refused when it was noted before or is void, Invalid for what is missing.
    """
    letter = session.scalars(
        select(FeeReminder)
        .where(FeeReminder.id == reminder_id, FeeReminder.letter_state.is_not(None))
        .with_for_update()
    ).first()
    if letter is None:
        raise NotFound(N_("There is no such letter."))
    if letter.letter_state == LetterState.HANDED_OVER:
        raise Refused(N_("This letter has been handed over already."))
    if letter.letter_state == LetterState.VOID:
        raise Refused(N_("This letter is not needed any more: do not hand it over."))
    way = choice(sent.get("way"), HandingWay)
    note = clean_text(sent.get("note"), NOTE_LIMIT, lines=False)
    if way is None:
        raise Invalid(N_("Choose how the letter was handed over."))
    if way == HandingWay.IN_PERSON and not note:
        raise Invalid(N_("Write who signed for the letter."))
    if way == HandingWay.REGISTERED and not note:
        raise Invalid(N_("Write the number under which the letter was posted."))
    letter.handed_on = _day(sent.get("on"), letter, now)
    letter.letter_state, letter.handed_way, letter.handed_note = LetterState.HANDED_OVER, way, note
    letter.noted_at, letter.noted_by_id, letter.noted_by = now, actor.user_id, actor.display_name
    session.flush()
    return letter


def void_useless(session: Session, community_id: int, period: str, today: date) -> int:
    """Letters that wait but are not needed any more: paid meanwhile, or of a month that is over. Returns how many."""
    found = session.scalars(
        select(FeeReminder)
        .where(FeeReminder.community_id == community_id, FeeReminder.letter_state == LetterState.WAITING)
        .with_for_update()
    ).all()
    owing = debts.bills_by_debt(session, {letter.house_id for letter in found}, today)
    useless = [one for one in found if one.period < period or (one.house_id, one.payer_id) not in owing]
    for letter in useless:
        letter.letter_state = LetterState.VOID
    session.flush()
    return len(useless)


def _day(text: object, letter: FeeReminder, now: datetime) -> date:
    """The day in a form, not before the letter was written and not in the future."""
    today, from_ = now.astimezone(local_zone()).date(), letter.planned_at.astimezone(local_zone()).date()
    try:
        day = date.fromisoformat(str(text or "").strip()[:10])
    except ValueError:
        raise Invalid(N_("This is not a date: write it like 2026-03-31.")) from None
    if not from_ <= day <= today:
        raise Invalid(N_("The day lies between the day of the letter, %(day)s, and today."), day=from_.isoformat())
    return day
