"""The report's figures against a recount in plain SQL that shares no code with it, on the demo data and on made-up records."""

import json
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.models import Community, Report
from app.services import publication
from tests.reports.world import NOW, make_world

ZONE = ZoneInfo("Asia/Shanghai")


def bounds(month: str) -> dict[str, Any]:
    start = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=ZONE)
    end = (start + timedelta(days=32)).replace(day=1)
    return {"start": start.astimezone(UTC), "end": end.astimezone(UTC), "month": month}


def recount(session: Session, community_id: int, month: str) -> dict[str, Any]:
    """Each figure by SQL of its own. Instants are compared as the database stores them: UTC."""
    given = bounds(month) | {"community": community_id}
    if session.get_bind().dialect.name == "sqlite":
        given["start"] = given["start"].strftime("%Y-%m-%d %H:%M:%S.%f")
        given["end"] = given["end"].strftime("%Y-%m-%d %H:%M:%S.%f")

    def one(query: str) -> Any:
        return session.execute(text(query), given).scalar()

    tickets = "ticket t WHERE t.community_id = :community AND t.created_at >= :start AND t.created_at < :end AND t.counts_in_figures"
    judged = (
        f"SELECT count(*) FROM {tickets} {{kind}} AND EXISTS (SELECT 1 FROM clock c WHERE c.ticket_id = t.id AND c.state IN"
        " ('met', 'breached')) AND NOT EXISTS (SELECT 1 FROM clock c WHERE c.ticket_id = t.id AND c.state IN ('running', 'paused'))"
    )
    punctual = judged + " AND NOT EXISTS (SELECT 1 FROM clock c WHERE c.ticket_id = t.id AND c.state = 'breached')"
    complaint = "AND t.kind = 'complaint'"
    visits = (
        "return_visit v JOIN ticket t ON t.id = v.ticket_id WHERE t.community_id = :community AND v.visited_at >= :start"
        " AND v.visited_at < :end AND v.state = 'made' AND v.score IS NOT NULL"
    )
    bills = "bill WHERE community_id = :community AND period = :month AND state <> 'cancelled'"
    complaints = one(f"SELECT count(*) FROM {tickets} {complaint}")
    occupied = one(
        "SELECT count(*) FROM house WHERE community_id = :community AND state IN ('occupied', 'renovating', 'let')"
    )
    return {
        "requests": one(f"SELECT count(*) FROM {tickets}"),
        "calls": one(
            "SELECT count(*) FROM call WHERE community_id = :community AND direction = 'inbound' AND started_at >= :start"
            " AND started_at < :end"
        ),
        "in_time": share(one(punctual.format(kind="")), one(judged.format(kind=""))),
        "complaints": complaints,
        "complaint_rate": share(complaints, occupied),
        "complaints_in_time": share(one(punctual.format(kind=complaint)), one(judged.format(kind=complaint))),
        "emergencies": one(f"SELECT count(*) FROM {tickets} AND t.kind = 'emergency'"),
        "satisfaction": share(
            one(f"SELECT count(*) FROM {visits} AND v.score >= 4"), one(f"SELECT count(*) FROM {visits}")
        ),
        "collection": share(one(f"SELECT sum(paid_yuan) FROM {bills}"), one(f"SELECT sum(amount) FROM {bills}")),
    }


def share(part: Any, whole: Any) -> str | None:
    if not whole:
        return None
    return str((Decimal(int(part or 0)) / Decimal(int(whole))).quantize(Decimal("0.0001"), ROUND_HALF_UP))


def by_kind(session: Session, community_id: int, month: str) -> dict[str, int]:
    given = bounds(month)
    rows = session.execute(
        text("SELECT kind, created_at FROM ticket WHERE community_id = :community AND counts_in_figures"),
        {"community": community_id},
    )
    counts: dict[str, int] = {}
    for kind, created in rows:
        instant = datetime.fromisoformat(created) if isinstance(created, str) else created
        instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant
        if given["start"] <= instant < given["end"]:
            counts[kind] = counts.get(kind, 0) + 1
    return counts


def handling_minutes(session: Session, community_id: int, month: str) -> list[int]:
    given = bounds(month)
    spent = []
    rows = session.execute(
        text(
            "SELECT created_at, done_at FROM ticket WHERE community_id = :community AND counts_in_figures AND done_at IS NOT NULL"
        ),
        {"community": community_id},
    )
    for created, done in rows:
        start, end = (datetime.fromisoformat(value) if isinstance(value, str) else value for value in (created, done))
        start = start.replace(tzinfo=UTC) if start.tzinfo is None else start
        end = end.replace(tzinfo=UTC) if end.tzinfo is None else end
        if given["start"] <= start < given["end"]:
            spent.append(int((end - start).total_seconds()) // 60)
    return spent


def assert_recounted(session: Session, community: Community, month: str, dataset: dict[str, Any]) -> None:
    figures = {figure["code"]: figure["value"] for figure in dataset["figures"]}
    counted = recount(session, community.id, month)
    assert {code: figures[code] for code in counted} == counted
    kinds = {row["code"]: row["count"] for row in dataset["sections"]["requests"]["kinds"] if row["count"]}
    assert kinds == by_kind(session, community.id, month)
    spent = handling_minutes(session, community.id, month)
    exact = Decimal(sum(spent)) / len(spent)
    assert figures["handling_mean"] == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize("month", ["2026-08", "2026-09", "2026-10"])
def test_made_up_months_are_recounted(session: Session, month: str) -> None:
    world = make_world(session)
    report = publication.build_draft(session, world.community, month, world.actor("supervisor"), NOW)
    assert_recounted(session, world.community, month, report.dataset)
    assert json.loads(json.dumps(report.dataset)) == report.dataset


def test_a_ticket_of_the_first_local_hour_belongs_to_the_new_month(session: Session) -> None:
    """2026-10-01 00:30 in Shanghai is still September in UTC."""
    world = make_world(session)
    before = publication.build_draft(session, world.community, "2026-10", world.actor("supervisor"), NOW)
    count = before.dataset["figures"][0]["value"]
    session.execute(
        text("UPDATE ticket SET created_at = :at, counts_in_figures = :yes WHERE number = '70000001'"),
        {"at": "2026-09-30 16:30:00.000000", "yes": True},
    )
    after = publication.build_draft(session, world.community, "2026-10", world.actor("supervisor"), NOW)
    assert after.dataset["figures"][0]["value"] == count + 1


def test_the_demo_months_are_recounted(session: Session, demo_database: None) -> None:
    community = session.scalars(select(Community).where(Community.code == "sunshine")).one()
    reports = session.scalars(select(Report).where(Report.community_id == community.id)).all()
    assert reports
    for report in reports:
        assert report.state == "published"
        assert_recounted(session, community, report.month, report.dataset)
