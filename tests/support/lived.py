"""One record of each kind of matter, made through the services: what the walks through all pages must meet (`live`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import (
    Appraisal,
    Bill,
    Building,
    DisputeParty,
    DisputeStatement,
    EmergencyPlan,
    House,
    Meter,
    Person,
    Questionnaire,
    Staff,
    Ticket,
)
from app.rules.codes import Role
from app.services import (
    appraisals,
    bank_lines,
    bank_taking,
    complaint_verbs,
    day_closings,
    disputes,
    drill_record,
    drills,
    knowledge,
    meters,
    payments,
    plans,
    special_events,
    surveys,
    ticket_costs,
    urges,
)
from app.services.actors import Actor, actor_of
from app.services.local_time import local_zone
from app.services.ticket_verbs import perform
from app.services.tickets import open_ticket
from tests.support.bank import csv_file, line, read_file
from tests.support.drills import drill_form, field, record_form
from tests.support.estate import Estate
from tests.support.ledger import carry_over
from tests.support.lived_work import Work, live_work
from tests.support.plans import form as plan_form
from tests.support.special import TEXTS
from tests.support.surveys import asked_of, give, opened, questionnaire_of

ROBOT = Actor.system("tests")
DAY = timedelta(days=1)
ANSWER = {
    "question": "门禁卡丢了怎么补办", "question_en": "How do I replace a lost door card?", "answer": "带身份证到前台。",
    "answer_en": "Bring your identity card to the desk.", "keywords": "门禁卡", "is_public": "1", "category": "water",
}  # fmt: skip
TAP = {"kind": "material", "quantity": "1.5", "what": "水龙头", "unit": "套装", "price": "45.00", "bearer": "owner"}


@dataclass(frozen=True)
class Lived:
    """Numbers and ids of what was made in the house `own`: of the steward's building, the owner's and the technician's."""

    emergency: str
    """Number of the ticket that was an emergency: with its plan, its costs, its special event."""

    dispute: str
    """Number of a complaint whose sides were heard, with evidence, talks and an agreement."""

    open_survey: int
    closed_survey: int

    sheet: int
    """The technician's appraisal, whose figures have tickets behind them."""

    second: str
    """Number of another emergency, without a special event."""

    done: int
    """A complaint that is done and waits for its return visit."""

    drill: int
    """A drill that was held, led by the technician: two steps in time, one late, an improvement for the steward."""

    coming: int
    """A drill that is planned."""

    bank: int
    """A file of the bank that is looked at: row 2 is found, row 3 unclear."""

    work: Work
    """Tickets whose work is handed on."""


def live(session: Session, estate: Estate, now: datetime) -> Lived:
    """Make one of each. The caller commits."""
    who = actors(session, estate, now)
    _answer(session, who, now)
    _plan(session, who, now)
    drill, coming = _drills(session, estate, who, now)
    sheet = _appraisals(session, estate, who, now)
    _payment(session, estate, who, now)
    bank = _bank(session, estate, who, now)
    _meter(session, estate, who, now)
    open_survey, closed = _surveys(session, estate, who, now)
    emergency = _emergency(session, estate, who, now)
    dispute = _dispute(session, estate, who, now)
    second = _opened(session, estate, now, kind="emergency", category_code="water", title="地下室进水")
    done = _opened(session, estate, now - DAY, kind="complaint", title="电梯很慢")
    for verb in ("dispatch", "start", "finish"):
        perform(session, done, verb, ROBOT, now - DAY, {})
    session.flush()
    work = live_work(session, estate, _opened, who, now)
    return Lived(
        emergency.number, dispute.number, open_survey, closed, sheet, second.number, done.id, drill, coming, bank, work
    )


def _opened(session: Session, estate: Estate, now: datetime, **given: Any) -> Ticket:
    """A ticket of the house `own`, reported by its owner at the desk."""
    house, person = session.get_one(House, estate.houses["own"]), session.get_one(Person, estate.people["own"])
    facts: dict[str, Any] = {"channel": "desk", "reporter_phone": "+8613900000000", **given}
    return open_ticket(
        session,
        community=house.community,
        house=house,
        reporter_person=person,
        reporter_name=person.name,
        actor=ROBOT,
        now=now,
        **facts,
    )


def actors(session: Session, estate: Estate, now: datetime) -> Callable[[str], Actor]:
    """The people of the estate by their role, as their logins have them."""

    def who(role: str) -> Actor:
        user_id = session.get_one(Staff, estate.staff[role]).user_id
        return actor_of(session, session.get_one(User, user_id), now, local_zone())

    return who


def _answer(session: Session, who: Callable[[str], Actor], now: datetime) -> None:
    made = knowledge.save(session, who(Role.ASSISTANT), now, ANSWER)
    for step in ("review", "publish"):
        knowledge.take(session, who(Role.SUPERVISOR), now, made.article, step, now.astimezone(local_zone()).date())


def _plan(session: Session, who: Callable[[str], Actor], now: datetime) -> None:
    version = plans.save(session, who(Role.SUPERVISOR), now, plan_form())
    plans.take(session, who(Role.SUPERVISOR), version, "review", now)
    plans.take(session, who(Role.MANAGER), version, "force", now)


def _drills(session: Session, estate: Estate, who: Callable[[str], Actor], now: datetime) -> tuple[int, int]:
    """A drill of the estate's own plan that was held two hours ago, and one of next week."""
    plan_id = session.scalars(select(EmergencyPlan.id).where(EmergencyPlan.community_id == estate.home)).first()
    sent = drill_form(
        estate.home, plan_id, now - timedelta(hours=2), estate.staff[Role.TECHNICIAN], [estate.staff[Role.STEWARD]]
    )
    held = drills.plan(session, who(Role.MANAGER), sent, now - DAY)
    leader, began = who(Role.TECHNICIAN), now - timedelta(hours=2)
    drill_record.begin(session, leader, held, began)
    for place, minutes in enumerate((0, 8, 150), 1):
        drill_record.tick(session, leader, held, f"{place:08x}", began + timedelta(minutes=min(minutes, 119)))
    clocks = {f"step_{key}": field(at)[-5:] for key, at in drill_record.steps_of(held).items()}
    form = record_form(began, now, estate.staff[Role.STEWARD], **clocks)
    drill_record.record(session, leader, held, form, [], now)
    until = (now + 7 * DAY).astimezone(local_zone()).date().isoformat()
    found = {
        "finding": "演练时水泵房钥匙找不到",
        "improvement": "钥匙移到中控室",
        "staff_id": str(estate.staff[Role.STEWARD]),
    }
    drill_record.add_finding(
        session, leader, held, {name: [value] for name, value in {**found, "until": until}.items()}, now
    )
    coming = {**sent, "starts_at": [(now + 7 * DAY).isoformat()]}
    return held.id, drills.plan(session, who(Role.MANAGER), coming, now).id


def _appraisals(session: Session, estate: Estate, who: Callable[[str], Actor], now: datetime) -> int:
    """Sheets of last month; that of the technician has a finished repair as its evidence."""
    then = now.astimezone(local_zone()).replace(day=1) - 10 * DAY
    ticket = _opened(session, estate, then, kind="repair", category_code="water", title="上月的水管漏水")
    perform(session, ticket, "dispatch", ROBOT, then, {"department": "engineering"})
    ticket.assignee_id = estate.staff[Role.TECHNICIAN]
    for verb in ("start", "finish"):
        perform(session, ticket, verb, who(Role.TECHNICIAN), then, {})
    assert appraisals.draw_up(session, who(Role.MANAGER), estate.home, f"{then:%Y-%m}", now)
    return session.scalars(select(Appraisal.id).where(Appraisal.role == Role.TECHNICIAN)).one()


def _payment(session: Session, estate: Estate, who: Callable[[str], Actor], now: datetime) -> None:
    """Part of the bill, in cash at the desk, whose day is closed; the rest stays in arrears."""
    desk, house = who(Role.ASSISTANT), session.get_one(House, estate.houses["own"])
    carry_over(session, session.get_one(Bill, estate.bills["own"]))
    sent = {"payer_id": str(estate.people["own"]), "amount": "100.00", "way": "cash"}
    payments.take(session, house, sent, desk, now)
    day_closings.close(session, estate.home, {"counted": "100.00", "seen": "1"}, desk, now)
    payments.take(session, house, {**sent, "amount": "50.00"}, desk, now)


def _meter(session: Session, estate: Estate, who: Callable[[str], Actor], now: datetime) -> None:
    """Two meters of the own house, one of them read by the steward."""
    today = now.date()
    for number in ("W-1", "W-2"):
        meter = Meter(community_id=estate.home, house_id=estate.houses["own"], kind="cold_water", number=number, digits=5,
                      starts_on=today - 40 * DAY, start_value=Decimal(100))  # fmt: skip
        session.add(meter)
        session.flush()
        if number == "W-1":
            meters.enter(session, meter, {"value": "108", "read_on": today - 2 * DAY}, who(Role.STEWARD), now)


def _bank(session: Session, estate: Estate, who: Callable[[str], Actor], now: datetime) -> int:
    """One that is booked, one that is looked at."""
    finance, house = who(Role.FINANCE), session.get_one(House, estate.houses["own"]).name
    day = f"{now:%Y-%m-%d}"
    done = read_file(session, estate.home, csv_file(line("S1", "5.00", house, day=day)), finance, now)
    bank_taking.start(session, done, bank_lines.overview(session, done).seen, finance, now)
    bank_taking.step(session, done.id, now)
    rows = (line("S2", "6.00", house, "张三", day=day), line("S3", "7.00", "转账", "某公司", "6222", day=day))
    return read_file(session, estate.home, csv_file(*rows), finance, now).id


def _surveys(session: Session, estate: Estate, who: Callable[[str], Actor], now: datetime) -> tuple[int, int]:
    """One that asks the own building, unanswered by the owner; one of the other that is closed."""
    manager = who(Role.MANAGER)
    found = questionnaire_of(session, manager, now)
    buildings = {key: session.get_one(House, estate.houses[key]).building_id for key in ("own", "far")}
    made = {}
    for key, at in (("far", now), ("own", now)):
        questionnaire = session.get_one(Questionnaire, found.id)
        survey = opened(session, manager, at, questionnaire, [session.get_one(Building, buildings[key])])
        for household in asked_of(session, survey):
            if household.house_id != estate.houses["own"]:
                give(session, survey, household, manager, at, 5, 4, 0, (0, 1), "谢谢大家")
        made[key] = survey
    surveys.close_survey(session, made["far"], manager, now)
    return made["own"].id, made["far"].id


def _emergency(session: Session, estate: Estate, who: Callable[[str], Actor], now: datetime) -> Ticket:
    ticket = _opened(session, estate, now, kind="emergency", category_code="water", title="厨房爆管")
    perform(session, ticket, "dispatch", ROBOT, now, {"department": "engineering"})
    ticket.assignee_id = estate.staff[Role.TECHNICIAN]
    perform(session, ticket, "start", who(Role.TECHNICIAN), now, {})
    for bearer in ("owner", "centre"):
        ticket_costs.add(session, ticket, {**TAP, "bearer": bearer}, who(Role.TECHNICIAN), now)
    ticket_costs.add(
        session, ticket, {"kind": "labour", "minutes": "45", "bearer": "centre"}, who(Role.TECHNICIAN), now
    )
    urges.note_urge(session, ticket, now)
    event = special_events.open_emergency(session, who(Role.SUPERVISOR), ticket, now)
    steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (Role.MANAGER, "decide", {"general_manager": "yes", "developer": "no"}),
        (Role.SUPERVISOR, "write", {**TEXTS, "cooperation": "工程部十分钟到场"}),
        (Role.SUPERVISOR, "review", {}),
    )
    for role, step, sent in steps:
        special_events.perform(session, event, step, who(role), now, sent)
    return ticket


def _dispute(session: Session, estate: Estate, who: Callable[[str], Actor], now: datetime) -> Ticket:
    ticket = _opened(session, estate, now, kind="complaint", category_code="noise", title="楼上吵闹")
    desk = who(Role.ASSISTANT)
    other = {"name": "李四", "house_id": str(estate.houses["next"]), "phone": "13900000001"}
    complaint_verbs.take(session, ticket, "dispute", desk, now, {"matter": "disturbance", **other})

    def step(name: str, **sent: Any) -> None:
        disputes.take(session, ticket, name, desk, now, sent)

    found = select(DisputeParty.id).where(DisputeParty.ticket_id == ticket.id).order_by(DisputeParty.place)
    for party, words in zip(session.scalars(found).all(), ("对门每天清晨拉琴", "我七点以后才练琴"), strict=True):
        step("statement", party_id=party, words=words, alone="1")
        newest = select(DisputeStatement.id).where(DisputeStatement.party_id == party)
        step("read", statement_id=session.scalar(newest), state="confirmed")
        step("evidence", party_id=party, kind="recording", what=f"录音：{words}", kept="监控室")
    present = {"present_1": "1", "present_2": "1"}
    step("talk", way="note", notes="走廊可闻琴声")
    signed = {"signed_1": "1", "signed_2": "1"}
    agreed = {"outcome": "agreement", "agreement": "晚八点后不练琴", **present, **signed}
    step("talk", way="together", notes="双方同意", **agreed)
    return ticket
