"""Asked often and has no answer (D13): consultations of the last weeks without a standard answer, grouped by the rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, joinedload

from app.models import (
    AnswerMiss,
    Article,
    ArticleSource,
    ArticleUse,
    ArticleVersion,
    Call,
    CallTicket,
    Category,
    Ticket,
)
from app.rules.codes import AnswerState, CallOutcome, Kind, TicketState
from app.rules.knowledge_gaps import Asked, groups, is_gap
from app.services.access import rows
from app.services.actors import Actor
from app.services.knowledge_search import find
from app.services.policies import figures

MOST_LOOKED_AT = 3000
"""The newest questions that are grouped; a busy estate asks a few hundred in its window."""

MOST_LOOKED_UP = 20


@dataclass(frozen=True)
class Gap:
    """Questions that belong together and have no answer; `writing` is the answer somebody has begun for some of them,
    `known` one that speaks of these words and was not used."""

    category: Category | None
    words: str
    ticket_ids: tuple[int, ...]
    writing: int | None
    known: int | None = None


def gaps(session: Session, actor: Actor, now: datetime) -> list[Gap]:
    """The groups among the actor's tickets, the most frequent first."""
    figure = figures(session, "knowledge.window_days", "knowledge.often")
    since = now - timedelta(days=figure["knowledge.window_days"])
    asked = [
        Asked(row.id, row.category_id, f"{row.title}\n{row.description}")
        for row in session.execute(_candidates(actor, since))
        if is_gap(row.kind, row.state, counts=row.counts_in_figures, found_nothing=row.missed, used=row.used)
    ]
    found = groups(asked, figure["knowledge.often"])
    categories = {one.id: one for one in session.scalars(select(Category))} if found else {}
    begun = _begun(session, actor, [key for one in found for key in one.ticket_ids])
    return [
        Gap(
            categories.get(one.category_id) if one.category_id else None,
            one.words,
            one.ticket_ids,
            next((begun[key] for key in one.ticket_ids if key in begun), None),
        )
        for one in found
    ]


def with_known(session: Session, actor: Actor, found: list[Gap], today: date) -> list[Gap]:
    """The same groups with the answer that exists already for the words of each; one look a group, for the most frequent ones."""
    return [
        replace(
            one,
            known=next(
                (hit.version.article_id for hit in find(session, actor, one.words, today, only_sure=True, most=1)),
                None,
            ),
        )
        if place < MOST_LOOKED_UP
        else one
        for place, one in enumerate(found)
    ]


def gap(session: Session, actor: Actor, now: datetime, category_code: str, words: str) -> Gap | None:
    """One group by what it is called: the very one that the list counts."""
    return next(
        (
            one
            for one in gaps(session, actor, now)
            if one.words == words and (one.category.code if one.category else "") == category_code
        ),
        None,
    )


def tickets_of(session: Session, actor: Actor, found: Gap) -> list[Ticket]:
    """The tickets behind a group, the newest first."""
    wanted = select(Ticket).where(Ticket.id.in_(found.ticket_ids), rows(actor, Ticket))
    wanted = wanted.options(joinedload(Ticket.house), joinedload(Ticket.category))
    return list(session.scalars(wanted.order_by(Ticket.created_at.desc(), Ticket.id.desc())))


def _candidates(actor: Actor, since: datetime) -> Select[Any]:
    answered = exists().where(
        ArticleSource.ticket_id == Ticket.id,
        ArticleVersion.article_id == ArticleSource.article_id,
        ArticleVersion.state == AnswerState.PUBLISHED,
    )
    # Who hung up or said nothing has asked nothing: the words on such a ticket are the house's own.
    nobody_asked = exists().where(
        CallTicket.ticket_id == Ticket.id,
        Call.id == CallTicket.call_id,
        Call.outcome.in_((CallOutcome.ABANDONED, CallOutcome.SILENT)),
    )
    return (
        select(
            Ticket.id,
            Ticket.category_id,
            Ticket.title,
            Ticket.description,
            Ticket.kind,
            Ticket.state,
            Ticket.counts_in_figures,
            exists().where(AnswerMiss.ticket_id == Ticket.id).label("missed"),
            exists().where(ArticleUse.ticket_id == Ticket.id).label("used"),
        )
        .where(
            rows(actor, Ticket),
            Ticket.kind == Kind.CONSULTATION,
            Ticket.created_at >= since,
            Ticket.state != TicketState.CANCELLED,
            ~answered,
            ~nobody_asked,
        )
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(MOST_LOOKED_AT)
    )


def _begun(session: Session, actor: Actor, ticket_ids: list[int]) -> dict[int, int]:
    """Ticket → the answer that is being written for it. What was withdrawn is written no more."""
    wanted = (
        select(ArticleSource.ticket_id, ArticleSource.article_id)
        .join(Article, Article.id == ArticleSource.article_id)
        .join(ArticleVersion, ArticleVersion.article_id == Article.id)
        .where(
            ArticleSource.ticket_id.in_(ticket_ids),
            ArticleVersion.state.in_((AnswerState.DRAFT, AnswerState.REVIEWED)),
            rows(actor, Article),
        )
        .order_by(ArticleSource.id)
    )
    return {row.ticket_id: row.article_id for row in session.execute(wanted)} if ticket_ids else {}
