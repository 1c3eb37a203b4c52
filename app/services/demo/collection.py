"""The collection of what is owed: three months of reminders with what came of them, reasons, and a few houses that rest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.models import (
    ArrearsNote,
    Bill,
    Campaign,
    CampaignTarget,
    CollectionHold,
    Community,
    FeeReminder,
    FeeReminderBill,
    House,
    Message,
    Person,
    PersonPhone,
    Phone,
    ReminderStep,
)
from app.rules.arrears import NOTHING
from app.rules.codes import HandingWay, LetterState, MessageState, Outreach, ReminderWay, Role, TargetState, TargetWay
from app.services import arrears, letters
from app.services.calendars import desk_runs
from app.services.demo.world import World

MONTHS, BEGINS_ON, HOUR = 3, 5, 9
GRACE = timedelta(days=5)
HOLDS = (
    ("hardship", "失业在家，经理同意暂缓两个月"),
    ("agreement", "约定分三期，每月月底前缴纳"),
    ("hardship", "家中老人住院，财务与经理商定暂缓"),
)
_REASONS = (
    ("forgotten", "电话里说忘了，近几天来缴"),
    ("away", "在外地工作，回来再缴"),
    ("empty", "房子空着没人住"),
    ("service", "对楼道保洁不满，已转客服跟进"),
    ("defects", "外墙渗水一直没修好"),
    ("promised", "承诺月底前缴清"),
    ("unreachable", "多次上门没人，电话不接"),
    ("sale", "正在卖房，过户时一并结清"),
)
_HANDED = ((HandingWay.LETTERBOX, ""), (HandingWay.IN_PERSON, "本人签收"), (HandingWay.REGISTERED, "挂号 XA2{:08d}"))


@dataclass
class Debtor:
    """One payer and house with the bills that are still open."""

    person: Person
    house: House
    number: str | None
    bills: list[Bill] = field(default_factory=list)

    def owed_on(self, day: date) -> list[Bill]:
        """The bills that were past their days of grace then."""
        return [bill for bill in self.bills if bill.due_on + GRACE <= day]


def collect(world: World, now: datetime) -> None:
    """Write it. The bills stand in the database already."""
    session = world.writer.session
    steps = list(session.scalars(select(ReminderStep).where(ReminderStep.active).order_by(ReminderStep.position)))
    community = session.get_one(Community, world.estate.community_id)
    debtors = _debtors(world)
    resting = _rest(world, debtors)
    _reasons(world, debtors)
    for begins in _months(world.today):
        on = begins
        for order, step in enumerate(steps):
            on += timedelta(days=step.after_days if order else 0)
            if on > world.today or (on.year, on.month) != (begins.year, begins.month):
                break
            at = min(world.at(on, HOUR), now)
            _step(world, community, step, on, at, [one for one in debtors if one.house.id not in resting])
    world.writer.flush()


def _months(today: date) -> Iterator[date]:
    """The day on which the reminders of these months began, the oldest first."""
    first = today.replace(day=1)
    months = [first]
    while len(months) < MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    for month in reversed(months):
        yield month.replace(day=BEGINS_ON)


def _debtors(world: World) -> list[Debtor]:
    """Who owes and still owns the house, in the estate's order."""
    session = world.writer.session
    bills = session.scalars(
        select(Bill)
        .where(arrears.overdue(world.today), Bill.community_id == world.estate.community_id)
        .options(joinedload(Bill.fee_item), joinedload(Bill.payer), joinedload(Bill.house))
        .order_by(Bill.house_id, Bill.due_on)
    )
    found: dict[tuple[int, int], Debtor] = {}
    for bill in bills:
        if world.households.owner_on(bill.house_id, world.today).person_id == bill.payer_id:
            debtor = found.setdefault((bill.house_id, bill.payer_id), Debtor(bill.payer, bill.house, None))
            debtor.bills.append(bill)
    people = {one.person.id for one in found.values()}
    numbers = dict(
        session.execute(
            select(PersonPhone.person_id, Phone.number).join(Phone).where(PersonPhone.person_id.in_(people))
        )
        .tuples()
        .all()
    )
    for one in found.values():
        one.number = numbers.get(one.person.id)
    return list(found.values())


def _rest(world: World, debtors: list[Debtor]) -> set[int]:
    """A few houses that rest since before these months began."""
    chosen = [one.house for one in debtors if len(one.bills) > 1][:: max(1, len(debtors) // 12)][: len(HOLDS)]
    day = next(_months(world.today)) - timedelta(days=3)
    for house, (kind, note) in zip(chosen, HOLDS, strict=False):
        by = world.team.of(Role.FINANCE)[0]
        world.writer.add(
            CollectionHold,
            community_id=house.community_id,
            house_id=house.id,
            kind=kind,
            note=note,
            starts_on=day,
            ends_on=None if kind == "agreement" else world.today + timedelta(days=40),
            set_at=world.at(day, 10),
            set_by_id=None,
            set_by=by.name,
        )
    return {house.id for house in chosen}


def _reasons(world: World, debtors: Iterable[Debtor]) -> None:
    """The stewards know the reason of most."""
    for one in debtors:
        if not world.chance(70):
            continue
        day = max(one.bills[0].due_on + timedelta(days=1), world.today - timedelta(days=world.random.randrange(2, 40)))
        reason, note = world.random.choice(_REASONS)
        world.writer.add(
            ArrearsNote,
            community_id=one.house.community_id,
            house_id=one.house.id,
            reason=reason,
            note=note if world.chance(60) else "",
            noted_on=min(day, world.today),
            at=min(world.at(min(day, world.today), 16), world.cutoff),
            actor_id=None,
            actor_name=_steward(world, one),
        )


def _step(
    world: World, community: Community, step: ReminderStep, on: date, at: datetime, debtors: Iterable[Debtor]
) -> None:
    """One step of one month for everybody who owed then."""
    campaign_id: int | None = None
    taken: set[str | None] = set()
    for one in debtors:
        bills = one.owed_on(on)
        if not bills:
            continue
        given: dict[str, Any] = {}
        if step.way == ReminderWay.LETTER:
            given = _letter(world, community, step, one, bills, on, at)
        else:
            campaign_id = campaign_id or _campaign(world, step, on, at)
            given["target_id"] = _target(world, step, campaign_id, one, on, at, shared=one.number in taken)
            taken.add(one.number)
        reminder_id = world.writer.add(
            FeeReminder,
            key=_key(step, one, on),
            community_id=community.id,
            house_id=one.house.id,
            payer_id=one.person.id,
            period=f"{on:%Y-%m}",
            step_id=step.id,
            way=step.way,
            amount_yuan=sum((bill.amount - bill.paid_yuan for bill in bills), start=NOTHING),
            planned_at=at,
            **given,
        )
        for bill in bills:
            rest = bill.amount - bill.paid_yuan
            world.writer.add(FeeReminderBill, reminder_id=reminder_id, bill_id=bill.id, rest_yuan=rest)


def _key(step: ReminderStep, one: Debtor, on: date) -> str:
    return f"{one.house.id}:{one.person.id}:{on:%Y-%m}:{step.id}"


def _campaign(world: World, step: ReminderStep, on: date, at: datetime) -> int:
    voice = step.way == ReminderWay.CALL
    return world.writer.add(
        Campaign,
        key=f"{Outreach.REMINDER}:{world.estate.community_id}:{on}:{step.id}",
        community_id=world.estate.community_id,
        purpose=Outreach.REMINDER,
        text_zh=step.text,
        text_en=step.text_en,
        by_voice=voice,
        by_sms=not voice,
        state="finished",
        created_at=at,
        started_at=at,
        ended_at=at + timedelta(minutes=12),
    )


def _target(
    world: World, step: ReminderStep, campaign_id: int, one: Debtor, on: date, at: datetime, *, shared: bool
) -> int:
    """The call or text with what came of it."""
    sent_at = at + timedelta(seconds=world.random.randrange(5, 600))
    values: dict[str, Any] = {
        "key": f"reminder:{_key(step, one, on)}",
        "campaign_id": campaign_id,
        "community_id": world.estate.community_id,
        "purpose": Outreach.REMINDER,
        "way": TargetWay.VOICE if step.way == ReminderWay.CALL else TargetWay.SMS,
        "number": one.number,
        "person_id": one.person.id,
        "house_id": one.house.id,
        "not_before": at,
    }
    if shared:
        return world.writer.add(CampaignTarget, state=TargetState.SHARED, **values)
    if step.way == ReminderWay.SMS:
        message_id = _message(world, step, one, values["key"], sent_at)
        done = {"state": TargetState.SENT, "message_id": message_id, "dialled_at": sent_at, "ended_at": sent_at}
        return world.writer.add(CampaignTarget, **values, **done)
    state = world.random.choices(
        (TargetState.REACHED, TargetState.NO_ANSWER, TargetState.MACHINE, TargetState.BUSY), (56, 28, 10, 6)
    )[0]
    heard = state == TargetState.REACHED
    return world.writer.add(
        CampaignTarget,
        **values,
        state=state,
        provider_sid=f"CA{world.random.getrandbits(128):032x}",
        dialled_at=sent_at,
        answered_at=sent_at + timedelta(seconds=11) if heard else None,
        ended_at=sent_at + timedelta(seconds=48),
        flow={"heard": heard, "amount": heard and world.chance(12)},
    )


def _message(world: World, step: ReminderStep, one: Debtor, key: str, at: datetime) -> int:
    arrived = world.chance(97)
    return world.writer.add(
        Message,
        key=f"campaign:{key}",
        channel="sms",
        to=one.number,
        purpose=Outreach.REMINDER,
        body=f"[{world.estate.name}] {step.text}",
        community_id=world.estate.community_id,
        person_id=one.person.id,
        state=MessageState.DELIVERED if arrived else MessageState.SENT,
        tries=1,
        created_at=at,
        sent_at=at + timedelta(seconds=2),
        delivered_at=at + timedelta(seconds=5) if arrived else None,
        provider_sid=f"SM{world.random.getrandbits(128):032x}",
    )


def _letter(
    world: World, community: Community, step: ReminderStep, one: Debtor, bills: list[Bill], on: date, at: datetime
) -> dict[str, Any]:
    """The letter, handed over within some days; of this month's some wait."""
    hours = desk_runs(world.writer.session, community.id)
    kept = {"letter": letters.written(one.person, one.house, community, hours, step, bills, on)}
    day = on + timedelta(days=world.random.randrange(1, 5))
    over = f"{on:%Y-%m}" != f"{world.today:%Y-%m}"
    if not over and (day >= world.today or not world.chance(93)):
        return {**kept, "letter_state": LetterState.WAITING}
    way, note = world.random.choices(_HANDED, (62, 30, 8))[0]
    return {
        **kept,
        "letter_state": LetterState.HANDED_OVER,
        "handed_way": way,
        "handed_on": day,
        "handed_note": note.format(world.random.randrange(10**8)),
        "noted_at": world.at(day, 17),
        "noted_by": _steward(world, one),
    }


def _steward(world: World, one: Debtor) -> str:
    """The name of the steward of the house."""
    return world.team.steward_of(world.estate.house(one.house.name).building_number).name
