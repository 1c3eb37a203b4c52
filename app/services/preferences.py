"""What a login keeps for itself, on every device: language, theme, whether the tour was seen, small choices of pages.

```python
columns = choice(session, actor, "tickets.columns", [])
remember(session, actor, "tickets.columns", ["number", "title"])
```
Each is the login's own; nobody else reads or writes it, so there are no row limits beside `actor.user_id`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import Person, Staff, UserPreference
from app.models.preferences import LOCALES, THEMES
from app.services.actors import Actor
from app.services.call_store import insert_once

LONGEST_KEY = 80
MOST_KEPT = 32_768
"""Characters of all small choices of one login, written as JSON."""


@dataclass(frozen=True)
class Preferences:
    """A login's choices; None where none was made."""

    locale: str | None = None
    theme: str | None = None
    tour_done_at: datetime | None = None
    choices: Mapping[str, Any] = field(default_factory=dict)


def preferences_of(session: Session, user_id: int | None) -> Preferences:
    """What this login chose. One statement."""
    row = session.execute(
        select(UserPreference.locale, UserPreference.theme, UserPreference.tour_done_at, UserPreference.choices).where(
            UserPreference.user_id == user_id
        )
    ).first()
    return Preferences() if row is None else Preferences(*row)


def set_locale(session: Session, actor: Actor, locale: str) -> None:
    """Keep the language of pages, and of the texts and mails that are sent to this person. Raises Invalid."""
    if locale not in LOCALES:
        raise Invalid(N_("This language is not offered."))
    _row(session, actor).locale = locale
    if actor.person_id is not None:
        session.execute(update(Person).where(Person.id == actor.person_id).values(locale=locale))


def set_theme(session: Session, actor: Actor, theme: str) -> None:
    """Keep `light`, `dark` or `auto` (as the device). Raises Invalid."""
    if theme not in THEMES:
        raise Invalid(N_("This look is not offered."))
    _row(session, actor).theme = theme


def finish_tour(session: Session, actor: Actor, now: datetime | None) -> None:
    """The tour was seen or put away; None shows it again at the next log-in."""
    _row(session, actor).tour_done_at = now


def choice(session: Session, actor: Actor, key: str, default: Any = None) -> Any:
    """A small choice by its key ("tickets.columns"), or the default."""
    return preferences_of(session, actor.user_id).choices.get(key, default)


def remember(session: Session, actor: Actor, key: str, value: Any) -> None:
    """Keep a small choice (anything JSON can hold); None forgets it. Raises Invalid when it is no small one."""
    if not key or len(key) > LONGEST_KEY:
        raise Invalid(N_("This is too big."))
    row = _row(session, actor)
    kept = {name: old for name, old in row.choices.items() if name != key}
    if value is not None:
        kept[key] = value
    if len(json.dumps(kept)) > MOST_KEPT:
        raise Invalid(N_("This is too big."))
    row.choices = kept


def staff_locale(session: Session, staff: Staff | None) -> str:
    """The language in which somebody who works here is written to: their own choice, else the house's."""
    chosen = None
    if staff is not None and staff.user_id is not None:
        chosen = session.scalar(select(UserPreference.locale).where(UserPreference.user_id == staff.user_id))
    return chosen or str(current_app.config["BABEL_DEFAULT_LOCALE"])


def _row(session: Session, actor: Actor) -> UserPreference:
    if actor.user_id is None:
        raise Invalid(N_("Only somebody who is logged in can keep choices."))
    empty = {"user_id": actor.user_id, "choices": {}}
    insert_once(session, UserPreference.__table__, empty, "user_id")
    return session.get_one(UserPreference, actor.user_id, with_for_update=True)
