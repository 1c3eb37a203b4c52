"""Names of kept things in the language that is being written: a community, a department, a category has two."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Department


def is_english() -> bool:
    """Whether the page or message that is being written is English."""
    locale = get_locale()
    return locale is not None and locale.language == "en"


def named(thing: Any) -> str:
    """A row of a kept list: `name_en` where English is written and there is one, else as it prints; nothing for None."""
    if thing is None:
        return ""
    if getattr(thing, "name_en", "") and is_english():
        return str(thing.name_en)
    return str(thing)


def place_words(house: Any, building: Any, place: str | None) -> str:
    """Where a matter is: its house; what lies in another building than that, or in none, by its building and place."""
    if house is not None and (building is None or house.building_id == building.id):
        return str(house.name)
    return " ".join(part for part in (building.name if building else "", place or "") if part)


def departments_in_english(session: Session) -> dict[str, str]:
    """The departments' Chinese names with their English ones: a timeline keeps a name, not the department."""
    found = session.execute(select(Department.name, Department.name_en).where(Department.name_en != "")).tuples()
    return dict(found.all())
