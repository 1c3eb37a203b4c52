"""The texts of a survey: a one-time link a household, and reminders for who has not answered, within hours, wishes and the
day's share that hold for all automatic texts (D13)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.models import AnswerLink, Campaign, CampaignTarget, Survey, SurveyHousehold
from app.rules import outbound
from app.rules.codes import CampaignState, HouseholdState, Outreach, SurveyState, TargetState, TargetWay
from app.services import answer_links
from app.services.local_time import local_zone
from app.services.policies import figures

FIGURES = ("surveys.reminders", "surveys.remind_after_days")


def plan_first(session: Session, survey: Survey, now: datetime) -> int:
    """Plan the first text of every household that gets a link. Returns how many."""
    wanted = (SurveyHousehold.survey_id == survey.id, SurveyHousehold.by_link)
    households = list(session.scalars(select(SurveyHousehold).where(*wanted).order_by(SurveyHousehold.id)))
    for household in households:
        answer_links.issue(
            session, "survey", now, ends_at(survey) - now, locale=household.locale, household_id=household.id
        )
    return _plan(session, survey, households, now)


def plan_reminders(session: Session, survey: Survey, now: datetime, *, at_once: bool = False) -> int:
    """Plan the reminders that are due: who got a link some days ago, has not answered, and was not reminded as often as the
    policy allows. `at_once`: somebody presses, the days are not waited for; the number of reminders still holds."""
    # Whoever closes it meanwhile is waited for: a closed survey changes no more.
    session.refresh(survey, with_for_update={"of": Survey})
    if survey.state != SurveyState.OPEN:
        return 0
    known = figures(session, *FIGURES)
    before = now if at_once else now - timedelta(days=known["surveys.remind_after_days"])
    wanted = (
        select(SurveyHousehold)
        .where(
            SurveyHousehold.survey_id == survey.id,
            SurveyHousehold.state == HouseholdState.ASKED,
            SurveyHousehold.by_link,
            SurveyHousehold.texts.between(1, known["surveys.reminders"]),
            SurveyHousehold.texted_at <= before,
        )
        .order_by(SurveyHousehold.id)
        .with_for_update(of=SurveyHousehold)
    )
    return _plan(session, survey, list(session.scalars(wanted)), now)


def still_wanted(session: Session, target: CampaignTarget, now: datetime) -> bool:
    """Whether a household is still to be asked as its text is about to leave."""
    household = _household(session, target)
    if household is None or household.state != HouseholdState.ASKED:
        return False
    return household.survey.state == SurveyState.OPEN


def words(session: Session, target: CampaignTarget) -> str:
    """The text of one household, in its language."""
    household = _household(session, target)
    assert household is not None
    survey, english = household.survey, target.locale == "en"
    community = survey.community
    link = session.scalars(select(AnswerLink).where(AnswerLink.household_id == household.id)).one()
    facts = {
        "community": (community.name_en or community.name) if english else community.name,
        "title": (survey.title_en or survey.title) if english else survey.title,
        "link": answer_links.address(link),
        "day": f"{survey.closes_on:%Y-%m-%d}",
    }
    with force_locale("en" if english else "zh"):
        if target.flow.get("reminder"):
            return gettext(
                "[%(community)s] A reminder: your opinion is still missing. %(title)s, until %(day)s: %(link)s "
                "(works once, no log-in)",
                **facts,
            )
        return gettext(
            "[%(community)s] %(title)s: please tell us your opinion, it takes two minutes. Until %(day)s: %(link)s "
            "(works once, no log-in)",
            **facts,
        )


def cancel_planned(session: Session, survey: Survey, now: datetime) -> None:
    """What has not left yet leaves no more."""
    mine = select(Campaign.id).where(Campaign.key.startswith(f"survey:{survey.id}:", autoescape=True))
    planned = (CampaignTarget.campaign_id.in_(mine), CampaignTarget.state == TargetState.PLANNED)
    session.execute(
        update(CampaignTarget)
        .where(*planned)
        .values(state=TargetState.CANCELLED, ended_at=now)
        .execution_options(synchronize_session=False)
    )


def ends_at(survey: Survey) -> datetime:
    """The instant at which the survey's last day is over."""
    return datetime.combine(survey.closes_on + timedelta(days=1), time(), local_zone())


def _plan(session: Session, survey: Survey, households: list[SurveyHousehold], now: datetime) -> int:
    """One campaign a round of texts, one target a household."""
    if not households:
        return 0
    turn = max(household.texts for household in households)
    campaign = Campaign(
        key=f"survey:{survey.id}:{turn}:{now:%Y%m%d%H%M%S%f}",
        community_id=survey.community_id,
        purpose=Outreach.SURVEY,
        title=survey.title,
        title_en=survey.title_en,
        by_voice=False,
        by_sms=True,
        by_web=False,
        state=CampaignState.RUNNING,
        created_at=now,
        creator_name=survey.opened_by,
        started_at=now,
    )
    session.add(campaign)
    session.flush()
    session.execute(insert(CampaignTarget), [_target(campaign, survey, one, now) for one in households])
    for household in households:
        household.texts += 1
        household.texted_at = now
    session.flush()
    return len(households)


def _target(campaign: Campaign, survey: Survey, household: SurveyHousehold, now: datetime) -> dict[str, Any]:
    return {
        "key": f"survey:{household.id}:{household.texts}",
        "campaign_id": campaign.id,
        "community_id": campaign.community_id,
        "purpose": campaign.purpose,
        "rank": outbound.PURPOSES[campaign.purpose].rank,
        "way": TargetWay.SMS.value,
        "number": household.number,
        "locale": "en" if household.locale.startswith("en") else "zh",
        "person_id": household.person_id,
        "house_id": household.house_id,
        "state": TargetState.PLANNED.value,
        "not_before": now,
        "expires_at": ends_at(survey),
        "refusals": 0,
        "flow": {"household": household.id, "reminder": household.texts > 0},
    }


def _household(session: Session, target: CampaignTarget) -> SurveyHousehold | None:
    household_id = target.flow.get("household")
    return session.get(SurveyHousehold, household_id) if household_id is not None else None
