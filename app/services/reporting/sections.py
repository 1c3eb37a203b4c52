"""The sections of the report as declared data: a code, and a function from the month's records to the section's rows.

To add a section: its function here, its title in `labels`, its template in `templates/report/sections/<code>.html`.
A function that returns None has no records: the section is left out and named in the appendix (I8).
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.rules import figures as rules
from app.rules.codes import Channel, Kind, Tier, Validity, VisitState, VisitWay
from app.rules.month_figures import is_reached
from app.services.reporting.month_figures import frozen
from app.services.reporting.records import DrillFact, FeeFact, MonthOutline, MonthRecords, Request
from app.services.reporting.special import special_events

Rows = dict[str, Any]
NIGHT_ENDS, NIGHT_BEGINS = 6, 22  # hours of the local day


@dataclass(frozen=True)
class Sources:
    """What the sections are made from. `months` are the twelve that end with the reported one; `names` of categories and
    buildings by id are rows with code or number, name and name_en; `goals` were promised by the report before."""

    now: MonthRecords
    last_month: MonthRecords | None
    months: list[MonthOutline]
    figures: dict[str, Rows]
    zone: ZoneInfo
    smallest_group: int
    categories: dict[int, Rows]
    buildings: dict[int, Rows]
    arrears_yuan: Decimal
    messages: list[tuple[str, str, int]]
    stewards: list[Rows]
    goals: list[Rows] = field(default_factory=list)


def requests(sources: Sources) -> Rows | None:
    """Requests by kind and channel, in time by kind, and the twelve months."""
    records = sources.now
    if not records.requests:
        return None
    judged = rules.in_time(request.clocks for request in records.requests)
    last = Counter(request.kind for request in sources.last_month.requests) if sources.last_month else None
    kinds = []
    for kind in Kind:
        mine = records.of_kind(kind)
        rate = rules.in_time(request.clocks for request in mine).rate
        before = None if last is None else last[kind]
        if mine or before:
            kinds.append({"code": kind.value, "count": len(mine), "last_month": before, "in_time": frozen(rate)})
    channels = Counter(request.channel for request in records.requests)
    return {
        "kinds": kinds,
        "channels": _counted(channels, Channel),
        "judged": judged.requests_judged,
        "in_time": judged.requests_in_time,
        "clock_rate": frozen(judged.clock_rate),
        "trend": [
            {
                "month": month.month.key,
                "requests": month.requests,
                "in_time": frozen(rules.in_time(month.clocks).rate),
            }
            for month in sources.months
        ],
    }


def hotline(sources: Sources) -> Rows | None:
    """Calls by local hour and outcome."""
    calls = sources.now.calls
    if not calls:
        return None
    hours = Counter(call.started_at.astimezone(sources.zone).hour for call in calls)
    outcomes = Counter(call.outcome or "open_call" for call in calls)
    return {
        "by_hour": [hours[hour] for hour in range(24)],
        "total": len(calls),
        "night": sum(hours[hour] for hour in range(24) if hour < NIGHT_ENDS or hour >= NIGHT_BEGINS),
        "mean_seconds": rules.mean([call.duration_seconds for call in calls if call.duration_seconds is not None]),
        "outcomes": [{"code": code, "count": count} for code, count in outcomes.most_common()],
    }


def complaints(sources: Sources) -> Rows | None:
    """Complaints by category and finding; small groups merged."""
    mine = sources.now.of_kind(Kind.COMPLAINT)
    findings = Counter(request.validity or "open" for request in mine)
    replies = [
        int((request.replied_at - request.created_at).total_seconds() // 60)
        for request in mine
        if request.replied_at is not None
    ]
    rows = []
    for row, members in _merged(sources, mine, _category_of, sources.categories):
        found = Counter(request.validity or "open" for request in members)
        rows.append({**row, **{code: found[code] for code in (*Validity, "open")}})
    return {
        "total": len(mine),
        "findings": {code: findings[code] for code in (*Validity, "open")},
        "repeat": sum(request.is_repeat for request in mine),
        "reply_mean_minutes": rules.mean(replies),
        "settled": sum(request.done_at is not None for request in mine),
        "categories": rows,
    }


def emergencies(sources: Sources) -> Rows | None:
    """Emergencies with the response times of the ladder, the drills held; the day, never the place."""
    alarms = sources.now.alarms
    total = len(sources.now.of_kind(Kind.EMERGENCY))
    taken = [alarm.accept_seconds for alarm in alarms if alarm.accept_seconds is not None]
    tiers = Counter(alarm.tier for alarm in alarms if alarm.tier)
    events = []
    for alarm in alarms:
        local = alarm.created_at.astimezone(sources.zone)
        events.append(
            {
                "day": local.date().isoformat(),
                "night": _is_night(local),
                "accept_seconds": alarm.accept_seconds,
                "tier": alarm.tier,
                "done_minutes": alarm.done_minutes,
            }
        )
    return {
        "total": total,
        "accepted": len(taken),
        "accept_mean": rules.mean(taken),
        "accept_max": max(taken, default=None),
        "tiers": _counted(tiers, Tier),
        "events": events,
        "drills": [_drill(drill, sources.zone) for drill in sources.now.drills],
    }


def _drill(drill: DrillFact, zone: ZoneInfo) -> Rows:
    return {
        "day": drill.began_at.astimezone(zone).date().isoformat(),
        "kind": drill.kind,
        "minutes": drill.minutes,
        "steps": drill.steps,
        "done": drill.done,
        "findings": drill.findings,
        "improved": drill.improved,
    }


def repairs(sources: Sources) -> Rows | None:
    """Repairs by category and by building, never by house."""
    mine = sources.now.of_kind(Kind.REPAIR)
    if not mine:
        return None
    return {
        "total": len(mine),
        "done": sum(request.done_at is not None for request in mine),
        "categories": [
            _worked(row, members) for row, members in _merged(sources, mine, _category_of, sources.categories)
        ],
        "buildings": [
            _worked(row, members)
            for row, members in _merged(sources, mine, _building_of, sources.buildings, by_size=False)
        ],
    }


def services(sources: Sources) -> Rows | None:
    """Service orders by category."""
    mine = sources.now.of_kind(Kind.SERVICE)
    if not mine:
        return None
    worked = _worked({}, mine)
    merged = _merged(sources, mine, _category_of, sources.categories)
    return {
        "total": len(mine),
        "done": worked["done"],
        "mean_minutes": worked["mean_minutes"],
        "categories": [{**row, "count": len(members)} for row, members in merged],
    }


def visits(sources: Sources) -> Rows | None:
    """Return visits made in the month and their scores."""
    made = [visit for visit in sources.now.visits if visit.state == VisitState.MADE]
    if not sources.now.visits:
        return None
    scores = Counter(visit.score for visit in made if visit.score is not None)
    return {
        "made": len(made),
        "unreachable": len(sources.now.visits) - len(made),
        "answers": scores.total(),
        "scores": [scores[score] for score in range(1, 6)],
        "ways": _counted(Counter(visit.way for visit in made if visit.way), VisitWay),
    }


def fees(sources: Sources) -> Rows | None:
    """Due and paid by fee item, the collection rate of twelve months, arrears in total."""
    if not sources.now.fees:
        return None

    due, paid = _totals(sources.now.fees)
    trend = []
    for month in sources.months:
        month_due, month_paid = _totals(month.fees)
        trend.append({"month": month.month.key, "rate": frozen(rules.collection_rate(month_paid, month_due))})
    return {
        "items": [
            {
                "code": fee.code, "name": fee.name, "name_en": fee.name_en, "due": str(fee.due_yuan),
                "paid": str(fee.paid_yuan), "rate": frozen(rules.collection_rate(fee.paid_yuan, fee.due_yuan)),
            }
            for fee in sources.now.fees
        ],
        "due": str(due), "paid": str(paid), "rate": frozen(rules.collection_rate(paid, due)),
        "arrears": str(sources.arrears_yuan), "trend": trend,
    }  # fmt: skip


def notices(sources: Sources) -> Rows | None:
    """Messages that went out, by way; alerts to staff are not the owners' matter."""
    counts: dict[str, Counter[str]] = {}
    for channel, end, count in sources.messages:
        if channel != "alert":
            counts.setdefault(channel, Counter())[end] += count
    rows = [{"code": code, "sent": counts[code]["sent"], "failed": counts[code]["failed"]} for code in sorted(counts)]
    return {"rows": rows} if rows else None


def improvement(sources: Sources) -> Rows | None:
    """The goals of the report before this one, and what was reached."""
    promises = []
    for goal in sources.goals:
        figure = sources.figures.get(goal["code"])
        if figure is None or figure["value"] is None:
            continue
        kept = is_reached(figure["value"], goal["goal"], goal["good"])
        promises.append({**goal, "value": figure["value"], "kept": kept})
    return {"promises": promises}


def plan(sources: Sources) -> Rows | None:
    """Next month's goals: the targets that were missed, else to keep those of D4 that matter most."""
    with_target = [
        figure for figure in sources.figures.values() if figure["target"] is not None and figure["value"] is not None
    ]
    missed = [figure for figure in with_target if not is_reached(figure["value"], figure["target"], figure["good"])]
    kept = [figure for figure in with_target if figure["code"] in ("in_time", "complaints_in_time")]
    return {
        "goals": [
            {
                key: figure[source]
                for key, source in (("code", "code"), ("unit", "unit"), ("goal", "target"), ("good", "good"))
            }
            for figure in (missed or kept)
        ]
    }


def stewards(sources: Sources) -> Rows | None:
    """The stewards' cards (D13): name, number of the service, buildings."""
    return {"cards": sources.stewards} if sources.stewards else None


SECTIONS: dict[str, Callable[[Sources], Rows | None]] = {
    section.__name__: section
    for section in (
        requests, hotline, complaints, special_events, emergencies, repairs, services, visits, fees, notices, improvement, plan, stewards,
    )
}  # fmt: skip
NOT_KEPT_YET = ("home_visits", "upkeep", "procedures")
"""Sections of D14 for which the product keeps no records yet."""


def _counted(counts: Counter[Any], order: Iterable[str]) -> list[Rows]:
    return [{"code": str(code), "count": counts[code]} for code in order if counts[code]]


def _totals(fees: list[FeeFact]) -> tuple[Decimal, Decimal]:
    """Due and paid in yuan."""
    due = sum((fee.due_yuan for fee in fees), Decimal(0))
    return due, sum((fee.paid_yuan for fee in fees), Decimal(0))


def _is_night(local: datetime) -> bool:
    return local.hour < NIGHT_ENDS or local.hour >= NIGHT_BEGINS


def _category_of(request: Request) -> int | None:
    return request.category_id


def _building_of(request: Request) -> int | None:
    return request.building_id


def _worked(row: Rows, members: list[Request]) -> Rows:
    minutes = [spent for request in members if (spent := request.handling_minutes) is not None]
    return {**row, "count": len(members), "done": len(minutes), "mean_minutes": rules.mean(minutes)}


def _merged(
    sources: Sources,
    members: list[Request],
    group_of: Callable[[Request], int | None],
    names: dict[int, Rows],
    by_size: bool = True,
) -> list[tuple[Rows, list[Request]]]:
    """Requests grouped by category or building, groups of too few households merged (D14): (name row, requests)."""
    unnamed = {"code": "no_building" if names is sources.buildings else "uncategorised", "name": "", "name_en": ""}
    grouped: dict[str, list[Request]] = {}
    rows: dict[str, Rows] = {"rest": {"code": "rest", "name": "", "name_en": ""}}
    for request in members:
        row = names.get(group_of(request) or 0, unnamed)
        key = row.get("number") or row["code"]
        rows[key] = row
        grouped.setdefault(key, []).append(request)
    groups = [
        # A request without a house cannot tell a household apart from another: it counts as one of its own.
        rules.Group(key, len(found), frozenset(request.house_id or -request.id for request in found))
        for key, found in grouped.items()
    ]
    order = {row.get("number") or row["code"]: place for place, row in enumerate(names.values())}
    groups.sort(
        key=lambda group: (-group.count, order.get(group.code, 999)) if by_size else (order.get(group.code, 999),)
    )
    shown = rules.merge_small(groups, sources.smallest_group)
    alone = {group.code for group in shown}
    result = []
    for group in shown:
        if group.code == "rest":
            found = [request for key, some in grouped.items() if key not in alone for request in some]
        else:
            found = grouped[group.code]
        result.append((rows[group.code], found))
    return result
