"""Finding standard answers by what somebody types or says: words through the house's index of neighbouring signs, order by rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import AnswerMiss, Article, ArticleMark, ArticleVersion, Category, Ticket
from app.rules import knowledge as rules
from app.rules.codes import AnswerState, Kind
from app.services.access import rows
from app.services.actors import Actor
from app.services.call_store import insert_once
from app.services.local_time import local_zone
from app.services.search_text import holds

MOST = 6
LONGEST_WORDS = 600
_LOOKED_AT = 200


@dataclass(frozen=True)
class Found:
    """An answer that fits, with what the staff says of it. `sure`: it speaks of the question itself."""

    version: ArticleVersion
    sure: bool
    helped: int = 0
    failed: int = 0


def find(
    session: Session,
    actor: Actor,
    text: str,
    today: date,
    *,
    category_id: int | None = None,
    community_id: int | None = None,
    only_public: bool = False,
    only_sure: bool = False,
    most: int = MOST,
) -> list[Found]:
    """The published answers that fit the words, the best first; without words those of the category, the most used first.

    `community_id` leaves those of that community and those for all. Two statements, none where nothing was given.
    """
    text = text[:LONGEST_WORDS]
    terms = rules.terms(text)
    if not terms and category_id is None:
        return []
    ways = [holds(session, ArticleVersion.words, term) for term in terms] or [ArticleVersion.category_id == category_id]
    condition: list[ColumnElement[bool]] = [_in_force(today), rows(actor, ArticleVersion), or_(*ways)]
    if only_public:
        condition.append(ArticleVersion.is_public.is_(True))
    statement = (
        select(ArticleVersion)
        .join(Article)
        .where(*condition)
        .options(joinedload(ArticleVersion.category), joinedload(ArticleVersion.article))
        .order_by(Article.used.desc(), ArticleVersion.id)
        .limit(_LOOKED_AT)
    )
    if community_id is not None:
        statement = statement.where(or_(Article.community_id.is_(None), Article.community_id == community_id))
    known = {one.id: one for one in session.scalars(statement)}
    hits = [hit for hit in rules.rank(text, category_id, map(_candidate, known.values())) if hit.sure or not only_sure]
    marks = marks_of(session, [hit.id for hit in hits[:most]])
    return [Found(known[hit.id], hit.sure, *marks.get(hit.id, (0, 0))) for hit in hits[:most]]


def category_of(session: Session, code: str | None) -> int | None:
    """The id of a category by its code."""
    return session.scalar(select(Category.id).where(Category.code == code[:40])) if code else None


def marks_of(session: Session, version_ids: list[int]) -> dict[int, tuple[int, int]]:
    """Version → how many of the staff say it helped, how many that it did not answer."""
    if not version_ids:
        return {}
    helped = func.count().filter(ArticleMark.helped)
    wanted = select(ArticleMark.version_id, helped, func.count()).where(ArticleMark.version_id.in_(version_ids))
    return {row[0]: (row[1], row[2] - row[1]) for row in session.execute(wanted.group_by(ArticleMark.version_id))}


def note_search(session: Session, ticket: Ticket, now: datetime) -> None:
    """A question has come, by whatever way: keep that no answer was found for it. Asked where tickets are opened."""
    if ticket.kind != Kind.CONSULTATION or not ticket.counts_in_figures:
        return
    house = Actor.system("knowledge")
    today = now.astimezone(local_zone()).date()
    words = f"{ticket.title} {ticket.description}"
    if not find(session, house, words, today, community_id=ticket.community_id, only_sure=True, most=1):
        insert_once(session, AnswerMiss.__table__, {"ticket_id": ticket.id, "at": now}, "ticket_id")


def _in_force(today: date) -> ColumnElement[bool]:
    return and_(
        ArticleVersion.state == AnswerState.PUBLISHED,
        or_(ArticleVersion.valid_from.is_(None), ArticleVersion.valid_from <= today),
        or_(ArticleVersion.valid_until.is_(None), ArticleVersion.valid_until >= today),
    )


def _candidate(one: ArticleVersion) -> rules.Candidate:
    questions = f"{one.question}\n{one.question_en}\n{one.questions}"
    return rules.Candidate(
        one.id, one.category_id, questions, one.keywords, f"{one.answer}\n{one.answer_en}", one.article.used
    )


def public(session: Session, actor: Actor, today: date) -> list[ArticleVersion]:
    """The answers meant for households that are in force, by category."""
    wanted = (
        select(ArticleVersion)
        .join(Category, Category.id == ArticleVersion.category_id, isouter=True)
        .where(_in_force(today), ArticleVersion.is_public, rows(actor, ArticleVersion))
        .options(joinedload(ArticleVersion.category))
        .order_by(Category.position, Category.id, ArticleVersion.question, ArticleVersion.id)
    )
    return list(session.scalars(wanted.limit(_LOOKED_AT)))
