"""What stands in where no clock rule speaks of a matter: there is always a first response and an end of the work (D4)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.rules.clock_policies import FALLBACKS, Policy
from app.rules.codes import ClockName
from app.services.policies import figures

FIRST_RESPONSE, WORK = "clocks.first_response_minutes", "clocks.done_hours"


def default_policies(session: Session) -> list[Policy]:
    """The default as rules that speak of everything, in the figures in force. One statement."""
    found = figures(session, FIRST_RESPONSE, WORK)
    minutes = {ClockName.FIRST_RESPONSE: found[FIRST_RESPONSE], ClockName.DONE: found[WORK] * 60}
    return [Policy(name, moment, minutes[ClockName(name)]) for name, moment in FALLBACKS]


def default_policy(session: Session, name: str, moment: str) -> Policy:
    """The default of one clock."""
    return next(one for one in default_policies(session) if (one.name, one.starts_when) == (name, moment))
