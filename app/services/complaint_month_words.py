"""What the assistant writes of a month's complaints (D5): the summary, and cases for training. No household is named in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import N_, Forbidden, Invalid, NotFound, Refused
from app.models import ComplaintMonth, Ticket
from app.rules.codes import Role
from app.services.actors import Actor
from app.services.complaint_months import Month, of_month, words
from app.services.special_report import names_nobody
from app.services.ticket_input import SHORT_LIMIT, clean_text, flag

WRITES = (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT)
TEXT_LIMIT = 4000
MOST_CASES = 50


def write(session: Session, actor: Actor, month: Month, sent: Mapping[str, Any], now: datetime) -> None:
    """Keep the summary. Refused when it names a household."""
    text = clean_text(sent.get("summary"), TEXT_LIMIT)
    names_nobody(session, month.community.id, [text], flag(sent.get("confirmed")))
    _own(session, actor, month, now).summary = text
    session.flush()


def keep_case(session: Session, actor: Actor, month: Month, sent: Mapping[str, Any], now: datetime) -> None:
    """Write a new case, or what is named by `key` anew. Invalid without what happened and the lesson."""
    case: dict[str, Any] = {name: clean_text(sent.get(name), TEXT_LIMIT) for name in ("happened", "lesson")}
    case["title"] = clean_text(sent.get("title"), 120, lines=False)
    if not all(case.values()):
        raise Invalid(N_("A case needs a title, what happened, and the lesson."))
    names_nobody(session, month.community.id, list(case.values()), flag(sent.get("confirmed")))
    kept = _own(session, actor, month, now)
    case |= {
        "ticket": _ticket(session, month, sent.get("ticket")),
        "training_on": _day(sent.get("training_on")),
        "attended": clean_text(sent.get("attended"), SHORT_LIMIT * 4),
    }
    key = str(sent.get("key") or "")
    if key and key not in {one["key"] for one in kept.cases}:
        raise NotFound(N_("There is no such case."))
    if not key and len(kept.cases) >= MOST_CASES:
        raise Refused(N_("A month has at most %(count)s cases."), count=MOST_CASES)
    case["key"] = key or str(max((int(one["key"]) for one in kept.cases), default=0) + 1)
    kept.cases = [case if one["key"] == key else one for one in kept.cases] if key else [*kept.cases, case]
    session.flush()


def drop_case(session: Session, actor: Actor, month: Month, key: str, now: datetime) -> None:
    """Take a case out; what was signed keeps it."""
    kept = _own(session, actor, month, now)
    left = [one for one in kept.cases if one["key"] != key]
    if len(left) == len(kept.cases):
        raise NotFound(N_("There is no such case."))
    kept.cases = left
    session.flush()


def _own(session: Session, actor: Actor, month: Month, now: datetime) -> ComplaintMonth:
    """The row to be written, held; made with the first words."""
    if not actor.has(*WRITES) or month.community.id not in actor.community_ids:
        raise Forbidden(N_("Your role does not allow this step."))
    kept = words(session, month)
    if kept is None:
        kept = ComplaintMonth(
            community_id=month.community.id, month=month.month, summary="", cases=[], changed_at=now, changed_by=""
        )
        session.add(kept)
        try:
            session.flush()
        except IntegrityError as error:  # somebody else wrote the first words a moment ago
            raise Refused(N_("Somebody else has changed this since you opened it: look at it again.")) from error
    else:
        session.refresh(kept, with_for_update={"of": ComplaintMonth})
    kept.changed_at, kept.changed_by = now, actor.display_name[:80]
    return kept


def _ticket(session: Session, month: Month, given: Any) -> str:
    number = clean_text(given, 20, lines=False)
    if not number:
        return ""
    if session.scalar(select(Ticket.id).where(*of_month(month), Ticket.number == number)) is None:
        raise Invalid(N_("There is no complaint %(number)s in this month."), number=number)
    return number


def _day(given: Any) -> str | None:
    text = str(given or "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text[:10])
    except ValueError as error:
        raise Invalid(N_("Say the day of the training as a date.")) from error
    if not 2000 <= day.year <= 2200:
        raise Invalid(N_("Say the day of the training as a date."))
    return day.isoformat()
