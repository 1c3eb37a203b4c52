"""Opinion surveys of the demo: a questionnaire, last quarter's survey closed with its answers, this quarter's still open."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from app.models import (
    AnswerLink,
    Questionnaire,
    QuestionnaireItem,
    Survey,
    SurveyAnswer,
    SurveyHousehold,
    SurveyPlace,
    SurveyQuestion,
)
from app.rules.codes import OCCUPIED_STATES, HouseholdState, QuestionKind, Role, SurveyCycle, SurveyState, SurveyWay
from app.rules.sampling import sample
from app.rules.surveys import period_end, period_of
from app.services import surveys
from app.services.actors import Actor
from app.services.answer_links import DOOR
from app.services.demo.estate import DemoHouse
from app.services.demo.staff import Worker
from app.services.demo.world import World
from app.services.keyed import code_of, digest

SHARE = 40
_OPEN_DAYS = 14

_QUICKLY = [
    {"zh": "很及时", "en": "Very quickly"},
    {"zh": "还可以", "en": "Acceptably"},
    {"zh": "偏慢", "en": "Rather slowly"},
    {"zh": "没有联系过", "en": "Never needed"},
]
_WISHES = [
    {"zh": "电梯维护", "en": "Lift upkeep"},
    {"zh": "停车秩序", "en": "Parking"},
    {"zh": "楼道卫生", "en": "Cleanliness of the stairs"},
    {"zh": "绿化养护", "en": "Greening"},
    {"zh": "安全巡逻", "en": "Patrols"},
]
QUESTIONS: tuple[tuple[str, str, str, list[dict[str, str]], bool], ...] = (
    (QuestionKind.SCORE, "您对物业服务总体是否满意？", "How satisfied are you with the service as a whole?", [], True),
    (
        QuestionKind.SCORE,
        "您对管家和前台的服务态度是否满意？",
        "How satisfied are you with steward and desk?",
        [],
        True,
    ),
    (QuestionKind.SCORE, "您对报修处理的及时和质量是否满意？", "How satisfied are you with repairs?", [], False),
    (QuestionKind.SCORE, "您对公共区域的清洁卫生是否满意？", "How satisfied are you with the cleanliness?", [], False),
    (QuestionKind.SCORE, "您对门岗和巡逻等安全管理是否满意？", "How satisfied are you with safety?", [], False),
    (QuestionKind.SCORE, "您对绿化养护是否满意？", "How satisfied are you with the greening?", [], False),
    (
        QuestionKind.CHOICE,
        "拨打服务热线后，处理得及时吗？",
        "After calling the hotline: how quickly was it handled?",
        _QUICKLY,
        False,
    ),
    (QuestionKind.CHOICES, "您最希望我们改进哪些方面？", "What should we improve most?", _WISHES, False),
    (QuestionKind.TEXT, "您还有什么意见或建议？", "What else would you like to tell us?", [], False),
)
_WORDS = (
    "电梯偶尔有异响，希望加强保养",
    "管家上门很热情，解决问题快",
    "地下车库照明再亮一些就更好了",
    "希望周末也能办理停车月租",
    "楼道保洁比上季度好多了",
    "快递柜经常满，能不能再加一组",
    "门岗师傅认真负责，点赞",
    "儿童游乐区的地垫有点旧了",
    "希望多组织一些邻里活动",
    "夜间广场舞声音偏大",
)
_MOODS = {
    1: (5, 5, 5, 4, 4, 3),
    2: (5, 5, 4, 4, 4, 3),
    3: (5, 5, 5, 4, 4, 3),
    4: (5, 4, 4, 3, 3, 2),
    5: (5, 5, 4, 4, 3, 4),
    6: (5, 4, 5, 4, 2, 1),
}
"""Building → what its households tend to answer."""


@dataclass
class _Maker:
    """What both surveys are made with."""

    world: World
    random: Random
    manager: Worker
    questionnaire_id: int
    keys: list[str]


def make_surveys(world: World, seed: str) -> None:
    """Write the questionnaire and both surveys."""
    random, manager = Random(f"{seed}:surveys"), world.team.of(Role.MANAGER)[0]
    this_quarter = period_of(SurveyCycle.QUARTERLY, world.today)
    last_quarter = period_of(SurveyCycle.QUARTERLY, this_quarter - timedelta(days=1))
    questionnaire_id, keys = _questionnaire(world, random, manager)
    maker = _Maker(world, random, manager, questionnaire_id, keys)
    closes_on = period_end(SurveyCycle.QUARTERLY, last_quarter) - timedelta(days=5)
    opened_at = world.at(closes_on - timedelta(days=_OPEN_DAYS), 10)
    closed = _survey(maker, last_quarter, opened_at, closes_on, None, 0.62)
    world.writer.flush()
    _close(maker, closed, world.at(closes_on, 20))
    opened_at = world.at(world.today - timedelta(days=7), 10)
    _survey(maker, this_quarter, opened_at, world.today + timedelta(days=7), closed, 0.34)


def _questionnaire(world: World, random: Random, manager: Worker) -> tuple[int, list[str]]:
    questionnaire_id = world.writer.add(
        Questionnaire,
        community_id=world.estate.community_id,
        cycle=SurveyCycle.QUARTERLY,
        title="季度业户满意度调查",
        title_en="Quarterly survey of satisfaction",
        intro="感谢您一直以来的支持。请用两分钟告诉我们，哪里做得好，哪里还要改进。",
        intro_en="Thank you for your support. Please take two minutes to tell us what is good and what is not yet.",
        active=True,
        changed_at=world.at(world.today - timedelta(days=200), 15),
        author_id=manager.user_id,
        author_name=manager.name,
    )
    keys = [f"{random.randrange(16**16):016x}" for _ in QUESTIONS]
    for position, (key, row) in enumerate(zip(keys, QUESTIONS, strict=True), 1):
        world.writer.add(
            QuestionnaireItem, questionnaire_id=questionnaire_id, key=key, position=position, **_question(row)
        )
    return questionnaire_id, keys


def _question(row: tuple[str, str, str, list[dict[str, str]], bool]) -> dict[str, Any]:
    kind, text, text_en, options, required = row
    return {"kind": kind, "text": text, "text_en": text_en, "options": options, "required": required}


def _survey(
    maker: _Maker, period: date, opened_at: datetime, closes_on: date, previous_id: int | None, share: float
) -> int:
    world, writer = maker.world, maker.world.writer
    survey_id = writer.reserve(Survey)
    seed = digest("survey", f"{survey_id}:{period}")[:32]
    chosen = sample([one for one in world.estate.houses if one.state in OCCUPIED_STATES], SHARE, seed)
    answers = {house.id for house in chosen if maker.random.random() < share}
    writer.add(
        Survey,
        id=survey_id,
        community_id=world.estate.community_id,
        questionnaire_id=maker.questionnaire_id,
        cycle=SurveyCycle.QUARTERLY,
        period_starts_on=period,
        title="季度业户满意度调查",
        title_en="Quarterly survey of satisfaction",
        intro="感谢您一直以来的支持。请用两分钟告诉我们，哪里做得好，哪里还要改进。",
        intro_en="Thank you for your support. Please take two minutes to tell us what is good and what is not yet.",
        state=SurveyState.OPEN,
        percent=SHARE,
        seed=seed,
        closes_on=closes_on,
        created_at=opened_at - timedelta(hours=2),
        creator_id=maker.manager.user_id,
        creator_name=maker.manager.name,
        opened_at=opened_at,
        opened_by=maker.manager.name,
        closed_by="",
        asked=len(chosen),
        answered=len(answers),
        previous_id=previous_id,
    )
    for building_id in world.estate.building_ids.values():
        writer.add(SurveyPlace, survey_id=survey_id, building_id=building_id)
    question_ids = [
        writer.add(SurveyQuestion, survey_id=survey_id, key=key, position=position, **_question(row))
        for position, (key, row) in enumerate(zip(maker.keys, QUESTIONS, strict=True), 1)
    ]
    for house in chosen:
        _household(maker, survey_id, question_ids, house, opened_at, closes_on, answers=house.id in answers)
    return survey_id


def _household(
    maker: _Maker,
    survey_id: int,
    question_ids: list[int],
    house: DemoHouse,
    opened_at: datetime,
    closes_on: date,
    *,
    answers: bool,
) -> None:
    world, random = maker.world, maker.random
    people = world.households.at_home_on(house.id, world.local(opened_at).date())
    contact = people[0] if people else None
    by_link = contact is not None
    until = min(world.cutoff, world.at(closes_on, 18))
    answered_at = opened_at + (until - opened_at) * random.random() if answers else None
    way = (
        random.choices((SurveyWay.LINK, SurveyWay.PHONE, SurveyWay.VISIT), (68, 22, 10))[0]
        if by_link
        else SurveyWay.PHONE
    )
    taker = world.team.steward_of(house.building_number)
    household_id = world.writer.add(
        SurveyHousehold,
        survey_id=survey_id,
        house_id=house.id,
        building_id=house.building_id,
        person_id=contact.person_id if contact else None,
        number=contact.phone if contact else None,
        locale="zh",
        by_link=by_link,
        state=HouseholdState.ANSWERED if answers else HouseholdState.ASKED,
        # Reminded already: whoever looks at the demo is not texted by it.
        texts=2 if by_link else 0,
        texted_at=opened_at + timedelta(days=3) if by_link else None,
        answered_at=answered_at,
        way=way if answers else None,
        taken_by_id=taker.user_id if answers and way != SurveyWay.LINK else None,
        taken_by=taker.name if answers and way != SurveyWay.LINK else "",
    )
    if by_link:
        _link(maker, household_id, opened_at, closes_on, answered_at)
    if answers:
        _answers(maker, household_id, question_ids, house.building_number)


def _link(maker: _Maker, household_id: int, opened_at: datetime, closes_on: date, used_at: datetime | None) -> None:
    nonce = hashlib.sha256(f"{maker.random.random()}:{household_id}".encode()).hexdigest()[:32]
    maker.world.writer.add(
        AnswerLink,
        purpose="survey",
        household_id=household_id,
        nonce=nonce,
        digest=digest(DOOR, code_of(DOOR, nonce)),
        locale="zh",
        created_at=opened_at,
        expires_at=maker.world.at(closes_on + timedelta(days=1), 0),
        used_at=used_at,
    )


def _answers(maker: _Maker, household_id: int, question_ids: list[int], building: int) -> None:
    random = maker.random
    mood = _MOODS.get(building, _MOODS[1])
    for question_id, (kind, _text, _english, options, required) in zip(question_ids, QUESTIONS, strict=True):
        given: dict[str, Any] = {"score": None, "chosen": [], "words": ""}
        if not required and random.random() < (0.75 if kind == QuestionKind.TEXT else 0.08):
            continue
        if kind == QuestionKind.SCORE:
            given["score"] = random.choice(mood)
        elif kind == QuestionKind.TEXT:
            given["words"] = random.choice(_WORDS)
        else:
            many = 1 if kind == QuestionKind.CHOICE else random.randint(1, 3)
            given["chosen"] = sorted(random.sample(range(len(options)), many))
        maker.world.writer.add(SurveyAnswer, household_id=household_id, question_id=question_id, **given)


def _close(maker: _Maker, survey_id: int, at: datetime) -> None:
    """By the house's own step: the figures are worked out from the rows, then frozen."""
    session = maker.world.writer.session
    actor = Actor(user_id=None, username="demo", display_name=maker.manager.name, is_system=True)
    surveys.close_survey(session, session.get_one(Survey, survey_id), actor, at)
