"""Codes of calls, the ladder and the messages that leave the house (D6, D7)."""

from enum import StrEnum


class CallOutcome(StrEnum):
    """What a call came to (I5)."""

    TICKET = "ticket"
    CONTACT_ON_TICKET = "contact_on_ticket"
    NO_MATTER = "no_matter"
    ABANDONED = "abandoned"
    SILENT = "silent"
    CONNECTED = "connected"
    FALLBACK = "fallback"


class AttemptState(StrEnum):
    """One ring of the escalation ladder (D7, G3); `unknown` is a dial whose answer never came back."""

    PENDING = "pending"
    DIALLING = "dialling"
    RINGING = "ringing"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


class LadderState(StrEnum):
    """One emergency's way up the ladder (D7)."""

    RUNNING = "running"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"


class MessageChannel(StrEnum):
    """By which way a message leaves the house (G4)."""

    SMS = "sms"
    EMAIL = "email"
    ALERT = "alert"


class MessagePurpose(StrEnum):
    """Why a message leaves the house."""

    RECEIPT = "receipt"
    DONE = "done"
    DISPATCH = "dispatch"
    ACCEPTANCE = "acceptance"
    OFFER = "offer"
    DRILL = "drill"
    CONTACT = "contact"
    WARNING = "warning"
    BREACH = "breach"
    COMPLAINT = "complaint"
    COMPLAINT_RECORD = "complaint_record"
    MAJOR_COMPLAINT = "major_complaint"
    UPWARD = "upward"
    FINDING = "finding"
    OUTSIDE = "outside"
    OUTSIDE_LETTER = "outside_letter"
    REPEAT = "repeat"
    SPECIAL_EVENT = "special_event"
    COMPLAINT_MONTH = "complaint_month"
    LADDER = "ladder"
    ROSTER_GAP = "roster_gap"
    DUTY_SWAP = "duty_swap"
    HANDOVER = "handover"
    RETURN_VISITS = "return_visits"
    REPORT = "report"
    REPORT_REMINDER = "report_reminder"
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"
    PIN_LOCKED = "pin_locked"
    OUTAGE_ENDED = "outage_ended"
    OUTAGE_LATE = "outage_late"
    WATCH = "watch"
    ARREARS_WEEK = "arrears_week"
    # What a campaign writes (`Outreach`):
    ALERT = "alert"
    WAKE_UP = "wake_up"
    CHECK_IN = "check_in"
    CHECK_IN_CONTACT = "check_in_contact"
    RETURN_VISIT = "return_visit"
    NOTICE = "notice"
    REMINDER = "reminder"
    SURVEY = "survey"


class MessageState(StrEnum):
    """Where a message of the outbox stands (G4)."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED_TEMPORARY = "failed_temporary"
    FAILED_PERMANENT = "failed_permanent"
    UNKNOWN = "unknown"


class PictureState(StrEnum):
    """What became of a picture of a text message; `lost`: it could not be fetched for a week."""

    WAITING = "waiting"
    KEPT = "kept"
    REFUSED = "refused"
    LOST = "lost"


class OutageTell(StrEnum):
    """Whether the households of an announced outage are told by text: within the hours, or at once because it is a danger."""

    NO = "no"
    NOTICE = "notice"
    ALERT = "alert"


class OutageKind(StrEnum):
    """What is out; the codes of the categories that ask about it (I5)."""

    WATER = "water"
    POWER = "power"
    GAS = "gas"
    LIFT = "lift"
    DOOR = "door"
    LIGHTING = "lighting"
    OTHER = "other"
