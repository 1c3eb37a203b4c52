"""`/duty/`: who is on duty, by week or month, with gaps and double bookings; putting somebody in another's place (D7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import format_date, gettext
from sqlalchemy import ColumnElement, select

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Community, DutyEntry, DutyShift
from app.rules.codes import Tier
from app.services import duty_log, shifts
from app.services.access import rows
from app.services.roster import on_duty_now
from app.services.roster_calendar import roster
from app.services.roster_watch import finding_words
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.local import local, month_words
from app.views.base.replay import claimed
from app.views.base.rows import as_id
from app.views.duty_forms import chosen_community, communities, field_moment, hours, moment, staff_of_community
from app.views.duty_words import entry_words
from app.views.labels import choices
from app.views.permitted import may

WEEK = 7
_FIRST, _LAST = date(2001, 1, 1), date(2198, 12, 31)


@dataclass(frozen=True)
class Span:
    """The days that are shown, and the addresses before and after them."""

    view: str
    first: date
    count: int
    title: str
    before: date
    after: date
    month: int = 0
    """Of a month's view: the days of other months are shown more quietly."""


class DutyPage(BasePage):
    """The roster as a calendar."""

    route_base = "/duty"
    default_view = "calendar"

    @expose("/")
    @has_access
    @permission_name("view")
    def calendar(self) -> Any:
        """`?view=week|month&day=2026-03-31&community=1`; what makes no sense gives this week."""
        session, actor, at = db.session(), self.actor(), now()
        found = communities(session, actor)
        community = chosen_community(found)
        if community is None:
            return self.render_template("duty/calendar.html", community=None)
        span = _span(request.args.get("view", ""), request.args.get("day", ""), local(at).date())
        held = roster(session, community.id, span.first, span.count, at)
        return self.render_template(
            "duty/calendar.html",
            community=community,
            communities=found,
            span=span,
            days=held.days,
            findings=[(one, finding_words(one)) for one in held.findings],
            serving=on_duty_now(session, at, DutyShift.community_id == community.id),
            tiers=list(Tier),
            today=local(at).date(),
            now=at,
            me=actor.staff_id,
            hours=hours,
            local=local,
            weekday=lambda day: format_date(day, "EEE"),
            field_moment=field_moment,
            may_change=may("can_change", "DutyPage"),
            happened=[(one, entry_words(one)) for one in duty_log.entries(session, actor, _of(community), most=8)],
        )

    @expose("/override")
    @has_access
    @permission_name("change")
    def override(self) -> Any:
        """The form: `?community=&tier=&from=&until=` fill in what is known."""
        asked = request.args
        known = {name: asked.get(name, "")[:40] for name in ("tier", "starts_at", "ends_at", "staff", "community")}
        return self._form(known, "", 200)

    @expose("/override", methods=["POST"])
    @has_access
    @permission_name("change")
    def put(self) -> Any:
        """Put somebody in the place of who was planned. Refused: the sentence above the form."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                span = {"starts_at": moment(sent.get("starts_at")), "ends_at": moment(sent.get("ends_at"))}
                shift = shifts.override(session, actor, sent | span, at)
                name = shift.staff.name
                address = form.led_to(f"/duty/?community={shift.community_id}&day={local(shift.starts_at):%Y-%m-%d}")
        except LinliError as error:
            return self._form(sent, sentence(error), error.status)
        flash(gettext("%(name)s is on duty for these hours.", name=name), "success")
        return redirect(address)

    @expose("/override/<int:pk>/back", methods=["POST"])
    @has_access
    @permission_name("change")
    def take_back(self, pk: int) -> Any:
        """Let what was planned hold again."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                mine = (DutyShift.id == pk, rows(actor, DutyShift))
                shift = session.scalar(select(DutyShift).where(*mine).with_for_update())
                if shift is None:
                    abort(404)
                community, day = shift.community_id, local(shift.starts_at).date()
                shifts.take_back(session, actor, shift, at)
        except LinliError as error:
            flash(sentence(error), "danger")
            return redirect("/duty/")
        flash(gettext("The override is taken back: what was planned holds again."), "success")
        return redirect(f"/duty/?community={community}&day={day}")

    def _form(self, values: dict[str, Any], error: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        found = communities(session, actor)
        wanted = as_id(values.get("community", ""))
        community = next((one for one in found if one.id == wanted), None) or (found[0] if found else None)
        page = self.render_template(
            "duty/override.html",
            values=values,
            error=error,
            community=community,
            people=staff_of_community(session, actor, community.id) if community else [],
            tiers=choices("tier"),
        )
        return page, status


def _of(community: Community) -> ColumnElement[bool]:
    return DutyEntry.community_id == community.id


def _span(view: str, text: str, today: date) -> Span:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        day = today
    day = min(max(day, _FIRST), _LAST)
    if view == "month":
        first = day.replace(day=1)
        after = (first + timedelta(days=32)).replace(day=1)
        start = first - timedelta(days=first.weekday())
        weeks = -(-(after - start).days // WEEK)
        before = (first - timedelta(days=1)).replace(day=1)
        return Span("month", start, weeks * WEEK, month_words(f"{first:%Y-%m}"), before, after, first.month)
    start = day - timedelta(days=day.weekday())
    last = start + timedelta(days=WEEK - 1)
    title = f"{format_date(start, 'medium')} – {format_date(last, 'medium')}"
    return Span("week", start, WEEK, title, start - timedelta(days=WEEK), start + timedelta(days=WEEK))
