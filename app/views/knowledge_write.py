"""`/answers/…`: writing standard answers, and the list of what was asked often and has no answer (D13)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Article, ArticleVersion, Category, Community, Ticket
from app.rules.codes import Role
from app.services import knowledge, knowledge_gaps
from app.services.access import rows
from app.services.ticket_view import find_ticket
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, local, permission_name, sentence
from app.views.base.replay import claimed
from app.views.knowledge_words import DONE, STEPS, WORDS
from app.views.permitted import may

_FIELDS = (
    "question",
    "question_en",
    "questions",
    "answer",
    "answer_en",
    "keywords",
    "category_id",
    "valid_from",
    "valid_until",
    "is_public",
    "revision",
)


class KnowledgeWritePage(BasePage):
    """Written by the desk, the stewards and an administrator."""

    route_base = "/answers"
    default_view = "asked"

    @expose("/asked")
    @has_access
    @permission_name("ask")
    def asked(self) -> Any:
        """Asked often and has no answer."""
        session, actor, at = db.session(), self.actor(), now()
        groups = knowledge_gaps.gaps(session, actor, at)
        found = knowledge_gaps.with_known(session, actor, groups, local(at).date())
        return self.render_template(
            "knowledge/asked.html", found=found, may_write=may("can_write", "KnowledgeWritePage"), **WORDS
        )

    @expose("/asked/tickets")
    @has_access
    @permission_name("ask")
    def asked_tickets(self) -> Any:
        """The tickets behind one group: as many as the list counts."""
        session, actor, at = db.session(), self.actor(), now()
        code, words = request.args.get("category", ""), request.args.get("words", "")
        found = knowledge_gaps.gap(session, actor, at, code, words)
        tickets = knowledge_gaps.tickets_of(session, actor, found) if found else []
        return self.render_template(
            "knowledge/asked_tickets.html",
            found=found,
            tickets=tickets,
            words=words[:60],
            now=at,
            may_write=may("can_write", "KnowledgeWritePage"),
            **WORDS,
        )

    @expose("/new")
    @has_access
    @permission_name("write")
    def new(self) -> Any:
        """The empty form; from a group of questions (`?category=&words=`) or a ticket (`?ticket=`) with what they say."""
        return self._form(None, self._begin(), "", 200)

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("write")
    def add(self) -> Any:
        """Keep the draft."""
        return self._save(None)

    @expose("/<int:pk>/edit")
    @has_access
    @permission_name("write")
    def edit(self, pk: int) -> Any:
        """The form of the draft, or of the next version."""
        article = self._own(db.session(), pk)
        version = knowledge.being_written(article) or knowledge.in_force(article) or article.versions[-1]
        values = {name: _text(getattr(version, name)) for name in _FIELDS}
        if version is not knowledge.being_written(article):
            # What is sent begins the next version: nothing that is being written was seen.
            values |= {"change_note": "", "revision": "0"}
        return self._form(article, values, "", 200)

    @expose("/<int:pk>/edit", methods=["POST"])
    @has_access
    @permission_name("write")
    def change(self, pk: int) -> Any:
        """Keep it."""
        return self._save(pk)

    @expose("/<int:pk>/<string:step>", methods=["POST"])
    @has_access
    @permission_name("review")
    def step(self, pk: int, step: str) -> Any:
        """Review, send back, publish, withdraw: whose step it is, is the rule's answer."""
        actor, at = self.actor(), now()
        if step not in STEPS:
            abort(404)
        try:
            with transaction() as session:
                article = self._own(session, pk)
                number = knowledge.take(session, actor, at, article, step, local(at).date()).number
        except LinliError as error:
            flash(sentence(error), "danger")
            return redirect(f"/knowledge/{pk}")
        flash(str(DONE[step]), "success")
        return redirect(f"/knowledge/{pk}?version={number}")

    def _begin(self) -> dict[str, Any]:
        session, actor, asked = db.session(), self.actor(), request.args
        if asked.get("ticket"):
            ticket = find_ticket(session, actor, asked["ticket"]) or abort(404)
            return {"question": ticket.title, "category_id": _text(ticket.category_id), "sources": ticket.number}
        if not asked.get("words"):
            return {"category_id": _text(_category(session, asked.get("category", "")))}
        found = knowledge_gaps.gap(session, actor, now(), asked.get("category", ""), asked["words"]) or abort(404)
        tickets = knowledge_gaps.tickets_of(session, actor, found)
        ways = list(dict.fromkeys(ticket.title[: knowledge.QUESTION_LIMIT] for ticket in tickets))
        return {
            "question": ways[0],
            "questions": "\n".join(ways[1 : knowledge.MOST_WAYS + 1]),
            "keywords": found.words,
            "category_id": _text(found.category.id if found.category else None),
            "community_id": _text(tickets[0].community_id),
            "sources": ",".join(ticket.number for ticket in tickets),
        }

    def _save(self, pk: int | None) -> Any:
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                known = self._own(session, pk) if pk is not None else None
                sources = self._sources(session, sent.get("sources", "")) if known is None else []
                version = knowledge.save(session, actor, at, sent, known, sources)
                address = form.led_to(f"/knowledge/{version.article_id}?version={version.number}")
        except LinliError as error:
            db.session().rollback()
            known = self._own(db.session(), pk) if pk is not None else None
            # Told that somebody was faster, the reader may keep to the own words: sending again is a decision then.
            kept = {name: value for name, value in sent.items() if name != "revision" or error.status != 409}
            return self._form(known, kept, sentence(error), error.status)
        flash(gettext("The draft is kept. Somebody else reviews it now."), "success")
        return redirect(address)

    def _form(self, found: Article | None, values: dict[str, Any], error: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        communities = list(session.scalars(select(Community).where(rows(actor, Community)).order_by(Community.id)))
        page = self.render_template(
            "knowledge/form.html",
            found=found,
            values=values,
            error=error,
            version=_open(found),
            sources=self._sources(session, values.get("sources", "")) if found is None else [],
            categories=list(session.scalars(select(Category).where(Category.active).order_by(Category.position))),
            communities=communities,
            for_all=actor.has(Role.ADMIN),
            **WORDS,
        )
        return page, status

    def _own(self, session: Session, pk: int) -> Article:
        return knowledge.find(session, self.actor(), pk) or abort(404)

    def _sources(self, session: Session, numbers: str) -> list[Ticket]:
        wanted = [number for number in numbers.split(",")[:500] if number.isascii() and number.isdecimal()]
        if not wanted:
            return []
        statement = select(Ticket).where(Ticket.number.in_(wanted), rows(self.actor(), Ticket)).order_by(Ticket.id)
        return list(session.scalars(statement))


def _open(found: Article | None) -> ArticleVersion | None:
    return knowledge.being_written(found) if found else None


def _category(session: Session, code: str) -> int | None:
    return session.scalar(select(Category.id).where(Category.code == code[:40]))


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)
