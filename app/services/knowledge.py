"""Standard answers (D13): written, reviewed by a second person, published, withdrawn; each version stays readable as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.exc import StaleDataError

from app.errors import N_, Forbidden, Invalid, NotFound, Refused
from app.models import Article, ArticleSource, ArticleVersion, Category, Community, Ticket
from app.models.base import BIGGEST_ID
from app.rules import knowledge as rules
from app.rules.codes import AnswerState, Role
from app.services import edit_changes
from app.services.access import rows
from app.services.actors import Actor
from app.services.ticket_input import clean_text, flag, row_id

Raw = Mapping[str, Any]
QUESTION_LIMIT, ANSWER_LIMIT, NOTE_LIMIT = 120, 2000, 200
MOST_WAYS = 10
MOST_LISTED = 200
OPEN = (AnswerState.DRAFT, AnswerState.REVIEWED)
_CHANGED = N_("Somebody else has changed this answer meanwhile. Look at it again.")
_NOT_HERE = N_("There is nothing here, or it is not yours to see.")


def find(session: Session, actor: Actor, article_id: int) -> Article | None:
    """The answer of this id, if it is the actor's to see."""
    if not 0 < article_id <= BIGGEST_ID:
        return None
    return session.scalars(select(Article).where(Article.id == article_id, rows(actor, Article))).first()


def in_force(article: Article) -> ArticleVersion | None:
    """The published version."""
    return next((one for one in article.versions if one.state == AnswerState.PUBLISHED), None)


def being_written(article: Article) -> ArticleVersion | None:
    """The version that is a draft or reviewed."""
    return next((one for one in article.versions if one.state in OPEN), None)


def listed(
    session: Session, actor: Actor, today: date, *, show: str, category_id: int | None, skip: int
) -> list[ArticleVersion]:
    """Versions under a heading: `published` (in force today), `draft`, `reviewed`, `expired`, `withdrawn`, or `turn` (what waits
    for the actor); by category."""
    wanted = (
        select(ArticleVersion)
        .join(Category, Category.id == ArticleVersion.category_id, isouter=True)
        .where(turns(actor) if show == TURN else _heading(show, today), rows(actor, ArticleVersion))
        .options(joinedload(ArticleVersion.category), joinedload(ArticleVersion.article).joinedload(Article.community))
        .order_by(Category.position, ArticleVersion.question, ArticleVersion.id)
    )
    if category_id is not None:
        wanted = wanted.where(ArticleVersion.category_id == category_id)
    return list(session.scalars(wanted.offset(skip).limit(MOST_LISTED)))


def counts(session: Session, actor: Actor, today: date) -> dict[str, int]:
    """How many stand under each heading: the number and its list are one condition."""
    parts = [
        select(func.count(ArticleVersion.id))
        .where(_heading(show, today), rows(actor, ArticleVersion))
        .scalar_subquery()
        for show in SHOWS
    ]
    found = session.execute(select(*parts)).one()
    return dict(zip(SHOWS, found, strict=True))


SHOWS = ("published", "draft", "reviewed", "expired", "withdrawn")
TURN = "turn"


def turns(actor: Actor) -> ColumnElement[bool]:
    """The versions whose next step is the actor's: drafts of others, what is reviewed; `steps_of` in SQL."""
    if actor.roles.isdisjoint(rules.REVIEWERS):
        return false()
    written = or_(ArticleVersion.writer_id.is_(None), ArticleVersion.writer_id != actor.user_id)
    found = or_(and_(ArticleVersion.state == AnswerState.DRAFT, written), ArticleVersion.state == AnswerState.REVIEWED)
    if actor.has(Role.QUALITY):
        return found
    return and_(found, ArticleVersion.article.has(Article.community_id.is_not(None)))


def waiting_count(actor: Actor) -> ColumnElement[int]:
    """How many, as a column of somebody else's statement."""
    if actor.roles.isdisjoint(rules.REVIEWERS):
        return literal(0)
    return select(func.count(ArticleVersion.id)).where(turns(actor), rows(actor, ArticleVersion)).scalar_subquery()


def _heading(show: str, today: date) -> Any:
    is_out = (ArticleVersion.state == AnswerState.PUBLISHED) & (ArticleVersion.valid_until < today)
    match show:
        case "published":
            out = ArticleVersion.valid_until.is_not(None) & (ArticleVersion.valid_until < today)
            return (ArticleVersion.state == AnswerState.PUBLISHED) & ~out
        case "expired":
            return is_out
    return ArticleVersion.state == show


def save(
    session: Session,
    actor: Actor,
    now: datetime,
    sent: Raw,
    known: Article | None = None,
    sources: Sequence[Ticket] = (),
) -> ArticleVersion:
    """Keep a draft: of a new answer, of the version that is being written, or of a next one. Raises Forbidden, Invalid, Refused.

    `sources` are the households' questions a new answer is written for.
    """
    may_write(actor, known)
    values = _read(session, sent)
    article = known or Article(community_id=_community(session, actor, sent), created_at=now, used=0)
    version = being_written(article) if known else None
    stood = version or (in_force(article) if known else None)
    before = _said(session, {name: getattr(stood, name) for name in values}) if stood is not None else None
    if version is not None and version.state == AnswerState.REVIEWED:
        raise Refused(N_("This version is reviewed already: publish it, or send it back to be changed."))
    if version is None:
        note = values["change_note"]
        if article.versions and not note:
            raise Invalid(N_("Say in a few words what has changed since the last version."))
        version = ArticleVersion(number=len(article.versions) + 1, state=AnswerState.DRAFT)
        article.versions.append(version)
    elif str(sent.get("revision") or version.revision) != str(version.revision):
        raise Refused(_CHANGED)
    for name, value in values.items():
        setattr(version, name, value)
    version.written_at, version.writer_id, version.writer_name = now, actor.user_id, actor.display_name[:80]
    session.add(article)
    _flush(session)
    if before is not None:
        what = (edit_changes.ANSWER, article.id, str(values["question"]))
        edit_changes.record(session, actor, *what, before, _said(session, values), now)
    for ticket in sources:
        session.add(ArticleSource(article_id=article.id, ticket_id=ticket.id))
    _flush(session)
    return version


def take(session: Session, actor: Actor, now: datetime, article: Article, step: str, today: date) -> ArticleVersion:
    """Take a version on: `review`, `back`, `publish`, `withdraw`. Raises Forbidden, NotFound, Refused."""
    if step not in rules.STEPS:
        raise NotFound(N_("There is no such step."))
    if article.community_id is None and not actor.has(Role.QUALITY):
        raise Forbidden(N_("An answer for all communities is reviewed and published by the quality department."))
    version = being_written(article) or in_force(article)
    if version is None:
        raise Refused(N_("This version is not in force any more."))
    own = version.writer_id is not None and version.writer_id == actor.user_id
    target = rules.check_step(step, version.state, actor.roles, own=own)
    if step == "review":
        _check_whole(version)
        version.reviewed_at, version.reviewed_by = now, actor.display_name[:80]
    elif step == "back":
        version.reviewed_at, version.reviewed_by = None, ""
    elif step == "publish":
        _publish(session, actor, now, article, version, today)
    else:
        version.ended_at, version.ended_by = now, actor.display_name[:80]
    version.state = target
    _flush(session)
    return version


def _publish(
    session: Session, actor: Actor, now: datetime, article: Article, version: ArticleVersion, today: date
) -> None:
    if version.valid_until is not None and version.valid_until < today:
        raise Refused(N_("Its last day is over: change until when it holds."))
    before = in_force(article)
    if before is not None:
        before.state, before.ended_at, before.ended_by = AnswerState.SUPERSEDED, now, actor.display_name[:80]
        _flush(session)
    version.published_at, version.published_by = now, actor.display_name[:80]


def _check_whole(version: ArticleVersion) -> None:
    if not version.question_en or not version.answer_en:
        raise Refused(N_("Question and answer are needed in English, too, before they are reviewed."))


def may_write(actor: Actor, known: Article | None = None) -> None:
    """Who writes answers; those for all communities are the administrator's. Raises Forbidden."""
    if actor.roles.isdisjoint(rules.WRITERS):
        raise Forbidden(N_("Answers are written by the desk, the stewards and an administrator."))
    if known is not None and known.community_id is None and not actor.has(Role.ADMIN):
        raise Forbidden(N_("This answer is for all communities: an administrator changes it."))


def steps_of(actor: Actor, article: Article) -> list[str]:
    """The steps this actor may take now."""
    version = being_written(article) or in_force(article)
    if version is None or actor.roles.isdisjoint(rules.REVIEWERS):
        return []
    if article.community_id is None and not actor.has(Role.QUALITY):
        return []
    own = version.writer_id is not None and version.writer_id == actor.user_id
    return [
        step
        for step, (sources, _to) in rules.STEPS.items()
        if version.state in sources and not (step == "review" and own)
    ]


def _said(session: Session, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a version says, as the audit trail keeps it: the category by its name, without what the search reads."""
    category = session.get(Category, values["category_id"]) if values["category_id"] else None
    said = {name: value for name, value in values.items() if name not in ("category_id", "words")}
    return said | {"category": category.name if category else None}


def _read(session: Session, sent: Raw) -> dict[str, Any]:
    found: dict[str, Any] = {
        "question": clean_text(sent.get("question"), QUESTION_LIMIT, lines=False),
        "question_en": clean_text(sent.get("question_en"), 200, lines=False),
        "answer": clean_text(sent.get("answer"), ANSWER_LIMIT),
        "answer_en": clean_text(sent.get("answer_en"), ANSWER_LIMIT),
        "questions": _ways(sent.get("questions")),
        "keywords": clean_text(sent.get("keywords"), rules.LONGEST_KEYWORDS, lines=False),
        "change_note": clean_text(sent.get("change_note"), NOTE_LIMIT, lines=False),
        "category_id": _category(session, sent.get("category_id")),
        "valid_from": _day(sent.get("valid_from")),
        "valid_until": _day(sent.get("valid_until")),
        "is_public": flag(sent.get("is_public")),
    }
    if not found["question"] or not found["answer"]:
        raise Invalid(N_("Write the question and its answer in Chinese."))
    if found["valid_from"] and found["valid_until"] and found["valid_until"] < found["valid_from"]:
        raise Invalid(N_("The last day lies before the first."))
    names = ("question", "question_en", "questions", "keywords", "answer", "answer_en")
    found["words"] = rules.plain("\n".join(found[name] for name in names if found[name]))
    return found


def _ways(value: Any) -> str:
    lines = [line.strip() for line in clean_text(value, QUESTION_LIMIT * MOST_WAYS).split("\n") if line.strip()]
    if len(lines) > MOST_WAYS or any(len(line) > QUESTION_LIMIT for line in lines):
        raise Invalid(
            N_("At most %(most)s further ways to ask, of %(limit)s characters each."),
            most=MOST_WAYS,
            limit=QUESTION_LIMIT,
        )
    return "\n".join(lines)


def _day(value: Any) -> date | None:
    text = clean_text(value, 40, lines=False)
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(N_("Enter a day as year-month-day.")) from error
    if not 2000 <= found.year <= 2100:
        raise Invalid(N_("Enter a day between 2000 and 2100."))
    return found


def _category(session: Session, value: Any) -> int | None:
    wanted = row_id(value)
    if wanted is None:
        return None
    found = session.scalar(select(Category.id).where(Category.id == wanted))
    if found is None:
        raise Invalid(N_("There is no such category."))
    return found


def _community(session: Session, actor: Actor, sent: Raw) -> int | None:
    """For which community; an administrator may leave it open."""
    wanted = row_id(sent.get("community_id"))
    mine = select(Community.id).where(rows(actor, Community)).order_by(Community.id)
    if wanted is None and actor.has(Role.ADMIN):
        return None
    found = list(session.scalars((mine if wanted is None else mine.where(Community.id == wanted)).limit(2)))
    if not found:
        raise NotFound(_NOT_HERE)
    if len(found) > 1:
        raise Invalid(N_("Say for which community the answer holds."))
    return found[0]


def _flush(session: Session) -> None:
    try:
        session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise Refused(_CHANGED) from error


def writes(actor: Actor, article: Article) -> bool:
    """Whether this actor may change the answer."""
    try:
        may_write(actor, article)
    except Forbidden:
        return False
    return True
