"""Sending what the outbox holds (G4): claim with a lease, send outside any transaction, record what came of it.

A sender that dies between sending and recording leaves a row in `sending` whose lease runs out: it becomes `unknown`, and
is sent again only when the channel itself can say that nothing went out.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

from sqlalchemy import CursorResult, Update, select, update
from sqlalchemy.orm import Session

from app.models import Message
from app.rules import outbox as rules
from app.rules.codes import MessageState
from app.rules.outbox import Envelope, Outcome

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Session]]
AT_ONCE = 8


class Sender(Protocol):
    """One channel out of the house. Neither method raises for what the outside does; both return an Outcome."""

    def send(self, envelope: Envelope) -> Outcome:
        """Hand the message over, once."""

    def look_up(self, envelope: Envelope) -> Outcome | None:
        """Whether a message whose hand-over was never answered went out: ok, or a temporary failure when it surely did
        not; None when this channel cannot tell."""


def deliver_due(begin: Begin, senders: Mapping[str, Sender], now: datetime) -> dict[str, int]:
    """Send everything that is due at `now`, batch after batch; one bad message never holds up another.

    `begin` opens a transaction (`services.transaction.transaction`). Returns counts by resulting state.
    """
    started = time.monotonic()
    counts: dict[str, int] = {}

    def clock() -> datetime:
        # A long batch must not write leases that have run out before they begin.
        return now + timedelta(seconds=time.monotonic() - started)

    with begin() as session:
        expired = expire_leases(session, now)
    if expired:
        counts["expired"] = expired
    # One slow receiver must not hold up the others: a handful is on its way at once.
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        for unsure in (False, True):
            for batch in _due(begin, now, unsure):
                for state in _handle(begin, senders, batch, clock, unsure, pool):
                    counts[state] = counts.get(state, 0) + 1
    return counts


def expire_leases(session: Session, now: datetime) -> int:
    """A lease that ran out: nobody knows whether the message left."""
    statement = (
        update(Message)
        .where(Message.state == MessageState.SENDING, Message.leased_until < now)
        .values(state=MessageState.UNKNOWN, next_at=now, leased_until=None, error="the sender stopped before it knew")
    )
    return _rowcount(session, statement)


def claim(session: Session, message_id: int, now: datetime) -> Envelope | None:
    """Take a message in hand; None when somebody else did. The conditional update is what makes it one sender only."""
    statement = (
        update(Message)
        .where(Message.id == message_id, Message.state.in_(rules.CLAIMABLE), Message.next_at <= now)
        .values(state=MessageState.SENDING, leased_until=now + rules.LEASE, tries=Message.tries + 1)
    )
    return _envelope(session, message_id) if _rowcount(session, statement) == 1 else None


def claim_unknown(session: Session, message_id: int, now: datetime) -> Envelope | None:
    """Take an unknown message in hand for a look-up; the next look-up, if one is needed, comes later."""
    statement = (
        update(Message)
        .where(Message.id == message_id, Message.state == MessageState.UNKNOWN, Message.next_at <= now)
        .values(next_at=None, leased_until=now + rules.LEASE)
    )
    return _envelope(session, message_id) if _rowcount(session, statement) == 1 else None


def record(session: Session, message_id: int, outcome: Outcome, now: datetime) -> str:
    """Write down what a try came to; a delivery report that overtook it is kept. Returns the state."""
    message = session.get_one(Message, message_id)
    session.refresh(message, with_for_update=True)
    state = rules.state_after(outcome, message.tries)
    message.provider_sid = outcome.provider_sid or message.provider_sid
    message.leased_until = None
    if outcome.ok and message.sent_at is None:
        message.sent_at = now
    if outcome.delivered and message.delivered_at is None:
        message.delivered_at = now
    going_back = message.state in (MessageState.SENDING, MessageState.UNKNOWN) and not outcome.ok
    if going_back or rules.may_become(message.state, state):
        message.state, message.next_at = state, rules.next_at(state, message.tries, now)
        message.error = outcome.error[:255] if outcome.error else None
    return message.state


def report_status(session: Session, message: Message, status: str, error: str | None, now: datetime) -> bool:
    """A carrier's delivery report (Twilio's MessageStatus). False when it says nothing new: late, repeated, unknown word."""
    state = rules.CALLBACK_STATES.get(status)
    if state is None or not rules.may_become(message.state, state):
        return False
    message.state, message.next_at, message.leased_until = state, None, None
    if state == MessageState.FAILED_PERMANENT:
        message.error = (error or status)[:255]
    else:
        message.error = None
        message.sent_at = message.sent_at or now
    if state == MessageState.DELIVERED:
        message.delivered_at = now
    session.flush()
    return True


def _due(begin: Begin, now: datetime, unsure: bool) -> Iterator[Sequence[int]]:
    """Ids of due messages in the order they were written, a few at a time, until none is left; each once, so that a
    stuck one holds up nobody behind it."""
    states = (MessageState.UNKNOWN,) if unsure else rules.CLAIMABLE
    last = 0
    while True:
        due = (Message.state.in_(states), Message.next_at <= now, Message.id > last)
        with begin() as session:
            batch = session.scalars(select(Message.id).where(*due).order_by(Message.id).limit(AT_ONCE)).all()
        if not batch:
            return
        yield batch
        last = batch[-1]


def _handle(
    begin: Begin,
    senders: Mapping[str, Sender],
    batch: Sequence[int],
    clock: Callable[[], datetime],
    unsure: bool,
    pool: Executor,
) -> Iterator[str]:
    """A few messages from claim to record; the database is touched by this thread alone."""
    on_their_way: dict[Future[Outcome | None], int] = {}
    for message_id in batch:
        with _alone(message_id):
            with begin() as session:
                envelope = (claim_unknown if unsure else claim)(session, message_id, clock())
            if envelope is not None:
                on_their_way[pool.submit(_ask, senders[envelope.channel], envelope, unsure)] = message_id
    for done in as_completed(on_their_way):
        with _alone(on_their_way[done]):
            outcome = done.result()
            if outcome is not None:
                with begin() as session:
                    state = record(session, on_their_way[done], outcome, clock())
                yield state


@contextmanager
def _alone(message_id: int) -> Iterator[None]:
    """Whatever goes wrong with one message stays with it; its lease brings it back as `unknown`."""
    try:
        yield
    except Exception:
        log.exception("message %s could not be handled", message_id)


def _ask(sender: Sender, envelope: Envelope, unsure: bool) -> Outcome | None:
    try:
        return sender.look_up(envelope) if unsure else sender.send(envelope)
    except Exception as error:
        # Not an answer of the outside but a fault of ours: whether it left before the fault, nobody knows.
        log.exception("message %s: the %s sender failed", envelope.id, envelope.channel)
        return Outcome(ok=False, unknown=True, error=f"{type(error).__name__}: {error}"[:255])


def _envelope(session: Session, message_id: int) -> Envelope:
    message = session.get_one(Message, message_id, populate_existing=True)
    return Envelope(
        message.id,
        message.key,
        message.channel,
        message.to,
        message.subject,
        message.body,
        message.attachment,
        message.tries,
        message.created_at,
        message.purpose,
    )


def _rowcount(session: Session, statement: Update) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast(CursorResult[Any], result).rowcount
