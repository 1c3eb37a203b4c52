"""Table → how far a role sees → the condition on its rows."""

from typing import Any

from sqlalchemy import and_, false, or_, select

from app.models import (
    AccessEntry,
    Appraisal,
    AppraisalPlan,
    ArrearsNote,
    Article,
    ArticleVersion,
    Attachment,
    BankFile,
    BankFormat,
    BankLine,
    Bill,
    BillingRun,
    Building,
    Call,
    CallTicket,
    CallWish,
    Campaign,
    CampaignPlace,
    CampaignTarget,
    Category,
    CategoryWord,
    CheckIn,
    CheckInPlan,
    CheckInStep,
    Clock,
    ClockDraft,
    ClockEvent,
    ClockPolicy,
    CollectionHold,
    Community,
    Complaint,
    ComplaintFinding,
    ComplaintMonth,
    ComplaintRung,
    DayClosing,
    Department,
    DisputeEvidence,
    DisputeParty,
    DisputeStatement,
    DisputeTalk,
    DrillPhoto,
    DutyEntry,
    DutyRotation,
    DutyShift,
    DutySwap,
    EmergencyPlan,
    EscalationAttempt,
    ExternalReference,
    FeeConcession,
    FeeItem,
    FeeRate,
    FeeReminder,
    FeeUse,
    Handover,
    HotlineNumber,
    House,
    HouseholdChange,
    JournalEntry,
    Ladder,
    Loan,
    Material,
    Message,
    Meter,
    MeterReading,
    Outage,
    OutageEntry,
    OutsideBody,
    Payment,
    Person,
    PersonPhone,
    Phone,
    Phrase,
    PlanDrill,
    PlanTick,
    PlanVersion,
    Posting,
    Questionnaire,
    Receipt,
    Recording,
    ReminderStep,
    Report,
    ReportQuestion,
    ReportSupplement,
    ReturnVisit,
    RotationMember,
    ServiceItem,
    ServiceOrder,
    ServicePrice,
    SignedRecord,
    Skill,
    SpecialEvent,
    SpecialEventTicket,
    Staff,
    StaffCommunity,
    StewardBuilding,
    Survey,
    SurveyHousehold,
    SurveyPlace,
    Tenure,
    Ticket,
    TicketAcceptance,
    TicketCost,
    TicketEntry,
    TicketOffer,
    TicketPlan,
    Unit,
    WishEntry,
    WorkCalendar,
)
from app.rules.codes import AnswerState, AttachmentStage, Bearer, ReportState
from app.rules.row_scopes import Scope
from app.services.access.confidential import CALLS, CHECK_IN_PLANS, CHECK_INS, MESSAGES, check_in_steps
from app.services.access.ways import (
    HOUSES,
    PEOPLE,
    TENURES,
    TICKETS,
    Condition,
    Ways,
    among,
    household,
    of_community,
    of_community_or_none,
    of_house,
    of_person,
    of_ticket,
    phones,
    through,
    took,
)
from app.services.actors import Actor

_PUBLIC_REPORTS = (ReportState.PUBLISHED, ReportState.SUPERSEDED)


def _told_attachments(actor: Actor) -> Condition:
    """A household sees its own files and what shows the work; evidence gathered by us is neutral (D5)."""
    shown = or_(Attachment.stage != AttachmentStage.EVIDENCE, Attachment.uploader_id == actor.user_id)
    return and_(Attachment.ticket_id.in_(select(Ticket.id).where(household(actor))), shown)


def _of_side(ticket: Any, party: Any) -> Ways:
    """The ways of what one side of a dispute says or shows: of the ticket for the staff, of a household only its own (D5)."""

    def own(actor: Actor) -> Condition:
        if actor.person_id is None:
            return false()
        return party.in_(select(DisputeParty.id).where(DisputeParty.person_id == actor.person_id))  # type: ignore[no-any-return]

    return {**of_ticket(ticket), Scope.TENURE: own}


def _borne_costs(actor: Actor) -> Condition:
    """A household sees what it is to bear; what the house spends is the house's."""
    own = TicketCost.ticket_id.in_(select(Ticket.id).where(household(actor)))
    return and_(own, TicketCost.bearer == Bearer.OWNER, TicketCost.struck_at.is_(None))


_REPORTS: Ways = {
    **of_community(Report.community_id),
    Scope.PUBLISHED: lambda actor: and_(
        among(Report.community_id, actor.community_ids), Report.state.in_(_PUBLIC_REPORTS)
    ),
}
_BILLS: Ways = {**of_house(Bill), Scope.TENURE: lambda actor: Bill.payer_id == actor.person_id}
_PAYMENTS: Ways = {
    **of_community(Payment.community_id),
    Scope.ASSIGNMENT: took(Payment.taken_by_id),
    Scope.TENURE: lambda actor: Payment.payer_id == actor.person_id,
}
_EVENTS: Ways = {
    **of_community(SpecialEvent.community_id),
    Scope.BUILDING: lambda actor: SpecialEvent.id.in_(
        select(SpecialEventTicket.event_id).join(Ticket).where(TICKETS[Scope.BUILDING](actor))
    ),
}
_STAFF: Ways = {
    Scope.COMMUNITY: lambda actor: Staff.id.in_(
        select(StaffCommunity.staff_id).where(among(StaffCommunity.community_id, actor.community_ids))
    )
}


def _articles(actor: Actor) -> Condition:
    """Answers of one's communities, and those for all of them."""
    return or_(Article.community_id.is_(None), among(Article.community_id, actor.community_ids))


def _answers(actor: Actor) -> Condition:
    return ArticleVersion.article_id.in_(select(Article.id).where(_articles(actor)))


_ANSWERS: Ways = {
    Scope.COMMUNITY: _answers,
    Scope.PUBLISHED: lambda actor: and_(
        _answers(actor), ArticleVersion.state == AnswerState.PUBLISHED, ArticleVersion.is_public
    ),
}
_SURVEYS: Ways = {
    **of_community(Survey.community_id),
    Scope.BUILDING: lambda actor: Survey.id.in_(
        select(SurveyPlace.survey_id).where(among(SurveyPlace.building_id, actor.building_ids))
    ),
}
_PLANS: Ways = {
    Scope.COMMUNITY: lambda actor: or_(
        EmergencyPlan.community_id.is_(None), among(EmergencyPlan.community_id, actor.community_ids)
    )
}
_LIST: Ways = {}
WAYS: dict[type[Any], Ways] = {
    AccessEntry: _LIST,
    Appraisal: {
        **of_community(Appraisal.community_id),
        Scope.ASSIGNMENT: lambda actor: false() if actor.staff_id is None else Appraisal.staff_id == actor.staff_id,
    },
    AppraisalPlan: _LIST,
    ArrearsNote: of_house(ArrearsNote),
    Article: {Scope.COMMUNITY: _articles},
    ArticleVersion: _ANSWERS,
    Attachment: {**of_ticket(Attachment.ticket_id), Scope.TENURE: _told_attachments},
    BankFile: of_community(BankFile.community_id),
    BankFormat: of_community(BankFormat.community_id),
    BankLine: of_community(BankLine.community_id),
    Bill: _BILLS,
    BillingRun: of_community(BillingRun.community_id),
    Building: of_community(Building.community_id),
    Call: CALLS,
    CallTicket: of_ticket(CallTicket.ticket_id),
    CallWish: _LIST,
    Campaign: of_community(Campaign.community_id),
    CampaignPlace: through(CampaignPlace.campaign_id, Campaign.id, of_community(Campaign.community_id)),
    CampaignTarget: of_house(CampaignTarget),
    Category: _LIST,
    CategoryWord: _LIST,
    CheckIn: CHECK_INS,
    CheckInPlan: CHECK_IN_PLANS,
    CheckInStep: {scope: check_in_steps(scope) for scope in CHECK_INS},
    Clock: of_ticket(Clock.ticket_id),
    ClockDraft: _LIST,
    ClockEvent: through(ClockEvent.clock_id, Clock.id, of_ticket(Clock.ticket_id)),
    ClockPolicy: _LIST,
    CollectionHold: of_house(CollectionHold),
    Community: of_community(Community.id),
    Complaint: of_ticket(Complaint.ticket_id),
    ComplaintFinding: of_ticket(ComplaintFinding.ticket_id),
    ComplaintRung: _LIST,
    Department: _LIST,
    DayClosing: {**of_community(DayClosing.community_id), Scope.ASSIGNMENT: took(DayClosing.taken_by_id)},
    DisputeEvidence: _of_side(DisputeEvidence.ticket_id, DisputeEvidence.party_id),
    DisputeParty: _of_side(DisputeParty.ticket_id, DisputeParty.id),
    DisputeStatement: _of_side(DisputeStatement.ticket_id, DisputeStatement.party_id),
    DisputeTalk: of_ticket(DisputeTalk.ticket_id),
    DrillPhoto: through(DrillPhoto.drill_id, PlanDrill.id, of_community(PlanDrill.community_id)),
    DutyEntry: of_community(DutyEntry.community_id),
    DutyRotation: of_community(DutyRotation.community_id),
    DutyShift: of_community(DutyShift.community_id),
    DutySwap: of_community(DutySwap.community_id),
    EmergencyPlan: _PLANS,
    EscalationAttempt: of_ticket(EscalationAttempt.ticket_id),
    ExternalReference: of_ticket(ExternalReference.ticket_id),
    FeeConcession: of_community(FeeConcession.community_id),
    FeeRate: through(FeeRate.fee_item_id, FeeItem.id, of_community(FeeItem.community_id)),
    FeeUse: of_community(FeeUse.community_id),
    FeeItem: of_community(FeeItem.community_id),
    FeeReminder: of_house(FeeReminder),
    Handover: {
        **of_community(Handover.community_id),
        Scope.ASSIGNMENT: lambda actor: (
            false()
            if actor.staff_id is None
            else or_(Handover.going_id == actor.staff_id, Handover.coming_id == actor.staff_id)
        ),
    },
    HotlineNumber: of_community(HotlineNumber.community_id),
    House: HOUSES,
    HouseholdChange: of_person(HouseholdChange.person_id),
    JournalEntry: of_community(JournalEntry.community_id),
    Ladder: of_ticket(Ladder.ticket_id),
    Loan: of_community(Loan.community_id),
    Material: _LIST,
    Message: MESSAGES,
    Meter: of_house(Meter),
    MeterReading: of_house(MeterReading),
    Outage: of_community(Outage.community_id),
    OutageEntry: through(OutageEntry.outage_id, Outage.id, of_community(Outage.community_id)),
    OutsideBody: of_community(OutsideBody.community_id),
    Payment: _PAYMENTS,
    Person: PEOPLE,
    PersonPhone: of_person(PersonPhone.person_id),
    Phone: {scope: phones(way) for scope, way in PEOPLE.items()},
    Phrase: _LIST,
    PlanDrill: of_community(PlanDrill.community_id),
    PlanTick: through(PlanTick.ticket_plan_id, TicketPlan.id, of_ticket(TicketPlan.ticket_id)),
    PlanVersion: through(PlanVersion.plan_id, EmergencyPlan.id, _PLANS),
    Posting: of_community(Posting.community_id),
    Questionnaire: {
        Scope.COMMUNITY: lambda actor: or_(
            Questionnaire.community_id.is_(None), among(Questionnaire.community_id, actor.community_ids)
        )
    },
    Receipt: through(Receipt.payment_id, Payment.id, _PAYMENTS),
    Recording: through(Recording.call_id, Call.id, CALLS),
    ReminderStep: _LIST,
    Report: _REPORTS,
    ReportQuestion: of_ticket(ReportQuestion.ticket_id),
    ReportSupplement: {Scope.TENURE: lambda actor: ReportSupplement.person_id == actor.person_id},
    ReturnVisit: of_ticket(ReturnVisit.ticket_id),
    RotationMember: through(RotationMember.rotation_id, DutyRotation.id, of_community(DutyRotation.community_id)),
    ServiceItem: _LIST,
    ServiceOrder: of_ticket(ServiceOrder.ticket_id),
    ServicePrice: _LIST,
    ComplaintMonth: of_community(ComplaintMonth.community_id),
    SignedRecord: of_community(SignedRecord.community_id),
    Skill: _LIST,
    SpecialEvent: _EVENTS,
    Staff: _STAFF,
    StaffCommunity: of_community(StaffCommunity.community_id),
    StewardBuilding: of_community(StewardBuilding.community_id),
    Survey: _SURVEYS,
    SurveyHousehold: {
        Scope.COMMUNITY: through(SurveyHousehold.survey_id, Survey.id, _SURVEYS)[Scope.COMMUNITY],
        Scope.BUILDING: lambda actor: among(SurveyHousehold.building_id, actor.building_ids),
        Scope.TENURE: lambda actor: among(SurveyHousehold.house_id, actor.house_ids),
    },
    Tenure: TENURES,
    Ticket: TICKETS,
    TicketAcceptance: of_ticket(TicketAcceptance.ticket_id),
    TicketCost: {**of_ticket(TicketCost.ticket_id), Scope.TENURE: _borne_costs},
    TicketEntry: of_ticket(TicketEntry.ticket_id),
    TicketOffer: of_ticket(TicketOffer.ticket_id),
    TicketPlan: of_ticket(TicketPlan.ticket_id),
    Unit: through(Unit.building_id, Building.id, of_community(Building.community_id)),
    WishEntry: of_community_or_none(WishEntry.community_id),
    WorkCalendar: _LIST,
}
"""Table → scope → condition. To add a table: a line here, one in `rules.row_scopes.SCOPES`, and in its test where a row belongs."""
