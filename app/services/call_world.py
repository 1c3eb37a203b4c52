"""What the call flow may look at, gathered for one step: only what that step can use, never a name, sums only for a right PIN (D15)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import (
    Call,
    Category,
    CategoryWord,
    Community,
    House,
)
from app.rules.call_flow import Flow, Heard, OpenTicket, Step, World
from app.rules.call_flow.model import EXPECTS
from app.rules.call_flow.world import RecordingNow
from app.rules.classify import Word, classify
from app.rules.codes import Kind, Priority, Tier
from app.rules.place import Match, find
from app.rules.whereabouts import Whereabouts, locate, names_building
from app.services import callers as caller
from app.services import outages, roster
from app.services.calendars import desk_is_open
from app.services.call_services import catalogue, dialled_number
from app.services.call_store import caller_number
from app.services.local_time import local_zone
from app.services.outbox import sms_number
from app.services.policies import figure
from app.services.recording_pause import recording_now
from app.services.tickets import find_open_matter

_HOUSE_STEPS = frozenset((Step.HOUSE, Step.WHICH_HOUSE, Step.HOUSE_CHECK))
_CATALOGUE = frozenset(
    (Step.MENU, Step.HOUSE, Step.WHICH_HOUSE, Step.HOUSE_CHECK, Step.SERVICE, Step.SERVICE_KIND, Step.SERVICE_PRICE)
)
MENU_KEYS_WITH_HOUSE = frozenset("12349")


def gather(session: Session, call: Call, flow: Flow, heard: Heard, now: datetime) -> World:
    """The world of this step."""
    key, step = heard.digits, flow.step
    texted = sms_number(call.from_number) is not None
    if call.community_id is None:
        return World(can_text=texted)
    at_menu = step == Step.MENU
    check = caller.check_pin(session, flow.facts.payers, key) if step == Step.FEES_PIN else None
    words = category_words(session) if heard.speech and step in EXPECTS else ()
    danger = bool(words) and classify(heard.speech, words).priority == Priority.EMERGENCY
    needs_houses = key == "9" or danger or (at_menu and key in MENU_KEYS_WITH_HOUSE)
    return World(
        houses=caller.houses_of(session, call, now) if needs_houses else (),
        match=_match(session, call, heard) if step == Step.WHICH_HOUSE else Match(),
        place=_place(session, call, heard, step, danger=danger),
        words=words,
        further=_further(session, flow, heard, words, now),
        own_tickets=caller.own_tickets(session, call, now) if at_menu and key == "5" else (),
        looked_up=caller.looked_up(session, call, key, now) if step == Step.PROGRESS else None,
        withheld=caller_number(call.from_number) is None,
        catalogue=catalogue(session, call, now) if flow.facts.kind == Kind.SERVICE and step in _CATALOGUE else (),
        local_now=now.astimezone(local_zone()),
        own_number=caller_number(call.from_number),
        keyed_number=dialled_number(key) if step == Step.WAKE_NUMBER else None,
        notices=outages.notices(session, call.community_id, now)
        if step in _HOUSE_STEPS or (at_menu and key in "1234")
        else (),
        payers=caller.payers(session, call, now) if step == Step.FEES_HOUSE or (at_menu and key == "6") else (),
        recording=recording_now(session, call)
        if step in (Step.FEES_HOUSE, Step.FEES_PIN) or (at_menu and key == "6")
        else RecordingNow.NONE,
        pin=check,
        owed=caller.owed(session, call, check.person, now) if check and check.person is not None else None,
        person_number=_person_number(session, call, now) if at_menu and key == "0" else None,
        ring_seconds=figure(session, "hotline.person_ring_seconds") if at_menu and key == "0" else 30,
        can_text=texted,
    )


def category_words(session: Session) -> tuple[Word, ...]:
    """The administrators' table of words (D3)."""
    rows = session.execute(
        select(CategoryWord.word, Category.code, CategoryWord.priority)
        .join(Category)
        .where(Category.active, CategoryWord.active)
    )
    return tuple(Word(word, code, priority) for word, code, priority in rows)


def _match(session: Session, call: Call, heard: Heard) -> Match:
    said = heard.speech or heard.digits
    return find(said, caller.all_houses(session, call.community_id)) if said else Match()


def _place(session: Session, call: Call, heard: Heard, step: Step, *, danger: bool) -> Whereabouts:
    """The place in words that answer no question about a house. A description is not asked for it: only plain words count."""
    asked = danger or step in (Step.WHERE, Step.EMERGENCY)
    told = step in (Step.DESCRIBE, Step.WHICH_HOUSE) and names_building(heard.speech)
    if not heard.speech or not (asked or told):
        return Whereabouts()
    return locate(heard.speech, caller.all_houses(session, call.community_id), doubts=asked)


def _further(
    session: Session, flow: Flow, heard: Heard, words: tuple[Word, ...], now: datetime
) -> tuple[OpenTicket, ...]:
    facts = flow.facts
    if facts.house is None or facts.house_by_voice or facts.ticket_id is not None:
        return ()
    if flow.step == Step.DESCRIBE and heard.speech:
        category = classify(heard.speech, words).category
    elif flow.step == Step.SAME and facts.category:
        category = facts.category
    else:
        return ()
    house = session.get(House, facts.house.id)
    found = find_open_matter(session, house, category, now) if house else None
    if found is None:
        return ()
    return (OpenTicket(found.id, found.number, found.state, found.kind, category),)


def _person_number(session: Session, call: Call, now: datetime) -> str | None:
    """The desk in its hours, else the one on duty, else whoever the roster has next (I4)."""
    assert call.community_id is not None
    community = session.get(Community, call.community_id)
    if community and community.desk_phone and desk_is_open(session, community.id, now):
        return community.desk_phone
    on_duty = roster.on_duty(session, call.community_id, Tier.ON_DUTY, now)
    if on_duty:
        return on_duty[0].number
    rungs = roster.ladder(session, call.community_id, now)
    return rungs[0].number if rungs else None
