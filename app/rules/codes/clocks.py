"""Codes of clocks and calendars (D4)."""

from enum import StrEnum


class ClockName(StrEnum):
    """What a clock measures (I5)."""

    FIRST_RESPONSE = "first_response"
    CONTACT = "contact"
    FIRST_REPLY = "first_reply"
    PLAN = "plan"
    MANAGEMENT_REPORT = "management_report"
    REPLY = "reply"
    PROGRESS = "progress"
    REPORT_BACK = "report_back"
    INVESTIGATE = "investigate"
    DONE = "done"
    PROMISE = "promise"


class ClockState(StrEnum):
    """Where a clock stands (I5)."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


class ClockEnd(StrEnum):
    """Why a clock was cancelled: it lost its object, it was not answered."""

    CLOSED = "closed"
    GIVEN_UP = "given_up"
    REOPENED = "reopened"
    PROMISED = "promised"
    NEW_PROMISE = "new_promise"
    NEW_FINDING = "new_finding"
    WORK_DONE = "work_done"
    RESTARTED = "restarted"
    RECLASSED = "reclassed"


class ClockEventKind(StrEnum):
    """What happens to a clock; its deadline follows from these alone."""

    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    RECOUNTED = "recounted"
    MET = "met"
    CANCELLED = "cancelled"


class DraftState(StrEnum):
    """Where a draft of clock rules stands."""

    OPEN = "open"
    IN_FORCE = "in_force"
    DROPPED = "dropped"


class CalendarName(StrEnum):
    """The calendars there always are (I8); an administrator adds others, each with a code of its own."""

    ALWAYS = "always"
    DESK = "desk"


class DayKind(StrEnum):
    """What was declared of a day, by the state or by an administrator."""

    ORDINARY = "ordinary"
    OFF = "off"
    WORK = "work"
