"""Mapping, constraints and indexes. No clock, no input or output, no decisions."""

from app.models.appraisals import Appraisal, AppraisalPlan
from app.models.attachments import Attachment
from app.models.bank import BankFile, BankFormat, BankLine
from app.models.base import Model
from app.models.billing import BillingRun, FeeConcession, FeeRate, FeeUse
from app.models.calls import Call, CallerConfirmation, CallTicket, HotlineEvent, Recording, TextPicture
from app.models.catalogue import ServiceItem, ServicePrice
from app.models.categories import Category, CategoryWord
from app.models.check_ins import CheckIn, CheckInContact, CheckInPlan, CheckInStep
from app.models.clocks import Clock, ClockDraft, ClockEvent, ClockPolicy, WorkCalendar
from app.models.collection import ArrearsNote, CollectionHold, FeeReminder, FeeReminderBill, ReminderStep
from app.models.complaint_months import ComplaintMonth
from app.models.complaints import Complaint, ComplaintFinding, ComplaintRung
from app.models.disputes import DisputeEvidence, DisputeFile, DisputeParty, DisputeStatement, DisputeTalk
from app.models.drills import DrillEntry, DrillFinding, DrillMember, DrillPhoto, PlanDrill
from app.models.duty import DutyShift, EscalationAttempt, Ladder
from app.models.edits import RecordEdit
from app.models.estate import Building, Community, HotlineNumber, House, Unit
from app.models.fees import Bill, FeeItem
from app.models.forms import FormKey
from app.models.handovers import Handover
from app.models.knowledge import AnswerMiss, Article, ArticleMark, ArticleSource, ArticleUse, ArticleVersion
from app.models.ledger import (
    DayClosing,
    JournalEntry,
    PayerAccount,
    Payment,
    Posting,
    Receipt,
    ReceiptCounter,
)
from app.models.lists import ListView
from app.models.loans import Loan
from app.models.logins import EndedSession, FailureCount, Invitation, KnownPlace, LoginState, RecoveryCode
from app.models.messages import Message
from app.models.meters import Meter, MeterReading
from app.models.orders import ServiceOrder, WakeUp
from app.models.outages import Outage, OutageBuilding, OutageCaller, OutageEntry
from app.models.outbound import CallWish, Campaign, CampaignPlace, CampaignTarget, WishEntry
from app.models.outside import ExternalReference, OutsideBody
from app.models.people import (
    Department,
    HouseholdChange,
    Person,
    PersonPhone,
    Phone,
    Skill,
    Staff,
    StaffCommunity,
    StaffSkill,
    StewardBuilding,
    Tenure,
)
from app.models.phrases import Phrase
from app.models.plans import EmergencyPlan, PlanTick, PlanVersion, TicketPlan
from app.models.preferences import UserPreference
from app.models.reports import Report, ReportOpening, ReportQuestion, ReportSupplement
from app.models.roster import DutyEntry, DutyFeed, DutyRotation, DutySwap, RosterFinding, RotationMember
from app.models.signed_records import SignedRecord
from app.models.special_events import SpecialEvent, SpecialEventEntry, SpecialEventHouse, SpecialEventTicket
from app.models.surveys import (
    Questionnaire,
    QuestionnaireItem,
    Survey,
    SurveyAnswer,
    SurveyHousehold,
    SurveyPlace,
    SurveyQuestion,
)
from app.models.system import AccessEntry, GrantMark, Heartbeat, Holiday, JobRun, RoleScope, Setting
from app.models.ticket_costs import Material, TicketCost
from app.models.ticket_work import TicketAcceptance, TicketOffer
from app.models.tickets import (
    ReturnVisit,
    Ticket,
    TicketEntry,
    TicketNumber,
)
from app.models.visits import AnswerLink, Draw, DrawRound, VisitAnswer, VisitCheck, VisitTry
from app.models.voice_pins import VoicePin

__all__ = [
    "AccessEntry",
    "AnswerLink",
    "AnswerMiss",
    "Appraisal",
    "AppraisalPlan",
    "ArrearsNote",
    "Article",
    "ArticleMark",
    "ArticleSource",
    "ArticleUse",
    "ArticleVersion",
    "Attachment",
    "BankFile",
    "BankFormat",
    "BankLine",
    "Bill",
    "BillingRun",
    "Building",
    "Call",
    "CallTicket",
    "CallWish",
    "CallerConfirmation",
    "Campaign",
    "CampaignPlace",
    "CampaignTarget",
    "Category",
    "CategoryWord",
    "CheckIn",
    "CheckInContact",
    "CheckInPlan",
    "CheckInStep",
    "Clock",
    "ClockDraft",
    "ClockEvent",
    "ClockPolicy",
    "CollectionHold",
    "Community",
    "Complaint",
    "ComplaintFinding",
    "ComplaintMonth",
    "ComplaintRung",
    "DayClosing",
    "Department",
    "DisputeEvidence",
    "DisputeFile",
    "DisputeParty",
    "DisputeStatement",
    "DisputeTalk",
    "Draw",
    "DrawRound",
    "DrillEntry",
    "DrillFinding",
    "DrillMember",
    "DrillPhoto",
    "DutyEntry",
    "DutyFeed",
    "DutyRotation",
    "DutyShift",
    "DutySwap",
    "EmergencyPlan",
    "EndedSession",
    "EscalationAttempt",
    "ExternalReference",
    "FailureCount",
    "FeeConcession",
    "FeeItem",
    "FeeRate",
    "FeeReminder",
    "FeeReminderBill",
    "FeeUse",
    "FormKey",
    "GrantMark",
    "Handover",
    "Heartbeat",
    "Holiday",
    "HotlineEvent",
    "HotlineNumber",
    "House",
    "HouseholdChange",
    "Invitation",
    "JobRun",
    "JournalEntry",
    "KnownPlace",
    "Ladder",
    "ListView",
    "Loan",
    "LoginState",
    "Material",
    "Message",
    "Meter",
    "MeterReading",
    "Model",
    "Outage",
    "OutageBuilding",
    "OutageCaller",
    "OutageEntry",
    "OutsideBody",
    "PayerAccount",
    "Payment",
    "Person",
    "PersonPhone",
    "Phone",
    "Phrase",
    "PlanDrill",
    "PlanTick",
    "PlanVersion",
    "Posting",
    "Questionnaire",
    "QuestionnaireItem",
    "Receipt",
    "ReceiptCounter",
    "RecordEdit",
    "Recording",
    "RecoveryCode",
    "ReminderStep",
    "Report",
    "ReportOpening",
    "ReportQuestion",
    "ReportSupplement",
    "ReturnVisit",
    "RoleScope",
    "RosterFinding",
    "RotationMember",
    "ServiceItem",
    "ServiceOrder",
    "ServicePrice",
    "Setting",
    "SignedRecord",
    "Skill",
    "SpecialEvent",
    "SpecialEventEntry",
    "SpecialEventHouse",
    "SpecialEventTicket",
    "Staff",
    "StaffCommunity",
    "StaffSkill",
    "StewardBuilding",
    "Survey",
    "SurveyAnswer",
    "SurveyHousehold",
    "SurveyPlace",
    "SurveyQuestion",
    "Tenure",
    "TextPicture",
    "Ticket",
    "TicketAcceptance",
    "TicketCost",
    "TicketEntry",
    "TicketNumber",
    "TicketOffer",
    "TicketPlan",
    "Unit",
    "UserPreference",
    "VisitAnswer",
    "VisitCheck",
    "VisitTry",
    "VoicePin",
    "WakeUp",
    "WishEntry",
    "WorkCalendar",
]
