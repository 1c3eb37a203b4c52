"""A household that answers twice at once has answered once, and an answer at the instant of the end is in the figures or refused (D8)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from app.errors import Refused
from app.models import AnswerLink, Building, Survey, SurveyAnswer, SurveyHousehold
from app.services import survey_answers, surveys
from app.services.transaction import transaction
from tests.support.surveys import add_houses, asked_of, opened, questionnaire_of
from tests.support.tickets import small_estate

HOUR = timedelta(hours=1)


@pytest.fixture
def made(session, now):
    with transaction() as writing:
        estate = small_estate(writing)
        manager = estate.actor("manager")
        building = writing.get_one(Building, estate.houses[3].building_id)
        add_houses(writing, building, 6)
        survey = opened(writing, manager, now, questionnaire_of(writing, manager, now), [building])
        households = [one.id for one in asked_of(writing, survey) if one.by_link]
        return survey.id, households, survey.questions[0].id, manager


def together(app, *work):
    barrier = Barrier(len(work), timeout=30)

    def run(one):
        with app.app_context():
            try:
                with transaction() as writing:
                    return one(writing, barrier)
            except Refused as refusal:
                return str(refusal)

    with ThreadPoolExecutor(len(work)) as pool:
        return [future.result() for future in [pool.submit(run, one) for one in work]]


def test_by_link_and_by_telephone_at_once_one_set_of_answers_stands(app, session, now, made):
    survey_id, households, question, manager = made

    def by_link(writing, barrier):
        link = writing.scalars(select(AnswerLink).where(AnswerLink.household_id == households[0])).one()
        barrier.wait()
        survey_answers.answer_by_link(writing, link, {question: ["5"]}, now + HOUR)
        return "in"

    def by_phone(writing, barrier):
        household = writing.get_one(SurveyHousehold, households[0])
        barrier.wait()
        survey_answers.answer_for(writing, household, {question: ["1"]}, "phone", manager, now + HOUR)
        return "in"

    results = together(app, by_link, by_phone, by_link)
    assert sorted(results).count("in") == 1
    assert session.scalar(select(func.count()).select_from(SurveyAnswer)) == 1
    assert session.get_one(Survey, survey_id).answered == 1


def test_an_answer_at_the_instant_of_the_end_is_counted_or_refused(app, session, now, made):
    survey_id, households, question, manager = made

    def close(writing, barrier):
        survey = writing.get_one(Survey, survey_id)
        barrier.wait()
        surveys.close_survey(writing, survey, manager, now + HOUR)
        return "closed"

    def answering(household_id):
        def work(writing, barrier):
            household = writing.get_one(SurveyHousehold, household_id)
            barrier.wait()
            survey_answers.answer_for(writing, household, {question: ["5"]}, "phone", manager, now + HOUR)
            return "in"

        return work

    results = together(app, close, *(answering(pk) for pk in households[:5]))
    survey = session.get_one(Survey, survey_id)
    assert results[0] == "closed"
    counted = results.count("in")
    assert survey.state == "closed"
    assert survey.answered == survey.figures["answered"] == counted
    assert session.scalar(select(func.count()).select_from(SurveyAnswer)) == counted


def test_opened_twice_at_once_it_asks_once(app, session, now):
    with transaction() as writing:
        estate = small_estate(writing)
        manager = estate.actor("manager")
        building = writing.get_one(Building, estate.houses[3].building_id)
        add_houses(writing, building, 6)
        found = questionnaire_of(writing, manager, now)
        drafts = [
            surveys.save_draft(writing, manager, now, {"questionnaire_id": found.id}, [building.id]).id
            for _ in range(2)
        ]

    def opening(draft):
        def work(writing, barrier):
            survey = writing.get_one(Survey, draft)
            barrier.wait()
            surveys.open_survey(writing, survey, manager, now)
            return "open"

        return work

    results = together(app, opening(drafts[0]), opening(drafts[0]), opening(drafts[1]))
    assert results.count("open") == 1
    assert session.scalar(select(func.count()).select_from(SurveyHousehold)) == 7
