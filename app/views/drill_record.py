"""`/drill/<id>/…`: how a drill went: begun and ticked on the spot, recorded, photos, what was found and is improved (D7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.errors import N_, Invalid, LinliError
from app.extensions import db
from app.models import PlanDrill
from app.rules import drills as rules
from app.rules.codes import DrillState
from app.services import drill_record, drills
from app.services.transaction import transaction
from app.views.attachment_answer import file_answer
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.local import local
from app.views.base.replay import claimed
from app.views.drill_shown import drill_page
from app.views.drill_words import WORDS
from app.views.duty_forms import field_moment
from app.views.ticket_uploads import form_with_photos


class DrillRecordPage(BasePage):
    """Who records a drill is the rule's answer: whoever leads it, and those who plan drills."""

    route_base = "/drill"
    default_view = "form"

    @expose("/<int:pk>/begin", methods=["POST"])
    @has_access
    @permission_name("record")
    def begin(self, pk: int) -> Any:
        """It begins now."""
        return self._step(pk, drill_record.begin, gettext("The drill goes on: tick each step as it is done."), "#steps")

    @expose("/<int:pk>/tick/<string:step>", methods=["POST"])
    @has_access
    @permission_name("record")
    def tick(self, pk: int, step: str) -> Any:
        """A step is done now."""

        def ticked(session: Session, actor: Any, drill: PlanDrill, at: datetime) -> None:
            drill_record.tick(session, actor, drill, step, at)

        return self._step(pk, ticked, "", "#steps")

    @expose("/<int:pk>/record")
    @has_access
    @permission_name("record")
    def form(self, pk: int) -> Any:
        """The form, with what was ticked on the spot or recorded before."""
        drill = self._drill(pk)
        return self._form(drill, _values(drill), "", 200)

    @expose("/<int:pk>/record", methods=["POST"])
    @has_access
    @permission_name("record")
    def record(self, pk: int) -> Any:
        """Keep how it went. Refused: the sentence above the form, what was written still in it; photos are chosen anew."""
        actor, at, sent = self.actor(), now(), request.form.to_dict(flat=False)
        try:
            with form_with_photos(actor, at) as (session, files, form):
                drill = drills.hold(session, actor, pk, request.form.get("seen"))
                drill_record.record(session, actor, drill, sent, files, at)
                address = form.led_to(f"/drill/{pk}")
        except LinliError as error:
            return self._form(self._drill(pk), sent, sentence(error), error.status)
        flash(gettext("Recorded. Note what was found, and who improves it until when."), "success")
        return redirect(address)

    @expose("/<int:pk>/photos", methods=["POST"])
    @has_access
    @permission_name("record")
    def photos(self, pk: int) -> Any:
        """More photos of it."""
        actor, at = self.actor(), now()
        try:
            with form_with_photos(actor, at) as (session, files, form):
                if not files:
                    raise Invalid(N_("Choose at least one photo."))
                drill = drills.hold(session, actor, pk)
                count = drill_record.add_photos(session, actor, drill, files, request.form.get("caption", ""), at)
                address = form.led_to(f"/drill/{pk}#photos")
        except LinliError as error:
            return drill_page(self, pk, sentence(error), error.status)
        if count:
            flash(ngettext("%(num)d file added.", "%(num)d files added.", count), "success")
        else:
            flash(gettext("The drill has these photos already."), "info")
        return redirect(address)

    @expose("/<int:pk>/finding", methods=["POST"])
    @has_access
    @permission_name("record")
    def finding(self, pk: int) -> Any:
        """What was found, and who improves it until when."""
        actor, at, sent = self.actor(), now(), request.form.to_dict(flat=False)
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                drill_record.add_finding(session, actor, drills.hold(session, actor, pk), sent, at)
                address = form.led_to(f"/drill/{pk}#findings")
        except LinliError as error:
            return drill_page(self, pk, sentence(error), error.status)
        flash(gettext("Noted; whoever is to improve it is told."), "success")
        return redirect(address)

    @expose("/<int:pk>/improved/<int:finding_id>", methods=["POST"])
    @has_access
    @permission_name("record")
    def improved(self, pk: int, finding_id: int) -> Any:
        """The improvement is made."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                drill = drills.hold(session, actor, pk)
                drill_record.end_finding(session, actor, drill, finding_id, request.form.get("done"), at)
                address = form.led_to(f"/drill/{pk}#findings")
        except LinliError as error:
            return drill_page(self, pk, sentence(error), error.status)
        flash(gettext("The improvement is made."), "success")
        return redirect(address)

    @expose("/photo/<int:photo_id>")
    @has_access
    @permission_name("view")
    def photo(self, photo_id: int) -> Response:
        """A photo of a drill."""
        return self._photo(photo_id, thumb=False)

    @expose("/photo/<int:photo_id>/thumb")
    @has_access
    @permission_name("view")
    def thumb(self, photo_id: int) -> Response:
        """The small picture."""
        return self._photo(photo_id, thumb=True)

    # ---- inside
    def _photo(self, photo_id: int, *, thumb: bool) -> Response:
        found = drill_record.find_photo(db.session(), self.actor(), photo_id) or abort(404)
        relative = found.thumb_path if thumb else found.file_path
        return file_answer(relative, f"drill-{found.drill_id}-{found.id}", found.sha256, thumb=thumb)

    def _step(self, pk: int, take: Callable[..., None], words: str, anchor: str) -> Any:
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                take(session, actor, drills.hold(session, actor, pk), at)
        except LinliError as error:
            return drill_page(self, pk, sentence(error), error.status)
        if words:
            flash(words, "success")
        return redirect(f"/drill/{pk}{anchor}")

    def _drill(self, pk: int) -> PlanDrill:
        db.session.rollback()
        drill = drills.find(db.session(), self.actor(), pk, whole=True) or abort(404)
        actor = self.actor()
        if not rules.may_record(actor.roles, actor.staff_id, drill.leader_id):
            abort(403)
        return drill

    def _form(self, drill: PlanDrill, values: dict[str, list[str]], error: str, status: int) -> Any:
        page = self.render_template(
            "drills/record.html",
            drill=drill,
            again=drill.state == DrillState.HELD,
            values={name: (value or [""])[0] for name, value in values.items()},
            came=set(values.get("came", [])),
            error=error,
            **WORDS,
        )
        return page, status


def _values(drill: PlanDrill) -> dict[str, list[str]]:
    """What is known of it, as the form sends it; not recorded yet, everybody is taken to have come."""
    held = drill.state == DrillState.HELD
    values = {
        "began_at": [field_moment(drill.began_at or drill.starts_at)],
        "ended_at": [field_moment(drill.ended_at)],
        "observed": [drill.observed],
        "came": [str(one.staff_id) for one in drill.members if one.came or not held],
    }
    return values | {f"step_{key}": [f"{local(at):%H:%M}"] for key, at in drill_record.steps_of(drill).items()}
