"""The menu and which house it is about (I4): one known house is confirmed by a key, several are offered, otherwise it is asked."""

from dataclasses import replace

from app.errors import N_
from app.rules.call_flow import booking, errands, fees, notices
from app.rules.call_flow.asking import NO_SUCH_KEY, NOT_HEARD, again, ask
from app.rules.call_flow.effects import Amend
from app.rules.call_flow.model import Flow, Heard, Reply, Step
from app.rules.call_flow.words import HouseName, line
from app.rules.call_flow.world import World
from app.rules.codes import Kind
from app.rules.place import HouseKey

KINDS = {"1": Kind.REPAIR, "2": Kind.COMPLAINT, "3": Kind.CONSULTATION, "4": Kind.SERVICE}
MENU_TRIES = 2
HOUSE_TRIES = 2
MAX_OFFERED = 7


def menu(flow: Flow, heard: Heard, world: World) -> Reply:
    """The main menu: 1 … 6, 8, 0 and star; 9 was taken before."""
    key = heard.digits
    if key in KINDS:
        return to_house(flow.know(kind=KINDS[key], answered=True), world)
    if key == "5":
        return errands.progress(flow.know(answered=True), world)
    if key == "6":
        return fees.enter(flow, world)
    if key == "0":
        return errands.person(flow.know(answered=True), world)
    if key == "8":
        return ask(replace(flow, locale="zh" if flow.locale == "en" else "en").know(answered=True))
    if flow.facts.tries >= MENU_TRIES:
        return ask(flow.at(Step.MESSAGE))
    return again(flow, line(NO_SUCH_KEY if key else NOT_HEARD))


def to_house(flow: Flow, world: World) -> Reply:
    """Ask about the house: the caller's own ones first, never guessed."""
    if not world.houses:
        return ask(flow.at(Step.WHICH_HOUSE, offered=()))
    return ask(flow.at(Step.HOUSE, offered=world.houses[:MAX_OFFERED]))


def house(flow: Flow, heard: Heard, world: World) -> Reply:
    """1 is the first house on offer; with a single one 2 means another."""
    offered = flow.facts.offered
    chosen = _chosen(heard.digits, offered)
    if chosen:
        return _about(flow.know(house=chosen, house_by_voice=False, answered=True), world)
    if heard.digits == ("2" if len(offered) == 1 else "0"):
        return ask(flow.at(Step.WHICH_HOUSE, offered=(), answered=True))
    if flow.facts.tries >= HOUSE_TRIES:
        return _without(flow, world)
    return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))


def which_house(flow: Flow, heard: Heard, world: World) -> Reply:
    """A house spoken or keyed: taken when certain, asked back in doubt, left open after some tries."""
    said = heard.speech or heard.digits
    flow = flow.know(answered=flow.facts.answered or bool(said), house_said=said or flow.facts.house_said)
    if heard.digits == "0":
        return _without(flow, world)
    flow = flow.know(building=world.place.building or flow.facts.building)
    if world.match.house:
        return _take(flow, world.match.house, world)
    if world.match.candidates:
        return ask(flow.at(Step.HOUSE_CHECK, offered=world.match.candidates, tries=flow.facts.tries))
    if flow.facts.tries >= HOUSE_TRIES:
        return _without(flow, world)
    if world.match.no_such_house:
        return again(flow, line(N_("There is no such house here.")))
    return again(flow, line(N_("I did not understand the house.") if said else NOT_HEARD))


def house_check(flow: Flow, heard: Heard, world: World) -> Reply:
    """The candidates asked back: a digit takes one, anything else asks for the house anew."""
    chosen = _chosen(heard.digits, flow.facts.offered)
    if chosen:
        return _take(flow, chosen, world)
    if flow.facts.tries >= HOUSE_TRIES:
        return _without(flow, world)
    again_flow = flow.at(Step.WHICH_HOUSE, offered=(), tries=flow.facts.tries + 1)
    return ask(again_flow)


def _chosen(digits: str, offered: tuple[HouseKey, ...]) -> HouseKey | None:
    if len(digits) == 1 and digits in "12345678" and int(digits) <= len(offered):
        return offered[int(digits) - 1]
    return None


def _take(flow: Flow, chosen: HouseKey, world: World) -> Reply:
    reply = _about(flow.know(house=chosen, house_by_voice=True, building=None, offered=(), answered=True), world)
    reply = reply.first(line(N_("%(house)s, thank you."), house=HouseName(chosen)))
    if flow.facts.ticket_id is not None:
        note = line(N_("The caller corrected the house."))
        return reply.also(Amend(house_id=chosen.id, note=note))
    return reply


def _without(flow: Flow, world: World) -> Reply:
    reply = _about(flow.know(house=None, offered=()), world)
    return reply.first(line(N_("Then we go on without a house.")))


def _about(flow: Flow, world: World) -> Reply:
    """What it is about, after the announced outages of the house: the catalogue for a service, else a description."""
    concerned = notices.of_house(world.notices, flow.facts.house)
    flow, lines, effects = notices.tell(flow, concerned, world.can_text)
    reply = booking.start(flow, world) if flow.facts.kind == Kind.SERVICE else ask(flow.at(Step.DESCRIBE))
    return reply.first(*lines).also(*effects)
