"""`/clocks/trial/`: a change of the clock rules, tried on a past month before it is put in force (D4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.adapters.clock import now
from app.errors import N_, LinliError, Refused
from app.extensions import appbuilder, db
from app.models import ClockDraft, ClockPolicy, Community
from app.rules.clock_policies import WARN_PERCENT
from app.rules.clock_replay import Rule
from app.rules.codes import CalendarName, DraftState
from app.services import clock_drafts, clock_rules
from app.services.access import rows
from app.services.clock_trial import try_draft
from app.services.transaction import transaction
from app.views import clock_words as words
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.local import local
from app.views.base.replay import claimed
from app.views.base.rows import as_id
from app.views.clock_rules import ClockPolicyView
from app.views.workbench_today import midnight

PAGE = 50
MOST_SHOWN = 50
_CHANGED = N_("Somebody else has changed this draft meanwhile: look at it again.")


class ClockTrialPage(BasePage):
    """Drafts of clock rules: whoever answers for a centre tries them, an administrator puts them in force."""

    route_base = "/clocks/trial"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """The drafts, open ones first."""
        return self._overview("", "", 200)

    @expose("/", methods=["POST"])
    @has_access
    @permission_name("change")
    def make(self) -> Any:
        """Begin a draft."""
        actor, at, title = self.actor(), now(), request.form.get("title", "")
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                draft = clock_drafts.make(session, title, actor, at)
                address = form.led_to(f"/clocks/trial/{draft.id}")
        except LinliError as error:
            return self._overview(sentence(error), title[:200], error.status)
        return redirect(address)

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def show(self, pk: int) -> Any:
        """The draft, and what it would have done to a month (`?month=YYYY-MM&community=`)."""
        return self._show(self._own(db.session(), pk), "", 200)

    @expose("/<int:pk>/rule")
    @has_access
    @permission_name("change")
    def rule(self, pk: int) -> Any:
        """The form of one rule: of a kept one (`?of=`), of a row of the draft (`?row=`), or empty."""
        session = db.session()
        draft = self._own(session, pk)
        place, policy_id = as_id(request.args.get("row", "")), as_id(request.args.get("of", ""))
        if place is not None:
            values = draft.rows[place - 1]["says"] if 0 < place <= len(draft.rows) else abort(404)
        elif policy_id is not None:
            values = clock_rules.values_of(session.get(ClockPolicy, policy_id) or abort(404))
        else:
            values = {"calendar": CalendarName.ALWAYS, "warn_percent": WARN_PERCENT, "active": True}
        return self._form(draft, self._policy_view().add_form(data=values), "", 200)

    @expose("/<int:pk>/rule", methods=["POST"])
    @has_access
    @permission_name("change")
    def keep_rule(self, pk: int) -> Any:
        """Let the draft say this of the rule."""
        form = self._policy_view().add_form()
        if not form.validate():
            return self._form(self._own(db.session(), pk), form, "", 422)
        values = {column: None if form[column].data == "" else form[column].data for column in clock_rules.COLUMNS}
        place, policy_id = as_id(request.args.get("row", "")), as_id(request.args.get("of", ""))
        try:
            with transaction() as session:
                draft = self._seen(session, pk)
                clock_drafts.put(session, draft, values, policy_id, None if place is None else place - 1)
                session.flush()
        except StaleDataError:
            return self._form(self._own(db.session(), pk), form, gettext(_CHANGED), 409)
        except LinliError as error:
            return self._form(self._own(db.session(), pk), form, self._blamed(form, error), error.status)
        return redirect(f"/clocks/trial/{pk}")

    @expose("/<int:pk>/out", methods=["POST"])
    @has_access
    @permission_name("change")
    def take_out(self, pk: int) -> Any:
        """Leave a rule as it is after all."""
        place = as_id(request.form.get("row", ""))
        return self._step(pk, lambda session, draft, at: clock_drafts.take_out(draft, (place or 0) - 1))

    @expose("/<int:pk>/drop", methods=["POST"])
    @has_access
    @permission_name("change")
    def drop(self, pk: int) -> Any:
        """Do not pursue the draft."""
        actor = self.actor()
        return self._step(pk, lambda session, draft, at: clock_drafts.drop(draft, actor, at))

    @expose("/<int:pk>/force", methods=["POST"])
    @has_access
    @permission_name("force")
    def force(self, pk: int) -> Any:
        """Put the draft in force, with a reason."""
        actor, reason = self.actor(), request.form.get("reason", "")
        answer = self._step(pk, lambda session, draft, at: clock_drafts.put_in_force(session, draft, reason, actor, at))
        if not isinstance(answer, tuple):
            flash(gettext("The rules are in force. Clocks that run keep the time they were started with."), "success")
        return answer

    def _step(self, pk: int, step: Any) -> Any:
        try:
            with transaction() as session:
                step(session, self._seen(session, pk), now())
                session.flush()
        except StaleDataError:
            return self._show(self._own(db.session(), pk), gettext(_CHANGED), 409)
        except LinliError as error:
            return self._show(self._own(db.session(), pk), sentence(error), error.status)
        return redirect(f"/clocks/trial/{pk}")

    def _own(self, session: Session, pk: int) -> ClockDraft:
        statement = select(ClockDraft).where(ClockDraft.id == pk, rows(self.actor(), ClockDraft))
        return session.scalars(statement).one_or_none() or abort(404)

    def _seen(self, session: Session, pk: int) -> ClockDraft:
        """The draft as the form's reader saw it."""
        draft = self._own(session, pk)
        if request.form.get("revision") != str(draft.revision):
            raise Refused(_CHANGED)
        return draft

    def _overview(self, error: str, title: str, status: int) -> Any:
        statement = select(ClockDraft).where(rows(self.actor(), ClockDraft)).order_by(ClockDraft.id.desc())
        found = db.session().scalars(statement.limit(MOST_SHOWN)).all()
        page = self.render_template(
            "clocks/drafts.html",
            drafts=sorted(found, key=lambda one: one.state != DraftState.OPEN),
            error=error,
            title=title,
        )
        return page, status

    def _show(self, draft: ClockDraft, error: str, status: int) -> Any:
        session, actor, at = db.session(), self.actor(), now()
        month = _month(request.args.get("month")) or _last_month(local(at).date())
        start, end = midnight(month), min(midnight(_after(month)), at)
        communities = session.scalars(select(Community).where(rows(actor, Community)).order_by(Community.id)).all()
        chosen = as_id(request.args.get("community", ""))
        chosen = chosen if any(one.id == chosen for one in communities) else None
        trial = try_draft(session, actor, draft, start, end, at, chosen) if draft.rows and start < end else None
        page = number_in(request.args.get("page"), 0, 0, 10_000)
        taken = {row["id"] for row in draft.rows}
        rules = session.scalars(select(ClockPolicy).order_by(ClockPolicy.id)).all() if draft.state == "open" else []
        rendered = self.render_template(
            "clocks/trial.html",
            draft=draft,
            rows=[(_rule(row["was"]), _rule(row["says"])) for row in draft.rows],
            others=[rule for rule in rules if rule.id not in taken],
            words=words,
            month=month,
            last_month=_last_month(local(at).date()),
            communities=communities,
            chosen=chosen,
            trial=trial,
            page=page,
            size=PAGE,
            last=max(0, (len(trial.changes) - 1) // PAGE) if trial else 0,
            error=error,
            reason=request.form.get("reason", "")[:300],
        )
        return rendered, status

    def _form(self, draft: ClockDraft, form: Any, error: str, status: int) -> Any:
        view = self._policy_view()
        page = self.render_template(
            "clocks/draft_rule.html", draft=draft, view=view, form=form, columns=view.add_columns, error=error
        )
        return page, status

    @staticmethod
    def _policy_view() -> Any:
        return next(view for view in appbuilder.baseviews if isinstance(view, ClockPolicyView))

    def _blamed(self, form: Any, error: LinliError) -> str:
        column = ClockPolicyView.blames.get(error.msgid, "")
        if column not in form:
            return sentence(error)
        form[column].errors = [*form[column].errors, sentence(error)]
        return ""


def _rule(values: dict[str, Any] | None) -> tuple[Rule, bool] | None:
    """A rule of the draft with whether it is in use."""
    if values is None:
        return None
    return Rule(**{name: value for name, value in values.items() if name != "active"}), values["active"]


def _month(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(f"{text or ''}-01")
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2199 else None


def _last_month(today: date) -> date:
    return date.fromordinal(today.replace(day=1).toordinal() - 1).replace(day=1)


def _after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
