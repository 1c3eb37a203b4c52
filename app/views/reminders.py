"""`/reminders/…`: who is reminded now and why the others not, what was reminded with the proof of it, letters to hand over (D10)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import force_locale, gettext, ngettext
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Community, FeeReminder
from app.models.base import BIGGEST_ID
from app.rules.codes import HandingWay, ReminderWay
from app.services import letters, reminder_cases, reminder_preview, reminder_proofs, reminders
from app.services.access import debtors, rows
from app.services.reminder_preview import NOW
from app.services.transaction import transaction
from app.views.arrears import FURTHEST, PAGE, chosen, communities
from app.views.base import BasePage, expose, has_access, local, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.local import month_words
from app.views.permitted import may
from app.views.reminder_letter import letter_number, letter_sheet
from app.views.sheet_answer import note_each_taken, sheet_answer, taken_answer


class ReminderPage(BasePage):
    """The month's reminders: before, during, after."""

    route_base = "/reminders"
    default_view = "preview"

    @expose("/")
    @has_access
    @permission_name("view")
    def preview(self) -> Any:
        """Who would be reminded at this moment, and why the others not; `?what=` leaves those of a way or a why."""
        return self._preview("", 200)

    @expose("/run", methods=["POST"])
    @has_access
    @permission_name("run")
    def run(self) -> Any:
        """What the job does at nine, now, for one community."""
        at, community = now(), chosen(communities(self.actor()))
        if community is None:
            abort(404)
        pk = community.id
        try:
            with transaction() as session:
                counts = reminders.run(session, session.get_one(Community, pk), at)
        except LinliError as error:
            return self._preview(sentence(error), error.status)
        made = sum(counts[way] for way in ReminderWay)
        words = ngettext("%(num)d reminder is planned.", "%(num)d reminders are planned.", made)
        flash(words if made else gettext("Nobody was to be reminded now."), "success")
        return redirect(f"/reminders/?community={pk}")

    @expose("/made")
    @has_access
    @permission_name("view")
    def made(self) -> Any:
        """The reminders of a month (`?period=YYYY-MM`) and a way (`?way=`), each with the proof of its delivery."""
        actor, at = self.actor(), now()
        known = communities(actor)
        community = chosen(known)
        if community is None:
            return redirect("/reminders/")
        period, way = request.args.get("period", f"{local(at):%Y-%m}")[:7], request.args.get("way", "")[:10]
        conditions: list[ColumnElement[bool]] = [
            rows(actor, FeeReminder),
            FeeReminder.community_id == community.id,
            FeeReminder.period == period,
        ]
        if way:
            conditions.append(FeeReminder.way == way)
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        total, found = reminder_proofs.listed(db.session(), conditions, skip=page * PAGE, most=PAGE)
        return self.render_template(
            "arrears/made.html",
            communities=known,
            community=community,
            proofs=found,
            total=total,
            page=page,
            last=max(0, (total - 1) // PAGE),
            kept={"community": community.id, "period": period, **({"way": way} if way else {})},
            period=period,
            months=_months(local(at).date(), period),
            way=way,
        )

    @expose("/letters")
    @has_access
    @permission_name("view")
    def letters(self) -> Any:
        """The letters that wait to be handed over."""
        return self._letters({}, 0, "", 200)

    @expose("/letters/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("deliver")
    def hand_over(self, pk: int) -> Any:
        """Note how a letter was handed over."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        community_id = self._letter(db.session(), pk).community_id
        try:
            with transaction() as session:
                self._letter(session, pk)
                letters.hand_over(session, pk, sent, actor, at)
        except LinliError as error:
            return self._letters(sent, pk, sentence(error), error.status, community_id)
        flash(gettext("Noted: the letter has been handed over."), "success")
        return redirect(f"/reminders/letters?community={community_id}")

    @expose("/letters/<int:pk>.pdf")
    @has_access
    @permission_name("view")
    def letter(self, pk: int) -> Response:
        """One letter as it was written, in its reader's language or `?lang=`; that it left the system is kept."""
        found = self._letter(db.session(), pk)
        asked = request.args.get("lang", "")
        locale = asked if asked in ("zh", "en") else str((found.letter or {}).get("locale", "zh"))
        with force_locale(locale):
            sheet = letter_sheet(found, locale)
            title = gettext("Reminder")
        name = f"{title}-{sheet['number']}"
        return taken_answer(self.actor(), sheet, name, "fee_reminder", pk)

    @expose("/letters.pdf")
    @has_access
    @permission_name("view")
    def together(self) -> Response:
        """The waiting letters of a community as one file to print; that each left the system is kept."""
        community = chosen(communities(self.actor()))
        if community is None:
            abort(404)
        waiting = letters.waiting(db.session(), debtors(self.actor()), community.id)[: letters.MOST_TOGETHER]
        if not waiting:
            abort(404)
        sheets = []
        for one in waiting:
            locale = str((one.letter or {}).get("locale", "zh"))
            with force_locale(locale):
                sheets.append(letter_sheet(one, locale))
        title = gettext("Reminder")
        note_each_taken(self.actor(), [(f"{title}-{letter_number(one)}", "fee_reminder", one.id) for one in waiting])
        return sheet_answer({"sheets": sheets}, f"{gettext('Letters to hand over')}-{now():%Y%m%d}.pdf")

    # ---- what is shown
    def _preview(self, error: str, status: int) -> Any:
        actor, at, session = self.actor(), now(), db.session()
        known = communities(actor)
        community = chosen(known)
        what = request.args.get("what", "")[:20]
        found = reminder_preview.preview(session, community, at, debtors(actor)) if community else None
        listed = found.chosen(what) if found else []
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        shown = self.render_template(
            "arrears/preview.html",
            communities=known,
            community=community,
            found=found,
            steps=found.steps if found else reminders.steps_in_use(session),
            listed=listed[page * PAGE : (page + 1) * PAGE],
            total=len(listed),
            page=page,
            last=max(0, (len(listed) - 1) // PAGE),
            kept={"community": community.id, **({"what": what} if what else {})} if community else {},
            what=what,
            now_code=NOW,
            now=at,
            error=error,
            may_run=may("can_run", "ReminderPage"),
        )
        return shown, status

    def _letters(
        self, values: dict[str, str], pk: int, error: str, status: int, community_id: int | None = None
    ) -> Any:
        actor, at, session = self.actor(), now(), db.session()
        known = communities(actor)
        community = next((one for one in known if one.id == community_id), None) or chosen(known)
        waiting = letters.waiting(session, debtors(actor), community.id) if community else []
        resting, paid = reminder_cases.not_now(session, waiting, local(at).date())
        shown = self.render_template(
            "arrears/letters.html",
            communities=known,
            community=community,
            letters=waiting,
            resting=resting,
            paid=paid,
            ways=list(HandingWay),
            today=local(at).date(),
            values=values,
            wrong=pk,
            error=error,
            most=letters.MOST_TOGETHER,
            may_deliver=may("can_deliver", "ReminderPage"),
        )
        return shown, status

    def _letter(self, session: Session, pk: int) -> FeeReminder:
        found = session.scalars(
            select(FeeReminder).where(
                FeeReminder.id == min(pk, BIGGEST_ID),
                FeeReminder.letter_state.is_not(None),
                rows(self.actor(), FeeReminder),
            )
        ).first()
        if found is None:
            abort(404)
        return found


def _months(today: date, chosen_one: str) -> list[tuple[str, str]]:
    """(code, words) of the past twelve months, the latest first, and of the one that is shown."""
    codes, day = [], today.replace(day=1)
    for _month in range(12):
        codes.append(f"{day:%Y-%m}")
        day = (day - timedelta(days=1)).replace(day=1)
    return [(code, month_words(code)) for code in dict.fromkeys([*codes, chosen_one])]
