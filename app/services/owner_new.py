"""A household reports something on the web: registered by the same service as at the desk and on the hotline (D3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import Community, House, Report, Ticket
from app.rules.classify import Word, classify
from app.rules.codes import OPEN_STATES, Channel, Kind, Priority
from app.services import household
from app.services import ticket_messages as messages
from app.services.access import rows
from app.services.actors import Actor
from app.services.ticket_input import SHORT_LIMIT, TITLE_LIMIT, clean_text
from app.services.tickets import DESCRIPTION_LIMIT, add_contact, find_open_matter, open_ticket

OFFERED = (Kind.REPAIR, Kind.COMPLAINT, Kind.CONSULTATION, Kind.SUGGESTION, Kind.SERVICE, Kind.PRAISE)
"""Kinds a household may choose: an emergency is telephoned."""

JOINING = (Kind.REPAIR, Kind.COMPLAINT)
TITLE_CHARACTERS = 40
CONTACT, ANEW = "contact", "new"
DANGERS = ("gas", "fire", "lift", "power", "water")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_SENTENCE = re.compile(r"[。！？!?\n]|\.\s")


class AlreadyOpen(Refused):
    """There is an open matter about this: the household says whether this belongs to it."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(N_("You have an open matter about this. Does this belong to it?"))
        self.number, self.title, self.state, self.at = ticket.number, ticket.title, ticket.state, ticket.created_at


@dataclass(frozen=True)
class Reported:
    """The ticket, and whether it was an open one that the words were added to."""

    ticket: Ticket
    joined: bool


def report(session: Session, actor: Actor, sent: Mapping[str, str], now: datetime) -> Reported:
    """Register what a household typed. Raises Invalid for the input, AlreadyOpen once for an open matter of the same kind.

    `join` is the answer to that question: `contact` adds to the open matter, `new` registers another.
    """
    kind = sent.get("kind")
    if kind not in OFFERED:
        raise Invalid(N_("Choose what it is about."))
    house, community = own_house(session, actor, sent.get("house_id"))
    text = clean_text(sent.get("description"), DESCRIPTION_LIMIT)
    open_one = _open_matter(session, actor, house, kind, sent.get("category") or "", now)
    if open_one is not None and sent.get("join") == CONTACT:
        _add(session, open_one, actor, text or clean_text(sent.get("title"), TITLE_LIMIT), now)
        return Reported(open_one, True)
    if open_one is not None and sent.get("join") != ANEW:
        raise AlreadyOpen(open_one)
    ticket = open_ticket(
        session,
        community=community,
        kind=kind,
        channel=Channel.WEB,
        category_code=sent.get("category") or None,
        title=_title(session, actor, sent, text),
        description=text,
        demand=sent.get("wish") or None,
        place=_place(sent),
        house=house,
        reporter_person=household.person(session, actor),
        reporter_phone=household.reporting_number(session, actor, sent.get("phone")),
        actor=actor,
        now=now,
    )
    return Reported(ticket, False)


def own_house(session: Session, actor: Actor, text: str | None) -> tuple[House, Community]:
    """One of the household's own houses. Raises Invalid for any other."""
    key = int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else -1
    found = session.execute(
        select(House, Community)
        .join(Community, Community.id == House.community_id)
        .where(House.id == key, House.id.in_(actor.house_ids), rows(actor, House))
    ).one_or_none()
    if found is None:
        raise Invalid(N_("Choose the house it is about."))
    return found.House, found.Community


def open_by_category(session: Session, actor: Actor, house_ids: frozenset[int]) -> list[Ticket]:
    """The household's own open repairs and complaints, shown while it is writing another one."""
    return list(
        session.scalars(
            select(Ticket)
            .where(
                rows(actor, Ticket),
                Ticket.house_id.in_(house_ids),
                Ticket.state.in_(OPEN_STATES),
                Ticket.kind.in_(JOINING),
            )
            .order_by(Ticket.created_at.desc())
            .limit(5)
        )
    )


def danger_of(words: tuple[Word, ...], ticket: Ticket) -> str | None:
    """Whether what was written sounds like danger to life: the category whose warning is shown, or None."""
    found = classify(f"{ticket.title} {ticket.description}", words)
    if found.priority != Priority.EMERGENCY and not (ticket.category and ticket.category.code in ("gas", "fire")):
        return None
    if found.priority == Priority.EMERGENCY:
        return found.category if found.category in DANGERS else "other"
    return ticket.category.code if ticket.category else None


def _open_matter(
    session: Session, actor: Actor, house: House, kind: str, category: str, now: datetime
) -> Ticket | None:
    """The open matter of I8, if the household may see it: a tenant's matters are not the owner's business."""
    if kind not in JOINING or not category or len(category) > 40 or "\x00" in category:
        return None
    found = find_open_matter(session, house, category, now)
    if found is None or found.kind not in JOINING:
        return None
    return session.scalars(select(Ticket).where(Ticket.id == found.id, rows(actor, Ticket))).one_or_none()


def _add(session: Session, ticket: Ticket, actor: Actor, note: str, now: datetime) -> None:
    if not note:
        raise Invalid(N_("Write what you want to tell us."))
    add_contact(session, ticket, actor, now, channel=Channel.WEB, note=note[:2000])
    key = f"said:{ticket.number}:{now:%Y%m%d%H}"
    messages.tell_responsible(session, ticket, N_("The household has written."), "contact", key, now)


def _title(session: Session, actor: Actor, sent: Mapping[str, str], text: str) -> str:
    """As typed; else the report it asks about, else the first words of the description."""
    typed = clean_text(sent.get("title"), TITLE_LIMIT, lines=False)
    if typed or not text:
        return typed
    month = sent.get("report") or ""
    if _MONTH.fullmatch(month) and session.scalar(
        select(Report.id).where(rows(actor, Report), Report.month == month).limit(1)
    ):
        return gettext("Question about the report of %(month)s", month=month)
    first = " ".join(_SENTENCE.split(text, maxsplit=1)[0].split()) or " ".join(text.split())
    return first if len(first) <= TITLE_CHARACTERS else first[: TITLE_CHARACTERS - 1] + "…"


def _place(sent: Mapping[str, str]) -> str | None:
    spot = clean_text(sent.get("spot"), 60, lines=False)
    exact = clean_text(sent.get("place"), SHORT_LIMIT, lines=False)
    return " · ".join(part for part in (spot, exact) if part)[:SHORT_LIMIT] or None
