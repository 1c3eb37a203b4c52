"""`/duty/handovers…`: the handover at each change of shift: read, corrected by remarks, signed by both, printed (D7)."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import DutyEntry, Handover
from app.rules.codes import HandoverState
from app.services import duty_log, handovers
from app.services.access import rows
from app.services.handover_content import shown
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.duty_forms import field_moment
from app.views.duty_words import entry_title

PAGE = 30
_PEOPLE = (joinedload(Handover.going), joinedload(Handover.coming), joinedload(Handover.community))


class HandoverPage(BasePage):
    """Rows are the actor's: the desk sees its communities', everybody else their own."""

    route_base = "/duty/handovers"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """The handovers, the newest first."""
        session, actor, at = db.session(), self.actor(), now()
        page = number_in(request.args.get("page"), 0, 0, 100_000)
        statement = select(Handover).where(rows(actor, Handover)).options(*_PEOPLE)
        statement = statement.order_by(Handover.changes_at.desc(), Handover.id.desc())
        found = list(session.scalars(statement.offset(page * PAGE).limit(PAGE + 1)))
        return self.render_template(
            "duty/handovers.html", handovers=found[:PAGE], more=len(found) > PAGE, page=page, me=actor.staff_id, now=at
        )

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def show(self, pk: int) -> Any:
        """One handover; `?needs=1` opens who needs care, which is written down."""
        return self._show(pk, "", 200)

    @expose("/<int:pk>/print")
    @has_access
    @permission_name("view")
    def paper(self, pk: int) -> Any:
        """The sheet to print, with lines to sign on."""
        return self._show(pk, "", 200, "duty/handover_paper.html")

    @expose("/<int:pk>/sign", methods=["POST"])
    @has_access
    @permission_name("sign")
    def sign(self, pk: int) -> Any:
        """Keep one's remark (`keep`), or sign with it; a manager signs for somebody (`side`) who signed on paper."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            with transaction() as session:
                paper = self._own(session, pk, lock=True)
                if "keep" in sent:
                    handovers.remark(session, actor, paper, sent.get("words", ""), at)
                else:
                    handovers.sign(session, actor, paper, at, words=sent.get("words"), side=sent.get("side", ""))
                settled = paper.state == HandoverState.SIGNED
        except LinliError as error:
            return self._show(pk, sentence(error), error.status)
        if "keep" in sent:
            flash(gettext("The remark is kept; you can still change it until you sign."), "success")
        elif settled:
            flash(gettext("Signed by both: the handover is settled."), "success")
        else:
            flash(gettext("Signed. The other side has still to sign."), "success")
        return redirect(f"/duty/handovers/{pk}")

    def _show(self, pk: int, error: str, status: int, template: str = "duty/handover.html") -> Any:
        actor, at = self.actor(), now()
        needs = request.args.get("needs") == "1"
        # Only what is confidential is written down: a mere look takes no lock.
        with transaction() if needs else nullcontext(db.session()) as session:
            paper = self._own(session, pk)
            view = shown(session, actor, paper, needs=needs, now=at)
            happened = [
                one
                for one in duty_log.entries(session, actor, DutyEntry.community_id == paper.community_id, *_near(paper))
                if one.data.get("handover") == paper.id
            ]
            page = self.render_template(
                template,
                paper=paper,
                view=view,
                needs=needs,
                side=handovers.side_of(actor, paper),
                signs_for_others=actor.has(*handovers.SIGNS_FOR_OTHERS),
                happened=[(one, entry_title(one)) for one in happened],
                error=error,
                words=request.form.get("words", ""),
                now=at,
                field_moment=field_moment,
            )
        return page, status

    def _own(self, session: Session, pk: int, *, lock: bool = False) -> Handover:
        statement = select(Handover).where(Handover.id == pk, rows(self.actor(), Handover))
        if lock:
            statement = statement.with_for_update(of=Handover)
        return session.scalars(statement.options(*_PEOPLE)).one_or_none() or abort(404)


def _near(paper: Handover) -> tuple[Any, ...]:
    return (DutyEntry.at >= paper.made_at, DutyEntry.verb.startswith("handover"))
