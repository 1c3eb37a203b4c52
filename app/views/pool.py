"""`/pool/`: the department's work that nobody has in hand, for technicians to take."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask_babel import gettext

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.services import pool
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence

MOST = 100


class PoolPage(BasePage):
    """What may be taken is the service's answer: one's department, one's communities, one's skills."""

    route_base = "/pool"
    default_view = "work"

    @expose("/")
    @has_access
    @permission_name("take")
    def work(self) -> Any:
        """The list."""
        return self._page("", 200)

    @expose("/<string:number>/take", methods=["POST"])
    @has_access
    @permission_name("take")
    def take(self, number: str) -> Any:
        """Take it. Somebody was faster: the list again, with who."""
        try:
            with transaction() as session:
                pool.take(session, self.actor(), number, now())
        except LinliError as error:
            return self._page(sentence(error), error.status)
        flash(gettext("It is yours now."), "success")
        return redirect(f"/ticket/{number}")

    def _page(self, error: str, status: int) -> Any:
        found = pool.open_work(db.session(), self.actor(), MOST)
        return self.render_template("workbench/pool.html", pool=found, now=now(), error=error), status
