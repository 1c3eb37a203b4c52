"""`/ticket/new`: the desk takes a matter down: heard, asked, repeated back and recorded clearly (D3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, flash, jsonify, redirect, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import N_, Invalid, LinliError
from app.extensions import db
from app.models import Category, Community, House, Person, Ticket
from app.rules.codes import Channel
from app.services import search
from app.services.access import rows
from app.services.actors import Actor
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.local import local
from app.views.base.rows import as_id
from app.views.labels import choices

DESK_CHANNELS = (
    Channel.DESK,
    Channel.HOTLINE,
    Channel.WECHAT,
    Channel.EMAIL,
    Channel.LETTER,
    Channel.PATROL,
    Channel.TRANSFER,
)


class DeskPage(BasePage):
    """A new ticket at the desk, and the house picker that finds as one types."""

    route_base = "/ticket"
    default_view = "new"

    @expose("/new")
    @has_access
    @permission_name("add")
    def new(self) -> Any:
        """The empty form; `?house=<id>` fills in the house."""
        return self._form(
            {"house_id": request.args.get("house", ""), "channel": Channel.DESK, "kind": "repair"}, "", 200
        )

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("add")
    def add(self) -> Any:
        """Register the matter. Refused: the sentence above the form, and what was typed still in it."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            with transaction() as session:
                number = _open(session, actor, sent, at).number
        except LinliError as error:
            return self._form(sent, sentence(error), error.status)
        flash(gettext("Ticket %(number)s is registered.", number=number), "success")
        return redirect(f"/ticket/{number}")

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


def _open(session: Session, actor: Actor, sent: dict[str, str], at: datetime) -> Ticket:
    house = _own(session, actor, House, sent.get("house_id")) or _typed(session, actor, sent.get("house_words"))
    person = _own(session, actor, Person, sent.get("reporter_id"))
    channel = sent.get("channel") or Channel.DESK
    if channel not in DESK_CHANNELS:
        raise Invalid(N_("Choose one of: %(choices)s."), choices=", ".join(DESK_CHANNELS))
    return open_ticket(
        session,
        community=_community(session, actor, house, sent.get("community_id")),
        kind=sent.get("kind") or "",
        channel=channel,
        category_code=sent.get("category") or None,
        title=sent.get("title") or "",
        description=sent.get("description") or "",
        demand=sent.get("demand") or None,
        place=sent.get("place") or None,
        priority=sent.get("priority") or None,
        house=house,
        reporter_person=person,
        reporter_name=sent.get("reporter_name") or None,
        reporter_phone=sent.get("reporter_phone") or None,
        actor=actor,
        now=at,
    )


def _typed(session: Session, actor: Actor, text: str | None) -> House | None:
    """The house that was typed but not picked from the list: only when the words mean a single one."""
    words = search.clean_words(text)
    if not words:
        return None
    found = search.houses(session, actor, words, most=2)
    if len(found) != 1:
        raise Invalid(N_("Choose the house from the list, or leave the field empty."))
    return found[0][0]


def _own(session: Session, actor: Actor, model: Any, text: str | None) -> Any:
    """The row of this id if it is the actor's; None for nothing. Raises Invalid for anything else."""
    if not text:
        return None
    key = as_id(text)
    found = None
    if key is not None:
        found = session.scalars(select(model).where(model.id == key, rows(actor, model))).one_or_none()
    if found is None:
        raise Invalid(N_("There is no such house.") if model is House else N_("There is no such person."))
    return found


def _community(session: Session, actor: Actor, house: House | None, text: str | None) -> Community:
    wanted = house.community_id if house is not None else as_id(text or "")
    statement = select(Community).where(rows(actor, Community))
    if wanted is not None:
        statement = statement.where(Community.id == wanted)
    found = list(session.scalars(statement.limit(2)))
    if len(found) != 1:
        raise Invalid(N_("Say which house or community this is about."))
    return found[0]
