"""Asking by a text that is answered with a digit, or by a one-time link (D8): within the hours, wishes and daily share that
hold for all automatic texts. What stays unanswered is a try in vain."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from flask_babel import force_locale, gettext
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from app.errors import N_, LinliError, Refused
from app.models import AnswerLink, CampaignTarget, Community, ReturnVisit, Ticket, VisitTry
from app.rules.codes import MessagePurpose, Outreach, TargetWay, VisitResult, VisitWay
from app.rules.ticket_states import visit_hindrance
from app.services import answer_links
from app.services.actors import Actor
from app.services.campaigns import plan, refused, standing
from app.services.local_time import local_zone
from app.services.outbox import sms_number, wants_none
from app.services.policies import figure, hours
from app.services.return_visits import note_try
from app.services.ticket_facts import facts_of
from app.services.ticket_verbs import perform
from app.services.visit_answers import locked
from app.services.visit_calls import locale_of, matter
from app.services.visit_rows import is_due

log = logging.getLogger(__name__)

ASKER = Actor.system("return_visits")


def ask(session: Session, visit: ReturnVisit, way: str, actor: Actor, now: datetime) -> None:
    """Send the question: way `sms` (answered with 1 to 5) or `web` (a link). One at a time. Raises Refused."""
    ticket = locked(session, visit.ticket_id)
    session.refresh(visit)
    hindrance = why_not(session, visit, actor, now)
    if hindrance:
        raise Refused(hindrance)
    number = sms_number(ticket.reporter_phone)
    day = now.astimezone(local_zone()).date()
    campaign = standing(session, ticket.community_id, Outreach.RETURN_VISIT, day, now)
    key = f"visit:{visit.id}:{way}:{visit.tries}:{now:%Y%m%d%H%M}"
    plan(
        session,
        campaign,
        key,
        number=number,
        not_before=now,
        way=TargetWay.SMS,
        locale=locale_of(session, ticket),
        expires_at=now + hours(session, "visits.answer_hours"),
        person_id=ticket.reporter_id,
        house_id=ticket.house_id,
        ticket_id=ticket.id,
        visit_id=visit.id,
    )
    if way == VisitWay.WEB:
        span = timedelta(days=figure(session, "visits.link_days"))
        link = answer_links.issue(session, "visit", now, span, locale=locale_of(session, ticket), visit_id=visit.id)
        target = session.scalars(select(CampaignTarget).where(CampaignTarget.key == key)).one()
        target.flow = {"link": link.id}
    note_try(session, visit, actor, now, way, VisitResult.SENT)
    session.flush()


def why_not(session: Session, visit: ReturnVisit, actor: Actor, now: datetime) -> str | None:
    """Why no question can be sent for this visit now, as a msgid; None when one can."""
    ticket = visit.ticket
    owed = session.scalar(select(ReturnVisit.id).join(Ticket).where(ReturnVisit.id == visit.id, is_due()))
    if owed is None:
        return N_("This visit is not due any more.")
    hindrance = visit_hindrance(facts_of(session, ticket, actor))
    if hindrance:
        return hindrance
    number = sms_number(ticket.reporter_phone)
    if number is None:
        return N_("No mobile number of the reporter is known: please call or go there.")
    purpose = MessagePurpose.RETURN_VISIT
    if wants_none(session, number, purpose) or refused(session, number, Outreach.RETURN_VISIT):
        return N_("This number wants no such messages: please call or go there.")
    since = now - hours(session, "visits.answer_hours")
    asked = (VisitTry.visit_id == visit.id, VisitTry.result == VisitResult.SENT, VisitTry.at > since)
    if session.scalar(select(VisitTry.id).where(*asked).limit(1)) is not None:
        return N_("The household was asked by text already and still has time to answer.")
    return None


def words(session: Session, target: CampaignTarget) -> str:
    """The text of a question, in its household's language: the category may be said, the household's words never."""
    ticket, community = target.ticket, target.campaign.community
    assert ticket is not None
    english = target.locale == "en"
    facts = {"community": _named(community, english), "matter": _about(ticket, english)}
    link_id = target.flow.get("link")
    with force_locale("en" if english else "zh"):
        if link_id is None:
            return gettext(
                "[%(community)s] Your ticket %(matter)s is done. How satisfied are you? "
                "Please reply with a number from 1 (not at all) to 5 (very).",
                **facts,
            )
        link = session.get_one(AnswerLink, link_id)
        return gettext(
            "[%(community)s] Your ticket %(matter)s is done. How satisfied are you? "
            "Answer with one tap: %(link)s (works once).",
            **facts,
            link=answer_links.address(link),
        )


def lapse(session: Session, now: datetime) -> int:
    """Questions whose time is up without an answer count as one try in vain each. Returns how many."""
    later = aliased(VisitTry)
    due = (
        select(ReturnVisit, VisitTry.way)
        .join(Ticket)
        .join(VisitTry, VisitTry.visit_id == ReturnVisit.id)
        .where(
            is_due(),
            VisitTry.result == VisitResult.SENT,
            VisitTry.at <= now - hours(session, "visits.answer_hours"),
            ~exists().where(
                later.visit_id == ReturnVisit.id,
                later.id > VisitTry.id,
                later.way == VisitTry.way,
                later.result == VisitResult.NO_REPLY,
            ),
        )
        .order_by(ReturnVisit.id)
    )
    return sum(_lapsed(session, visit, way, now) for visit, way in session.execute(due).all())


def _lapsed(session: Session, visit: ReturnVisit, way: str, now: datetime) -> bool:
    data = {"unreachable": True, "way": way, "result": VisitResult.NO_REPLY}
    try:
        with session.begin_nested():
            perform(session, locked(session, visit.ticket_id), "visit", ASKER, now, data)
    except LinliError as error:
        log.warning("ticket %s: the silence was no try: %s", visit.ticket.number, error)
        return False
    return True


def _about(ticket: Ticket, english: bool) -> str:
    """The ticket's number and its category, as far as that may be said."""
    known = matter(ticket, english)
    if not known:
        return ticket.number
    return f"{ticket.number} ({known})" if english else f"{ticket.number}（{known}）"


def _named(community: Community, english: bool) -> str:
    return (community.name_en or community.name) if english else community.name
