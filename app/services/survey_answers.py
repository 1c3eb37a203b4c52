"""A household's answers to a survey: one set a household, by its link, or noted by somebody on the telephone or at the door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Update, func, select, update
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Forbidden, Invalid, Refused
from app.models import (
    AnswerLink,
    Building,
    House,
    Person,
    Survey,
    SurveyAnswer,
    SurveyHousehold,
)
from app.models.base import BIGGEST_ID
from app.rules import surveys as rules
from app.rules.codes import HouseholdState, SurveyState, SurveyWay
from app.services import answer_links
from app.services.access import rows
from app.services.actors import Actor
from app.services.ticket_input import choice, clean_text

HOUSEHOLD = Actor.system("answer_link")
Sent = Mapping[int, Sequence[str]]


def answer_by_link(session: Session, link: AnswerLink, sent: Sent, now: datetime) -> None:
    """Take the household's own answers, once. Raises Invalid for the input, Refused when it was answered or is over."""
    household = session.get_one(SurveyHousehold, link.household_id)
    _write(session, household, sent, SurveyWay.LINK, HOUSEHOLD, now, link)


def repeats(session: Session, link: AnswerLink, sent: Sent, now: datetime) -> bool:
    """Whether this is the form that has just been taken, sent twice: the very answers that stand."""
    household = session.get_one(SurveyHousehold, link.household_id)
    if household.way != SurveyWay.LINK or not answer_links.just_used(link, now):
        return False
    kept = select(SurveyAnswer.question_id, SurveyAnswer.score, SurveyAnswer.chosen, SurveyAnswer.words)
    stand = {
        (question, score, tuple(chosen), words)
        for question, score, chosen, words in session.execute(kept.where(SurveyAnswer.household_id == household.id))
    }
    given = rules.check_answers(_shapes(session.get_one(Survey, household.survey_id)), sent)
    return stand == {(one.question_id, one.score, one.chosen, one.words) for one in given}


def answer_own(session: Session, household: SurveyHousehold, sent: Sent, now: datetime) -> None:
    """Take what a household that is logged in answers on its own pages, once; who of it stays untold. Raises Invalid, Refused."""
    _write(session, household, sent, SurveyWay.WEB, HOUSEHOLD, now, None)


def answer_for(session: Session, household: SurveyHousehold, sent: Sent, way: Any, actor: Actor, now: datetime) -> None:
    """Note what a household said to somebody. Raises Forbidden, Invalid, Refused."""
    may_take(actor)
    chosen = choice(way, SurveyWay)
    if chosen not in (SurveyWay.PHONE, SurveyWay.VISIT):
        raise Invalid(N_("Say whether the household was asked by telephone or at a visit."))
    _write(session, household, sent, chosen, actor, now, None)


def decline(session: Session, household: SurveyHousehold, actor: Actor, now: datetime) -> None:
    """The household does not want to be asked: it gets no reminder any more. Raises Forbidden, Refused."""
    may_take(actor)
    survey = session.get_one(Survey, household.survey_id, with_for_update=True, populate_existing=True)
    wanted = (SurveyHousehold.id == household.id, SurveyHousehold.state == HouseholdState.ASKED)
    values = {"state": HouseholdState.DECLINED, "taken_by_id": actor.user_id, "taken_by": actor.display_name[:80]}
    if survey.state != SurveyState.OPEN or not _changed(session, update(SurveyHousehold).where(*wanted).values(values)):
        session.refresh(household)
        raise Refused(_why_not(session, household))
    session.refresh(household)


def may_take(actor: Actor) -> None:
    """Raises Forbidden for who does not ask households."""
    if not actor.roles & rules.TAKERS:
        raise Forbidden(N_("Households are asked by the desk and the steward."))


def find(session: Session, actor: Actor, survey_id: int, household_id: int) -> SurveyHousehold | None:
    """The household of a survey, if it is the actor's to see."""
    if not 0 < household_id <= BIGGEST_ID:
        return None
    wanted = (
        select(SurveyHousehold)
        .where(
            SurveyHousehold.id == household_id,
            SurveyHousehold.survey_id == survey_id,
            rows(actor, SurveyHousehold),
        )
        .options(joinedload(SurveyHousehold.house), joinedload(SurveyHousehold.person))
    )
    return session.scalars(wanted).first()


def listed(
    session: Session,
    actor: Actor,
    survey: Survey,
    *,
    state: str = "",
    building_id: int | None = None,
    skip: int = 0,
    most: int = 50,
) -> tuple[int, list[Any]]:
    """How many households there are, and a page of them: (household, house, building, person's name)."""
    wanted = [SurveyHousehold.survey_id == survey.id, rows(actor, SurveyHousehold)]
    if state:
        wanted.append(SurveyHousehold.state == state)
    if building_id is not None:
        wanted.append(SurveyHousehold.building_id == building_id)
    total = session.scalar(select(func.count()).select_from(SurveyHousehold).where(*wanted)) or 0
    page = (
        select(SurveyHousehold, House.name, Building.name, Person.name)
        .join(House, House.id == SurveyHousehold.house_id)
        .join(Building, Building.id == SurveyHousehold.building_id)
        .outerjoin(Person, Person.id == SurveyHousehold.person_id)
        .where(*wanted)
        .order_by(Building.position, SurveyHousehold.id)
        .offset(skip)
        .limit(most)
    )
    return total, list(session.execute(page))


def counts(session: Session, actor: Actor, survey: Survey) -> dict[str, int]:
    """State → the actor's households of the survey."""
    wanted = (
        select(SurveyHousehold.state, func.count())
        .where(SurveyHousehold.survey_id == survey.id, rows(actor, SurveyHousehold))
        .group_by(SurveyHousehold.state)
    )
    return dict(session.execute(wanted).tuples().all())


def read_form(items: Mapping[str, Sequence[str]]) -> dict[int, list[str]]:
    """What a form sent, by question: its fields are called `q<id>`."""
    found = {}
    for name, values in items.items():
        if name.startswith("q") and name[1:].isascii() and name[1:].isdecimal() and len(name) < 12:
            found[int(name[1:])] = [clean_text(value, rules.TEXT_LIMIT * 2) for value in values]
    return found


def _write(
    session: Session,
    household: SurveyHousehold,
    sent: Sent,
    way: SurveyWay,
    actor: Actor,
    now: datetime,
    link: AnswerLink | None,
) -> None:
    """Check, then count the household in: the survey's own row decides who was first, and whether it is still open."""
    survey = session.get_one(Survey, household.survey_id)
    if survey.state != SurveyState.OPEN or household.state == HouseholdState.ANSWERED:
        raise Refused(_why_not(session, household))
    answers = rules.check_answers(_shapes(survey), sent)
    # The survey's row first, always: who holds it cannot be waited for by somebody who waits for the link.
    counted = _changed(
        session,
        update(Survey)
        .where(Survey.id == survey.id, Survey.state == SurveyState.OPEN)
        .values(answered=Survey.answered + 1),
    )
    if counted:
        counted = _changed(
            session,
            update(SurveyHousehold)
            .where(SurveyHousehold.id == household.id, SurveyHousehold.state != HouseholdState.ANSWERED)
            .values(
                state=HouseholdState.ANSWERED,
                answered_at=now,
                way=way,
                taken_by_id=actor.user_id,
                taken_by="" if actor.is_system else actor.display_name[:80],
            ),
        )
    session.refresh(survey)
    session.refresh(household)
    if not counted:
        raise Refused(_why_not(session, household))
    if link is not None:
        answer_links.use_up(session, link, now)
    session.add_all(
        SurveyAnswer(
            household_id=household.id,
            question_id=one.question_id,
            score=one.score,
            chosen=list(one.chosen),
            words=one.words,
        )
        for one in answers
    )
    _end_links(session, household, now)
    session.flush()


def _shapes(survey: Survey) -> list[rules.Question]:
    return [rules.Question(one.id, one.kind, one.required, len(one.options)) for one in survey.questions]


def _changed(session: Session, statement: Update) -> bool:
    result: Any = session.execute(statement.execution_options(synchronize_session=False))
    return bool(result.rowcount == 1)


def _end_links(session: Session, household: SurveyHousehold, now: datetime) -> None:
    """Whoever answers by telephone has answered: the link in the text works no more."""
    session.execute(
        update(AnswerLink)
        .where(AnswerLink.household_id == household.id, AnswerLink.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


def _why_not(session: Session, household: SurveyHousehold) -> str:
    state = session.scalar(select(Survey.state).where(Survey.id == household.survey_id))
    if state == SurveyState.CLOSED:
        return N_("This survey is closed. Thank you.")
    if state == SurveyState.DRAFT:
        return N_("This survey is not open yet.")
    if household.state == HouseholdState.DECLINED:
        return N_("This household has declined already.")
    return N_("This household has answered already: every household answers once.")
