"""Drills of the demo's emergency plans (D7): held through the year, one overdue, one of next week, one plan not drilled for long."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from app.models import DrillEntry, DrillFinding, DrillMember, PlanDrill
from app.rules.codes import DrillState, PlanKind, Role
from app.services.demo.staff import Worker
from app.services.demo.world import Opened, World

_HELD: tuple[tuple[str, int, str, str, str, str, int, str], ...] = (
    (PlanKind.FIRE, 290, "3幢8楼冒烟，电梯迫降，两人未撤出", "疏散有序，7分钟清点完毕",
     "8楼消火栓水带接口渗漏", "更换接口，逐层复查", 30, "已更换6处接口"),
    (PlanKind.GAS, 225, "5幢2单元燃气泄漏报警", "阀门关闭及时，现场无人开关电器", "", "", 0, ""),
    (PlanKind.LIFT, 160, "2幢客梯停在7楼，轿厢内有老人", "安抚到位，维保到场18分钟",
     "维保单位夜间电话无人接听", "补充夜间联系人，写入预案", 14, "已补充两个夜间号码"),
    (PlanKind.WATER, 95, "地下车库进水，1台水泵故障", "沙袋取用偏慢", "沙袋堆放处被杂物遮挡", "划线定位，每周检查", 21, "已划线"),
    (PlanKind.POWER, 40, "全小区停电，1部电梯困人", "发电机启动顺利，广播及时", "应急灯4盏不亮", "更换并列入月检", 50, ""),
)  # fmt: skip
"""Kind, days ago, what was practised, observed, finding, improvement, days for it, what was done (empty: still open)."""

_COMING = ((PlanKind.FIRE, -6, "1幢低区夜间疏散"), (PlanKind.GAS, 3, "3幢厨房燃气泄漏"))
"""Kind, days ago (less than nothing: to come), what is practised: one of next week, one that nobody has recorded."""


def write_drills(world: World, plans: dict[str, tuple[int, Opened]]) -> None:
    """Write them. Chance of their own: what else there is stays as it is without them."""
    random = Random(f"drills:{world.estate.community_id}")
    for kind, ago, aim, observed, finding, improvement, days, done in _HELD:
        row = _planned(world, plans[kind], ago, aim)
        _hold(world, plans[kind][1], row, observed, random)
        drill_id = _save(world, row, "记录")
        _improve(world, drill_id, row, finding, improvement, days, done)
    for kind, ago, aim in _COMING:
        _save(world, _planned(world, plans[kind], ago, aim), "")


def _planned(world: World, plan: tuple[int, Opened], ago: int, aim: str) -> dict[str, Any]:
    plan_id, version = plan
    starts_at = world.at(world.today - timedelta(days=ago), 10)
    return {
        "community_id": world.estate.community_id,
        "plan_id": plan_id,
        "version_id": version.id,
        "state": DrillState.PLANNED,
        "starts_at": starts_at,
        "place": "项目部门前集合",
        "aim": aim,
        "others": "",
        "leader_id": _leader(world).staff_id,
        "planned_at": min(starts_at - timedelta(days=7), world.cutoff),
        "planned_by": world.team.of(Role.MANAGER)[0].name,
        "began_at": None,
        "ended_at": None,
        "steps": {},
        "observed": "",
        "recorded_at": None,
        "recorded_by": "",
        "revision": 1,
    }


def _leader(world: World) -> Worker:
    return world.team.of(Role.SUPERVISOR)[0]


def _hold(world: World, version: Opened, row: dict[str, Any], observed: str, random: Random) -> None:
    """How it went: each step about in its time, the last ones sooner, as a drill lasts an hour at most."""
    at = began = row["starts_at"] + timedelta(minutes=random.randint(0, 4))
    for step in version.content["steps"]:
        minutes = min(step["minutes"], 40) * random.uniform(0.4, 1.15)
        at = max(at + timedelta(seconds=random.randint(20, 90)), began + timedelta(minutes=minutes))
        row["steps"][step["key"]] = at.isoformat()
    row |= {"state": DrillState.HELD, "began_at": began, "ended_at": at + timedelta(minutes=5), "observed": observed}
    row |= {"recorded_at": at + timedelta(hours=2), "recorded_by": _leader(world).name}


def _save(world: World, row: dict[str, Any], recorded: str) -> int:
    """The drill with whoever takes part and its history."""
    drill_id = world.writer.add(PlanDrill, **row)
    guards, engineers = (world.team.of(Role.TECHNICIAN, name) for name in ("security", "engineering"))
    for person in (*guards, *engineers, *world.team.of(Role.STEWARD)[:1]):
        came = True if recorded else None
        world.writer.add(DrillMember, drill_id=drill_id, staff_id=person.staff_id, came=came)
    data = {"starts_at": row["starts_at"].isoformat(), "place": row["place"], "aim": row["aim"]}
    _entry(world, drill_id, "plan", row["planned_at"], row["planned_by"], data=data)
    if recorded:
        _entry(world, drill_id, "record", row["recorded_at"], row["recorded_by"])
    return drill_id


def _improve(
    world: World, drill_id: int, row: dict[str, Any], finding: str, improvement: str, days: int, done: str
) -> None:
    if not finding:
        return
    engineer, noted_at = world.team.of(Role.TECHNICIAN, "engineering")[0], row["recorded_at"]
    until = (noted_at + timedelta(days=days)).astimezone(world.zone).date()
    done_at = noted_at + timedelta(days=days - 3) if done else None
    world.writer.add(
        DrillFinding,
        drill_id=drill_id,
        finding=finding,
        improvement=improvement,
        staff_id=engineer.staff_id,
        until=until,
        noted_at=noted_at,
        noted_by=_leader(world).name,
        done_at=done_at,
        done_by=engineer.name if done else "",
        done=done,
    )
    _entry(
        world, drill_id, "finding", noted_at, _leader(world).name, finding,
        {"who": engineer.name, "until": until.isoformat()},
    )  # fmt: skip
    if done_at is not None:
        _entry(world, drill_id, "improve", done_at, engineer.name, done, {"finding": finding})


def _entry(world: World, drill_id: int, verb: str, at: Any, name: str, note: str = "", data: Any = None) -> None:
    world.writer.add(DrillEntry, drill_id=drill_id, verb=verb, at=at, actor_name=name, note=note, data=data or {})
