"""When a part of the house last said that it lives (table `heartbeat`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models import Heartbeat
from app.services.call_store import insert_once


def beat(session: Session, name: str, now: datetime, holder: str = "") -> bool:
    """Note that it lives. True when it had never said so before."""
    values = {"name": name, "beat_at": now, "holder": holder[:80]}
    if insert_once(session, Heartbeat.__table__, values, "name"):
        return True
    session.execute(update(Heartbeat).where(Heartbeat.name == name).values(beat_at=now, holder=holder[:80]))
    return False


def beaten(session: Session, name: str) -> datetime | None:
    """When it last did; None for never."""
    return session.scalar(select(Heartbeat.beat_at).where(Heartbeat.name == name))
