"""The timeline as a reader wants it: by day, calls with their recordings and words, rings and clocks folded into one block."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from flask_babel import format_date, gettext, ngettext
from flask_babel import lazy_gettext as _

from app.services.ticket_timeline import Happening
from app.views.base.local import local
from app.views.timeline_words import Line, line

FILTERS = {
    "all": _("Everything"),
    "steps": _("Steps"),
    "contacts": _("Contacts"),
    "calls": _("Calls"),
    "photos": _("Photos"),
    "clocks": _("Clocks"),
}
"""What the timeline can be limited to, in words."""

_FOLDED_CLOCKS = ("warn", "breach")
_LADDER = ("ladder", "ladder_started", "unanswered", "accept", "accepted", "connect", "alarm", "note")
_ONE_ROUND = timedelta(minutes=30)


def days(happenings: Iterable[Happening], now: datetime) -> list[tuple[str, list[Line]]]:
    """(the day in words, its lines), the newest first."""
    found: dict[date, list[Line]] = {}
    for one in folded([line(each) for each in happenings]):
        found.setdefault(local(one.at).date(), []).append(one)
    return [(day_label(day, local(now).date()), lines) for day, lines in found.items()]


def folded(lines: list[Line]) -> list[Line]:
    """Recordings and answers go into their call; the ladder's rings, and clocks in a row, become one line each."""
    made: list[Line] = []
    for one in _into_calls(lines):
        kind = _foldable(one)
        place = _fold_of(made, one, kind) if kind else None
        if place is None:
            made.append(one)
        else:
            made[place] = _fold(kind, [*(made[place].parts or [made[place]]), one])
    return made


def _fold_of(made: list[Line], one: Line, kind: str) -> int | None:
    """The block a line belongs to: the line before it, or, on the ladder, the round that was going on then."""
    for place in range(len(made) - 1, -1, -1):
        last = made[place]
        if _foldable(last) == kind:
            oldest = last.parts[-1] if last.parts else last
            return place if oldest.at - one.at <= _ONE_ROUND else None
        if kind != "ring":
            return None
    return None


def day_label(day: date, today: date) -> str:
    """today, yesterday, or the date with its weekday."""
    near = {today: gettext("today"), today - timedelta(days=1): gettext("yesterday")}
    full = str(format_date(day, "full"))
    return f"{near[day]} · {full}" if day in near else full


def _into_calls(lines: list[Line]) -> list[Line]:
    calls = {one.call_id: one for one in lines if one.source == "call"}
    kept = []
    for one in reversed(lines):
        call = calls.get(one.call_id) if one.source in ("recording", "heard") else None
        if call is None:
            kept.append(one)
        elif one.source == "recording":
            call.parts.append(one)
        else:
            call.heard.extend(pair for pair in one.heard if pair not in call.heard)
    return kept[::-1]


def _foldable(one: Line) -> str:
    if one.source == "ring" or (one.source == "entry" and one.by == "ladder" and one.code in _LADDER):
        return "ring"
    return "clock" if one.source == "entry" and one.code in _FOLDED_CLOCKS else ""


def _fold(kind: str, parts: list[Line]) -> Line:
    newest = parts[0]
    if kind == "ring":
        accepted = next((one for one in parts if one.source == "ring" and one.code == "accepted"), None)
        rings = sum(one.source == "ring" for one in parts)
        title = ngettext("Emergency ladder: %(num)d call", "Emergency ladder: %(num)d calls", rings)
        words = gettext("accepted by %(who)s", who=accepted.who) if accepted else gettext("nobody accepted yet")
        tone = "good" if accepted else "warn"
    else:
        breached = sum(one.code == "breach" for one in parts)
        title = ngettext("Clocks: %(num)d event", "Clocks: %(num)d events", len(parts))
        words = ngettext("%(num)d ran out", "%(num)d ran out", breached) if breached else ""
        tone = "bad" if breached else "warn"
    return replace(
        newest,
        title=title,
        text=words,
        tone=tone,
        icon="bell" if kind == "ring" else "clock",
        who="",
        details=[],
        parts=parts,
        heard=[],
        state=None,
        files=[],
    )
