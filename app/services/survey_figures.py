"""The figures of a survey, gathered for `rules.survey_figures`; of a closed one as they were frozen. Free texts, inside only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Building, Survey, SurveyAnswer, SurveyHousehold, SurveyPlace, SurveyQuestion
from app.rules import surveys as rules
from app.rules.codes import QuestionKind, SurveyState
from app.rules.survey_figures import Asked, Given, Shape, evaluate
from app.services.access import rows
from app.services.actors import Actor
from app.services.policies import figure


def figures_of(session: Session, survey: Survey) -> dict[str, Any]:
    """The evaluation with all its words (questions, options, buildings), so that it can be read when nothing else is there."""
    if survey.state == SurveyState.CLOSED and survey.figures is not None:
        return survey.figures
    shapes = [Shape(one.key, one.kind, len(one.options)) for one in survey.questions]
    last = session.get(Survey, survey.previous_id) if survey.previous_id else None
    made = evaluate(
        shapes,
        _asked(session, survey),
        _given(session, survey),
        figure(session, "privacy.small_number"),
        last.figures if last else None,
    )
    if last is not None and "last" in made:
        made["last"]["period"] = rules.period_code(last.cycle, last.period_starts_on)
    words = {one.key: {"text": one.text, "text_en": one.text_en, "options": one.options} for one in survey.questions}
    made["questions"] = [{**one, **words[one["key"]]} for one in made["questions"]]
    names = _building_names(session, survey)
    for part in made["buildings"]:
        part["names"] = [names[code] for code in part["codes"]]
    return made


def free_texts(session: Session, survey: Survey, actor: Actor) -> list[tuple[SurveyQuestion, list[str]]]:
    """Question → what households wrote, without who wrote it, in no order that could tell; only of the actor's households."""
    wanted = (
        select(SurveyAnswer.question_id, SurveyAnswer.words)
        .join(SurveyHousehold, SurveyHousehold.id == SurveyAnswer.household_id)
        .where(SurveyHousehold.survey_id == survey.id, SurveyAnswer.words != "", rows(actor, SurveyHousehold))
        .order_by(SurveyAnswer.words)
    )
    found: dict[int, list[str]] = {}
    for question_id, words in session.execute(wanted):
        found.setdefault(question_id, []).append(words)
    asked = [one for one in survey.questions if one.kind == QuestionKind.TEXT]
    return [(one, found.get(one.id, [])) for one in asked]


def _asked(session: Session, survey: Survey) -> list[Asked]:
    wanted = (
        select(SurveyHousehold.id, SurveyHousehold.building_id, SurveyHousehold.state, SurveyHousehold.way)
        .join(Building, Building.id == SurveyHousehold.building_id)
        .where(SurveyHousehold.survey_id == survey.id)
        .order_by(Building.position, Building.id, SurveyHousehold.id)
    )
    return [Asked(row.id, str(row.building_id), row.state, row.way) for row in session.execute(wanted)]


def _given(session: Session, survey: Survey) -> list[Given]:
    wanted = (
        select(SurveyAnswer, SurveyQuestion.key)
        .join(SurveyQuestion, SurveyQuestion.id == SurveyAnswer.question_id)
        .where(SurveyQuestion.survey_id == survey.id)
        .order_by(SurveyAnswer.id)
    )
    return [
        Given(one.household_id, key, one.score, tuple(one.chosen), bool(one.words))
        for one, key in session.execute(wanted)
    ]


def _building_names(session: Session, survey: Survey) -> dict[str, str]:
    wanted = select(Building.id, Building.name).join(SurveyPlace, SurveyPlace.building_id == Building.id)
    return {str(pk): name for pk, name in session.execute(wanted.where(SurveyPlace.survey_id == survey.id))}
