"""The weights of an appraisal (D16): what an administrator has set for a role from a month on, else the default."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import Appraisal, AppraisalPlan
from app.rules import appraisal as rules
from app.rules.appraisal import Weight
from app.rules.month_figures import RATE
from app.services.actors import Actor
from app.services.one_at_a_time import About, wait_for_turn
from app.services.reporting.period import month_key, shift


def in_force(session: Session, role: str, month: str) -> tuple[Weight, ...]:
    """The weights of a role for a month: the newest that had begun by its first day; empty where the role has none."""
    statement = select(AppraisalPlan).where(AppraisalPlan.role == role, AppraisalPlan.starts_on <= shift(month, 0))
    found = session.scalars(statement.order_by(AppraisalPlan.starts_on.desc()).limit(1)).one_or_none()
    return weights_of(found) if found else rules.DEFAULTS.get(role, ())


def weights_of(plan: AppraisalPlan) -> tuple[Weight, ...]:
    """The lines of a plan."""
    return tuple(
        Weight(one["figure"], one["scope"], one["weight"], Decimal(one["target"]), Decimal(one["floor"]))
        for one in plan.lines
    )


def listed(session: Session) -> list[AppraisalPlan]:
    """Every plan, by role, the newest first."""
    return list(session.scalars(select(AppraisalPlan).order_by(AppraisalPlan.role, AppraisalPlan.starts_on.desc())))


def last_set(session: Session, role: str, *, held: bool = False) -> AppraisalPlan | None:
    """The plan of a role that was set last, from whatever month on it holds; `held`: nobody else sets one until the
    transaction ends."""
    if held and role in rules.ROLES:
        wait_for_turn(session, About.WEIGHTS, [str(one) for one in rules.ROLES].index(role))
    found = select(AppraisalPlan).where(AppraisalPlan.role == role).order_by(AppraisalPlan.made_at.desc())
    return session.scalars(found.order_by(AppraisalPlan.id.desc()).limit(1)).one_or_none()


def set_plan(session: Session, actor: Actor, sent: Mapping[str, str], now: datetime) -> AppraisalPlan:
    """Put weights in force for a role from a month on. Raises Invalid; Refused where sheets were made by those weights."""
    role, month = sent.get("role", ""), sent.get("month", "")
    if role not in rules.ROLES:
        raise Invalid(N_("Choose the role the weights are for."))
    starts = _first(month)
    weights = read(sent)
    rules.check(weights)
    used = select(Appraisal.id).where(Appraisal.role == role, Appraisal.month >= month_key(starts)).limit(1)
    if session.scalar(used) is not None:
        raise Refused(N_("Appraisals of that month were drawn up already: let the new weights begin with a later one."))
    statement = select(AppraisalPlan).where(AppraisalPlan.role == role, AppraisalPlan.starts_on == starts)
    plan = session.scalars(statement.with_for_update()).one_or_none() or AppraisalPlan(role=role, starts_on=starts)
    plan.lines = [
        {
            "figure": one.figure,
            "scope": one.scope,
            "weight": one.weight,
            "target": str(one.target),
            "floor": str(one.floor),
        }
        for one in weights
    ]
    plan.made_at, plan.made_by = now, actor.display_name[:80]
    session.add(plan)
    session.flush()
    return plan


def read(sent: Mapping[str, str]) -> list[Weight]:
    """The lines of the form: `figure0`, `scope0`, `weight0`, `target0`, `floor0` …; percentages as people write them."""
    found = []
    for place in range(rules.MOST_LINES):
        figure = sent.get(f"figure{place}", "")
        if not figure:
            continue
        if figure not in rules.CODES:
            raise Invalid(N_("There is no such figure to weigh."))
        weight = _number(sent.get(f"weight{place}", ""))
        if weight != weight.to_integral_value():
            raise Invalid(N_("A weight is a whole number from 1 to 100."))
        whole = Decimal(100) if rules.unit_of(figure) == RATE else Decimal(1)
        target, floor = (_number(sent.get(f"{name}{place}", "")) / whole for name in ("target", "floor"))
        found.append(Weight(figure, sent.get(f"scope{place}", rules.OWN), int(weight), target, floor))
    return found


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or (not -1 <= value.adjusted() + 1 <= 6 and value):
        raise Invalid(N_("Weights and values are numbers."))
    return value


def _first(month: str) -> date:
    try:
        found = date.fromisoformat(f"{month}-01")
    except ValueError:
        found = None
    if found is None or len(month) != 7 or not 2000 <= found.year < 2200:
        raise Invalid(N_("A month is written as YYYY-MM, for example 2026-10."))
    return found


def as_sent(weights: tuple[Weight, ...]) -> dict[str, Any]:
    """Weights as the form shows them."""
    shown: dict[str, Any] = {}
    for place, one in enumerate(weights):
        whole = 100 if rules.unit_of(one.figure) == RATE else 1
        shown |= {
            f"figure{place}": one.figure,
            f"scope{place}": one.scope,
            f"weight{place}": one.weight,
            f"target{place}": f"{(one.target * whole).normalize():f}",
            f"floor{place}": f"{(one.floor * whole).normalize():f}",
        }
    return shown
