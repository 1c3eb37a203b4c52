"""What becomes of standard answers: the tickets that were answered from them, and what the staff says of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Invalid, NotFound
from app.models import Article, ArticleMark, ArticleSource, ArticleUse, ArticleVersion, Ticket
from app.rules.codes import AnswerState
from app.services.access import rows
from app.services.actors import Actor
from app.services.call_store import insert_once
from app.services.tickets import add_entry

MOST_AT_ONCE = 10
MOST_TICKETS = 100
USABLE = (AnswerState.PUBLISHED, AnswerState.SUPERSEDED)
"""What was replaced while somebody was typing may still be named: the ticket points to what was said."""


def use(session: Session, ticket: Ticket, named: str | None, actor: Actor, now: datetime) -> list[ArticleVersion]:
    """Note on a ticket which versions its answer was taken from: ids with commas, as a form sends them. Counted once each.

    Raises Invalid for what is no such answer of the actor's.
    """
    ids = _ids(named)
    if not ids:
        return []
    wanted = select(ArticleVersion).where(
        ArticleVersion.id.in_(ids), ArticleVersion.state.in_(USABLE), rows(actor, ArticleVersion)
    )
    found = list(session.scalars(wanted.options(joinedload(ArticleVersion.article)).order_by(ArticleVersion.id)))
    if len(found) != len(ids) or any(one.article.community_id not in (None, ticket.community_id) for one in found):
        raise Invalid(N_("One of the answers is not in the knowledge base any more. Choose again."))
    for version in found:
        row = {"ticket_id": ticket.id, "version_id": version.id, "at": now, "actor_name": actor.display_name[:80]}
        if not insert_once(session, ArticleUse.__table__, row, "ticket_id", "version_id"):
            continue
        session.execute(update(Article).where(Article.id == version.article_id).values(used=Article.used + 1))
        data = {"article": version.article_id, "number": version.number}
        add_entry(session, ticket, "answer_used", actor, now, before=ticket.state, note=version.question, data=data)
    session.flush()
    return found


def mark(session: Session, actor: Actor, version_id: int, now: datetime, *, helped: bool) -> ArticleVersion:
    """What one of the staff says of a version; said again, the last word counts. Raises NotFound."""
    wanted = select(ArticleVersion).where(ArticleVersion.id == version_id, rows(actor, ArticleVersion))
    version = session.scalars(wanted).first()
    if version is None or actor.user_id is None:
        raise NotFound(N_("There is nothing here, or it is not yours to see."))
    row = {"version_id": version.id, "user_id": actor.user_id, "helped": helped, "at": now}
    if not insert_once(session, ArticleMark.__table__, row, "version_id", "user_id"):
        session.execute(
            update(ArticleMark)
            .where(ArticleMark.version_id == version.id, ArticleMark.user_id == actor.user_id)
            .values(helped=helped, at=now)
        )
    return version


def used_on(session: Session, actor: Actor, ticket: Ticket) -> list[ArticleUse]:
    """The versions a ticket was answered from, in their order."""
    wanted = (
        select(ArticleUse).join(ArticleVersion).where(ArticleUse.ticket_id == ticket.id, rows(actor, ArticleVersion))
    )
    return list(session.scalars(wanted.options(joinedload(ArticleUse.version)).order_by(ArticleUse.at, ArticleUse.id)))


def tickets_of(session: Session, actor: Actor, article: Article) -> list[ArticleUse]:
    """Where an answer was used, as far as the actor sees the tickets, the newest first."""
    wanted = (
        select(ArticleUse)
        .join(Ticket, Ticket.id == ArticleUse.ticket_id)
        .join(ArticleVersion, ArticleVersion.id == ArticleUse.version_id)
        .where(ArticleVersion.article_id == article.id, rows(actor, Ticket))
        .options(joinedload(ArticleUse.version), joinedload(ArticleUse.ticket))
        .order_by(ArticleUse.at.desc(), ArticleUse.id.desc())
    )
    return list(session.scalars(wanted.limit(MOST_TICKETS)))


def _ids(named: str | None) -> Sequence[int]:
    pieces = [piece.strip() for piece in (named or "").split(",") if piece.strip()]
    if any(not (piece.isascii() and piece.isdecimal() and len(piece) < 10) for piece in pieces):
        raise Invalid(N_("One of the answers is not in the knowledge base any more. Choose again."))
    if len(pieces) > MOST_AT_ONCE:
        raise Invalid(N_("At most %(most)s answers are noted at once."), most=MOST_AT_ONCE)
    return sorted({int(piece) for piece in pieces})


def sources_of(session: Session, actor: Actor, article: Article) -> list[Ticket]:
    """The households' questions an answer was written for, as far as the actor sees them."""
    wanted = select(Ticket).join(ArticleSource, ArticleSource.ticket_id == Ticket.id)
    wanted = wanted.where(ArticleSource.article_id == article.id, rows(actor, Ticket))
    return list(session.scalars(wanted.order_by(Ticket.created_at.desc(), Ticket.id.desc()).limit(MOST_TICKETS)))
