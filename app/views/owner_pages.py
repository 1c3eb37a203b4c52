"""`/owner/`: a household's own page, made for a telephone: matters, reports, houses and bills, own rows only (D15)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy import select

from app.adapters.clock import now
from app.errors import N_, Invalid, LinliError
from app.extensions import db
from app.models import Community, House, Ticket
from app.rules.codes import Channel, Kind, TicketState
from app.services import household
from app.services.access import rows
from app.services.ticket_view import find_ticket
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.rows import as_id
from app.views.labels import choices
from app.views.timeline_words import step_words

OFFERED = (Kind.REPAIR, Kind.COMPLAINT, Kind.CONSULTATION, Kind.SUGGESTION, Kind.SERVICE, Kind.PRAISE)
"""Kinds a household may choose: an emergency is telephoned."""

WAY = (TicketState.REGISTERED, TicketState.DISPATCHED, TicketState.IN_PROGRESS, TicketState.DONE, TicketState.CLOSED)
"""The stations of the bar that shows how far a matter is."""

_STATION = {
    TicketState.REOPENED: TicketState.REGISTERED,
    TicketState.WAITING: TicketState.IN_PROGRESS,
    TicketState.VISITED: TicketState.DONE,
}


class OwnerPage(BasePage):
    """Owners and residents."""

    route_base = "/owner"
    default_view = "index"

    @expose("/")
    @has_access
    @permission_name("view")
    def index(self) -> Any:
        """Everything at a glance."""
        session, actor = db.session(), self.actor()
        homes = household.houses(session, actor)
        return self.render_template(
            "owner/index.html",
            now=now(),
            homes=homes,
            hotlines=household.hotlines(session, actor),
            tickets=household.tickets(session, actor),
            station=station,
            reports=household.reports(session, actor),
            bills=household.bills(session, actor),
        )

    @expose("/ticket/<string:number>")
    @has_access
    @permission_name("view")
    def ticket(self, number: str) -> Any:
        """How far a matter is, and what was told."""
        session, actor = db.session(), self.actor()
        ticket = find_ticket(session, actor, number)
        if ticket is None:
            abort(404)
        steps = [(entry, step_words(entry.verb), _words(entry)) for entry in household.steps(session, ticket)]
        return self.render_template(
            "owner/ticket.html", ticket=ticket, steps=steps, station=station(ticket), way=WAY, now=now()
        )

    @expose("/new")
    @has_access
    @permission_name("add")
    def new(self) -> Any:
        """The empty form."""
        return self._form({"kind": Kind.REPAIR}, "", 200)

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("add")
    def add(self) -> Any:
        """Register the household's matter by the same service as the desk and the hotline."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            if sent.get("kind") not in OFFERED:
                raise Invalid(N_("Choose what it is about."))
            with transaction() as session:
                house, community = self._place(sent.get("house_id"))
                number = open_ticket(
                    session,
                    community=community,
                    kind=sent["kind"],
                    channel=Channel.WEB,
                    category_code=sent.get("category") or None,
                    title=sent.get("title") or "",
                    description=sent.get("description") or "",
                    place=sent.get("place") or None,
                    house=house,
                    reporter_person=household.person(session, actor),
                    reporter_phone=sent.get("phone") or None,
                    actor=actor,
                    now=at,
                ).number
        except LinliError as error:
            return self._form(sent, sentence(error), error.status)
        flash(gettext("We have it: ticket %(number)s.", number=number), "success")
        return redirect(f"/owner/ticket/{number}")

    def _place(self, text: str | None) -> tuple[House, Community]:
        """One of the household's own houses. Raises Invalid for any other."""
        session, actor, key = db.session(), self.actor(), as_id(text or "")
        found = session.execute(
            select(House, Community)
            .join(Community, Community.id == House.community_id)
            .where(House.id == (key or -1), House.id.in_(actor.house_ids), rows(actor, House))
        ).one_or_none()
        if found is None:
            raise Invalid(N_("Choose the house it is about."))
        return found.House, found.Community

    def _form(self, values: dict[str, Any], error: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        page = self.render_template(
            "owner/new.html",
            values=values,
            error=error,
            homes=household.houses(session, actor),
            hotlines=household.hotlines(session, actor),
            categories=household.categories(session),
            kinds=[(code, label) for code, label in choices("kind") if code in OFFERED],
            phone=values.get("phone") if "phone" in values else household.own_phone(session, actor),
        )
        return page, status


def station(ticket: Ticket) -> int:
    """How many stations of the bar are behind, 1 to 5; 0 for a cancelled matter."""
    if ticket.state == TicketState.CANCELLED:
        return 0
    state = TicketState(ticket.state)
    return WAY.index(_STATION.get(state, state)) + 1


def _words(entry: Any) -> str:
    return entry.note if entry.verb in household.TOLD_WORDS else ""
