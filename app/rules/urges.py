"""The urge 催单: a household that asks again about an open matter is counted, and its ticket is lifted in the lists."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.rules.codes import OPEN_STATES


def waits_for_word(state: str) -> bool:
    """Whether a household still waits for what it asked about: only then is an urge counted, and shown."""
    return state in OPEN_STATES


def counts(state: str, urged_at: datetime | None, now: datetime, again_minutes: int) -> bool:
    """Whether asking now counts as an urge of its own.

    Only an open matter is urged. Who asks twice within `again_minutes` of the last urge that counted (five lines written,
    a broken call dialled again) asks once. A clock set back counts nothing twice.
    """
    if not waits_for_word(state):
        return False
    return urged_at is None or now - urged_at >= timedelta(minutes=again_minutes)
