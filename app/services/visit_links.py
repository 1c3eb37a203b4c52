"""What a household may see and say by the one-time link of a return visit (D8): nothing but the ticket's number, its category
and its day, and a score."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import AnswerLink, ReturnVisit
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
