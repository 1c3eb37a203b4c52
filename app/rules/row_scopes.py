"""Role × table → which rows (D15), as data. `services.access` turns it into conditions; a test compares it with what is seen.

Everything that is not written here is shut. Whether a role may open a table at all is the matrix of `views.matrix`.
"""

from enum import StrEnum

from app.rules.codes import Role, RowScope


class Scope(StrEnum):
    """How far somebody sees into a table."""

    EVERYTHING = "everything"
    COMMUNITY = "community"
    """Of the communities they work or live in."""
    BUILDING = "building"
    """Of the buildings they are the steward of, and what is assigned to them."""
    ASSIGNMENT = "assignment"
    """What is assigned to them, and the house it is about."""
    HANDLED = "handled"
    """Of the matters of their communities that they handle or that nobody has been given yet."""
    TENURE = "tenure"
    """Their own: oneself, the houses of today's tenures, what was reported from there, bills made out to them."""
    PUBLISHED = "published"
    """Of their communities, once it is published."""
    NOTHING = "nothing"


Lines = dict[str, Scope]

_DESK = (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT)
_STAFF = (*_DESK, Role.STEWARD, Role.TECHNICIAN, Role.FINANCE)
_HOUSEHOLD = (Role.OWNER, Role.RESIDENT)


def _lines(*parts: tuple[Scope, tuple[Role, ...]]) -> Lines:
    """One table: the roles of each scope; who is not named sees nothing."""
    found: Lines = {str(role): Scope.NOTHING for role in Role}
    for scope, roles in parts:
        found |= {str(role): scope for role in roles}
    return found


_COMPANY = (Scope.EVERYTHING, (Role.ADMIN, Role.QUALITY))
_ADMIN = (Scope.EVERYTHING, (Role.ADMIN,))

_LISTS = _lines((Scope.EVERYTHING, tuple(Role)))
_PLACES = _lines(_COMPANY, (Scope.COMMUNITY, (*_STAFF, *_HOUSEHOLD)))
_TEAM = _lines(_COMPANY, (Scope.COMMUNITY, _STAFF))
_MATTERS = _lines(
    _COMPANY,
    (Scope.COMMUNITY, (*_DESK, Role.FINANCE)),
    (Scope.BUILDING, (Role.STEWARD,)),
    (Scope.ASSIGNMENT, (Role.TECHNICIAN,)),
    (Scope.TENURE, _HOUSEHOLD),
)
_PEOPLE = _lines(
    _ADMIN, (Scope.COMMUNITY, (*_DESK, Role.FINANCE)), (Scope.BUILDING, (Role.STEWARD,)), (Scope.TENURE, _HOUSEHOLD)
)
_CONFIDENTIAL = _lines(
    (Scope.COMMUNITY, (Role.MANAGER, Role.SUPERVISOR)),
    (Scope.HANDLED, (Role.ASSISTANT,)),
    (Scope.BUILDING, (Role.STEWARD,)),
)
"""D15 word by word: manager, supervisor, the assistant who handles the ticket, the steward of the building; no administrator."""

_LOOKED_AFTER = _lines(
    (Scope.COMMUNITY, (Role.MANAGER, Role.SUPERVISOR)),
    (Scope.HANDLED, (Role.ASSISTANT,)),
    (Scope.BUILDING, (Role.STEWARD,)),
    (Scope.ASSIGNMENT, (Role.DEPUTY, Role.TECHNICIAN)),
)
"""Calls to people living alone: as confidential as their files, and whoever of the duty roster is sent there sees that one."""
_INSIDE = _lines(
    _COMPANY,
    (Scope.COMMUNITY, (*_DESK, Role.FINANCE)),
    (Scope.BUILDING, (Role.STEWARD,)),
    (Scope.ASSIGNMENT, (Role.TECHNICIAN,)),
)
"""Of a matter what the house keeps for itself: no household reads it."""

_SIDES = _lines(_COMPANY, (Scope.COMMUNITY, _DESK), (Scope.BUILDING, (Role.STEWARD,)), (Scope.TENURE, _HOUSEHOLD))
"""What one side of a dispute says and shows: whoever hears both, and that side itself; nobody of the other side (D5)."""

_HEARERS = _lines(_COMPANY, (Scope.COMMUNITY, _DESK), (Scope.BUILDING, (Role.STEWARD,)))

_TOLD = _lines(_COMPANY, (Scope.COMMUNITY, (*_DESK, Role.STEWARD)))
_TOLD_WHO = _lines(_COMPANY, (Scope.COMMUNITY, _DESK), (Scope.BUILDING, (Role.STEWARD,)))

_COLLECTION = _lines(_ADMIN, (Scope.COMMUNITY, (Role.MANAGER, Role.FINANCE)), (Scope.BUILDING, (Role.STEWARD,)))
"""Which house owes what (D10, I8): finance and the manager of the community, the steward of the building; the desk sees totals."""

_BOOKS = _lines(_ADMIN, (Scope.COMMUNITY, (Role.MANAGER, Role.FINANCE)))
_TAKEN = _lines(
    _ADMIN,
    (Scope.COMMUNITY, (Role.MANAGER, Role.FINANCE)),
    (Scope.ASSIGNMENT, (Role.SUPERVISOR, Role.ASSISTANT, Role.STEWARD)),
    (Scope.TENURE, _HOUSEHOLD),
)
"""Money (I8): finance and the manager see all of it, the desk and the steward what they took themselves, a household its own."""

DEBTS = "HouseDebts"
"""What houses owe, summed up and reminded of. Its rows are houses."""

FILE = "PersonFile"
"""The owner's file: the confidential columns of a person (D2). Its rows are people."""

_OWN_SHEET = _lines(
    (Scope.EVERYTHING, (Role.QUALITY,)),
    (Scope.COMMUNITY, (Role.MANAGER,)),
    (Scope.ASSIGNMENT, (Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT, Role.STEWARD, Role.TECHNICIAN, Role.FINANCE)),
)
"""An appraisal counts for pay: one's own, the manager the community's, the quality department all (D16)."""

SCOPES: dict[str, Lines] = {
    "Appraisal": _OWN_SHEET,
    "AppraisalPlan": _LISTS,
    "AccessEntry": _lines(_COMPANY),
    "ArrearsNote": _COLLECTION,
    "Article": _lines(_COMPANY, (Scope.COMMUNITY, _STAFF)),
    "ArticleVersion": _lines(_COMPANY, (Scope.COMMUNITY, _STAFF), (Scope.PUBLISHED, _HOUSEHOLD)),
    "Attachment": _MATTERS,
    "BankFile": _BOOKS,
    "BankFormat": _BOOKS,
    "BankLine": _BOOKS,
    "Bill": _lines(
        _ADMIN,
        (Scope.COMMUNITY, (Role.FINANCE, Role.MANAGER)),
        (Scope.BUILDING, (Role.STEWARD,)),
        (Scope.TENURE, _HOUSEHOLD),
    ),
    "BillingRun": _BOOKS,
    "Building": _PLACES,
    "Call": _lines(_COMPANY, (Scope.COMMUNITY, _DESK), (Scope.BUILDING, (Role.STEWARD,))),
    "CallTicket": _MATTERS,
    "CallWish": _lines(_COMPANY),
    "Campaign": _TOLD,
    "CampaignPlace": _TOLD,
    "CampaignTarget": _TOLD_WHO,
    "Category": _LISTS,
    "CategoryWord": _LISTS,
    "CheckIn": _LOOKED_AFTER,
    "CheckInPlan": _CONFIDENTIAL,
    "CheckInStep": _LOOKED_AFTER,
    "Clock": _MATTERS,
    "ClockDraft": _lines((Scope.EVERYTHING, (Role.ADMIN, Role.QUALITY, Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR))),
    "ClockEvent": _MATTERS,
    "ClockPolicy": _LISTS,
    "CollectionHold": _COLLECTION,
    "Community": _PLACES,
    "Complaint": _INSIDE,
    "ComplaintFinding": _INSIDE,
    "ComplaintMonth": _lines(_COMPANY, (Scope.COMMUNITY, _DESK)),
    "ComplaintRung": _LISTS,
    "DayClosing": _TAKEN | {str(role): Scope.NOTHING for role in _HOUSEHOLD},
    "Department": _LISTS,
    "DisputeEvidence": _SIDES,
    "DisputeParty": _SIDES,
    "DisputeStatement": _SIDES,
    "DisputeTalk": _HEARERS,
    "DrillPhoto": _TEAM,
    "DutyEntry": _TEAM,
    "DutyRotation": _TEAM,
    "DutyShift": _TEAM,
    "DutySwap": _TEAM,
    "EmergencyPlan": _TEAM,
    "EscalationAttempt": _MATTERS,
    "ExternalReference": _INSIDE,
    "FeeConcession": _BOOKS,
    "FeeItem": _PLACES,
    "FeeRate": _PLACES,
    "FeeReminder": _COLLECTION,
    "FeeUse": _BOOKS,
    "Handover": _lines(
        _COMPANY, (Scope.COMMUNITY, _DESK), (Scope.ASSIGNMENT, (Role.STEWARD, Role.TECHNICIAN, Role.FINANCE))
    ),
    "HotlineNumber": _PLACES,
    "House": _MATTERS,
    DEBTS: _COLLECTION,
    "HouseholdChange": _PEOPLE,
    "JournalEntry": _BOOKS,
    "Ladder": _MATTERS,
    "Loan": _lines(_COMPANY, (Scope.COMMUNITY, (*_DESK, Role.STEWARD, Role.TECHNICIAN))),
    "Material": _LISTS,
    "Meter": _COLLECTION,
    "MeterReading": _COLLECTION,
    "Message": _lines(_COMPANY, (Scope.COMMUNITY, _DESK)),
    "Outage": _TEAM,
    "OutageEntry": _TEAM,
    "OutsideBody": _TEAM,
    "Payment": _TAKEN,
    "Person": _PEOPLE,
    FILE: _CONFIDENTIAL,
    "PersonPhone": _PEOPLE,
    "Phone": _PEOPLE,
    "Phrase": _LISTS,
    "PlanDrill": _TEAM,
    "PlanTick": _INSIDE,
    "PlanVersion": _TEAM,
    "Posting": _BOOKS,
    "Questionnaire": _TOLD,
    "Receipt": _TAKEN,
    "Recording": _CONFIDENTIAL,
    "ReminderStep": _LISTS,
    "Report": _lines(_COMPANY, (Scope.COMMUNITY, _STAFF), (Scope.PUBLISHED, _HOUSEHOLD)),
    "ReportQuestion": _MATTERS,
    "ReportSupplement": _lines((Scope.TENURE, _HOUSEHOLD)),
    "ReturnVisit": _MATTERS,
    "ServiceItem": _LISTS,
    "ServiceOrder": _MATTERS,
    "ServicePrice": _LISTS,
    "SignedRecord": _lines(_COMPANY, (Scope.COMMUNITY, _DESK)),
    "Skill": _LISTS,
    "SpecialEvent": _TOLD_WHO,
    "RotationMember": _TEAM,
    "Staff": _TEAM,
    "StaffCommunity": _TEAM,
    "StewardBuilding": _TEAM,
    "Survey": _TOLD_WHO,
    "SurveyHousehold": _lines(
        _COMPANY, (Scope.COMMUNITY, _DESK), (Scope.BUILDING, (Role.STEWARD,)), (Scope.TENURE, _HOUSEHOLD)
    ),
    "Tenure": _PEOPLE,
    "Ticket": _MATTERS,
    "TicketAcceptance": _INSIDE,
    "TicketCost": _MATTERS,
    "TicketEntry": _MATTERS,
    "TicketOffer": _INSIDE,
    "TicketPlan": _INSIDE,
    "Unit": _PLACES,
    "WishEntry": _lines(_COMPANY, (Scope.COMMUNITY, _DESK)),
    "WorkCalendar": _LISTS,
}
"""Table → role → scope, a line for every role of D1."""

_NARROWED = {
    **dict.fromkeys(
        (
            "Attachment",
            "CallTicket",
            "Clock",
            "ClockEvent",
            "Complaint",
            "ComplaintFinding",
            "EscalationAttempt",
            "ExternalReference",
            "House",
            "Ladder",
            "PlanTick",
            "ReportQuestion",
            "ReturnVisit",
            "ServiceOrder",
            "Ticket",
            "TicketAcceptance",
            "TicketCost",
            "TicketEntry",
            "TicketOffer",
            "TicketPlan",
        ),
        (Scope.COMMUNITY, Scope.BUILDING, Scope.ASSIGNMENT),
    ),
    **dict.fromkeys(
        (
            "ArrearsNote",
            "Call",
            "CampaignTarget",
            "CollectionHold",
            "FeeReminder",
            "Meter",
            "MeterReading",
            DEBTS,
            "SpecialEvent",
            "Survey",
            "SurveyHousehold",
            "HouseholdChange",
            "Person",
            "PersonPhone",
            "Phone",
            "Tenure",
            "DisputeEvidence",
            "DisputeParty",
            "DisputeStatement",
            "DisputeTalk",
        ),
        (Scope.COMMUNITY, Scope.BUILDING, Scope.NOTHING),
    ),
    **dict.fromkeys(
        (
            "BankFile",
            "BankFormat",
            "BankLine",
            "Bill",
            "BillingRun",
            "Campaign",
            "CampaignPlace",
            "ComplaintMonth",
            "DayClosing",
            "FeeConcession",
            "FeeUse",
            "JournalEntry",
            "Message",
            "Payment",
            "Posting",
            "Questionnaire",
            "Receipt",
            "SignedRecord",
            "WishEntry",
        ),
        (Scope.COMMUNITY, Scope.NOTHING, Scope.NOTHING),
    ),
}
"""Table → the scope of an own role that sees its communities, its buildings, what it is assigned."""


def own_scope(model: str, scope: str) -> Scope:
    """What a role of the administrator's own making with this row scope sees of a table.

    Recordings and owners' files stay with the roles D15 names; lists of the trade, places and the team are as for all staff.
    """
    if model in _NARROWED:
        return _NARROWED[model][list(RowScope).index(RowScope(scope))]
    lines = SCOPES.get(model)
    if lines is None or lines in (_CONFIDENTIAL, _LOOKED_AFTER) or model == "AccessEntry":
        return Scope.NOTHING
    return lines[Role.TECHNICIAN]


def scope_of(model: str, role: str) -> Scope:
    """What a role of D1 sees of a table."""
    return SCOPES[model].get(role, Scope.NOTHING)
