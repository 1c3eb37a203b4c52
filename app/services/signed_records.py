"""Records to sign (D5, D7, issue 5): drafted, reviewed by the supervisor, signed by the manager, version by version.

One way for every kind: what is signed is plain JSON with a hash, and a review or signature names the hash it was given
for. A signed version never changes (a trigger holds it); what must be said otherwise is a new version that says why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Forbidden, Invalid, Refused
from app.models import SignedRecord
from app.rules.codes import RecordKind, RecordState, Role
from app.services.actors import Actor
from app.services.ticket_input import SHORT_LIMIT, clean_text

REVIEWS = (Role.SUPERVISOR,)
SIGNS = (Role.MANAGER,)

_CHANGED = N_("This record has changed since you opened it: read it again before you put your name to it.")


def fingerprint(kind: str, subject: str, version: int, content: Mapping[str, Any]) -> str:
    """SHA-256 over what is signed, as JSON with sorted keys and without blanks, in UTF-8."""
    signed = {"kind": kind, "subject": subject, "version": version, "content": content}
    plain = json.dumps(signed, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(plain.encode("utf-8")).hexdigest()


def is_whole(record: SignedRecord) -> bool:
    """Whether what is kept is still what was signed."""
    return record.sha256 == fingerprint(record.kind, record.subject, record.version, record.content)


def versions(session: Session, kind: RecordKind, community_id: int, subject: str) -> list[SignedRecord]:
    """All versions, the newest first."""
    wanted = (SignedRecord.kind == kind, SignedRecord.community_id == community_id, SignedRecord.subject == subject)
    return list(session.scalars(select(SignedRecord).where(*wanted).order_by(SignedRecord.version.desc())))


def draft(
    session: Session,
    actor: Actor,
    kind: RecordKind,
    community_id: int,
    subject: str,
    content: dict[str, Any],
    now: datetime,
    reason: str | None = None,
) -> SignedRecord:
    """Keep `content` as the version on its way. One that was reviewed and says something else now has to be reviewed anew.

    After a signed version this starts the next one, which needs the `reason` of the correction: Invalid without it.
    The caller says who may draft.
    """
    known = versions(session, kind, community_id, subject)
    record = session.get(SignedRecord, known[0].id, with_for_update=True, populate_existing=True) if known else None
    if record is None or record.state == RecordState.SIGNED:
        record = _new_version(session, record, kind, community_id, subject, reason)
    sha256 = fingerprint(kind, subject, record.version, content)
    if record.sha256 != sha256:
        record.content, record.sha256 = content, sha256
        record.drafted_at, record.drafted_by = now, actor.display_name[:80]
        _take_back(record)
    session.add(record)
    session.flush()
    return record


def _new_version(
    session: Session, before: SignedRecord | None, kind: RecordKind, community_id: int, subject: str, reason: str | None
) -> SignedRecord:
    words = clean_text(reason, SHORT_LIMIT, lines=False)
    if before is not None and not words:
        raise Invalid(N_("This record is signed: say what the new version corrects."))
    version = before.version + 1 if before else 1
    return SignedRecord(
        kind=kind,
        community_id=community_id,
        subject=subject,
        version=version,
        reason=words if before else "",
        sha256="",
    )


def _take_back(record: SignedRecord) -> None:
    record.state = RecordState.DRAFT
    record.reviewed_at = record.reviewed_by = record.reviewer_id = None


def review(session: Session, actor: Actor, record: SignedRecord, now: datetime, sha256: str | None = None) -> None:
    """The supervisor has read exactly this. `sha256`: what the reader had before them; another one is refused."""
    _allow(actor, record.community_id, *REVIEWS)
    read(session, actor, record, now, sha256)


def read(session: Session, actor: Actor, record: SignedRecord, now: datetime, sha256: str | None = None) -> None:
    """Somebody has read exactly this. The caller says who may: of most records the supervisor, of an appraisal whom it is about."""
    _hold(session, record, sha256)
    if record.state != RecordState.DRAFT:
        raise Refused(N_("Only a draft can be reviewed."))
    record.state, record.reviewed_at = RecordState.REVIEWED, now
    record.reviewed_by, record.reviewer_id = actor.display_name[:80], actor.user_id
    session.flush()


def sign(
    session: Session,
    actor: Actor,
    record: SignedRecord,
    now: datetime,
    sha256: str | None = None,
    *,
    asked: bool = False,
) -> None:
    """The manager signs exactly what was reviewed, and is somebody else than the reviewer. `asked`: who may sign this kind of
    record is a rule of the caller's own, which has been asked."""
    if not asked:
        _allow(actor, record.community_id, *SIGNS)
    _hold(session, record, sha256)
    if record.state == RecordState.SIGNED:
        raise Refused(N_("This version is signed and does not change any more."))
    if record.state != RecordState.REVIEWED:
        raise Refused(N_("A record is signed after the supervisor has reviewed it."))
    if actor.user_id is not None and actor.user_id == record.reviewer_id:
        raise Refused(N_("Whoever reviewed a record does not sign it, too."))
    record.state, record.signed_at = RecordState.SIGNED, now
    record.signed_by, record.signer_id = actor.display_name[:80], actor.user_id
    session.flush()


def _hold(session: Session, record: SignedRecord, sha256: str | None) -> None:
    """Read the version anew and hold it, so that two clicks are one step; refuse what the reader has not seen."""
    session.refresh(record, with_for_update={"of": SignedRecord})
    if sha256 is not None and sha256 != record.sha256:
        raise Refused(_CHANGED)


def _allow(actor: Actor, community_id: int, *roles: Role) -> None:
    if not actor.has(*roles) or community_id not in actor.community_ids:
        raise Forbidden(N_("Your role does not allow this step."))
