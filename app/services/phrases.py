"""Stock phrases for the forms of a ticket's steps."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Phrase
from app.rules.codes import PhraseUse

MOST_OFFERED = 12


def phrases(session: Session, use: PhraseUse) -> Sequence[Phrase]:
    """The texts in use for a step, in the administrator's order: one statement."""
    wanted = select(Phrase).where(Phrase.use == use, Phrase.active).order_by(Phrase.position, Phrase.id)
    return session.scalars(wanted.limit(MOST_OFFERED)).all()
