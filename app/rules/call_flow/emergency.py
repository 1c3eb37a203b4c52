"""Key 9 (D7): life safety first, the ticket and the ladder at once, then what has happened, then the queue until somebody takes it."""

from dataclasses import replace

from app.errors import N_
from app.rules.call_flow import matter, placing
from app.rules.call_flow.asking import ask
from app.rules.call_flow.effects import Amend, Callback, Effect, Open, Receipt, StartLadder
from app.rules.call_flow.model import Flow, HangUp, Heard, Reply, Step, Wait
from app.rules.call_flow.words import HouseName, Line, TicketNo, line
from app.rules.call_flow.world import World
from app.rules.classify import OTHER, classify
from app.rules.codes import Kind, Priority

TYPES: dict[str, tuple[str, str]] = {
    "1": ("fire", N_("Fire or gas.")),
    "2": ("lift", N_("Somebody is trapped in a lift.")),
    "3": ("water", N_("A water pipe has burst.")),
    "4": ("power", N_("Live electricity.")),
    "5": (OTHER, N_("Another emergency.")),
}
ADVICE: dict[str, str] = {
    "1": N_(
        "Leave the building by the stairs, close the doors behind you, touch no switch, and dial 119 from outside."
    ),
    "2": N_("Stay calm, keep away from the doors and do not force them. If anybody is hurt, dial 120."),
    "3": N_("Turn off the main water valve if you can reach it, and keep away from sockets and appliances."),
    "4": N_(
        "Touch neither the place nor anyone in contact with it. Switch off the main switch if it is safe. If anybody is hurt, dial 120."
    ),
    "5": N_("Keep away from the danger and warn those around you."),
}
TYPE_OF_CATEGORY = {category: key for key, (category, _) in TYPES.items()} | {"gas": "1"}


def enter(flow: Flow, world: World) -> Reply:
    """The emergency branch from any question. Pressed again it opens no second ticket."""
    if flow.facts.emergency:
        return _wait(flow, ())
    flow, lines, effects = _begin(flow, world)
    return ask(flow).first(*lines).also(*effects)


def told(flow: Flow, heard: Heard, world: World) -> Reply:
    """Words of danger where something else was asked: what key 9 does, and what has happened is known already."""
    flow, lines, effects = _begin(flow, world)
    return which(flow, heard, world).first(*lines).also(*effects)


def which(flow: Flow, heard: Heard, world: World) -> Reply:
    """What has happened; silence does not hold anything up."""
    if heard.digits in TYPES:
        category, label = TYPES[heard.digits]
        advice: tuple[Line, ...] = (line(ADVICE[heard.digits]),)
        flow = flow.know(category=category)
        described = None if flow.facts.description else line(label)
        return _wait(flow, advice).also(Amend(described, category, note=line(label)))
    if heard.speech:
        found = classify(heard.speech, world.words)
        category = found.category
        said = "\n".join(part for part in (flow.facts.description, heard.speech) if part)
        flow, where, effects = _said_place(flow.know(description=said, category=category), world)
        key = TYPE_OF_CATEGORY.get(category)
        advice = (line(ADVICE[key]),) if key and category != OTHER else ()
        return _wait(flow, (*where, *advice)).also(
            Amend(said, category, note=line(N_("The caller said what has happened.")), found=found), *effects
        )
    return _wait(flow, ())


def _begin(flow: Flow, world: World) -> tuple[Flow, list[Line], list[Effect]]:
    """Life safety, the ticket and the ladder; the likeliest house."""
    facts = flow.facts
    lines: list[Line] = [line(matter.LIFE_SAFETY)]
    effects: list[Effect] = []
    house = facts.house
    if house is None and len(world.houses) == 1 and not world.place.elsewhere(world.houses[0]):
        # Said aloud and marked as unconfirmed: the taker must hear of the likeliest place, the caller can correct it.
        house = world.houses[0]
        lines.append(
            line(N_("We assume that you are at %(house)s; tell us if it is elsewhere."), house=HouseName(house))
        )
        effects.append(Amend(note=line(N_("The house is that of the caller's number, not confirmed."))))
    elif house is None and world.houses and world.place.building is None:
        # None of them is guessed; whoever takes it asks for these first.
        effects.append(Amend(note=placing.possible(world.houses)))
    known = facts.ladder and facts.ticket_id is not None
    if not known:
        said = facts.description or line(N_("Emergency: the caller pressed 9."))
        effects = [
            Open(Kind.EMERGENCY, facts.category or OTHER, said, Priority.EMERGENCY),
            StartLadder(),
            Receipt(),
            *effects,
        ]
    lines.append(line(N_("The person on duty is being called now.")))
    flow = flow.at(Step.EMERGENCY, emergency=True, ladder=True, answered=True, house=house)
    if not known:
        flow = flow.know(kind=Kind.EMERGENCY, priority=Priority.EMERGENCY)
    return flow, lines, effects


def _said_place(flow: Flow, world: World) -> tuple[Flow, tuple[Line, ...], tuple[Effect, ...]]:
    """The house or building in the caller's words: taken and said back when certain, otherwise noted for whoever takes it.
    Another building than that of the house known so far means that it is not there."""
    where, known = world.place, flow.facts.house
    if where.house is not None:
        if where.house == known:
            return flow, (), ()
        said = line(N_("%(house)s, thank you."), house=HouseName(where.house))
        return flow.know(house=where.house, house_by_voice=True), (said,), (Amend(house_id=where.house.id),)
    if where.building is not None and (known is None or where.elsewhere(known)):
        taken = Amend(building=where.building, elsewhere=known is not None)
        notes = (Amend(note=placing.possible(where.houses)),) if where.houses else ()
        return flow.know(house=None, building=where.building), (placing.in_building(where),), (taken, *notes)
    return flow, (), placing.beside(flow, where)


def after_queue(flow: Flow, heard: Heard, world: World) -> Reply:
    """How the waiting ended: talked, asked to be rung back, hung up, or the queue failed."""
    if heard.queue_result == "bridged":
        return matter.finish(flow.know(connected=True), replace(world, can_text=False))
    if heard.queue_result == "hangup":
        return Reply(flow.at(Step.END), (), HangUp())
    why = line(N_("The caller of the emergency asked to be called back."))
    if heard.queue_result == "leave":
        reply = matter.finish(flow.know(callback=True), world, line(N_("We shall call you back at once.")))
        return reply.also(Callback(why))
    failed = ask(flow.at(Step.MESSAGE)).first(
        line(N_("You cannot be kept waiting on this line; the person on duty is still being called."))
    )
    return failed.also(Callback(line(N_("The caller could not be kept waiting: call back at once."))))


def _wait(flow: Flow, advice: tuple[Line, ...]) -> Reply:
    lines = (
        *advice,
        line(N_("Your ticket number is %(number)s."), number=TicketNo()),
        line(N_("Please stay on the line.")),
    )
    return Reply(flow.at(Step.QUEUE), lines, Wait())
