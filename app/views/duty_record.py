"""`/dutyrecord`: the duty record of a shift or any period, on the page and on paper (D5, D6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Community, DutyShift
from app.rules.roster import Stretch
from app.services import duty_paper
from app.services.duty_record import SHOWS, RecordLine, record, shifts_around
from app.services.ticket_timeline import Happening
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.local import local, zone
from app.views.check_in_words import step_words
from app.views.duty_folds import pieces
from app.views.duty_forms import chosen_community, communities, field_moment, hours, moment
from app.views.duty_words import DID, actor_words
from app.views.labels import code_label
from app.views.outage_words import outage_line, wish_line
from app.views.special_words import DID as DID_SPECIAL
from app.views.special_words import by_whom
from app.views.timeline_words import Line, in_groups_all, line

FILTERS = {
    "all": _("All"),
    "calls": _("Calls"),
    "steps": _("Steps on tickets"),
    "visits": _("Return visits"),
    "emergencies": _("Emergency rings"),
    "messages": _("Messages"),
    "care": _("Check-in calls"),
    "roster": _("Roster and handover"),
    "special": _("Special events"),
    "outages": _("Announced outages"),
    "wishes": _("Wishes about calls and texts"),
}
COUNTED = {
    "call": _("Calls"),
    "entry": _("Steps on tickets"),
    "ring": _("Emergency rings"),
    "message": _("Messages"),
    "outreach": _("Automatic calls"),
    "care": _("Check-in calls"),
    "duty": _("Roster and handover"),
    "special": _("Special events"),
    "outage": _("Announced outages"),
    "wish": _("Wishes about calls and texts"),
}
_USUAL = timedelta(hours=12)


class DutyRecordPage(BasePage):
    """The record under the reader's row limits; who may, is the matrix's answer."""

    route_base = "/dutyrecord"
    default_view = "record"

    @expose("/")
    @has_access
    @permission_name("view")
    def record(self) -> Any:
        """`?community=&from=&until=&show=&page=`, or `day=` for a whole one; without a period the running shift of the one on duty."""
        session, actor, at = db.session(), self.actor(), now()
        found = communities(session, actor)
        community = chosen_community(found)
        if community is None:
            return self.render_template("duty/record.html", community=None)
        around = shifts_around(session, community.id, at)
        show = request.args.get("show", "all")
        show = show if show in SHOWS else "all"
        error, status, made = "", 200, None
        start, end = (around[0].starts_at, around[0].ends_at) if around else (at - _USUAL, at)
        try:
            start, end = _day() or (_asked("from", start), _asked("until", end))
            made = record(session, actor, community.id, start, end, show)
        except LinliError as refused:
            error, status = sentence(refused), refused.status
        lines = [(one, words_of(one)) for one in made.lines] if made else []
        shown = pieces(lines, fold=show == "all")
        last = shown[-1].page if shown else 0
        page = self.render_template(
            "duty/record.html",
            community=community,
            communities=found,
            record=made,
            lines=lines,
            pieces=shown,
            page=number_in(request.args.get("page"), 0, 0, last),
            last=last,
            error=error,
            start=start,
            end=end,
            show=show,
            filters=FILTERS,
            counted=COUNTED,
            around=around,
            hours=hours,
            local=local,
            field_moment=field_moment,
            now=at,
            paper_address=_paper_of(community, around, start, end),
        )
        return page, status


def _paper_of(community: Community, around: list[Stretch[DutyShift]], start: datetime, end: datetime) -> str:
    """Where the record of exactly this shift is signed; empty for any other period."""
    whole = any((one.starts_at, one.ends_at) == (start, end) for one in around)
    return f"/records/duty/{duty_paper.subject(community, start)}" if whole else ""


def words_of(one: RecordLine) -> Line:
    """A line of the record in words: a ticket's as on its timeline, the others as on theirs."""
    made = _WORDS[one.what.source](one.what) if one.what.source in _WORDS else line(one.what)
    if one.called:
        made.details.append((gettext("Called a number of no community"), one.called))
    return in_groups_all(made)


def _duty(what: Happening) -> Line:
    details = [(code_label("tier", what.before), what.after or "")] if what.before else []
    title = str(DID.get(what.code, what.code))
    return Line(what.at, "calendar", "calm", title, actor_words(what.who), what.text, None, details)


def _outreach(what: Happening) -> Line:
    state = code_label("target_state", what.after)
    who = f"{what.who} {what.text}".strip()
    details = [(gettext("State"), state)]
    return Line(what.at, "phone", "info", code_label("outreach", what.code), who, "", None, details)


def _care(what: Happening) -> Line:
    title, text = step_words(what.code, what.text, what.data)
    about = gettext(": ").join(part for part in (what.after, text) if part)
    title = f"{code_label('outreach', 'check_in')}{gettext(': ')}{title}"
    return Line(what.at, "heart", "info", title, actor_words(what.who), about, None)


def _special(what: Happening) -> Line:
    """Which households and tickets is for the event's own page, by the rows of its reader."""
    event = gettext("Special event %(number)s", number=what.data.get("event", ""))
    title = f"{event}{gettext(': ')}{DID_SPECIAL.get(what.code, what.code)}"
    return Line(what.at, "alert", "calm", title, by_whom(what.who), what.text, None)


_WORDS: dict[str, Callable[[Happening], Line]] = {
    "duty": _duty,
    "outreach": _outreach,
    "care": _care,
    "special": _special,
    "outage": outage_line,
    "wish": wish_line,
}


def _day() -> tuple[datetime, datetime] | None:
    """The whole local day of `?day=2026-03-31`."""
    try:
        day = date.fromisoformat(request.args.get("day", "")[:10])
        if not 2000 <= day.year <= 2200:  # the first and last days there are have no instant in every zone
            return None
        return datetime.combine(day, time(), zone()), datetime.combine(day + timedelta(days=1), time(), zone())
    except ValueError:
        return None


def _asked(name: str, usual: datetime) -> datetime:
    text = request.args.get(name, "").strip()
    return moment(text) if text else usual
