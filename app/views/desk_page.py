"""`/ticket/new`: the desk takes a matter down: heard, asked, repeated back and recorded clearly (D3)."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, redirect, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Category, Community, House, Ticket
from app.rules.codes import AttachmentStage, Channel
from app.services import search
from app.services.access import rows
from app.services.actors import Actor
from app.services.attachments import attach
from app.services.ticket_desk import LONGEST_WORDS, find_call, hint, open_matters
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.cells import named
from app.views.base.local import local
from app.views.base.rows import as_id
from app.views.labels import choices, code_label
from app.views.look import Look
from app.views.ticket_desk import DESK_CHANNELS, join_matter, open_matter
from app.views.ticket_uploads import form_with_photos


class DeskPage(BasePage):
    """A new ticket at the desk, and the house picker that finds as one types."""

    route_base = "/ticket"
    default_view = "new"

    @expose("/new")
    @has_access
    @permission_name("add")
    def new(self) -> Any:
        """The empty form; `?house=`, `?phone=`, `?channel=` and `?call=` fill in what the desk knows already."""
        asked = request.args
        call = find_call(db.session(), self.actor(), as_id(asked.get("call", "")))
        known = {
            "house_id": asked.get("house") or (str(call.house_id) if call and call.house_id else ""),
            "reporter_phone": (asked.get("phone") or (call.from_number if call else "") or "")[:40],
            "channel": asked.get("channel") or (Channel.HOTLINE if call else Channel.DESK),
            "call_id": str(call.id) if call else "",
            "kind": "repair",
        }
        return self._form(known, "", 200)

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("add")
    def add(self) -> Any:
        """Register the matter, or note it on the one that is open (`join`). Refused: the sentence above the form, and what
        was typed still in it."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            with form_with_photos(actor, at) as (session, files, form):
                take = join_matter if sent.get("join") else open_matter
                ticket = take(session, actor, sent, at)
                attach(session, ticket, files, stage=AttachmentStage.REPORT, actor=actor, now=at)
                number, address = ticket.number, form.led_to(f"/ticket/{ticket.number}")
        except LinliError as error:
            return self._form(sent, sentence(error), error.status)
        if sent.get("join"):
            flash(gettext("Noted on ticket %(number)s: the household came back about it.", number=number), "success")
        else:
            flash(gettext("Ticket %(number)s is registered.", number=number), "success")
        return redirect(address)

    @expose("/hints")
    @has_access
    @permission_name("add")
    def hints(self) -> Response:
        """What the words so far point to, and what the house has open:
        `{category: {code, name, why}, priority: {code, name, why}, open: [{number, title, category, state, since}]}`."""
        session, actor = db.session(), self.actor()
        found = hint(session, request.args.get("words", "")[:LONGEST_WORDS])
        house_id = as_id(request.args.get("house", ""))
        matters = open_matters(session, actor, house_id) if house_id is not None else []
        return jsonify(
            category=found.category and _point(found.category.code, named(found.category), found.category_word),
            priority=found.priority
            and _point(found.priority, code_label("priority", found.priority), found.priority_word),
            open=[matter_words(ticket) for ticket in matters],
        )

    @expose("/houses")
    @has_access
    @permission_name("add")
    def houses(self) -> Response:
        """Houses for what was typed, with who lives there: `{houses: [{id, name, community, people: [{id, name, role, phone}]}]}`."""
        session, actor = db.session(), self.actor()
        words = search.clean_words(request.args.get("q"))
        found = search.houses(session, actor, words, most=12)
        return jsonify(houses=_with_people(session, actor, found))

    def _form(self, values: dict[str, Any], error: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        house_id = as_id(values.get("house_id", ""))
        chosen = []
        if house_id is not None:
            condition = (House.id == house_id, rows(actor, House))
            chosen = [
                (house, community)
                for house, community in session.execute(
                    select(House, Community.name).join(Community, Community.id == House.community_id).where(*condition)
                )
            ]
        page = self.render_template(
            "ticket/new.html",
            values=values,
            error=error,
            chosen=next(iter(_with_people(session, actor, chosen)), None),
            categories=session.scalars(select(Category).where(Category.active).order_by(Category.position)).all(),
            communities=session.scalars(select(Community).where(rows(actor, Community)).order_by(Community.id)).all(),
            kinds=choices("kind"),
            channels=[(code, label) for code, label in choices("channel") if code in DESK_CHANNELS],
            priorities=choices("priority"),
            matters=[matter_words(ticket) for ticket in open_matters(session, actor, house_id)] if chosen else [],
        )
        return page, status


def _with_people(session: Session, actor: Actor, found: list[tuple[House, str]]) -> list[dict[str, Any]]:
    today = local(now()).date()
    people = search.residents(session, actor, today, house_ids=[house.id for house, _community in found])
    return [
        {
            "id": house.id,
            "name": house.name,
            "community": community,
            "people": [
                {
                    "id": person.id,
                    "name": person.name,
                    "role": str(dict(choices("tenure_role"))[person.role]),
                    "phone": next(iter(person.phones), ""),
                }
                for person in people
                if person.house_id == house.id
            ],
        }
        for house, community in found
    ]


def _point(code: str, name: str, word: str) -> dict[str, str]:
    return {"code": code, "name": name, "why": gettext("because of “%(word)s”", word=word)}


def matter_words(ticket: Ticket) -> dict[str, str]:
    """An open matter as the form shows it."""
    return {
        "number": ticket.number,
        "title": ticket.title,
        "category": ticket.category.code if ticket.category else "",
        "category_name": named(ticket.category),
        "state": code_label("ticket_state", ticket.state),
        "since": gettext("since %(when)s", when=Look().when(ticket.created_at)),
    }
