"""What the schedule does for reports: the draft of last month on the 1st, reminders until it is published."""

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import LinliError
from app.models import Community, Report
from app.services import policies
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.publication import build_draft, open_reports
from app.services.report_letters import remind_staff
from app.services.reporting.period import previous_month

log = logging.getLogger(__name__)


def build_due_drafts(session: Session, now: datetime) -> list[Report]:
    """The draft of the month before `now` for every community that has none yet. One that cannot be made is logged and
    stops no other; a later run makes up for what an outage left out."""
    month = previous_month(now, local_zone())
    reported = select(Report.community_id).where(Report.month == month)
    made = []
    for community in session.scalars(select(Community).where(Community.id.not_in(reported)).order_by(Community.id)):
        try:
            with session.begin_nested():
                made.append(build_draft(session, community, month, Actor.system("schedule"), now))
        except LinliError as error:
            log.warning("no report of %s for %s: %s", month, community.code, error)
        except Exception:
            log.exception("the report of %s for %s failed", month, community.code)
    return made


def remind(session: Session, now: datetime) -> int:
    """Daily reminders for every report on its way; from the day `report.remind_after_day` on the manager is told as well."""
    late_from = policies.figure(session, "report.remind_after_day")
    pressed = now.astimezone(local_zone()).day >= late_from
    return sum(remind_staff(session, report, now, pressed) for report in open_reports(session))
