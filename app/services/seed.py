"""Reference data: what is absent is added, what an administrator changed, switched off or took away stays as it is."""

from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import (
    Category,
    CategoryWord,
    ClockPolicy,
    Community,
    ComplaintRung,
    Department,
    EmergencyPlan,
    HotlineNumber,
    Material,
    Phrase,
    PlanVersion,
    ReminderStep,
    ServiceItem,
    ServicePrice,
    Skill,
    WorkCalendar,
)
from app.rules.clock_defaults import CLOCK_POLICIES
from app.rules.clock_policies import Policy
from app.rules.codes import CalendarName, PlanKind, PlanState
from app.rules.complaint_path import DEFAULT_RUNGS
from app.rules.shifts import ALL_WEEK, DESK_WEEK
from app.services.calendars import calendar_row
from app.services.plan_input import fingerprint
from app.services.seed_data.catalogue import ITEMS, VALID_FROM, ItemSeed, PriceSeed
from app.services.seed_data.materials import MATERIALS
from app.services.seed_data.phrases import PHRASES
from app.services.seed_data.plans import GENERAL, plan_content
from app.services.seed_data.reference import CATEGORIES, DEPARTMENTS, SKILLS, WORDS
from app.services.seed_data.reminders import STEPS

Added = dict[str, int]
"""How many rows of each kind were added."""


def seed(session: Session, hotline_number: str) -> Added:
    """Add the reference data that is absent, by its code. Run a second time it adds nothing.

    Words and prices come with their category or item only; skills, materials, clock rules (D4), the path of complaints (D5),
    stock phrases and steps of reminders (D10) only into an empty table: what somebody took out on purpose must not return with
    the next start.
    """
    departments = _add_departments(session)
    added = {
        "department": len(departments),
        "skill": _add_skills(session),
        "category": _add_categories(session),
        "work_calendar": _add_calendars(session),
        "clock_policy": _add_clock_policies(session),
        "service_item": _add_items(session),
        "material": _add_materials(session),
        "complaint_rung": _add_rungs(session),
        "phrase": _add_phrases(session),
        "reminder_step": _add_reminder_steps(session),
        "emergency_plan": _add_general_plan(session),
        "hotline_number": _add_hotline_number(session, hotline_number),
    }
    session.flush()
    return added


def _codes(session: Session, model: Any) -> dict[str, int]:
    return {row.code: row.id for row in session.execute(select(model.code, model.id))}


def _add_departments(session: Session) -> list[Department]:
    known = _codes(session, Department)
    rows = [
        Department(code=d.code, name=d.name, name_en=d.name_en, position=position)
        for position, d in enumerate(DEPARTMENTS)
        if d.code not in known
    ]
    session.add_all(rows)
    session.flush()
    return rows


def _add_skills(session: Session) -> int:
    if session.scalar(select(func.count()).select_from(Skill)):
        return 0
    rows = [Skill(code=s.code, name=s.name, name_en=s.name_en, position=at, active=True) for at, s in enumerate(SKILLS)]
    session.add_all(rows)
    return len(rows)


def _add_categories(session: Session) -> int:
    departments, known = _codes(session, Department), _codes(session, Category)
    taken = set(session.scalars(select(CategoryWord.word)))
    rows = [
        Category(
            code=c.code,
            name=c.name,
            name_en=c.name_en,
            position=position,
            department_id=departments.get(c.department),
            default_priority=c.priority,
            words=[
                CategoryWord(word=w.word, priority=w.priority)
                for w in WORDS
                if w.category == c.code and w.word not in taken
            ],
        )
        for position, c in enumerate(CATEGORIES)
        if c.code not in known
    ]
    session.add_all(rows)
    return len(rows)


def _add_calendars(session: Session) -> int:
    """The two that are always there: round the clock, and the desk's hours (I8)."""
    known = _codes(session, WorkCalendar)
    weeks = (
        (CalendarName.ALWAYS, "全天候", "Round the clock", ALL_WEEK),
        (CalendarName.DESK, "前台工作时间", "Desk hours", DESK_WEEK),
    )
    rows = [calendar_row(code, name, name_en, week) for code, name, name_en, week in weeks if code not in known]
    session.add_all(rows)
    return len(rows)


def _add_clock_policies(session: Session) -> int:
    if session.scalar(select(func.count()).select_from(ClockPolicy)):
        return 0
    session.add_all([_clock_policy(policy) for policy in CLOCK_POLICIES])
    return len(CLOCK_POLICIES)


def _add_rungs(session: Session) -> int:
    if session.scalar(select(func.count()).select_from(ComplaintRung)):
        return 0
    rows = [
        ComplaintRung(role=role, position=place * 10, active=active)
        for place, (role, active) in enumerate(DEFAULT_RUNGS, 1)
    ]
    session.add_all(rows)
    return len(rows)


def _add_phrases(session: Session) -> int:
    if session.scalar(select(func.count()).select_from(Phrase)):
        return 0
    rows = [Phrase(use=use, text=text, text_en=english, position=at) for at, (use, text, english) in enumerate(PHRASES)]
    session.add_all(rows)
    return len(rows)


def _add_materials(session: Session) -> int:
    if session.scalar(select(func.count()).select_from(Material)):
        return 0
    departments = _codes(session, Department)
    rows = [
        Material(
            code=seed.code,
            name=seed.name,
            name_en=seed.name_en,
            unit=seed.unit,
            unit_en=seed.unit_en,
            price_yuan=seed.price_yuan,
            department_id=departments.get(seed.department),
            position=10 * at,
        )
        for at, seed in enumerate(MATERIALS, 1)
    ]
    session.add_all(rows)
    return len(rows)


def _add_reminder_steps(session: Session) -> int:
    if session.scalar(select(func.count()).select_from(ReminderStep)):
        return 0
    rows = [
        ReminderStep(position=10 * at, way=way, after_days=days, text=text, text_en=english)
        for at, (way, days, text, english) in enumerate(STEPS, 1)
    ]
    session.add_all(rows)
    return len(rows)


def _add_general_plan(session: Session) -> int:
    """The plan that is shown where no other fits (D7)."""
    if session.scalar(select(func.count()).select_from(EmergencyPlan)):
        return 0
    since = datetime.combine(VALID_FROM, time(), UTC)
    plan = EmergencyPlan(kind=PlanKind.GENERAL, created_at=since)
    session.add(plan)
    session.flush()
    content = plan_content(GENERAL)
    version = PlanVersion(
        plan_id=plan.id,
        number=1,
        state=PlanState.IN_FORCE,
        content=content,
        sha256=fingerprint(plan.id, 1, content),
        drafted_at=since,
        drafted_by="Linli",
        forced_at=since,
        forced_by="Linli",
    )
    session.add(version)
    return 1


def _clock_policy(policy: Policy) -> ClockPolicy:
    return ClockPolicy(
        name=policy.name,
        kind=policy.kind,
        priority=policy.priority,
        grade=policy.grade,
        validity=policy.validity,
        channel=policy.channel,
        category_code=policy.category_code,
        starts_when=policy.starts_when,
        minutes=policy.minutes,
        ends_same_day=policy.ends_same_day,
        calendar=policy.calendar,
        warn_percent=policy.warn_percent,
        source=policy.source or "D4",
    )


def _add_items(session: Session) -> int:
    departments, known = _codes(session, Department), _codes(session, ServiceItem)
    rows = [
        _item(item, position, departments.get(item.department))
        for position, item in enumerate(ITEMS)
        if item.code not in known
    ]
    session.add_all(rows)
    return len(rows)


def _item(item: ItemSeed, position: int, department_id: int | None) -> ServiceItem:
    return ServiceItem(
        code=item.code,
        name=item.name,
        name_en=item.name_en,
        position=position,
        is_paid=item.is_paid,
        description=item.description,
        description_en=item.description_en,
        department_id=department_id,
        prices=[_price(price) for price in item.prices],
    )


def _price(price: PriceSeed) -> ServicePrice:
    return ServicePrice(
        variant=price.variant[0],
        variant_en=price.variant[1],
        kind=price.kind,
        amount_yuan=price.amount_yuan,
        unit=price.unit[0],
        unit_en=price.unit[1],
        percent=price.percent,
        base=price.base[0] if price.base else None,
        base_en=price.base[1] if price.base else None,
        valid_from=VALID_FROM,
    )


def _add_hotline_number(session: Session, number: str) -> int:
    """The setting's number becomes the first community's, as long as no number is known at all (I2)."""
    community = session.scalars(select(Community).order_by(Community.id).limit(1)).first()
    if community is None or session.scalar(select(func.count()).select_from(HotlineNumber)):
        return 0
    session.add(HotlineNumber(number=number, community_id=community.id))
    return 1
