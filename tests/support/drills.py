"""Drills for tests: forms as the pages send them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.services.local_time import local_zone


def drill_form(
    community_id: int, plan_id: int | None, starts_at: datetime, leader_id: int, members: list[int], /, **more: str
) -> dict[str, list[str]]:
    """A drill as its form sends it."""
    sent = {
        "community_id": [str(community_id)],
        "plan_id": [str(plan_id)],
        "starts_at": [starts_at.isoformat()],
        "place": ["3幢门口"],
        "aim": ["3幢1单元爆管，电梯停运"],
        "others": [""],
        "leader_id": [str(leader_id)],
        "members": [str(one) for one in members],
    }
    return sent | {name: [value] for name, value in more.items()}


def field(instant: datetime) -> str:
    """An instant as the form's field shows it, to the minute."""
    return f"{instant.astimezone(local_zone()):%Y-%m-%dT%H:%M}"


def record_form(began_at: datetime, ended_at: datetime, *came: int, **more: Any) -> dict[str, list[str]]:
    """A record as its form sends it; `more`: the steps by their key, the reason."""
    clocks = {name: [value] for name, value in more.items()}
    return {
        "began_at": [field(began_at)],
        "ended_at": [field(ended_at)],
        "observed": ["疏散有序"],
        "came": [str(one) for one in came],
        **clocks,
    }
