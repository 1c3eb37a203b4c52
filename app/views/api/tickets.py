"""Tickets with their verbs and timeline, clocks, return visits, categories (D3, D4, D8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, NotFound
from app.models import (
    Category,
    Clock,
    Community,
    House,
    Person,
    PersonPhone,
    Phone,
    ReturnVisit,
    Tenure,
    Ticket,
    TicketEntry,
)
from app.rules.codes import Channel, Kind, Priority, Role
from app.rules.work_verbs import ACCEPTING, WORK_VERBS
from app.services.actors import Actor
from app.services.complaint_verbs import take
from app.services.household import TOLD_STEPS, TOLD_WORDS, hotlines, reporting_number
from app.services.ticket_input import phone_number
from app.services.tickets import open_ticket
from app.views.base.rest import RestApi, asking
from app.views.base.rest_fields import Row, instant_text
from app.views.base.rest_steps import StepsApi
from app.views.base.rest_words import KEY, content, described
from app.views.base.rows import RowInterface, own_rows

_STEPS = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "count": {"type": "integer"},
        "result": {"type": "array", "items": {"type": "object"}},
    },
}
HOUSEHOLD_CHANNELS = (Channel.WEB, Channel.WECHAT, Channel.APP)


class TicketApi(StepsApi):
    """Matters from registered to closed. A step is `POST /api/v1/ticket/<id>/<verb>`, refused ones are 409 with a sentence."""

    resource_name = "ticket"
    datamodel = RowInterface(Ticket)
    columns = (
        "id",
        "number",
        "kind",
        "channel",
        "priority",
        "state",
        "category_id",
        "category.code",
        "category.name",
        "title",
        "description",
        "demand",
        "community_id",
        "building_id",
        "house_id",
        "house.name",
        "place",
        "reporter_id",
        "reporter_name",
        "reporter_phone",
        "department_id",
        "department.name",
        "assignee_id",
        "assignee.name",
        "responsible",
        "validity",
        "grade",
        "complaint.party",
        "complaint.level",
        "acceptance.state",
        "acceptance.acceptor_id",
        "acceptance.work",
        "acceptance.due_at",
        "is_written",
        "is_repeat",
        "is_collective",
        "callback_due",
        "waiting_reason",
        "waiting_until",
        "created_at",
        "due_at",
        "done_at",
        "closed_at",
        "filed_at",
        "reopened_count",
        "urged_count",
        "urged_at",
        "revision",
    )
    takes = {
        "kind": "string",
        "channel": "string",
        "category": "string",
        "title": "string",
        "description": "string",
        "demand": "string",
        "place": "string",
        "priority": "string",
        "house_id": "integer",
        "community_id": "integer",
        "reporter_name": "string",
        "reporter_phone": "string",
        "is_written": "boolean",
        "opinion": "string",
    }

    needs = ("kind", "channel")
    notes = {
        "kind": {"enum": [str(kind) for kind in Kind]},
        "channel": {"enum": [str(channel) for channel in Channel], "description": "A household's: web, wechat or app"},
        "category": {"description": "The code of a category, such as water"},
        "title": {
            "description": "Left out, the ticket is called by the first line of its description; one of the two is needed"
        },
        "priority": {
            "enum": [str(priority) for priority in Priority],
            "description": "Left out: as category and words say",
        },
        "house_id": {
            "description": "One of the caller's own rows of house; without it community_id, where there are several"
        },
        "reporter_phone": {"description": "In any spelling; kept in E.164"},
        "opinion": {"description": "Of a complaint settled on the spot: what the household says to it"},
    }

    def create(self, session: Session, body: Row, actor: Actor, at: datetime) -> int:
        """Open a ticket by the service the desk uses. Raises Invalid for a house that is not the actor's."""
        house = self._house(body.get("house_id"))
        _check_channel(actor, body.get("channel"))
        opinion = _opinion(actor, body)
        if _is_household(actor):
            _check_emergency(session, actor, body.get("kind"), house)
            phone = reporting_number(session, actor, body.get("reporter_phone"))
        else:
            phone = phone_number(body.get("reporter_phone"))
        ticket = open_ticket(
            session,
            community=self._community(house, body.get("community_id")),
            kind=body.get("kind") or "",
            channel=body.get("channel") or "",
            category_code=body.get("category"),
            title=body.get("title") or "",
            description=body.get("description") or "",
            demand=body.get("demand"),
            place=body.get("place"),
            priority=None if _is_household(actor) else body.get("priority"),
            house=house,
            reporter_person=_reporter(session, actor, phone, house),
            reporter_name=body.get("reporter_name"),
            reporter_phone=phone,
            written=bool(body.get("is_written")),
            on_the_spot=bool(opinion),
            actor=actor,
            now=at,
        )
        if opinion:
            take(session, ticket, "settle", actor, at, {"opinion": opinion})
        return ticket.id

    def row(self, item: Ticket, columns: Sequence[str] = ()) -> Row:
        """The row; `responsible` is who answers for the matter: of a complaint the party that was found, else who has it in
        hand."""
        row = super().row(item, columns)
        if "responsible" in row and item.complaint is not None and item.complaint.party:
            row["responsible"] = item.complaint.party
        return row

    def _house(self, house_id: int | None) -> House | None:
        if house_id is None:
            return None
        house = RowInterface(House).one(house_id)
        if house is None:
            raise Invalid(N_("There is no such house."))
        return house

    def _community(self, house: House | None, community_id: int | None) -> Community:
        communities = RowInterface(Community)
        wanted = community_id if community_id is not None else (house.community_id if house else None)
        if wanted is not None:
            found = communities.one(wanted)
        else:
            own = list(self.datamodel.session.scalars(communities.visible().limit(2)))
            found = own[0] if len(own) == 1 else None
        if found is None:
            raise Invalid(N_("Say which house or community this is about."))
        return found

    def take(self, session: Session, item: Ticket, verb: str, actor: Actor, at: datetime, body: Row) -> None:
        """dispatch, start, contact, reply, wait, resume, finish, visit, close, cancel, reopen, find, promise; of complaints
        confirm, object, settle, escalate, decide, causes, mark; of work that is accepted submit, approve, return. How else work is
        handed on is the pages' (I5 names no verb for it)."""
        if verb in WORK_VERBS and verb not in ACCEPTING:
            raise NotFound(N_("There is no such step."))
        take(session, item, verb, actor, at, body)

    @expose("/<int:pk>/timeline", methods=["GET"])
    @protect()
    @permission_name("get")
    @described("get", "The steps", content(_STEPS), parameters=[KEY], refusals=(404,))
    def timeline(self, pk: int) -> Response:
        """Every step of a ticket in order: who, when, from, to, note."""
        self.own(pk)
        actor = asking()
        told = (TicketEntry.verb.in_(TOLD_STEPS),) if _is_household(actor) else ()
        entries = self.datamodel.session.scalars(
            select(TicketEntry)
            .where(TicketEntry.ticket_id == pk, own_rows(TicketEntry), *told)
            .order_by(TicketEntry.at, TicketEntry.id)
        )
        steps = [_entry(entry, actor) for entry in entries]
        return self.response(200, id=pk, count=len(steps), result=steps)


def _entry(entry: TicketEntry, actor: Actor) -> Row:
    step: dict[str, Any] = {
        "id": entry.id,
        "at": instant_text(entry.at),
        "verb": entry.verb,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "actor_name": entry.actor_name,
        "note": entry.note,
    }
    if not _is_household(actor):
        return step | {"data": entry.data}
    # What the house notes for itself, and keeps beside a step (numbers tried, people weighed), is not for households.
    return step if entry.verb in TOLD_WORDS else step | {"note": ""}


def _is_household(actor: Actor) -> bool:
    return actor.staff_id is None and actor.has(Role.OWNER, Role.RESIDENT)


def _check_channel(actor: Actor, channel: object) -> None:
    if _is_household(actor) and channel not in HOUSEHOLD_CHANNELS:
        raise Invalid(N_("Choose one of: %(choices)s."), choices=", ".join(HOUSEHOLD_CHANNELS))


def _opinion(actor: Actor, body: Row) -> str:
    """What the household says to a complaint that was settled on the spot; only for complaints, and only from the staff."""
    opinion = (body.get("opinion") or "").strip()
    if opinion and (_is_household(actor) or body.get("kind") != Kind.COMPLAINT):
        raise Invalid(N_("The field %(name)s is not taken here."), name="opinion")
    return opinion


def _check_emergency(session: Session, actor: Actor, kind: object, house: House | None) -> None:
    """An emergency rings telephones at night: a household reports one only of its own house."""
    if kind != Kind.EMERGENCY or (house is not None and house.id in actor.house_ids):
        return
    number = next(iter(hotlines(session, actor).values()), "")
    raise Invalid(
        N_("Say which of your houses the emergency is in, or telephone the hotline at once: %(number)s"), number=number
    )


def _reporter(session: Session, actor: Actor, phone: str | None, house: House | None) -> Person | None:
    """The person who reports: oneself, else whoever of the house has the number that was given."""
    if _is_household(actor) and actor.person_id is not None:
        return session.get(Person, actor.person_id)
    if phone is None or house is None:
        return None
    return session.scalars(
        select(Person)
        .join(PersonPhone)
        .join(Phone)
        .join(Tenure, Tenure.person_id == Person.id)
        .where(Phone.number == phone, Tenure.house_id == house.id)
        .order_by(Tenure.ends_on.is_not(None), Person.id)
        .limit(1)
    ).first()


class ClockApi(RestApi):
    """The deadlines of tickets (D4)."""

    resource_name = "clock"
    datamodel = RowInterface(Clock)
    further_filters = {"created_at": "started_at"}
    columns = (
        "id",
        "ticket_id",
        "ticket.number",
        "name",
        "state",
        "calendar",
        "minutes",
        "started_at",
        "warn_at",
        "due_at",
        "met_at",
        "breached_at",
        "paused_at",
    )


class ReturnVisitApi(RestApi):
    """Return visits (D8)."""

    resource_name = "return_visit"
    datamodel = RowInterface(ReturnVisit)
    columns = ("id", "ticket_id", "ticket.number", "way", "state", "reason", "due_on", "visited_at", "tries", "score")


class CategoryApi(RestApi):
    """What matters are about."""

    resource_name = "category"
    datamodel = RowInterface(Category)
    columns = ("id", "code", "name", "name_en", "department_id", "department.name", "default_priority", "active")
