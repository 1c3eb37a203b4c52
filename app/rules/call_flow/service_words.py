"""The words of key 4 (D9): pages of the catalogue, what a service costs, a wake-up call read back."""

from datetime import datetime

from app.errors import N_
from app.rules.call_flow.model import Facts, Step
from app.rules.call_flow.words import Digits, Line, Named, line
from app.rules.codes import PriceKind
from app.rules.prices import PriceTag

FREE = PriceTag(PriceKind.FREE)
EMERGENCY_HELP = "emergency_help"
"""The service that nobody should order who needs it at once."""


def said_service(facts: Facts) -> tuple[Named, PriceTag]:
    """What was chosen, and what it costs."""
    parts = [one for one in (facts.item, facts.variant) if one is not None]
    zh = " ".join(part.name for part in parts if part.name)
    en = " ".join(part.name_en or part.name for part in parts if part.name)
    price = facts.variant.price if facts.variant else None
    return Named(zh, en), price or FREE


def service(facts: Facts) -> list[Line]:
    """A page of the catalogue."""
    return [line(N_("Which service would you like? Press its key, or say its name.")), *_choices(facts)]


def kind(facts: Facts) -> list[Line]:
    """The variants of an item."""
    return [line(N_("Which one would you like?")), *_choices(facts)]


def price(facts: Facts) -> list[Line]:
    """The price, before anything is ordered."""
    if facts.item is not None and facts.item.code == EMERGENCY_HELP:
        now = line(N_("If you need help now, press 9: the person on duty is called at once."))
        return [now, *_price(facts)]
    return _price(facts)


def _price(facts: Facts) -> list[Line]:
    named, cost = said_service(facts)
    if cost.kind == PriceKind.FREE:
        return [line(N_("%(service)s: free of charge. To order it, press 1. Back, press 2."), service=named)]
    if cost.kind == PriceKind.QUOTATION:
        said = line(N_("%(service)s: %(price)s."), service=named, price=cost)
        return [said, line(N_("To ask for a quotation, press 1. Back, press 2."))]
    said = line(N_("%(service)s costs %(price)s."), service=named, price=cost)
    return [said, line(N_("To accept this price and order, press 1. Back without ordering, press 2."))]


def note(facts: Facts) -> list[Line]:
    """When, and what else."""
    return [line(N_("Please say when you would like it and what we should know. To leave this out, press 2."))]


def wake_time(facts: Facts) -> list[Line]:
    """The time of a wake-up call."""
    return [
        line(
            N_("When shall we call you? Four digits, for example 0630 for half past six, and the hash key at the end.")
        )
    ]


def wake_number(facts: Facts) -> list[Line]:
    """The number of a wake-up call."""
    return [
        line(
            N_(
                "To be called on the number you are calling from, press 1 and hash. For another number, key it in, and the hash key."
            )
        )
    ]


def wake_check(facts: Facts) -> list[Line]:
    """Time and number read back."""
    if not facts.wake_at:
        return wake_time(facts)
    at = datetime.fromisoformat(facts.wake_at)
    said = line(
        N_("Wake-up call on %(day)s/%(month)s at %(time)s, to %(number)s."),
        day=str(at.day),
        month=str(at.month),
        time=f"{at:%H:%M}",
        number=Digits(facts.wake_number.removeprefix("+86")),
    )
    return [said, line(N_("If this is right, press 1. For another time, press 2."))]


def _choices(facts: Facts) -> list[Line]:
    said = [
        line(
            N_("For %(name)s, which is charged, press %(key)s.") if choice.paid else N_("For %(name)s, press %(key)s."),
            name=Named(choice.name, choice.name_en),
            key=str(key),
        )
        for key, choice in enumerate(facts.choices, start=1)
    ]
    if facts.more_pages:
        said.append(line(N_("For more, press 8.")))
    out = N_("For something else in your own words, press 0.") if facts.item is None else N_("Back, press 0.")
    return [*said, line(out)]


QUESTIONS = {
    Step.SERVICE: service,
    Step.SERVICE_KIND: kind,
    Step.SERVICE_PRICE: price,
    Step.SERVICE_NOTE: note,
    Step.WAKE_TIME: wake_time,
    Step.WAKE_NUMBER: wake_number,
    Step.WAKE_CHECK: wake_check,
}
