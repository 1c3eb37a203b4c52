"""What a special event is called in the language that is being written: where, and what about."""

from __future__ import annotations

from flask_babel import gettext

from app.models import Building, SpecialEvent
from app.services.names import is_english, named


def where(event: SpecialEvent) -> str:
    """The building, or the place as it was stated; nothing where neither is known."""
    if event.building is not None:
        return building_words(event.building)
    return event.place or ""


def building_words(building: Building) -> str:
    """3幢, Building 3."""
    return gettext("Building %(number)s", number=building.number) if is_english() else building.name


def title(event: SpecialEvent) -> str:
    """3幢 · 电梯: what people call the matter."""
    what = named(event.category) or gettext("no category")
    return " · ".join(part for part in (where(event), what) if part)
