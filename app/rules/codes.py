"""The code words of the field (interfaces I5, domain D1 … D10): what is stored, and what REST speaks. Labels are translated elsewhere."""

from enum import StrEnum


class Role(StrEnum):
    """Who logs in (D1)."""

    ADMIN = "admin"
    MANAGER = "manager"
    DEPUTY = "deputy"
    SUPERVISOR = "supervisor"
    ASSISTANT = "assistant"
    STEWARD = "steward"
    TECHNICIAN = "technician"
    FINANCE = "finance"
    QUALITY = "quality"
    OWNER = "owner"
    RESIDENT = "resident"


class HouseState(StrEnum):
    """What a house is used as (I8)."""

    UNSOLD = "unsold"
    HANDED_OVER = "handed_over"
    VACANT = "vacant"
    OCCUPIED = "occupied"
    RENOVATING = "renovating"
    LET = "let"


OCCUPIED_STATES = (HouseState.OCCUPIED, HouseState.RENOVATING, HouseState.LET)
"""The states that count as an occupied household (I8)."""


class TenureRole(StrEnum):
    """How a person is tied to a house (D2)."""

    OWNER = "owner"
    TENANT = "tenant"
    FAMILY = "family"
    AGENT = "agent"


class Kind(StrEnum):
    """What a ticket is about (D3)."""

    REPAIR = "repair"
    COMPLAINT = "complaint"
    CONSULTATION = "consultation"
    SUGGESTION = "suggestion"
    SERVICE = "service"
    EMERGENCY = "emergency"
    PRAISE = "praise"


class Channel(StrEnum):
    """How a matter arrived (D3)."""

    HOTLINE = "hotline"
    DESK = "desk"
    WEB = "web"
    WECHAT = "wechat"
    APP = "app"
    EMAIL = "email"
    LETTER = "letter"
    SMS = "sms"
    PATROL = "patrol"
    TRANSFER = "transfer"


class Priority(StrEnum):
    """How urgent a ticket is (D3)."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    NORMAL = "normal"
    LOW = "low"


class TicketState(StrEnum):
    """Where a ticket stands (D3)."""

    REGISTERED = "registered"
    DISPATCHED = "dispatched"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    DONE = "done"
    VISITED = "visited"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


OPEN_STATES = (
    TicketState.REGISTERED,
    TicketState.DISPATCHED,
    TicketState.IN_PROGRESS,
    TicketState.WAITING,
    TicketState.REOPENED,
)
"""States in which work is still owed: "not done" of I8's further contact."""


class Validity(StrEnum):
    """The finding on a complaint (D5)."""

    VALID = "valid"
    ASSISTANCE = "assistance"
    INVALID = "invalid"


class Grade(StrEnum):
    """The consequence of a complaint (D5)."""

    MAJOR = "major"
    ORDINARY = "ordinary"


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


class CalendarName(StrEnum):
    """Which hours a clock counts (I8)."""

    ALWAYS = "always"
    DESK = "desk"


class CallOutcome(StrEnum):
    """What a call came to (I5)."""

    TICKET = "ticket"
    CONTACT_ON_TICKET = "contact_on_ticket"
    NO_MATTER = "no_matter"
    ABANDONED = "abandoned"
    SILENT = "silent"
    CONNECTED = "connected"
    FALLBACK = "fallback"


class Tier(StrEnum):
    """The rungs of a duty roster, in ringing order (D7)."""

    ON_DUTY = "on_duty"
    BACKUP = "backup"
    MANAGER = "manager"


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


class MessageState(StrEnum):
    """Where a message of the outbox stands (G4)."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED_TEMPORARY = "failed_temporary"
    FAILED_PERMANENT = "failed_permanent"
    UNKNOWN = "unknown"


class PriceKind(StrEnum):
    """How a service is priced (D9)."""

    FREE = "free"
    FIXED = "fixed"
    PERCENT = "percent"
    QUOTATION = "quotation"


class FeeBasis(StrEnum):
    """What a fee is charged per (D10)."""

    PER_M2_MONTH = "per_m2_month"
    PER_HOUSE_MONTH = "per_house_month"
    PER_VEHICLE_MONTH = "per_vehicle_month"
    PER_UNIT = "per_unit"
    ONCE = "once"


class BillState(StrEnum):
    """Where a bill stands (I5)."""

    OPEN = "open"
    PART_PAID = "part_paid"
    PAID = "paid"
    CANCELLED = "cancelled"


class ReportState(StrEnum):
    """Where a monthly report stands (I5)."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    SIGNED = "signed"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class VisitWay(StrEnum):
    """How a return visit is made (D8)."""

    CALL = "call"
    SMS = "sms"
    PHONE = "phone"
    IN_PERSON = "in_person"


class VisitState(StrEnum):
    """Where a return visit stands (D8)."""

    DUE = "due"
    MADE = "made"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
