"""`/promises/`: what was promised to households, by whom and for when, and whether it was kept (D4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, request
from flask_babel import lazy_gettext as _

from app.adapters.clock import now
from app.extensions import db
from app.services import promises
from app.views.base import BasePage, expose, has_access, permission_name
from app.views.base.arguments import number_in
from app.views.base.local import local
from app.views.workbench_today import midnight

PAGE = 25
FURTHEST = 10_000

HEADINGS: dict[str, Any] = {
    "soon": _("Next 24 hours"),
    "open": _("Open"),
    "overdue": _("Overdue"),
    "kept": _("Kept"),
    "broken": _("Broken"),
    "dropped": _("Replaced or dropped"),
}
NOTHING: dict[str, Any] = {
    "soon": _("No promise falls due within 24 hours."),
    "open": _("Nothing is promised at present."),
    "overdue": _("No promise is overdue."),
    "kept": _("No promise for this month was kept yet."),
    "broken": _("No promise for this month was broken."),
    "dropped": _("No promise for this month was replaced."),
}


class PromisePage(BasePage):
    """Promises of the actor's matters: what is still to be kept, and what became of those of a month."""

    route_base = "/promises"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """`?show=` soon, open, overdue, kept, broken, dropped; `?month=YYYY-MM` for what has ended."""
        show = request.args.get("show", "open")
        if show not in HEADINGS:
            abort(404)
        at, actor, session = now(), self.actor(), db.session()
        month = _month(request.args.get("month")) or local(at).date().replace(day=1)
        start, end = midnight(month), midnight(_next(month))
        counted = promises.counts(session, actor, at, start, end)
        last = max(0, (counted.numbers[show] - 1) // PAGE)
        page = number_in(request.args.get("page"), 0, 0, min(last, FURTHEST))
        found = promises.listed(session, actor, show, at, start, end, skip=page * PAGE, most=PAGE)
        before = (month.replace(day=1).toordinal()) - 1
        return self.render_template(
            "clocks/promises.html",
            show=show,
            headings=HEADINGS,
            standing=tuple(promises.STANDING),
            nothing=NOTHING[show],
            counts=counted,
            found=found,
            now=at,
            month=month,
            earlier=date.fromordinal(before).replace(day=1),
            later=_next(month) if month < local(at).date().replace(day=1) else None,
            page=page,
            last=last,
        )


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _month(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(f"{text or ''}-01")
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2199 else None
