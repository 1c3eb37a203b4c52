"""The emergency plans of the demo's estates (D7): seven kinds of emergency, in Chinese and English, with numbers and places."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from app.models import EmergencyPlan, PlanTick, PlanVersion, TicketPlan
from app.rules.codes import PlanKind, PlanState, Role
from app.services.demo.drilling import write_drills
from app.services.demo.plan_texts import PLANS
from app.services.demo.world import Opened, World
from app.services.plan_input import fingerprint
from app.services.seed_data.plans import PlanSeed, plan_content
from app.services.ticket_plans import HOUSE

if TYPE_CHECKING:
    from app.services.demo.life import Life
    from app.services.demo.staff import Worker

_SHORTER = 4
"""The water plan began without the steps that came after the garage had been flooded."""


def write_plans(world: World) -> dict[str, list[Opened]]:
    """The library, in force since before the demo year, and its drills. Returns the category of a matter → versions, the latest last."""
    made: dict[str, list[Opened]] = {}
    by_kind: dict[str, tuple[int, Opened]] = {}
    for seed in PLANS:
        plan_id, versions = _plan(world, seed)
        by_kind[seed.kind] = (plan_id, versions[-1])
        for category in seed.categories:
            made[category] = versions
    write_drills(world, by_kind)
    return made


def follow(world: World, life: Life, by: Worker, opened_at: datetime, since: datetime, until: datetime) -> None:
    """Open the plan in force with an emergency and tick its steps, as far as the work went."""
    known = [one for one in world.plans.get(life.category.code, ()) if one.since <= opened_at]
    if not known:
        return
    version, random = known[-1], Random(f"plan:{life.ticket['number']}")
    kept = world.writer.add(
        TicketPlan,
        ticket_id=life.ticket["id"],
        version_id=version.id,
        fits=True,
        word="",
        opened_at=opened_at,
        opened_by=HOUSE,
    )
    at = since
    for place, step in enumerate(version.content["steps"], 1):
        at = max(at, opened_at + timedelta(minutes=step["minutes"]) * random.uniform(0.5, 1.1))
        at += timedelta(seconds=random.randint(5, 50))
        if at >= min(until, world.cutoff):
            return
        world.writer.add(
            PlanTick, ticket_plan_id=kept, step=step["key"], at=at, actor_id=by.user_id, actor_name=by.name
        )
        data = {"step": place, "text_zh": step["zh"], "text_en": step["en"]}
        life.entry("plan_step", by, at, life.ticket["state"], step["zh"], data)


def _plan(world: World, seed: PlanSeed) -> tuple[int, list[Opened]]:
    since = world.at(world.today, 9) - timedelta(days=400)
    plan_id = world.writer.add(
        EmergencyPlan,
        community_id=world.estate.community_id,
        kind=seed.kind,
        created_at=since,
        retired_at=None,
        retired_by="",
    )
    content = plan_content(seed)
    if seed.kind != PlanKind.WATER:
        return plan_id, [_version(world, plan_id, 1, content, since, None)]
    later = world.at(world.today, 10) - timedelta(days=150)
    steps = content["steps"]
    early = {**content, "steps": [*steps[:3], *steps[_SHORTER + 1 :]]}
    first = _version(world, plan_id, 1, early, since, later)
    reason = "地库进水复盘：电梯先停靠到水位以上并断电，再抢修"
    return plan_id, [first, _version(world, plan_id, 2, content, later, None, reason)]


def _version(
    world: World,
    plan_id: int,
    number: int,
    content: dict[str, Any],
    since: datetime,
    ended_at: datetime | None,
    reason: str = "",
) -> Opened:
    supervisor, manager = world.team.of(Role.SUPERVISOR)[0], world.team.of(Role.MANAGER)[0]
    made = world.writer.add(
        PlanVersion,
        plan_id=plan_id,
        number=number,
        state=PlanState.REPLACED if ended_at else PlanState.IN_FORCE,
        content=content,
        sha256=fingerprint(plan_id, number, content),
        reason=reason,
        event_id=None,
        drafted_at=since - timedelta(days=3),
        drafted_by=supervisor.name,
        reviewed_at=since - timedelta(days=2),
        reviewed_by=supervisor.name,
        reviewer_id=supervisor.user_id,
        forced_at=since,
        forced_by=manager.name,
        ended_at=ended_at,
    )
    return Opened(made, since, content)
