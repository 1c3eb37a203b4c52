"""Pictures of text messages that come in: fetched from the carrier, checked and painted anew like every photo, put on the ticket
of the message, then deleted there. Run by the job `pictures`.

The row is written with the message and says what became of each picture; one that cannot be fetched is tried less and less
often, and after a week the ticket says that it is lost.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.adapters.carrier.base import Capability, Carrier, CarrierError
from app.errors import N_, LinliError
from app.models import TextPicture, Ticket
from app.rules.call_flow.words import Line, Word, line
from app.rules.codes import AttachmentStage, PictureState
from app.rules.digits import is_number
from app.services.actors import Actor
from app.services.attachments import Limits, attach, limits, taken_in
from app.services.call_store import Webhook, insert_once, is_sid
from app.services.recordings import TROUBLED, later
from app.services.spoken_lines import keep, write
from app.services.tickets import SENTENCE, add_entry

log = logging.getLogger(__name__)

Transaction = Callable[[], AbstractContextManager[Session]]
CarrierOf = Callable[[str | None], Carrier]
"""The carrier of an account, by its id as the webhook named it."""

SMS = Actor.system("sms")
BATCH = 50
MOST = 10
"""A text message holds ten at most (https://www.twilio.com/docs/messaging/api/media-resource)."""

LOST_AFTER = timedelta(days=7)
_MEDIA = re.compile(r"/Media/(\w{1,64})/?$", re.ASCII)

LOST = N_("A picture of the text message could not be fetched from the carrier for a week. Please ask for it again.")
NOT_HANDED_OVER = N_(
    "The text message came with a picture, and the carrier hands over none. Please ask for it another way."
)
NAME = N_("The picture of the text message")


@dataclass
class _File:
    """What `attachments.taken_in` reads."""

    filename: str
    content: bytes

    def read(self, size: int = -1, /) -> bytes:
        return self.content if size < 0 else self.content[:size]


def note(session: Session, ticket: Ticket, hook: Webhook) -> int:
    """Write down the pictures of a message for the ticket it became or touched. The same picture twice is one row."""
    count = hook.text("NumMedia", 3)
    written = 0
    for place in range(min(int(count), MOST) if is_number(count) else 0):
        # The address is not trusted: only its last part, the picture's id, is kept.
        found = _MEDIA.search(urlsplit(hook.text(f"MediaUrl{place}", 500)).path)
        if found is None:
            continue
        account = hook.text("AccountSid", 64)
        values = {
            "ticket_id": ticket.id,
            "message_sid": hook.sid,
            "media_sid": found[1],
            "account_sid": account if is_sid(account) else None,
            "state": PictureState.WAITING.value,
            "received_at": hook.received_at,
            "tries": 0,
        }
        written += insert_once(session, TextPicture.__table__, values, "media_sid")
    return written


def fetch_due(transaction: Transaction, carrier_of: CarrierOf, data_dir: Path, now: datetime) -> dict[str, int]:
    """Fetch every picture that waits. Each is its own transaction; what fails is tried later."""
    counts = {"kept": 0, "refused": 0, "deferred": 0, "lost": 0}
    last = 0
    while True:
        with transaction() as session:
            most = limits(session)
            due = list(session.execute(_due(now, last)))
        if not due:
            return counts
        for row in due:
            last = row.id
            counts[_fetch(transaction, carrier_of(row.account_sid), data_dir, row, most, now)] += 1


def delete_at_carrier(transaction: Transaction, carrier_of: CarrierOf, now: datetime) -> dict[str, int]:
    """Delete at the carrier what is on its ticket, and what was not taken: nothing of a household stays there."""
    counts = {"deleted": 0, "left": 0}
    last = 0
    while True:
        with transaction() as session:
            due = list(session.execute(_settled_there(now, last)))
        if not due:
            return counts
        for row in due:
            last = row.id
            done = _delete(transaction, carrier_of(row.account_sid), row, now)
            counts["deleted" if done else "left"] += 1


def troubled(session: Session) -> int:
    """How many pictures neither come nor go at the carrier, however often they are tried."""
    left = (TextPicture.tries >= TROUBLED, TextPicture.carrier_deleted_at.is_(None))
    return session.scalar(select(func.count(TextPicture.id)).where(*left)) or 0


def _due(now: datetime, after: int):  # type: ignore[no-untyped-def]
    columns = (TextPicture.id, TextPicture.account_sid, TextPicture.message_sid, TextPicture.media_sid)
    waiting = (TextPicture.id > after, TextPicture.state == PictureState.WAITING)
    return (
        select(*columns, TextPicture.received_at)
        .where(*waiting, _time_has_come(now))
        .order_by(TextPicture.id)
        .limit(BATCH)
    )


def _settled_there(now: datetime, after: int):  # type: ignore[no-untyped-def]
    columns = (TextPicture.id, TextPicture.account_sid, TextPicture.message_sid, TextPicture.media_sid)
    settled = TextPicture.state.in_((PictureState.KEPT, PictureState.REFUSED, PictureState.LOST))
    wanted = (TextPicture.id > after, settled, TextPicture.carrier_deleted_at.is_(None), _time_has_come(now))
    return select(*columns).where(*wanted).order_by(TextPicture.id).limit(BATCH)


def _time_has_come(now: datetime):  # type: ignore[no-untyped-def]
    return or_(TextPicture.fetch_after.is_(None), TextPicture.fetch_after <= now)


def _fetch(transaction: Transaction, carrier: Carrier, data_dir: Path, row, most: Limits, now: datetime) -> str:  # type: ignore[no-untyped-def]
    if Capability.SMS_PICTURES not in carrier.capabilities:
        return _settle(transaction, row.id, PictureState.REFUSED, line(NOT_HANDED_OVER), now)
    try:
        content = carrier.fetch_picture(row.message_sid, row.media_sid, most.bytes_each + 1)
    except CarrierError as error:
        log.warning("picture %s could not be fetched: %s", row.media_sid, error)
        if now - row.received_at >= LOST_AFTER:
            return _settle(transaction, row.id, PictureState.LOST, line(LOST), now)
        with transaction() as session:
            _defer(session.get_one(TextPicture, row.id), str(error), now)
        return "deferred"
    try:
        _attach(transaction, data_dir, row.id, content, most, now)
    except LinliError as refused:
        return _settle(transaction, row.id, PictureState.REFUSED, _why(refused), now)
    except OSError as error:
        log.warning("picture %s could not be written: %s", row.media_sid, error)
        with transaction() as session:
            _defer(session.get_one(TextPicture, row.id), str(error), now)
        return "deferred"
    return str(PictureState.KEPT)


def _attach(
    transaction: Transaction, data_dir: Path, picture_id: int, content: bytes, most: Limits, now: datetime
) -> None:
    """Files first, rows after: a crash in between leaves the picture waiting, and a file that the sweep takes away."""
    with taken_in(data_dir, [_File("SMS.jpg", content)], now, most) as files, transaction() as session:
        picture = session.get_one(TextPicture, picture_id, with_for_update=True)
        ticket = session.get_one(Ticket, picture.ticket_id)
        made = attach(session, ticket, files, stage=AttachmentStage.REPORT, actor=SMS, now=now)
        picture.attachment_id = made[0].id if made else None
        picture.state, picture.fetch_after, picture.tries = PictureState.KEPT, None, 0


def _why(refused: LinliError) -> Line:
    named = {name: Word(NAME) if name == "name" else str(value) for name, value in refused.params.items()}
    return line(refused.msgid, **named)


def _settle(transaction: Transaction, picture_id: int, state: PictureState, said: Line, now: datetime) -> str:
    """It does not come: the ticket says why, once."""
    with transaction() as session:
        picture = session.get_one(TextPicture, picture_id, with_for_update=True)
        if picture.state != PictureState.WAITING:
            return str(picture.state)
        picture.state, picture.fetch_after, picture.tries = state, None, 0
        ticket = session.get_one(Ticket, picture.ticket_id)
        add_entry(session, ticket, "note", SMS, now, before=ticket.state, note=write(said), data={SENTENCE: keep(said)})
    return str(state)


def _delete(transaction: Transaction, carrier: Carrier, row, now: datetime) -> bool:  # type: ignore[no-untyped-def]
    try:
        carrier.delete_picture(row.message_sid, row.media_sid)
    except CarrierError as error:
        log.warning("picture %s stays at the carrier: %s", row.media_sid, error)
        with transaction() as session:
            _defer(session.get_one(TextPicture, row.id), str(error), now)
        return False
    with transaction() as session:
        picture = session.get_one(TextPicture, row.id)
        picture.carrier_deleted_at, picture.fetch_after, picture.tries = now, None, 0
    return True


def _defer(picture: TextPicture, error: str, now: datetime) -> None:
    picture.tries += 1
    picture.fetch_after, picture.error = later(picture.tries, now), error[:255]
