"""`/search`: one box for a ticket number, a telephone, a house or a name; only what is the actor's to see."""

from __future__ import annotations

from typing import Any

from flask import redirect, request

from app.adapters.clock import now
from app.extensions import db
from app.services import search
from app.services.ticket_view import find_ticket
from app.views.base import BasePage, expose, has_access
from app.views.base.local import local


class SearchPage(BasePage):
    """What the top bar's box leads to."""

    route_base = ""
    default_view = "search"

    @expose("/search")
    @has_access
    def search(self) -> Any:
        """Tickets, houses and people at once; a whole ticket number leads straight to its page."""
        session, actor = db.session(), self.actor()
        words = search.clean_words(request.args.get("q"))
        if len(words) == 8 and find_ticket(session, actor, words) is not None:
            return redirect(f"/ticket/{words}")
        at = now()
        return self.render_template(
            "workbench/search.html",
            search_words=words,
            now=at,
            tickets=search.tickets(session, actor, words),
            houses=search.houses(session, actor, words),
            people=search.residents(session, actor, local(at).date(), words=words),
        )
