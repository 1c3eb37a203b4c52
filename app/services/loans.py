"""The register of keys and items lent out (D7, D12): lent, prolonged, back. Every step stands in the duty record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import House, Loan
from app.services import duty_log
from app.services.access import rows
from app.services.actors import Actor
from app.services.ticket_input import clean_text

NAME_LIMIT = 80
OUT: ColumnElement[bool] = Loan.returned_at.is_(None)


def overdue(now: datetime) -> ColumnElement[bool]:
    """Out, and past the time it was to be back."""
    return and_(OUT, Loan.due_at <= now)


def keep(session: Session, loan: Loan, values: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Check and complete what is lent or changed. Raises Invalid, and Refused for what is back already."""
    if loan.returned_at is not None:
        raise Refused(N_("It is back already and does not change any more."))
    facts = dict(values)
    for name, missing in (("what", N_("Say what is lent.")), ("taken_by", N_("Say who takes it and signs for it."))):
        facts[name] = clean_text(str(facts.get(name) or ""), NAME_LIMIT)
        if not facts[name]:
            raise Invalid(missing)
    for name in ("reach", "note"):
        facts[name] = clean_text(str(facts.get(name) or ""), 255 if name == "note" else NAME_LIMIT)
    community_id = facts.get("community_id", loan.community_id)
    _house_is_here(session, actor, facts.get("house_id"), community_id)
    begins = loan.lent_at or now
    if facts.get("due_at") is None or facts["due_at"] <= begins:
        raise Invalid(N_("It is to be back after it was lent."))
    was_due, is_new = loan.due_at, loan.lent_at is None
    for name, value in facts.items():
        setattr(loan, name, value)
    if is_new:
        loan.lent_at, loan.lent_by = now, actor.display_name[:NAME_LIMIT]
    session.add(loan)
    session.flush()
    if is_new:
        _note(session, "loan_out", loan, actor, now)
    elif was_due != loan.due_at:
        _note(session, "loan_prolonged", loan, actor, now)


def bring_back(session: Session, loan: Loan, actor: Actor, now: datetime, by: str = "") -> None:
    """It is back; without a name it was brought by whoever took it. Raises Refused a second time."""
    name = clean_text(by, NAME_LIMIT) or loan.taken_by
    facts = {"returned_at": now, "returned_by": name, "received_by": actor.display_name[:NAME_LIMIT]}
    back = update(Loan).where(Loan.id == loan.id, OUT).values(**facts)
    if session.execute(back).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("It is back already and does not change any more."))
    session.refresh(loan)
    _note(session, "loan_back", loan, actor, now)


def out(session: Session, community_id: int, most: int) -> list[Loan]:
    """What is out in a community, the first due first."""
    here = select(Loan).where(Loan.community_id == community_id, OUT)
    return list(session.scalars(here.order_by(Loan.due_at, Loan.id).limit(most)))


def _house_is_here(session: Session, actor: Actor, house_id: int | None, community_id: int) -> None:
    if house_id is None:
        return
    here = select(House.id).where(House.id == house_id, House.community_id == community_id, rows(actor, House))
    if session.scalar(here) is None:
        raise Invalid(N_("Choose a house of this community."))


def _note(session: Session, verb: str, loan: Loan, actor: Actor, now: datetime) -> None:
    """The thing, never the name of a household: the duty record is read by all of the staff."""
    duty_log.note(session, verb, actor, now, community_id=loan.community_id, words=loan.what, data={"loan": loan.id})
