"""Findings on complaints (D5) and the second person's word on them. A finding takes effect at once; nobody confirms or
objects to one of their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import ComplaintFinding, Staff, Ticket
from app.rules.codes import FindingState
from app.services.actors import Actor
from app.services.ticket_messages import tell_people

OBJECTED = N_("A second person objects to your finding.")


def in_force(ticket: Ticket) -> ComplaintFinding | None:
    """The finding that holds: the newest."""
    return next((one for one in reversed(ticket.findings) if one.state != FindingState.SUPERSEDED), None)


def record(session: Session, ticket: Ticket, actor: Actor, now: datetime, *, reasons: str) -> ComplaintFinding:
    """Keep what the ticket's finding says now, with its reasons. The same finding again is no new one: its finder may add the
    reasons."""
    party = ticket.complaint.party if ticket.complaint else None
    assert ticket.validity is not None
    present = in_force(ticket)
    if present is not None and _same(present, ticket, party):
        if reasons and (not present.reasons or is_own(present, actor)):
            present.reasons = reasons
        return present
    if present is not None:
        present.state = FindingState.SUPERSEDED
        # One finding is in force at a time: the old one must be gone before the new one comes.
        session.flush()
    made = ComplaintFinding(
        ticket=ticket,
        validity=ticket.validity,
        grade=ticket.grade,
        party=party,
        reasons=reasons,
        state=FindingState.WAITING,
        found_at=now,
        finder_id=actor.user_id,
        finder_staff_id=actor.staff_id,
        finder_name=actor.display_name[:80],
        second_words="",
    )
    session.add(made)
    session.flush()
    return made


def second(session: Session, ticket: Ticket, actor: Actor, now: datetime, *, agrees: bool, words: str) -> None:
    """The second person's word on the finding in force. The rules have said that the actor may."""
    finding = in_force(ticket)
    assert finding is not None
    finding.state = FindingState.CONFIRMED if agrees else FindingState.OBJECTED
    finding.second_at, finding.second_words = now, words
    finding.second_id, finding.second_staff_id = actor.user_id, actor.staff_id
    finding.second_name = actor.display_name[:80]
    finder = session.get(Staff, finding.finder_staff_id) if finding.finder_staff_id else None
    if not agrees and finder is not None:
        key = f"objected:{ticket.number}:{finding.id}"
        tell_people(session, ticket, [finder], OBJECTED, "finding", key, now)


def is_own(finding: ComplaintFinding | None, actor: Actor) -> bool:
    """Whether the actor made this finding, by this login or as this member of the staff."""
    if finding is None:
        return False
    same_login = actor.user_id is not None and finding.finder_id == actor.user_id
    return same_login or (actor.staff_id is not None and finding.finder_staff_id == actor.staff_id)


def may_second(finding: ComplaintFinding | None, actor: Actor) -> bool:
    """Whether the finding waits for a second person, and the actor is another one."""
    return finding is not None and finding.state == FindingState.WAITING and not is_own(finding, actor)


def waits_for(actor: Actor) -> ColumnElement[bool]:
    """The condition on tickets whose finding waits for a second person who may be this actor."""
    finding = ComplaintFinding
    others: list[ColumnElement[bool]] = []
    if actor.user_id is not None:
        others.append(or_(finding.finder_id.is_(None), finding.finder_id != actor.user_id))
    if actor.staff_id is not None:
        others.append(or_(finding.finder_staff_id.is_(None), finding.finder_staff_id != actor.staff_id))
    return exists().where(finding.ticket_id == Ticket.id, finding.state == FindingState.WAITING, *others)


def _same(finding: ComplaintFinding, ticket: Ticket, party: str | None) -> bool:
    told = (finding.validity, finding.grade, finding.party)
    return finding.state != FindingState.OBJECTED and told == (ticket.validity, ticket.grade, party)
