"""How a row is reached (D15): from a community, a building, a ticket in hand, a house one owns. The ways that tables share."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import aliased

from app.models import House, Person, PersonPhone, Phone, Tenure, Ticket
from app.rules.row_scopes import SCOPES, Scope, own_scope
from app.services.actors import Actor

Condition = ColumnElement[bool]
Way = Callable[[Actor], Condition]
Ways = Mapping[Scope, Way]


def scopes(actor: Actor, model: str) -> frozenset[Scope]:
    """How far the actor's roles together see into a table."""
    lines = SCOPES[model]
    found = {lines[role] for role in actor.roles if role in lines}
    found |= {own_scope(model, scope) for scope in actor.own_scopes}
    return frozenset(found - {Scope.NOTHING})


def within(actor: Actor, name: str, ways: Ways) -> Condition:
    """The rows of a table as far as the actor's roles see together."""
    seen = scopes(actor, name)
    if Scope.EVERYTHING in seen:
        return true()
    return or_(false(), *(ways[scope](actor) for scope in sorted(seen)))


def among(column: Any, ids: frozenset[int]) -> Condition:
    """One id, as most have, is asked for by itself: an `IN` is written anew for every execution."""
    if len(ids) == 1:
        (one,) = ids
        return column == one  # type: ignore[no-any-return]
    return column.in_(sorted(ids))  # type: ignore[no-any-return]


def _assigned(actor: Actor) -> Condition:
    return false() if actor.staff_id is None else Ticket.assignee_id == actor.staff_id


def household(actor: Actor) -> Condition:
    """Tickets of the person, and of the household of a house that is theirs."""
    if actor.person_id is None:
        return false()
    owned = (_household_ticket(actor, house_id, since) for house_id, since in sorted(actor.owned_since))
    return or_(Ticket.reporter_id == actor.person_id, *owned)


def _household_ticket(actor: Actor, house_id: int, since: datetime) -> Condition:
    """What an owner's household reported while the house was theirs; a tenant's matters stay the tenant's (D15).

    Who had left by the day the ownership began is no household of this owner: what the one before still calls about, on the
    day of handing over too, is theirs. A matter whose reporter nobody knew is the household's only when it came from a
    number of one who lives there now and of nobody else tied to the house: else it is a neighbour's complaint about the
    house, or the call of a tenant, or of a tenant's guest.
    """
    head = aliased(Tenure)
    owning = select(head.id).where(
        head.house_id == house_id,
        head.role == "owner",
        or_(_beyond(head, since), head.person_id == actor.person_id),
    )
    of_the_owners = or_(Tenure.head_id.is_(None), Tenure.head_id.in_(owning))
    tied = select(Tenure.person_id).where(Tenure.house_id == house_id, _beyond(Tenure, since))
    household = tied.where(Tenure.role.in_(("owner", "family")), of_the_owners)
    today = actor.today
    still = (
        [Tenure.ends_on.is_(None)]
        if today is None
        else [or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today), Tenure.starts_on <= today]
    )
    numbers = select(Phone.number).join(PersonPhone, PersonPhone.phone_id == Phone.id)
    theirs = numbers.where(PersonPhone.person_id.in_(household.where(*still)))
    of_others = numbers.where(PersonPhone.person_id.in_(tied), PersonPhone.person_id.not_in(household))
    unnamed = and_(
        Ticket.reporter_id.is_(None), Ticket.reporter_phone.in_(theirs), Ticket.reporter_phone.not_in(of_others)
    )
    return and_(
        Ticket.house_id == house_id, Ticket.created_at >= since, or_(unnamed, Ticket.reporter_id.in_(household))
    )


def _beyond(tenure: type[Tenure], since: datetime) -> Condition:
    """Tenures that went on after the local day on which an ownership began."""
    return or_(tenure.ends_on.is_(None), tenure.ends_on > since.date())


TICKETS: Ways = {
    Scope.COMMUNITY: lambda actor: among(Ticket.community_id, actor.community_ids),
    Scope.BUILDING: lambda actor: or_(among(Ticket.building_id, actor.building_ids), _assigned(actor)),
    Scope.ASSIGNMENT: _assigned,
    Scope.TENURE: household,
}


def through(column: Any, key: Any, ways: Ways) -> Ways:
    """The ways of a table whose rows hang on another's: `column` holds the other's `key`."""

    def way(scope: Scope) -> Way:
        return lambda actor: column.in_(select(key).where(ways[scope](actor)))

    return {scope: way(scope) for scope in ways}


def of_ticket(column: Any) -> Ways:
    """The ways of a table whose rows belong to a ticket."""
    return through(column, Ticket.id, TICKETS)


def of_community(column: Any) -> Ways:
    """The ways of a table whose rows belong to a community."""
    return {Scope.COMMUNITY: lambda actor: among(column, actor.community_ids)}


def of_community_or_none(column: Any) -> Ways:
    """The same where a row may belong to no community: it is then the desks' of all of them, or nobody would look at it."""

    def way(actor: Actor) -> Condition:
        return or_(among(column, actor.community_ids), column.is_(None)) if actor.community_ids else false()

    return {Scope.COMMUNITY: way}


HOUSES: Ways = {
    Scope.COMMUNITY: lambda actor: among(House.community_id, actor.community_ids),
    Scope.BUILDING: lambda actor: among(House.building_id, actor.building_ids),
    Scope.ASSIGNMENT: lambda actor: House.id.in_(select(Ticket.house_id).where(_assigned(actor))),
    Scope.TENURE: lambda actor: among(House.id, actor.house_ids),
}


def of_house(model: Any) -> Ways:
    """The ways of a table whose rows are about a house and repeat its community."""
    return {
        **of_community(model.community_id),
        Scope.BUILDING: lambda actor: model.house_id.in_(select(House.id).where(HOUSES[Scope.BUILDING](actor))),
    }


def _living(way: Way) -> Way:
    return lambda actor: Person.id.in_(select(Tenure.person_id).join(House).where(way(actor)))


PEOPLE: Ways = {
    Scope.COMMUNITY: _living(HOUSES[Scope.COMMUNITY]),
    Scope.BUILDING: _living(HOUSES[Scope.BUILDING]),
    Scope.TENURE: lambda actor: Person.id == actor.person_id,
}
TENURES: Ways = {
    Scope.COMMUNITY: lambda actor: Tenure.house_id.in_(select(House.id).where(HOUSES[Scope.COMMUNITY](actor))),
    Scope.BUILDING: lambda actor: Tenure.house_id.in_(select(House.id).where(HOUSES[Scope.BUILDING](actor))),
    Scope.TENURE: lambda actor: Tenure.person_id == actor.person_id,
}


def phones(way: Way) -> Way:
    """The numbers of the people seen by a way."""
    reached = select(PersonPhone.phone_id)
    return lambda actor: Phone.id.in_(reached.where(PersonPhone.person_id.in_(select(Person.id).where(way(actor)))))


def of_person(column: Any) -> Ways:
    """The ways of a table whose rows belong to a person of a household."""
    return through(column, Person.id, PEOPLE)


def took(column: Any) -> Way:
    """Money somebody took with their own hands."""
    return lambda actor: false() if actor.user_id is None else column == actor.user_id
