"""What waits in the current days: a workbench that has something on it, each matter with a reason to be open."""

from datetime import datetime, timedelta

from app.rules import dispatch as dispatch_rules
from app.rules.codes import Channel, OutsideKind, Role, VisitWay
from app.services.demo import complaint_steps as steps
from app.services.demo import outside, stories
from app.services.demo.dispute import begin_dispute
from app.services.demo.estate import DemoHouse
from app.services.demo.flows import desk, dispatch, first_response, steward, technician
from app.services.demo.life import Life
from app.services.demo.people import OWNER_HOUSES, Contact
from app.services.demo.stories import Story
from app.services.demo.world import World
from app.services.demo.year import open_matter, somebody


def leave_open(world: World) -> None:
    """Write the open matters, each in another building or category: none may help to make a collective complaint (`special`)."""
    for days_ago, building, story in (
        (6, 1, stories.REPAIRS[10]),
        (7, 4, stories.REPAIRS[2]),
        (9, 6, stories.REPAIRS[12]),
    ):
        _waits_for_something(world, days_ago, building, story)
    for days_ago, building, story in ((5, 2, stories.COMPLAINTS[2]), (8, 5, stories.COMPLAINTS[4])):
        _is_promised(world, days_ago, building, story)
    _lies_with_the_developer(world, 6, 4, stories.LEFT_BY_THE_DEVELOPER)
    _is_agreed(world, 4, stories.SERVICES[1])
    _is_agreed(world, 6, stories.SERVICES[0])
    _is_answered(world, 2, stories.SUGGESTIONS[0])
    _is_registered(world, 5, stories.SUGGESTIONS[4])
    for building, story, by_supervisor, done_days_ago, tries in _TO_BE_ASKED:
        _is_to_be_asked_after(world, building, story, by_supervisor, done_days_ago, tries)


_TO_BE_ASKED = (
    (1, stories.COMPLAINTS[6], False, 1, 0),
    (2, stories.COMPLAINTS[8], True, 1, 0),
    (4, stories.COMPLAINTS[10], False, 3, 2),
    (3, stories.COMPLAINTS[11], False, 4, 3),
)
"""Building, story, whether the supervisor handled it, how many days ago it was done, tries to ask in vain since."""


def _begin(world: World, days_ago: int, hour: int, building: int, story: Story, channel: Channel) -> Life:
    at = world.at(world.today - timedelta(days=days_ago), hour, world.random.randrange(60), world.random.randrange(60))
    contact, house = neighbour(world, at, building)
    return open_matter(world, at, story, contact, house, channel)


def neighbour(world: World, at: datetime, building: int) -> tuple[Contact, DemoHouse]:
    """Somebody of a building whom no test of a visitor's speaks of."""
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
    promised(world, life, disputed=story is stories.COMPLAINTS[4])


def promised(world: World, life: Life, *, disputed: bool = False) -> None:
    """A complaint that the supervisor has answered at first, and promised an end of for the coming days. `disputed`: with a
    neighbour, who was heard, too."""
    building = next(number for number, pk in world.estate.building_ids.items() if pk == life.ticket["building_id"])
    supervisor = world.team.of(Role.SUPERVISOR)[0]
    sent = dispatch(world, life, supervisor, dispatch_rules.BY_HAND)
    first_response(world, life, supervisor, sent)
    promise = world.at(world.today + timedelta(days=1 + building % 2), 17)
    life.act("contact", supervisor, life.now + world.minutes(10, 40), note="与住户约定答复时间", promise_at=promise)
    # Two findings that still wait for a second person.
    found = {"validity": "valid", "grade": "ordinary", "party": "centre"}
    life.act("find", supervisor, life.now + world.minutes(5, 60), note="现场核实，情况属实，是我们服务不到位", **found)
    if building == 2:
        # The household has rung 12345, too: its deadline is near.
        due_at = world.at(world.today + timedelta(days=1), 17)
        outside.put(world, life, supervisor, life.now, OutsideKind.HOTLINE_12345, due_at, f"SH{life.now:%y%m%d}004217")
    life.act("start", supervisor, life.now + world.minutes(5, 60))
    if disputed:
        begin_dispute(world, life, supervisor)
    first = life.now + world.minutes(60, 240)
    life.act("reply", supervisor, first, way="phone", note="已告知初步处理情况")
    again = world.at(world.today + timedelta(days=1 + building % 2), 17)
    life.act("contact", supervisor, life.now + timedelta(minutes=3), note="约定整改完成时间", promise_at=again)
    life.save()


def _lies_with_the_developer(world: World, days_ago: int, building: int, story: Story) -> None:
    """Left over from the building: written to the developer, who has not answered yet."""
    life = _begin(world, days_ago, 10, building, story, Channel.DESK)
    if life.complaint is not None and life.complaint.row["record_opened_at"] is None:
        life.complaint.row["record_opened_at"] = life.now
    supervisor = world.team.of(Role.SUPERVISOR)[0]
    sent = dispatch(world, life, supervisor, dispatch_rules.BY_HAND)
    first_response(world, life, supervisor, sent)
    found = {"validity": "assistance", "grade": "ordinary", "party": "developer"}
    life.act("find", supervisor, life.now + world.minutes(30, 90), note="外墙渗水，属交付遗留质量问题", **found)
    due_at = life.now + timedelta(days=7)
    outside.put(world, life, supervisor, life.now + timedelta(minutes=20), OutsideKind.DEVELOPER, due_at)
    life.act("start", supervisor, life.now + timedelta(minutes=25))
    words = "已告知业户：函告开发商，七日内回复"
    promise = world.at(world.today + timedelta(days=2), 17)
    life.act("reply", supervisor, life.now + world.minutes(5, 30), way="phone", note=words)
    life.act("contact", supervisor, life.now + timedelta(minutes=2), note="约定告知进展时间", promise_at=promise)
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


def _is_to_be_asked_after(
    world: World, building: int, story: Story, by_supervisor: bool, done_days_ago: int, tries: int
) -> None:
    life = _begin(world, 5, 9, building, story, Channel.WECHAT)
    supervisor = world.team.of(Role.SUPERVISOR)[0]
    to = supervisor if by_supervisor else steward(world, life)
    sent = dispatch(world, life, to, dispatch_rules.BY_HAND if by_supervisor else dispatch_rules.STEWARD)
    first_response(world, life, to, sent)
    steps.find(world, life, supervisor, life.now + world.minutes(5, 60), "valid", "ordinary")
    life.act("start", to, life.now + world.minutes(5, 30))
    life.act("reply", to, life.now + world.minutes(30, 90), way="phone", note="已告知初步处理情况")
    end = world.at(world.today - timedelta(days=done_days_ago), 17)
    life.act("contact", to, life.now + timedelta(minutes=3), note="约定整改完成时间", promise_at=end)
    life.act("finish", to, end - world.minutes(30, 90), note=story.done)
    for day in range(tries):
        at = world.at(world.today - timedelta(days=done_days_ago - 1 - day), 10 + day, world.random.randrange(50))
        # What was late has gone up by itself: then the supervisor asks.
        by = supervisor if life.assignee == supervisor else desk(world, at)
        life.act("visit", by, at, way=VisitWay.PHONE, unreachable=True, note="电话无人接听")
    life.save()


def _is_registered(world: World, building: int, story: Story) -> None:
    life = _begin(world, 1, 18, building, story, Channel.DESK)
    life.act("contact", desk(world, life.now), life.now + world.minutes(2, 9), note="已当面受理")
    life.save()
