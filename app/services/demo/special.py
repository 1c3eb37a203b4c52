"""Two special events (D5): one that was found, confirmed, visited, reported on and closed, and one that waits for a decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from app.models import (
    Outage,
    OutageBuilding,
    OutageEntry,
    SignedRecord,
    SpecialEvent,
    SpecialEventEntry,
    SpecialEventHouse,
    SpecialEventTicket,
)
from app.models.special_events import event_number
from app.rules import dispatch as dispatch_rules
from app.rules.codes import (
    Cause,
    Channel,
    Grade,
    HouseVisitState,
    Kind,
    MemberState,
    OutageKind,
    Party,
    RecordKind,
    RecordState,
    Role,
    SpecialKind,
    SpecialState,
    Validity,
    VisitWay,
)
from app.services import signed_records, special_report
from app.services.demo import messages
from app.services.demo.estate import DemoHouse
from app.services.demo.flows import as_far_as_it_goes, desk, dispatch, first_response
from app.services.demo.life import Life
from app.services.demo.pending import neighbour, promised
from app.services.demo.staff import Worker
from app.services.demo.stories import SPECIAL_CLOSED, SPECIAL_PROPOSED, Story
from app.services.demo.world import World
from app.services.demo.year import open_matter
from app.services.special_members import HOUSE

CLOSED_DAYS_AGO, CLOSED_BUILDING = 100, 3
PROPOSED_DAYS_AGO, PROPOSED_BUILDING = 6, 2
NEEDED = 5
LIFT_ZH = "关于3幢的电梯问题，我们已接到反映，正在处理。"
LIFT_EN = "About lifts at Building 3: it has been reported to us and is being worked on."
_REPORTED = (0, 35, 80, 130, 180, 200)
"""Minutes after the first household at which each reports the lift."""
TICKETS = len(SPECIAL_CLOSED) + len(SPECIAL_PROPOSED)
"""So many of a community's tickets belong to one of the two."""

_TEXTS = {
    "course": "当日上午起，3幢多户陆续反映电梯停运。系统在第五户报修后提示集体事项，主管随即确认。"
    "维保单位当天到场排查，次日上午更换主板后恢复运行。",
    "causes": "电梯控制主板老化，夜间雷雨后多次重启，维保周期内未检出。",
    "measures": "临时安排秩序员协助老人和婴幼儿家庭上下楼；更换控制主板并试运行；逐户上门说明。",
    "improvements": "全部电梯主板列入季度检测，雷雨后当天加检一次，与维保单位约定两小时到场。",
    "public_zh": "一部电梯因控制主板老化停运，次日上午恢复。全部电梯已列入季度检测，雷雨后加检一次。",
    "public_en": "A lift stood still because its control board had aged; it ran again the next morning. All boards are now"
    " tested every quarter and after thunderstorms.",
}
_OPINIONS = (
    "希望以后停运前能通知到楼栋群",
    "对处理速度满意",
    "家中老人上下楼不便，感谢协助",
    "要求公示检修结果",
    "无其他意见",
    "希望加快更换老旧部件",
)


@dataclass
class _Story:
    """What the closed event is made from while it is written."""

    world: World
    event_id: int
    found: datetime
    lives: list[Life] = field(default_factory=list)
    houses: list[DemoHouse] = field(default_factory=list)

    @property
    def number(self) -> str:
        """What the event is called."""
        return event_number(self.world.local(self.found).date(), self.event_id)

    def after(self, hours: float) -> datetime:
        """So long after it was found."""
        return self.found + timedelta(hours=hours)


def special_matters(session: Session, world: World) -> None:
    """Write both."""
    _closed(session, world)
    _proposed(world)


# ---- the one that is closed ------------------------------------------------------------------------------------------


def _closed(session: Session, world: World) -> None:
    day = world.today - timedelta(days=CLOSED_DAYS_AGO)
    story = _Story(world, world.writer.reserve(SpecialEvent), world.at(day, 10, 20))
    for place, (minutes, told) in enumerate(zip(_REPORTED, SPECIAL_CLOSED, strict=True)):
        at = world.at(day, 7, 20) + timedelta(minutes=minutes)
        channel = (Channel.HOTLINE, Channel.WECHAT, Channel.DESK)[place % 3]
        life, house = _report(world, at, told, CLOSED_BUILDING, channel, story.houses)
        story.lives.append(life)
        story.houses.append(house)
    # The fifth household makes it: what comes after it joins.
    story.found = story.lives[NEEDED - 1].ticket["created_at"]
    opinions = iter(_OPINIONS)
    for life in story.lives:
        with as_far_as_it_goes(life):
            _settle(story, life, next(opinions))
        life.save()
    _write(session, story)


def _report(
    world: World, at: datetime, told: Story, building: int, channel: Channel, taken: list[DemoHouse]
) -> tuple[Life, DemoHouse]:
    while True:
        contact, house = neighbour(world, at, building)
        if house not in taken:
            return open_matter(world, at, told, contact, house, channel), house


def _settle(story: _Story, life: Life, opinion: str) -> None:
    """From the first word to the household until it was asked afterwards; a visit in person is the answer."""
    world, supervisor = story.world, story.world.team.of(Role.SUPERVISOR)[0]
    sent = dispatch(world, life, supervisor, dispatch_rules.BY_HAND)
    first_response(world, life, supervisor, sent)
    confirmed = max(story.after(0.6), life.now + timedelta(minutes=1))
    complaint = life.ticket["kind"] == Kind.COMPLAINT
    if complaint:
        found = {"validity": Validity.VALID, "grade": Grade.ORDINARY, "party": Party.CENTRE}
        life.act("find", supervisor, confirmed, note="核对维保记录，主板超过建议年限仍未更换", **found)
        life.later.append((story.after(3), partial(_agree, life, world.team.of(Role.MANAGER)[0])))
    life.ticket["is_collective"] = True
    data = {"event_id": story.event_id, "event": story.number, "kind": SpecialKind.COLLECTIVE}
    life.entry("special_event", supervisor, life.now, life.ticket["state"], data=data)
    until = world.at(world.local(story.found).date() + timedelta(days=1), 18)
    life.act(
        "contact", supervisor, life.now + timedelta(minutes=4), note="说明抢修安排，约定恢复时间", promise_at=until
    )
    life.act("start", supervisor, life.now + timedelta(minutes=6))
    if complaint:
        life.act("reply", supervisor, story.after(7), way="in_person", signed=True, note=opinion)
    life.act("finish", supervisor, story.after(23.5), note="更换控制主板，试运行正常")
    if life.visit_due is not None:
        life.act(
            "visit",
            supervisor,
            story.after(50),
            way=VisitWay.PHONE,
            score=5,
            words="已恢复正常，满意",
            note="已恢复正常，满意",
        )
    causes = {"correction": "更换主板", "prevention": "季度检测"} if complaint else {}
    causes |= {"cause": Cause.MATERIAL, "root_cause": "材料问题：主板老化"} if complaint else {}
    life.act("close", supervisor, story.after(52), **causes)


def _agree(life: Life, by: Worker, at: datetime) -> None:
    """The manager, as the second person, agrees with the finding."""
    assert life.complaint is not None
    life.complaint.second(by, at, agrees=True, words="")
    life.entry("confirm", by, at, life.ticket["state"], "")


def _write(session: Session, story: _Story) -> None:
    world, writer = story.world, story.world.writer
    supervisor, manager = (world.team.of(role)[0] for role in (Role.SUPERVISOR, Role.MANAGER))
    first, last = story.lives[0].ticket["created_at"], story.lives[-1].ticket["created_at"]
    outage_id = _outage(story)
    writer.add(
        SpecialEvent,
        id=story.event_id,
        number=story.number,
        **_event(world, story.lives, first, last, story.found),
        building_id=world.estate.building_ids[CLOSED_BUILDING],
        state=SpecialState.CLOSED,
        confirmed_at=story.after(0.6),
        confirmed_by=supervisor.name,
        closed_at=story.after(56),
        closed_by=supervisor.name,
        tell_general_manager=True,
        tell_developer=False,
        decided_at=story.after(1),
        decided_by=manager.name,
        decision_note="已电话报告总经理",
        texts=_TEXTS,
        outage_id=outage_id,
    )
    _members(world, story.event_id, story.lives, MemberState.LINKED)
    _tell(story, manager)
    _steps(story, supervisor, manager)
    for place, house in enumerate(story.houses):
        writer.add(
            SpecialEventHouse,
            event_id=story.event_id,
            house_id=house.id,
            state=HouseVisitState.VISITED,
            at=story.after(7 + place / 4),
            by_name=supervisor.name,
            words=_OPINIONS[place],
        )
    writer.flush()
    _sign(session, story, supervisor, manager)


def _outage(story: _Story) -> int:
    world = story.world
    outage_id = world.writer.add(
        Outage,
        community_id=world.estate.community_id,
        kind=OutageKind.LIFT,
        text_zh=LIFT_ZH,
        text_en=LIFT_EN,
        starts_at=story.after(0.7),
        announced_at=story.after(0.7),
        announced_by=desk(world, story.after(0.7)).name,
        ended_at=story.after(23.6),
    )
    building_id = world.estate.building_ids[CLOSED_BUILDING]
    world.writer.add(
        OutageBuilding, outage_id=outage_id, building_id=building_id, community_id=world.estate.community_id
    )
    said = {"kind": "lift", "text_zh": LIFT_ZH, "text_en": LIFT_EN, "ends_at": "", "buildings": [str(CLOSED_BUILDING)]}
    said["starts_at"] = story.after(0.7).isoformat()
    for verb, hours in (("announced", 0.7), ("ended", 23.6)):
        by, at = desk(world, story.after(hours)), story.after(hours)
        world.writer.add(
            OutageEntry,
            outage_id=outage_id,
            at=at,
            verb=verb,
            actor_id=by.user_id,
            actor_name=by.name,
            data={"said": said},
        )
    return outage_id


def _tell(story: _Story, manager: Worker) -> None:
    body = (
        f"【{story.world.estate.name}】集体事项已确认：{CLOSED_BUILDING}幢 · 电梯，共{len(story.lives)}户。"
        "请决定是否上报总经理、是否告知开发商客服中心。"
    )
    messages.told(story.world, manager.number, "special_event", body, f"special_event:{story.number}", story.after(0.6))


def _steps(story: _Story, supervisor: Worker, manager: Worker) -> None:
    def step(verb: str, by: Worker | None, hours: float, note: str = "", **data: Any) -> None:
        story.world.writer.add(
            SpecialEventEntry,
            event_id=story.event_id,
            at=story.after(hours),
            verb=verb,
            actor_id=by.user_id if by else None,
            actor_name=by.name if by else HOUSE.display_name,
            note=note,
            data={"event": story.number, **data},
        )

    step("propose", None, 0, households=NEEDED, tickets=NEEDED)
    for life in story.lives[NEEDED:]:
        hours = (life.ticket["created_at"] - story.found) / timedelta(hours=1)
        step("join", None, hours, ticket=life.ticket["number"])
    step("confirm", supervisor, 0.6, "同一部电梯", households=len(story.lives), tickets=len(story.lives))
    step("outage", desk(story.world, story.after(0.7)), 0.7)
    step("decide", manager, 1, "已电话报告总经理", general_manager=True, developer=False)
    for place, house in enumerate(story.houses):
        step("visit", supervisor, 7 + place / 4, house=house.name)
    step("write", supervisor, 28, version=1)
    step("review", supervisor, 53)
    step("sign", manager, 55)
    step("close", supervisor, 56)


def _sign(session: Session, story: _Story, supervisor: Worker, manager: Worker) -> None:
    """The report says what the records say, and is hashed as any other."""
    said = special_report.content(session, session.get_one(SpecialEvent, story.event_id))
    subject = str(story.event_id)
    story.world.writer.add(
        SignedRecord,
        kind=RecordKind.SPECIAL_EVENT,
        community_id=story.world.estate.community_id,
        subject=subject,
        version=1,
        state=RecordState.SIGNED,
        content=said,
        sha256=signed_records.fingerprint(RecordKind.SPECIAL_EVENT, subject, 1, said),
        drafted_at=story.after(28),
        drafted_by=desk(story.world, story.after(28)).name,
        reviewed_at=story.after(53),
        reviewed_by=supervisor.name,
        signed_at=story.after(55),
        signed_by=manager.name,
    )


# ---- the one that waits ----------------------------------------------------------------------------------------------


def _proposed(world: World) -> None:
    day = world.today - timedelta(days=PROPOSED_DAYS_AGO)
    lives: list[Life] = []
    houses: list[DemoHouse] = []
    for place, told in enumerate(SPECIAL_PROPOSED):
        at = world.at(day, 8 + place, world.random.randrange(60))
        life, house = _report(world, at, told, PROPOSED_BUILDING, Channel.WECHAT, houses)
        promised(world, life)
        lives.append(life)
        houses.append(house)
    first, last = lives[0].ticket["created_at"], lives[-1].ticket["created_at"]
    event_id = world.writer.reserve(SpecialEvent)
    number = event_number(world.local(last).date(), event_id)
    world.writer.add(
        SpecialEvent,
        id=event_id,
        number=number,
        **_event(world, lives, first, last, last),
        building_id=world.estate.building_ids[PROPOSED_BUILDING],
        state=SpecialState.PROPOSED,
        texts={},
    )
    _members(world, event_id, lives, MemberState.PROPOSED)
    world.writer.add(
        SpecialEventEntry,
        event_id=event_id,
        at=last,
        verb="propose",
        actor_name=HOUSE.display_name,
        note="",
        data={"event": number, "households": len(lives), "tickets": len(lives)},
    )


def _event(world: World, lives: list[Life], first: datetime, last: datetime, found: datetime) -> dict[str, Any]:
    return {
        "community_id": world.estate.community_id,
        "kind": SpecialKind.COLLECTIVE,
        "category_id": lives[0].ticket["category_id"],
        "households": len(lives),
        "ticket_count": len(lives),
        "opened_at": found,
        "first_at": first,
        "last_at": last,
    }


def _members(world: World, event_id: int, lives: list[Life], state: MemberState) -> None:
    for life in lives:
        world.writer.add(
            SpecialEventTicket,
            event_id=event_id,
            ticket_id=life.ticket["id"],
            state=state,
            added_at=life.ticket["created_at"],
            reason="",
        )
