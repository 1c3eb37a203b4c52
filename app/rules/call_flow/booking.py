"""Key 4 (D9): the catalogue read out by pages, a price said and accepted by key, a wake-up call booked by number and time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from app.errors import N_
from app.rules.call_flow import matter
from app.rules.call_flow.asking import NO_SUCH_KEY, NOT_HEARD, again, ask
from app.rules.call_flow.effects import Amend, Effect, Open, Order, Wake
from app.rules.call_flow.model import Flow, Heard, Reply, Step
from app.rules.call_flow.service_words import said_service
from app.rules.call_flow.words import line
from app.rules.call_flow.world import Choice, Service, World
from app.rules.codes import Kind

TRIES = 1
PAGE = 7
"""Keys 1 to 7 choose; 8 reads on, 9 is the emergency, 0 leads out of the catalogue."""
WAKE_UP = "wake_up"
SOON = timedelta(minutes=5)
ORDERED = N_("Ordered by telephone: %(service)s. %(price)s.")


def start(flow: Flow, world: World) -> Reply:
    """The first page; without a catalogue the wish is described."""
    if not world.catalogue:
        return ask(flow.at(Step.DESCRIBE))
    return _page(flow, Step.SERVICE, [service.item for service in world.catalogue], 0)


def service(flow: Flow, heard: Heard, world: World) -> Reply:
    """A key takes an item of the page; a name that was said, too; other words are a wish like any other."""
    items = [one.item for one in world.catalogue]
    if heard.speech:
        named = _named(heard.speech, world.catalogue)
        return _take(flow, named) if named else matter.describe(flow, heard, world)
    found = _chosen(heard.digits, flow.facts.choices)
    if found:
        taken = next((one for one in world.catalogue if one.item.id == found.id), None)
        return _take(flow, taken) if taken else start(flow, world)
    if heard.digits == "8":
        return _page(flow, Step.SERVICE, items, flow.facts.page + 1)
    if heard.digits == "0":
        return ask(flow.at(Step.DESCRIBE, choices=()))
    if flow.facts.tries >= TRIES:
        return ask(flow.at(Step.RECORD, choices=())).first(line(N_("I cannot hear you well.")))
    return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))


def kind(flow: Flow, heard: Heard, world: World) -> Reply:
    """Which of an item's variants: A4 or A3, the umbrella or the torch."""
    prices = next(
        (list(one.prices) for one in world.catalogue if flow.facts.item and one.item.id == flow.facts.item.id), []
    )
    found = _chosen(heard.digits, flow.facts.choices)
    if found:
        return _price(flow.know(variant=found))
    if heard.digits == "8" and prices:
        return _page(flow, Step.SERVICE_KIND, prices, flow.facts.page + 1)
    if heard.digits == "0":
        return start(flow, world)
    if flow.facts.tries >= TRIES:
        return ask(flow.at(Step.RECORD, choices=()))
    return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))


def price(flow: Flow, heard: Heard, world: World) -> Reply:
    """The price was said: 1 accepts it, 2 leads back. Nothing is ordered by silence."""
    facts = flow.facts
    if heard.digits == "1" and facts.item is not None:
        if facts.item.code == WAKE_UP and not world.own_number:
            return ask(flow.at(Step.DESCRIBE, choices=())).first(
                line(N_("From a withheld number no wake-up call can be booked by key; please tell us your wish."))
            )
        if facts.item.code == WAKE_UP:
            return ask(flow.at(Step.WAKE_TIME, choices=()))
        opened: list[Effect] = [_opened(flow), Order(facts.item.id, facts.variant.id if facts.variant else None)]
        return ask(flow.at(Step.SERVICE_NOTE, choices=(), answered=True)).also(*opened)
    if heard.digits == "2":
        return start(flow.know(item=None, variant=None), world)
    if facts.tries >= TRIES:
        return ask(flow.at(Step.RECORD, choices=()))
    return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))


def note(flow: Flow, heard: Heard, world: World) -> Reply:
    """When, and what else we should know; 2 leaves it out. The order stands already."""
    ordered = line(N_("Your order is registered."))
    if heard.speech:
        wish = Amend(note=line(N_("The caller's wish: %(words)s"), words=heard.speech))
        return matter.finish(flow.know(confirmed=True), world, ordered).also(wish)
    if heard.digits == "2" or flow.facts.tries >= TRIES:
        return matter.finish(flow.know(confirmed=True), world, ordered)
    return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))


def wake_time(flow: Flow, heard: Heard, world: World) -> Reply:
    """Four digits, the next time it is so late: at least five minutes from now."""
    at = wake_instant(heard.digits, world.local_now)
    if at is None:
        if flow.facts.tries >= TRIES:
            return ask(flow.at(Step.RECORD))
        return again(flow, line(N_("That is no time of day.") if heard.digits else NOT_HEARD))
    known = flow.know(wake_at=at.isoformat())
    return ask(known.at(Step.WAKE_NUMBER, wake_number=world.own_number or ""))


def wake_number(flow: Flow, heard: Heard, world: World) -> Reply:
    """1 is the number that calls. Another one only of somebody we know: a stranger wakes nobody else."""
    number = world.own_number if heard.digits == "1" else world.keyed_number
    stranger = flow.facts.house is None or flow.facts.house_by_voice
    other_of_a_stranger = number != world.own_number and stranger
    if number and not other_of_a_stranger:
        return ask(flow.at(Step.WAKE_CHECK, wake_number=number))
    if flow.facts.tries >= TRIES:
        return ask(flow.at(Step.RECORD))
    if other_of_a_stranger:
        return again(flow, line(N_("From this telephone only its own number can be woken.")))
    return again(flow, line(N_("That is no telephone number.") if heard.digits else NOT_HEARD))


def wake_check(flow: Flow, heard: Heard, world: World) -> Reply:
    """Number and time read back: 1 books the one call, 2 asks for the time anew."""
    facts = flow.facts
    if not facts.wake_at or facts.item is None:
        return ask(flow.at(Step.WAKE_TIME)) if facts.item else start(flow, world)
    if heard.digits == "1":
        booked = line(N_("The wake-up call is booked. It comes once and is not repeated."))
        effects = (_opened(flow, by_itself=True), Order(facts.item.id, None), Wake(facts.wake_number, facts.wake_at))
        return matter.finish(flow.know(confirmed=True, answered=True), world, booked).also(*effects)
    if heard.digits == "2":
        return ask(flow.at(Step.WAKE_TIME))
    if facts.tries >= TRIES:
        return ask(flow.at(Step.RECORD))
    return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))


def wake_instant(digits: str, now: datetime | None) -> datetime | None:
    """The next moment of that time of day (`0630`), or None where the digits are no time."""
    if now is None or not re.fullmatch(r"([01]\d|2[0-3])[0-5]\d", digits, re.ASCII):
        return None
    at = now.replace(hour=int(digits[:2]), minute=int(digits[2:]), second=0, microsecond=0)
    return at if at >= now + SOON else at + timedelta(days=1)


def _take(flow: Flow, chosen: Service) -> Reply:
    flow = flow.know(item=chosen.item, variant=None, answered=True)
    if len(chosen.prices) > 1:
        return _page(flow, Step.SERVICE_KIND, list(chosen.prices), 0)
    return _price(flow.know(variant=chosen.prices[0] if chosen.prices else None))


def _price(flow: Flow) -> Reply:
    return ask(flow.at(Step.SERVICE_PRICE, choices=(), page=0))


def _page(flow: Flow, step: Step, choices: list[Choice], page: int) -> Reply:
    """Seven of them; after the last page the first again. Whether there are more, the question sees by `page`."""
    pages = max(-(-len(choices) // PAGE), 1)
    turned = page % pages
    shown = tuple(choices[turned * PAGE : (turned + 1) * PAGE])
    return ask(flow.at(step, choices=shown, page=turned, more_pages=pages > 1))


def _chosen(digits: str, choices: tuple[Choice, ...]) -> Choice | None:
    if len(digits) == 1 and digits in "1234567" and int(digits) <= len(choices):
        return choices[int(digits) - 1]
    return None


def _named(words: str, catalogue: tuple[Service, ...]) -> Service | None:
    """The one item whose name was said; several or none are no choice."""
    plain = words.casefold()
    found = [
        one for one in catalogue if any(name and name.casefold() in plain for name in (one.item.name, one.item.name_en))
    ]
    return found[0] if len(found) == 1 else None


def _opened(flow: Flow, by_itself: bool = False) -> Open:
    named, cost = said_service(flow.facts)
    return Open(Kind.SERVICE, flow.facts.category, line(ORDERED, service=named, price=cost), by_itself=by_itself)
