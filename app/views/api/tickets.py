"""Tickets with their verbs and timeline, clocks, return visits, categories (D3, D4, D8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
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
from app.rules.codes import Channel, Role
from app.services.actors import Actor
from app.services.ticket_input import phone_number
from app.services.ticket_verbs import perform
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from app.views.base.rest import RestApi, asking, json_body
from app.views.base.rest_fields import Row, instant_text
from app.views.base.rows import RowInterface, own_rows

HOUSEHOLD_CHANNELS = (Channel.WEB, Channel.WECHAT, Channel.APP)


class TicketApi(RestApi):
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
        "is_repeat",
        "callback_due",
        "waiting_reason",
        "waiting_until",
        "created_at",
        "due_at",
        "done_at",
        "closed_at",
        "reopened_count",
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
    }

    def create(self, session: Session, body: Row, actor: Actor, at: datetime) -> int:
        """Open a ticket by the service the desk uses. Raises Invalid for a house that is not the actor's."""
        house = self._house(body.get("house_id"))
        _check_channel(actor, body.get("channel"))
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
            actor=actor,
            now=at,
        )
        return ticket.id

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

    @expose("/<int:pk>/<string:verb>", methods=["POST"])
    @protect()
    @permission_name("step")
    def step(self, pk: int, verb: str) -> Response:
        """Take a step: dispatch, start, contact, reply, wait, resume, finish, visit, close, cancel, reopen, find, promise
        ---
        post:
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          - {in: path, name: verb, required: true, schema: {type: string}}
          requestBody:
            required: false
            content:
              application/json:
                schema: {type: object}
          responses:
            200:
              description: The ticket after the step
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      id: {type: integer}
                      result:
                        $ref: '#/components/schemas/{{self.__class__.__name__}}.get'
            400:
              $ref: '#/components/responses/400'
            403:
              $ref: '#/components/responses/403'
            404:
              $ref: '#/components/responses/404'
            409:
              description: The rules forbid it; the message says why
        """
        body = json_body(required=False)
        actor = asking()
        with transaction() as session:
            ticket = self.datamodel.one(pk)
            if ticket is None:
                raise NotFound(N_("There is nothing here, or it is not yours to see."))
            perform(session, ticket, verb, actor, now(), body)
        return self.written(200, pk)

    @expose("/<int:pk>/timeline", methods=["GET"])
    @protect()
    @permission_name("get")
    def timeline(self, pk: int) -> Response:
        """Every step of a ticket in order: who, when, from, to, note
        ---
        get:
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          responses:
            200:
              description: The steps
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      id: {type: integer}
                      count: {type: integer}
                      result: {type: array, items: {type: object}}
            404:
              $ref: '#/components/responses/404'
        """
        self.own(pk)
        actor = asking()
        entries = self.datamodel.session.scalars(
            select(TicketEntry)
            .where(TicketEntry.ticket_id == pk, own_rows(TicketEntry))
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
    # What the house keeps beside a step (numbers tried, people weighed) is not for households.
    return step if _is_household(actor) else step | {"data": entry.data}


def _is_household(actor: Actor) -> bool:
    return actor.staff_id is None and actor.has(Role.OWNER, Role.RESIDENT)


def _check_channel(actor: Actor, channel: object) -> None:
    if _is_household(actor) and channel not in HOUSEHOLD_CHANNELS:
        raise Invalid(N_("Choose one of: %(choices)s."), choices=", ".join(HOUSEHOLD_CHANNELS))


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
