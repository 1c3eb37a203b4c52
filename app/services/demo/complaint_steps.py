"""The steps that only complaints have, as a real shift would take them: found and confirmed by two, settled on the spot, taken
up and decided. Chance is the complaint's own, so that the rest of the year stays what it was."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from random import Random

from app.rules.codes import Channel, Grade, OutsideKind, Party, Role, TicketState, Validity
from app.services.demo import outside
from app.services.demo.complaint import rise
from app.services.demo.life import Life
from app.services.demo.staff import Worker
from app.services.demo.world import World

SPOT_PERCENT = 14
UPWARD_PERCENT = 7
OBJECTED_PERCENT = 5
HOTLINE_PERCENT = 6

_PARTIES = {
    Validity.VALID: (Party.CENTRE, Party.CENTRE, Party.CENTRE, Party.CONTRACTOR),
    Validity.ASSISTANCE: (Party.DEVELOPER, Party.DEVELOPER, Party.OUTSIDE),
    Validity.INVALID: (Party.OWNER, Party.OUTSIDE),
}
_REASONS = {
    Party.CENTRE: (
        "查阅交接和巡查记录，当班未按规程执行",
        "现场核实，情况属实，是我们服务不到位",
        "调取监控核对，岗位职责未落实",
    ),
    Party.CONTRACTOR: ("现场查看，外包班组未按合同标准作业", "核对外包考勤，当天人员不足"),
    Party.DEVELOPER: ("经工程部查验，属交付时遗留的质量问题", "查阅图纸，系设计施工所致，需开发商处理"),
    Party.OUTSIDE: ("原因在小区外，非我方管理范围，已联系主管单位", "第三方市政施工引起，已核实工期"),
    Party.OWNER: ("核实收费依据与公示一致，已出示文件", "业户自用部位，按规约由业户负责，已说明"),
}
_OPINIONS = ("当场解释清楚了，表示理解", "马上处理好了，表示满意", "接受道歉，希望以后注意", "认可说明，没有其他意见")
_WHY_UP = ("涉及费用减免，超出权限", "住户要求负责人出面", "需要协调外包公司更换人员")
_DECISIONS = ("同意处理方案，两天内落实并回复住户", "由主管上门致歉并说明整改安排", "约谈外包负责人，本周内整改复查")
_OBJECTIONS = ("巡查记录显示我方有疏漏，应认定为有效", "责任方应再核实，补充现场照片")


def dice_of(life: Life) -> Random:
    """A complaint's own chance."""
    return Random(f"complaint:{life.ticket['number']}")


def settles_on_the_spot(at: datetime, channel: str) -> bool:
    """Whether this complaint is settled while its household is still there."""
    return channel in (Channel.DESK, Channel.HOTLINE) and Random(f"spot:{at}").random() * 100 < SPOT_PERCENT


def settle(life: Life, by: Worker, at: datetime, done: str) -> None:
    """Settled on the spot, with the household's opinion."""
    assert life.complaint is not None
    dice = dice_of(life)
    opinion = dice.choice(_OPINIONS)
    life.go_to(at)
    life.complaint.row |= {"opinion": opinion, "settled_at": at}
    life.hand_over(by, "took the work")
    before, life.ticket["state"] = life.ticket["state"], TicketState.IN_PROGRESS
    life.ticket["started_at"] = at
    life.entry("settle", by, at, before, opinion)
    way = "phone" if life.ticket["channel"] == Channel.HOTLINE else "word"
    life.act("reply", by, at, way=way, note=done)
    life.act("finish", by, at, note=done)


def find(world: World, life: Life, by: Worker, at: datetime, validity: str, grade: str) -> None:
    """The finding with its reasons, and what a second person says to it some hours later."""
    dice = dice_of(life)
    party = dice.choice(_PARTIES[Validity(validity)])
    plan = "专项整改方案" if grade == Grade.MAJOR else None
    found = {"validity": validity, "grade": grade, "party": party, "plan": plan}
    life.act("find", by, at, note=dice.choice(_REASONS[party]), **found)
    second = _second(world, by)
    when = world.in_daytime(at + timedelta(minutes=dice.randint(25, 500)), 9, 18)
    agrees = dice.random() * 100 >= OBJECTED_PERCENT
    life.later.append(
        (when, partial(_say, life, second, agrees=agrees, words="" if agrees else dice.choice(_OBJECTIONS)))
    )
    if not agrees:
        again = world.in_daytime(when + timedelta(minutes=dice.randint(30, 200)), 9, 18)
        life.later.append((again, partial(_find_anew, life, by)))
        life.later.append(
            (again + timedelta(minutes=dice.randint(20, 90)), partial(_say, life, second, agrees=True, words=""))
        )


def put_outside(world: World, life: Life, by: Worker) -> None:
    """What the developer caused goes to it by letter; now and then a household has rung 12345, too. Both are answered in time."""
    complaint, dice = life.complaint, dice_of(life)
    if complaint is None:
        return
    kind, number = None, ""
    if complaint.row["party"] == Party.DEVELOPER:
        kind = OutsideKind.DEVELOPER
    elif dice.random() * 100 < HOTLINE_PERCENT:
        kind, number = OutsideKind.HOTLINE_12345, f"SH{life.now:%y%m%d}{dice.randrange(10**6):06d}"
    if kind is None:
        return
    life.go_to(life.now + timedelta(minutes=dice.randint(5, 30)))
    row = outside.put(world, life, by, life.now, kind, life.now + timedelta(days=5), number)
    outside.settle_later(world, life, by, row, life.now + timedelta(minutes=dice.randint(40, 200)))


def _second(world: World, finder: Worker) -> Worker:
    """Another one than the finder, who answers for the desk."""
    return world.team.of(Role.MANAGER if finder.role == Role.SUPERVISOR else Role.SUPERVISOR)[0]


def _say(life: Life, by: Worker, at: datetime, *, agrees: bool, words: str) -> None:
    assert life.complaint is not None
    life.complaint.second(by, at, agrees=agrees, words=words)
    life.entry("confirm" if agrees else "object", by, at, life.ticket["state"], words)


def _find_anew(life: Life, by: Worker, at: datetime) -> None:
    """After an objection: looked at once more, with more to show."""
    assert life.complaint is not None
    life.complaint.find(life.ticket, by, at, None, "复核现场并补充照片，维持认定，理由附后")
    data = {name: life.complaint.findings[-1][name] for name in ("validity", "grade", "party")}
    life.entry("find", by, at, life.ticket["state"], "复核现场并补充照片，维持认定，理由附后", data)


def upward(world: World, life: Life, by: Worker) -> None:
    """What exceeds one's authority goes up, is decided, and comes back."""
    complaint, dice = life.complaint, dice_of(life)
    if complaint is None or dice.random() * 100 >= UPWARD_PERCENT:
        return
    giver = life.assignee
    life.go_to(life.now + timedelta(minutes=dice.randint(10, 50)))
    rise(life, by, life.now, why=dice.choice(_WHY_UP))
    decider = life.assignee
    if decider is None or giver is None or decider == giver:
        return
    life.go_to(life.now + timedelta(minutes=dice.randint(15, 70)))
    complaint.hand_down(life, giver, life.now)
    data = {"responsible": giver.name, "to": giver.name}
    life.entry("decide", decider, life.now, life.ticket["state"], dice.choice(_DECISIONS), data)
