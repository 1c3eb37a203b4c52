"""A household answers a survey without a text: logged in on its own pages, or by the code of a printed letter (D8)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.models import AnswerLink, Building, House, Survey, SurveyHousehold, Tenure
from app.models.base import BIGGEST_ID
from app.rules.codes import AccessAction, HouseholdState, SurveyState
from app.services import answer_links, audit
from app.services.access import rows
from app.services.actors import Actor
from app.services.survey_answers import may_take
from app.services.survey_texts import ends_at

MOST_TOGETHER = 100
"""How many letters are printed at once."""


def open_for(session: Session, actor: Actor) -> list[SurveyHousehold]:
    """The open surveys that ask a household of this login and that it has not answered, the first to close first."""
    if not actor.house_ids:
        return []
    wanted = (
        select(SurveyHousehold)
        .join(Survey, Survey.id == SurveyHousehold.survey_id)
        .where(_mine(actor), Survey.state == SurveyState.OPEN, SurveyHousehold.state == HouseholdState.ASKED)
        .options(joinedload(SurveyHousehold.survey), joinedload(SurveyHousehold.house))
        .order_by(Survey.closes_on, SurveyHousehold.id)
    )
    return list(session.scalars(wanted))


def find(session: Session, actor: Actor, household_id: int) -> SurveyHousehold | None:
    """The household of a survey that was opened, if this login speaks for it."""
    if not 0 < household_id <= BIGGEST_ID:
        return None
    wanted = (
        select(SurveyHousehold)
        .join(Survey, Survey.id == SurveyHousehold.survey_id)
        .where(SurveyHousehold.id == household_id, _mine(actor), Survey.state != SurveyState.DRAFT)
        .options(joinedload(SurveyHousehold.survey), joinedload(SurveyHousehold.house))
    )
    return session.scalars(wanted).first()


def _mine(actor: Actor) -> ColumnElement[bool]:
    """Whoever lives there speaks for the household: of a house that is let, its tenants, and the owner only if it is the owner
    who was asked."""
    own, let = aliased(Tenure), aliased(Tenure)
    today = actor.today

    def still(tenure: type[Tenure]) -> ColumnElement[bool]:
        open_end = tenure.ends_on.is_(None)
        return open_end if today is None else and_(tenure.starts_on <= today, or_(open_end, tenure.ends_on >= today))

    of_house = exists().where(
        own.house_id == SurveyHousehold.house_id, own.person_id == actor.person_id, own.role != "owner", still(own)
    )
    is_let = exists().where(let.house_id == SurveyHousehold.house_id, let.role == "tenant", still(let))
    return and_(rows(actor, SurveyHousehold), or_(SurveyHousehold.person_id == actor.person_id, of_house, ~is_let))


def by_letter(session: Session, actor: Actor, survey: Survey, building_id: int | None = None) -> list[SurveyHousehold]:
    """The households of an open survey that have no mobile number and have not answered, in the estate's order."""
    wanted = (
        select(SurveyHousehold)
        .join(House, House.id == SurveyHousehold.house_id)
        .join(Building, Building.id == SurveyHousehold.building_id)
        .where(
            SurveyHousehold.survey_id == survey.id,
            SurveyHousehold.by_link.is_(False),
            SurveyHousehold.state == HouseholdState.ASKED,
            rows(actor, SurveyHousehold),
        )
        .options(joinedload(SurveyHousehold.house), joinedload(SurveyHousehold.person))
        .order_by(Building.position, House.floor, House.name, SurveyHousehold.id)
    )
    if building_id is not None:
        wanted = wanted.where(SurveyHousehold.building_id == building_id)
    return list(session.scalars(wanted)) if survey.state == SurveyState.OPEN else []


def letters(
    session: Session, actor: Actor, survey: Survey, building_id: int | None, skip: int, now: datetime
) -> list[tuple[SurveyHousehold, str]]:
    """The next households to write to, each with its one-time code: the same however often it is printed. Who printed how many
    codes stays on the audit trail. Raises Forbidden."""
    may_take(actor)
    chosen = by_letter(session, actor, survey, building_id)[skip : skip + MOST_TOGETHER]
    ids = [one.id for one in chosen]
    known = {
        one.household_id: one for one in session.scalars(select(AnswerLink).where(AnswerLink.household_id.in_(ids)))
    }
    found = []
    for household in chosen:
        link = known.get(household.id) or answer_links.issue(
            session, "survey", now, ends_at(survey) - now, locale=household.locale, household_id=household.id
        )
        found.append((household, answer_links.code_for(link)))
    if found:
        subject = f"{survey.title} ×{len(found)}"
        audit.record(session, actor, AccessAction.EXPORTED, subject, now, kind="survey_letters", row_id=survey.id)
    return found
