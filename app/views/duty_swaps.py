"""`/duty/swaps…`: asking a colleague to take one's shift, and answering (D7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import DutyEntry, DutyShift, DutySwap
from app.services import duty_log, swaps
from app.services.access import rows
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.local import local
from app.views.base.replay import claimed
from app.views.base.rows import as_id
from app.views.duty_forms import hours, staff_of_community
from app.views.duty_words import entry_words

_AHEAD = timedelta(days=35)
_VERBS = ("swap_asked", "swap_accepted", "swap_declined", "swap_withdrawn")


class DutySwapPage(BasePage):
    """Whoever has shifts asks and answers; the manager decides where nobody answers."""

    route_base = "/duty/swaps"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """What is asked, what was answered, and one's own coming shifts to ask for."""
        return self._page("", 200)

    @expose("/new")
    @has_access
    @permission_name("ask")
    def new(self) -> Any:
        """The form for one of one's own shifts (`?shift=`)."""
        return self._form({"shift": request.args.get("shift", "")[:12]}, "", 200)

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("ask")
    def ask(self) -> Any:
        """Ask. Refused: the sentence above the form."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        ids = [as_id(sent.get(name, "")) for name in ("shift", "other", "back")]
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                swap = swaps.ask(session, actor, ids[0], ids[1], ids[2], sent.get("note", ""), at)
                name = swap.other.name
                address = form.led_to("/duty/swaps/")
        except LinliError as error:
            return self._form(sent, sentence(error), error.status)
        flash(gettext("%(name)s is asked and gets a message.", name=name), "success")
        return redirect(address)

    @expose("/<int:pk>/<string:verb>", methods=["POST"])
    @has_access
    @permission_name("ask")
    def answer(self, pk: int, verb: str) -> Any:
        """Accept, decline or withdraw. Refused: the sentence above the list."""
        actor, at = self.actor(), now()
        if verb not in ("accept", "decline", "withdraw"):
            abort(404)
        try:
            with transaction() as session:
                statement = select(DutySwap).where(DutySwap.id == pk, rows(actor, DutySwap))
                swap = session.scalar(statement.with_for_update())
                if swap is None:
                    abort(404)
                if verb == "withdraw":
                    swaps.withdraw(session, actor, swap, at)
                else:
                    swaps.answer(session, actor, swap, verb == "accept", request.form.get("words", ""), at)
        except LinliError as error:
            return self._page(sentence(error), error.status)
        done = {
            "accept": gettext("Accepted: the roster is changed."),
            "decline": gettext("Declined: the roster stays as it is."),
            "withdraw": gettext("Withdrawn."),
        }
        flash(done[verb], "success")
        return redirect("/duty/swaps/")

    def _page(self, error: str, status: int) -> Any:
        session, actor, at = db.session(), self.actor(), now()
        found = swaps.listed(session, actor, at)
        happened = duty_log.entries(session, actor, DutyEntry.verb.in_(_VERBS), most=20)
        page = self.render_template(
            "duty/swaps.html",
            error=error,
            swaps=[(swap, swaps.is_open(swap, at)) for swap in found],
            me=actor.staff_id,
            decides=actor.has(*swaps.DECIDES),
            mine=self._coming(session, actor.staff_id),
            happened=[(one, entry_words(one)) for one in happened if found],
            hours=hours,
            local=local,
        )
        return page, status

    def _form(self, values: dict[str, Any], error: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        mine = self._coming(session, actor.staff_id)
        shift = next((one for one in mine if str(one.id) == values.get("shift")), mine[0] if mine else None)
        people = staff_of_community(session, actor, shift.community_id) if shift else []
        theirs = self._coming(session, None, shift.community_id) if shift else []
        page = self.render_template(
            "duty/swap.html",
            values=values,
            error=error,
            shift=shift,
            mine=mine,
            people=[one for one in people if one.id != actor.staff_id],
            theirs=[one for one in theirs if one.staff_id != actor.staff_id],
            hours=hours,
            local=local,
        )
        return page, status

    def _coming(self, session: Session, staff_id: int | None, community_id: int | None = None) -> list[DutyShift]:
        at = now()
        whose = DutyShift.staff_id == staff_id if community_id is None else DutyShift.community_id == community_id
        statement = (
            select(DutyShift)
            .where(whose, DutyShift.starts_at > at, DutyShift.starts_at < at + _AHEAD, rows(self.actor(), DutyShift))
            .options(joinedload(DutyShift.staff), joinedload(DutyShift.community))
            .order_by(DutyShift.starts_at, DutyShift.id)
        )
        return list(db.session().scalars(statement))
