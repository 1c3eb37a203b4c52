"""Opinion surveys 满意度调查 (D8): questionnaires an administrator or manager writes, surveys made from them, whom they asked,
what was answered. A closed survey is frozen: triggers refuse every change of it and of all that hangs on it."""

from datetime import date, datetime
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.estate import Building, Community, House
from app.models.people import Person
from app.rules.codes import HouseholdState, QuestionKind, SurveyCycle, SurveyState, SurveyWay


class Questionnaire(Model):
    """A set of questions for surveys of one cycle; without a community for all of them."""

    __tablename__ = "questionnaire"
    __table_args__ = (one_of("cycle", SurveyCycle),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"), index=True)
    cycle: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(80))
    title_en: Mapped[str] = mapped_column(String(80), default="")
    intro: Mapped[str] = mapped_column(Text, default="")
    intro_en: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    author_name: Mapped[str] = mapped_column(String(80), default="")

    community: Mapped[Community | None] = relationship()
    items: Mapped[list["QuestionnaireItem"]] = relationship(
        cascade="all, delete-orphan", order_by="(QuestionnaireItem.position, QuestionnaireItem.id)"
    )

    def __repr__(self) -> str:
        return self.title


class Question:
    """What a question is made of, in a questionnaire and in a survey made from it. `options` are `{"zh", "en"}` each."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(32))
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(200))
    text_en: Mapped[str] = mapped_column(String(200), default="")
    options: Mapped[list[dict[str, str]]] = mapped_column(JsonData, default=list)
    required: Mapped[bool] = mapped_column(Boolean, default=False)

    def __repr__(self) -> str:
        return self.text


class QuestionnaireItem(Question, Model):
    """One question. `key` stays the same in every survey made from it, so that answers can be compared."""

    __tablename__ = "questionnaire_item"
    __table_args__ = (one_of("kind", QuestionKind), UniqueConstraint("questionnaire_id", "key"))

    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))


class Survey(Model):
    """One survey: a questionnaire put to the households of some buildings for one period. `figures` are frozen at its end."""

    __tablename__ = "survey"
    __table_args__ = (
        one_of("cycle", SurveyCycle),
        one_of("state", SurveyState),
        CheckConstraint("percent BETWEEN 1 AND 100", name="percent_range"),
        CheckConstraint("answered BETWEEN 0 AND asked", name="answered_of_asked"),
        Index("ix_survey_community_period", "community_id", "cycle", "period_starts_on"),
        Index("ix_survey_state_closes", "state", "closes_on"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"), index=True)
    cycle: Mapped[str] = mapped_column(String(20))
    period_starts_on: Mapped[date] = mapped_column(Date)
    title: Mapped[str] = mapped_column(String(80))
    title_en: Mapped[str] = mapped_column(String(80), default="")
    intro: Mapped[str] = mapped_column(Text, default="")
    intro_en: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20), default=SurveyState.DRAFT)
    percent: Mapped[int] = mapped_column(Integer, default=100)
    seed: Mapped[str] = mapped_column(String(64), default="")
    closes_on: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    creator_name: Mapped[str] = mapped_column(String(80), default="")
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opened_by: Mapped[str] = mapped_column(String(80), default="")
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by: Mapped[str] = mapped_column(String(80), default="")
    asked: Mapped[int] = mapped_column(Integer, default=0)
    answered: Mapped[int] = mapped_column(Integer, default=0)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("survey.id"))
    figures: Mapped[dict[str, Any] | None] = mapped_column(JsonData)
    figures_sha256: Mapped[str | None] = mapped_column(String(64))

    community: Mapped[Community] = relationship()
    questionnaire: Mapped[Questionnaire] = relationship()
    creator: Mapped[User | None] = relationship(User)
    places: Mapped[list["SurveyPlace"]] = relationship(cascade="all, delete-orphan", order_by="SurveyPlace.id")
    questions: Mapped[list["SurveyQuestion"]] = relationship(
        cascade="all, delete-orphan", order_by="(SurveyQuestion.position, SurveyQuestion.id)"
    )

    def __repr__(self) -> str:
        return self.title


class SurveyPlace(Model):
    """A building whose households a survey asks."""

    __tablename__ = "survey_place"
    __table_args__ = (UniqueConstraint("survey_id", "building_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)

    building: Mapped[Building] = relationship()

    def __repr__(self) -> str:
        return f"{self.building}"


class SurveyQuestion(Question, Model):
    """A question as this survey put it, whatever becomes of the questionnaire."""

    __tablename__ = "survey_question"
    __table_args__ = (one_of("kind", QuestionKind), UniqueConstraint("survey_id", "key"))

    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))


class SurveyHousehold(Model):
    """A household that is asked, once a survey: who of it, at which number, whether by a link, and what came of it."""

    __tablename__ = "survey_household"
    __table_args__ = (
        one_of("state", HouseholdState),
        one_of("way", SurveyWay, nullable=True),
        UniqueConstraint("survey_id", "house_id"),
        Index("ix_survey_household_survey_state", "survey_id", "state"),
        CheckConstraint("(state = 'answered') = (answered_at IS NOT NULL)", name="answered_when"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"), index=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    number: Mapped[str | None] = mapped_column(String(20))
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    by_link: Mapped[bool] = mapped_column(Boolean, default=False)
    state: Mapped[str] = mapped_column(String(20), default=HouseholdState.ASKED)
    texts: Mapped[int] = mapped_column(Integer, default=0)
    texted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    way: Mapped[str | None] = mapped_column(String(20))
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    taken_by: Mapped[str] = mapped_column(String(80), default="")

    survey: Mapped[Survey] = relationship()
    house: Mapped[House] = relationship()
    building: Mapped[Building] = relationship()
    person: Mapped[Person | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.survey_id} {self.house_id}"


class SurveyAnswer(Model):
    """What a household answered to one question. `chosen`: places of options from 0. Append-only."""

    __tablename__ = "survey_answer"
    __table_args__ = (
        UniqueConstraint("household_id", "question_id"),
        CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score_range"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("survey_household.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("survey_question.id"), index=True)
    score: Mapped[int | None] = mapped_column(Integer)
    chosen: Mapped[list[int]] = mapped_column(JsonData, default=list)
    words: Mapped[str] = mapped_column(Text, default="")

    household: Mapped[SurveyHousehold] = relationship()
    question: Mapped[SurveyQuestion] = relationship()

    def __repr__(self) -> str:
        return f"{self.household_id} {self.question_id}"
