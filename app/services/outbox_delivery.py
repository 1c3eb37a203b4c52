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

from sqlalchemy import ColumnElement, CursorResult, Update, and_, or_, select, update
from sqlalchemy.orm import Session

from app.models import Message
from app.rules import outbox as rules
from app.rules.codes import MessageChannel, MessageState
from app.rules.outbox import Envelope, Outcome
from app.services import answer_links
from app.services.invitations import ONE_TIME, filled
from app.services.outbox import wants_none

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
            for batch in _due(begin, clock, unsure):
                for state in _handle(begin, senders, batch, clock, unsure, pool):
                    counts[state] = counts.get(state, 0) + 1
    return counts


def deliver_one(begin: Begin, senders: Mapping[str, Sender], message_id: int, now: datetime) -> str | None:
    """Send one message now; its new state, or None when somebody else has it in hand."""
    with begin() as session:
        envelope = claim(session, message_id, now)
    if envelope is None:
        return None
    outcome = _ask(senders[envelope.channel], envelope, unsure=False)
    assert outcome is not None
    with begin() as session:
        return record(session, message_id, outcome, now)


def expire_leases(session: Session, now: datetime) -> int:
    """A lease that ran out: nobody knows whether the message left, or what its look-up said."""
    states = (MessageState.SENDING, MessageState.UNKNOWN)
    statement = (
        update(Message)
        .where(Message.state.in_(states), Message.leased_until < now)
        .values(state=MessageState.UNKNOWN, next_at=now, leased_until=None, error="the sender stopped before it knew")
    )
    return _rowcount(session, statement)


def claim(session: Session, message_id: int, now: datetime) -> Envelope | None:
    """Take a message in hand; None when somebody else did. The conditional update is what makes it one sender only."""
    statement = (
        update(Message)
        .where(Message.id == message_id, Message.state.in_(rules.CLAIMABLE), _has_come(now))
        .values(state=MessageState.SENDING, leased_until=now + rules.LEASE, tries=Message.tries + 1)
    )
    if _rowcount(session, statement) != 1:
        return None
    message = session.get_one(Message, message_id, populate_existing=True)
    if message.channel == MessageChannel.SMS and wants_none(session, message.to, message.purpose):
        # STOP came while the message waited.
        message.state, message.next_at, message.leased_until = MessageState.FAILED_PERMANENT, None, None
        message.error = "the number wants no text messages"
        session.flush()
        return None
    return _envelope(session, message_id)


def claim_unknown(session: Session, message_id: int, now: datetime) -> Envelope | None:
    """Take an unknown message in hand for a look-up; whoever dies over it leaves a lease that brings it back."""
    statement = (
        update(Message)
        .where(Message.id == message_id, Message.state == MessageState.UNKNOWN, _has_come(now))
        .values(next_at=None, leased_until=now + rules.LEASE)
    )
    return _envelope(session, message_id) if _rowcount(session, statement) == 1 else None


def leave_unknown(session: Session, message_id: int) -> None:
    """Its channel cannot tell: it is not asked again."""
    looked_up = (Message.id == message_id, Message.state == MessageState.UNKNOWN)
    _rowcount(session, update(Message).where(*looked_up).values(leased_until=None))


def record(session: Session, message_id: int, outcome: Outcome, now: datetime) -> str:
    """Write down what a try came to; a delivery report that overtook it is kept. Returns the state."""
    message = session.get_one(Message, message_id)
    session.refresh(message, with_for_update={"of": Message})
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


def _has_come(now: datetime) -> ColumnElement[bool]:
    """Due, or written in what is the future since the clock was set back: nobody waits for that to come round again."""
    at_once = Message.next_at == Message.created_at
    return or_(Message.next_at <= now, and_(Message.created_at > now + rules.SET_BACK, at_once))


def _due(begin: Begin, clock: Callable[[], datetime], unsure: bool) -> Iterator[Sequence[int]]:
    """Ids of due messages, a few at a time, until none is left: what is urgent before each few of the others, within either in
    the order they were written; each once, so that a stuck one holds up nobody behind it."""
    states = (MessageState.UNKNOWN,) if unsure else rules.CLAIMABLE
    urgent = Message.purpose.in_(sorted(rules.URGENT))
    last = {True: 0, False: 0}
    while True:
        left = or_(and_(urgent, Message.id > last[True]), and_(~urgent, Message.id > last[False]))
        due = select(Message.id, urgent).where(Message.state.in_(states), _has_come(clock()), left)
        with begin() as session:
            found = session.execute(due.order_by(urgent.desc(), Message.id).limit(AT_ONCE)).tuples().all()
        if not found:
            return
        first = bool(found[0][1])
        batch = [key for key, is_urgent in found if bool(is_urgent) is first]
        last[first] = batch[-1]
        yield batch


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
            with begin() as session:
                if outcome is None:
                    leave_unknown(session, on_their_way[done])
                    continue
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
        _filled(session, message),
        message.attachment,
        message.tries,
        message.created_at,
        message.purpose,
    )


def _filled(session: Session, message: Message) -> str:
    """The text as it leaves: one-time codes and links are not kept in it."""
    if message.purpose in ONE_TIME:
        return filled(session, message.body)
    if message.purpose in answer_links.PURPOSES:
        return answer_links.filled(session, message.body)
    return message.body


def _rowcount(session: Session, statement: Update) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast(CursorResult[Any], result).rowcount
