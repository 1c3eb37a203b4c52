"""Codes of return visits and opinion surveys (D8)."""

from enum import StrEnum


class VisitWay(StrEnum):
    """How a return visit is made (D8)."""

    CALL = "call"
    SMS = "sms"
    WEB = "web"
    PHONE = "phone"
    IN_PERSON = "in_person"


class VisitState(StrEnum):
    """Where a return visit stands (D8)."""

    DUE = "due"
    MADE = "made"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"


class VisitReason(StrEnum):
    """Why a household is asked (D8): by the rules, drawn, after an outcome it rejected, somebody's wish, or once more."""

    COMPLAINT = "complaint"
    BREACHED = "breached"
    SAMPLE = "sample"
    REPEAT = "repeat"
    ASKED = "asked"
    AGAIN = "again"


class VisitResult(StrEnum):
    """What came of one try (D8). `sent` is a question on its way: what becomes of it is a line of its own."""

    ANSWERED = "answered"
    DECLINED = "declined"
    SENT = "sent"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    MACHINE = "machine"
    UNCLEAR = "unclear"
    WRONG_NUMBER = "wrong_number"
    NOT_AT_HOME = "not_at_home"
    NO_REPLY = "no_reply"


class CheckResult(StrEnum):
    """What the quality check of a visit found."""

    CONFIRMED = "confirmed"
    DIFFERS = "differs"
    NOT_MADE = "not_made"
    UNREACHABLE = "unreachable"


class DrawKind(StrEnum):
    """What a month's sample is drawn for: households to be asked, visits to be checked."""

    VISIT = "visit"
    CHECK = "check"


class SurveyCycle(StrEnum):
    """How often an opinion survey is made (D8): the first three by the steward, the yearly one by the manager."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"


class SurveyState(StrEnum):
    """Where a survey stands. Once closed it never changes."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class QuestionKind(StrEnum):
    """What a question of a survey is answered with."""

    SCORE = "score"
    CHOICE = "choice"
    CHOICES = "choices"
    TEXT = "text"


class SurveyWay(StrEnum):
    """How a household answered a survey: by its link, on its own pages, or to somebody on the telephone or at the door."""

    LINK = "link"
    WEB = "web"
    PHONE = "phone"
    VISIT = "visit"


class HouseholdState(StrEnum):
    """Where a household of a survey stands."""

    ASKED = "asked"
    ANSWERED = "answered"
    DECLINED = "declined"
