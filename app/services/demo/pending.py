"""What waits in the current days: a workbench that has something on it, each matter with a reason to be open."""

from datetime import datetime, timedelta

from app.rules import dispatch as dispatch_rules
from app.rules.codes import Channel, Role
from app.services.demo import stories
from app.services.demo.estate import DemoHouse
from app.services.demo.flows import desk, dispatch, first_response, steward, technician
from app.services.demo.life import Life
from app.services.demo.people import OWNER_HOUSES, Contact
from app.services.demo.stories import Story
from app.services.demo.world import World
from app.services.demo.year import open_matter, somebody


def leave_open(world: World) -> None:
    """Write the open matters, each in another building or category: none may help to make a collective complaint."""
    for days_ago, building, story in (
        (6, 1, stories.REPAIRS[10]),
        (7, 4, stories.REPAIRS[2]),
        (9, 6, stories.REPAIRS[12]),
    ):
        _waits_for_something(world, days_ago, building, story)
    for days_ago, building, story in ((5, 2, stories.COMPLAINTS[2]), (8, 5, stories.COMPLAINTS[4])):
        _is_promised(world, days_ago, building, story)
    _is_agreed(world, 4, stories.SERVICES[1])
    _is_agreed(world, 6, stories.SERVICES[0])
    _is_answered(world, 2, stories.SUGGESTIONS[0])
    _is_registered(world, 5, stories.SUGGESTIONS[4])


def _begin(world: World, days_ago: int, hour: int, building: int, story: Story, channel: Channel) -> Life:
    at = world.at(world.today - timedelta(days=days_ago), hour, world.random.randrange(60), world.random.randrange(60))
    contact, house = _neighbour(world, at, building)
    return open_matter(world, at, story, contact, house, channel)


def _neighbour(world: World, at: datetime, building: int) -> tuple[Contact, DemoHouse]:
    while True:
        contact, house = somebody(world, at)
        if house.building_number == building and house.name not in OWNER_HOUSES:
            return contact, house


def _waits_for_something(world: World, days_ago: int, building: int, story: Story) -> None:
    life = _begin(world, days_ago, 10, building, story, Channel.HOTLINE)
    to, reason = technician(world, life)
    sent = dispatch(world, life, to, reason)
    first_response(world, life, to, sent)
    life.act("start", to, life.now + world.minutes(10, 60))
    until = world.at(world.today + timedelta(days=2 + building % 3), 10)
    life.act(
        "wait", to, life.now + world.minutes(10, 30), reason=world.random.choice(stories.WAIT_REASONS), until=until
    )
    life.save()


def _is_promised(world: World, days_ago: int, building: int, story: Story) -> None:
    life = _begin(world, days_ago, 11, building, story, Channel.WECHAT)
    supervisor = world.team.of(Role.SUPERVISOR)[0]
    sent = dispatch(world, life, supervisor, dispatch_rules.BY_HAND)
    first_response(world, life, supervisor, sent)
    promise = world.at(world.today + timedelta(days=1 + building % 2), 17)
    life.act("contact", supervisor, life.now + world.minutes(10, 40), note="与住户约定答复时间", promise_at=promise)
    life.act("find", supervisor, life.now + world.minutes(5, 60), validity="valid", grade="ordinary")
    life.act("start", supervisor, life.now + world.minutes(5, 60))
    first = life.now + world.minutes(60, 240)
    life.act("reply", supervisor, first, way="phone", note="已告知初步处理情况")
    again = world.at(world.today + timedelta(days=1 + building % 2), 17)
    life.act("contact", supervisor, life.now + timedelta(minutes=3), note="约定整改完成时间", promise_at=again)
    life.save()


def _is_agreed(world: World, building: int, story: Story) -> None:
    life = _begin(world, 1, 15, building, story, Channel.HOTLINE)
    to, reason = technician(world, life)
    dispatch(world, life, to, reason)
    at = life.now + world.minutes(3, 12)
    promise = world.at(world.today + timedelta(days=2), 17)
    life.act("contact", to, at, note="约定上门时间", promise_at=promise)
    life.save()


def _is_answered(world: World, building: int, story: Story) -> None:
    life = _begin(world, 1, 14, building, story, Channel.WEB)
    to = steward(world, life)
    sent = dispatch(world, life, to, dispatch_rules.STEWARD)
    first_response(world, life, to, sent)
    life.save()


def _is_registered(world: World, building: int, story: Story) -> None:
    life = _begin(world, 1, 18, building, story, Channel.DESK)
    life.act("contact", desk(world, life.now), life.now + world.minutes(2, 9), note="已当面受理")
    life.save()
