"""How the outbox moves (G4): states only forward, waiting longer after each failure. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.rules.codes import MessageState

LEASE: Final = timedelta(seconds=120)
"""How long a sender may hold a message: longer than any timeout of an adapter."""

FIRST_WAIT: Final = timedelta(seconds=15)
LONGEST_WAIT: Final = timedelta(hours=1)
MAX_TRIES: Final = 24
"""About eighteen hours of trying: a mail server may be down for a night."""

SET_BACK: Final = timedelta(minutes=2)
"""A message from farther in the future than clocks of two machines differ was written before a clock was set back."""

LOOKUP_WAIT: Final = timedelta(seconds=30)
"""How long after an unanswered request the carrier is asked whether it took the message."""

DESPITE_STOP: Final = frozenset(("ladder", "alert", "check_in"))
"""Purposes whose text messages reach a number that answered STOP: danger to life is no advertisement. What is written about a
check-in call goes to the staff and to whom somebody living alone named for an emergency, never to advertise either."""

URGENT: Final = frozenset(("ladder", "watch", "alert", "check_in", "check_in_contact"))
"""Purposes that leave before everything else that is due: an emergency never waits behind a campaign (D13)."""

CLAIMABLE: Final = (MessageState.QUEUED, MessageState.FAILED_TEMPORARY)

_RANK: Final = {
    MessageState.QUEUED: 0,
    MessageState.FAILED_TEMPORARY: 0,
    MessageState.SENDING: 1,
    MessageState.UNKNOWN: 2,
    MessageState.SENT: 3,
    MessageState.FAILED_PERMANENT: 4,
    MessageState.DELIVERED: 5,
}

CALLBACK_STATES: Final = {
    "sent": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
    "read": MessageState.DELIVERED,
    "undelivered": MessageState.FAILED_PERMANENT,
    "failed": MessageState.FAILED_PERMANENT,
    "canceled": MessageState.FAILED_PERMANENT,
}
"""Twilio's MessageStatus words that say something final enough; the others change nothing."""


@dataclass(frozen=True)
class Envelope:
    """One claimed message, readable after its transaction has ended. `created_at` bounds a look-up at the carrier."""

    id: int
    key: str
    channel: str
    to: str
    subject: str | None
    body: str
    attachment: str | None
    tries: int
    created_at: datetime
    purpose: str = ""


@dataclass(frozen=True)
class Outcome:
    """What sending came to. `permanent` and `unknown` only say something when it was not `ok`."""

    ok: bool
    provider_sid: str | None = None
    error: str | None = None
    permanent: bool = False
    unknown: bool = False
    delivered: bool = False


def wait_after(tries: int) -> timedelta:
    """15 s, doubled with each try, at most an hour."""
    return min(FIRST_WAIT * 2 ** min(max(tries - 1, 0), 20), LONGEST_WAIT)


def state_after(outcome: Outcome, tries: int) -> MessageState:
    """The state a try ends in. A temporary failure becomes permanent with the last try."""
    if outcome.ok:
        return MessageState.DELIVERED if outcome.delivered else MessageState.SENT
    if outcome.unknown:
        return MessageState.UNKNOWN
    if outcome.permanent or tries >= MAX_TRIES:
        return MessageState.FAILED_PERMANENT
    return MessageState.FAILED_TEMPORARY


def next_at(state: MessageState, tries: int, now: datetime) -> datetime | None:
    """When the outbox looks at the message again; None when it never does."""
    if state == MessageState.FAILED_TEMPORARY:
        return now + wait_after(tries)
    return now + LOOKUP_WAIT if state == MessageState.UNKNOWN else None


def may_become(before: str, after: str) -> bool:
    """Whether a report about a message still says something new: late and repeated ones change nothing (G3)."""
    return _RANK[MessageState(after)] > _RANK[MessageState(before)]
