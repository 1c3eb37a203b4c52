"""The trade's figures (D, I8): each has a default and its source here, and may be changed by an administrator."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import Setting


@dataclass(frozen=True)
class Figure:
    """A whole number with its unit, bounds and where it comes from."""

    key: str
    default: int
    unit: str
    low: int
    high: int
    label: str
    source: str


FIGURES: dict[str, Figure] = {
    figure.key: figure
    for figure in (
        Figure("ladder.accept_seconds", 60, "s", 10, 600, N_("Seconds until an emergency rings the next person"), "D7"),
        Figure("hotline.person_ring_seconds", 30, "s", 10, 60, N_("Seconds the desk rings on key 0"), "I4"),
        Figure("contact.window_hours", 24, "h", 1, 240, N_("Hours in which a further call joins an open ticket"), "I8"),
        Figure("close.after_hours", 72, "h", 1, 720, N_("Hours until a finished ticket closes by itself"), "I8"),
        Figure("visits.sample_percent", 30, "%", 0, 100, N_("Percent of finished repairs visited"), "D8"),
        Figure("visits.max_tries", 3, "", 1, 10, N_("Tries until a return visit counts as unreachable"), "D8"),
        Figure("target.in_time_percent", 90, "%", 0, 100, N_("Target: requests handled in time"), "D4"),
        Figure("target.complaints_percent", 100, "%", 0, 100, N_("Target: complaints handled in time"), "D4"),
        Figure("target.visits_percent", 100, "%", 0, 100, N_("Target: return visits on complaints"), "D4"),
        Figure("target.collection_percent", 95, "%", 0, 100, N_("Target: fees collected"), "D10"),
        Figure("target.satisfaction_percent", 90, "%", 0, 100, N_("Target: satisfied answers"), "D16"),
        Figure("privacy.small_number", 5, "", 1, 50, N_("Fewer households than this are merged in the report"), "D14"),
        Figure("roster.look_ahead_days", 7, "d", 1, 60, N_("Days ahead in which a gap in the roster is shown"), "D7"),
        Figure(
            "report.remind_after_day",
            3,
            "",
            1,
            28,
            N_("Day of the month from which an unpublished report is pressed"),
            "D14",
        ),
    )
}


def figure(session: Session, key: str) -> int:
    """The figure in force: the administrator's, else the default. An unreadable stored value falls back to the default."""
    known = FIGURES[key]
    stored = session.scalar(select(Setting.value).where(Setting.key == key))
    try:
        return known.default if stored is None else check_figure(key, stored)
    except Invalid:
        return known.default


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


def hours(session: Session, key: str) -> timedelta:
    """A figure in hours as a span."""
    return timedelta(hours=figure(session, key))


def seconds(session: Session, key: str) -> timedelta:
    """A figure in seconds as a span."""
    return timedelta(seconds=figure(session, key))
