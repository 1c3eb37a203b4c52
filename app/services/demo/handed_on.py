"""Work that is handed on: waits to be accepted or came back, is offered to a colleague or a department (D3)."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from app.models import TicketAcceptance, TicketOffer
from app.rules import dispatch as dispatch_rules
from app.rules.codes import AcceptanceState, Channel, OfferState, Role
from app.services.demo import stories
from app.services.demo.flows import dispatch, first_response
from app.services.demo.life import Life
from app.services.demo.pending import neighbour
from app.services.demo.staff import Worker
from app.services.demo.stories import Story
from app.services.demo.world import World
from app.services.demo.year import open_matter

_WAITING = (
    (3, stories.SERVICES[2], "开关已换好，墙面和地面已清理干净", Role.STEWARD),
    (6, stories.SERVICES[3], "吊灯已装好，旧灯和包装已清走", Role.SUPERVISOR),
)
"""Building, story, what was done in the end, who is to accept it."""


def hand_on(world: World, seed: str) -> None:
    """Write them. Chance of its own: what else there is stays as it is without them."""
    world = replace(world, random=Random(f"{seed}:handed-on"))
    engineers, cleaners = world.team.of(Role.TECHNICIAN, "engineering"), world.team.of(Role.TECHNICIAN, "cleaning")
    for building, story, words, role in _WAITING:
        steward = world.team.steward_of(building)
        acceptor = steward if role == Role.STEWARD else world.team.of(role)[0]
        life = _across(world, building, story, (engineers[1], cleaners[0]))
        world.writer.add(TicketAcceptance, **_submit(life, cleaners[0], acceptor, words, _clock(world)))
        life.save()
    guards = world.team.of(Role.TECHNICIAN, "security")
    life = _across(world, 5, stories.SERVICES[7], (guards[0], engineers[0]))
    steward = world.team.steward_of(5)
    asked = _submit(life, engineers[0], steward, "两张门禁卡已写好，单元门试刷正常", _clock(world))
    answered = _send_back(life, steward, asked, "地下车库门刷不开，请一并授权")
    world.writer.add(TicketAcceptance, **answered)
    life.save()
    _offered(world, 2, stories.SERVICES[1], (engineers[1], engineers[0]), "我在地下室抢修，两小时内走不开")
    _offered(world, 1, stories.SERVICES[0], (engineers[0], None), "沙发已拆开，剩下的是清运，保洁有推车")


def _offered(world: World, building: int, story: Story, hands: tuple[Worker, Worker | None], why: str) -> None:
    """Work of last evening that its technician offers: to a colleague, or (None) to the cleaners."""
    giver, to = hands
    at = world.at(world.today - timedelta(days=1), 20, world.random.randrange(60))
    contact, house = neighbour(world, at, building)
    life = open_matter(world, at, story, contact, house, Channel.HOTLINE)
    sent = dispatch(world, life, giver, dispatch_rules.ON_DUTY)
    first_response(world, life, giver, sent)
    moment = life.now + timedelta(minutes=30)
    life.go_to(moment)
    cleaning = world.categories["cleaning"]
    name = to.name if to is not None else cleaning.department_name
    life.entry("offer", giver, moment, life.ticket["state"], why, {"offered_to": name})
    world.writer.add(
        TicketOffer,
        ticket_id=life.ticket["id"],
        state=OfferState.OPEN,
        giver_id=giver.staff_id,
        to_id=to.staff_id if to is not None else None,
        department_id=cleaning.department_id if to is None else None,
        reason=why,
        offered_at=moment,
        told_at=world.cutoff,
        answered_at=None,
        answered_by="",
        answer="",
    )
    life.save()


def _across(world: World, building: int, story: Story, hands: tuple[Worker, Worker]) -> Life:
    """A service of yesterday that one department began and another went on with."""
    at = world.at(world.today - timedelta(days=1), 15, world.random.randrange(60))
    contact, house = neighbour(world, at, building)
    life = open_matter(world, at, story, contact, house, Channel.HOTLINE)
    first, second = hands
    sent = dispatch(world, life, first, dispatch_rules.ON_DUTY)
    first_response(world, life, first, sent)
    _go_there(life, first)
    dispatch(world, life, second, dispatch_rules.BY_HAND)
    life.ticket["department_id"] = world.department_id(second.department)
    _go_there(life, second)
    return life


def _go_there(life: Life, worker: Worker) -> None:
    """Sets out, arrives, begins."""
    left, there = life.now + timedelta(minutes=12), life.now + timedelta(minutes=20)
    for verb, at in (("depart", left), ("arrive", there)):
        life.go_to(at)
        life.entry(verb, worker, at, life.ticket["state"], data={"responsible": worker.name})
    life.ticket.update(left_at=left, arrived_at=there)
    life.act("start", worker, there)


def _submit(life: Life, by: Worker, acceptor: Worker, words: str, clock: dict[str, object]) -> dict[str, object]:
    at = life.now + timedelta(minutes=50)
    life.go_to(at)
    life.entry("submit", by, at, life.ticket["state"], words, {"acceptor": acceptor.name})
    return {
        "ticket_id": life.ticket["id"],
        "state": AcceptanceState.ASKED,
        "acceptor_id": acceptor.staff_id,
        "asked_at": at,
        "asked_by": by.name,
        "work": words,
        "answered_at": None,
        "answered_by": "",
        "remark": "",
        **clock,
    }


def _send_back(life: Life, by: Worker, asked: dict[str, object], words: str) -> dict[str, object]:
    at = life.now + timedelta(minutes=35)
    life.go_to(at)
    life.entry("return", by, at, life.ticket["state"], words, {"acceptor": by.name})
    life.ticket["sent_back"] = words
    return asked | {"state": AcceptanceState.REFUSED, "answered_at": at, "answered_by": by.name, "remark": words}


def _clock(world: World) -> dict[str, object]:
    """Whoever was asked has two days: a visitor finds it waiting with them, and not passed on already."""
    begins = {"warn_at": world.cutoff + timedelta(hours=36), "due_at": world.cutoff + timedelta(hours=48)}
    return begins | {"warned_at": None, "breached_at": None, "passed_from": ""}
