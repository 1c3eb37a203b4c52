"""`/knowledge/`: the standard answers of the house: found, read in every version, marked, counted (D13)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, jsonify, redirect, request
from flask_babel import gettext
from sqlalchemy import select

from app.adapters.clock import now
from app.extensions import db
from app.models import Category, House, Ticket
from app.models.base import BIGGEST_ID
from app.services import knowledge, knowledge_search, knowledge_use, search
from app.services.access import rows
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, local, permission_name
from app.views.base.arguments import number_in
from app.views.base.rows import as_id
from app.views.knowledge_words import STEPS, WORDS, differences, questions_of
from app.views.permitted import may

MOST_VAGUE = 3


class KnowledgePage(BasePage):
    """Read by all staff of the community; marked by whoever answers households."""

    route_base = "/knowledge"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """The answers under a heading, or what is found for `?q=`."""
        session, actor, today = db.session(), self.actor(), local(now()).date()
        words = search.clean_words(request.args.get("q"))
        show = request.args.get("show", "published")
        show = show if show in (*knowledge.SHOWS, knowledge.TURN) else "published"
        category = request.args.get("category", "")
        category_id = knowledge_search.category_of(session, category)
        skip = number_in(request.args.get("skip"), 0, 0, 100_000)
        found = knowledge_search.find(session, actor, words, today, most=30) if words else []
        listed = [] if words else knowledge.listed(session, actor, today, show=show, category_id=category_id, skip=skip)
        return self.render_template(
            "knowledge/list.html",
            words=words,
            found=found,
            listed=listed,
            show=show,
            category=category if category_id else "",
            counts=knowledge.counts(session, actor, today),
            categories=list(session.scalars(select(Category).where(Category.active).order_by(Category.position))),
            more=skip + knowledge.MOST_LISTED if len(listed) == knowledge.MOST_LISTED else 0,
            may_write=may("can_write", "KnowledgeWritePage"),
            **WORDS,
        )

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def show(self, pk: int) -> Any:
        """An answer: the version asked for (`?version=`), else the one in force, else the newest."""
        session, actor = db.session(), self.actor()
        article = knowledge.find(session, actor, pk) or abort(404)
        numbers = {one.number: one for one in article.versions}
        asked = request.args.get("version")
        version = (
            numbers.get(number_in(asked, 0, 0, BIGGEST_ID))
            if asked
            else knowledge.in_force(article) or article.versions[-1]
        )
        if version is None:
            abort(404)
        before = numbers.get(version.number - 1)
        return self.render_template(
            "knowledge/show.html",
            article=article,
            version=version,
            before=before,
            changes=differences(before, version) if before else [],
            open=knowledge.being_written(article),
            questions=questions_of(version),
            marks=knowledge_search.marks_of(session, [version.id]).get(version.id, (0, 0)),
            uses=knowledge_use.tickets_of(session, actor, article),
            sources=knowledge_use.sources_of(session, actor, article),
            steps=knowledge.steps_of(actor, article) if may("can_review", "KnowledgeWritePage") else [],
            step_words=STEPS,
            writes=may("can_write", "KnowledgeWritePage") and knowledge.writes(actor, article),
            today=local(now()).date(),
            **WORDS,
        )

    @expose("/<int:pk>/mark/<int:version_id>", methods=["POST"])
    @has_access
    @permission_name("mark")
    def mark(self, pk: int, version_id: int) -> Any:
        """It helped, or it did not answer."""
        helped = {"yes": True, "no": False}.get(request.form.get("helped", ""))
        if helped is None or version_id > BIGGEST_ID:
            abort(404)
        with transaction() as session:
            version = knowledge_use.mark(session, self.actor(), version_id, now(), helped=helped)
            if version.article_id != pk:
                abort(404)
            number = version.number
        if request.headers.get("X-Fragment"):
            return jsonify(message=gettext("Thank you: noted."))
        flash(gettext("Thank you: noted."), "success")
        return redirect(f"/knowledge/{pk}?version={number}")

    @expose("/hints")
    @has_access
    @permission_name("view")
    def hints(self) -> Any:
        """What fits the words so far (`words`, `category`, `house` or `ticket`), to be laid beside a form. `lang` is the
        household's language."""
        session, actor, asked = db.session(), self.actor(), request.args
        community_id = None
        house_id, ticket_id = as_id(asked.get("house", "")), as_id(asked.get("ticket", ""))
        if ticket_id is not None:
            community_id = session.scalar(
                select(Ticket.community_id).where(Ticket.id == ticket_id, rows(actor, Ticket))
            )
        elif house_id is not None:
            community_id = session.scalar(select(House.community_id).where(House.id == house_id, rows(actor, House)))
        words = asked.get("words", "")[: knowledge_search.LONGEST_WORDS]
        category_id = knowledge_search.category_of(session, asked.get("category"))
        found = knowledge_search.find(
            session,
            actor,
            words,
            local(now()).date(),
            category_id=category_id if words.strip() else None,
            community_id=community_id,
        )
        # What merely shares a word is shown only where nothing speaks of the question itself.
        found = [one for one in found if one.sure] or found[:MOST_VAGUE]
        return self.render_template(
            "knowledge/hints.html",
            found=found,
            tongue=asked.get("lang") if asked.get("lang") in ("zh", "en") else "",
            **WORDS,
        )
