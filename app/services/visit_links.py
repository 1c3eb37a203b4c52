"""What a household may see and say by the one-time link of a return visit (D8): nothing but the ticket's number, its category
and its day, and a score."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import AnswerLink, ReturnVisit, VisitAnswer
from app.rules.codes import Channel, VisitWay
from app.services import answer_links
from app.services.actors import Actor
from app.services.ticket_input import NOTE_LIMIT, clean_text, whole_number
from app.services.tickets import add_contact
from app.services.visit_answers import Answer, Standing, take

HOUSEHOLD = Actor.system("answer_link")


def answer(session: Session, link: AnswerLink, sent: Mapping[str, Any], now: datetime) -> Standing:
    """Take the household's answer, once. Raises Invalid for the input, Refused when the link was used or has run out."""
    score = whole_number(sent.get("score"), 1, 5)
    if score is None:
        raise Invalid(N_("Choose from 1 (not at all) to 5 (very)."))
    words = clean_text(sent.get("note"), NOTE_LIMIT)
    answer_links.use_up(session, link, now)
    visit = session.get_one(ReturnVisit, link.visit_id)
    standing = take(session, visit.ticket_id, Answer(score, VisitWay.WEB, words), HOUSEHOLD, now)
    if standing == Standing.NOT_ASKED:
        note = f"{score} / 5 {words}".strip()
        add_contact(session, visit.ticket, HOUSEHOLD, now, channel=Channel.WEB, note=note)
    return standing


def repeats(session: Session, link: AnswerLink, sent: Mapping[str, Any], now: datetime) -> bool:
    """Whether this is the form that has just been taken, sent twice: the very answer that stands."""
    if not answer_links.just_used(link, now):
        return False
    newest = select(VisitAnswer.score, VisitAnswer.words).where(
        VisitAnswer.visit_id == link.visit_id, VisitAnswer.way == VisitWay.WEB, VisitAnswer.at == link.used_at
    )
    given = (whole_number(sent.get("score"), 1, 5), clean_text(sent.get("note"), NOTE_LIMIT))
    return given in session.execute(newest).tuples().all()
