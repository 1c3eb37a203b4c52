"""How matters of each kind go through the house: the steps a real shift would take, on time mostly and late sometimes."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from app.errors import Refused
from app.rules import dispatch as dispatch_rules
from app.rules.codes import Channel, Grade, Kind, Priority, Role, TicketState, Validity, VisitWay
from app.services.demo import complaint_steps as steps
from app.services.demo.life import CLOSING, Life, Over
from app.services.demo.staff import Worker
from app.services.demo.stories import CANCEL_NOTES, CAUSES, CONTACT_NOTES, VISIT_WORDS, WAIT_REASONS, Story
from app.services.demo.world import World

log = logging.getLogger(__name__)

LATE_PERCENT = 2.0
"""How often one step misses its clock; with several clocks a ticket about one request in fifteen is late."""

_SCORES = (5,) * 62 + (4,) * 26 + (3,) * 8 + (2,) * 3 + (1,)
_SETTLED = timedelta(hours=72)


def run(world: World, life: Life, story: Story) -> None:
    """Let the ticket live until it is closed or the present is reached."""
    with as_far_as_it_goes(life):
        _FLOWS[story.kind](world, life, story)


@contextmanager
def as_far_as_it_goes(life: Life) -> Iterator[None]:
    """A life ends at the present, or where the rules refuse a step: a demo of one ticket more or less must still load."""
    try:
        yield
    except Over:
        pass
    except Refused as error:
        log.info("demo ticket %s stays %s: %s", life.ticket["number"], life.ticket["state"], error)


def desk(world: World, at: datetime) -> Worker:
    """Who is at the desk: an assistant by day, at night the steward on duty."""
    local = world.local(at)
    if 8 <= local.hour < 21:
        assistants = world.team.of(Role.ASSISTANT)
        return assistants[local.day % len(assistants)]
    stewards = world.team.of(Role.STEWARD)
    return stewards[local.day % len(stewards)]


def steward(world: World, life: Life) -> Worker:
    """The steward of the ticket's building, else one by turns."""
    building = next((n for n, id_ in world.estate.building_ids.items() if id_ == life.ticket["building_id"]), None)
    stewards = world.team.of(Role.STEWARD)
    return world.team.steward_of(building) if building else stewards[int(life.ticket["number"]) % len(stewards)]


def first_response(world: World, life: Life, by: Worker, earliest: datetime) -> datetime:
    """Somebody tells the household where the matter stands: within 30 minutes, seldom later."""
    created = life.ticket["created_at"]
    late = world.chance(LATE_PERCENT)
    at = created + (world.minutes(31, 70) if late else world.minutes(4, 28))
    at = max(at, earliest + timedelta(seconds=40))
    life.act("contact", by, at, note=world.random.choice(CONTACT_NOTES))
    return at


def dispatch(world: World, life: Life, to: Worker, reason: str) -> datetime:
    """The desk gives the ticket to somebody."""
    at = life.now + world.minutes(1, 7)
    life.act("dispatch", desk(world, at), at, to=to, reason=reason)
    return at


def technician(world: World, life: Life) -> tuple[Worker, str]:
    """Somebody of the category's department, else the steward."""
    people = world.team.of(Role.TECHNICIAN, life.category.department)
    if not people:
        return steward(world, life), dispatch_rules.STEWARD
    reasons = (dispatch_rules.SAME_BUILDING, dispatch_rules.NEIGHBOUR, dispatch_rules.ON_DUTY)
    return world.random.choice(people), world.random.choice(reasons)


def work(world: World, life: Life, story: Story, *, until: datetime | None = None) -> None:
    """Start, perhaps wait for something, finish: within the clock `done` (or a promise) but for a few."""
    worker = life.assignee
    assert worker is not None
    begin, end = _working_hours(world, life, until)
    life.act("start", worker, begin)
    if until is None and life.ticket["priority"] == Priority.NORMAL and world.chance(6):
        pause_at = begin + world.minutes(10, 40)
        wait_until = world.at(world.local(pause_at).date() + timedelta(days=world.random.randint(1, 3)), 10)
        life.act("wait", worker, pause_at, reason=world.random.choice(WAIT_REASONS), until=wait_until)
        resumed = wait_until + world.minutes(-40, 60)
        life.act("resume", worker, resumed)
        end = resumed + world.minutes(20, 120)
    life.act("finish", worker, end, note=story.done)


_SPANS = {
    Priority.EMERGENCY: ((2, 10), (25, 100), (125, 200)),
    Priority.URGENT: ((12, 80), (20, 75), (250, 420)),
    Priority.NORMAL: ((30, 420), (25, 150), (1460, 2600)),
    Priority.LOW: ((240, 1800), (60, 900), (4400, 6000)),
}
"""By urgency, in minutes: until the work starts, how long it takes, and what a late one takes since it was registered."""


def _working_hours(world: World, life: Life, until: datetime | None) -> tuple[datetime, datetime]:
    waits, takes, late = _SPANS[life.ticket["priority"]]
    registered = life.ticket["created_at"] if not life.ticket["reopened_count"] else life.now
    begin = max(life.now + timedelta(minutes=1), registered + world.minutes(*waits))
    hurried = life.ticket["priority"] in (Priority.EMERGENCY, Priority.URGENT)
    if not hurried:
        begin = world.in_daytime(begin)
    end = begin + world.minutes(*takes)
    if until is not None:
        begin = max(begin, until - world.minutes(90, 600))
        end = max(
            begin + timedelta(minutes=15),
            until + (world.minutes(30, 400) if world.chance(4) else -world.minutes(10, 80)),
        )
    elif world.chance(LATE_PERCENT):
        end = max(end, registered + world.minutes(*late))
    return begin, end


def follow_up(world: World, life: Life, story: Story) -> None:
    """The return visit where one is due, its low score taken seriously, then the closing."""
    visit = life.visit_due
    if visit is None:
        life.act("close", CLOSING, life.now + _SETTLED + world.minutes(1, 9))
        return
    at = world.in_daytime(life.now + world.minutes(600, 3400), 9, 18)
    visitor = _visitor(world, life, at)
    if visit["tries"] == 0 and world.chance(5):
        life.act("visit", visitor, at, way=VisitWay.PHONE, unreachable=True, note="电话未接")
        at = world.in_daytime(at + world.minutes(180, 1300), 9, 18)
    again = life.ticket["reopened_count"] > 0
    score = world.random.choice((4, 5, 5)) if again else world.random.choice(_SCORES)
    way = world.random.choice((VisitWay.PHONE, VisitWay.PHONE, VisitWay.PHONE, VisitWay.IN_PERSON, VisitWay.SMS))
    life.act("visit", visitor, at, way=way, score=score, words=VISIT_WORDS[score], note=VISIT_WORDS[score])
    if life.ticket["state"] == TicketState.REOPENED:
        _again(world, life, story)
        return
    causes = _causes(world, story)
    life.act("close", visitor, at + world.minutes(5, 240), **causes)


def _visitor(world: World, life: Life, at: datetime) -> Worker:
    """Not the one who did the work; the supervisor for what the supervisor handled (D8)."""
    supervisor = world.team.of(Role.SUPERVISOR)[0]
    if life.assignee is not None and life.assignee.role in (Role.SUPERVISOR, Role.DEPUTY, Role.MANAGER):
        return supervisor
    assistants = [one for one in world.team.of(Role.ASSISTANT) if one.staff_id != life.worker_id] or [supervisor]
    return assistants[world.local(at).day % len(assistants)]


def _causes(world: World, story: Story) -> dict[str, str]:
    if story.kind != Kind.COMPLAINT:
        return {}
    code, cause, correction, prevention = world.random.choice(CAUSES)
    return {"cause": code, "root_cause": cause, "correction": correction, "prevention": prevention}


def _again(world: World, life: Life, story: Story) -> None:
    """A low score: the supervisor takes it over, talks, has it put right and answers again."""
    supervisor = world.team.of(Role.SUPERVISOR)[0]
    at = life.now + world.minutes(8, 90)
    life.act("contact", supervisor, at, note="主管致电了解情况，重新安排处理")
    work(world, life, story)
    if story.kind == Kind.COMPLAINT:
        way = "written" if life.ticket["is_written"] else "in_person"
        life.act(
            "reply",
            supervisor,
            life.now + world.minutes(5, 90),
            way=way,
            signed=way == "in_person",
            note="主管亲自答复，住户认可",
        )
    follow_up(world, life, story)


def repair(world: World, life: Life, story: Story) -> None:
    """Dispatched within minutes, announced to the household, done by a technician."""
    to, reason = technician(world, life)
    sent = dispatch(world, life, to, reason)
    first_response(world, life, to if world.chance(60) else desk(world, sent), sent)
    if life.ticket["channel"] == Channel.PATROL:
        life.act("contact", to, life.now + world.minutes(20, 300), note="已制定整改安排", plan="两日内整改")
    work(world, life, story)
    if life.ticket["channel"] == Channel.TRANSFER:
        at = life.now + world.minutes(30, 500)
        life.act("reply", desk(world, at), at, way="written", note="处理结果已书面反馈开发商客服中心")
    follow_up(world, life, story)


def question(world: World, life: Life, story: Story) -> None:
    """Answered by the steward or the desk, mostly at once."""
    to = steward(world, life)
    sent = dispatch(world, life, to, dispatch_rules.STEWARD)
    answered = first_response(world, life, to, sent)
    if story.kind == Kind.SUGGESTION:
        answered = world.in_daytime(answered + world.minutes(120, 2000))
    life.act("start", to, max(answered, life.now) + timedelta(seconds=30))
    life.act("reply", to, life.now + world.minutes(1, 20), way="phone", note=story.done)
    life.act("finish", to, life.now + timedelta(seconds=45), note=story.done)
    follow_up(world, life, story)


def complaint(world: World, life: Life, story: Story) -> None:
    """Heard within two hours, judged by the supervisor, answered the same day or by the promised time, visited, closed."""
    supervisor = world.team.of(Role.SUPERVISOR)[0]
    by_supervisor = world.chance(45)
    to = supervisor if by_supervisor else steward(world, life)
    if life.complaint is not None and life.complaint.row["record_opened_at"] is None:
        _on_the_spot(world, life, story)
        return
    sent = dispatch(world, life, to, dispatch_rules.BY_HAND if by_supervisor else dispatch_rules.STEWARD)
    first_response(world, life, to, sent)
    found_at = world.in_daytime(life.now + world.minutes(20, 200), 9, 17)
    validity = world.random.choices((Validity.VALID, Validity.ASSISTANCE, Validity.INVALID), (60, 25, 15))[0]
    grade = Grade.MAJOR if validity == Validity.VALID and world.chance(6) else Grade.ORDINARY
    finder = supervisor if steps.dice_of(life).random() < 0.6 else desk(world, found_at)
    finder = finder if finder.role in (Role.SUPERVISOR, Role.ASSISTANT) else supervisor
    steps.find(world, life, finder, found_at, validity, grade)
    steps.put_outside(world, life, supervisor)
    steps.upward(world, life, to)
    promise = _promise(world, life, to) if world.chance(22) else None
    _settle_complaint(world, life, story, to, promise)
    follow_up(world, life, story)


def _on_the_spot(world: World, life: Life, story: Story) -> None:
    """Explained or put right while the household was there; the finding follows, the return visit, too."""
    at = life.now + world.minutes(3, 15)
    by = world.team.of(Role.ASSISTANT)[0] if desk(world, at).role == Role.STEWARD else desk(world, at)
    steps.settle(life, by, at, story.done)
    validity = steps.dice_of(life).choice((Validity.VALID, Validity.INVALID))
    steps.find(world, life, by, life.now + world.minutes(2, 20), validity, Grade.ORDINARY)
    follow_up(world, life, story)


def _promise(world: World, life: Life, to: Worker) -> datetime:
    """What takes longer gets a first word now, and a time agreed for the rest."""
    life.act("reply", to, life.now + world.minutes(5, 60), way="phone", note="已初步答复，说明处理步骤")
    promise = world.at(world.local(life.now).date() + timedelta(days=world.random.randint(1, 3)), 17)
    life.act("contact", to, life.now + timedelta(minutes=2), note="与住户约定答复时间", promise_at=promise)
    return promise


def _settle_complaint(world: World, life: Life, story: Story, to: Worker, promise: datetime | None) -> None:
    life.act("start", to, life.now + world.minutes(2, 20))
    written = life.ticket["channel"] in (Channel.EMAIL, Channel.LETTER)
    way = "written" if written else world.random.choice(("phone", "in_person"))
    at = promise - world.minutes(30, 300) if promise else life.now + world.minutes(10, 90)
    at = max(at, life.now + timedelta(minutes=5))
    signed = way == "in_person" and steps.dice_of(life).random() < 0.7
    life.act("reply", to, at, way=way, signed=signed, note="已答复处理情况：" + story.done)
    end = at + world.minutes(5, 120)
    if promise is None and world.chance(2):
        end = life.ticket["created_at"] + world.minutes(1500, 2300)
    life.act("finish", to, max(end, at + timedelta(minutes=2)), note=story.done)


def silent_call(world: World, life: Life, story: Story) -> None:
    """Somebody rang and did not finish: rung back, then mostly nothing more to do."""
    at = life.now + world.minutes(5, 27)
    by = desk(world, at)
    life.act("contact", by, at, note="已按来电号码回电")
    if world.chance(65):
        by = world.team.of(Role.ASSISTANT)[0]
        life.act("cancel", by, at + world.minutes(1, 10), reason="caller", note=world.random.choice(CANCEL_NOTES))
        return
    dispatch(world, life, steward(world, life), dispatch_rules.STEWARD)
    assert life.assignee is not None
    life.act("start", life.assignee, life.now + world.minutes(2, 9))
    life.act("finish", life.assignee, life.now + world.minutes(3, 30), note="已在电话中解答")
    follow_up(world, life, story)


_FLOWS: dict[Kind, Callable[[World, Life, Story], None]] = {
    Kind.REPAIR: repair,
    Kind.SERVICE: repair,
    Kind.CONSULTATION: question,
    Kind.SUGGESTION: question,
    Kind.PRAISE: question,
    Kind.COMPLAINT: complaint,
}
