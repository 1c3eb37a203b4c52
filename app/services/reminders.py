"""Fee reminders (D10): who is reminded now and why the others are not, and the run that plans it, once a house, month and step.

`outcomes` answers for the preview and for the run alike. The run writes a reminder under its key and plans its call or text in
the same transaction, so that a crash or a second worker makes nothing twice; the engine of automatic calls does the rest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.orm import Session, joinedload

from app.models import (
    Bill,
    CampaignTarget,
    Community,
    FeeReminder,
    FeeReminderBill,
    Heartbeat,
    Message,
    ReminderStep,
)
from app.rules import notices as reach
from app.rules import reminders as rules
from app.rules.codes import (
    LetterState,
    Outreach,
    ReminderWay,
    TargetState,
    TargetWay,
    TenureRole,
)
from app.rules.reminders import Decision, Made, Step
from app.services import campaigns, debts, letters
from app.services.calendars import desk_runs
from app.services.call_store import insert_once
from app.services.debts import Debt
from app.services.local_time import local_zone
from app.services.notices import numbers_of
from app.services.policies import figures
from app.services.reminder_cases import cases_of
from app.services.reminder_proofs import NOT_AT_ALL, Proof, reached_out

_WAYS = {ReminderWay.SMS: TargetWay.SMS, ReminderWay.CALL: TargetWay.VOICE}
ROUND_FIGURES = ("collection.remind_day", "collection.grace_days", "collection.least_yuan")
Key = tuple[int, int]


@dataclass(frozen=True)
class Planned:
    """A step that is made now. `line` is whom it reaches, or why nobody; None for a letter."""

    step: Step
    line: reach.Line | None


@dataclass(frozen=True)
class Outcome:
    """One owner in arrears: the steps made now (none, or more where one cannot be done at all), else why not."""

    debt: Debt
    planned: tuple[Planned, ...]
    decision: Decision


@dataclass(frozen=True)
class Round:
    """A community's month: the day, the steps in use, the figures."""

    community: Community
    today: date
    steps: tuple[Step, ...]
    figures: rules.Figures

    @property
    def period(self) -> str:
        """The month, `2026-03`."""
        return rules.period_of(self.today)


def outcomes(
    session: Session, community: Community, now: datetime, visible: ColumnElement[bool] | None = None
) -> list[Outcome]:
    """Everybody in arrears of the houses that `visible` leaves, in the estate's order. Seven statements, however many."""
    return of_round(session, round_of(session, community, now), visible)


def of_round(session: Session, this: Round, visible: ColumnElement[bool] | None = None) -> list[Outcome]:
    """`outcomes` of a round that is known."""
    conditions = [Bill.community_id == this.community.id, *([] if visible is None else [visible])]
    owing = debts.in_arrears(session, *conditions, today=this.today)
    made = _made(session, this.community.id, this.period)
    return decided(session, this, owing, cases_of(session, owing, this.today), made)


def decided(
    session: Session,
    this: Round,
    owing: Sequence[Debt],
    cases: Mapping[Key, rules.Case],
    made: Mapping[Key, list[Made]],
) -> list[Outcome]:
    """What is decided of these debts, when their cases and this month's steps are known. One statement."""
    numbers, stopped = numbers_of(session, {debt.payer_id for debt in owing}, Outreach.REMINDER)
    found = []
    for debt in owing:
        key, person = (debt.house_id, debt.payer_id), debt.payer
        member = reach.Member(
            person.id, TenureRole.OWNER, person.locale, tuple(numbers.get(person.id, ())), person.id in stopped
        )
        found.append(Outcome(debt, *_plan(this, cases[key], made.get(key, []), member, debt.house_id)))
    return found


def run(session: Session, community: Community, now: datetime) -> Counter[str]:
    """Plan what is due at `now` in a community. Returns what was planned, counted by way; run again it plans nothing twice."""
    _one_at_a_time(session, community.id, now)
    this = round_of(session, community, now)
    counts: Counter[str] = Counter()
    due = [found for found in of_round(session, this) if found.planned]
    bills = debts.bills_by_debt(session, {found.debt.house_id for found in due}, this.today)
    for found in due:
        of_this = bills.get((found.debt.house_id, found.debt.payer_id), [])
        for planned in found.planned:
            if _remind(session, this, found, planned, of_this, now):
                counts[planned.step.way] += 1
    counts["void"] += letters.void_useless(session, community.id, this.period, this.today)
    session.flush()
    return counts


# ---- the round -------------------------------------------------------------------------------------------------------


def steps_in_use(session: Session) -> tuple[Step, ...]:
    """The table's steps, in order."""
    found = select(ReminderStep).where(ReminderStep.active).order_by(ReminderStep.position, ReminderStep.id)
    return tuple(Step(one.id, one.position, one.way, one.after_days) for one in session.scalars(found))


def round_of(session: Session, community: Community, now: datetime, known: Mapping[str, int] | None = None) -> Round:
    """A community's month at `now`. `known`: figures in force that were read already, those of `ROUND_FIGURES` among them."""
    known = figures(session, *ROUND_FIGURES) if known is None else known
    today = now.astimezone(local_zone()).date()
    return Round(community, today, steps_in_use(session), rules.Figures(*(known[key] for key in ROUND_FIGURES)))


def _made(session: Session, community_id: int, period: str) -> dict[Key, list[Made]]:
    """(house, payer) → this month's steps."""
    found = session.execute(
        select(FeeReminder, CampaignTarget.state, Message.state)
        .options(joinedload(FeeReminder.step))
        .outerjoin(CampaignTarget, CampaignTarget.id == FeeReminder.target_id)
        .outerjoin(Message, Message.id == CampaignTarget.message_id)
        .where(FeeReminder.community_id == community_id, FeeReminder.period == period)
    )
    made: dict[Key, list[Made]] = defaultdict(list)
    for reminder, target, message in found:
        made[reminder.house_id, reminder.payer_id].append(_step_made(reminder, reached_out(target, message)))
    return made


def made_of(proofs: Iterable[Proof], period: str) -> dict[Key, list[Made]]:
    """(house, payer) → a month's steps, of reminders whose proofs are known."""
    made: dict[Key, list[Made]] = defaultdict(list)
    for one in proofs:
        if one.reminder.period == period:
            made[one.reminder.house_id, one.reminder.payer_id].append(_step_made(one.reminder, one.reached_out))
    return made


def _step_made(reminder: FeeReminder, reached: bool) -> Made:
    on = reminder.planned_at.astimezone(local_zone()).date()
    return Made((reminder.step.position, reminder.step.id), on, reached)


def _plan(
    this: Round, case: rules.Case, made: Iterable[Made], member: reach.Member, house_id: int
) -> tuple[tuple[Planned, ...], Decision]:
    """The steps of this moment: one, and the next at once for each that cannot be done."""
    so_far = list(made)
    planned: list[Planned] = []
    while True:
        decision = rules.decide(case, so_far, this.steps, this.figures, this.today)
        if decision.step is None:
            return tuple(planned), decision
        line = line_of(decision.step.way, member, house_id)
        planned.append(Planned(decision.step, line))
        possible = line is None or line.state != TargetState.IMPOSSIBLE
        so_far.append(Made(decision.step.order, this.today, possible))


def line_of(way: str, member: reach.Member, house_id: int) -> reach.Line | None:
    """Whom a text or call reaches, or why nobody; None for a letter, which reaches every house."""
    if way == ReminderWay.LETTER:
        return None
    household = reach.Household(house_id, "", (member,))
    return reach.lines([household], [_WAYS[ReminderWay(way)]], everybody=False)[0]


def _one_at_a_time(session: Session, community_id: int, now: datetime) -> None:
    """Two runs at once go one after the other; the second finds everything planned."""
    name = f"reminders:{community_id}"
    insert_once(session, Heartbeat.__table__, {"name": name, "beat_at": now, "holder": ""}, "name")
    session.get_one(Heartbeat, name, with_for_update=True)


# ---- writing it ------------------------------------------------------------------------------------------------------


def _remind(session: Session, this: Round, found: Outcome, planned: Planned, bills: list[Bill], now: datetime) -> bool:
    """One step of one debt; False when it was made before."""
    debt, step = found.debt, planned.step
    key = f"{debt.house_id}:{debt.payer_id}:{this.period}:{step.id}"
    values: dict[str, Any] = {
        "key": key,
        "community_id": this.community.id,
        "house_id": debt.house_id,
        "payer_id": debt.payer_id,
        "period": this.period,
        "step_id": step.id,
        "way": str(step.way),
        "amount_yuan": debt.total,
        "planned_at": now,
        "handed_note": "",
        "noted_by": "",
    }
    if planned.line is None:
        values["letter_state"] = LetterState.WAITING.value
    if not insert_once(session, FeeReminder.__table__, values, "key"):
        return False
    reminder = session.scalars(select(FeeReminder).where(FeeReminder.key == key)).one()
    about = [
        {"reminder_id": reminder.id, "bill_id": bill.id, "rest_yuan": bill.amount - bill.paid_yuan} for bill in bills
    ]
    if about:
        session.execute(insert(FeeReminderBill), about)
    row = session.get_one(ReminderStep, step.id)
    if planned.line is None:
        reminder.letter = letters.written(
            debt.payer, debt.house, this.community, desk_runs(session, this.community.id), row, bills, this.today
        )
    else:
        reminder.target_id = _target(session, this, found, row, planned.line, key, now).id
    return True


def _target(
    session: Session, this: Round, found: Outcome, step: ReminderStep, line: reach.Line, key: str, now: datetime
) -> CampaignTarget:
    """The planned call or text. A number that this day's campaign calls already is told for both houses at once."""
    way = _WAYS[ReminderWay(step.way)]
    voice = way == TargetWay.VOICE
    campaign = campaigns.standing(
        session, this.community.id, Outreach.REMINDER, this.today, now, mark=str(step.id),
        text_zh=step.text, text_en=step.text_en, by_voice=voice, by_sms=not voice,
    )  # fmt: skip
    if line.state == TargetState.PLANNED and leading(session, campaign.id, line.number):
        line = replace(line, state=TargetState.SHARED)
    campaigns.plan(
        session,
        campaign,
        f"reminder:{key}",
        number=line.number,
        not_before=now,
        way=way,
        locale=line.locale,
        expires_at=_month_end(this.today),
        state=line.state,
        reason=line.reason,
        person_id=found.debt.payer_id,
        house_id=found.debt.house_id,
    )
    return session.scalars(select(CampaignTarget).where(CampaignTarget.key == f"reminder:{key}")).one()


def leading(session: Session, campaign_id: int, number: str | None) -> CampaignTarget | None:
    """The call or text of a campaign that tells a number for all the houses it is meant for."""
    alone = (*NOT_AT_ALL, TargetState.SHARED, TargetState.EXPIRED, TargetState.CANCELLED)
    found = select(CampaignTarget).where(
        CampaignTarget.campaign_id == campaign_id, CampaignTarget.number == number, CampaignTarget.state.not_in(alone)
    )
    return session.scalars(found.order_by(CampaignTarget.id)).first()


def _month_end(today: date) -> datetime:
    after = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime.combine(after, time(), local_zone())
