"""`/duty/feed`: one's own shifts in the calendar of a telephone or computer, by a secret address without log-in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, abort, current_app, flash, make_response, redirect
from flask_babel import gettext

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.services import duty_feed
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, open_to_all, permission_name, sentence


class DutyFeedPage(BasePage):
    """The page on which somebody makes, renews or ends the address, and the calendar behind it."""

    route_base = "/duty"
    default_view = "feed"

    @expose("/feed")
    @has_access
    @permission_name("use")
    def feed(self) -> Any:
        """Whether there is an address, since when, and when it was last read."""
        return self._page("")

    @expose("/feed", methods=["POST"])
    @has_access
    @permission_name("use")
    def renew(self) -> Any:
        """Make a new address and show it this once."""
        try:
            with transaction() as session:
                token = duty_feed.renew(session, self.actor(), now())
        except LinliError as error:
            flash(sentence(error), "danger")
            return redirect("/duty/feed")
        answer = make_response(self._page(token))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/feed/stop", methods=["POST"])
    @has_access
    @permission_name("use")
    def stop(self) -> Any:
        """End the address."""
        with transaction() as session:
            duty_feed.stop(session, self.actor())
        flash(gettext("The calendar address has ended: nobody reads your shifts by it any more."), "success")
        return redirect("/duty/feed")

    @expose("/calendar/<string:token>.ics")
    @open_to_all("a calendar programme cannot log in: the secret in the address stands for the person")
    def calendar(self, token: str) -> Response:
        """The shifts as iCalendar; 404 for an address that is unknown or has ended."""
        at = now()
        with transaction() as session:
            staff = duty_feed.reader(session, token, at)
            if staff is None:
                abort(404)
            body = duty_feed.calendar(session, staff, at, _host())
        answer = make_response(body)
        answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
        answer.headers["Content-Disposition"] = 'inline; filename="duty.ics"'
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    def _page(self, token: str) -> str:
        base = current_app.extensions["settings"].public_base_url.rstrip("/")
        address = f"{base}/duty/calendar/{token}.ics" if token else ""
        known = duty_feed.feed_of(db.session(), self.actor())
        subscribe = f"webcal://{address.partition('://')[2]}" if address else ""
        return str(self.render_template("duty/feed.html", feed=known, address=address, subscribe=subscribe))


def _host() -> str:
    return urlsplit(current_app.extensions["settings"].public_base_url).hostname or "linli"
