"""What the house writes by itself and people sign (D5, D7): complaint records, duty records, handovers.

The content is made from the records, so nobody has to draft it: the supervisor reviews what it says now, with a remark of
their own, and from then on it is exactly that (`signed_records`). Special events and months are written by hand beforehand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Forbidden, Refused
from app.models import Community, Handover, SignedRecord, Ticket
from app.rules.codes import HandoverState, Kind, RecordKind, RecordState, Role
from app.services import complaint_content, complaint_months, duty_paper, signed_records
from app.services.access import rows
from app.services.actors import Actor
from app.services.complaint_content import iso, names
from app.services.spoken_lines import house_locale
from app.services.ticket_input import clean_text
from app.services.ticket_view import find_ticket

REMARK_LIMIT = 2000
CORRECTS = (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT)
HOUSE = Actor.system("records")
_READ_AGAIN = N_("This record has changed since you opened it: read it again before you put your name to it.")
Rows = dict[str, Any]


@dataclass(frozen=True)
class Paper:
    """One record to sign: what it is about (`thing`: a ticket, a shift, a handover), and from when on it is whole."""

    kind: RecordKind
    community: Community
    subject: str
    thing: Any
    whole_at: datetime | None
    early: str = ""
    """The sentence for whoever would review it before."""


# ---- finding and reading ---------------------------------------------------------------------------------------------


def find(session: Session, actor: Actor, kind: str, subject: str) -> Paper | None:
    """The paper of this kind and name, if what it is about is the actor's to see."""
    reader = _FIND.get(kind)
    return reader(session, actor, subject) if reader else None


def _complaint(session: Session, actor: Actor, subject: str) -> Paper | None:
    ticket = find_ticket(session, actor, subject)
    if ticket is None or ticket.kind != Kind.COMPLAINT:
        return None
    return of_ticket(ticket)


def of_ticket(ticket: Ticket) -> Paper:
    """The record of a complaint: it may be reviewed while the matter runs, and says then how far it is."""
    return Paper(RecordKind.COMPLAINT, ticket.community, ticket.number, ticket, ticket.created_at)


def _duty(session: Session, actor: Actor, subject: str) -> Paper | None:
    shift = duty_paper.find(session, actor, subject)
    return of_shift(shift) if shift else None


def of_shift(shift: duty_paper.Shift) -> Paper:
    """The record of a shift, whole at its end."""
    name = duty_paper.subject(shift.community, shift.starts_at)
    return Paper(RecordKind.DUTY, shift.community, name, shift, shift.ends_at, _SHIFT_RUNS)


def _handover(session: Session, actor: Actor, subject: str) -> Paper | None:
    if not (subject.isascii() and subject.isdecimal() and len(subject) < 10):
        return None
    people = (joinedload(Handover.going), joinedload(Handover.coming), joinedload(Handover.community))
    statement = select(Handover).where(Handover.id == int(subject), rows(actor, Handover)).options(*people)
    paper = session.scalars(statement).one_or_none()
    return of_handover(paper) if paper is not None else None


def of_handover(paper: Handover) -> Paper:
    """A handover, whole once both sides have signed it."""
    signed = paper.going_signed_at, paper.coming_signed_at
    whole = max(one for one in signed if one) if paper.state == HandoverState.SIGNED else None
    return Paper(RecordKind.HANDOVER, paper.community, str(paper.id), paper, whole, _NOT_BOTH)


def _month(session: Session, actor: Actor, subject: str) -> Paper | None:
    month = complaint_months.find(session, actor, subject)
    return of_month(month) if month else None


def of_month(month: complaint_months.Month) -> Paper:
    """The summary of a month's complaints, whole at its end."""
    return Paper(RecordKind.COMPLAINT_MONTH, month.community, month.subject, month, month.ends_at, _MONTH_RUNS)


_MONTH_RUNS = N_("The month is not over yet: its complaints are summed up after it.")
_SHIFT_RUNS = N_("The shift is not over yet: its record is reviewed after it.")
_NOT_BOTH = N_("A handover is reviewed after both sides have signed it.")
_FIND: dict[str, Callable[[Session, Actor, str], Paper | None]] = {
    RecordKind.COMPLAINT: _complaint,
    RecordKind.DUTY: _duty,
    RecordKind.HANDOVER: _handover,
    RecordKind.COMPLAINT_MONTH: _month,
}


def versions(session: Session, paper: Paper) -> list[SignedRecord]:
    """All versions, the newest first."""
    return signed_records.versions(session, paper.kind, paper.community.id, paper.subject)


def content(session: Session, paper: Paper, newest: SignedRecord | None = None, remark: str | None = None) -> Rows:
    """What it says now, with the remark given or the one of the newest version."""
    kept = str(newest.content.get("remark", "")) if newest else ""
    return {**_MAKE[paper.kind](session, paper.thing), "remark": kept if remark is None else remark}


def _handed_over(session: Session, paper: Handover) -> Rows:
    return {
        "schema": 1,
        "community": names(paper.community),
        "begins_at": iso(paper.begins_at),
        "changes_at": iso(paper.changes_at),
        "ends_at": iso(paper.ends_at),
        "content": paper.content,
        "sides": [
            {
                "side": side,
                "name": getattr(paper, side).name,
                "remark": getattr(paper, f"{side}_remark"),
                "signed_at": iso(getattr(paper, f"{side}_signed_at")),
                "signed_by": getattr(paper, f"{side}_signed_by"),
            }
            for side in ("going", "coming")
        ],
    }


_MAKE: dict[str, Callable[[Session, Any], Rows]] = {
    RecordKind.COMPLAINT: complaint_content.content,
    RecordKind.DUTY: duty_paper.content,
    RecordKind.HANDOVER: _handed_over,
    RecordKind.COMPLAINT_MONTH: complaint_months.content,
}


def changed(paper: Paper, kept: Rows, live: Rows) -> bool:
    """Whether the records say something else than what was kept. A month is not changed by what goes on with its complaints."""
    if paper.kind == RecordKind.COMPLAINT_MONTH:
        return bool(complaint_months.said(kept) != complaint_months.said(live))
    return kept != live


# ---- the way to the signature ----------------------------------------------------------------------------------------


def review(
    session: Session, actor: Actor, paper: Paper, now: datetime, sha256: str | None, remark: str | None = None
) -> SignedRecord:
    """The supervisor has read it as it is now. `sha256`: what they had before them, without the remark they add."""
    if not actor.has(*signed_records.REVIEWS):
        raise Forbidden(N_("Your role does not allow this step."))
    _whole(session, paper, now)
    last = newest(session, paper)
    if last is not None and last.state == RecordState.SIGNED:
        raise Refused(N_("This version is signed and does not change any more."))
    seen = content(session, paper, last)
    version = last.version if last else 1
    if sha256 and sha256 != signed_records.fingerprint(paper.kind, paper.subject, version, seen):
        raise Refused(_READ_AGAIN)
    words = clean_text(remark, REMARK_LIMIT) if remark is not None else seen["remark"]
    record = _draft(session, HOUSE, paper, {**seen, "remark": words}, now)
    signed_records.review(session, actor, record, now)
    return record


def review_again(
    session: Session, actor: Actor, paper: Paper, now: datetime, sha256: str | None, remark: str | None = None
) -> SignedRecord:
    """The same where a version is signed already and the matter went on: the next one begins by itself and says so."""
    last = newest(session, paper)
    if last is None or last.state != RecordState.SIGNED:
        return review(session, actor, paper, now, sha256, remark)
    if not actor.has(*signed_records.REVIEWS):
        raise Forbidden(N_("Your role does not allow this step."))
    seen = content(session, paper, last)
    if not changed(paper, last.content, seen):
        raise Refused(N_("This version is signed and does not change any more."))
    if sha256 and sha256 != signed_records.fingerprint(paper.kind, paper.subject, last.version, seen):
        raise Refused(_READ_AGAIN)
    with force_locale(house_locale()):
        reason = gettext("The complaint went on after this version was signed.")
    _draft(session, HOUSE, paper, seen, now, reason)
    return review(session, actor, paper, now, None, remark)


def sign(session: Session, actor: Actor, paper: Paper, now: datetime, sha256: str | None) -> SignedRecord:
    """The manager signs what was reviewed, as long as the records still say so."""
    last = newest(session, paper)
    if last is None:
        raise Refused(N_("A record is signed after the supervisor has reviewed it."))
    if last.state == RecordState.REVIEWED and changed(paper, last.content, content(session, paper, last)):
        raise Refused(N_("The records have changed since the review: the supervisor has to review it anew."))
    _whole(session, paper, now)
    signed_records.sign(session, actor, last, now, sha256)
    if paper.kind == RecordKind.COMPLAINT_MONTH:
        complaint_months.signed(session, actor, paper.thing, now)
    return last


def correct(
    session: Session, actor: Actor, paper: Paper, now: datetime, reason: str | None, remark: str | None
) -> None:
    """Start the version after a signed one: what the records say now, why, and what is to be said besides."""
    if not actor.has(*CORRECTS):
        raise Forbidden(N_("Your role does not allow this step."))
    last = newest(session, paper)
    if last is None or last.state != RecordState.SIGNED:
        raise Refused(N_("Only what is signed is corrected by a new version."))
    words = clean_text(remark, REMARK_LIMIT) if remark is not None else None
    _draft(session, actor, paper, content(session, paper, last, words), now, reason)


def newest(session: Session, paper: Paper) -> SignedRecord | None:
    """The version that counts now."""
    found = versions(session, paper)
    return found[0] if found else None


def _draft(
    session: Session, actor: Actor, paper: Paper, said: Rows, now: datetime, reason: str | None = None
) -> SignedRecord:
    try:
        return signed_records.draft(session, actor, paper.kind, paper.community.id, paper.subject, said, now, reason)
    except IntegrityError as error:  # somebody else began the same version a moment ago
        raise Refused(_READ_AGAIN) from error


def _whole(session: Session, paper: Paper, now: datetime) -> None:
    if not is_whole(paper, now):
        raise Refused(paper.early)
    if paper.kind == RecordKind.COMPLAINT_MONTH:
        complaint_months.is_complete(session, paper.thing, now)


def is_whole(paper: Paper, now: datetime) -> bool:
    """Whether it may be reviewed yet."""
    return paper.whole_at is not None and paper.whole_at <= now
