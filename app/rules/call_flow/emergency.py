"""Key 9 (D7): life safety first, the ticket and the ladder at once, then what has happened, then the queue until somebody takes it."""

from dataclasses import replace

from app.errors import N_
from app.rules.call_flow import matter
from app.rules.call_flow.asking import ask
from app.rules.call_flow.model import (
    Amend,
    Callback,
    Effect,
    Flow,
    HangUp,
    Heard,
    Open,
    Receipt,
    Reply,
    StartLadder,
    Step,
    Wait,
    World,
)
from app.rules.call_flow.words import HouseName, Line, TicketNo, line
from app.rules.classify import OTHER, classify
from app.rules.codes import Kind, Priority

TYPES: dict[str, tuple[str, str]] = {
    "1": ("security", N_("Fire or gas.")),
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
TYPE_OF_CATEGORY = {category: key for key, (category, _) in TYPES.items()}


def enter(flow: Flow, world: World) -> Reply:
    """The emergency branch from any question. Pressed again it opens no second ticket."""
    facts = flow.facts
    if facts.emergency:
        return _wait(flow, ())
    lines: list[Line] = [line(matter.LIFE_SAFETY)]
    effects: list[Effect] = []
    house = facts.house
    if house is None and len(world.houses) == 1:
        # Said aloud and marked as unconfirmed: the taker must hear of the likeliest place, the caller can correct it.
        house = world.houses[0]
        lines.append(
            line(N_("We assume that you are at %(house)s; tell us if it is elsewhere."), house=HouseName(house))
        )
        effects.append(Amend(note=line(N_("The house is that of the caller's number, not confirmed."))))
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
    return ask(flow).first(*lines).also(*effects)


def which(flow: Flow, heard: Heard, world: World) -> Reply:
    """What has happened; silence does not hold anything up."""
    if heard.digits in TYPES:
        category, label = TYPES[heard.digits]
        advice: tuple[Line, ...] = (line(ADVICE[heard.digits]),)
        flow = flow.know(category=category)
        described = None if flow.facts.description else line(label)
        return _wait(flow, advice).also(Amend(described, category, note=line(label)))
    if heard.speech:
        category = classify(heard.speech, world.words).category
        said = "\n".join(part for part in (flow.facts.description, heard.speech) if part)
        flow = flow.know(description=said, category=category)
        key = TYPE_OF_CATEGORY.get(category)
        advice = (line(ADVICE[key]),) if key and category != OTHER else ()
        return _wait(flow, advice).also(Amend(said, category, note=line(N_("The caller said what has happened."))))
    return _wait(flow, ())


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
