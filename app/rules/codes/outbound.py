"""Codes of automatic calls and texts, and of check-in calls (D8, D13)."""

from enum import StrEnum


class Outreach(StrEnum):
    """What the house calls or writes to households for by itself (D7, D8, D9, D10, D13)."""

    ALERT = "alert"
    WAKE_UP = "wake_up"
    CHECK_IN = "check_in"
    CHECK_IN_CONTACT = "check_in_contact"
    RETURN_VISIT = "return_visit"
    NOTICE = "notice"
    REMINDER = "reminder"
    SURVEY = "survey"


class WishWay(StrEnum):
    """How a household said which calls and texts it wants (D13)."""

    SMS = "sms"
    CALL = "call"
    PAGE = "page"


class CampaignState(StrEnum):
    """Where a campaign stands. A stopped one never goes on; a paused one does."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"


class TargetWay(StrEnum):
    """How a campaign reaches somebody by itself; its notice on the web is there for everybody of the place."""

    VOICE = "voice"
    SMS = "sms"


class TargetState(StrEnum):
    """One planned call or text. `unknown` is a dial whose answer never came back; `shared` is told with another house's."""

    PLANNED = "planned"
    DIALLING = "dialling"
    RINGING = "ringing"
    ANSWERED = "answered"
    UNKNOWN = "unknown"
    REACHED = "reached"
    UNCLEAR = "unclear"
    MACHINE = "machine"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    SENT = "sent"
    SHARED = "shared"
    IMPOSSIBLE = "impossible"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class TargetReason(StrEnum):
    """Why somebody is not called or written to."""

    NO_PERSON = "no_person"
    NO_NUMBER = "no_number"
    NO_MOBILE = "no_mobile"
    OPTED_OUT = "opted_out"


class CheckInState(StrEnum):
    """One time at which somebody living alone is asked whether all is well (D13). `waiting` is between two tries; `alerted`:
    the steward was told of the silence; `contacted`: the emergency contact, too; `missed`: nobody could call at its time."""

    CALLING = "calling"
    WAITING = "waiting"
    WELL = "well"
    HELP = "help"
    ALERTED = "alerted"
    CONTACTED = "contacted"
    FOUND = "found"
    SKIPPED = "skipped"
    MISSED = "missed"


class CheckInFinding(StrEnum):
    """What somebody of us found after a silence."""

    WELL = "well"
    AWAY = "away"
    TELEPHONE = "telephone"
    UNWELL = "unwell"
    OTHER = "other"
