"""What somebody of the staff notes of a return visit (D8): spoken by telephone, or in person with the household's signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import Attachment, ReturnVisit, Ticket
from app.rules.codes import AttachmentStage, VisitResult, VisitState, VisitWay
from app.rules.return_visits import IN_VAIN
from app.services.actors import Actor
from app.services.attachments import Taken, attach
from app.services.ticket_input import NOTE_LIMIT, SHORT_LIMIT, choice, clean_text, whole_number
from app.services.ticket_verbs import perform
from app.services.visit_answers import Answer, Standing, locked, take

BY_PHONE = (
    VisitResult.ANSWERED,
    VisitResult.DECLINED,
    VisitResult.NO_ANSWER,
    VisitResult.BUSY,
    VisitResult.WRONG_NUMBER,
)
IN_PERSON = (VisitResult.ANSWERED, VisitResult.DECLINED, VisitResult.NOT_AT_HOME)
"""What may come of a try, by the way it is made."""


def note_phone(
    session: Session, visit: ReturnVisit, actor: Actor, now: datetime, sent: Mapping[str, Any]
) -> Standing | None:
    """A call somebody made: what came of it. Raises Invalid, Forbidden, Refused. None for a try without an answer."""
    result = choice(sent.get("result"), VisitResult)
    if result not in BY_PHONE:
        raise Invalid(N_("Say what came of the call."))
    return _note(session, visit, actor, now, VisitWay.PHONE, result, sent)


def note_in_person(
    session: Session,
    visit: ReturnVisit,
    actor: Actor,
    now: datetime,
    sent: Mapping[str, Any],
    files: Sequence[Taken],
) -> Standing | None:
    """A visit at the household's door. What it says is signed: on the screen, or on a sheet that is photographed; a household
    that signs nothing is noted with the reason."""
    result = choice(sent.get("result"), VisitResult, default=VisitResult.ANSWERED)
    if result not in IN_PERSON:
        raise Invalid(N_("Say what came of the visit."))
    unsigned_why = clean_text(sent.get("unsigned_why"), SHORT_LIMIT)
    if result not in IN_VAIN and not files and not unsigned_why:
        raise Invalid(N_("Let the household sign, photograph the signed sheet, or write why it did not sign."))
    standing = _note(session, visit, actor, now, VisitWay.IN_PERSON, result, sent)
    if result not in IN_VAIN:
        _keep_signature(session, visit, actor, now, files, unsigned_why)
    return standing


def _note(
    session: Session,
    visit: ReturnVisit,
    actor: Actor,
    now: datetime,
    way: VisitWay,
    result: VisitResult,
    sent: Mapping[str, Any],
) -> Standing | None:
    note, score = clean_text(sent.get("note"), NOTE_LIMIT), whole_number(sent.get("score"), 1, 5)
    if result == VisitResult.ANSWERED:
        if score is None:
            raise Invalid(N_("Choose from 1 (not at all) to 5 (very)."))
        standing = take(session, visit.ticket_id, Answer(score, way, note), actor, now)
        session.refresh(visit)
        if standing == Standing.NOT_ASKED:
            raise Refused(N_("This visit is not due any more."))
        return standing
    ticket = locked(session, visit.ticket_id)
    session.refresh(visit)
    if visit.state != VisitState.DUE:
        raise Refused(N_("This visit is not due any more."))
    data = {"way": way, "result": result, "note": note, "unreachable": result in IN_VAIN}
    perform(session, ticket, "visit", actor, now, data)
    return None


def _keep_signature(
    session: Session, visit: ReturnVisit, actor: Actor, now: datetime, files: Sequence[Taken], unsigned_why: str
) -> None:
    if not files:
        visit.unsigned_why = unsigned_why
        return
    ticket: Ticket = visit.ticket
    made = attach(session, ticket, files, stage=AttachmentStage.SIGNATURE, actor=actor, now=now, signed=True)
    if made:
        visit.signature_id = made[0].id
        return
    same = select(Attachment.id).where(Attachment.ticket_id == ticket.id, Attachment.sha256 == files[0].sha256)
    visit.signature_id = session.scalar(same)
