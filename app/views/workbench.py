"""`/`: what waits for the one who logs in now, with the figures of the day. The lists behind its numbers: `workbench_lists`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, redirect
from flask_babel import gettext

from app.adapters.clock import now
from app.extensions import db
from app.rules.codes import Role
from app.rules.complaint_verbs import COMPLAINT_VERBS
from app.rules.ticket_states import VERB_TABLE
from app.rules.work_verbs import WORK_VERBS
from app.services import offers, papers_due, pool, workbench
from app.services.actors import Actor
from app.services.day_figures import AGES
from app.services.drill_lists import EVERY
from app.services.special_words import title
from app.services.workbench_queues import QUEUES
from app.views import workbench_beside, workbench_today
from app.views.base import BasePage, expose, has_access, open_to_all, permission_name
from app.views.base.local import local
from app.views.complaint_forms import WORDS
from app.views.look import Look
from app.views.permitted import may
from app.views.special_words import next_step
from app.views.verb_forms import USUAL

LISTED = 15
JOBS = 50
POOLED = 5
OFFERED = 3

NEXT_STEP = {
    "callback": "contact",
    "no_reply": "reply",
    "no_finding": "find",
    "new": "dispatch",
    "untaken": "dispatch",
    "visits": "visit",
    "my_visits": "visit",
    "to_close": "close",
    "waited_out": "resume",
    "mine_new": "start",
    "to_confirm": "confirm",
    "to_accept": "approve",
    "team_accept": "approve",
    "outside": "answered",
}
"""Queue → the step its hint asks for: the button beside the line. Else the state's usual next step."""


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
                "workbench/queue.html", heading=_greeting(user, now()), hint="", nothing="", total=0, page=0, last=0
            )
        if not may("can_view", "Workbench"):
            abort(403)
        at = now()
        shown = self._page(user, role, at)
        return self.render_template("workbench/index.html", now=at, greeting=_greeting(user, at), **shown)

    @expose("/now")
    @has_access
    @permission_name("view")
    def parts(self) -> Any:
        """The page's parts by themselves, for the script that exchanges what has changed."""
        actor, at = self.actor(), now()
        role = workbench.main_role(actor)
        if not role:
            abort(404)
        return self.render_template("workbench/bench.html", now=at, **self._page(actor, role, at))

    def _page(self, actor: Actor, role: str, at: datetime) -> dict[str, Any]:
        """Everything of the page: what waits, the figures of the day, what stands beside. Fifteen statements at most."""
        session = db.session()
        codes = workbench.BY_ROLE[role]
        known = workbench_beside.figures_of(session, role)
        numbers = workbench.counts(session, actor, codes, at, known.get(EVERY, 0))
        shown = tuple(code for code in workbench.SHOWN_FIRST[role] if numbers.get(code))
        hands = role == Role.TECHNICIAN
        most = JOBS if hands else LISTED
        waiting = workbench.waiting(session, actor, shown, at, most, in_hand=hands) if shown else []
        figures, week_day = workbench_today.today(session, actor, at)
        return {
            "role": role,
            "tiles": [(QUEUES[code], numbers[code]) for code in codes],
            "waiting": workbench.on_foot(waiting, at) if hands else waiting,
            "pool": pool.open_work(session, actor, POOLED) if hands and may("can_take", "PoolPage") else [],
            "offers": offers.waiting(session, actor, OFFERED) if numbers["offers"] else [],
            "more": sum(numbers[code] for code in shown) > most,
            "queues": QUEUES,
            # What has come up to the quality department is decided there, and carried out by others.
            "steps": NEXT_STEP | ({"mine": "decide"} if role == Role.QUALITY else {}),
            "able": {
                verb for verb, row in (VERB_TABLE | COMPLAINT_VERBS | WORK_VERBS).items() if row.roles & actor.roles
            },
            "first": {str(state): verbs[0] for state, verbs in USUAL.items()},
            "wording": WORDS,
            "touch": hands,
            "figures": figures,
            "week_day": week_day,
            "ages": [(code, numbers[f"age_{code}"]) for code, _since, _until in AGES],
            "beside": {name: numbers[name] for name in (*workbench.BESIDE, "drills_overdue", "plans_undrilled")},
            "records_turn": papers_due.turn_of(actor),
            **workbench_beside.beside(session, actor, role, at, known),
            "event_name": title,
            "event_step": next_step,
        }


def _greeting(actor: Actor, at: datetime) -> str:
    hour = local(at).hour
    if hour < 5 or hour >= 18:
        words = gettext("Good evening, %(name)s", name=actor.display_name)
    elif hour < 12:
        words = gettext("Good morning, %(name)s", name=actor.display_name)
    else:
        words = gettext("Good afternoon, %(name)s", name=actor.display_name)
    return words
