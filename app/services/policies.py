"""The trade's figures in force: an administrator's, else the default of `rules.policy_figures`."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import Setting
from app.rules.policy_figures import FIGURES
from app.services.actors import Actor
from app.services.call_store import insert_once
from app.services.rule_changes import record_figure


def figure(session: Session, key: str) -> int:
    """The figure in force: the administrator's, else the default. An unreadable stored value falls back to the default."""
    known = FIGURES[key]
    stored = session.scalar(select(Setting.value).where(Setting.key == key))
    try:
        return known.default if stored is None else check_figure(key, stored)
    except Invalid:
        return known.default


def figures(session: Session, *keys: str) -> dict[str, int]:
    """Several figures in force, in one statement."""
    stored = dict(session.execute(select(Setting.key, Setting.value).where(Setting.key.in_(keys))).tuples().all())
    found = {}
    for key in keys:
        try:
            found[key] = check_figure(key, stored[key]) if key in stored else FIGURES[key].default
        except Invalid:
            found[key] = FIGURES[key].default
    return found


def check_figure(key: str, text: str) -> int:
    """The whole number in `text`. Raises Invalid when it is no number of this figure's range, or the figure is unknown."""
    known = FIGURES.get(key)
    if known is None:
        raise Invalid(N_("There is no setting called %(key)s."), key=key[:60])
    try:
        value = int(text)
    except ValueError:
        value = known.low - 1
    if not known.low <= value <= known.high:
        raise Invalid(N_("Enter a whole number from %(low)s to %(high)s."), low=known.low, high=known.high)
    return value


def change_figure(session: Session, key: str, text: str, actor: Actor, now: datetime) -> int:
    """Put a figure in force and note it on the audit trail; one that equals the default is kept no longer.

    Raises Invalid as `check_figure` does.
    """
    value = check_figure(key, text)
    record_figure(session, actor, key, figure(session, key), value, now)
    if value == FIGURES[key].default:
        session.execute(delete(Setting).where(Setting.key == key))
    elif not insert_once(session, Setting.__table__, {"key": key, "value": str(value)}, "key"):
        session.execute(update(Setting).where(Setting.key == key).values(value=str(value)))
    return value


def hours(session: Session, key: str) -> timedelta:
    """A figure in hours as a span."""
    return timedelta(hours=figure(session, key))


def minutes(session: Session, key: str) -> timedelta:
    """A figure in minutes as a span."""
    return timedelta(minutes=figure(session, key))


def seconds(session: Session, key: str) -> timedelta:
    """A figure in seconds as a span."""
    return timedelta(seconds=figure(session, key))
