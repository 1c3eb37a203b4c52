"""The handover at each change of the person on duty (D7): written by the house, corrected by remarks, signed by both sides.

It is written some minutes before the change and read anew until the change or the first signature; then it stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

from flask_babel import gettext
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Forbidden, Invalid, Refused
from app.models import Community, DutyShift, Handover, Staff
from app.rules.codes import HandoverState, Role, Tier
from app.rules.roster import stretches
from app.services import duty_log
from app.services.actors import Actor
from app.services.handover_content import content
from app.services.local_time import local_zone
from app.services.names import named
from app.services.policies import minutes
from app.services.roster import shifts_between, staff_of
from app.services.staff_notices import tell
from app.services.ticket_input import clean_text

SIDES = ("going", "coming")
SIGNS_FOR_OTHERS = (Role.MANAGER, Role.DEPUTY)
REMARK_LIMIT = 2000
_LOOK_BACK = timedelta(hours=12)
_BEYOND = timedelta(days=32)
SYSTEM = Actor.system("handover")


@dataclass(frozen=True)
class Change:
    """A change of the person on duty: who goes and who comes, the hours of both."""

    at: datetime
    begins_at: datetime
    ends_at: datetime
    going: Staff
    coming: Staff


def changes(session: Session, community_id: int, start: datetime, end: datetime) -> list[Change]:
    """The changes on duty between two instants. After a gap the next one who comes takes over from the last who went."""
    wide = (start - _BEYOND, end + _BEYOND)
    post = (DutyShift.community_id == community_id, DutyShift.tier == Tier.ON_DUTY)
    held = [one for one in stretches(shifts_between(session, *wide, *post), *wide) if one.shifts]
    made = []
    begins_at = held[0].starts_at if held else start
    for one, other in pairwise(held):
        going, coming = one.shifts[0].staff, other.shifts[0].staff
        if going.id == coming.id:
            continue
        if start <= other.starts_at <= end:
            made.append(Change(other.starts_at, begins_at, other.ends_at, going, coming))
        begins_at = other.starts_at
    return made


def write_due(session: Session, community: Community, now: datetime) -> Mapping[str, int]:
    """Write the handovers whose change is near, read unsigned ones anew, void those the roster no longer has."""
    until = now + minutes(session, "handover.lead_minutes")
    known = {
        one.changes_at: one
        for one in session.scalars(
            select(Handover).where(
                Handover.community_id == community.id, Handover.changes_at >= now - _LOOK_BACK - timedelta(hours=1)
            )
        )
    }
    counts = {"made": 0, "void": 0}
    present = changes(session, community.id, now - _LOOK_BACK, until)
    for change in present:
        paper = known.pop(change.at, None)
        if paper is None:
            _write(session, community.id, change, now)
            counts["made"] += 1
        elif _is_untouched(paper):
            _read_anew(session, paper, change, now)
    for paper in known.values():
        if _is_untouched(paper) and paper.changes_at > now:
            paper.state = HandoverState.VOID
            _log(session, "handover_void", SYSTEM, paper, now)
            counts["void"] += 1
    return counts


def remark(session: Session, actor: Actor, paper: Handover, words: str, now: datetime) -> None:
    """Write one's own remark, as long as one has not signed. Raises Forbidden, Refused or Invalid."""
    side = side_of(actor, paper)
    if side is None:
        raise Forbidden(N_("Only the two people of the handover write on it."))
    _is_open(paper, side)
    setattr(paper, f"{side}_remark", clean_text(words, REMARK_LIMIT))
    _log(session, "handover_remark", actor, paper, now)


def sign(
    session: Session, actor: Actor, paper: Handover, now: datetime, *, words: str | None = None, side: str = ""
) -> None:
    """Sign one's side; a manager may sign for somebody who did so on paper, saying so in `words`.

    Raises Forbidden for anybody else, Refused when that side is signed or the handover is void, Invalid without words.
    """
    own = side_of(actor, paper)
    wanted = side or own
    if wanted not in SIDES:
        raise Forbidden(N_("Only the two people of the handover sign it."))
    by = actor.display_name
    if wanted != own:
        if not actor.has(*SIGNS_FOR_OTHERS):
            raise Forbidden(N_("Only the two people of the handover sign it."))
        reason = clean_text(words, REMARK_LIMIT)
        if not reason:
            raise Invalid(N_("Say why you sign for somebody else."))
        person = paper.going if wanted == "going" else paper.coming
        by = f"{actor.display_name} ({person.name})"
        words = f"{getattr(paper, f'{wanted}_remark')}\n{reason}".strip()
    _is_open(paper, wanted)
    if words is not None:
        setattr(paper, f"{wanted}_remark", clean_text(words, REMARK_LIMIT))
    setattr(paper, f"{wanted}_signed_at", now)
    setattr(paper, f"{wanted}_signed_by", by[:80])
    if paper.going_signed_at and paper.coming_signed_at:
        paper.state = HandoverState.SIGNED
    session.flush()
    _log(session, "handover_signed", actor, paper, now)


def tell_late(session: Session, now: datetime) -> int:
    """Tell the managers once of each handover that is still not signed by both. Returns how many handovers."""
    limit = now - minutes(session, "handover.unsigned_minutes")
    late = select(Handover).where(
        Handover.state == HandoverState.OPEN,
        Handover.changes_at <= limit,
        Handover.made_at <= limit,
        Handover.told_at.is_(None),
    )
    told = 0
    for paper in session.scalars(late.order_by(Handover.id)):
        unclaimed = (Handover.id == paper.id, Handover.told_at.is_(None))
        if not session.execute(update(Handover).where(*unclaimed).values(told_at=now)).rowcount:  # type: ignore[attr-defined]
            continue
        people = staff_of(session, paper.community_id, (Role.MANAGER, Role.DEPUTY))
        tell(session, people, paper.community_id, "handover", partial(_late_words, paper), now, f"{paper.id}")
        _log(session, "handover_late", SYSTEM, paper, now)
        told += 1
    return told


def to_sign(session: Session, actor: Actor, now: datetime, most: int = 6) -> list[Handover]:
    """The handovers that wait for the actor's own signature, the oldest first."""
    if actor.staff_id is None:
        return []
    mine = or_(
        and_(Handover.going_id == actor.staff_id, Handover.going_signed_at.is_(None)),
        and_(Handover.coming_id == actor.staff_id, Handover.coming_signed_at.is_(None)),
    )
    statement = select(Handover).where(mine, Handover.state == HandoverState.OPEN).order_by(Handover.changes_at)
    people = (joinedload(Handover.going), joinedload(Handover.coming), joinedload(Handover.community))
    return list(session.scalars(statement.options(*people).limit(most)))


def side_of(actor: Actor, paper: Handover) -> str | None:
    """`going`, `coming`, or None for anybody else."""
    if actor.staff_id is None:
        return None
    return {paper.going_id: "going", paper.coming_id: "coming"}.get(actor.staff_id)


def _is_untouched(paper: Handover) -> bool:
    return paper.state == HandoverState.OPEN and paper.going_signed_at is None and paper.coming_signed_at is None


def _is_open(paper: Handover, side: str) -> None:
    if paper.state != HandoverState.OPEN:
        raise Refused(N_("This handover is settled and does not change any more."))
    if getattr(paper, f"{side}_signed_at") is not None:
        raise Refused(N_("This side has been signed already."))


def _write(session: Session, community_id: int, change: Change, now: datetime) -> None:
    paper = Handover(
        community_id=community_id,
        begins_at=change.begins_at,
        changes_at=change.at,
        ends_at=change.ends_at,
        going_id=change.going.id,
        coming_id=change.coming.id,
        content=content(session, community_id, change.begins_at, change.at, change.ends_at),
        made_at=now,
        read_at=now,
    )
    session.add(paper)
    session.flush()
    _log(session, "handover_made", SYSTEM, paper, now)


def _read_anew(session: Session, paper: Handover, change: Change, now: datetime) -> None:
    """Until the change it says how things are now; people and hours follow the roster until somebody has signed."""
    facts = {
        "begins_at": change.begins_at,
        "ends_at": change.ends_at,
        "going_id": change.going.id,
        "coming_id": change.coming.id,
    }
    if now <= paper.changes_at:
        facts["content"] = content(session, paper.community_id, change.begins_at, change.at, change.ends_at)
    changed = {name: value for name, value in facts.items() if getattr(paper, name) != value}
    for name, value in changed.items():
        setattr(paper, name, value)
    if changed:
        paper.read_at = now


def _log(session: Session, verb: str, actor: Actor, paper: Handover, now: datetime) -> None:
    duty_log.note(
        session,
        verb,
        actor,
        now,
        community_id=paper.community_id,
        tier=Tier.ON_DUTY,
        staff_id=paper.going_id,
        other_id=paper.coming_id,
        data={"handover": paper.id},
    )


def _late_words(paper: Handover) -> str:
    missing = [
        person.name
        for person, signed in ((paper.going, paper.going_signed_at), (paper.coming, paper.coming_signed_at))
        if signed is None
    ]
    return gettext(
        "%(community)s: the handover of %(time)s is not signed yet by %(names)s.",
        community=named(paper.community),
        time=f"{paper.changes_at.astimezone(local_zone()):%m-%d %H:%M}",
        names=gettext(", ").join(missing),
    )
