"""Which row stands where in the addresses of pages, and readers of every role who may open the page and not that row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import (
    Appraisal,
    Article,
    ArticleVersion,
    Attachment,
    BankFile,
    BankLine,
    Bill,
    Building,
    Call,
    CallTicket,
    Campaign,
    CheckIn,
    CheckInPlan,
    Community,
    DayClosing,
    Department,
    DisputeParty,
    DisputeStatement,
    DrillFinding,
    DrillPhoto,
    DutyRotation,
    DutyShift,
    DutySwap,
    EmergencyPlan,
    ExternalReference,
    FeeReminder,
    Handover,
    House,
    Ladder,
    Loan,
    Meter,
    Outage,
    Payment,
    Person,
    PlanDrill,
    PlanVersion,
    Questionnaire,
    QuestionnaireItem,
    Recording,
    Report,
    ReturnVisit,
    ServiceItem,
    ServiceOrder,
    SpecialEvent,
    Staff,
    StaffCommunity,
    Survey,
    SurveyHousehold,
    Tenure,
    Ticket,
    TicketCost,
    TicketOffer,
    Unit,
)
from app.rules.codes import Role
from tests.support.estate import login

AWAY = "moon-"
"""Before a role: the login of somebody with that role in the other community."""

BESIDE = "beside-"
"""The same in the same community, with nothing in hand: no building, no ticket, another house."""

DAY = timedelta(days=1)
RECORDED = "recordings/strangers.wav"


@dataclass(frozen=True)
class Row:
    """What stands at a place of an address: a column of a row, the newest its reader sees (of those under `where`)."""

    column: Any
    where: tuple[Any, ...] = ()
    form: str = "{}"
    on: Any = None
    """Of a row within a row: how the two hang together."""

    taken_by_anybody: bool = False
    """Whoever works in its community may ask for it: only those of another are strangers."""

    @property
    def model(self) -> Any:
        """The row's table."""
        return self.column.class_


TICKET, OPEN_TICKET = Row(Ticket.number), Row(Ticket.number, (Ticket.state == "registered",))
EMERGENCY = Row(Ticket.number, (Ticket.kind == "emergency",))
COMPLAINT = Row(Ticket.number, (Ticket.kind == "complaint",))
DISPUTE = Row(Ticket.number, (Ticket.id.in_(select(DisputeParty.ticket_id)),))
MONTH = Row(Community.code, form="{}-2026-02")
HANDOVER = Row(Handover.id)

PLACES: dict[str, Row | str] = {
    "/answers/<int:pk>": Row(Article.id, (Article.community_id.is_not(None),)),
    "/answers/<int:pk>/<string:step>": "review",
    "/appraisals/<int:pk>": Row(Appraisal.id),
    "/appraisals/<int:pk>/<string:step>": "answer",
    "/appraisals/<int:pk>/bills/<int:place>": "0",
    "/appraisals/<int:pk>/evidence/<int:place>": "0",
    "/arrears/house/<int:pk>": Row(House.id),
    "/arrears/week/<string:monday>": "2026-03-02",
    "/attachment/<int:attachment_id>": Row(Attachment.id),
    "/bank/<int:pk>": Row(BankFile.id, (BankFile.state == "taken",)),
    "/bank/<int:pk>/line/<int:number>": Row(BankLine.number, on=BankLine.file_id == BankFile.id),
    "/billing/bill/<int:pk>": Row(Bill.id),
    "/books/closing/<int:pk>": Row(DayClosing.id),
    "/books/house/<int:pk>": Row(House.id),
    "/checkin/<int:pk>": Row(CheckInPlan.id),
    "/checkin/call/<int:pk>": Row(CheckIn.id),
    "/checkin/person/<int:pk>": Row(Person.id),
    "/complaints/month/<string:subject>": MONTH,
    "/complaints/month/<string:subject>/<string:step>": "summary",
    "/complaints/walk/<string:subject>": MONTH,
    "/drill/<int:pk>": Row(PlanDrill.id),
    "/drill/<int:pk>/improved/<int:finding_id>": Row(DrillFinding.id, on=DrillFinding.drill_id == PlanDrill.id),
    "/drill/<int:pk>/tick/<string:step>": "x",
    "/drill/photo/<int:photo_id>": Row(DrillPhoto.id),
    "/duty/handovers/<int:pk>": HANDOVER,
    "/duty/override/<int:pk>": Row(DutyShift.id, (DutyShift.is_override,)),
    "/duty/rotations/<int:pk>": Row(DutyRotation.id),
    "/duty/swaps/<int:pk>": Row(DutySwap.id),
    "/duty/swaps/<int:pk>/<string:verb>": "accept",
    "/figures/<string:month>": "2026-02",
    "/figures/<string:month>/<string:what>": "registered",
    "/help/<string:role>": "manager",
    "/invite/building/<int:building_id>": Row(Building.id),
    "/invite/person/<int:person_id>": Row(Person.id),
    "/knowledge/<int:pk>": Row(Article.id, (Article.community_id.is_not(None),)),
    "/knowledge/<int:pk>/mark/<int:version_id>": Row(
        ArticleVersion.id, (ArticleVersion.state == "published",), on=ArticleVersion.article_id == Article.id
    ),
    "/live/alarm/<int:ladder_id>": Row(Ladder.id, (Ladder.state == "running",)),
    "/live/call/<int:call_id>": Row(Call.id),
    "/loan/<int:loan_id>": Row(Loan.id, (Loan.returned_at.is_(None),)),
    "/meters/<int:pk>": Row(Meter.id, (Meter.ends_on.is_(None),)),
    "/notice/<int:pk>": Row(Campaign.id),
    "/notice/<int:pk>/<string:step>": "pause",
    "/notice/alert/<string:number>": EMERGENCY,
    "/offer/<int:offer_id>": Row(TicketOffer.id, (TicketOffer.state == "open",)),
    "/outage/<int:outage_id>": Row(Outage.id),
    "/owner/bills/<string:key>": Row(Bill.id),
    "/owner/payments/<string:key>": Row(Payment.id),
    "/owner/reports/<int:pk>": Row(Report.id, (Report.state == "published",), taken_by_anybody=True),
    "/owner/said/<int:party_id>": Row(DisputeParty.id),
    "/owner/services/<string:code>": "door_lock",
    "/owner/survey/<int:pk>": Row(
        SurveyHousehold.id, (SurveyHousehold.survey_id.in_(select(Survey.id).where(Survey.state != "draft")),)
    ),
    "/owner/ticket/<string:number>": TICKET,
    "/owner/ticket/<string:number>/<string:verb>": "urge",
    "/payments/<int:pk>": Row(Payment.id),
    "/payments/house/<int:pk>": Row(House.id),
    "/plan/<int:pk>": Row(EmergencyPlan.id, (EmergencyPlan.community_id.is_not(None),)),
    "/plan/<int:pk>/<int:number>": Row(PlanVersion.number, on=PlanVersion.plan_id == EmergencyPlan.id),
    "/plan/<int:pk>/<int:number>/<string:step>": "review",
    "/plan/<int:pk>/propose/<int:event_id>": Row(
        SpecialEvent.id, on=SpecialEvent.community_id == EmergencyPlan.community_id
    ),
    "/plan/ticket/<string:number>": EMERGENCY,
    "/pool/<string:number>": Row(Ticket.number, (Ticket.state == "dispatched",), taken_by_anybody=True),
    "/questions/<int:pk>": Row(Questionnaire.id, (Questionnaire.community_id.is_not(None),)),
    "/questions/<int:pk>/item/<int:item_id>": Row(
        QuestionnaireItem.id, on=QuestionnaireItem.questionnaire_id == Questionnaire.id
    ),
    "/records/<string:kind>": "handover",
    "/records/<string:kind>/<string:subject>": HANDOVER,
    "/records/<string:kind>/<string:subject>/<string:step>": "review",
    "/reminders/letters/<int:pk>": Row(FeeReminder.id, (FeeReminder.way == "letter",)),
    "/report/page/<int:pk>": Row(Report.id),
    "/report/page/<int:pk>/<string:step>": "review",
    "/reports/<string:code>": Row(Community.code),
    "/reports/<string:code>/<string:month>": Row(Report.month, on=Report.community_id == Community.id),
    "/service-order/<int:order_id>": Row(ServiceOrder.id),
    "/service-order/<int:order_id>/<string:verb>": "schedule",
    "/special/<int:pk>": Row(SpecialEvent.id, (SpecialEvent.confirmed_at.is_not(None),)),
    "/special/<int:pk>/<string:step>": "write",
    "/special/open/<string:number>": EMERGENCY,
    "/survey/<int:pk>": Row(Survey.id),
    "/survey/<int:pk>/<string:step>": "close",
    "/survey/<int:pk>/household/<int:household_id>": Row(SurveyHousehold.id, on=SurveyHousehold.survey_id == Survey.id),
    "/ticket/<string:number>": TICKET,
    "/ticket/<string:number>/<string:verb>": "note",
    "/ticket/<string:number>/costs/<int:line_id>": Row(TicketCost.id, on=TicketCost.ticket_id == Ticket.id),
    "/ticket/<string:number>/dispute/<string:step>": "talk",
    "/ticket/<string:number>/dispute/<string:what>": "statement",
    "/ticket/<string:number>/dispute/<string:what>/<int:item>": Row(
        DisputeStatement.id, on=DisputeStatement.ticket_id == Ticket.id
    ),
    "/ticket/<string:number>/letter/<int:reference_id>": Row(
        ExternalReference.id, on=ExternalReference.ticket_id == Ticket.id
    ),
    "/ticket/<string:number>/recording/<int:recording_id>": Row(
        Recording.id,
        on=Recording.call_id.in_(select(CallTicket.call_id).where(CallTicket.ticket_id == Ticket.id).correlate(Ticket)),
    ),
    "/visit/<int:pk>": Row(ReturnVisit.id),
    "/visit/<int:pk>/ask/<string:way>": "sms",
    "/visit/for/<string:number>": TICKET,
    "/voice-pin/<int:person_id>": Row(Person.id),
    "/work/<string:code>": "open",
    "/work/age/<string:code>": "day",
    "/work/bills/<string:what>": "due",
    "/work/day/<string:day>": "2026-03-10",
    "/work/day/<string:day>/<string:what>": "registered",
    "/work/messages/<string:what>": "failed",
}
"""An address up to a place → what stands there: a row, or a word that is no row. A new place needs a line."""

BODIES: dict[str, dict[str, str]] = {
    "/bank/<int:pk>/line/<int:number>": {"do": "aside"},
    "/duty/rotations/<int:pk>": {"community": "1"},
    "/knowledge/<int:pk>/mark/<int:version_id>": {"helped": "yes"},
    "/live/call/<int:call_id>/confirm": {"house": "1"},
}
"""What a form must hold before its row is looked for."""

THESE: dict[str, dict[str, Row | str]] = {
    "/appraisals/<int:pk>/bills/<int:place>": {"pk": Row(Appraisal.id, (Appraisal.role == "steward",))},
    "/ticket/<string:number>/record": {"number": COMPLAINT},
    "/ticket/<string:number>/record.pdf": {"number": COMPLAINT},
    "/ticket/<string:number>/dispute/file": {"number": DISPUTE},
    "/ticket/<string:number>/dispute/file.pdf": {"number": DISPUTE},
    "/ticket/<string:number>/dispute/<string:step>": {"number": DISPUTE},
    "/ticket/<string:number>/<string:verb>": {"number": OPEN_TICKET, "verb": "dispatch"},
}
"""Where one address asks for another row than its neighbours."""


def make_readers(session: Session, home: Community, now: datetime) -> Community:
    """Logins of every role in another community, and in this one with nothing in hand. The caller commits."""
    away = Community(code="moon", name="月亮湾", name_en="Moon Bay", address="月亮湾路1号")
    session.add(away)
    session.flush()
    building = Building(community_id=away.id, number="1", name="1幢", position=1)
    session.add(building)
    session.flush()
    unit = Unit(building_id=building.id, number="1", name="1单元")
    session.add(unit)
    session.flush()
    house = House(community_id=away.id, building_id=building.id, unit_id=unit.id, number="101", name="1幢1单元101", floor=1,
                  area_m2=Decimal("80"), state="occupied")  # fmt: skip
    session.add(house)
    session.flush()
    empty = session.scalars(select(House).where(House.community_id == home.id).order_by(House.id.desc())).first()
    assert empty is not None
    for before, community, lived_in in ((AWAY, away, house), (BESIDE, home, empty)):
        for role in Role:
            _reader(session, before, role, community, lived_in, now)
    if not session.scalars(select(User.id).where(User.username == Role.DEPUTY.value)).first():
        _reader(session, "", Role.DEPUTY, home, empty, now)
    return away


def _reader(session: Session, before: str, role: str, community: Community, house: House, now: datetime) -> None:
    user = login(session, f"{before}{role}", role)
    if role in (Role.OWNER, Role.RESIDENT):
        person = Person(name=f"{before}{role}", user_id=user.id)
        session.add(person)
        session.flush()
        part = "owner" if role == Role.OWNER else "tenant"
        session.add(Tenure(person_id=person.id, house_id=house.id, role=part, starts_on=now.date() - 9 * DAY))
    else:
        department = session.scalars(select(Department).order_by(Department.id).limit(1)).one()
        staff = Staff(name=f"{before}{role}", user_id=user.id, role=role, department_id=department.id)
        session.add(staff)
        session.flush()
        session.add(StaffCommunity(staff_id=staff.id, community_id=community.id))
    session.flush()


_ALONE = (
    Ticket.kind.not_in(("complaint", "emergency")),
    Ticket.id.not_in(select(TicketOffer.ticket_id)),
    Ticket.id.not_in(select(Ladder.ticket_id)),
    Ticket.state.in_(("dispatched", "in_progress", "waiting")),
)


def make_rows(session: Session, home: Community, now: datetime) -> None:
    """One row of each table of which the demo has none. The caller commits."""
    people = {role: session.scalars(select(Staff).join(User, User.id == Staff.user_id).where(User.username == role)).one()
              for role in (Role.ASSISTANT, Role.STEWARD, Role.MANAGER, Role.TECHNICIAN, Role.FINANCE)}  # fmt: skip
    one, two = people[Role.ASSISTANT], people[Role.STEWARD]
    ticket = session.scalars(
        select(Ticket).where(Ticket.house_id.is_not(None), *_ALONE).order_by(Ticket.id.desc())
    ).first()
    rung = session.scalars(select(Ticket).where(*_ALONE).order_by(Ticket.id)).first()
    call = session.scalars(select(CallTicket.call_id).order_by(CallTicket.call_id.desc())).first()
    item = session.scalars(select(ServiceItem).order_by(ServiceItem.id)).first()
    assert ticket is not None
    assert rung is not None
    assert item is not None
    ticket.assignee_id, ticket.state = two.id, "dispatched"
    # The caller's card is opened for calls of the last hours; the demo's own last one may be of yesterday.
    rang = session.scalars(select(Call).where(Call.community_id == home.id).order_by(Call.id.desc())).first()
    assert rang is not None
    rang.started_at = now
    owner = session.scalars(
        select(Person).join(User, User.id == Person.user_id).where(User.username == Role.OWNER)
    ).one()
    party = session.scalars(select(DisputeParty).order_by(DisputeParty.id)).first()
    assert party is not None
    party.person_id = owner.id
    session.add_all([
        Handover(community_id=home.id, begins_at=now - DAY, changes_at=now, ends_at=now + DAY, going_id=one.id,
                 coming_id=two.id, made_at=now, read_at=now),
        DutySwap(community_id=home.id, asker_id=one.id, other_id=two.id, tier="on_duty", starts_at=now + DAY,
                 ends_at=now + 2 * DAY, asked_at=now),
        DutyShift(community_id=home.id, tier="on_duty", staff_id=one.id, number="+8613900000001", starts_at=now + 5 * DAY,
                  ends_at=now + 6 * DAY, is_override=True),
        DayClosing(community_id=home.id, taken_by_id=one.user_id, taken_by=one.name, closed_at=now, payments=0, sums={},
                   expected_yuan=Decimal(0), counted_yuan=Decimal(0)),
        Recording(call_id=call, provider_sid="RE1", created_at=now, file_path=RECORDED),
        Ladder(ticket_id=rung.id, started_at=now, next_at=now + DAY),
        TicketOffer(ticket_id=ticket.id, giver_id=two.id, to_id=one.id, reason="x", offered_at=now),
        ServiceOrder(ticket_id=ticket.id, item_id=item.id, community_id=home.id, house_id=ticket.house_id,
                     price_kind="fixed", created_at=now),
    ])  # fmt: skip
    session.flush()
