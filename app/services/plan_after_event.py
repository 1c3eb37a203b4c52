"""After an emergency its report changes its plan (D7): the plans its tickets were worked by, and a new version made from one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Refused
from app.models import EmergencyPlan, PlanVersion, SpecialEvent, SpecialEventTicket, TicketPlan
from app.rules.codes import MemberState, SpecialKind
from app.services import plans
from app.services.access import rows
from app.services.actors import Actor


@dataclass(frozen=True)
class WorkedBy:
    """The version an emergency was worked by. `proposed`: the version that the event asked for; `busy`: what is on its way."""

    version: PlanVersion
    proposed: PlanVersion | None
    busy: PlanVersion | None
    may_propose: bool


def worked_by(session: Session, actor: Actor, event: SpecialEvent) -> list[WorkedBy]:
    """The plans opened with the event's tickets, as the actor may see them; of a collective matter none."""
    if event.kind != SpecialKind.EMERGENCY:
        return []
    of_ticket = TicketPlan.ticket_id.in_(_tickets(event))
    opened = select(func.max(TicketPlan.id)).where(of_ticket).group_by(TicketPlan.ticket_id)
    versions = select(TicketPlan.version_id).where(TicketPlan.id.in_(opened))
    wanted = (
        select(PlanVersion)
        .where(PlanVersion.id.in_(versions), rows(actor, PlanVersion))
        .options(joinedload(PlanVersion.plan))
        .order_by(PlanVersion.id)
    )
    return [_standing(actor, event, version) for version in session.scalars(wanted).unique()]


def propose(
    session: Session, actor: Actor, plan: EmergencyPlan, event: SpecialEvent, reason: str, now: datetime
) -> PlanVersion:
    """Begin a version of a plan with the event as its reason. Raises Refused for a plan the emergency was not worked by, and
    what `plans.draft_from` raises."""
    if plan.id not in {one.version.plan_id for one in worked_by(session, actor, event)}:
        raise Refused(N_("The emergency was not worked by this plan."))
    return plans.draft_from(session, actor, plan, now, event, reason)


def _tickets(event: SpecialEvent) -> Select[tuple[int]]:
    member = SpecialEventTicket
    return select(member.ticket_id).where(member.event_id == event.id, member.state == MemberState.LINKED)


def _standing(actor: Actor, event: SpecialEvent, version: PlanVersion) -> WorkedBy:
    plan = version.plan
    proposed = next((one for one in plan.versions if one.event_id == event.id), None)
    busy = plans.on_its_way(plan)
    may = plan.retired_at is None and plans.in_force(plan) is not None and plans.may_write(actor, plan.community_id)
    return WorkedBy(version, proposed, busy, may and busy is None)
