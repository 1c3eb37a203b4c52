"""The clock rules of D4 as seed rows, with the exact figures of the domain and the † defaults of I8.

An administrator changes the rows in the database; this table is only what a new company starts with. What D4 names
without a figure is not a clock: "emergency, on-duty person on the phone, at once" is the ladder of D7, and the mean of
1.5 hours for a repair is a figure of the report (I8), not a deadline.
"""

from __future__ import annotations

from app.rules.clock_policies import CHANGED, DONE, FOUND, REGISTERED, REOPENED, Policy
from app.rules.codes import Channel, ClockName, Grade, Kind, Priority, Validity

HOUR = 60
DAY = 24 * HOUR

DONE_MINUTES = {
    Priority.EMERGENCY: 2 * HOUR,
    Priority.URGENT: 4 * HOUR,
    Priority.NORMAL: 24 * HOUR,
    Priority.LOW: 72 * HOUR,
}
"""I8 †: the time to finish, by urgency."""

CLOCK_POLICIES: tuple[Policy, ...] = (
    # consultation arrives, any channel († any contact): first response, state shown
    Policy(ClockName.FIRST_RESPONSE, REGISTERED, 30),
    # † any complaint registered: the handler has contacted the household and agreed a reply time
    Policy(ClockName.CONTACT, REGISTERED, 2 * HOUR, kind=Kind.COMPLAINT),
    Policy(ClockName.CONTACT, REOPENED, 2 * HOUR, kind=Kind.COMPLAINT),
    # ordinary complaint registered: initial response
    Policy(ClockName.FIRST_REPLY, REGISTERED, 24 * HOUR, kind=Kind.COMPLAINT),
    # major complaint: reported to management at once; plan within 24 hours †
    Policy(ClockName.MANAGEMENT_REPORT, FOUND, 0, kind=Kind.COMPLAINT, grade=Grade.MAJOR),
    Policy(ClockName.PLAN, FOUND, 24 * HOUR, kind=Kind.COMPLAINT, grade=Grade.MAJOR),
    # complaint solved on the spot: reply after done
    Policy(ClockName.REPLY, DONE, 2 * HOUR, kind=Kind.COMPLAINT),
    # valid complaint handled by the supervisor: reply the same day (or the time agreed: a promise replaces it)
    Policy(ClockName.REPLY, FOUND, None, kind=Kind.COMPLAINT, validity=Validity.VALID, ends_same_day=True),
    # invalid complaint: explanation
    Policy(ClockName.REPLY, FOUND, 2 * HOUR, kind=Kind.COMPLAINT, validity=Validity.INVALID),
    # assistance complaint: reported to the party that can solve it, and progress told at each change, within a day †
    *(
        Policy(ClockName.PROGRESS, moment, DAY, kind=Kind.COMPLAINT, validity=Validity.ASSISTANCE)
        for moment in (FOUND, CHANGED)
    ),
    # transferred by the developer's centre: result reported back to it
    Policy(ClockName.REPORT_BACK, DONE, 12 * HOUR, channel=Channel.TRANSFER),
    # equipment failure: first investigation on site
    Policy(ClockName.INVESTIGATE, REGISTERED, 2 * HOUR, kind=Kind.REPAIR, priority=Priority.URGENT),
    # finding of a contractor walk († any patrol): plan
    Policy(ClockName.PLAN, REGISTERED, 3 * DAY, channel=Channel.PATROL),
    # † time to finish by urgency, anew when a matter is reopened
    *(
        Policy(ClockName.DONE, moment, minutes, priority=priority)
        for moment in (REGISTERED, REOPENED)
        for priority, minutes in DONE_MINUTES.items()
    ),
)
