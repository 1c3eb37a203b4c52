"""What was announced, changed and ended, as it was said then: an append-only list beside each outage, for the duty record (D6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Outage, OutageEntry
from app.services.actors import Actor

ANNOUNCED, CHANGED, ENDED = "announced", "changed", "ended"


def note_announced(session: Session, outage: Outage, actor: Actor, now: datetime) -> OutageEntry | None:
    """An outage was announced or changed. Nothing where it was saved without a change."""
    said, last = _said(outage), _last(session, outage.id)
    before = last.data.get("said", {}) if last is not None else {}
    changed = sorted(name for name in said if said[name] != before.get(name)) if before else []
    if before and not changed:
        return None
    verb = ANNOUNCED if last is None and outage.announced_at == now else CHANGED
    return _write(session, outage, verb, actor, now, {"said": said, "changed": changed})


def note_ended(session: Session, outage: Outage, actor: Actor, now: datetime, texts: int) -> OutageEntry:
    """It is over. `texts`: how many were told so by text message."""
    return _write(session, outage, ENDED, actor, now, {"said": _said(outage), "texts": texts})


def entries(session: Session, outage_id: int) -> list[OutageEntry]:
    """What happened to it, the latest first."""
    statement = select(OutageEntry).where(OutageEntry.outage_id == outage_id)
    return list(session.scalars(statement.order_by(OutageEntry.at.desc(), OutageEntry.id.desc())))


def _last(session: Session, outage_id: int) -> OutageEntry | None:
    statement = select(OutageEntry).where(OutageEntry.outage_id == outage_id)
    return session.scalars(statement.order_by(OutageEntry.id.desc()).limit(1)).first()


def _said(outage: Outage) -> dict[str, Any]:
    return {
        "kind": str(outage.kind),
        "text_zh": outage.text_zh,
        "text_en": outage.text_en or "",
        "starts_at": outage.starts_at.astimezone(UTC).isoformat(),
        "ends_at": outage.ends_at.astimezone(UTC).isoformat() if outage.ends_at else "",
        "buildings": [building.number for building in outage.buildings],
        "tell": str(outage.tell),
    }


def _write(
    session: Session, outage: Outage, verb: str, actor: Actor, now: datetime, data: dict[str, Any]
) -> OutageEntry:
    entry = OutageEntry(
        outage_id=outage.id,
        at=now,
        verb=verb,
        actor_id=actor.user_id,
        actor_name=(actor.display_name or actor.username)[:80],
        data=data,
    )
    session.add(entry)
    session.flush()
    return entry
