"""Reference data: what is absent is added, what an administrator changed, switched off or took away stays as it is."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import (
    Category,
    CategoryWord,
    ClockPolicy,
    Community,
    Department,
    HotlineNumber,
    ServiceItem,
    ServicePrice,
)
from app.rules.clock_defaults import CLOCK_POLICIES
from app.rules.clocks import Policy
from app.services.seed_data.catalogue import ITEMS, VALID_FROM, ItemSeed, PriceSeed
from app.services.seed_data.reference import CATEGORIES, DEPARTMENTS, WORDS

Added = dict[str, int]
"""How many rows of each kind were added."""


def seed(session: Session, hotline_number: str) -> Added:
    """Add the reference data that is absent, by its code. Run a second time it adds nothing.

    Words and prices come with their category or item only, and the clock rules of D4 only into an empty table: what
    somebody took out on purpose must not return with the next start.
    """
    departments = _add_departments(session)
    added = {
        "department": len(departments),
        "category": _add_categories(session),
        "clock_policy": _add_clock_policies(session),
        "service_item": _add_items(session),
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


def _add_clock_policies(session: Session) -> int:
    if session.scalar(select(func.count()).select_from(ClockPolicy)):
        return 0
    session.add_all([_clock_policy(policy) for policy in CLOCK_POLICIES])
    return len(CLOCK_POLICIES)


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
