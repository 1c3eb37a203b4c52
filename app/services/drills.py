"""Drills of the emergency plans (D7): planned, moved, called off, told to those who take part. Never commits.

How one went: `drill_record`; lists and what is due: `drill_lists`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.errors import N_, Forbidden, Invalid, NotFound, Refused
from app.models import Community, DrillEntry, DrillMember, EmergencyPlan, PlanDrill, PlanVersion, Staff, StaffCommunity
from app.models.base import BIGGEST_ID
from app.rules import drills as rules
from app.rules.codes import DrillState, MessagePurpose, PlanState
from app.services.access import rows
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.names import is_english
from app.services.plan_input import Raw
from app.services.staff_notices import tell
from app.services.ticket_input import NOTE_LIMIT, SHORT_LIMIT, clean_text, future_instant, row_id

PLACE_LIMIT = 120
GONE = N_("There is no such drill.")
CHANGED = N_(
    "Somebody else has changed this drill meanwhile: what you wrote is still here. Open it beside, compare, and save again."
)
_PLANNERS = N_("Drills are planned by those who write the emergency plans: the supervisor and the manager.")


def find(session: Session, actor: Actor, drill_id: int, *, whole: bool = False) -> PlanDrill | None:
    """The drill of this id, if it is the actor's to see; `whole` with everything its page shows."""
    if not 0 < drill_id <= BIGGEST_ID:
        return None
    wanted = select(PlanDrill).where(PlanDrill.id == drill_id, rows(actor, PlanDrill))
    if whole:
        wanted = wanted.options(
            joinedload(PlanDrill.version).joinedload(PlanVersion.plan),
            joinedload(PlanDrill.community),
            joinedload(PlanDrill.leader),
            selectinload(PlanDrill.members).joinedload(DrillMember.staff),
            selectinload(PlanDrill.entries),
            selectinload(PlanDrill.photos),
        )
    return session.scalars(wanted).first()


def hold(session: Session, actor: Actor, drill_id: int, seen: object = None) -> PlanDrill:
    """The drill, held for a change; `seen`: which revision the form showed. Raises NotFound, and Refused when it changed since."""
    drill = find(session, actor, drill_id)
    if drill is None:
        raise NotFound(GONE)
    session.refresh(drill, with_for_update={"of": PlanDrill})
    if seen not in (None, "") and row_id(seen) != drill.revision:
        raise Refused(CHANGED)
    return drill


def plannable(session: Session, community_id: int) -> list[PlanVersion]:
    """The plans in force that a community may drill."""
    wanted = (
        select(PlanVersion)
        .join(PlanVersion.plan)
        .where(
            PlanVersion.state == PlanState.IN_FORCE,
            EmergencyPlan.retired_at.is_(None),
            EmergencyPlan.community_id.is_(None) | (EmergencyPlan.community_id == community_id),
        )
        .options(joinedload(PlanVersion.plan))
        .order_by(EmergencyPlan.community_id.is_(None), PlanVersion.plan_id)
    )
    return list(session.scalars(wanted))


def plan(session: Session, actor: Actor, sent: Raw, now: datetime) -> PlanDrill:
    """Plan a drill and tell whoever takes part. Raises Forbidden, Invalid."""
    if not rules.may_plan(actor.roles):
        raise Forbidden(_PLANNERS)
    community = session.scalars(
        select(Community).where(Community.id == row_id(one_of(sent, "community_id")), rows(actor, Community))
    ).first()
    if community is None:
        raise Invalid(N_("There is no such community."))
    drill = PlanDrill(community=community, state=DrillState.PLANNED, steps={}, planned_at=now)
    drill.planned_by = actor.display_name[:80]
    drill.version = _version(session, community.id, row_id(one_of(sent, "plan_id")))
    drill.plan_id = drill.version.plan_id
    _read(session, drill, sent, now)
    session.add(drill)
    session.flush()
    note(session, drill, "plan", actor, now, data=_facts(drill))
    _tell(session, drill, [*_people(drill).values()], now)
    return drill


def change(session: Session, actor: Actor, drill: PlanDrill, sent: Raw, now: datetime) -> None:
    """Another hour, place, leader or other people: everybody concerned is told. The caller holds the drill."""
    if not rules.may_plan(actor.roles):
        raise Forbidden(_PLANNERS)
    rules.check_open(drill.state)
    if drill.began_at is not None:
        raise Refused(N_("The drill goes on already: record how it went."))
    before, people = _facts(drill), _people(drill)
    _read(session, drill, sent, now)
    session.flush()
    after = _facts(drill)
    if before == after:
        return
    note(session, drill, "change", actor, now, data={"before": before, "after": after})
    _tell(session, drill, [*_people(drill).values()], now)
    gone = [person for key, person in people.items() if key not in _people(drill)]
    _tell(session, drill, gone, now, words=_off_words)


def cancel(session: Session, actor: Actor, drill: PlanDrill, why: object, now: datetime) -> None:
    """Call it off with the reason; whoever takes part is told. The caller holds the drill."""
    if not rules.may_plan(actor.roles):
        raise Forbidden(_PLANNERS)
    rules.check_open(drill.state)
    reason = clean_text(why, SHORT_LIMIT)
    if not reason:
        raise Invalid(N_("Say why the drill is called off."))
    drill.state = DrillState.CANCELLED
    session.flush()
    note(session, drill, "cancel", actor, now, reason)
    _tell(session, drill, [*_people(drill).values()], now, words=_off_words)


def note(
    session: Session, drill: PlanDrill, verb: str, actor: Actor, now: datetime, words: str = "", data: Any = None
) -> None:
    """A line of the drill's history."""
    session.add(
        DrillEntry(
            drill_id=drill.id, verb=verb, at=now, actor_name=actor.display_name[:80], note=words, data=data or {}
        )
    )
    session.flush()


def one_of(sent: Raw, name: str) -> str:
    """A field of the form that has one value."""
    return (sent.get(name) or [""])[0]


def team(session: Session, community_id: int, wanted: Iterable[int | None]) -> list[Staff]:
    """These people, all of them active in the community. Raises Invalid for one who is not."""
    ids = {one for one in wanted if one is not None}
    here = select(StaffCommunity.staff_id).where(StaffCommunity.community_id == community_id)
    found = list(session.scalars(select(Staff).where(Staff.id.in_(ids), Staff.id.in_(here), Staff.active)))
    if len(found) != len(ids):
        raise Invalid(N_("Choose people who work in this community."))
    return sorted(found, key=lambda person: person.id)


# ---- inside ----------------------------------------------------------------------------------------------------------
def _version(session: Session, community_id: int, plan_id: int | None) -> PlanVersion:
    found = next((one for one in plannable(session, community_id) if one.plan_id == plan_id), None)
    if found is None:
        raise Invalid(N_("Choose a plan that is in force in this community."))
    return found


def _read(session: Session, drill: PlanDrill, sent: Raw, now: datetime) -> None:
    starts_at = future_instant(one_of(sent, "starts_at"), now, local_zone())
    if starts_at is None:
        raise Invalid(N_("Say when the drill begins."))
    leader_id = row_id(one_of(sent, "leader_id"))
    if leader_id is None:
        raise Invalid(N_("Say who leads the drill."))
    members = {found for value in sent.get("members") or [] if (found := row_id(value)) is not None} - {leader_id}
    if len(members) > rules.MOST_MEMBERS:
        raise Invalid(N_("At most %(most)s people of the staff take part."), most=rules.MOST_MEMBERS)
    others = clean_text(one_of(sent, "others"), SHORT_LIMIT, lines=False)
    if not members and not others:
        raise Invalid(N_("Say who takes part besides the leader."))
    people = {one.id: one for one in team(session, drill.community.id, {leader_id, *members})}
    drill.starts_at, drill.leader, drill.others = starts_at, people[leader_id], others
    drill.place = clean_text(one_of(sent, "place"), PLACE_LIMIT, lines=False)
    drill.aim = clean_text(one_of(sent, "aim"), NOTE_LIMIT)
    known = {one.staff_id: one for one in drill.members}
    drill.members = [known.get(one) or DrillMember(staff=people[one]) for one in sorted(members)]


def _people(drill: PlanDrill) -> dict[int, Staff]:
    """Everybody of the staff who takes part, the leader first."""
    return {drill.leader.id: drill.leader} | {one.staff.id: one.staff for one in drill.members}


def _facts(drill: PlanDrill) -> dict[str, Any]:
    """What the history keeps of a plan."""
    return {
        "starts_at": drill.starts_at.isoformat(),
        "place": drill.place,
        "leader": drill.leader.name,
        "members": [one.staff.name for one in drill.members],
        "others": drill.others,
        "aim": drill.aim,
    }


def _tell(
    session: Session,
    drill: PlanDrill,
    people: list[Staff],
    now: datetime,
    words: Callable[[PlanDrill], str] | None = None,
) -> None:
    mark = f"{drill.id}:{now.isoformat()}"
    tell(session, people, drill.community.id, MessagePurpose.DRILL, partial(words or _words, drill), now, mark)


def _when(drill: PlanDrill) -> str:
    return f"{drill.starts_at.astimezone(local_zone()):%Y-%m-%d %H:%M}"


def name(version: PlanVersion) -> str:
    """What the plan is called in the present language."""
    content = version.content
    return str((content["name_en"] if is_english() else "") or content["name"])


def _words(drill: PlanDrill) -> str:
    return gettext(
        "Drill of the plan %(plan)s on %(when)s, led by %(leader)s. %(place)s You take part.",
        plan=name(drill.version),
        when=_when(drill),
        leader=drill.leader.name,
        place=gettext("Where: %(place)s.", place=drill.place) if drill.place else "",
    ).replace("  ", " ")


def _off_words(drill: PlanDrill) -> str:
    if drill.state == DrillState.CANCELLED:
        return gettext(
            "The drill of the plan %(plan)s on %(when)s is called off.", plan=name(drill.version), when=_when(drill)
        )
    return gettext(
        "You do not take part any more in the drill of the plan %(plan)s on %(when)s.",
        plan=name(drill.version),
        when=_when(drill),
    )
