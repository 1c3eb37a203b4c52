"""Disputes between neighbours (D5): opened on a complaint, each side heard by itself, evidence listed, talks noted.

Every step is taken here, for the page as for REST; nothing here commits. The timeline keeps that a side was heard and that an
item was listed, never the words: the reporter's own pages are made from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from app.errors import N_, Invalid, NotFound, Refused
from app.models import (
    Attachment,
    Complaint,
    DisputeEvidence,
    DisputeFile,
    DisputeParty,
    DisputeStatement,
    DisputeTalk,
    House,
    Person,
    Tenure,
    Ticket,
)
from app.rules import disputes as rules
from app.rules.codes import AttachmentStage, StatementState
from app.rules.complaint_verbs import decide_complaint
from app.services import dispute_forms
from app.services.actors import Actor
from app.services.attachments import Taken, attach
from app.services.complaints import complaint_of
from app.services.dispute_facts import facts_of, parties
from app.services.local_time import local_zone
from app.services.spoken_lines import house_locale
from app.services.ticket_facts import facts_of as ticket_facts
from app.services.ticket_step import CHANGED
from app.services.tickets import add_entry

Clean = Mapping[str, Any]

NO_DISPUTE = N_("This complaint is not a dispute between neighbours: mark it as one first.")


def take(
    session: Session,
    ticket: Ticket,
    step: str,
    actor: Actor,
    now: datetime,
    raw: Mapping[str, Any],
    files: Sequence[Taken] = (),
) -> None:
    """A step of a dispute by its name. Raises Forbidden, Invalid, NotFound, Refused; the caller owns the transaction and has
    checked the row."""
    if step not in _DO:
        raise NotFound(N_("There is no such step."))
    clean = dispute_forms.read(step, raw, now, local_zone())
    decide_complaint("dispute", ticket_facts(session, ticket, actor), clean)
    if ticket.complaint is None or ticket.complaint.dispute is None:
        raise Refused(NO_DISPUTE)
    # Of two at once the second sees the first one's number.
    session.scalar(select(Complaint.id).where(Complaint.ticket_id == ticket.id).with_for_update())
    try:
        _DO[step](session, ticket, actor, now, clean, files)
        flag_modified(ticket, "responsible")
        session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise Refused(CHANGED) from error


# ---- opening -----------------------------------------------------------------------------------------------------


def open_on(session: Session, ticket: Ticket, actor: Actor, now: datetime, clean: Clean) -> None:
    """The complaint is a dispute between neighbours: who complains is its first side. The rules have said that it may be."""
    if clean["matter"] is None:
        raise Invalid(N_("Say what the neighbours dispute about."))
    complaint = complaint_of(session, ticket)
    known = parties(session, ticket)
    if complaint.dispute is None:
        complaint.dispute_at, complaint.dispute_by = now, actor.display_name[:80]
    complaint.dispute = clean["matter"]
    if not known:
        reporter = ticket.reporter
        name = (
            ticket.reporter_name or (reporter.name if reporter else "") or (ticket.house.name if ticket.house else "")
        )
        _add_party(session, ticket, actor, now, name or ticket.number, ticket.house_id, ticket.reporter_phone, reporter)
    if clean["name"] or clean["house_id"]:
        _party(session, ticket, actor, now, clean, ())


# ---- the steps -------------------------------------------------------------------------------------------------------


def _party(session: Session, ticket: Ticket, actor: Actor, now: datetime, clean: Clean, files: Sequence[Taken]) -> None:
    known = parties(session, ticket)
    house = _house(session, ticket, actor, clean["house_id"])
    if not clean["name"]:
        raise Invalid(N_("Write down the name of this side, or how the house calls them."))
    same = [one for one in known if one.name == clean["name"] and one.house_id in (None, clean["house_id"])]
    if same:
        _complete(session, ticket, actor, now, clean, house, same[0])
        return
    rules.check_party(len(known))
    person = _person(session, house, clean["name"], now)
    _add_party(session, ticket, actor, now, clean["name"], clean["house_id"], clean["phone"], person)


def _complete(
    session: Session,
    ticket: Ticket,
    actor: Actor,
    now: datetime,
    clean: Clean,
    house: House | None,
    one: DisputeParty,
) -> None:
    """A side known by its name alone gets its house and number. Raises Refused where there is nothing to add."""
    if not (house and one.house_id is None) and not (clean["phone"] and one.phone is None):
        raise Refused(N_("This side is known already."))
    one.house_id, one.phone = one.house_id or clean["house_id"], one.phone or clean["phone"]
    person = _person(session, house, one.name, now)
    one.person_id = one.person_id or (person.id if person else None)
    session.flush()
    _note(session, ticket, actor, now, "dispute_party", side=one.place)


def _add_party(
    session: Session,
    ticket: Ticket,
    actor: Actor,
    now: datetime,
    name: str,
    house_id: int | None,
    phone: str | None,
    person: Person | None,
) -> None:
    place = len(parties(session, ticket)) + 1
    session.add(
        DisputeParty(
            ticket_id=ticket.id,
            place=place,
            name=name[:80],
            house_id=house_id,
            phone=phone,
            person_id=person.id if person else None,
            added_at=now,
            added_by=actor.display_name[:80],
        )
    )
    session.flush()
    _note(session, ticket, actor, now, "dispute_party", side=place)


def _house(session: Session, ticket: Ticket, actor: Actor, house_id: int | None) -> House | None:
    """A house of the ticket's community. Its other side may live in a building that is not the actor's."""
    if house_id is None:
        return None
    found = session.scalars(
        select(House).where(House.id == house_id, House.community_id == ticket.community_id)
    ).one_or_none()
    if found is None:
        raise Invalid(N_("Choose a house of this community."))
    return found


def _person(session: Session, house: House | None, name: str, now: datetime) -> Person | None:
    """Who of the house's present household has this name; nobody where two have."""
    if house is None:
        return None
    today = now.astimezone(local_zone()).date()
    found = session.scalars(
        select(Person)
        .join(Tenure, Tenure.person_id == Person.id)
        .where(
            Tenure.house_id == house.id,
            Person.name == name,
            Tenure.starts_on <= today,
            Tenure.ends_on.is_(None) | (Tenure.ends_on >= today),
        )
        .distinct()
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def _statement(
    session: Session, ticket: Ticket, actor: Actor, now: datetime, clean: Clean, files: Sequence[Taken]
) -> None:
    side = _side(session, ticket, clean["party_id"])
    if side is None:
        raise Invalid(N_("Say which side it is."))
    declined = clean["declined"]
    rules.check_statement(words=clean["words"], declined=declined, alone=clean["alone"], why=clean["why"])
    made = DisputeStatement(
        ticket_id=ticket.id,
        party_id=side.id,
        number=_next(session, DisputeStatement, ticket),
        way=clean["way"],
        heard_at=clean["heard_at"],
        words=clean["words"],
        taken_at=now,
        taken_by=actor.display_name[:80],
        state=StatementState.REFUSED if declined else StatementState.TAKEN,
        settled_at=now if declined else None,
        settled_by=actor.display_name[:80] if declined else "",
        answer=clean["why"] if declined else "",
    )
    session.add(made)
    session.flush()
    result = {"statement": made.state} if declined else {}
    _note(session, ticket, actor, now, "dispute_statement", side=side.place, item=made.number, **result)


def _read(session: Session, ticket: Ticket, actor: Actor, now: datetime, clean: Clean, files: Sequence[Taken]) -> None:
    own = (DisputeStatement.id == clean["statement_id"], DisputeStatement.ticket_id == ticket.id)
    found = session.scalars(select(DisputeStatement).where(*own)).one_or_none()
    if found is None:
        raise Invalid(N_("Choose a statement of this dispute."))
    rules.check_reading(found.state, clean["state"], answer=clean["answer"], has_sheet=bool(files))
    with force_locale(house_locale()):
        caption = gettext("Signed statement")
    kept = _kept(session, ticket, actor, now, files, caption)
    found.state, found.settled_at, found.settled_by = clean["state"], now, actor.display_name[:80]
    found.answer, found.sheet_id = clean["answer"], kept[0].id if kept else None
    session.flush()
    facts = {"side": found.party.place, "item": found.number, "statement": found.state}
    _note(session, ticket, actor, now, "dispute_read", **facts)


def _evidence(
    session: Session, ticket: Ticket, actor: Actor, now: datetime, clean: Clean, files: Sequence[Taken]
) -> None:
    side = _side(session, ticket, clean["party_id"])
    rules.check_evidence(clean["kind"], what=clean["what"], files=len(files), kept=clean["kept"])
    made = DisputeEvidence(
        ticket_id=ticket.id,
        party_id=side.id if side else None,
        number=_next(session, DisputeEvidence, ticket),
        kind=clean["kind"],
        what=clean["what"],
        made_at=clean["made_at"],
        kept=clean["kept"],
        taken_at=now,
        taken_by=actor.display_name[:80],
    )
    session.add(made)
    session.flush()
    for kept in _kept(session, ticket, actor, now, files, ""):
        session.add(DisputeFile(evidence_id=made.id, attachment_id=kept.id))
    facts = {"side": side.place if side else None, "item": made.number, "evidence": made.kind}
    _note(session, ticket, actor, now, "dispute_evidence", **facts)


def _strike(
    session: Session, ticket: Ticket, actor: Actor, now: datetime, clean: Clean, files: Sequence[Taken]
) -> None:
    own = (DisputeEvidence.id == clean["evidence_id"], DisputeEvidence.ticket_id == ticket.id)
    found = session.scalars(select(DisputeEvidence).where(*own)).one_or_none()
    if found is None:
        raise Invalid(N_("Choose an item of this list."))
    if found.struck_at is not None:
        raise Refused(N_("This item has been struck already."))
    if not clean["why"]:
        raise Invalid(N_("Say why it is struck: handed back, or wrong."))
    found.struck_at, found.struck_by, found.struck_why = now, actor.display_name[:80], clean["why"]
    session.flush()
    _note(session, ticket, actor, now, "dispute_strike", item=found.number, evidence=found.kind)


def _talk(session: Session, ticket: Ticket, actor: Actor, now: datetime, clean: Clean, files: Sequence[Taken]) -> None:
    facts = facts_of(session, ticket)
    assert facts is not None
    if not set(clean["present"]) | set(clean["signed"]) <= set(range(1, facts.parties + 1)):
        raise Invalid(N_("Say which side it is."))
    checked = ("present", "notes", "agreement", "signed", "next_at")
    rules.check_talk(clean["way"], clean["outcome"], facts, **{name: clean[name] for name in checked})
    kept = ("way", "held_at", "present", "others", "notes", "outcome", "agreement", "signed", "next_at")
    made = DisputeTalk(
        ticket_id=ticket.id,
        number=_next(session, DisputeTalk, ticket),
        noted_at=now,
        noted_by=actor.display_name[:80],
        **{name: clean[name] for name in kept},
    )
    session.add(made)
    session.flush()
    told = {"item": made.number, "talk": made.way, "outcome": made.outcome}
    _note(session, ticket, actor, now, "dispute_talk", **told)


# ---- small things ----------------------------------------------------------------------------------------------------


def _side(session: Session, ticket: Ticket, party_id: int | None) -> DisputeParty | None:
    """One of this dispute's sides. Raises Invalid for somebody else's."""
    if party_id is None:
        return None
    own = (DisputeParty.id == party_id, DisputeParty.ticket_id == ticket.id)
    found = session.scalars(select(DisputeParty).where(*own)).one_or_none()
    if found is None:
        raise Invalid(N_("Say which side it is."))
    return found


def _next(session: Session, model: Any, ticket: Ticket) -> int:
    return (session.scalar(select(func.max(model.number)).where(model.ticket_id == ticket.id)) or 0) + 1


def _kept(
    session: Session, ticket: Ticket, actor: Actor, now: datetime, files: Sequence[Taken], caption: str
) -> list[Attachment]:
    """The files on the ticket as evidence, which no household is shown; one the ticket has already is found again."""
    attach(session, ticket, files, stage=AttachmentStage.EVIDENCE, caption=caption, actor=actor, now=now)
    hashes = [one.sha256 for one in files]
    known = select(Attachment).where(Attachment.ticket_id == ticket.id, Attachment.sha256.in_(hashes))
    return list(session.scalars(known.order_by(Attachment.id))) if hashes else []


def _note(session: Session, ticket: Ticket, actor: Actor, now: datetime, verb: str, **data: Any) -> None:
    add_entry(session, ticket, verb, actor, now, before=ticket.state, data=data)


_Step = Callable[[Session, Ticket, Actor, datetime, Clean, Sequence[Taken]], None]
_DO: dict[str, _Step] = {
    "party": _party,
    "statement": _statement,
    "read": _read,
    "evidence": _evidence,
    "strike": _strike,
    "talk": _talk,
}
STEPS = tuple(_DO)
