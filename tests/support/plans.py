"""Emergency plans for tests: forms as the page sends them, plans in force."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import EmergencyPlan, PlanVersion
from app.services.actors import Actor
from app.services.plan_input import fingerprint, read_content

STEPS = (
    ("请住户关闭总阀", "Ask the household to shut the valve", "desk", "0"),
    ("到场关闭单元阀门", "Shut the valve of the entrance", "engineer", "10"),
    ("抢修并恢复供水", "Repair, give the water back", "engineer", "120"),
)


def form(name: str = "爆管预案", words: str = "爆管、水管爆", steps: Any = STEPS, **more: Any) -> dict[str, list[str]]:
    """A plan as its form sends it."""
    sent: dict[str, list[str]] = {
        "kind": ["water"],
        "name": [name],
        "name_en": ["Burst pipe plan"],
        "words": [words],
        "categories": ["water"],
        "step_order": [str(place * 10) for place, _step in enumerate(steps, 1)],
        "step_key": [f"{place:08x}" for place, _step in enumerate(steps, 1)],
    }
    for column, field in enumerate(("zh", "en", "post", "minutes")):
        sent[f"step_{field}"] = [step[column] for step in steps]
    sent |= {
        "number": ["119", "021-5555 0000"],
        "number_zh": ["火警", "自来水公司"],
        "number_en": ["Fire brigade", "Water company"],
    }
    sent |= {
        "thing_zh": ["泵房钥匙"],
        "thing_en": ["Key"],
        "thing_place": ["中控室"],
        "thing_place_en": ["Control room"],
    }
    return sent | {name: value if isinstance(value, list) else [value] for name, value in more.items()}


def in_force(
    session: Session, community_id: int | None, now: datetime, kind: str = "water", **given: Any
) -> PlanVersion:
    """A plan in force, without the way there."""
    plan = EmergencyPlan(community_id=community_id, kind=kind, created_at=now)
    session.add(plan)
    session.flush()
    content = read_content(session, form(**given))
    version = PlanVersion(
        plan_id=plan.id,
        number=1,
        state="in_force",
        content=content,
        sha256=fingerprint(plan.id, 1, content),
        drafted_at=now,
        drafted_by="x",
        forced_at=now,
        forced_by="x",
    )
    session.add(version)
    session.flush()
    return version


def version_of(session: Session, plan_id: int, number: int) -> PlanVersion:
    """A version by its number, read anew."""
    wanted = (PlanVersion.plan_id == plan_id, PlanVersion.number == number)
    return session.scalars(select(PlanVersion).where(*wanted).execution_options(populate_existing=True)).one()


def who(role: str, community_id: int, user_id: int | None = None) -> Actor:
    """Somebody of a community."""
    return Actor(user_id, role, f"员工{role}", frozenset({role}), community_ids=frozenset({community_id}))
