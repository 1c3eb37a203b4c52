"""What is wrong with the rosters of the coming days, found every hour and told to the managers once (D7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from flask_babel import gettext, ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import Community, DutyShift, RosterFinding
from app.rules.codes import Role, RosterTrouble, Tier
from app.rules.roster import doubles, gaps
from app.services.local_time import local_zone
from app.services.names import named
from app.services.policies import figure
from app.services.roster import shifts_between, staff_of, still_with_us
from app.services.staff_notices import tell

TIER_LABELS = {Tier.ON_DUTY: N_("on duty"), Tier.BACKUP: N_("backup"), Tier.MANAGER: N_("duty manager")}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `names` are of those booked twice; `elsewhere` says that another community is concerned."""

    community_id: int
    trouble: RosterTrouble
    tiers: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    names: tuple[str, ...] = ()
    elsewhere: bool = False
    key: str = ""


def findings(
    session: Session, start: datetime, end: datetime, community_ids: Sequence[int] | None = None
) -> list[Finding]:
    """Gaps and double bookings between two instants, in the order of their beginning. None: of every community."""
    shifts = shifts_between(session, start, end, still_with_us())
    if community_ids is None:
        community_ids = list(session.scalars(select(Community.id).order_by(Community.id)))
    found = [*_gaps(session, shifts, community_ids, start, end), *_doubles(shifts, community_ids, start, end)]
    return sorted(found, key=lambda one: (one.starts_at, one.community_id, one.trouble, one.tiers))


def tell_of_troubles(session: Session, now: datetime) -> Mapping[str, int]:
    """Find what is wrong in the coming days (7 by default) and tell each community's managers of what is new."""
    until = now + timedelta(days=figure(session, "roster.look_ahead_days"))
    found = findings(session, now, until)
    present = {(one.community_id, one.key) for one in found}
    for row in session.scalars(select(RosterFinding)).all():
        if (row.community_id, row.key) not in present:
            session.delete(row)
    session.flush()
    told = 0
    for community_id in dict.fromkeys(one.community_id for one in found):
        new = [one for one in found if one.community_id == community_id and _is_new(session, one, now)]
        if new:
            told += _tell(session, community_id, new, now)
    return {
        "gaps": sum(one.trouble == RosterTrouble.NOBODY for one in found),
        "doubles": sum(one.trouble != RosterTrouble.NOBODY for one in found),
        "told": told,
    }


def _is_new(session: Session, one: Finding, now: datetime) -> bool:
    """Whether nobody was told yet. Two lookers at once tell once."""
    known = select(RosterFinding.id).where(RosterFinding.community_id == one.community_id, RosterFinding.key == one.key)
    if session.scalar(known) is not None:
        return False
    session.add(RosterFinding(community_id=one.community_id, key=one.key, trouble=one.trouble, found_at=now))
    session.flush()
    return True


def _gaps(
    session: Session, shifts: Sequence[DutyShift], community_ids: Sequence[int], start: datetime, end: datetime
) -> list[Finding]:
    found = []
    for community_id in community_ids:
        for tier in Tier:
            mine = [shift for shift in shifts if shift.community_id == community_id and shift.tier == tier]
            for gap in gaps([(shift.starts_at, shift.ends_at) for shift in mine], start, end):
                since: datetime | None = gap.starts_at
                if since == start:
                    since = _left_at(session, community_id, tier, start)
                key = f"{RosterTrouble.NOBODY}:{tier}:{since:%Y%m%d%H%M}" if since else f"{RosterTrouble.NOBODY}:{tier}"
                found.append(Finding(community_id, RosterTrouble.NOBODY, (tier,), gap.starts_at, gap.ends_at, key=key))
    return found


def _left_at(session: Session, community_id: int, tier: str, now: datetime) -> datetime | None:
    """When a gap that runs already began: an hour later it is the same gap."""
    mine = (DutyShift.community_id == community_id, DutyShift.tier == tier, DutyShift.ends_at <= now, still_with_us())
    return session.scalar(select(func.max(DutyShift.ends_at)).where(*mine))


def _doubles(
    shifts: Sequence[DutyShift], community_ids: Sequence[int], start: datetime, end: datetime
) -> list[Finding]:
    names = {shift.staff_id: shift.staff.name for shift in shifts}
    wanted, found = set(community_ids), []
    for double in doubles(shifts, start, end):
        places = {community for community, _tier in double.posts}
        for community_id in sorted(places & wanted):
            tiers = tuple(tier for community, tier in double.posts if community == community_id)
            # The hours of a double booking that runs already grow shorter: it goes by who, and since when both are there.
            since = max(
                shift.starts_at
                for shift in shifts
                if shift.staff_id in double.staff_ids and shift.starts_at <= double.starts_at < shift.ends_at
            )
            who = "-".join(str(one) for one in double.staff_ids)
            key = f"{double.trouble}:{'-'.join(tiers)}:{who}:{since:%Y%m%d%H%M}"
            people = tuple(names[one] for one in double.staff_ids)
            elsewhere = len(places) > 1
            span = (double.starts_at, double.ends_at)
            found.append(Finding(community_id, double.trouble, tiers, *span, people, elsewhere, key[:120]))
    return found


# ---- telling ---------------------------------------------------------------------------------------------------------


def _tell(session: Session, community_id: int, new: Sequence[Finding], now: datetime) -> int:
    """One message to each manager of the community. Returns how many."""
    words = partial(message_words, session.get_one(Community, community_id), new)
    people = staff_of(session, community_id, (Role.MANAGER, Role.DEPUTY))
    return tell(session, people, community_id, "roster_gap", words, now, f"{now:%Y%m%d%H%M%S}")


def message_words(community: Community, new: Sequence[Finding]) -> str:
    """What the managers read: how much is wrong, and the first of it."""
    first = min(new, key=lambda one: one.starts_at)
    return ngettext(
        "%(community)s: %(num)d problem on the duty roster, from %(start)s: %(first)s.",
        "%(community)s: %(num)d problems on the duty roster, the first from %(start)s: %(first)s.",
        len(new),
        community=named(community),
        first=finding_words(first),
        start=f"{first.starts_at.astimezone(local_zone()):%m-%d %H:%M}",
    )


def finding_words(one: Finding) -> str:
    """What is wrong, in the reader's language."""
    tiers = gettext(", ").join(gettext(TIER_LABELS[Tier(tier)]) for tier in one.tiers)
    match one.trouble:
        case RosterTrouble.NOBODY:
            return gettext("nobody (%(tier)s)", tier=tiers)
        case RosterTrouble.SAME_DUTY:
            return gettext("%(names)s at the same time (%(tier)s)", names=gettext(", ").join(one.names), tier=tiers)
    if one.elsewhere:
        return gettext("%(names)s also on duty in another community (%(tier)s)", names=one.names[0], tier=tiers)
    return gettext("%(names)s twice at the same time (%(tier)s)", names=one.names[0], tier=tiers)
