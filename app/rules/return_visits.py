"""Which finished tickets are asked about afterwards (D8), drawn so that anybody can recount the draw."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from app.rules.codes import Kind

SAMPLE_PERCENT = 30
VISIT_WITHIN_DAYS = 3
SETTLED_AFTER = timedelta(hours=72)
"""I8 †: done and not drawn, nobody objecting: closed after this."""

COMPLAINT, BREACHED, SAMPLE = "complaint", "breached", "sample"


def drawn(number: str, month: date, percent: int = SAMPLE_PERCENT, seed: str = "") -> bool:
    """Whether the month's draw takes this ticket: a hash of seed, month and number, so the same for every recount."""
    text = f"{seed}:{month:%Y-%m}:{number}"
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") % 10_000 < percent * 100


def reason_to_visit(
    kind: str, number: str, done_on: date, *, breached: bool, percent: int = SAMPLE_PERCENT, seed: str = ""
) -> str | None:
    """Why a finished ticket is visited: complaints all, what was breached all, of the rest the month's sample."""
    if kind == Kind.COMPLAINT:
        return COMPLAINT
    if kind == Kind.PRAISE:
        return None
    if breached:
        return BREACHED
    return SAMPLE if drawn(number, done_on, percent, seed) else None


def due_on(done_at: datetime, zone: ZoneInfo) -> date:
    """The local day by which the visit is made."""
    return done_at.astimezone(zone).date() + timedelta(days=VISIT_WITHIN_DAYS)


def is_settled(done_at: datetime, now: datetime, after: timedelta = SETTLED_AFTER) -> bool:
    """Whether the time to object has passed."""
    return now - done_at >= after
