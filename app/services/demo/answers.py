"""The knowledge base of the demo: standard answers in both languages, one of them in its second version, and what waits for a review."""

from datetime import timedelta

from sqlalchemy import select

from app.models import Article, ArticleUse, ArticleVersion, Ticket
from app.rules import knowledge as rules
from app.rules.codes import AnswerState, Kind, Role
from app.services.demo.answers_text import ANSWERS, DRAFT, FORMER, DemoAnswer
from app.services.demo.world import World

_BEGUN = 300
_USED_OF_TEN = 9


def write_answers(world: World) -> None:
    """Write the answers, and let most of the questions of the year have been answered from them."""
    versions = {one.question: _publish(world, one) for one in ANSWERS}
    _draft(world)
    world.writer.flush()
    _use(world, versions)


def _publish(world: World, one: DemoAnswer) -> tuple[int, int]:
    """(article, version in force)."""
    at = world.at(world.today - timedelta(days=_BEGUN), 9)
    article_id = world.writer.add(Article, community_id=world.estate.community_id, created_at=at, used=0)
    before = FORMER.get(one.question)
    if before is not None:
        _version(world, article_id, one, 1, AnswerState.SUPERSEDED, _BEGUN, answer=before[0], answer_en=before[1])
    days = 120 if before else _BEGUN
    note = "调整办理地点" if before else ""
    version_id = _version(world, article_id, one, 2 if before else 1, AnswerState.PUBLISHED, days, change_note=note)
    return article_id, version_id


def _draft(world: World) -> None:
    at = world.at(world.today - timedelta(days=2), 16)
    article_id = world.writer.add(Article, community_id=world.estate.community_id, created_at=at, used=0)
    _version(world, article_id, DRAFT, 1, AnswerState.DRAFT, 2)


def _version(
    world: World, article_id: int, one: DemoAnswer, number: int, state: AnswerState, days: int, **other: str
) -> int:
    writer, checker = world.team.of(Role.ASSISTANT)[0], world.team.of(Role.SUPERVISOR)[0]
    at = world.at(world.today - timedelta(days=days), 9)
    is_out = state != AnswerState.DRAFT
    text = {
        "question": one.question,
        "question_en": one.question_en,
        "questions": "\n".join(one.ways),
        "keywords": one.keywords,
        "answer": one.answer,
        "answer_en": one.answer_en,
        "change_note": "",
        **other,
    }
    names = ("question", "question_en", "questions", "keywords", "answer", "answer_en")
    return world.writer.add(
        ArticleVersion,
        article_id=article_id,
        number=number,
        state=state,
        category_id=world.categories[one.category].id,
        is_public=one.is_public,
        words=rules.plain("\n".join(text[name] for name in names if text[name])),
        revision=1,
        written_at=at,
        writer_id=writer.user_id,
        writer_name=writer.name,
        reviewed_at=at + timedelta(hours=3) if is_out else None,
        reviewed_by=checker.name if is_out else "",
        published_at=at + timedelta(hours=4) if is_out else None,
        published_by=checker.name if is_out else "",
        ended_at=world.at(world.today - timedelta(days=120), 13) if state == AnswerState.SUPERSEDED else None,
        ended_by=checker.name if state == AnswerState.SUPERSEDED else "",
        **text,
    )


def _use(world: World, versions: dict[str, tuple[int, int]]) -> None:
    """Most of the year's questions were answered from them; how many stays a matter of the seed."""
    session = world.writer.session
    by_words = [(rules.words_of(one.keywords), one) for one in ANSWERS]
    assistant = world.team.of(Role.ASSISTANT)[0]
    since = world.at(world.today - timedelta(days=119), 0)
    asked = session.execute(
        select(Ticket.id, Ticket.title, Ticket.replied_at)
        .where(Ticket.kind == Kind.CONSULTATION, Ticket.community_id == world.estate.community_id)
        .where(Ticket.replied_at.is_not(None), Ticket.created_at >= since, Ticket.counts_in_figures)
        .order_by(Ticket.id)
    ).all()
    used: dict[int, int] = {}
    for row in asked:
        fitting = next((one for words, one in by_words if any(word in row.title for word in words)), None)
        if fitting is None or world.random.randrange(10) >= _USED_OF_TEN:
            continue
        article_id, version_id = versions[fitting.question]
        used[article_id] = used.get(article_id, 0) + 1
        world.writer.add(
            ArticleUse, version_id=version_id, ticket_id=row.id, at=row.replied_at, actor_name=assistant.name
        )
    for article_id, count in used.items():
        article = session.get_one(Article, article_id)
        article.used = count
    session.flush()
