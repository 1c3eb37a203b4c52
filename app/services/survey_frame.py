"""Whom an opinion survey asks (D8): the occupied households of its buildings, all or a sample drawn by a seed, one person each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Building, House, Survey
from app.rules import notices as reach_rules
from app.rules.codes import OCCUPIED_STATES, HouseholdState, Outreach, TargetState, TargetWay
from app.rules.sampling import sample
from app.services.draws import SEED_LENGTH
from app.services.keyed import digest
from app.services.local_time import local_zone
from app.services.notices import members_of


@dataclass(frozen=True)
class Reach:
    """Whom opening would ask: households of the buildings, those drawn of them, those of these that get a link."""

    households: int
    asked: int
    by_link: int


def reach(session: Session, survey: Survey, now: datetime) -> Reach:
    """Whom opening the draft now would ask."""
    houses = _frame(session, survey)
    drawn = drawn_households(session, survey, now, houses)
    return Reach(len(houses), len(drawn), sum(one["by_link"] for one in drawn))


def seed_of(survey: Survey) -> str:
    """The seed of a survey's sample: the installation's own, so that a draft shows whom it will ask."""
    return digest("survey", f"{survey.id}:{survey.period_starts_on}")[:SEED_LENGTH]


def _frame(session: Session, survey: Survey) -> list[Any]:
    """The occupied houses of its buildings, building after building: a sample of them has its share of each."""
    ids = [place.building_id for place in survey.places]
    wanted = (
        select(House.id, House.building_id)
        .join(Building, Building.id == House.building_id)
        .where(House.building_id.in_(ids), House.state.in_(OCCUPIED_STATES))
        .order_by(Building.position, Building.id, House.unit_id, House.floor, House.number, House.id)
    )
    return list(session.execute(wanted))


def drawn_households(
    session: Session, survey: Survey, now: datetime, houses: list[Any] | None = None
) -> list[dict[str, Any]]:
    """The rows of the households that are asked: whom of them, at which number. The same draw however often it is made."""
    chosen = sample(
        _frame(session, survey) if houses is None else houses, survey.percent, survey.seed or seed_of(survey)
    )
    today = now.astimezone(local_zone()).date()
    members, _logs_in = members_of(session, [one.id for one in chosen], Outreach.SURVEY, today)
    return [_row(survey, one.id, one.building_id, tuple(members.get(one.id, ()))) for one in chosen]


def _row(survey: Survey, house_id: int, building_id: int, members: tuple[reach_rules.Member, ...]) -> dict[str, Any]:
    household = reach_rules.Household(house_id, "", members)
    text, voice = (
        reach_rules.lines([household], [way], everybody=False)[0] for way in (TargetWay.SMS, TargetWay.VOICE)
    )
    by_link = text.state == TargetState.PLANNED
    line = text if by_link else voice
    return {
        "survey_id": survey.id,
        "house_id": house_id,
        "building_id": building_id,
        "person_id": line.person_id,
        "number": line.number,
        "locale": line.locale,
        "by_link": by_link,
        "state": HouseholdState.ASKED.value,
        "texts": 0,
        "taken_by": "",
    }
