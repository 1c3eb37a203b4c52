"""Notices to chosen buildings by call, text and web (D13), and alerts to residents (D7): written, counted, sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, insert, or_, select, update
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import (
    Building,
    CallWish,
    Campaign,
    CampaignPlace,
    CampaignTarget,
    House,
    Person,
    PersonPhone,
    Phone,
    Tenure,
    Unit,
)
from app.rules import notices as rules
from app.rules import outbound
from app.rules.codes import OCCUPIED_STATES, CampaignState, Outreach, TargetState, TargetWay
from app.rules.outbox import DESPITE_STOP
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.outbox import sms_number
from app.services.ticket_input import clean_text

TITLE_LIMIT, TEXT_LIMIT = 60, 500
"""A text of 500 characters is what a carrier sends in one go, and half a minute on the telephone twice."""


@dataclass(frozen=True)
class Draft:
    """What was written and chosen: checked, not stored."""

    title: str
    title_en: str
    text_zh: str
    text_en: str
    places: tuple[tuple[int, int | None], ...]
    ways: frozenset[str]


def read(
    session: Session, community_id: int, sent: Mapping[str, Any], chosen: Iterable[str], ways: Iterable[str]
) -> Draft:
    """Check a form. `chosen`: "b3" for a building, "u7" for a unit; `ways`: voice, sms, web. Raises Invalid."""
    texts = {name: clean_text(sent.get(name), TEXT_LIMIT) for name in ("text_zh", "text_en")}
    titles = {name: clean_text(sent.get(name), TITLE_LIMIT) for name in ("title", "title_en")}
    if not titles["title"]:
        raise Invalid(N_("Give the notice a heading."))
    if not texts["text_zh"]:
        raise Invalid(N_("Write the notice in Chinese; English is for those who speak it."))
    places = places_of(session, community_id, chosen)
    if not places:
        raise Invalid(N_("Choose at least one building or unit."))
    known = frozenset(ways) & {"voice", "sms", "web"}
    if not known:
        raise Invalid(N_("Choose at least one way: call, text or web."))
    return Draft(titles["title"], titles["title_en"], texts["text_zh"], texts["text_en"], places, known)


def save(
    session: Session, community_id: int, draft: Draft, actor: Actor, now: datetime, known: Campaign | None = None
) -> Campaign:
    """Keep a draft, new or known. Nothing is sent. Raises Refused when it was sent meanwhile."""
    campaign = known or Campaign(
        key=f"notice:{uuid4().hex}", community_id=community_id, purpose=Outreach.NOTICE, created_at=now
    )
    if campaign.state not in (None, CampaignState.DRAFT):
        raise Refused(N_("This notice has been sent already: write a new one."))
    campaign.creator_id, campaign.creator_name = actor.user_id, actor.display_name
    campaign.title, campaign.title_en = draft.title, draft.title_en
    campaign.text_zh, campaign.text_en = draft.text_zh, draft.text_en
    campaign.by_voice, campaign.by_sms, campaign.by_web = (way in draft.ways for way in ("voice", "sms", "web"))
    campaign.places.clear()
    session.add(campaign)
    session.flush()
    campaign.places = [CampaignPlace(building_id=building, unit_id=unit) for building, unit in draft.places]
    session.flush()
    return campaign


def send(session: Session, campaign: Campaign, now: datetime) -> int:
    """Send a draft: its calls and texts are planned in this transaction, once. Returns how many are planned."""
    started = update(Campaign).where(Campaign.id == campaign.id, Campaign.state == CampaignState.DRAFT)
    result: Any = session.execute(started.values(state=CampaignState.RUNNING, started_at=now))
    if result.rowcount != 1:
        raise Refused(N_("This notice has been sent already: write a new one."))
    session.refresh(campaign)
    planned = _lines(campaign, audience(session, campaign, now))
    rows = [_row(campaign, order, line, now) for order, line in enumerate(planned)]
    if rows:
        session.execute(insert(CampaignTarget), rows)
    session.flush()
    return sum(line.state == TargetState.PLANNED for line in planned)


def reach(session: Session, campaign: Campaign, now: datetime) -> rules.Reach:
    """Whom sending it now would reach, and whom not and why."""
    households = audience(session, campaign, now)
    return rules.reach(households, _lines(campaign, households), by_web=campaign.by_web)


def audience(session: Session, campaign: Campaign, now: datetime) -> list[rules.Household]:
    """The households of the chosen places: houses that are lived in, or that somebody is tied to today. Four statements."""
    today = now.astimezone(local_zone()).date()
    houses = session.execute(
        select(House.id, House.name, House.state)
        .join(Building, Building.id == House.building_id)
        .where(_within(campaign.places))
        .order_by(Building.position, House.unit_id, House.floor, House.number)
    ).all()
    members, logs_in = members_of(session, [house.id for house in houses], campaign.purpose, today)
    return [
        rules.Household(house.id, house.name, tuple(members.get(house.id, ())), house.id in logs_in)
        for house in houses
        if house.id in members or house.state in OCCUPIED_STATES
    ]


def for_houses(session: Session, house_ids: Iterable[int], most: int = 30) -> list[Campaign]:
    """The notices on the web for the households of these houses, newest first."""
    mine = select(House.building_id, House.unit_id).where(House.id.in_(list(house_ids))).subquery()
    meant = (
        select(CampaignPlace.campaign_id)
        .join(mine, mine.c.building_id == CampaignPlace.building_id)
        .where(or_(CampaignPlace.unit_id.is_(None), CampaignPlace.unit_id == mine.c.unit_id))
    )
    shown = select(Campaign).where(
        Campaign.id.in_(meant),
        Campaign.by_web,
        Campaign.purpose.in_((Outreach.NOTICE, Outreach.ALERT)),
        Campaign.started_at.is_not(None),
    )
    return list(session.scalars(shown.order_by(Campaign.started_at.desc(), Campaign.id.desc()).limit(most)))


def _lines(campaign: Campaign, households: Sequence[rules.Household]) -> list[rules.Line]:
    ways = [way for way, on in ((TargetWay.VOICE, campaign.by_voice), (TargetWay.SMS, campaign.by_sms)) if on]
    return rules.lines(households, ways, everybody=campaign.purpose == Outreach.ALERT)


def _row(campaign: Campaign, order: int, line: rules.Line, now: datetime) -> dict[str, Any]:
    return {
        "key": f"notice:{campaign.id}:{order}",
        "campaign_id": campaign.id,
        "community_id": campaign.community_id,
        "purpose": campaign.purpose,
        "rank": outbound.PURPOSES[campaign.purpose].rank,
        "way": str(line.way),
        "number": line.number,
        "locale": "en" if line.locale.startswith("en") and campaign.text_en else "zh",
        "person_id": line.person_id,
        "house_id": line.house_id,
        "ticket_id": campaign.ticket_id,
        "state": str(line.state),
        "reason": line.reason,
        "not_before": now,
        "refusals": 0,
        "flow": {},
    }


def _within(places: Iterable[CampaignPlace]) -> ColumnElement[bool]:
    buildings = [place.building_id for place in places if place.unit_id is None]
    units = [place.unit_id for place in places if place.unit_id is not None]
    return or_(House.building_id.in_(buildings), House.unit_id.in_(units))


def places_of(session: Session, community_id: int, chosen: Iterable[str]) -> tuple[tuple[int, int | None], ...]:
    """What was ticked, as far as it lies in this community; a whole building swallows its units."""
    marks = [mark for mark in chosen if mark[1:].isascii() and mark[1:].isdecimal() and len(mark) <= 10]
    buildings = {int(mark[1:]) for mark in marks if mark[0] == "b"}
    units = {int(mark[1:]) for mark in marks if mark[0] == "u"}
    if not buildings and not units:
        return ()
    own = select(Building.id).where(Building.community_id == community_id)
    whole = list(session.scalars(own.where(Building.id.in_(buildings)).order_by(Building.position, Building.id)))
    some = session.execute(
        select(Unit.building_id, Unit.id)
        .where(Unit.id.in_(units), Unit.building_id.in_(own), Unit.building_id.not_in(whole))
        .order_by(Unit.building_id, Unit.number)
    )
    return (*((pk, None) for pk in whole), *((row[0], row[1]) for row in some))


def members_of(
    session: Session, house_ids: list[int], purpose: str, today: date
) -> tuple[dict[int, list[rules.Member]], set[int]]:
    """House → who is tied to it today with their numbers; and the houses somebody of which logs in."""
    tied = and_(Tenure.starts_on <= today, or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today))
    people = session.execute(
        select(Tenure.house_id, Tenure.role, Person.id, Person.locale, Person.user_id)
        .join(Person, Person.id == Tenure.person_id)
        .where(Tenure.house_id.in_(house_ids), tied)
        .order_by(Tenure.house_id, Tenure.id)
    ).all()
    numbers, stopped = numbers_of(session, {row.id for row in people}, purpose)
    found: dict[int, list[rules.Member]] = defaultdict(list)
    for row in people:
        member = rules.Member(row.id, row.role, row.locale, tuple(numbers.get(row.id, ())), row.id in stopped)
        found[row.house_id].append(member)
    return dict(found), {row.house_id for row in people if row.user_id is not None}


def numbers_of(session: Session, person_ids: set[int], purpose: str) -> tuple[dict[int, list[rules.Number]], set[int]]:
    """Person → the numbers they may be reached on for a purpose, the main one first; and who answered STOP on one of them. One
    statement."""
    may_refuse = outbound.PURPOSES[purpose].may_refuse
    wished = and_(CallWish.number == Phone.number, CallWish.purpose == purpose)
    links = session.execute(
        select(PersonPhone.person_id, Phone.number, Phone.is_mobile, Phone.sms_stopped_at, CallWish.id)
        .join(Phone, Phone.id == PersonPhone.phone_id)
        .outerjoin(CallWish, wished)
        .where(PersonPhone.person_id.in_(person_ids))
        .order_by(PersonPhone.person_id, PersonPhone.is_primary.desc(), PersonPhone.id)
    )
    found: dict[int, list[rules.Number]] = defaultdict(list)
    stopped = set()
    for person_id, number, is_mobile, stopped_at, wish in links:
        texts = is_mobile and (stopped_at is None or purpose in DESPITE_STOP) and sms_number(number) is not None
        found[person_id].append(rules.Number(number, texts, may_refuse and wish is not None))
        if stopped_at is not None:
            stopped.add(person_id)
    return dict(found), stopped
