"""The audit trail (D2, D15): who logged in or failed to, who read, heard or exported what is confidential.

Entries are only ever added; a trigger of the database refuses every change, whoever asks and however.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import AccessEntry
from app.rules.codes import AccessAction
from app.services.actors import Actor

NAME_LIMIT = 80
SUBJECT_LIMIT = 120
ADDRESS_LIMIT = 45


def record(
    session: Session,
    actor: Actor | None,
    action: AccessAction,
    subject: str,
    now: datetime,
    *,
    name: str = "",
    kind: str | None = None,
    row_id: int | None = None,
    address: str | None = None,
    changes: list[list[Any]] | None = None,
) -> AccessEntry:
    """Note that `actor` did `action` with `subject`: words for people, never a password or a telephone number.

    `actor` is None for somebody unknown (a failed log-in): `name` is then what they called themselves. `kind` and `row_id`
    name the row it was about (`person`, `recording`, `user`, `role`, `list`), `address` where the request came from;
    `changes` what a rule said before and says now (`services.rule_changes`).
    Written in the caller's transaction: a page that is read (GET) opens a short one of its own for it.
    """
    entry = AccessEntry(
        at=now,
        user_id=actor.user_id if actor else None,
        actor_name=_plain(actor.display_name or actor.username if actor else name, NAME_LIMIT),
        action=AccessAction(action),
        subject=_plain(subject, SUBJECT_LIMIT),
        subject_kind=kind,
        subject_id=row_id,
        address=_plain(address, ADDRESS_LIMIT) if address else None,
        changes=changes,
    )
    session.add(entry)
    session.flush()
    return entry


def recorded_since(
    session: Session, actor: Actor, action: AccessAction, kind: str, row_id: int, since: datetime
) -> bool:
    """Whether the same act of the same person is on the trail already since that instant: one listening comes in pieces."""
    same = (
        AccessEntry.user_id == actor.user_id,
        AccessEntry.action == action,
        AccessEntry.subject_kind == kind,
        AccessEntry.subject_id == row_id,
        AccessEntry.at >= since,
    )
    return session.scalars(select(AccessEntry.id).where(*same).limit(1)).first() is not None


def _plain(text: str, limit: int) -> str:
    """One printable line: what somebody types at the door must not forge a second entry, or break the database."""
    return "".join(c if c.isprintable() else " " for c in text)[:limit]
