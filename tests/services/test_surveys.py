"""Opinion surveys through the services (D8): written, opened, answered once a household, pressed within wishes, closed and frozen."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid, NotFound, Refused
from app.models import (
    AnswerLink,
    Building,
    CallWish,
    CampaignTarget,
    House,
    Message,
    Phone,
    Setting,
    Survey,
    SurveyAnswer,
    SurveyHousehold,
    SurveyQuestion,
)
from app.services import answer_links, questionnaires, survey_answers, survey_texts, surveys
from app.services.actors import Actor
from app.services.outbox_delivery import claim
from app.services.survey_figures import figures_of, free_texts
from app.services.survey_frame import reach
from tests.support.databases import Databases
from tests.support.outbound import send_texts
from tests.support.surveys import add_houses, asked_of, give, opened, questionnaire_of
from tests.support.tickets import SmallEstate, unsaved_estate

DAY = timedelta(days=1)
HOUSE = Actor.system("surveys")


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


@pytest.fixture
def first(session: Session, estate: SmallEstate) -> Building:
    """Building 3, the steward's: ten more households, eight with a mobile number; the house it had stands empty."""
    return _fill(session, estate, 3, 10, 8)


@pytest.fixture
def second(session: Session, estate: SmallEstate) -> Building:
    return _fill(session, estate, 4, 6, 6)


def _fill(session: Session, estate: SmallEstate, position: int, count: int, phones: int) -> Building:
    house = estate.houses[position]
    house.state = "vacant"
    building = session.get_one(Building, house.building_id)
    add_houses(session, building, count, phones=phones)
    return building


def who(estate: SmallEstate, name: str) -> Actor:
    own = frozenset({estate.houses[3].building_id}) if name == "steward" else frozenset()
    return replace(estate.actor(name), building_ids=own)


@pytest.fixture
def manager(estate: SmallEstate) -> Actor:
    return who(estate, "manager")


@pytest.fixture
def steward(estate: SmallEstate) -> Actor:
    return who(estate, "steward")


def texts(session: Session, now: datetime) -> list[Message]:
    send_texts(session, now)
    return list(session.scalars(select(Message).where(Message.purpose == "survey").order_by(Message.id)))


# ---- questions -------------------------------------------------------------------------------------------------------
def test_questions_are_written_moved_and_taken_out(session, manager, now):
    found = questionnaire_of(session, manager, now)
    assert [one.kind for one in found.items] == ["score", "score", "choice", "choices", "text"]
    assert found.items[2].options == [
        {"zh": "每周", "en": "Weekly"}, {"zh": "每月", "en": "Monthly"}, {"zh": "从不", "en": ""},
    ]  # fmt: skip
    assert questionnaires.options_text(found.items[2].options) == "每周 | Weekly\n每月 | Monthly\n从不"
    last = found.items[4]
    questionnaires.move_item(session, manager, found, last.id, up=True)
    session.expire(found, ["items"])
    assert [one.kind for one in found.items] == ["score", "score", "choice", "text", "choices"]
    questionnaires.remove_item(session, manager, found, last.id)
    session.expire(found, ["items"])
    assert [one.position for one in found.items] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"kind": "score", "text": " "}, "question in Chinese"),
        ({"text": "好吗？"}, "answered with"),
        ({"kind": "pie", "text": "好吗？"}, "Choose one of"),
        ({"kind": "choice", "text": "好吗？"}, "2 to 12"),
        ({"kind": "choice", "text": "好吗？", "options": "好"}, "2 to 12"),
        ({"kind": "choices", "text": "好吗？", "options": "好\n好"}, "twice"),
        ({"kind": "choice", "text": "好吗？", "options": "好" * 61 + "\n坏"}, "60"),
        ({"kind": "score", "text": "好" * 201}, "200"),
    ],
)
def test_a_question_that_is_none_is_a_sentence(session, manager, now, sent, said):
    found = questionnaire_of(session, manager, now, questions=())
    with pytest.raises(Invalid, match=said):
        questionnaires.save_item(session, manager, now, found, sent)
    assert found.items == []


def test_only_administrators_and_managers_write_questions_and_those_for_all_the_administrator(
    session, estate, manager, now
):
    for name in ("assistant", "steward", "supervisor", "quality", "tech_a"):
        with pytest.raises(Forbidden):
            questionnaire_of(session, estate.actor(name), now)
    admin = Actor(1, "admin", "管理员", roles=frozenset({"admin"}))
    for_all = questionnaire_of(session, replace(admin, user_id=None), now)
    assert for_all.community_id is None
    assert questionnaires.find(session, manager, for_all.id) is for_all
    with pytest.raises(Forbidden, match="all communities"):
        questionnaires.save(session, manager, now, {"title": "x", "cycle": "monthly"}, for_all)
    mine = questionnaire_of(session, manager, now)
    assert mine.community_id == estate.community.id


# ---- opening ---------------------------------------------------------------------------------------------------------
def test_opened_every_occupied_household_is_asked_once_and_who_has_a_mobile_gets_a_link(
    session, manager, first, second, now
):
    survey = opened(session, manager, now, questionnaire_of(session, manager, now), [first, second])
    asked = asked_of(session, survey)
    assert (survey.state, survey.asked, len(asked)) == ("open", 16, 16)
    assert sum(one.by_link for one in asked) == 14
    assert {one.house_id for one in asked} == {
        one.id for one in session.scalars(select(House).where(House.building_id.in_([first.id, second.id]), House.state == "occupied"))
    }  # fmt: skip
    assert len({one.key for one in survey.questions}) == 5
    assert len(texts(session, now)) == 14
    assert session.scalars(select(AnswerLink.purpose).distinct()).all() == ["survey"]


def test_a_draft_tells_beforehand_whom_it_asks(session, manager, first, second, now):
    found = questionnaire_of(session, manager, now)
    draft = surveys.save_draft(
        session, manager, now, {"questionnaire_id": found.id, "percent": 50}, [first.id, second.id]
    )
    seen = reach(session, draft, now)
    assert (seen.households, seen.asked) == (16, 8)
    assert session.scalars(select(SurveyHousehold)).all() == []
    surveys.open_survey(session, draft, manager, now)
    asked = asked_of(session, draft)
    assert (len(asked), sum(one.by_link for one in asked)) == (seen.asked, seen.by_link)
    shares = [sum(one.building_id == building.id for one in asked) for building in (first, second)]
    assert shares == [5, 3], "a sample has its share of every building"


def test_opened_a_survey_keeps_its_questions_whatever_becomes_of_the_questionnaire(session, manager, first, now):
    found = questionnaire_of(session, manager, now)
    survey = opened(session, manager, now, found, [first])
    questionnaires.save_item(session, manager, now, found, {"kind": "text", "text": "别的问题"}, found.items[0].id)
    questionnaires.remove_item(session, manager, found, found.items[1].id)
    kept = session.scalars(select(SurveyQuestion.text).order_by(SurveyQuestion.position)).all()
    assert kept[:2] == ["总体是否满意？", "报修是否及时？"]
    assert len(survey.questions) == 5


def test_without_questions_nothing_is_opened(session, manager, first, now):
    found = questionnaire_of(session, manager, now, questions=())
    with pytest.raises(Refused, match="without questions"):
        opened(session, manager, now, found, [first])


def test_a_sample_of_nothing_is_a_sentence(session, manager, estate, now):
    empty = session.get_one(Building, estate.houses[9].building_id)
    estate.houses[9].state = "vacant"
    session.flush()
    found = questionnaire_of(session, manager, now)
    with pytest.raises(Refused, match="ask nobody"):
        opened(session, manager, now, found, [empty])
    one = session.get_one(Building, estate.houses[1].building_id)
    for percent in ("1", "2"):
        with pytest.raises((Refused, Invalid)):
            opened(session, manager, now, found, [one], percent=percent)


def test_nobody_is_asked_twice_in_a_period(session, manager, steward, first, second, now):
    found = questionnaire_of(session, manager, now)
    opened(session, manager, now, found, [first, second])
    with pytest.raises(Refused, match="asked in this period already: 3幢"):
        opened(session, steward, now, found, [first])
    opened(session, steward, now, found, [first], period="2025-12-31")


@pytest.mark.parametrize(
    ("sent", "error", "said"),
    [
        ({"questionnaire_id": "999"}, Invalid, "questionnaire"),
        ({"closes_on": "2026-03-10"}, Invalid, "between tomorrow"),
        ({"closes_on": "2027-03-10"}, Invalid, "between tomorrow"),
        ({"closes_on": "someday"}, Invalid, "not a day"),
        ({"percent": "0"}, Invalid, "from 1 to 100"),
        ({"percent": "101"}, Invalid, "from 1 to 100"),
        ({"period": "x"}, Invalid, "not a day"),
    ],
)
def test_a_draft_that_cannot_be_is_a_sentence(session, manager, first, now, sent, error, said):
    found = questionnaire_of(session, manager, now)
    with pytest.raises(error, match=said):
        surveys.save_draft(session, manager, now, {"questionnaire_id": str(found.id), **sent}, [first.id])


def test_the_steward_makes_surveys_in_the_own_buildings_and_the_manager_the_yearly_one(
    session, manager, steward, first, second, now
):
    quarterly, yearly = questionnaire_of(session, manager, now), questionnaire_of(session, manager, now, "yearly")
    survey = opened(session, steward, now, quarterly, [first])
    assert survey.opened_by == "steward员"
    with pytest.raises(NotFound):
        surveys.save_draft(session, steward, now, {"questionnaire_id": quarterly.id}, [999])
    with pytest.raises(Forbidden, match="own buildings"):
        surveys.save_draft(session, steward, now, {"questionnaire_id": quarterly.id}, [second.id])
    with pytest.raises(Forbidden, match="yearly"):
        surveys.save_draft(session, steward, now, {"questionnaire_id": yearly.id}, [first.id])
    whole = opened(session, manager, now, yearly, [first, second])
    for step in (surveys.close_survey, surveys.open_survey):
        with pytest.raises((Forbidden, Refused)):
            step(session, whole, steward, now)
    with pytest.raises(Invalid, match="at least one building"):
        surveys.save_draft(session, manager, now, {"questionnaire_id": quarterly.id}, [])


# ---- answering -------------------------------------------------------------------------------------------------------
def code_in(session: Session, message: Message, now: datetime) -> AnswerLink:
    envelope = claim(session, message.id, now)
    return answer_links.find(session, envelope.body.partition("/a/")[2][:12])


def test_by_its_link_a_household_answers_once(session, manager, first, now):
    survey = opened(session, manager, now, questionnaire_of(session, manager, now), [first])
    message = texts(session, now)[0]
    assert "{link:" in message.body
    link = code_in(session, message, now)
    ids = [one.id for one in survey.questions]
    with pytest.raises(Invalid, match="question 1"):
        survey_answers.answer_by_link(session, link, {ids[1]: ["5"]}, now)
    assert (answer_links.state_of(link, now), survey.answered) == ("open", 0)
    sent = {ids[0]: ["5"], ids[2]: ["1"], ids[3]: ["2", "0"], ids[4]: ["电梯太慢"]}
    survey_answers.answer_by_link(session, link, sent, now)
    household = session.get_one(SurveyHousehold, link.household_id)
    assert (household.state, household.way, household.answered_at, household.taken_by) == ("answered", "link", now, "")
    kept = session.execute(
        select(SurveyAnswer.score, SurveyAnswer.chosen, SurveyAnswer.words).order_by(SurveyAnswer.id)
    ).all()
    assert [tuple(row) for row in kept] == [(5, [], ""), (None, [1], ""), (None, [0, 2], ""), (None, [], "电梯太慢")]
    with pytest.raises(Refused, match="answered already"):
        survey_answers.answer_by_link(session, link, sent, now)
    assert (survey.answered, len(kept)) == (1, len(session.scalars(select(SurveyAnswer)).all()))


def test_by_telephone_or_at_the_door_somebody_notes_it_and_the_link_ends(session, estate, manager, steward, first, now):
    survey = opened(session, manager, now, questionnaire_of(session, manager, now), [first])
    household = asked_of(session, survey)[0]
    question = survey.questions[0].id
    with pytest.raises(Invalid, match="telephone or at a visit"):
        survey_answers.answer_for(session, household, {question: ["4"]}, "link", steward, now)
    with pytest.raises(Forbidden):
        survey_answers.answer_for(session, household, {question: ["4"]}, "phone", estate.actor("tech_a"), now)
    survey_answers.answer_for(session, household, {question: ["4"]}, "visit", steward, now)
    assert (household.state, household.way, household.taken_by) == ("answered", "visit", "steward员")
    link = session.scalars(select(AnswerLink).where(AnswerLink.household_id == household.id)).one()
    session.refresh(link)
    assert answer_links.state_of(link, now) == "used"
    with pytest.raises(Refused, match="answered already"):
        survey_answers.answer_by_link(session, link, {question: ["1"]}, now)
    with pytest.raises(Refused, match="answered already"):
        survey_answers.answer_for(session, household, {question: ["1"]}, "phone", steward, now)


def test_who_declines_is_not_pressed_but_may_think_better_of_it(session, manager, steward, first, now):
    survey = opened(session, manager, now, questionnaire_of(session, manager, now), [first])
    household = asked_of(session, survey)[0]
    survey_answers.decline(session, household, steward, now)
    with pytest.raises(Refused, match="declined already"):
        survey_answers.decline(session, household, steward, now)
    assert survey_texts.plan_reminders(session, survey, now + 10 * DAY) == 7
    give(session, survey, household, steward, now, 5)
    assert (household.state, survey.answered) == ("answered", 1)


# ---- reminders -------------------------------------------------------------------------------------------------------
def test_who_has_not_answered_is_reminded_once_after_three_days(session, manager, first, now):
    survey = opened(session, manager, now, questionnaire_of(session, manager, now), [first])
    assert len(texts(session, now)) == 8
    give(session, survey, asked_of(session, survey)[0], manager, now, 5)
    assert survey_texts.plan_reminders(session, survey, now + 3 * DAY - timedelta(minutes=1)) == 0
    assert survey_texts.plan_reminders(session, survey, now + 3 * DAY) == 7
    assert survey_texts.plan_reminders(session, survey, now + 9 * DAY) == 0
    reminders = texts(session, now + 3 * DAY)[8:]
    assert len(reminders) == 7
    assert all("提醒" in one.body or "reminder" in one.body for one in reminders)


@pytest.mark.parametrize(("value", "times"), [("0", 0), ("2", 2)])
def test_how_often_is_policy_also_when_somebody_presses(session, manager, first, now, value, times):
    session.add(Setting(key="surveys.reminders", value=value))
    survey = opened(session, manager, now, questionnaire_of(session, manager, now), [first])
    counted = [
        survey_texts.plan_reminders(session, survey, now + n * timedelta(hours=1), at_once=True) for n in range(1, 4)
    ]
    assert counted == [8] * times + [0] * (3 - times)


def test_wishes_hold_stop_a_refusal_and_the_hours(session, manager, first, now):
    survey = opened(session, manager, now, questionnaire_of(session, manager, now), [first])
    by_link = [one for one in asked_of(session, survey) if one.by_link]
    phone = session.scalars(select(Phone).where(Phone.number == by_link[0].number)).one()
    phone.sms_stopped_at = now
    session.add(CallWish(number=by_link[1].number, purpose="survey", refused_at=now))
    night = now.replace(hour=14)
    assert texts(session, night) == []
    assert len(texts(session, now)) == 6
    states = session.scalars(select(CampaignTarget.state).order_by(CampaignTarget.id)).all()
    assert states == ["impossible", "impossible", *["sent"] * 6]


def test_the_text_is_in_the_households_language(session, manager, first, now):
    opened(session, manager, now, questionnaire_of(session, manager, now), [first])
    bodies = [one.body for one in texts(session, now)]
    assert sum("please tell us your opinion" in body and "Quarterly survey" in body for body in bodies) == 1
    assert sum("诚邀您" in body and "季度满意度调查" in body for body in bodies) == 7


# ---- closing ---------------------------------------------------------------------------------------------------------
def answered(session: Session, survey: Survey, actor: Actor, now: datetime, scores: dict[int, list[int]]) -> None:
    """Building → the scores of its first households."""
    for building_id, values in scores.items():
        here = [one for one in asked_of(session, survey) if one.building_id == building_id]
        for household, score in zip(here, values, strict=False):
            give(session, survey, household, actor, now, score, None, None, None, f"意见{score}")


def test_closed_the_figures_are_frozen_with_their_hash(session, manager, first, second, now):
    survey = opened(session, manager, now, questionnaire_of(session, manager, now), [first, second])
    answered(session, survey, manager, now, {first.id: [5, 5, 4, 4, 3, 2], second.id: [5, 1, 4, 4, 4]})
    live = figures_of(session, survey)
    surveys.close_survey(session, survey, manager, now + DAY)
    assert survey.figures == live == figures_of(session, survey)
    assert (live["asked"], live["answered"], live["rate"]) == (16, 11, "0.6875")
    assert live["satisfaction"] == {"answers": 11, "satisfied": 8, "rate": "0.7273"}
    assert [(part["names"], part["answered"], part["satisfaction"]["rate"]) for part in live["buildings"]] == [
        (["3幢"], 6, "0.6667"), (["4幢"], 5, "0.8000"),
    ]  # fmt: skip
    text_of = json.dumps(live, sort_keys=True, ensure_ascii=False)
    assert survey.figures_sha256 == hashlib.sha256(text_of.encode()).hexdigest()
    assert "意见" not in text_of, "free texts are no figures"
    for step in (surveys.close_survey, surveys.open_survey):
        with pytest.raises(Refused):
            step(session, survey, manager, now + DAY)


def test_small_buildings_are_told_together(session, manager, first, second, now):
    survey = opened(session, manager, now, questionnaire_of(session, manager, now), [first, second])
    answered(session, survey, manager, now, {first.id: [5] * 6, second.id: [1, 2]})
    parts = figures_of(session, survey)["buildings"]
    assert [(part["names"], part["answered"]) for part in parts] == [(["3幢", "4幢"], 8)]


def test_against_the_last_of_the_same_questions_in_the_same_buildings(session, manager, first, second, now):
    found = questionnaire_of(session, manager, now)
    before = opened(session, manager, now, found, [first, second], period="2025-12-01")
    other = opened(session, manager, now, found, [first], period="2025-08-01")
    answered(session, before, manager, now, {first.id: [5, 5, 3, 3, 3]})
    for survey in (before, other):
        surveys.close_survey(session, survey, manager, now)
    survey = opened(session, manager, now + DAY, found, [second, first])
    answered(session, survey, manager, now + DAY, {first.id: [5, 5, 5, 5, 3]})
    assert survey.previous_id == before.id
    figures = figures_of(session, survey)
    assert figures["last"] == {
        "asked": 16, "answered": 5, "rate": "0.3125", "satisfaction": "0.4000", "points": "+40.0", "period": "2025-Q4",
    }  # fmt: skip
    assert figures["questions"][0]["last"] == {"satisfaction": "0.4000", "points": "+40.0"}


def test_a_closed_survey_takes_no_answer_and_no_change_whoever_asks(session, manager, first, now):
    survey = opened(session, manager, now, questionnaire_of(session, manager, now), [first])
    texts(session, now)
    one, two = asked_of(session, survey)[:2]
    give(session, survey, one, manager, now, 5)
    surveys.close_survey(session, survey, manager, now)
    link = session.scalars(select(AnswerLink).where(AnswerLink.household_id == two.id)).one()
    question = survey.questions[0].id
    with pytest.raises(Refused, match="closed"):
        survey_answers.answer_by_link(session, link, {question: ["5"]}, now)
    with pytest.raises(Refused, match="closed"):
        survey_answers.answer_for(session, two, {question: ["5"]}, "phone", manager, now)
    with pytest.raises(Refused, match="closed"):
        survey_answers.decline(session, two, manager, now)
    session.flush()
    for statement in (
        "UPDATE survey SET title = 'x'",
        "UPDATE survey SET state = 'open'",
        "DELETE FROM survey",
        "UPDATE survey_question SET text = 'x'",
        "DELETE FROM survey_place",
        "UPDATE survey_household SET state = 'declined' WHERE state = 'asked'",
        "DELETE FROM survey_household",
        "UPDATE survey_answer SET score = 1",
        "DELETE FROM survey_answer",
        f"INSERT INTO survey_answer (household_id, question_id, score, chosen, words) VALUES ({two.id}, {question}, 5, '[]', '')",
        f"INSERT INTO survey_place (survey_id, building_id) VALUES ({survey.id}, 1)",
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(statement))


def test_what_waits_to_be_texted_is_cancelled_with_it(session, manager, first, now):
    survey = opened(session, manager, now, questionnaire_of(session, manager, now), [first])
    surveys.close_survey(session, survey, manager, now)
    assert texts(session, now) == []
    assert set(session.scalars(select(CampaignTarget.state))) == {"cancelled"}


def test_a_draft_can_be_thrown_away_an_opened_survey_cannot(session, manager, first, now):
    found = questionnaire_of(session, manager, now)
    draft = surveys.save_draft(session, manager, now, {"questionnaire_id": found.id}, [first.id])
    surveys.discard(session, draft, manager)
    survey = opened(session, manager, now, found, [first])
    with pytest.raises(Refused):
        surveys.discard(session, survey, manager)


def test_free_texts_are_read_of_ones_own_buildings_and_without_who_wrote_them(
    session, manager, steward, first, second, now
):
    survey = opened(session, manager, now, questionnaire_of(session, manager, now), [first, second])
    answered(session, survey, manager, now, {first.id: [5, 4], second.id: [2]})
    ((question, mine),) = free_texts(session, survey, steward)
    assert (question.text, mine) == ("还有什么建议？", ["意见4", "意见5"])
    ((_, everything),) = free_texts(session, survey, manager)
    assert everything == ["意见2", "意见4", "意见5"]
