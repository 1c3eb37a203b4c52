"""Words in titles: found by pairs of characters on PostgreSQL, by LIKE elsewhere, and the same ones on both."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from app.models import Call, Phone, Ticket
from app.services.estimates import Explained
from app.services.search_text import ends_with, name_holds, number_begins, title_holds
from tests.support.tickets import small_estate

TITLES = ("厨房漏水", "水漏了", "Lamp 灯不亮", "100%_漏\\水", "漏", "漏 水")


@pytest.fixture
def titled(session: Any, now: datetime) -> Any:
    estate = small_estate(session)
    for title in TITLES:
        estate.open(session, now).title = title
    session.flush()
    return session


def found(session: Any, words: str) -> set[str]:
    return set(session.scalars(select(Ticket.title).where(title_holds(session, words)))) & set(TITLES)


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("漏水", {"厨房漏水"}),
        ("房漏水", {"厨房漏水"}),
        ("lamp", {"Lamp 灯不亮"}),
        ("AM", {"Lamp 灯不亮"}),
        ("水", {"厨房漏水", "水漏了", "100%_漏\\水", "漏 水"}),
        ("%_", {"100%_漏\\水"}),
        ("漏\\", {"100%_漏\\水"}),
        ("马蜂窝", set()),
    ],
)
def test_the_words_are_found_whatever_their_length(titled: Any, words: str, titles: set[str]) -> None:
    assert found(titled, words) == titles


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text("漏水灯不亮Lamp 100%_\\'\"{},了厨房", min_size=1, max_size=5))
def test_pairs_find_what_reading_finds(titled: Any, words: str) -> None:
    assert found(titled, words) == {title for title in TITLES if words.lower() in title.lower()}


ONLY_INDEX = text(
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid <> CAST(:index AS regclass)"
    " AND indrelid = (SELECT indrelid FROM pg_index WHERE indexrelid = CAST(:index AS regclass))"
)


@pytest.mark.postgres_only
def test_the_index_answers(titled: Any) -> None:
    titled.execute(text("SET LOCAL enable_seqscan = off"))
    wanted = select(Ticket.id).where(title_holds(titled, "漏水"))
    plan = str(titled.execute(Explained(wanted)).scalar_one())
    assert "ix_ticket_title_grams" in plan


@pytest.mark.postgres_only
@pytest.mark.parametrize(
    ("index", "wanted"),
    [
        ("ix_ticket_reporter_phone_end", lambda session: ends_with(session, Ticket.reporter_phone, "8001")),
        ("ix_phone_number_end", lambda session: ends_with(session, Phone.number, "8001")),
        ("ix_call_from_number_end", lambda session: ends_with(session, Call.from_number, "8001")),
        ("ix_person_name_grams", lambda session: name_holds(session, "张伟")),
        ("uq_ticket_number", lambda session: number_begins("3000")),
    ],
)
def test_an_index_answers_endings_names_and_beginnings(titled: Any, index: str, wanted: Any) -> None:
    titled.execute(text("SET LOCAL enable_seqscan = off"))
    # Among a handful of rows a whole walk through another index costs the same: until the rollback there is no other.
    titled.execute(ONLY_INDEX, {"index": index})
    condition = wanted(titled)
    plan = str(titled.execute(Explained(select(1).where(condition))).scalar_one())
    assert index in plan, plan


@pytest.mark.parametrize(
    ("digits", "numbers"),
    [
        ("2000", {"20000001", "20009999"}),
        ("20000001", {"20000001"}),
        ("2", {"20000001", "20009999", "29999999"}),
        ("4", set()),
    ],
)
def test_numbers_are_found_by_how_they_begin(titled: Any, digits: str, numbers: set[str]) -> None:
    for ticket, number in zip(
        titled.scalars(select(Ticket)), ("20000001", "20009999", "29999999", "31234567"), strict=False
    ):
        ticket.number = number
    titled.flush()
    found = set(titled.scalars(select(Ticket.number).where(number_begins(digits))))
    assert found & {"20000001", "20009999", "29999999", "31234567"} == numbers


def test_telephones_are_found_by_how_they_end(titled: Any) -> None:
    for ticket, number in zip(
        titled.scalars(select(Ticket)), ("+8613800138001", "+8613900008001", "+8613800180010"), strict=False
    ):
        ticket.reporter_phone = number
    titled.flush()
    found = titled.scalars(select(Ticket.reporter_phone).where(ends_with(titled, Ticket.reporter_phone, "8001")))
    assert set(found) == {"+8613800138001", "+8613900008001"}
