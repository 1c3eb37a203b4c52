"""Which automatic calls and texts a number wants, and the list of every wish that was heard (D13): the only place that sets either.

`call_wish` and `phone.sms_stopped_at` say what holds now; `wish_entry` keeps each STOP, START, key 9 and change on a household's
own page, so that the duty record can show what was asked when.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.models import CallWish, Phone, WishEntry
from app.services.call_store import insert_once
from app.services.callers import communities_of

TEXTS = "texts"
"""Stands for all text messages to a number, as STOP does."""


def set_texts(session: Session, number: str, wanted: bool, way: str, now: datetime, *, community_id: int | None = None,
              by: str = "") -> None:  # fmt: skip
    """A number wants text messages, or none any more (`outbox.enqueue` looks here). `community_id`: where the wish came in."""
    insert_once(session, Phone.__table__, {"number": number, "is_mobile": True}, "number")
    session.execute(update(Phone).where(Phone.number == number).values(sms_stopped_at=None if wanted else now))
    _note(session, number, TEXTS, wanted, way, now, community_id, by)


def set_calls(session: Session, number: str, purpose: str, wanted: bool, way: str, now: datetime, *,
              community_id: int | None = None, by: str = "") -> None:  # fmt: skip
    """A number is called and written to for a purpose (one of `Outreach`), or not any more."""
    if wanted:
        session.execute(delete(CallWish).where(CallWish.number == number, CallWish.purpose == purpose))
    else:
        values = {"number": number, "purpose": str(purpose), "refused_at": now}
        insert_once(session, CallWish.__table__, values, "number", "purpose")
    _note(session, number, str(purpose), wanted, way, now, community_id, by)


def _note(session: Session, number: str, purpose: str, wanted: bool, way: str, now: datetime, community_id: int | None,
          by: str) -> None:  # fmt: skip
    """One line for each community the number belongs to; one of no community where nobody knows it."""
    concerned: set[int | None] = {*communities_of(session, number, now), *({community_id} - {None})}
    for one in concerned or {None}:
        session.add(
            WishEntry(
                community_id=one,
                at=now,
                number=number,
                purpose=purpose,
                wanted=wanted,
                way=str(way),
                actor_name=by[:80],
            )
        )
    session.flush()
