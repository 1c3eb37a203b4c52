"""`/questions/…`: questionnaires for opinion surveys and their questions, in Chinese and English."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import Forbidden, LinliError
from app.extensions import db
from app.models import Community, Questionnaire, QuestionnaireItem
from app.rules.codes import Role
from app.services import questionnaires
from app.services.access import rows
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.replay import claimed
from app.views.labels import choices
from app.views.permitted import may
from app.views.survey_holds import heading_of, hold_heading, hold_item, item_of, seen
from app.views.survey_words import WORDS


class QuestionPage(BasePage):
    """Read by who makes surveys, written by administrators and managers."""

    route_base = "/questions"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """All questionnaires."""
        found = questionnaires.listed(db.session(), self.actor())
        may_write = may("can_write", "QuestionPage")
        return self.render_template("surveys/questionnaires.html", found=found, may_write=may_write, **WORDS)

    @expose("/new")
    @has_access
    @permission_name("write")
    def new(self) -> Any:
        """The empty form."""
        return self._form(None, {}, "", 200)

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("write")
    def add(self) -> Any:
        """Keep it; its questions come next."""
        return self._save(None)

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def show(self, pk: int) -> Any:
        """A questionnaire with its questions, as households will see them."""
        return self._page(pk, None, {}, "", 200)

    @expose("/<int:pk>/edit")
    @has_access
    @permission_name("write")
    def edit(self, pk: int) -> Any:
        """The form of its heading."""
        found = self._own(db.session(), pk)
        return self._form(found, heading_of(found), "", 200)

    @expose("/<int:pk>/edit", methods=["POST"])
    @has_access
    @permission_name("write")
    def change(self, pk: int) -> Any:
        """Keep the heading."""
        return self._save(pk)

    @expose("/<int:pk>/item", methods=["POST"])
    @has_access
    @permission_name("write")
    def add_item(self, pk: int) -> Any:
        """One more question."""
        return self._keep_item(pk, None)

    @expose("/<int:pk>/item/<int:item_id>")
    @has_access
    @permission_name("write")
    def item(self, pk: int, item_id: int) -> Any:
        """The form of a question."""
        found = self._own(db.session(), pk)
        item = _item(found, item_id) or abort(404)
        return self._page(pk, item, item_of(item), "", 200)

    @expose("/<int:pk>/item/<int:item_id>", methods=["POST"])
    @has_access
    @permission_name("write")
    def change_item(self, pk: int, item_id: int) -> Any:
        """Keep, move or take out a question."""
        do, actor = request.form.get("do", "save"), self.actor()
        if do == "save":
            return self._keep_item(pk, item_id)
        try:
            with transaction() as session:
                form = claimed(session, actor, now())
                found = self._own(session, pk)
                if do == "remove":
                    questionnaires.remove_item(session, actor, found, item_id)
                elif do in ("up", "down"):
                    questionnaires.move_item(session, actor, found, item_id, up=do == "up")
                else:
                    abort(404)
                address = form.led_to(f"/questions/{pk}#q{item_id}" if do != "remove" else f"/questions/{pk}")
        except LinliError as error:
            return self._page(pk, None, {}, sentence(error), error.status)
        return redirect(address)

    # ---- what is shown
    def _keep_item(self, pk: int, item_id: int | None) -> Any:
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                found = self._own(session, pk)
                if (known := _item(found, item_id)) is not None:
                    hold_item(session, known, sent)
                item = questionnaires.save_item(session, actor, at, found, sent, item_id)
                address = form.led_to(f"/questions/{pk}#q{item.id}")
        except LinliError as error:
            db.session().rollback()
            found = self._own(db.session(), pk)
            return self._page(pk, _item(found, item_id), sent, sentence(error), error.status)
        flash(gettext("The question is kept."), "success")
        return redirect(address)

    def _save(self, pk: int | None) -> Any:
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                known = self._own(session, pk) if pk is not None else None
                if known is not None:
                    hold_heading(session, known, sent)
                made = questionnaires.save(session, actor, at, sent, known)
                address = form.led_to(f"/questions/{made.id}")
        except LinliError as error:
            db.session().rollback()
            known = self._own(db.session(), pk) if pk is not None else None
            return self._form(known, sent, sentence(error), error.status)
        return redirect(address)

    def _form(self, found: Questionnaire | None, values: dict[str, Any], error: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        communities = list(session.scalars(select(Community).where(rows(actor, Community)).order_by(Community.id)))
        page = self.render_template(
            "surveys/questionnaire_form.html",
            found=found,
            values=values,
            seen=seen(heading_of(found) if found else None),
            error=error,
            cycles=choices("survey_cycle"),
            communities=communities,
            for_all=actor.has(Role.ADMIN),
            **WORDS,
        )
        return page, status

    def _page(self, pk: int, item: QuestionnaireItem | None, values: dict[str, Any], error: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        found = self._own(session, pk)
        page = self.render_template(
            "surveys/questionnaire.html",
            found=found,
            item=item,
            values=values,
            seen=seen(item_of(item) if item else None),
            error=error,
            kinds=choices("question_kind"),
            writes=may("can_write", "QuestionPage") and _writes(actor, found),
            conducts=may("can_conduct", "SurveyPage"),
            **WORDS,
        )
        return page, status

    def _own(self, session: Session, pk: int) -> Questionnaire:
        return questionnaires.find(session, self.actor(), pk) or abort(404)


def _item(found: Questionnaire, item_id: int | None) -> QuestionnaireItem | None:
    return next((one for one in found.items if one.id == item_id), None)


def _writes(actor: Any, found: Questionnaire) -> bool:
    try:
        questionnaires.may_write(actor, found)
    except Forbidden:
        return False
    return True
