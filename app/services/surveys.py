"""Opinion surveys (D8): drafted from a questionnaire, opened for the households of some buildings, pressed, closed and frozen."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from app.errors import N_, Invalid, LinliError, NotFound, Refused
from app.models import (
    Building,
    Community,
    Questionnaire,
    Survey,
    SurveyHousehold,
    SurveyPlace,
    SurveyQuestion,
)
from app.models.base import BIGGEST_ID
from app.rules import surveys as rules
from app.rules.codes import HouseholdState, SurveyState
from app.rules.typed_time import read_day
from app.services import questionnaires, survey_texts
from app.services.access import rows
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.policies import figure
from app.services.survey_figures import figures_of
from app.services.survey_frame import drawn_households, seed_of
from app.services.ticket_input import row_id, whole_number

log = logging.getLogger(__name__)

LONGEST_DAYS = 92
PAGE = 60
Raw = Mapping[str, Any]


def save_draft(
    session: Session,
    actor: Actor,
    now: datetime,
    sent: Raw,
    building_ids: Iterable[int],
    known: Survey | None = None,
) -> Survey:
    """Keep a draft: nobody is asked yet. Raises Forbidden, Invalid, NotFound, Refused."""
    found = known or Survey(created_at=now, creator_id=actor.user_id, creator_name=actor.display_name[:80])
    if known is not None:
        # Whoever opens it meanwhile is waited for: what was asked of households changes no more.
        session.refresh(known, with_for_update={"of": Survey})
    if found.state not in (None, SurveyState.DRAFT):
        raise Refused(N_("This survey was opened already."))
    questionnaire = questionnaires.find(session, actor, row_id(sent.get("questionnaire_id")) or 0)
    if questionnaire is None or not questionnaire.active:
        raise Invalid(N_("Choose the questionnaire."))
    buildings = _buildings(session, actor, questionnaire, building_ids)
    own = actor.building_ids
    rules.may_conduct(questionnaire.cycle, actor.roles, frozenset(one.id for one in buildings), own)
    found.community_id, found.questionnaire = buildings[0].community_id, questionnaire
    found.cycle, found.title, found.title_en = questionnaire.cycle, questionnaire.title, questionnaire.title_en
    found.intro, found.intro_en = questionnaire.intro, questionnaire.intro_en
    found.percent = whole_number(sent.get("percent"), 1, 100) or figure(session, "surveys.sample_percent")
    found.period_starts_on = rules.period_of(found.cycle, _day(sent.get("period"), now) or _today(now))
    found.closes_on = _closes_on(session, sent, now)
    session.add(found)
    session.flush()
    found.places.clear()
    session.flush()
    found.places = [SurveyPlace(building_id=one.id) for one in buildings]
    session.flush()
    return found


def open_survey(session: Session, survey: Survey, actor: Actor, now: datetime) -> int:
    """Ask the households: those with a mobile number get a link, the others are left to the telephone and the door.

    Returns how many are asked. Raises Forbidden, and Refused for a survey without questions, one that would ask nobody, one
    of buildings that were asked in this period already, and one that was opened meanwhile.
    """
    may_conduct(survey, actor)
    taken = update(Survey).where(Survey.id == survey.id, Survey.state == SurveyState.DRAFT)
    result: Any = session.execute(taken.values(state=SurveyState.OPEN, opened_at=now))
    session.refresh(survey)
    if result.rowcount != 1:
        raise Refused(N_("This survey was opened already."))
    _copy_questions(session, survey)
    _refuse_asking_twice(session, survey)
    if survey.closes_on <= _today(now):
        raise Refused(N_("The last day of this survey has passed: choose a later one."))
    survey.seed = seed_of(survey)
    drawn = drawn_households(session, survey, now)
    if not drawn:
        raise Refused(N_("This would ask nobody: there is no household in these buildings, or the share is too small."))
    session.execute(insert(SurveyHousehold), drawn)
    survey.asked, survey.opened_by = len(drawn), actor.display_name[:80]
    survey.previous_id = _previous(session, survey)
    session.flush()
    survey_texts.plan_first(session, survey, now)
    return len(drawn)


def close_survey(session: Session, survey: Survey, actor: Actor, now: datetime) -> None:
    """End it for good: the figures are worked out and frozen with their hash, links open no more. Raises Forbidden, Refused."""
    if not actor.is_system:
        may_conduct(survey, actor)
    held = select(Survey).where(Survey.id == survey.id).with_for_update(of=Survey)
    survey = session.scalars(held.execution_options(populate_existing=True)).one()
    if survey.state != SurveyState.OPEN:
        raise Refused(N_("Only an open survey can be closed."))
    survey_texts.cancel_planned(session, survey, now)
    figures = figures_of(session, survey)
    survey.figures = figures
    survey.figures_sha256 = hashlib.sha256(json.dumps(figures, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    survey.closed_at, survey.closed_by, survey.state = now, actor.display_name[:80], SurveyState.CLOSED
    session.flush()


def close_due(session: Session, survey_id: int, now: datetime) -> bool:
    """Close a survey whose last day is over, unless somebody did meanwhile."""
    try:
        with session.begin_nested():
            close_survey(session, session.get_one(Survey, survey_id), Actor.system("surveys"), now)
    except LinliError as error:
        log.warning("survey %s was not closed: %s", survey_id, error)
        return False
    return True


def discard(session: Session, survey: Survey, actor: Actor) -> None:
    """Throw a draft away. Raises Forbidden, Refused."""
    may_conduct(survey, actor)
    if survey.state != SurveyState.DRAFT:
        raise Refused(N_("This survey was opened already."))
    session.delete(survey)
    session.flush()


def may_conduct(survey: Survey, actor: Actor) -> None:
    """Raises Forbidden when this survey is not the actor's to open, press and close."""
    buildings = frozenset(place.building_id for place in survey.places)
    rules.may_conduct(survey.cycle, actor.roles, buildings, actor.building_ids)


def find(session: Session, actor: Actor, survey_id: int) -> Survey | None:
    """The survey of this id with its questions and places, if it is the actor's to see."""
    if not 0 < survey_id <= BIGGEST_ID:
        return None
    wanted = (
        select(Survey)
        .where(Survey.id == survey_id, rows(actor, Survey))
        .options(
            joinedload(Survey.community),
            joinedload(Survey.questionnaire),
            selectinload(Survey.questions),
            selectinload(Survey.places).joinedload(SurveyPlace.building),
        )
    )
    return session.scalars(wanted).first()


def listed(session: Session, actor: Actor, *, skip: int = 0) -> list[Survey]:
    """A page of surveys with one more row where there is a next, the open ones first, then the newest."""
    order = (Survey.state != SurveyState.OPEN, Survey.period_starts_on.desc(), Survey.id.desc())
    wanted = (
        select(Survey)
        .where(rows(actor, Survey))
        .options(joinedload(Survey.community), selectinload(Survey.places).joinedload(SurveyPlace.building))
        .order_by(*order)
        .offset(skip)
        .limit(PAGE + 1)
    )
    return list(session.scalars(wanted))


def due_ids(session: Session, now: datetime) -> list[int]:
    """The open surveys whose last day is over."""
    over = (Survey.state == SurveyState.OPEN, Survey.closes_on < _today(now))
    return list(session.scalars(select(Survey.id).where(*over).order_by(Survey.id)))


def open_ids(session: Session) -> list[int]:
    """The surveys that ask."""
    return list(session.scalars(select(Survey.id).where(Survey.state == SurveyState.OPEN).order_by(Survey.id)))


def waiting(session: Session, actor: Actor) -> list[tuple[Survey, int]]:
    """The open surveys with how many of the actor's households have not answered: one statement."""
    still = (SurveyHousehold.survey_id == Survey.id, SurveyHousehold.state == HouseholdState.ASKED)
    count = select(func.count()).where(*still, rows(actor, SurveyHousehold)).scalar_subquery()
    wanted = select(Survey, count).where(Survey.state == SurveyState.OPEN, rows(actor, Survey))
    return [(row[0], row[1]) for row in session.execute(wanted.order_by(Survey.closes_on, Survey.id))]


# ---- what opening checks ----------------------------------------------------------------------------------------------
def _copy_questions(session: Session, survey: Survey) -> None:
    questionnaire = session.get_one(Questionnaire, survey.questionnaire_id)
    if not questionnaire.items:
        raise Refused(N_("This questionnaire has no questions: a survey without questions asks nothing."))
    survey.questions = [
        SurveyQuestion(
            key=one.key,
            position=number,
            kind=one.kind,
            text=one.text,
            text_en=one.text_en,
            options=one.options,
            required=one.required,
        )
        for number, one in enumerate(questionnaire.items, 1)
    ]
    session.flush()


def _refuse_asking_twice(session: Session, survey: Survey) -> None:
    # Two people who open the same at once wait for each other here.
    session.get_one(Community, survey.community_id, with_for_update=True)
    mine = [place.building_id for place in survey.places]
    twice = (
        select(Building.name)
        .join(SurveyPlace, SurveyPlace.building_id == Building.id)
        .join(Survey, Survey.id == SurveyPlace.survey_id)
        .where(
            Survey.id != survey.id,
            Survey.state != SurveyState.DRAFT,
            Survey.cycle == survey.cycle,
            Survey.period_starts_on == survey.period_starts_on,
            Building.id.in_(mine),
        )
        .order_by(Building.position)
    )
    names = list(session.scalars(twice))
    if names:
        raise Refused(
            N_("These buildings have been asked in this period already: %(buildings)s."), buildings="、".join(names)
        )


def _previous(session: Session, survey: Survey) -> int | None:
    """The last closed survey of the same questions in the same buildings: only the same can be compared."""
    earlier = (
        select(Survey)
        .where(
            Survey.questionnaire_id == survey.questionnaire_id,
            Survey.state == SurveyState.CLOSED,
            Survey.period_starts_on < survey.period_starts_on,
        )
        .options(selectinload(Survey.places))
        .order_by(Survey.period_starts_on.desc(), Survey.id.desc())
    )
    mine = {place.building_id for place in survey.places}
    for one in session.scalars(earlier):
        if {place.building_id for place in one.places} == mine:
            return one.id
    return None


def _buildings(
    session: Session, actor: Actor, questionnaire: Questionnaire, building_ids: Iterable[int]
) -> list[Building]:
    ids = set(building_ids)
    wanted = (
        select(Building).where(Building.id.in_(ids), rows(actor, Building)).order_by(Building.position, Building.id)
    )
    found = list(session.scalars(wanted))
    if len(found) != len(ids):
        raise NotFound(N_("There is nothing here, or it is not yours to see."))
    if not found:
        raise Invalid(N_("Choose at least one building."))
    communities = {one.community_id for one in found}
    if len(communities) > 1 or (questionnaire.community_id is not None and communities != {questionnaire.community_id}):
        raise Invalid(N_("These buildings are not all in the questionnaire's community."))
    return found


def _closes_on(session: Session, sent: Raw, now: datetime) -> date:
    today = _today(now)
    day = _day(sent.get("closes_on"), now) or today + timedelta(days=figure(session, "surveys.open_days"))
    if not today < day <= today + timedelta(days=LONGEST_DAYS):
        raise Invalid(N_("The last day lies between tomorrow and %(days)s days from now."), days=LONGEST_DAYS)
    return day


def _day(text: Any, now: datetime) -> date | None:
    if text is None or text == "":
        return None
    found = read_day(str(text)[:40], _today(now))
    if found is None:
        raise Invalid(N_("This is not a day: write it like 2026-03-31."))
    return found


def _today(now: datetime) -> date:
    return now.astimezone(local_zone()).date()
