"""One-time links by which a household answers without logging in: a return visit (D8), an opinion survey.

A link holds a code of sixty bits. Only its keyed digest is stored; the outbox holds a placeholder that is filled in as the
message leaves, so that nobody who reads messages or the database can answer for a household.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import N_, Refused
from app.models import AnswerLink
from app.services.keyed import code_of, digest, fresh_nonce, tidy_code

OPEN, USED, EXPIRED = "open", "used", "expired"
PURPOSES = ("return_visit", "survey")
"""Purposes of messages whose links are filled in as they leave."""

DOOR = "answer"
"""What the codes of these links are for: other codes with the same nonce are others."""
_PLACEHOLDER = re.compile(r"\{link:(\d{1,12})\}")


def issue(session: Session, purpose: str, now: datetime, span: timedelta, *, locale: str, **about: int) -> AnswerLink:
    """A new link; `about`: `visit_id` or whatever it answers."""
    nonce = fresh_nonce()
    link = AnswerLink(
        purpose=purpose,
        nonce=nonce,
        digest=digest(DOOR, code_of(DOOR, nonce)),
        locale="en" if locale.startswith("en") else "zh",
        created_at=now,
        expires_at=now + span,
        **about,
    )
    session.add(link)
    session.flush()
    return link


def address(link: AnswerLink) -> str:
    """The link as it is written into a message: its code comes in as the message leaves."""
    return f"{current_app.extensions['settings'].public_base_url}/a/{{link:{link.id}}}"


def code_for(link: AnswerLink) -> str:
    """The code in clear."""
    return code_of(DOOR, link.nonce)


def filled(session: Session, text: str) -> str:
    """A message's text with its code, at the moment it leaves the house."""

    def code(found: re.Match[str]) -> str:
        nonce = session.scalar(select(AnswerLink.nonce).where(AnswerLink.id == int(found[1])))
        return code_of(DOOR, nonce) if nonce else ""

    return _PLACEHOLDER.sub(code, text)


def find(session: Session, typed: str) -> AnswerLink | None:
    """The link with this code, in whatever state."""
    code = tidy_code(typed[:64])
    return session.scalars(select(AnswerLink).where(AnswerLink.digest == digest(DOOR, code))).first()


def state_of(link: AnswerLink, now: datetime) -> str:
    """`open`, `used` or `expired`."""
    if link.used_at is not None:
        return USED
    return EXPIRED if link.expires_at <= now else OPEN


def use_up(session: Session, link: AnswerLink, now: datetime) -> None:
    """Use a link up: of two answers at once, one is in. Raises Refused with the reason in words."""
    still = (AnswerLink.id == link.id, AnswerLink.used_at.is_(None), AnswerLink.expires_at > now)
    result: Any = session.execute(
        update(AnswerLink).where(*still).values(used_at=now).execution_options(synchronize_session=False)
    )
    session.refresh(link)
    if result.rowcount != 1:
        raise Refused(N_("This link has been answered already. Thank you.") if link.used_at else TOO_OLD)


def just_used(link: AnswerLink, now: datetime) -> bool:
    """Whether it was used so short a time ago that the same answer is the same form, sent twice."""
    return link.used_at is not None and now - link.used_at <= SENT_TWICE


SENT_TWICE = timedelta(minutes=1)
"""Nobody is logged in, so that no key is remembered: within this time the same words are the same form."""

TOO_OLD = N_("This link has run out. Please call the service centre if you want to tell us something.")
