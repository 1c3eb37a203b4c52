"""`/owner/answers`: the standard answers that are meant for households, and those that fit while a matter is being written."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import request

from app.adapters.clock import now
from app.extensions import db
from app.services import knowledge_search, search
from app.views.base import expose, has_access, local, permission_name
from app.views.knowledge_words import WORDS
from app.views.owner_base import OwnerBase

MOST_HINTS = 3


class OwnerAnswers(OwnerBase):
    """Published answers for owners, of one's own communities and for all."""

    default_view = "list"
    tab = "more"

    @expose("/answers")
    @has_access
    @permission_name("view")
    def list(self) -> Any:
        """All of them by category, or what is found for `?q=`."""
        session, actor, today = db.session(), self.actor(), local(now()).date()
        words = search.clean_words(request.args.get("q"))
        if words:
            hits = knowledge_search.find(session, actor, words, today, only_public=True, most=20)
            found = [hit.version for hit in hits]
        else:
            found = knowledge_search.public(session, actor, today)
        groups = [(category, [*rows]) for category, rows in groupby(found, key=lambda one: one.category)]
        return self.page("owner/answers.html", groups=groups, words=words, **WORDS)

    @expose("/answers/hints")
    @has_access
    @permission_name("view")
    def hints(self) -> Any:
        """What perhaps answers the words that are being typed."""
        found = knowledge_search.find(
            db.session(),
            self.actor(),
            request.args.get("words", ""),
            local(now()).date(),
            category_id=knowledge_search.category_of(db.session(), request.args.get("category")),
            only_public=True,
            only_sure=True,
            most=MOST_HINTS,
        )
        return self.render_template("owner/answer_hints.html", found=found, **WORDS)
