"""The special event report 特别事件报告 (D5, D7): what stands in it, read from the records, and its way to the signature.

As long as it is not reviewed it says how things are now; what was reviewed and signed is kept with its hash
(`signed_records`). No name of a household and none of its words stand in it: house, number and times do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Refused, Word
from app.models import (
    EscalationAttempt,
    Ladder,
    SignedRecord,
    SpecialEvent,
    SpecialEventHouse,
    SpecialEventTicket,
    Ticket,
)
from app.rules.codes import AttemptState, MemberState, RecordKind, RecordState, SpecialKind
from app.services import signed_records
from app.services.actors import Actor
from app.services.reporting.privacy import find_personal, known_households
from app.services.ticket_input import clean_text, flag

KIND = RecordKind.SPECIAL_EVENT
SCHEMA = 1
TEXT_LIMIT = 4000
TEXTS: dict[str, str] = {
    "course": N_("Course of events"),
    "causes": N_("Causes"),
    "measures": N_("Measures taken"),
    "cooperation": N_("Cooperation"),
    "improvements": N_("Improvements"),
    "public_zh": N_("For the monthly report, in Chinese"),
    "public_en": N_("For the monthly report, in English"),
}
"""The words of the report in their order; the last two are all that owners ever read of it."""

PUBLIC = ("public_zh", "public_en")
_NEEDED = ("course", "causes", "measures", "improvements")
Rows = dict[str, Any]


def needed_texts(kind: str) -> tuple[str, ...]:
    """What must have been written before it is reviewed; of an emergency also how people worked together (D7)."""
    return (*_NEEDED, "cooperation") if kind == SpecialKind.EMERGENCY else _NEEDED


def records(session: Session, event: SpecialEvent) -> list[SignedRecord]:
    """All versions of the report, the newest first."""
    return signed_records.versions(session, KIND, event.community_id, str(event.id))


def standing(session: Session, event: SpecialEvent, newest: SignedRecord | None) -> str:
    """none, draft, reviewed, signed; outdated when the records say something else since the signature."""
    if newest is None:
        return "none"
    if newest.state != RecordState.SIGNED:
        return str(newest.state)
    return "signed" if newest.content == content(session, event) else "outdated"


def write(
    session: Session, actor: Actor, event: SpecialEvent, texts: Mapping[str, Any], now: datetime, reason: str | None
) -> SignedRecord:
    """Keep the words and make the draft anew. After a signed version this starts the next, with its `reason`.

    Raises Refused when what is meant for the monthly report names a household; `confirmed` says that words which only may
    be a name mean nobody.
    """
    kept = dict(event.texts)
    for name in TEXTS:
        if name in texts:
            kept[name] = clean_text(texts[name], TEXT_LIMIT)
    names_nobody(session, event.community_id, [kept.get(name, "") for name in PUBLIC], flag(texts.get("confirmed")))
    event.texts = {name: words for name, words in kept.items() if words}
    session.flush()
    return signed_records.draft(
        session, actor, KIND, event.community_id, str(event.id), content(session, event), now, reason
    )


def names_nobody(session: Session, community_id: int, texts: list[str], confirmed: bool) -> None:
    """As the texts of the monthly report itself: no household; words that only may be a name, when somebody confirmed them."""
    if not any(texts):
        return
    known = known_households(session, community_id)
    found = [find_personal(known, words) for words in texts]
    certain = sorted({word for one in found for word in one.certain})
    maybe = sorted({word for one in found for word in one.maybe})
    if certain:
        raise Refused(N_("A report never names a household. Please take out: %(words)s"), words="、".join(certain))
    if maybe and not confirmed:
        raise Refused(
            N_("These words contain the name of somebody living here: %(words)s. Confirm that nobody is meant."),
            words="、".join(maybe),
        )


def review(session: Session, actor: Actor, event: SpecialEvent, now: datetime, sha256: str | None) -> None:
    """The supervisor has read it as it is now: from here on it is exactly this."""
    newest = _newest(session, event)
    if newest.state == RecordState.SIGNED:
        raise Refused(N_("This version is signed and does not change any more."))
    missing = [TEXTS[name] for name in needed_texts(event.kind) if not event.texts.get(name)]
    if missing:
        raise Refused(N_("The report does not say yet: %(what)s"), what=Word(missing[0]))
    author = replace(actor, display_name=newest.drafted_by)
    record = signed_records.draft(
        session, author, KIND, event.community_id, str(event.id), content(session, event), now
    )
    signed_records.review(session, actor, record, now, sha256)


def sign(session: Session, actor: Actor, event: SpecialEvent, now: datetime, sha256: str | None) -> None:
    """The manager signs what was reviewed, as long as the records still say so."""
    newest = _newest(session, event)
    if newest.state == RecordState.REVIEWED and newest.content != content(session, event):
        raise Refused(N_("The records have changed since the review: the supervisor has to review it anew."))
    signed_records.sign(session, actor, newest, now, sha256)


def _newest(session: Session, event: SpecialEvent) -> SignedRecord:
    known = records(session, event)
    if not known:
        raise Refused(N_("Nobody has written the report yet."))
    return known[0]


# ---- what stands in it -----------------------------------------------------------------------------------------------


def content(session: Session, event: SpecialEvent) -> Rows:
    """Everything the report says, as plain JSON: codes, times in UTC, names in both languages; never a household's words."""
    tickets = _tickets(session, event)
    made: Rows = {
        "schema": SCHEMA,
        "event": _head(event, tickets),
        "times": _times(event, tickets),
        "decision": _decision(event),
        "tickets": [_line(ticket) for ticket in tickets],
        "visits": _visits(session, event),
        "outage": None,
        "texts": dict(event.texts),
    }
    if event.outage is not None:
        made["outage"] = {"announced_at": _iso(event.outage.announced_at), "ended_at": _iso(event.outage.ended_at)}
    if event.kind == SpecialKind.EMERGENCY:
        made["ladders"] = _ladders(session, tickets)
    return made


def _tickets(session: Session, event: SpecialEvent) -> list[Ticket]:
    statement = (
        select(Ticket)
        .join(SpecialEventTicket, SpecialEventTicket.ticket_id == Ticket.id)
        .where(SpecialEventTicket.event_id == event.id, SpecialEventTicket.state == MemberState.LINKED)
        .options(joinedload(Ticket.house), joinedload(Ticket.building))
        .order_by(Ticket.created_at, Ticket.id)
    )
    return list(session.scalars(statement))


def _head(event: SpecialEvent, tickets: list[Ticket]) -> Rows:
    category, building = event.category, event.building
    return {
        "number": event.number,
        "kind": event.kind,
        "community": _names(event.community),
        "category": _names(category) if category else None,
        "building": {"number": building.number, "name": building.name} if building else None,
        "place": event.place or "",
        "households": len({ticket.house_id for ticket in tickets if ticket.house_id is not None}),
        "tickets": len(tickets),
    }


def _names(thing: Any) -> Rows:
    return {"name": thing.name, "name_en": thing.name_en}


def _times(event: SpecialEvent, tickets: list[Ticket]) -> Rows:
    done = [ticket.done_at for ticket in tickets]
    begun = [ticket.started_at for ticket in tickets if ticket.started_at is not None]
    settled = max(filter(None, done)) if tickets and all(done) else None
    return {
        "first": _iso(tickets[0].created_at if tickets else event.first_at),
        "last": _iso(tickets[-1].created_at if tickets else event.last_at),
        "found": _iso(event.opened_at),
        "confirmed": _iso(event.confirmed_at),
        "confirmed_by": event.confirmed_by,
        "work_begun": _iso(min(begun, default=None)),
        "settled": _iso(settled),
    }


def _decision(event: SpecialEvent) -> Rows | None:
    if event.decided_at is None:
        return None
    return {
        "general_manager": event.tell_general_manager,
        "developer": event.tell_developer,
        "note": event.decision_note,
        "at": _iso(event.decided_at),
        "by": event.decided_by,
    }


def _line(ticket: Ticket) -> Rows:
    return {
        "number": ticket.number,
        "kind": ticket.kind,
        "house": ticket.house.name if ticket.house else "",
        "place": ticket.place or "",
        "at": _iso(ticket.created_at),
        "begun": _iso(ticket.started_at),
        "done": _iso(ticket.done_at),
        "validity": ticket.validity,
    }


def _visits(session: Session, event: SpecialEvent) -> list[Rows]:
    statement = select(SpecialEventHouse).where(SpecialEventHouse.event_id == event.id)
    houses = session.scalars(statement.options(joinedload(SpecialEventHouse.house)).order_by(SpecialEventHouse.id))
    return [
        {"house": one.house.name, "state": one.state, "at": _iso(one.at), "by": one.by_name}
        for one in sorted(houses, key=lambda one: (one.house.name, one.id))
    ]


def _ladders(session: Session, tickets: list[Ticket]) -> list[Rows]:
    """How the duty roster was rung for each emergency: who, when, and after how many seconds somebody took it (D7)."""
    numbers = {ticket.id: ticket.number for ticket in tickets}
    ladders = session.scalars(select(Ladder).where(Ladder.ticket_id.in_(numbers)).order_by(Ladder.id)).all()
    attempts = session.scalars(
        select(EscalationAttempt)
        .where(EscalationAttempt.ladder_id.in_([ladder.id for ladder in ladders]))
        .options(joinedload(EscalationAttempt.staff))
        .order_by(EscalationAttempt.id)
    ).all()
    return [
        {
            "ticket": numbers[ladder.ticket_id],
            "alarm": _iso(ladder.started_at),
            "connected": _iso(ladder.connected_at),
            "rings": [_ring(ladder, one) for one in attempts if one.ladder_id == ladder.id],
        }
        for ladder in ladders
    ]


def _ring(ladder: Ladder, attempt: EscalationAttempt) -> Rows:
    taken = attempt.accepted_at if attempt.state == AttemptState.ACCEPTED else None
    return {
        "tier": attempt.tier,
        "name": attempt.staff.name if attempt.staff else "",
        "at": _iso(attempt.started_at),
        "state": attempt.state,
        "accepted": _iso(taken),
        "seconds": int((taken - ladder.started_at).total_seconds()) if taken else None,
    }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant else None
