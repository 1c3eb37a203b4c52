"""Who would be reminded at this moment, whom something holds up, and why the others are not: the same answer that the run uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.models import CampaignTarget, Community
from app.rules import outbound as rules
from app.rules.codes import Outreach
from app.rules.reminders import Step
from app.services import reminders
from app.services.local_time import local_zone
from app.services.outbound_texts import CAPPED
from app.services.policies import figures
from app.services.reminders import Outcome

NOW = "now"
"""Stands in addresses for those who are reminded at this moment."""


@dataclass(frozen=True)
class Preview:
    """Everybody in arrears. `goes_out_at` is when calls and texts planned now leave; `tomorrow` the people who have had their
    share of this day."""

    steps: tuple[Step, ...]
    outcomes: list[Outcome]
    goes_out_at: datetime
    tomorrow: frozenset[int]

    @property
    def ways(self) -> Counter[str]:
        """How many reminders would be made now, by way."""
        return Counter(str(planned.step.way) for found in self.outcomes for planned in found.planned)

    @property
    def whys(self) -> Counter[str]:
        """How many are not reminded, by why."""
        return Counter(str(found.decision.why) for found in self.outcomes if not found.planned)

    def chosen(self, what: str) -> list[Outcome]:
        """Those of a way or a why; all of them for nothing chosen."""
        if not what:
            return self.outcomes
        return [found for found in self.outcomes if what in _of(found)]


def preview(session: Session, community: Community, now: datetime, visible: ColumnElement[bool]) -> Preview:
    """What the run would do in a community, of the houses that `visible` leaves."""
    figure = figures(session, *reminders.ROUND_FIGURES, "outbound.from_hour", "outbound.until_hour", "outbound.per_day")
    this = reminders.round_of(session, community, now, figure)
    found = reminders.of_round(session, this, visible)
    hours = (figure["outbound.from_hour"], figure["outbound.until_hour"])
    goes_out_at = rules.earliest(Outreach.REMINDER, now, local_zone(), *hours)
    return Preview(this.steps, found, goes_out_at, _had_enough(session, found, figure["outbound.per_day"], now))


def _of(found: Outcome) -> set[str]:
    if not found.planned:
        return {str(found.decision.why)}
    return {NOW, *(str(planned.step.way) for planned in found.planned)}


def _had_enough(session: Session, found: Sequence[Outcome], per_day: int, now: datetime) -> frozenset[int]:
    """The people whose share of this day's automatic calls and texts is used up. One statement."""
    lines = {planned.line for one in found for planned in one.planned if planned.line and planned.line.number}
    if not lines:
        return frozenset()
    had = session.execute(
        select(CampaignTarget.campaign_id, CampaignTarget.person_id, CampaignTarget.number).where(
            CampaignTarget.dialled_at >= rules.day_start(now, local_zone()),
            CampaignTarget.purpose.in_(CAPPED),
            or_(
                CampaignTarget.person_id.in_({line.person_id for line in lines}),
                CampaignTarget.number.in_({line.number for line in lines}),
            ),
        )
    ).all()
    full = set()
    for line in lines:
        mine = {campaign for campaign, person, number in had if person == line.person_id or number == line.number}
        if len(mine) >= per_day and line.person_id is not None:
            full.add(line.person_id)
    return frozenset(full)
