"""Households to be asked in tests of opinion surveys: buildings with so many occupied houses, one person with a mobile each."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import (
    Building,
    House,
    Person,
    PersonPhone,
    Phone,
    Questionnaire,
    Survey,
    SurveyHousehold,
    Tenure,
    Unit,
)
from app.services import questionnaires, survey_answers, surveys
from app.services.actors import Actor

QUESTIONS: tuple[dict[str, str], ...] = (
    {"kind": "score", "text": "总体是否满意？", "text_en": "Satisfied as a whole?", "required": "1"},
    {"kind": "score", "text": "报修是否及时？", "text_en": "Are repairs quick?"},
    {
        "kind": "choice",
        "text": "多久来一次？",
        "text_en": "How often?",
        "options": "每周 | Weekly\n每月 | Monthly\n从不",
    },
    {"kind": "choices", "text": "希望改进什么？", "options": "电梯 | Lifts\n停车 | Parking\n绿化 | Greening"},
    {"kind": "text", "text": "还有什么建议？"},
)


def add_houses(session: Session, building: Building, count: int, *, phones: int | None = None) -> list[House]:
    """So many more occupied houses of a building; the first `phones` of them have a mobile number (all by default)."""
    unit = session.scalars(select(Unit).where(Unit.building_id == building.id)).first()
    made = []
    for number in range(count):
        house = House(
            community_id=building.community_id,
            building_id=building.id,
            unit_id=unit.id,
            number=f"9{number:02d}",
            name=f"{building.name}1单元9{number:02d}",
            floor=9,
            area_m2=Decimal("80.00"),
            state="occupied",
        )
        person = Person(name=f"住户{building.id}-{number}", locale="en" if number == 1 else "zh")
        session.add_all([house, person])
        session.flush()
        session.add(Tenure(person_id=person.id, house_id=house.id, role="owner", starts_on=date(2020, 1, 1)))
        if phones is None or number < phones:
            phone = Phone(number=f"+86137{building.id:04d}{number:04d}", is_mobile=True)
            session.add(phone)
            session.flush()
            session.add(PersonPhone(person_id=person.id, phone_id=phone.id, is_primary=True))
        made.append(house)
    session.flush()
    return made


def questionnaire_of(
    session: Session, actor: Actor, now: datetime, cycle: str = "quarterly", questions: Any = QUESTIONS, **head: str
) -> Questionnaire:
    """A questionnaire with a question of every kind."""
    sent = {"title": "季度满意度调查", "title_en": "Quarterly survey", "cycle": cycle, **head}
    found = questionnaires.save(session, actor, now, sent)
    for question in questions:
        questionnaires.save_item(session, actor, now, found, question)
    return found


def opened(
    session: Session, actor: Actor, now: datetime, found: Questionnaire, buildings: list[Building], **sent: str
) -> Survey:
    """A survey of all households, open."""
    draft = surveys.save_draft(
        session,
        actor,
        now,
        {"questionnaire_id": str(found.id), "percent": "100", **sent},
        [one.id for one in buildings],
    )
    surveys.open_survey(session, draft, actor, now)
    return draft


def asked_of(session: Session, survey: Survey) -> list[SurveyHousehold]:
    """The households of a survey in their order."""
    found = select(SurveyHousehold).where(SurveyHousehold.survey_id == survey.id).order_by(SurveyHousehold.id)
    return list(session.scalars(found))


def give(
    session: Session, survey: Survey, household: SurveyHousehold, actor: Actor, now: datetime, *values: Any
) -> None:
    """Note a household's answers, in the order of the questions; None leaves one out."""
    sent = {}
    for question, value in zip(survey.questions, values, strict=False):
        if value is not None:
            sent[question.id] = [str(one) for one in value] if isinstance(value, tuple) else [str(value)]
    survey_answers.answer_for(session, household, sent, "phone", actor, now)
