"""`/notice/…`: notices to buildings by call, text and web (D13), alerts to residents (D7), and how far all of them got."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Building, Campaign, Community, Ticket
from app.rules.codes import CampaignState, Outreach
from app.services import campaigns, notices, resident_alerts
from app.services.access import rows
from app.services.campaign_receivers import OUTCOMES, counted, receivers
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.replay import claimed
from app.views.base.rows import as_id
from app.views.notice_holds import draft_of, hold_draft, hold_sending, seen
from app.views.permitted import may

LISTED, FURTHEST = 60, 10_000
STEPS: dict[str, Callable[[Session, Campaign, datetime], Any]] = {
    "pause": campaigns.pause,
    "go_on": campaigns.go_on,
    "stop": campaigns.stop,
    "send": notices.send,
}


class NoticePage(BasePage):
    """Write, look whom it reaches, send, watch, pause, go on, stop."""

    route_base = "/notice"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """Everything the house calls and writes to households, newest first, in pages."""
        session, actor = db.session(), self.actor()
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        listed = list(
            session.scalars(
                select(Campaign)
                .where(rows(actor, Campaign))
                .options(joinedload(Campaign.community), selectinload(Campaign.places))
                .order_by(Campaign.created_at.desc(), Campaign.id.desc())
                .offset(page * LISTED)
                .limit(LISTED + 1)
            )
        )
        more, listed = len(listed) > LISTED, listed[:LISTED]
        return self.render_template(
            "notices/list.html",
            campaigns=listed,
            sums=counted(session, actor, [campaign.id for campaign in listed]),
            page=page,
            more=more,
            may_write=may("can_step", "NoticePage"),
        )

    @expose("/new")
    @has_access
    @permission_name("step")
    def new(self) -> Any:
        """The empty form."""
        return self._form(None, {"ways": ["voice", "sms", "web"], "places": []}, "", 200)

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("step")
    def add(self) -> Any:
        """Keep it as a draft and show whom it would reach. Nothing is sent yet."""
        return self._save(None)

    @expose("/<int:pk>/edit")
    @has_access
    @permission_name("step")
    def edit(self, pk: int) -> Any:
        """The form of a draft."""
        campaign = self._own(pk)
        if campaign.state != CampaignState.DRAFT:
            return redirect(f"/notice/{pk}")
        return self._form(campaign, {**draft_of(campaign), "community_id": campaign.community_id}, "", 200)

    @expose("/<int:pk>/edit", methods=["POST"])
    @has_access
    @permission_name("step")
    def change(self, pk: int) -> Any:
        """Keep the draft anew."""
        return self._save(self._own(pk).id)

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def page(self, pk: int) -> Any:
        """Before it is sent: whom it reaches and whom not and why. Afterwards: who received it."""
        return self._page(pk, "", 200)

    @expose("/<int:pk>/<string:step>", methods=["POST"])
    @has_access
    @permission_name("step")
    def step(self, pk: int, step: str) -> Any:
        """Send, pause, go on, stop."""
        self._own(pk)
        if step not in STEPS:
            abort(404)
        try:
            with transaction() as session:
                campaign = session.get_one(Campaign, pk)
                if step == "send":
                    hold_sending(session, campaign)
                STEPS[step](session, campaign, now())
        except LinliError as error:
            return self._page(pk, sentence(error), error.status)
        flash(str(_DONE[step]()), "success")
        return redirect(f"/notice/{pk}")

    @expose("/alert/<string:number>")
    @has_access
    @permission_name("alert")
    def alert(self, number: str) -> Any:
        """The two alerts of an emergency, ready to go out at one press."""
        return self._alert(self._emergency(number), None, "", 200)

    @expose("/alert/<string:number>", methods=["POST"])
    @has_access
    @permission_name("alert")
    def send_alert(self, number: str) -> Any:
        """Alert the residents now."""
        ticket, actor, at = self._emergency(number), self.actor(), now()
        what, chosen = request.form.get("what", ""), request.form.getlist("places")
        if what not in resident_alerts.TITLES:
            abort(400)
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                known = session.get_one(Ticket, ticket.id)
                campaign = resident_alerts.send(session, known, what, chosen, actor, at)
                address = form.led_to(f"/notice/{campaign.id}")
        except LinliError as error:
            return self._alert(self._emergency(number), chosen, sentence(error), error.status)
        flash(gettext("The residents are being alerted."), "success")
        return redirect(address)

    # ---- what is shown
    def _save(self, pk: int | None) -> Any:
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        ways, places = request.form.getlist("ways"), request.form.getlist("places")
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                known = session.get_one(Campaign, pk) if pk is not None else None
                if known is not None and known.state == CampaignState.DRAFT:
                    hold_draft(session, known, {**sent, "ways": ways, "places": places})
                community_id = known.community_id if known else self._community(session, sent)
                draft = notices.read(session, community_id, sent, places, ways)
                address = form.led_to(f"/notice/{notices.save(session, community_id, draft, actor, at, known).id}")
        except LinliError as error:
            db.session().rollback()
            known = self._own(pk) if pk is not None else None
            return self._form(known, {**sent, "ways": ways, "places": places}, sentence(error), error.status)
        return redirect(address)

    def _community(self, session: Session, sent: dict[str, str]) -> int:
        mine = select(Community.id).where(rows(self.actor(), Community)).order_by(Community.id)
        wanted = as_id(sent.get("community_id", ""))
        found = session.scalar(mine.where(Community.id == wanted) if wanted is not None else mine.limit(1))
        if found is None:
            abort(404)
        return found

    def _form(self, campaign: Campaign | None, values: dict[str, Any], error: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        chosen = as_id(str(values.get("community_id") or request.args.get("community", "")))
        communities = list(session.scalars(select(Community).where(rows(actor, Community)).order_by(Community.id)))
        community = next((one for one in communities if one.id == chosen), communities[0] if communities else None)
        page = self.render_template(
            "notices/form.html",
            campaign=campaign,
            seen=seen(campaign),
            values=values,
            error=error,
            communities=communities,
            community=community,
            buildings=_buildings(session, community.id) if community else [],
            limits=(notices.TITLE_LIMIT, notices.TEXT_LIMIT),
        )
        return page, status

    def _page(self, pk: int, error: str, status: int) -> Any:
        db.session().rollback()
        session, campaign = db.session(), self._own(pk)
        draft = campaign.state == CampaignState.DRAFT
        sums, show = counted(session, self.actor(), [pk])[pk], request.args.get("show", "all")
        show = show if show in OUTCOMES else "all"
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        shown = self.render_template(
            "notices/show.html",
            campaign=campaign,
            seen=seen(campaign) if draft else "",
            error=error,
            is_notice=campaign.purpose in (Outreach.NOTICE, Outreach.ALERT),
            reach=notices.reach(session, campaign, now()) if draft else None,
            sums=sums,
            show=show,
            receivers=None if draft else receivers(session, self.actor(), pk, show, page, sums[show]),
            may_step=may("can_step", "NoticePage") and campaign.purpose not in campaigns.SAFETY,
        )
        return shown, status

    def _alert(self, ticket: Ticket, chosen: list[str] | None, error: str, status: int) -> Any:
        session, at = db.session(), now()
        if chosen is None:
            own = resident_alerts.building_of(session, ticket)
            chosen = [own] if own else []
        draft = resident_alerts.draft(session, ticket, "evacuate", chosen, at)
        reach = notices.reach(session, draft, at)
        session.rollback()
        ticket = self._emergency(ticket.number)
        page = self.render_template(
            "notices/alert.html",
            ticket=ticket,
            error=error,
            chosen=chosen,
            reach=reach,
            buildings=_buildings(session, ticket.community_id),
            texts=[(what, resident_alerts.draft(session, ticket, what, [], at)) for what in resident_alerts.TITLES],
            allowed=resident_alerts.may_alert(session, ticket, self.actor(), at) and resident_alerts.is_open(ticket),
        )
        session.rollback()
        return page, status

    def _own(self, pk: int) -> Campaign:
        found = select(Campaign).where(Campaign.id == pk, rows(self.actor(), Campaign))
        campaign = db.session().scalars(found).first()
        if campaign is None:
            abort(404)
        return campaign

    def _emergency(self, number: str) -> Ticket:
        ticket = db.session().scalars(select(Ticket).where(Ticket.number == number, rows(self.actor(), Ticket))).first()
        if ticket is None:
            abort(404)
        return ticket


_DONE: dict[str, Callable[[], str]] = {
    "send": lambda: gettext("The notice is on its way."),
    "pause": lambda: gettext("Paused: nobody else is called or written to until it goes on."),
    "go_on": lambda: gettext("It goes on with whom it has not reached yet."),
    "stop": lambda: gettext("Stopped: who was not called yet is not called any more."),
}


def _buildings(session: Session, community_id: int) -> list[Building]:
    found = select(Building).where(Building.community_id == community_id).options(selectinload(Building.units))
    return list(session.scalars(found.order_by(Building.position, Building.id)))
