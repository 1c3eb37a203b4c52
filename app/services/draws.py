"""The month's sample (D8): each member gets the next place of its community's round, and the place says whether it is taken.

The seed of a round is the installation's secret for this community and month: nobody on the staff can tell beforehand who
will be asked after; afterwards it is shown, and whoever has it can recount the draw (`rules.sampling`).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models import Draw, DrawRound
from app.rules.codes import DrawKind
from app.rules.sampling import is_taken
from app.services.call_store import insert_once
from app.services.keyed import digest
from app.services.local_time import local_zone

SEED_LENGTH = 32


def draw(
    session: Session,
    kind: DrawKind,
    community_id: int,
    percent: int,
    now: datetime,
    *,
    ticket_id: int,
    turn: int = 0,
    visit_id: int | None = None,
) -> bool:
    """Whether this member is taken; asked again for the same one, the same answer. Of 0 percent nobody is, without a round.

    `turn` is how often the ticket had been reopened: each finishing is a member of its own.
    """
    if percent == 0:
        return False
    same = (
        select(Draw.taken)
        .join(DrawRound)
        .where(DrawRound.kind == kind, Draw.ticket_id == ticket_id, Draw.turn == turn)
        .where(Draw.visit_id == visit_id if visit_id is not None else Draw.visit_id.is_(None))
    )
    known = session.scalar(same)
    if known is not None:
        return known
    month = now.astimezone(local_zone()).date().replace(day=1)
    round_id, seed, place = _next_place(session, kind, community_id, month, percent)
    taken = is_taken(seed, place, percent)
    session.add(
        Draw(round_id=round_id, place=place, ticket_id=ticket_id, turn=turn, visit_id=visit_id, taken=taken, at=now)
    )
    session.flush()
    return taken


def rounds_of(session: Session, community_id: int, month: date) -> list[DrawRound]:
    """The rounds of a community's month, those of visits first."""
    found = select(DrawRound).where(DrawRound.community_id == community_id, DrawRound.month == month)
    return list(session.scalars(found.order_by(DrawRound.kind.desc(), DrawRound.id)))


def members_of(session: Session, round_id: int) -> list[Draw]:
    """The members of a round in the order of their places."""
    return list(session.scalars(select(Draw).where(Draw.round_id == round_id).order_by(Draw.place)))


def seed_for(kind: DrawKind, community_id: int, month: date) -> str:
    """The seed of a month: the same after a restore, another for every installation."""
    return digest("draw", f"{kind}:{community_id}:{month:%Y-%m}")[:SEED_LENGTH]


def _next_place(session: Session, kind: DrawKind, community_id: int, month: date, percent: int) -> tuple[int, str, int]:
    """One counted up by the database itself: two at once get two places."""
    key = f"{kind}:{community_id}:{month:%Y-%m}:{percent}"
    values = {
        "key": key,
        "kind": str(kind),
        "community_id": community_id,
        "month": month,
        "percent": percent,
        "seed": seed_for(kind, community_id, month),
        "members": 0,
    }
    insert_once(session, DrawRound.__table__, values, "key")
    counted = (
        update(DrawRound)
        .where(DrawRound.key == key)
        .values(members=DrawRound.members + 1)
        .returning(DrawRound.id, DrawRound.seed, DrawRound.members)
        .execution_options(synchronize_session=False)
    )
    row = session.execute(counted).one()
    return row.id, row.seed, row.members - 1
