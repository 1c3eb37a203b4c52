"""`/`: what waits for the one who logs in, and `/work/<queue>`: the list behind each number."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import abort, redirect, request
from flask_babel import gettext

from app.adapters.clock import now
from app.extensions import db
from app.rules.codes import Role
from app.services import workbench, workbench_figures
from app.services.actors import Actor
from app.services.workbench_queues import QUEUES
from app.views.base import BasePage, expose, has_access, open_to_all, permission_name
from app.views.base.arguments import number_in
from app.views.base.local import local, zone
from app.views.look import Look
from app.views.permitted import may

LISTED = 12
PAGE = 25
FURTHEST = 100_000


class Workbench(BasePage):
    """The first page of each role. Household members go to their own page."""

    route_base = ""
    default_view = "index"

    @expose("/")
    @open_to_all("sends a stranger to the log-in page and a household to /owner/; everything else is checked inside")
    def index(self) -> Any:
        """The workbench, or the way to the right first page."""
        user = Look().actor
        if user is None:
            return redirect(Look().login_url)
        role = workbench.main_role(user)
        if not role and user.has(Role.OWNER, Role.RESIDENT):
            return redirect("/owner/")
        if not role:
            # A role of the administrator's own making: no queue is meant for it, the navigation shows what it opens.
            return self.render_template(
                "workbench/queue.html", heading=_greeting(user, now()), tickets=[], more=False, page=0, now=now()
            )
        if not may("can_view", "Workbench"):
            abort(403)
        at = now()
        template = "workbench/waiting.html" if request.args.get("fragment") else "workbench/index.html"
        waiting = self._waiting(user, role, at)
        beside = {} if request.args.get("fragment") else self._beside(user, role, at)
        return self.render_template(template, role=role, now=at, greeting=_greeting(user, at), **waiting, **beside)

    @expose("/work/<string:code>")
    @has_access
    @permission_name("view")
    def queue(self, code: str) -> Any:
        """One queue whole, the most urgent first."""
        found = QUEUES.get(code)
        if found is None:
            abort(404)
        at, actor = now(), self.actor()
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        tickets = workbench.listed(db.session(), actor, (code,), at, skip=page * PAGE, most=PAGE + 1)
        return self.render_template(
            "workbench/queue.html", queue=found, tickets=tickets[:PAGE], more=len(tickets) > PAGE, page=page, now=at
        )

    @expose("/work/month/<string:month>/<string:what>")
    @has_access
    @permission_name("view")
    def month(self, month: str, what: str) -> Any:
        """The tickets behind a figure of a month (`YYYY-MM`)."""
        bounds = _month(month)
        if bounds is None or what not in workbench_figures.MONTH_LISTS:
            abort(404)
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        tickets = workbench_figures.month_list(
            db.session(), self.actor(), what, *bounds, skip=page * PAGE, most=PAGE + 1
        )
        heading = gettext("Complaints of %(month)s", month=month) if what == "complaints" else month_heading(month)
        return self.render_template(
            "workbench/queue.html",
            heading=heading,
            tickets=tickets[:PAGE],
            more=len(tickets) > PAGE,
            page=page,
            now=now(),
        )

    def _waiting(self, actor: Actor, role: str, at: datetime) -> dict[str, Any]:
        session = db.session()
        codes = workbench.BY_ROLE[role]
        numbers = workbench.counts(session, actor, codes, at)
        shown = tuple(code for code in workbench.SHOWN_FIRST.get(role, ()) if numbers.get(code))
        most = 50 if role == Role.TECHNICIAN else LISTED
        return {
            "tiles": [(QUEUES[code], numbers[code]) for code in codes],
            "tickets": workbench.listed(session, actor, shown, at, most=most) if shown else [],
            "touch": role == Role.TECHNICIAN,
            "has_list": role in workbench.SHOWN_FIRST,
        }

    def _beside(self, actor: Actor, role: str, at: datetime) -> dict[str, Any]:
        """What the role's page shows beside the tickets. Two statements at most, three for the manager's roster."""
        session = db.session()
        first, before = workbench_figures.month_bounds(local(at).date())
        shown: dict[str, Any] = {}
        if role in (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR):
            shown["reports"] = workbench_figures.waiting_reports(session, actor)
        if role in (Role.MANAGER, Role.DEPUTY):
            shown["holes"] = workbench_figures.roster_holes(session, actor, at)
        if role in (Role.MANAGER, Role.DEPUTY, Role.QUALITY):
            since, earlier = (datetime.combine(day, time(), zone()) for day in (first, before))
            shown["months"] = workbench_figures.month_figures(session, actor, since, earlier)
            shown["this_month"], shown["last_month"] = f"{first:%Y-%m}", f"{before:%Y-%m}"
        if role == Role.FINANCE:
            shown["periods"] = workbench_figures.bill_months(session, actor)
            shown["owed"] = workbench_figures.owed(session, actor)
        if role == Role.ADMIN:
            shown["health"] = workbench_figures.health(session)
        return shown


def month_heading(month: str) -> str:
    """The heading of a month's list."""
    return gettext("Tickets of %(month)s", month=month)


def _month(text: str) -> tuple[datetime, datetime] | None:
    """The local midnights between which a month lies; None for what is no month."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    if not 2000 <= first.year <= 2200:
        return None
    after = (first + timedelta(days=32)).replace(day=1)
    return datetime.combine(first, time(), zone()), datetime.combine(after, time(), zone())


def _greeting(actor: Actor, at: datetime) -> str:
    hour = local(at).hour
    if hour < 5 or hour >= 18:
        words = gettext("Good evening, %(name)s", name=actor.display_name)
    elif hour < 12:
        words = gettext("Good morning, %(name)s", name=actor.display_name)
    else:
        words = gettext("Good afternoon, %(name)s", name=actor.display_name)
    return words
