"""Guessing is counted in the database, so that every process counts together; what is guessed too often is locked.

Three buckets of a log-in: the name from this address (10 failures † lock it for 15 minutes †), the name from all addresses
(30 †), the address (100 †). A stranger must not be able to lock a member of staff out for good: the two wide locks do not
hold where this name has logged in from this address within 30 days, and there only the first one counts. Unknown names are
counted just the same. Other codes (refresh tokens, invitations, second factor) have a bucket each.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, literal, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from app.models import FailureCount, KnownPlace
from app.models.base import UTCDateTime
from app.services.keyed import digest
from app.services.policies import figure, minutes

REMEMBERED = timedelta(days=30)
"""How long an address stays known for a name after its last good log-in."""

KEPT = timedelta(days=2)
"""Counters older than this say nothing any more."""


@dataclass(frozen=True)
class Bucket:
    """What is counted together, and the figure that says how many failures lock it. `wide` ones spare known places."""

    key: str
    figure: str
    wide: bool = False


@dataclass(frozen=True)
class Guess:
    """One try: its buckets, and the place (name and address) a good one makes known."""

    buckets: tuple[Bucket, ...]
    place: str | None = None


def login_guess(name: str, address: str | None) -> Guess:
    """A try to log in with a name from an address."""
    who, where = name.strip().lower()[:64], network(address)
    place = digest("place", f"{who}|{where}")
    return Guess(
        (
            Bucket(f"here:{_mark(who)}:{place[:40]}", "login.failures_here"),
            Bucket(_name_key(who), "login.failures_everywhere", wide=True),
            Bucket(f"address:{digest('address', where)}", "login.failures_address", wide=True),
        ),
        place,
    )


def code_guess(kind: str, of: str, limit: str = "login.failures_here") -> Guess:
    """A try at a code: `kind` names the door, `of` whom or what is guessed (an address, a user), `limit` the figure."""
    return Guess((Bucket(f"{kind}:{digest(kind, of)}"[:80], limit),))


def network(address: str | None) -> str:
    """The address a guesser cannot change at will: of IPv6 the network of 64 bits a household is given."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network(f"{found}/64", strict=False))
    return str(found)


def locked_seconds(session: Session, guess: Guess, now: datetime) -> int:
    """How long this try must wait, 0 when it need not."""
    wide = {bucket.key for bucket in guess.buckets if bucket.wide}
    keys = [bucket.key for bucket in guess.buckets]
    columns = (FailureCount.bucket, FailureCount.locked_until)
    locks = session.execute(
        select(*columns).where(FailureCount.bucket.in_(keys), FailureCount.locked_until > now)
    ).all()
    known = session.scalar(
        select(KnownPlace.seen_at).where(
            KnownPlace.digest == (guess.place or ""), KnownPlace.seen_at > now - REMEMBERED
        )
    )
    waits = [lock.locked_until - now for lock in locks if lock.bucket not in wide or known is None]
    return max((math.ceil(wait.total_seconds()) for wait in waits), default=0)


def note_failure(session: Session, guess: Guess, now: datetime) -> bool:
    """Count a failure in every bucket, atomically; True when this very one locked something."""
    window, lock = minutes(session, "login.window_minutes"), minutes(session, "login.lock_minutes")
    locked = False
    for bucket in sorted(guess.buckets, key=lambda bucket: bucket.key):
        failures = _count(session, bucket, figure(session, bucket.figure), window, lock, now)
        locked = locked or failures == figure(session, bucket.figure)
    return locked


def note_success(session: Session, guess: Guess, now: datetime) -> None:
    """A good log-in: this name's failures from here are forgotten, and the place is known from now on."""
    narrow = [bucket.key for bucket in guess.buckets if not bucket.wide]
    session.execute(delete(FailureCount).where(FailureCount.bucket.in_(narrow)))
    if guess.place is not None:
        statement = _insert(session, KnownPlace).values(digest=guess.place, seen_at=now)
        session.execute(statement.on_conflict_do_update(index_elements=["digest"], set_={"seen_at": now}))


def unlock_name(session: Session, name: str) -> None:
    """Forget the failures of a name, from here and from everywhere."""
    who = name.strip().lower()[:64]
    session.execute(delete(FailureCount).where(FailureCount.bucket == _name_key(who)))
    session.execute(delete(FailureCount).where(FailureCount.bucket.like(f"here:{_mark(who)}%")))


def forget_old(session: Session, now: datetime) -> None:
    """Throw away what counts no longer."""
    open_lock = or_(FailureCount.locked_until.is_(None), FailureCount.locked_until < now)
    session.execute(delete(FailureCount).where(FailureCount.since < now - KEPT, open_lock))
    session.execute(delete(KnownPlace).where(KnownPlace.seen_at < now - REMEMBERED))


def is_locked(session: Session, name: str, now: datetime) -> bool:
    """Whether a name is locked, from any address."""
    who = name.strip().lower()[:64]
    buckets = or_(FailureCount.bucket == _name_key(who), FailureCount.bucket.like(f"here:{_mark(who)}%"))
    return (
        session.scalar(select(FailureCount.bucket).where(buckets, FailureCount.locked_until > now).limit(1)) is not None
    )


def _name_key(who: str) -> str:
    return f"name:{digest('name', who)}"


def _mark(who: str) -> str:
    return digest("name", who)[:16]


def _count(session: Session, bucket: Bucket, most: int, window: timedelta, lock: timedelta, now: datetime) -> int:
    """One more failure; the count within the window. A count that is full locks, and a lock that ended starts anew."""
    over = or_(FailureCount.since <= now - window, FailureCount.locked_until <= now)
    failures = case((over, 1), else_=FailureCount.failures + 1)
    statement = _insert(session, FailureCount).values(
        bucket=bucket.key, failures=1, since=now, locked_until=now + lock if most <= 1 else None
    )
    changed = statement.on_conflict_do_update(
        index_elements=["bucket"],
        set_={
            "failures": failures,
            "since": case((over, literal(now, UTCDateTime())), else_=FailureCount.since),
            "locked_until": case(
                (failures >= most, literal(now + lock, UTCDateTime())),
                (over, literal(None, UTCDateTime())),
                else_=FailureCount.locked_until,
            ),
        },
    )
    return int(session.scalar(changed.returning(FailureCount.failures)) or 0)


def _insert(session: Session, table: Any) -> Any:
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    return insert(table)
