"""Codes of special events and of the records that are reviewed and signed (D5, D7, D14)."""

from enum import StrEnum


class SpecialKind(StrEnum):
    """Why a special event was opened: five households on the same matter (D5), or an emergency (D7)."""

    COLLECTIVE = "collective"
    EMERGENCY = "emergency"


class SpecialState(StrEnum):
    """Where a special event stands (I5): found by the house, then confirmed or rejected by a person."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CLOSED = "closed"


class MemberState(StrEnum):
    """A ticket of a special event: proposed, linked by a person, left out by one, or changed so that it no longer matches."""

    PROPOSED = "proposed"
    LINKED = "linked"
    LEFT_OUT = "left_out"
    MOVED = "moved"


class HouseVisitState(StrEnum):
    """A household of a collective matter: to be visited in person, visited, or explained why not (D5)."""

    DUE = "due"
    VISITED = "visited"
    EXPLAINED = "explained"


class RecordKind(StrEnum):
    """What is reviewed by the supervisor and signed by the manager, version by version."""

    SPECIAL_EVENT = "special_event"
    COMPLAINT = "complaint"
    DUTY = "duty"
    HANDOVER = "handover"
    COMPLAINT_MONTH = "complaint_month"
    APPRAISAL = "appraisal"


class RecordState(StrEnum):
    """Where a version of a record to be signed stands; a signed one never changes."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    SIGNED = "signed"


class ReportState(StrEnum):
    """Where a monthly report stands (I5)."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    SIGNED = "signed"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class AppraisalState(StrEnum):
    """Where a person's appraisal stands (D16): open, read and remarked on by the person, signed by the manager."""

    OPEN = "open"
    ANSWERED = "answered"
    SIGNED = "signed"


class ItemOutcome(StrEnum):
    """What became of something to improve."""

    DONE = "done"
    PARTLY = "partly"
    NOT_DONE = "not_done"
