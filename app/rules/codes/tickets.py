"""Codes of a ticket's life (D3)."""

from enum import StrEnum


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


class AcceptanceState(StrEnum):
    """What became of work that was handed in to be accepted 验收 (D3); `over`: accepted, and taken up again since."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OVER = "over"


class OfferState(StrEnum):
    """What became of work that was offered to somebody else; `over`: the work went another way before anybody answered."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    OVER = "over"


class PhraseUse(StrEnum):
    """The step of a ticket whose form offers a stock phrase."""

    NOTE = "note"
    CONTACT = "contact"
    REPLY = "reply"
    WAIT = "wait"
    FINISH = "finish"
    CANCEL = "cancel"


class AttachmentStage(StrEnum):
    """What a photo or letter on a ticket shows: what was reported, before and after the work, our written answer, evidence (D5),
    or the household's signature under a return visit (D8)."""

    REPORT = "report"
    BEFORE = "before"
    AFTER = "after"
    REPLY = "reply"
    EVIDENCE = "evidence"
    SIGNATURE = "signature"
