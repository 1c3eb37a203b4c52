"""The page of the words that decide category and urgency: the administrator's, refused in words, kept in the trail."""

from typing import Any

import pytest
from sqlalchemy import select

from app.models import AccessEntry, Category, CategoryWord
from tests.support.client import Client
from tests.support.estate import Estate


def form(session: Any, word: str, priority: str = "urgent") -> dict[str, str]:
    key = session.scalars(select(Category.id).where(Category.code == "water")).one()
    session.rollback()
    return {"word": word, "category": str(key), "priority": priority, "active": "y"}


def test_an_administrator_adds_a_word(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    assert client.submit("/categorywordview/add", form(session, " 水  柱 ")).status_code == 302
    session.rollback()
    word = session.scalars(select(CategoryWord).where(CategoryWord.word == "水 柱")).one()
    assert (word.category.code, word.priority, word.active) == ("water", "urgent", True)
    assert session.scalars(select(AccessEntry.subject).where(AccessEntry.action == "rule_added")).all() == ["水 柱"]


@pytest.mark.parametrize(
    ("word", "priority"), [("", "urgent"), ("火", "emergency"), ("漏水", "urgent"), ("x" * 41, "urgent")]
)
def test_what_cannot_be_a_word_is_refused_in_words(
    client: Client, estate: Estate, session: Any, word: str, priority: str
) -> None:
    client.login("admin")
    before = session.query(CategoryWord).count()
    answer = client.submit("/categorywordview/add", form(session, word, priority))
    assert answer.status_code in (400, 409, 422)
    session.rollback()
    assert session.query(CategoryWord).count() == before


@pytest.mark.parametrize(
    ("role", "reads"), [("manager", True), ("assistant", True), ("technician", False), ("owner", False)]
)
def test_the_desk_reads_the_words_and_changes_none(
    client: Client, estate: Estate, session: Any, role: str, reads: bool
) -> None:
    client.login(role)
    assert (client.get("/categorywordview/list/").status_code == 200) == reads
    assert client.submit("/categorywordview/add", form(session, "水柱")).status_code in (403, 404)
