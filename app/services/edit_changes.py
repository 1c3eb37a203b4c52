"""What was changed in a record that has no table's form: rotations, check-in calls, emergency plans, standard answers.

Their own records tell who changed them and when; the audit trail keeps what they said before and say now. What is confidential
(telephones, contacts, what is told of a person) stands there as changed, without its words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.rules.codes import AccessAction
from app.services import audit
from app.services.actors import Actor
from app.services.rule_changes import kept

ROTATION, CHECK_IN, PLAN, ANSWER = "duty_rotation", "check_in_plan", "emergency_plan", "article"
"""Kinds of entries: the tables whose rows these are."""

MASK = "•••"
LONGEST = 300


def record(
    session: Session,
    actor: Actor,
    kind: str,
    row_id: int,
    subject: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: datetime,
    masked: Collection[str] = (),
) -> None:
    """Note the fields that differ, from what to what. Nothing where none does."""
    differ = [name for name, value in after.items() if value != before.get(name)]
    if differ:
        changes = [[name, *(_told(side.get(name), name in masked) for side in (before, after))] for name in differ]
        action = AccessAction.RULE_CHANGED
        audit.record(session, actor, action, subject, now, kind=kind, row_id=row_id, changes=changes)


def _told(value: Any, is_masked: bool) -> Any:
    if value in (None, "", []):
        return None
    if is_masked:
        return MASK
    said = kept("、".join(map(str, value)) if isinstance(value, list | tuple) else value)
    return said if not isinstance(said, str) or len(said) <= LONGEST else f"{said[:LONGEST]}…"
