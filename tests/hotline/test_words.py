"""Category and urgency by the administrators' words, and the reason why on the ticket (D3)."""

import pytest
from sqlalchemy import select

from app.models import Category, CategoryWord
from app.rules.classify import Word, classify
from app.services.transaction import transaction
from app.services.word_reasons import reason_of

TABLE = (
    Word("水管", "water"),
    Word("漏水", "water", "urgent"),
    Word("灯", "lighting"),
    Word("着火", "fire", "emergency"),
)


@pytest.mark.parametrize(
    ("said", "category", "priority", "category_word", "priority_word"),
    [
        ("厨房水管坏了", "water", None, "水管", ""),
        ("厨房水管漏水", "water", "urgent", "水管", "漏水"),
        ("灯着火了", "fire", "emergency", "着火", "着火"),
        ("漏水,灯也坏了", "water", "urgent", "漏水", "漏水"),
        ("你好", "other", None, "", ""),
    ],
)
def test_the_words_that_decide_are_named(said, category, priority, category_word, priority_word):
    found = classify(said, TABLE)
    assert (found.category, found.priority, found.category_word, found.priority_word) == (
        category,
        priority,
        category_word,
        priority_word,
    )


def test_the_ticket_keeps_why(phone, ticket_of):
    ticket = ticket_of(phone().press("1").press("1").say("厨房水管漏水").hang_up())
    assert (ticket.category.code, ticket.priority) == ("water", "urgent")
    assert reason_of(ticket) == {"category_word": "水管", "priority_word": "漏水"}


def test_said_again_the_reason_is_the_new_one(phone, ticket_of):
    line = phone().press("1").press("1").say("厨房漏水").press("1").press("2").say("楼道灯坏了").hang_up()
    ticket = ticket_of(line)
    assert (ticket.category.code, reason_of(ticket)["category_word"]) == ("lighting", "楼道灯")


def test_what_a_person_decided_otherwise_has_no_word_for_it(phone, ticket_of, session):
    ticket = ticket_of(phone().press("1").press("1").say("厨房水管漏水").hang_up())
    ticket.category = session.scalars(select(Category).where(Category.code == "noise")).one()
    ticket.priority = "low"
    assert reason_of(ticket) == {}


def test_a_complaint_is_not_made_urgent_by_its_words(phone, ticket_of):
    ticket = ticket_of(phone().press("2").press("1").say("停电很多次了").hang_up())
    assert ticket.priority == "normal"
    assert reason_of(ticket) == {"category_word": "停电"}


def test_an_administrator_s_word_holds_from_the_next_call_and_out_of_use_no_more(phone, ticket_of):
    with transaction() as writing:
        greening = writing.scalars(select(Category).where(Category.code == "greening")).one()
        writing.add(CategoryWord(word="爬山虎", category_id=greening.id, priority="urgent"))
    ticket = ticket_of(phone().press("1").press("1").say("爬山虎挡住窗了").hang_up())
    assert (ticket.category.code, ticket.priority) == ("greening", "urgent")
    with transaction() as writing:
        writing.query(CategoryWord).filter_by(word="爬山虎").update({"active": False})
    ticket = ticket_of(phone("+8613800138002").press("1").press("1").say("爬山虎挡住了").hang_up())
    assert ticket.category.code == "other"


def hours_to_finish(ticket) -> float:
    (clock,) = (clock for clock in ticket.clocks if clock.name == "done" and clock.state == "running")
    return round((clock.due_at - ticket.created_at).total_seconds() / 3600, 1)


def test_urgency_said_only_the_second_time_moves_the_clocks(phone, ticket_of):
    line = phone().press("1").press("1").say("厨房水龙头有点问题").press("1")
    assert hours_to_finish(ticket_of(line)) == 24
    ticket = ticket_of(line.press("2").say("厨房漏水了"))
    assert (ticket.priority, hours_to_finish(ticket)) == ("urgent", 4)
    assert reason_of(ticket)["priority_word"] == "漏水"
    assert ticket.entries[-1].data["priority_before"] == "normal"
    line.press("1").press("2").say("水管爆了，水喷出来了")
    ticket = ticket_of(line)
    assert (ticket.priority, hours_to_finish(ticket)) == ("emergency", 2)
    assert ticket.due_at == min(clock.due_at for clock in ticket.clocks if clock.state == "running")


def test_said_again_with_weaker_words_it_stays_as_urgent_and_says_why(phone, ticket_of):
    line = phone().press("1").press("1").say("厨房漏水").press("1").press("2").say("水龙头坏了").hang_up()
    ticket = ticket_of(line)
    assert (ticket.priority, hours_to_finish(ticket)) == ("urgent", 4)
    assert reason_of(ticket) == {"category_word": "水龙头", "priority_word": "漏水"}


def test_urgency_said_with_the_place_counts_too(phone, ticket_of):
    line = phone().press("1").press("1").say("灯不亮").press("2").say("三号楼大厅,整栋楼停电了")
    ticket = ticket_of(line)
    assert (ticket.category.code, ticket.priority, hours_to_finish(ticket)) == ("lighting", "urgent", 4)
    assert reason_of(ticket) == {"category_word": "灯不亮", "priority_word": "停电"}


def test_a_household_that_comes_back_with_a_more_urgent_word_is_not_left_the_old_time(phone, ticket_of, session):
    first = phone().press("1").press("1").say("厨房水龙头有点松").press("1").press("1").hang_up()
    again = phone().press("1").press("1").say("水龙头漏水了").press("2").hang_up()
    ticket = ticket_of(again)
    assert ticket.number == ticket_of(first).number
    assert (ticket.priority, hours_to_finish(ticket)) == ("urgent", 4)
    assert ticket.entries[-1].data["priority_before"] == "normal"
