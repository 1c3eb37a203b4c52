"""What a login can see: its row scopes in kinds, how many rows of each table, some of them by name, what is confidential."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.models import Bill, Building, Call, Community, House, Message, Person, Recording, Report, Staff, Ticket
from app.rules.row_scopes import FILE, Scope
from app.services.access import files, rows, scopes
from app.services.actors import Actor

KINDS: Mapping[str, tuple[type[Any], Any]] = {
    "Ticket": (Ticket, Ticket.number),
    "House": (House, House.name),
    "Person": (Person, Person.name),
    "Call": (Call, Call.from_number),
    "Bill": (Bill, Bill.period),
    "Report": (Report, Report.month),
    "Message": (Message, Message.purpose),
    "Staff": (Staff, Staff.name),
    "Community": (Community, Community.name),
    "Building": (Building, Building.name),
    FILE: (Person, Person.name),
    "Recording": (Recording, Recording.id),
}
"""Kind → its table, and what one row is called."""

CONFIDENTIAL = (FILE, "Recording")
NAMED = ("Ticket", "House", "Staff", "Community", "Building")
"""Kinds whose rows may be named as examples: never people, whose names the looker may have no business with."""
SAMPLES = 5
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Seen:
    """One kind of row: how far, how many (`MOST_COUNTED` + 1 means more), some of them by name."""

    kind: str
    scopes: tuple[Scope, ...]
    count: int
    samples: tuple[str, ...] = ()


def seen_by(session: Session, actor: Actor) -> list[Seen]:
    """Every kind, counted by the very conditions that limit the pages: one statement, and one for the examples of a kind."""
    conditions = {kind: _condition(actor, kind) for kind in KINDS}
    counts = session.execute(select(*(_counted(kind, condition).label(kind) for kind, condition in conditions.items())))
    numbers = counts.one()._mapping
    return [
        Seen(
            kind,
            tuple(sorted(scopes(actor, kind))),
            numbers[kind],
            _samples(session, kind, conditions[kind]) if kind in NAMED and numbers[kind] else (),
        )
        for kind in KINDS
    ]


def _condition(actor: Actor, kind: str) -> ColumnElement[bool]:
    return files(actor) if kind == FILE else rows(actor, KINDS[kind][0])


def _counted(kind: str, condition: ColumnElement[bool]) -> Any:
    capped = select(KINDS[kind][0].id).where(condition).limit(MOST_COUNTED + 1).subquery()
    return select(func.count()).select_from(capped).scalar_subquery()


def _samples(session: Session, kind: str, condition: ColumnElement[bool]) -> tuple[str, ...]:
    model, name = KINDS[kind]
    return tuple(str(text) for text in session.scalars(select(name).where(condition).order_by(model.id).limit(SAMPLES)))
