"""The record of check-in calls (D13): what was done about an entry of the register, or about one call, in the reader's words."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import CheckIn, CheckInPlan, CheckInStep
from app.rules.call_flow.words import Line, Param
from app.rules.check_ins import Booked
from app.rules.codes import TargetState
from app.services.actors import Actor
from app.services.spoken_lines import keep, write
from app.services.tickets import SENTENCE

HOUSE = Actor.system("check_in")

RESULTS: dict[str, str] = {
    TargetState.NO_ANSWER: N_("nobody answered"),
    TargetState.BUSY: N_("the line was busy"),
    TargetState.MACHINE: N_("an answering machine took it"),
    TargetState.UNCLEAR: N_("it was taken, but no key said that all is well"),
    TargetState.REACHED: N_("it was taken, but no key said that all is well"),
    TargetState.FAILED: N_("the call could not be put through"),
    TargetState.IMPOSSIBLE: N_("the call could not be put through"),
    TargetState.EXPIRED: N_("it could not be called in time"),
    TargetState.CANCELLED: N_("the call was called off"),
    TargetState.UNKNOWN: N_("nothing was heard of the call"),
}
"""What a try came to, within a sentence."""


def note(
    session: Session,
    plan: CheckInPlan,
    verb: str,
    actor: Actor,
    now: datetime,
    msgid: str = "",
    *,
    check_in: CheckIn | None = None,
    words: str = "",
    data: dict[str, Any] | None = None,
    **params: Param,
) -> CheckInStep:
    """Append a step: a sentence of the house (`msgid` with its params), or somebody's own `words`."""
    kept = dict(data or {})
    if msgid:
        said = Line(msgid, params)
        kept[SENTENCE], words = keep(said), write(said)
    step = CheckInStep(
        plan_id=plan.id,
        check_in_id=check_in.id if check_in else None,
        at=now,
        verb=verb,
        actor_id=actor.user_id,
        actor_name=(actor.display_name or actor.username)[:80],
        note=words,
        data=kept,
    )
    session.add(step)
    session.flush()
    return step


def steps_of(session: Session, check_in: CheckIn) -> list[CheckInStep]:
    """One call's steps, in their order."""
    found = select(CheckInStep).where(CheckInStep.check_in_id == check_in.id)
    return list(session.scalars(found.order_by(CheckInStep.at, CheckInStep.id)))


def register_steps(session: Session, plan: CheckInPlan, most: int = 20) -> list[CheckInStep]:
    """What was done to an entry of the register itself, the latest first."""
    found = select(CheckInStep).where(CheckInStep.plan_id == plan.id, CheckInStep.check_in_id.is_(None))
    return list(session.scalars(found.order_by(CheckInStep.at.desc(), CheckInStep.id.desc()).limit(most)))


def booked(plan: CheckInPlan) -> Booked:
    """What the rules ask of an entry."""
    times = tuple(time.fromisoformat(part) for part in plan.times.split(","))
    return Booked(plan.weekdays, times, plan.paused_from, plan.paused_until)
