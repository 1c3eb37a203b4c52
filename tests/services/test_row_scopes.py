"""Role × table → rows (D15): what `rules.row_scopes` declares is what is seen, on an estate of two communities.

Where a row belongs is worked out here from its own columns, never by the conditions under test.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask_appbuilder.security.sqla.models import Role as RoleRow
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import models as m
from app.rules.codes import Role, RowScope
from app.rules.row_scopes import DEBTS, FILE, SCOPES, Scope, own_scope, scope_of
from app.services.access import WAYS, debtors, files, rows
from app.services.actors import Actor, actor_of
from app.services.tickets import open_ticket
from tests.support.estate import Estate, build_estate, login
from tests.support.plans import in_force

ZONE = ZoneInfo("Asia/Shanghai")
MODELS = {model.__name__: model for model in WAYS} | {FILE: m.Person, DEBTS: m.House}
APART = {FILE: files, DEBTS: debtors}
"""What has a condition of its own on a table of another."""
LOGINS = {role.value: role.value for role in Role}


OF_TICKET = (
    "Attachment", "CallTicket", "Clock", "ClockEvent", "Complaint", "ComplaintFinding", "DisputeEvidence", "DisputeParty",
    "DisputeStatement", "DisputeTalk", "EscalationAttempt", "ExternalReference",
    "Ladder", "PlanTick", "ReportQuestion", "ReturnVisit", "ServiceOrder", "SpecialEvent", "Ticket", "TicketAcceptance", "TicketCost",
    "TicketEntry", "TicketOffer", "TicketPlan",
)  # fmt: skip


@dataclass
class Places:
    """Where a row belongs: what is looked at by each scope."""

    communities: set[int | None] = field(default_factory=set)
    buildings: set[int | None] = field(default_factory=set)
    houses: set[int | None] = field(default_factory=set)
    people: set[int | None] = field(default_factory=set)
    tickets: set[int] = field(default_factory=set)

    def __or__(self, other: "Places") -> "Places":
        return Places(
            self.communities | other.communities,
            self.buildings | other.buildings,
            self.houses | other.houses,
            self.people | other.people,
            self.tickets | other.tickets,
        )


def _published(community_id: int, now: datetime) -> m.Report:
    signed = {
        f"{step}_{what}": now if what == "at" else "x"
        for step in ("reviewed", "signed", "published")
        for what in ("at", "by")
    }
    files = {"sha256": "0" * 64, "file_path": "x.pdf", "size_bytes": 1, "template_version": "1", "font_hash": "0"}
    return m.Report(community_id=community_id, month="2026-01", drafted_at=now, state="published", **signed, **files)


def _photo(ticket_id: int, stage: str, now: datetime) -> m.Attachment:
    path = f"{ticket_id}-{stage}.jpg"
    return m.Attachment(
        ticket_id=ticket_id, stage=stage, content_type="image/jpeg", file_path=path, sha256=path, size_bytes=1,
        uploader_name="x", at=now,
    )  # fmt: skip


def _cost(ticket_id: int, bearer: str, now: datetime, **more: Any) -> m.TicketCost:
    sums = {"quantity": 1, "price_yuan": 1, "amount_yuan": 1}
    return m.TicketCost(
        ticket_id=ticket_id, kind="material", what="x", bearer=bearer, at=now, entered_by="x", **sums, **more
    )


def _order(session: Session, ticket_id: int, now: datetime) -> m.ServiceOrder:
    item = session.scalars(select(m.ServiceItem)).first()
    ticket = session.get_one(m.Ticket, ticket_id)
    common = {
        "community_id": ticket.community_id,
        "house_id": ticket.house_id,
        "item_id": item.id,
        "price_kind": "free",
    }
    return m.ServiceOrder(ticket_id=ticket_id, created_at=now, **common)


def _looked_after(session: Session, made: Estate, key: str, steward_id: int | None, now: datetime) -> None:
    """An entry of the register, a call of it, and a step of each. Somebody of the house is sent to `far`, wherever that is."""
    house = session.get_one(m.House, made.houses[key])
    place = {"person_id": made.people[key], "house_id": house.id, "community_id": house.community_id}
    entry = m.CheckInPlan(
        **place, number="+861", weekdays="1", times="08:30", consent_by="x", consented_on=now.date(), consent_noted_by="x",
        created_at=now, steward_id=steward_id,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    sent = {"far": "technician", "foreign": "assistant"}.get(key)
    call = m.CheckIn(
        key=key, plan_id=entry.id, **place, at=now, state="alerted", alerted_id=made.staff[sent] if sent else None
    )
    session.add(call)
    session.flush()
    common = {"plan_id": entry.id, "at": now, "actor_name": "x"}
    session.add_all([m.CheckInStep(**common, verb="added"), m.CheckInStep(**common, check_in_id=call.id, verb="alert")])


def _called(session: Session, made: Estate, key: str, now: datetime) -> None:
    house = session.get_one(m.House, made.houses[key])
    campaign = m.Campaign(key=key, community_id=house.community_id, purpose="notice", created_at=now)
    session.add_all([campaign, m.CallWish(number=key, purpose="notice", refused_at=now)])
    session.flush()
    session.add(m.CampaignPlace(campaign_id=campaign.id, building_id=house.building_id))
    place = {"community_id": house.community_id, "house_id": house.id}
    session.add(m.CampaignTarget(key=key, campaign_id=campaign.id, purpose="notice", not_before=now, **place))


def _event(session: Session, ticket_id: int, now: datetime) -> None:
    """A special event of this ticket, with its report."""
    community_id = session.get_one(m.Ticket, ticket_id).community_id
    event = m.SpecialEvent(community_id=community_id, opened_at=now, first_at=now, last_at=now, texts={})
    session.add(event)
    session.flush()
    session.add(m.SpecialEventTicket(event_id=event.id, ticket_id=ticket_id, added_at=now))
    session.add(
        m.SignedRecord(
            kind="special_event", community_id=community_id, subject=str(event.id), content={}, sha256="0" * 64,
            drafted_at=now, drafted_by="x",
        )
    )  # fmt: skip


def _reminded(session: Session, made: Estate, key: str, now: datetime) -> None:
    house = session.get_one(m.House, made.houses[key])
    place = {"community_id": house.community_id, "house_id": house.id}
    step = session.scalars(select(m.ReminderStep)).first()
    session.add_all(
        [
            m.ArrearsNote(reason="away", noted_on=now.date(), at=now, actor_name="x", **place),
            m.CollectionHold(kind="hardship", starts_on=now.date(), set_at=now, set_by="x", **place),
            m.FeeReminder(
                key=key, payer_id=made.people[key], period="2026-03", step_id=step.id, way="sms",
                amount_yuan=1, planned_at=now, **place,
            ),
        ]
    )  # fmt: skip


def _paid(session: Session, made: Estate, key: str, now: datetime) -> None:
    """A payment with everything of it: `next`'s was taken by the steward, the others' by the assistant."""
    house = session.get_one(m.House, made.houses[key])
    place = {"community_id": house.community_id}
    name = "steward" if key == "next" else "assistant"
    taker = session.get_one(m.Staff, made.staff[name]).user_id
    payment = m.Payment(
        **place, house_id=house.id, payer_id=made.people[key], way="cash", amount=5, received_at=now, created_at=now,
        taken_by_id=taker, taken_by="x",
    )  # fmt: skip
    session.add(payment)
    session.flush()
    entry = m.JournalEntry(**place, kind="payment", booked_on=now.date(), at=now, actor_name="x", payment_id=payment.id)
    closing = m.DayClosing(
        **place, taken_by_id=taker, taken_by="x", closed_at=now, payments=1, sums={}, expected_yuan=5, counted_yuan=5
    )
    number = len(session.scalars(select(m.Receipt)).all()) + 1
    meter = m.Meter(
        **place, house_id=house.id, kind="gas", number=str(number), digits=5, starts_on=now.date(), start_value=0
    )
    session.add(meter)
    session.flush()
    session.add(
        m.MeterReading(
            **place, meter_id=meter.id, house_id=house.id, read_on=now.date(), value=1, used=1, at=now, read_by="x"
        )
    )
    file = m.BankFile(
        **place,
        name="x",
        sha256=str(number),
        size_bytes=1,
        content=b"x",
        state="taken",
        uploaded_at=now,
        uploaded_by="x",
    )
    session.add_all(
        [file, m.BankFormat(**place, name="x", signature=str(number), columns={}, kept_at=now, kept_by="x")]
    )
    session.flush()
    session.add(
        m.BankLine(**place, file_id=file.id, number=2, paid_on=now.date(), amount=5, reference="x", state="unclear")
    )
    item = session.scalars(select(m.FeeItem).where(m.FeeItem.community_id == house.community_id)).first()
    common = {**place, "house_id": house.id, "fee_item_id": item.id, "starts_on": now.date()}
    session.add_all(
        [
            m.FeeUse(**common, quantity=1),
            m.FeeConcession(**common, percent=10, reason="x", decided_by="x", decided_at=now),
            m.FeeRate(fee_item_id=item.id, rate=1, valid_from=date(2020, 1, number)),
            m.BillingRun(**place, period=f"2026-{number:02d}", started_at=now, started_by="x"),
        ]
    )  # fmt: skip
    session.add_all([entry, closing, m.Receipt(**place, number=number, payment_id=payment.id, issued_at=now)])
    session.flush()
    session.add(
        m.Posting(
            entry_id=entry.id, **place, debit="cash", credit="credit", amount=5, house_id=house.id,
            payer_id=made.people[key],
        )
    )  # fmt: skip


def _surveyed(session: Session, made: Estate, key: str, now: datetime) -> None:
    house = session.get_one(m.House, made.houses[key])
    common = {"community_id": house.community_id, "cycle": "monthly", "title": key}
    questionnaire = m.Questionnaire(**common, changed_at=now)
    session.add(questionnaire)
    session.flush()
    day = now.date()
    survey = m.Survey(
        **common, questionnaire_id=questionnaire.id, period_starts_on=day, closes_on=day, created_at=now, asked=1
    )
    survey.places = [m.SurveyPlace(building_id=house.building_id)]
    session.add(survey)
    session.flush()
    session.add(m.SurveyHousehold(survey_id=survey.id, house_id=house.id, building_id=house.building_id))


def _answered(session: Session, made: Estate, key: str, now: datetime) -> None:
    community = session.get_one(m.House, made.houses[key]).community_id
    article = m.Article(community_id=community, created_at=now)
    words = {"question": key, "answer": key, "written_at": now, "is_public": True}
    article.versions = [m.ArticleVersion(number=1, state="published", **words), m.ArticleVersion(number=2, **words)]
    session.add(article)


def _planned(session: Session, made: Estate, key: str, now: datetime) -> None:
    """A plan of the house's community, opened with the ticket, one step ticked."""
    version = in_force(session, session.get_one(m.House, made.houses[key]).community_id, now)
    opened = m.TicketPlan(
        ticket_id=made.tickets[key], version_id=version.id, fits=True, opened_at=now, opened_by="ladder"
    )
    session.add(opened)
    session.flush()
    session.add(m.PlanTick(ticket_plan_id=opened.id, step="x", at=now, actor_name="x"))
    place = {"community_id": version.plan.community_id, "plan_id": version.plan_id, "version_id": version.id}
    led = {"leader_id": made.staff["steward"], "planned_by": "x", "planned_at": now}
    drill = m.PlanDrill(**place, **led, starts_at=now, steps={})
    file = {"file_path": f"drill-{key}.jpg", "thumb_path": "x", "sha256": "0" * 64, "size_bytes": 1}
    drill.photos = [m.DrillPhoto(**file, uploader_name="x", at=now)]
    session.add(drill)


def _handed_on(session: Session, made: Estate, key: str, now: datetime) -> None:
    """Work that waits to be accepted by somebody, and is offered to another."""
    asked = {"acceptor_id": made.staff["supervisor"], "asked_at": now, "asked_by": "x"}
    session.add(m.TicketAcceptance(ticket_id=made.tickets[key], **asked))
    offered = {"giver_id": made.staff["technician"], "to_id": made.staff["steward"], "reason": "x", "offered_at": now}
    session.add(m.TicketOffer(ticket_id=made.tickets[key], **offered))


def _disputed(session: Session, made: Estate, key: str, now: datetime) -> None:
    """Two sides on a ticket: its household, and one nobody knows; each heard, an item of each, a talk."""
    common = {"ticket_id": made.tickets[key], "taken_at": now, "taken_by": "x"}
    session.add(
        m.DisputeTalk(
            ticket_id=made.tickets[key], number=1, way="note", held_at=now, notes="x", noted_at=now, noted_by="x"
        )
    )
    for place, person in ((1, made.people[key]), (2, None)):
        side = m.DisputeParty(
            ticket_id=made.tickets[key], place=place, name="x", person_id=person, added_at=now, added_by="x"
        )
        session.add(side)
        session.flush()
        own = {**common, "party_id": side.id, "number": place}
        session.add(m.DisputeStatement(**own, way="phone", heard_at=now, words="x"))
        session.add(m.DisputeEvidence(**own, kind="observation", what="x", made_at=now))


class World:
    """The estate with something of everything beside each house, read once."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.estate = build_estate(session, now)
        self._fill(session, self.estate, now)
        session.commit()
        self.tenures = session.scalars(select(m.Tenure)).all()
        self.links = session.scalars(select(m.PersonPhone)).all()
        self.team = session.scalars(select(m.StaffCommunity)).all()

    @staticmethod
    def _fill(session: Session, made: Estate, now: datetime) -> None:
        """The technician has the ticket of `far`, the assistant that of `next`; a shared telephone; something of every kind."""
        session.get_one(m.Ticket, made.tickets["far"]).assignee_id = made.staff["technician"]
        session.get_one(m.Ticket, made.tickets["next"]).assignee_id = made.staff["assistant"]
        session.get_one(m.Ticket, made.tickets["own"]).assignee_id = made.staff["steward"]
        far = session.get_one(m.House, made.houses["far"])
        open_ticket(
            session, community=far.community, kind="repair", channel="desk", title="在别的楼", house=far,
            actor=Actor.system("tests"), now=now,
        ).assignee_id = made.staff["steward"]  # fmt: skip
        stranger = m.Staff(name="外人", role="assistant")
        session.add(stranger)
        session.flush()
        session.add(m.StaffCommunity(staff_id=stranger.id, community_id=made.other))
        away = session.get_one(m.House, made.houses["foreign"]).building_id
        session.add(
            m.StewardBuilding(
                staff_id=stranger.id, building_id=away, community_id=made.other, starts_on=date(2020, 1, 1)
            )
        )
        # What is of no community is the desks' of all of them: a call to a number of none, an alarm, a stranger's STOP.
        session.add(m.WishEntry(at=now, number="+862", purpose="texts", wanted=False, way="sms"))
        session.add(m.Call(provider_sid="CAnowhere", from_number="+862", started_at=now, facts={}))
        for purpose in ("watch", "invitation"):
            session.add(m.Message(key=purpose, channel="alert", to="staff", purpose=purpose, body="x", created_at=now))
        for action in ("login", "exported"):
            session.add(m.AccessEntry(at=now, actor_name="x", action=action, subject="x"))
        for order, community in enumerate((made.home, made.other)):
            session.add(
                m.ComplaintMonth(community_id=community, month="2026-01", cases=[], changed_at=now, changed_by="x")
            )
            session.add(m.OutsideBody(community_id=community, kind="police", name="社区警务室"))
            session.add(m.HotlineNumber(number=f"+86216000000{order}", community_id=community))
            session.add(
                m.DutyShift(
                    community_id=community,
                    tier="on_duty",
                    staff_id=stranger.id,
                    number="+861",
                    starts_at=now,
                    ends_at=now.replace(hour=9),
                )
            )
            rotation = m.DutyRotation(
                community_id=community, tier="backup", name="x", pattern="daily", handoffs="08:00", starts_on=now.date()
            )
            rotation.members.append(m.RotationMember(place=0, staff_id=stranger.id))
            session.add(rotation)
            session.add(
                m.DutySwap(
                    community_id=community, asker_id=stranger.id, other_id=made.staff["steward"], tier="backup",
                    starts_at=now, ends_at=now.replace(hour=9), asked_at=now,
                )
            )  # fmt: skip
            for order, name in enumerate(("steward", "technician")):
                session.add(
                    m.Handover(
                        community_id=community, begins_at=now, changes_at=now.replace(hour=10 + order),
                        ends_at=now.replace(hour=20), going_id=stranger.id, coming_id=made.staff[name], made_at=now, read_at=now,
                    )
                )  # fmt: skip
            day = date(2026, 1, 1 + community % 28)
            session.add(m.AppraisalPlan(role="technician", starts_on=day, lines=[], made_at=now, made_by="x"))
            for person in (stranger.id, made.staff["steward"], made.staff["technician"]):
                sheet = m.Appraisal(
                    community_id=community, staff_id=person, month="2026-01", role="technician", opened_at=now
                )
                session.add(sheet)
            session.add(m.DutyEntry(community_id=community, at=now, verb="rotation_added", actor_name="x"))
            session.add(_published(community, now))
            due = now.replace(year=now.year + 1)
            session.add(
                m.Loan(community_id=community, kind="key", what="k", taken_by="x", lent_at=now, lent_by="x", due_at=due)
            )
            session.add(
                outage := m.Outage(
                    community_id=community,
                    kind="water",
                    text_zh="停水",
                    starts_at=now,
                    announced_at=now,
                    announced_by="x",
                )
            )
            session.flush()
            session.add(m.OutageEntry(outage_id=outage.id, at=now, verb="announced", actor_name="x", data={}))
            session.add(
                m.WishEntry(community_id=community, at=now, number="+861", purpose="texts", wanted=False, way="sms")
            )
        for order, (key, ticket_id) in enumerate(made.tickets.items()):
            session.add(
                m.Recording(call_id=made.calls[key], provider_sid=f"RE{key}", created_at=now, step=f"record{order}")
            )
            session.add(_order(session, ticket_id, now))
            session.add(m.Complaint(ticket_id=ticket_id))
            report = session.scalars(select(m.Report)).first()
            house = session.get_one(m.House, made.houses[key])
            own = {"community_id": house.community_id, "person_id": made.people[key], "month": "2026-01"}
            session.add(m.ReportSupplement(**own, made_at=now, content={}, content_sha256="0" * 64))
            session.add(m.ReportQuestion(ticket_id=ticket_id, report_id=report.id, section="fees"))
            session.add_all(_cost(ticket_id, bearer, now) for bearer in ("owner", "centre"))
            session.add(_cost(ticket_id, "owner", now, struck_at=now, struck_why="x"))
            session.add(
                m.ExternalReference(ticket_id=ticket_id, kind="police", direction="in", noted_at=now, noted_by="x")
            )
            session.add(m.ComplaintFinding(ticket_id=ticket_id, validity="valid", found_at=now, finder_name="x"))
            ladder = m.Ladder(ticket_id=ticket_id, started_at=now)
            session.add(ladder)
            session.flush()
            session.add(
                m.EscalationAttempt(
                    ladder_id=ladder.id, ticket_id=ticket_id, round=1, rung=1, tier="on_duty", number="+861",
                    started_at=now, deadline_at=now,
                )
            )  # fmt: skip
            for stage in ("report", "evidence"):
                session.add(_photo(ticket_id, stage, now))
            session.add(m.HouseholdChange(at=now, person_id=made.people[key], actor_name="x", what="phone"))
            _called(session, made, key, now)
            _looked_after(session, made, key, made.staff["steward"] if key == "far" else None, now)
            _event(session, ticket_id, now)
            _reminded(session, made, key, now)
            session.add(m.ClockDraft(title=key, made_at=now, made_by="x"))
            session.add(m.WorkCalendar(code=f"own_{key}", name=key, name_en=key))
            _surveyed(session, made, key, now)
            _answered(session, made, key, now)
            _planned(session, made, key, now)
            _handed_on(session, made, key, now)
            _paid(session, made, key, now)
            _disputed(session, made, key, now)
        session.flush()

    # -- where a row belongs -------------------------------------------------------------------------------------------

    def of_house(self, house_id: int | None) -> Places:
        if house_id is None:
            return Places()
        house = self.session.get_one(m.House, house_id)
        tickets = self.session.scalars(select(m.Ticket.id).where(m.Ticket.house_id == house_id))
        return Places({house.community_id}, {house.building_id}, {house_id}, set(), set(tickets))

    def of_person(self, person_id: int | None) -> Places:
        found = Places(people={person_id})
        for tenure in self.tenures:
            if tenure.person_id == person_id:
                found = found | self.of_house(tenure.house_id)
        return found

    def of_ticket(self, ticket_id: int) -> Places:
        ticket = self.session.get_one(m.Ticket, ticket_id)
        return Places({ticket.community_id}, {ticket.building_id}, {ticket.house_id}, {ticket.reporter_id}, {ticket_id})

    def of_side(self, ticket_id: int, side: Any) -> Places:
        """The ticket's, but only the side's own person's."""
        place = self.of_ticket(ticket_id)
        person_id = side.person_id if side is not None else None
        return Places(place.communities, place.buildings, place.houses, {person_id} - {None}, place.tickets)

    @property
    def everywhere(self) -> set[int | None]:
        return {self.estate.home, self.estate.other}

    def of_call(self, call_id: int) -> Places:
        call = self.session.get_one(m.Call, call_id)
        found = self.of_house(call.house_id)
        communities = {call.community_id} if call.community_id else self.everywhere
        return Places(communities, found.buildings, found.houses, {call.person_id}, found.tickets)


PLACES: dict[str, Callable[[World, Any], Places]] = {
    "ArrearsNote": lambda w, r: w.of_house(r.house_id),
    "Article": lambda w, r: Places({r.community_id}),
    "ArticleVersion": lambda w, r: Places({r.article.community_id}),
    "Attachment": lambda w, r: w.of_ticket(r.ticket_id),
    "Bill": lambda w, r: w.of_house(r.house_id) | Places(people={r.payer_id}),
    "Building": lambda w, r: Places({r.community_id}, {r.id}),
    "Call": lambda w, r: w.of_call(r.id),
    "CallTicket": lambda w, r: w.of_ticket(r.ticket_id),
    "CallWish": lambda w, r: Places(),
    "Campaign": lambda w, r: Places({r.community_id}),
    "CampaignPlace": lambda w, r: Places({r.building.community_id}),
    "CampaignTarget": lambda w, r: w.of_house(r.house_id),
    "CheckIn": lambda w, r: w.of_house(r.house_id) | w.of_person(r.person_id),
    "CheckInPlan": lambda w, r: w.of_house(r.house_id) | w.of_person(r.person_id),
    "CheckInStep": lambda w, r: w.of_house(r.plan.house_id) | w.of_person(r.plan.person_id),
    "Clock": lambda w, r: w.of_ticket(r.ticket_id),
    "ClockEvent": lambda w, r: w.of_ticket(r.clock.ticket_id),
    "CollectionHold": lambda w, r: w.of_house(r.house_id),
    "Community": lambda w, r: Places({r.id}),
    "Complaint": lambda w, r: w.of_ticket(r.ticket_id),
    "ComplaintFinding": lambda w, r: w.of_ticket(r.ticket_id),
    "BankFile": lambda w, r: Places({r.community_id}),
    "BankFormat": lambda w, r: Places({r.community_id}),
    "BankLine": lambda w, r: Places({r.community_id}),
    "BillingRun": lambda w, r: Places({r.community_id}),
    "FeeConcession": lambda w, r: w.of_house(r.house_id),
    "FeeRate": lambda w, r: Places({r.fee_item.community_id}),
    "FeeUse": lambda w, r: w.of_house(r.house_id),
    "DayClosing": lambda w, r: Places({r.community_id}),
    "DisputeEvidence": lambda w, r: w.of_side(r.ticket_id, r.party),
    "DisputeParty": lambda w, r: w.of_side(r.ticket_id, r),
    "DisputeStatement": lambda w, r: w.of_side(r.ticket_id, r.party),
    "DisputeTalk": lambda w, r: w.of_ticket(r.ticket_id),
    "DrillPhoto": lambda w, r: Places({r.drill.community_id}),
    "DutyEntry": lambda w, r: Places({r.community_id}),
    "DutyRotation": lambda w, r: Places({r.community_id}),
    "DutyShift": lambda w, r: Places({r.community_id}),
    "DutySwap": lambda w, r: Places({r.community_id}),
    "EmergencyPlan": lambda w, r: Places(_of_plan(w, r)),
    "EscalationAttempt": lambda w, r: w.of_ticket(r.ticket_id),
    "ExternalReference": lambda w, r: w.of_ticket(r.ticket_id),
    "FeeItem": lambda w, r: Places({r.community_id}),
    "FeeReminder": lambda w, r: w.of_house(r.house_id),
    "Appraisal": lambda w, r: Places({r.community_id}),
    "Handover": lambda w, r: Places({r.community_id}),
    "HotlineNumber": lambda w, r: Places({r.community_id}),
    "House": lambda w, r: w.of_house(r.id),
    DEBTS: lambda w, r: w.of_house(r.id),
    "HouseholdChange": lambda w, r: w.of_person(r.person_id),
    "JournalEntry": lambda w, r: Places({r.community_id}),
    "Ladder": lambda w, r: w.of_ticket(r.ticket_id),
    "Loan": lambda w, r: Places({r.community_id}),
    "Message": lambda w, r: Places(w.everywhere if r.purpose == "watch" else {r.community_id}),
    "Meter": lambda w, r: w.of_house(r.house_id),
    "MeterReading": lambda w, r: w.of_house(r.house_id),
    "Outage": lambda w, r: Places({r.community_id}),
    "OutageEntry": lambda w, r: Places({r.outage.community_id}),
    "OutsideBody": lambda w, r: Places({r.community_id}),
    "Payment": lambda w, r: w.of_house(r.house_id) | Places(people={r.payer_id}),
    "Person": lambda w, r: w.of_person(r.id),
    FILE: lambda w, r: w.of_person(r.id),
    "PersonPhone": lambda w, r: w.of_person(r.person_id),
    "Phone": lambda w, r: _joined(w.of_person(link.person_id) for link in w.links if link.phone_id == r.id),
    "PlanDrill": lambda w, r: Places({r.community_id}),
    "PlanTick": lambda w, r: w.of_ticket(r.ticket_plan.ticket_id),
    "PlanVersion": lambda w, r: Places(_of_plan(w, r.plan)),
    "Posting": lambda w, r: w.of_house(r.house_id),
    "Questionnaire": lambda w, r: Places({r.community_id}),
    "Receipt": lambda w, r: w.of_house(r.payment.house_id) | Places(people={r.payment.payer_id}),
    "Recording": lambda w, r: w.of_call(r.call_id),
    "Report": lambda w, r: Places({r.community_id}),
    "ReportQuestion": lambda w, r: w.of_ticket(r.ticket_id),
    "ReportSupplement": lambda w, r: Places(people={r.person_id}),
    "ReturnVisit": lambda w, r: w.of_ticket(r.ticket_id),
    "RotationMember": lambda w, r: Places({r.rotation.community_id}),
    "ServiceOrder": lambda w, r: w.of_ticket(r.ticket_id),
    "ComplaintMonth": lambda w, r: Places({r.community_id}),
    "SignedRecord": lambda w, r: Places({r.community_id}),
    "SpecialEvent": lambda w, r: _joined(w.of_ticket(link.ticket_id) for link in r.members),
    "Staff": lambda w, r: Places({link.community_id for link in w.team if link.staff_id == r.id}),
    "StaffCommunity": lambda w, r: Places({r.community_id}),
    "StewardBuilding": lambda w, r: Places({r.community_id}, {r.building_id}),
    "Survey": lambda w, r: Places({r.community_id}, {place.building_id for place in r.places}),
    "SurveyHousehold": lambda w, r: w.of_house(r.house_id),
    "Tenure": lambda w, r: w.of_house(r.house_id) | Places(people={r.person_id}),
    "Ticket": lambda w, r: w.of_ticket(r.id),
    "TicketAcceptance": lambda w, r: w.of_ticket(r.ticket_id),
    "TicketCost": lambda w, r: w.of_ticket(r.ticket_id),
    "TicketEntry": lambda w, r: w.of_ticket(r.ticket_id),
    "TicketOffer": lambda w, r: w.of_ticket(r.ticket_id),
    "TicketPlan": lambda w, r: w.of_ticket(r.ticket_id),
    "Unit": lambda w, r: Places({r.building.community_id}, {r.building_id}),
    "WishEntry": lambda w, r: Places({r.community_id} if r.community_id else w.everywhere),
}
"""Where a row belongs. A list of the trade belongs nowhere and is everybody's."""


def _of_plan(world: World, plan: Any) -> set[int | None]:
    """A plan without a community is every community's."""
    return {world.estate.home, world.estate.other} if plan.community_id is None else {plan.community_id}


def _joined(places: Iterator[Places]) -> Places:
    found = Places()
    for place in places:
        found = found | place
    return found


def expected(world: World, model: str, row: Any, scope: Scope, actor: Actor) -> bool:
    """Whether somebody with this scope sees this row, by where it belongs."""
    if scope in (Scope.EVERYTHING, Scope.NOTHING):
        return scope == Scope.EVERYTHING
    if model.startswith("CheckIn") and scope != Scope.COMMUNITY and sent_there(row, actor):
        return True
    place = PLACES[model](world, row)
    home = world.estate.home
    first = world.session.get_one(m.House, world.estate.houses["own"]).building_id
    assigned = {
        ticket.id
        for ticket in world.session.scalars(select(m.Ticket).where(m.Ticket.assignee_id == actor.staff_id))
        if actor.staff_id is not None
    }
    match scope:
        case Scope.COMMUNITY:
            # A household belongs to the community of its houses, the team to that of its work.
            return home in place.communities
        case Scope.PUBLISHED:
            return home in place.communities and row.state == "published"
        case Scope.BUILDING:
            return first in place.buildings or (model in OF_TICKET and bool(place.tickets & assigned))
        case Scope.ASSIGNMENT if model.startswith("CheckIn"):
            return False
        case Scope.ASSIGNMENT if model == "Appraisal":
            return actor.staff_id is not None and actor.staff_id == row.staff_id
        case Scope.ASSIGNMENT if model in ("DayClosing", "Handover", "Payment", "Receipt"):
            return in_own_hands(row, actor)
        case Scope.ASSIGNMENT:
            return bool(place.tickets & assigned)
        case Scope.HANDLED:
            in_hand = assigned | {
                ticket.id
                for ticket in world.session.scalars(select(m.Ticket).where(m.Ticket.assignee_id.is_(None)))
                if ticket.community_id == home
            }
            return home in place.communities and bool(place.tickets & in_hand)
        case Scope.TENURE:
            return own(world, model, row, place, actor)
    raise AssertionError(scope)


def in_own_hands(row: Any, actor: Actor) -> bool:
    """Whether the actor hands over or takes over, or took this money."""
    if isinstance(row, m.Handover):
        return actor.staff_id is not None and actor.staff_id in (row.going_id, row.coming_id)
    taken = row.payment if isinstance(row, m.Receipt) else row
    return bool(actor.user_id is not None and taken.taken_by_id == actor.user_id)


def sent_there(row: Any, actor: Actor) -> bool:
    """Whether the actor is the steward an entry of the register names, or was sent there after this very silence."""
    entry = row if isinstance(row, m.CheckInPlan) else row.plan
    call = row if isinstance(row, m.CheckIn) else getattr(row, "check_in", None)
    named = entry.steward_id is not None and entry.steward_id == actor.staff_id
    if call is not None:
        return named or (call.alerted_id is not None and call.alerted_id == actor.staff_id)
    return named


def own(world: World, model: str, row: Any, place: Places, actor: Actor) -> bool:
    """Tenure: what is one's own. A tenant shares the house, not the owner's matters, bills or file."""
    if model in ("House", "SurveyHousehold"):
        return bool(world.estate.houses["own"] == (row.id if model == "House" else row.house_id))
    if model == "Attachment" and row.stage == "evidence":
        return False
    if model == "TicketCost" and (row.bearer != "owner" or row.struck_at):
        return False
    return actor.person_id in place.people


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return World(session, now)


def actor(session: Session, now: datetime, name: str) -> Actor:
    user = session.scalars(select(User).where(User.username == name)).one()
    return actor_of(session, user, now, ZONE)


def seen(session: Session, actor: Actor, model: str) -> set[Any]:
    condition = APART[model](actor) if model in APART else rows(actor, MODELS[model])
    return {row.id for row in session.scalars(select(MODELS[model]).where(condition))}


def test_every_table_with_rows_is_declared_and_every_line_is_a_table() -> None:
    assert set(SCOPES) == set(MODELS), "a line in rules.row_scopes and one in services.access belong together"
    for model, lines in SCOPES.items():
        assert set(lines) == set(Role), model
        ways = set(WAYS[MODELS[model]]) if model not in APART else set(Scope)
        needed = set(lines.values()) | {own_scope(model, scope) for scope in RowScope}
        assert needed - {Scope.EVERYTHING, Scope.NOTHING} <= ways, model
        assert model in PLACES or set(lines.values()) <= {Scope.EVERYTHING, Scope.NOTHING}, (
            f"say where a row of {model} belongs"
        )


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_the_declared_rows_and_no_others(
    world: World, session: Session, now: datetime, role: Role
) -> None:
    who = actor(session, now, LOGINS[role])
    for model in SCOPES:
        everything = list(session.scalars(select(MODELS[model])))
        assert len(everything) >= 2 or model in ("HouseholdChange",), f"nothing to tell apart in {model}"
        wanted = {row.id for row in everything if expected(world, model, row, scope_of(model, role), who)}
        assert seen(session, who, model) == wanted, f"{role} sees other rows of {model} than declared"


@pytest.mark.parametrize("scope", list(RowScope))
def test_an_own_role_sees_by_the_scope_it_was_given(
    world: World, session: Session, now: datetime, scope: RowScope
) -> None:
    row = RoleRow(name="gardener")
    session.add(row)
    session.flush()
    session.add(m.RoleScope(role_id=row.id, scope=scope))
    technician = session.scalars(select(User).where(User.username == "technician")).one()
    steward_building = session.scalars(select(m.StewardBuilding)).first()
    session.add(
        m.StewardBuilding(
            staff_id=world.estate.staff["technician"],
            building_id=steward_building.building_id,
            community_id=steward_building.community_id,
            starts_on=date(2020, 1, 1),
        )
    )
    technician.roles = [row]
    session.commit()
    who = actor(session, now, "technician")
    assert who.own_scopes == {scope}
    for model in SCOPES:
        kind = own_scope(model, scope)
        wanted = {r.id for r in session.scalars(select(MODELS[model])) if expected(world, model, r, kind, who)}
        assert seen(session, who, model) == wanted, (scope, model)
    assert seen(session, who, "Recording") == set()
    assert seen(session, who, FILE) == set()


def test_an_own_role_without_a_scope_sees_no_household(world: World, session: Session, now: datetime) -> None:
    row = RoleRow(name="gardener")
    session.add(row)
    session.scalars(select(User).where(User.username == "manager")).one().roles = [row]
    session.commit()
    who = actor(session, now, "manager")
    for model in SCOPES:
        assert seen(session, who, model) == set(), model


def test_two_roles_see_what_either_sees(world: World, session: Session, now: datetime) -> None:
    technician = session.scalars(select(User).where(User.username == "technician")).one()
    before = seen(session, actor(session, now, "technician"), "Ticket")
    technician.roles = [*technician.roles, session.scalars(select(RoleRow).where(RoleRow.name == "finance")).one()]
    session.commit()
    after = seen(session, actor(session, now, "technician"), "Ticket")
    assert before < after
    assert world.estate.tickets["foreign"] not in after


UNNAMED = {
    "the owner's own number": ("+8613900000000", True),
    "a number of the owner's family": ("+8613911110000", True),
    "the tenant's number": ("+8613900000009", False),
    "a neighbour's number": ("+8613900000001", False),
    "the number of family that has moved out": ("+8613911110001", False),
    "the number of the tenant's family": ("+8613911110002", False),
    "a number nobody has": ("+8613955550000", False),
    "no number": (None, False),
}
"""Reporter unknown, house mine: whose number it came from → whether the owner reads it."""


@pytest.mark.parametrize("case", UNNAMED)
def test_an_unnamed_reporters_matter_is_the_households_only_by_its_number(
    world: World, session: Session, now: datetime, case: str
) -> None:
    number, told = UNNAMED[case]
    house = session.get_one(m.House, world.estate.houses["own"])
    tenant = session.scalars(select(m.Tenure).where(m.Tenure.person_id == world.estate.people["tenant"])).one()
    for order, (ends, head) in enumerate(((None, None), (now.date().replace(day=1), None), (None, tenant.id))):
        person, phone = m.Person(name=f"家人{order}"), m.Phone(number=f"+861391111000{order}")
        session.add_all([person, phone])
        session.flush()
        session.add(m.PersonPhone(person_id=person.id, phone_id=phone.id))
        session.add(
            m.Tenure(
                person_id=person.id, house_id=house.id, role="family", starts_on=date(2026, 1, 1), ends_on=ends,
                head_id=head,
            )
        )  # fmt: skip
    ticket = open_ticket(
        session, community=house.community, kind="complaint", channel="hotline", title="楼上半夜吵", house=house,
        reporter_name="不认识的人", reporter_phone=number, actor=Actor.system("tests"), now=now,
    )  # fmt: skip
    session.commit()
    assert (ticket.id in seen(session, actor(session, now, "owner"), "Ticket")) == told
    assert ticket.id not in seen(session, actor(session, now, "resident"), "Ticket")
    entries = {entry.id for entry in ticket.entries}
    assert bool(entries & seen(session, actor(session, now, "owner"), "TicketEntry")) == told


def test_a_sale_ends_what_was_seen_at_midnight(world: World, session: Session, now: datetime) -> None:
    tenure = session.scalars(select(m.Tenure).where(m.Tenure.person_id == world.estate.people["own"])).one()
    tenure.ends_on = now.date().replace(day=9)
    session.commit()
    who = actor(session, now, "owner")
    assert seen(session, who, "House") == set()
    assert seen(session, who, "Building") == set()
    assert seen(session, who, "Report") == set()


def test_a_table_without_a_line_is_shut(session: Session, world: World, now: datetime) -> None:
    for role in set(Role) - {Role.ADMIN}:
        condition = rows(actor(session, now, LOGINS[role]), m.Setting)
        assert list(session.scalars(select(m.Setting).where(condition))) == []
        assert str(condition.compile(compile_kwargs={"literal_binds": True})) in ("false", "0 = 1"), role


def test_a_stranger_to_all_roles_sees_nothing(world: World, session: Session, now: datetime) -> None:
    login(session, "nobody", "owner")
    session.commit()
    who = actor(session, now, "nobody")
    for model in SCOPES:
        if SCOPES[model][Role.OWNER] != Scope.EVERYTHING:
            assert seen(session, who, model) == set(), model
