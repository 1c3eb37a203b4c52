"""What stands beside the tickets on a first page: reports, roster, money, the steward's buildings, the health of the house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Community, Report
from app.rules.codes import Role
from app.rules.month_figures import Tally, Value, value_of
from app.services import (
    billing,
    check_in_lists,
    complaint_months_due,
    handovers,
    letters,
    month_tallies,
    outage_watch,
    special_view,
    surveys,
    swaps,
    visit_checks,
    workbench,
    workbench_figures,
)
from app.services.access import rows
from app.services.actors import Actor
from app.services.drill_lists import EVERY
from app.services.policies import figures
from app.services.reporting.period import month_of
from app.views.base.local import local, zone
from app.views.figure_words import shown
from app.views.permitted import may
from app.views.survey_words import WORDS

LEADING = (Role.MANAGER, Role.DEPUTY)
DESK = (*LEADING, Role.SUPERVISOR, Role.ASSISTANT)
COMPARING = (*LEADING, Role.QUALITY)
SPECIAL = (*DESK, Role.STEWARD, Role.QUALITY)
MOST_EVENTS = 4
COLLECTING = (Role.STEWARD, Role.FINANCE)
DUTY = (*DESK, Role.STEWARD, Role.TECHNICIAN)

MOST_UNHEARD = 5
_DAYS_AHEAD, _REPORT_DAY, _ASK_HOURS = "roster.look_ahead_days", "report.remind_after_day", "outage.ask_hours"


@dataclass(frozen=True)
class DueReport:
    """A report that is not published, and by which day it should be."""

    report: Report
    due_on: date
    late: bool


@dataclass(frozen=True)
class CommunityMonth:
    """One community's month so far beside the one before."""

    community: Community
    now: Tally
    before: Tally

    def value(self, code: str) -> Value:
        """A figure of this month so far."""
        return value_of(code, self.now)


def figures_of(session: Session, role: str) -> Mapping[str, int]:
    """The figures that the page of this role needs, in one statement."""
    return figures(session, _DAYS_AHEAD, _REPORT_DAY, _ASK_HOURS, EVERY) if role in DESK else {}


def beside(session: Session, actor: Actor, role: str, at: datetime, known: Mapping[str, int]) -> dict[str, Any]:
    """The parts of this role, at most seven statements; `known`: what `figures_of` says."""
    shown: dict[str, Any] = {}
    if role in check_in_lists.SENT and may("can_unheard", "WorkLists"):
        shown["unheard_count"], shown["unheard"] = check_in_lists.tasks(session, actor, most=MOST_UNHEARD)
    day = local(at).date()
    if actor.staff_id is not None and role in DUTY:
        shown["to_sign"] = handovers.to_sign(session, actor, at)
        shown["swaps"] = swaps.waiting_for(session, actor, at)
    shown |= _waiting(session, actor, role, at, known)
    if role in (*LEADING, Role.SUPERVISOR):
        shown["reports"] = _reports(session, actor, day, known[_REPORT_DAY])
    if role in LEADING:
        shown["holes"] = workbench_figures.roster_holes(session, actor, at, known[_DAYS_AHEAD])
    if role == Role.ASSISTANT:
        shown["on_duty"] = workbench_figures.on_duty(session, actor, at)
    if role in (Role.ASSISTANT, Role.SUPERVISOR):
        shown["failed"] = workbench_figures.count_failed(session, actor, at)
    shown.update(_opinions(session, actor, role))
    if role == Role.STEWARD:
        shown["buildings"] = workbench.buildings(session, actor, at)
    if role in COMPARING:
        shown.update(_months(session, actor, day))
    if role in COLLECTING:
        shown.update(_money(session, actor, role, day))
    if role == Role.ADMIN:
        shown["health"] = workbench_figures.health(session)
    return shown


def _money(session: Session, actor: Actor, role: str, day: date) -> dict[str, Any]:
    shown: dict[str, Any] = {"letters": letters.waiting_by_community(session, actor)}
    if role == Role.FINANCE:
        shown["periods"] = workbench_figures.bill_months(session, actor)
        shown["runs_under_way"] = billing.under_way(session, actor)
        shown["owed"] = workbench_figures.owed(session, actor, day)
    return shown


def _waiting(session: Session, actor: Actor, role: str, at: datetime, known: Mapping[str, int]) -> dict[str, Any]:
    """What waits besides tickets: outages that should be over, special events to be decided on or worked off."""
    shown: dict[str, Any] = {}
    if role in DESK:
        shown["overdue_outages"] = outage_watch.shown(session, actor, at, timedelta(hours=known[_ASK_HOURS]))
    if role in (Role.ASSISTANT, Role.SUPERVISOR):
        shown["complaint_months"] = complaint_months_due.waiting(session, actor, role, at)
    if role == Role.QUALITY:
        shown["complaint_months_received"] = complaint_months_due.received(session, actor, at)
    if role in SPECIAL:
        shown["special"] = special_view.owed(session, actor, MOST_EVENTS)
    return shown


def _opinions(session: Session, actor: Actor, role: str) -> dict[str, Any]:
    """Visits to be checked, and the surveys that are open."""
    if role in (Role.SUPERVISOR, Role.QUALITY):
        return {"checks": visit_checks.count_open(session, actor)}
    if role in (Role.STEWARD, Role.MANAGER):
        return {"surveys": list(surveys.waiting(session, actor)), **WORDS}
    return {}


def _reports(session: Session, actor: Actor, day: date, by_day: int) -> list[DueReport]:
    found = []
    for report in workbench_figures.waiting_reports(session, actor):
        after = (date.fromisoformat(f"{report.month}-01") + timedelta(days=32)).replace(day=by_day)
        found.append(DueReport(report, after, day > after))
    return found


def _months(session: Session, actor: Actor, day: date) -> dict[str, Any]:
    spans = [month_of(f"{first:%Y-%m}", zone()) for first in workbench_figures.month_bounds(day)]
    found = month_tallies.tallies(session, actor, spans, by="community", parts=month_tallies.WORK)
    communities = session.scalars(select(Community).where(rows(actor, Community)).order_by(Community.id))
    return {
        "months": [CommunityMonth(one, *found.get(one.id, [Tally(), Tally()])) for one in communities],
        "this_month": spans[0].key,
        "last_month": spans[1].key,
        "shown": shown,
    }
