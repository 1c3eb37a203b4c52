"""The complaints of a month (D5): figures with the lists behind them, what is missing, the words of the assistant, what is signed.

A complaint belongs to the month it came in; a cancelled one to none. A number and its list are made of the same rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from flask_babel import gettext
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.errors import N_, Refused
from app.models import Community, ComplaintMonth, SignedRecord, Staff, Ticket, TicketEntry
from app.rules.codes import FindingState, Kind, MessagePurpose, RecordKind, RecordState, Role, TicketState, Validity
from app.rules.complaint_month import CaseFacts, Gap, MonthGap, RecordFacts, gaps_of, month_gaps
from app.services import signed_records
from app.services.access import rows
from app.services.actors import Actor
from app.services.complaint_content import names
from app.services.complaint_findings import in_force
from app.services.local_time import local_zone
from app.services.month_matters import IN_TIME, LATE
from app.services.names import named
from app.services.staff_notices import tell
from app.services.ticket_timeline import STEP_VERBS

SCHEMA = 1
MONTHS_BACK = 6
_MONTH = re.compile(r"(20|21)\d\d-(0[1-9]|1[0-2])")
Rows = dict[str, Any]


@dataclass(frozen=True)
class Month:
    """One month of a community."""

    community: Community
    month: str

    @property
    def subject(self) -> str:
        """What its signed record is called."""
        return f"{self.community.code}-{self.month}"

    @property
    def starts_at(self) -> datetime:
        """Its first instant."""
        return datetime.combine(date.fromisoformat(f"{self.month}-01"), time(), local_zone())

    @property
    def ends_at(self) -> datetime:
        """The first instant after it."""
        after = (date.fromisoformat(f"{self.month}-01") + timedelta(days=32)).replace(day=1)
        return datetime.combine(after, time(), local_zone())

    def before(self, back: int) -> Month:
        """The month so many before."""
        day = date.fromisoformat(f"{self.month}-01")
        for _step in range(back):
            day = (day - timedelta(days=1)).replace(day=1)
        return Month(self.community, f"{day:%Y-%m}")


@dataclass(frozen=True)
class Item:
    """A complaint of the month: how far its record is, whether it was in time (None: still judged), what is missing."""

    ticket: Ticket
    record: SignedRecord | None
    in_time: bool | None
    gaps: list[Gap]

    @property
    def is_reviewed(self) -> bool:
        """Whether the supervisor has reviewed it as it is."""
        return Gap.UNREVIEWED not in self.gaps and Gap.CHANGED not in self.gaps


def find(session: Session, actor: Actor, subject: str) -> Month | None:
    """The month that `subject` names (`sunshine-2026-03`), under the actor's rows."""
    code, month = subject[:-8], subject[-7:]
    if not _MONTH.fullmatch(month) or subject[-8:-7] != "-":
        return None
    community = session.scalars(select(Community).where(Community.code == code, rows(actor, Community))).first()
    return Month(community, month) if community else None


def of_month(month: Month) -> tuple[Any, ...]:
    """The condition on tickets that leaves the complaints of the month."""
    return (
        Ticket.community_id == month.community.id,
        Ticket.kind == Kind.COMPLAINT,
        Ticket.created_at >= month.starts_at,
        Ticket.created_at < month.ends_at,
        Ticket.state != TicketState.CANCELLED,
    )


def items(session: Session, month: Month, actor: Actor | None = None) -> list[Item]:
    """The complaints in the order they came in, all of them or those of the actor's rows. Four statements at most."""
    last = (
        select(func.max(TicketEntry.at))
        .where(TicketEntry.ticket_id == Ticket.id, TicketEntry.verb.in_(STEP_VERBS))
        .scalar_subquery()
    )
    timely = case((IN_TIME, 1), (LATE, 0), else_=None)
    statement = select(Ticket, last, timely).where(*of_month(month))
    if actor is not None:
        statement = statement.where(rows(actor, Ticket))
    statement = statement.options(
        joinedload(Ticket.category),
        joinedload(Ticket.building),
        joinedload(Ticket.house),
        joinedload(Ticket.complaint),
        selectinload(Ticket.findings),
    ).order_by(Ticket.created_at, Ticket.id)
    found = session.execute(statement).unique().all()
    known = _records(session, month, [ticket.number for ticket, _last, _timely in found])
    return [
        Item(
            ticket,
            known.get(ticket.number),
            None if timely is None else bool(timely),
            gaps_of(_facts(ticket, known.get(ticket.number), last)),
        )
        for ticket, last, timely in found
    ]


def _records(session: Session, month: Month, numbers: list[str]) -> dict[str, SignedRecord]:
    """The newest version of each record that is there."""
    statement = (
        select(SignedRecord)
        .where(
            SignedRecord.kind == RecordKind.COMPLAINT,
            SignedRecord.community_id == month.community.id,
            SignedRecord.subject.in_(numbers),
        )
        .order_by(SignedRecord.version)
    )
    return {one.subject: one for one in session.scalars(statement)}


def _facts(ticket: Ticket, record: SignedRecord | None, last: datetime | None) -> RecordFacts:
    complaint, finding = ticket.complaint, in_force(ticket)
    reviewed = record is not None and record.state != RecordState.DRAFT
    return RecordFacts(
        closed=ticket.state == TicketState.CLOSED,
        on_the_spot=complaint is not None and complaint.settled_at is not None,
        has_record=complaint is not None and complaint.record_opened_at is not None,
        opinion=bool(complaint and complaint.opinion),
        validity=ticket.validity is not None,
        objected=finding is not None and finding.state == FindingState.OBJECTED,
        replied=ticket.replied_at is not None,
        cause=bool(ticket.root_cause or (complaint and complaint.cause)),
        correction=bool(ticket.correction),
        prevention=bool(ticket.prevention),
        reviewed=reviewed,
        changed=bool(reviewed and record and record.reviewed_at and last and last > record.reviewed_at),
    )


# ---- figures ---------------------------------------------------------------------------------------------------------

GROUPS: dict[str, Callable[[Item], str]] = {
    "category": lambda one: one.ticket.category.code if one.ticket.category else "",
    "grade": lambda one: one.ticket.grade or "",
    "finding": lambda one: one.ticket.validity or "",
    "cause": lambda one: (one.ticket.complaint.cause or "") if one.ticket.complaint else "",
    "party": lambda one: (one.ticket.complaint.party or "") if one.ticket.complaint else "",
    "building": lambda one: one.ticket.building.name if one.ticket.building else "",
    "timely": lambda one: {True: "in_time", False: "late", None: ""}[one.in_time],
    "repeat": lambda one: "repeat" if one.ticket.is_repeat else "",
}
"""By what the complaints are counted; of each the code that one belongs to, empty where nothing is known."""


def counted(found: list[Item], by: str) -> list[tuple[str, int]]:
    """How many there are of each, the most first."""
    numbers = Counter(GROUPS[by](one) for one in found)
    return sorted(numbers.items(), key=lambda pair: (pair[0] == "", -pair[1], pair[0]))


def group(found: list[Item], by: str, value: str) -> list[Item]:
    """The very complaints that a number counted."""
    return [one for one in found if GROUPS[by](one) == value]


def in_time(session: Session, month: Month) -> list[tuple[str, int]]:
    """How many came in this month and in each of those before, the earliest first. One statement."""
    spans = [month.before(back) for back in range(MONTHS_BACK - 1, -1, -1)]
    sums = [select(func.count(Ticket.id)).where(*of_month(one)).scalar_subquery() for one in spans]
    numbers = session.execute(select(*sums)).one()
    return [(one.month, int(number)) for one, number in zip(spans, numbers, strict=True)]


# ---- what is missing -------------------------------------------------------------------------------------------------


def words(session: Session, month: Month) -> ComplaintMonth | None:
    """What the assistant wrote."""
    wanted = (ComplaintMonth.community_id == month.community.id, ComplaintMonth.month == month.month)
    return session.scalars(select(ComplaintMonth).where(*wanted)).one_or_none()


def gaps(found: list[Item], kept: ComplaintMonth | None, month: Month, now: datetime) -> list[MonthGap]:
    """What is missing of the summary itself."""
    return month_gaps(
        over=month.ends_at <= now,
        summary=bool(kept and kept.summary),
        complaints=len(found),
        valid=sum(one.ticket.validity == Validity.VALID for one in found),
        cases=[_case(one) for one in kept.cases] if kept else [],
        today=now.astimezone(local_zone()).date(),
    )


def _case(kept: Rows) -> CaseFacts:
    day = kept.get("training_on")
    return CaseFacts(date.fromisoformat(day) if day else None, bool(kept.get("attended")))


def is_complete(session: Session, month: Month, now: datetime) -> None:
    """Refused while anything is missing: a month is not signed with gaps."""
    found = items(session, month)
    missing = sum(bool(one.gaps) for one in found)
    own = gaps(found, words(session, month), month, now)
    if missing or own:
        raise Refused(
            N_(
                "The month has gaps: %(records)s complaint records and %(words)s points of the summary. The month's page lists"
                " each of them."
            ),
            records=missing,
            words=len(own),
        )


# ---- what is signed --------------------------------------------------------------------------------------------------


def content(session: Session, month: Month) -> Rows:
    """The summary as plain JSON: figures, the records by number and hash, the words; no household's name, house or words."""
    found, kept = items(session, month), words(session, month)
    return {
        "schema": SCHEMA,
        "community": names(month.community),
        "month": month.month,
        "total": len(found),
        "figures": {by: [list(pair) for pair in counted(found, by)] for by in GROUPS},
        "categories": {one.ticket.category.code: names(one.ticket.category) for one in found if one.ticket.category},
        "before": [list(pair) for pair in in_time(session, month)],
        "records": [_line(one) for one in found],
        "summary": kept.summary if kept else "",
        "cases": list(kept.cases) if kept else [],
    }


def _line(one: Item) -> Rows:
    ticket = one.ticket
    return {
        "number": ticket.number,
        "at": ticket.created_at.isoformat(),
        "category": ticket.category.code if ticket.category else "",
        "state": ticket.state,
        "validity": ticket.validity,
        "grade": ticket.grade,
        "version": one.record.version if one.record else None,
        "sha256": one.record.sha256 if one.record else None,
    }


def said(kept: Rows) -> Any:
    """What of a summary a later day does not change by itself: its words, and which complaints it is about."""
    return kept["summary"], kept["cases"], [one["number"] for one in kept["records"]], kept.get("remark", "")


def signed(session: Session, actor: Actor, month: Month, now: datetime) -> int:
    """With the month the manager signs every record that was reviewed for it; the quality department receives it. Returns how
    many records."""
    made = 0
    for one in items(session, month):
        record = one.record
        own = record is not None and actor.user_id is not None and record.reviewer_id == actor.user_id
        if record is not None and record.state == RecordState.REVIEWED and not own:
            signed_records.sign(session, actor, record, now, record.sha256)
            made += 1
    people = session.scalars(select(Staff).where(Staff.role == Role.QUALITY, Staff.active).order_by(Staff.id)).all()
    mark = f"{month.subject}:{now:%Y%m%d%H%M%S}"
    tell(session, people, month.community.id, MessagePurpose.COMPLAINT_MONTH, partial(_received, month), now, mark)
    return made


def _received(month: Month) -> str:
    return gettext(
        "[%(community)s] The complaint summary of %(month)s is signed and waits for you under records to sign.",
        community=named(month.community),
        month=month.month,
    )
