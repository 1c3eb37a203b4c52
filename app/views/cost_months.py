"""`/costs/`: what the work of a month cost, line by line, with sums by department and category; as a file, too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from flask import Response, abort, request
from flask_babel import gettext
from sqlalchemy import select

from app.adapters.clock import now
from app.errors import Invalid
from app.extensions import db
from app.models import Category, Community, Department, TicketCost
from app.rules.codes import AccessAction, CostStanding
from app.services import audit, cost_months
from app.services.access import rows
from app.services.exports import csv_pieces
from app.services.month_matters import Cut
from app.services.reporting.period import Month, month_key, month_of, shift
from app.services.single_bills import number
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name
from app.views.base.arguments import number_in
from app.views.base.cells import named
from app.views.base.local import local, month_words, zone
from app.views.base.rows import as_id
from app.views.cost_words import WORDS, cost_name, cost_standing
from app.views.labels import choices, code_label
from app.views.look import Look
from app.views.permitted import may

PAGE, FURTHEST = 50, 1000
_CUTS = ("community", "department", "category")


class CostMonthPage(BasePage):
    """Lines of the actor's own rows."""

    route_base = "/costs"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """`?month=YYYY-MM`, narrowed by `community`, `department`, `category`."""
        session, actor, this = db.session(), self.actor(), month_key(local(now()).date())
        span, cut = _asked(this)
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        found = cost_months.month(session, actor, span, cut)
        standing = _standing()
        count = found.household[standing].count if standing else found.count
        models: dict[str, Any] = {"community": Community, "department": Department, "category": Category}
        return self.render_template(
            "costs/month.html",
            found=found,
            lines=cost_months.lines(session, actor, span, cut, standing, skip=page * PAGE, most=PAGE),
            count=count,
            standing=standing,
            standings=choices("cost_standing"),
            uncharged=cost_months.uncharged_sum(session, actor),
            bearers=choices("bearer"),
            choices={
                name: list(session.scalars(select(model).where(rows(actor, model)).order_by(model.id)))
                for name, model in models.items()
            },
            cut={name: value for name, value in asdict(cut).items() if value is not None},
            kept={name: value for name in _CUTS if (value := request.args.get(name, ""))},
            month=span.key,
            title=month_words(span.key),
            before=month_key(shift(span.key, -1)),
            after=month_key(shift(span.key, 1)) if span.key < this else "",
            page=page,
            last=max(0, (count - 1) // PAGE),
            exports=may("can_export", "CostMonthPage"),
            **WORDS,
        )

    @expose("/uncharged")
    @has_access
    @permission_name("view")
    def uncharged(self) -> Any:
        """Finished tickets of all months whose household is still to be charged: what can be charged at once comes first."""
        session, actor = db.session(), self.actor()
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        count, yuan = cost_months.uncharged_sum(session, actor)
        return self.render_template(
            "costs/uncharged.html",
            found=cost_months.uncharged(session, actor, skip=page * PAGE, most=PAGE),
            count=count,
            sum=yuan,
            page=page,
            last=max(0, (count - 1) // PAGE),
        )

    @expose("/lines.csv", methods=["POST"])
    @has_access
    @permission_name("export")
    def as_csv(self) -> Response:
        """The month's lines for a spreadsheet. That they were taken along is kept."""
        session, actor = db.session(), self.actor()
        span, cut = _asked(month_key(local(now()).date()))
        read = cost_months.lines(session, actor, span, cut, _standing(), most=cost_months.MOST + 1)
        found = list(read[: cost_months.MOST])
        content = b"".join(csv_pieces(_head(), [*_rows(found), *_cut_off(len(read))]))
        subject = gettext("Costs of %(month)s (%(num)s lines)", month=span.key, num=len(found))
        with transaction() as writing:
            audit.record(
                writing, actor, AccessAction.EXPORTED, subject, now(), kind="list", address=request.remote_addr
            )
        answer = Response(content, content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="costs-{span.key}.csv"'
        answer.headers["Cache-Control"] = "private, no-store"
        return answer


def _standing() -> str:
    """How far the lines asked for have come; nothing: all lines."""
    asked = request.args.get("standing", "")
    return asked if asked in set(CostStanding) else ""


def _cut_off(read: int) -> list[list[Any]]:
    """The last line of a file that does not hold everything."""
    if read <= cost_months.MOST:
        return []
    words = gettext(
        "Only the first %(most)s rows are here: narrow the filters for the rest.", most=f"{cost_months.MOST:,}"
    )
    return [[words]]


def _asked(this: str) -> tuple[Month, Cut]:
    try:
        span = month_of(request.args.get("month") or this, zone())
    except Invalid:
        abort(404)
    return span, Cut(**{f"{name}_id": as_id(request.args.get(name, "")) for name in _CUTS})


def _head() -> list[str]:
    return [
        gettext("When"), gettext("Ticket"), gettext("Matter"), gettext("House"), gettext("Category"), gettext("Department"),
        gettext("What for"), gettext("Item"), gettext("Quantity"), gettext("Unit"), gettext("Minutes"), gettext("Price (yuan)"),
        gettext("Sum (yuan)"), gettext("Borne by"), gettext("Agreed"), gettext("Charged at"), gettext("Bill number"),
        gettext("State"), gettext("Entered by"),
    ]  # fmt: skip


def _rows(lines: list[TicketCost]) -> Iterator[list[Any]]:
    for line in lines:
        ticket = line.ticket
        yield [
            local(line.at).replace(tzinfo=None),
            ticket.number,
            ticket.title,
            ticket.house.name if ticket.house else ticket.place or "",
            named(ticket.category) if ticket.category else "",
            named(ticket.department) if ticket.department else "",
            code_label("cost_kind", line.kind),
            cost_name(line),
            line.quantity,
            (Look().locale == "en" and line.unit_en) or line.unit,
            line.minutes,
            line.price_yuan,
            line.amount_yuan,
            code_label("bearer", line.bearer),
            local(line.accepted_at).replace(tzinfo=None) if line.accepted_at else None,
            local(line.charged_at).replace(tzinfo=None) if line.charged_at else None,
            number(line.bill) if line.bill else "",
            code_label("cost_standing", cost_standing(line)) if cost_standing(line) else "",
            line.entered_by,
        ]
