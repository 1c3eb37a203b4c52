"""The place in words that answered another question: a house or building taken when certain, otherwise noted on the ticket."""

from app.errors import N_
from app.rules.call_flow.effects import Amend, Effect
from app.rules.call_flow.model import Flow
from app.rules.call_flow.words import Line, line
from app.rules.codes import Priority
from app.rules.place import HouseKey
from app.rules.whereabouts import Whereabouts


def learn(flow: Flow, place: Whereabouts) -> Flow:
    """Take what is certain where no house is known yet; a house that the caller has chosen stays."""
    if flow.facts.house is not None:
        return flow
    if place.house is not None:
        return flow.know(house=place.house, house_by_voice=True, building=None)
    return flow.know(building=place.building) if place.building is not None else flow


def certain(flow: Flow, place: Whereabouts) -> tuple[Effect, ...]:
    """What `learn` took, for a ticket that is open already."""
    if place.house is not None and flow.facts.house == place.house:
        return (Amend(house_id=place.house.id),)
    if place.building is not None and flow.facts.house is None:
        return (Amend(building=place.building),)
    return ()


def beside(flow: Flow, place: Whereabouts) -> tuple[Effect, ...]:
    """What else the words say or may mean, for whoever takes the matter. An emergency is in the building that is named."""
    noted = doubt(place, flow.facts.house)
    if noted is None:
        return ()
    danger = flow.facts.priority == Priority.EMERGENCY and place.elsewhere(flow.facts.house)
    return (Amend(building=place.building if danger else None, note=noted),)


def doubt(place: Whereabouts, house: HouseKey | None) -> Line | None:
    """Another building than that of the house; without a house, the houses or buildings it may be."""
    if place.elsewhere(house):
        return line(N_("The words name another building: %(building)s."), building=place.building or "")
    if house is not None:
        return None
    if place.houses:
        return possible(place.houses)
    if place.buildings:
        return line(N_("It may be one of these buildings: %(buildings)s."), buildings=", ".join(place.buildings))
    return None


def possible(houses: tuple[HouseKey, ...]) -> Line:
    """The houses it may be."""
    return line(N_("It may be one of these houses: %(houses)s."), houses=", ".join(house.name for house in houses))


def in_building(place: Whereabouts) -> Line:
    """The building said back."""
    return line(N_("Building %(building)s, thank you."), building=place.building or "")
