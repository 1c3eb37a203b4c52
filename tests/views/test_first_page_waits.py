"""What waits beside tickets on a first page: cash to receive, runs under way, answers and plans to review; each number its list."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Article, ArticleVersion, BillingRun, DayClosing, EmergencyPlan, PlanVersion
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import statements_of

LISTS = ("/books/cash", "/knowledge/?show=turn", "/plan/?show=turn")
WAITS: dict[str, tuple[int, int, int]] = {
    "finance": (3, 0, 0),
    "assistant": (0, 0, 0),
    "steward": (0, 0, 0),
    "technician": (0, 0, 0),
    "supervisor": (0, 2, 1),
    "manager": (0, 3, 1),
    "deputy": (0, 3, 1),
    "quality": (0, 7, 1),
    "admin": (0, 0, 1),
}
"""Login → how many days of cash, answers and plans wait for its own step."""


def user_id(session: Session, name: str) -> int:
    return int(session.scalars(select(User.id).where(User.username == name)).one())


@pytest.fixture
def waiting(session: Session, estate: Estate, now: datetime) -> None:
    """Of each kind some for the one, some for the other, and some that are done, one's own or elsewhere."""
    with transaction():
        for community, name, received in (
            *[(estate.home, "steward", None)] * 3,
            (estate.home, "steward", now),
            (estate.home, "finance", None),
            (estate.other, "steward", None),
        ):
            session.add(
                DayClosing(
                    community_id=community,
                    taken_by_id=user_id(session, name),
                    taken_by=name,
                    closed_at=now,
                    payments=1,
                    sums={"cash": "10.00"},
                    expected_yuan=10,
                    counted_yuan=10,
                    received_at=received,
                    received_by="x" if received else None,
                )
            )
        for community, state in ((estate.home, "running"), (estate.other, "running")):
            session.add(
                BillingRun(
                    community_id=community,
                    period="2026-02",
                    state=state,
                    houses=9,
                    houses_done=4,
                    started_at=now,
                    started_by="x",
                )
            )
        _answers(session, estate, now)
        for community, state in (
            (estate.home, "draft"),
            (estate.home, "reviewed"),
            (None, "draft"),
            (None, "reviewed"),
        ):
            plan = EmergencyPlan(community_id=community, kind="water", created_at=now)
            session.add(plan)
            session.flush()
            content = {
                "name": "x",
                "name_en": "x",
                "steps": [],
                "numbers": [],
                "things": [],
                "words": [],
                "categories": [],
            }
            session.add(
                PlanVersion(
                    plan_id=plan.id,
                    number=1,
                    state=state,
                    content=content,
                    sha256="0" * 64,
                    drafted_at=now,
                    drafted_by="x",
                )
            )


def _answers(session: Session, estate: Estate, now: datetime) -> None:
    for community, state, writer in (
        (estate.home, "draft", "steward"),
        (estate.home, "draft", "supervisor"),
        (estate.home, "reviewed", "supervisor"),
        (estate.home, "published", "supervisor"),
        (None, "draft", "supervisor"),
        (None, "reviewed", "supervisor"),
        (estate.other, "draft", "steward"),
        (estate.other, "reviewed", "steward"),
    ):
        article = Article(community_id=community, created_at=now, used=0)
        session.add(article)
        session.flush()
        session.add(
            ArticleVersion(
                article_id=article.id,
                number=1,
                state=state,
                question="问",
                question_en="Q",
                answer="答",
                answer_en="A",
                written_at=now,
                writer_id=user_id(session, writer),
                writer_name=writer,
                published_at=now if state == "published" else None,
            )
        )


@pytest.mark.parametrize("login", WAITS)
def test_what_waits_beside_tickets_is_counted_and_listed(app: Flask, client: Client, waiting: None, login: str) -> None:
    client.login(login)
    page = client.get("/").text
    found = {address: int(number) for address, number in re.findall(r'href="([^"]+)" data-rows="(\d+)"', page)}
    assert tuple(found.get(address, 0) for address in LISTS) == WAITS[login]
    for address in LISTS:
        if address in found:
            listed = client.get(address)
            assert (listed.status_code, listed.text.count("data-row>")) == (200, found[address]), address
    runs = re.findall(r'href="/billing/\?community=(\d+)"', page)
    assert len(runs) == (1 if login == "finance" else 0), "of the actor's communities, for whoever posts"
    assert len(statements_of(app, client, "/")) <= 15


def test_cash_is_received_from_the_list_and_is_off_it(client: Client, waiting: None, session: Session) -> None:
    client.login("finance")
    listed = client.get("/books/cash").text
    keys = [int(key) for key in re.findall(r"/books/closing/(\d+)/receive", listed)]
    assert keys == sorted(keys) and len(keys) == 3, "the longest waiting first"
    answer = client.submit(f"/books/closing/{keys[0]}/receive", {"back": "cash"})
    assert answer.location == "/books/cash"
    assert session.scalars(select(DayClosing.received_by).where(DayClosing.id == keys[0])).one()
    assert client.get("/books/cash").text.count("data-row>") == 2


def test_many_days_of_cash_are_paged(
    client: Client, waiting: None, session: Session, estate: Estate, now: datetime
) -> None:
    with transaction():
        pattern = {
            "taken_by_id": user_id(session, "steward"),
            "taken_by": "s",
            "closed_at": now,
            "payments": 0,
            "sums": {},
        }
        for _number in range(30):
            session.add(DayClosing(community_id=estate.home, expected_yuan=0, counted_yuan=0, **pattern))
    client.login("finance")
    first, second = client.get("/books/cash").text, client.get("/books/cash?page=1").text
    assert (first.count("data-row>"), second.count("data-row>")) == (25, 8)
    assert 'rel="next"' in first and 'rel="next"' not in second and 'rel="prev"' in second


@pytest.mark.parametrize("login", ["manager", "steward", "technician", "owner"])
def test_the_cash_to_receive_is_finances(client: Client, waiting: None, login: str) -> None:
    client.login(login)
    assert client.get("/books/cash").status_code in (302, 403)
