"""`/arrears/…`: what is in arrears by age, steward, reason and house, the file of a house, the week's list (D10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Community, House
from app.models.base import BIGGEST_ID
from app.rules.arrears import age_of, days_late
from app.rules.codes import ArrearsReason
from app.services import arrears, arrears_case, arrears_file, collection_week, reminder_proofs
from app.services.access import debtors, rows
from app.services.arrears import NONE, Wanted
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, local, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.replay import claimed
from app.views.base.rows import as_id
from app.views.labels import code_label
from app.views.permitted import may

PAGE = 25
FURTHEST = 100_000
WEEKS = 12
"""How many weeks back the list is offered."""


def communities(actor: Any) -> list[Community]:
    """The communities an actor may choose from."""
    return list(db.session().scalars(select(Community).where(rows(actor, Community)).order_by(Community.id)))


def chosen(known: list[Community]) -> Community | None:
    """The community of `?community=`, else the first; 404 for one that is not the actor's."""
    wanted = request.args.get("community", "")
    if not wanted:
        return known[0] if known else None
    found = next((one for one in known if one.id == as_id(wanted)), None)
    if found is None:
        abort(404)
    return found


class ArrearsPage(BasePage):
    """Numbers that open their lists; a house with its bills, reasons, rest and reminders."""

    route_base = "/arrears"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """A community at a glance."""
        actor, at = self.actor(), now()
        session, today = db.session(), local(at).date()
        known = communities(actor)
        community = chosen(known)
        found = month = None
        if community is not None:
            found = arrears.overview(session, debtors(actor), community.id, today)
            month = reminder_proofs.month(session, debtors(actor), community.id, f"{today:%Y-%m}")
        return self.render_template(
            "arrears/overview.html",
            communities=known,
            community=community,
            found=found,
            month=month,
            period=f"{today:%Y-%m}",
            monday=collection_week.past_week(today),
            missing=NONE,
            age_words=age_words,
        )

    @expose("/houses")
    @has_access
    @permission_name("view")
    def houses(self) -> Any:
        """The houses behind a number: `?age=`, `?steward=`, `?reason=`."""
        actor, at = self.actor(), now()
        session, today = db.session(), local(at).date()
        known = communities(actor)
        community = chosen(known)
        if community is None:
            return redirect("/arrears/")
        kept = {name: request.args[name][:20] for name in ("age", "steward", "reason") if request.args.get(name)}
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        wanted = Wanted(community.id, **kept)
        total, found = arrears.listed(session, debtors(actor), wanted, today, skip=page * PAGE, most=PAGE)
        ages = arrears.ages(session)
        return self.render_template(
            "arrears/houses.html",
            communities=known,
            community=community,
            houses=found,
            total=total,
            page=page,
            last=max(0, (total - 1) // PAGE),
            kept={"community": community.id, **kept},
            ages=ages,
            column=next((place for place, age in enumerate(ages) if age.code == kept.get("age")), None),
            today=today,
            words=_words(session, kept, community.id, today),
            age_words=age_words,
        )

    @expose("/house/<int:pk>")
    @has_access
    @permission_name("view")
    def house(self, pk: int) -> Any:
        """The file of a house: what it owes, why, whether it rests, what it was reminded of with the proof of it."""
        return self._house(pk, {}, "", 200)

    @expose("/house/<int:pk>/reason", methods=["POST"])
    @has_access
    @permission_name("note")
    def reason(self, pk: int) -> Any:
        """Write down why."""
        sent = request.form.to_dict()
        return self._step(
            pk,
            sent,
            gettext("The reason is noted."),
            lambda session, house, actor, at: arrears_case.note_reason(session, house, sent, actor, at),
        )

    @expose("/house/<int:pk>/hold", methods=["POST"])
    @has_access
    @permission_name("hold")
    def hold(self, pk: int) -> Any:
        """Let the house rest."""
        sent = request.form.to_dict()
        return self._step(
            pk,
            sent,
            gettext("Nobody is reminded of this house's arrears until then."),
            lambda session, house, actor, at: arrears_case.hold(session, house, sent, actor, at),
        )

    @expose("/house/<int:pk>/lift", methods=["POST"])
    @has_access
    @permission_name("hold")
    def lift(self, pk: int) -> Any:
        """Remind again."""
        return self._step(pk, {}, gettext("This house is reminded again from now on."), arrears_case.lift)

    @expose("/week/<string:monday>")
    @has_access
    @permission_name("view")
    def week(self, monday: str) -> Any:
        """The week that begins on a Monday, steward by steward."""
        actor, at = self.actor(), now()
        today, start = local(at).date(), _day(monday)
        if start is None or start.weekday() or start > today:
            abort(404)
        known = communities(actor)
        community = chosen(known)
        if community is None:
            return redirect("/arrears/")
        found = collection_week.week(db.session(), community.id, start, today, debtors(actor))
        latest = collection_week.past_week(today)
        return self.render_template(
            "arrears/week.html",
            communities=known,
            community=community,
            week=found,
            weeks=[latest - timedelta(days=7 * back) for back in range(WEEKS)],
            running=start > latest,
            missing=NONE,
        )

    # ---- what is shown
    def _house(self, pk: int, values: dict[str, str], error: str, status: int) -> Any:
        at = now()
        found = arrears_file.read(db.session(), self.actor(), pk, at)
        if found is None:
            abort(404)
        today = local(at).date()
        page = self.render_template(
            "arrears/house.html",
            **vars(found),
            community=found.house.community,
            aged=[
                (bill, age_of(bill.due_on, today, found.ages), days_late(bill.due_on, today)) for bill in found.bills
            ],
            total=found.total,
            codes=list(ArrearsReason),
            today=today,
            values=values,
            error=error,
            may_note=may("can_note", "ArrearsPage"),
            may_hold=may("can_hold", "ArrearsPage"),
            may_bills=may("can_list", "BillView"),
            age_words=age_words,
        )
        return page, status

    def _step(self, pk: int, sent: dict[str, str], done: str, step: Callable[..., Any]) -> Any:
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                step(session, self._own(session, pk), actor, at)
                address = form.led_to(f"/arrears/house/{pk}")
        except LinliError as error:
            return self._house(pk, sent, sentence(error), error.status)
        flash(done, "success")
        return redirect(address)

    def _own(self, session: Session, pk: int) -> House:
        known = select(House).where(House.id == min(pk, BIGGEST_ID), debtors(self.actor()))
        found = session.scalars(known).first()
        if found is None:
            abort(404)
        return found


def _words(session: Session, kept: dict[str, str], community_id: int, today: date) -> str:
    """What was chosen, in words."""
    said = []
    if "age" in kept:
        age = next((one for one in arrears.ages(session) if one.code == kept["age"]), None)
        said.append(age_words(age.low, age.high) if age else "")
    if "steward" in kept:
        staff = {str(one.id): one.name for one in arrears.stewards(session, community_id, today).values()}
        said.append(gettext("No steward") if kept["steward"] == NONE else staff.get(kept["steward"], ""))
    if "reason" in kept:
        said.append(
            gettext("No reason noted") if kept["reason"] == NONE else code_label("arrears_reason", kept["reason"])
        )
    return " · ".join(word for word in said if word)


def age_words(low: int, high: int | None) -> str:
    """`31–90 days`, or `more than 365 days`."""
    if high is None:
        return gettext("more than %(days)s days", days=low - 1)
    return gettext("%(low)s–%(high)s days", low=low, high=high)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None
