"""The questions of opinion surveys (D8), written by an administrator or a manager, in Chinese and English."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import N_, Forbidden, Invalid, NotFound, Refused
from app.models import Community, Questionnaire, QuestionnaireItem, Survey
from app.models.base import BIGGEST_ID
from app.rules import surveys as rules
from app.rules.codes import QuestionKind, Role, SurveyCycle
from app.services.access import rows
from app.services.actors import Actor
from app.services.ticket_input import choice, clean_text, flag, row_id

TITLE_LIMIT, INTRO_LIMIT, TEXT_LIMIT, OPTION_LIMIT = 60, 300, 200, 60
_BETWEEN = "|"
"""Stands between the Chinese and the English words of an answer to choose."""

Raw = Mapping[str, Any]


def save(session: Session, actor: Actor, now: datetime, sent: Raw, known: Questionnaire | None = None) -> Questionnaire:
    """Keep the heading of a questionnaire, new or known. Raises Forbidden, Invalid."""
    may_write(actor, known)
    title, intro = clean_text(sent.get("title"), TITLE_LIMIT, lines=False), clean_text(sent.get("intro"), INTRO_LIMIT)
    if not title:
        raise Invalid(N_("Give the questionnaire a title."))
    cycle = choice(sent.get("cycle"), SurveyCycle)
    if cycle is None:
        raise Invalid(N_("Say how often these questions are asked."))
    found = known or Questionnaire(community_id=_community(session, actor, sent))
    found.cycle, found.title, found.intro = cycle, title, intro
    found.title_en = clean_text(sent.get("title_en"), TITLE_LIMIT, lines=False)
    found.intro_en = clean_text(sent.get("intro_en"), INTRO_LIMIT)
    found.active = known is None or flag(sent.get("active"))
    found.changed_at, found.author_id, found.author_name = now, actor.user_id, actor.display_name[:80]
    session.add(found)
    session.flush()
    return found


def save_item(
    session: Session,
    actor: Actor,
    now: datetime,
    found: Questionnaire,
    sent: Raw,
    item_id: int | None = None,
) -> QuestionnaireItem:
    """Keep a question, new or known. Surveys that were opened before keep theirs. Raises Forbidden, Invalid, Refused."""
    may_write(actor, found)
    item = _item(found, item_id) if item_id is not None else None
    kind = choice(sent.get("kind"), QuestionKind)
    if kind is None:
        raise Invalid(N_("Say what the question is answered with."))
    text = clean_text(sent.get("text"), TEXT_LIMIT, lines=False)
    if not text:
        raise Invalid(N_("Write the question in Chinese; English is for those who read it."))
    options = read_options(sent.get("options")) if kind in rules.CHOOSING else []
    rules.check_question(kind, options)
    if item is None:
        if len(found.items) >= rules.MOST_QUESTIONS:
            raise Refused(N_("A questionnaire has at most %(most)s questions."), most=rules.MOST_QUESTIONS)
        item = QuestionnaireItem(key=secrets.token_hex(8), position=len(found.items) + 1)
        found.items.append(item)
    item.kind, item.text, item.options = kind, text, options
    item.text_en = clean_text(sent.get("text_en"), TEXT_LIMIT, lines=False)
    item.required = flag(sent.get("required"))
    found.changed_at = now
    session.flush()
    return item


def move_item(session: Session, actor: Actor, found: Questionnaire, item_id: int, *, up: bool) -> None:
    """Let a question change places with its neighbour."""
    may_write(actor, found)
    _hold(session, found)
    item = _item(found, item_id)
    order = list(found.items)
    place = order.index(item)
    other = place - 1 if up else place + 1
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
    for number, one in enumerate(order, 1):
        one.position = number
    session.flush()


def remove_item(session: Session, actor: Actor, found: Questionnaire, item_id: int) -> None:
    """Take a question out; surveys that asked it keep it."""
    may_write(actor, found)
    _hold(session, found)
    found.items.remove(_item(found, item_id))
    for number, one in enumerate(found.items, 1):
        one.position = number
    session.flush()


def _hold(session: Session, found: Questionnaire) -> None:
    """Places are given anew by one at a time, from the places that stand now."""
    session.refresh(found, with_for_update={"of": Questionnaire})
    session.expire(found, ["items"])


def read_options(text: Any) -> list[dict[str, str]]:
    """The answers to choose from, one a line: `很好 | Very good`, the English words may be left out. Raises Invalid."""
    found: list[dict[str, str]] = []
    for line in clean_text(text, 4000).split("\n"):
        chinese, _mark, english = (part.strip() for part in line.partition(_BETWEEN))
        if not chinese and not english:
            continue
        if len(chinese) > OPTION_LIMIT or len(english) > OPTION_LIMIT:
            raise Invalid(N_("An answer to choose is at most %(limit)s characters long."), limit=OPTION_LIMIT)
        option = {"zh": chinese or english, "en": english}
        if option["zh"] in [one["zh"] for one in found]:
            raise Invalid(N_("The answer “%(text)s” stands there twice."), text=option["zh"])
        found.append(option)
    return found


def options_text(options: list[dict[str, str]]) -> str:
    """The answers as they are typed."""
    lines = (f"{one['zh']} {_BETWEEN} {one['en']}" if one["en"] else one["zh"] for one in options)
    return "\n".join(lines)


def may_write(actor: Actor, found: Questionnaire | None = None) -> None:
    """Questions are the administrator's and the manager's; those for all communities the administrator's. Raises Forbidden."""
    if not actor.roles & rules.WRITERS:
        raise Forbidden(N_("Questions are written by an administrator or a manager."))
    if found is not None and found.community_id is None and not actor.has(Role.ADMIN):
        raise Forbidden(N_("These questions are for all communities: an administrator changes them. Write your own."))


def find(session: Session, actor: Actor, questionnaire_id: int) -> Questionnaire | None:
    """The questionnaire of this id, if it is the actor's to see."""
    if not 0 < questionnaire_id <= BIGGEST_ID:
        return None
    wanted = select(Questionnaire).where(Questionnaire.id == questionnaire_id, rows(actor, Questionnaire))
    return session.scalars(wanted).first()


def listed(session: Session, actor: Actor, *, only_active: bool = False) -> list[tuple[Questionnaire, int]]:
    """The questionnaires with how often each was used, those in use first."""
    used = select(func.count()).where(Survey.questionnaire_id == Questionnaire.id).scalar_subquery()
    wanted = select(Questionnaire, used).where(rows(actor, Questionnaire))
    if only_active:
        wanted = wanted.where(Questionnaire.active)
    ordered = wanted.order_by(Questionnaire.active.desc(), Questionnaire.cycle, Questionnaire.id)
    return [(row[0], row[1]) for row in session.execute(ordered)]


def _community(session: Session, actor: Actor, sent: Raw) -> int | None:
    """For which community; an administrator may leave it open."""
    wanted = row_id(sent.get("community_id"))
    mine = select(Community.id).where(rows(actor, Community)).order_by(Community.id)
    if wanted is None:
        return None if actor.has(Role.ADMIN) else session.scalar(mine.limit(1))
    found = session.scalar(mine.where(Community.id == wanted))
    if found is None:
        raise NotFound(N_("There is nothing here, or it is not yours to see."))
    return found


def _item(found: Questionnaire, item_id: int) -> QuestionnaireItem:
    item = next((one for one in found.items if one.id == item_id), None)
    if item is None:
        raise NotFound(N_("There is nothing here, or it is not yours to see."))
    return item
