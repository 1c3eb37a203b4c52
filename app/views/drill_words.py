"""Drills of the emergency plans in the reader's language: lines of the history, times, the paper of a year (D7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import force_locale, gettext, ngettext
from flask_babel import lazy_gettext as _

from app.adapters.clock import now
from app.models import Community, DrillEntry, PlanDrill
from app.rules.codes import DrillState
from app.rules.drills import Done, is_overdue, walked
from app.services.drill_lists import Due
from app.services.drill_record import steps_of
from app.services.names import named
from app.views.base.local import local, local_text, zone
from app.views.labels import code_label
from app.views.plan_words import plan_name, said, within

VERBS = {
    "plan": _("Planned"),
    "change": _("Changed"),
    "cancel": _("Called off"),
    "begin": _("Begun"),
    "record": _("Recorded"),
    "correct": _("Record put right"),
    "photo": _("Photos added"),
    "finding": _("Finding noted"),
    "improve": _("Improvement made"),
}


def steps(drill: PlanDrill) -> list[Done]:
    """The plan's steps with the times of this drill."""
    return walked(drill.version.content, drill.began_at, steps_of(drill))


def late(drill: PlanDrill) -> bool:
    """Whether its day is over without a record."""
    return is_overdue(drill.state, drill.starts_at, now(), zone())


def minutes(count: int) -> str:
    """After how long a step was done."""
    return ngettext("after %(num)d minute", "after %(num)d minutes", count) if count else gettext("at once")


def lasted(drill: PlanDrill) -> str:
    """How long it took, in minutes; nothing before it is over."""
    if drill.began_at is None or drill.ended_at is None:
        return ""
    count = int((drill.ended_at - drill.began_at).total_seconds() // 60)
    return ngettext("%(num)d minute", "%(num)d minutes", count)


def entry_words(entry: DrillEntry) -> tuple[str, list[str]]:
    """What was done, and the lines below it: the note, what was changed, what a record said before it was put right."""
    data, lines = entry.data, [entry.note] if entry.note else []
    match entry.verb:
        case "change":
            lines += _changed(data)
        case "correct":
            lines += _before(data.get("before", {}))
        case "finding":
            lines.append(gettext("%(who)s, until %(day)s", who=data["who"], day=data["until"]))
        case "photo":
            lines.append(ngettext("%(num)d photo", "%(num)d photos", data["photos"]))
        case "improve":
            lines.append(data["finding"])
    return str(VERBS[entry.verb]), lines


_FIELDS = {
    "starts_at": _("Begins"),
    "place": _("Where"),
    "leader": _("Led by"),
    "members": _("Takes part"),
    "others": _("Others who take part"),
    "aim": _("What is practised"),
}


def _changed(data: dict[str, Any]) -> list[str]:
    before, after = data["before"], data["after"]
    return [
        gettext(
            "%(what)s: %(before)s → %(after)s",
            what=str(label),
            before=_value(name, before[name]),
            after=_value(name, after[name]),
        )
        for name, label in _FIELDS.items()
        if before[name] != after[name]
    ]


def _value(name: str, value: Any) -> str:
    if name == "starts_at":
        return local_text(datetime.fromisoformat(value))
    return (gettext(", ").join(value) if isinstance(value, list) else str(value)) or "–"


def _before(said: dict[str, Any]) -> list[str]:
    """What a record said before."""
    begins, ends = (datetime.fromisoformat(said[name]) for name in ("began_at", "ended_at"))
    clocks = [f"{local(datetime.fromisoformat(at)):%H:%M}" for at in said["steps"].values()]
    return [
        gettext(
            "Before: %(begins)s to %(ends)s; steps at %(steps)s; present: %(came)s; %(observed)s",
            begins=local_text(begins),
            ends=local_text(ends),
            steps=gettext(", ").join(clocks),
            came=gettext(", ").join(said["came"]) or "–",
            observed=said["observed"] or "–",
        )
    ]


def year_paper(
    year: int, community: Community, drills: Sequence[PlanDrill], due: Sequence[Due], locale: str
) -> dict[str, Any]:
    """The year's list on paper (see `app.reports.sheet`): what was planned and held, what was found, which plans are due."""
    with force_locale(locale):
        held = sum(one.state == DrillState.HELD for one in drills)
        findings = [found for one in drills for found in one.findings]
        made = sum(found.done_at is not None for found in findings)
        return {
            "form": "record",
            "locale": locale,
            "number": f"drills-{year}",
            "issuer": gettext("%(community)s service centre", community=named(community)),
            "title": gettext("Drills of the emergency plans, %(year)s", year=year),
            "subtitle": named(community),
            "facts": [
                [
                    code_label("drill_state", DrillState.PLANNED),
                    str(sum(one.state != DrillState.CANCELLED for one in drills)),
                ],
                [code_label("drill_state", DrillState.HELD), str(held)],
                [gettext("Improvements made"), gettext("%(made)s of %(all)s", made=made, all=len(findings))],
            ],
            "sections": [_drills_of(drills), *([_due(due)] if due else [])],
            "signs": [],
            "sign_hint": "",
            "foot": gettext("Printed at %(when)s", when=local_text(now())),
        }


def _drills_of(drills: Sequence[PlanDrill]) -> dict[str, Any]:
    heads = (
        gettext("Date and time"), gettext("Emergency plan"), gettext("Led by"), gettext("Staff"), gettext("State"),
        gettext("Took"), gettext("Steps"), gettext("Improvements"),
    )  # fmt: skip
    return _section(
        "" if drills else gettext("No drill is planned in this year."), heads, [_row(one) for one in drills]
    )


def _row(drill: PlanDrill) -> list[str]:
    walk = steps(drill)
    people = [one for one in drill.members if one.came or drill.state != DrillState.HELD]
    made = sum(one.done_at is not None for one in drill.findings)
    done = f"{sum(one.at is not None for one in walk)}/{len(walk)}" if drill.state == DrillState.HELD else ""
    return [
        local_text(drill.began_at or drill.starts_at),
        plan_name(drill.version),
        drill.leader.name,
        str(len(people) + 1),
        gettext("overdue") if late(drill) else code_label("drill_state", drill.state),
        lasted(drill),
        done,
        f"{made}/{len(drill.findings)}" if drill.findings else "",
    ]


def _due(due: Sequence[Due]) -> dict[str, Any]:
    heads = (gettext("Emergency plan"), gettext("Due since"), gettext("Last drill"), gettext("Next planned"))
    rows = [
        [plan_name(one.version), f"{one.due_on}", local_text(one.last_at) or "–", local_text(one.next_at) or "–"]
        for one in due
    ]
    return _section("", heads, rows, gettext("Not drilled within the period"))


def _section(text: str, head: Sequence[str], rows: list[list[str]], title: str = "") -> dict[str, Any]:
    return {"title": title, "text": text, "facts": None, "head": list(head), "rows": rows}


WORDS = {
    "said": said,
    "plan_name": plan_name,
    "within": within,
    "steps_of": steps,
    "is_late": late,
    "after_minutes": minutes,
    "lasted": lasted,
    "entry_words": entry_words,
}
"""For templates."""
