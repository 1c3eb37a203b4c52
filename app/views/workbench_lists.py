"""`/work/…`: the list behind each number of a first page, with exactly as many rows as the number says."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import abort, redirect, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_

from app.adapters.clock import now
from app.extensions import db
from app.models import Message, Ticket
from app.rules.codes import MessageState
from app.services import check_in_lists, day_figures, workbench, workbench_figures
from app.services.access import rows
from app.services.policies import figure
from app.services.workbench_queues import QUEUES
from app.views.base import BasePage, expose, has_access, permission_name
from app.views.base.arguments import number_in
from app.views.base.local import local
from app.views.base.rows import as_id
from app.views.figure_words import shown
from app.views.permitted import may
from app.views.workbench_today import midnight

PAGE = 25
FURTHEST = 100_000

HEADINGS = {
    "tickets": _("New tickets"),
    "complaints": _("Complaints"),
    "done": _("Finished"),
    "judged": _("In time"),
    "answered": _("First response"),
    "scored": _("Answers of the households"),
    "calls": _("Calls"),
}
AGES = {
    "day": _("open for less than a day"),
    "three": _("open for one to three days"),
    "week": _("open for three to seven days"),
    "older": _("open for more than seven days"),
}
BILLS = {
    "owed": _("Owed"),
    "overdue": _("Overdue"),
    "open": _("Bills not paid"),
    "part_paid": _("Bills partly paid"),
}


class WorkLists(BasePage):
    """Lists of tickets, calls, bills and messages, each the very rows that a number counted."""

    route_base = "/work"
    default_view = "queue"

    @expose("/<string:code>")
    @has_access
    @permission_name("view")
    def queue(self, code: str) -> Any:
        """One queue whole, the most urgent first; `?building=<id>` leaves those of one building."""
        found = QUEUES.get(code)
        if found is None:
            abort(404)
        at, actor = now(), self.actor()
        wanted: ColumnElement[bool] = found.condition(actor, at)
        building = as_id(request.args.get("building", ""))
        if building is not None:
            wanted = and_(wanted, Ticket.building_id == building)
        return self._tickets(gettext(found.label), gettext(found.hint), gettext(found.nothing), wanted, at)

    @expose("/check_ins")
    @has_access
    @permission_name("unheard")
    def check_ins(self) -> Any:
        """Who has not answered a check-in call, and nobody has said yet what was found."""
        page = _page()
        total, found = check_in_lists.tasks(db.session(), self.actor(), skip=page * PAGE, most=PAGE)
        hint = gettext("Go there or make sure otherwise, then say what you found: it stays here until somebody has.")
        nothing = gettext("Everybody who is called has answered.")
        return self._show(gettext("Check-in calls without an answer"), hint, nothing, total, page, now(), unheard=found)

    @expose("/age/<string:code>")
    @has_access
    @permission_name("view")
    def age(self, code: str) -> Any:
        """What is open and so old."""
        at = now()
        wanted = day_figures.age_condition(code, at)
        if wanted is None:
            abort(404)
        return self._tickets(gettext("All open"), str(AGES[code]), gettext("Nothing is open."), wanted, at)

    @expose("/day/<string:day>/<string:what>")
    @has_access
    @permission_name("view")
    def day(self, day: str, what: str) -> Any:
        """What stands behind a figure of a day (`YYYY-MM-DD`)."""
        start = _day(day)
        if start is None:
            abort(404)
        return self._figure(what, midnight(start), midnight(start + timedelta(days=1)), day)

    @expose("/bills/<string:what>")
    @has_access
    @permission_name("view")
    def bills(self, what: str) -> Any:
        """The bills behind a sum, for whoever may list bills."""
        if not may("can_list", "BillView"):
            abort(403)
        at = now()
        wanted = workbench_figures.bill_condition(what, local(at).date())
        if wanted is None:
            abort(404)
        page = _page()
        total, found = workbench_figures.bills(db.session(), self.actor(), wanted, page * PAGE, PAGE)
        heading = str(BILLS.get(what, "")) or gettext("Bills of %(month)s", month=what)
        return self._show(heading, "", gettext("No such bill."), total, page, at, bills=found)

    @expose("/messages/<string:what>")
    @has_access
    @permission_name("view")
    def messages(self, what: str) -> Any:
        """Messages that failed in the last days (`failed`), ever (`failed_ever`), or that wait (`queued`)."""
        if not may("can_list", "MessageView"):
            abort(403)
        at, actor = now(), self.actor()
        mine = rows(actor, Message)
        known: dict[str, tuple[Any, tuple[ColumnElement[bool], ...]]] = {
            "failed": (_("Messages that failed"), workbench_figures.failed_messages(actor, at)),
            "failed_ever": (_("Messages that failed"), (Message.state == MessageState.FAILED_PERMANENT, mine)),
            "queued": (_("Messages waiting"), (Message.state == MessageState.QUEUED, mine)),
        }
        if what not in known:
            abort(404)
        heading, conditions = known[what]
        page = _page()
        total, found = workbench_figures.messages(db.session(), conditions, page * PAGE, PAGE)
        hint = gettext("Tell these people in another way: ring them, or put a note on the door.")
        return self._show(str(heading), hint, gettext("Every message has arrived."), total, page, at, messages=found)

    @expose("/roster")
    @has_access
    @permission_name("view")
    def roster(self) -> Any:
        """Every hole of the coming days in the duty roster."""
        if not may("can_list", "DutyShiftView"):
            abort(403)
        at, session = now(), db.session()
        holes = workbench_figures.roster_holes(session, self.actor(), at, figure(session, "roster.look_ahead_days"))
        page = _page()
        return self._show(
            gettext("Holes in the duty roster"),
            gettext("Emergencies ring past a hole: fill it before it comes."),
            gettext("Somebody is on duty at every hour."),
            len(holes),
            page,
            at,
            holes=holes[page * PAGE : (page + 1) * PAGE],
        )

    def _tickets(self, heading: str, hint: str, nothing: str, wanted: ColumnElement[bool], at: datetime) -> Any:
        page = _page()
        total, found = workbench.listed(db.session(), self.actor(), wanted, at, skip=page * PAGE, most=PAGE)
        return self._show(heading, hint, nothing, total, page, at, tickets=found)

    def _figure(self, what: str, start: datetime, end: datetime, span: str) -> Any:
        if what not in day_figures.MATTERS:
            abort(404)
        session, actor, page = db.session(), self.actor(), _page()
        heading = gettext("%(what)s of %(span)s", what=str(HEADINGS[what]), span=span)
        if what == "calls":
            if not may("can_list", "CallView"):
                abort(403)
            total, calls = day_figures.calls(session, actor, start, end, skip=page * PAGE, most=PAGE)
            return self._show(heading, "", gettext("Nobody called."), total, page, now(), calls=calls)
        total, found = day_figures.listed(session, actor, what, start, end, skip=page * PAGE, most=PAGE)
        return self._show(heading, "", gettext("Nothing was found."), total, page, now(), figure=found)

    def _show(self, heading: str, hint: str, nothing: str, total: int, page: int, at: datetime, **found: Any) -> Any:
        kept = {name: value for name, value in request.args.items() if name == "building"}
        last = max(0, (total - 1) // PAGE)
        if page > last:
            return redirect(f"{request.path}?{urlencode({**kept, 'page': last})}")
        return self.render_template(
            "workbench/queue.html",
            heading=heading,
            hint=hint,
            nothing=nothing,
            total=total,
            page=page,
            last=last,
            kept=kept,
            now=at,
            spoken=shown,
            **found,
        )


def _page() -> int:
    return number_in(request.args.get("page"), 0, 0, FURTHEST)


def _day(text: str) -> date | None:
    """The day in `text` (`YYYY-MM-DD`) within a sensible span; None for anything else."""
    if len(text) != 10:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None
