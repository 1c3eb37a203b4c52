"""A form that is sent twice makes one thing: the second time leads to what the first one made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.models import FormKey
from app.services.actors import Actor

KEPT = timedelta(days=7)
"""How long a form's key is remembered: longer than anybody leaves a page open and comes back to it."""

_KEY = re.compile(r"[0-9a-f]{32,64}", re.ASCII)


@dataclass
class Once:
    """Whether a form was sent before. `address` is where it led then; None the first time, then say where with `led_to`."""

    address: str | None = None
    _row: FormKey | None = None

    def led_to(self, address: str) -> str:
        """Keep where this form led, for the next time it is sent. Returns the address."""
        if self._row is not None:
            self._row.address = address[:255]
        return address


def once(session: Session, key: str | None, actor: Actor, now: datetime) -> Once:
    """Claim a form's key inside the caller's transaction: call it first, before anything is made.

    Two clicks at once: the second waits for the first one's transaction, then reads its address. If the first is rolled
    back (a refusal), so is its claim, and the form may be sent again. No key, no memory: a program that sends none is
    served every time.
    """
    if not key or not _KEY.fullmatch(key) or actor.user_id is None:
        return Once()
    values = {"key": key, "user_id": actor.user_id, "address": "", "at": now}
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    claim = insert(FormKey).values(**values).on_conflict_do_nothing(index_elements=["user_id", "key"])
    made = session.scalar(claim.returning(FormKey.id))
    row = session.scalars(select(FormKey).where(FormKey.key == key, FormKey.user_id == actor.user_id)).one()
    return Once(None, row) if made is not None else Once(row.address or "/")


def forget_old(session: Session, now: datetime) -> int:
    """Drop the keys nobody can send again any more. Returns how many."""
    return int(session.execute(delete(FormKey).where(FormKey.at < now - KEPT)).rowcount)  # type: ignore[attr-defined]
