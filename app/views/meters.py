"""`/meters/…`: the round on which meters are read, a meter with its history, readings from a sheet; and the tables (D10)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, make_response, redirect, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Building, Meter, MeterReading
from app.models.base import BIGGEST_ID
from app.rules.digits import is_number
from app.services import meter_import, meters
from app.services.access import rows
from app.services.actors import Actor
from app.services.meters import DoubtfulReading
from app.services.transaction import transaction
from app.services.uploads import check_size
from app.views.arrears import chosen, communities
from app.views.base import BasePage, expose, has_access, local, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.model_page import ModelPage
from app.views.base.replay import claimed
from app.views.base.rows import RowInterface
from app.views.import_page import MOST_PROBLEMS, XLSX
from app.views.permitted import may


class MeterView(ModelPage):
    """The meters of the houses, in use and taken out."""

    datamodel = RowInterface(Meter)
    title, singular = _("Meters"), _("Meter")
    has_name = False
    list_columns = ["number", "kind", "house", "fee_item", "digits", "starts_on", "ends_on"]
    show_columns = ["number", "kind", "house", "community", "fee_item", "digits", "starts_on", "start_value", "ends_on"]
    search_columns = ["number", "kind", "house", "fee_item", "starts_on", "ends_on"]
    order_columns = ["number", "kind", "starts_on", "id"]
    add_columns = ["house", "kind", "number", "digits", "fee_item", "starts_on", "start_value"]
    edit_columns = ["number", "digits", "fee_item"]
    families = {"kind": "meter_kind"}
    labels = {
        "number": _("Number of the meter"),
        "kind": _("What it counts"),
        "digits": _("Digits before the point"),
        "starts_on": _("Put in on"),
        "start_value": _("Showed when it was put in"),
        "ends_on": _("Taken out on"),
    }
    card = ["number", "house", "kind"]
    form_groups = (
        (_("Which meter"), ("house", "kind", "number", "digits")),
        (_("How it is billed"), ("fee_item",)),
        (_("When it was put in"), ("starts_on", "start_value")),
    )
    help = {
        "number": _("As it stands on the meter."),
        "digits": _("Behind the last one the counter starts again."),
        "fee_item": _("A fee item that is charged by meters; empty: it is read and not billed."),
    }
    blames = {
        "Write the number of the meter.": "number",
        "There is a meter with this number already: %(number)s.": "number",
        "Choose the house of the meter.": "house",
        "Choose a fee item of this community that is charged by meters.": "fee_item",
        "Write the day the meter was put in: today or before.": "starts_on",
    }
    empty_hint = _("Enter the meters of the houses: they are read on the round and billed by a fee item per meter.")
    base_order = ("id", "desc")

    def suggested(self) -> dict[str, Any]:
        """Five digits, put in today."""
        return {**super().suggested(), "digits": 5, "starts_on": local(now()).date(), "start_value": 0}

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """Of one community with its fee item, with a number of its own."""
        meters.keep(session, item, values, now())
        super().save(session, item, values, actor)

    def further_links(self, item: Any) -> list[tuple[Any, str]]:
        """Its readings, and the form to read it."""
        return [(_("Readings"), f"/meters/{item.id}")] if may("can_view", "MeterPage") else []


class MeterReadingView(ModelPage):
    """Every reading, also those that were struck."""

    datamodel = RowInterface(MeterReading)
    title, singular = _("Meter readings"), _("Meter reading")
    has_name = False
    list_columns = ["read_on", "house", "meter", "value", "used", "read_by", "struck_at"]
    show_columns = [*list_columns, "note", "sure", "at", "struck_by", "struck_reason"]
    search_columns = ["read_on", "house", "meter", "struck_at", "read_by"]
    order_columns = ["read_on", "value", "used", "id"]
    labels = {
        "read_on": _("Read on"),
        "meter": _("Meter"),
        "value": _("Reading"),
        "used": _("Used since the last one"),
        "read_by": _("Read by"),
        "sure": _("Looked at twice"),
        "at": _("Written at"),
        "struck_at": _("Struck at"),
        "struck_by": _("Struck by"),
        "struck_reason": _("Why it was struck"),
    }
    card = ["house", "value", "read_on"]
    empty_hint = _("Meters are read on the round: Money, Read meters.")
    base_order = ("read_on", "desc")


class MeterPage(BasePage):
    """Rows: a steward's buildings, for finance and the manager the community."""

    route_base = "/meters"
    default_view = "round"

    @expose("/")
    @has_access
    @permission_name("view")
    def round(self) -> Any:
        """The meters to be read this month, house by house, for a telephone in one hand."""
        session, actor, at = db.session(), self.actor(), now()
        known = communities(actor)
        community = chosen(known)
        building, shown, unread, count, page = self._building(), [], 0, 0, 0
        buildings: list[Building] = []
        if community is not None:
            wanted = select(Building).where(rows(actor, Building), Building.community_id == community.id)
            buildings = list(session.scalars(wanted.order_by(Building.position, Building.id)))
            page = number_in(request.args.get("page"), 0, 0, 10_000)
            shown, unread, count = meters.on_round(session, actor, community.id, building, local(at).date(), page)
        return self.render_template(
            "meters/round.html",
            communities=known,
            community=community,
            buildings=buildings,
            building=building,
            shown=shown,
            unread=unread,
            count=count,
            page=page,
            last=max(0, (count - 1) // meters.PAGE),
            may_read=may("can_read", "MeterPage"),
            may_keep=may("can_add", "MeterView"),
        )

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def meter(self, pk: int) -> Any:
        """A meter: what it showed and when, and the forms to read, exchange and strike."""
        return self._meter(pk)

    @expose("/<int:pk>/read", methods=["POST"])
    @has_access
    @permission_name("read")
    def read(self, pk: int) -> Any:
        """Take a reading; what is doubtful is asked back on the meter's page."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                meter = self._own(session, pk)
                made = meters.enter(session, meter, sent, actor, at)
                said = gettext("%(number)s: %(used)s used.", number=meter.number, used=f"{made.used.normalize():f}")
                address = form.led_to(self._back(pk))
        except LinliError as error:
            return self._meter(pk, sent, sentence(error), error.status, doubtful=isinstance(error, DoubtfulReading))
        flash(said, "success")
        return redirect(address)

    @expose("/<int:pk>/exchange", methods=["POST"])
    @has_access
    @permission_name("keep")
    def exchange(self, pk: int) -> Any:
        """Take the meter out with its last reading; another comes in its place where a number is given."""
        actor, at, sent = self.actor(), now(), {**request.form.to_dict(), "do": "exchange"}
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                made = meters.exchange(session, self._own(session, pk), sent, actor, at)
                address = form.led_to(f"/meters/{made.id if made else pk}")
        except LinliError as error:
            return self._meter(pk, sent, sentence(error), error.status, doubtful=isinstance(error, DoubtfulReading))
        flash(gettext("The meter is taken out."), "success")
        return redirect(address)

    @expose("/<int:pk>/strike", methods=["POST"])
    @has_access
    @permission_name("keep")
    def strike(self, pk: int) -> Any:
        """Strike the last reading, with the reason."""
        actor, at, sent = self.actor(), now(), {**request.form.to_dict(), "do": "strike"}
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                meters.strike(session, self._own(session, pk), sent, actor, at)
                address = form.led_to(f"/meters/{pk}")
        except LinliError as error:
            return self._meter(pk, sent, sentence(error), error.status)
        flash(gettext("The reading is struck."), "success")
        return redirect(address)

    @expose("/import")
    @has_access
    @permission_name("keep")
    def form(self) -> Any:
        """The form to bring readings from a sheet."""
        return self._sheet()

    @expose("/import/template.xlsx")
    @has_access
    @permission_name("keep")
    def template(self) -> Response:
        """The sheet to fill in."""
        answer = make_response(meter_import.template())
        answer.mimetype = XLSX
        answer.headers["Content-Disposition"] = 'attachment; filename="linli-readings.xlsx"'
        return answer

    @expose("/import", methods=["POST"])
    @has_access
    @permission_name("keep")
    def upload(self) -> Any:
        """Look at the sheet, or take it when `action` is `import`."""
        actor, at, really = self.actor(), now(), request.form.get("action") == "import"
        community = chosen(communities(actor))
        if community is None:
            abort(404)
        sent = request.files.get("sheet")
        if sent is None or not sent.filename:
            return self._sheet(error=gettext("Choose a file first."), status=400)
        try:
            content = check_size(sent.stream, sent.filename)
            with transaction() as session:
                here = session.merge(community, load=False)
                taken = meter_import.take(session, here, content, bool(request.form.get("sure")), actor, at)
                if not really:
                    session.rollback()
        except meter_import.ReadingsRefused as error:
            return self._sheet(problems=error.problems, error=sentence(error), status=422)
        except LinliError as error:
            return self._sheet(error=sentence(error), status=error.status)
        return self._sheet(taken=taken, done=really)

    # ---- what is shown
    def _meter(
        self, pk: int, values: dict[str, str] | None = None, error: str = "", status: int = 200, doubtful: bool = False
    ) -> Any:
        session = db.session()
        meter = self._own(session, pk)
        page = self.render_template(
            "meters/meter.html",
            meter=meter,
            last=meters.last_of(session, meter),
            readings=meters.history(session, meter),
            today=local(now()).date(),
            values=values or {},
            error=error,
            doubtful=doubtful,
            back=request.values.get("back", ""),
            may_read=may("can_read", "MeterPage"),
            may_keep=may("can_keep", "MeterPage"),
        )
        return page, status

    def _sheet(
        self, *, problems: Any = (), taken: Any = None, error: str = "", done: bool = False, status: int = 200
    ) -> Any:
        known = communities(self.actor())
        page = self.render_template(
            "meters/import.html",
            communities=known,
            community=chosen(known),
            problems=[(one, sentence(LinliError(one.msgid, **one.params))) for one in problems[:MOST_PROBLEMS]],
            hidden=max(len(problems) - MOST_PROBLEMS, 0),
            words={
                "number": gettext("Number of the meter"),
                "read_on": gettext("Read on"),
                "value": gettext("Reading"),
                "note": gettext("Note"),
            },
            taken=taken,
            done=done,
            error=error,
        )
        return page, status

    def _own(self, session: Session, pk: int) -> Meter:
        found = meters.own(session, self.actor(), min(pk, BIGGEST_ID))
        if found is None:
            abort(404)
        return found

    def _building(self) -> int | None:
        given = request.args.get("building", "")
        return int(given) if is_number(given) else None

    def _back(self, pk: int) -> str:
        """Back to the round it was read on, else to the meter."""
        given = request.form.get("back", "")
        community, _dot, building = given.partition(".")
        if not is_number(community):
            return f"/meters/{pk}"
        return f"/meters/?community={community}" + (f"&building={building}" if is_number(building) else "")
