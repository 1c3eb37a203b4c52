"""The year's matters: how many a day, at which hour, of which kind, from whom, and by which way they came."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from app.rules.codes import OCCUPIED_STATES, OPEN_STATES, Channel, Kind, Priority, TenureRole
from app.services.demo import stories
from app.services.demo.calls import call_of, cut_short, further_contact, only_asked, ticket_fields
from app.services.demo.complaint_steps import settles_on_the_spot
from app.services.demo.emergencies import emergency
from app.services.demo.estate import DemoHouse
from app.services.demo.flows import as_far_as_it_goes, desk, run, silent_call, steward
from app.services.demo.life import HOTLINE, Actor, Life
from app.services.demo.people import OWNER_HOUSES, Contact
from app.services.demo.stories import Story
from app.services.demo.world import World

TICKETS_A_DAY = 6.6
QUIET_DAYS = 4
"""The last days before today bring no repair, complaint or emergency: what a visitor tries out must stand alone."""

_FIXED_REST_DAYS = 25
_MONTH_FACTORS = (0.92, 0.85, 0.95, 1.0, 1.02, 1.12, 1.18, 1.15, 1.02, 0.98, 0.95, 0.98)
_HOUR_WEIGHTS = (1, 1, 1, 0, 1, 1, 4, 9, 15, 16, 14, 11, 8, 7, 9, 11, 11, 12, 14, 14, 11, 7, 4, 2)
_EMERGENCY_HOURS = (3, 3, 2, 2, 2, 2, 3, 5, 5, 4, 4, 4, 4, 3, 3, 4, 5, 6, 7, 7, 7, 6, 5, 4)
_CHANNELS = (
    (Channel.HOTLINE, 52),
    (Channel.WECHAT, 17),
    (Channel.DESK, 16),
    (Channel.WEB, 6),
    (Channel.APP, 5),
    (Channel.SMS, 2),
    (Channel.EMAIL, 1),
    (Channel.LETTER, 1),
)
_OWN_MATTERS = {
    200: stories.REPAIRS[0],
    121: stories.CONSULTATIONS[0],
    64: stories.COMPLAINTS[0],
    33: stories.REPAIRS[9],
}
"""Days ago on which 张伟 reported something: the owner's page of the demo is never empty."""

OWN_HOUSE = "3幢2单元1201"


@dataclass(frozen=True)
class Sort:
    """A sort of arrival, how often it comes, and whether it may come in the last days."""

    weight: float
    open_ticket: Callable[[World, datetime], None]
    quiet: bool = True


def live_through(world: World, first_day: date, tickets: int) -> None:
    """Write so many matters, spread over the days from `first_day` to yesterday."""
    days = [first_day + timedelta(days=n) for n in range((world.today - first_day).days)]
    for day, count in zip(days, _spread(world, days, tickets), strict=True):
        arrivals = [(_instant(world, day, _HOUR_WEIGHTS), _pick_sort(world, day)) for _ in range(count)]
        own = _OWN_MATTERS.get((world.today - day).days) if world.estate.index == 0 else None
        if own is not None and arrivals:
            arrivals[0] = (world.at(day, 10, 20), Sort(0, partial(_own_matter, story=own)))
        for at, sort in sorted(arrivals, key=lambda arrival: arrival[0]):
            sort.open_ticket(world, at)
        if world.writer.waiting > 20_000:
            world.writer.flush()


def _spread(world: World, days: list[date], tickets: int) -> list[int]:
    """So many tickets over the days by season and chance, to the last one exactly."""
    weights = [_MONTH_FACTORS[day.month - 1] * world.random.uniform(0.6, 1.4) for day in days]
    total, counts, carried = sum(weights), [], 0.0
    for weight in weights:
        carried += tickets * weight / total
        counts.append(int(carried + 1e-9))
        carried -= counts[-1]
    counts[0] += tickets - sum(counts)
    return counts


def _instant(world: World, day: date, weights: tuple[int, ...]) -> datetime:
    last = 19 if (world.today - day).days == 1 else 24
    hour = world.random.choices(range(last), weights[:last])[0]
    return world.at(day, hour, world.random.randrange(60), world.random.randrange(60))


def _pick_sort(world: World, day: date) -> Sort:
    sorts = _SORTS if (world.today - day).days > QUIET_DAYS else tuple(sort for sort in _SORTS if sort.quiet)
    return world.random.choices(sorts, [sort.weight for sort in sorts])[0]


# -- who and where -----------------------------------------------------------------------------------------------------


def somebody(world: World, at: datetime) -> tuple[Contact, DemoHouse]:
    """Somebody who lives in the estate on that day, and where."""
    day = world.local(at).date()
    resting = (world.today - day).days < _FIXED_REST_DAYS
    while True:
        house = world.random.choice(world.estate.houses)
        if house.state not in OCCUPIED_STATES or (resting and house.name in OWNER_HOUSES):
            continue
        people = world.households.at_home_on(house.id, day)
        if people:
            return world.random.choice(people), house


def _stranger(world: World) -> Contact:
    number = f"+8618{world.random.randrange(10**9):09d}"
    return Contact(None, "", number, TenureRole.FAMILY, date.min)


def _choose(world: World, rows: tuple[Story, ...]) -> Story:
    return world.random.choices(rows, [story.weight for story in rows])[0]


# -- the sorts ---------------------------------------------------------------------------------------------------------


def open_matter(
    world: World, at: datetime, story: Story, contact: Contact | None, house: DemoHouse | None, channel: Channel
) -> Life:
    """Register a matter as its channel would, with the call it came from."""
    priority = story.priority or Priority.NORMAL
    fields: dict[str, Any] = ticket_fields(story.kind, story.category, channel, priority, contact, house)
    fields |= {"title": story.said[:40], "description": story.said}
    if story.public:
        fields["place"] = world.random.choice(stories.PUBLIC_PLACES)
    if story.kind == Kind.COMPLAINT:
        fields["on_the_spot"] = settles_on_the_spot(at, channel)
    by_phone = channel == Channel.HOTLINE
    number = world.reserve_number(at) if by_phone else None
    registered = at + timedelta(seconds=world.random.randint(35, 80)) if by_phone else at
    life = Life(world, registered, _registrar(world, at, channel), fields, number, house.name if house else "")
    if by_phone:
        call_of(world, life, at, contact, house, story.said)
    return life


def _registrar(world: World, at: datetime, channel: Channel) -> Actor:
    return HOTLINE if channel == Channel.HOTLINE else desk(world, at)


def _matter(rows: tuple[Story, ...]) -> Callable[[World, datetime], None]:
    def begin(world: World, at: datetime) -> None:
        story = _choose(world, rows)
        contact, house = somebody(world, at)
        channel = world.random.choices([c for c, _ in _CHANNELS], [w for _, w in _CHANNELS])[0]
        if story.kind == Kind.REPAIR and not story.public and world.chance(1.5):
            channel = Channel.TRANSFER
        known: tuple[Contact, DemoHouse | None] = (contact, house)
        if channel == Channel.HOTLINE and world.chance(7):
            known = (_stranger(world), house if world.chance(50) else None)
        life = open_matter(world, at, story, *known, channel)
        if story.kind == Kind.REPAIR and world.chance(8):
            _rings_again(world, life, *known)
        run(world, life, story)
        life.save()

    return begin


def _rings_again(world: World, life: Life, contact: Contact, house: DemoHouse | None) -> None:
    def happen(at: datetime) -> None:
        if life.ticket["state"] in OPEN_STATES:
            further_contact(world, life, at, contact, house)

    life.later.append((life.now + world.minutes(40, 400), happen))


def _own_matter(world: World, at: datetime, story: Story) -> None:
    house = world.estate.house(OWN_HOUSE)
    contact = world.households.contacts[house.id][0]
    life = open_matter(world, at, story, contact, house, Channel.HOTLINE)
    run(world, life, story)
    life.save()


def _finding(world: World, at: datetime) -> None:
    """Found on a steward's walk, at the hours of the walks (D11)."""
    local = world.local(at)
    at = world.at(local.date(), 10 if local.hour < 13 else 15, world.random.randrange(30, 60), local.second)
    life = open_matter(world, at, _choose(world, stories.FINDINGS), None, None, Channel.PATROL)
    _place_in_building(world, life)
    run(world, life, next(s for s in stories.FINDINGS if s.said == life.ticket["description"]))
    life.save()


def _place_in_building(world: World, life: Life) -> None:
    number = world.random.choice(list(world.estate.building_ids))
    life.ticket["place"] = f"{number}幢{life.ticket['place']}"
    life.ticket["responsible"] = steward(world, life).name


def _emergency(world: World, at: datetime) -> None:
    at = _instant(world, world.local(at).date(), _EMERGENCY_HOURS)
    contact, house = somebody(world, at)
    emergency(world, at, contact, house, _choose(world, stories.EMERGENCIES))


def _only_asked(world: World, at: datetime) -> None:
    only_asked(world, at, *somebody(world, at))


def _cut_short(world: World, at: datetime) -> None:
    known = world.chance(60)
    contact, house = somebody(world, at) if known else (_stranger(world), None)
    life = cut_short(world, at, contact, house)
    with as_far_as_it_goes(life):
        silent_call(world, life, stories.CONSULTATIONS[0])
    life.save()


_SORTS = (
    Sort(33, _matter(stories.REPAIRS), quiet=False),
    Sort(15, _matter(stories.PUBLIC_REPAIRS), quiet=False),
    Sort(6, _finding, quiet=False),
    Sort(8, _matter(stories.COMPLAINTS), quiet=False),
    Sort(1.5, _emergency, quiet=False),
    Sort(17, _matter(stories.CONSULTATIONS)),
    Sort(4, _matter(stories.SUGGESTIONS)),
    Sort(10, _matter(stories.SERVICES)),
    Sort(3, _matter(stories.PRAISES)),
    Sort(8, _only_asked),
    Sort(4, _cut_short),
)
